"""Presets: episode shapes that somebody measured, capped or published, by name (pricing/data/shapes.toml)."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from engine.workload import EpisodeShape
from pricing.files import DATA, FileEntry, RateFileError, read_entries

Confidence = Literal["high", "medium", "low-medium", "low", "n/a"]


class Shape(FileEntry):
    """One preset: what an episode looks like, where that is from, and how far to trust it.

    `note` says what was measured and what was assumed; `source_url` None: no page holds it.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)+$")]
    turns: PositiveInt
    initial_prompt_tokens: NonNegativeInt
    tokens_added_per_turn: NonNegativeInt
    decode_tokens_per_turn: NonNegativeInt
    source: str
    source_url: Annotated[str, Field(pattern=r"^https://")] | None = None
    confidence: Confidence
    note: str

    @property
    def episode(self) -> EpisodeShape:
        return EpisodeShape(
            turns=self.turns,
            initial_prompt_tokens=self.initial_prompt_tokens,
            tokens_added_per_turn=self.tokens_added_per_turn,
            decode_tokens_per_turn=self.decode_tokens_per_turn,
        )


class Shapes:
    """The presets in reading order."""

    def __init__(self, shapes: Iterable[Shape]) -> None:
        self.shapes = tuple(shapes)
        self._by_name: Mapping[str, Shape] = {shape.name: shape for shape in self.shapes}
        if len(self._by_name) < len(self.shapes):
            names = [shape.name for shape in self.shapes]
            twice = next(name for name in names if names.count(name) > 1)
            raise RateFileError(f"shapes.toml holds `{twice}` twice")

    def __iter__(self) -> Iterator[Shape]:
        return iter(self.shapes)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def get(self, name: str) -> Shape:
        """The shape of a name. Raises KeyError for one that is no preset."""
        return self._by_name[name]

    def beginning(self, prefix: str) -> tuple[Shape, ...]:
        """The shapes whose name is, or begins with, these words of a name: `swe-pro`."""
        return tuple(shape for shape in self if f"{shape.name}-".startswith(f"{prefix}-"))


def load_shapes(file: Path = DATA / "shapes.toml") -> Shapes:
    """Read the presets. Raises RateFileError, naming the shape, where the file has a fault."""
    return Shapes(read_entries(file, "shape", Shape, name=_shape_name))


def _shape_name(raw: Mapping[str, Any]) -> str:
    return str(raw.get("name", "no name"))


@cache
def presets() -> Shapes:
    """The presets that come with the program; they change only with it."""
    return load_shapes()
