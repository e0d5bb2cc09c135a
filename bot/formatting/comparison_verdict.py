"""The first sentences of a comparison: who is cheapest and by how much, who is within a limit, or what to ask instead."""

from collections.abc import Iterable, Iterator, Sequence

from bot.answers import Answer
from bot.formatting.comparison_notes import on_path, path_of, short_name
from bot.formatting.figures import against, limit, money, times
from bot.formatting.request_wording import hours_words
from bot.formatting.wording import PATH_NAMES, listed, plural, reason_word
from bot.sweep_points import MOST_MODELS
from bot.verdicts import Compared, Lacking, Ranked, Within
from engine.caveats import BillingPath, Reason
from pricing.quotes import SERVERLESS_PATHS

# More names than these are for the table, not for a sentence.
_SPELLED_OUT = 3


def comparison_text(answer: Answer) -> str:
    """The verdict in one or two sentences with the numbers."""
    verdict = compared_of(answer)
    if verdict.several:
        return _one_value(verdict, models=len(answer.request.models))
    if not verdict.ranked:
        return _nothing(answer, verdict)
    run = plural(answer.workload.episodes, "episode") if answer.workload else ""
    sentences = [_order(verdict, run)]
    if verdict.named and verdict.lacking:
        sentences.append(_also_lacking(verdict.lacking))
    sentences += _limits(verdict.ranked)
    return " ".join(sentences)


def compared_of(answer: Answer) -> Compared:
    """The comparison that an answer is."""
    if not isinstance(answer.verdict, Compared):
        raise TypeError(f"{type(answer.verdict).__name__} is worded elsewhere")
    return answer.verdict


def _one_value(verdict: Compared, *, models: int) -> str:
    sweep, compare = verdict.suggestions
    fields = listed(f"`{field}`" for field in verdict.several)
    have = "has" if len(verdict.several) == 1 else "have"
    return (
        f"A comparison of models takes one value a field, and {fields} {have} several. "
        f"Sweep {_swept(models)}, `{sweep}`, or compare at one value, `{compare}`."
    )


def _swept(models: int) -> str:
    if models > MOST_MODELS:
        return f"the first {MOST_MODELS}"
    return "them" if models else "one model"


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
        return _too_close(first, verdict.within_reach, run)
    if rival.usd and not best.usd:
        return f"{on_path(first)} is cheapest: {each}. {on_path(second)} comes next at {money(rival.usd)}."
    if not against(rival.usd, best.usd).endswith("cheaper"):
        return f"{on_path(first)} and {on_path(second)} are at par: {money(best.usd)} and {money(rival.usd)} for {run}."
    next_one = f"{money(rival.usd)}, {times(rival.usd, best.usd)} as much"
    return f"{on_path(first)} is cheapest: {each}.{_own_rival(first)} {on_path(second)} comes next at {next_one}."


def _too_close(first: Ranked, rivals: Sequence[Ranked], run: str) -> str:
    """The bands of the cheapest and the next, how they stand alike, and who else could be cheapest."""
    second, *others = rivals
    name, rival = short_name(first.model), short_name(second.model)
    by_overlap = "by how far prefill and decode overlap"
    if _is_own_band(first) and _is_own_band(second):
        bands = (
            f"{name} takes {_reach(first)} and {rival} {_reach(second)} for {run}, both on {path_of(first.best)}, "
            f"{by_overlap}.{_if_alike(first, second)}"
        )
    else:
        bands = f"{name} takes {_band(first)} for {run}, {by_overlap}, and {rival} {_band(second)}."
    return f"Too close to call: {bands}{_also_within_reach(others)}"


def _is_own_band(ranked: Ranked) -> bool:
    """Whether how far phases overlap moves the amount, and no other path of the model caps it."""
    return ranked.best.usd < ranked.best.usd_high and ranked.ceiling.path is ranked.best.path


def _if_alike(first: Ranked, second: Ranked) -> str:
    """Which of two bands is cheaper where phases overlap as far in both: the amounts move evenly from end to end."""
    low, high = second.best.usd - first.best.usd, second.best.usd_high - first.best.usd_high
    name, rival = short_name(first.model), short_name(second.model)
    if low > 0 and high > 0:
        return f" If they overlap alike in both, {name} is cheaper."
    if low == high == 0:
        return " If they overlap alike in both, the two cost the same."
    if low > 0 > high:
        return f" If they overlap fully in both, {name} is cheaper; if they do in neither, {rival}."
    return ""


def _also_within_reach(others: Sequence[Ranked]) -> str:
    if not others:
        return ""
    if len(others) > _SPELLED_OUT:
        return f" {len(others)} others could be cheapest too."
    each = [
        f"{short_name(o.model)} ({'at' if o.best.usd == o.ceiling.usd_high else 'from'} {money(o.best.usd)})"
        for o in others
    ]
    return f" {listed(each)} could be cheapest too."


def _own_rival(ranked: Ranked) -> str:
    """The path of the same model that the band of its cheapest one reaches."""
    if not ranked.judged.too_close:
        return ""
    rival = ranked.judged.offered[1]
    return f" How far prefill and decode overlap decides between that and {path_of(rival)} at {money(rival.usd)}."


def _reach(ranked: Ranked) -> str:
    return f"{money(ranked.best.usd)} to {money(ranked.best.usd_high)}"


def _band(ranked: Ranked) -> str:
    """From what to what a model's cheapest path may come, which at the dearer end may be another."""
    best, ceiling = ranked.best, ranked.ceiling
    if best.usd == ceiling.usd_high:
        return f"{money(best.usd)} on {path_of(best)}"
    if ceiling.path is best.path:
        return f"{_reach(ranked)} on {path_of(best)}"
    return (
        f"{money(best.usd)} on {path_of(best)} to {money(ceiling.usd_high)} on {path_of(ceiling)}"
    )


def _nothing(answer: Answer, verdict: Compared) -> str:
    """That nothing can be bought, why as far as it is short, and what to ask instead."""
    if verdict.choiceless:
        said = f"No covered model has two paths with a price on {answer.as_of}."
    elif len(verdict.lacking) <= _SPELLED_OUT:
        each = [f"{short_name(m.model)} ({why_not(m.paths)})" for m in verdict.lacking]
        said = f"Nothing can be bought as asked: {'; '.join(each)}."
    else:
        count = len(verdict.lacking) + len(verdict.cut)
        said = f"None of these {count} models can be bought as asked."
    tries = listed((f"`{text}`" for text in verdict.suggestions), last="or")
    return f"{said} Try {tries}." if verdict.suggestions else said


def _also_lacking(lacking: Sequence[Lacking]) -> str:
    if len(lacking) > _SPELLED_OUT:
        return f"{len(lacking)} others cannot be bought as asked."
    each = [f"{short_name(m.model)} ({why_not(m.paths)})" for m in lacking]
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


def why_not(
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
