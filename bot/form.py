"""A submitted form -> Request, with an error at each field that cannot be read. Pure: what Slack sends comes in as it is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.formatting.form_view import MODEL, MORE_FIELDS, NO_PRESET, PRESET, RUN_FIELDS
from bot.formatting.request_wording import problem_text
from bot.requests import Field, Intent, Problem, ProblemCode, Request, Value
from bot.requests import fields as specs
from bot.requests.values import ADDED_DECODE_TOOL, added_conflict
from pricing.catalogue import Catalogue
from pricing.shapes import presets

# Commas between groups of three; any other comma could be a decimal point.
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")

FIELDS = (*RUN_FIELDS, *MORE_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A request, or what is wrong: a sentence for each block of the form."""

    request: Request | None
    errors: Mapping[str, str]


def submitted(
    state: Mapping[str, Any], *, catalogue: Catalogue, today: date, paths: tuple[str, ...] = ()
) -> Submission:
    """The request that the values of a form describe. `paths` are those of the request that the form was filled with."""
    typed = typed_values(state)
    errors: dict[str, str] = {}
    model = typed.get(MODEL, "")
    if model not in catalogue:
        errors[MODEL] = "Choose one of the models in the list."
    preset = typed.get(PRESET, NO_PRESET)
    if preset != NO_PRESET and preset not in presets():
        errors[PRESET] = "Choose one of the presets in the list."
    fields: dict[Field, Value] = {}
    for field, text in _of_fields(typed):
        value = _value(field, text, today=today)
        if isinstance(value, Problem):
            errors[field] = _said(value)
        else:
            fields[field] = value
    if not errors and (problem := _conflict(fields)):
        errors[Field.TOKENS_ADDED_PER_TURN] = _said(problem)
    if errors:
        return Submission(request=None, errors=errors)
    request = Request(
        intent=Intent.ESTIMATE,
        models=(model,),
        fields=fields,
        paths=paths,
        preset=preset if preset != NO_PRESET else None,
    )
    return Submission(request=request, errors={})


def readable_values(state: Mapping[str, Any], *, today: date) -> dict[str, Value | str]:
    """What stands in a form's inputs and could be sent, by block: a form cannot be drawn with anything else."""
    typed = typed_values(state)
    chosen: dict[str, Value | str] = {
        name: typed[name] for name in (MODEL, PRESET) if name in typed
    }
    values = {field.value: _value(field, text, today=today) for field, text in _of_fields(typed)}
    return chosen | {
        name: value for name, value in values.items() if not isinstance(value, Problem)
    }


def typed_values(state: Mapping[str, Any]) -> dict[str, str]:
    """What stands in a form's inputs, by block; empty ones are left out."""
    found: dict[str, str] = {}
    for block, inputs in state.items():
        for element in inputs.values():
            option = element.get("selected_option") or {}
            text = element.get("value") or element.get("selected_date") or option.get("value")
            if text:
                found[block] = str(text).strip()
    return found


def _of_fields(typed: Mapping[str, str]) -> Iterator[tuple[Field, str]]:
    return ((field, typed[field]) for field in FIELDS if typed.get(field))


def _value(field: Field, text: str, *, today: date) -> Value | Problem:
    """One input's value. Slack checks numbers and ranges too, but not in every client."""
    if field is Field.GPU_TYPE:
        known = text in specs.GPU_TYPES
        return text if known else _problem(ProblemCode.VALUE_INVALID, field, text)
    if field is Field.AS_OF:
        return _day(text, today=today)
    try:
        value = Decimal(text.replace(",", "") if _GROUPED.fullmatch(text) else text)
    except InvalidOperation:
        return _problem(ProblemCode.VALUE_INVALID, field, text)
    fault = specs.fault(field, value)
    return _problem(fault, field, text) if fault else specs.number(value)


def _day(text: str, *, today: date) -> date | Problem:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _problem(ProblemCode.VALUE_INVALID, Field.AS_OF, text)
    return day if day <= today else _problem(ProblemCode.VALUE_OUT_OF_RANGE, Field.AS_OF, text)


def _conflict(fields: Mapping[Field, Value]) -> Problem | None:
    added, decode, tool = (fields.get(field) for field in ADDED_DECODE_TOOL)
    if not added_conflict(added, decode, tool):
        return None
    said = f"{added} added"
    return _problem(ProblemCode.VALUE_CONFLICT, Field.TOKENS_ADDED_PER_TURN, said)


def _problem(code: ProblemCode, field: Field, text: str) -> Problem:
    return Problem(code=code, field=field, text=text)


def _said(problem: Problem) -> str:
    """The sentence as plain text, which knows no code marks."""
    return problem_text(problem, example_model="").replace("`", "")
