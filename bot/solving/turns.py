"""From how many turns on, or up to how many, one path is cheaper than another."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from bot.requests.request import Field
from bot.solving.pieces import Piece, can_be_had, longest_run, quotes_at, resting_on
from bot.solving.question import Question
from bot.solving.solution import MOST_TURNS, Allowed, Solution, fit_window
from engine.caveats import BillingPath
from engine.costs import DedicatedEstimate
from engine.solve import Crossing, cheaper_turns, crossing
from engine.workload import EpisodeShape
from pricing.bills import bill_of
from pricing.catalogue import Model


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two paths; `asked`: the first one was named, so it stays the one that the answer is about."""

    path: BillingPath
    against: BillingPath
    asked: bool


def crossings(question: Question, pieces: tuple[Piece, ...]) -> tuple[Solution, ...]:
    """Where one path of each pair is cheaper than the other."""
    shape = longest_run(question).shape
    amounts = {p: bool(quote.priced.estimate) for p, quote in pieces[0].quotes.items()}
    return tuple(
        _judged(_crossed(pieces, shape, pair, question.model), question)
        if amounts[pair.path] and amounts[pair.against]
        else _gap(pieces, pair)
        for pair in _pairs(question.paths, [p for p, has in amounts.items() if has])
    )


def _pairs(named: tuple[str, ...], priced: list[BillingPath]) -> Iterator[_Pair]:
    """The paths named against each other; one against each that has an amount; by default dedicated."""
    said = [BillingPath(path) for path in named if path in set(BillingPath)]
    if len(said) > 1:
        pairs = [*combinations(said, 2)]
    elif not said and BillingPath.DEDICATED not in priced:
        pairs = [*combinations(priced, 2)]
    else:
        one = said[0] if said else BillingPath.DEDICATED
        pairs = [(one, other) for other in priced if other is not one]
    yield from (_Pair(path, against, bool(said)) for path, against in pairs)


def _gap(pieces: tuple[Piece, ...], pair: _Pair) -> Solution:
    """A pair of which one has no amount, and why."""
    lacking = next(
        quote.priced.reasons
        for quote in (pieces[0].quotes[pair.path], pieces[0].quotes[pair.against])
        if not quote.priced.estimate
    )
    return Solution(
        field=Field.TURNS,
        path=pair.path,
        against=pair.against,
        value=None,
        reason=lacking[0].code,
        quotes=resting_on(pieces, pair.path, pair.against),
    )


def _crossed(pieces: tuple[Piece, ...], shape: EpisodeShape, pair: _Pair, model: Model) -> Solution:
    """Where the first path is cheaper; of a pair that nobody named, where the one that takes over is."""
    path, against = pair.path, pair.against
    found = _crossing(pieces, shape, path, against)
    back = _crossing(pieces, shape, against, path)
    if not pair.asked and found.turns == 1 and back.turns is not None:
        found, back, path, against = back, found, against, path
    in_turns = None
    if BillingPath.DEDICATED in (path, against):
        in_turns = _crossing(pieces, shape, path, against, phases_add=True)
    too_long = (
        p.turns.start for p in pieces if fit_window(p.quotes[path], p.quotes[against]) is False
    )
    solution = Solution(
        field=Field.TURNS,
        path=path,
        against=against,
        value=found.turns,
        value_if_phases_add=in_turns.turns if in_turns else None,
        until=found.until,
        until_if_phases_add=in_turns.until if in_turns else None,
        again=found.again,
        again_if_phases_add=in_turns.again if in_turns else None,
        against_from=_taken_over(found, back),
        reason=found.reason,
        reason_if_phases_add=in_turns.reason if in_turns else None,
        offered=all(can_be_had(pieces[0].quotes[one], model) for one in (path, against)),
        too_long_from=next(too_long, None),
        quotes=resting_on(pieces, path, against),
    )
    at = next((p for p in pieces if solution.crossing_turns in p.turns), None)
    fits = fit_window(at.quotes[path], at.quotes[against]) if at else None
    return replace(solution, fits_window=fits)


def _taken_over(found: Crossing, back: Crossing) -> int | None:
    """From which number of turns on the other one is cheaper, after the last one at which this one is; bills that are
    equal in between are neither's."""
    if found.until is None:
        return None
    starts = (start for start in (back.turns, back.again) if start is not None)
    return next((start for start in starts if start > found.until), None)


def _crossing(
    pieces: tuple[Piece, ...],
    shape: EpisodeShape,
    path: BillingPath,
    against: BillingPath,
    *,
    phases_add: bool = False,
) -> Crossing:
    """Each piece is solved for all numbers of turns and holds for its own."""
    ranges: list[range] = []
    for piece in pieces:
        first = bill_of(piece.quotes[path], phases_add=phases_add)
        second = bill_of(piece.quotes[against], phases_add=phases_add)
        for cheaper in cheaper_turns(first, second, shape, most_turns=MOST_TURNS):
            start, stop = max(cheaper.start, piece.turns.start), min(cheaper.stop, piece.turns.stop)
            if start >= stop:
                continue
            if ranges and ranges[-1].stop == start:
                start = ranges.pop().start
            ranges.append(range(start, stop))
    return crossing(tuple(ranges), MOST_TURNS)


def _judged(solution: Solution, question: Question) -> Solution:
    """The solution with what its path's run at the crossing comes to, where a budget or a deadline was said; how long a
    path takes that bills tokens is not known."""
    turns, budget_usd = solution.crossing_turns, question.budget_usd
    deadline_hours = question.deadline_hours
    if turns is None or (budget_usd is None and deadline_hours is None):
        return solution
    run = quotes_at(question, turns=turns)[solution.path].priced.estimate
    budget, deadline = None, None
    cluster = run if isinstance(run, DedicatedEstimate) else None
    if run and budget_usd is not None:
        high = cluster.usd_high if cluster else run.usd
        budget = Allowed(limit=budget_usd, low=run.usd, high=high)
    if cluster and deadline_hours is not None:
        low, high = cluster.cluster_hours, cluster.cluster_hours_high
        deadline = Allowed(limit=deadline_hours, low=low, high=high)
    return replace(solution, budget=budget, deadline=deadline)
