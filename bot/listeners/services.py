"""What every listener works with, and who is asking."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.books import Books
from bot.delivery import Delivery, Place, Posted
from bot.desk import Desk
from bot.digest_run import Digester
from bot.formatting.reply import Reply, reply_to, sentence
from bot.logs import log_fault
from bot.requests import Intent, Request
from bot.store import STORE_FAULTS, Store, Thread
from bot.store.digests import Digests
from bot.store.rates import Rates
from bot.store.scenarios import Scenarios
from bot.threads import to_keep
from bot.work import Work

Coming = Coroutine[Any, Any, None]

EVENT_ID = "event_id"
"""Where a request's context holds the event that it claimed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, from which workspace, and the client that answers there. `at` is when the request arrived."""

    team_id: str
    enterprise_id: str | None
    user_id: str
    client: AsyncWebClient
    at: datetime
    event_id: str | None

    def thread(self, channel_id: str, thread_ts: str) -> Thread:
        return Thread(self.team_id, channel_id, thread_ts, self.enterprise_id)

    def own_messages(self) -> Place:
        """The person's own conversation with the bot."""
        return Place(team_id=self.team_id, user_id=self.user_id, channel_id=self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything real that listeners use, plugged in by `bot/assembly.py`."""

    desk: Desk
    delivery: Delivery
    store: Store
    work: Work
    now: Callable[[], datetime]
    forget_workspace: Callable[[str | None, str | None], None]
    books: Books
    rates: Rates
    digests: Digests
    scenarios: Scenarios
    digester: Digester
    reviewers: tuple[str, ...]
    due: Callable[[], Coroutine[Any, Any, None]]

    def is_reviewer(self, caller: Caller) -> bool:
        """Whether this person decides on changes of rates."""
        return caller.user_id in self.reviewers

    async def refresh_book(self) -> None:
        """Answer from the rates as they are now, after one of them was decided on."""
        self.desk.book = await self.books.refresh()

    def due_now(self) -> None:
        """Do what has just become due, without waiting for the next look."""
        self.work.start(self.due(), where="what is due")

    def caller(self, context: AsyncBoltContext) -> Caller:
        """Whoever sent what Bolt is handling."""
        return Caller(
            team_id=context.team_id or context.enterprise_id or "",
            enterprise_id=context.enterprise_id,
            user_id=context.user_id or "",
            client=context.client,
            at=self.now(),
            event_id=context.get(EVENT_ID),
        )

    async def send(self, reply: Reply, place: Place, caller: Caller) -> Posted | None:
        return await self.delivery.deliver(reply, place, caller.client)

    def start(self, what: Coming, *, where: str, caller: Caller, place: Place | None) -> None:
        """Go on after the acknowledgement; of a fault the person hears where the answer would have been."""

        async def apologise(text: str) -> None:
            if place:
                await self.send(sentence(text), place, caller)

        self.work.start(self.finishing(what, caller.event_id), where=where, apologise=apologise)

    async def finishing(self, what: Coming, event_id: str | None) -> None:
        """Do it, and mark its event as done: also after a fault, of which the person hears, but not when stopped."""
        try:
            await what
        except Exception:
            await self._finish(event_id)
            raise
        await self._finish(event_id)

    async def _finish(self, event_id: str | None) -> None:
        if event_id:
            await self._kept(self.store.finish_event(event_id), where="an event's end")

    async def answer(
        self,
        request: Request,
        place: Place,
        caller: Caller,
        *,
        before: Mapping[str, Any] | None = None,
    ) -> None:
        """Answer a request at a place, and keep it for follow-ups where others can see it.

        A thread knows its request before the reply is there, for the next question may be quicker; `before` is what it
        kept until now. Thanks and chat get no answer.
        """
        if request.intent is Intent.NONE:
            return
        answer = self.desk.answer(request)
        if place.thread_ts and not place.ephemeral:
            await self.remember(request, place.channel_id, place.thread_ts, caller, before=before)
        posted = await self.send(reply_to(answer, shareable=place.ephemeral), place, caller)
        if posted and not place.thread_ts:
            await self.remember(request, posted.channel_id, posted.ts, caller)
        if request.export and not request.problems:
            from bot.listeners.exports import hand_over  # few ask for it, and it is built on this

            await hand_over(self, answer, _thread(place, posted), place, caller)

    async def help(self, place: Place, caller: Caller) -> None:
        """How to ask: for whatever nobody knows."""
        await self.answer(self.desk.read("help"), place, caller)

    async def remember(
        self,
        request: Request,
        channel_id: str,
        thread_ts: str,
        caller: Caller,
        *,
        before: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep what a thread asked last, for its next question; `before` is what it kept until now."""
        thread = caller.thread(channel_id, thread_ts)
        keeping = self.store.remember_request(thread, to_keep(request, before=before), at=caller.at)
        await self._kept(keeping, where="keeping a thread's request")

    async def _kept(self, writing: Awaitable[None], *, where: str) -> None:
        """A write that no answer hangs on: without a database it is logged, and the answer goes on."""
        try:
            await writing
        except STORE_FAULTS as error:
            log_fault(error, where=where)


def _thread(place: Place, posted: Posted | None) -> Posted | None:
    """Where what belongs to a reply goes: the thread that it stands in or begins; None where one person sees it."""
    if posted and place.thread_ts and posted.channel_id == place.channel_id:
        return Posted(channel_id=posted.channel_id, ts=place.thread_ts)
    return posted
