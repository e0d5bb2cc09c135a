"""The outbox, messages that are decided and not yet posted, and jobs that recur; and the leases under which all work is claimed.

A lease is a token in a row, for a time by the database's clock, so that replicas whose clocks differ agree. Whoever
finds its token gone writes nothing. What is due, and when, goes by the caller's `at`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import RowMapping, Table, and_, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from bot.store.at_work import OpenStore, seen_through
from bot.store.rows import seconds, time, time_or_none
from bot.store.sql import database_now, insert
from bot.store.tables import jobs, outbox

FREED = {"lease": None, "leased_until": None}


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to finish a piece of work; worth nothing once somebody else has taken it over."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to be posted. The same `id` is the same message: it is written once, however often that is tried."""

    id: str
    team_id: str
    enterprise_id: str | None
    channel_id: str
    message: Mapping[str, Any]
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenMessage:
    """A message of the outbox and what became of it; neither posted nor given up, it waits."""

    outgoing: Outgoing
    attempts: int
    posted_at: datetime | None
    posted_ts: str | None
    given_up_at: datetime | None
    fault: str | None


class Claimed(NamedTuple):
    """A message for one replica alone: which attempt this is, from 1, and for how long it has waited since it was written."""

    outgoing: Outgoing
    lease: Lease
    attempts: int
    waited: timedelta


class Outbox:
    """Messages to be posted, and jobs that recur. No method reads this machine's clock."""

    def __init__(self, store: OpenStore) -> None:
        self.engine = store.engine
        self.at_work = store.at_work

    # -- the outbox ----------------------------------------------------------------------------------------

    @seen_through
    async def claim_message(self, *, at: datetime, seconds: float) -> Claimed | None:
        """The message that has been due for longest, for the caller alone for so many seconds; None if none is due."""
        waits = and_(outbox.c.posted_at.is_(None), outbox.c.given_up_at.is_(None))
        claimed = await self._claim(
            outbox,
            due=and_(is_due(outbox, at), waits),
            seconds=seconds,
            attempts=outbox.c.attempts + 1,
        )
        if claimed is None:
            return None
        row, lease = claimed
        claimed_at = row["leased_until"] - seconds  # by the database's clock, as it was written
        waited = timedelta(seconds=claimed_at - row["written_at"])
        return Claimed(_outgoing(row), lease, row["attempts"], waited)

    @seen_through
    async def mark_posted(self, message_id: str, lease: Lease, *, ts: str, at: datetime) -> bool:
        """Says that a message was posted, in one statement; False, with nothing written, where the lease has gone."""
        return await self._end_attempt(
            message_id, lease, posted_at=seconds(at), posted_ts=ts, fault=None
        )

    @seen_through
    async def put_back(
        self, message_id: str, lease: Lease, *, due_at: datetime, fault: str
    ) -> bool:
        """Leaves a message that could not be posted for another attempt; False where the lease has gone."""
        return await self._end_attempt(message_id, lease, due_at=seconds(due_at), fault=fault)

    @seen_through
    async def give_up(self, message_id: str, lease: Lease, *, fault: str, at: datetime) -> bool:
        """Ends the attempts to post a message; False where the lease has gone."""
        return await self._end_attempt(message_id, lease, given_up_at=seconds(at), fault=fault)

    @seen_through
    async def messages(self, team_id: str) -> tuple[WrittenMessage, ...]:
        """The messages of a workspace, posted or not, in the order in which they were written."""
        query = (
            select(outbox)
            .where(outbox.c.team_id == team_id)
            .order_by(outbox.c.written_at, outbox.c.id)
        )
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return tuple(map(_written, rows))

    async def _end_attempt(self, message_id: str, lease: Lease, **values: object) -> bool:
        ended = (
            update(outbox)
            .where(outbox.c.id == message_id, outbox.c.lease == lease.token)
            .values(**values, **FREED)
            .returning(outbox.c.id)
        )
        return await self._done(ended)

    # -- jobs ----------------------------------------------------------------------------------------------

    @seen_through
    async def ensure_job(self, name: str, *, due_at: datetime, latest: datetime) -> None:
        """Makes a recurring job known. One that is known keeps its due time, unless it is later than `latest`.

        What is further away than one turn comes from a clock that had jumped ahead, or from turns that were longer.
        """
        known = insert(jobs).values(name=name, due_at=seconds(due_at))
        known = known.on_conflict_do_update(
            index_elements=[jobs.c.name],
            set_={"due_at": seconds(latest)},
            where=jobs.c.due_at > seconds(latest),
        )
        async with self.engine.begin() as connection:
            await connection.execute(known)

    @seen_through
    async def claim_job(self, name: str, *, at: datetime, seconds: float) -> Lease | None:
        """The job for the caller alone for so many seconds; None where it is not due, or somebody has it."""
        due = and_(jobs.c.name == name, is_due(jobs, at))
        claimed = await self._claim(jobs, due=due, seconds=seconds)
        return claimed[1] if claimed else None

    # -- claims --------------------------------------------------------------------------------------------

    async def _claim(
        self, table: Table, *, due: ColumnElement[bool], seconds: float, **also: object
    ) -> tuple[RowMapping, Lease] | None:
        """The row of a table that has been due for longest and is nobody's, taken.

        Looking for it and taking it are two transactions, and taking asks again: where somebody was faster, the next
        one is looked for. Each round that is lost is one that another claimant has won.
        """
        lease = Lease(uuid4().hex)
        key = tuple(table.primary_key.columns)
        free = or_(table.c.lease.is_(None), table.c.leased_until <= database_now())
        first = select(*key).where(due, free).order_by(table.c.due_at, *key).limit(1)
        taken = (
            update(table)
            .where(due, free)
            .values(lease=lease.token, leased_until=database_now() + seconds, **also)
            .returning(table)
        )
        while True:
            async with self.engine.connect() as connection:
                candidate = (await connection.execute(first)).one_or_none()
            if candidate is None:
                return None
            this = and_(*(column == value for column, value in zip(key, candidate, strict=True)))
            async with self.engine.begin() as connection:
                row = (await connection.execute(taken.where(this))).mappings().one_or_none()
            if row is not None:
                return row, lease

    async def _done(self, statement: Any) -> bool:
        """Whether a statement that returns what it changed changed anything."""
        async with self.engine.begin() as connection:
            return await connection.scalar(statement) is not None


async def write_messages(connection: AsyncConnection, messages: Sequence[Outgoing]) -> bool:
    """Puts messages into the outbox, in the transaction of what decided them; whether all of them are new there.

    One that is there already stays as it is.
    """
    written = 0
    for message in sorted(
        messages, key=lambda message: message.id
    ):  # always one order: no deadlock
        row = insert(outbox).values(
            id=message.id,
            team_id=message.team_id,
            enterprise_id=message.enterprise_id,
            channel_id=message.channel_id,
            message=json.dumps(message.message),
            written_at=database_now(),
            due_at=seconds(message.due_at),
            attempts=0,
        )
        added = row.on_conflict_do_nothing().returning(outbox.c.id)
        written += await connection.scalar(added) is not None
    return written == len(messages)


async def finish_job(connection: AsyncConnection, lease: Lease, *, due_at: datetime | None) -> bool:
    """Gives up a job's lease, in the transaction of what the job did; False where the lease has gone.

    `due_at` None leaves the job due when it was.
    """
    finished = update(jobs).where(jobs.c.lease == lease.token).values(**FREED)
    if due_at is not None:
        finished = finished.values(due_at=seconds(due_at))
    return await connection.scalar(finished.returning(jobs.c.name)) is not None


def is_due(table: Table, at: datetime) -> ColumnElement[bool]:
    return table.c.due_at <= literal(seconds(at))


def _outgoing(row: RowMapping) -> Outgoing:
    return Outgoing(
        id=row["id"],
        team_id=row["team_id"],
        enterprise_id=row["enterprise_id"],
        channel_id=row["channel_id"],
        message=json.loads(row["message"]),
        due_at=time(row["due_at"]),
    )


def _written(row: RowMapping) -> WrittenMessage:
    return WrittenMessage(
        outgoing=_outgoing(row),
        attempts=row["attempts"],
        posted_at=time_or_none(row["posted_at"]),
        posted_ts=row["posted_ts"],
        given_up_at=time_or_none(row["given_up_at"]),
        fault=row["fault"],
    )
