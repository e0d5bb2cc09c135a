"""What a check makes of what the sources say: findings, flags, and the judgement of a whole check."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pricing.cards import AnyCard, CardKey
from pricing.changes import RateDifference, RateName
from pricing.observed import Change
from pricing.row_doubts import Hold, plain, usd_of
from pricing.sources import ParseError, SourceId


class Status(StrEnum):
    """What becomes of a change."""

    IN_FORCE = "in_force"
    PENDING = "pending"
    QUARANTINED = "quarantined"


def fingerprint_of(
    key: CardKey, after: AnyCard | None, *, hold: Hold | None, announced: date | None = None
) -> str:
    """What a claim is known by; `announced` is the day of one that is taken and still to come."""
    rates = {name: plain(usd) for name, usd in usd_of(after).items()} if after else None
    day = announced.isoformat() if announced else None
    claim = json.dumps([*map(str, key), rates, day, hold], sort_keys=True)
    return hashlib.sha256(claim.encode()).hexdigest()


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
        before, after = usd_of(self.before), usd_of(self.after)
        pairs = (RateDifference(rate, before.get(rate), after.get(rate)) for rate in RateName)
        return tuple(pair for pair in pairs if pair.before != pair.after)

    @property
    def fingerprint(self) -> str:
        """The same for the same claim, whenever it is read: what a person decided once is not asked again.

        A claim that is held for another reason is another claim: what was turned down while two sources disagreed is
        asked about when both say it.
        """
        announced = self.on if self.status is Status.PENDING else None
        return fingerprint_of(self.key, self.after, hold=self.hold, announced=announced)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A feed that says something else than the card in force, which is that of this check if it has a new one."""

    key: CardKey
    rate: RateName
    card_usd: Decimal | None
    feed_usd: Decimal | None
    source: SourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The outcome of one check.

    `confirmed` are the keys whose cards in force an official source still shows; `corroborated` those of which a feed
    shows the card in force, which is that of this check if it has a new one; `withdrawn` what was announced for a day to
    come and is announced no longer; `faults` the sources that lost so many rows that nothing of them was taken.
    """

    findings: tuple[Finding, ...] = ()
    confirmed: tuple[CardKey, ...] = ()
    withdrawn: tuple[Change, ...] = ()
    flags: tuple[Flag, ...] = ()
    corroborated: tuple[CardKey, ...] = ()
    faults: tuple[tuple[SourceId, ParseError], ...] = ()
