"""Databases for the tests of the store: each test runs on SQLite and on PostgreSQL, on a fresh one each time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.store import Store
from bot.store.database import migrate
from tests.bot.store.clock import Clock
from tests.postgres import server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a SQLite database can be; there is none yet."""
    return tmp_path / "rlcost.db"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, file: Path) -> str:
    """The address of a fresh database that `Store.open` takes at once, on each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{file}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """The address of a fresh PostgreSQL database with every table, for what only a server can show."""
    with server().database(like=_migrated()) as name:
        yield server().url(name)


@pytest.fixture
def bare_postgres_url() -> Iterator[str]:
    """The address of a fresh PostgreSQL database without a table."""
    with server().database() as name:
        yield server().url(name)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open store on a fresh database."""
    opened = await Store.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def beside(database_url: str) -> AsyncIterator[Store]:
    """A second store on the same database, as another process has one."""
    opened = await Store.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def replicas(database_url: str) -> AsyncIterator[list[Store]]:
    """Three more stores on the same database, as three processes have them."""
    opened = [await Store.open(database_url) for _ in range(3)]
    yield opened
    for store in opened:
        await store.close()


@pytest.fixture
def on_disk(database_url: str, file: Path) -> Callable[[], bytes]:
    """A function that gives all that the database holds: of a file every byte, log included, of a server its dump."""
    if database_url.startswith("sqlite"):
        return lambda: b"".join(path.read_bytes() for path in sorted(file.parent.iterdir()))
    return lambda: server().dump(database_url)


@cache
def _migrated() -> str:
    """The name of a PostgreSQL database with every table, for others to be copied from."""
    name = server().make()
    asyncio.run(migrate(server().url(name)))
    return name
