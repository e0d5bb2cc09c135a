"""Tables of pages, Markdown and HTML alike: a header and rows of plain cells, with the links that the cells hold."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pricing.sources.listing import FaultCode, ParseError
from pricing.sources.money import shortened

# No two tries of a pattern may read the same signs twice, or a hostile page takes hours: each ends where the next begins.
_LINK = re.compile(r"!?\[([^\[\]]*)\]\(([^)\[\]]*)\)")
_DELIMITER = re.compile(r":?-+:?")
_CELL_END = re.compile(r"(?<!\\)\|")
_MARKS = re.compile(r"\*\*|__|`")
_TAG_NAME = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
_ALWAYS_EMPTY = frozenset("area base br col embed hr img input link meta source track wbr".split())
_MOST_STEPS = 5_000_000
_MOST_CELLS = 100
_MOST_ROWS = 20_000

Written = TypeVar("Written")


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
    number, rows = 1, 0
    while number < len(lines):
        header = lines[number - 1]
        if _is_delimiter(lines[number]) and _is_row(header):
            body = _body(lines, number + 1, closed=header.rstrip().endswith("|"))
            yield PageTable(
                header=tuple(cell.text for cell in _cells(header)),
                rows=tuple(_cells(row) for row in body),
                lines=tuple(" ".join(row.split()) for row in body),
            )
            number += len(body)
            rows = _counted(rows + 1 + len(body))
        number += 1


def html_page(text: str) -> LexborHTMLParser:
    """A page as a tree. Raises ParseError for one whose elements stand too deep in each other.

    At each tag a reader of HTML may go through all elements that are open, and may even have to repeat them.
    """
    opened: Counter[str] = Counter()
    depth = steps = 0
    for tag in _TAG_NAME.finditer(text):
        is_end, name = tag[1] == "/", tag[2].lower()
        if is_end and opened[name]:
            opened[name] -= 1
            depth -= 1
        elif not is_end and name not in _ALWAYS_EMPTY:
            opened[name] += 1
            depth += 1
            steps += depth
    if steps > _MOST_STEPS:
        raise ParseError(FaultCode.FORMAT, "the page has far too many elements within each other")
    return LexborHTMLParser(text)


def html_tables(text: str) -> Iterator[PageTable]:
    """The tables of an HTML page; struck prices (`<s>`, `<del>`) are written as in Markdown, `~~$3.74~~`.

    Raises ParseError where the page ends inside a table: its reader closes a cut cell, and half a price is a price as well;
    and for a table within a table, whose prices could be anybody's.
    """
    lowered = text.lower()
    if lowered.count("<table") != lowered.count("</table"):
        raise ParseError(FaultCode.ROWS, "the page ends inside a table")
    count = 0
    for table in html_page(text).css("table"):
        if len(table.css("table")) > 1:
            raise ParseError(FaultCode.FORMAT, "the page has a table within a table")
        rows = [_few([*row.css("th, td")]) for row in table.css("tr")]
        count = _counted(count + 1 + len(rows))
        written = [tuple(_html_cell(cell) for cell in row) for row in rows if row]
        if len(written) > 1:
            yield PageTable(
                header=tuple(cell.text for cell in written[0]),
                rows=tuple(written[1:]),
                lines=tuple(" | ".join(cell.text for cell in row) for row in written[1:]),
            )


def _body(lines: Sequence[str], start: int, *, closed: bool) -> list[str]:
    """The rows from a line on, up to the first that begins none, or to the headings of the next table.

    `closed` tables end each row in a `|`.
    """
    body: list[str] = []
    for number in range(start, len(lines)):
        line = lines[number]
        if body and _is_delimiter(line):
            return body[:-1]
        if not line.lstrip().startswith("|"):
            break
        if not _is_row(line) or (closed and not line.rstrip().endswith("|")):
            raise ParseError(FaultCode.ROWS, f"a table has a row that is cut: `{shortened(line)}`")
        body.append(line)
    return body


def _counted(rows: int) -> int:
    if rows > _MOST_ROWS:
        raise ParseError(FaultCode.ROWS, f"the page has more than {_MOST_ROWS:,} rows of tables")
    return rows


def _is_row(line: str) -> bool:
    return line.lstrip().startswith("|") and len(_CELL_END.findall(line)) > 1


def _is_delimiter(line: str) -> bool:
    stripped = line.strip()
    cells = stripped.strip("|").split("|")
    return stripped.startswith("|") and all(_DELIMITER.fullmatch(cell.strip()) for cell in cells)


def _cells(line: str) -> tuple[Cell, ...]:
    inner = line.strip().removeprefix("|")
    inner = re.sub(r"(?<!\\)\|\s*$", "", inner)
    return tuple(_markdown_cell(cell) for cell in _few(_CELL_END.split(inner)))


def _few(cells: list[Written]) -> list[Written]:
    if len(cells) > _MOST_CELLS:
        raise ParseError(FaultCode.ROWS, f"a table has a row of {len(cells):,} cells")
    return cells


def _markdown_cell(written: str) -> Cell:
    link = _LINK.search(written)
    text = _MARKS.sub("", _LINK.sub(r"\1", written)).replace("\\|", "|").replace("\\$", "$")
    return Cell(" ".join(text.split()), _target(link[2]) if link else "")


def _target(written: str) -> str:
    """Where `<https://…> "a title"` leads."""
    address = written.strip().removeprefix("<").replace(">", " ", 1).split(maxsplit=1)
    return address[0] if address else ""


def _html_cell(node: LexborNode) -> Cell:
    link = node.css_first("a[href]")
    href = (link.attributes.get("href") or "") if link else ""
    return Cell(" ".join(_struck_apart(node).split()), href)


def _struck_apart(node: LexborNode) -> str:
    """A cell's words, those that are struck between `~~`."""
    done, rest = [], node.text(deep=True, separator=" ")
    for struck in node.css("s, del, strike"):
        if len(struck.css("s, del, strike")) > 1:
            raise ParseError(FaultCode.FORMAT, "the page has a struck price within a struck price")
        words = struck.text(deep=True, separator=" ")
        before, _, after = rest.partition(words) if words.strip() else ("", "", rest)
        done += [before, f"~~{words}~~"] if words.strip() else []
        rest = after
    return "".join([*done, rest])
