"""What one channel is to be told at one time, and what is remembered of it: the rates, its scenarios, the state of the checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypedDict

from bot.books import Books
from bot.desk import Desk
from bot.digests import Digest, SavedScenario, compose
from bot.formatting.digest_form import digest_buttons
from bot.formatting.digest_view import alive_view, digest_view, failing_view
from bot.formatting.layout import View
from bot.formatting.reply import Reply, WrittenReply
from bot.schedule import Schedule, local, next_run
from bot.store import DatabaseAwayError
from bot.store.digests import Digests, Subscription
from bot.store.outbox import Outgoing
from bot.store.rates import Rates
from bot.store.scenarios import Scenarios
from pricing.cards import RateBook
from pricing.snapshots import Snapshot, from_json, snapshot, to_json
from pricing.sources import SOURCES, SourceId

FAILING_AFTER = timedelta(days=3)
"""Checks that have failed for so long are told of, once."""


class Settlement(TypedDict):
    """What a digest's turn leaves behind: the messages, and what the channel has been told with them."""

    due_at: datetime
    snapshot: tuple[str, str] | None
    announced_at: datetime
    failure_told: datetime | None
    messages: Sequence[Outgoing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What there is to say in a channel now; `view` is None where it stays silent."""

    view: View | None
    digest: Digest | None
    now: Snapshot
    failing_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digester:
    """Works digests out, with everything that they rest on read anew."""

    digests: Digests
    scenarios: Scenarios
    rates: Rates
    books: Books
    desk: Desk

    async def snapshot(self, *, at: datetime) -> tuple[str, str]:
        """The rates of now, as a channel that subscribes is told them: their id, and the whole.

        Raises StoreError where the observed ones cannot be read.
        """
        taken = snapshot(await self._book(), at.astimezone(UTC).date())
        return taken.id, to_json(taken)

    async def settle(self, subscription: Subscription, *, at: datetime) -> Settlement:
        """What the turn of a channel comes to. Raises StoreError where the observed rates cannot be read."""
        schedule = Schedule.model_validate(subscription.schedule)
        said = await self.say(subscription, at=at)
        messages = [_written(said.view, subscription)] if said.view else []
        told = (said.now.id, to_json(said.now)) if said.digest else None
        failing = said.failing_since
        return Settlement(
            due_at=next_run(schedule, after=max(at, subscription.due_at)),
            snapshot=told,
            announced_at=at if messages else subscription.announced_at,
            failure_told=failing
            if failing and messages
            else (subscription.failure_told if failing else None),
            messages=messages,
        )

    async def say(self, subscription: Subscription, *, at: datetime) -> Said:
        """What there is to say to a channel: what moved, or that the checks fail, or once a month that they are alive.

        Raises StoreError where the observed rates cannot be read.
        """
        schedule = Schedule.model_validate(subscription.schedule)
        today = at.astimezone(UTC).date()
        now = snapshot(await self._book(), today)
        failing = await self._failing(at)
        since = min(failing.values(), default=None)
        digest = compose(
            from_json(await self.digests.snapshot(subscription.snapshot)),
            now,
            catalogue=self.desk.catalogue,
            today=today,
            scenarios=await self._scenarios(subscription),
            models=frozenset(schedule.models),
            over_percent=schedule.over_percent,
            over_usd=schedule.over_usd,
            waiting=len(await self.rates.waiting()),
            failing=[(SOURCES[source].name, day.date()) for source, day in failing.items()],
        )
        view = digest_view(digest) if digest else None
        if view is None and since and subscription.failure_told != since:
            view = failing_view(
                [(SOURCES[source].name, day.date()) for source, day in failing.items()]
            )
        if view is None and not failing and _is_new_month(schedule, subscription, at):
            count, last = await self.rates.checks_since(subscription.announced_at)
            if last:
                view = alive_view(
                    since=local(schedule, subscription.announced_at).date(),
                    checks=count,
                    last=last.date(),
                    over_percent=schedule.over_percent,
                    over_usd=schedule.over_usd,
                )
        return Said(view=view, digest=digest, now=now, failing_since=since)

    async def _book(self) -> RateBook:
        """Fresh, and also what answers go by from now on.

        Answers may do without what was observed, and say so. A channel would be told that all of it was taken back.
        """
        self.desk.book = await self.books.refresh()
        if self.desk.book.observed_missing:
            raise DatabaseAwayError(
                "the observed rates cannot be read; their digests wait for them"
            )
        return self.desk.book

    async def _failing(self, at: datetime) -> Mapping[SourceId, datetime]:
        states = await self.rates.source_states()
        return {
            source: state.failing_since
            for source, state in states.items()
            if SOURCES[source].official  # a feed decides nothing, so nobody misses it
            and state.failing_since
            and at - state.failing_since >= FAILING_AFTER
        }

    async def _scenarios(self, subscription: Subscription) -> Sequence[SavedScenario]:
        """The channel's own runs; one of a model that is covered no longer is passed over."""
        found = []
        for saved in await self.scenarios.in_channel(subscription.team_id, subscription.channel_id):
            try:
                found.append(SavedScenario(name=saved.name, request=self.desk.known(saved.request)))
            except ValueError:
                continue
        return found


def _written(view: View, subscription: Subscription) -> Outgoing:
    """The message, under the key of its channel and the moment at which its turn was due, so that a turn has one.

    No two turns are due at one moment, however often people change when digests come; days and weeks are shared.
    """
    turn = subscription.due_at.astimezone(UTC).isoformat()
    reply = Reply(view=view, beneath=(digest_buttons(),))
    return Outgoing(
        id=f"digest/{subscription.team_id}/{subscription.channel_id}/{turn}",
        team_id=subscription.team_id,
        enterprise_id=subscription.enterprise_id,
        channel_id=subscription.channel_id,
        message=WrittenReply.of(reply).as_json(),
        due_at=subscription.due_at,  # due for every replica, also one whose clock is behind
    )


def _is_new_month(schedule: Schedule, subscription: Subscription, at: datetime) -> bool:
    """Whether nothing was said yet in this month of the channel's own calendar."""
    now, then = local(schedule, at), local(schedule, subscription.announced_at)
    return (now.year, now.month) != (then.year, then.month)
