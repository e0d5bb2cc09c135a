"""One check of the sources: fetch -> parse -> judge -> record. Its report is what `rlcost rates check` prints."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Protocol

from bot.fetching import Fetched
from bot.logs import log_fault
from bot.store.fetches import FetchRecord, SourceState
from bot.store.observations import Observation
from bot.store.outbox import Lease, Outgoing
from bot.store.rates import Rates
from pricing.cards import RateBook
from pricing.catalogue import Catalogue
from pricing.judgement import Finding, Flag, Judgement, Reading, judge
from pricing.observed import Change, with_changes
from pricing.sources import (
    SOURCES,
    FaultCode,
    Listing,
    ParseError,
    Source,
    SourceError,
    SourceId,
)


class Outcome(StrEnum):
    """What a check says of a source."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    FAULT = "fault"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSource:
    """A source and what was found there. `not_covered` are its names for models that the catalogue does not have."""

    source: Source
    outcome: Outcome
    fault: SourceError | None = None
    findings: tuple[Finding, ...] = ()
    flags: tuple[Flag, ...] = ()
    not_covered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A claim that waited until this check. `is_as_card`: an official source shows the card in force instead."""

    claim: Observation
    is_as_card: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """A whole check. `recorded` is false where another one had taken over meanwhile, and nothing was written.

    `withdrawn` waited for a person until now; `called_off` was announced for a day to come until now.
    """

    on: date
    sources: tuple[CheckedSource, ...]
    waiting: int
    recorded: bool
    withdrawn: tuple[Withdrawn, ...] = ()
    called_off: tuple[Change, ...] = ()

    @property
    def faulty(self) -> bool:
        return any(checked.outcome is Outcome.FAULT for checked in self.sources)


class Fetch(Protocol):
    """How a page is got; bot/fetching.py has the real one. Raises FetchError."""

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        bearer: str | None = None,
        next_page: Callable[[bytes], str | None] | None = None,
    ) -> Fetched: ...


class Notices(Protocol):
    """What reviewers are told of claims that have begun to wait for them, to be posted by the outbox."""

    def __call__(self, waiting: Sequence[Observation], *, at: datetime) -> Sequence[Outgoing]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answered:
    """What came of asking one source."""

    source: Source
    reading: Reading | None
    record: FetchRecord
    fault: SourceError | None


class Checker:
    """Asks every source that is on, and records what they say."""

    def __init__(
        self,
        *,
        fetcher: Fetch,
        urls: Mapping[SourceId, str | None],
        api_key: str | None,
        rates: Rates,
        package: RateBook,
        catalogue: Catalogue,
        notices: Notices | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._urls = urls
        self._api_key = api_key
        self._rates = rates
        self._package = package
        self._catalogue = catalogue
        self._notices = notices

    async def check(
        self, *, at: datetime, lease: Lease | None = None, due_at: datetime | None = None
    ) -> CheckReport:
        """Check all sources now. Raises what the database raises; a source that fails is in the report."""
        on = at.astimezone(UTC).date()
        states = await self._rates.source_states()
        answered = await asyncio.gather(
            *(
                self._ask(source, url, states.get(source.id), on=on, at=at)
                for source in SOURCES.values()
                if (url := self._urls.get(source.id))
            )
        )
        judgement = await self._judge(answered, on=on)
        answered = [_with_fault(each, judgement) for each in answered]
        waited = await self._rates.waiting()
        recorded = await self._rates.record(
            fetches=[*(each.record for each in answered), *self._off()],
            judgement=judgement,
            read=[each.source.id for each in answered if each.reading and not each.fault],
            notices=self._told(at),
            at=at,
            on=on,
            lease=lease,
            due_at=due_at,
        )
        withdrawn = await self._rates.withdrawn([each.id for each in waited])
        return CheckReport(
            on=on,
            sources=tuple(_reported(answered, judgement)),
            waiting=len(await self._rates.waiting()),
            recorded=recorded,
            withdrawn=tuple(
                Withdrawn(claim=each, is_as_card=each.key in judgement.confirmed)
                for each in waited
                if each.id in withdrawn
            ),
            called_off=judgement.withdrawn if recorded else (),
        )

    def _off(self) -> Iterable[FetchRecord]:
        """A source that is turned off does not fail any more."""
        for source in SOURCES.values():
            if not self._urls.get(source.id):
                yield FetchRecord(
                    source=source.id,
                    outcome=Outcome.OFF,
                    fault_code=None,
                    fault_text=None,
                    sha256=None,
                    state=None,
                )

    def _told(self, at: datetime) -> Callable[[Sequence[Observation]], Sequence[Outgoing]] | None:
        notices = self._notices
        return (lambda waiting: notices(waiting, at=at)) if notices else None

    async def _judge(self, answered: Sequence[_Answered], *, on: date) -> Judgement:
        accepted = [observation.change for observation in await self._rates.accepted()]
        book = with_changes(self._package, accepted, confirmed=await self._rates.confirmations())
        return judge(
            [each.reading for each in answered if each.reading],
            book=book,
            announced=[change for change in accepted if change.on > on],
            rejected=await self._rates.rejected(),
            waiting=[each.fingerprint for each in await self._rates.waiting()],
            unread=[each.source.id for each in answered if each.reading is None],
            on=on,
        )

    async def _ask(
        self, source: Source, url: str, state: SourceState | None, *, on: date, at: datetime
    ) -> _Answered:
        """Fetch and read one source. A page that did not change since is read again: the parser may have, or the day."""
        known = state if state and state.url == url and state.content is not None else None
        try:
            fetched = await self._fetch(source, url, known)
            content = fetched.content
            if fetched.not_modified and known and known.content is not None:
                content = known.content
            listing = await asyncio.to_thread(self._read, source, content, on)
        except SourceError as fault:
            return _Answered(
                source=source, reading=None, record=_faulty(source, fault), fault=fault
            )
        return _Answered(
            source=source,
            reading=Reading(source=source, listing=listing),
            record=_good(source, url, fetched, content, at=at),
            fault=None,
        )

    def _read(self, source: Source, content: bytes, on: date) -> Listing:
        """A page, read beside whatever else goes on. A bug of a parser is a fault of its source alone."""
        try:
            return source.parse(content, catalogue=self._catalogue, on=on)
        except SourceError:
            raise
        except Exception as error:
            reference = log_fault(error, where=f"the parser of {source.id}")
            raise ParseError(
                FaultCode.FORMAT, f"our parser failed at this page (reference {reference})"
            ) from error

    async def _fetch(self, source: Source, url: str, known: SourceState | None) -> Fetched:
        return await self._fetcher.fetch(
            url,
            etag=known.etag if known else None,
            last_modified=known.last_modified if known else None,
            bearer=self._api_key if source.needs_key else None,
            next_page=source.next_page,
        )


def _good(
    source: Source, url: str, fetched: Fetched, content: bytes, *, at: datetime
) -> FetchRecord:
    return FetchRecord(
        source=source.id,
        outcome=Outcome.UNCHANGED,
        fault_code=None,
        fault_text=None,
        sha256=hashlib.sha256(content).hexdigest(),
        state=SourceState(
            url=url,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            content=content,
            answered_at=at,
            failing_since=None,
        ),
    )


def _faulty(source: Source, fault: SourceError) -> FetchRecord:
    return FetchRecord(
        source=source.id,
        outcome=Outcome.FAULT,
        fault_code=fault.code,
        fault_text=fault.text,
        sha256=None,
        state=None,
    )


def _with_fault(answered: _Answered, judgement: Judgement) -> _Answered:
    """A source whose page could be read, and yet is not to be believed; or one whose rates have changed."""
    fault = dict(judgement.faults).get(answered.source.id)
    if fault:
        return replace(answered, fault=fault, record=_faulty(answered.source, fault))
    changed = any(finding.source is answered.source.id for finding in judgement.findings)
    if changed:
        return replace(answered, record=replace(answered.record, outcome=Outcome.CHANGED))
    return answered


def _reported(answered: Sequence[_Answered], judgement: Judgement) -> Iterable[CheckedSource]:
    by_id = {each.source.id: each for each in answered}
    for source in SOURCES.values():
        each = by_id.get(source.id)
        if each is None:
            yield CheckedSource(source=source, outcome=Outcome.OFF)
            continue
        listing = each.reading.listing if each.reading else Listing(rates=())
        yield CheckedSource(
            source=source,
            outcome=Outcome(each.record.outcome),
            fault=each.fault,
            findings=tuple(f for f in judgement.findings if f.source is source.id),
            flags=tuple(f for f in judgement.flags if f.source is source.id),
            not_covered=listing.not_covered,
        )
