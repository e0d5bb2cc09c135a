"""The rates that somebody was told last, to say later what moved since."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

from pydantic import Field, NonNegativeInt

from engine.workload import Checked
from pricing.cards import (
    AnyCard,
    CardKey,
    CardPath,
    Confidence,
    Conflict,
    Ended,
    GpuCard,
    RateBook,
    ServerlessCard,
    TinkerCard,
)
from pricing.catalogue import GpuType
from pricing.changes import RateDifference, RateName, listed_rates_of

Rates = Mapping[RateName, Decimal | None]
NonNegativeDecimal = Annotated[Decimal, Field(ge=0)]


class Ending(NamedTuple):
    """The last day of a key's rates: announced where they are still in force, past where they are not."""

    key: CardKey
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What was known on a day: the cards in force, those announced for a day to come, and the last days."""

    in_force: tuple[AnyCard, ...] = ()
    coming: tuple[AnyCard, ...] = ()
    ending: tuple[Ending, ...] = ()

    @property
    def id(self) -> str:
        """The same for the same rates and announcements, whenever and however often they were checked."""
        return hashlib.sha256(to_json(self).encode()).hexdigest()


class MoveKind(StrEnum):
    """What happened to a key."""

    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A key whose rates are not those of the earlier snapshot; never None on both sides.

    `on` is the first day of the new state: where `after.from_certain` is false, the day on which it was first seen;
    None for rates that are gone and of which no last day is known.
    """

    key: CardKey
    on: date | None
    before: AnyCard | None
    after: AnyCard | None

    @property
    def kind(self) -> MoveKind:
        if self.before is None:
            return MoveKind.NEW
        return MoveKind.GONE if self.after is None else MoveKind.CHANGED

    @property
    def differences(self) -> tuple[RateDifference, ...]:
        """The rates that are not the same on both sides, Tinker's training rate among them."""
        before = listed_rates_of(self.before) if self.before else {}
        after = listed_rates_of(self.after) if self.after else {}
        return tuple(_differences(before, after, changed=self.kind is MoveKind.CHANGED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Rates that begin on `on`, or with `card` None the first day without any.

    `now` is the card in force. `instead_of` was announced for the same key before, and is announced no longer.
    """

    key: CardKey
    on: date
    card: AnyCard | None
    now: AnyCard | None = None
    instead_of: "Announcement | None" = None


def snapshot(book: RateBook, on: date) -> Snapshot:
    """What a book says on a day. Every card of it that begins later counts as announced."""
    in_force: list[AnyCard] = []
    coming: list[AnyCard] = []
    ending: list[Ending] = []
    for history in _histories(book):
        begun = [card for card in history if card.effective_from <= on]
        coming += history[len(begun) :]
        if not begun:
            continue
        last = begun[-1]
        if last.holds_on(on):
            in_force.append(last)
        if last.effective_to and (last.effective_to < on or last.ended is Ended.RETIRED):
            ending.append(Ending(last.key, last.effective_to))
    return Snapshot(in_force=tuple(in_force), coming=tuple(coming), ending=tuple(ending))


def moves(before: Snapshot, after: Snapshot) -> tuple[Move, ...]:
    """What moved from one snapshot to a later one, in the order of the cards: changed and new first, then gone."""
    was = {card.key: card for card in before.in_force}
    now = {card.key: card for card in after.in_force}
    held = (
        Move(key=key, on=card.effective_from, before=was.get(key), after=card)
        for key, card in now.items()
    )
    gone = (
        Move(key=key, on=_first_day_without(key, after, before), before=card, after=None)
        for key, card in was.items()
        if key not in now
    )
    return (*(move for move in held if move.differences), *gone)


def announced(before: Snapshot, after: Snapshot) -> tuple[Announcement, ...]:
    """What the later snapshot announces and the earlier one did not."""
    known = {_claim(one) for one in _announcements(before)}
    dropped = _dropped(before, after)
    return tuple(
        Announcement(
            key=one.key,
            on=one.on,
            card=one.card,
            now=one.now,
            instead_of=next((old for old in dropped if _same_kind(old, one)), None),
        )
        for one in _announcements(after)
        if _claim(one) not in known
    )


def called_off(before: Snapshot, after: Snapshot) -> tuple[Announcement, ...]:
    """What the earlier snapshot announced, what has not happened since, and what nothing announced replaces."""
    still = announced(before, after)
    return tuple(
        one for one in _dropped(before, after) if not any(_same_kind(one, new) for new in still)
    )


def book_of(snapshot: Snapshot, conflicts: Iterable[Conflict] = ()) -> RateBook:
    """A book of the cards in force alone, which hold on any day: to price with what held then."""
    cards = [_at_any_time(card) for card in snapshot.in_force]
    return RateBook(
        tinker=(card for card in cards if isinstance(card, TinkerCard)),
        serverless=(card for card in cards if isinstance(card, ServerlessCard)),
        gpus=(card for card in cards if isinstance(card, GpuCard)),
        conflicts=conflicts,
    )


def to_json(snapshot: Snapshot) -> str:
    """A snapshot as one line: of each card its rates, its first day and its page.

    When it was verified, by what sightings and with what confidence is left out, for that changes without a rate moving.
    """
    content = {
        "in_force": _rows(snapshot.in_force),
        "coming": _rows(snapshot.coming),
        "ending": sorted(
            [*_key_row(key), last_day.isoformat()] for key, last_day in snapshot.ending
        ),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Snapshot:
    """What `to_json` made. Raises ValueError for anything else."""
    kept = _Kept.model_validate_json(text)
    return Snapshot(
        in_force=tuple(_card(row) for row in kept.in_force),
        coming=tuple(_card(row) for row in kept.coming),
        ending=tuple(
            Ending(_key(path, item, window), last_day)
            for path, item, window, last_day in kept.ending
        ),
    )


def _histories(book: RateBook) -> Iterator[tuple[AnyCard, ...]]:
    yield from book.tinker.histories()
    yield from book.serverless.histories()
    yield from book.gpus.histories()


def _differences(before: Rates, after: Rates, *, changed: bool) -> Iterator[RateDifference]:
    for rate in RateName:
        was, now = before.get(rate), after.get(rate)
        # Not every page gives the training rate; that one of two is silent about it is no change.
        silent = changed and rate is RateName.TRAIN and None in (was, now)
        if was != now and not silent:
            yield RateDifference(rate, was, now)


def _first_day_without(key: CardKey, *snapshots: Snapshot) -> date | None:
    last_days = (one.last_day for known in snapshots for one in known.ending if one.key == key)
    last_day = next(last_days, None)
    return last_day + timedelta(days=1) if last_day else None


def _announcements(snapshot: Snapshot) -> Iterator[Announcement]:
    now = {card.key: card for card in snapshot.in_force}
    for card in snapshot.coming:
        yield Announcement(key=card.key, on=card.effective_from, card=card, now=now.get(card.key))
    for key, last_day in snapshot.ending:
        if key in now:
            on = last_day + timedelta(days=1)
            yield Announcement(key=key, on=on, card=None, now=now[key])


def _claim(one: Announcement) -> tuple[object, ...]:
    """What an announcement says, without where and how it was seen."""
    return one.key, one.on, one.card and tuple(listed_rates_of(one.card).items())


def _same_kind(one: Announcement, other: Announcement) -> bool:
    return one.key == other.key and (one.card is None) == (other.card is None)


def _dropped(before: Snapshot, after: Snapshot) -> tuple[Announcement, ...]:
    """What was announced, is announced no longer, and has not happened."""
    still = {_claim(one) for one in _announcements(after)}
    now = {card.key: card for card in after.in_force}
    return tuple(
        one
        for one in _announcements(before)
        if _claim(one) not in still and not _happened(one, now.get(one.key))
    )


def _happened(one: Announcement, now: AnyCard | None) -> bool:
    """Whether a key stands as announced, or has moved on since the announced day."""
    if one.card is None:
        return now is None
    if now is None:
        return False
    same = listed_rates_of(now) == listed_rates_of(one.card)
    return same or now.effective_from >= one.on


def _at_any_time(card: AnyCard) -> AnyCard:
    always = {"effective_from": date.min, "from_certain": True, "effective_to": None, "ended": None}
    return card.model_copy(update=always)


# A card is kept as a row: path, item, window, first day, whether that day is certain, whether only a feed has the rates,
# the page, and the rates in the order in which `listed_rates_of` gives them. No window is 0.
_CardRow = tuple[
    CardPath, str, NonNegativeInt, date, bool, bool, str, tuple[NonNegativeDecimal | None, ...]
]
_EndingRow = tuple[CardPath, str, NonNegativeInt, date]


class _Kept(Checked):
    """A snapshot as `to_json` writes it."""

    in_force: tuple[_CardRow, ...]
    coming: tuple[_CardRow, ...]
    ending: tuple[_EndingRow, ...]


def _rows(cards: Iterable[AnyCard]) -> list[list[object]]:
    return [_row(card) for card in sorted(cards, key=lambda c: (_key_row(c.key), c.effective_from))]


def _row(card: AnyCard) -> list[object]:
    rates = [usd if usd is None else _digits(usd) for usd in listed_rates_of(card).values()]
    first_day = card.effective_from.isoformat()
    seen = [first_day, card.from_certain, card.feed_only, card.source_url]
    return [*_key_row(card.key), *seen, rates]


def _key_row(key: CardKey) -> tuple[str, str, int]:
    return str(key.path), key.item, key.window_tokens or 0


def _digits(usd: Decimal) -> str:
    """5.1 and 5.10 are one rate."""
    return f"{usd.normalize():f}"


def _key(path: CardPath, item: str, window_tokens: int) -> CardKey:
    return CardKey(path, item, window_tokens or None)


def _card(row: _CardRow) -> AnyCard:
    """A card of which only what was kept is true: it reads as verified on its first day, and never since."""
    path, item, window_tokens, first_day, certain, feed_only, url, rates = row
    known: dict[str, Any] = {
        "effective_from": first_day,
        "from_certain": certain,
        "feed_only": feed_only,
        "source_url": url,
        "verified_on": first_day,
        "sightings": (first_day.isoformat(),),
        "confidence": Confidence.LOW,
    }
    if path is CardPath.DEDICATED:
        names: tuple[str, ...] = ("usd_per_gpu_hour",)
        return GpuCard(gpu_type=GpuType(item), **_named(names, rates), **known)
    names = ("input_usd_per_mtok", "cached_input_usd_per_mtok", "output_usd_per_mtok")
    if path is not CardPath.TINKER:
        return ServerlessCard(path=path, model=item, **_named(names, rates), **known)
    names = (*names, "train_usd_per_mtok")
    return TinkerCard(model=item, window_tokens=window_tokens, **_named(names, rates), **known)


def _named(names: tuple[str, ...], rates: tuple[Decimal | None, ...]) -> dict[str, Any]:
    return dict(zip(names, rates, strict=True))
