"""Changes of rates that wait for a person: shown to whoever asks, decided by the reviewers alone."""

import json
import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.delivery import Place
from bot.form import typed_values
from bot.formatting.buttons import ActionId, CallbackId
from bot.formatting.reply import Reply, sentence
from bot.formatting.review_view import WHY, decided_text, review_form, review_replies
from bot.formatting.wording import listed
from bot.listeners.buttons import open_modal
from bot.listeners.interactions import place_of, pressed_value
from bot.listeners.services import Caller, Services
from bot.store.rates import Observation

_USER = re.compile(r"[UW][A-Z0-9]{2,}")


async def asked(services: Services, _: str, place: Place, caller: Caller) -> None:
    """All that waits, each with its buttons."""
    waiting = await services.rates.waiting()
    if not waiting:
        await services.send(sentence("No change of a rate waits for a decision."), place, caller)
        return
    for reply in review_replies(waiting):
        await services.send(reply, place, caller)


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
        why = typed_values(view.get("state", {}).get("values", {})).get(WHY, "")
        services.start(
            _decided(services, kept["id"], why, place, caller, approve=kept["approve"]),
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
        await services.send(
            sentence(_who_decides(services), refers=services.reviewers), place, caller
        )
        return
    number = pressed_value(body)
    observation = await services.rates.observation(int(number)) if number.isdecimal() else None
    if observation is None:
        await services.send(
            sentence("That change is not known here; `/rlcost review` shows what waits."),
            place,
            caller,
        )
        return
    if observation.status != "quarantined":
        await services.send(_fate(observation), place, caller)
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
        }
    )
    await open_modal(
        services, review_form(observation, approve=approve, metadata=metadata), body, place, caller
    )


async def _decided(
    services: Services, number: int, why: str, place: Place, caller: Caller, *, approve: bool
) -> None:
    """The decision, once: of two reviewers the first, and the other hears of that."""
    if not services.is_reviewer(caller):  # the list may have changed since the form was opened
        await services.send(
            sentence(_who_decides(services), refers=services.reviewers), place, caller
        )
        return
    observation, ours = await services.rates.decide(
        number, approve=approve, by=caller.user_id, why=why, at=caller.at
    )
    if ours:
        await services.refresh_book()
        who = caller.user_id
        text = decided_text(observation, by_us=True, who=f"<@{who}>")
        await services.send(sentence(text, refers=(who,)), place, caller)
    else:
        await services.send(_fate(observation), place, caller)


def _fate(observation: Observation) -> Reply:
    """What became of a claim that waits no longer. Who decided it in a terminal has a name and no id."""
    if observation.status == "withdrawn":
        return sentence(
            f"Change {observation.id} waits no longer: its source does not say so any more."
        )
    by = observation.decided_by or "a check"
    is_user = _USER.fullmatch(by) is not None
    text = decided_text(observation, by_us=False, who=f"<@{by}>" if is_user else by)
    return sentence(text, refers=(by,) if is_user else ())


def _who_decides(services: Services) -> str:
    if not services.reviewers:
        return "Nobody is set to decide here: whoever runs the bot sets RLCOST_REVIEWERS, or uses `rlcost rates review`."
    return f"Only reviewers decide on rates: {listed((f'<@{user}>' for user in services.reviewers), last='or')}."
