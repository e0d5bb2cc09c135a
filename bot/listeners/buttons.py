"""The buttons beneath replies. Each carries its request, so it works after a restart and on any replica."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError

from bot.delivery import Place
from bot.formatting.buttons import ActionId, open_form
from bot.formatting.math_modal import math_modal
from bot.formatting.reply import Reply, reply_to, sentence, shared_reply
from bot.kept import Kept
from bot.listeners.interactions import place_of, pressed_value, privately
from bot.listeners.services import Caller, Services
from bot.refusals import error_code
from bot.requests import as_json
from bot.store import Feedback

Press = Callable[[dict[str, Any], Place, Caller], Awaitable[None]]

_LATE = ("expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id")

OLD_BUTTON = "This button belongs to an older answer; please ask again."
TOO_LATE = "Slack gives three seconds to open a window, and they were over; please press again."
NOT_IN_CHANNEL = "I am not in that channel: type `/invite @rlcost` there, then press again."
THANKS = "Thanks. That is kept with the request, not with any message."


def register(app: AsyncApp, services: Services) -> None:
    """One listener a button; the form's are in form.py."""
    presses = _Presses(services)
    for action, press in (
        (ActionId.ASK, presses.ask),
        (ActionId.SHARE, presses.share),
        (ActionId.MATH, presses.math),
        (ActionId.PUBLISHED, presses.published),
        (ActionId.FEEDBACK, presses.feedback),
    ):
        app.action(action.value)(_listener(services, press, where=f"the button {action}"))


def register_unknown(app: AsyncApp, services: Services) -> None:
    """Whatever else is pressed gets help; registered behind every other action."""

    async def unknown(_: dict[str, Any], place: Place, caller: Caller) -> None:
        await services.help(place, caller)

    app.action(re.compile(".*"))(_listener(services, unknown, where="an unknown button"))


def _listener(services: Services, press: Press, *, where: str) -> Callable[..., Awaitable[None]]:
    async def pressed(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        caller = services.caller(context)
        place = place_of(body, caller)

        async def go() -> None:
            await press(body, place, caller)

        services.start(go(), where=where, place=place, caller=caller)

    return pressed


class _Presses:
    """What each button does."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def ask(self, body: dict[str, Any], place: Place, caller: Caller) -> None:
        """The corrected request is asked as if it had been typed."""
        request = self._services.desk.read(pressed_value(body))
        await self._services.answer(request, place, caller)

    async def published(self, body: dict[str, Any], place: Place, caller: Caller) -> None:
        kept = await self._kept(pressed_value(body), place, caller)
        if kept:
            answer = self._services.desk.answer(kept.request, on=kept.day, published=True)
            reply = reply_to(answer, shareable=False, published=True)
            await self._services.send(reply, place, caller)

    async def share(self, body: dict[str, Any], place: Place, caller: Caller) -> None:
        """What one person saw, shown to the channel: with the rates of the day on which they saw it."""
        kept = await self._kept(pressed_value(body), place, caller)
        if not kept:
            return
        answer = self._services.desk.answer(kept.request, on=kept.day)
        everyone = replace(place, ephemeral=False, own_messages_will_do=False)
        try:
            await self._services.send(
                shared_reply(answer, by_user=caller.user_id), everyone, caller
            )
        except SlackApiError as error:
            if error_code(error) not in ("not_in_channel", "channel_not_found"):
                raise
            await self._services.send(sentence(NOT_IN_CHANNEL), place, caller)

    async def math(self, body: dict[str, Any], place: Place, caller: Caller) -> None:
        kept = await self._kept(pressed_value(body), place, caller)
        if kept:
            answer = self._services.desk.answer(kept.request, on=kept.day)
            await open_modal(self._services, math_modal(answer), body, place, caller)

    async def feedback(self, body: dict[str, Any], place: Place, caller: Caller) -> None:
        value = pressed_value(body)
        kept = await self._kept(value[1:], place, caller)
        if kept:
            said = Feedback(
                team_id=caller.team_id,
                user_id=caller.user_id,
                helpful=value.startswith("+"),
                request=as_json(kept.request),
                at=caller.at,
                enterprise_id=caller.enterprise_id,
            )
            await self._services.store.add_feedback(said)
            await self._services.send(sentence(THANKS), privately(body, place), caller)

    async def _kept(self, value: str, place: Place, caller: Caller) -> Kept | None:
        """The request that a button carries; what cannot be read any more is said, with the form beside it."""
        try:
            return self._services.desk.unpack(value)
        except ValueError:
            reply: Reply = sentence(OLD_BUTTON, {"type": "actions", "elements": [open_form()]})
            await self._services.send(reply, place, caller)
            return None


async def open_modal(
    services: Services, modal: dict[str, Any], body: dict[str, Any], place: Place, caller: Caller
) -> None:
    """Open a window, or say that it was too late for one."""
    try:
        await caller.client.views_open(trigger_id=str(body.get("trigger_id", "")), view=modal)
    except SlackApiError as error:
        if error_code(error) not in _LATE:
            raise
        await services.send(sentence(TOO_LATE), privately(body, place), caller)
