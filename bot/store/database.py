"""How a database is opened: the one that a URL names, set up, with every table.

SQLite is the only one so far, and what is particular to it is here, so that another one is an addition.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Coroutine
from contextlib import closing
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import AsyncAdaptedQueuePool, Table, event
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.store.tables import METADATA

_SECONDS_TO_WAIT_FOR_A_WRITER = 15
_PAUSE = 0.02

_EXAMPLES = "write it as `sqlite:///rlcost.db`, or `sqlite:////srv/rlcost.db` for an absolute path"


class StoreError(Exception):
    """The database cannot be used as it is set up; whoever runs the bot can mend it."""


class AtWork(Protocol):
    """Whatever works on the database, and which of its work is under way."""

    at_work: set[asyncio.Task[Any]]


_Worker = TypeVar("_Worker", bound=AtWork)
_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def seen_through(
    method: Callable[Concatenate[_Worker, _Given], Coroutine[Any, Any, _Result]],
) -> Callable[Concatenate[_Worker, _Given], Coroutine[Any, Any, _Result]]:
    """A method whose work goes on to its end when its caller is cancelled.

    A SQLite connection that is given up in the middle of a statement can keep the whole database
    locked for everybody else, and one in memory takes its data along.
    """

    @wraps(method)
    async def call(self: _Worker, /, *args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        task = asyncio.create_task(method(self, *args, **kwargs))
        self.at_work.add(task)
        task.add_done_callback(self.at_work.discard)
        return await asyncio.shield(task)

    return call


async def open_database(url: str) -> AsyncEngine:
    """An engine for the database at `url`, proved to be one that can be written. Raises StoreError."""
    parsed = _parsed(url)
    engine = _engine(parsed)
    try:
        if file := _file(parsed):
            await asyncio.to_thread(_prove, file)
        await _prepare(engine)
    except (sqlite3.Error, DBAPIError) as error:
        await engine.dispose()
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise StoreError(
            f"the database `{parsed.database}` cannot be used: {reason}; "
            "set RLCOST_DATABASE_URL to a SQLite file that can be written, or to a new one"
        ) from error
    return engine


def insert(table: Table) -> Insert:
    """An insert that can say what to do where the row is there already: each database has its own."""
    return sqlite_insert(table)


def _parsed(url: str) -> URL:
    """The address of a SQLite database. What is wrong with another is said without repeating it: it may hold a password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(f"RLCOST_DATABASE_URL is no database URL; {_EXAMPLES}") from None
    if parsed.drivername not in ("sqlite", "sqlite+aiosqlite"):
        raise StoreError(
            f"RLCOST_DATABASE_URL names a `{parsed.get_backend_name()}` database, "
            f"and only sqlite is supported; {_EXAMPLES}"
        )
    if parsed.host or parsed.username or parsed.query:
        raise StoreError(
            f"RLCOST_DATABASE_URL has more than a file behind `sqlite:///`; {_EXAMPLES}"
        )
    file = _file(parsed)
    if file and not Path(file).parent.is_dir():
        raise StoreError(
            f"the folder of the database, `{Path(file).parent}`, does not exist; "
            "make it, or set RLCOST_DATABASE_URL to a file in another one"
        )
    return parsed.set(drivername="sqlite+aiosqlite")


def _engine(url: URL) -> AsyncEngine:
    """The engine of a SQLite database; no value that it stores stands in any error text.

    A database in memory is its one connection, which callers take in turn: shared at the same time
    they would commit and undo each other's halves.
    """
    engine = create_async_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": _SECONDS_TO_WAIT_FOR_A_WRITER},
        poolclass=AsyncAdaptedQueuePool,
        pool_size=5 if _file(url) else 1,
        max_overflow=0,
    )
    event.listen(engine.sync_engine, "connect", _set_up_connection)
    return engine


def _file(url: URL) -> str | None:
    """The file of a database, or None of one in memory."""
    return None if url.database in (None, "", ":memory:") else url.database


def _prove(file: str) -> None:
    """Opens a file as a database that readers use beside one writer; raises sqlite3.Error where that cannot be.

    With plain sqlite3: an aiosqlite connection that cannot be opened ends after the answer, with a
    traceback of its own where the program has ended meanwhile.
    """
    with closing(sqlite3.connect(file, timeout=_SECONDS_TO_WAIT_FOR_A_WRITER)) as connection:
        connection.execute("BEGIN IMMEDIATE")  # only a write shows a file that cannot be written
        connection.rollback()
        _keep_log(connection)


def _keep_log(connection: sqlite3.Connection) -> None:
    """Has the file written ahead in a log, for good.

    SQLite does not wait for others at this one step, so that several processes that make the same
    file at the same time have to try again.
    """
    for pause in (*[_PAUSE] * round(_SECONDS_TO_WAIT_FOR_A_WRITER / _PAUSE), None):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or pause is None:
                raise
            time.sleep(pause)
        else:
            return


def _set_up_connection(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """References hold, deleted rows are gone from the file, and the log makes up for fewer waits for the disk."""
    cursor = connection.cursor()
    try:
        for setting in ("foreign_keys = ON", "secure_delete = ON", "synchronous = NORMAL"):
            cursor.execute(f"PRAGMA {setting}")
    finally:
        cursor.close()


async def _prepare(engine: AsyncEngine) -> None:
    """Makes the tables that are missing, also where another process does so at the same time."""
    async with engine.begin() as connection:
        for table in METADATA.sorted_tables:
            await connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                await connection.execute(CreateIndex(index, if_not_exists=True))
