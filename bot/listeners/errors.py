"""Faults of ours before an acknowledgement: an apology with a reference, in the answer to Slack's request itself."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.response import BoltResponse

from bot.listeners.interactions import shown_at_once
from bot.listeners.services import Services
from bot.logs import log_fault
from bot.work import apology


def register(app: AsyncApp, _: Services) -> None:
    """The one handler, and an acknowledgement for what no listener is there for."""

    async def fault(error: Exception, body: dict[str, Any]) -> BoltResponse:
        reference = log_fault(error, where=_what(body))
        if "command" not in body:  # Slack shows nobody the answer to anything else
            return BoltResponse(status=200, body="")
        return shown_at_once(apology(reference))

    app.error(fault)


def register_rest(app: AsyncApp) -> None:
    """Views that are closed or of an older version, and events that nobody listens to."""

    async def heard(ack: AsyncAck) -> None:
        await ack()

    app.view(re.compile(".*"))(heard)
    app.view_closed(re.compile(".*"))(heard)
    app.event(re.compile(".*"))(heard)


def _what(body: dict[str, Any]) -> str:
    """What kind of request it was; none of what was typed."""
    if "command" in body:
        return "a slash command"
    event = body.get("event")
    kind = event.get("type") if isinstance(event, dict) else body.get("type")
    return f"a request of type {kind}" if isinstance(kind, str) else "a request"
