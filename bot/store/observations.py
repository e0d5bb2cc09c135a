"""Changes of rates that were observed, and what became of each: rows of the database, within somebody's transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from bot.store.fetches import FetchRecord
from bot.store.rows import plain, seconds, time, time_or_none
from bot.store.sql import insert
from bot.store.tables import confirmations, observations
from pricing.cards import AnyCard, CardKey, CardPath
from pricing.judgement import Finding, Hold, Status
from pricing.observed import Change, card_from_json, card_json
from pricing.sources import SourceId

REJECTED = "rejected"
WITHDRAWN = "withdrawn"

ACCEPTED = observations.c.status.in_([Status.IN_FORCE, Status.PENDING])
WAITING = observations.c.status == Status.QUARANTINED

# Two checks at once, or a decision during a check, find the same claim twice. One that comes back later is a new claim.
_AT_ONCE = timedelta(days=1)

# Holds of claims that are made while the card in force is still shown.
_BESIDE_THE_CARD = (Hold.SOURCES_DISAGREE, Hold.CONTRADICTS_ITSELF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A finding that was kept, and what became of it: in_force, pending, quarantined, rejected or withdrawn.

    `on` is the first day of `card`; without a card the key is gone from that day on. `decided_by` is the person who
    approved or rejected it; None where nobody had to. A withdrawn one is what its source no longer says.
    """

    id: int
    fingerprint: str
    key: CardKey
    on: date
    card: AnyCard | None
    card_before: AnyCard | None
    status: str
    hold: str | None
    reason: str
    source: SourceId
    quote: str
    observed_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    decided_why: str | None

    @property
    def change(self) -> Change:
        """What it changes among the cards, once it is accepted."""
        return Change(
            key=self.key,
            on=self.on,
            card=self.card,
            seen_on=self.observed_at.date(),
            source=self.source,
            number=self.id,
        )


async def observations_that(
    connection: AsyncConnection, which: ColumnElement[bool]
) -> tuple[Observation, ...]:
    """All that meet a condition, oldest first."""
    query = select(observations).where(which).order_by(observations.c.id)
    rows = (await connection.execute(query)).mappings().all()
    return tuple(map(observation_of, rows))


async def rejected_claims(connection: AsyncConnection) -> frozenset[str]:
    """What was turned down, without what is over since: its source came to show the card in force again.

    It is over once that card was confirmed on a day after the decision, and on or after the day that was claimed: until
    then a claim of a day to come stands beside it. So can one of a source that another, or its own page, contradicts;
    those are turned down for good.
    """
    of_key = and_(
        confirmations.c.path == observations.c.path,
        confirmations.c.item == observations.c.item,
        confirmations.c.window_tokens == func.coalesce(observations.c.window_tokens, 0),
    )
    query = (
        select(
            observations.c.fingerprint,
            observations.c.hold,
            observations.c.decided_at,
            observations.c.effective_from,
            confirmations.c.verified_on,
        )
        .outerjoin(confirmations, of_key)
        .where(observations.c.status == REJECTED)
    )
    rows = (await connection.execute(query)).mappings().all()
    return frozenset(row["fingerprint"] for row in rows if not _is_over(row))


def _is_over(row: RowMapping) -> bool:
    """Whether a claim that was turned down is made no longer."""
    if row["verified_on"] is None or row["hold"] in _BESIDE_THE_CARD:
        return False
    decided_on = time(row["decided_at"]).date().isoformat()
    return bool(decided_on < row["verified_on"] >= row["effective_from"])


async def call_off(connection: AsyncConnection, changes: Sequence[Change], at: datetime) -> None:
    """Withdraws what was announced and is announced no longer. Who had approved it, and when, stays."""
    called_off = [(change.key, change.on, change.card) for change in changes]
    pending = await observations_that(connection, observations.c.status == Status.PENDING)
    ids = [each.id for each in pending if (each.key, each.on, each.card) in called_off]
    await _withdraw(connection, observations.c.id.in_(ids), at)


async def withdraw_waiting(
    connection: AsyncConnection,
    findings: Sequence[Finding],
    read: Collection[SourceId],
    at: datetime,
) -> None:
    """Withdraws what waits for a person, where its source could be read and no longer says it."""
    found = [f.fingerprint for f in findings if f.status is Status.QUARANTINED]
    gone = and_(
        WAITING,
        observations.c.source.in_(list(read)),
        observations.c.fingerprint.not_in(found),
    )
    await _withdraw(connection, gone, at)


async def _withdraw(connection: AsyncConnection, which: ColumnElement[bool], at: datetime) -> None:
    when = func.coalesce(observations.c.decided_at, seconds(at))
    await connection.execute(
        update(observations).where(which).values(status=WITHDRAWN, decided_at=when)
    )


async def add_new(
    connection: AsyncConnection,
    findings: Sequence[Finding],
    fetches: Sequence[FetchRecord],
    at: datetime,
) -> None:
    """Adds the findings that are new: those that nobody has turned down, that wait for nobody yet and are not accepted yet."""
    if not findings:
        return
    known = {each.fingerprint for each in await observations_that(connection, WAITING)}
    known |= await rejected_claims(connection)
    accepted = await observations_that(connection, ACCEPTED)
    pages = {fetch.source: fetch.sha256 for fetch in fetches}
    for finding in findings:
        if finding.fingerprint in known or _is_accepted(finding, accepted, at):
            continue
        row = _finding_row(finding, content_sha256=pages.get(finding.source), at=at)
        await connection.execute(insert(observations).values(**row))


def _is_accepted(finding: Finding, accepted: Iterable[Observation], at: datetime) -> bool:
    """Whether the last that was accepted of a key up to a day is this claim, from a moment ago."""
    of_key = (each for each in accepted if each.key == finding.key and each.on <= finding.on)
    last = max(of_key, key=lambda each: (each.on, each.id), default=None)
    return (
        last is not None
        and last.fingerprint == finding.fingerprint
        and at - (last.decided_at or last.observed_at) < _AT_ONCE
    )


def _finding_row(
    finding: Finding, *, content_sha256: str | None, at: datetime
) -> Mapping[str, Any]:
    return {
        "fingerprint": finding.fingerprint,
        "path": finding.key.path,
        "item": finding.key.item,
        "window_tokens": finding.key.window_tokens,
        "effective_from": finding.on.isoformat(),
        "card": None if finding.after is None else card_json(finding.after),
        "card_before": None if finding.before is None else card_json(finding.before),
        "status": finding.status,
        "hold": finding.hold,
        "reason": plain(finding.reason),
        "source": finding.source,
        "quote": plain(finding.quote),
        "content_sha256": content_sha256,
        "observed_at": seconds(at),
    }


async def newly_told(connection: AsyncConnection, at: datetime) -> tuple[Observation, ...]:
    """What waits and was told to nobody yet, told from now on; a check in a terminal tells nobody."""
    untold = and_(WAITING, observations.c.notified_at.is_(None))
    waiting = await observations_that(connection, untold)
    await connection.execute(update(observations).where(untold).values(notified_at=seconds(at)))
    return waiting


async def begin_pending(connection: AsyncConnection, on: date) -> None:
    """What was pending until a day is in force from that day on."""
    has_begun = and_(
        observations.c.status == Status.PENDING, observations.c.effective_from <= on.isoformat()
    )
    await connection.execute(update(observations).where(has_begun).values(status=Status.IN_FORCE))


def observation_of(row: RowMapping) -> Observation:
    """An observation out of its row."""
    return Observation(
        id=row["id"],
        fingerprint=row["fingerprint"],
        key=CardKey(CardPath(row["path"]), row["item"], row["window_tokens"]),
        on=date.fromisoformat(row["effective_from"]),
        card=None if row["card"] is None else card_from_json(row["card"]),
        card_before=None if row["card_before"] is None else card_from_json(row["card_before"]),
        status=row["status"],
        hold=row["hold"],
        reason=row["reason"],
        source=SourceId(row["source"]),
        quote=row["quote"],
        observed_at=time(row["observed_at"]),
        decided_at=time_or_none(row["decided_at"]),
        decided_by=row["decided_by"],
        decided_why=row["decided_why"],
    )
