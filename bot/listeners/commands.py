"""`/rlcost …`: an answer that only the asker sees, in place."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.delivery import Place
from bot.listeners.named_runs import answered
from bot.listeners.services import Services
from bot.listeners.verbs import verb_of

COMMAND = "/rlcost"


def register(app: AsyncApp, services: Services) -> None:
    """The slash command, and help for any other that Slack may send here."""

    async def price(ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext) -> None:
        text = str(command.get("text", ""))
        request = services.desk.read(text)
        await ack()
        caller = services.caller(context)
        place = _place(command, caller.team_id)
        verb = verb_of(text, request)
        what = (
            verb(services, place, caller)
            if verb
            else answered(services, text, request, place, caller)
        )
        services.start(what, where=COMMAND, place=place, caller=caller)

    async def unknown(ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        caller = services.caller(context)
        place = _place(command, caller.team_id)
        services.start(
            services.help(place, caller),
            where="an unknown command",
            place=place,
            caller=caller,
        )

    app.command(COMMAND)(price)
    app.command(re.compile(".*"))(unknown)


def _place(command: dict[str, Any], team_id: str) -> Place:
    return Place(
        team_id=team_id,
        user_id=str(command.get("user_id", "")),
        channel_id=str(command.get("channel_id", "")),
        response_url=str(command.get("response_url", "")),
        ephemeral=True,
    )
