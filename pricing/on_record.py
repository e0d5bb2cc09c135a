"""What is on record on the day of a check, and what each source that answered says of it, key by key."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pricing.cards import AnyCard, CardKey, Ended, RateBook
from pricing.observed import Change
from pricing.row_doubts import says
from pricing.sources import SOURCES, ListedRates, Listing, Source, SourceId

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A source that answered, and what it says."""

    source: Source
    listing: Listing


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record on the day of the check."""

    cards: Mapping[CardKey, Sequence[AnyCard]]
    announced: Sequence[Change]
    on: date

    @classmethod
    def of(cls, book: RateBook, announced: Sequence[Change], on: date) -> "Known":
        cards: dict[CardKey, list[AnyCard]] = {}
        for card in sorted(book, key=lambda card: card.effective_from):
            cards.setdefault(card.key, []).append(card)
        return cls(cards, announced, on)

    @property
    def keys_in_force(self) -> tuple[CardKey, ...]:
        return tuple(key for key in self.cards if self.in_force(key))

    def in_force(self, key: CardKey) -> AnyCard | None:
        begun = self.begun(key)
        return begun if begun and begun.holds_on(self.on) else None

    def begun(self, key: CardKey) -> AnyCard | None:
        """The last card of a key to have begun, whether it still holds or not."""
        begun = [card for card in self.cards.get(key, ()) if card.effective_from <= self.on]
        return begun[-1] if begun else None

    def to_come(self, key: CardKey, day: date) -> Iterator[AnyCard]:
        """The cards that are known to begin on a day that is still to come."""
        yield from (card for card in self.cards.get(key, ()) if card.effective_from == day)
        for change in self.announced:
            if change.key == key and change.on == day and change.card:
                yield change.card

    def ends_on(self, key: CardKey) -> Iterator[date]:
        """The first days without a rate that are known for a key whose card is in force."""
        card = self.in_force(key)
        if card and card.effective_to and card.ended is not Ended.REPLACED:
            yield card.effective_to + _DAY
        yield from (c.on for c in self.announced if c.key == key and c.card is None)

    def end_is_open(self, card: AnyCard) -> bool:
        """Whether an end can still be given to a card: it has none, or only one that was announced."""
        announced = {change.on for change in self.announced if change.key == card.key}
        return card.effective_to is None or card.effective_to + _DAY in announced

    def first_free_day(self, key: CardKey) -> date:
        """The first day on which a rate that is new now can have begun.

        The one before it held on the day on which it was last seen, and on its first day too, unless
        it was only announced then.
        """
        begun = self.begun(key)
        if begun is None:
            return date.min
        if begun.effective_to and begun.effective_to < self.on:
            return begun.effective_to + _DAY
        if begun.verified_on < begun.effective_from:
            return begun.effective_from
        return max(begun.verified_on, begun.effective_from + _DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one source says of one key: the row that holds now, those to come, and the one that ends."""

    source: Source
    key: CardKey
    now: ListedRates | None
    coming: tuple[ListedRates, ...]
    ending: ListedRates | None

    @property
    def last_day(self) -> date | None:
        return self.ending.last_day if self.ending else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the sources that could be read say. `unread` are the official ones that were asked and could not be read."""

    official: tuple[Source, ...]
    unread: tuple[Source, ...]
    entries: tuple[Entry, ...]
    feeds: tuple[Entry, ...]

    @classmethod
    def of(cls, readings: Sequence[Reading], *, unread: Collection[SourceId], on: date) -> "Heard":
        entries = [entry for reading in readings for entry in _entries_of(reading, on)]
        return cls(
            official=tuple(r.source for r in readings if r.source.official),
            unread=tuple(s for s in SOURCES.values() if s.id in unread and s.official),
            entries=tuple(entry for entry in entries if entry.source.official),
            feeds=tuple(entry for entry in entries if not entry.source.official),
        )

    def confirmed(self, known: Known) -> tuple[CardKey, ...]:
        """The keys whose cards in force an official source still shows."""
        shown = (
            entry.key
            for entry in self.entries
            if (card := known.in_force(entry.key)) and says(entry.now, card)
        )
        return tuple(dict.fromkeys(shown))


def _entries_of(reading: Reading, on: date) -> Iterator[Entry]:
    rows: dict[CardKey, list[ListedRates]] = {}
    for row in reading.listing.rates:
        rows.setdefault(row.key, []).append(_with_own_doubt(row))
    for key, of_key in rows.items():
        of_key.sort(key=first_day)
        begun = [row for row in of_key if first_day(row) <= on and not _is_past(row, on)]
        yield Entry(
            source=reading.source,
            key=key,
            now=begun[-1] if begun else None,
            coming=tuple(row for row in of_key if first_day(row) > on),
            ending=of_key[-1] if of_key[-1].last_day else None,
        )


def _with_own_doubt(row: ListedRates) -> ListedRates:
    """A row that ends before it begins was misread, whatever its parser thought of it."""
    if row.doubt or not row.last_day or row.last_day >= first_day(row):
        return row
    return replace(
        row, doubt=f"it ends on {row.last_day}, before it begins on {row.effective_from}"
    )


def first_day(row: ListedRates) -> date:
    return row.effective_from or date.min


def _is_past(row: ListedRates, on: date) -> bool:
    return row.last_day is not None and row.last_day < on
