"""Socket Mode: a connection that is lost, warned of or deaf is opened anew; and what keeps the bot from starting."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.app import Running, running
from bot.assembly import StartError
from bot.settings import SettingsError, settings_from
from tests.bot.slack.conftest import CLOCK, SIGNING_SECRET
from tests.fake_slack import APP_TOKEN, FakeSlack, Person, SocketTransport

ASKED = "kimi-k2p6 turns=20 episodes=5000"


def environ_of(slack: FakeSlack, folder: Path, **changed: str) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_API_URL": slack.api_url,
        "PORT": "0",
        "RLCOST_DATABASE_URL": f"sqlite:///{folder / 'rlcost.db'}",
        **changed,
    }


@asynccontextmanager
async def connected(slack: FakeSlack, folder: Path, **options: Any) -> AsyncIterator[Running]:
    """The bot over a socket that is looked at often."""
    settings = settings_from(environ_of(slack, folder), socket=True)
    options = {"look_seconds": 0.05, "ping_seconds": 0.2, **options}
    async with running(settings, clock=CLOCK, **options) as bot:
        await slack.wait_for(lambda: slack.connections == 1)
        yield bot


def person(slack: FakeSlack) -> Person:
    return Person(SocketTransport(slack), slack, "U1", "T1", "C1")


async def answered(slack: FakeSlack) -> bool:
    """Whether a command comes through and is answered."""
    before = len(slack.posts)
    ack = await person(slack).command(ASKED)
    await slack.wait_for(lambda: len(slack.posts) > before)
    return ack.status == 200 and "$4,444" in slack.posts[-1].text


async def readiness(bot: Running) -> tuple[int, Any]:
    async with ClientSession() as session, session.get(f"{bot.url}/readyz") as response:
        return response.status, json.loads(await response.text())


async def reconnected(slack: FakeSlack, count: int) -> None:
    """A connection of this number is there, and the ones before it are not."""
    await slack.wait_for(
        lambda: slack.connections >= count and len(slack.sockets.live) == 1, timeout=15
    )


async def test_a_dropped_connection_is_opened_anew_and_commands_work(
    slack: FakeSlack, tmp_path: Path
) -> None:
    async with connected(slack, tmp_path):
        assert await answered(slack)
        slack.drop_connections()
        await reconnected(slack, 2)
        assert await answered(slack)


async def test_connections_dropped_again_and_again_are_opened_anew(
    slack: FakeSlack, tmp_path: Path
) -> None:
    async with connected(slack, tmp_path):
        for _ in range(3):
            count = slack.connections
            slack.drop_connections()
            await reconnected(slack, count + 1)
        assert await answered(slack)


async def test_a_warned_of_connection_is_replaced_and_commands_work(
    slack: FakeSlack, tmp_path: Path
) -> None:
    async with connected(slack, tmp_path):
        await slack.disconnect_warning()
        await slack.wait_for(lambda: slack.connections >= 2, timeout=15)
        assert await answered(slack)


async def test_a_deaf_socket_that_answers_pings_is_noticed_and_opened_anew(
    slack: FakeSlack, tmp_path: Path
) -> None:
    async with connected(slack, tmp_path, silent_seconds=0.5):
        slack.go_deaf(answers_pings=True)
        deaf = slack.sockets.live[0]
        await slack.wait_for(
            lambda: slack.sockets.live and deaf not in slack.sockets.live, timeout=15
        )
        assert await answered(slack)


async def test_a_socket_that_cannot_be_opened_anew_is_tried_again(
    slack: FakeSlack, tmp_path: Path
) -> None:
    async with connected(slack, tmp_path) as bot:
        slack.refuse("apps.connections.open", "internal_error", times=3)
        slack.drop_connections()
        await slack.wait_for(lambda: not slack.sockets.live)
        assert (await readiness(bot))[0] == 503
        await reconnected(slack, 2)
        assert await answered(slack)
        assert (await readiness(bot))[0] == 200


async def test_over_a_socket_the_bot_is_ready_and_takes_no_events_over_http(
    slack: FakeSlack, tmp_path: Path
) -> None:
    async with connected(slack, tmp_path) as bot:
        status, found = await readiness(bot)
        assert (status, found["ok"], found["transport"]) == (200, True, "socket")
        assert found["socket"]["ok"] is True
        async with (
            ClientSession() as session,
            session.post(f"{bot.url}/slack/events", data="{}") as response,
        ):
            assert response.status == 404


async def test_stopping_finishes_what_came_over_the_socket(
    slack: FakeSlack, tmp_path: Path
) -> None:
    hold = asyncio.Event()
    slack.delay("response_url", hold)
    async with connected(slack, tmp_path):
        ack = await person(slack).command(ASKED)
        assert ack.status == 200
        asyncio.get_running_loop().call_soon(hold.set)
    assert ["$4,444" in post.text for post in slack.posts] == [True]
    assert slack.sockets.live == []


# -- what keeps the bot from starting --------------------------------------------------------------------


async def starts(environ: dict[str, str], *, socket_mode: bool) -> None:
    async with running(settings_from(environ, socket=socket_mode), clock=CLOCK):
        pass


async def test_a_refused_app_token_is_named(slack: FakeSlack, tmp_path: Path) -> None:
    environ = environ_of(slack, tmp_path, SLACK_APP_TOKEN="xapp-1-A1-1-other")
    with pytest.raises(SettingsError, match=r"^SLACK_APP_TOKEN is refused") as told:
        await starts(environ, socket_mode=True)
    assert "other" not in str(told.value)


@pytest.mark.parametrize("socket_mode", [False, True])
async def test_a_refused_bot_token_is_named(
    slack: FakeSlack, tmp_path: Path, socket_mode: bool
) -> None:
    environ = environ_of(slack, tmp_path, SLACK_BOT_TOKEN="xoxb-other")
    with pytest.raises(SettingsError, match=r"^SLACK_BOT_TOKEN is refused") as told:
        await starts(environ, socket_mode=socket_mode)
    assert "other" not in str(told.value)


@pytest.mark.parametrize("socket_mode", [False, True])
async def test_a_port_that_is_taken_is_named(
    slack: FakeSlack, tmp_path: Path, socket_mode: bool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with pytest.raises(SettingsError, match=rf"PORT .*{port}"):
            await starts(environ_of(slack, tmp_path, PORT=port), socket_mode=socket_mode)
    assert slack.connections == 0


async def test_a_slack_that_cannot_be_reached_is_no_wrong_setting(
    slack: FakeSlack, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    environ = environ_of(slack, tmp_path, SLACK_API_URL=f"http://127.0.0.1:{port}/api/")
    with pytest.raises(StartError, match="Slack cannot be reached"):
        await starts(environ, socket_mode=False)
