"""Rates in the database: what each source last said, every change that was observed, and what became of it.

A check is recorded in one transaction. Those that record or decide take turns, so that two checks at once, or a decision
in the middle of a check, leave what one after the other would have left.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import and_, case, distinct, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.at_work import OpenStore, seen_through
from bot.store.fetches import FetchRecord, SourceState, record_fetch, state_of, state_row
from bot.store.observations import (
    ACCEPTED,
    REJECTED,
    WAITING,
    WITHDRAWN,
    Observation,
    add_new,
    begin_pending,
    call_off,
    newly_told,
    observation_of,
    observations_that,
    rejected_claims,
    withdraw_waiting,
)
from bot.store.outbox import Lease, Outgoing, finish_job, write_messages
from bot.store.rows import admitted, plain, seconds, time_or_none
from bot.store.sql import insert
from bot.store.tables import confirmations, observations, revisions, source_fetches, sources
from pricing.cards import AnyCard, CardKey, CardPath
from pricing.judgement import Judgement, Status
from pricing.observed import card_from_json
from pricing.sources import SourceId

_LONGEST_NAME = 200  # of whoever decides; a server refuses more

_REVISION = "rates"


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
            lambda: {SourceId(row["source"]): state_of(row) for row in rows}
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
        return count, time_or_none(last)

    @seen_through
    async def accepted(self) -> tuple[Observation, ...]:
        """What is in force, or will be on its day; oldest first."""
        async with self.engine.connect() as connection:
            return await observations_that(connection, ACCEPTED)

    @seen_through
    async def waiting(self) -> tuple[Observation, ...]:
        """What waits for a person, oldest first."""
        async with self.engine.connect() as connection:
            return await observations_that(connection, WAITING)

    @seen_through
    async def observation(self, observation_id: int) -> Observation | None:
        """One observation, whatever became of it; None for an unknown id."""
        async with self.engine.connect() as connection:
            found = await observations_that(connection, observations.c.id == observation_id)
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
        return tuple(map(observation_of, rows))

    @seen_through
    async def rejected(self) -> frozenset[str]:
        """The fingerprints of the claims that people turned down, and that count as turned down still."""
        async with self.engine.connect() as connection:
            return await rejected_claims(connection)

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
            .where(observations.c.card.is_not(None), or_(ACCEPTED, called_off))
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
        wait and that nobody was told of yet; a check without it leaves them to the next. Messages for a workspace that
        was forgotten since `at` are left out. A check of a job gives up its `lease`, and is due again at `due_at`.
        """
        states = await asyncio.to_thread(lambda: [state_row(fetch, at) for fetch in fetches])
        async with self.engine.begin() as connection:
            if lease is not None and not await finish_job(connection, lease, due_at=due_at):
                return False
            await _take_turn(connection)
            for fetch, state in zip(fetches, states, strict=True):
                await record_fetch(connection, fetch, state, at)
            await call_off(connection, judgement.withdrawn, at)
            await withdraw_waiting(connection, judgement.findings, read, at)
            await add_new(connection, judgement.findings, fetches, at)
            await begin_pending(connection, on)
            await _confirm(connection, judgement.confirmed, on)
            if notices:
                # Workspaces before anything of their own, as in forgetting them.
                messages = notices(await newly_told(connection, at))
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
            .where(observations.c.id == observation_id, WAITING)
            .values(
                status=accepted if approve else REJECTED,
                decided_at=seconds(at),
                decided_by=plain(by)[:_LONGEST_NAME],
                decided_why=None if why is None else plain(why),
            )
            .returning(observations.c.id)
        )
        async with self.engine.begin() as connection:
            await _take_turn(connection)
            won = await connection.scalar(decided) is not None
            found = await observations_that(connection, observations.c.id == observation_id)
            if not found:
                raise LookupError(f"there is no observation {observation_id}")
        return found[0], won


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
