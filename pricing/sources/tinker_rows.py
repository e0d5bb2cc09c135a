"""What Tinker's two sources share: a covered row, when it contradicts itself, and its last day."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pricing.cards import CardKey, CardPath
from pricing.catalogue import Catalogue, window_name
from pricing.changes import RateName
from pricing.sources.listing import FaultCode, ListedRates, Listing, ParseError
from pricing.sources.money import shortened

CACHED_DISCOUNT_PERCENT = 80

# Tinker's own words, for sentences about its pages.
_WORDS: Mapping[RateName, str] = {
    RateName.INPUT: "prefill",
    RateName.CACHED_INPUT: "cached prefill",
    RateName.OUTPUT: "sample",
    RateName.TRAIN: "train",
}
_DISCOUNT = re.compile(r"discount|% off|half price", re.IGNORECASE)
_PERCENT_OFF = re.compile(r"\b(\d{1,2}) ?% (?:discount|off)\b(?! on cached)", re.IGNORECASE)
_WINDOW = re.compile(r"(\d[\d,]{0,11}) ?([KM]?)(?: tokens)?", re.IGNORECASE)
_WINDOW_FACTOR = {"": 1, "K": 1024, "M": 1024**2}

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\b"
_RETIRES = r"\bretir(?:es|e|ing|ed|ement)\b:?(?: on| after)? "
_LAST_DAYS = tuple(
    re.compile(_RETIRES + day, re.IGNORECASE)
    for day in (
        rf"{_MONTH} {_DAY}(?:,? (?P<year>\d{{4}})\b)?",
        rf"{_DAY} {_MONTH}(?:,? (?P<year>\d{{4}})\b)?",
        r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b",
    )
)

_TENS = r"thousand|million|billion|trillion|hundred"
# "per million tokens", "/ 1K tokens", "per token"; and without the word, "per thousand", "$/1M".
_UNIT = re.compile(
    rf"(?:\bper|/) ?(?:an? |one )?"
    rf"(?:(?P<of>(?:[\d.,]+ ?)?(?:{_TENS}|[kmb])?) ?-?tok(?:en)?s?\b"
    rf"|(?P<bare>(?:[\d.,]+ ?)?(?:{_TENS})|[\d.,]+ ?[kmb])\b)",
    re.IGNORECASE,
)
_MILLION = {"million", "m", "1million", "1m", "1000000"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TinkerRow:
    """A covered row, in US dollars per million tokens.

    `billed` is what is paid now, `original` the price before a discount, where one is shown. `context` is the window
    as the row writes it, empty without one; `note` whatever the row says in words.
    """

    key: CardKey
    billed: Mapping[RateName, Decimal | None]
    original: Mapping[RateName, Decimal]
    context: str
    note: str
    quote: str
    cached_discount_percent: int = CACHED_DISCOUNT_PERCENT


def keys_by_id(catalogue: Catalogue) -> Mapping[str, CardKey]:
    """The key that each Tinker id stands for."""
    return {
        variant.id: CardKey(CardPath.TINKER, model.key, variant.window_tokens)
        for model in catalogue
        for variant in model.tinker
    }


def says_million(text: str) -> bool:
    """Whether a text says of anything that it is per million tokens."""
    return not _MILLION.isdisjoint(_units_in(text))


def other_units(text: str) -> set[str]:
    """What else a text says that prices are for, as in `per 1K tokens`: `1k`; empty for a single token."""
    return set(_units_in(text)) - _MILLION


def refuse_other_unit(text: str, *, what: str) -> None:
    """Raises ParseError where a text says that prices are per anything but a million tokens."""
    if other_units(text):
        raise ParseError(
            FaultCode.UNIT, f"{what} is `{shortened(text)}`, which is not per million tokens"
        )


def _units_in(text: str) -> Iterator[str]:
    for found in _UNIT.finditer(" ".join(text.split())):
        written = found["bare"] if found["of"] is None else found["of"]
        yield re.sub(r"[ ,]", "", written).lower()


def listing_of(rows: Iterable[TinkerRow], *, not_covered: Iterable[str], on: date) -> Listing:
    """What a page says, in its order; rows that say the same twice are one.

    Raises ParseError where a model stands twice with different rates, and where no row is covered.
    """
    by_key: dict[CardKey, ListedRates] = {}
    for row in rows:
        listed = _listed(row, on=on)
        first = by_key.setdefault(listed.key, listed)
        if (first.rates, first.last_day) != (listed.rates, listed.last_day):
            raise ParseError(
                FaultCode.ROWS, f"`{first.quote}` and `{listed.quote}` are rates of the same model"
            )
        if listed.doubt and not first.doubt:
            by_key[listed.key] = listed
    if not by_key:
        raise ParseError(FaultCode.ROWS, "no row is about a model that is covered")
    names = dict.fromkeys(shortened(name) for name in not_covered)
    return Listing(rates=tuple(by_key.values()), not_covered=tuple(names))


def _listed(row: TinkerRow, *, on: date) -> ListedRates:
    return ListedRates(
        key=row.key,
        rates=dict(row.billed),
        quote=shortened(row.quote),
        last_day=last_day(row.note, on=on),
        doubt="; ".join(_doubts(row)) or None,
    )


def last_day(note: str, *, on: date) -> date | None:
    """The day on which a model retires, such as `Retiring July 12`; without a year the one nearest to `on`.

    None for a note that names no day, or one that does not exist.
    """
    for pattern in _LAST_DAYS:
        if found := pattern.search(" ".join(note.split())):
            return _nearest(found["year"], _month(found["month"]), int(found["day"]), on=on)
    return None


def _month(written: str) -> int:
    return int(written) if written.isdecimal() else _MONTHS.index(written.lower()) + 1


def _nearest(year: str | None, month: int, day: int, *, on: date) -> date | None:
    years = [int(year)] if year else [on.year - 1, on.year, on.year + 1]
    days = []
    for candidate in years:
        try:
            days.append(date(candidate, month, day))
        except ValueError:  # 29 February, or a day that no month has
            continue
    return min(days, key=lambda candidate: abs(candidate - on), default=None)


def _doubts(row: TinkerRow) -> Iterator[str]:
    """Why a row, or the page around it, contradicts itself: a sentence for each reason."""
    yield from _cached_doubts(row)
    yield from _discount_doubts(row)
    yield from _window_doubts(row)
    prefill, sample = row.billed[RateName.INPUT], row.billed[RateName.OUTPUT]
    if prefill is not None and sample is not None and prefill > sample:
        # Columns that changed places: a token that is decoded always took more work than one that is read.
        yield f"prefill (`${prefill}`) costs more than sample (`${sample}`)"


def _cached_doubts(row: TinkerRow) -> Iterator[str]:
    prefill, cached = row.billed[RateName.INPUT], row.billed[RateName.CACHED_INPUT]
    if prefill is None or cached is None:
        return
    share = 1 - Decimal(CACHED_DISCOUNT_PERCENT) / 100
    if not _is_share(cached, prefill, share):
        yield f"cached prefill (`${cached}`) is not {share:.0%} of prefill (`${prefill}`)"
    if row.cached_discount_percent != CACHED_DISCOUNT_PERCENT:
        yield (
            f"the page speaks of a discount of {row.cached_discount_percent}% on cached prefill,"
            f" which was {CACHED_DISCOUNT_PERCENT}%"
        )


def _discount_doubts(row: TinkerRow) -> Iterator[str]:
    """Billed and list prices that are mixed up."""
    pairs = [
        (rate, billed, row.original[rate])
        for rate, billed in row.billed.items()
        if billed is not None and rate in row.original
    ]
    percent = _PERCENT_OFF.search(row.note)
    for rate, billed, original in pairs:
        prices = f"{_WORDS[rate]} is `${billed}` now and `${original}` before the discount"
        if billed > original or (billed == original and _DISCOUNT.search(row.note)):
            yield f"{prices}, which is no discount"
        elif percent and not _is_share(billed, original, 1 - Decimal(percent[1]) / 100):
            yield f"{prices}, which is not {percent[1]}% off"
    if len({rate in row.original for rate in (RateName.INPUT, RateName.OUTPUT)}) > 1:
        yield "only one of prefill and sample shows a price before the discount"
    shares = [_share_bounds(billed, original) for _, billed, original in pairs]
    if shares and max(low for low, _ in shares) > min(high for _, high in shares):
        yield "the discount is not the same on all of its prices"


def _window_doubts(row: TinkerRow) -> Iterator[str]:
    if not row.context or row.key.window_tokens is None:
        return
    found = _WINDOW.fullmatch(row.context)
    tokens = found and int(found[1].replace(",", "")) * _WINDOW_FACTOR[found[2].upper()]
    if tokens != row.key.window_tokens:
        expected = window_name(row.key.window_tokens)
        yield f"its context is `{shortened(row.context)}`, and its id stands for {expected}"


def _is_share(part: Decimal, whole: Decimal, share: Decimal) -> bool:
    """Whether part = share × whole, as far as the digits shown can tell."""
    return abs(part - share * whole) <= _half_digit(part) + share * _half_digit(whole)


def _share_bounds(part: Decimal, whole: Decimal) -> tuple[Decimal, Decimal]:
    """The lowest and the highest part ÷ whole that the digits shown allow."""
    least = whole - _half_digit(whole)
    high = (part + _half_digit(part)) / least if least > 0 else Decimal("Infinity")
    return (part - _half_digit(part)) / (whole + _half_digit(whole)), high


def _half_digit(usd: Decimal) -> Decimal:
    """Half of the last digit shown; `$3` is three dollars and no cents."""
    exponent = int(usd.as_tuple().exponent)
    return Decimal(5).scaleb(min(exponent, -2) - 1)
