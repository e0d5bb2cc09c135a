"""The database goes away and comes back: prices go on and say so, and all else says what it lacks."""

import asyncio
import re
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.store.database import migrate
from tests.bot.slack.conftest import Scene, logged, staged
from tests.fake_slack import FakeSlack, Post
from tests.fake_slack.blocks import objects_in
from tests.postgres import server

ASKED = "kimi-k2p6 turns=20 episodes=5000"
ANSWER = "Only Dedicated can be bought as asked: $4,444 for 5,000 episodes"
FIRST = "1600000000.000100"
NEEDS_IT = re.compile(
    r"I cannot reach my database now, and this needs it; prices are answered all the same\. "
    r"Please try again in a few minutes\. The reference is `[2-9B-Z]{8}`\."
)
NO_MEMORY = (
    "I cannot reach what this thread asked before: please write the whole request in a new message, "
    "outside this thread."
)
CAVEAT = "The database of observed rates cannot be reached"


@dataclass
class Database:
    """One that can go away, under whoever works with it, and come back."""

    url: str
    away: Callable[[], None]
    back: Callable[[], None]


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    """A file whose tables can be taken away."""
    file = tmp_path / "shared.db"

    def rename(old: str, new: str) -> None:
        with closing(sqlite3.connect(file)) as connection:
            tables = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall()
            for (table,) in tables:
                name = table.removeprefix(old)
                connection.execute(f"ALTER TABLE {table} RENAME TO {new}{name}")
            connection.commit()

    return Database(f"sqlite:///{file}", lambda: rename("", "away_"), lambda: rename("away_", ""))


@pytest.fixture
async def postgres() -> AsyncIterator[Database]:
    """A database of a server to whose socket there is one way, which can be cut off."""
    with server().database() as name, tempfile.TemporaryDirectory() as folder:
        await migrate(server().url(name))
        way = Path(folder) / "way"
        way.symlink_to(server().folder)

        def away() -> None:
            way.unlink()
            server().run(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608 - a name of ours
            )

        yield Database(
            f"postgresql://postgres@/{name}?host={way}",
            away,
            lambda: way.symlink_to(server().folder),
        )


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["http", "socket"])
async def connected(
    request: pytest.FixtureRequest, database: Database, slack: FakeSlack, tmp_path: Path
) -> AsyncIterator[Scene]:
    """The bot over each transport, with each database, which is there."""
    socket = request.param == "socket"
    async with staged(slack, tmp_path, socket=socket, database_url=database.url) as scene:
        yield scene


@asynccontextmanager
async def lost(scene: Scene, database: Database) -> AsyncIterator[None]:
    """Meanwhile the database is away. It goes in a thread: the bot may be in the middle of a write."""
    await asyncio.to_thread(database.away)
    try:
        await scene.bot.services.refresh_book()  # as the bot does three times a minute
        yield
    finally:
        await settled(scene)
        await asyncio.to_thread(database.back)


async def settled(scene: Scene) -> list[Post]:
    await scene.bot.services.work.drain(seconds=15)
    return scene.slack.posts


async def said(scene: Scene, text: str) -> Post:
    count = len(scene.slack.posts)
    await scene.person().command(text)
    [post] = (await settled(scene))[count:]
    return post


def read(post: Post) -> str:
    return "".join(
        each["text"] for each in objects_in(post.blocks) if isinstance(each.get("text"), str)
    )


async def test_prices_are_answered_with_the_caveat_and_without_it_once_the_database_is_back(
    connected: Scene, database: Database
) -> None:
    assert CAVEAT not in read(await said(connected, ASKED))
    with logged() as log:
        async with lost(connected, database):
            post = await said(connected, ASKED)
            assert post.text.startswith(ANSWER)
            assert CAVEAT in read(post)
            assert CAVEAT in read(await said(connected, "history kimi-k2p6"))
            assert CAVEAT in read(await said(connected, "rates kimi-k2p6"))
    assert "the observed rates cannot be read" in log.getvalue()
    await connected.bot.services.refresh_book()
    assert CAVEAT not in read(await said(connected, ASKED))


async def test_a_message_that_begins_a_thread_is_answered(
    connected: Scene, database: Database
) -> None:
    async with lost(connected, database):
        with logged():
            await connected.person().mention(ASKED, ts=FIRST)
            await connected.person().dm(ASKED)
            await connected.slack.wait_for(lambda: len(connected.slack.posts) >= 2)
            posts = await settled(connected)
    assert [post.text.startswith(ANSWER) for post in posts] == [True, True]
    assert all(CAVEAT in read(post) for post in posts)


@pytest.mark.parametrize("text", ["what about 40 turns?", "also on gpt-oss-120b", ASKED])
async def test_a_price_in_the_middle_of_a_thread_is_asked_for_anew_and_never_guessed(
    connected: Scene, database: Database, text: str
) -> None:
    await connected.person().mention(ASKED, ts=FIRST)
    await settled(connected)
    async with lost(connected, database):
        with logged():
            await connected.person().mention(text, thread_ts=FIRST)
            await connected.slack.wait_for(lambda: len(connected.slack.posts) >= 2)
            post = (await settled(connected))[-1]
    assert (post.thread_ts, post.text) == (FIRST, NO_MEMORY)
    await connected.person().mention("what about 40 turns?", thread_ts=FIRST)
    assert "Tinker 128K at $64,782" in (await settled(connected))[-1].text


async def test_what_needs_no_memory_is_answered_in_the_middle_of_a_thread(
    connected: Scene, database: Database
) -> None:
    async with lost(connected, database):
        with logged():
            for text in ("rates kimi-k2p6", "help", "history kimi-k2p6"):
                await connected.person().mention(text, thread_ts=FIRST)
            await connected.slack.wait_for(lambda: len(connected.slack.posts) >= 3)
            posts = await settled(connected)
    assert len(posts) == 3
    assert not any(post.text == NO_MEMORY or NEEDS_IT.search(post.text) for post in posts)


async def test_what_needs_the_database_says_a_sentence_each(
    connected: Scene, database: Database
) -> None:
    asked = (
        "digest",
        "digest subscribe",
        "digest unsubscribe",
        "digest list",
        "digest send",
        f"save nightly {ASKED}",
        "saved",
        "forget nightly",
        "review",
    )
    async with lost(connected, database):
        with logged() as log:
            for text in asked:
                post = await said(connected, text)
                assert NEEDS_IT.fullmatch(post.text), text
                assert post.ephemeral_to == "U1"
                assert "Traceback" not in read(post)
    assert log.getvalue().count("fault ") >= len(asked)
    assert (await said(connected, "digest")).text.startswith("This channel gets no digests.")
    assert (await said(connected, "saved")).text.startswith("This channel has no saved runs.")


async def test_the_buttons_of_a_digest_say_it_too_and_work_once_the_database_is_back(
    connected: Scene, database: Database
) -> None:
    announced = await said(connected, "digest subscribe")
    async with lost(connected, database):
        with logged():
            for action in ("digest_stop", "digest_form"):
                await connected.person("U3").press(announced, action)
                post = (await settled(connected))[-1]
                assert NEEDS_IT.fullmatch(post.text), action
                assert post.ephemeral_to == "U3"
    assert connected.slack.views == []
    await connected.person("U3").press(announced, "digest_stop")
    post = (await settled(connected))[-1]
    assert post.text.startswith("The digests of this channel have stopped.")


async def test_a_bot_that_starts_without_its_server_answers_and_uses_it_once_it_is_there(
    postgres: Database, slack: FakeSlack, tmp_path: Path
) -> None:
    postgres.away()
    with logged() as log:
        async with staged(slack, tmp_path, database_url=postgres.url) as scene:
            post = await said(scene, ASKED)
            assert post.text.startswith(ANSWER)
            assert CAVEAT in read(post)
            assert NEEDS_IT.fullmatch((await said(scene, "digest subscribe")).text)
            postgres.back()
            await scene.bot.services.refresh_book()
            assert CAVEAT not in read(await said(scene, ASKED))
            announced = await said(scene, "digest subscribe")
            assert announced.text.startswith("This channel now gets a digest")
            assert await scene.bot.services.digests.subscription("T1", "C1")
    assert "going on without the database" in log.getvalue()
