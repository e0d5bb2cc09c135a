"""A workspace leaves: everything that it left here is deleted."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.listeners.services import Caller, Services


def register(app: AsyncApp, services: Services) -> None:
    """Uninstalling, and revoking the bot's token; a single person's token says nothing about the workspace."""

    async def uninstalled(context: AsyncBoltContext) -> None:
        _forget(services, context)

    async def revoked(event: dict[str, Any], context: AsyncBoltContext) -> None:
        if (event.get("tokens") or {}).get("bot"):
            _forget(services, context)

    app.event("app_uninstalled")(uninstalled)
    app.event("tokens_revoked")(revoked)


def _forget(services: Services, context: AsyncBoltContext) -> None:
    caller = services.caller(context)
    services.start(
        _forgotten(services, context.team_id, caller),
        where="forgetting a workspace",
        place=None,
        caller=caller,
    )


async def _forgotten(services: Services, team_id: str | None, caller: Caller) -> None:
    """First the store, then the memory, or a request in between would fill the memory again."""
    await services.store.forget_team(team_id, caller.enterprise_id, at=caller.at)
    services.forget_workspace(caller.enterprise_id, team_id)
