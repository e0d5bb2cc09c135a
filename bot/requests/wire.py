"""Requests as JSON, both ways: what `rlcost parse` prints, and the `previous` that a follow-up brings."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from . import fields as specs
from .request import Field, Intent, Number, Problem, ProblemCode, Request, Span, Value


def as_json(request: Request) -> dict[str, Any]:
    """The request as the language's contract prints it; keys that say nothing are left out."""
    found: dict[str, Any] = {
        "intent": request.intent.value,
        "models": list(request.models),
        "fields": {field.value: _value(value) for field, value in request.fields.items()},
        "problems": [
            {
                "code": p.code.value,
                "field": p.field.value if p.field else None,
                "text": p.text,
                "hint": p.hint,
            }
            for p in request.problems
        ],
    }
    if request.solve_for:
        found["solve_for"] = request.solve_for.value
    if request.paths:
        found["paths"] = list(request.paths)
    if request.action:
        found["action"] = request.action
    return found


def _value(value: Value) -> Any:
    if isinstance(value, Span):
        step = {} if value.step is None else {"step": _number(value.step)}
        return {"from": _number(value.start), "to": _number(value.end), **step}
    if isinstance(value, tuple):
        return [_number(n) for n in value]
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else _number(value)


def _number(value: Number) -> int | float:
    return value if isinstance(value, int) else float(value)


def from_json(raw: object) -> Request:
    """A request that was printed before. Raises ValueError, in one sentence, for what is none."""
    if not isinstance(raw, Mapping):
        raise ValueError("`previous` is not a JSON object, as `rlcost parse` prints one")
    try:
        fields = {
            Field(name): _from_json_value(Field(name), value)
            for name, value in dict(raw.get("fields") or {}).items()
        }
        solve_for = raw.get("solve_for")
        return Request(
            intent=Intent(raw.get("intent", "help")),
            models=_strings(raw.get("models")),
            fields=fields,
            problems=tuple(_problem(p) for p in raw.get("problems") or ()),
            solve_for=Field(solve_for) if solve_for else None,
            paths=_strings(raw.get("paths")),
            action=str(raw["action"]) if raw.get("action") else None,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(
            f"`previous` is not a request as `rlcost parse` prints one: {error}"
        ) from error


def _strings(raw: object) -> tuple[str, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
        raise ValueError(f"`{raw}` is not a list of names")
    return tuple(raw)


def _problem(raw: Mapping[str, Any]) -> Problem:
    field = raw.get("field")
    return Problem(
        code=ProblemCode(raw["code"]),
        field=Field(field) if field else None,
        text=str(raw.get("text", "")),
        hint=str(raw.get("hint", "")),
    )


def _from_json_value(field: Field, raw: object) -> Value:
    if field is Field.AS_OF:
        return date.fromisoformat(str(raw))
    if field is Field.GPU_TYPE:
        if raw not in specs.GPU_TYPES:
            raise ValueError(f"`{raw}` is no GPU type")
        return str(raw)
    if isinstance(raw, list) and raw:
        return tuple(_checked(field, item) for item in raw)
    if isinstance(raw, Mapping):
        step = raw.get("step")
        return Span(
            start=_checked(field, raw["from"]),
            end=_checked(field, raw["to"]),
            step=None if step is None else specs.number(_decimal(step)),
        )
    return _checked(field, raw)


def _checked(field: Field, raw: object) -> Number:
    value = _decimal(raw)
    if specs.fault(field, value):
        raise ValueError(f"`{raw}` cannot stand in {field.value} ({specs.RANGES[field]})")
    return specs.number(value)


def _decimal(raw: object) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise ValueError(f"`{raw}` is no number")
    return Decimal(str(raw))
