"""The bot, run over HTTP or Socket Mode until it is told to stop."""

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, web
from slack_sdk.errors import SlackApiError

from bot.assembly import SLACK_SECONDS, SYSTEM_CLOCK, Checking, Clock, Made, StartError, make
from bot.due import DueWork
from bot.fetching import Fetcher
from bot.listeners.services import Services
from bot.logs import log_fault
from bot.refusals import error_code
from bot.server import web_app
from bot.settings import Settings, SettingsError
from bot.socket_mode import SocketMode
from bot.source_settings import SourceSettings
from bot.store import STORE_FAULTS, DatabaseAwayError, Store
from bot.store.address import check_kept

_log = logging.getLogger(__name__)

_DRAIN_SECONDS = 25.0
_TIDY_SECONDS = 60 * 60.0
_DUE_SECONDS = 20.0
_BOOK_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A bot that is being served, at an address."""

    url: str
    services: Services
    socket: SocketMode | None
    due: DueWork


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    sources: SourceSettings | None = None,
    clock: Clock = SYSTEM_CLOCK,
    due_seconds: float = _DUE_SECONDS,
    **socket_options: Any,
) -> AsyncIterator[Running]:
    """The bot, served until the context ends; then what is at work is finished and everything is closed.

    Without `sources` this replica never checks rates. What is due is looked for every `due_seconds`. Raises SettingsError
    for a token that Slack refuses or an address that is taken, StoreError for a database that cannot be used, and StartError
    where Slack cannot be reached. `socket_options` are SocketMode's.
    """
    store = await _opened(settings.database_url)
    session = ClientSession(timeout=ClientTimeout(total=SLACK_SECONDS))
    pages = ClientSession(cookie_jar=DummyCookieJar())
    try:
        checking = Checking(sources, Fetcher(pages)) if sources and sources.every else None
        made = await make(settings, store, session, clock, checking)
        try:
            async with _served(settings, made, socket_options) as (url, socket):
                recurring = (
                    asyncio.create_task(_tidy(store, clock), name="tidying"),
                    asyncio.create_task(_keep_book(made.services), name="keeping the book"),
                    asyncio.create_task(made.due.run(every_seconds=due_seconds), name="due work"),
                )
                try:
                    yield Running(url=url, services=made.services, socket=socket, due=made.due)
                finally:
                    for task in recurring:
                        task.cancel()
                    await asyncio.gather(*recurring, return_exceptions=True)
        finally:
            await made.services.work.drain(seconds=_DRAIN_SECONDS)
    finally:
        await pages.close()
        await session.close()
        await store.close()


async def _opened(database_url: str) -> Store:
    """The database; one that does not answer now does not keep anybody from asking, and may be there later."""
    check_kept(database_url)
    try:
        return await Store.open(database_url)
    except DatabaseAwayError as error:
        _log.warning("going on without the database: %s", error)
        return Store.at(database_url)


@asynccontextmanager
async def _served(
    settings: Settings, made: Made, socket_options: dict[str, Any]
) -> AsyncIterator[tuple[str, SocketMode | None]]:
    """Over HTTP, and in Socket Mode the health pages beside the socket. Requests stop before what is at work does."""
    socket = (
        SocketMode(made.app, settings.app_token, **socket_options) if settings.app_token else None
    )
    ready = _readiness(made.services.store, socket)
    site = web_app(
        made.app.async_dispatch,
        signing_secret=None if socket else settings.signing_secret,
        ready=ready,
        oauth_flow=made.oauth_flow,
        now=lambda: made.services.now().timestamp(),
    )
    runner = web.AppRunner(site, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        url = await _listening(runner, settings)
        if socket:
            await _connected(socket)
        yield url, socket
    finally:
        if socket:
            await socket.stop()
        await runner.cleanup()


async def _listening(runner: web.AppRunner, settings: Settings) -> str:
    try:
        site = web.TCPSite(runner, settings.host, settings.port)
        await site.start()
    except OSError as error:
        raise SettingsError(
            f"HOST and PORT name {settings.host}:{settings.port}, where nothing can listen "
            f"({error.strerror or type(error).__name__}); put a free port there"
        ) from error
    host, port = runner.addresses[0][:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _connected(socket: SocketMode) -> None:
    try:
        await socket.start()
    except SlackApiError as error:
        if not (code := error_code(error)):
            raise StartError("Slack does not answer for a socket; try again") from error
        raise SettingsError(
            f"SLACK_APP_TOKEN is refused by Slack ({code}); make an app-level "
            "token with the scope connections:write"
        ) from error
    except (TimeoutError, ClientError, OSError) as error:
        raise StartError("Slack cannot be reached for a socket; try again") from error


def _readiness(store: Store, socket: SocketMode | None) -> Callable[[], Any]:
    async def ready() -> dict[str, Any]:
        found: dict[str, Any] = {"database": await _answers(store)}
        if socket:
            found["socket"] = await socket.state()
        ok = found["database"] and (not socket or found["socket"]["ok"])
        return {"ok": ok, "transport": "socket" if socket else "http", **found}

    return ready


async def _answers(store: Store) -> bool:
    try:
        await store.ping()
    except STORE_FAULTS:
        return False
    return True


async def _tidy(store: Store, clock: Clock) -> None:
    """Delete what has had its time, at the start and every hour."""
    while True:
        try:
            await store.forget_old(at=clock.now())
        except STORE_FAULTS as error:
            log_fault(error, where="tidying the database")
        await asyncio.sleep(_TIDY_SECONDS)


async def _keep_book(services: Services) -> None:
    """Notice what other replicas have observed, and what people have decided elsewhere."""
    while True:
        await asyncio.sleep(_BOOK_SECONDS)
        try:
            await services.refresh_book()
        except Exception as error:  # noqa: BLE001 - answers go on with the book they have
            log_fault(error, where="keeping the book")


async def serve(settings: Settings, sources: SourceSettings) -> None:
    """Run the bot until the process is told to stop."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    loop.set_exception_handler(_lost)
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    async with running(settings, sources=sources) as bot:
        freeze()
        how = "over Socket Mode; health" if bot.socket else "over HTTP"
        _log.info("rlcost answers %s at %s", how, bot.url)
        await stopped.wait()
        _log.info("stopping")


def freeze() -> None:
    """Keep the garbage collector from going through all that stays anyway, time and again, while people wait."""
    gc.collect()
    gc.freeze()


def _lost(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A fault in a task that nobody waits for; its own words may hold what somebody typed."""
    error = context.get("exception")
    if error:
        log_fault(error, where="a task that nobody waits for")
