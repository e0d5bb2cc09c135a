"""What Slack says of a press: where it happened, so that the answer appears there."""

import json
from dataclasses import replace
from typing import Any

from slack_bolt.response import BoltResponse

from bot.delivery import Place
from bot.listeners.services import Caller


def pressed_value(body: dict[str, Any]) -> str:
    """What the pressed button carries."""
    action = (body.get("actions") or [{}])[0]
    return str(action.get("value") or "")


def place_of(body: dict[str, Any], caller: Caller) -> Place:
    """Where the answer to a press belongs.

    In a thread everybody sees it, as they saw what was pressed; of what stands in a channel only the person who
    pressed, and without any message, as on the Home tab, it goes to their own conversation with the bot.
    """
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
    if not channel:
        return caller.own_messages()
    thread = message.get("thread_ts") or container.get("thread_ts") or ""
    if channel.startswith("D"):
        thread = thread or message.get("ts") or container.get("message_ts") or ""
    ephemeral = bool(container.get("is_ephemeral"))
    public = bool(thread) and not ephemeral
    return Place(
        team_id=caller.team_id,
        user_id=caller.user_id,
        channel_id=channel,
        thread_ts=thread,
        response_url="" if public else str(body.get("response_url") or ""),
        ephemeral=not public,
    )


def privately(body: dict[str, Any], place: Place) -> Place:
    """The same place, but for the one who pressed alone."""
    return replace(place, ephemeral=True, response_url=str(body.get("response_url") or ""))


def shown_at_once(text: str) -> BoltResponse:
    """A sentence in the acknowledgement of a slash command itself, which Slack shows to the asker alone."""
    return BoltResponse(
        status=200,
        body=json.dumps({"response_type": "ephemeral", "text": text}),
        headers={"content-type": ["application/json"]},
    )
