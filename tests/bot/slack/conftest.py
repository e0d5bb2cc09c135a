"""The real bot, served over HTTP and over Socket Mode, against a strict fake of Slack."""

import io
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import logs
from bot.app import Clock, Running, running
from bot.settings import settings_from
from tests.fake_slack import (
    APP_TOKEN,
    FakeSlack,
    HttpTransport,
    Person,
    SocketTransport,
    shared_faults,
)

SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOW = datetime(2026, 11, 21, 9, 41, tzinfo=UTC)
CLOCK = Clock(now=lambda: NOW)


@dataclass
class Scene:
    """A workspace with the bot in channel C1, and a person in it."""

    slack: FakeSlack
    bot: Running
    transport: HttpTransport | SocketTransport
    database: Path

    def person(self, user: str = "U1", channel: str = "C1") -> Person:
        self.slack.add_user(user, "T1")
        return Person(self.transport, self.slack, user, "T1", channel)


Staged = Callable[..., AbstractAsyncContextManager[Scene]]


@asynccontextmanager
async def staged(
    slack: FakeSlack, folder: Path, *, socket: bool = False, clock: Clock = CLOCK
) -> AsyncIterator[Scene]:
    """The bot of workspace T1, in the foreground of `slack`, with its database in a folder."""
    environ = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": slack.api_url,
        "PORT": "0",
        "RLCOST_DATABASE_URL": f"sqlite:///{folder / 'rlcost.db'}",
        "SLACK_APP_TOKEN": APP_TOKEN,
    }
    options = {"look_seconds": 0.05, "ping_seconds": 0.2} if socket else {}
    async with running(settings_from(environ, socket=socket), clock=clock, **options) as bot:
        transport = (
            SocketTransport(slack)
            if socket
            else HttpTransport(
                f"{bot.url}/slack/events", SIGNING_SECRET, lambda: clock.now().timestamp()
            )
        )
        yield Scene(slack=slack, bot=bot, transport=transport, database=folder / "rlcost.db")


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A fake Slack with one workspace, whose every accepted message and view passes the stricter check too."""
    async with FakeSlack() as fake:
        fake.add_workspace("T1", bot_token="xoxb-1")
        fake.add_channel("C1", "T1", bot_is_member=True)
        yield fake
        for message in fake.accepted_messages:
            assert shared_faults("message", message) == []
        for view in fake.accepted_views:
            assert shared_faults("view", view) == []


@pytest.fixture(params=["http", "socket"])
async def scene(
    request: pytest.FixtureRequest, slack: FakeSlack, tmp_path: Path
) -> AsyncIterator[Scene]:
    """The bot over each transport in turn."""
    async with staged(slack, tmp_path, socket=request.param == "socket") as made:
        yield made


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What the bot writes to its log meanwhile."""
    stream = io.StringIO()
    logs.configure(stream, level=logging.INFO)
    try:
        yield stream
    finally:
        root = logging.getLogger()
        for handler in [each for each in root.handlers if type(each).__module__ == "bot.logs"]:
            root.removeHandler(handler)
