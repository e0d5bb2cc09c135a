"""Tables of pages, Markdown and HTML alike: a header and rows of plain cells, with the links that the cells hold."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pricing.sources.listing import FaultCode, ParseError
from pricing.sources.money import shortened

_LINK = re.compile(r"!?\[([^\]]*)\]\(\s*<?([^)\s>]*)>?[^)]*\)")
_DELIMITER = re.compile(r":?-+:?")
_CELL_END = re.compile(r"(?<!\\)\|")
_MARKS = re.compile(r"\*\*|__|`")


@dataclass(frozen=True, slots=True)
class Cell:
    """The words of a cell, and where its first link leads; empty without one."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTable:
    """A table of a page. `line` is how each row stands in the page, for quoting."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    lines: tuple[str, ...]


def text_of(content: bytes) -> str:
    """A page as text. Raises ParseError where it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError(
            FaultCode.ENCODING, f"the page is not UTF-8 (byte {error.start:,})"
        ) from error


def is_html(text: str) -> bool:
    """Whether a page is HTML, also where Markdown was expected."""
    start = text.lstrip()[:1000].lower()
    return start.startswith(("<!doctype html", "<html", "<head", "<body")) or "<html" in start


def markdown_tables(text: str) -> Iterator[PageTable]:
    """The pipe tables of a Markdown page.

    Copies of pages have delimiter rows of one cell, which strict readers of Markdown refuse; so any row of dashes counts.
    Raises ParseError for a row that was cut: half a price is a price as well.
    """
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if number and _is_delimiter(line) and _is_row(lines[number - 1]):
            body = _body(lines[number + 1 :], closed=lines[number - 1].rstrip().endswith("|"))
            yield PageTable(
                header=tuple(cell.text for cell in _cells(lines[number - 1])),
                rows=tuple(_cells(row) for row in body),
                lines=tuple(" ".join(row.split()) for row in body),
            )


def html_tables(text: str) -> Iterator[PageTable]:
    """The tables of an HTML page; struck prices (`<s>`, `<del>`) are written as in Markdown, `~~$3.74~~`.

    Raises ParseError where the page ends inside a table: its reader closes a cut cell, and half a price is a price as well.
    """
    lowered = text.lower()
    if lowered.count("<table") != lowered.count("</table"):
        raise ParseError(FaultCode.ROWS, "the page ends inside a table")
    for table in LexborHTMLParser(text).css("table"):
        rows = [row.css("th, td") for row in table.css("tr")]
        written = [tuple(_html_cell(cell) for cell in row) for row in rows if row]
        if len(written) > 1:
            yield PageTable(
                header=tuple(cell.text for cell in written[0]),
                rows=tuple(written[1:]),
                lines=tuple(" | ".join(cell.text for cell in row) for row in written[1:]),
            )


def _body(lines: list[str], *, closed: bool) -> list[str]:
    """The rows up to the first line that begins none; `closed` tables end each row in a `|`."""
    body = []
    for line in lines:
        if not line.lstrip().startswith("|"):
            break
        if not _is_row(line) or (closed and not line.rstrip().endswith("|")):
            raise ParseError(FaultCode.ROWS, f"a table has a row that is cut: `{shortened(line)}`")
        body.append(line)
    return body


def _is_row(line: str) -> bool:
    return line.lstrip().startswith("|") and len(_CELL_END.findall(line)) > 1


def _is_delimiter(line: str) -> bool:
    stripped = line.strip()
    cells = stripped.strip("|").split("|")
    return stripped.startswith("|") and all(_DELIMITER.fullmatch(cell.strip()) for cell in cells)


def _cells(line: str) -> tuple[Cell, ...]:
    inner = line.strip().removeprefix("|")
    inner = re.sub(r"(?<!\\)\|\s*$", "", inner)
    return tuple(_markdown_cell(cell) for cell in _CELL_END.split(inner))


def _markdown_cell(written: str) -> Cell:
    link = _LINK.search(written)
    text = _MARKS.sub("", _LINK.sub(r"\1", written)).replace("\\|", "|").replace("\\$", "$")
    return Cell(" ".join(text.split()), link[2] if link else "")


def _html_cell(node: LexborNode) -> Cell:
    link = node.css_first("a[href]")
    href = (link.attributes.get("href") or "") if link else ""
    text = node.text(deep=True, separator=" ")
    for struck in node.css("s, del, strike"):
        was = struck.text(deep=True)
        text = text.replace(was, f"~~{was}~~", 1)
    return Cell(" ".join(text.split()), href)
