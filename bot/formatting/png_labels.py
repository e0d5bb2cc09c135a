"""Text inside and beside a plot: names at the ends of lines, and names of points, where they cover least."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.formatting.figures import money, number
from bot.formatting.picture import Series
from bot.formatting.png_page import INK, PAPER, SHADE, SOFT, Box, Page, Point, Type, mixed

LABEL, _LABEL_BOLD, _LABEL_SOFT = Type(12.5), Type(12.5, bold=True), Type(12.5, SOFT)
_WIDEST_LABEL, _WIDEST_NAME = 860, 470
_SWATCH, _GAP = 76, 20
_LINE = 46
_NOTIONAL_DASHES = (2.2, 1.6)


@dataclass(frozen=True, slots=True)
class Pen:
    """What one line is told from the others by; where it is notional it is pale, dashed, and its marks are hollow."""

    colour: str
    shape: str

    def line(self, page: Page, points: Sequence[Point], *, notional: bool) -> None:
        dashes = _NOTIONAL_DASHES if notional else ()
        page.line(points, self._own(notional=notional), width=2.6, dashes=dashes)

    def mark(self, page: Page, at: Point, *, notional: bool) -> None:
        page.mark(at, self._own(notional=notional), size=6, shape=self.shape, hollow=notional)

    def _own(self, *, notional: bool) -> str:
        return mixed(PAPER, self.colour, 0.6) if notional else self.colour


class EndLabel:
    """What stands to the right of a plot for a line: a piece of its end, its name, and its last amount.

    A line that ends before the plot does says at which value.
    """

    def __init__(self, page: Page, series: Series, pen: Pen, *, to_the_end: bool) -> None:
        last = next((one for one in reversed(series.amounts) if one.usd is not None), None)
        self._pen, self._joined = pen, series.joined
        self._notional = last is not None and last.notional
        self._amount = money(last.usd) if last and last.usd is not None else "no amount"
        self._at = f"at {number(last.x)}" if last and not to_the_end else ""
        fixed = _SWATCH + page.width(self._amount, _LABEL_BOLD) + _GAP
        fixed += page.width(self._at, _LABEL_SOFT) + _GAP if self._at else 0
        self._name = page.fitted(series.name, LABEL, room=_WIDEST_LABEL - fixed)
        self._name_width = page.width(self._name, LABEL)
        self._amount_width = page.width(self._amount, _LABEL_BOLD)
        self.width = fixed + self._name_width

    def draw(self, page: Page, left: float, y: float) -> None:
        end = left + _SWATCH - 22
        if self._joined:
            self._pen.line(page, [(left, y), (end, y)], notional=self._notional)
        self._pen.mark(page, ((left + end) / 2, y), notional=self._notional)
        left += _SWATCH
        page.text(left, y, self._name, LABEL)
        left += self._name_width + _GAP
        page.text(left, y, self._amount, _LABEL_SOFT if self._notional else _LABEL_BOLD)
        if self._at:
            page.text(left + self._amount_width + _GAP, y, self._at, _LABEL_SOFT)


def spread(wanted: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Heights as near to the wanted ones as a gap between any two of them allows."""
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    places = list(wanted)
    for below, at in pairwise(order):
        places[at] = max(places[at], places[below] + gap)
    ceiling = high
    for at in reversed(order):
        places[at] = min(places[at], ceiling)
        ceiling = places[at] - gap
    floor = low
    for at in order:
        places[at] = max(places[at], floor)
        floor = places[at] + gap
    return places


class Names:
    """Names of points within a plot, each where it covers least of the lines, the marks and the other names."""

    def __init__(
        self,
        page: Page,
        plot: Box,
        *,
        parts: Sequence[Box],
        marks: Sequence[Point],
        lines: Sequence[Sequence[Point]],
    ) -> None:
        self._page, self._plot, self._parts = page, plot, parts
        self._taken = [Box(x - 16, y - 16, x + 16, y + 16) for x, y in marks]
        self._lines = [point for line in lines for point in _traced(line)]

    def ring(self, at: Point, text: str) -> None:
        """Ring a point, drop a line to its value, and name it."""
        x, y = at
        self._page.line([at, (x, self._plot.bottom)], SOFT, width=1, dashes=(2, 3), layer=1.5)
        self._page.mark(at, INK, size=9, hollow=True)
        box = self._write(text, at, lambda wide, high: _around(at, wide, high))
        near = min(max(x, box.left), box.right), min(max(y, box.bottom), box.top)
        self._page.line([at, near], SOFT, width=1.2, layer=2.5)

    def over(self, part: Box, text: str) -> None:
        """Name a part of the plot, within it where it is wide enough and otherwise before it, near its upper end."""
        self._write(text, (part.middle[0], part.top), lambda wide, high: _beside(part, wide, high))

    def _write(self, text: str, at: Point, places: Callable[[float, float], Iterable[Box]]) -> Box:
        lines = self._page.wrapped(text, LABEL, room=_WIDEST_NAME, lines=3) or [""]
        wide = max(self._page.width(line, LABEL) for line in lines) + 24
        high = len(lines) * _LINE + 16
        box = min(places(wide, high), key=lambda place: self._cost(place, at))
        self._taken.append(box)
        behind = SHADE if any(box.within(part) for part in self._parts) else PAPER
        self._page.block(box, behind, layer=2.6)
        for nth, line in enumerate(lines):
            self._page.text(box.left + 12, box.top - 8 - (nth + 0.5) * _LINE, line, LABEL)
        return box

    def _cost(self, place: Box, at: Point) -> float:
        """How bad a place for text is: it should lie within the plot, on no other text and on no line, and be near."""
        outside = 0 if place.within(self._plot) else 10_000
        crowded = 3_000 * sum(place.meets(other) for other in self._taken)
        covered = 100 * sum(place.holds(*point) for point in self._lines)
        return outside + crowded + covered + math.dist(at, place.middle)


def _beside(part: Box, wide: float, high: float) -> Iterator[Box]:
    """Boxes within a part of the plot, or before it where it is too narrow, from its upper end down."""
    left = part.left + 12 if part.right - part.left > wide + 24 else part.left - wide - 12
    top = part.top - 12
    while top - high > part.bottom:
        yield Box(left, top - high, left + wide, top)
        top -= high / 2


def _around(at: Point, wide: float, high: float) -> Iterator[Box]:
    """Boxes around a point, in sixteen directions and from near to far."""
    for away in (40, 80, 130, 190, 260, 340, 440, 560):
        for turn in range(16):
            across, up = math.cos(turn * math.pi / 8), math.sin(turn * math.pi / 8)
            x, y = at[0] + across * (away + wide / 2), at[1] + up * (away + high / 2)
            yield Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def _traced(points: Sequence[Point]) -> Iterator[Point]:
    """Points along a line, close enough together that no text fits between two of them."""
    yield points[0]
    for (left, start), (right, end) in pairwise(points):
        steps = int(math.hypot(right - left, end - start) / 12) + 1
        for step in range(1, steps + 1):
            share = step / steps
            yield left + (right - left) * share, start + (end - start) * share
