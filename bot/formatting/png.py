"""Pictures for a slide: lines as a PNG file of 16:9.

Scales, ticks and labels are worked out here, so that a picture depends on what it shows alone. The library that draws
is an extra, and is imported when something is drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from bot.formatting.figures import limit, number
from bot.formatting.picture import LinePicture, Series
from bot.formatting.png_labels import EndLabel, Names, Pen, spread
from bot.formatting.png_page import (
    FAINT,
    HEIGHT,
    SHADE,
    SOFT,
    WIDTH,
    Box,
    Page,
    Point,
    Type,
    mixed,
)
from bot.formatting.png_scale import Scale, is_log
from bot.input import UsageError


class ChartsMissingError(UsageError):
    """Pictures were asked for and matplotlib is not installed; the message says what to type."""


# Told apart by the colour-blind, at least 3:1 on white, and each with a mark of its own for print in grey.
_COLOURS = ("#0072b2", "#c44e00", "#00805d", "#a84a8a", "#1d1c1d", "#8a6100", "#5b4bb7")
_SHAPES = ("o", "s", "^", "D", "v", "P")
# From the first of ordered lines to the last.
_RAMP = ("#1b2a6b", "#0072b2", "#00805d", "#8a7400", "#c44e00")

_TITLE, _LONG_TITLE = Type(23, bold=True), Type(19, bold=True)
_SUBTITLE = Type(14, SOFT)
_AXIS, _FOOTER = Type(12, SOFT), Type(9.5, SOFT)
_MARGIN = 100
_MOST_TICKS, _MOST_VALUES = 7, 10
_LABELS_FROM = 28
_NOT_A_QUOTE = "Estimate, not a quote"
_NOTIONAL = "Dashed: cannot be bought as asked"


def draw(picture: LinePicture, file: Path) -> None:
    """Write the picture as a PNG of 2560 × 1440; the same picture gives the same bytes.

    Raises ChartsMissingError without matplotlib, and OSError where the file cannot be written; then nothing is.
    """
    try:
        page = _drawn(picture)
    except ModuleNotFoundError as error:
        raise ChartsMissingError(
            'pictures need matplotlib; install it with: pip install "rlcost[charts]"'
        ) from error
    file.write_bytes(page.png())


def _drawn(picture: LinePicture) -> Page:
    page = Page()
    room = _framed(page, picture)
    amounts = [
        one.usd for series in picture.series for one in series.amounts if one.usd is not None
    ]
    if not amounts:
        page.text(WIDTH / 2, room.middle[1], "No amount to draw", _SUBTITLE, across="center")
        return page
    drawn_at = {one.x for series in picture.series for one in series.amounts}
    xs = sorted({*picture.values, *drawn_at})
    pens = _pens(len(picture.series), ordered=picture.ordered)
    labels = [
        EndLabel(page, series, pen, to_the_end=_reaches(series, xs[-1]))
        for series, pen in zip(picture.series, pens, strict=True)
    ]
    log = is_log(picture.log, amounts)
    plot = Box(
        room.left + _widest_tick(page, amounts, log=log),
        room.bottom + 120,
        room.right - max(label.width for label in labels) - _LABELS_FROM,
        room.top - 70,
    )
    up = Scale(amounts, plot.bottom, plot.top - 20, log=log, from_zero=True)
    across = Scale(xs, plot.left + 30, plot.right, log=picture.log_values, from_zero=False)
    _name_axes(page, room, plot, picture, up=up, across=across)
    parts = [_part(plot, across.at(band.start), across.at(band.end)) for band in picture.bands]
    for part in parts:
        page.block(part, SHADE, layer=0.5)
    _rule_amounts(page, plot, up)
    _rule_values(page, plot, across, picture.values or xs)
    drawn = [_runs(series, across, up) for series in picture.series]
    values = {across.at(value) for value in picture.values}
    for series, runs, pen in zip(picture.series, drawn, pens, strict=True):
        _draw_runs(page, runs, pen, values=values, joined=series.joined)
    _draw_labels(page, plot, labels, drawn)
    rings = [(across.at(one.x), up.at(one.usd)) for one in picture.crossings]
    lines = [run.line for runs in drawn for run in runs]
    names = Names(page, plot, parts=parts, marks=rings, lines=lines)
    for one, at in zip(picture.crossings, rings, strict=True):
        names.ring(at, one.text)
    for band, part in zip(picture.bands, parts, strict=True):
        names.over(part, band.text)
    return page


def _framed(page: Page, picture: LinePicture) -> Box:
    """Write what stands above and below the plot. Returns the room between."""
    room = WIDTH - 2 * _MARGIN
    at = HEIGHT - 105.0
    title = _TITLE if page.width(picture.title, _TITLE) <= room else _LONG_TITLE
    for line in page.wrapped(picture.title, title, room=room, lines=2):
        page.text(_MARGIN, at, line, title)
        at -= 86
    at += 10
    for line in page.wrapped(picture.subtitle, _SUBTITLE, room=room, lines=4):
        page.text(_MARGIN, at, line, _SUBTITLE)
        at -= 56
    dashed = any(one.notional for series in picture.series for one in series.amounts)
    notes = [_NOTIONAL] * dashed + [_NOT_A_QUOTE]
    fixed = page.width(" · ".join(("", *notes)), _FOOTER)
    source = page.fitted(picture.footer, _FOOTER, room=room - fixed)
    page.text(_MARGIN, 52, " · ".join(part for part in (source, *notes) if part), _FOOTER)
    page.text(_MARGIN, 92, page.fitted(picture.basis, _FOOTER, room=room), _FOOTER)
    return Box(_MARGIN, 130, WIDTH - _MARGIN, at)


def _pens(count: int, *, ordered: bool) -> list[Pen]:
    colours = [_COLOURS[at % len(_COLOURS)] for at in range(count)]
    if ordered:
        colours = [_on_ramp(at / max(1, count - 1)) for at in range(count)]
    return [Pen(colour, _SHAPES[at % len(_SHAPES)]) for at, colour in enumerate(colours)]


def _on_ramp(share: float) -> str:
    """A colour between the first and the last of the ramp."""
    at = min(int(share * (len(_RAMP) - 1)), len(_RAMP) - 2)
    return mixed(_RAMP[at], _RAMP[at + 1], share * (len(_RAMP) - 1) - at)


def _reaches(series: Series, end: Decimal) -> bool:
    return any(one.usd is not None and one.x == end for one in series.amounts)


# -- the axes --------------------------------------------------------------------------------------------


def _name_axes(
    page: Page, room: Box, plot: Box, picture: LinePicture, *, up: Scale, across: Scale
) -> None:
    """What the amounts are, above them where it is read first, and the values below the middle."""
    above = _axis_name(page, picture.y_label, up, room=room.right - room.left)
    page.text(room.left, room.top - 25, above, _AXIS)
    below = _axis_name(page, picture.x_label, across, room=plot.right - plot.left)
    page.text(plot.middle[0], plot.bottom - 98, below, _AXIS, across="center")


def _axis_name(page: Page, label: str, scale: Scale, *, room: float) -> str:
    note = " · log scale" if scale.log else ""
    return page.fitted(label, _AXIS, room=room - page.width(note, _AXIS)) + note


def _widest_tick(page: Page, amounts: Sequence[Decimal], *, log: bool) -> float:
    ticks = Scale(amounts, 0, 1, log=log, from_zero=True).ticks(_MOST_TICKS)
    return max((page.width(limit(tick), _AXIS) for tick in ticks), default=0) + 30


def _rule_amounts(page: Page, plot: Box, up: Scale) -> None:
    for tick in up.ticks(_MOST_TICKS):
        at = up.at(tick)
        page.line([(plot.left, at), (plot.right, at)], FAINT, width=1, layer=1)
        page.text(plot.left - 24, at, limit(tick), _AXIS, across="right")


def _rule_values(page: Page, plot: Box, across: Scale, values: Sequence[Decimal]) -> None:
    """The swept values below the plot: each that was asked for where they fit beside each other, round ones otherwise."""
    page.line([(plot.left, plot.bottom), (plot.right, plot.bottom)], SOFT, width=1.2)
    whole = all(value == value.to_integral_value() for value in values)
    fit = _fit(page, across, values, number)
    ticks = values if fit else across.ticks(_MOST_VALUES, whole=whole)
    for tick in _thinned(page, across, ticks, number):
        at = across.at(tick)
        page.line([(at, plot.bottom), (at, plot.bottom - 12)], SOFT, width=1.2)
        page.text(at, plot.bottom - 42, number(tick), _AXIS, across="center")


def _thinned(
    page: Page, across: Scale, ticks: Sequence[Decimal], worded: Callable[[Decimal], str]
) -> Sequence[Decimal]:
    """Every second tick, or every fourth …, so that their labels fit beside each other."""
    while len(ticks) > 1 and not _fit(page, across, ticks, worded):
        ticks = ticks[::2]
    return ticks


def _fit(
    page: Page, across: Scale, ticks: Sequence[Decimal], worded: Callable[[Decimal], str]
) -> bool:
    widths = [page.width(worded(tick), _AXIS) for tick in ticks]
    return all(
        across.at(right) - across.at(left) > (left_width + right_width) / 2 + 24
        for (left, left_width), (right, right_width) in pairwise(zip(ticks, widths, strict=True))
    )


def _part(plot: Box, left: float, right: float) -> Box:
    """A part of the plot, wide enough to be seen."""
    return Box(left, plot.bottom, max(right, left + 6), plot.top)


# -- the lines -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Run:
    """Points of a line without a gap, and the point that the line comes from where another piece ends there."""

    points: tuple[Point, ...]
    notional: bool
    comes_from: Point | None = None

    @property
    def line(self) -> tuple[Point, ...]:
        return self.points if self.comes_from is None else (self.comes_from, *self.points)


def _runs(series: Series, across: Scale, up: Scale) -> list[_Run]:
    """The line in pieces: apart at its gaps, and where it becomes notional or ceases to be."""
    found: list[_Run] = []
    before: Point | None = None
    for one in series.amounts:
        if one.usd is None:
            before = None
            continue
        here = across.at(one.x), up.at(one.usd)
        if before is not None and found[-1].notional == one.notional:
            found[-1] = replace(found[-1], points=(*found[-1].points, here))
        else:
            found.append(_Run((here,), one.notional, comes_from=before))
        before = here
    return found


def _draw_runs(
    page: Page, runs: Sequence[_Run], pen: Pen, *, values: set[float], joined: bool
) -> None:
    for run in runs:
        if len(run.line) > 1 and joined:
            pen.line(page, run.line, notional=run.notional)
        for point in run.points:
            if point[0] in values or len(run.line) == 1:
                pen.mark(page, point, notional=run.notional)


def _draw_labels(
    page: Page, plot: Box, labels: Sequence[EndLabel], drawn: Sequence[Sequence[_Run]]
) -> None:
    """The labels in the order of the ends of their lines and near to them, apart from each other."""
    ends = [runs[-1].points[-1][1] if runs else plot.bottom for runs in drawn]
    gap = min(54.0, (plot.top - plot.bottom) / len(labels))
    heights = spread(ends, gap=gap, low=plot.bottom, high=plot.top)
    for label, height in zip(labels, heights, strict=True):
        label.draw(page, plot.right + _LABELS_FROM, height)
