"""How a model's rates moved: for each of its paths the cards in order of time, the gaps between them, and the changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, pairwise
from typing import NamedTuple

from pricing.cards import AnyCard, CardKey, CardPath, RateBook
from pricing.catalogue import Model
from pricing.changes import RateChange, changes_of, rates_of

_ORDER = {path: place for place, path in enumerate(CardPath)}


class Gap(NamedTuple):
    """Days, both included, between two cards, of which no rate is known."""

    first: date
    last: date


Entry = AnyCard | Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One key over time: `entries` are its cards and the gaps between them, in order.

    Cards that begin later than the history's day are among them; `changes` are those up to that day, oldest first.
    """

    key: CardKey
    entries: tuple[Entry, ...]
    changes: tuple[RateChange, ...]

    @property
    def cards(self) -> tuple[AnyCard, ...]:
        """The cards alone; there is at least one."""
        return tuple(entry for entry in self.entries if not isinstance(entry, Gap))

    def holding(self, on: date) -> AnyCard | None:
        """The card in force on a day."""
        return next((card for card in self.cards if card.holds_on(on)), None)

    def since(self, card: AnyCard) -> AnyCard:
        """The first of the cards that give the same rates up to this one without a gap."""
        first = card
        for entry in reversed(self.entries[: self.entries.index(card)]):
            if isinstance(entry, Gap) or rates_of(entry) != rates_of(card):
                break
            first = entry
        return first


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A model's rates as known on a day, and its cluster's GPU-hour.

    `observed_missing`: what was seen lately could not be read, and may be missing here.
    """

    model: Model
    on: date
    tracks: tuple[Track, ...]
    observed_missing: bool = False

    @property
    def last_changes(self) -> tuple[RateChange, ...]:
        """What changed on the last day on which anything did."""
        changes = [change for track in self.tracks for change in track.changes]
        last = max((change.on for change in changes), default=None)
        return tuple(change for change in changes if change.on == last)


def history(book: RateBook, model: Model, *, on: date, path: CardPath | None = None) -> History:
    """The history of a model: Tinker by window, serverless by path, then the GPU-hour; of one path where one is named."""
    tracks = [
        _track(cards, on)
        for cards in _histories(book)
        if _concerns(cards[0].key, model) and path in (None, cards[0].key.path)
    ]
    tracks.sort(key=lambda track: (_ORDER[track.key.path], track.key.window_tokens or 0))
    return History(model=model, on=on, tracks=tuple(tracks), observed_missing=book.observed_missing)


def _histories(book: RateBook) -> Iterator[Sequence[AnyCard]]:
    return chain(book.tinker.histories(), book.serverless.histories(), book.gpus.histories())


def _concerns(key: CardKey, model: Model) -> bool:
    if key.path is CardPath.DEDICATED:
        return model.cluster is not None and key.item == model.cluster.gpu_type
    return key.item == model.key


def _track(cards: Sequence[AnyCard], on: date) -> Track:
    return Track(
        key=cards[0].key,
        entries=tuple(_with_gaps(cards)),
        changes=tuple(changes_of(cards, on=on)),
    )


def _with_gaps(cards: Sequence[AnyCard]) -> Iterator[Entry]:
    day = timedelta(days=1)
    yield cards[0]
    for before, after in pairwise(cards):
        if before.effective_to and before.effective_to + day < after.effective_from:
            yield Gap(before.effective_to + day, after.effective_from - day)
        yield after
