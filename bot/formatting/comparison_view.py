"""A comparison in words: its verdict, the ranking, a chart of the cheapest, and what disqualifies whom."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from bot.answers import Answer, ModelAnswer
from bot.formatting.comparison_notes import (
    comparison_facts,
    comparison_notes,
    comparison_rates,
    entry_of,
    path_of,
    short_name,
)
from bot.formatting.comparison_reasons import why_lacking, why_not, with_too_small
from bot.formatting.comparison_verdict import compared_of, those_paths
from bot.formatting.figures import limit, money
from bot.formatting.grounds import preset_notes
from bot.formatting.layout import Cell, Chart, Figure, Section, Table
from bot.formatting.limits import CHART_LABEL, CHART_POINTS
from bot.formatting.request_wording import hours_words
from bot.formatting.wording import gpus_words, listed, plural
from bot.judged import Contender, Judged, Within
from bot.verdicts import Compared, Lacking, Ranked
from engine.costs import Offered
from pricing.catalogue import Model

# Of those that had no room; more are counted.
_MOST_CUT_NAMES = 6

_LEAST_BARS = 3

# What has room below the bars, in characters: Slack neither turns nor breaks their labels, and draws the whole chart
# smaller on a phone. Three of the longest labels have room.
_AXIS_CHARACTERS = 72
_LABEL_GAP = 2


def comparison_sections(answer: Answer) -> Iterator[Section]:
    """The parts of the answer."""
    verdict = compared_of(answer)
    if verdict.several:
        return
    if verdict.ranked:
        narrowed = bool(those_paths(answer.request.paths))
        yield Section(
            title=_title(answer),
            table=_ranking(answer, verdict),
            chart=_chart(verdict, narrowed=narrowed),
        )
    if verdict.choiceless:
        yield Section(
            title="What each model lacks", lines=tuple(_choiceless_lines(verdict.lacking))
        )
    elif verdict.lacking:
        lines = tuple(_lacking_line(model) for model in verdict.lacking)
        yield Section(title="Not on offer as asked", lines=lines)
    if verdict.cut:
        yield Section(lines=(_cut(verdict),))
    yield Section(facts=tuple(comparison_facts(answer)))
    if verdict.ranked:
        notes = (*preset_notes(answer), *comparison_notes(answer, verdict))
        yield Section(title="Notes", lines=notes)
        yield Section(title="Rates", lines=tuple(comparison_rates(answer, verdict)))


def comparison_json(answer: Answer, entry: ModelAnswer) -> dict[str, Any]:
    """What this question adds to a model's entry in JSON: its rank, and by which path."""
    for rank, ranked in enumerate(compared_of(answer).ranked, start=1):
        if ranked.model is entry.model:
            return {"rank": rank, "ranked_on": ranked.best.path}
    return {"rank": None, "ranked_on": None}


def _cut(verdict: Compared) -> str:
    shown = len(verdict.ranked) + len(verdict.lacking)
    kind = "not on offer as asked" if verdict.lacking else "as dear, dearer or not on offer"
    few = len(verdict.cut) <= _MOST_CUT_NAMES
    names = listed(f"`{model.key}`" for model in verdict.cut)
    cut = names if few else plural(len(verdict.cut), "more model")
    return f"{cut} had no room beside these {shown}, {kind}; ask for a model by its name to see it."


def _title(answer: Answer) -> str:
    if answer.workload is None:
        return ""
    turns = plural(answer.workload.shape.turns, "turn")
    run = f"{plural(answer.workload.episodes, 'episode')} of {turns}"
    which = those_paths(answer.request.paths) or "on offer"
    return f"Cheapest {which} · {run} · rates of {answer.as_of}"


def _ranking(answer: Answer, verdict: Compared) -> Table:
    limits = [*_limit_columns(verdict.ranked[0].judged)]
    header = ("Model", "Path", "$/episode", "$/run", *(name for name, _ in limits), "Cannot be had")
    return Table(
        header=header,
        rows=tuple(_row(answer, ranked) for ranked in verdict.ranked),
        numeric=frozenset({2, 3}),
    )


def _row(answer: Answer, ranked: Ranked) -> tuple[Cell, ...]:
    best = ranked.best
    entry = entry_of(answer, ranked.model)
    disqualified = [
        (quote.path, quote.priced.reasons)
        for quote in entry.quotes
        if not isinstance(quote.priced, Offered)
        if not answer.request.paths or quote.path in answer.request.paths
    ]
    within = [_within_word(within, best) for _, within in _limit_columns(ranked.judged)]
    return (
        short_name(ranked.model),
        _path_with_gpus(entry, best),
        Figure(money(best.usd_per_episode), best.usd_per_episode),
        Figure(money(best.usd), best.usd),
        *within,
        with_too_small(ranked, why_not(disqualified, in_table=True)),
    )


def _limit_columns(judged: Judged) -> Iterator[tuple[str, Within]]:
    if judged.budget:
        yield f"≤ {limit(judged.budget.limit)}", judged.budget
    if judged.deadline:
        yield f"≤ {hours_words(judged.deadline.limit)}", judged.deadline


def _within_word(within: Within, best: Contender) -> str:
    """Whether the model stays within a limit, by another path if not by its cheapest."""
    for word, contenders in (
        ("yes", within.sure),
        ("too close", within.unsure),
        ("no", within.over),
    ):
        if best in contenders:
            return word
        if contenders:
            return f"{path_of(contenders[0])}: {word}"
    return "not known"


def _path_with_gpus(entry: ModelAnswer, contender: Contender) -> str:
    plan = entry.quote(contender.path).cluster
    if plan is None or plan.gpus is None or plan.gpu_type is None:
        return path_of(contender)
    return f"{path_of(contender)}, {gpus_words(plan.gpus, plan.gpu_type)}"


def _lacking_line(lacking: Lacking) -> str:
    """A model with the cheapest amount that it would have, marked as notional, and why not."""
    cheapest = min(lacking.judged.notional, key=lambda c: c.usd, default=None)
    notional = f", notional at {money(cheapest.usd)} on {path_of(cheapest)}" if cheapest else ""
    return f"{short_name(lacking.model)}{notional} ({why_lacking(lacking)})"


def _choiceless_lines(lacking: Sequence[Lacking]) -> Iterator[str]:
    """What models lack, those together that lack the same."""
    by_lack: dict[str, list[str]] = {}
    for each in lacking:
        by_lack.setdefault(why_not(each.paths), []).append(short_name(each.model))
    return (f"{', '.join(names)} ({lack})" for lack, names in by_lack.items())


def _chart(verdict: Compared, *, narrowed: bool) -> Chart | None:
    """The cheapest bills whose labels fit beside each other; two are told apart in a sentence."""
    bars: dict[str, Decimal] = {}
    for rank, ranked in enumerate(verdict.ranked[:CHART_POINTS], start=1):
        label = _label(ranked.model)
        if label in bars:
            label = _fitted(f"{rank}. {ranked.model.key}")
        bars[label] = ranked.best.usd
    drawn = _beside_each_other([*bars])
    if drawn < _LEAST_BARS:
        return None
    which = "on the paths asked for" if narrowed else "each by its cheapest path"
    if drawn < len(verdict.ranked):
        which = f"the {drawn} cheapest {'on the paths asked for' if narrowed else 'models'}"
    return Chart(title=f"US$ per run, {which}", axis="US$", bars=(*bars.items(),)[:drawn])


def _beside_each_other(labels: Sequence[str]) -> int:
    """How many of the first labels have room beside each other, each in the middle of its bar."""
    return max(
        count
        for count in range(len(labels) + 1)
        if all(
            count * (len(one) + len(next_one) + 2 * _LABEL_GAP) <= 2 * _AXIS_CHARACTERS
            for one, next_one in pairwise(labels[:count])
        )
    )


def _label(model: Model) -> str:
    """A model as it fits under a bar: by its name or its key, whichever fits whole."""
    return next(
        (n for n in (short_name(model), model.key) if len(n) <= CHART_LABEL), _fitted(model.key)
    )


def _fitted(label: str) -> str:
    return label if len(label) <= CHART_LABEL else f"{label[: CHART_LABEL - 1]}…"
