"""View -> Block Kit: plain dicts, because Slack's own models drop the newest blocks.

What a user typed reaches Slack only as elements of rich text, which are never parsed; so no mention, link or formatting
in it is ever live. Limits are kept in `fit.py`, for all blocks at once.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from bot.formatting.figures import NO_AMOUNT
from bot.formatting.layout import (
    Cell,
    Chart,
    Figure,
    Line,
    LineChart,
    Section,
    Sourced,
    StepChart,
    Table,
    View,
)
from bot.formatting.limits import CHART_POINTS, CHART_SERIES
from bot.formatting.step_chart import joined
from bot.formatting.text import table_text
from bot.formatting.wording import source_name

Block = dict[str, Any]

_CODE = re.compile(r"`([^`]+)`")
_FIRST_SENTENCE = re.compile(r"(?:`[^`]*`|[^`])*?[.?!](?=\s|$)")


def blocks(view: View, *, native: bool = True) -> list[Block]:
    """A view as blocks; not native draws tables as text and leaves charts out, for where Slack refuses those."""
    out = [verdict(view.summary)] if view.summary else []
    for section in view.sections:
        out += _section(section, native=native)
    return out


def verdict(text: str) -> Block:
    """The answer's sentences, the first of them bold."""
    first = _FIRST_SENTENCE.match(text)
    cut = first.end() if first else len(text)
    return _rich_lines([[*_rich(text[:cut], bold=True), *_rich(text[cut:])]])


def _section(section: Section, *, native: bool) -> Iterator[Block]:
    if section.table and native:
        yield data_table(section.table, caption=section.title or "Table")
    elif section.table:
        yield from _plain_table(section.table, title=section.title)
    if section.chart and native:
        yield bar_chart(section.chart)
    if section.steps and native:
        yield from line_chart(section.steps)
    if section.curves and native:
        yield from curves_chart(section.curves)
    if section.facts:
        yield _facts(section)
    if section.lines:
        yield lines_block(section)


def data_table(table: Table, *, caption: str) -> Block:
    """A native table, all of whose rows are shown at once; its figures sort by value."""
    header = [{"type": "raw_text", "text": text} for text in table.header]
    rows = [[_cell(cell) for cell in row] for row in table.rows]
    return {
        "type": "data_table",
        "caption": caption,
        "rows": [header, *rows],
        "page_size": max(1, len(rows)),
        "row_header_column_index": 0,
    }


def _cell(cell: Cell) -> Block:
    if isinstance(cell, Figure):
        return {"type": "raw_number", "value": _double(cell.value), "text": cell.text}
    return {"type": "raw_text", "text": cell or NO_AMOUNT}


def _plain_table(table: Table, *, title: str) -> Iterator[Block]:
    """The same table where native ones are refused: text of one width, in which nothing is ever parsed."""
    heading = {"type": "rich_text_section", "elements": _rich(title, bold=True)}
    drawn = {
        "type": "rich_text_preformatted",
        "elements": [{"type": "text", "text": table_text(table)}],
    }
    yield {"type": "rich_text", "elements": [heading, drawn] if title else [drawn]}


def bar_chart(chart: Chart) -> Block:
    labels = [label for label, _ in chart.bars]
    points = [{"label": label, "value": _double(value)} for label, value in chart.bars]
    return {
        "type": "data_visualization",
        "title": chart.title,
        "chart": {
            "type": "bar",
            "series": [{"name": chart.axis, "data": points}],
            "axis_config": {"categories": labels, "y_label": chart.axis},
        },
    }


def line_chart(chart: StepChart) -> Iterator[Block]:
    """The steps as lines; nothing where no series has a step, or a line would have a hole wherever one has."""
    lines = joined(chart, most_days=CHART_POINTS, most_series=CHART_SERIES)
    if lines is None:
        return
    labels = list(lines.labels)
    series = [
        {
            "name": name,
            "data": [
                {"label": label, "value": _double(value)}
                for label, value in zip(labels, values, strict=True)
            ],
        }
        for name, values in lines.series
    ]
    yield {
        "type": "data_visualization",
        "title": chart.title,
        "chart": {
            "type": "line",
            "series": series,
            "axis_config": {"categories": labels, "y_label": chart.axis},
        },
    }


def curves_chart(chart: LineChart) -> Iterator[Block]:
    """Every line that has a value, up to the first hole in one, for Slack draws no line with a hole; where that is too
    early, the lines that have none. Slack has no logarithmic scale.
    """
    drawn = [(name, values) for name, values in chart.series if any(v is not None for v in values)]
    holes = [values.index(None) for _, values in drawn if None in values]
    points = chart.points[: min(holes, default=len(chart.points))]
    if len(points) < 2:
        drawn = [(name, values) for name, values in drawn if None not in values]
        points = chart.points if drawn else ()
    if not 1 < len(points) <= CHART_POINTS:
        return
    series = [
        {
            "name": name,
            "data": [
                {"label": label, "value": _double(value)}
                for label, value in zip(points, values, strict=False)
                if value is not None
            ],
        }
        for name, values in drawn[:CHART_SERIES]
    ]
    yield {
        "type": "data_visualization",
        "title": chart.title,
        "chart": {
            "type": "line",
            "series": series,
            "axis_config": {
                "categories": list(points),
                "x_label": chart.x_axis,
                "y_label": chart.y_axis,
            },
        },
    }


def _facts(section: Section) -> Block:
    """A line each, its label in front: bold, or italic below a title, which is."""
    lines = [_rich(section.title, bold=True)] if section.title else []
    mark = {"italic": True} if section.title else {"bold": True}
    lines += [[*_rich(f"{label}  ", **mark), *_rich(text)] for label, text in section.facts]
    return _rich_lines(lines)


def _rich_lines(lines: Sequence[list[Block]]) -> Block:
    """Lines of rich text in one section, which every client breaks alike."""
    elements: list[Block] = []
    for line in lines:
        elements += [*_rich("\n"), *line] if elements else line
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": elements}],
    }


def lines_block(section: Section) -> Block:
    """What stands below the figures, in small type; numbered where there are several."""
    numbered = len(section.lines) > 1 and bool(section.title)
    lines = [
        f"{number}. {_line(line)}" if numbered else _line(line)
        for number, line in enumerate(section.lines, start=1)
    ]
    title = [f"*{escaped(section.title)}*"] if section.title else []
    return context("\n".join([*title, *lines]))


def _line(line: Line) -> str:
    if isinstance(line, Sourced):
        page = link(line.url, source_name(line.url))
        return f"{escaped(line.text)} · {page}" if line.text else page
    return escaped(line)


def context(*texts: str) -> Block:
    """Small type; each text is mrkdwn, escaped already."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def section(text: str) -> Block:
    """A paragraph; the text is mrkdwn, escaped already."""
    return {"type": "section", "text": mrkdwn(text)}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text)}


def mrkdwn(text: str) -> Block:
    """For words of ours alone; what somebody typed goes into `rich_text`, where nothing is parsed."""
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def link(url: str, label: str) -> str:
    """A live link of ours, never one that somebody typed."""
    return f"<{escaped(url)}|{escaped(label)}>"


def escaped(text: str) -> str:
    """Text for mrkdwn in which nothing is live."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _rich(text: str, **style: bool) -> list[Block]:
    """Text elements, `bold` or `italic`; what stands in back-ticks becomes code."""
    pieces = _CODE.split(text)
    spans: Iterable[tuple[str, dict[str, bool]]] = (
        (piece, {**style, "code": True} if odd % 2 else style) for odd, piece in enumerate(pieces)
    )
    return [
        {"type": "text", "text": piece} | ({"style": styled} if styled else {})
        for piece, styled in spans
        if piece
    ]


def rich_text(*lines: str, title: str = "") -> Block:
    """Lines with code in back-ticks, and nothing else that is ever parsed; under a bold title if there is one."""
    heading = [_rich(title, bold=True)] if title else []
    return _rich_lines([*heading, *(_rich(line) for line in lines)])


def _double(value: Decimal) -> int | float:
    """The nearest double; whole numbers without a point."""
    nearest = float(value)
    return int(nearest) if nearest.is_integer() and abs(nearest) < 1e15 else nearest
