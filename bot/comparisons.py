"""A shape on several models: the cheapest path of each, and what keeps the others from being bought."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial

from bot.answers import Answer, Asking
from bot.estimates import PricedRun, priced_run
from bot.instead import nearest_on_sale, one_value_each
from bot.judged import Contender, Judged, judge
from bot.path_caveats import narrowed
from bot.presets import preset_of
from bot.requests.request import Field, Intent, Request, has_several, number_of, several_values
from bot.sweep_points import with_room
from bot.verdicts import Compared, Lacking, Ranked
from engine.caveats import (
    BillingPath,
    Caveat,
    ClusterTooSmall,
    ConflictingSources,
    DecodeExceedsAdded,
    DefaultsUsed,
    FixedThroughput,
    HeldForReview,
    IdealPrefixCache,
    NotAQuote,
    NotOffered,
    ObservedRatesMissing,
    OnlyNamedCards,
    PhasesOverlap,
    ReplicasScaleLinearly,
    SaturatedThroughput,
    ServerlessBaseModelOnly,
    StaleRates,
    ThroughputUnusual,
    TrainingExcluded,
    UncertainStart,
    WindowUnknown,
)
from pricing.catalogue import Model
from pricing.doubts import rate_doubts
from pricing.quotes import SERVERLESS_PATHS, Quote

MOST_ROWS = 20

# Fewer than two amounts leave nothing to choose between, so a model that nobody named stays out.
_LEAST_PRICED_PATHS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entrant:
    """A model that is compared: its run, and its paths as judged among those that the request names.

    `too_small`: dedicated is out of the question, since the cluster that was said cannot hold the model.
    """

    model: Model
    run: PricedRun
    judged: Judged
    too_small: ClusterTooSmall | None


def compared(request: Request, asking: Asking) -> Answer:
    """The answer to a comparison."""
    if has_several(request.fields):
        return _one_value_please(request, asking)
    entrants = _entrants(request, asking)
    if not entrants:
        return _no_choice(request, asking)
    rows = _in_order(entrants)
    shown = rows[:MOST_ROWS]
    ranked = tuple(_ranked(entrant, asking) for entrant in shown if entrant.judged.offered)
    defaults = _defaults(shown)
    return Answer(
        request=request,
        as_of=asking.as_of,
        today=asking.today,
        verdict=Compared(
            ranked=ranked,
            lacking=tuple(_lacking(e, request) for e in shown if not e.judged.offered),
            cut=tuple(entrant.model for entrant in rows[MOST_ROWS:]),
            named=bool(request.models),
            suggestions=() if ranked else _instead(request, asking, rows),
            elsewhere=_elsewhere(entrants, request),
        ),
        workload=shown[0].run.workload,
        defaults=defaults,
        models=tuple(entrant.run.entry for entrant in shown),
        caveats=_merged(ranked, defaults),
    )


def _in_order(entrants: Iterable[_Entrant]) -> list[_Entrant]:
    """The cheapest on offer first, then the cheapest of those that are not, at last what has no amount."""

    def rank(entrant: _Entrant) -> tuple[bool, bool, Decimal]:
        amounts = entrant.judged.offered or entrant.judged.notional
        cheapest = min((contender.usd for contender in amounts), default=Decimal(0))
        return not entrant.judged.offered, not amounts, cheapest

    return sorted(entrants, key=rank)


def _no_choice(request: Request, asking: Asking) -> Answer:
    """No model has paths to choose from: what each of them lacks."""
    every = [_entrant(model, request, asking) for model in asking.catalogue]
    return Answer(
        request=request,
        as_of=asking.as_of,
        today=asking.today,
        verdict=Compared(
            ranked=(),
            lacking=tuple(_lacking(entrant, request) for entrant in every),
            named=False,
            choiceless=True,
            suggestions=_instead(request, asking, every),
        ),
    )


def _entrants(request: Request, asking: Asking) -> list[_Entrant]:
    """The models named, or every covered one that has a choice of paths."""
    if request.models:
        return [_entrant(asking.catalogue.get(key), request, asking) for key in request.models]
    every = (_entrant(model, request, asking) for model in asking.catalogue)
    return [entrant for entrant in every if _priced_paths(entrant) >= _LEAST_PRICED_PATHS]


def _entrant(model: Model, request: Request, asking: Asking) -> _Entrant:
    run = priced_run(request.fields, model, asking)
    judged, small = _judged(run, request), None
    if not request.paths or BillingPath.DEDICATED in request.paths:
        small = next((c for c in run.caveats if isinstance(c, ClusterTooSmall)), None)
    if small:
        judged = judged.without(BillingPath.DEDICATED)
    return _Entrant(model=model, run=run, judged=judged, too_small=small)


def _priced_paths(entrant: _Entrant) -> int:
    return sum(quote.priced.estimate is not None for quote in entrant.run.entry.quotes)


def _judged(run: PricedRun, request: Request) -> Judged:
    """The verdict on a model, among the paths that the request names."""
    if not request.paths:
        return run.verdict
    return judge(
        _compared_quotes(run, request),
        budget_usd=number_of(request.fields, Field.BUDGET_USD),
        deadline_hours=number_of(request.fields, Field.DEADLINE_HOURS),
    )


def _elsewhere(entrants: Iterable[_Entrant], request: Request) -> tuple[Model, Contender] | None:
    """The cheapest of all paths of these models, where that is none of the paths that the request names."""
    if not request.paths:
        return None
    found: list[tuple[Model, Contender]] = []
    for entrant in entrants:
        on_any = entrant.run.verdict
        if any(isinstance(caveat, ClusterTooSmall) for caveat in entrant.run.caveats):
            on_any = on_any.without(BillingPath.DEDICATED)
        found += [(entrant.model, contender) for contender in on_any.offered[:1]]
    cheapest = min(found, key=lambda each: each[1].usd, default=None)
    return cheapest if cheapest and cheapest[1].path not in request.paths else None


def _compared_quotes(run: PricedRun, request: Request) -> list[Quote]:
    """The paths that the request names, or all."""
    return [quote for quote in run.entry.quotes if not request.paths or quote.path in request.paths]


# What the rows say themselves, and the doubts about rates, which are asked of the path that is shown alone.
_SAID_OTHERWISE = (
    NotOffered,
    FixedThroughput,
    DefaultsUsed,
    OnlyNamedCards,
    ObservedRatesMissing,
    HeldForReview,
    StaleRates,
    UncertainStart,
    ConflictingSources,
)


def _ranked(entrant: _Entrant, asking: Asking) -> Ranked:
    path = entrant.judged.offered[0].path
    of_run = (
        narrowed(caveat, (path,))
        for caveat in entrant.run.caveats
        if not isinstance(caveat, _SAID_OTHERWISE)
    )
    quote = entrant.run.entry.quote(path)
    doubts = rate_doubts([quote], book=asking.book, on=asking.as_of, today=asking.today)
    return Ranked(
        model=entrant.model,
        judged=entrant.judged,
        caveats=(*(caveat for caveat in of_run if caveat is not None), *doubts),
        too_small=entrant.too_small,
    )


def _lacking(entrant: _Entrant, request: Request) -> Lacking:
    return Lacking(
        model=entrant.model,
        judged=entrant.judged,
        paths=tuple(
            (quote.path, quote.priced.reasons)
            for quote in _compared_quotes(entrant.run, request)
            if quote.priced.reasons
        ),
        too_small=entrant.too_small,
    )


def _defaults(entrants: Sequence[_Entrant]) -> tuple[Field, ...]:
    """What any of the models took by default."""
    used = {field for entrant in entrants for field in entrant.run.defaults}
    return tuple(field for field in Field if field in used)


# What could turn the order of the models comes first, what stands beside every amount last.
BY_WEIGHT: tuple[type[Caveat], ...] = (
    ClusterTooSmall,
    OnlyNamedCards,
    HeldForReview,
    PhasesOverlap,
    IdealPrefixCache,
    SaturatedThroughput,
    ThroughputUnusual,
    ReplicasScaleLinearly,
    DecodeExceedsAdded,
    WindowUnknown,
    ObservedRatesMissing,
    StaleRates,
    UncertainStart,
    ConflictingSources,
    ServerlessBaseModelOnly,
    TrainingExcluded,
    DefaultsUsed,
    NotAQuote,
)

# Whose figures are those of one model and say so nowhere: the cheapest model's stand for all of them.
_OF_ONE_MODEL = (PhasesOverlap, IdealPrefixCache, SaturatedThroughput)


def _merged(ranked: Sequence[Ranked], defaults: tuple[Field, ...]) -> tuple[Caveat, ...]:
    """Each caveat once for all models; of those with figures of one model that of the cheapest which has one."""
    merged: dict[Caveat, None] = {}
    seen: set[type[Caveat]] = set()
    for caveat in (caveat for model in ranked for caveat in model.caveats):
        if isinstance(caveat, _OF_ONE_MODEL) and type(caveat) in seen:
            continue
        seen.add(type(caveat))
        merged[_for_any(caveat, ranked)] = None
    if ranked and defaults:
        merged[DefaultsUsed(fields=defaults)] = None
    return tuple(sorted(merged, key=lambda caveat: BY_WEIGHT.index(type(caveat))))


def _for_any(caveat: Caveat, ranked: Sequence[Ranked]) -> Caveat:
    """A caveat about serverless as it stands for all of the models that are bought there."""
    if not isinstance(caveat, ServerlessBaseModelOnly):
        return caveat
    bought = {model.best.path for model in ranked}
    return replace(caveat, paths=tuple(path for path in SERVERLESS_PATHS if path in bought))


def ranks_any(request: Request, asking: Asking) -> bool:
    """Whether any model that a request names, or that takes part unnamed, can be bought on its day."""
    day = request.fields.get(Field.AS_OF)
    on_its_day = replace(
        asking,
        as_of=day if isinstance(day, date) else asking.today,
        preset=preset_of(request),
    )
    one_value = replace(request, fields=one_value_each(request.fields))
    return any(entrant.judged.offered for entrant in _entrants(one_value, on_its_day))


def _instead(request: Request, asking: Asking, entrants: Sequence[_Entrant]) -> tuple[Request, ...]:
    """The nearest request under which a model can be bought."""
    works = partial(ranks_any, asking=asking)
    quotes = [quote for entrant in entrants for quote in _compared_quotes(entrant.run, request)]
    found = nearest_on_sale(request, quotes, works, as_of=asking.as_of, today=asking.today)
    return (found,) if found else ()


def _one_value_please(request: Request, asking: Asking) -> Answer:
    """Several values and several models are no one table: a sweep of the models, or one value, is."""
    swept = replace(
        request,
        intent=Intent.SWEEP,
        models=request.models or (asking.catalogue.models[0].key,),
    )
    one = replace(request, intent=Intent.COMPARE, fields=one_value_each(request.fields))
    return Answer(
        request=request,
        as_of=asking.as_of,
        today=asking.today,
        verdict=Compared(
            ranked=(),
            lacking=(),
            named=bool(request.models),
            several=several_values(request.fields),
            suggestions=(with_room(swept), one),
        ),
    )
