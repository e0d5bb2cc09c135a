"""Rates in the database: what each source last said, every change that was observed, and what became of it.

A check is recorded in one transaction. Those that record or decide take turns, so that two checks at once, or a decision
in the middle of a check, leave what one after the other would have left.
"""

import asyncio
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Executable,
    RowMapping,
    Table,
    and_,
    case,
    distinct,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from bot.store.database import insert, seen_through
from bot.store.outbox import Lease, OpenStore, Outgoing, finish_job, write_messages
from bot.store.rows import admitted, seconds
from bot.store.tables import (
    confirmations,
    observations,
    revisions,
    source_fetches,
    sources,
)
from pricing.cards import AnyCard, CardKey, CardPath
from pricing.judgement import Finding, Hold, Judgement, Status
from pricing.observed import Change, card_from_json, card_json
from pricing.sources import SourceId

FETCH_KEPT = timedelta(days=400)

REJECTED = "rejected"
WITHDRAWN = "withdrawn"

# Two checks at once, or a decision during a check, find the same claim twice. One that comes back later is a new claim.
_AT_ONCE = timedelta(days=1)

_LONGEST_NAME = 200  # of whoever decides; a server refuses more

_REVISION = "rates"

# Holds of claims that are made while the card in force is still shown.
_BESIDE_THE_CARD = (Hold.SOURCES_DISAGREE, Hold.CONTRADICTS_ITSELF)

_ACCEPTED = observations.c.status.in_([Status.IN_FORCE, Status.PENDING])
_WAITING = observations.c.status == Status.QUARANTINED


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """A source as it was found last: `content` is its last good page, got from `url` with these validators.

    `answered_at` None: never. `failing_since` is its first fault since it answered. A source that never answered has
    an empty `url`.
    """

    url: str
    etag: str | None
    last_modified: str | None
    content: bytes | None
    answered_at: datetime | None
    failing_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRecord:
    """How asking a source once ended. `state` is what it is known by from now on; None where it gave nothing."""

    source: SourceId
    outcome: str
    fault_code: str | None
    fault_text: str | None
    sha256: str | None
    state: SourceState | None


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


class Rates:
    """Sources, observations and confirmations. Every `at` has a zone; no method reads a clock."""

    def __init__(self, store: OpenStore) -> None:
        self.engine = store.engine
        self.at_work = store.at_work

    # -- what is known -------------------------------------------------------------------------------------

    @seen_through
    async def source_states(self) -> Mapping[SourceId, SourceState]:
        """Each source that was ever asked."""
        query = select(sources).where(sources.c.source.in_(list(SourceId)))
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        # In a thread: a page of many megabytes takes longer than a request should wait.
        return await asyncio.to_thread(
            lambda: {SourceId(row["source"]): _state(row) for row in rows}
        )

    @seen_through
    async def checks_since(self, at: datetime) -> tuple[int, datetime | None]:
        """How often the sources were checked after a time, with at least one that answered; and when last."""
        answered = and_(
            source_fetches.c.fetched_at > seconds(at), source_fetches.c.fault_code.is_(None)
        )
        times = source_fetches.c.fetched_at
        query = select(func.count(distinct(times)), func.max(times)).where(answered)
        async with self.engine.connect() as connection:
            count, last = (await connection.execute(query)).one()
        return count, None if last is None else _time(last)

    @seen_through
    async def accepted(self) -> tuple[Observation, ...]:
        """What is in force, or will be on its day; oldest first."""
        async with self.engine.connect() as connection:
            return await _observations(connection, _ACCEPTED)

    @seen_through
    async def waiting(self) -> tuple[Observation, ...]:
        """What waits for a person, oldest first."""
        async with self.engine.connect() as connection:
            return await _observations(connection, _WAITING)

    @seen_through
    async def observation(self, observation_id: int) -> Observation | None:
        """One observation, whatever became of it; None for an unknown id."""
        async with self.engine.connect() as connection:
            found = await _observations(connection, observations.c.id == observation_id)
        return found[0] if found else None

    @seen_through
    async def withdrawn(self, ids: Collection[int]) -> frozenset[int]:
        """Which of some observations were withdrawn."""
        query = select(observations.c.id).where(
            observations.c.id.in_(list(ids)), observations.c.status == WITHDRAWN
        )
        async with self.engine.connect() as connection:
            return frozenset((await connection.scalars(query)).all())

    @seen_through
    async def decided(self, limit: int, *, withdrawn: bool = False) -> tuple[Observation, ...]:
        """What people approved or rejected last, newest first; with `withdrawn` what was withdrawn undecided too."""
        by_people = observations.c.decided_by.is_not(None)
        query = (
            select(observations)
            .where(or_(by_people, observations.c.status == WITHDRAWN) if withdrawn else by_people)
            .order_by(observations.c.decided_at.desc(), observations.c.id.desc())
            .limit(limit)
        )
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return tuple(map(_observation, rows))

    @seen_through
    async def rejected(self) -> frozenset[str]:
        """The fingerprints of the claims that people turned down, and that count as turned down still."""
        async with self.engine.connect() as connection:
            return await _rejected(connection)

    @seen_through
    async def confirmations(self) -> Mapping[CardKey, date]:
        """The last day on which an official source still showed the card in force of each key."""
        async with self.engine.connect() as connection:
            rows = (await connection.execute(select(confirmations))).mappings().all()
        return {
            CardKey(CardPath(row["path"]), row["item"], row["window_tokens"] or None): (
                date.fromisoformat(row["verified_on"])
            )
            for row in rows
        }

    @seen_through
    async def all_cards(self) -> tuple[AnyCard, ...]:
        """Every card that was ever accepted, announced ones that were called off among them; oldest first."""
        called_off = and_(
            observations.c.status == WITHDRAWN,
            or_(observations.c.hold.is_(None), observations.c.decided_by.is_not(None)),
        )
        query = (
            select(observations.c.card)
            .where(observations.c.card.is_not(None), or_(_ACCEPTED, called_off))
            .order_by(observations.c.id)
        )
        async with self.engine.connect() as connection:
            texts = (await connection.scalars(query)).all()
        return tuple(card_from_json(text) for text in dict.fromkeys(texts))

    @seen_through
    async def mark(self) -> str:
        """Another text whenever `accepted` or `confirmations` may have changed."""
        query = select(revisions.c.number).where(revisions.c.name == _REVISION)
        async with self.engine.connect() as connection:
            return str(await connection.scalar(query) or 0)

    # -- what changes it -----------------------------------------------------------------------------------

    @seen_through
    async def record(
        self,
        *,
        fetches: Sequence[FetchRecord],
        judgement: Judgement,
        read: Collection[SourceId],
        notices: Callable[[Sequence[Observation]], Sequence[Outgoing]] | None,
        at: datetime,
        on: date,
        lease: Lease | None,
        due_at: datetime | None,
    ) -> bool:
        """Writes down a whole check, or nothing of it; False where its lease has gone to somebody else meanwhile.

        `at` is when the sources were asked and `on` the day that was judged; `read` are the sources that could be read.
        Claims that wait and are no longer found there are withdrawn. `notices` words what is said of the claims that
        wait and that nobody was told of yet; a check without it leaves them to the next. Messages for a workspace that was forgotten since `at` are left out. A check of a job gives up
        its `lease`, and is due again at `due_at`.
        """
        states = await asyncio.to_thread(lambda: [_state_row(fetch, at) for fetch in fetches])
        async with self.engine.begin() as connection:
            if lease is not None and not await finish_job(connection, lease, due_at=due_at):
                return False
            await _take_turn(connection)
            for fetch, state in zip(fetches, states, strict=True):
                await _record_fetch(connection, fetch, state, at)
            await _call_off(connection, judgement.withdrawn, at)
            await _withdraw_waiting(connection, judgement.findings, read, at)
            await _add(connection, judgement.findings, fetches, at)
            await _begin_pending(connection, on)
            await _confirm(connection, judgement.confirmed, on)
            if notices:
                # Workspaces before anything of their own, as in forgetting them.
                messages = notices(await _not_told(connection, at))
                await write_messages(connection, await _still_wanted(connection, messages, at))
        return True

    @seen_through
    async def decide(
        self, observation_id: int, *, approve: bool, by: str, why: str | None, at: datetime
    ) -> tuple[Observation, bool]:
        """Approves or rejects what waits, once; the observation as it is then, and whether this call decided it.

        What is approved before its day, counted from the day of `at`, is pending. Raises LookupError for an unknown id.
        """
        waits_for_its_day = observations.c.effective_from > at.date().isoformat()
        accepted = case((waits_for_its_day, Status.PENDING.value), else_=Status.IN_FORCE.value)
        decided = (
            update(observations)
            .where(observations.c.id == observation_id, _WAITING)
            .values(
                status=accepted if approve else REJECTED,
                decided_at=seconds(at),
                decided_by=_plain(by)[:_LONGEST_NAME],
                decided_why=None if why is None else _plain(why),
            )
            .returning(observations.c.id)
        )
        async with self.engine.begin() as connection:
            await _take_turn(connection)
            won = await connection.scalar(decided) is not None
            found = await _observations(connection, observations.c.id == observation_id)
            if not found:
                raise LookupError(f"there is no observation {observation_id}")
        return found[0], won


def outdated(*, at: datetime) -> Mapping[Table, ColumnElement[bool]]:
    """The rows here that have had their time, of each table. Observations are kept for good."""
    return {source_fetches: source_fetches.c.fetched_at < seconds(at - FETCH_KEPT)}


async def _take_turn(connection: AsyncConnection) -> None:
    """Waits until nobody else records or decides, keeps them away until the transaction ends, and changes the mark."""
    number = insert(revisions).values(name=_REVISION, number=1)
    await connection.execute(
        number.on_conflict_do_update(
            index_elements=[revisions.c.name], set_={"number": revisions.c.number + 1}
        )
    )


async def _still_wanted(
    connection: AsyncConnection, messages: Sequence[Outgoing], at: datetime
) -> Sequence[Outgoing]:
    """The messages whose workspaces have not been forgotten; those are asked in one order, so that no two wait crosswise."""
    workspaces = {(message.enterprise_id or "", message.team_id) for message in messages}
    known = {
        (enterprise_id, team_id)
        for enterprise_id, team_id in sorted(workspaces)
        if await admitted(connection, team_id, enterprise_id or None, at)
    }
    return [
        message for message in messages if (message.enterprise_id or "", message.team_id) in known
    ]


async def _record_fetch(
    connection: AsyncConnection, fetch: FetchRecord, state: Mapping[str, Any] | None, at: datetime
) -> None:
    row = insert(source_fetches).values(
        source=fetch.source,
        fetched_at=seconds(at),
        outcome=fetch.outcome,
        fault_code=fetch.fault_code,
        fault_text=None if fetch.fault_text is None else _plain(fetch.fault_text),
        content_sha256=fetch.sha256,
    )
    await connection.execute(row)
    await connection.execute(_source_change(fetch, state, at))


def _source_change(fetch: FetchRecord, state: Mapping[str, Any] | None, at: datetime) -> Executable:
    """What a fetch changes of its source: all of it, or since when it fails, or where it is turned off that it does not."""
    if state is not None:
        answered = insert(sources).values(**state)
        replaced = {name: answered.excluded[name] for name in state if name != "source"}
        return answered.on_conflict_do_update(index_elements=[sources.c.source], set_=replaced)
    if fetch.fault_code is not None:
        failed = insert(sources).values(source=fetch.source, url="", failing_since=seconds(at))
        first = func.coalesce(sources.c.failing_since, failed.excluded.failing_since)
        return failed.on_conflict_do_update(
            index_elements=[sources.c.source], set_={"failing_since": first}
        )
    return update(sources).where(sources.c.source == fetch.source).values(failing_since=None)


async def _call_off(connection: AsyncConnection, changes: Sequence[Change], at: datetime) -> None:
    """Withdraws what was announced and is announced no longer. Who had approved it, and when, stays."""
    called_off = [(change.key, change.on, change.card) for change in changes]
    pending = await _observations(connection, observations.c.status == Status.PENDING)
    ids = [each.id for each in pending if (each.key, each.on, each.card) in called_off]
    await _withdraw(connection, observations.c.id.in_(ids), at)


async def _withdraw_waiting(
    connection: AsyncConnection,
    findings: Sequence[Finding],
    read: Collection[SourceId],
    at: datetime,
) -> None:
    """Withdraws what waits for a person, where its source could be read and no longer says it."""
    found = [f.fingerprint for f in findings if f.status is Status.QUARANTINED]
    gone = and_(
        _WAITING,
        observations.c.source.in_(list(read)),
        observations.c.fingerprint.not_in(found),
    )
    await _withdraw(connection, gone, at)


async def _withdraw(connection: AsyncConnection, which: ColumnElement[bool], at: datetime) -> None:
    when = func.coalesce(observations.c.decided_at, seconds(at))
    await connection.execute(
        update(observations).where(which).values(status=WITHDRAWN, decided_at=when)
    )


async def _add(
    connection: AsyncConnection,
    findings: Sequence[Finding],
    fetches: Sequence[FetchRecord],
    at: datetime,
) -> None:
    """Adds the findings that are new: those that nobody has turned down, that wait for nobody yet and are not accepted yet."""
    if not findings:
        return
    known = {each.fingerprint for each in await _observations(connection, _WAITING)}
    known |= await _rejected(connection)
    accepted = await _observations(connection, _ACCEPTED)
    pages = {fetch.source: fetch.sha256 for fetch in fetches}
    for finding in findings:
        if finding.fingerprint in known or _is_accepted(finding, accepted, at):
            continue
        row = _finding_row(finding, content_sha256=pages.get(finding.source), at=at)
        await connection.execute(insert(observations).values(**row))


async def _not_told(connection: AsyncConnection, at: datetime) -> tuple[Observation, ...]:
    """What waits and was told to nobody yet, told from now on; a check in a terminal tells nobody."""
    untold = and_(_WAITING, observations.c.notified_at.is_(None))
    waiting = await _observations(connection, untold)
    await connection.execute(update(observations).where(untold).values(notified_at=seconds(at)))
    return waiting


def _is_accepted(finding: Finding, accepted: Iterable[Observation], at: datetime) -> bool:
    """Whether the last that was accepted of a key up to a day is this claim, from a moment ago."""
    of_key = (each for each in accepted if each.key == finding.key and each.on <= finding.on)
    last = max(of_key, key=lambda each: (each.on, each.id), default=None)
    return (
        last is not None
        and last.fingerprint == finding.fingerprint
        and at - (last.decided_at or last.observed_at) < _AT_ONCE
    )


async def _begin_pending(connection: AsyncConnection, on: date) -> None:
    """What was pending until a day is in force from that day on."""
    has_begun = and_(
        observations.c.status == Status.PENDING, observations.c.effective_from <= on.isoformat()
    )
    await connection.execute(update(observations).where(has_begun).values(status=Status.IN_FORCE))


async def _confirm(connection: AsyncConnection, keys: Iterable[CardKey], on: date) -> None:
    for key in keys:
        row = insert(confirmations).values(
            path=key.path,
            item=key.item,
            window_tokens=key.window_tokens or 0,
            verified_on=on.isoformat(),
        )
        later = row.on_conflict_do_update(
            index_elements=list(confirmations.primary_key.columns),
            set_={"verified_on": row.excluded.verified_on},
            where=confirmations.c.verified_on < row.excluded.verified_on,
        )
        await connection.execute(later)


async def _observations(
    connection: AsyncConnection, which: ColumnElement[bool]
) -> tuple[Observation, ...]:
    query = select(observations).where(which).order_by(observations.c.id)
    rows = (await connection.execute(query)).mappings().all()
    return tuple(map(_observation, rows))


async def _rejected(connection: AsyncConnection) -> frozenset[str]:
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
    decided_on = _time(row["decided_at"]).date().isoformat()
    return bool(decided_on < row["verified_on"] >= row["effective_from"])


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
        "reason": _plain(finding.reason),
        "source": finding.source,
        "quote": _plain(finding.quote),
        "content_sha256": content_sha256,
        "observed_at": seconds(at),
    }


def _observation(row: RowMapping) -> Observation:
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
        observed_at=_time(row["observed_at"]),
        decided_at=None if row["decided_at"] is None else _time(row["decided_at"]),
        decided_by=row["decided_by"],
        decided_why=row["decided_why"],
    )


def _state_row(fetch: FetchRecord, at: datetime) -> Mapping[str, Any] | None:
    """The row of a source that answered, its page compressed."""
    state = fetch.state
    if state is None:
        return None
    return {
        "source": fetch.source,
        "url": state.url,
        "etag": state.etag,
        "last_modified": state.last_modified,
        "content": None if state.content is None else zlib.compress(state.content),
        "content_sha256": fetch.sha256,
        "answered_at": seconds(state.answered_at or at),
        "failing_since": None,
    }


def _state(row: RowMapping) -> SourceState:
    content, answered, failing = row["content"], row["answered_at"], row["failing_since"]
    return SourceState(
        url=row["url"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        content=None if content is None else zlib.decompress(content),
        answered_at=None if answered is None else _time(answered),
        failing_since=None if failing is None else _time(failing),
    )


def _plain(text: str) -> str:
    """Text of a page or a person as every database takes it: PostgreSQL has no NUL, and neither takes half a character."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
