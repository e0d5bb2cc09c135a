"""The shape of a view: strings in an order, and nothing of how they are drawn."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a table: how it reads, and its value to sort by."""

    text: str
    value: Decimal

    def __str__(self) -> str:
        return self.text


Cell = str | Figure


@dataclass(frozen=True, slots=True)
class Sourced:
    """A line with the page that it rests on."""

    text: str
    url: str


Line = str | Sourced


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a header; `numeric` are the columns whose figures line up on the right."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars beside each other, for where a picture is drawn; its numbers stand in the table too."""

    title: str
    axis: str
    bars: tuple[tuple[str, Decimal], ...]


Steps = tuple[tuple[date, Decimal | None], ...]
"""Days in order with the value from each on, None for none; the last says where the picture ends, and its value too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChart:
    """Values that hold until the next one does, for where a picture is drawn; their numbers stand in the table too."""

    title: str
    axis: str
    series: tuple[tuple[str, Steps], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart:
    """Values over the points of a field, None for none, for where a picture is drawn; the table beside it says them."""

    title: str
    x_axis: str
    y_axis: str
    series: tuple[tuple[str, tuple[Decimal | None, ...]], ...]
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of an answer: a table, labelled facts, or lines of text, under a title if it has one."""

    title: str = ""
    table: Table | None = None
    chart: Chart | None = None
    steps: StepChart | None = None
    curves: LineChart | None = None
    facts: tuple[tuple[str, str], ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """An answer in words: the sentence that says it, then its parts."""

    summary: str
    sections: tuple[Section, ...] = ()
