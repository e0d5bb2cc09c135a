"""Pieces of a Markdown page in which nothing that was typed is markup."""

import re
from collections.abc import Callable, Iterable, Iterator

from bot.formatting.layout import Line, Sourced, Table

_CODE = re.compile(r"(`[^`\n]+`)")
_MARKUP = re.compile(r"([\\`*_\[\]<>|&])")


def escaped(text: str) -> str:
    """Text of one line in which nothing is markup but code in back-ticks."""
    return "".join(_pieces(text, code=lambda piece: piece))


def cell(text: str) -> str:
    """A table's cell: there a bar ends it within code too."""
    return "".join(_pieces(text, code=lambda piece: piece.replace("|", r"\|")))


def _pieces(text: str, *, code: Callable[[str], str]) -> Iterator[str]:
    """What stands in back-ticks as `code` has it, everything else without markup."""
    for odd, piece in enumerate(_CODE.split(" ".join(text.split()))):
        yield code(piece) if odd % 2 else _MARKUP.sub(r"\\\1", piece)


def table(shown: Table) -> str:
    """A table, its figures lined up on the right."""
    rules = ["---:" if column in shown.numeric else "---" for column in range(len(shown.header))]
    rows = [[cell(str(each)) for each in row] for row in (shown.header, *shown.rows)]
    header, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([header, f"| {' | '.join(rules)} |", *body])


def line(said: Line) -> str:
    """A line, with its page behind it."""
    return f"{escaped(said.text)} <{said.url}>" if isinstance(said, Sourced) else escaped(said)


def fact(label: str, text: str) -> str:
    """A labelled line: `**Said**: 20 turns`."""
    return f"**{escaped(label)}**: {escaped(text)}"


def bullets(items: Iterable[str]) -> str:
    """Pieces of Markdown as a list."""
    return "\n".join(f"- {item}" for item in items)
