"""How a row of a source compares with a card and with another row, and what about it nobody should take on trust."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from pricing.cards import AnyCard, CardKey, CardPath, GpuCard, ServerlessCard, TinkerCard
from pricing.catalogue import GpuType
from pricing.changes import RateName, listed_rates_of
from pricing.sources.listing import ListedRates

WORDS = {
    RateName.INPUT: "input",
    RateName.CACHED_INPUT: "cached input",
    RateName.OUTPUT: "output",
    RateName.TRAIN: "training",
    RateName.GPU_HOUR: "the GPU-hour",
}

LARGEST_FACTOR = 3
"""A rate that moves by more than this, either way, waits for a person."""

LOWEST_CACHED_PART = 100
"""A cached rate that is new waits for a person where input costs more than this many times as much."""


class Hold(StrEnum):
    """Why a change is quarantined."""

    OVER_THREEFOLD = "over_threefold"
    GONE = "gone"
    SOURCES_DISAGREE = "sources_disagree"
    CONTRADICTS_ITSELF = "contradicts_itself"
    FIRST_RATE = "first_rate"
    BACK_AGAIN = "back_again"
    CACHED_RATE_LOST = "cached_rate_lost"


class Held(NamedTuple):
    """Why a claim waits for a person."""

    hold: Hold
    reason: str


def usd_of(card: AnyCard | None) -> Mapping[RateName, Decimal | None]:
    return listed_rates_of(card) if card else {}


def card_of(key: CardKey, usd: Mapping[RateName, Decimal | None], **fields: Any) -> AnyCard:
    """A card of a key. Raises ValueError where a rate is missing that its path needs."""
    if key.path is CardPath.DEDICATED:
        fields |= {"gpu_type": GpuType(key.item), "usd_per_gpu_hour": usd.get(RateName.GPU_HOUR)}
        return GpuCard.model_validate(fields)
    fields |= {
        "model": key.item,
        "input_usd_per_mtok": usd.get(RateName.INPUT),
        "cached_input_usd_per_mtok": usd.get(RateName.CACHED_INPUT),
        "output_usd_per_mtok": usd.get(RateName.OUTPUT),
    }
    if key.path is not CardPath.TINKER:
        return ServerlessCard.model_validate({"path": key.path, **fields})
    fields |= {"window_tokens": key.window_tokens, "train_usd_per_mtok": usd.get(RateName.TRAIN)}
    return TinkerCard.model_validate(fields)


def _bounds(row: ListedRates, name: RateName) -> tuple[Decimal, Decimal] | None:
    """Within what a listed rate lies; a page that rounds says no more. None: it is not published."""
    if name is RateName.GPU_HOUR and row.between:
        return row.between
    usd = row.rates[name]
    return None if usd is None else (usd, usd)


def fits(row: ListedRates, name: RateName, usd: Decimal | None) -> bool:
    bounds = _bounds(row, name)
    if bounds is None or usd is None:
        return bounds is None and usd is None
    return bounds[0] <= usd <= bounds[1]


def says(row: ListedRates | None, card: AnyCard) -> bool:
    """Whether a row gives a card's rates; one that it does not give is no difference."""
    return row is not None and all(
        fits(row, name, usd) for name, usd in usd_of(card).items() if name in row.rates
    )


def difference(row: ListedRates, other: ListedRates) -> tuple[str, str] | None:
    """The first rate that two sources give differently, beyond rounding, in the words of both."""
    for name in WORDS:
        if name not in row.rates or name not in other.rates:
            continue
        ours, theirs = _bounds(row, name), _bounds(other, name)
        overlap = ours and theirs and ours[0] <= theirs[1] and theirs[0] <= ours[1]
        usd, their_usd = row.rates[name], other.rates[name]
        if not overlap and not rounds(usd, their_usd):
            word = WORDS[name]
            return f"{word} is {dollars(usd)}", f"{word} is {dollars(their_usd)}"
    return None


def other_day(row: ListedRates, other: ListedRates) -> tuple[str, str] | None:
    if row.effective_from == other.effective_from:
        return None
    return f"from {row.effective_from}", f"from {other.effective_from}"


def row_doubt(row: ListedRates, after: AnyCard) -> Held | None:
    if row.doubt:
        return Held(Hold.CONTRADICTS_ITSELF, row.doubt)
    usd = usd_of(after)
    cached, full = usd.get(RateName.CACHED_INPUT), usd.get(RateName.INPUT)
    if cached is not None and full is not None and cached > full:
        text = f"cached input at {dollars(cached)} costs more than input at {dollars(full)}"
        return Held(Hold.CONTRADICTS_ITSELF, text)
    return None


def leap(before: AnyCard, after: AnyCard) -> Held | None:
    """A rate that moves too far to be taken on trust, or a cached rate that comes almost free or is no longer there."""
    was, now = usd_of(before), usd_of(after)
    for name, usd in was.items():
        new = now[name]
        if usd is None or new is None:
            continue
        if new > LARGEST_FACTOR * usd or usd > LARGEST_FACTOR * new:
            verb = "rises" if new > usd else "falls"
            text = (
                f"{WORDS[name]} {verb} from {dollars(usd)} to {dollars(new)}, more than threefold"
            )
            return Held(Hold.OVER_THREEFOLD, text)
    cached = was.get(RateName.CACHED_INPUT)
    if cached is None:
        return _almost_free(now)
    if now[RateName.CACHED_INPUT] is None:
        text = f"the cached rate of {dollars(cached)} is no longer listed"
        return Held(Hold.CACHED_RATE_LOST, text)
    return None


def _almost_free(usd: Mapping[RateName, Decimal | None]) -> Held | None:
    """A cached rate that is new, and so low that it is a slip rather than a price."""
    cached, full = usd.get(RateName.CACHED_INPUT), usd.get(RateName.INPUT)
    if cached is None or full is None:
        return None
    if cached == 0:
        text = "cached input is new, and said to cost nothing"
    elif LOWEST_CACHED_PART * cached < full:
        text = f"cached input is new, and {dollars(cached)} is less than a hundredth of input at {dollars(full)}"
    else:
        return None
    return Held(Hold.OVER_THREEFOLD, text)


def exchange(before: AnyCard | None, after: AnyCard) -> Held | None:
    """The same amounts under other headings: columns may have changed places."""
    was, now = usd_of(before), usd_of(after)
    moved = [name for name in was if was[name] != now[name]]
    if not moved or Counter(was.values()) != Counter(now.values()):
        return None
    words = " and ".join(WORDS[name] for name in moved)
    return Held(Hold.CONTRADICTS_ITSELF, f"{words} have exchanged their rates")


def plain(usd: Decimal | None) -> str | None:
    """An amount without zeros behind it, so that it is written in one way only."""
    return None if usd is None else format(usd.normalize(), "f")


def dollars(usd: Decimal | None) -> str:
    if usd is None:
        return "not published"
    places = max(2, -int(usd.normalize().as_tuple().exponent))
    return f"${usd:.{places}f}"


def rounds(usd: Decimal | None, other: Decimal | None) -> bool:
    """Whether two amounts are the same, or one is the other in fewer digits, which are two or more."""
    if usd is None or other is None or not usd or not other:
        return usd == other
    places = min(max(2, -int(amount.normalize().as_tuple().exponent)) for amount in (usd, other))
    return abs(usd - other) <= Decimal(5).scaleb(-places - 1)
