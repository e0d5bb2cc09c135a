"""What a check of the sources means for the cards: which changes are taken, which wait for their day, which for a person."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from pricing.cards import (
    AnyCard,
    CardKey,
    CardPath,
    Confidence,
    Ended,
    GpuCard,
    RateBook,
    ServerlessCard,
    TinkerCard,
)
from pricing.catalogue import GpuType
from pricing.changes import RateDifference, RateName, listed_rates_of, rates_of
from pricing.observed import Change
from pricing.sources import (
    SOURCES,
    FaultCode,
    ListedRates,
    Listing,
    ParseError,
    Source,
    SourceId,
)

_DAY = timedelta(days=1)
_FEWEST_LOST = 4
_PLACES = list(SOURCES)
_WORDS = {
    RateName.INPUT: "input",
    RateName.CACHED_INPUT: "cached input",
    RateName.OUTPUT: "output",
    RateName.TRAIN: "training",
    RateName.GPU_HOUR: "the GPU-hour",
}

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
        before, after = _usd(self.before), _usd(self.after)
        pairs = (RateDifference(rate, before.get(rate), after.get(rate)) for rate in RateName)
        return tuple(pair for pair in pairs if pair.before != pair.after)

    @property
    def fingerprint(self) -> str:
        """The same for the same claim, whenever it is read: what a person decided once is not asked again.

        A claim that is held for another reason is another claim: what was turned down while two sources disagreed is
        asked about when both say it.
        """
        rates = (
            {name: _plain(usd) for name, usd in _usd(self.after).items()} if self.after else None
        )
        announced = self.on.isoformat() if self.status is Status.PENDING else None
        claim = json.dumps([*map(str, self.key), rates, announced, self.hold], sort_keys=True)
        return hashlib.sha256(claim.encode()).hexdigest()


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
    in_order = sorted(readings, key=lambda reading: _PLACES.index(reading.source.id))
    known = _Known.of(book, announced, on)
    faults = tuple(
        (reading.source.id, fault) for reading in in_order if (fault := _lost_rows(reading, known))
    )
    faulty = {source for source, _ in faults}
    check = _Check(
        known=known,
        readings=tuple(reading for reading in in_order if reading.source.id not in faulty),
        rejected=rejected,
    )
    findings = check.findings()
    return Judgement(
        findings=findings,
        confirmed=tuple(check.confirmed),
        withdrawn=tuple(check.withdrawn()),
        flags=tuple(check.flags(findings)),
        corroborated=tuple(check.corroborated(findings)),
        faults=faults,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What is on record on the day of the check."""

    cards: Mapping[CardKey, Sequence[AnyCard]]
    announced: Sequence[Change]
    on: date

    @classmethod
    def of(cls, book: RateBook, announced: Sequence[Change], on: date) -> "_Known":
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
class _Entry:
    """What one source says of one key: the row that holds now, those to come, and the one that ends."""

    source: Source
    key: CardKey
    now: ListedRates | None
    coming: tuple[ListedRates, ...]
    ending: ListedRates | None

    @property
    def last_day(self) -> date | None:
        return self.ending.last_day if self.ending else None


def _entries(reading: Reading, on: date) -> Iterator[_Entry]:
    rows: dict[CardKey, list[ListedRates]] = {}
    for row in reading.listing.rates:
        rows.setdefault(row.key, []).append(_with_own_doubt(row))
    for key, of_key in rows.items():
        of_key.sort(key=_first_day)
        begun = [row for row in of_key if _first_day(row) <= on and not _is_past(row, on)]
        yield _Entry(
            source=reading.source,
            key=key,
            now=begun[-1] if begun else None,
            coming=tuple(row for row in of_key if _first_day(row) > on),
            ending=of_key[-1] if of_key[-1].last_day else None,
        )


def _with_own_doubt(row: ListedRates) -> ListedRates:
    """A row that ends before it begins was misread, whatever its parser thought of it."""
    if row.doubt or not row.last_day or row.last_day >= _first_day(row):
        return row
    return replace(
        row, doubt=f"it ends on {row.last_day}, before it begins on {row.effective_from}"
    )


def _first_day(row: ListedRates) -> date:
    return row.effective_from or date.min


def _is_past(row: ListedRates, on: date) -> bool:
    return row.last_day is not None and row.last_day < on


def _lost_rows(reading: Reading, known: _Known) -> ParseError | None:
    """A page that lost most of its rows is broken: no provider retires more than half at once."""
    due = {key for key in known.keys_in_force if key.path in reading.source.paths}
    missing = due - {row.key for row in reading.listing.rates}
    if not reading.source.lists_all or len(missing) < _FEWEST_LOST or 2 * len(missing) <= len(due):
        return None
    return ParseError(
        FaultCode.ROWS,
        f"{reading.source.name} lists {len(due) - len(missing)} of the {len(due)} rates in force",
    )


class _Held(NamedTuple):
    """Why a claim waits for a person."""

    hold: Hold
    reason: str


class _Check:
    """One comparison of what the sources say with what is known."""

    def __init__(
        self, *, known: _Known, readings: Sequence[Reading], rejected: Collection[str]
    ) -> None:
        self._known = known
        self._on = known.on
        self._rejected = rejected
        self._official = tuple(r.source for r in readings if r.source.official)
        entries = [entry for reading in readings for entry in _entries(reading, known.on)]
        self._entries = tuple(entry for entry in entries if entry.source.official)
        self._feeds = tuple(entry for entry in entries if not entry.source.official)
        self.confirmed = tuple(
            dict.fromkeys(
                entry.key
                for entry in self._entries
                if (card := known.in_force(entry.key)) and _says(entry.now, card)
            )
        )

    def corroborated(self, findings: Sequence[Finding]) -> tuple[CardKey, ...]:
        cards = self._of_feeds(findings)
        return tuple(
            dict.fromkeys(
                entry.key
                for entry in self._feeds
                if (card := cards[entry.key]) and _says(entry.now, card)
            )
        )

    def findings(self) -> tuple[Finding, ...]:
        claims: list[Finding] = []
        for claim in (*self._claims(), *self._gone()):
            if not any(self._is_same(claim, earlier) for earlier in claims):
                claims.append(claim)
        return tuple(claim for claim in claims if claim.fingerprint not in self._rejected)

    def flags(self, findings: Sequence[Finding]) -> Iterator[Flag]:
        cards = self._of_feeds(findings)
        for entry in self._feeds:
            card = cards[entry.key]
            for name, usd in _usd(card).items():
                if entry.now and name in entry.now.rates and not _fits(entry.now, name, usd):
                    yield Flag(
                        key=entry.key,
                        rate=name,
                        card_usd=usd,
                        feed_usd=entry.now.rates[name],
                        source=entry.source.id,
                    )

    def withdrawn(self) -> Iterator[Change]:
        for change in self._known.announced:
            if change.on > self._on and self._was_looked_for(change):
                entries = [entry for entry in self._entries if entry.key == change.key]
                if not self._stands(change, entries):
                    yield change

    def _of_feeds(self, findings: Sequence[Finding]) -> Mapping[CardKey, AnyCard | None]:
        """The card in force of each key that a feed has, once what this check takes is taken."""
        taken = {
            finding.key: finding.after for finding in findings if finding.status is Status.IN_FORCE
        }
        return {
            entry.key: taken.get(entry.key, self._known.in_force(entry.key))
            for entry in self._feeds
        }

    def _claims(self) -> Iterator[Finding]:
        for entry in self._entries:
            yield from self._rate_claims(entry)
            yield from self._end_claims(entry)

    def _rate_claims(self, entry: _Entry) -> Iterator[Finding]:
        """What is new in the rates of an entry, each row against those that will hold before it."""
        card = self._known.in_force(entry.key)
        for row in (entry.now, *entry.coming):
            if row is None or (card and (_says(row, card) or self._only_rounds(row, card))):
                continue
            known = next((c for c in self._to_come(row) if _says(row, c)), None)
            if known is None:
                claim = self._rate_claim(entry, row, card)
                yield claim
                if claim.hold or claim.fingerprint in self._rejected:
                    continue
            card = known or claim.after

    def _to_come(self, row: ListedRates) -> Iterator[AnyCard]:
        if _first_day(row) > self._on:
            yield from self._known.to_come(row.key, _first_day(row))

    def _only_rounds(self, row: ListedRates, card: AnyCard) -> bool:
        """Whether a row is the card in force in fewer or more digits, and another source shows it."""
        return row.key in self.confirmed and all(
            _fits(row, name, usd) or _rounds(row.rates[name], usd)
            for name, usd in _usd(card).items()
            if name in row.rates
        )

    def _rate_claim(self, entry: _Entry, row: ListedRates, before: AnyCard | None) -> Finding:
        after = self._card(entry.source, row, before)
        feed = self._feed_that_says(after) if before is None else None
        held = (
            _doubt(row, after)
            or self._contradiction(entry, row)
            or (_leap(before, after) if before else self._first_or_back(row.key, feed))
            or _exchange(before, after)
            or self._rewriting(row, before)
        )
        return Finding(
            key=row.key,
            on=after.effective_from,
            before=before,
            after=after,
            status=self._status(after.effective_from, held),
            hold=held.hold if held else None,
            reason=held.reason if held else f"confirmed by {feed.name}" if feed else "",
            source=entry.source.id,
            quote=row.quote,
        )

    def _status(self, on: date, held: _Held | None) -> Status:
        if held:
            return Status.QUARANTINED
        return Status.PENDING if on > self._on else Status.IN_FORCE

    def _card(self, source: Source, row: ListedRates, before: AnyCard | None) -> AnyCard:
        named = row.effective_from
        certain = named is not None and (
            named > self._on or named >= self._known.first_free_day(row.key)
        )
        return _card_of(
            row.key,
            {**_usd(before), **row.rates},
            effective_from=named if certain else self._on,
            from_certain=certain,
            verified_on=self._on,
            confidence=Confidence.HIGH,
            source_url=source.url,
            sightings=(self._on.isoformat(),),
        )

    def _others(self, entry: _Entry) -> Iterator[_Entry]:
        for other in self._entries:
            if other.key == entry.key and other.source.id != entry.source.id:
                yield other

    def _contradiction(self, entry: _Entry, row: ListedRates) -> _Held | None:
        """Another official source that gives other rates for now, or for another day to come."""
        for other in self._others(entry):
            if row is entry.now:
                faults = [_difference(row, other.now)] if other.now else []
            else:
                faults = [
                    _difference(row, their) or _other_day(row, their) for their in other.coming
                ]
            fault = faults[0] if faults and all(faults) else None
            if fault:
                ours, others = fault
                text = f"{entry.source.name} says {ours}, {other.source.name} says {others}"
                return _Held(Hold.SOURCES_DISAGREE, text)
        return None

    def _rewriting(self, row: ListedRates, before: AnyCard | None) -> _Held | None:
        """A row that says since when its rates hold, though another rate was seen after that day."""
        since = row.effective_from
        if before is None or since is None or not since < before.verified_on <= self._on:
            return None
        text = (
            f"it is said to hold since {since}, yet another rate was seen on {before.verified_on}"
        )
        return _Held(Hold.CONTRADICTS_ITSELF, text)

    def _first_or_back(self, key: CardKey, feed: Source | None) -> _Held | None:
        last = self._known.begun(key)
        if last:
            return _Held(Hold.BACK_AGAIN, f"its rates ended on {last.effective_to}")
        if feed:
            return None
        return _Held(Hold.FIRST_RATE, "it never had a rate before, and no feed confirms this one")

    def _feed_that_says(self, card: AnyCard) -> Source | None:
        for entry in self._feeds:
            if (
                entry.key == card.key
                and entry.now
                and not entry.now.doubt
                and _says(entry.now, card)
            ):
                return entry.source
        return None

    def _end_claims(self, entry: _Entry) -> Iterator[Finding]:
        card, row, last_day = self._known.in_force(entry.key), entry.ending, entry.last_day
        if card is None or row is None or last_day is None or not self._known.end_is_open(card):
            return
        on = last_day + _DAY
        if on in self._known.ends_on(entry.key):
            return
        held = self._end_doubt(entry, row, card, last_day)
        yield Finding(
            key=entry.key,
            on=on,
            before=card,
            after=None,
            status=self._status(on, held),
            hold=held.hold if held else None,
            reason=held.reason if held else "",
            source=entry.source.id,
            quote=row.quote,
        )

    def _end_doubt(
        self, entry: _Entry, row: ListedRates, card: AnyCard, last_day: date
    ) -> _Held | None:
        if row.doubt:
            return _Held(Hold.CONTRADICTS_ITSELF, row.doubt)
        if last_day < max(card.effective_from, card.verified_on):
            seen = max(card.effective_from, card.verified_on)
            text = f"its last day is said to be {last_day}, yet it was there on {seen}"
            return _Held(Hold.CONTRADICTS_ITSELF, text)
        for other in self._others(entry):
            # A source that never tells of ends does not contradict one that is to come.
            if other.last_day not in (None, last_day) or (other.now and last_day < self._on):
                says = f"says {other.last_day}" if other.last_day else "still lists it"
                text = f"{entry.source.name} gives {last_day} as its last day, {other.source.name} {says}"
                return _Held(Hold.SOURCES_DISAGREE, text)
        return None

    def _gone(self) -> Iterator[Finding]:
        """Keys in force that no official source lists, though one would, and whose end none told."""
        listed = {entry.key for entry in self._entries}
        for key in sorted(set(self._known.keys_in_force) - listed):
            sources = [s for s in self._official if s.lists_all and key.path in s.paths]
            if sources and not any(self._known.ends_on(key)):
                names = " and ".join(source.name for source in sources)
                yield Finding(
                    key=key,
                    on=self._on,
                    before=self._known.in_force(key),
                    after=None,
                    status=Status.QUARANTINED,
                    hold=Hold.GONE,
                    reason=f"no longer on {names}, and no end was announced",
                    source=sources[0].id,
                    quote="",
                )

    def _is_same(self, claim: Finding, earlier: Finding) -> bool:
        """Whether a claim only repeats one of a source that comes before."""
        if claim.fingerprint == earlier.fingerprint:
            return True
        if claim.key != earlier.key or claim.source == earlier.source:
            return False
        if claim.on != earlier.on and max(claim.on, earlier.on) > self._on:
            return False
        if claim.after is None or earlier.after is None:
            return claim.after is earlier.after
        theirs = rates_of(earlier.after)
        return all(_rounds(usd, theirs[name]) for name, usd in rates_of(claim.after).items())

    def _was_looked_for(self, change: Change) -> bool:
        """Whether the source of an announcement was read; where it is unknown, any of its path."""
        announcer = change.source or next(
            (s.id for s in SOURCES.values() if change.card and s.url == change.card.source_url),
            None,
        )
        return any(
            change.key.path in source.paths and announcer in (None, source.id)
            for source in self._official
        )

    def _stands(self, change: Change, entries: Sequence[_Entry]) -> bool:
        """Whether an announcement is still made, or has come true already."""
        card = change.card
        if card is None:
            days = [entry.last_day for entry in entries]
            return not entries or any(day and day + _DAY == change.on for day in days)
        now = self._known.in_force(change.key)
        if now and listed_rates_of(now) == listed_rates_of(card):
            return True
        rows = [row for entry in entries for row in (entry.now, *entry.coming) if row]
        return any(
            _says(row, card) and (_first_day(row) <= self._on or row.effective_from == change.on)
            for row in rows
        )


def _usd(card: AnyCard | None) -> Mapping[RateName, Decimal | None]:
    return listed_rates_of(card) if card else {}


def _card_of(key: CardKey, usd: Mapping[RateName, Decimal | None], **fields: Any) -> AnyCard:
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


def _fits(row: ListedRates, name: RateName, usd: Decimal | None) -> bool:
    bounds = _bounds(row, name)
    if bounds is None or usd is None:
        return bounds is None and usd is None
    return bounds[0] <= usd <= bounds[1]


def _says(row: ListedRates | None, card: AnyCard) -> bool:
    """Whether a row gives a card's rates; one that it does not give is no difference."""
    return row is not None and all(
        _fits(row, name, usd) for name, usd in _usd(card).items() if name in row.rates
    )


def _difference(row: ListedRates, other: ListedRates) -> tuple[str, str] | None:
    """The first rate that two sources give differently, beyond rounding, in the words of both."""
    for name in _WORDS:
        if name not in row.rates or name not in other.rates:
            continue
        ours, theirs = _bounds(row, name), _bounds(other, name)
        overlap = ours and theirs and ours[0] <= theirs[1] and theirs[0] <= ours[1]
        usd, their_usd = row.rates[name], other.rates[name]
        if not overlap and not _rounds(usd, their_usd):
            word = _WORDS[name]
            return f"{word} is {_dollars(usd)}", f"{word} is {_dollars(their_usd)}"
    return None


def _other_day(row: ListedRates, other: ListedRates) -> tuple[str, str] | None:
    if row.effective_from == other.effective_from:
        return None
    return f"from {row.effective_from}", f"from {other.effective_from}"


def _doubt(row: ListedRates, after: AnyCard) -> _Held | None:
    if row.doubt:
        return _Held(Hold.CONTRADICTS_ITSELF, row.doubt)
    usd = _usd(after)
    cached, full = usd.get(RateName.CACHED_INPUT), usd.get(RateName.INPUT)
    if cached is not None and full is not None and cached > full:
        text = f"cached input at {_dollars(cached)} costs more than input at {_dollars(full)}"
        return _Held(Hold.CONTRADICTS_ITSELF, text)
    return None


def _leap(before: AnyCard, after: AnyCard) -> _Held | None:
    """A rate that moves too far to be taken on trust, or a cached rate that is no longer there."""
    was, now = _usd(before), _usd(after)
    for name, usd in was.items():
        new = now[name]
        if usd is None or new is None:
            continue
        if new > LARGEST_FACTOR * usd or usd > LARGEST_FACTOR * new:
            verb = "rises" if new > usd else "falls"
            text = f"{_WORDS[name]} {verb} from {_dollars(usd)} to {_dollars(new)}, more than threefold"
            return _Held(Hold.OVER_THREEFOLD, text)
    cached = was.get(RateName.CACHED_INPUT)
    if cached is not None and now[RateName.CACHED_INPUT] is None:
        text = f"the cached rate of {_dollars(cached)} is no longer listed"
        return _Held(Hold.CACHED_RATE_LOST, text)
    return None


def _exchange(before: AnyCard | None, after: AnyCard) -> _Held | None:
    """The same amounts under other headings: columns may have changed places."""
    was, now = _usd(before), _usd(after)
    moved = [name for name in was if was[name] != now[name]]
    if not moved or Counter(was.values()) != Counter(now.values()):
        return None
    words = " and ".join(_WORDS[name] for name in moved)
    return _Held(Hold.CONTRADICTS_ITSELF, f"{words} have exchanged their rates")


def _plain(usd: Decimal | None) -> str | None:
    """An amount without zeros behind it, so that it is written in one way only."""
    return None if usd is None else format(usd.normalize(), "f")


def _dollars(usd: Decimal | None) -> str:
    if usd is None:
        return "not published"
    places = max(2, -int(usd.normalize().as_tuple().exponent))
    return f"${usd:.{places}f}"


def _rounds(usd: Decimal | None, other: Decimal | None) -> bool:
    """Whether two amounts are the same, or one is the other in fewer digits, which are two or more."""
    if usd is None or other is None or not usd or not other:
        return usd == other
    places = min(max(2, -int(amount.normalize().as_tuple().exponent)) for amount in (usd, other))
    return abs(usd - other) <= Decimal(5).scaleb(-places - 1)
