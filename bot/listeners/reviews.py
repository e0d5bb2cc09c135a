"""Changes of rates that wait for a person: shown to whoever asks, decided by the reviewers alone.

What became of a claim is said in the place of the message whose button was pressed, so that none stays there as if it
still waited.
"""

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.delivery import Place
from bot.form import typed_values
from bot.formatting.buttons import ActionId, CallbackId
from bot.formatting.reply import Reply, sentence
from bot.formatting.review_view import (
    WHY,
    decided_text,
    fate_reply,
    review_form,
    review_replies,
)
from bot.formatting.wording import listed
from bot.listeners.buttons import open_modal
from bot.listeners.interactions import place_of, pressed_value
from bot.listeners.services import Caller, Services
from bot.store.observations import Observation

_USER = re.compile(r"[UW][A-Z0-9]{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pressed:
    """The message whose button was pressed. `place` is where it stands, seen by one person or by all there."""

    ts: str
    place: Place

    @classmethod
    def of(cls, body: dict[str, Any], place: Place) -> "_Pressed":
        container, message = body.get("container") or {}, body.get("message") or {}
        return cls(
            ts=str(container.get("message_ts") or message.get("ts") or ""),
            place=replace(
                place,
                ephemeral=bool(container.get("is_ephemeral")),
                response_url=str(body.get("response_url") or ""),
            ),
        )


async def asked(services: Services, _: str, place: Place, caller: Caller) -> None:
    """All that waits: to reviewers with the buttons, to others with who decides."""
    waiting = await services.rates.waiting()
    if not waiting:
        await services.send(sentence("No change of a rate waits for a decision."), place, caller)
        return
    decides = services.is_reviewer(caller)
    for reply in review_replies(waiting, decides=decides):
        await services.send(reply, place, caller)
    if not decides:
        await services.send(_who_decides(services), place, caller)


def register(app: AsyncApp, services: Services) -> None:
    """The two buttons and the form that asks why."""

    async def pressed(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        caller = services.caller(context)
        place = place_of(body, caller)
        services.start(
            _opened(services, body, place, caller), where="a review", place=place, caller=caller
        )

    async def sent(ack: AsyncAck, view: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        caller = services.caller(context)
        kept = json.loads(str(view.get("private_metadata") or "{}"))
        place = Place(
            team_id=caller.team_id,
            user_id=caller.user_id,
            channel_id=kept["channel_id"] or caller.user_id,
            thread_ts=kept["thread_ts"],
            response_url=kept["response_url"],
            ephemeral=kept["ephemeral"],
        )
        press = _Pressed(
            ts=kept.get("pressed_ts", ""),
            place=replace(
                place,
                ephemeral=kept.get("pressed_ephemeral", False),
                response_url=kept.get("pressed_url", ""),
            ),
        )
        why = typed_values(view.get("state", {}).get("values", {})).get(WHY, "")
        services.start(
            _decided(services, kept["id"], why, place, caller, press, approve=kept["approve"]),
            where="a review",
            place=place,
            caller=caller,
        )

    app.action(ActionId.REVIEW_APPROVE.value)(pressed)
    app.action(ActionId.REVIEW_REJECT.value)(pressed)
    app.view(CallbackId.REVIEW_FORM.value)(sent)


async def _opened(services: Services, body: dict[str, Any], place: Place, caller: Caller) -> None:
    """The form, for a reviewer; others hear who decides."""
    if not services.is_reviewer(caller):
        await services.send(_who_decides(services), place, caller)
        return
    number = pressed_value(body)
    press = _Pressed.of(body, place)
    observation = await services.rates.observation(int(number)) if number.isdecimal() else None
    if observation is None:
        await services.send(
            sentence("That change is not known here; `/rlcost review` shows what waits."),
            place,
            caller,
        )
        return
    if observation.status != "quarantined":
        await _show(services, _fate(observation), press, place, caller)
        return
    approve = (body.get("actions") or [{}])[0].get("action_id") == ActionId.REVIEW_APPROVE
    metadata = json.dumps(
        {
            "id": observation.id,
            "approve": approve,
            "channel_id": place.channel_id,
            "thread_ts": place.thread_ts,
            "response_url": place.response_url,
            "ephemeral": place.ephemeral,
            "pressed_ts": press.ts,
            "pressed_ephemeral": press.place.ephemeral,
            "pressed_url": press.place.response_url,
        }
    )
    await open_modal(
        services, review_form(observation, approve=approve, metadata=metadata), body, place, caller
    )


async def _decided(
    services: Services,
    number: int,
    why: str,
    place: Place,
    caller: Caller,
    press: _Pressed,
    *,
    approve: bool,
) -> None:
    """The decision, once: of two reviewers the first, and the other hears of that."""
    if not services.is_reviewer(caller):  # the list may have changed since the form was opened
        await services.send(_who_decides(services), place, caller)
        return
    observation, ours = await services.rates.decide(
        number, approve=approve, by=caller.user_id, why=why, at=caller.at
    )
    if not ours:
        await _show(services, _fate(observation), press, place, caller)
        return
    await services.refresh_book()
    who = caller.user_id
    text = decided_text(observation, by_us=True, who=f"<@{who}>")
    await _show(services, fate_reply(observation, text, refers=(who,)), press, place, caller)


async def _show(
    services: Services, fate: Reply, press: _Pressed, place: Place, caller: Caller
) -> None:
    """What became of a claim, in the place of the message that was pressed; beside it where that cannot be."""
    client = caller.client
    if press.ts and await services.delivery.update(fate, press.place, client, ts=press.ts):
        return
    await services.send(fate, place, caller)


def _fate(observation: Observation) -> Reply:
    """What became of a claim that waits no longer. Who decided it in a terminal has a name and no id."""
    by = observation.decided_by or "a check"
    is_user = _USER.fullmatch(by) is not None
    text = decided_text(observation, by_us=False, who=f"<@{by}>" if is_user else by)
    return fate_reply(observation, text, refers=(by,) if is_user else ())


def _who_decides(services: Services) -> Reply:
    if not services.reviewers:
        return sentence(
            "Nobody decides here: whoever runs the bot sets RLCOST_REVIEWERS, or decides with `rlcost rates review`."
        )
    names = listed((f"<@{user}>" for user in services.reviewers), last="or")
    return sentence(f"Only reviewers decide on rates: {names}.", refers=services.reviewers)
