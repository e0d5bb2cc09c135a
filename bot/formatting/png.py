"""Pictures for a slide: lines and bars as a PNG file of 16:9, drawn with matplotlib.

matplotlib is the canvas and nothing more: scales, ticks and labels are worked out here, in pixels from the lower left.
So a picture depends on what it shows alone, and not on anybody's settings or on pyplot's state. matplotlib is an extra,
and is imported when something is drawn.
"""

import io
import math
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bot.formatting.figures import limit, money, number
from bot.input import UsageError
from engine.exact import ceil_ratio, exact, floor_ratio

if TYPE_CHECKING:
    from matplotlib.text import Text


class ChartsMissingError(UsageError):
    """Pictures were asked for and matplotlib is not installed; the message says what to type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line: amounts in US dollars by the swept value; None leaves a gap.

    From `notional_from` on the path cannot be bought as asked, and the line is pale.
    """

    name: str
    points: tuple[tuple[Decimal, Decimal | None], ...]
    notional_from: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point that the picture names, such as where two lines cross."""

    x: Decimal
    usd: Decimal
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePicture:
    """Amounts over a swept field. `log` of None means: where the largest is over 30 times the smallest.

    `footer` says whose rates of which day these are; that it is an estimate and no quote is added to it.
    """

    title: str
    subtitle: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    footer: str
    marks: tuple[Mark, ...] = ()
    log: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One amount in US dollars, None where there is none; a `note` stands behind it."""

    name: str
    usd: Decimal | None
    note: str = ""
    notional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BarPicture:
    """Amounts beside each other, from the top in the order given; `log` and `footer` as for lines.

    A bar's length means nothing on a logarithmic scale, so there each amount is a dot on a rail.
    """

    title: str
    subtitle: str
    y_label: str
    bars: tuple[Bar, ...]
    footer: str
    log: bool | None = None


WIDTH, HEIGHT = 2560, 1440
_DPI = 200

_INK, _SOFT, _FAINT, _PAPER = "#1d1c1d", "#5e5d60", "#dcdcde", "#ffffff"
_ACCENT, _OTHER = "#0072b2", "#8ea6b8"
# Told apart by the colour-blind, at least 3:1 on white, and each with a dash of its own for print in grey.
_COLOURS = ("#0072b2", "#c44e00", "#00805d", "#a84a8a", "#1d1c1d", "#8a6100", "#5b4bb7")
_DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (4.5, 1.6),
    (1.8, 1.4),
    (5, 1.5, 1.4, 1.5),
    (3, 1, 1, 1, 1, 1),
    (7, 1.5),
)

_MARGIN = 100
_MOST_TICKS, _MOST_VALUES, _FEW_POINTS = 7, 10, 24
_WIDEST_LABEL, _WIDEST_MARK, _WIDEST_NAME, _WIDEST_NOTE = 620, 470, 620, 520
_SWATCH_END, _MARK_LINE = 150, 46
_BEHIND = 28
_LOG_FROM, _WIDE_FROM = 30, 100
_ZERO_SHARE = 0.08
_LONGEST_TEXT = 300
# Pixels from the middle of a figure to its foot, for each point of its size.
_FIGURE_HALF = 0.365 * _DPI / 72
_NOT_A_QUOTE = "Estimate, not a quote"
_PALE = "Pale: cannot be bought as asked"

_Point = tuple[float, float]
_Side = Literal["left", "center", "right"]


def draw(picture: LinePicture | BarPicture, file: Path) -> None:
    """Write the picture as a PNG of 2560 × 1440; the same picture gives the same bytes.

    Raises ChartsMissingError without matplotlib, and OSError where the file cannot be written; then nothing is.
    """
    try:
        page = _lines(picture) if isinstance(picture, LinePicture) else _bars(picture)
    except ModuleNotFoundError as error:
        raise ChartsMissingError(
            'pictures need matplotlib; install it with: pip install "rlcost[charts]"'
        ) from error
    file.write_bytes(page.png())


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    bottom: float
    right: float
    top: float

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.bottom <= y <= self.top

    def meets(self, other: "_Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )

    def within(self, other: "_Box") -> bool:
        return other.holds(self.left, self.bottom) and other.holds(self.right, self.top)


@dataclass(frozen=True, slots=True)
class _Type:
    """How text is set; the size is in points."""

    size: float
    colour: str = _INK
    bold: bool = False


_TITLE, _SUBTITLE = _Type(23, bold=True), _Type(14, _SOFT)
_LABEL, _LABEL_BOLD = _Type(12.5), _Type(12.5, bold=True)
_AXIS, _FOOTER = _Type(12, _SOFT), _Type(9.5, _SOFT)


class _Page:
    """A white page in pixels on which text is text: no mathematics in dollar signs, no line breaks, no missing glyphs."""

    def __init__(self) -> None:
        from matplotlib import get_data_path
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.font_manager import FontProperties, get_font

        self._figure = Figure(figsize=(WIDTH / _DPI, HEIGHT / _DPI), dpi=_DPI, facecolor=_PAPER)
        self._canvas: Any = FigureCanvasAgg(self._figure)  # matplotlib leaves it without types
        fonts = Path(get_data_path(), "fonts", "ttf")
        self._plain = FontProperties(fname=fonts / "DejaVuSans.ttf")
        self._bold = FontProperties(fname=fonts / "DejaVuSans-Bold.ttf")
        self._glyphs = get_font(fonts / "DejaVuSans.ttf").get_charmap()

    def text(self, x: float, y: float, text: str, style: _Type, *, across: _Side = "left") -> None:
        """Write one line whose figures stand centred on `y`; `across` is the side of it that `x` is."""
        self._figure.add_artist(self._artist(x, y, text, style, across))

    def width(self, text: str, style: _Type) -> float:
        artist = self._artist(0, 0, text, style, "left")
        return float(artist.get_window_extent(self._canvas.get_renderer()).width)

    def fitted(self, text: str, style: _Type, *, room: float) -> str:
        """The text, with its end left out where it is wider than `room`."""
        text = self._shown(text)
        if self.width(text, style) <= room:
            return text
        kept = bisect_left(
            range(len(text)), True, key=lambda end: self.width(text[: end + 1] + "…", style) > room
        )
        return text[:kept].rstrip() + "…"

    def wrapped(self, text: str, style: _Type, *, room: float, lines: int) -> list[str]:
        """The text in at most so many lines, broken between words; of what is left over the end is left out."""
        words = self._shown(text).split()
        found: list[str] = []
        while words and len(found) < lines - 1:
            most = next(
                (
                    n
                    for n in range(2, len(words) + 1)
                    if self.width(" ".join(words[:n]), style) > room
                ),
                len(words) + 1,
            )
            found.append(self.fitted(" ".join(words[: most - 1]), style, room=room))
            words = words[most - 1 :]
        return [*found, self.fitted(" ".join(words), style, room=room)] if words else found

    def line(
        self,
        points: Sequence[_Point],
        colour: str,
        *,
        width: float,
        dashes: tuple[float, ...] = (),
        layer: float = 2,
    ) -> None:
        """A line through the points; its width is in points, its dashes in widths."""
        from matplotlib.lines import Line2D
        from matplotlib.transforms import IdentityTransform

        across, up = zip(*points, strict=True)
        drawn = Line2D(
            across,
            up,
            color=colour,
            linewidth=width,
            linestyle=(0, dashes) if dashes else "-",
            marker="none",
            dash_capstyle="butt",
            solid_capstyle="round",
            solid_joinstyle="round",
            transform=IdentityTransform(),
            zorder=layer,
        )
        self._figure.add_artist(drawn)

    def dot(self, at: _Point, colour: str, *, size: float, hollow: bool = False) -> None:
        """A round dot; its size across is in points."""
        from matplotlib.lines import Line2D
        from matplotlib.transforms import IdentityTransform

        drawn = Line2D(
            [at[0]],
            [at[1]],
            linestyle="none",
            marker="o",
            markersize=size,
            markerfacecolor=_PAPER if hollow else colour,
            markeredgecolor=colour,
            markeredgewidth=2 if hollow else 0,
            transform=IdentityTransform(),
            zorder=4 if hollow else 3,
        )
        self._figure.add_artist(drawn)

    def block(self, box: "_Box", colour: str, *, layer: float = 2) -> None:
        """A filled rectangle."""
        from matplotlib.patches import Rectangle
        from matplotlib.transforms import IdentityTransform

        drawn = Rectangle(
            (box.left, box.bottom),
            box.right - box.left,
            box.top - box.bottom,
            facecolor=colour,
            edgecolor="none",
            transform=IdentityTransform(),
            zorder=layer,
        )
        self._figure.add_artist(drawn)

    def png(self) -> bytes:
        written = io.BytesIO()
        self._canvas.print_png(written, metadata={"Software": None})
        return written.getvalue()

    def _shown(self, text: str) -> str:
        """One line of what the font can draw."""
        line = " ".join(unicodedata.normalize("NFC", text).split())[:_LONGEST_TEXT]
        return "".join(sign if ord(sign) in self._glyphs else "\ufffd" for sign in line)

    def _artist(self, x: float, y: float, text: str, style: _Type, across: _Side) -> "Text":
        from matplotlib.text import Text
        from matplotlib.transforms import IdentityTransform

        return Text(
            x,
            y - style.size * _FIGURE_HALF,
            self._shown(text),
            fontproperties=self._bold if style.bold else self._plain,
            fontsize=style.size,
            color=style.colour,
            horizontalalignment=across,
            verticalalignment="baseline",
            parse_math=False,
            usetex=False,
            transform=IdentityTransform(),
            figure=self._figure,
            zorder=5,
        )


class _Scale:
    """Where a number stands between two pixels, linear or logarithmic; on the latter zero has a place below the least."""

    def __init__(
        self, values: Sequence[Decimal], start: float, end: float, *, log: bool, from_zero: bool
    ) -> None:
        positive = [value for value in values if value > 0]
        self._log = log and bool(positive)
        self._zero = self._log and len(positive) < len(values)
        self._foot, self._end = start, end
        self._start = start + (end - start) * _ZERO_SHARE if self._log else start
        low = min(positive) if self._log else Decimal(0) if from_zero else min(values)
        high = max(values)
        with exact():
            if low == high:
                low, high = (low / 2, high * 2) if self._log else (low, high + 1)
            self._low, self._high = low, high
            self._span = (high / low).log10() if self._log else high - low

    def at(self, value: Decimal) -> float:
        if self._log and value <= 0:
            return self._foot
        with exact():
            away = (value / self._low).log10() if self._log else value - self._low
            return self._start + float(away / self._span) * (self._end - self._start)

    def ticks(self, most: int, *, whole: bool = False) -> list[Decimal]:
        """Round numbers within the scale, at most about so many; whole ones if asked."""
        with exact():
            if not self._log:
                return _even_ticks(self._low, self._high, most, whole=whole)
            ticks = _power_ticks(self._low, self._high, most)
        return [Decimal(0), *ticks] if self._zero else ticks


def _even_ticks(low: Decimal, high: Decimal, most: int, *, whole: bool) -> list[Decimal]:
    """Multiples of 1, 2 or 5 times a power of ten."""
    least = (high - low) / most
    power = Decimal(1).scaleb(least.adjusted())
    step = next(power * by for by in (1, 2, 5, 10) if power * by >= least)
    step = max(step, Decimal(1)) if whole else step
    first = ceil_ratio(low, step)
    return [step * at for at in range(first, floor_ratio(high, step) + 1)]


def _power_ticks(low: Decimal, high: Decimal, most: int) -> list[Decimal]:
    """Powers of ten, with 2 and 5 times them between where they are few."""
    powers = [Decimal(1).scaleb(at) for at in range(low.adjusted(), high.adjusted() + 1)]
    for factors in ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 5, 7)):
        found = [power * by for power in powers for by in factors if low <= power * by <= high]
        if len(found) >= 3:
            break
    else:
        found = _even_ticks(low, high, most, whole=False)
    return found[:: -(-len(found) // (most + 2))]


def _framed(page: _Page, title: str, subtitle: str, footer: str, *, pale: bool) -> _Box:
    """Write what stands above and below the picture. Returns the room between."""
    room = WIDTH - 2 * _MARGIN
    at = HEIGHT - 105.0
    for line in page.wrapped(title, _TITLE, room=room, lines=2):
        page.text(_MARGIN, at, line, _TITLE)
        at -= 86
    at += 10
    for line in page.wrapped(subtitle, _SUBTITLE, room=room, lines=2):
        page.text(_MARGIN, at, line, _SUBTITLE)
        at -= 56
    notes = (footer, _PALE, _NOT_A_QUOTE) if pale else (footer, _NOT_A_QUOTE)
    fixed = page.width(" · ".join(("", *notes[1:])), _FOOTER)
    source = page.fitted(footer, _FOOTER, room=room - fixed)
    page.text(_MARGIN, 62, " · ".join(part for part in (source, *notes[1:]) if part), _FOOTER)
    return _Box(_MARGIN, 110, WIDTH - _MARGIN, at)


def _is_log(asked: bool | None, amounts: Sequence[Decimal]) -> bool:
    """Asked for, or needed for the smallest of the amounts to be seen at all."""
    positive = [usd for usd in amounts if usd > 0]
    if asked is not None:
        return asked
    with exact():
        return bool(positive) and max(positive) > _LOG_FROM * min(positive)


def _name_amounts(page: _Page, room: _Box, label: str, *, log: bool) -> None:
    """What the amounts are, above them where it is read first."""
    scale = " · log scale" if log else ""
    named = page.fitted(label, _AXIS, room=room.right - room.left - page.width(scale, _AXIS))
    page.text(room.left, room.top - 25, named + scale, _AXIS)


def _lines(picture: LinePicture) -> _Page:
    page = _Page()
    pale = any(series.notional_from is not None for series in picture.series)
    room = _framed(page, picture.title, picture.subtitle, picture.footer, pale=pale)
    points = [point for series in picture.series for point in series.points]
    amounts = [usd for _, usd in points if usd is not None]
    if not amounts:
        return _without_amounts(page, room)
    log = _is_log(picture.log, amounts)
    labels = [_EndLabel(page, series) for series in picture.series]
    plot = _Box(
        room.left + _widest_tick(page, amounts, log=log),
        room.bottom + 120,
        room.right - max(label.width for label in labels),
        room.top - 70,
    )
    up = _Scale(amounts, plot.bottom, plot.top - 20, log=log, from_zero=True)
    xs = sorted({x for x, _ in points})
    across = _Scale(xs, plot.left + 30, plot.right - 20, log=_is_wide(xs), from_zero=False)
    _name_amounts(page, room, picture.y_label, log=log)
    _rule_amounts(page, plot, up)
    _rule_values(page, plot, across, xs, picture.x_label)
    drawn = [_runs(series, across, up) for series in picture.series]
    for at, runs in enumerate(drawn):
        _draw_runs(page, runs, at)
    _draw_labels(page, plot, labels, drawn)
    traced = [point for runs in drawn for run in runs for point in _traced(run.line)]
    _draw_marks(page, plot, [(m, (across.at(m.x), up.at(m.usd))) for m in picture.marks], traced)
    return page


def _without_amounts(page: _Page, room: _Box) -> _Page:
    middle = (room.bottom + room.top) / 2
    page.text(WIDTH / 2, middle, "No amount to draw", _SUBTITLE, across="center")
    return page


def _is_wide(xs: Sequence[Decimal]) -> bool:
    """Values that are multiplied rather than added to, such as 100, 1,000, 10,000."""
    with exact():
        return xs[0] > 0 and xs[-1] >= _WIDE_FROM * xs[0]


def _widest_tick(page: _Page, amounts: Sequence[Decimal], *, log: bool) -> float:
    ticks = _Scale(amounts, 0, 1, log=log, from_zero=True).ticks(_MOST_TICKS)
    return max((page.width(limit(tick), _AXIS) for tick in ticks), default=0) + 30


def _rule_amounts(page: _Page, plot: _Box, up: _Scale) -> None:
    for tick in up.ticks(_MOST_TICKS):
        at = up.at(tick)
        page.line([(plot.left, at), (plot.right, at)], _FAINT, width=1, layer=1)
        page.text(plot.left - 24, at, limit(tick), _AXIS, across="right")


def _rule_values(
    page: _Page, plot: _Box, across: _Scale, xs: Sequence[Decimal], label: str
) -> None:
    """The swept values below the plot: each that was asked for where they fit beside each other, round ones otherwise."""
    page.line([(plot.left, plot.bottom), (plot.right, plot.bottom)], _SOFT, width=1.2)
    whole = all(x == x.to_integral_value() for x in xs)
    ticks = xs if _fit(page, across, xs, number) else across.ticks(_MOST_VALUES, whole=whole)
    for tick in _thinned(page, across, ticks, number):
        at = across.at(tick)
        page.line([(at, plot.bottom), (at, plot.bottom - 12)], _SOFT, width=1.2)
        page.text(at, plot.bottom - 42, number(tick), _AXIS, across="center")
    middle = (plot.left + plot.right) / 2
    named = page.fitted(label, _AXIS, room=plot.right - plot.left)
    page.text(middle, plot.bottom - 98, named, _AXIS, across="center")


def _thinned(
    page: _Page, across: _Scale, ticks: Sequence[Decimal], worded: Callable[[Decimal], str]
) -> Sequence[Decimal]:
    """Every second tick, or every fourth …, so that their labels fit beside each other."""
    while len(ticks) > 1 and not _fit(page, across, ticks, worded):
        ticks = ticks[::2]
    return ticks


def _fit(
    page: _Page, across: _Scale, ticks: Sequence[Decimal], worded: Callable[[Decimal], str]
) -> bool:
    widths = [page.width(worded(tick), _AXIS) for tick in ticks]
    return all(
        across.at(right) - across.at(left) > (left_width + right_width) / 2 + 24
        for (left, left_width), (right, right_width) in pairwise(zip(ticks, widths, strict=True))
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """Points of a line without a gap, and the point that the line comes from where another piece ends there."""

    points: tuple[_Point, ...]
    pale: bool
    comes_from: _Point | None = None

    @property
    def line(self) -> tuple[_Point, ...]:
        return self.points if self.comes_from is None else (self.comes_from, *self.points)


def _runs(series: Series, across: _Scale, up: _Scale) -> list[_Run]:
    """The line in pieces: apart at its gaps, and pale from where the path cannot be bought."""
    found: list[_Run] = []
    before: _Point | None = None
    pale_before = False
    for x, usd in sorted(series.points, key=lambda point: point[0]):
        if usd is None:
            before = None
            continue
        here = across.at(x), up.at(usd)
        pale = series.notional_from is not None and x >= series.notional_from
        if before is not None and pale == pale_before:
            found[-1] = replace(found[-1], points=(*found[-1].points, here))
        else:
            found.append(_Run((here,), pale, comes_from=before))
        before, pale_before = here, pale
    return found


def _draw_runs(page: _Page, runs: Sequence[_Run], at: int) -> None:
    colour, dashes = _COLOURS[at % len(_COLOURS)], _DASHES[at % len(_DASHES)]
    few = sum(len(run.points) for run in runs) <= _FEW_POINTS
    for run in runs:
        own = _paled(colour) if run.pale else colour
        if len(run.line) > 1:
            page.line(run.line, own, width=2.6, dashes=dashes)
        if few or len(run.line) == 1:
            for point in run.points:
                page.dot(point, own, size=5.5)


def _paled(colour: str) -> str:
    """The colour, halfway to the paper."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{255 - (255 - part) * 45 // 100:02x}" for part in parts)


class _EndLabel:
    """What stands at the end of a line: a piece of the line, its name and the last amount."""

    def __init__(self, page: _Page, series: Series) -> None:
        amounts = [usd for _, usd in sorted(series.points, key=lambda p: p[0]) if usd is not None]
        self.amount = money(amounts[-1]) if amounts else "no amount"
        room = _WIDEST_LABEL - page.width(self.amount, _LABEL_BOLD) - 20
        self.name = page.fitted(series.name, _LABEL, room=room)
        self._name_width = page.width(self.name, _LABEL)
        self.width = _SWATCH_END + self._name_width + 20 + page.width(self.amount, _LABEL_BOLD)

    def draw(self, page: _Page, left: float, y: float) -> None:
        page.text(left + _SWATCH_END, y, self.name, _LABEL)
        page.text(left + _SWATCH_END + self._name_width + 20, y, self.amount, _LABEL_BOLD)


def _draw_labels(
    page: _Page, plot: _Box, labels: Sequence[_EndLabel], drawn: Sequence[Sequence[_Run]]
) -> None:
    """The labels beside the ends of their lines, moved apart where they would stand on each other."""
    ends = [runs[-1].points[-1] if runs else (plot.right, plot.bottom) for runs in drawn]
    gap = min(54.0, (plot.top - plot.bottom) / len(labels))
    heights = _spread([y for _, y in ends], gap=gap, low=plot.bottom, high=plot.top)
    for at, (label, end, height) in enumerate(zip(labels, ends, heights, strict=True)):
        colour, dashes = _COLOURS[at % len(_COLOURS)], _DASHES[at % len(_DASHES)]
        left = plot.right
        if drawn[at]:
            page.line([end, (left + 6, end[1]), (left + 46, height)], _paled(colour), width=1.2)
        swatch = [(left + 50, height), (left + _SWATCH_END - 16, height)]
        page.line(swatch, colour, width=2.6, dashes=dashes)
        label.draw(page, left, height)


def _spread(wanted: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
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


def _traced(points: Sequence[_Point]) -> Iterator[_Point]:
    """Points along a line, close enough together that no text fits between two of them."""
    yield points[0]
    for (left, start), (right, end) in pairwise(points):
        steps = int(math.hypot(right - left, end - start) / 12) + 1
        for step in range(1, steps + 1):
            share = step / steps
            yield left + (right - left) * share, start + (end - start) * share


def _draw_marks(
    page: _Page, plot: _Box, marks: Sequence[tuple[Mark, _Point]], lines: Sequence[_Point]
) -> None:
    """Ring each marked point, drop a line to its value, and write its name where it covers least."""
    taken = [_Box(x - 16, y - 16, x + 16, y + 16) for _, (x, y) in marks]
    for mark, (x, y) in marks:
        page.line([(x, y), (x, plot.bottom)], _SOFT, width=1, dashes=(2, 3), layer=1.5)
        page.dot((x, y), _INK, size=9, hollow=True)
        text = page.wrapped(mark.text, _LABEL, room=_WIDEST_MARK, lines=3) or [""]
        wide = max(page.width(line, _LABEL) for line in text)
        box = min(
            _places(x, y, wide + 24, len(text) * _MARK_LINE + 16),
            key=lambda place: _cost(place, (x, y), plot, taken, lines),
        )
        taken.append(box)
        near = min(max(x, box.left), box.right), min(max(y, box.bottom), box.top)
        page.line([(x, y), near], _SOFT, width=1.2, layer=2.5)
        page.block(box, _PAPER, layer=2.6)
        for at, line in enumerate(text):
            page.text(box.left + 12, box.top - 8 - (at + 0.5) * _MARK_LINE, line, _LABEL)


def _places(x: float, y: float, wide: float, high: float) -> Iterator[_Box]:
    """Boxes around a point, in sixteen directions and from near to far."""
    for away in (40, 80, 130, 190, 260, 340):
        for turn in range(16):
            across, up = math.cos(turn * math.pi / 8), math.sin(turn * math.pi / 8)
            middle = x + across * (away + wide / 2), y + up * (away + high / 2)
            yield _Box(
                middle[0] - wide / 2,
                middle[1] - high / 2,
                middle[0] + wide / 2,
                middle[1] + high / 2,
            )


def _cost(
    place: _Box, point: _Point, plot: _Box, taken: Sequence[_Box], lines: Sequence[_Point]
) -> float:
    """How bad a place for text is: it should lie within the plot, on no other text and on no line, and be near."""
    away = math.dist(point, ((place.left + place.right) / 2, (place.bottom + place.top) / 2))
    outside = 0 if place.within(plot) else 10_000
    crowded = 3_000 * sum(place.meets(other) for other in taken)
    return outside + crowded + 100 * sum(place.holds(*at) for at in lines) + away


def _bars(picture: BarPicture) -> _Page:
    page = _Page()
    pale = any(bar.notional for bar in picture.bars)
    room = _framed(page, picture.title, picture.subtitle, picture.footer, pale=pale)
    amounts = [bar.usd for bar in picture.bars if bar.usd is not None]
    if not amounts:
        return _without_amounts(page, room)
    log = _is_log(picture.log, amounts)
    _name_amounts(page, room, picture.y_label, log=log)
    top, foot = room.top - 70, room.bottom + (60 if log else 0)
    pitch = min(120.0, (top - foot) / len(picture.bars))
    bottom = top - pitch * len(picture.bars)
    style = _Type(min(_LABEL.size, pitch / 4))
    names = [page.fitted(bar.name, style, room=_WIDEST_NAME) for bar in picture.bars]
    left = room.left + max(page.width(name, style) for name in names) + 30
    behind = [_Behind(page, bar, style) for bar in picture.bars]
    plot = _Box(left, bottom, _right_end(picture.bars, behind, left, room.right, log=log), top)
    scale = _Scale(amounts, plot.left, plot.right, log=log, from_zero=True)
    if log:
        _rule_down(page, plot, scale)
    offered = [bar.usd for bar in picture.bars if bar.usd is not None and not bar.notional]
    for at, (bar, name) in enumerate(zip(picture.bars, names, strict=True)):
        middle = top - (at + 0.5) * pitch
        page.text(left - 24, middle, name, style, across="right")
        end = left if bar.usd is None else scale.at(bar.usd)
        colour = _ACCENT if offered and bar.usd == min(offered) else _OTHER
        if bar.usd is not None:
            own = _paled(_OTHER) if bar.notional else colour
            _draw_bar(page, left, end, middle, pitch, own, log=log)
        behind[at].draw(page, end + _BEHIND, middle)
    page.line([(left, top), (left, bottom)], _SOFT, width=1.2)
    return page


class _Behind:
    """What stands behind a bar: its amount and its note."""

    def __init__(self, page: _Page, bar: Bar, style: _Type) -> None:
        priced = bar.usd is not None
        self.amount = "no price" if bar.usd is None else money(bar.usd)
        self._style = replace(style, bold=True) if priced else replace(style, colour=_SOFT)
        self._soft = replace(style, colour=_SOFT)
        self.note = page.fitted(bar.note, self._soft, room=_WIDEST_NOTE)
        self._amount_width = page.width(self.amount, self._style)
        noted = page.width(self.note, self._soft) + 24 if self.note else 0
        self.width = self._amount_width + noted

    def draw(self, page: _Page, left: float, middle: float) -> None:
        page.text(left, middle, self.amount, self._style)
        if self.note:
            page.text(left + self._amount_width + 24, middle, self.note, self._soft)


def _right_end(
    bars: Sequence[Bar], behind: Sequence[_Behind], left: float, right: float, *, log: bool
) -> float:
    """How far the longest bar may reach for every bar to have room for what stands behind it."""
    amounts = [bar.usd for bar in bars if bar.usd is not None]
    shares = _Scale(amounts, 0, 1, log=log, from_zero=True)
    return (
        min(
            left + (right - left - _BEHIND - text.width) / max(shares.at(bar.usd), 0.01)
            for bar, text in zip(bars, behind, strict=True)
            if bar.usd is not None and shares.at(bar.usd) > 0
        )
        if any(amounts)
        else right
    )


def _rule_down(page: _Page, plot: _Box, scale: _Scale) -> None:
    for tick in _thinned(page, scale, scale.ticks(_MOST_TICKS), limit):
        at = scale.at(tick)
        page.line([(at, plot.top), (at, plot.bottom)], _FAINT, width=1, layer=1)
        page.text(at, plot.bottom - 36, limit(tick), _AXIS, across="center")


def _draw_bar(
    page: _Page, left: float, end: float, middle: float, pitch: float, colour: str, *, log: bool
) -> None:
    if log:
        page.line([(left, middle), (end, middle)], _FAINT, width=2)
        page.dot((end, middle), colour, size=min(14, pitch / 5))
    else:
        half = pitch * 0.32
        page.block(_Box(left, middle - half, max(end, left + 2), middle + half), colour)
