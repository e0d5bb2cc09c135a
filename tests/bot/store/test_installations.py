"""Installations on real databases: what stands in them, who is found, and how often it is read."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.listener.async_builtins import AsyncTokenRevocationListeners
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.oauth.installation_store import Bot, Installation
from sqlalchemy import event, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from bot.store import Store
from bot.store.installations import Installations, parse_keys
from bot.store.oauth_states import OAuthStates
from bot.store.tables import SECRETS, bots, installations
from tests.bot.store.clock import Clock

OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))
SECOND = timedelta(seconds=1)
TOKEN = "xoxb-1111-2222-sesame"


@pytest.fixture
def installed(store: Store, clock: Clock) -> Installations:
    return with_keys(store, clock, NEW)


def with_keys(store: Store, clock: Clock, *keys: str, client_id: str = "1.2") -> Installations:
    return Installations(store, client_id=client_id, keys=parse_keys(",".join(keys)), now=clock.now)


def installation(
    team_id: str | None = "T1", enterprise_id: str | None = None, **more: Any
) -> Installation:
    said = {
        "app_id": "A1",
        "bot_id": "B1",
        "bot_user_id": "U0",
        "bot_scopes": ["chat:write", "commands"],
        "bot_token": TOKEN,
        "user_id": "U1",
        "is_enterprise_install": team_id is None,
        "installed_at": 1_790_000_000.0,
        **more,
    }
    return Installation(team_id=team_id, enterprise_id=enterprise_id, **said)


async def token(
    found_in: Installations,
    team_id: str | None = "T1",
    enterprise_id: str | None = None,
    *,
    is_enterprise_install: bool = False,
) -> str | None:
    bot = await found_in.find(enterprise_id, team_id, is_enterprise_install=is_enterprise_install)
    return bot.bot_token if bot else None


def reads(store: Store) -> list[str]:
    """A list that gets every query of the database from here on."""
    queries: list[str] = []

    def note(*said: Any) -> None:
        if said[2].startswith("SELECT"):
            queries.append(said[2])

    event.listen(store.engine.sync_engine, "before_cursor_execute", note)
    return queries


# -- keys --------------------------------------------------------------------------------------------------


def test_the_first_key_encrypts_and_every_key_decrypts() -> None:
    keys = parse_keys(f" {NEW} , {OLD},")
    assert Fernet(NEW).decrypt(keys.encrypt(b"sesame")) == b"sesame"
    assert keys.decrypt(Fernet(OLD).encrypt(b"sesame")) == b"sesame"
    with pytest.raises(InvalidToken):
        keys.decrypt(Fernet(LOST).encrypt(b"sesame"))


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("hunter2", "the 1st key is no Fernet key"),
        (f"{NEW},hunter2", "the 2nd key is no Fernet key"),
        (f"{NEW},{OLD},hünter2", "the 3rd key is no Fernet key"),
        (f"{NEW}," * 10 + "hunter2", "the 11th key is no Fernet key"),
        (f"{NEW}," * 21 + "hunter2", "the 22nd key is no Fernet key"),
        (" , ", "there is no key"),
    ],
)
def test_a_fault_in_the_keys_is_named_by_its_place_and_never_shown(text: str, which: str) -> None:
    with pytest.raises(ValueError, match=which) as refused:
        parse_keys(text)
    assert "nter2" not in str(refused.value)
    assert refused.value.__cause__ is None


# -- at rest -----------------------------------------------------------------------------------------------


async def test_no_secret_of_an_installation_stands_in_the_database(
    installed: Installations, on_disk: Callable[[], bytes]
) -> None:
    secrets = {name: f"{name}-sesame" for name in SECRETS}
    await installed.async_save(installation(team_name="Acme", **secrets))
    kept = on_disk()
    assert b"Acme" in kept
    assert b"sesame" not in kept
    found = await installed.async_find_installation(enterprise_id=None, team_id="T1")
    assert found is not None
    assert {name: getattr(found, name) for name in SECRETS} == secrets


async def test_saving_leaves_what_was_given_as_it_is(installed: Installations) -> None:
    given = installation()
    await installed.async_save(given)
    assert given.bot_token == TOKEN
    bot = given.to_bot()
    await installed.async_save_bot(bot)
    assert bot.bot_token == TOKEN


async def test_what_is_not_there_stays_away(installed: Installations) -> None:
    await installed.async_save(installation(bot_token=None, user_token="xoxp-1"))
    found = await installed.async_find_installation(enterprise_id=None, team_id="T1", user_id="U1")
    assert found is not None
    assert (found.bot_token, found.user_token, found.incoming_webhook_url) == (
        None,
        "xoxp-1",
        None,
    )
    assert await token(installed) is None


async def test_a_bot_is_found_as_it_was_saved(installed: Installations) -> None:
    await installed.async_save(installation())
    for bot in (
        await installed.async_find_bot(enterprise_id=None, team_id="T1"),
        await installed.find(None, "T1", is_enterprise_install=False),
    ):
        assert isinstance(bot, Bot)
        assert (bot.bot_token, bot.bot_user_id, bot.installed_at) == (
            TOKEN,
            "U0",
            1_790_000_000.0,
        )
        assert bot.bot_scopes == ["chat:write", "commands"]


def test_every_encrypted_column_has_room_for_a_long_token() -> None:
    for table in (bots, installations):
        ddl = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        columns = {line.split()[0]: line.split()[1] for line in ddl.splitlines() if "\t" in line}
        assert {columns[name].strip(",") for name in SECRETS if name in table.c} == {"TEXT"}
        assert columns["team_id"].startswith("VARCHAR")


async def test_a_new_key_in_front_reads_what_the_old_one_wrote(store: Store, clock: Clock) -> None:
    await with_keys(store, clock, OLD).async_save(installation())
    assert await token(with_keys(store, clock, NEW, OLD)) == TOKEN


async def test_a_token_that_no_key_reads_is_no_installation_and_one_warning(
    store: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await with_keys(store, clock, OLD).async_save(installation())
    installed = with_keys(store, clock, NEW)
    assert await token(installed) is None
    assert await installed.async_find_bot(enterprise_id=None, team_id="T1") is None
    assert await installed.async_find_installation(enterprise_id=None, team_id="T1") is None
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "T1" in caplog.text
    assert "gAAAA" not in caplog.text
    assert "xoxb" not in caplog.text


# -- finding -----------------------------------------------------------------------------------------------


async def test_an_organisations_installation_serves_its_workspaces_and_no_others(
    installed: Installations,
) -> None:
    await installed.async_save(installation(None, "E1"))
    assert await token(installed, "T1", "E1") == TOKEN
    assert await token(installed, "T1", "E1", is_enterprise_install=True) == TOKEN
    assert await token(installed, None, "E1", is_enterprise_install=True) == TOKEN
    assert await token(installed, "T1", "E2") is None
    assert await token(installed, "T1") is None
    assert await token(installed, None) is None


async def test_a_workspaces_own_installation_goes_first_unless_the_organisations_is_meant(
    installed: Installations,
) -> None:
    # The organisation's is the newer one, so that it is not age that decides.
    await installed.async_save(installation("T1", "E1", bot_token="xoxb-own"))
    newer = installation(None, "E1", bot_token="xoxb-org", installed_at=1_790_000_001.0)
    await installed.async_save(newer)
    assert await token(installed, "T1", "E1") == "xoxb-own"
    assert await token(installed, "T1", "E1", is_enterprise_install=True) == "xoxb-org"


async def test_of_several_installations_the_newest_counts(installed: Installations) -> None:
    for seconds in (2.0, 3.0, 1.0):
        saved = installation(bot_token=f"xoxb-{seconds}", installed_at=1_790_000_000 + seconds)
        await installed.async_save(saved)
    assert await token(installed) == "xoxb-3.0"


async def test_another_apps_installation_is_not_ours(store: Store, clock: Clock) -> None:
    await with_keys(store, clock, NEW, client_id="3.4").async_save(installation())
    assert await token(with_keys(store, clock, NEW)) is None


async def test_requests_at_the_same_time_share_one_reading(
    installed: Installations, store: Store
) -> None:
    await installed.async_save(installation(None, "E1"))
    queries = reads(store)
    found = await asyncio.gather(*(token(installed, "T1", "E1") for _ in range(20)))
    assert found == [TOKEN] * 20
    assert len(queries) == 1
    assert await token(installed, "T2", "E1") == TOKEN
    assert len(queries) == 2


async def test_what_was_found_is_read_again_after_ten_minutes(
    installed: Installations, store: Store, clock: Clock
) -> None:
    await installed.async_save(installation())
    queries = reads(store)
    await token(installed)
    clock.passes(600 * SECOND - timedelta(microseconds=1))
    assert await token(installed) == TOKEN
    assert len(queries) == 1
    clock.passes(timedelta(microseconds=1))
    assert await token(installed) == TOKEN
    assert len(queries) == 2


async def test_what_was_not_found_is_looked_for_again_after_three_seconds(
    installed: Installations, store: Store, clock: Clock
) -> None:
    assert await token(installed) is None
    await with_keys(store, clock, NEW).async_save(installation())  # another process
    clock.passes(2 * SECOND)
    assert await token(installed) is None
    clock.passes(SECOND)
    assert await token(installed) == TOKEN


async def test_whoever_installs_is_served_at_once(installed: Installations) -> None:
    assert await token(installed) is None
    assert await token(installed, "T2", "E1") is None
    await installed.async_save(installation())
    assert await token(installed) == TOKEN
    await installed.async_save(installation(None, "E1"))
    assert await token(installed, "T2", "E1") == TOKEN
    await installed.async_save_bot(
        installation(bot_token="xoxb-new", installed_at=1_790_000_009.0).to_bot()
    )
    assert await token(installed) == "xoxb-new"


# -- leaving -----------------------------------------------------------------------------------------------


async def test_a_deleted_installation_is_gone_from_memory_and_database(
    installed: Installations, store: Store
) -> None:
    await installed.async_save(installation())
    await installed.async_save(installation("T2"))
    assert await token(installed) == TOKEN
    await installed.async_delete_all(enterprise_id=None, team_id="T1")
    assert await token(installed) is None
    assert await installed.async_find_installation(enterprise_id=None, team_id="T1") is None
    assert await token(installed, "T2") == TOKEN
    async with store.engine.connect() as connection:
        for table in (bots, installations):
            assert list(await connection.scalars(select(table.c.team_id))) == ["T2"]


async def test_one_persons_revoked_token_takes_only_their_installation(
    installed: Installations,
) -> None:
    await installed.async_save(installation())
    await installed.async_save(installation(user_id="U2", installed_at=1_790_000_001.0))
    await installed.async_delete_installation(enterprise_id=None, team_id="T1", user_id="U2")
    left = await installed.async_find_installation(enterprise_id=None, team_id="T1")
    assert left is not None
    assert left.user_id == "U1"
    assert await token(installed) == TOKEN


async def test_a_workspace_that_the_store_forgot_is_gone_once_forgotten_here(
    installed: Installations, store: Store, clock: Clock
) -> None:
    await installed.async_save(installation("T1", "E1"))
    await token(installed, "T1", "E1")
    await store.forget_team("T1", "E1", at=clock.now())
    installed.forget("E1", "T1")
    assert await token(installed, "T1", "E1") is None


async def test_an_organisation_that_leaves_takes_what_is_remembered_of_its_workspaces(
    installed: Installations, store: Store, clock: Clock
) -> None:
    await installed.async_save(installation(None, "E1"))
    await installed.async_save(installation(None, "E2"))
    assert await token(installed, "T1", "E1") == TOKEN
    assert await token(installed, "T2", "E2") == TOKEN
    await store.forget_team(None, "E1", at=clock.now())
    installed.forget("E1", None)
    queries = reads(store)
    assert await token(installed, "T1", "E1") is None
    assert await token(installed, "T2", "E2") == TOKEN
    assert len(queries) == 1


async def test_a_reading_that_an_uninstall_overtakes_is_not_remembered(
    installed: Installations, store: Store
) -> None:
    await installed.async_save(installation())

    def uninstall(*_: Any) -> None:
        installed.forget(None, "T1")

    event.listen(store.engine.sync_engine, "after_cursor_execute", uninstall, once=True)
    assert await token(installed) == TOKEN
    queries = reads(store)
    await token(installed)
    assert len(queries) == 1


async def test_bolt_installs_and_uninstalls_with_them(
    installed: Installations, store: Store, clock: Clock
) -> None:
    states = OAuthStates(store, now=clock.now)
    flow = AsyncOAuthFlow(
        settings=AsyncOAuthSettings(
            client_id="1.2",
            client_secret="sesame",
            installation_store=installed,
            state_store=states,
        )
    )
    request = AsyncBoltRequest(body="", mode="http")
    assert await states.async_consume(await flow.issue_new_state(request))
    await flow.store_installation(request, installation("T1", "E1"))
    assert await token(installed, "T1", "E1") == TOKEN
    context = AsyncBoltContext(team_id="T1", enterprise_id="E1")
    await AsyncTokenRevocationListeners(installed).handle_app_uninstalled_events(context)
    assert await token(installed, "T1", "E1") is None
