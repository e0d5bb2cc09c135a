"""The composition root: every real thing is made and plugged in here, and the bot is run over HTTP or Socket Mode."""

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, web
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.books import Books
from bot.checks import Checker
from bot.delivery import Delivery, Place
from bot.desk import Desk
from bot.digest_run import Digester
from bot.due import Client, DueWork
from bot.fetching import Fetcher
from bot.formatting.reply import sentence
from bot.listeners import register
from bot.listeners.services import Services
from bot.listeners.strangers import strangers
from bot.logs import log_fault
from bot.manifest import bot_scopes
from bot.notices import Notices
from bot.refusals import error_code
from bot.server import web_app
from bot.settings import Settings, SettingsError
from bot.socket_mode import SocketMode
from bot.source_settings import SourceSettings
from bot.store import STORE_FAULTS, DatabaseAwayError, Store
from bot.store.address import check_kept
from bot.store.digests import Digests
from bot.store.installations import Installations, OAuthStates, parse_keys
from bot.store.rates import Rates
from bot.work import Work
from bot.workspaces import Authorize, ManyWorkspaces, OneWorkspace, Workspaces
from pricing.cards import RateBook, load_book
from pricing.catalogue import Catalogue, load_catalogue

_log = logging.getLogger(__name__)

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"

_SLACK_SECONDS = 30
_DRAIN_SECONDS = 25.0
_TIDY_SECONDS = 60 * 60.0
_DUE_SECONDS = 20.0
_BOOK_SECONDS = 20.0


class StartError(Exception):
    """The bot cannot start, for a reason that is no setting: Slack or the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The times that the bot goes by."""

    now: Callable[[], datetime]

    def today(self) -> date:
        return self.now().astimezone(UTC).date()


SYSTEM_CLOCK = Clock(now=lambda: datetime.now(tz=UTC))


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
    session = ClientSession(timeout=ClientTimeout(total=_SLACK_SECONDS))
    pages = ClientSession(cookie_jar=DummyCookieJar())
    try:
        client = _client(settings, session, token=None)
        checking = _Checking(sources, Fetcher(pages)) if sources and sources.every else None
        made = await _made(settings, store, client, session, clock, checking)
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


@dataclass(frozen=True, slots=True)
class _Checking:
    """What this replica checks the sources of rates with."""

    sources: SourceSettings
    fetcher: Fetcher


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    app: AsyncApp
    services: Services
    oauth_flow: AsyncOAuthFlow | None
    due: DueWork


async def _opened(database_url: str) -> Store:
    """The database; one that does not answer now does not keep anybody from asking, and may be there later."""
    check_kept(database_url)
    try:
        return await Store.open(database_url)
    except DatabaseAwayError as error:
        _log.warning("going on without the database: %s", error)
        return Store.at(database_url)


async def _made(
    settings: Settings,
    store: Store,
    client: AsyncWebClient,
    session: ClientSession,
    clock: Clock,
    checking: _Checking | None,
) -> _Made:
    """The Bolt app with its listeners, and what they work with."""
    oauth_flow: AsyncOAuthFlow | None = None
    workspaces: Workspaces
    forget: Callable[[str | None, str | None], None] = _nothing_to_forget
    if settings.oauth:
        keys = parse_keys(",".join(settings.token_keys))
        installations = Installations(
            store, client_id=settings.oauth.client_id, keys=keys, now=clock.now
        )
        oauth_flow = _oauth_flow(settings, installations, OAuthStates(store, now=clock.now), client)
        workspaces, forget = ManyWorkspaces(installations), installations.forget
    else:
        workspaces = await _own_workspace(_client(settings, session, token=settings.bot_token))
    catalogue = load_catalogue()
    package = load_book(catalogue)
    rates, digests = Rates(store), Digests(store)
    books = Books.of(package, rates)
    desk = Desk(book=await books.refresh(), catalogue=catalogue, today=clock.today)
    delivery = Delivery(session, retry_handlers=_retry_handlers())
    digester = Digester(digests=digests, rates=rates, books=books, desk=desk)
    due = DueWork(
        digests=digests,
        digester=digester,
        delivery=delivery,
        client=_client_of(settings, session, workspaces),
        now=clock.now,
        checker=_checker(settings, checking, rates, package, catalogue, workspaces),
        check_every=checking.sources.every if checking else None,
    )
    services = Services(
        desk=desk,
        delivery=delivery,
        store=store,
        work=Work(),
        now=clock.now,
        forget_workspace=forget,
        books=books,
        rates=rates,
        digests=digests,
        digester=digester,
        reviewers=settings.reviewers,
        due=due.all,
    )
    app = _bolt_app(services, workspaces, client, oauth_flow)
    return _Made(app=app, services=services, oauth_flow=oauth_flow, due=due)


def _checker(
    settings: Settings,
    checking: _Checking | None,
    rates: Rates,
    package: RateBook,
    catalogue: Catalogue,
    workspaces: Workspaces,
) -> Checker | None:
    if checking is None:
        return None
    # With many workspaces nobody says which one the reviewers are in: they look with `/rlcost review`.
    team_id = workspaces.team_id if isinstance(workspaces, OneWorkspace) else None
    return Checker(
        fetcher=checking.fetcher,
        urls=checking.sources.urls,
        api_key=checking.sources.api_key,
        rates=rates,
        package=package,
        catalogue=catalogue,
        notices=Notices(reviewers=settings.reviewers, team_id=team_id) if team_id else None,
    )


def _client_of(settings: Settings, session: ClientSession, workspaces: Workspaces) -> Client:
    """The clients of the outbox. They try nothing again by themselves: a message that Slack may have taken is not sent twice."""

    async def client_of(team_id: str, enterprise_id: str | None) -> AsyncWebClient | None:
        for org_wide in (False, True) if enterprise_id else (False,):
            bot = await workspaces.bot_of(enterprise_id, team_id, org_wide=org_wide)
            if bot:
                return AsyncWebClient(
                    token=bot.bot_token,
                    base_url=settings.api_url,
                    session=session,
                    retry_handlers=[],
                    timeout=_SLACK_SECONDS,
                )
        return None

    return client_of


def _bolt_app(
    services: Services,
    workspaces: Workspaces,
    client: AsyncWebClient,
    oauth_flow: AsyncOAuthFlow | None,
) -> AsyncApp:
    """Bolt without its ten milliseconds of sleep, and without its own check of signatures, which `server.py` does first."""

    async def say_at(response_url: str, text: str) -> None:
        place = Place(team_id="", user_id="", response_url=response_url, ephemeral=True)
        services.work.start(_said(services, text, place, client), where="telling a stranger")

    app = AsyncApp(
        name="rlcost",
        client=client,
        authorize=Authorize(workspaces),  # type: ignore[arg-type] # Bolt takes this kind too
        oauth_flow=oauth_flow,
        before_authorize=strangers(
            workspaces, say_at=say_at, install_path=INSTALL_PATH if oauth_flow else None
        ),
        process_before_response=True,
        request_verification_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    register(app, services)
    return app


async def _said(services: Services, text: str, place: Place, client: AsyncWebClient) -> None:
    """By the response URL alone: without a token there is no other way."""
    await services.delivery.deliver(sentence(text), place, client)


def _nothing_to_forget(_: str | None, __: str | None) -> None:
    """A workspace that a token was set for is not remembered."""


def _client(settings: Settings, session: ClientSession, *, token: str | None) -> AsyncWebClient:
    """Slack's Web API, over one session; it waits where Slack says so. Bolt's own has no token: each request brings one."""
    return AsyncWebClient(
        token=token,
        base_url=settings.api_url,
        session=session,
        retry_handlers=_retry_handlers(),
        timeout=_SLACK_SECONDS,
    )


def _retry_handlers() -> list[AsyncRetryHandler]:
    return [AsyncConnectionErrorRetryHandler(), AsyncRateLimitErrorRetryHandler(max_retry_count=3)]


async def _own_workspace(client: AsyncWebClient) -> OneWorkspace:
    try:
        return await OneWorkspace.of(client)
    except SlackApiError as error:
        if not (code := error_code(error)):
            raise StartError(f"Slack does not answer at {client.base_url}; try again") from error
        raise SettingsError(
            f"SLACK_BOT_TOKEN is refused by Slack ({code}); "
            "copy the bot token from the app's OAuth & Permissions page"
        ) from error
    except (TimeoutError, ClientError, OSError) as error:
        raise StartError(f"Slack cannot be reached at {client.base_url}; try again") from error


def _oauth_flow(
    settings: Settings, installations: Installations, states: OAuthStates, client: AsyncWebClient
) -> AsyncOAuthFlow:
    """Installing into many workspaces, with the scopes of manifest.yaml."""
    assert settings.oauth is not None  # noqa: S101 - the caller asked
    quiet = logging.getLogger("bot.oauth")
    quiet.setLevel(logging.ERROR)  # below that the flow logs codes that may still be good
    return AsyncOAuthFlow(
        client=client,
        logger=quiet,
        settings=AsyncOAuthSettings(
            client_id=settings.oauth.client_id,
            client_secret=settings.oauth.client_secret,
            scopes=bot_scopes(),
            user_scopes=(),
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            installation_store=installations,
            state_store=states,
            logger=quiet,
        ),
    )


@asynccontextmanager
async def _served(
    settings: Settings, made: _Made, socket_options: dict[str, Any]
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
