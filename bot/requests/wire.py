"""Requests as JSON, both ways: what `rlcost parse` prints, and the `previous` that a follow-up brings."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from pricing.shapes import presets

from . import fields as specs
from .path_words import PATHS
from .phrases import COUNTED
from .request import EXPORTS, Field, Intent, Number, Problem, ProblemCode, Request, Span, Value
from .values import ADDED_DECODE_TOOL, added_conflict


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
    if request.stated is not None:
        found["stated"] = _value(request.stated)
    if request.paths:
        found["paths"] = list(request.paths)
    if request.action:
        found["action"] = request.action
    if request.preset:
        found["preset"] = request.preset
    if request.prefix:
        found["prefix"] = request.prefix
    if request.export:
        found["export"] = request.export
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
    """A request that was printed before. Raises ValueError, in one sentence, for what no reading could have given.

    Whether its models are covered and its day has been is the caller's to check, who knows both.
    """
    if not isinstance(raw, Mapping):
        raise ValueError("`previous` is not a JSON object, as `rlcost parse` prints one")
    fields = {_named(Field, name): value for name, value in _object(raw, "fields").items()}
    solve_for = _solved(raw.get("solve_for"))
    return _consistent(
        Request(
            intent=_named(Intent, raw.get("intent", "help")),
            models=_strings(raw, "models"),
            fields={field: _from_json_value(field, value) for field, value in fields.items()},
            problems=tuple(_problem(problem) for problem in _list(raw, "problems")),
            solve_for=solve_for,
            stated=_stated(solve_for, raw.get("stated")),
            paths=_paths(raw),
            action=_text(raw, "action") or None,
            preset=_preset(_text(raw, "preset")),
            prefix=_prefix(_text(raw, "prefix")),
            export=_export(_text(raw, "export")),
        )
    )


def _refuse(what: str) -> ValueError:
    return ValueError(f"`previous` is not a request as `rlcost parse` prints one: {what}")


_Name = TypeVar("_Name", bound=StrEnum)


def _named(kind: type[_Name], name: object) -> _Name:
    if name not in list(kind):
        raise _refuse(f"`{name}` is no {kind.__name__.lower()}")
    return kind(str(name))


def _object(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = raw.get(key) or {}
    if not isinstance(found, Mapping):
        raise _refuse(f"`{key}` is not an object")
    return found


def _list(raw: Mapping[str, Any], key: str) -> list[Any]:
    found = raw.get(key) or []
    if not isinstance(found, list):
        raise _refuse(f"`{key}` is not a list")
    return found


def _strings(raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = _list(raw, key)
    if not all(isinstance(item, str) for item in found):
        raise _refuse(f"`{key}` is not a list of names")
    return tuple(found)


def _text(raw: Mapping[str, Any], key: str) -> str:
    found = raw.get(key) or ""
    if not isinstance(found, str):
        raise _refuse(f"`{key}` is not a text")
    return found


def _solved(name: object) -> Field | None:
    if not name:
        return None
    if name not in list(COUNTED):
        raise _refuse(f"`{name}` is nothing to solve for")
    return Field(str(name))


def _stated(solve_for: Field | None, raw: object) -> Value | None:
    if raw is None:
        return None
    if solve_for is None:
        raise _refuse("`stated` is a value of what is solved for, and nothing is")
    return _from_json_value(solve_for, raw)


def _paths(raw: Mapping[str, Any]) -> tuple[str, ...]:
    paths = _strings(raw, "paths")
    unknown = next((path for path in paths if path not in PATHS), None)
    if unknown:
        raise _refuse(f"`{unknown}` is no path")
    return paths


def _preset(name: str) -> str | None:
    if name and name not in presets():
        raise _refuse(f"`{name}` is no preset")
    return name or None


def _prefix(name: str) -> str | None:
    if name and not presets().beginning(name):
        raise _refuse(f"no preset begins with `{name}`")
    return name or None


def _export(form: str) -> str | None:
    if form and form not in EXPORTS:
        raise _refuse(f"`{form}` is no form of a file")
    return form or None


def _problem(raw: object) -> Problem:
    if not isinstance(raw, Mapping):
        raise _refuse("a problem is not an object")
    field = raw.get("field")
    return Problem(
        code=_named(ProblemCode, raw.get("code")),
        field=_named(Field, field) if field else None,
        text=_text(raw, "text"),
        hint=_text(raw, "hint"),
    )


def _from_json_value(field: Field, raw: object) -> Value:
    if field is Field.AS_OF:
        return _day(raw)
    if field is Field.GPU_TYPE:
        if raw not in specs.GPU_TYPES:
            raise _refuse(f"`{raw}` is no GPU type")
        return str(raw)
    if isinstance(raw, list | Mapping) and field in specs.ONE_VALUE_FIELDS:
        raise _refuse(f"`{field}` takes one value")
    if isinstance(raw, list):
        values = tuple(dict.fromkeys(_checked(field, item) for item in raw))
        if len(values) < 2:
            raise _refuse(f"`{field}` is a list of fewer than two values")
        return values
    return _span(field, raw) if isinstance(raw, Mapping) else _checked(field, raw)


def _day(raw: object) -> date:
    try:
        return date.fromisoformat(str(raw))
    except ValueError as error:
        raise _refuse(f"`{raw}` is no day") from error


def _span(field: Field, raw: Mapping[str, Any]) -> Span:
    start, end = _checked(field, raw.get("from")), _checked(field, raw.get("to"))
    step = None if raw.get("step") is None else _decimal(raw["step"])
    if start >= end or (step is not None and step <= 0):
        raise _refuse(f"the range of `{field}` does not rise")
    return Span(start=start, end=end, step=None if step is None else specs.number(step))


def _checked(field: Field, raw: object) -> Number:
    value = _decimal(raw)
    if specs.fault(field, value):
        raise _refuse(f"`{raw}` cannot stand in `{field}` ({specs.RANGES[field]})")
    return specs.number(value)


def _decimal(raw: object) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise _refuse(f"`{raw}` is no number")
    value = Decimal(str(raw))
    if not value.is_finite():
        raise _refuse(f"`{raw}` is no number")
    return value


def _consistent(request: Request) -> Request:
    added, decode, tool = (request.fields.get(field) for field in ADDED_DECODE_TOOL)
    if added_conflict(added, decode, tool):
        raise _refuse("its tokens added per turn are not decode plus tool result")
    return request
