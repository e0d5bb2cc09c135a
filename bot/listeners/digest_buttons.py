"""The buttons beneath digests, and the form that one of them opens."""

import json
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.delivery import Place
from bot.digest_form import submitted
from bot.formatting.buttons import ActionId, CallbackId
from bot.formatting.digest_form import digest_form
from bot.formatting.fit import fit_view
from bot.formatting.reply import sentence
from bot.listeners.buttons import open_modal
from bot.listeners.digests import send_now, show_list, subscribe
from bot.listeners.interactions import place_of, privately
from bot.listeners.services import Caller, Services
from bot.schedule import Schedule


def register(app: AsyncApp, services: Services) -> None:
    """Put the buttons beneath digests, and the form, into a Bolt app."""
    pressed = _Pressed(services)
    app.action(ActionId.DIGEST_FORM.value)(pressed.form)
    app.action(ActionId.DIGEST_LIST.value)(pressed.list)
    app.action(ActionId.DIGEST_STOP.value)(pressed.stop)
    app.action(ActionId.DIGEST_SEND.value)(pressed.send)
    app.view(CallbackId.DIGEST_FORM.value)(pressed.submitted)


class _Pressed:
    """What each button does."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def form(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        caller = self._services.caller(context)
        place = privately(body, place_of(body, caller))
        self._start(self._opened(body, place, caller), place, caller)

    async def stop(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        caller = self._services.caller(context)
        place = place_of(body, caller)
        self._start(self._stopped(place, caller), place, caller)

    async def list(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        caller = self._services.caller(context)
        place = privately(body, place_of(body, caller))
        self._start(show_list(self._services, place, caller), place, caller)

    async def send(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        caller = self._services.caller(context)
        place = privately(body, place_of(body, caller))
        self._start(send_now(self._services, place.channel_id, place, caller), place, caller)

    async def submitted(
        self, ack: AsyncAck, view: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        said = submitted(
            view.get("state", {}).get("values", {}), catalogue=self._services.desk.catalogue
        )
        if said.schedule is None:
            await ack(response_action="errors", errors=dict(said.errors))
            return
        await ack()
        caller = self._services.caller(context)
        place = _place_back(str(view.get("private_metadata") or "{}"), caller)
        self._start(
            subscribe(self._services, said.channel_id, said.schedule, place, caller), place, caller
        )

    def _start(self, what: Any, place: Place, caller: Caller) -> None:
        self._services.start(what, where="digests", place=place, caller=caller)

    async def _stopped(self, place: Place, caller: Caller) -> None:
        """Everybody in the channel sees that, and by whom, as they saw the digest."""
        ended = await self._services.digests.unsubscribe(caller.team_id, place.channel_id)
        if ended is None:
            await self._services.send(
                sentence("This channel gets no digests any more."), place, caller
            )
            return
        everyone = replace(place, ephemeral=False, response_url="")
        by = {
            "type": "context",
            "elements": [{"type": "mrkdwn", "text": f"By <@{caller.user_id}>"}],
        }
        text = (
            "The digests of this channel have stopped. `/rlcost digest subscribe` brings them back."
        )
        await self._services.send(sentence(text, by), everyone, caller)

    async def _opened(self, body: dict[str, Any], place: Place, caller: Caller) -> None:
        found = await self._services.digests.subscription(caller.team_id, place.channel_id)
        schedule = Schedule.model_validate(found.schedule) if found else None
        metadata = json.dumps({"channel_id": place.channel_id, "response_url": place.response_url})
        modal = digest_form(
            self._services.desk.catalogue,
            channel_id=place.channel_id,
            schedule=schedule,
            metadata=metadata,
        )
        await open_modal(self._services, fit_view(modal), body, place, caller)


def _place_back(metadata: str, caller: Caller) -> Place:
    """Where the form was opened, for the one who opened it."""
    kept = json.loads(metadata)
    channel = str(kept.get("channel_id") or "")
    return Place(
        team_id=caller.team_id,
        user_id=caller.user_id,
        channel_id=channel or caller.user_id,
        response_url=str(kept.get("response_url") or ""),
        ephemeral=bool(channel),
    )
