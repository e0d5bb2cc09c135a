"""What outlives a restart: the requests of threads, the events at work or done, and what people said of answers.

One small interface over SQLAlchemy Core, the same on SQLite and PostgreSQL. On a server many write at
once, so rows are locked in one order: the organisation's row of `workspaces`, the workspace's, then
those of the other tables, by their keys.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from sqlalchemy import Table, and_, delete, false, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql.elements import ColumnElement

from bot.store.address import parse_url
from bot.store.database import Insert, StoreError, insert, make_engine, open_database, seen_through
from bot.store.tables import bots, events, installations, oauth_states, threads, workspaces
from bot.store.tables import feedback as feedback_table

__all__ = ["Feedback", "Store", "StoreError", "Thread"]

REQUEST_KEPT = timedelta(days=30)
EVENT_KEPT = timedelta(days=1)
EVENT_LEASE = timedelta(seconds=60)

# No request is at work for longer, so that a mark older than this refuses nobody any more.
_MARK_KEPT = timedelta(days=1)

# Enough threads for the models of a busy workspace; reading all of a month takes too long for a view.
_RECENT_THREADS = 1000


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a conversation takes place. `enterprise_id` only says whose it is when an organisation leaves."""

    team_id: str
    channel_id: str
    thread_ts: str
    enterprise_id: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What one person said of the answer to one request; `at` is when the click arrived."""

    team_id: str
    user_id: str
    helpful: bool
    request: Mapping[str, Any]
    at: datetime
    enterprise_id: str | None = field(default=None, compare=False)


class Store:
    """The database. Every `at` is when the request at work arrived, with a zone; no method reads a clock."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.at_work: set[asyncio.Task[Any]] = set()

    @classmethod
    async def open(cls, url: str) -> Self:
        """The store at `sqlite:///FILE`, in memory at `sqlite://`, or at `postgresql://…`, with every table there is.

        Raises StoreError where that cannot be, DatabaseAwayError where a server does not answer. In
        memory one connection serves all, in turn.
        """
        return cls(await open_database(url))

    @classmethod
    def at(cls, url: str) -> Self:
        """The store at a URL, not looked at yet: whatever is asked of it raises until its server is there.

        Raises StoreError for a URL that names no database.
        """
        return cls(make_engine(parse_url(url)))

    async def close(self) -> None:
        """Closes the database, once what is under way is done."""
        while self.at_work:
            await asyncio.wait(self.at_work)
        await self.engine.dispose()

    async def ping(self) -> None:
        """Returns when the database answers. Raises SQLAlchemyError where it does not."""
        async with self.engine.connect() as connection:
            await connection.execute(select(1))

    @seen_through
    async def remember_request(
        self, thread: Thread, request: Mapping[str, Any], *, at: datetime
    ) -> None:
        """Keeps the thread's last request for its follow-ups; one that arrived earlier never replaces a later one.

        `request` is what `bot.requests.as_json` gives. Its problems are left out: they quote what a
        person typed, and no follow-up reads them.
        """
        async with self.engine.begin() as connection:
            if not await _admitted(connection, thread.team_id, thread.enterprise_id, at):
                return
            row = {
                "team_id": thread.team_id,
                "channel_id": thread.channel_id,
                "thread_ts": thread.thread_ts,
                "enterprise_id": thread.enterprise_id,
                "request": _kept(request),
                "asked_at": _seconds(at),
            }
            await connection.execute(_newest(threads, row, "asked_at"))

    @seen_through
    async def last_request(self, thread: Thread, *, at: datetime) -> Mapping[str, Any] | None:
        """The request that a follow-up in this thread refers to, or None where there is none of 30 days."""
        query = select(threads.c.request).where(
            threads.c.team_id == thread.team_id,
            threads.c.channel_id == thread.channel_id,
            threads.c.thread_ts == thread.thread_ts,
            threads.c.asked_at >= _seconds(at - REQUEST_KEPT),
        )
        async with self.engine.connect() as connection:
            kept = await connection.scalar(query)
        return None if kept is None else _read(kept)

    @seen_through
    async def recent_models(self, team_id: str, *, since: datetime) -> tuple[str, ...]:
        """The models that a workspace's channels asked about, the one used last first; what is asked in private stays so."""
        query = (
            select(threads.c.request)
            .where(threads.c.team_id == team_id, threads.c.asked_at >= _seconds(since))
            .where(threads.c.channel_id.not_like("D%"))
            .order_by(threads.c.asked_at.desc())
            .limit(_RECENT_THREADS)
        )
        async with self.engine.connect() as connection:
            requests = [_read(kept) for kept in await connection.scalars(query)]
        models = [model for request in requests for model in request.get("models", ())]
        return tuple(dict.fromkeys(models))

    @seen_through
    async def claim_event(
        self, event_id: str, team_id: str, *, at: datetime, enterprise_id: str | None = None
    ) -> bool:
        """Whether the caller is the one to handle this event, however often Slack sends it.

        A claim that was not finished within a minute is free again: whoever held it has died. A
        finished event is never handed out again, nor is one from before its workspace was forgotten.
        """
        claim = insert(events).values(
            event_id=event_id,
            team_id=team_id,
            enterprise_id=enterprise_id,
            claimed_at=_seconds(at),
            finished=False,
        )
        lapsed = events.c.claimed_at <= _seconds(at - EVENT_LEASE)
        claim = claim.on_conflict_do_update(
            index_elements=[events.c.event_id],
            set_={"claimed_at": claim.excluded.claimed_at},
            where=and_(events.c.finished == false(), lapsed),
        )
        async with self.engine.begin() as connection:
            if not await _admitted(connection, team_id, enterprise_id, at):
                return False
            won = await connection.scalar(claim.returning(events.c.event_id))
        return won is not None

    @seen_through
    async def finish_event(self, event_id: str) -> None:
        """Marks an event as answered, for good."""
        async with self.engine.begin() as connection:
            await connection.execute(
                update(events).where(events.c.event_id == event_id).values(finished=True)
            )

    @seen_through
    async def add_feedback(self, said: Feedback) -> None:
        """Keeps what a person said of a request; their newest word on the same request is the one that stays."""
        async with self.engine.begin() as connection:
            if not await _admitted(connection, said.team_id, said.enterprise_id, said.at):
                return
            kept = _kept(said.request)
            row = {
                "team_id": said.team_id,
                "user_id": said.user_id,
                "request_digest": hashlib.sha256(kept.encode()).hexdigest(),
                "enterprise_id": said.enterprise_id,
                "request": kept,
                "helpful": said.helpful,
                "said_at": _seconds(said.at),
            }
            await connection.execute(_newest(feedback_table, row, "said_at"))

    @seen_through
    async def feedback(self, team_id: str) -> tuple[Feedback, ...]:
        """What the people of a workspace said, in the order in which they said it."""
        query = (
            select(feedback_table)
            .where(feedback_table.c.team_id == team_id)
            .order_by(feedback_table.c.said_at)
        )
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return tuple(
            Feedback(
                team_id=row["team_id"],
                user_id=row["user_id"],
                helpful=row["helpful"],
                request=_read(row["request"]),
                at=datetime.fromtimestamp(row["said_at"], UTC),
                enterprise_id=row["enterprise_id"],
            )
            for row in rows
        )

    @seen_through
    async def forget_team(
        self, team_id: str | None, enterprise_id: str | None = None, *, at: datetime
    ) -> None:
        """Deletes everything that a workspace left, its installation included; doing it twice does no harm.

        For an app that leaves a whole organisation `team_id` is None: then what the organisation's
        workspaces left goes, with its own installation.

        A mark says when this was. What arrived up to then and is still at work may write no more,
        whenever it gets to it; what arrives later, after a new installation, may. Of the events their
        bare ids stay for their day, so that one that Slack repeats is not handled a second time.
        """
        owner = team_id or enterprise_id
        if owner is None:
            raise ValueError("a workspace or an organisation is needed to forget it")
        async with self.engine.begin() as connection:
            # First, so that whoever writes for this workspace has either finished or waits.
            mark = {"id": owner, "forgotten_at": _seconds(at)}
            await connection.execute(_newest(workspaces, mark, "forgotten_at"))
            for table in (threads, feedback_table):
                left = _in_turn(table, _left_by(table, team_id, owner))
                await connection.execute(delete(table).where(left))
            for table in (bots, installations):
                installed = and_(_left_by(table, team_id, owner), table.c.team_id == team_id)
                await connection.execute(delete(table).where(_in_turn(table, installed)))
            await connection.execute(
                update(events)
                .where(_in_turn(events, _left_by(events, team_id, owner)))
                .values(team_id=None, enterprise_id=None)
            )

    @seen_through
    async def forget_old(self, *, at: datetime) -> None:
        """Deletes what has had its time. To be called now and then; nothing but room depends on when."""
        asked, marked = threads.c.asked_at, workspaces.c.forgotten_at
        outdated = {
            threads: asked < _seconds(at - REQUEST_KEPT),
            events: events.c.claimed_at < _seconds(at - EVENT_KEPT),
            oauth_states: oauth_states.c.expires_at <= _seconds(at),
            workspaces: or_(marked.is_(None), marked < _seconds(at - _MARK_KEPT)),
        }
        for table, old in outdated.items():
            async with self.engine.begin() as connection:
                unused = _in_turn(table, old, waits=False)
                await connection.execute(delete(table).where(unused))


async def _admitted(
    connection: AsyncConnection, team_id: str, enterprise_id: str | None, at: datetime
) -> bool:
    """Whether what arrived at `at` may still write for its workspace.

    Touching the workspace's row holds it until the transaction ends, so that no forgetting comes
    between this answer and the write. The organisation comes first: where that was forgotten, no
    row of the workspace is made.
    """
    for owner in (enterprise_id, team_id):
        if owner is None:
            continue
        touch = insert(workspaces).values(id=owner)
        touch = touch.on_conflict_do_update(
            index_elements=[workspaces.c.id], set_={"id": touch.excluded.id}
        )
        forgotten_at = await connection.scalar(touch.returning(workspaces.c.forgotten_at))
        if forgotten_at is not None and _seconds(at) <= forgotten_at:
            return False
    return True


def _left_by(table: Table, team_id: str | None, owner: str) -> ColumnElement[bool]:
    column = table.c.enterprise_id if team_id is None else table.c.team_id
    return column == owner


def _in_turn(
    table: Table, condition: ColumnElement[bool], *, waits: bool = True
) -> ColumnElement[bool]:
    """The rows that meet a condition, locked one after another by their keys, so that two who want
    the same rows never hold what the other waits for. Without waiting, those in use are left out.
    """
    key = list(table.primary_key.columns)
    rows = select(*key).where(condition).order_by(*key).with_for_update(skip_locked=not waits)
    return tuple_(*key).in_(rows)


def _newest(table: Table, row: Mapping[str, Any], time: str) -> Insert:
    """Adds a row, or puts it in the place of one with the same key that is not newer."""
    added = insert(table).values(**row)
    key = list(table.primary_key.columns)
    kept = {column.name for column in key}
    older = or_(table.c[time].is_(None), table.c[time] <= added.excluded[time])
    return added.on_conflict_do_update(
        index_elements=key,
        set_={name: added.excluded[name] for name in row if name not in kept},
        where=older,
    )


def _kept(request: Mapping[str, Any]) -> str:
    """A request as it is stored: the same request is the same text, and none of it is a person's words."""
    return json.dumps({**request, "problems": []}, sort_keys=True, separators=(",", ":"))


def _read(kept: str) -> Mapping[str, Any]:
    request: Mapping[str, Any] = json.loads(kept)
    return request


def _seconds(at: datetime) -> float:
    if at.tzinfo is None:
        raise ValueError("a time for the store needs a zone")
    return at.timestamp()
