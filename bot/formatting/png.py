"""Pictures for a slide: lines as a PNG file of 16:9.

Scales, ticks and labels are worked out here, so that a picture depends on what it shows alone. The library that draws
is an extra, and is imported when something is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from bot.files import write_whole
from bot.formatting.picture import Band, LinePicture, Series
from bot.formatting.png_axes import Axes, amounts_of, axes_of, name_axes, rule, values_of
from bot.formatting.png_labels import EndLabel, Names, Pen, spread
from bot.formatting.png_page import (
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
from bot.formatting.png_scale import Scale


class ChartsMissingError(Exception):
    """Pictures were asked for and matplotlib is not installed; the message says what to type."""


# Told apart by the colour-blind, at least 3:1 on white, and each with a mark of its own for print in grey.
_COLOURS = ("#0072b2", "#c44e00", "#00805d", "#a84a8a", "#1d1c1d", "#8a6100", "#5b4bb7")
_SHAPES = ("o", "s", "^", "D", "v", "P")
# From the first of ordered lines to the last.
_RAMP = ("#1b2a6b", "#0072b2", "#00805d", "#8a7400", "#c44e00")

_TITLE, _LONG_TITLE = Type(23, bold=True), Type(19, bold=True)
_SUBTITLE = Type(14, SOFT)
_FOOTER = Type(9.5, SOFT)
_MARGIN = 100
_LABELS_FROM = 28
_NOT_A_QUOTE = "Estimate, not a quote"
_NOTIONAL = "Dashed: cannot be bought as asked"


def draw(picture: LinePicture, file: Path) -> None:
    """Write the picture as a PNG of 2560 × 1440; the same picture gives the same bytes.

    Raises ChartsMissingError without matplotlib, and OSError where the file cannot be written; it then is as it was.
    """
    try:
        page = _drawn(picture)
    except ModuleNotFoundError as error:
        raise ChartsMissingError(
            'pictures need matplotlib; install it with: pip install "rlcost[charts]"'
        ) from error
    write_whole(file, page.png())


def _drawn(picture: LinePicture) -> Page:
    page = Page()
    room = _framed(page, picture)
    if amounts_of(picture):
        _draw_plot(page, room, picture)
    else:
        page.text(WIDTH / 2, room.middle[1], "No amount to draw", _SUBTITLE, across="center")
    return page


def _draw_plot(page: Page, room: Box, picture: LinePicture) -> None:
    """The axes, what is shaded, the lines with their labels, and what the picture names, each over the one before."""
    end = values_of(picture)[-1]
    pens = _pens(picture.series, ordered=picture.ordered)
    labels = [
        EndLabel(page, series, pen, to_the_end=_reaches(series, end))
        for series, pen in zip(picture.series, pens, strict=True)
    ]
    beside = max(label.width for label in labels) + _LABELS_FROM
    axes = axes_of(picture, page, room, labels_width=beside)
    name_axes(page, room, picture, axes)
    parts = [_part(axes, band) for band in picture.bands]
    for part in parts:
        page.block(part, SHADE, layer=0.5)
    rule(page, picture, axes)
    drawn = [_runs(series, axes.across, axes.up) for series in picture.series]
    values = {axes.across.at(value) for value in picture.values}
    for series, runs, pen in zip(picture.series, drawn, pens, strict=True):
        _draw_runs(page, runs, pen, values=values, joined=series.joined)
    _draw_labels(page, axes.plot, labels, drawn)
    _draw_names(page, picture, axes, parts, lines=[run.line for runs in drawn for run in runs])


def _part(axes: Axes, band: Band) -> Box:
    """A part of the plot, wide enough to be seen."""
    left, right = axes.across.at(band.start), axes.across.at(band.end)
    return Box(left, axes.plot.bottom, max(right, left + 6), axes.plot.top)


def _draw_names(
    page: Page,
    picture: LinePicture,
    axes: Axes,
    parts: Sequence[Box],
    *,
    lines: Sequence[Sequence[Point]],
) -> None:
    """Of the crossings and the bands, where they cover no line."""
    rings = [(axes.across.at(one.x), axes.up.at(one.usd)) for one in picture.crossings]
    names = Names(page, axes.plot, parts=parts, marks=rings, lines=lines)
    for one, at in zip(picture.crossings, rings, strict=True):
        names.ring(at, one.text)
    for band, part in zip(picture.bands, parts, strict=True):
        names.over(part, band.text)


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


def _pens(series: Sequence[Series], *, ordered: bool) -> list[Pen]:
    places = [at if one.place is None else one.place for at, one in enumerate(series)]
    colours = [_COLOURS[place % len(_COLOURS)] for place in places]
    if ordered:
        last = max(1, len(series) - 1)
        colours = [_on_ramp(at / last) for at in range(len(series))]
    return [
        Pen(colour, _SHAPES[place % len(_SHAPES)])
        for colour, place in zip(colours, places, strict=True)
    ]


def _on_ramp(share: float) -> str:
    """A colour between the first and the last of the ramp."""
    at = min(int(share * (len(_RAMP) - 1)), len(_RAMP) - 2)
    return mixed(_RAMP[at], _RAMP[at + 1], share * (len(_RAMP) - 1) - at)


def _reaches(series: Series, end: Decimal) -> bool:
    return any(one.usd is not None and one.x == end for one in series.amounts)


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
