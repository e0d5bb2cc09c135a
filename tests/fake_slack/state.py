"""Slack's side of the world: teams, channels, what was handed out, and what came in."""

import asyncio
import secrets
from collections.abc import Callable
from itertools import count
from pprint import pformat
from typing import TypeVar

from tests.fake_slack import limits
from tests.fake_slack.records import (
    BOT_SCOPES,
    Call,
    Channel,
    File,
    FunctionExecution,
    Installable,
    Post,
    RefusalError,
    ResponseUrl,
    Trigger,
    ViewRecord,
    Workspace,
)
from tests.fake_slack.script import Script
from tests.fake_slack.shapes import Object

BOT_TOKEN = "xoxb-1"

T = TypeVar("T")


class State:
    """Everything that a test may look at or prepare, without any transport."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        app_token: str,
        client_id: str,
        client_secret: str,
    ) -> None:
        self.clock = clock
        self.app_id, self.app_name = "A1", "rlcost"
        self.app_token, self.client_id, self.client_secret = app_token, client_id, client_secret
        self.tickets: set[str] = set()
        self.base_url = ""
        self.script = Script()
        self.calls: list[Call] = []
        self.posts: list[Post] = []
        self.views: list[ViewRecord] = []
        self.home: dict[tuple[str, str], ViewRecord] = {}
        self.prompts: dict[tuple[str, str], list[Object]] = {}
        self.completions: list[FunctionExecution] = []
        self.files: list[File] = []
        self.accepted_messages: list[Object] = []
        self.accepted_views: list[Object] = []
        self.workspaces: dict[str, Workspace] = {}
        self.revoked_tokens: set[str] = set()
        self.users: set[tuple[str, str]] = set()
        self.response_urls: dict[str, ResponseUrl] = {}
        self.executions: dict[str, FunctionExecution] = {}
        self.installables: dict[str, Installable] = {}
        self._channels: dict[str, Channel] = {}
        self._triggers: dict[str, Trigger] = {}
        self._numbers = count(1)
        self._changed = asyncio.Event()

    # Preparing

    def add_workspace(
        self,
        team_id: str = "T1",
        *,
        bot_token: str = BOT_TOKEN,
        bot_user_id: str = "UBOT",
        bot_id: str = "BBOT",
        scopes: tuple[str, ...] = BOT_SCOPES,
        enterprise_id: str | None = None,
        is_enterprise_install: bool = False,
    ) -> Workspace:
        """Install the app in a team. Teams of one organisation may share a token."""
        workspace = Workspace(
            team_id, bot_token, bot_user_id, bot_id, scopes, enterprise_id, is_enterprise_install
        )
        self.workspaces[team_id] = workspace
        self.revoked_tokens.discard(bot_token)
        return workspace

    def add_installable(self, code: str, workspace: Workspace, *, user: str = "U1") -> None:
        """Let an OAuth code install the app in a team, once, by a person there."""
        self.installables[code] = Installable(workspace, user)

    def add_channel(
        self, channel: str = "C1", team_id: str = "T1", *, bot_is_member: bool = True
    ) -> None:
        """Open a channel, or say anew whether the bot is in it."""
        self._channels[channel] = Channel(channel, team_id, bot_is_member)

    def add_user(self, user: str = "U1", team_id: str = "T1") -> None:
        """Make a person known in a team."""
        self.users.add((team_id, user))

    def revoke(self, team_id: str = "T1") -> None:
        """Take the team's token back."""
        self.revoked_tokens.add(self.workspaces[team_id].bot_token)

    # Handing out

    def number(self) -> int:
        """A number that was not given before."""
        return next(self._numbers)

    def new_ts(self) -> str:
        """A message's timestamp, later than every one before."""
        return f"{1_700_000_000 + self.number()}.000100"

    def trigger(self, user: str = "U1", team: str = "T1") -> str:
        """Leave to open one modal, within three seconds of the clock."""
        trigger = f"{self.number()}.{1000 + len(team)}.{secrets.token_hex(16)}"
        self._triggers[trigger] = Trigger(trigger, user, team, self.clock())
        return trigger

    def expire_trigger(self, trigger: str) -> None:
        """Let a trigger be too old at once."""
        self._triggers[trigger].is_expired = True

    def response_url(self, channel: str = "C1", user: str = "U1", team_id: str = "T1") -> str:
        """Leave to answer in a conversation, good for five posts within half an hour."""
        self.add_user(user, team_id)
        url = f"{self.base_url}/response/{team_id}/{self.number()}/{secrets.token_hex(12)}"
        self.response_urls[url] = ResponseUrl(url, team_id, channel, user, self.clock())
        return url

    def expire(self, url: str) -> None:
        """Let a response URL be too old at once."""
        self.response_urls[url].is_expired = True

    def function_execution(self, team_id: str = "T1") -> str:
        """Begin a workflow step; its own token is `executions[id].token`."""
        execution_id = f"Fx{self.number():08d}"
        token = f"xwfp-{secrets.token_hex(12)}"
        self.executions[execution_id] = FunctionExecution(execution_id, token, team_id)
        return execution_id

    # Looking up

    def workspaces_of(self, token: str | None) -> list[Workspace]:
        """The teams that a token is for."""
        return [each for each in self.workspaces.values() if each.bot_token == token]

    def conversation(self, teams: list[Workspace], channel: object) -> Channel:
        """Where a post goes; a person's id stands for the conversation with that person."""
        if not isinstance(channel, str):
            raise RefusalError("channel_not_found")
        if channel in self._channels:
            found = self._channels[channel]
            if found.team_id in {team.team_id for team in teams}:
                return found
        user = channel.removeprefix("D")
        if user[:1] not in {"U", "W"} or not teams:
            raise RefusalError("channel_not_found")
        known = {team for team, each in self.users if each == user}
        mine = [team.team_id for team in teams if not known or team.team_id in known]
        if not mine:
            raise RefusalError("channel_not_found")
        return Channel(f"D{user}", mine[0])

    def use_trigger(self, trigger_id: object) -> Trigger:
        """Exchange a trigger, which works once and soon."""
        trigger = self._triggers.get(trigger_id) if isinstance(trigger_id, str) else None
        if trigger is None:
            raise RefusalError("invalid_trigger_id")
        if trigger.is_used:
            raise RefusalError("exchanged_trigger_id")
        if trigger.is_expired or self.clock() - trigger.minted_at > limits.TRIGGER_SECONDS:
            raise RefusalError("expired_trigger_id")
        trigger.is_used = True
        return trigger

    def view(self, view_id: str) -> ViewRecord:
        """A modal or Home tab by its id."""
        for view in (*self.views, *self.home.values()):
            if view.id == view_id:
                return view
        raise RefusalError("not_found")

    def post(self, channel: str, ts: str) -> Post | None:
        """What stands in a conversation at a timestamp now."""
        found = [each for each in self.posts if (each.channel, each.ts) == (channel, ts)]
        return found[-1] if found and not found[-1].is_deleted else None

    # Noting

    def note(self) -> None:
        """Wake whoever waits for something to happen."""
        self._changed.set()

    def add_post(self, post: Post) -> Post:
        """Remember a message that was accepted."""
        self.posts.append(post)
        if not post.delete_original:
            self.accepted_messages.append({"text": post.text, "blocks": post.blocks})
        self.note()
        return post

    async def wait_for(
        self,
        condition: Callable[[], T],
        timeout: float = 5.0,  # noqa: ASYNC109 - a test says how long, as with any fake
    ) -> T:
        """Wait until a condition holds, looking again whenever anything arrives."""
        try:
            async with asyncio.timeout(timeout):
                while not (result := condition()):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not within {timeout} s; {self.story()}") from None
        return result

    def story(self) -> str:
        """What did happen, for whoever has to find out why a test failed."""
        calls = [(each.method, each.error or "ok", each.params) for each in self.calls]
        posts = [(each.via, each.channel, each.ephemeral_to, each.text) for each in self.posts]
        return f"calls:\n{pformat(calls, width=120)}\nposts:\n{pformat(posts, width=120)}"
