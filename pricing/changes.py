"""Which rates changed and when, and how long ago each provider's rates were checked."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from heapq import nlargest
from itertools import pairwise
from typing import NamedTuple

from pricing.cards import AnyCard, CardKey, Ended, GpuCard, RateBook, TinkerCard


class CardGroup(StrEnum):
    """Whose price page a rate stands on."""

    TINKER = "tinker"
    SERVERLESS = "serverless"
    DEDICATED = "dedicated"


class RateName(StrEnum):
    """What a rate is charged for. Tinker's training rate is shown, not priced."""

    INPUT = "input"
    CACHED_INPUT = "cached_input"
    OUTPUT = "output"
    TRAIN = "train"
    GPU_HOUR = "gpu_hour"


class RateDifference(NamedTuple):
    """One rate on both sides of a change; None where there is none, be it unpublished or ended."""

    rate: RateName
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange:
    """What one key charged before a day and from that day on; never None on both sides.

    `before` is None where the key had no card yet, `after` where it has none any more. Where
    `after.from_certain` is false, `on` is the day on which the new rates were first seen.
    """

    key: CardKey
    on: date
    before: AnyCard | None
    after: AnyCard | None

    @property
    def ended(self) -> Ended | None:
        """Why the rates are gone, where they are: the key was retired, or was not seen again."""
        return self.before.ended if self.before and self.after is None else None

    @property
    def differences(self) -> tuple[RateDifference, ...]:
        """The rates that are not the same on both sides."""
        before = rates_of(self.before) if self.before else {}
        after = rates_of(self.after) if self.after else {}
        pairs = (RateDifference(rate, before.get(rate), after.get(rate)) for rate in RateName)
        return tuple(pair for pair in pairs if pair.before != pair.after)


class Checked(NamedTuple):
    """When a group's rates were last seen at their sources: the stalest card and the freshest."""

    oldest: date
    newest: date


def rates_of(card: AnyCard) -> Mapping[RateName, Decimal | None]:
    """A card's rates that are priced, by name; a cached rate that is not published is None."""
    if isinstance(card, GpuCard):
        return {RateName.GPU_HOUR: card.usd_per_gpu_hour}
    return {
        RateName.INPUT: card.input_usd_per_mtok,
        RateName.CACHED_INPUT: card.cached_input_usd_per_mtok,
        RateName.OUTPUT: card.output_usd_per_mtok,
    }


def listed_rates_of(card: AnyCard) -> Mapping[RateName, Decimal | None]:
    """All of a card's rates by name, Tinker's training rate among them."""
    if isinstance(card, TinkerCard):
        return {**rates_of(card), RateName.TRAIN: card.train_usd_per_mtok}
    return rates_of(card)


def recent_changes(
    book: RateBook,
    *,
    on: date,
    since: date | None = None,
    models: Collection[str] = (),
    limit: int,
) -> tuple[RateChange, ...]:
    """The last changes up to a day, newest first; those of one day in the order of the files.

    `models` narrows the rates per token; GPU-hours are every model's, so they always count. What
    counts as a change is said at `changes_of`.
    """
    found = (
        change
        for group, histories in _histories(book).items()
        for history in histories
        if group is CardGroup.DEDICATED or not models or history[0].key.item in models
        for change in changes_of(history, on=on)
        if since is None or change.on >= since
    )
    return tuple(nlargest(limit, found, key=lambda change: change.on))


def changes_of(history: Sequence[AnyCard], *, on: date) -> Iterator[RateChange]:
    """What changed up to a day in the cards of one key, which come in order of time; oldest first.

    A change is a card whose rates differ from those of the card before it, and the day after the
    last card where the key was retired or was not seen again. A key's first card counts where its
    first day is certain, for then the provider named it. Otherwise that day is a first sighting,
    with which our records of most keys begin: it says when somebody looked, not when a rate began.
    """
    begun = [card for card in history if card.effective_from <= on]
    if begun and begun[0].from_certain:
        first = begun[0]
        yield RateChange(key=first.key, on=first.effective_from, before=None, after=first)
    for before, after in pairwise(begun):
        if rates_of(before) != rates_of(after):
            yield RateChange(key=after.key, on=after.effective_from, before=before, after=after)
    if begun:
        yield from _end(begun[-1], on)


def checked_on(book: RateBook, *, on: date) -> Mapping[CardGroup, Checked]:
    """The checks behind the rates that hold on a day; a group of which none holds is left out."""
    days = {
        group: [card.verified_on for history in histories for card in history if card.holds_on(on)]
        for group, histories in _histories(book).items()
    }
    return {group: Checked(min(dates), max(dates)) for group, dates in days.items() if dates}


def oldest_check(book: RateBook, *, on: date) -> date | None:
    """When the stalest of the rates that hold on a day was checked; None where none holds."""
    return min((checked.oldest for checked in checked_on(book, on=on).values()), default=None)


def _histories(book: RateBook) -> Mapping[CardGroup, Iterable[Sequence[AnyCard]]]:
    return {
        CardGroup.TINKER: book.tinker.histories(),
        CardGroup.SERVERLESS: book.serverless.histories(),
        CardGroup.DEDICATED: book.gpus.histories(),
    }


def _end(last: AnyCard, on: date) -> Iterator[RateChange]:
    """The end of a key's last card by a day; one that is `replaced` waits for the next."""
    if last.effective_to is None or last.effective_to >= on or last.ended is Ended.REPLACED:
        return
    gone = last.effective_to + timedelta(days=1)
    yield RateChange(key=last.key, on=gone, before=last, after=None)
