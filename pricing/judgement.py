"""What a check of the sources means for the cards: which changes are taken, which wait for their day, which for a person."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pricing.cards import AnyCard, CardKey, RateBook
from pricing.changes import RateDifference, RateName, listed_rates_of
from pricing.observed import Change
from pricing.sources import Listing, Source, SourceId

LARGEST_FACTOR = 3
"""A rate that moves by more than this, either way, waits for a person."""


class Status(StrEnum):
    """What becomes of a change."""

    IN_FORCE = "in_force"
    PENDING = "pending"
    QUARANTINED = "quarantined"


class Hold(StrEnum):
    """Why a change is quarantined."""

    OVER_THREEFOLD = "over_threefold"
    GONE = "gone"
    SOURCES_DISAGREE = "sources_disagree"
    CONTRADICTS_ITSELF = "contradicts_itself"
    FIRST_RATE = "first_rate"
    BACK_AGAIN = "back_again"
    CACHED_RATE_LOST = "cached_rate_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A source that answered, and what it says."""

    source: Source
    listing: Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One key whose source says something else than the cards.

    From `on` the rates are those of `after`, or there are none. `reason` says, in a sentence, why it is held, or of
    what else it rests on; it is empty for a plain change. `quote` is the source's line.
    """

    key: CardKey
    on: date
    before: AnyCard | None
    after: AnyCard | None
    status: Status
    hold: Hold | None
    reason: str
    source: SourceId
    quote: str

    @property
    def differences(self) -> tuple[RateDifference, ...]:
        """The rates that are not the same on both sides."""
        before = listed_rates_of(self.before) if self.before else {}
        after = listed_rates_of(self.after) if self.after else {}
        pairs = (RateDifference(rate, before.get(rate), after.get(rate)) for rate in RateName)
        return tuple(pair for pair in pairs if pair.before != pair.after)

    @property
    def fingerprint(self) -> str:
        """The same for the same claim, whenever it is read: what a person decided once is not asked again."""
        rates = (
            {name: str(usd) for name, usd in listed_rates_of(self.after).items()}
            if self.after
            else None
        )
        announced = self.on.isoformat() if self.status is Status.PENDING else None
        claim = json.dumps([*map(str, self.key), rates, announced], sort_keys=True)
        return hashlib.sha256(claim.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A feed that says something else than a card in force. It decides nothing."""

    key: CardKey
    rate: RateName
    card_usd: Decimal | None
    feed_usd: Decimal | None
    source: SourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The outcome of one check. `confirmed` are the keys whose cards in force an official source still shows;
    `withdrawn` what was announced for a day to come and is announced no longer."""

    findings: tuple[Finding, ...] = ()
    confirmed: tuple[CardKey, ...] = ()
    withdrawn: tuple[Change, ...] = ()
    flags: tuple[Flag, ...] = ()
    corroborated: tuple[CardKey, ...] = ()


def judge(
    readings: Sequence[Reading],
    *,
    book: RateBook,
    announced: Sequence[Change] = (),
    rejected: Collection[str] = (),
    on: date,
) -> Judgement:
    """Compare what the sources say with the cards of a day.

    `announced` are the accepted changes whose day is still to come; `rejected` the fingerprints of claims that a person
    turned down, which are not raised again.
    """
    raise NotImplementedError
