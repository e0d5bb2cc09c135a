"""Cards that were observed after the package was made: put among its cards without editing any of them."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from pricing.cards import AnyCard, CardKey, Ended, GpuCard, RateBook, ServerlessCard, TinkerCard
from pricing.changes import listed_rates_of
from pricing.sources.listing import SourceId

_DAY = timedelta(days=1)
_DAYS = ("effective_from", "effective_to", "verified_on")
_KINDS: Mapping[str, type[TinkerCard] | type[ServerlessCard] | type[GpuCard]] = {
    "tinker": TinkerCard,
    "serverless": ServerlessCard,
    "gpu": GpuCard,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that was accepted: from `on` a key has the rates of `card`, or none.

    `seen_on`: when a source said so; `source`: which, where it is known. `number` grows with each change that is seen:
    of two on one day the later counts.
    """

    key: CardKey
    on: date
    card: AnyCard | None
    seen_on: date
    source: SourceId | None = None
    number: int = field(default=0, compare=False)


def with_changes(
    book: RateBook, changes: Iterable[Change], *, confirmed: Mapping[CardKey, date] = {}
) -> RateBook:
    """The package's book with what was observed since, and the day on which each key was last confirmed.

    Changes take effect in order of their days: each ends the card that holds, and its own card holds
    until the next change or the next card of the package. A package that was made with newer knowledge
    wins: from the first day of a card of the key that was verified after a change was seen, or after
    the end of one that was verified when it was seen or later, the change counts for nothing. Of two
    changes for one day the later seen counts. No two cards of a key ever hold on one day.
    """
    of_key: dict[CardKey, list[AnyCard]] = {}
    for card in book:
        of_key.setdefault(card.key, []).append(card)
    observed: dict[CardKey, list[Change]] = {}
    for change in sorted(changes, key=_order):
        observed.setdefault(change.key, []).append(change)
    keys = (*of_key, *sorted(set(observed) - set(of_key)))
    cards = (
        card
        for key in keys
        for card in _history(of_key.get(key, []), observed.get(key, []), confirmed.get(key))
    )
    return RateBook.of(cards, conflicts=book.conflicts)


def _order(change: Change) -> tuple[date, date, int, str]:
    """By day, then as seen; the rest is only there so that equal ones never depend on how they came."""
    card = card_json(change.card) if change.card else ""
    return change.on, change.seen_on, change.number, card


@dataclass(frozen=True, slots=True)
class _Turn:
    """What begins on a day: a card, or no rate at all; and how the card before it then ended.

    `seen` are the days on which a change said so; what the package says has none but those of changes
    that said the same.
    """

    card: AnyCard | None
    ended: Ended
    seen: frozenset[date] = frozenset()
    packaged: bool = False


def _history(
    cards: Sequence[AnyCard], changes: Sequence[Change], confirmed_on: date | None
) -> Iterator[AnyCard]:
    """One key's cards in order of time, after its changes."""
    history: list[AnyCard] = []
    seen: list[frozenset[date]] = []
    for day, turn in sorted(_turns(cards, changes).items()):
        if history and history[-1].holds_on(day):
            if turn.card and not turn.packaged and _alike(history[-1], turn.card):
                seen[-1] |= turn.seen
                continue
            cut = {"effective_to": day - _DAY, "ended": turn.ended}
            history[-1] = history[-1].model_copy(update=cut)
        if turn.card:
            history.append(turn.card)
            seen.append(turn.seen)
    confirmed = {confirmed_on} if confirmed_on else set()
    for card, days in zip(history, seen, strict=True):
        yield _confirmed(card, days | confirmed)


def _turns(cards: Sequence[AnyCard], changes: Sequence[Change]) -> dict[date, _Turn]:
    """What begins on which day. The changes come in the order in which they count."""
    turns = {card.effective_from: _Turn(card, Ended.REPLACED, packaged=True) for card in cards}
    for card in cards:
        _add_end(turns, card)
    for change in changes:
        if any(_knows_better(card, change) for card in cards):
            continue
        there = turns.get(change.on)
        seen = frozenset({change.seen_on})
        if change.card is None:
            turns[change.on] = _Turn(None, Ended.RETIRED, seen)
        elif there and there.card and _alike(there.card, change.card):
            turns[change.on] = replace(there, seen=there.seen | seen)
        elif change.card.effective_to is None or change.card.effective_to >= change.on:
            card = change.card.model_copy(update={"effective_from": change.on})
            turns[change.on] = _Turn(card, Ended.REPLACED, seen)
            _add_end(turns, card)
    return turns


def _add_end(turns: dict[date, _Turn], card: AnyCard) -> None:
    """An end that is known stays known, also where another card comes between."""
    if card.effective_to is not None and card.ended is not None:
        turns.setdefault(card.effective_to + _DAY, _Turn(None, card.ended))


def _knows_better(card: AnyCard, change: Change) -> bool:
    """Whether a card of the package makes a change of its key count for nothing."""
    if card.effective_from <= change.on and card.verified_on > change.seen_on:
        return True
    over = card.effective_to is not None and card.effective_to < change.on
    return over and card.verified_on >= change.seen_on


def _alike(one: AnyCard, other: AnyCard) -> bool:
    return listed_rates_of(one) == listed_rates_of(other)


def _confirmed(card: AnyCard, days: Iterable[date]) -> AnyCard:
    """The card as last seen on these days, as far as it held on them."""
    verified_on = max((card.verified_on, *(day for day in days if card.holds_on(day))))
    if verified_on == card.verified_on:
        return card
    return card.model_copy(update={"verified_on": verified_on})


def card_json(card: AnyCard) -> str:
    """A card as the store keeps it: every digit of its rates, days as ISO 8601 writes them."""
    kind = next(name for name, kind in _KINDS.items() if isinstance(card, kind))
    return json.dumps(
        {"kind": kind, **card.model_dump(mode="json", exclude_none=True)}, ensure_ascii=False
    )


def card_from_json(text: str) -> AnyCard:
    """What `card_json` made. Raises ValueError for anything else."""
    try:
        raw = json.loads(text)
    except RecursionError as error:
        raise ValueError("this is no rate card: it is nested too deeply") from error
    kind = _KINDS.get(str(raw.pop("kind", None))) if isinstance(raw, dict) else None
    if kind is None:
        raise ValueError("this is no rate card: it names no kind of card")
    return kind.model_validate({field: _read(field, value) for field, value in raw.items()})


def _read(field: str, value: Any) -> Any:
    """Days and dollars as they were; the card itself checks the rest."""
    if field in _DAYS:
        return _exact(field, value, date.fromisoformat, date.isoformat)
    if "usd_per_" in field:
        return _exact(field, value, Decimal, str)
    return value


Read = TypeVar("Read")


def _exact(
    field: str, value: object, read: Callable[[str], Read], write: Callable[[Read], str]
) -> Read:
    """A value that is written in one way only, so that nothing is lost and nothing guessed."""
    try:
        if isinstance(value, str) and write(found := read(value)) == value:
            return found
    except (ValueError, InvalidOperation):
        pass
    raise ValueError(f"`{field}` of a rate card is `{value}`, which `card_json` does not write")
