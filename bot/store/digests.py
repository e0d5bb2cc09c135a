"""Digests in the database: who subscribed, which runs channels saved, what is due, and the messages to be posted.

    claim (a lease) -> settle: the next due time and the messages, in one transaction -> claim a message -> mark it posted

A lease is a token in a row, for a time by the database's clock, so that replicas whose clocks differ agree. Whoever
finds its token gone writes nothing. What is due, and when, goes by the caller's `at`.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from sqlalchemy import (
    RowMapping,
    Table,
    and_,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql.elements import ColumnElement

from bot.store.database import database_now, insert, seen_through
from bot.store.rows import admitted, in_turn, left_by, newest, seconds
from bot.store.tables import jobs, outbox, snapshots, subscriptions
from bot.store.tables import scenarios as scenarios_table

MESSAGE_KEPT = timedelta(days=30)

# A snapshot is written before anybody else can see who refers to it.
_SNAPSHOT_KEPT = timedelta(days=1)

_FREED = {"lease": None, "leased_until": None}


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to finish a piece of work; worth nothing once somebody else has taken it over."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A channel that wants digests. `schedule` is bot.schedule's, as JSON.

    `snapshot` names the rates that the channel was told last, and `announced_at` says when it was told anything;
    `failure_told` is since when the checks had failed when it was told of that.
    """

    team_id: str
    channel_id: str
    enterprise_id: str | None
    subscribed_by: str
    subscribed_at: datetime
    schedule: Mapping[str, Any]
    due_at: datetime
    snapshot: str
    announced_at: datetime
    failure_told: datetime | None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A run that a channel saved under a name, to be priced again in its digests."""

    team_id: str
    channel_id: str
    enterprise_id: str | None
    name: str
    request: Mapping[str, Any]
    saved_by: str
    saved_at: datetime


class OpenStore(Protocol):
    """What is needed of the store: its connections, and the work that it waits for before it closes."""

    engine: AsyncEngine
    at_work: set[asyncio.Task[Any]]


class Digests:
    """Subscriptions, scenarios, the outbox and recurring jobs. No method reads this machine's clock."""

    def __init__(self, store: OpenStore) -> None:
        self.engine = store.engine
        self.at_work = store.at_work

    # -- subscriptions -------------------------------------------------------------------------------------

    @seen_through
    async def subscribe(self, subscription: Subscription, snapshot_content: str) -> None:
        """Subscribes a channel, or replaces how it is subscribed.

        A channel that was subscribed already keeps what it has been told, and a digest of it that is being worked out
        has to be begun anew. An earlier word never replaces a later one.
        """
        row = _subscription_row(subscription)
        told = {"team_id", "channel_id", "snapshot", "announced_at", "failure_told"}
        added = insert(subscriptions).values(**row)
        added = added.on_conflict_do_update(
            index_elements=[subscriptions.c.team_id, subscriptions.c.channel_id],
            set_={name: added.excluded[name] for name in row if name not in told} | _FREED,
            where=subscriptions.c.subscribed_at <= added.excluded.subscribed_at,
        )
        async with self.engine.begin() as connection:
            if not await admitted(
                connection,
                subscription.team_id,
                subscription.enterprise_id,
                subscription.subscribed_at,
            ):
                return
            await connection.execute(added)  # before the snapshot, as in settling
            await _keep_snapshot(connection, subscription.snapshot, snapshot_content)

    @seen_through
    async def unsubscribe(self, team_id: str, channel_id: str) -> Subscription | None:
        """Ends a channel's digests, and gives the subscription that this ended.

        A digest that was written and that nobody is posting yet is not posted any more.
        """
        ended = delete(subscriptions).where(_of_channel(subscriptions, team_id, channel_id))
        unsent = and_(
            _of_channel(outbox, team_id, channel_id),
            outbox.c.posted_at.is_(None),
            outbox.c.given_up_at.is_(None),
            or_(outbox.c.lease.is_(None), outbox.c.leased_until <= database_now()),
        )
        stopped = update(outbox).where(in_turn(outbox, unsent))
        async with self.engine.begin() as connection:
            rows = await connection.execute(ended.returning(subscriptions))
            row = rows.mappings().one_or_none()
            if row:
                await connection.execute(
                    stopped.values(given_up_at=database_now(), fault="unsubscribed")
                )
        return _subscription(row) if row else None

    @seen_through
    async def subscription(self, team_id: str, channel_id: str) -> Subscription | None:
        """How a channel is subscribed; None where it is not."""
        query = select(subscriptions).where(_of_channel(subscriptions, team_id, channel_id))
        async with self.engine.connect() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return _subscription(row) if row else None

    @seen_through
    async def subscriptions(self, team_id: str) -> tuple[Subscription, ...]:
        """The subscribed channels of a workspace, the one subscribed first first."""
        query = (
            select(subscriptions)
            .where(subscriptions.c.team_id == team_id)
            .order_by(subscriptions.c.subscribed_at, subscriptions.c.channel_id)
        )
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return tuple(map(_subscription, rows))

    @seen_through
    async def snapshot(self, snapshot_id: str) -> str:
        """The rates that a subscription refers to. Raises LookupError for an id that nobody refers to."""
        query = select(snapshots.c.content).where(snapshots.c.id == snapshot_id)
        async with self.engine.connect() as connection:
            content: str | None = await connection.scalar(query)
        if content is None:
            raise LookupError(f"there is no snapshot `{snapshot_id}`")
        return content

    @seen_through
    async def claim_due(self, *, at: datetime, seconds: float) -> tuple[Subscription, Lease] | None:
        """The subscription that has been due for longest, for the caller alone for so many seconds; None if none is due."""
        claimed = await self._claim(subscriptions, due=_is_due(subscriptions, at), seconds=seconds)
        return (_subscription(claimed[0]), claimed[1]) if claimed else None

    @seen_through
    async def settle(
        self,
        subscription: Subscription,
        lease: Lease,
        *,
        due_at: datetime,
        snapshot: tuple[str, str] | None,
        announced_at: datetime,
        failure_told: datetime | None,
        messages: Sequence[Outgoing],
    ) -> bool:
        """Ends a turn, all of it or nothing: the next due time, what the channel is told, and the messages that tell it.

        `snapshot` is an id and its content; None keeps the last. False, with nothing written, where the lease has gone.
        """
        values = {
            "due_at": seconds(due_at),
            "announced_at": seconds(announced_at),
            "failure_told": _seconds_or_none(failure_told),
            **({"snapshot": snapshot[0]} if snapshot else {}),
            **_FREED,
        }
        of_channel = _of_channel(subscriptions, subscription.team_id, subscription.channel_id)
        settled = (
            update(subscriptions)
            .where(of_channel, subscriptions.c.lease == lease.token)
            .values(**values)
            .returning(subscriptions.c.team_id)
        )
        async with self.engine.begin() as connection:
            # First: while it holds the row, nobody forgets the workspace between it and the messages.
            if await connection.scalar(settled) is None:
                return False
            if snapshot:
                await _keep_snapshot(connection, *snapshot)
            await write_messages(connection, messages)
        return True

    @seen_through
    async def make_due(self, team_id: str, channel_id: str, *, at: datetime) -> bool:
        """Makes a channel's digest due by `at`; whether the channel is subscribed.

        One that is being worked out at the moment is the one that was asked for: its end sets the next due time.
        """
        by_then = case(
            (subscriptions.c.due_at > seconds(at), seconds(at)), else_=subscriptions.c.due_at
        )
        sooner = (
            update(subscriptions)
            .where(_of_channel(subscriptions, team_id, channel_id))
            .values(due_at=by_then)
            .returning(subscriptions.c.team_id)
        )
        return await self._done(sooner)

    # -- scenarios -----------------------------------------------------------------------------------------

    @seen_through
    async def save_scenario(self, scenario: Scenario) -> None:
        """Keeps a run under its name, in the place of an earlier one of that name."""
        row = {
            "team_id": scenario.team_id,
            "channel_id": scenario.channel_id,
            "name": scenario.name,
            "enterprise_id": scenario.enterprise_id,
            "request": json.dumps(scenario.request),
            "saved_by": scenario.saved_by,
            "saved_at": seconds(scenario.saved_at),
        }
        async with self.engine.begin() as connection:
            if await admitted(
                connection, scenario.team_id, scenario.enterprise_id, scenario.saved_at
            ):
                await connection.execute(newest(scenarios_table, row, "saved_at"))

    @seen_through
    async def scenarios(self, team_id: str, channel_id: str) -> tuple[Scenario, ...]:
        """A channel's saved runs, by name."""
        query = (
            select(scenarios_table)
            .where(_of_channel(scenarios_table, team_id, channel_id))
            .order_by(scenarios_table.c.name)
        )
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return tuple(map(_scenario, rows))

    @seen_through
    async def forget_scenario(self, team_id: str, channel_id: str, name: str) -> bool:
        """Deletes a saved run; whether there was one of that name."""
        gone = (
            delete(scenarios_table)
            .where(_of_channel(scenarios_table, team_id, channel_id))
            .where(scenarios_table.c.name == name)
            .returning(scenarios_table.c.name)
        )
        return await self._done(gone)

    # -- the outbox ----------------------------------------------------------------------------------------

    @seen_through
    async def claim_message(
        self, *, at: datetime, seconds: float
    ) -> tuple[Outgoing, Lease, int] | None:
        """The message that has waited longest, for the caller alone for so many seconds; and which attempt this is, from 1."""
        waits = and_(outbox.c.posted_at.is_(None), outbox.c.given_up_at.is_(None))
        claimed = await self._claim(
            outbox,
            due=and_(_is_due(outbox, at), waits),
            seconds=seconds,
            attempts=outbox.c.attempts + 1,
        )
        if claimed is None:
            return None
        row, lease = claimed
        return _outgoing(row), lease, row["attempts"]

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
            .values(**values, **_FREED)
            .returning(outbox.c.id)
        )
        return await self._done(ended)

    # -- jobs ----------------------------------------------------------------------------------------------

    @seen_through
    async def ensure_job(self, name: str, *, due_at: datetime) -> None:
        """Makes a recurring job known. One that is known keeps its due time."""
        known = insert(jobs).values(name=name, due_at=seconds(due_at))
        async with self.engine.begin() as connection:
            await connection.execute(known.on_conflict_do_nothing())

    @seen_through
    async def claim_job(self, name: str, *, at: datetime, seconds: float) -> Lease | None:
        """The job for the caller alone for so many seconds; None where it is not due, or somebody has it."""
        due = and_(jobs.c.name == name, _is_due(jobs, at))
        claimed = await self._claim(jobs, due=due, seconds=seconds)
        return claimed[1] if claimed else None

    @seen_through
    async def release_job(self, name: str, lease: Lease, *, due_at: datetime) -> bool:
        """Ends a job's turn; False, with nothing written, where the lease has gone."""
        async with self.engine.begin() as connection:
            return await finish_job(connection, lease, due_at=due_at, name=name)

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


async def write_messages(connection: AsyncConnection, messages: Sequence[Outgoing]) -> None:
    """Puts messages into the outbox, in the transaction of what decided them; one that is there already stays as it is."""
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
        await connection.execute(row.on_conflict_do_nothing())


async def finish_job(
    connection: AsyncConnection, lease: Lease, *, due_at: datetime | None, name: str | None = None
) -> bool:
    """Gives up a job's lease, in the transaction of what the job did; False where the lease has gone.

    `due_at` None leaves the job due when it was.
    """
    finished = update(jobs).where(jobs.c.lease == lease.token).values(**_FREED)
    if name is not None:
        finished = finished.where(jobs.c.name == name)
    if due_at is not None:
        finished = finished.values(due_at=seconds(due_at))
    return await connection.scalar(finished.returning(jobs.c.name)) is not None


async def forget(connection: AsyncConnection, team_id: str | None, owner: str) -> None:
    """Deletes what a workspace, or without a team an organisation, left here, after it has been marked as forgotten."""
    # Subscriptions come before the messages: a turn that is being settled holds its subscription, and writes messages.
    for table in (subscriptions, scenarios_table, outbox):
        left = in_turn(table, left_by(table, team_id, owner))
        await connection.execute(delete(table).where(left))


def outdated(*, at: datetime) -> Mapping[Table, ColumnElement[bool]]:
    """The rows here that have had their time, of each table."""
    ended = func.coalesce(outbox.c.posted_at, outbox.c.given_up_at)
    unused = snapshots.c.used_at < seconds(at - _SNAPSHOT_KEPT)
    referred_to = select(subscriptions.c.snapshot)
    return {
        outbox: ended < seconds(at - MESSAGE_KEPT),
        snapshots: and_(unused, snapshots.c.id.not_in(referred_to)),
    }


async def _keep_snapshot(connection: AsyncConnection, snapshot_id: str, content: str) -> None:
    """Adds a snapshot, or touches it, so that nobody who tidies up takes it before its new subscription is seen."""
    kept = insert(snapshots).values(id=snapshot_id, content=content, used_at=database_now())
    kept = kept.on_conflict_do_update(
        index_elements=[snapshots.c.id], set_={"used_at": kept.excluded.used_at}
    )
    await connection.execute(kept)


def _of_channel(table: Table, team_id: str, channel_id: str) -> ColumnElement[bool]:
    return and_(table.c.team_id == team_id, table.c.channel_id == channel_id)


def _is_due(table: Table, at: datetime) -> ColumnElement[bool]:
    return table.c.due_at <= literal(seconds(at))


def _subscription_row(subscription: Subscription) -> dict[str, Any]:
    return {
        "team_id": subscription.team_id,
        "channel_id": subscription.channel_id,
        "enterprise_id": subscription.enterprise_id,
        "subscribed_by": subscription.subscribed_by,
        "subscribed_at": seconds(subscription.subscribed_at),
        "schedule": json.dumps(subscription.schedule),
        "due_at": seconds(subscription.due_at),
        "snapshot": subscription.snapshot,
        "announced_at": seconds(subscription.announced_at),
        "failure_told": _seconds_or_none(subscription.failure_told),
    }


def _subscription(row: RowMapping) -> Subscription:
    return Subscription(
        team_id=row["team_id"],
        channel_id=row["channel_id"],
        enterprise_id=row["enterprise_id"],
        subscribed_by=row["subscribed_by"],
        subscribed_at=_time(row["subscribed_at"]),
        schedule=json.loads(row["schedule"]),
        due_at=_time(row["due_at"]),
        snapshot=row["snapshot"],
        announced_at=_time(row["announced_at"]),
        failure_told=_time_or_none(row["failure_told"]),
    )


def _scenario(row: RowMapping) -> Scenario:
    return Scenario(
        team_id=row["team_id"],
        channel_id=row["channel_id"],
        enterprise_id=row["enterprise_id"],
        name=row["name"],
        request=json.loads(row["request"]),
        saved_by=row["saved_by"],
        saved_at=_time(row["saved_at"]),
    )


def _outgoing(row: RowMapping) -> Outgoing:
    return Outgoing(
        id=row["id"],
        team_id=row["team_id"],
        enterprise_id=row["enterprise_id"],
        channel_id=row["channel_id"],
        message=json.loads(row["message"]),
        due_at=_time(row["due_at"]),
    )


def _written(row: RowMapping) -> WrittenMessage:
    return WrittenMessage(
        outgoing=_outgoing(row),
        attempts=row["attempts"],
        posted_at=_time_or_none(row["posted_at"]),
        posted_ts=row["posted_ts"],
        given_up_at=_time_or_none(row["given_up_at"]),
        fault=row["fault"],
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _time_or_none(seconds: float | None) -> datetime | None:
    return None if seconds is None else _time(seconds)


def _seconds_or_none(at: datetime | None) -> float | None:
    return None if at is None else seconds(at)
