"""One field solved for: how many episodes, from how many turns on, how many GPUs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, pairwise, permutations

from bot.answers import Answer, Asking, ModelAnswer
from bot.estimates import PricedRun, cluster_of, priced_run, workload_of
from bot.instead import Unanswered, one_value_each, several_values, typed, with_cluster
from bot.requests.fields import RANGES
from bot.requests.request import Field, Request, Value, number_of
from bot.verdicts import Solved
from engine.caveats import (
    BillingPath,
    Caveat,
    ContextOverflow,
    DefaultsUsed,
    IdealPrefixCache,
    NotOffered,
    OverflowDiffers,
    PhasesOverlap,
    ReplicasScaleLinearly,
    ServerlessBaseModelOnly,
)
from engine.costs import DedicatedEstimate, Offered
from engine.exact import exact
from engine.solve import (
    Bill,
    ClusterBill,
    Crossing,
    TokenBill,
    cheaper_turns,
    crossing,
    hours_with,
    most_episodes,
    most_useful_replicas,
    replicas_for,
)
from engine.workload import EpisodeShape, turns_that_fit
from pricing.cards import CardKey, CardPath, GpuCard
from pricing.catalogue import Model
from pricing.quotes import Quote, quote_model

MOST_TURNS = int(RANGES[Field.TURNS].highest)
_MOST_EPISODES = int(RANGES[Field.EPISODES].highest)

FREE, TOO_FEW_EPISODES = "free", "too_few_episodes"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicasRow:
    """A number of replicas, with the hours of full overlap and of none, and the bill of both."""

    replicas: int
    gpus: int
    hours: Decimal
    hours_if_phases_add: Decimal
    usd: Decimal
    usd_if_phases_add: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What one field must be. `value` None has a `reason`: never, always, free, too_few_episodes, or why the path
    has no amount. `…_if_phases_add`: the same where prefill and decode take turns. `offered` is False where a path
    cannot be bought, for another reason than the window.

    Of turns: `path` is cheaper than `against` from `value` up to `until` and once more from `again`; `fits_window`
    says whether both hold an episode of `value` turns, `too_long_from` from which number on one does not.
    Of GPUs: `rows` are the clusters around the solution, up to the last one that is any use.
    """

    field: Field
    path: BillingPath
    against: BillingPath | None = None
    value: int | None
    value_if_phases_add: int | None = None
    until: int | None = None
    again: int | None = None
    reason: str | None = None
    reason_if_phases_add: str | None = None
    offered: bool = True
    fits_window: bool | None = None
    too_long_from: int | None = None
    usd: Decimal | None = None
    wall_clock_hours: Decimal | None = None
    rows: tuple[ReplicasRow, ...] = ()


_THROUGHPUT = frozenset({Field.PROMPT_TPS, Field.DECODE_TPS})


def solved(request: Request, asking: Asking) -> Answer:
    """The answer to a solve: each model's solutions, and the run priced at the first of them."""
    field = request.solve_for or Field.TURNS
    fields = one_value_each(request.fields)
    several = several_values(request.fields)
    if several:
        key = request.models[0]
        again = typed(f"solve {field}", key, fields, request.paths)
        refused = Unanswered(model=key, several=several, suggestion=again)
        return _answer(request, asking, verdict=Solved(field=field, unanswered=(refused,)))
    models = [asking.catalogue.get(key) for key in request.models]
    if field is Field.GPUS and fields.keys() & _THROUGHPUT:
        return _answer(
            request,
            asking,
            verdict=Solved(field=field, unanswered=(_sizeless(fields, models[0], asking),)),
        )
    found = [_solutions(field, request, fields, model, asking) for model in models]
    priced_at = {**fields, **_priced_at(field, found[0])}
    runs = [priced_run(priced_at, model, asking) for model in models]
    unanswered = [
        _unanswered(field, fields, run.entry, solutions, asking)
        for run, solutions in zip(runs, found, strict=True)
        if not any(_says_something(solution) for solution in solutions)
    ]
    verdict = Solved(
        field=field,
        unanswered=tuple(unanswered),
        unused=tuple(_unused(field, fields, request.models[0])),
    )
    entries = [
        ModelAnswer(
            model=run.entry.model,
            quotes=run.entry.quotes,
            cheapest=run.entry.cheapest,
            at_par=run.entry.at_par,
            solutions=solutions,
        )
        for run, solutions in zip(runs, found, strict=True)
    ]
    noted = runs
    if field is Field.EPISODES:  # each path buys another number of them, so what is noted is of one
        noted = [priced_run({**fields, field: 1}, model, asking) for model in models]
    return _answer(request, asking, verdict=verdict, runs=runs, noted=noted, entries=entries)


def _answer(
    request: Request,
    asking: Asking,
    *,
    verdict: Solved,
    runs: list[PricedRun] | None = None,
    noted: list[PricedRun] | None = None,
    entries: list[ModelAnswer] | None = None,
) -> Answer:
    first = runs[0] if runs else None
    # GPUs that are asked for stand on a cluster that may be a default.
    own = verdict.field if verdict.field is not Field.GPUS else None
    defaults = tuple(f for f in first.defaults if f is not own) if first else ()
    found = [c for run in noted or () for c in _caveats(verdict.field, run, defaults)]
    if len(runs or ()) > 1:  # of which model, such amounts do not say
        found = [caveat for caveat in found if not isinstance(caveat, IdealPrefixCache)]
    caveats = dict.fromkeys((*_replicas(entries or []), *found))
    return Answer(
        request=request,
        as_of=asking.as_of,
        today=asking.today,
        verdict=verdict,
        workload=first.workload if first else None,
        defaults=defaults,
        models=tuple(entries or ()),
        caveats=tuple(caveats),
    )


def _caveats(field: Field, run: PricedRun, defaults: tuple[Field, ...]) -> Iterator[Caveat]:
    """What matters to the solution; amounts and windows of one number of turns say little about the others."""
    for caveat in run.caveats:
        if isinstance(caveat, PhasesOverlap):
            continue  # each solution has its own band
        if field is Field.TURNS and _of_one_number_of_turns(caveat):
            continue
        if field is Field.GPUS and _of_other_paths(caveat):
            continue
        yield DefaultsUsed(fields=defaults) if isinstance(caveat, DefaultsUsed) else caveat


def _of_one_number_of_turns(caveat: Caveat) -> bool:
    if isinstance(caveat, NotOffered):
        return isinstance(caveat.reason, ContextOverflow)
    return isinstance(caveat, IdealPrefixCache | OverflowDiffers)


def _of_other_paths(caveat: Caveat) -> bool:
    if isinstance(caveat, NotOffered):
        return BillingPath.DEDICATED not in caveat.paths
    return isinstance(caveat, IdealPrefixCache | OverflowDiffers | ServerlessBaseModelOnly)


def _replicas(entries: list[ModelAnswer]) -> Iterator[Caveat]:
    """That so many clusters are so many times as fast is taken for granted."""
    for entry in entries:
        plan = entry.quote(BillingPath.DEDICATED).cluster
        for solution in entry.solutions:
            if solution.field is not Field.GPUS or not (solution.value and plan and plan.gpus):
                continue
            if solution.value > plan.gpus:
                replicas = solution.value // plan.gpus
                yield ReplicasScaleLinearly(replicas=replicas, cluster_gpus=plan.gpus)


def _says_something(solution: Solution) -> bool:
    return solution.value is not None or solution.reason in (
        "never",
        "always",
        FREE,
        TOO_FEW_EPISODES,
    )


def _unanswered(
    field: Field,
    fields: Mapping[Field, Value],
    entry: ModelAnswer,
    solutions: tuple[Solution, ...],
    asking: Asking,
) -> Unanswered:
    """Why there is no solution, and the nearest question that has one."""
    key = entry.model.key
    priced = [quote.path for quote in entry.quotes if quote.priced.estimate]
    asked = [path for s in solutions for path in (s.path, s.against) if path]
    lacking = next((path for path in asked if path not in priced), BillingPath.DEDICATED)
    alone = priced[0] if field is Field.TURNS and not solutions and priced else None
    return Unanswered(
        model=key,
        path=lacking,
        reasons=entry.quote(lacking).priced.reasons if priced else (),
        alone=alone,
        suggestion=_instead(field, fields, entry, priced, asking),
    )


def _sizeless(fields: Mapping[Field, Value], model: Model, asking: Asking) -> Unanswered:
    """A throughput belongs to a number of GPUs, which a question for GPUs has no place for: another's would be a wrong price."""
    run = {
        name: value for name, value in fields.items() if name not in {*_THROUGHPUT, Field.GPU_TYPE}
    }
    works = with_cluster(run, model, asking)
    words = "" if works and Field.PROMPT_TPS in works else "solve gpus"
    if works is None:
        return Unanswered(model=model.key, sizeless=True, suggestion=typed("rates", model.key, {}))
    if words:
        works.pop(Field.GPUS, None)
    return Unanswered(model=model.key, sizeless=True, suggestion=typed(words, model.key, works))


def _instead(
    field: Field,
    fields: Mapping[Field, Value],
    entry: ModelAnswer,
    priced: list[BillingPath],
    asking: Asking,
) -> str:
    """The same question of two paths with amounts, or on a cluster with one; where nothing has one, its rates."""
    key = entry.model.key
    if field is Field.TURNS and len(priced) > 1:
        return typed("solve turns", key, fields, tuple(priced[:2]))
    works = with_cluster(fields, entry.model, asking)
    if works is None:
        return typed("rates", key, {})
    said_cluster = Field.PROMPT_TPS in works
    if (field is Field.GPUS and said_cluster) or (field is Field.TURNS and not priced):
        # GPUs that are asked for cannot be said, and one path alone crosses none: an estimate can be made.
        return typed("", key, works)
    works.pop(field, None)
    return typed(f"solve {field}", key, works)


def _unused(field: Field, fields: Mapping[Field, Value], model: str) -> Iterator[tuple[Field, str]]:
    """A budget or deadline that was said beside a question that it does not decide."""
    questions = {Field.BUDGET_USD: Field.EPISODES, Field.DEADLINE_HOURS: Field.GPUS}
    for limit, asks in questions.items():
        if limit in fields and asks is not field:
            kept = {name: value for name, value in fields.items() if name is not asks}
            yield limit, typed(f"solve {asks}", model, kept)


def _solutions(
    field: Field, request: Request, fields: Mapping[Field, Value], model: Model, asking: Asking
) -> tuple[Solution, ...]:
    if field is Field.TURNS:
        return _turns(request, fields, model, asking)
    entry = priced_run(fields, model, asking).entry
    if field is Field.EPISODES:
        budget_usd = number_of(fields, Field.BUDGET_USD) or Decimal(0)
        return tuple(_episodes(quote, budget_usd) for quote in entry.quotes)
    deadline_hours = number_of(fields, Field.DEADLINE_HOURS) or Decimal(1)
    return (_gpus(entry.quote(BillingPath.DEDICATED), deadline_hours),)


def _priced_at(field: Field, solutions: tuple[Solution, ...]) -> dict[Field, Value]:
    """The run that the paths are priced for: that of the solution, where there is one."""
    if field is Field.GPUS:
        return {}
    sold = [s.value for s in solutions if s.offered and s.value is not None]
    values = sold or [s.value for s in solutions if s.value is not None]
    if not values:
        return {}
    if field is Field.TURNS:
        return {field: values[0]}
    return {field: min(max(1, max(values)), _MOST_EPISODES)}


# -- episodes ----------------------------------------------------------------------------------------


def _episodes(quote: Quote, budget_usd: Decimal) -> Solution:
    """The most whole episodes of one path that the budget pays for."""
    estimate = quote.priced.estimate
    if estimate is None:
        reason = quote.priced.reasons[0].code
        return Solution(field=Field.EPISODES, path=quote.path, value=None, reason=reason)
    value = most_episodes(estimate, budget_usd=budget_usd)
    in_turns = None
    if isinstance(estimate, DedicatedEstimate):
        in_turns = most_episodes(estimate, budget_usd=budget_usd, phases_add=True)
    with exact():
        usd = estimate.usd_per_episode * value if value is not None else None
    return Solution(
        field=Field.EPISODES,
        path=quote.path,
        value=value,
        value_if_phases_add=in_turns,
        reason=FREE if value is None else None,
        offered=isinstance(quote.priced, Offered),
        fits_window=_fits((quote,)),
        usd=usd,
    )


# -- turns -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """Numbers of turns over which every path keeps its rates and either fits its window or not."""

    turns: range
    quotes: Mapping[BillingPath, Quote]


def _turns(
    request: Request, fields: Mapping[Field, Value], model: Model, asking: Asking
) -> tuple[Solution, ...]:
    """From how many turns on one path of each pair becomes cheaper than the other."""
    shape = workload_of({**fields, Field.TURNS: MOST_TURNS}, asking.preset)[0].shape
    pieces = _pieces(fields, shape, model, asking)
    amounts = {p: bool(quote.priced.estimate) for p, quote in pieces[0].quotes.items()}
    return tuple(
        _crossed(pieces, shape, path, against)
        if amounts[path] and amounts[against]
        else _gap(pieces, path, against)
        for path, against in _pairs(request.paths, [p for p, has in amounts.items() if has])
    )


def _pairs(
    named: tuple[str, ...], priced: list[BillingPath]
) -> Iterator[tuple[BillingPath, BillingPath]]:
    """The paths named against each other; one against each that has an amount; by default dedicated."""
    said = [BillingPath(path) for path in named if path in set(BillingPath)]
    if len(said) > 1:
        yield from combinations(said, 2)
        return
    if not said and BillingPath.DEDICATED not in priced:
        yield from combinations(priced, 2)
        return
    one = said[0] if said else BillingPath.DEDICATED
    yield from ((one, other) for other in priced if other is not one)


def _pieces(
    fields: Mapping[Field, Value], shape: EpisodeShape, model: Model, asking: Asking
) -> tuple[_Piece, ...]:
    """1 to 200 turns, cut where an episode outgrows a window and where one of Tinker's variants becomes cheaper
    than another: between the cuts the same cards are priced, as a run of the first turns is."""
    starts = sorted(
        {1, *(start for start in _cuts(shape, model, asking) if 1 < start <= MOST_TURNS)}
    )
    return tuple(
        _Piece(range(start, stop), _quotes({**fields, Field.TURNS: start}, model, asking))
        for start, stop in pairwise([*starts, MOST_TURNS + 1])
    )


def _cuts(shape: EpisodeShape, model: Model, asking: Asking) -> Iterator[int]:
    windows = {variant.window_tokens for variant in model.tinker}
    if model.fireworks_window_tokens is not None:
        windows.add(model.fireworks_window_tokens)
    yield from (turns_that_fit(shape, window_tokens=window) + 1 for window in windows)
    keys = [CardKey(CardPath.TINKER, model.key, variant.window_tokens) for variant in model.tinker]
    cards = [asking.book.tinker.around(key, asking.as_of).begun for key in keys]
    bills = [TokenBill(rates=card.rates) for card in cards if card]
    for one, other in permutations(bills, 2):
        for cheaper in cheaper_turns(one, other, shape, most_turns=MOST_TURNS):
            yield from (cheaper.start, cheaper.stop)


def _quotes(
    fields: Mapping[Field, Value], model: Model, asking: Asking
) -> Mapping[BillingPath, Quote]:
    workload, _ = workload_of(fields, asking.preset)
    quotes = quote_model(
        model, workload, cluster=cluster_of(fields), book=asking.book, on=asking.as_of
    )
    return {quote.path: quote for quote in quotes}


def _gap(pieces: tuple[_Piece, ...], path: BillingPath, against: BillingPath) -> Solution:
    """A pair of which one has no amount, and why."""
    lacking = next(
        quote.priced.reasons
        for quote in (pieces[0].quotes[path], pieces[0].quotes[against])
        if not quote.priced.estimate
    )
    return Solution(
        field=Field.TURNS, path=path, against=against, value=None, reason=lacking[0].code
    )


def _crossed(
    pieces: tuple[_Piece, ...], shape: EpisodeShape, path: BillingPath, against: BillingPath
) -> Solution:
    """Where `path` becomes cheaper; the other way round where it begins cheaper and the other one takes over."""
    found = _crossing(pieces, shape, path, against, phases_add=False)
    if found.turns == 1:
        other_way = _crossing(pieces, shape, against, path, phases_add=False)
        if other_way.turns is not None:
            found, path, against = other_way, against, path
    in_turns = None
    if BillingPath.DEDICATED in (path, against):
        in_turns = _crossing(pieces, shape, path, against, phases_add=True)
    at = next((p for p in pieces if found.turns in p.turns), None)
    pair = (at.quotes[path], at.quotes[against]) if at else ()
    too_long = (
        p.turns.start for p in pieces if _fits((p.quotes[path], p.quotes[against])) is False
    )
    return Solution(
        field=Field.TURNS,
        path=path,
        against=against,
        value=found.turns,
        value_if_phases_add=in_turns.turns if in_turns else None,
        until=found.until,
        again=found.again,
        reason=found.reason,
        reason_if_phases_add=in_turns.reason if in_turns else None,
        offered=all(_sold(pieces[0].quotes[one]) for one in (path, against)),
        fits_window=_fits(pair) if pair else None,
        too_long_from=next(too_long, None),
    )


def _crossing(
    pieces: tuple[_Piece, ...],
    shape: EpisodeShape,
    path: BillingPath,
    against: BillingPath,
    *,
    phases_add: bool,
) -> Crossing:
    """Each piece is solved for all numbers of turns and holds for its own."""
    ranges: list[range] = []
    for piece in pieces:
        first = _bill(piece.quotes[path], phases_add=phases_add)
        second = _bill(piece.quotes[against], phases_add=phases_add)
        for cheaper in cheaper_turns(first, second, shape, most_turns=MOST_TURNS):
            start, stop = max(cheaper.start, piece.turns.start), min(cheaper.stop, piece.turns.stop)
            if start >= stop:
                continue
            if ranges and ranges[-1].stop == start:
                start = ranges.pop().start
            ranges.append(range(start, stop))
    return crossing(tuple(ranges), MOST_TURNS)


def _bill(quote: Quote, *, phases_add: bool) -> Bill:
    """How a path that has an amount bills."""
    estimate = quote.priced.estimate
    if isinstance(estimate, DedicatedEstimate):
        return ClusterBill(deployment=estimate.deployment, phases_add=phases_add)
    if quote.card is None or isinstance(quote.card, GpuCard):
        raise TypeError(f"{quote.path} has no rates")
    return TokenBill(rates=quote.card.rates)


def _sold(quote: Quote) -> bool:
    """Whether the path can be bought, as long as an episode fits its window."""
    return all(isinstance(reason, ContextOverflow) for reason in quote.priced.reasons)


def _fits(quotes: tuple[Quote, ...]) -> bool | None:
    """Whether every one of these paths holds the episode; None where a window is not known."""
    if any(isinstance(r, ContextOverflow) for quote in quotes for r in quote.priced.reasons):
        return False
    return None if any(quote.window_tokens is None for quote in quotes) else True


# -- GPUs --------------------------------------------------------------------------------------------


def _gpus(quote: Quote, deadline_hours: Decimal) -> Solution:
    """The fewest replicas of the cluster, and their GPUs, that end the run in time."""
    estimate = quote.priced.estimate
    if not isinstance(estimate, DedicatedEstimate):
        reason = quote.priced.reasons[0].code
        return Solution(field=Field.GPUS, path=quote.path, value=None, reason=reason)
    useful = most_useful_replicas(estimate.workload.episodes)
    least = replicas_for(estimate, deadline_hours=deadline_hours)
    in_turns = replicas_for(estimate, deadline_hours=deadline_hours, phases_add=True)
    around = {1, least - 1, least, in_turns - 1, in_turns, useful}
    gpus = estimate.deployment.gpus
    found = Solution(
        field=Field.GPUS,
        path=quote.path,
        value=least * gpus,
        value_if_phases_add=in_turns * gpus if in_turns <= useful else None,
        reason_if_phases_add=None if in_turns <= useful else TOO_FEW_EPISODES,
        offered=_sold(quote),
        fits_window=_fits((quote,)),
        usd=estimate.usd,
        wall_clock_hours=hours_with(estimate, min(least, useful)),
        rows=tuple(_row(estimate, n) for n in sorted(around) if 1 <= n <= useful),
    )
    if least > useful:
        return replace(found, value=None, reason=TOO_FEW_EPISODES)
    return found


def _row(estimate: DedicatedEstimate, replicas: int) -> ReplicasRow:
    return ReplicasRow(
        replicas=replicas,
        gpus=replicas * estimate.deployment.gpus,
        hours=hours_with(estimate, replicas),
        hours_if_phases_add=hours_with(estimate, replicas, phases_add=True),
        usd=estimate.usd_low,
        usd_if_phases_add=estimate.usd_high,
    )
