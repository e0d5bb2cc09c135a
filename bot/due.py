"""What is due: checks of the sources, digests, and the messages that both have written. Replicas share it.

    claim under a lease -> work it out -> one transaction: what is to be said, and that it has been decided
    claim a message under a lease -> post it -> one statement: that it was posted

Each arrow may be cut by a kill at any moment. A lease that runs out lets another replica go on; a holder that was slow
finds its lease gone and writes nothing. So nothing is lost, and nothing is decided twice. A message can be posted twice
only where a process dies after Slack took it and before the statement that says so.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.checks import Checker
from bot.delivery import Delivery, Place
from bot.digest_run import Digester
from bot.formatting.reply import WrittenReply, sentence
from bot.logs import log_fault
from bot.refusals import error_code, retry_after
from bot.schedule import CLOCKS_APART, Schedule, latest_run
from bot.store import STORE_FAULTS
from bot.store.digests import Digests
from bot.store.outbox import Claimed, Lease, Outgoing

_log = logging.getLogger(__name__)

CHECK_JOB = "check the sources"

_CHECK_LEASE_SECONDS = 10 * 60.0
_DIGEST_LEASE_SECONDS = 2 * 60.0
_POST_LEASE_SECONDS = 2 * 60.0

# Of a post's lease. What begins later, or still waits for an answer then, could reach Slack when the lease has run out and
# another replica posts it too. Slack answers within 30 seconds or not at all: a quarter.
_LATEST_START, _LATEST_END = 0.5, 0.75

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)

GIVEN_UP_AFTER = timedelta(days=4)
"""A message that Slack does not take for so long is old news."""

_SET_RIGHT_SECONDS = 60 * 60.0

# The bot cannot write there any more, however often it tries.
_GONE = frozenset({"channel_not_found", "is_archived", "not_in_channel", "restricted_action", "user_not_found"})  # fmt: skip

# Nor in the whole workspace, for good. What else Slack says of a token, an operator can mend.
_WORKSPACE_GONE = frozenset({"account_inactive", "team_not_found", "token_revoked"})

Client = Callable[[str, str | None], Awaitable[AsyncWebClient | None]]
"""The client of a workspace (team, enterprise), one that sends each call once; None where the app has left it."""


def _go_on(_: str) -> None:
    """Where tests stop a process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueWork:
    """Everything that recurs, done by whichever replica is first. `step` is told of each step as it is reached."""

    digests: Digests
    digester: Digester
    delivery: Delivery
    client: Client
    now: Callable[[], datetime]
    checker: Checker | None = None
    check_every: timedelta | None = None
    check_lease_seconds: float = _CHECK_LEASE_SECONDS
    digest_lease_seconds: float = _DIGEST_LEASE_SECONDS
    post_lease_seconds: float = _POST_LEASE_SECONDS
    step: Callable[[str], None] = _go_on

    async def run(self, *, every_seconds: float) -> None:
        """Do what is due, again and again, until cancelled. Faults are logged, and the next round tries again.

        What a clock set far ahead is set right at the start and every hour: were it done at each look, two replicas
        whose clocks are hours apart would undo each other's turns without end.
        """
        set_right_at = _clock()
        while True:
            try:
                if _clock() >= set_right_at:
                    await self.set_right()
                    set_right_at = _clock() + _SET_RIGHT_SECONDS
                await self.all()
            except STORE_FAULTS as error:
                log_fault(error, where="looking for what is due")
            await asyncio.sleep(every_seconds)

    async def set_right(self) -> None:
        """Bring back the digests that a clock which had jumped ahead made due far later than their schedules say.

        None of them is asked for that was written already: the run that is next was not there to be claimed, and a
        turn whose message is in the outbox writes no other.
        """
        now = self.now()
        for subscription in await self.digests.due_after(now + CLOCKS_APART):
            try:
                schedule = Schedule.model_validate(subscription.schedule)
            except ValueError as error:
                log_fault(error, where="a digest's schedule")
                continue
            latest = latest_run(schedule, now=now)
            if subscription.due_at > latest:
                await self.digests.bring_back(subscription, due_at=latest)

    async def all(self) -> None:
        """Do everything that is due. Raises what the database raises."""
        while await self.once():
            pass

    async def once(self) -> bool:
        """One round: a check, a digest and a message, each if one is due; whether there was any."""
        found = False
        for work in (self.check, self.digest, self.post):
            try:
                found = await work() or found
            except STORE_FAULTS:
                raise
            except Exception as error:  # noqa: BLE001 - one piece of work must not keep the others
                log_fault(error, where=f"{work.__name__}, which was due")
        return found

    async def check(self) -> bool:
        """Check the sources if that is due; whether it was."""
        if self.checker is None or self.check_every is None:
            return False
        at = self.now()
        await self.digests.ensure_job(CHECK_JOB, due_at=at, latest=at + self.check_every)
        lease = await self.digests.claim_job(CHECK_JOB, at=at, seconds=self.check_lease_seconds)
        if lease is None:
            return False
        self.step("check claimed")
        report = await self.checker.check(at=at, lease=lease, due_at=at + self.check_every)
        for checked in report.sources:
            if checked.fault:
                _log.warning("%s: %s", checked.source.id, checked.fault.text)
        return True

    async def digest(self) -> bool:
        """Work out one digest that is due, and write it down with its next day; whether there was one."""
        claimed = await self.digests.claim_due(at=self.now(), seconds=self.digest_lease_seconds)
        if claimed is None:
            return False
        self.step("digest claimed")
        subscription, lease = claimed
        settlement = await self.digester.settle(subscription, at=self.now())
        self.step("digest composed")
        await self.digests.settle(subscription, lease, **settlement)
        self.step("digest written")
        return True

    async def post(self) -> bool:
        """Post one message that was written; whether there was one."""
        claimed_at = _clock()  # before the claim, so that the lease ends no sooner
        claimed = await self.digests.claim_message(at=self.now(), seconds=self.post_lease_seconds)
        if claimed is None:
            return False
        message, lease, *_ = claimed
        self.step("message claimed")
        client = await self.client(message.team_id, message.enterprise_id)
        if client is None:
            await self._give_up(message, lease, "the app has left the workspace")
            return True
        try:
            await _to_the_end(self._posted(message, lease, client, claimed_at=claimed_at))
        except SlackApiError as error:
            await self._refused(claimed, error, client)
        except (ClientError, TimeoutError, OSError) as error:
            await self._put_back(claimed, type(error).__name__)
        return True

    async def _posted(
        self, message: Outgoing, lease: Lease, client: AsyncWebClient, *, claimed_at: float
    ) -> None:
        place = Place(
            team_id=message.team_id,
            user_id="",
            channel_id=message.channel_id,
            own_messages_will_do=False,
        )
        reply = WrittenReply.from_json(message.message)
        self.step("message about to be posted")
        if _clock() > claimed_at + _LATEST_START * self.post_lease_seconds:
            return  # this process stood still; whoever claims the message next posts it
        async with asyncio.timeout_at(claimed_at + _LATEST_END * self.post_lease_seconds):
            posted = await self.delivery.deliver(reply, place, client, key=message.id)
        # From here to the end of the next statement is the window in which a kill posts the message twice.
        self.step("message posted")
        ts = posted.ts if posted else ""
        await self.digests.mark_posted(message.id, lease, ts=ts, at=self.now())
        self.step("message marked")

    async def _refused(
        self, claimed: Claimed, error: SlackApiError, client: AsyncWebClient
    ) -> None:
        """What cannot be said there ever ends the channel's subscription; anything else is tried again."""
        message, lease, *_ = claimed
        code = error_code(error)
        if code in _WORKSPACE_GONE:
            await self._give_up(message, lease, code)
        elif code in _GONE:
            ended = await self.digests.unsubscribe(message.team_id, message.channel_id)
            await self._give_up(message, lease, code)
            if ended:
                await self._tell(ended.subscribed_by, ended.channel_id, message.team_id, client)
        else:
            await self._put_back(claimed, code or "no answer of Slack's", after=retry_after(error))

    async def _tell(
        self, user_id: str, channel_id: str, team_id: str, client: AsyncWebClient
    ) -> None:
        """Whoever subscribed the channel hears why it gets no digests any more."""
        own = Place(team_id=team_id, user_id=user_id, channel_id=user_id)
        try:
            await self.delivery.deliver(
                sentence(stopped_text(channel_id), refers=(channel_id,)), own, client
            )
        except (SlackApiError, ClientError, TimeoutError) as error:
            log_fault(error, where="telling of digests that have ended")

    async def _put_back(
        self, claimed: Claimed, fault: str, *, after: timedelta | None = None
    ) -> None:
        """Tried again ever later, or when Slack said, for days: outages end, and waits that Slack names are short."""
        message, lease, attempts, waited = claimed
        if waited >= GIVEN_UP_AFTER:
            await self._give_up(message, lease, fault)
            return
        _log.warning("a message of %s was not posted: %s", message.team_id, fault)
        pause = after or min(_FIRST_PAUSE * 2 ** min(attempts, 10), _LONGEST_PAUSE)
        await self.digests.put_back(message.id, lease, due_at=self.now() + pause, fault=fault)

    async def _give_up(self, message: Outgoing, lease: Lease, fault: str) -> None:
        _log.warning("a message of %s will not be posted: %s", message.team_id, fault)
        await self.digests.give_up(message.id, lease, fault=fault, at=self.now())


def _clock() -> float:
    """The clock of timeouts, which goes on while a process stands still."""
    return asyncio.get_running_loop().time()


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Whoever is told to stop in the middle of a post ends it first: Slack may have taken the message already."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


def stopped_text(channel_id: str) -> str:
    """What is said of a channel that the bot cannot write to any more."""
    return (
        f"I cannot write to <#{channel_id}> any more, so its digests have stopped. "
        "Type `/invite @rlcost` there and subscribe it again to have them back."
    )
