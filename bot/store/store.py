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
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import and_, delete, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import digests, fetches, scenarios
from bot.store.address import parse_url
from bot.store.at_work import seen_through
from bot.store.database import open_database
from bot.store.engines import make_engine
from bot.store.rows import admitted, in_turn, left_by, newest, seconds, time
from bot.store.sql import insert
from bot.store.tables import bots, events, installations, oauth_states, threads, workspaces
from bot.store.tables import feedback as feedback_table

__all__ = ["Feedback", "Store", "Thread"]

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
            if not await admitted(connection, thread.team_id, thread.enterprise_id, at):
                return
            row = {
                "team_id": thread.team_id,
                "channel_id": thread.channel_id,
                "thread_ts": thread.thread_ts,
                "enterprise_id": thread.enterprise_id,
                "request": _kept(request),
                "asked_at": seconds(at),
            }
            await connection.execute(newest(threads, row, "asked_at"))

    @seen_through
    async def last_request(self, thread: Thread, *, at: datetime) -> Mapping[str, Any] | None:
        """The request that a follow-up in this thread refers to, or None where there is none of 30 days."""
        query = select(threads.c.request).where(
            threads.c.team_id == thread.team_id,
            threads.c.channel_id == thread.channel_id,
            threads.c.thread_ts == thread.thread_ts,
            threads.c.asked_at >= seconds(at - REQUEST_KEPT),
        )
        async with self.engine.connect() as connection:
            kept = await connection.scalar(query)
        return None if kept is None else _read(kept)

    @seen_through
    async def recent_models(self, team_id: str, *, since: datetime) -> tuple[str, ...]:
        """The models that a workspace's channels asked about, the one used last first; what is asked in private stays so."""
        query = (
            select(threads.c.request)
            .where(threads.c.team_id == team_id, threads.c.asked_at >= seconds(since))
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
            claimed_at=seconds(at),
            finished=False,
        )
        lapsed = events.c.claimed_at <= seconds(at - EVENT_LEASE)
        claim = claim.on_conflict_do_update(
            index_elements=[events.c.event_id],
            set_={"claimed_at": claim.excluded.claimed_at},
            where=and_(events.c.finished == false(), lapsed),
        )
        async with self.engine.begin() as connection:
            if not await admitted(connection, team_id, enterprise_id, at):
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
            if not await admitted(connection, said.team_id, said.enterprise_id, said.at):
                return
            kept = _kept(said.request)
            row = {
                "team_id": said.team_id,
                "user_id": said.user_id,
                "request_digest": hashlib.sha256(kept.encode()).hexdigest(),
                "enterprise_id": said.enterprise_id,
                "request": kept,
                "helpful": said.helpful,
                "said_at": seconds(said.at),
            }
            await connection.execute(newest(feedback_table, row, "said_at"))

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
                at=time(row["said_at"]),
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
            mark = {"id": owner, "forgotten_at": seconds(at)}
            await connection.execute(newest(workspaces, mark, "forgotten_at"))
            for table in (threads, feedback_table):
                left = in_turn(table, left_by(table, team_id, owner))
                await connection.execute(delete(table).where(left))
            for table in (bots, installations):
                installed = and_(left_by(table, team_id, owner), table.c.team_id == team_id)
                await connection.execute(delete(table).where(in_turn(table, installed)))
            await connection.execute(
                update(events)
                .where(in_turn(events, left_by(events, team_id, owner)))
                .values(team_id=None, enterprise_id=None)
            )
            await digests.forget(connection, team_id, owner)
            await scenarios.forget(connection, team_id, owner)

    @seen_through
    async def forget_old(self, *, at: datetime) -> None:
        """Deletes what has had its time. To be called now and then; nothing but room depends on when."""
        asked, marked = threads.c.asked_at, workspaces.c.forgotten_at
        outdated = {
            threads: asked < seconds(at - REQUEST_KEPT),
            events: events.c.claimed_at < seconds(at - EVENT_KEPT),
            oauth_states: oauth_states.c.expires_at <= seconds(at),
            workspaces: or_(marked.is_(None), marked < seconds(at - _MARK_KEPT)),
            **digests.outdated(at=at),
            **fetches.outdated(at=at),
        }
        for table, old in outdated.items():
            async with self.engine.begin() as connection:
                unused = in_turn(table, old, waits=False)
                await connection.execute(delete(table).where(unused))


def _kept(request: Mapping[str, Any]) -> str:
    """A request as it is stored: the same request is the same text, and none of it is a person's words."""
    return json.dumps({**request, "problems": []}, sort_keys=True, separators=(",", ":"))


def _read(kept: str) -> Mapping[str, Any]:
    request: Mapping[str, Any] = json.loads(kept)
    return request
