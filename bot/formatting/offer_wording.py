"""A request that is offered in place of the one that was made, and what of that one it leaves out or changes."""

from collections.abc import Iterator
from datetime import date

from bot.formatting.request_wording import field_words
from bot.formatting.wording import gpus_words, path_names
from bot.requests.request import CLUSTER_FIELDS, Field, Intent, Request, Span, Value
from bot.suggestions import as_typed
from pricing.catalogue import Model

_THROUGHPUT = (Field.PROMPT_TPS, Field.DECODE_TPS)
_ANOTHER = {Intent.ESTIMATE: "an estimate", Intent.COMPARE: "a comparison of all models"}


def offer_text(asked: Request, offered: Request, model: Model | None) -> str:
    """`Try …`, with what was said and is no more; `model` is the one that is asked about, where there is one alone."""
    changes = ", ".join(_changes(asked, offered, model))
    return f"Try `{as_typed(offered)}`{f' ({changes})' if changes else ''}."


def _changes(asked: Request, offered: Request, model: Model | None) -> Iterator[str]:
    if asked.intent is not offered.intent and offered.intent in _ANOTHER:
        yield _ANOTHER[offered.intent]
    elif asked.models and not offered.models:
        yield "all models"
    if asked.preset and not offered.preset:
        yield f"without `{asked.preset}`"
    for field, value in asked.fields.items():
        if field not in CLUSTER_FIELDS:
            yield from _change(field, value, offered)
    for field, value in offered.fields.items():
        if field not in asked.fields and field not in (*CLUSTER_FIELDS, Field.AS_OF):
            yield field_words(field, value)
    if Field.AS_OF not in asked.fields:  # today was meant
        yield from _rates_of(offered)
    yield from _cluster(asked, offered, model)
    dropped = [path for path in asked.paths if path not in offered.paths]
    if dropped:
        yield f"without {path_names(dropped)}" if offered.paths else "any path"


def _change(field: Field, value: Value, offered: Request) -> Iterator[str]:
    """What became of one field; the first of several values is no change."""
    if field is offered.solve_for:
        return
    now = offered.fields.get(field)
    if field is Field.AS_OF:
        if now is None:
            yield "today's rates"
        elif now != value:
            yield from _rates_of(offered)
    elif now is None:
        yield f"without {field_words(field, value)}"
    elif now != value and not _is_one_of(now, value):
        yield field_words(field, now)


def _rates_of(offered: Request) -> Iterator[str]:
    day = offered.fields.get(Field.AS_OF)
    if isinstance(day, date):
        yield f"the rates of {day}"


def _is_one_of(now: Value, value: Value) -> bool:
    if isinstance(value, Span):
        return now == value.start
    return isinstance(value, tuple) and now in value


def _cluster(asked: Request, offered: Request, model: Model | None) -> Iterator[str]:
    """A cluster is changed as a whole: a throughput is that of one size and one type."""
    said = {field: value for field, value in asked.fields.items() if field in CLUSTER_FIELDS}
    now = {field: value for field, value in offered.fields.items() if field in CLUSTER_FIELDS}
    if not said or said == now:
        return
    if now:
        for field, value in said.items():
            yield from _change(field, value, offered)
    elif model and model.cluster:
        yield f"its own {gpus_words(model.cluster.gpus, model.cluster.gpu_type)}"
    else:
        yield "without the throughput" if said.keys() <= {*_THROUGHPUT} else "without the cluster"
