"""Mentions in channels, direct messages and the messages tab: answered in the thread, which remembers its last request."""

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakValueDictionary

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.delivery import Place
from bot.formatting.reply import sentence
from bot.listeners.named_runs import answered_by_name
from bot.listeners.services import Caller, Services
from bot.listeners.verbs import verb_of
from bot.logs import log_fault
from bot.requests import Intent, Request, starts_over
from bot.store import STORE_FAULTS, Thread
from bot.threads import open_text, still_open

# A person's words; every other subtype reports an edit, a join or another bot.
_PEOPLE = frozenset({None, "file_share", "thread_broadcast"})

NO_MEMORY = (
    "I cannot reach what this thread asked before: please write the whole request in a new message, "
    "outside this thread."
)


def register(app: AsyncApp, services: Services) -> None:
    """Messages that are meant for the bot."""

    conversations = _Conversations(services)

    async def mention(event: dict[str, Any], context: AsyncBoltContext) -> None:
        # In a direct message the message itself is answered.
        if not str(event.get("channel", "")).startswith("D"):
            _answer(services, conversations, event, context, where="a mention")

    async def message(event: dict[str, Any], context: AsyncBoltContext) -> None:
        if event.get("channel_type") == "im":
            _answer(services, conversations, event, context, where="a direct message")

    app.event("app_mention")(mention)
    app.event("message")(message)


def _answer(
    services: Services,
    conversations: "_Conversations",
    event: dict[str, Any],
    context: AsyncBoltContext,
    *,
    where: str,
) -> None:
    if event.get("subtype") not in _PEOPLE or event.get("bot_id") or not event.get("user"):
        return
    caller = services.caller(context)
    place = Place(
        team_id=caller.team_id,
        user_id=caller.user_id,
        channel_id=event["channel"],
        thread_ts=event.get("thread_ts") or event["ts"],
    )
    services.start(
        conversations.answer(
            str(event.get("text") or ""), place, caller, follows="thread_ts" in event
        ),
        where=where,
        place=place,
        caller=caller,
    )


class _Conversations:
    """Threads, each of which is read one message at a time: the next question rests on the last."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turns: WeakValueDictionary[Thread, asyncio.Lock] = WeakValueDictionary()

    async def answer(self, text: str, place: Place, caller: Caller, *, follows: bool) -> None:
        """Read a message with the thread's last request before it, and answer it there."""
        thread = caller.thread(place.channel_id, place.thread_ts)
        async with self._turns.setdefault(thread, asyncio.Lock()):
            try:
                kept = await self._services.store.last_request(thread, at=caller.at)
            except STORE_FAULTS as error:
                log_fault(error, where="reading a thread's last request")
                await self._without_memory(text, place, caller, follows=follows)
            else:
                await self._in_turn(text, kept, place, caller)

    async def _without_memory(
        self, text: str, place: Place, caller: Caller, *, follows: bool
    ) -> None:
        """What begins a thread needs no memory; a price in its middle would rest on values that nobody said."""
        request = self._services.desk.read(text)
        verb = verb_of(text, request)
        if verb:
            await verb(self._services, place, caller)
        elif follows and _prices(request):
            await self._services.send(sentence(NO_MEMORY), place, caller)
        else:
            await self._services.answer(request, place, caller)

    async def _in_turn(
        self, text: str, kept: Mapping[str, Any] | None, place: Place, caller: Caller
    ) -> None:
        if starts_over(text):
            kept = None
        previous = self._known(kept)
        request = self._services.desk.read(text, previous=previous)
        verb = verb_of(text, request)
        if verb:
            await verb(self._services, place, caller)
            return
        if await answered_by_name(self._services, text, request, place, caller):
            return
        before = kept if previous else None
        missing = still_open(before, request)
        if missing and _prices(request) and not request.problems:
            await self._services.remember(
                request, place.channel_id, place.thread_ts, caller, before=before
            )
            await self._services.send(sentence(open_text(missing)), place, caller)
            return
        await self._services.answer(request, place, caller, before=before)

    def _known(self, kept: Mapping[str, Any] | None) -> Request | None:
        """The request before; of a model that is covered no longer the thread begins anew."""
        try:
            return None if kept is None else self._services.desk.known(kept)
        except ValueError:
            return None


def _prices(request: Request) -> bool:
    """Whether the answer would hold a number, which an open value could change."""
    return request.intent not in (
        Intent.NONE,
        Intent.HELP,
        Intent.RATES,
        Intent.DIGEST,
        Intent.SHAPES,
    )
