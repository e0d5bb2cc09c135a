"""Cards that were observed after the package was made: put among its cards without editing any of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pricing.cards import AnyCard, CardKey, RateBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that was accepted: from `on` a key has the rates of `card`, or none. `seen_on`: when a source said so."""

    key: CardKey
    on: date
    card: AnyCard | None
    seen_on: date


def with_changes(
    book: RateBook, changes: Iterable[Change], *, confirmed: Mapping[CardKey, date] = {}
) -> RateBook:
    """The package's book with what was observed since, and the day on which each key was last confirmed."""
    raise NotImplementedError


def card_json(card: AnyCard) -> str:
    """A card as the store keeps it."""
    raise NotImplementedError


def card_from_json(text: str) -> AnyCard:
    """What `card_json` made. Raises ValueError for anything else."""
    raise NotImplementedError
