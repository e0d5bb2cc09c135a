"""A budget and a deadline beside a comparison: which models keep each, by which path, and whether any keeps both."""

from collections.abc import Iterator, Sequence

from bot.formatting.comparison_notes import path_of, short_name
from bot.formatting.figures import limit, money
from bot.formatting.request_wording import hours_words
from bot.formatting.wording import listed
from bot.judged import Contender, Within
from bot.verdicts import Ranked

# More names than these are counted.
_SPELLED_OUT = 3

_Bought = tuple[Ranked, Contender]


def limit_sentences(ranked: Sequence[Ranked]) -> Iterator[str]:
    """*$10 is enough for GPT-OSS-120B on Serverless standard. The deadline of 1 hour is met by none of them on Dedicated.*"""
    budgets = [(m, m.judged.budget) for m in ranked if m.judged.budget]
    if budgets:
        budget = limit(budgets[0][1].limit)
        yield _which(
            budgets, yes=f"{budget} is enough for", unsure=f"whether {budget} is enough for"
        )
    deadlines = [(m, m.judged.deadline) for m in ranked if m.judged.deadline]
    if deadlines:
        yield from _in_time(deadlines)
    if budgets and deadlines:
        yield from _both(ranked)


def _in_time(deadlines: Sequence[tuple[Ranked, Within]]) -> Iterator[str]:
    """Who is done in time, and that the wall clock of the other paths is not known."""
    deadline = f"the deadline of {hours_words(deadlines[0][1].limit)}"
    timed = [(m, w) for m, w in deadlines if _known(w)]
    if timed:
        yield _which(timed, yes=f"{deadline} is met by", unsure=f"whether {deadline} is met by")
    if any(len(_known(w)) < len(m.judged.offered) for m, w in deadlines):
        yield f"How long {'the other' if timed else 'these'} paths take is not known."


def _known(within: Within) -> tuple[Contender, ...]:
    """The paths that have what the limit is about."""
    return (*within.sure, *within.unsure, *within.over)


def _which(judged: Sequence[tuple[Ranked, Within]], *, yes: str, unsure: str) -> str:
    """By which path of which models a limit is kept, and of which overlap decides; of each model the cheapest such path."""
    sure = [(m, within.sure[0]) for m, within in judged if within.sure]
    open_ = [(m, within.unsure[0]) for m, within in judged if within.unsure and not within.sure]
    if not sure and not open_:
        return _sentence(f"{yes} {_none(judged)}")
    return _kept(sure, open_, of=len(judged), yes=yes, unsure=unsure)


def _kept(
    sure: Sequence[_Bought], open_: Sequence[_Bought], *, of: int, yes: str, unsure: str
) -> str:
    if not sure:
        return _sentence(f"{unsure} {_some(open_, of=of)} is too close to call")
    rest = f"; for {_some(open_, of=of)} that is too close to call" if open_ else ""
    return _sentence(f"{yes} {_some(sure, of=of)}{rest}")


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _none(judged: Sequence[tuple[Ranked, Within]]) -> str:
    """That no model keeps a limit: on the paths of which that is known, where it is not known of all."""
    if all(len(_known(within)) == len(m.judged.offered) for m, within in judged):
        return "none of them"
    paths = dict.fromkeys(path_of(c) for _, within in judged for c in within.over)
    return f"none of them on {listed(paths, last='or')}"


def _some(bought: Sequence[_Bought], *, of: int) -> str:
    """Models with the path of each, which stands once where all have the same; many are counted."""
    paths = {path_of(contender) for _, contender in bought}
    if len(bought) <= _SPELLED_OUT:
        if len(paths) > 1:
            return listed(_on(*each) for each in bought)
        names = listed(short_name(model.model) for model, _ in bought)
    else:
        names = f"all {of}" if len(bought) == of else f"{len(bought)} of the {of}"
        if len(paths) > 1:
            by_best = all(contender is model.best for model, contender in bought)
            return f"{names}, each by its cheapest path" if by_best else names
    return f"{names} on {paths.pop()}"


def _on(ranked: Ranked, contender: Contender) -> str:
    return f"{short_name(ranked.model)} on {path_of(contender)}"


def _both(ranked: Sequence[Ranked]) -> Iterator[str]:
    """Whether any one path keeps the budget and the deadline; nothing where one of them is kept by none anyway."""
    judged = [
        (m, budget, deadline)
        for m in ranked
        if (budget := m.judged.budget) and (deadline := m.judged.deadline)
    ]
    if not any(_may_hold(b) for _, b, _ in judged) or not any(_may_hold(d) for *_, d in judged):
        return
    sure = [(m, c) for m, b, d in judged for c in b.sure if c in d.sure]
    may = [(m, c) for m, b, d in judged for c in _may_hold(b) if c in _may_hold(d)]
    if may:
        open_ = [each for each in may if each not in sure]
        keep = "both are kept by"
        yield _kept(sure, open_, of=len(judged), yes=keep, unsure=f"whether {keep}")
    else:
        yield f"No path is known to keep both{_cheapest_in_time(judged)}."


def _may_hold(within: Within) -> tuple[Contender, ...]:
    return (*within.sure, *within.unsure)


def _cheapest_in_time(judged: Sequence[tuple[Ranked, Within, Within]]) -> str:
    """What the cheapest path costs that is done in time, which the budget is then too small for."""
    timed = [(m, c) for m, _, deadline in judged for c in deadline.sure]
    if not timed:
        return ""
    model, contender = min(timed, key=lambda each: each[1].usd)
    return f": the cheapest in time, {_on(model, contender)}, takes {money(contender.usd)}"
