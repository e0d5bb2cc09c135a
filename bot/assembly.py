"""The composition root: every real thing is made and plugged in here."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from aiohttp import ClientError, ClientSession
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
from bot.manifest import bot_scopes
from bot.notices import Notices
from bot.refusals import error_code
from bot.settings import OAuthClient, Settings, SettingsError
from bot.source_settings import SourceSettings
from bot.store import Store
from bot.store.digests import Digests
from bot.store.installations import Installations, parse_keys
from bot.store.oauth_states import OAuthStates
from bot.store.rates import Rates
from bot.store.scenarios import Scenarios
from bot.work import Work
from bot.workspaces import Authorize, ManyWorkspaces, OneWorkspace, Workspaces
from pricing.cards import RateBook, load_book
from pricing.catalogue import Catalogue, load_catalogue

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"

SLACK_SECONDS = 30


class StartError(Exception):
    """The bot cannot start, for a reason that is no setting: Slack or the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The times that the bot goes by."""

    now: Callable[[], datetime]

    def today(self) -> date:
        return self.now().astimezone(UTC).date()


SYSTEM_CLOCK = Clock(now=lambda: datetime.now(tz=UTC))


@dataclass(frozen=True, slots=True)
class Checking:
    """What this replica checks the sources of rates with."""

    sources: SourceSettings
    fetcher: Fetcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What `make` makes: the app that is to be served, and what goes on beside it."""

    app: AsyncApp
    services: Services
    oauth_flow: AsyncOAuthFlow | None
    due: DueWork


@dataclass(frozen=True, slots=True)
class _Installed:
    """Where the app is installed: the workspaces, how one of them is forgotten, and the way to install it into more."""

    workspaces: Workspaces
    forget: Callable[[str | None, str | None], None]
    oauth_flow: AsyncOAuthFlow | None


async def make(
    settings: Settings,
    store: Store,
    session: ClientSession,
    clock: Clock,
    checking: Checking | None,
) -> Made:
    """The Bolt app with its listeners, and what they work with, over one session; without `checking` rates are never checked.

    Raises SettingsError for a token that Slack refuses, and StartError where Slack cannot be reached.
    """
    client = _client(settings, session, token=None)
    installed = await _installed(settings, store, session, clock, client)
    catalogue = load_catalogue()
    package = load_book(catalogue)
    rates, digests, scenarios = Rates(store), Digests(store), Scenarios(store)
    books = Books.of(package, rates)
    desk = Desk(book=await books.refresh(), catalogue=catalogue, today=clock.today)
    delivery = Delivery(session, retry_handlers=_retry_handlers())
    digester = Digester(digests=digests, scenarios=scenarios, rates=rates, books=books, desk=desk)
    due = DueWork(
        digests=digests,
        digester=digester,
        delivery=delivery,
        client=_client_of(settings, session, installed.workspaces),
        now=clock.now,
        checker=_checker(settings, checking, rates, package, catalogue, installed.workspaces),
        check_every=checking.sources.every if checking else None,
    )
    services = Services(
        desk=desk,
        delivery=delivery,
        store=store,
        work=Work(),
        now=clock.now,
        forget_workspace=installed.forget,
        books=books,
        rates=rates,
        digests=digests,
        scenarios=scenarios,
        digester=digester,
        reviewers=settings.reviewers,
        due=due.all,
    )
    app = _bolt_app(services, installed, client)
    return Made(app=app, services=services, oauth_flow=installed.oauth_flow, due=due)


async def _installed(
    settings: Settings, store: Store, session: ClientSession, clock: Clock, client: AsyncWebClient
) -> _Installed:
    """By OAuth where a client id is set, else the one workspace of the token that is."""
    if settings.oauth is None:
        own = await _own_workspace(_client(settings, session, token=settings.bot_token))
        return _Installed(own, forget=_nothing_to_forget, oauth_flow=None)
    installations = Installations(
        store,
        client_id=settings.oauth.client_id,
        keys=parse_keys(",".join(settings.token_keys)),
        now=clock.now,
    )
    states = OAuthStates(store, now=clock.now)
    flow = _oauth_flow(settings.oauth, installations, states, client)
    return _Installed(ManyWorkspaces(installations), forget=installations.forget, oauth_flow=flow)


def _checker(
    settings: Settings,
    checking: Checking | None,
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
                    timeout=SLACK_SECONDS,
                )
        return None

    return client_of


def _bolt_app(services: Services, installed: _Installed, client: AsyncWebClient) -> AsyncApp:
    """Bolt without its ten milliseconds of sleep, and without its own check of signatures, which `server.py` does first."""
    workspaces, oauth_flow = installed.workspaces, installed.oauth_flow

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
        timeout=SLACK_SECONDS,
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
    oauth: OAuthClient, installations: Installations, states: OAuthStates, client: AsyncWebClient
) -> AsyncOAuthFlow:
    """Installing into many workspaces, with the scopes of manifest.yaml."""
    quiet = logging.getLogger("bot.oauth")
    quiet.setLevel(logging.ERROR)  # below that the flow logs codes that may still be good
    return AsyncOAuthFlow(
        client=client,
        logger=quiet,
        settings=AsyncOAuthSettings(
            client_id=oauth.client_id,
            client_secret=oauth.client_secret,
            scopes=bot_scopes(),
            user_scopes=(),
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            installation_store=installations,
            state_store=states,
            logger=quiet,
        ),
    )
