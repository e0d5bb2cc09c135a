"""The real bot, served over HTTP and over Socket Mode, against a strict fake of Slack."""

import io
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot import logs
from bot.app import Running, running
from bot.assembly import Clock
from bot.settings import settings_from
from bot.source_settings import source_settings
from pricing.cards import CardPath, load_book
from tests.bot.asking import CATALOGUE
from tests.fake_slack import (
    APP_TOKEN,
    FakeSlack,
    HttpTransport,
    Person,
    SocketTransport,
    shared_faults,
)
from tests.pricing.sources.fireworks_pages import gpu_page, serverless_page
from tests.pricing.sources.tinker_pages import models_json

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


class Turning:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.at = NOW
        self.clock = Clock(now=lambda: self.at)


class Pages:
    """The price pages of the providers on this machine, as they stand on NOW; a test writes other prices into them."""

    def __init__(self) -> None:
        book = load_book(CATALOGUE)
        self.tinker = [card for card in book.tinker.cards if card.holds_on(NOW.date())]
        self.serverless = [card for card in book.serverless.cards if card.holds_on(NOW.date())]
        self.gpus = [card for card in book.gpus.cards if card.holds_on(NOW.date())]
        self.url = ""

    @property
    def environ(self) -> dict[str, str]:
        """Where the sources are; those that a test has no use for are off."""
        there = {
            "TINKER_MODELS": "/tinker.json",
            "FIREWORKS_SERVERLESS": "/serverless",
            "FIREWORKS_GPU": "/gpus",
        }
        off = ("TINKER_PRICING", "FIREWORKS_MODELS", "GENAI_PRICES")
        urls = {name: f"{self.url}{path}" for name, path in there.items()} | dict.fromkeys(off, "")
        return {f"RLCOST_SOURCE_{name}_URL": url for name, url in urls.items()}

    def set_serverless(self, model: str, usd: str) -> None:
        """Another input rate of a model's standard path."""
        self.serverless = [
            card.model_copy(update={"input_usd_per_mtok": Decimal(usd)})
            if (card.model, card.path) == (model, CardPath.SERVERLESS_STANDARD)
            else card
            for card in self.serverless
        ]

    def set_gpu(self, gpu_type: str, usd: str) -> None:
        """Another price of an hour of a GPU."""
        self.gpus = [
            card.model_copy(update={"usd_per_gpu_hour": Decimal(usd)})
            if card.gpu_type == gpu_type
            else card
            for card in self.gpus
        ]

    async def serve(self, request: web.Request) -> web.Response:
        made = {
            "/tinker.json": lambda: models_json(self.tinker, CATALOGUE, form="cached"),
            "/serverless": lambda: serverless_page(self.serverless, CATALOGUE, form="modes-us"),
            "/gpus": lambda: gpu_page(self.gpus, form="hour"),
        }
        return web.Response(body=made[request.path]())


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    """A real server of price pages."""
    made = Pages()
    app = web.Application()
    app.router.add_get("/{page}", made.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = "http://127.0.0.1:{1}".format(*runner.addresses[0])
    yield made
    await runner.cleanup()


@pytest.fixture
def turning() -> Turning:
    return Turning()


@asynccontextmanager
async def staged(
    slack: FakeSlack,
    folder: Path,
    *,
    socket: bool = False,
    clock: Clock = CLOCK,
    reviewers: str = "",
    pages: "Pages | None" = None,
    database_url: str = "",
) -> AsyncIterator[Scene]:
    """The bot of workspace T1, in the foreground of `slack`, with its database in a folder.

    With `pages` it checks those as its sources: at the start, and whenever six hours have gone by on the clock.
    """
    environ = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": slack.api_url,
        "PORT": "0",
        "RLCOST_DATABASE_URL": database_url or f"sqlite:///{folder / 'rlcost.db'}",
        "RLCOST_REVIEWERS": reviewers,
        "SLACK_APP_TOKEN": APP_TOKEN,
    }
    options: dict[str, Any] = {"look_seconds": 0.05, "ping_seconds": 0.2} if socket else {}
    if pages:
        options |= {"sources": source_settings(pages.environ), "due_seconds": 0.05}
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
