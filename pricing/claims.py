"""What the official sources claim that the cards do not say: which of it is taken, and which waits for a person."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from pricing.cards import AnyCard, CardKey, Confidence
from pricing.changes import rates_of
from pricing.findings import Finding, Status, fingerprint_of
from pricing.on_record import Entry, Heard, Known, first_day
from pricing.row_doubts import (
    Held,
    Hold,
    card_of,
    difference,
    exchange,
    fits,
    leap,
    other_day,
    rounds,
    row_doubt,
    says,
    usd_of,
)
from pricing.sources import ListedRates, Source

_DAY = timedelta(days=1)


class Claims:
    """The claims of one check. Those whose fingerprints are `rejected` are not raised again.

    `waiting` are the fingerprints of those that wait for a person already.
    """

    def __init__(
        self, *, known: Known, heard: Heard, rejected: Collection[str], waiting: Collection[str]
    ) -> None:
        self._known = known
        self._on = known.on
        self._heard = heard
        self._confirmed = frozenset(heard.confirmed(known))
        self._rejected = rejected
        self._in_dispute = {*rejected, *waiting}

    def findings(self) -> tuple[Finding, ...]:
        claims: list[Finding] = []
        for claim in (*self._claims(), *self._gone()):
            if not any(self._is_same(claim, earlier) for earlier in claims):
                claims.append(claim)
        return tuple(claim for claim in claims if claim.fingerprint not in self._rejected)

    def _claims(self) -> Iterator[Finding]:
        for entry in self._heard.entries:
            yield from self._rate_claims(entry)
            yield from self._end_claims(entry)

    def _rate_claims(self, entry: Entry) -> Iterator[Finding]:
        """What is new in the rates of an entry, each row against those that will hold before it."""
        card = self._known.in_force(entry.key)
        for row in (entry.now, *entry.coming):
            if row is None or (card and (says(row, card) or self._only_rounds(row, card))):
                continue
            known = next((c for c in self._to_come(row) if says(row, c)), None)
            if known is None:
                claim = self._rate_claim(entry, row, card)
                yield claim
                if claim.hold or claim.fingerprint in self._rejected:
                    continue
            card = known or claim.after

    def _to_come(self, row: ListedRates) -> Iterator[AnyCard]:
        if first_day(row) > self._on:
            yield from self._known.to_come(row.key, first_day(row))

    def _only_rounds(self, row: ListedRates, card: AnyCard) -> bool:
        """Whether a row is the card in force in fewer or more digits, and another source shows it."""
        return row.key in self._confirmed and all(
            fits(row, name, usd) or rounds(row.rates[name], usd)
            for name, usd in usd_of(card).items()
            if name in row.rates
        )

    def _rate_claim(self, entry: Entry, row: ListedRates, before: AnyCard | None) -> Finding:
        after = self._card(entry.source, row, before)
        feed = self._feed_that_says(after) if before is None else None
        held = (
            row_doubt(row, after)
            or self._contradiction(entry, row)
            or self._open_dispute(row.key, after)
            or self._turned_back(entry, row, before)
            or (leap(before, after) if before else self._first_or_back(row.key, feed))
            or exchange(before, after)
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

    def _status(self, on: date, held: Held | None) -> Status:
        if held:
            return Status.QUARANTINED
        return Status.PENDING if on > self._on else Status.IN_FORCE

    def _card(self, source: Source, row: ListedRates, before: AnyCard | None) -> AnyCard:
        named = row.effective_from
        certain = named is not None and (
            named > self._on or named >= self._known.first_free_day(row.key)
        )
        return card_of(
            row.key,
            {**usd_of(before), **row.rates},
            effective_from=named if certain else self._on,
            from_certain=certain,
            verified_on=self._on,
            confidence=Confidence.HIGH,
            source_url=source.url,
            sightings=(self._on.isoformat(),),
        )

    def _others(self, entry: Entry) -> Iterator[Entry]:
        for other in self._heard.entries:
            if other.key == entry.key and other.source.id != entry.source.id:
                yield other

    def _contradiction(self, entry: Entry, row: ListedRates) -> Held | None:
        """Another official source that gives other rates for now, or for another day to come."""
        for other in self._others(entry):
            if row is entry.now:
                faults = [difference(row, other.now)] if other.now else []
            else:
                faults = [difference(row, their) or other_day(row, their) for their in other.coming]
            fault = faults[0] if faults and all(faults) else None
            if fault:
                ours, others = fault
                text = f"{entry.source.name} says {ours}, {other.source.name} says {others}"
                return Held(Hold.SOURCES_DISAGREE, text)
        return None

    def _open_dispute(self, key: CardKey, after: AnyCard | None) -> Held | None:
        """A claim that two sources disagreed on is no less open while one of them cannot be read."""
        silent = next((source for source in self._heard.unread if key.path in source.paths), None)
        disputed = fingerprint_of(key, after, hold=Hold.SOURCES_DISAGREE)
        if silent is None or disputed not in self._in_dispute:
            return None
        text = f"{silent.name} said something else, and could not be read this time"
        return Held(Hold.SOURCES_DISAGREE, text)

    def _turned_back(self, entry: Entry, row: ListedRates, before: AnyCard | None) -> Held | None:
        """A price of now that leads to the rate in force.

        Dated columns that were left standing look so once their days, which name no year, are nearer to those of the
        next year.
        """
        if before is None or row is not entry.now:
            return None
        coming = next((first_day(row) for row in entry.coming if says(row, before)), None)
        if coming is None:
            return None
        return Held(
            Hold.CONTRADICTS_ITSELF,
            f"the rate that is in force is said to begin on {coming}: old columns may have been left standing",
        )

    def _rewriting(self, row: ListedRates, before: AnyCard | None) -> Held | None:
        """A row that says since when its rates hold, though another rate was seen after that day."""
        since = row.effective_from
        if before is None or since is None or not since < before.verified_on <= self._on:
            return None
        text = (
            f"it is said to hold since {since}, yet another rate was seen on {before.verified_on}"
        )
        return Held(Hold.CONTRADICTS_ITSELF, text)

    def _first_or_back(self, key: CardKey, feed: Source | None) -> Held | None:
        last = self._known.begun(key)
        if last:
            return Held(Hold.BACK_AGAIN, f"its rates ended on {last.effective_to}")
        if feed:
            return None
        return Held(Hold.FIRST_RATE, "it never had a rate before, and no feed confirms this one")

    def _feed_that_says(self, card: AnyCard) -> Source | None:
        for entry in self._heard.feeds:
            if (
                entry.key == card.key
                and entry.now
                and not entry.now.doubt
                and says(entry.now, card)
            ):
                return entry.source
        return None

    def _end_claims(self, entry: Entry) -> Iterator[Finding]:
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
        self, entry: Entry, row: ListedRates, card: AnyCard, last_day: date
    ) -> Held | None:
        if row.doubt:
            return Held(Hold.CONTRADICTS_ITSELF, row.doubt)
        if last_day < max(card.effective_from, card.verified_on):
            seen = max(card.effective_from, card.verified_on)
            text = f"its last day is said to be {last_day}, yet it was there on {seen}"
            return Held(Hold.CONTRADICTS_ITSELF, text)
        for other in self._others(entry):
            # A source that never tells of ends does not contradict one that is to come.
            if other.last_day not in (None, last_day) or (other.now and last_day < self._on):
                says = f"says {other.last_day}" if other.last_day else "still lists it"
                text = f"{entry.source.name} gives {last_day} as its last day, {other.source.name} {says}"
                return Held(Hold.SOURCES_DISAGREE, text)
        return self._open_dispute(entry.key, None)

    def _gone(self) -> Iterator[Finding]:
        """Keys in force that no official source lists, though one would, and whose end none told."""
        listed = {entry.key for entry in self._heard.entries}
        for key in sorted(set(self._known.keys_in_force) - listed):
            sources = [s for s in self._heard.official if s.lists_all and key.path in s.paths]
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
        return all(rounds(usd, theirs[name]) for name, usd in rates_of(claim.after).items())
