"""What a picture of amounts shows, and nothing of how it is drawn."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Amount:
    """US dollars at a value of the swept field, None where there are none; notional ones cannot be bought as asked."""

    x: Decimal
    usd: Decimal | None
    notional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line through its amounts, in rising order, with a gap where there is none. Unless `joined` only its marks are
    drawn: between two of them nothing is known. What has a `place` looks the same in every picture; the rest go by order."""

    name: str
    amounts: tuple[Amount, ...]
    joined: bool = True
    place: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A point that the picture names, such as where two lines cross."""

    x: Decimal
    usd: Decimal
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A part of the values, from one to the other, with something said of it."""

    start: Decimal
    end: Decimal
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePicture:
    """Amounts over a swept field.

    `values` are those asked for: they are named on the axis where they fit, and marked on the lines. `ordered` lines
    stand for rising values of something. `basis` says which run it is, `footer` whose rates of which day; that it is an
    estimate and no quote is added to it. Amounts stand on a logarithmic scale where `log` says so, None meaning: where
    the largest is over 30 times the smallest.
    """

    title: str
    subtitle: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    values: tuple[Decimal, ...]
    basis: str
    footer: str
    crossings: tuple[Crossing, ...] = ()
    bands: tuple[Band, ...] = ()
    ordered: bool = False
    log: bool | None = None
    log_values: bool = False
