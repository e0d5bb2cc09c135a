"""The corrected request, where one is near: what to click or type instead."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from bot.requests.normalise import MENTION
from bot.requests.numbers import hours_of_minutes
from bot.requests.request import (
    SOLVED,
    Field,
    Intent,
    Problem,
    ProblemCode,
    Request,
    Span,
    Value,
    has_several,
)
from pricing.shapes import presets

_INTENT_WORDS: Mapping[Intent, str] = {
    Intent.ESTIMATE: "",
    Intent.SWEEP: "",
    Intent.COMPARE: "compare",
    Intent.LIMITS: "limits",
    Intent.RATES: "rates",
    Intent.EXPLAIN: "explain",
    Intent.SOLVE: "",
}

# What a solve is shown with where it lacks what it needs.
_EXAMPLES: Mapping[Field, str] = {
    Field.BUDGET_USD: "budget=$10k",
    Field.DEADLINE_HOURS: "deadline=6h",
}

# What a sweep of nothing is shown with.
_EXAMPLE_SWEEP = "turns=1..20"

# How alike two names must be, of 1, for one to be offered as a correction of the other.
_NEAR = 0.6


def suggestion(request: Request, *, example_model: str) -> str | None:
    """The request with each problem mended, as text; None where one of them has no near remedy.

    A value out of range becomes the nearest one in it, an unknown name the first that the problem hints at,
    and a missing model the example.
    """
    word = _INTENT_WORDS.get(request.intent)
    if request.solve_for:
        word = f"solve {request.solve_for}"
    if word is None:
        return None
    several = has_several(request.fields) or any(_is_several(p.near) for p in request.problems)
    if request.intent is Intent.SWEEP and len(request.models) > 1:
        word = "sweep"  # without the word several models are compared
    paths = [path.replace("_", " ") for path in request.paths]
    models, pieces = list(request.models), [_written(f, v) for f, v in request.fields.items()]
    if request.preset:
        pieces.insert(0, request.preset)
    turns_at_fault = any(problem.field is Field.TURNS for problem in request.problems)
    if request.intent is Intent.SWEEP and not several and not turns_at_fault:
        pieces = [piece for piece in pieces if not piece.startswith(f"{Field.TURNS}=")]
        pieces.append(_EXAMPLE_SWEEP)
    for problem in request.problems:
        if problem.field and problem.field is request.solve_for:
            continue  # what is asked for is not said
        remedy = _remedy(problem, example_model=example_model)
        if remedy is None or MENTION in remedy:
            return None
        target = models if problem.code in _MODEL_CODES else pieces
        target.append(remedy)
    return " ".join(piece for piece in (word, *dict.fromkeys(models), *paths, *pieces) if piece)


def _is_several(value: Value | None) -> bool:
    return isinstance(value, tuple | Span)


def as_typed(request: Request) -> str:
    """A request without problems as one types it; empty where it asks for no price."""
    return suggestion(request, example_model="") or ""


_MODEL_CODES = frozenset(
    {ProblemCode.MODEL_MISSING, ProblemCode.MODEL_UNKNOWN, ProblemCode.MODEL_AMBIGUOUS}
)


def _remedy(problem: Problem, *, example_model: str) -> str | None:
    """What to write in place of one problem; empty where leaving it out mends it."""
    match problem.code:
        case ProblemCode.MODEL_MISSING:
            return example_model
        case ProblemCode.MODEL_UNKNOWN | ProblemCode.MODEL_AMBIGUOUS:
            return near_model(problem)
        case ProblemCode.FIELD_UNKNOWN if problem.hint == ", ".join(SOLVED):
            return ""  # an estimate says the rest
        case ProblemCode.FIELD_UNKNOWN:
            return _renamed(problem)
        case ProblemCode.VALUE_OUT_OF_RANGE:
            return "" if problem.field is Field.AS_OF else _near_value(problem)
        case ProblemCode.VALUE_CONFLICT:
            return near_preset(problem)
        case ProblemCode.VALUE_INVALID:
            return near_model(problem) if near_preset(problem) else _near_value(problem)
        case ProblemCode.FIELD_MISSING:
            return _EXAMPLES.get(problem.field) if problem.field else None
        case _:
            return None


def near_model(problem: Problem) -> str | None:
    """The first name that a problem hints at, if it resembles what was typed."""
    from difflib import SequenceMatcher

    name = problem.hint.split(",")[0].strip()
    alike = SequenceMatcher(None, _letters(problem.text), _letters(name)).ratio()
    return name if alike >= _NEAR or _letters(problem.text) in _letters(name) else None


def near_preset(problem: Problem) -> str | None:
    """The first preset that a problem with a preset hints at; None for any other problem."""
    name = problem.hint.split(",")[0].strip()
    return name if problem.field is None and name in presets() else None


def _letters(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _renamed(problem: Problem) -> str | None:
    """`turnz=20` with the one key that is near, its value as it was written."""
    _, separator, value = problem.text.replace(":", "=", 1).partition("=")
    if not separator or not value.strip() or "," in problem.hint or not problem.hint:
        return None
    return f"{problem.hint}={value.strip()}"


def _near_value(problem: Problem) -> str | None:
    if problem.field is None or problem.near is None:
        return None
    return _written(problem.field, problem.near)


def _written(field: Field, value: Value) -> str:
    """A field as `key=value`; in a list a comma with a space behind it always separates."""
    match value:
        case tuple():
            text = ", ".join(str(item) for item in value)
        case Span(start=start, end=end, step=step):
            text = f"{start}..{end}" + (f":{step}" if step is not None else "")
        case date():
            text = value.isoformat()
        case _ if field is Field.DEADLINE_HOURS and (minutes := _whole_minutes(value)):
            text = f"{minutes}min"
        case _:
            text = str(value)
    return f"{field}={text}"


def _whole_minutes(hours: Value) -> int | None:
    """A time that is said in minutes and has no end in hours, as a third of an hour; None for any other."""
    if not isinstance(hours, Decimal) or not hours:
        return None
    minutes = round(hours * 60)
    said = hours_of_minutes(Decimal(minutes))
    return minutes if hours == said and hours.quantize(_HUNDREDTH) != hours else None


_HUNDREDTH = Decimal("0.01")
