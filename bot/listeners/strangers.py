"""Requests of a workspace that has not installed the app: told how to, and nothing else."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.listeners.interactions import shown_at_once
from bot.workspaces import Workspaces

# Sent by Slack itself, or by a workspace that has just left.
_NOT_OF_A_WORKSPACE = ("ssl_check", "url_verification")
_LEAVING = ("app_uninstalled", "tokens_revoked")

Middleware = Callable[..., Awaitable[BoltResponse | None]]
SayAt = Callable[[str, str], Awaitable[None]]


def strangers(workspaces: Workspaces, *, say_at: SayAt, install_path: str | None) -> Middleware:
    """The middleware before Bolt authorises. `say_at` says a sentence at a response URL, after the acknowledgement."""

    async def known(
        req: AsyncBoltRequest,
        body: dict[str, Any],
        context: AsyncBoltContext,
        next: Callable[[], Awaitable[Any]],  # noqa: A002 - Bolt passes it by this name
    ) -> BoltResponse | None:
        if _needs_no_workspace(body) or await workspaces.bot_of(
            context.enterprise_id,
            context.team_id,
            org_wide=bool(context.is_enterprise_install),
        ):
            await next()
            return None
        text = how_to_install(req, install_path)
        if "command" in body:
            return shown_at_once(text)
        if context.response_url:
            await say_at(context.response_url, text)
        return BoltResponse(status=200, body="")

    return known


def _needs_no_workspace(body: dict[str, Any]) -> bool:
    event = body.get("event")
    kind = event.get("type") if isinstance(event, dict) else None
    return body.get("type") in _NOT_OF_A_WORKSPACE or "ssl_check" in body or kind in _LEAVING


def how_to_install(req: AsyncBoltRequest, install_path: str | None) -> str:
    """Where to install the app: at the address that Slack just used, if workspaces can do it themselves."""
    host = (req.headers.get("host") or [""])[0]
    if install_path and host:
        return (
            f"rlcost is not installed in this workspace. Install it at https://{host}{install_path}"
        )
    return "rlcost is not installed in this workspace; ask whoever runs it to install it here."
