"""The shape of a view: strings in an order, and nothing of how they are drawn."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a header; `numeric` are the columns whose figures line up on the right."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of an answer: a table, labelled facts, or lines of text, under a title if it has one."""

    title: str = ""
    table: Table | None = None
    facts: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """An answer in words: the sentence that says it, then its parts."""

    summary: str
    sections: tuple[Section, ...] = ()
