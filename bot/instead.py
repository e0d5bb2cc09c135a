"""What to ask instead of a question that has no answer: a request that works, as one types it.

Three ways to one: `without_unread` keeps what was read of a text; `nearest_on_sale` changes a request as little as will do for
something to be bought; `nearest_with_dedicated` and `nearest_with_amounts` change a run so that its cluster has an amount, which
limits and solves need, or any path has, which an estimate needs. None of them says a throughput that nobody said.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from bot.answers import Asking
from bot.estimates import priced_run
from bot.requests.request import CLUSTER_FIELDS, Field, Intent, Request, Span, Value, has_several
from bot.suggestions import as_typed
from engine.caveats import BillingPath, ContextOverflow, NoRate, NoThroughput, Reason
from pricing.cards import GpuCard
from pricing.catalogue import Model
from pricing.quotes import Quote

Works = Callable[[Request], bool]
"""Whether something can be bought as a request asks."""

_OF_MODELS = (
    Intent.ESTIMATE,
    Intent.COMPARE,
    Intent.SWEEP,
    Intent.LIMITS,
    Intent.SOLVE,
    Intent.EXPLAIN,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """Why the question about some models has no answer, and a request that has one.

    `several` are the fields with more than one value, `reasons` why `path` has no amount, and `alone` names the
    only path with an amount where there is nothing to compare it with. `sizeless`: a throughput was said, and the size of
    the cluster that has it is what is asked for. Without any of them no path has an amount. `missing` is what to say of a
    cluster that was measured, where no throughput is known for the model.
    """

    models: tuple[str, ...]
    instead: Request
    several: tuple[Field, ...] = ()
    path: BillingPath = BillingPath.DEDICATED
    reasons: tuple[Reason, ...] = ()
    alone: BillingPath | None = None
    sizeless: bool = False
    missing: tuple[Field, ...] = ()

    @property
    def suggestion(self) -> str:
        """The request that has an answer, as one types it."""
        return as_typed(self.instead)

    @property
    def names_a_reason(self) -> bool:
        """Whether more is said than that there are several values, or no amounts."""
        return bool(self.reasons or self.alone or self.sizeless or self.missing)


def one_value_each(fields: Mapping[Field, Value]) -> dict[Field, Value]:
    """The same fields with the first value of each."""
    return {field: _first(value) for field, value in fields.items()}


def _first(value: Value) -> Value:
    if isinstance(value, Span):
        return value.start
    return value[0] if isinstance(value, tuple) else value


def without(fields: Mapping[Field, Value], *dropped: Field) -> dict[Field, Value]:
    """The same fields but some."""
    return {field: value for field, value in fields.items() if field not in dropped}


def without_unread(request: Request) -> str | None:
    """A request without what was not read, as text; a comparison where that was a model. None where nothing remains."""
    read = replace(request, problems=())
    if request.intent is Intent.SOLVE:
        read = replace(read, intent=Intent.ESTIMATE, solve_for=None)
    if not request.models and request.intent in _OF_MODELS:
        read = replace(read, intent=Intent.COMPARE, fields=one_value_each(request.fields))
    return as_typed(read) or None


def nearest_on_sale(
    request: Request, quotes: Iterable[Quote], works: Works, *, as_of: date, today: date
) -> Request | None:
    """The nearest request under which something can be bought; `quotes` are the paths that the request found.

    None where nothing ever can.
    """
    reasons = [reason for quote in quotes for reason in quote.priced.reasons]
    days = _days_with_a_rate(reasons, as_of=as_of, today=today)
    nearby = map(_as_its_kind, _requests_nearby(request, _turns_that_fit(reasons), days))
    return next((each for each in nearby if works(each)), None)


def _as_its_kind(request: Request) -> Request:
    """A sweep of one value is an estimate."""
    if request.intent is not Intent.SWEEP or has_several(request.fields):
        return request
    return replace(request, intent=Intent.ESTIMATE)


def _turns_that_fit(reasons: Iterable[Reason]) -> int:
    """The most turns that a window holds; 0 where turns keep nobody out."""
    return max((r.max_turns for r in reasons if isinstance(r, ContextOverflow)), default=0)


def _requests_nearby(request: Request, turns: int, days: tuple[date, ...]) -> Iterator[Request]:
    """What one might have asked instead, the least change first: a day that was said is changed before paths and cluster,
    and one that was not behind them."""
    fields = request.fields
    shorter: dict[Field, Value] = {Field.TURNS: turns} if turns else {}
    without_cluster = without(fields, *CLUSTER_FIELDS)
    today = without(without_cluster, Field.AS_OF)
    on_days = [replace(request, fields={**fields, Field.AS_OF: day}) for day in days]
    if shorter:
        yield replace(request, fields={**fields, **shorter})
    if Field.AS_OF in fields:
        yield from on_days
    yield replace(request, paths=())
    yield replace(request, fields=without_cluster)
    if shorter:
        yield replace(request, paths=(), fields={**fields, **shorter})
        yield replace(request, fields={**without_cluster, **shorter})
    yield replace(request, paths=(), fields={**without_cluster, **shorter})
    yield replace(request, paths=(), fields={**today, **shorter})
    if Field.AS_OF not in fields:
        yield from on_days
    yield from _comparisons(request)


def _comparisons(request: Request) -> Iterator[Request]:
    """The run on other models, then any run."""
    today = without(request.fields, *CLUSTER_FIELDS, Field.AS_OF)
    others = replace(request, intent=Intent.COMPARE, solve_for=None, models=(), paths=())
    yield replace(others, fields=one_value_each(today))
    yield replace(others, fields={}, preset=None)


def other_models(request: Request, works: Works) -> Request:
    """The run of a request on models that can be bought, where its own has no amount on any day."""
    *nearby, any_run = _comparisons(request)
    return next((each for each in nearby if works(each)), any_run)


def nearest_with_dedicated(
    fields: Mapping[Field, Value], model: Model, asking: Asking
) -> dict[Field, Value] | None:
    """The nearest fields with which the model has a dedicated amount; None where no day has the card."""
    for candidate in _clusters_nearby(fields, model, asking):
        if _dedicated_reasons(candidate, model, asking) is None:
            return candidate
    return None


def nearest_with_amounts(
    fields: Mapping[Field, Value], model: Model, asking: Asking, *, paths: int = 1
) -> dict[Field, Value] | None:
    """The nearest fields with which so many paths of the model have an amount; None where no day has rates for them."""
    quotes = _quotes(fields, model, asking)
    reasons = [reason for quote in quotes for reason in quote.priced.reasons]
    days = _days_with_a_rate(reasons, as_of=asking.as_of, today=asking.today)
    on_days = [{**fields, Field.AS_OF: day} for day in days]
    for candidate in ({**fields}, *on_days, without(fields, Field.AS_OF)):
        amounts = [q for q in _quotes(candidate, model, asking) if q.priced.estimate]
        if len(amounts) >= paths:
            return candidate
    return None


def missing_of_cluster(
    fields: Mapping[Field, Value], model: Model, asking: Asking
) -> tuple[Field, ...]:
    """What is to be said of a cluster for dedicated to have an amount; empty where the model's own has one, and on a day
    on which no GPU has a rate."""
    rented = any(isinstance(c, GpuCard) and c.holds_on(asking.as_of) for c in asking.book)
    if model.cluster or not rented:
        return ()
    reasons = _dedicated_reasons(fields, model, asking) or ()
    return tuple(
        Field(name)
        for reason in reasons
        if isinstance(reason, NoThroughput)
        for name in reason.missing
    )


def _dedicated_reasons(
    fields: Mapping[Field, Value], model: Model, asking: Asking
) -> tuple[Reason, ...] | None:
    """Why dedicated has no amount; None where it has one."""
    quotes = _quotes(fields, model, asking)
    priced = next(quote.priced for quote in quotes if quote.path is BillingPath.DEDICATED)
    return None if priced.estimate else priced.reasons


def has_rival(fields: Mapping[Field, Value], model: Model, asking: Asking) -> bool:
    """Whether a path beside dedicated has an amount, so that there is something to set it against."""
    quotes = _quotes(fields, model, asking)
    return any(q.priced.estimate for q in quotes if q.path is not BillingPath.DEDICATED)


def _quotes(fields: Mapping[Field, Value], model: Model, asking: Asking) -> tuple[Quote, ...]:
    return priced_run(fields, model, _on_its_day(fields, asking)).entry.quotes


def _on_its_day(fields: Mapping[Field, Value], asking: Asking) -> Asking:
    day = fields.get(Field.AS_OF)
    return replace(asking, as_of=day if isinstance(day, date) else asking.today)


def _clusters_nearby(
    fields: Mapping[Field, Value], model: Model, asking: Asking
) -> Iterator[dict[Field, Value]]:
    """First the cluster that was said, then the GPU count nearest to it, then the model's own; the same on the days
    nearest to the one that was said, and at today's rates."""
    run = without(fields, *CLUSTER_FIELDS)
    today = without(run, Field.AS_OF)
    said = {field: value for field, value in fields.items() if field in CLUSTER_FIELDS}
    clusters: list[Mapping[Field, Value]] = [said]
    reasons = _dedicated_reasons(fields, model, asking) or ()
    for reason in reasons:
        if isinstance(reason, NoThroughput) and reason.nearest_gpus:
            clusters.append({Field.GPUS: reason.nearest_gpus[0]})
    clusters.append({})
    days = _days_with_a_rate(reasons, as_of=asking.as_of, today=asking.today)
    on_days = [{**run, Field.AS_OF: day} for day in days if Field.AS_OF in run]
    for shape in (run, *on_days, today):
        yield from ({**shape, **cluster} for cluster in clusters)


def _days_with_a_rate(reasons: Iterable[Reason], *, as_of: date, today: date) -> tuple[date, ...]:
    """The first and last days of the rates between which the day asked for has none, the nearest first."""
    edges = {
        date.fromisoformat(edge)
        for reason in reasons
        if isinstance(reason, NoRate)
        for edge in (reason.first_from, reason.last_to)
        if edge
    }
    days = sorted(edges, key=lambda day: (abs(day - as_of), day))
    return tuple(day for day in days if day <= today)
