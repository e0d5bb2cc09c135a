"""A shape on several models: the cheapest path of each, and what keeps the others from being bought."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import assert_never

from bot.answers import Answer, Asking
from bot.estimates import PricedRun, priced_run
from bot.requests.request import (
    Field,
    Intent,
    Number,
    Request,
    Span,
    Value,
    has_several,
    number_of,
)
from bot.suggestions import suggestion
from bot.verdicts import Compared, Contender, Judged, Lacking, Ranked, judge
from engine.caveats import (
    BillingPath,
    Caveat,
    ClusterTooSmall,
    ConflictingSources,
    ContextOverflow,
    DecodeExceedsAdded,
    DefaultsUsed,
    FixedThroughput,
    HeldForReview,
    IdealPrefixCache,
    NotAQuote,
    NotOffered,
    ObservedRatesMissing,
    OnlyNamedCards,
    OverflowDiffers,
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
from pricing.quotes import SERVERLESS_PATHS

MOST_ROWS = 20

# Fewer than two amounts leave nothing to choose between, so a model that nobody named stays out.
_LEAST_PRICED_PATHS = 2

_MOST_SWEPT_FIELDS = 2
_MOST_SWEPT_VALUES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entrant:
    """A model that is compared: its run, and its paths as judged among those that the request names."""

    model: Model
    run: PricedRun
    judged: Judged


def compared(request: Request, asking: Asking) -> Answer:
    """The answer to a comparison."""
    if has_several(request.fields):
        return _one_value_please(request, asking)
    entrants = _entrants(request, asking)
    offered = sorted(
        (e for e in entrants if e.judged.offered), key=lambda e: e.judged.offered[0].usd
    )
    rows = [*offered, *(e for e in entrants if not e.judged.offered)]
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
            cut=len(rows) - len(shown),
            named=bool(request.models),
            suggestions=() if ranked else _that_work(request, asking, rows),
        ),
        workload=shown[0].run.workload if shown else None,
        defaults=defaults,
        models=tuple(entrant.run.entry for entrant in shown),
        caveats=_merged(ranked, defaults),
    )


def _entrants(request: Request, asking: Asking) -> list[_Entrant]:
    """The models named, or every covered one that has a choice of paths."""
    models = [asking.catalogue.get(key) for key in request.models] or [*asking.catalogue]
    entrants = []
    for model in models:
        run = priced_run(request.fields, model, asking)
        priced = sum(quote.priced.estimate is not None for quote in run.entry.quotes)
        if request.models or priced >= _LEAST_PRICED_PATHS:
            entrants.append(_Entrant(model=model, run=run, judged=_judged(run, request)))
    return entrants


def _judged(run: PricedRun, request: Request) -> Judged:
    """The verdict on a model, among the paths that the request names."""
    if not request.paths:
        return run.verdict
    return judge(
        [quote for quote in run.entry.quotes if quote.path in request.paths],
        budget_usd=number_of(request.fields, Field.BUDGET_USD),
        deadline_hours=number_of(request.fields, Field.DEADLINE_HOURS),
    )


def _ranked(entrant: _Entrant, asking: Asking) -> Ranked:
    best = entrant.judged.offered[0]
    of_run = (_bearing_on(caveat, best) for caveat in entrant.run.caveats)
    quote = entrant.run.entry.quote(best.path)
    doubts = rate_doubts([quote], book=asking.book, on=asking.as_of, today=asking.today)
    return Ranked(
        model=entrant.model,
        judged=entrant.judged,
        caveats=(*(caveat for caveat in of_run if caveat is not None), *doubts),
    )


def _lacking(entrant: _Entrant, request: Request) -> Lacking:
    return Lacking(
        model=entrant.model,
        judged=entrant.judged,
        paths=tuple(
            (quote.path, quote.priced.reasons)
            for quote in entrant.run.entry.quotes
            if not request.paths or quote.path in request.paths
        ),
    )


def _defaults(entrants: Sequence[_Entrant]) -> tuple[Field, ...]:
    """What any of the models took by default."""
    used = {field for entrant in entrants for field in entrant.run.defaults}
    return tuple(field for field in Field if field in used)


def _bearing_on(caveat: Caveat, best: Contender) -> Caveat | None:
    """A caveat as far as it is about the path that is shown.

    What the rows say themselves is left out, and the doubts about rates, which are asked of that path alone.
    """
    path = best.path
    match caveat:
        case NotOffered() | OverflowDiffers() | FixedThroughput() | DefaultsUsed():
            return None
        case OnlyNamedCards() | ObservedRatesMissing() | HeldForReview():
            return None
        case StaleRates() | UncertainStart() | ConflictingSources():
            return None
        case (
            PhasesOverlap()
            | SaturatedThroughput()
            | ThroughputUnusual()
            | ClusterTooSmall()
            | ReplicasScaleLinearly()
        ):
            return caveat if path is BillingPath.DEDICATED else None
        case ServerlessBaseModelOnly():
            return replace(caveat, paths=(path,)) if path in SERVERLESS_PATHS else None
        case WindowUnknown(paths=paths):
            return replace(caveat, paths=(path,)) if path in paths else None
        case IdealPrefixCache(usd_without_hits=amounts):
            own = tuple((p, usd) for p, usd in amounts if p is path)
            return replace(caveat, usd_without_hits=own) if own else None
        case DecodeExceedsAdded() | TrainingExcluded() | NotAQuote():
            return caveat
        case _:
            assert_never(caveat)


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


def _one_value_please(request: Request, asking: Asking) -> Answer:
    """Several values and several models are no one table: a sweep of one model, or one value, is."""
    several = tuple(field for field, value in request.fields.items() if _is_several(value))
    model = request.models[0] if request.models else asking.catalogue.models[0].key
    one = {field: _first(value) for field, value in request.fields.items()}
    swept = {field: _sweepable(request.fields[field]) for field in several[:_MOST_SWEPT_FIELDS]}
    return Answer(
        request=request,
        as_of=asking.as_of,
        today=asking.today,
        verdict=Compared(
            ranked=(),
            lacking=(),
            named=bool(request.models),
            several=several,
            suggestions=(
                _written(Intent.SWEEP, (model,), one | swept, request.paths),
                _written(Intent.COMPARE, request.models, one, request.paths),
            ),
        ),
    )


def _is_several(value: Value) -> bool:
    return isinstance(value, tuple | Span)


def _first(value: Value) -> Value:
    match value:
        case tuple():
            return value[0]
        case Span():
            return value.start
        case _:
            return value


def _sweepable(value: Value) -> Value:
    """Several values as a sweep has room for them; too many become a range that is cut where it reads well."""
    if isinstance(value, tuple) and len(value) > _MOST_SWEPT_VALUES:
        return Span(start=min(value), end=max(value))
    if isinstance(value, Span) and value.step is not None:
        steps = Decimal(value.end - value.start) / Decimal(value.step)
        return replace(value, step=None) if steps > _MOST_SWEPT_VALUES - 2 else value
    return value


# A path as the language reads it; `serverless` alone would be its standard mode.
_PATH_WORDS: Mapping[str, str] = {path: path.value.replace("_", " ") for path in BillingPath}


def _written(
    intent: Intent,
    models: tuple[str, ...],
    fields: Mapping[Field, Value],
    paths: tuple[str, ...] = (),
) -> str:
    """A request as one types it."""
    request = Request(intent=intent, models=models, fields=fields)
    text = suggestion(request, example_model="") or ""
    on = f"on {', '.join(_PATH_WORDS[path] for path in paths)}" if paths else ""
    return " ".join(piece for piece in (text, on) if piece)


_OF_CLUSTER = (Field.GPUS, Field.GPU_TYPE, Field.PROMPT_TPS, Field.DECODE_TPS)


def _that_work(request: Request, asking: Asking, rows: Iterable[_Entrant]) -> tuple[str, ...]:
    """The nearest request under which a model can be bought: fewer turns, other paths, cluster or day."""
    for nearby in _nearby(request, _turns_that_fit(rows)):
        if any(entrant.judged.offered for entrant in _entrants(nearby, _asking_on(nearby, asking))):
            return (_written(Intent.COMPARE, nearby.models, nearby.fields, nearby.paths),)
    return ()


def _asking_on(request: Request, asking: Asking) -> Asking:
    """The same question on the day that a request names, today where it names none."""
    return asking if Field.AS_OF in request.fields else replace(asking, as_of=asking.today)


def _turns_that_fit(rows: Iterable[_Entrant]) -> int:
    """The most turns that a window of theirs holds; 0 where turns keep nobody out."""
    return max(
        (
            reason.max_turns
            for entrant in rows
            for contender in entrant.judged.notional
            for reason in contender.reasons
            if isinstance(reason, ContextOverflow)
        ),
        default=0,
    )


def _nearby(request: Request, turns: int) -> Iterator[Request]:
    """What one might have asked instead, the least change first."""
    fields = request.fields
    shorter: dict[Field, Number] = {Field.TURNS: turns} if turns else {}
    without_cluster = _without(fields, *_OF_CLUSTER)
    if turns:
        yield replace(request, fields={**fields, **shorter})
    yield replace(request, paths=())
    yield replace(request, fields=without_cluster)
    yield replace(request, paths=(), fields={**without_cluster, **shorter})
    yield replace(request, paths=(), fields={**_without(without_cluster, Field.AS_OF), **shorter})
    yield replace(request, models=(), paths=(), fields=_without(without_cluster, Field.AS_OF))
    yield replace(request, models=(), paths=(), fields={})


def _without(fields: Mapping[Field, Value], *dropped: Field) -> dict[Field, Value]:
    return {field: value for field, value in fields.items() if field not in dropped}
