"""What a preset gives a run: the fields that it fills, where nothing that is said comes before it."""

from collections.abc import Container

from bot.requests.request import Field, Request
from pricing.shapes import Shape, presets

_ADDED, _DECODE = Field.TOKENS_ADDED_PER_TURN, Field.DECODE_TOKENS_PER_TURN


def preset_of(request: Request) -> Shape | None:
    """The preset that a request names."""
    return presets().get(request.preset) if request.preset else None


def preset_values(preset: Shape | None) -> dict[Field, int]:
    """The fields of a run that a preset knows, with its values."""
    if preset is None:
        return {}
    return {
        Field.TURNS: preset.turns,
        Field.INITIAL_PROMPT_TOKENS: preset.initial_prompt_tokens,
        _ADDED: preset.tokens_added_per_turn,
        _DECODE: preset.decode_tokens_per_turn,
    }


def preset_fields_of(fields: Container[str], preset: Shape | None) -> tuple[Field, ...]:
    """The fields that the preset fills: those not said, and not the sum or difference of what is.

    Of Δ, decode and tool result two give the third: a tool result said makes Δ a sum, or with Δ said decode.
    """
    sum_or_rest = worked_out(fields)
    return tuple(
        field for field in preset_values(preset) if field not in fields and field != sum_or_rest
    )


def worked_out(fields: Container[str]) -> Field | None:
    """Which of Δ and decode follows from a tool result that is said; None without one."""
    if Field.TOOL_RESULT_TOKENS_PER_TURN not in fields:
        return None
    return _DECODE if _ADDED in fields else _ADDED
