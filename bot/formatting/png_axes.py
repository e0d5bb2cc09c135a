"""The axes of a picture: how much room they leave to the plot, their names, and what is written along them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from bot.formatting.figures import limit, number
from bot.formatting.picture import LinePicture
from bot.formatting.png_page import FAINT, SOFT, Box, Page, Type
from bot.formatting.png_scale import Scale, is_log

_AXIS = Type(12, SOFT)
_MOST_TICKS, _MOST_VALUES = 7, 10


@dataclass(frozen=True, slots=True)
class Axes:
    """Where amounts and values stand in the plot."""

    plot: Box
    up: Scale
    across: Scale


def axes_of(picture: LinePicture, page: Page, room: Box, *, labels_width: float) -> Axes:
    """The plot is what amounts, values, the names of the axes, and labels on the right, leave of the room."""
    values = values_of(picture)
    amounts = amounts_of(picture)
    log = is_log(picture.log, amounts)
    plot = Box(
        room.left + _widest_tick(page, amounts, log=log),
        room.bottom + 120,
        room.right - labels_width,
        room.top - 70,
    )
    return Axes(
        plot,
        up=Scale(amounts, plot.bottom, plot.top - 20, log=log, from_zero=True),
        across=Scale(values, plot.left + 30, plot.right, log=picture.log_values, from_zero=False),
    )


def amounts_of(picture: LinePicture) -> list[Decimal]:
    """All that is drawn."""
    every = (one.usd for series in picture.series for one in series.amounts)
    return [usd for usd in every if usd is not None]


def values_of(picture: LinePicture) -> list[Decimal]:
    """All values that something is drawn at or that are named, rising."""
    drawn_at = {one.x for series in picture.series for one in series.amounts}
    return sorted({*picture.values, *drawn_at})


def rule(page: Page, picture: LinePicture, axes: Axes) -> None:
    """Lines for round amounts, and the values below the plot."""
    _rule_amounts(page, axes.plot, axes.up)
    _rule_values(page, axes.plot, axes.across, picture.values or values_of(picture))


def name_axes(page: Page, room: Box, picture: LinePicture, axes: Axes) -> None:
    """What the amounts are, above them where it is read first, and the values below the middle."""
    plot = axes.plot
    above = _axis_name(page, picture.y_label, axes.up, room=room.right - room.left)
    page.text(room.left, room.top - 25, above, _AXIS)
    below = _axis_name(page, picture.x_label, axes.across, room=plot.right - plot.left)
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
