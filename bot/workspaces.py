"""Which workspaces the bot answers, and with which token: one that a token is set for, or all that have installed it."""

from typing import Any, Protocol

from slack_bolt.async_app import AsyncBoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.web.async_client import AsyncWebClient

from bot.store.installations import Installations


class Workspaces(Protocol):
    """Finds the bot of a workspace, None for one that has not installed it."""

    async def bot_of(
        self, enterprise_id: str | None, team_id: str | None, *, org_wide: bool
    ) -> AuthorizeResult | None: ...


class OneWorkspace:
    """The workspace of a token that was set; Slack is asked once whose it is."""

    def __init__(self, bot: AuthorizeResult, *, org_wide: bool) -> None:
        self._bot = bot
        self._org_wide = org_wide

    @classmethod
    async def of(cls, client: AsyncWebClient) -> "OneWorkspace":
        """The workspace of the client's token. Raises SlackApiError where Slack refuses the token."""
        found = await client.auth_test()
        return cls(
            AuthorizeResult(
                enterprise_id=found.get("enterprise_id"),
                team_id=found.get("team_id"),
                bot_id=found.get("bot_id"),
                bot_user_id=found.get("user_id"),
                bot_token=client.token,
            ),
            org_wide=bool(found.get("is_enterprise_install")),
        )

    @property
    def team_id(self) -> str | None:
        return self._bot.team_id

    async def bot_of(
        self,
        enterprise_id: str | None,
        team_id: str | None,
        *,
        org_wide: bool,  # noqa: ARG002 - the shape of both
    ) -> AuthorizeResult | None:
        own = self._bot
        if team_id == own.team_id:
            return own
        # A token of a whole organisation serves each of its workspaces.
        ours = self._org_wide and enterprise_id == own.enterprise_id
        return own if ours else None


class ManyWorkspaces:
    """All workspaces that have installed the app."""

    def __init__(self, installations: Installations) -> None:
        self._installations = installations

    async def bot_of(
        self, enterprise_id: str | None, team_id: str | None, *, org_wide: bool
    ) -> AuthorizeResult | None:
        bot = await self._installations.find(enterprise_id, team_id, is_enterprise_install=org_wide)
        if bot is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=bot.bot_id,
            bot_user_id=bot.bot_user_id,
            bot_token=bot.bot_token,
        )


class Authorize(AsyncAuthorize):
    """Bolt's question for the bot of a request; a workspace without one never comes so far (listeners/strangers.py)."""

    def __init__(self, workspaces: Workspaces) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # Bolt gives no types here
        self._workspaces = workspaces

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,  # noqa: ARG002 - Bolt passes all of these
        **_: Any,
    ) -> AuthorizeResult | None:
        org_wide = bool(context.is_enterprise_install)
        return await self._workspaces.bot_of(enterprise_id, team_id, org_wide=org_wide)
