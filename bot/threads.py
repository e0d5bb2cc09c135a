"""What a thread keeps for its next question: the request, and what of it was refused and is still to be said. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.formatting.request_wording import takes
from bot.formatting.wording import listed
from bot.requests import Field, ProblemCode, Request, as_json

_OPEN = "open"

_MODEL_PROBLEMS = frozenset({ProblemCode.MODEL_UNKNOWN, ProblemCode.MODEL_AMBIGUOUS})
_VALUE_PROBLEMS = frozenset(
    {ProblemCode.VALUE_CONFLICT, ProblemCode.VALUE_INVALID, ProblemCode.VALUE_OUT_OF_RANGE}
)


def to_keep(request: Request, *, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A request as its thread keeps it, without a word that was typed.

    Of a refused model none is kept, so that the next question has to name one; a refused value stays open, so that
    no later price leaves it out unseen, and so does what is open in `before`, which the thread kept until now.
    """
    refused = any(problem.code in _MODEL_PROBLEMS for problem in request.problems)
    values = {p.field for p in request.problems if p.field and p.code in _VALUE_PROBLEMS}
    values |= {*still_open(before, request)}
    models = () if refused else request.models
    kept = as_json(replace(request, models=models, problems=()))
    return {**kept, _OPEN: sorted(values)} if values else kept


def still_open(kept: Mapping[str, Any] | None, request: Request) -> tuple[Field, ...]:
    """The fields that were refused in a thread, and that its next request neither says nor asks for."""
    fields = [Field(name) for name in (kept or {}).get(_OPEN, ()) if name in list(Field)]
    settled = {*request.fields, request.solve_for}
    return tuple(field for field in fields if field not in settled)


def open_text(fields: Sequence[Field]) -> str:
    """What to say before anything is priced in this thread."""
    named = listed(f"`{field}`" for field in fields)
    return f"{named} could not be read before, and is still to be said: {takes(fields[0])}. Or `start over`."
