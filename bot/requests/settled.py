"""What one text says of models and fields, settled against the request before it: changes worked out, conflicts found."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from pricing.shapes import presets

from . import fields as specs
from .names import Mention, Names
from .numbers import product, quotient
from .reading import Reading
from .request import Field, Number, Problem, ProblemCode, Request, Span, Value
from .values import ADDED_DECODE_TOOL, Said, added_conflict, worst_fault

_MOST_HINTS = 4


@dataclass(slots=True)
class Settled:
    """What one text says, with its fields settled against the request before it."""

    named: list[str] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)
    model_problems: list[Problem] = field(default_factory=list)
    values: dict[Field, Value] = field(default_factory=dict)
    faults: dict[Field, Problem] = field(default_factory=dict)
    others: list[Problem] = field(default_factory=list)


def settle(
    reading: Reading,
    names: Names,
    before: Request | None,
    *,
    unwanted: frozenset[int],
    swept: bool,
) -> Settled:
    """Settles a text against the request before it, if there is one.

    `unwanted`: which of its mentions of models, counted from 0, are not meant. `swept`: its ranges are never a change.
    """
    text = Settled(others=list(reading.problems))
    mentions = reading.mentions or _first_word_mention(reading, names, before)
    if not reading.mentions and mentions:
        text.others = [p for p in text.others if p.text not in mentions[0].text]
    _settle_models(text, mentions, names, before, unwanted)
    _settle_fields(text, reading, before, swept=swept)
    _check_added(text, reading, before)
    return text


def _settle_models(
    text: Settled,
    mentions: list[Mention],
    names: Names,
    before: Request | None,
    unwanted: frozenset[int],
) -> None:
    """A model is meant, or not, by what is said of it last."""
    meant = [mention for at, mention in enumerate(mentions) if at not in unwanted]
    had = dict.fromkeys([*(before.models if before else ()), *(m.key for m in meant if m.key)])
    for at, mention in enumerate(mentions):
        keys = mention.models if mention.key else tuple(k for k in mention.models if k in had)
        if at in unwanted and len(keys) == 1:
            text.named = [key for key in text.named if key != keys[0]]
            text.dropped.add(keys[0])
        elif at not in unwanted and mention.key and mention.key not in text.named:
            text.named.append(mention.key)
            text.dropped.discard(mention.key)
    unclear = {
        m.text.lower(): m for m in meant if not m.key and not set(m.models) & set(text.named)
    }
    unclear |= {
        m.text.lower(): m
        for at, m in enumerate(mentions)
        if at in unwanted and not m.key and len(set(m.models) & had.keys()) > 1
    }
    text.model_problems = [
        names.problem(mention, hinted=count < _MOST_HINTS)
        for count, mention in enumerate(unclear.values())
    ]


def _first_word_mention(reading: Reading, names: Names, before: Request | None) -> list[Mention]:
    """A first word that looks like a model stands in a model's place where no model is named anywhere."""
    word = reading.first_word
    if not word or (before is not None and before.models):
        return []
    if reading.only_pairs or any(c.isdigit() or c in "-/" for c in word):
        return [names.in_place(word, 0)]
    return []


# -- fields ----------------------------------------------------------------------------------------------


def _settle_fields(text: Settled, reading: Reading, before: Request | None, *, swept: bool) -> None:
    by_field: dict[Field, list[Said]] = {}
    for said in reading.said:
        by_field.setdefault(said.field, []).append(_against(said, before, swept=swept))
    for target, all_said in by_field.items():
        faults = [s for s in all_said if s.fault]
        distinct = list(
            dict.fromkeys(s.value for s in all_said if s.value is not None and not s.fault)
        )
        if faults:
            worst = next((s for s in faults if s.fault is ProblemCode.VALUE_INVALID), faults[0])
            text.faults[target] = _value_problem(worst)
        elif len(distinct) > 1:
            pieces = ", ".join(dict.fromkeys(s.text for s in all_said))
            text.faults[target] = _problem(ProblemCode.VALUE_CONFLICT, target, pieces)
        else:
            text.values[target] = distinct[0]


def _against(said: Said, before: Request | None, *, swept: bool) -> Said:
    """A change of the old value worked out; *from 20 to 40* with 20 the old value is 40."""
    old = _old_value(said.field, before) if before else None
    if said.from_said and isinstance(said.value, Span) and said.value.start == old and not swept:
        return Said(said.field, said.text, said.value.end)
    if said.plus and isinstance(old, int) and not said.fault:
        return _changed(replace(said, change=1), old)
    if not said.change and said.factor is None:
        return said
    if said.fault:
        return said
    return _changed(said, old)


def _old_value(target: Field, before: Request) -> Value | None:
    """What a field was: as it was said, or as its preset has it."""
    if target in before.fields or before.preset is None:
        return before.fields.get(target)
    value = getattr(presets().get(before.preset), target, None)
    return value if isinstance(value, int) else None


def _changed(said: Said, old: Value | None) -> Said:
    def new(value: Number) -> Decimal:
        if said.factor is not None:
            return quotient(product(Decimal(value), said.factor), said.divisor)
        assert isinstance(said.value, int | Decimal)
        return Decimal(value + said.change * said.value)

    if isinstance(old, Span):
        ends = [new(old.start), new(old.end)]
        fault = worst_fault(said.field, ends)
        span = (
            None
            if fault
            else Span(start=specs.number(ends[0]), end=specs.number(ends[1]), step=old.step)
        )
        return Said(said.field, said.text, span, fault=fault)
    numbers = old if isinstance(old, tuple) else (old,)
    if not all(isinstance(n, int | Decimal) for n in numbers):
        return replace(said, fault=ProblemCode.VALUE_INVALID, value=None)
    values = [new(n) for n in numbers if isinstance(n, int | Decimal)]
    if fault := worst_fault(said.field, values):
        near = specs.nearest(said.field, values[0]) if len(values) == 1 else None
        return Said(said.field, said.text, fault=fault, near=near)
    settled = tuple(specs.number(v) for v in values)
    return Said(said.field, said.text, settled[0] if len(settled) == 1 else settled)


def _check_added(text: Settled, reading: Reading, before: Request | None) -> None:
    """Δ is decode plus tool result: all three said must agree, and no difference may be negative."""
    merged = merged_fields(text, reading, before)
    touched = set(ADDED_DECODE_TOOL)
    if not touched & set(text.values) or Field.TOKENS_ADDED_PER_TURN in text.faults:
        return
    if added_conflict(*(merged.get(target) for target in ADDED_DECODE_TOOL)):
        text.values.pop(Field.TOKENS_ADDED_PER_TURN, None)
        pieces = [s.text for s in reading.said if s.field in touched]
        text.faults[Field.TOKENS_ADDED_PER_TURN] = _problem(
            ProblemCode.VALUE_CONFLICT, Field.TOKENS_ADDED_PER_TURN, ", ".join(dict.fromkeys(pieces)),
            hint="tokens added per turn are decode plus tool result: leave one of the three out",
        )  # fmt: skip


def merged_fields(text: Settled, reading: Reading, before: Request | None) -> dict[Field, Value]:
    fields = dict(before.fields) if before else {}
    for target in reading.removed:
        fields.pop(target, None)
    new = set(text.values)
    if Field.TOKENS_ADDED_PER_TURN in new:
        fields.pop(Field.TOOL_RESULT_TOKENS_PER_TURN, None)
    if Field.TOOL_RESULT_TOKENS_PER_TURN in new:
        fields.pop(Field.TOKENS_ADDED_PER_TURN, None)
    fields.update(text.values)
    for target in text.faults:
        fields.pop(target, None)
    return fields


# -- problems --------------------------------------------------------------------------------------------


def _value_problem(said: Said) -> Problem:
    assert said.fault is not None
    times = None if said.factor is None or said.near else quotient(said.factor, said.divisor)
    return replace(_problem(said.fault, said.field, said.text), near=said.near, times=times)


def _problem(code: ProblemCode, target: Field, text: str, hint: str = "") -> Problem:
    if not hint:
        allowed = specs.RANGES.get(target)
        hint = str(allowed) if allowed else _OTHER_HINTS[target]
    return Problem(code=code, field=target, text=text, hint=hint)


_OTHER_HINTS = {
    Field.GPU_TYPE: ", ".join(specs.GPU_TYPES),
    Field.AS_OF: "a day up to today, as in `as of 2026-05-16`",
}
