"""At which values a sweep looks: ranges cut at readable numbers, and what to ask instead of a sweep without room."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import lcm
from typing import Literal

from bot.requests.fields import RANGES, number
from bot.requests.request import Field, Intent, Number, Request, Span, Value
from bot.suggestions import suggestion
from bot.verdicts import NotSwept
from pricing.catalogue import Model

MOST_POINTS = 20
"""Of each field."""
MOST_FIELDS = 2
MOST_MODELS = 3

# Into as many points a range without a step is cut at most: what one looks over at once.
_FEW, _FEW_ACROSS = 12, 6
# From this ratio of its ends on a range is cut at 1, 2, 5, 10, 20 …; sooner where one doubles rather than adds.
_WIDE, _WIDE_WHERE_DOUBLED = 1000, 100
_DOUBLED = frozenset({Field.EPISODES, Field.GPUS, Field.PROMPT_TPS, Field.DECODE_TPS})

# What a sweep of nothing is offered in its place.
_EXAMPLE_TURNS = 20

Several = tuple[Number, ...] | Span


def points_of(
    fields: Mapping[Field, Value], models: Sequence[Model]
) -> dict[Field, tuple[Number, ...]]:
    """The points of each field with several values, rising, both ends included; the second field stands across."""
    return {
        field: _cut(field, value, most=_FEW_ACROSS if nth else _FEW, unit=_unit(field, models))
        for nth, (field, value) in enumerate(_several(fields).items())
    }


def not_swept(request: Request, models: Sequence[Model]) -> NotSwept | None:
    """Why a request is no sweep that an answer has room for, with one that is; None where it is one."""
    several = _several(request.fields)
    many = {f: n for f, v in several.items() if (n := _count(f, v)) > MOST_POINTS}
    if not several:
        return _no_sweep(request, models, "nothing", asked=0, most=0)
    if len(request.models) > MOST_MODELS:
        return _no_sweep(request, models, "models", asked=len(request.models), most=MOST_MODELS)
    if len(several) > MOST_FIELDS:
        return _no_sweep(request, models, "fields", asked=len(several), most=MOST_FIELDS)
    for field, points in many.items():
        return _no_sweep(request, models, "points", field=field, asked=points, most=MOST_POINTS)
    return None


def _no_sweep(
    request: Request,
    models: Sequence[Model],
    counted: Literal["points", "fields", "models", "nothing"],
    *,
    field: Field | None = None,
    asked: int,
    most: int,
) -> NotSwept:
    works = _written(with_room(request, models))
    return NotSwept(counted=counted, field=field, asked=asked, most=most, suggestion=works)


def _written(request: Request) -> str:
    """A sweep as text."""
    return suggestion(replace(request, intent=Intent.SWEEP), example_model="") or ""


def with_room(request: Request, models: Sequence[Model] = ()) -> Request:
    """The request with steps that fit, its first models, its first fields with several values, or turns to sweep.

    GPUs step by the clusters of the models that are given.
    """
    several = _several(request.fields)
    fields = dict(request.fields)
    if not several:
        said = fields.get(Field.TURNS)
        end = said if isinstance(said, int) and said > 1 else _EXAMPLE_TURNS
        fields[Field.TURNS] = Span(start=1, end=end)
    for nth, (field, value) in enumerate(several.items()):
        if nth >= MOST_FIELDS:
            fields[field] = _first(value)
        elif _count(field, value) > MOST_POINTS:
            fields[field] = _with_step(field, value, unit=_unit(field, models))
    return replace(request, models=request.models[:MOST_MODELS], fields=fields)


def _with_step(field: Field, value: Several, *, unit: int) -> Span:
    """A range with the smallest readable step that leaves few enough points, from a whole unit on."""
    whole = _ends(value)
    first = (Decimal(whole.start) / unit).to_integral_value(ROUND_CEILING) * unit
    if unit > 1 and first < whole.end:
        whole = replace(whole, start=number(first))
    for step in _readable_steps(whole, unit=unit, whole=RANGES[field].whole):
        span = replace(whole, step=number(step))
        if _count(field, span) <= MOST_POINTS:
            return span
    return replace(whole, step=number(Decimal(whole.end) - whole.start))


def _several(fields: Mapping[Field, Value]) -> dict[Field, Several]:
    return {f: v for f, v in fields.items() if isinstance(v, tuple | Span)}


def _first(value: Several) -> Number:
    return value.start if isinstance(value, Span) else value[0]


def _ends(value: Several) -> Span:
    return value if isinstance(value, Span) else Span(start=min(value), end=max(value))


def _count(field: Field, value: Several) -> int:
    """How many points are asked for; a range without a step is cut into few enough."""
    if isinstance(value, tuple):
        return len(value)
    if value.step is None:
        return 0
    steps = (Decimal(value.end) - value.start) / _step(field, value.step)
    return int(steps.to_integral_value(ROUND_CEILING)) + 1


def _step(field: Field, step: Number) -> Decimal:
    """Whole fields move by one at least."""
    return max(Decimal(1), Decimal(step)) if RANGES[field].whole else Decimal(step)


def _unit(field: Field, models: Sequence[Model]) -> int:
    """GPUs are counted in clusters of every model, since between them no throughput is known."""
    if field is not Field.GPUS:
        return 1
    return lcm(*(model.cluster.gpus for model in models if model.cluster))


def _cut(field: Field, value: Several, *, most: int, unit: int) -> tuple[Number, ...]:
    if isinstance(value, tuple):
        return tuple(sorted(value))
    start, end = Decimal(value.start), Decimal(value.end)
    if value.step is not None:
        points = _stepped(field, value, Decimal(value.step))
    elif is_wide(field, start, end):
        points = list(_decades(start, end, unit=unit, whole=RANGES[field].whole))
    else:
        points = _multiples(value, most=most, unit=unit, whole=RANGES[field].whole)
    return tuple(number(p) for p in sorted({start, end, *(p for p in points if start < p < end)}))


def is_wide(field: Field, start: Number, end: Number) -> bool:
    """Whether the values of a field from one end to the other are multiplied rather than added to."""
    ratio = _WIDE_WHERE_DOUBLED if field in _DOUBLED else _WIDE
    return start > 0 and end >= ratio * start


def _stepped(field: Field, span: Span, said: Number) -> list[Decimal]:
    step, whole = _step(field, said), RANGES[field].whole
    points = [span.start + step * k for k in range(_count(field, span))]
    return [p.to_integral_value(ROUND_FLOOR) for p in points] if whole else points


def _multiples(span: Span, *, most: int, unit: int, whole: bool) -> list[Decimal]:
    """The multiples of a readable step between the ends: of the smallest that leaves few enough points."""
    start, end = Decimal(span.start), Decimal(span.end)
    for step in _readable_steps(span, unit=unit, whole=whole):
        first = int((start / step).to_integral_value(ROUND_FLOOR)) + 1
        last = int((end / step).to_integral_value(ROUND_CEILING)) - 1
        if last - first + 3 <= most:
            return [step * k for k in range(first, last + 1)]
    return []


def _readable_steps(span: Span, *, unit: int, whole: bool) -> Iterator[Decimal]:
    """1, 2, 5, 10 … times the unit, up to the length of the range; fractions too where the field takes them."""
    length = Decimal(span.end) - span.start
    exponent = 0 if whole else (length / 1000).adjusted()
    while (step := unit * Decimal(1).scaleb(exponent)) <= length:
        yield from (step, 2 * step, 5 * step)
        exponent += 1


def _decades(start: Decimal, end: Decimal, *, unit: int, whole: bool) -> Iterator[Decimal]:
    """1, 2, 5, 10, 20 … times the unit between the ends; only powers of ten where those are too many."""
    lowest = (start / unit).adjusted()
    decades = range(max(0, lowest) if whole else lowest, (end / unit).adjusted() + 1)
    digits = (1, 2, 5) if 3 * len(decades) + 2 <= MOST_POINTS else (1,)
    every = -(-len(decades) // (MOST_POINTS - 2))
    for exponent in decades[::every]:
        yield from (unit * Decimal(digit).scaleb(exponent) for digit in digits)
