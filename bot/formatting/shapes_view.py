"""Presets in words: what each episode looks like, how far to trust it, and where it is from."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from bot.answers import Answer
from bot.formatting.figures import number
from bot.formatting.layout import Cell, Figure, Line, Section, Sourced, Table
from bot.formatting.wording import plural
from bot.verdicts import ShapesListed
from engine.workload import count_tokens
from pricing.shapes import Shape

_MODEL, _EXAMPLE = "kimi-k2p6", "swe-pro-sonnet45"

# More presets than this are listed without what was measured and assumed of each.
_MOST_NOTES = 6


def shapes_text(answer: Answer, verdict: ShapesListed) -> str:
    """How many there are, and how to use one."""
    count, example = len(answer.shapes), f"`{answer.shapes[0].name} {_MODEL}`"
    if verdict.prefix is None:
        return (
            f"{plural(count, 'preset')}: shapes of an episode that were measured, capped or published. Name one beside "
            f"a model, such as `{_EXAMPLE} {_MODEL}`; what you say of the run comes before its values. "
            "`shapes swe` lists those that begin so, with what was measured of each."
        )
    if count == 1:
        return f"`{answer.shapes[0].name}` is a preset; name it beside a model, such as {example}."
    of = f"{count} of {plural(verdict.of, 'preset')} begin with `{verdict.prefix}`"
    return f"{of}; name one beside a model, such as {example}."


def shapes_sections(answer: Answer) -> Iterator[Section]:
    """The shapes beside each other, then where each is from."""
    table = Table(
        header=("Preset", "Turns", "1st prompt", "Added", "Decoded", "Peak", "Confidence"),
        rows=tuple(_row(shape) for shape in answer.shapes),
        numeric=frozenset({1, 2, 3, 4, 5}),
    )
    yield Section(title="Presets", table=table)
    with_note = len(answer.shapes) <= _MOST_NOTES
    yield Section(
        title="Sources",
        lines=tuple(_source(shape, with_note=with_note) for shape in answer.shapes),
    )
    yield Section(
        lines=(
            "Tokens are those of each source's own tokenizer; another model's may differ by a fifth. "
            "A name that ends in `-cap` is an upper bound.",
        )
    )


def _row(shape: Shape) -> tuple[Cell, ...]:
    counts = (
        shape.turns,
        shape.initial_prompt_tokens,
        shape.tokens_added_per_turn,
        shape.decode_tokens_per_turn,
        count_tokens(shape.episode).peak_context_tokens,
    )
    return (
        shape.name,
        *(Figure(number(count), Decimal(count)) for count in counts),
        shape.confidence,
    )


def _source(shape: Shape, *, with_note: bool) -> Line:
    note = f"; {shape.note}" if with_note else ""
    text = f"{shape.name}: {shape.source}{note}"
    return Sourced(text, shape.source_url) if shape.source_url else text


def preset_words(shape: Shape, filled: list[str]) -> str:
    """What a preset gave a run, and how far to trust it."""
    trust = f"confidence {shape.confidence}" if shape.confidence != "n/a" else "not measured"
    given = ", ".join(filled) or "nothing, for all that it knows was said"
    return f"{given} ({shape.source}; {trust})"


def preset_note(shape: Shape) -> Line:
    """What of a preset was measured and what was assumed, with its page."""
    text = f"{shape.name}: {shape.note}"
    return Sourced(text, shape.source_url) if shape.source_url else f"{text}."


def shapes_json(answer: Answer) -> list[dict[str, Any]]:
    """Every preset with the names that a request has for its values."""
    return [
        {
            "name": shape.name,
            **shape.episode.model_dump(),
            "peak_context_tokens": count_tokens(shape.episode).peak_context_tokens,
            "source": shape.source,
            "source_url": shape.source_url,
            "confidence": shape.confidence,
            "note": shape.note,
        }
        for shape in answer.shapes
    ]


def preset_json(shape: Shape) -> dict[str, Any]:
    """The preset behind a run."""
    source = shape.source_url or shape.source
    return {"name": shape.name, "source": source, "confidence": shape.confidence}
