"""Each event is handled once, however often Slack sends it; what it says about retries is never trusted."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.response import BoltResponse

from bot.listeners.services import EVENT_ID, Services
from bot.logs import log_fault
from bot.store import STORE_FAULTS


def register(app: AsyncApp, services: Services) -> None:
    """Stands before every listener of events."""

    async def once(
        body: dict[str, Any],
        context: AsyncBoltContext,
        next: Callable[[], Awaitable[Any]],  # noqa: A002 - Bolt passes it by this name
    ) -> BoltResponse | None:
        if body.get("type") == "event_callback" and body.get("event_id"):
            context[EVENT_ID] = str(body["event_id"])
            if not await _is_ours(services, context):
                return BoltResponse(status=200, body="")
        await next()
        return None

    app.use(once)


async def _is_ours(services: Services, context: AsyncBoltContext) -> bool:
    """Whether nobody has it yet. Without a database an answer twice is better than none."""
    caller = services.caller(context)
    try:
        return await services.store.claim_event(
            context[EVENT_ID], caller.team_id, at=caller.at, enterprise_id=caller.enterprise_id
        )
    except STORE_FAULTS as error:
        log_fault(error, where="claiming an event")
        return True
