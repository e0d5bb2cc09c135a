"""What to ask instead of a question that cannot be answered: a request that works, as one types it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.answers import Asking
from bot.estimates import priced_run
from bot.requests.request import Field, Intent, Request, Span, Value
from bot.suggestions import suggestion
from engine.caveats import BillingPath, NoThroughput, Reason
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
    the cluster that has it is what is asked for. Without any of them no path has an amount.
    """

    model: str
    suggestion: str
    several: tuple[Field, ...] = ()
    path: BillingPath = BillingPath.DEDICATED
    reasons: tuple[Reason, ...] = ()
    alone: BillingPath | None = None
    sizeless: bool = False


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


def typed(
    words: str, model: str, fields: Mapping[Field, Value], paths: tuple[str, ...] = ()
) -> str:
    """A request as text: `solve gpus kimi-k2p6 deadline_hours=6`."""
    run = Request(intent=Intent.ESTIMATE, models=(model,), fields=fields)
    spoken = [path.replace("_", " ") for path in paths]
    return " ".join(
        piece for piece in (words, *spoken, suggestion(run, example_model=model)) if piece
    )


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


def _on_its_day(fields: Mapping[Field, Value], asking: Asking) -> Asking:
    day = asking.as_of if Field.AS_OF in fields else asking.today
    return Asking(book=asking.book, catalogue=asking.catalogue, as_of=day, today=asking.today)


def _candidates(
    fields: Mapping[Field, Value], model: Model, asking: Asking
) -> Iterator[dict[Field, Value]]:
    """First the GPU count nearest to what was said, then the model's own cluster, then an example; the same
    at today's rates."""
    run = {field: value for field, value in fields.items() if field not in _CLUSTER}
    today = {field: value for field, value in run.items() if field is not Field.AS_OF}
    clusters: list[Mapping[Field, Value]] = []
    for reason in dedicated_reasons(fields, model, asking) or ():
        if isinstance(reason, NoThroughput) and reason.nearest_gpus:
            clusters.append({Field.GPUS: reason.nearest_gpus[0]})
    clusters += [{}, _EXAMPLE]
    for shape in (run, today):
        yield from ({**shape, **cluster} for cluster in clusters)
