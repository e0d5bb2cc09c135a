"""The Home tab, drawn anew whenever somebody opens it; and what the messages tab proposes to ask."""

from datetime import timedelta
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError

from bot.formatting.home_view import home_view
from bot.listeners.services import Caller, Services
from bot.logs import log_fault
from bot.manifest import suggested_prompts
from bot.refusals import error_code
from bot.store import STORE_FAULTS

_LATELY = timedelta(days=30)
_REFUSED = ("invalid_arguments", "invalid_blocks")
"""How Slack refuses a view whose blocks it does not know."""


def register(app: AsyncApp, services: Services) -> None:
    """Both tabs say that they were opened by one event."""

    async def opened(event: dict[str, Any], context: AsyncBoltContext) -> None:
        caller = services.caller(context)
        if event.get("tab") == "home":
            what, where = _published(services, caller), "the Home tab"
        else:
            what, where = _prompts(event, caller), "the messages tab"
        services.start(what, where=where, place=None, caller=caller)

    app.event("app_home_opened")(opened)


async def _published(services: Services, caller: Caller) -> None:
    """With native tables, or as text where Slack refuses those."""
    desk = services.desk
    covered = await _asked_about(services, caller)
    try:
        view = home_view(desk.book, today=desk.today(), models=covered)
        await caller.client.views_publish(user_id=caller.user_id, view=view)
    except SlackApiError as error:
        if error_code(error) not in _REFUSED:
            raise
        plain = home_view(desk.book, today=desk.today(), models=covered, native=False)
        await caller.client.views_publish(user_id=caller.user_id, view=plain)


async def _asked_about(services: Services, caller: Caller) -> list[str]:
    """The models that people here asked about lately; without a database none is known, which stands for all."""
    try:
        models = await services.store.recent_models(caller.team_id, since=caller.at - _LATELY)
    except STORE_FAULTS as error:
        log_fault(error, where="the Home tab's models")
        return []
    return [model for model in models if model in services.desk.catalogue]


async def _prompts(event: dict[str, Any], caller: Caller) -> None:
    await caller.client.assistant_threads_setSuggestedPrompts(
        channel_id=event["channel"], prompts=suggested_prompts()
    )
