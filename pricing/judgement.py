"""What a check of the sources means for the cards: which changes are taken, which wait for their day, which for a person."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta

from pricing.cards import AnyCard, CardKey, RateBook
from pricing.changes import listed_rates_of
from pricing.claims import Claims
from pricing.findings import Finding, Flag, Judgement, Status
from pricing.observed import Change
from pricing.on_record import Entry, Heard, Known, Reading, first_day
from pricing.row_doubts import LARGEST_FACTOR, Hold, fits, says, usd_of
from pricing.sources import SOURCES, FaultCode, ParseError, SourceId

__all__ = [
    "LARGEST_FACTOR",
    "Finding",
    "Flag",
    "Hold",
    "Judgement",
    "Reading",
    "Status",
    "judge",
]

_DAY = timedelta(days=1)
_FEWEST_LOST = 4
_PLACES = list(SOURCES)


def judge(
    readings: Sequence[Reading],
    *,
    book: RateBook,
    announced: Sequence[Change] = (),
    rejected: Collection[str] = (),
    waiting: Collection[str] = (),
    unread: Collection[SourceId] = (),
    on: date,
) -> Judgement:
    """Compare what the sources say with the cards of a day.

    `announced` are the accepted changes whose day is still to come; `rejected` the fingerprints of claims that a person
    turned down, which are not raised again, and `waiting` those of claims that wait for one. `unread` are the sources
    that were asked and could not be read: what two sources disagree on stays held while one of them is silent.
    """
    in_order = sorted(readings, key=lambda reading: _PLACES.index(reading.source.id))
    known = Known.of(book, announced, on)
    faults = tuple(
        (reading.source.id, fault) for reading in in_order if (fault := _lost_rows(reading, known))
    )
    faulty = {source for source, _ in faults}
    heard = Heard.of(
        [reading for reading in in_order if reading.source.id not in faulty],
        unread={*unread, *faulty},
        on=on,
    )
    findings = Claims(known=known, heard=heard, rejected=rejected, waiting=waiting).findings()
    check = _Check(known=known, heard=heard)
    return Judgement(
        findings=findings,
        confirmed=heard.confirmed(known),
        withdrawn=tuple(check.withdrawn()),
        flags=tuple(check.flags(findings)),
        corroborated=tuple(check.corroborated(findings)),
        faults=faults,
    )


def _lost_rows(reading: Reading, known: Known) -> ParseError | None:
    """A page that lost most of its rows is broken: no provider retires more than half at once."""
    due = {key for key in known.keys_in_force if key.path in reading.source.paths}
    missing = due - {row.key for row in reading.listing.rates}
    if not reading.source.lists_all or len(missing) < _FEWEST_LOST or 2 * len(missing) <= len(due):
        return None
    return ParseError(
        FaultCode.ROWS,
        f"{reading.source.name} lists {len(due) - len(missing)} of the {len(due)} rates in force",
    )


class _Check:
    """One comparison of what the sources say with what is known."""

    def __init__(self, *, known: Known, heard: Heard) -> None:
        self._known = known
        self._on = known.on
        self._heard = heard

    def corroborated(self, findings: Sequence[Finding]) -> tuple[CardKey, ...]:
        cards = self._of_feeds(findings)
        return tuple(
            dict.fromkeys(
                entry.key
                for entry in self._heard.feeds
                if (card := cards[entry.key]) and says(entry.now, card)
            )
        )

    def flags(self, findings: Sequence[Finding]) -> Iterator[Flag]:
        cards = self._of_feeds(findings)
        for entry in self._heard.feeds:
            card = cards[entry.key]
            for name, usd in usd_of(card).items():
                if entry.now and name in entry.now.rates and not fits(entry.now, name, usd):
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
                entries = [entry for entry in self._heard.entries if entry.key == change.key]
                if not self._stands(change, entries):
                    yield change

    def _of_feeds(self, findings: Sequence[Finding]) -> Mapping[CardKey, AnyCard | None]:
        """The card in force of each key that a feed has, once what this check takes is taken."""
        taken = {
            finding.key: finding.after for finding in findings if finding.status is Status.IN_FORCE
        }
        return {
            entry.key: taken.get(entry.key, self._known.in_force(entry.key))
            for entry in self._heard.feeds
        }

    def _was_looked_for(self, change: Change) -> bool:
        """Whether the source of an announcement was read; where it is unknown, any of its path."""
        announcer = change.source or next(
            (s.id for s in SOURCES.values() if change.card and s.url == change.card.source_url),
            None,
        )
        return any(
            change.key.path in source.paths and announcer in (None, source.id)
            for source in self._heard.official
        )

    def _stands(self, change: Change, entries: Sequence[Entry]) -> bool:
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
            says(row, card) and (first_day(row) <= self._on or row.effective_from == change.on)
            for row in rows
        )
