"""A comparison in words: the ranking, a chart of the cheapest, and what disqualifies whom."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from bot.answers import Answer, ModelAnswer
from bot.formatting.comparison_notes import (
    comparison_facts,
    comparison_notes,
    comparison_rates,
    entry_of,
    on_path,
    path_of,
    short_name,
)
from bot.formatting.figures import against, limit, money, times
from bot.formatting.layout import Cell, Chart, Figure, Section, Table
from bot.formatting.limits import CHART_LABEL, CHART_POINTS
from bot.formatting.request_wording import hours_words
from bot.formatting.wording import PATH_NAMES, gpus_words, listed, plural, reason_word
from bot.verdicts import Compared, Contender, Judged, Lacking, Ranked, Within
from engine.caveats import BillingPath, Reason
from engine.costs import Offered
from pricing.catalogue import Model
from pricing.quotes import SERVERLESS_PATHS

# More names than these are for the table, not for a sentence.
_SPELLED_OUT = 3

_LEAST_BARS = 3


def comparison_text(answer: Answer) -> str:
    """The verdict in one or two sentences with the numbers."""
    verdict = _compared(answer)
    if verdict.several:
        return _one_value(verdict)
    if not verdict.ranked:
        return _nothing(answer, verdict)
    run = plural(answer.workload.episodes, "episode") if answer.workload else ""
    sentences = [_order(verdict, run)]
    if verdict.named and verdict.lacking:
        sentences.append(_also_lacking(verdict.lacking))
    sentences += _limits(verdict.ranked)
    return " ".join(sentences)


def comparison_sections(answer: Answer) -> Iterator[Section]:
    """The parts of the answer."""
    verdict = _compared(answer)
    if verdict.several:
        return
    if verdict.ranked:
        table = _ranking(answer, verdict)
        yield Section(title=_title(answer), table=table, chart=_chart(verdict))
    if verdict.lacking:
        lines = tuple(_lacking_line(model) for model in verdict.lacking)
        yield Section(title="Not on offer as asked", lines=lines)
    if verdict.cut:
        yield Section(lines=(_cut(verdict),))
    yield Section(facts=tuple(comparison_facts(answer)))
    if verdict.ranked:
        yield Section(title="Notes", lines=comparison_notes(answer, verdict))
        yield Section(title="Rates", lines=tuple(comparison_rates(answer, verdict)))


def comparison_json(answer: Answer, entry: ModelAnswer) -> dict[str, Any]:
    """What this question adds to a model's entry in JSON: its rank, and by which path."""
    for rank, ranked in enumerate(_compared(answer).ranked, start=1):
        if ranked.model is entry.model:
            return {"rank": rank, "ranked_on": ranked.best.path}
    return {"rank": None, "ranked_on": None}


def _compared(answer: Answer) -> Compared:
    if not isinstance(answer.verdict, Compared):
        raise TypeError(f"{type(answer.verdict).__name__} is worded elsewhere")
    return answer.verdict


def _one_value(verdict: Compared) -> str:
    sweep, compare = verdict.suggestions
    fields = listed(f"`{field}`" for field in verdict.several)
    have = "has" if len(verdict.several) == 1 else "have"
    return (
        f"A comparison of models takes one value a field, and {fields} {have} several. "
        f"Sweep one model, `{sweep}`, or compare at one value, `{compare}`."
    )


def _order(verdict: Compared, run: str) -> str:
    """Which model is cheapest and by how much against the next; that there is only one comes first."""
    first, *others = verdict.ranked
    best = first.best
    each = f"{money(best.usd)} for {run}, {money(best.usd_per_episode)} each"
    if not others:
        return f"Only {on_path(first)} can be bought as asked: {each}.{_own_rival(first)}"
    second = others[0]
    rival = second.best
    if verdict.too_close:
        return (
            f"Too close to call: {short_name(first.model)} takes {_band(first)} for {run}, by how far prefill and decode "
            f"overlap, and {on_path(second)} {money(rival.usd)}."
        )
    if rival.usd and not best.usd:
        return f"{on_path(first)} is cheapest: {each}. {on_path(second)} comes next at {money(rival.usd)}."
    if not against(rival.usd, best.usd).endswith("cheaper"):
        return f"{on_path(first)} and {on_path(second)} are at par: {money(best.usd)} and {money(rival.usd)} for {run}."
    next_one = f"{money(rival.usd)}, {times(rival.usd, best.usd)} as much"
    return f"{on_path(first)} is cheapest: {each}.{_own_rival(first)} {on_path(second)} comes next at {next_one}."


def _own_rival(ranked: Ranked) -> str:
    """The path of the same model that the band of its cheapest one reaches."""
    if not ranked.judged.too_close:
        return ""
    rival = ranked.judged.offered[1]
    return f" How far prefill and decode overlap decides between that and {path_of(rival)} at {money(rival.usd)}."


def _band(ranked: Ranked) -> str:
    """From what to what a model's cheapest path may come, which at the dearer end may be another."""
    best, ceiling = ranked.best, ranked.ceiling
    if ceiling.path is best.path:
        return f"{money(best.usd)} to {money(best.usd_high)} on {path_of(best)}"
    return (
        f"{money(best.usd)} on {path_of(best)} to {money(ceiling.usd_high)} on {path_of(ceiling)}"
    )


def _nothing(answer: Answer, verdict: Compared) -> str:
    """That nothing can be bought, why as far as it is short, and what to ask instead."""
    if not verdict.lacking:
        said = f"No covered model has two paths with a price on {answer.as_of}."
    elif len(verdict.lacking) <= _SPELLED_OUT:
        each = [f"{short_name(m.model)} ({_why_not(m.paths)})" for m in verdict.lacking]
        said = f"Nothing can be bought as asked: {'; '.join(each)}."
    else:
        said = f"None of these {len(verdict.lacking) + verdict.cut} models can be bought as asked."
    tries = listed((f"`{text}`" for text in verdict.suggestions), last="or")
    return f"{said} Try {tries}." if verdict.suggestions else said


def _also_lacking(lacking: Sequence[Lacking]) -> str:
    if len(lacking) > _SPELLED_OUT:
        return f"{len(lacking)} others cannot be bought as asked."
    each = [f"{short_name(m.model)} ({_why_not(m.paths)})" for m in lacking]
    return f"{listed(each)} cannot be bought as asked."


def _limits(ranked: Sequence[Ranked]) -> Iterator[str]:
    """Which of the models stay within what was allowed."""
    budgets = [(m, m.judged.budget) for m in ranked if m.judged.budget]
    if budgets:
        budget = limit(budgets[0][1].limit)
        yield _which(
            budgets, yes=f"{budget} is enough for", unsure=f"whether {budget} is enough for"
        )
    deadlines = [(m, m.judged.deadline) for m in ranked if m.judged.deadline]
    if not deadlines:
        return
    timed = [(m, w) for m, w in deadlines if w.sure or w.unsure or w.over]
    deadline = f"the deadline of {hours_words(deadlines[0][1].limit)}"
    if timed:
        yield _which(timed, yes=f"{deadline} is met by", unsure=f"whether {deadline} is met by")
    if len(timed) < len(deadlines):
        rest = "the others take" if timed else "these paths take"
        yield f"How long {rest} is not known."


def _which(judged: Sequence[tuple[Ranked, Within]], *, yes: str, unsure: str) -> str:
    """Of which models a limit holds, and of which overlap decides."""
    sure = [short_name(m.model) for m, within in judged if within.sure]
    open_ = [short_name(m.model) for m, within in judged if within.unsure and not within.sure]
    if not open_:
        sentence = f"{yes} {_some(sure, of=len(judged))}"
    elif not sure:
        sentence = f"{unsure} {_some(open_, of=len(judged))} is too close to call"
    else:
        these, those = _some(sure, of=len(judged)), _some(open_, of=len(judged))
        sentence = f"{yes} {these}; for {those} that is too close to call"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _some(names: Sequence[str], *, of: int) -> str:
    if not names:
        return "none of them"
    if len(names) == of > 1:
        return f"all {of}"
    return listed(names) if len(names) <= _SPELLED_OUT else f"{len(names)} of the {of}"


def _cut(verdict: Compared) -> str:
    more = plural(verdict.cut, "more model")
    shown = len(verdict.ranked) + len(verdict.lacking)
    kind = "not on offer as asked" if verdict.lacking else "dearer or not on offer"
    return f"{more} had no room beside these {shown}, {kind}; name one to see it."


def _title(answer: Answer) -> str:
    if answer.workload is None:
        return ""
    turns = plural(answer.workload.shape.turns, "turn")
    run = f"{plural(answer.workload.episodes, 'episode')} of {turns}"
    return f"Cheapest on offer · {run} · rates of {answer.as_of}"


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
        _why_not(disqualified, in_table=True),
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
    return f"{short_name(lacking.model)}{notional} ({_why_not(lacking.paths)})"


def _why_not(
    paths: Iterable[tuple[BillingPath, tuple[Reason, ...]]], *, in_table: bool = False
) -> str:
    """`Tinker: too long; Serverless: retired`, paths with the same reasons together."""
    by_reason: dict[str, list[BillingPath]] = {}
    for path, reasons in paths:
        words = ", ".join(dict.fromkeys(reason_word(reason) for reason in reasons))
        by_reason.setdefault(words, []).append(path)
    return "; ".join(
        f"{', '.join(_short_names(paths, in_table=in_table))}: {words}"
        for words, paths in by_reason.items()
    )


def _short_names(paths: Sequence[BillingPath], *, in_table: bool) -> Iterator[str]:
    """Paths in few words: all modes of serverless are `Serverless`, two are `Serverless standard, fast`.

    A table, which has the word beside them, has room for `standard, fast` alone.
    """
    modes = [path for path in paths if path in SERVERLESS_PATHS]
    every_mode = len(modes) == len(SERVERLESS_PATHS)
    for path in paths:
        name = PATH_NAMES[path]
        if path not in modes:
            yield name
        elif every_mode:
            if path is modes[0]:
                yield "Serverless"
        elif path is modes[0] and not in_table:
            yield name
        else:
            yield name.removeprefix("Serverless ")


def _chart(verdict: Compared) -> Chart | None:
    """The cheapest bills beside each other; two are told apart in a sentence."""
    shown = verdict.ranked[:CHART_POINTS]
    if len(shown) < _LEAST_BARS:
        return None
    bars: dict[str, Decimal] = {}
    for rank, ranked in enumerate(shown, start=1):
        label = _label(ranked.model)
        if label in bars:
            label = _fitted(f"{rank}. {ranked.model.key}")
        bars[label] = ranked.best.usd
    return Chart(title="US$ per run, each by its cheapest path", axis="US$", bars=(*bars.items(),))


def _label(model: Model) -> str:
    """A model as it fits under a bar: by its name or its key, whichever fits whole."""
    return next(
        (n for n in (short_name(model), model.key) if len(n) <= CHART_LABEL), _fitted(model.key)
    )


def _fitted(label: str) -> str:
    return label if len(label) <= CHART_LABEL else f"{label[: CHART_LABEL - 1]}…"
