"""From what a text says to the request: intents, follow-ups, conflicts, and what is missing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from pricing.shapes import presets

from . import fields as specs
from .beside import Beside
from .intents import Asked
from .names import Mention, Names
from .numbers import product
from .reading import Reading
from .request import Field, Intent, Number, Problem, ProblemCode, Request, Span, Value, has_several
from .values import ADDED_DECODE_TOOL, Said, added_conflict, worst_fault

_ANEW = (Intent.ESTIMATE, Intent.COMPARE, Intent.SWEEP)
_STAY = (Intent.LIMITS, Intent.EXPLAIN, Intent.SOLVE)
_NEED_A_MODEL = (Intent.ESTIMATE, Intent.SWEEP, Intent.LIMITS, Intent.SOLVE, Intent.EXPLAIN)
_SOLVE_NEEDS = {Field.EPISODES: Field.BUDGET_USD, Field.GPUS: Field.DEADLINE_HOURS}
_EXPORTED = (*_ANEW, *_STAY, Intent.RATES, Intent.SHAPES)
"""Whose answers another text can ask for as a file."""
_MOST_HINTS = 4
_DROPPED = re.compile(
    r"\b(?:drop|remove|without|exclude|excluding|except|forget|skip|not|minus|ditch|omit|replace|swap(?: out)?"
    r"|instead of|rather than|switch(?:ing)? from|mov(?:e|ing) from)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
"""Before a model: it is not wanted (*k2.5, not k2.6*; *replace k2.6 with k2.5*)."""


@dataclass(slots=True)
class _Text:
    """What one text says, with its fields settled against the request before it."""

    named: list[str] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)
    model_problems: list[Problem] = field(default_factory=list)
    values: dict[Field, Value] = field(default_factory=dict)
    faults: dict[Field, Problem] = field(default_factory=dict)
    others: list[Problem] = field(default_factory=list)


def understand(
    reading: Reading, asked: Asked, names: Names, previous: Request | None, aside: Beside
) -> Request:
    """The request of a text that was read, as the first of its thread or as a follow-up of `previous`."""
    before = None if asked.start_over else previous
    text = _settle(reading, asked, names, before)
    said_nothing = not (
        text.dropped
        or text.named or text.model_problems or text.values or text.faults or text.others or reading.keys
        or reading.numbers or reading.removed or aside.says_something
    )  # fmt: skip
    models = _models(text, asked, before)
    fields = _merge(text, reading, before)
    named_count = len(text.named) + len(text.model_problems)
    only_export = bool(aside.export) and _is_export_alone(aside, reading, asked)
    if aside.listing:
        intent = Intent.SHAPES
    elif before and only_export and before.intent in _EXPORTED:
        intent = before.intent
    elif before is None:
        intent = _first_intent(asked, named_count, fields, said_nothing=said_nothing)
    else:
        intent = _next_intent(text, asked, models, fields, before, said_nothing=said_nothing)
    solve_for = _solve_for(intent, asked, fields, before)
    if solve_for:
        fields.pop(solve_for, None)
        text.faults.pop(solve_for, None)
    problems = [
        *aside.problems,
        *text.model_problems,
        *_missing(intent, models, text, fields, solve_for),
        *text.faults.values(),
    ]
    return Request(
        intent=intent,
        models=tuple(models),
        fields=fields,
        problems=(*problems, *text.others),
        solve_for=solve_for,
        paths=asked.paths or (before.paths if before and intent is before.intent else ()),
        action=asked.action,
        preset=_preset(aside, before),
        prefix=aside.prefix or (before.prefix if before and intent is before.intent else None),
        export=aside.export,
    )


def _preset(aside: Beside, before: Request | None) -> str | None:
    """The preset in force: the one named, else the one before; none where it was dropped or two were named."""
    if aside.named or aside.dropped or aside.problems:
        return aside.preset if not aside.problems else None
    return before.preset if before else None


def _is_export_alone(aside: Beside, reading: Reading, asked: Asked) -> bool:
    """Whether a text asks for a file and for nothing else."""
    said = aside.named or aside.dropped or reading.said or reading.mentions or reading.removed
    return not (said or asked.first_word or asked.sentence)


# -- models ----------------------------------------------------------------------------------------------


def _settle(reading: Reading, asked: Asked, names: Names, before: Request | None) -> _Text:
    text = _Text(others=list(reading.problems))
    mentions = reading.mentions or _first_word_mention(reading, names, before)
    dropped = [m for m in mentions if m.key and _DROPPED.search(reading.text, 0, m.start)]
    text.named = list(dict.fromkeys(m.key for m in mentions if m.key and m not in dropped))
    if not reading.mentions and mentions:
        text.others = [p for p in text.others if p.text not in mentions[0].text]
    text.dropped = {m.key for m in dropped if m.key} - set(text.named)
    unclear = {
        m.text.lower(): m for m in mentions if not m.key and not set(m.models) & set(text.named)
    }
    text.model_problems = [
        names.problem(mention, hinted=count < _MOST_HINTS)
        for count, mention in enumerate(unclear.values())
    ]
    _settle_fields(text, reading, before, swept=asked.first_word is Intent.SWEEP)
    _check_added(text, reading, before)
    return text


def _first_word_mention(reading: Reading, names: Names, before: Request | None) -> list[Mention]:
    """A first word that looks like a model stands in a model's place where no model is named anywhere."""
    word = reading.first_word
    if not word or (before is not None and before.models):
        return []
    if reading.only_pairs or any(c.isdigit() or c in "-/" for c in word):
        return [names.in_place(word, 0)]
    return []


def _models(text: _Text, asked: Asked, before: Request | None) -> list[str]:
    if before is None:
        return text.named
    if text.dropped:
        kept = [key for key in before.models if key not in text.dropped]
        return list(dict.fromkeys([*kept, *text.named]))
    if asked.all_models and not text.named:
        return []
    if text.model_problems or not text.named:
        return list(before.models)
    added = asked.also or (asked.with_one and len(text.named) == 1)
    return list(dict.fromkeys([*before.models, *text.named])) if added else text.named


# -- fields ----------------------------------------------------------------------------------------------


def _settle_fields(text: _Text, reading: Reading, before: Request | None, *, swept: bool) -> None:
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
            return product(Decimal(value), said.factor)
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
        return Said(said.field, said.text, fault=ProblemCode.VALUE_INVALID)
    values = [new(n) for n in numbers if isinstance(n, int | Decimal)]
    if fault := worst_fault(said.field, values):
        return Said(said.field, said.text, fault=fault)
    settled = tuple(specs.number(v) for v in values)
    return Said(said.field, said.text, settled[0] if len(settled) == 1 else settled)


def _check_added(text: _Text, reading: Reading, before: Request | None) -> None:
    """Δ is decode plus tool result: all three said must agree, and no difference may be negative."""
    merged = _merge(text, reading, before)
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


def _merge(text: _Text, reading: Reading, before: Request | None) -> dict[Field, Value]:
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


# -- intents ---------------------------------------------------------------------------------------------


def _first_intent(
    asked: Asked, named: int, fields: Mapping[Field, Value], *, said_nothing: bool
) -> Intent:
    if asked.first_word is Intent.COMPARE:
        return Intent.ESTIMATE if named == 1 else Intent.COMPARE
    if asked.first_word or asked.sentence:
        return asked.first_word or asked.sentence or Intent.HELP
    if named >= 2 or (asked.compare and named == 0) or asked.all_models:
        return Intent.COMPARE
    if has_several(fields):
        return Intent.SWEEP
    return Intent.HELP if said_nothing and not asked.estimate else Intent.ESTIMATE


def _next_intent(
    text: _Text,
    asked: Asked,
    models: list[str],
    fields: Mapping[Field, Value],
    before: Request,
    *,
    said_nothing: bool,
) -> Intent:
    joined = asked.also or asked.with_one or asked.compare_word
    together = len(models) + (len(text.model_problems) if joined else 0)
    if asked.first_word is Intent.COMPARE:
        return Intent.ESTIMATE if together == 1 else Intent.COMPARE
    if asked.first_word in _ANEW and asked.first_word is not Intent.SWEEP and not asked.sentence:
        return _anew(together, fields, before, asked)
    if asked.first_word or asked.sentence:
        return asked.first_word or asked.sentence or Intent.NONE
    if (asked.compare_word and (text.named or text.model_problems)) or asked.all_models:
        return Intent.COMPARE if together != 1 else Intent.ESTIMATE
    if said_nothing and not asked.estimate_asked:
        if asked.start_over:
            return Intent.HELP
        return Intent.HELP if asked.help else Intent.NONE
    if before.intent in _STAY and not asked.estimate_asked:
        return before.intent
    shape = (set(text.values) | set(text.faults)) - {Field.AS_OF, Field.GPU_TYPE}
    if before.intent is Intent.RATES and not shape and not asked.estimate_asked:
        return Intent.RATES
    return _anew(together, fields, before, asked)


def _anew(models: int, fields: Mapping[Field, Value], before: Request, asked: Asked) -> Intent:
    all_models = models == 0 and (before.intent is Intent.COMPARE or asked.compare)
    if models >= 2 or all_models:
        return Intent.COMPARE
    return Intent.SWEEP if has_several(fields) else Intent.ESTIMATE


def _solve_for(
    intent: Intent, asked: Asked, fields: Mapping[Field, Value], before: Request | None
) -> Field | None:
    if intent is not Intent.SOLVE:
        return None
    if asked.solve_for:
        return asked.solve_for
    if before and before.solve_for:
        return before.solve_for
    if Field.BUDGET_USD in fields:
        return Field.EPISODES
    return Field.GPUS if Field.DEADLINE_HOURS in fields else Field.TURNS


# -- problems --------------------------------------------------------------------------------------------


def _missing(
    intent: Intent,
    models: list[str],
    text: _Text,
    fields: Mapping[Field, Value],
    solve_for: Field | None,
) -> list[Problem]:
    found: list[Problem] = []
    if intent in _NEED_A_MODEL and not models and not text.model_problems:
        found.append(
            Problem(
                code=ProblemCode.MODEL_MISSING,
                text="",
                hint="name a model, as in `kimi-k2p6 turns=20`",
            )
        )
    needed = _SOLVE_NEEDS.get(solve_for) if solve_for else None
    if needed and needed not in fields and needed not in text.faults:
        example = "`$10k`" if needed is Field.BUDGET_USD else "`in 6 hours`"
        found.append(
            Problem(
                code=ProblemCode.FIELD_MISSING,
                field=needed,
                text="",
                hint=f"say it, as in {example}",
            )
        )
    return found


def _value_problem(said: Said) -> Problem:
    assert said.fault is not None
    return _problem(said.fault, said.field, said.text)


def _problem(code: ProblemCode, target: Field, text: str, hint: str = "") -> Problem:
    if not hint:
        allowed = specs.RANGES.get(target)
        hint = str(allowed) if allowed else _OTHER_HINTS[target]
    return Problem(code=code, field=target, text=text, hint=hint)


_OTHER_HINTS = {
    Field.GPU_TYPE: ", ".join(specs.GPU_TYPES),
    Field.AS_OF: "a day up to today, as in `as of 2026-05-16`",
}
