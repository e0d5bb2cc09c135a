"""Fireworks' prices of GPUs: per hour, in two dated columns around a change, per minute and rounded, or in a sentence."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from pricing.cards import CardKey, CardPath
from pricing.catalogue import Catalogue, GpuType
from pricing.changes import RateName
from pricing.sources.listing import FaultCode, ListedRates, Listing, ParseError
from pricing.sources.money import shortened, usd
from pricing.sources.tables import (
    Cell,
    PageTable,
    html_page,
    html_tables,
    is_html,
    markdown_tables,
    text_of,
)

LOWEST_USD_PER_GPU_HOUR = Decimal("0.50")
"""No GPU here was ever near it: a lower figure is the price of a shorter time."""

HIGHEST_USD_PER_GPU_MINUTE = Decimal(2)
"""$120 an hour: a higher figure is the price of a longer time."""

_NOT_OFFERED = frozenset({"", "—", "–", "-", "−", "n/a"})
_GPU_HEADING = re.compile(r"gpus?(?: types?)?", re.IGNORECASE)
_GPU = re.compile(
    r"(?:nvidia[\s_-]+)?([a-z]+\d+[a-z]?)[\s_-]+(\d{1,5}) ?gb(?:[\s_-]+gpus?)?", re.IGNORECASE
)
_BILLING = re.compile(r"\(?\bbilled (?:per|by the) \w+\)?", re.IGNORECASE)
_UNIT = re.compile(
    r"(?:\bper|/) ?(?:gpu[ -]?)?(second|sec|s|minute|min|hours?|hr|h|day|week|month|mo|year|node|cluster|replica|token)\b"
    r"|\b\d+ ?[x×] ?(gpus?)\b",
    re.IGNORECASE,
)
_CURRENCY = re.compile(r"[€£¥₹₩]|\b(?:eur|euros?|gbp|jpy|cny|rmb|inr|cad|aud|credits?)\b", re.I)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATED = re.compile(
    r"\b(up to|until|through|from|starting) ([a-z]{3,9})\.? (\d{1,2})(?:, ?| )?(\d{4})?\b",
    re.IGNORECASE,
)
_PRICE_WORDS = re.compile(r"price|\bper gpu\b|\$|\busd\b|[\s()—–,:-]", re.IGNORECASE)
_SENTENCE = re.compile(
    r"charge (\S{1,12}) per (\w+) for (?:one|a|an|each) ((?:NVIDIA )?\w{2,8} \d{2,4} ?GB GPU)\b"
)

_GPUS = {gpu.value.partition("_")[0]: gpu for gpu in GpuType}
# What a rounded figure most likely stands for, roundest first.
_GRAINS_USD = (Decimal(1), Decimal("0.5"), Decimal("0.1"), Decimal("0.05"))


class _Time(StrEnum):
    """What a price buys of one GPU."""

    HOUR = "hour"
    MINUTE = "minute"


_TIMES = {"hour": _Time.HOUR, "hours": _Time.HOUR, "hr": _Time.HOUR, "h": _Time.HOUR} | {
    "minute": _Time.MINUTE,
    "min": _Time.MINUTE,
}


class _Edge(StrEnum):
    """Which end of a column's time its heading names."""

    FIRST_DAY = "first day"
    LAST_DAY = "last day"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """A day of a heading; most name no year."""

    edge: _Edge
    month: int
    day: int
    year: int | None

    def dates(self, *, near: date) -> Iterator[date]:
        for year in (self.year,) if self.year else (near.year - 1, near.year, near.year + 1):
            try:
                yield date(year, self.month, self.day)
            except ValueError:  # February 29 of another year
                continue


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A column of prices: for how much time, and from which day on; None where it holds now."""

    index: int
    heading: str
    time: _Time
    day: _Day | None
    effective_from: date | None = None


def parse(content: bytes, *, catalogue: Catalogue, on: date) -> Listing:  # noqa: ARG001 - GPUs are every model's
    """Read the page's table of GPUs, or in its absence the sentence that older copies have.

    Raises ParseError for a form, unit of time, currency or memory that is not known, and for figures that cannot belong
    to their heading. A heading without a year means the nearest.
    """
    text = text_of(content)
    tables = (*markdown_tables(text), *html_tables(text))
    gpu_tables = [table for table in tables if _GPU_HEADING.fullmatch(table.header[0])]
    if not gpu_tables:
        _refuse_renamed(tables)
        return Listing(rates=tuple(_once(_sentences(text))))
    not_covered: dict[str, None] = {}
    rows: list[ListedRates] = []
    for table in gpu_tables:
        columns = _columns(table.header, on=on)
        for row in _rows(table):
            gpu = _gpu(row[0].text)
            if gpu is None:
                not_covered[shortened(row[0].text)] = None
            else:
                rows.extend(_listed(gpu, row, columns))
    return Listing(rates=tuple(_once(rows)), not_covered=tuple(not_covered))


def _refuse_renamed(tables: Iterable[PageTable]) -> None:
    for table in tables:
        if any(_GPU.match(row[0].text) for row in table.rows):
            raise ParseError(
                FaultCode.HEADING,
                f"the GPUs stand under `{shortened(table.header[0])}`, where `GPU Type` is known",
            )


def _columns(header: Sequence[str], *, on: date) -> tuple[_Column, ...]:
    """The columns whose rates hold on a day or are to come."""
    columns = [_column(index, text) for index, text in enumerate(header) if index]
    match [column.day and column.day.edge for column in columns]:
        case [None]:
            return tuple(columns)
        case [_Edge.FIRST_DAY]:
            return (_begun(columns[0], on=on),)
        case [_Edge.LAST_DAY, _Edge.FIRST_DAY]:
            ending, beginning = columns[0], _begun(columns[1], on=on, after=columns[0])
            is_begun = beginning.effective_from is not None and beginning.effective_from <= on
            return (beginning,) if is_begun else (ending, beginning)
        case _:
            raise ParseError(
                FaultCode.HEADING,
                f"the headings are `{shortened(' | '.join(header))}`, where one price is known, or one up to a day and one from the next",
            )


def _column(index: int, heading: str) -> _Column:
    """What a heading says; each word of it has to be known, for a reserved price is a price per hour too."""
    if _CURRENCY.search(heading):
        raise ParseError(
            FaultCode.CURRENCY, f"a heading is `{shortened(heading)}`, which is not in US dollars"
        )
    rest = _BILLING.sub("", heading)
    time = _time([(match[1] or match[2]).lower() for match in _UNIT.finditer(rest)], heading)
    dated = _DATED.search(rest)
    day = _day(dated) if dated else None
    rest = _UNIT.sub("", rest.replace(dated[0], "", 1) if dated else rest)
    if _PRICE_WORDS.sub("", rest) or (dated and day is None):
        raise ParseError(
            FaultCode.HEADING,
            f"a heading is `{shortened(heading)}`, where `Price ($) per hour` is known",
        )
    return _Column(index=index, heading=heading, time=time, day=day)


def _time(units: Sequence[str], heading: str) -> _Time:
    if not units:
        raise ParseError(
            FaultCode.HEADING,
            f"the heading `{shortened(heading)}` names no unit, where `per hour` is known",
        )
    if len(units) > 1 or units[0] not in _TIMES:
        raise ParseError(
            FaultCode.UNIT,
            f"the heading `{shortened(heading)}` names another unit than an hour or a minute of one GPU",
        )
    return _TIMES[units[0]]


def _day(dated: re.Match[str]) -> _Day | None:
    month = dated[2][:3].lower()
    if month not in _MONTHS:
        return None
    return _Day(
        edge=_Edge.FIRST_DAY if dated[1].lower() in ("from", "starting") else _Edge.LAST_DAY,
        month=_MONTHS.index(month) + 1,
        day=int(dated[3]),
        year=int(dated[4]) if dated[4] else None,
    )


def _begun(column: _Column, *, on: date, after: _Column | None = None) -> _Column:
    """The column with its first day; it has to be the day after the last one of the column before it."""
    days = list(column.day.dates(near=on)) if column.day else []
    if after is not None and after.day is not None:
        days = [day for day in days if day - timedelta(days=1) in after.day.dates(near=day)]
    if not days:
        headings = f"{after.heading} | {column.heading}" if after else column.heading
        raise ParseError(
            FaultCode.HEADING,
            f"the headings `{shortened(headings)}` name no day and the next, as two prices in turn have",
        )
    return replace(column, effective_from=min(days, key=lambda day: abs(day - on)))


def _rows(table: PageTable) -> Iterator[tuple[Cell, ...]]:
    for row in table.rows:
        if len(row) != len(table.header):
            raise ParseError(
                FaultCode.ROWS,
                f"the row of `{shortened(row[0].text)}` has {len(row)} cells under {len(table.header)} headings",
            )
        yield row


def _gpu(label: str) -> GpuType | None:
    """The type of `NVIDIA H100 80 GB GPU`; None for another. Raises ParseError where the memory is not that type's."""
    match = _GPU.fullmatch(label.strip())
    gpu = _GPUS.get(match[1].upper()) if match else None
    if match and gpu and int(match[2]) != gpu.memory_gb:
        raise ParseError(
            FaultCode.ROWS, f"a row is `{shortened(label)}`, where {gpu.memory_gb} GB are known"
        )
    return gpu


def _listed(gpu: GpuType, row: Sequence[Cell], columns: Iterable[_Column]) -> Iterator[ListedRates]:
    line = " | ".join(cell.text for cell in row)
    for column in columns:
        price = row[column.index].text
        if price.lower() not in _NOT_OFFERED:
            yield _rates(
                gpu,
                usd(price, what=f"the price of `{shortened(row[0].text)}`"),
                column.time,
                quote=shortened(f"{line} ({column.heading})"),
                effective_from=column.effective_from,
            )


def _rates(
    gpu: GpuType, price_usd: Decimal, time: _Time, *, quote: str, effective_from: date | None
) -> ListedRates:
    row = ListedRates(
        key=CardKey(CardPath.DEDICATED, gpu),
        rates={RateName.GPU_HOUR: price_usd},
        quote=quote,
        effective_from=effective_from,
    )
    if time is _Time.HOUR:
        return row
    if price_usd > HIGHEST_USD_PER_GPU_MINUTE:
        raise ParseError(
            FaultCode.UNIT,
            f"`{quote}` would be {60 * price_usd:,} dollars an hour: no minute's price",
        )
    lowest, highest = _hour_bounds(price_usd)
    likeliest = _roundest(lowest, highest)
    doubt = (
        f"it is rounded to the minute, and lies between ${lowest:.2f} and ${highest:.2f} an hour"
    )
    return replace(
        row,
        rates={RateName.GPU_HOUR: 60 * price_usd if likeliest is None else likeliest},
        between=(lowest, highest),
        doubt=doubt if likeliest is None else None,
    )


def _hour_bounds(usd_per_minute: Decimal) -> tuple[Decimal, Decimal]:
    """Between which hourly prices a figure per minute lies, be it rounded up or to the nearest.

    The page has $0.134 for $8.00 an hour, which is $0.1333 a minute.
    """
    exponent = usd_per_minute.as_tuple().exponent
    step = Decimal(1).scaleb(int(exponent))
    return 60 * max(usd_per_minute - step, Decimal(0)), 60 * (usd_per_minute + step / 2)


def _roundest(lowest: Decimal, highest: Decimal) -> Decimal | None:
    """The roundest price above one bound and up to the other; None where there is none, or no single one."""
    for grain in _GRAINS_USD:
        first = (lowest // grain + 1) * grain
        if first <= highest:
            return first if first + grain > highest else None
    return None


def _sentences(text: str) -> Iterator[ListedRates]:
    """The rates of pages without a table, where a charge per hour is for one GPU."""
    page = html_page(text)
    page.strip_tags(["script", "style"])
    words = " ".join((page.body.text(separator=" ") if page.body else "").split())
    found = list(_SENTENCE.finditer(words))
    if not found:
        form = "an HTML page" if is_html(text) else "text"
        raise ParseError(FaultCode.FORMAT, f"the page is {form} without prices of GPUs")
    for match in found:
        gpu = _gpu(match[3])
        time = _time([match[2].lower()], match[0])
        price_usd = usd(match[1], what=f"the price of `{match[3]}`")
        if gpu is not None:
            yield _rates(gpu, price_usd, time, quote=shortened(match[0]), effective_from=None)


def _once(rows: Iterable[ListedRates]) -> Iterable[ListedRates]:
    """Each rate once, where the page repeats itself. Raises ParseError where it contradicts itself."""
    found: dict[tuple[CardKey, date | None], ListedRates] = {}
    for row in rows:
        same = found.setdefault((row.key, row.effective_from), row)
        if same.rates != row.rates:
            raise ParseError(
                FaultCode.ROWS, f"the page has two prices for `{row.key.item}`: `{row.quote}`"
            )
    if not found:
        raise ParseError(FaultCode.ROWS, "no row of the page is about a GPU that is covered")
    return _doubted(found)


def _doubted(found: Mapping[tuple[CardKey, date | None], ListedRates]) -> Iterable[ListedRates]:
    """Figures that are too low for an hour: all of them are of another unit, one alone is doubted."""
    low = [key for key, row in found.items() if _usd(row) < LOWEST_USD_PER_GPU_HOUR]
    if len(low) == len(found):
        raise ParseError(
            FaultCode.UNIT,
            f"`{found[low[0]].quote}` would be {_usd(found[low[0]])} dollars an hour: another unit",
        )
    doubt = f"it is below ${LOWEST_USD_PER_GPU_HOUR} an hour, which no GPU was"
    return [replace(row, doubt=doubt) if key in low else row for key, row in found.items()]


def _usd(row: ListedRates) -> Decimal:
    usd = row.rates[RateName.GPU_HOUR]
    assert usd is not None, "each row here has its price"  # noqa: S101 - for the type checker
    return usd
