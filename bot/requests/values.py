"""What the amounts of a binding say of a field: a value, or the fault that they have."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from . import fields as specs
from . import numbers
from .amounts import Amount, Unit, share_multiplier
from .request import Field, Number, ProblemCode, Span, Value


@dataclass(frozen=True, slots=True)
class Said:
    """What one place of the text says of a field.

    `change` and `factor` over `divisor` work on the value that the field had before; `from_said`: *from 20 to 40*, also
    backwards, when it is at fault only where 20 is not the old value; `plus`: *+5 turns*, a change where there is an old
    value. `near`: the value that a faulty one comes nearest to, where there is one.
    """

    field: Field
    text: str
    value: Value | None = None
    fault: ProblemCode | None = None
    change: int = 0
    plus: bool = False
    factor: Decimal | None = None
    divisor: int = 1
    from_said: bool = False
    near: Value | None = None


def said_by(target: Field, amounts: Sequence[Amount], text: str, *, empty_place: bool) -> Said:
    """Reads the amounts of a key, or of a unit, as the value of a field."""
    many_ranges = len(amounts) > 1 and any(amount.is_range for amount in amounts)
    if empty_place or many_ranges or any(amount.unit is Unit.FOREIGN for amount in amounts):
        return Said(target, text, fault=ProblemCode.VALUE_INVALID)
    hours = next((amount.hours for amount in amounts if amount.unit is Unit.HOURS), Decimal(1))
    if amounts[0].is_range:
        return _range(target, amounts[0], hours, text)
    values = [_times(value, hours) for value in _list_values(target, amounts)]
    said = _list(target, values, text, change=amounts[0].change)
    plus = amounts[0].plus and len(amounts) == 1 and target in _CHANGED_BY_PLUS
    return replace(said, plus=plus) if plus else said


_CHANGED_BY_PLUS = (Field.TURNS, Field.EPISODES, Field.GPUS)


def _times(value: Decimal | None, hours: Decimal) -> Decimal | None:
    return None if value is None else numbers.product(value, hours)


def _list_values(target: Field, amounts: Sequence[Amount]) -> list[Decimal | None]:
    """The numbers of a list; for turns a comma always separates, elsewhere it may group thousands."""
    values: list[Decimal | None] = []
    for amount in amounts[:-1]:
        share_multiplier(amount.numbers[0], amounts[-1].numbers[0])
    for amount in amounts:
        number = amount.numbers[0]
        if target is Field.TURNS and number.groups:
            values += [numbers.literal(group) for group in number.groups]
        else:
            values.append(number.value)
    return values


def _list(target: Field, values: Sequence[Decimal | None], text: str, *, change: int) -> Said:
    fault = worst_fault(target, values) if not change or None in values else None
    if fault:
        near = _near_list(target, values) if fault is ProblemCode.VALUE_OUT_OF_RANGE else None
        return Said(target, text, fault=fault, near=near)
    distinct = tuple(dict.fromkeys(specs.number(value) for value in values if value is not None))
    if len(distinct) == 1:
        return Said(target, text, distinct[0], change=change)
    if target in specs.ONE_VALUE_FIELDS:
        return Said(target, text, fault=ProblemCode.VALUE_CONFLICT)
    return Said(target, text, distinct)


def worst_fault(target: Field, values: Sequence[Decimal | None]) -> ProblemCode | None:
    """The fault of several numbers of a field; an invalid one is looked at first."""
    faults = {specs.fault(target, value) for value in values}
    codes = (ProblemCode.VALUE_INVALID, ProblemCode.VALUE_OUT_OF_RANGE)
    return next((code for code in codes if code in faults), None)


def _range(target: Field, amount: Amount, hours: Decimal, text: str) -> Said:
    ends = [_times(number.value, hours) for number in amount.numbers]
    fault = worst_fault(target, ends)
    if fault is ProblemCode.VALUE_INVALID or _bad_step(target, amount):
        return Said(target, text, fault=ProblemCode.VALUE_INVALID)
    first, last = (end for end in ends if end is not None)
    near = _near_range(target, min(first, last), max(first, last), amount)
    if first > last and amount.from_said and amount.step is None and not fault:
        span = Span(start=specs.number(first), end=specs.number(last))
        return Said(target, text, span, from_said=True, fault=ProblemCode.VALUE_INVALID, near=near)
    if first > last:
        return Said(target, text, fault=ProblemCode.VALUE_INVALID, near=near)
    if fault:
        return Said(target, text, fault=fault, near=near)
    start, end = specs.number(first), specs.number(last)
    if start == end:
        return Said(target, text, start)
    if target in specs.ONE_VALUE_FIELDS:
        return Said(target, text, fault=ProblemCode.VALUE_CONFLICT)
    step = amount.step.value if amount.step else None
    span = Span(start=start, end=end, step=None if step is None else specs.number(step))
    return Said(target, text, span, from_said=amount.from_said and step is None)


def _near_list(target: Field, values: Sequence[Decimal | None]) -> Value | None:
    """The list with each value brought into the field's range."""
    near = [specs.nearest(target, value) for value in values if value is not None]
    distinct = tuple(dict.fromkeys(value for value in near if value is not None))
    if None in near or not distinct or (len(distinct) > 1 and target in specs.ONE_VALUE_FIELDS):
        return None
    return distinct if len(distinct) > 1 else distinct[0]


def _near_range(target: Field, low: Decimal, high: Decimal, amount: Amount) -> Value | None:
    """The range the right way round, with each end brought into the field's range."""
    start, end = specs.nearest(target, low), specs.nearest(target, high)
    if start is None or end is None or target in specs.ONE_VALUE_FIELDS:
        return None
    step = amount.step.value if amount.step else None
    if start == end:
        return start
    return Span(start=start, end=end, step=None if step is None else specs.number(step))


def _bad_step(target: Field, amount: Amount) -> bool:
    if amount.step is None:
        return False
    step = amount.step.value
    if step is None or not step.is_finite() or step <= 0:
        return True
    return specs.RANGES[target].whole and step != step.to_integral_value()


ADDED_DECODE_TOOL = (
    Field.TOKENS_ADDED_PER_TURN,
    Field.DECODE_TOKENS_PER_TURN,
    Field.TOOL_RESULT_TOKENS_PER_TURN,
)


def added_conflict(added: Value | None, decode: Value | None, tool: Value | None) -> bool:
    """Whether Δ cannot be: less than the tool result, or not decode plus tool result with all three said.

    Decode above Δ can be: reasoning that is dropped between turns.
    """
    all_added, all_decode, all_tool = _all_values(added), _all_values(decode), _all_values(tool)
    if not (all_added and all_tool):
        return False
    if min(all_added) < max(all_tool):
        return True
    return any(a != d + t for a in all_added for d in all_decode for t in all_tool)


def _all_values(value: Value | None) -> list[Number]:
    """The values of a list, the ends of a range."""
    if isinstance(value, Span):
        return [value.start, value.end]
    if isinstance(value, tuple):
        return list(value)
    return [value] if isinstance(value, int | Decimal) else []
