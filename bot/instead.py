"""What to ask instead of a question that cannot be answered: a request that works, as one types it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from bot.answers import Asking
from bot.estimates import priced_run
from bot.requests.request import Field, Span, Value
from engine.caveats import BillingPath, NoRate, NoThroughput, Reason
from pricing.catalogue import GpuType, Model

_CLUSTER = (Field.GPUS, Field.GPU_TYPE, Field.PROMPT_TPS, Field.DECODE_TPS)

# A cluster to show how one is said, where the catalogue knows none of the model.
_EXAMPLE: Mapping[Field, Value] = {
    Field.GPUS: 8,
    Field.GPU_TYPE: GpuType.B300_288GB.value,
    Field.PROMPT_TPS: 30_000,
    Field.DECODE_TPS: 1500,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """Why a model's question has no answer, and a request that has one.

    `several` are the fields with more than one value, `reasons` why `path` has no amount, and `alone` names the
    only path with an amount where there is nothing to compare it with. `sizeless`: a throughput was said, and the size of
    the cluster that has it is what is asked for. Without any of them no path has an amount. `only_estimate`: the model's
    throughput is not known, so the suggestion prices a cluster that is said with its own.
    """

    model: str
    suggestion: str
    several: tuple[Field, ...] = ()
    path: BillingPath = BillingPath.DEDICATED
    reasons: tuple[Reason, ...] = ()
    alone: BillingPath | None = None
    sizeless: bool = False
    only_estimate: bool = False

    @property
    def names_a_reason(self) -> bool:
        """Whether more is said than that there are several values, or no amounts."""
        return bool(self.reasons or self.alone or self.sizeless or self.only_estimate)


def several_values(fields: Mapping[Field, Value]) -> tuple[Field, ...]:
    """The fields that have more than one value, so that no single run is described."""
    return tuple(field for field, value in fields.items() if isinstance(value, tuple | Span))


def one_value_each(fields: Mapping[Field, Value]) -> dict[Field, Value]:
    """The same fields with the first value of each."""
    return {field: _first(value) for field, value in fields.items()}


def _first(value: Value) -> Value:
    if isinstance(value, Span):
        return value.start
    return value[0] if isinstance(value, tuple) else value


def with_cluster(
    fields: Mapping[Field, Value], model: Model, asking: Asking
) -> dict[Field, Value] | None:
    """The nearest fields with which the model has a dedicated amount; None where no day has the card."""
    for candidate in _candidates(fields, model, asking):
        if dedicated_reasons(candidate, model, asking) is None:
            return candidate
    return None


def dedicated_reasons(
    fields: Mapping[Field, Value], model: Model, asking: Asking
) -> tuple[Reason, ...] | None:
    """Why dedicated has no amount; None where it has one."""
    quote = priced_run(fields, model, _on_its_day(fields, asking)).entry.quote(
        BillingPath.DEDICATED
    )
    return None if quote.priced.estimate else quote.priced.reasons


def has_rival(fields: Mapping[Field, Value], model: Model, asking: Asking) -> bool:
    """Whether a path beside dedicated has an amount, so that there is something to set it against."""
    quotes = priced_run(fields, model, _on_its_day(fields, asking)).entry.quotes
    return any(q.priced.estimate for q in quotes if q.path is not BillingPath.DEDICATED)


def days_with_a_rate(reasons: Iterable[Reason], *, as_of: date, today: date) -> tuple[date, ...]:
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


def _on_its_day(fields: Mapping[Field, Value], asking: Asking) -> Asking:
    day = fields.get(Field.AS_OF)
    return replace(asking, as_of=day if isinstance(day, date) else asking.today)


def _candidates(
    fields: Mapping[Field, Value], model: Model, asking: Asking
) -> Iterator[dict[Field, Value]]:
    """First the GPU count nearest to what was said, then the model's own cluster, then an example; the same
    on the days nearest to the one that was said, and at today's rates."""
    run = {field: value for field, value in fields.items() if field not in _CLUSTER}
    today: dict[Field, Value] = {f: value for f, value in run.items() if f is not Field.AS_OF}
    clusters: list[Mapping[Field, Value]] = []
    reasons = dedicated_reasons(fields, model, asking) or ()
    for reason in reasons:
        if isinstance(reason, NoThroughput) and reason.nearest_gpus:
            clusters.append({Field.GPUS: reason.nearest_gpus[0]})
    clusters += [{}, _example(fields)]
    days = days_with_a_rate(reasons, as_of=asking.as_of, today=asking.today)
    on_days = [{**run, Field.AS_OF: day} for day in days if Field.AS_OF in run]
    for shape in (run, *on_days, today):
        yield from ({**shape, **cluster} for cluster in clusters)


def _example(fields: Mapping[Field, Value]) -> dict[Field, Value]:
    """The example cluster, with what was said in its place where that has a throughput."""
    said = {field: value for field, value in fields.items() if field in _CLUSTER}
    whole = {Field.PROMPT_TPS, Field.DECODE_TPS} <= said.keys()
    return {**_EXAMPLE, **said} if whole else {**_EXAMPLE}
