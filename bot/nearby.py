"""What to ask instead: of a text that was not wholly read what is left of it, and of a question under which nothing can
be bought the least change with which something can."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from bot.instead import days_with_a_rate, one_value_each
from bot.requests.request import Field, Intent, Request, Value
from bot.suggestions import as_typed
from engine.caveats import ContextOverflow, Reason
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
_OF_CLUSTER = (Field.GPUS, Field.GPU_TYPE, Field.PROMPT_TPS, Field.DECODE_TPS)


def nearest(
    request: Request, quotes: Iterable[Quote], works: Works, *, as_of: date, today: date
) -> str | None:
    """The nearest request that works, as text; `quotes` are the paths that the request found. None where none does."""
    reasons = [reason for quote in quotes for reason in quote.priced.reasons]
    days = days_with_a_rate(reasons, as_of=as_of, today=today)
    for nearby in _nearby(request, _turns_that_fit(reasons), days):
        if works(nearby):
            return as_typed(nearby)
    return None


def left_out(request: Request) -> str | None:
    """A request without what was not read, as text; a comparison where that was a model. None where nothing remains."""
    read = replace(request, problems=())
    if request.intent is Intent.SOLVE:
        read = replace(read, intent=Intent.ESTIMATE, solve_for=None)
    if not request.models and request.intent in _OF_MODELS:
        read = replace(read, intent=Intent.COMPARE, fields=one_value_each(request.fields))
    return as_typed(read) or None


def _turns_that_fit(reasons: Iterable[Reason]) -> int:
    """The most turns that a window holds; 0 where turns keep nobody out."""
    return max((r.max_turns for r in reasons if isinstance(r, ContextOverflow)), default=0)


def _nearby(request: Request, turns: int, days: tuple[date, ...]) -> Iterator[Request]:
    """What one might have asked instead, the least change first: a day that was said is changed before paths and cluster,
    and one that was not behind them."""
    fields = request.fields
    shorter: dict[Field, Value] = {Field.TURNS: turns} if turns else {}
    without_cluster = _without(fields, *_OF_CLUSTER)
    today = _without(without_cluster, Field.AS_OF)
    on_days = [replace(request, fields={**fields, Field.AS_OF: day}) for day in days]
    if shorter:
        yield replace(request, fields={**fields, **shorter})
    if Field.AS_OF in fields:
        yield from on_days
    yield replace(request, paths=())
    yield replace(request, fields=without_cluster)
    yield replace(request, paths=(), fields={**without_cluster, **shorter})
    yield replace(request, paths=(), fields={**today, **shorter})
    if Field.AS_OF not in fields:
        yield from on_days
    others = replace(request, intent=Intent.COMPARE, models=(), paths=())
    yield replace(others, fields=one_value_each(today))
    yield replace(others, fields={}, preset=None)


def _without(fields: Mapping[Field, Value], *dropped: Field) -> dict[Field, Value]:
    return {field: value for field, value in fields.items() if field not in dropped}
