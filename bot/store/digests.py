"""Digests in the database: who subscribed, what is due, and the messages to be posted.

    claim (a lease) -> settle: the next due time and the messages, in one transaction -> claim a message -> mark it posted

Leases, and the outbox from which messages are posted, are in bot/store/outbox.py.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, Table, and_, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from bot.store.at_work import seen_through
from bot.store.outbox import FREED, Lease, Outbox, Outgoing, is_due, write_messages
from bot.store.rows import (
    admitted,
    in_turn,
    left_by,
    of_channel,
    seconds,
    seconds_or_none,
    time,
    time_or_none,
)
from bot.store.sql import database_now, insert
from bot.store.tables import outbox, snapshots, subscriptions

MESSAGE_KEPT = timedelta(days=30)

# A snapshot is written before anybody else can see who refers to it.
_SNAPSHOT_KEPT = timedelta(days=1)


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


class Digests(Outbox):
    """Subscriptions, beside the outbox and recurring jobs. No method reads this machine's clock."""

    @seen_through
    async def subscribe(self, subscription: Subscription, snapshot_content: str) -> bool:
        """Subscribes a channel, or replaces how it is subscribed; whether it is subscribed so now.

        A channel that was subscribed already keeps what it has been told, and a digest of it that is being worked out
        has to be begun anew. An earlier word never replaces a later one, and a workspace that has left says nothing.
        """
        row = _subscription_row(subscription)
        told = {"team_id", "channel_id", "snapshot", "announced_at", "failure_told"}
        added = insert(subscriptions).values(**row)
        added = added.on_conflict_do_update(
            index_elements=[subscriptions.c.team_id, subscriptions.c.channel_id],
            set_={name: added.excluded[name] for name in row if name not in told} | FREED,
            where=subscriptions.c.subscribed_at <= added.excluded.subscribed_at,
        )
        async with self.engine.begin() as connection:
            if not await admitted(
                connection,
                subscription.team_id,
                subscription.enterprise_id,
                subscription.subscribed_at,
            ):
                return False
            # Before the snapshot, as in settling.
            if await connection.scalar(added.returning(subscriptions.c.team_id)) is None:
                return False
            await _keep_snapshot(connection, subscription.snapshot, snapshot_content)
        return True

    @seen_through
    async def unsubscribe(self, team_id: str, channel_id: str) -> Subscription | None:
        """Ends a channel's digests, and gives the subscription that this ended.

        A digest that was written and that nobody is posting yet is not posted any more.
        """
        ended = delete(subscriptions).where(of_channel(subscriptions, team_id, channel_id))
        unsent = and_(
            of_channel(outbox, team_id, channel_id),
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
        query = select(subscriptions).where(of_channel(subscriptions, team_id, channel_id))
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
        claimed = await self._claim(subscriptions, due=is_due(subscriptions, at), seconds=seconds)
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

        `snapshot` is an id and its content; None keeps the last. Where the messages had been written before, this turn
        has had its say: only the next due time is new, and what was found now is still to be told. False, with nothing
        written, where the lease has gone.
        """
        its_own = of_channel(subscriptions, subscription.team_id, subscription.channel_id)
        settled = (
            update(subscriptions)
            .where(its_own, subscriptions.c.lease == lease.token)
            .values(due_at=seconds(due_at), **FREED)
            .returning(subscriptions.c.team_id)
        )
        told = {
            "announced_at": seconds(announced_at),
            "failure_told": seconds_or_none(failure_told),
            **({"snapshot": snapshot[0]} if snapshot else {}),
        }
        async with self.engine.begin() as connection:
            # First: while it holds the row, nobody forgets the workspace between it and the messages.
            if await connection.scalar(settled) is None:
                return False
            if await write_messages(connection, messages):
                await connection.execute(update(subscriptions).where(its_own).values(**told))
                if snapshot:
                    await _keep_snapshot(connection, *snapshot)
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
            .where(of_channel(subscriptions, team_id, channel_id))
            .values(due_at=by_then)
            .returning(subscriptions.c.team_id)
        )
        return await self._done(sooner)

    @seen_through
    async def due_after(self, at: datetime) -> tuple[Subscription, ...]:
        """The subscriptions of all workspaces that are due later than `at`."""
        query = select(subscriptions).where(subscriptions.c.due_at > seconds(at))
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return tuple(map(_subscription, rows))

    @seen_through
    async def bring_back(self, subscription: Subscription, *, due_at: datetime) -> bool:
        """Makes a subscription due sooner; False, with nothing written, where it has been changed or settled since."""
        sooner = (
            update(subscriptions)
            .where(of_channel(subscriptions, subscription.team_id, subscription.channel_id))
            .where(subscriptions.c.due_at == seconds(subscription.due_at))
            .where(subscriptions.c.subscribed_at == seconds(subscription.subscribed_at))
            .values(due_at=seconds(due_at))
            .returning(subscriptions.c.team_id)
        )
        return await self._done(sooner)


async def forget(connection: AsyncConnection, team_id: str | None, owner: str) -> None:
    """Deletes what a workspace, or without a team an organisation, left here, after it has been marked as forgotten."""
    # Subscriptions come before the messages: a turn that is being settled holds its subscription, and writes messages.
    for table in (subscriptions, outbox):
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
        "failure_told": seconds_or_none(subscription.failure_told),
    }


def _subscription(row: RowMapping) -> Subscription:
    return Subscription(
        team_id=row["team_id"],
        channel_id=row["channel_id"],
        enterprise_id=row["enterprise_id"],
        subscribed_by=row["subscribed_by"],
        subscribed_at=time(row["subscribed_at"]),
        schedule=json.loads(row["schedule"]),
        due_at=time(row["due_at"]),
        snapshot=row["snapshot"],
        announced_at=time(row["announced_at"]),
        failure_told=time_or_none(row["failure_told"]),
    )
