"""Mentions in channels, direct messages and the messages tab: answered in the thread, which remembers its last request."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.delivery import Place
from bot.listeners.services import Caller, Services
from bot.requests import Intent

# A person's words; every other subtype reports an edit, a join or another bot.
_PEOPLE = frozenset({None, "file_share", "thread_broadcast"})


def register(app: AsyncApp, services: Services) -> None:
    """Messages that are meant for the bot."""

    async def mention(event: dict[str, Any], context: AsyncBoltContext) -> None:
        # In a direct message the message itself is answered.
        if not str(event.get("channel", "")).startswith("D"):
            _answer(services, event, context, where="a mention")

    async def message(event: dict[str, Any], context: AsyncBoltContext) -> None:
        if event.get("channel_type") == "im":
            _answer(services, event, context, where="a direct message")

    app.event("app_mention")(mention)
    app.event("message")(message)


def _answer(
    services: Services, event: dict[str, Any], context: AsyncBoltContext, *, where: str
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
        _in_thread(services, str(event.get("text", "")), place, caller),
        where=where,
        place=place,
        caller=caller,
    )


async def _in_thread(services: Services, text: str, place: Place, caller: Caller) -> None:
    """Read a message with the thread's last request before it; thanks and chat get no answer."""
    thread = caller.thread(place.channel_id, place.thread_ts)
    kept = await services.store.last_request(thread, at=caller.at)
    previous = None
    if kept is not None:
        try:
            previous = services.desk.known(kept)
        except ValueError:  # of a model that is covered no longer: the thread begins anew
            previous = None
    request = services.desk.read(text, previous=previous)
    if request.intent is not Intent.NONE:
        await services.answer(request, place, caller)
