"""A page to draw on: text, lines, marks and blocks in pixels from the lower left, with matplotlib as the canvas.

What is drawn depends on what is asked for alone, and not on anybody's settings or on pyplot's state.
"""

import io
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.text import Text

WIDTH, HEIGHT = 2560, 1440
_DPI = 200

INK, SOFT, FAINT, SHADE, PAPER = "#1d1c1d", "#5e5d60", "#dcdcde", "#f4f4f5", "#ffffff"

_LONGEST_TEXT = 1000
# Pixels from the middle of a figure to its foot, for each point of its size.
_FIGURE_HALF = 0.365 * _DPI / 72


def mixed(one: str, other: str, share: float) -> str:
    """A colour between two, the other one at a share of 1."""
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


Point = tuple[float, float]
Side = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self) -> Point:
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.bottom <= y <= self.top

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )

    def within(self, other: "Box") -> bool:
        return other.holds(self.left, self.bottom) and other.holds(self.right, self.top)


@dataclass(frozen=True, slots=True)
class Type:
    """How text is set; the size is in points."""

    size: float
    colour: str = INK
    bold: bool = False


class Page:
    """A white page on which text is text: no mathematics in dollar signs, no line breaks, no missing glyphs."""

    def __init__(self) -> None:
        from matplotlib import get_data_path
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.font_manager import FontProperties, get_font

        self._figure = Figure(figsize=(WIDTH / _DPI, HEIGHT / _DPI), dpi=_DPI, facecolor=PAPER)
        self._canvas: Any = FigureCanvasAgg(self._figure)  # matplotlib leaves it without types
        fonts = Path(get_data_path(), "fonts", "ttf")
        self._plain = FontProperties(fname=fonts / "DejaVuSans.ttf")
        self._bold = FontProperties(fname=fonts / "DejaVuSans-Bold.ttf")
        self._glyphs = get_font(fonts / "DejaVuSans.ttf").get_charmap()

    def text(self, x: float, y: float, text: str, style: Type, *, across: Side = "left") -> None:
        """Write one line whose figures stand centred on `y`; `across` is the side of it that `x` is."""
        self._figure.add_artist(self._artist(x, y, text, style, across))

    def width(self, text: str, style: Type) -> float:
        artist = self._artist(0, 0, text, style, "left")
        return float(artist.get_window_extent(self._canvas.get_renderer()).width)

    def fitted(self, text: str, style: Type, *, room: float) -> str:
        """The text, with its end left out where it is wider than `room`."""
        text = self._shown(text)
        if self.width(text, style) <= room:
            return text
        kept = bisect_left(
            range(len(text)), True, key=lambda end: self.width(text[: end + 1] + "…", style) > room
        )
        return text[:kept].rstrip() + "…"

    def wrapped(self, text: str, style: Type, *, room: float, lines: int) -> list[str]:
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
        points: Sequence[Point],
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

    def mark(
        self, at: Point, colour: str, *, size: float, shape: str = "o", hollow: bool = False
    ) -> None:
        """A mark of one of matplotlib's shapes; its size across is in points."""
        from matplotlib.lines import Line2D
        from matplotlib.transforms import IdentityTransform

        drawn = Line2D(
            [at[0]],
            [at[1]],
            linestyle="none",
            marker=shape,
            markersize=size,
            markerfacecolor=PAPER if hollow else colour,
            markeredgecolor=colour,
            markeredgewidth=1.6,
            transform=IdentityTransform(),
            zorder=4 if hollow else 3,
        )
        self._figure.add_artist(drawn)

    def block(self, box: Box, colour: str, *, layer: float = 2) -> None:
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

    def _artist(self, x: float, y: float, text: str, style: Type, across: Side) -> "Text":
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
