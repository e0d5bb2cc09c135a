"""`Price this rollout` on somebody's message: the message is read as a request, and only the asker sees the answer."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.delivery import Place
from bot.formatting.buttons import CallbackId, open_form
from bot.formatting.reply import sentence
from bot.listeners.interactions import place_of, privately
from bot.listeners.services import Caller, Services
from bot.requests import Intent

NOTHING_TO_PRICE = (
    "That message says nothing that I can price. It needs a model and some of its run, such as "
    "`kimi-k2p6, 20 turns, 5k episodes`."
)


def register(app: AsyncApp, services: Services) -> None:
    """The message shortcut, and help for any other; the global shortcut opens the form."""

    async def price(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        caller = services.caller(context)
        place = _privately(body, caller)
        text = str((body.get("message") or {}).get("text") or "")
        services.start(
            _priced(services, text, place, caller),
            where="the message shortcut",
            place=place,
            caller=caller,
        )

    async def unknown(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        caller = services.caller(context)
        place = _privately(body, caller)
        services.start(
            services.help(place, caller),
            where="an unknown shortcut",
            place=place,
            caller=caller,
        )

    app.shortcut(CallbackId.MESSAGE_SHORTCUT.value)(price)
    app.shortcut(re.compile(".*"))(unknown)


async def _priced(services: Services, text: str, place: Place, caller: Caller) -> None:
    request = services.desk.read(text)
    if request.intent is Intent.HELP and not request.problems:
        beneath = {"type": "actions", "elements": [open_form()]}
        await services.send(sentence(NOTHING_TO_PRICE, beneath), place, caller)
        return
    await services.answer(request, place, caller)


def _privately(body: dict[str, Any], caller: Caller) -> Place:
    """For the asker alone, beside the message; without a channel in their own conversation with the bot."""
    place = place_of(body, caller)
    if place.channel_id == caller.user_id:
        return place
    return privately(body, place)
