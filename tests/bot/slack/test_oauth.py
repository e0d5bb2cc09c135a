"""Many workspaces: each installs the app itself, and one that has not is told where."""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession
from cryptography.fernet import Fernet

from bot.app import Running, running
from bot.assembly import Clock
from bot.settings import settings_from
from tests.bot.slack.conftest import CLOCK, SIGNING_SECRET
from tests.fake_slack import CLIENT_ID, CLIENT_SECRET, FakeSlack, HttpTransport, Person, Workspace

# slack_sdk's own call of oauth.v2.access uses what aiohttp has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:.*BasicAuth is deprecated:DeprecationWarning")

ASKED = "kimi-k2p6 turns=20 episodes=5000"
TOKEN = "xoxb-of-team-two"
SCOPES = {
    "app_mentions:read",
    "assistant:write",
    "chat:write",
    "commands",
    "files:write",
    "im:history",
}
"""Of manifest.yaml, the optional one among them: what is not asked for cannot be granted."""


@dataclass
class Site:
    """The bot as many workspaces install it; T2 has not done so yet."""

    slack: FakeSlack
    bot: Running
    folder: Path

    def person(self) -> Person:
        transport = HttpTransport(
            f"{self.bot.url}/slack/events", SIGNING_SECRET, lambda: CLOCK.now().timestamp()
        )
        return Person(transport, self.slack, "U2", "T2", "C2")

    async def get(self, path: str, cookie: str = "") -> tuple[int, str, str]:
        """A page's status, text and cookie."""
        headers = {"Cookie": cookie} if cookie else {}
        async with (
            ClientSession() as session,
            session.get(
                f"{self.bot.url}{path}", headers=headers, allow_redirects=False
            ) as response,
        ):
            set_cookie = response.headers.get("Set-Cookie", "").partition(";")[0]
            return response.status, await response.text(), set_cookie

    async def begun(self) -> tuple[str, str]:
        """An installation that was begun: its state, and its cookie."""
        _, page, cookie = await self.get("/slack/install")
        found = re.search(r"[?&]state=([\w-]+)", html.unescape(page))
        assert found
        return found[1], cookie

    async def finished(self, state: str, cookie: str, code: str) -> int:
        path = f"/slack/oauth_redirect?code={code}&state={state}"
        return (await self.get(path, cookie))[0]

    async def installed(self) -> None:
        """T2 installs the app."""
        self.slack.add_installable("code", Workspace("T2", bot_token=TOKEN), user="U2")
        self.slack.add_channel("C2", "T2")
        assert await self.finished(*await self.begun(), "code") == 200

    async def settled(self) -> None:
        await self.bot.services.work.drain(seconds=15)


@pytest.fixture
async def site(slack: FakeSlack, tmp_path: Path) -> AsyncIterator[Site]:
    environ = {
        "SLACK_CLIENT_ID": CLIENT_ID,
        "SLACK_CLIENT_SECRET": CLIENT_SECRET,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "RLCOST_TOKEN_KEYS": Fernet.generate_key().decode(),
        "SLACK_API_URL": slack.api_url,
        "PORT": "0",
        "RLCOST_DATABASE_URL": f"sqlite:///{tmp_path / 'rlcost.db'}",
    }
    ticks = count()
    clock = Clock(now=lambda: CLOCK.now() + timedelta(milliseconds=next(ticks)))
    async with running(settings_from(environ, socket=False), clock=clock) as bot:
        yield Site(slack, bot, tmp_path)


async def test_installing_begins_at_slack_with_the_scopes_of_the_manifest(site: Site) -> None:
    status, page, cookie = await site.get("/slack/install")
    address = re.search(r'https://slack\.com/oauth/v2/authorize[^"\s]*', html.unescape(page))
    assert status == 200
    assert address
    asked = parse_qs(urlsplit(address[0]).query)
    assert asked["client_id"] == [CLIENT_ID]
    assert set(asked["scope"][0].split(",")) == SCOPES
    assert asked["state"][0] in cookie


async def test_a_workspace_that_installed_is_answered(site: Site) -> None:
    await site.installed()
    ack = await site.person().command(ASKED)
    await site.settled()
    assert (ack.status, ack.body) == (200, "")
    assert "$4,444 for 5,000 episodes" in site.slack.posts[-1].text
    await site.person().mention(ASKED)
    await site.settled()
    assert site.slack.called("chat.postMessage")[-1].token == TOKEN
    assert site.slack.posts[-1].team == "T2"


async def test_the_token_stands_in_no_file_as_it_is(site: Site) -> None:
    await site.installed()
    files = list(site.folder.glob("rlcost.db*"))
    assert files
    for file in files:
        assert TOKEN.encode() not in file.read_bytes()


async def test_a_state_is_good_for_one_installation(site: Site) -> None:
    state, cookie = await site.begun()
    for code in ("one", "two"):
        site.slack.add_installable(code, Workspace("T2", bot_token=TOKEN), user="U2")
    assert await site.finished(state, cookie, "one") == 200
    assert await site.finished(state, cookie, "two") == 401
    assert len(site.slack.called("oauth.v2.access")) == 1


async def test_a_state_without_its_cookie_or_made_up_is_refused(site: Site) -> None:
    state, cookie = await site.begun()
    site.slack.add_installable("code", Workspace("T2", bot_token=TOKEN), user="U2")
    assert await site.finished(state, "", "code") == 400
    assert await site.finished("made-up", cookie, "code") == 400
    assert site.slack.called("oauth.v2.access") == []


async def test_a_code_that_slack_does_not_know_installs_nothing(site: Site) -> None:
    state, cookie = await site.begun()
    assert await site.finished(state, cookie, "unknown") >= 400
    ack = await site.person().command(ASKED)
    assert "rlcost is not installed in this workspace" in ack.json["text"]


async def test_a_stranger_is_told_where_to_install(site: Site) -> None:
    ack = await site.person().command(ASKED)
    host = urlsplit(site.bot.url).netloc
    assert ack.status == 200
    assert ack.json == {
        "response_type": "ephemeral",
        "text": "rlcost is not installed in this workspace. "
        f"Install it at https://{host}/slack/install",
    }


async def test_a_strangers_events_are_taken_without_a_word(site: Site) -> None:
    ack = await site.person().mention(ASKED)
    await site.settled()
    assert (ack.status, ack.body) == (200, "")
    assert site.slack.calls == []
    assert site.slack.posts == []


async def test_a_workspace_that_uninstalled_is_a_stranger_whose_presses_are_told_so(
    site: Site,
) -> None:
    await site.installed()
    person = site.person()
    await person.command(ASKED)
    await site.settled()
    answer = site.slack.posts[-1]
    await person.uninstall()
    await site.settled()
    ack = await person.command(ASKED)
    assert "rlcost is not installed in this workspace" in ack.json["text"]
    before = len(site.slack.posts)
    pressed = await person.press(answer, "share")
    await site.settled()
    assert pressed.status == 200
    (said,) = site.slack.posts[before:]
    assert "/slack/install" in said.text
    assert (said.via, said.ephemeral_to) == ("response_url", "U2")


async def test_a_workspace_that_uninstalled_may_install_again(site: Site) -> None:
    await site.installed()
    await site.person().uninstall()
    await site.settled()
    site.slack.add_installable("again", Workspace("T2", bot_token="xoxb-anew"), user="U2")
    assert await site.finished(*await site.begun(), "again") == 200
    await site.person().mention(ASKED)
    await site.settled()
    assert site.slack.called("chat.postMessage")[-1].token == "xoxb-anew"
