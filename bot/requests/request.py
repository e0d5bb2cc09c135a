"""What reading a text gives: the request, its fields and its problems. The vocabulary of the language.

Values carry their unit in the field's name; whole counts are `int`, throughput, dollars and hours are
`int` where whole and exact `Decimal` otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Intent(StrEnum):
    """What the text asks for."""

    ESTIMATE = "estimate"
    COMPARE = "compare"
    SWEEP = "sweep"
    LIMITS = "limits"
    SOLVE = "solve"
    RATES = "rates"
    EXPLAIN = "explain"
    DIGEST = "digest"
    SHAPES = "shapes"
    HELP = "help"
    NONE = "none"


class Field(StrEnum):
    """What a request can set; docs/requests.md gives the ranges."""

    TURNS = "turns"
    EPISODES = "episodes"
    INITIAL_PROMPT_TOKENS = "initial_prompt_tokens"
    TOKENS_ADDED_PER_TURN = "tokens_added_per_turn"
    TOOL_RESULT_TOKENS_PER_TURN = "tool_result_tokens_per_turn"
    DECODE_TOKENS_PER_TURN = "decode_tokens_per_turn"
    GPUS = "gpus"
    GPU_TYPE = "gpu_type"
    PROMPT_TPS = "prompt_tps"
    DECODE_TPS = "decode_tps"
    BUDGET_USD = "budget_usd"
    DEADLINE_HOURS = "deadline_hours"
    AS_OF = "as_of"


SOLVED = (Field.EPISODES, Field.TURNS, Field.GPUS)
"""The fields whose value can be asked for."""
CLUSTER_FIELDS = (Field.GPUS, Field.GPU_TYPE, Field.PROMPT_TPS, Field.DECODE_TPS)
"""What belongs together: a throughput is that of so many GPUs of a type."""


class ProblemCode(StrEnum):
    """Why a piece of a text could not be read."""

    MODEL_MISSING = "model_missing"
    MODEL_UNKNOWN = "model_unknown"
    MODEL_AMBIGUOUS = "model_ambiguous"
    FIELD_UNKNOWN = "field_unknown"
    FIELD_MISSING = "field_missing"
    VALUE_INVALID = "value_invalid"
    VALUE_OUT_OF_RANGE = "value_out_of_range"
    VALUE_CONFLICT = "value_conflict"
    UNPLACED = "unplaced"


Number = int | Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Values from `start` to `end`, both included; `step` None leaves the cut to the answer."""

    start: Number
    end: Number
    step: Number | None = None


Value = Number | str | date | tuple[Number, ...] | Span


def several_values(fields: Mapping[Field, Value]) -> tuple[Field, ...]:
    """The fields that have more than one value, so that no single run is described."""
    return tuple(field for field, value in fields.items() if isinstance(value, tuple | Span))


def has_several(fields: Mapping[Field, Value]) -> bool:
    """Whether a field has several values."""
    return bool(several_values(fields))


def whole_of(fields: Mapping[Field, Value], field: Field) -> int | None:
    """A field's whole number, None where it has none or is not said."""
    value = fields.get(field)
    return value if isinstance(value, int) else None


def number_of(fields: Mapping[Field, Value], field: Field) -> Decimal | None:
    """A field's number, None where it has none or is not said."""
    value = fields.get(field)
    return Decimal(value) if isinstance(value, int | Decimal) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A piece of the text that was not read: `text` is the piece, `hint` what to type instead.

    `near`: the value of the field that what was said comes nearest to, where there is one. `times`: what was to be
    multiplied by this, and has no value.
    """

    code: ProblemCode
    field: Field | None = None
    text: str
    hint: str = ""
    near: Value | None = None
    times: Decimal | None = None


BOTH = "both"
EXPORTS = ("csv", "quote", BOTH)
"""The files that an answer can be had as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One text, read. `fields` holds only what was said, each valid; the rest is in `problems`.

    `preset` fills what they leave open, and `prefix` is how the names of the presets listed begin. `export`: the answer
    is wanted as a file too, one of `EXPORTS`. `stated` is what a follow-up says of the field that a solve asks for: the
    run with that value is meant, until the question is asked again.
    """

    intent: Intent
    models: tuple[str, ...] = ()
    fields: Mapping[Field, Value]
    problems: tuple[Problem, ...] = ()
    solve_for: Field | None = None
    stated: Value | None = None
    paths: tuple[str, ...] = ()
    action: str | None = None
    preset: str | None = None
    prefix: str | None = None
    export: str | None = None
