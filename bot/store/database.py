"""How a database is opened and brought up to date: SQLite in a file or in memory, or PostgreSQL.

What is particular to one of them is here, in `address`, `engines`, `sql` and `migrations`, and nowhere else.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store import migrations
from bot.store.address import file_of, is_postgresql, parse_url
from bot.store.engines import SECONDS_TO_WAIT_FOR_A_WRITER, make_engine
from bot.store.faults import DatabaseAwayError, StoreError
from bot.store.tables import METADATA

_PAUSE = 0.02

_MIGRATION_LOCK = 0x726C636F7374  # "rlcost": a number that no other program's lock has
_ONE_MIGRATION = threading.Lock()

# What a server says while it starts, stops or has no connection left, and when a connection breaks.
_AWAY = ("08", "53300", "57P01", "57P02", "57P03")


async def open_database(url: str) -> AsyncEngine:
    """An engine for the database at `url`, proved to be of use and up to date.

    SQLite brings itself up to date; a server is left as it is, for other replicas may be at work on
    it. Raises StoreError; of a server that does not answer, DatabaseAwayError.
    """
    parsed = parse_url(url)
    engine = make_engine(parsed)
    try:
        with _in_a_sentence(parsed):
            await _prepare(engine)
    except BaseException:
        await engine.dispose()
        raise
    return engine


async def migrate(url: str) -> tuple[str | None, str]:
    """Brings the database at `url` up to date: its revision before, None where it had no tables, and after.

    Several may do so at once; all but one find nothing to do. Raises StoreError as opening does.
    """
    parsed = parse_url(url)
    with _in_a_sentence(parsed):
        if file := file_of(parsed):
            await asyncio.to_thread(_prove, file)
        return await asyncio.to_thread(_migrate, parsed)


async def _prepare(engine: AsyncEngine) -> None:
    if is_postgresql(engine.url):
        await _prove_server(engine)
    elif file := file_of(engine.url):
        await asyncio.to_thread(_prove, file)
        if await _revision(engine) != migrations.newest():
            await asyncio.to_thread(_migrate, engine.url)
    else:  # always fresh, and gone with its one connection
        async with engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)


async def _prove_server(engine: AsyncEngine) -> None:
    revision, newest = await _revision(engine), migrations.newest()
    async with engine.connect() as connection:
        if await connection.scalar(text("SHOW transaction_read_only")) == "on":
            raise StoreError(
                "the database can only be read; set RLCOST_DATABASE_URL to one that can be written"
            )
    if revision is None:
        raise StoreError("the database has none of the tables of rlcost yet; run `rlcost migrate`")
    if revision != newest:
        raise StoreError(
            f"the database is at revision `{revision}`, and this version of rlcost needs `{newest}`; "
            "run `rlcost migrate`"
        )


async def _revision(engine: AsyncEngine) -> str | None:
    async with engine.connect() as connection:
        return await connection.run_sync(migrations.revision_of)


def _migrate(url: URL) -> tuple[str | None, str]:
    """Migrates in a thread and a loop of its own: Alembic must not be used twice at once in a process."""
    with _ONE_MIGRATION:
        return asyncio.run(_migrated(url))


async def _migrated(url: URL) -> tuple[str | None, str]:
    engine = make_engine(url, seconds_to_answer=None)
    try:
        async with engine.begin() as connection:
            await _take_turn(connection)
            return await connection.run_sync(migrations.upgrade)
    finally:
        await engine.dispose()


async def _take_turn(connection: AsyncConnection) -> None:
    """Waits for other processes that migrate, and keeps them waiting until the transaction ends."""
    if is_postgresql(connection.engine.url):
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
    else:
        # By hand: Python's own begins come too late, before the first row and not the first table.
        await connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _in_a_sentence(url: URL) -> Iterator[None]:
    """Says what the database refuses, and what to do about it."""
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise _complaint(url, reason) from error


def _complaint(url: URL, reason: BaseException | None) -> StoreError:
    if not is_postgresql(url):
        return StoreError(
            f"the database `{url.database}` cannot be used: {reason}; "
            "set RLCOST_DATABASE_URL to a SQLite file that can be written, or to a new one"
        )
    said = str(getattr(reason, "__cause__", None) or reason).partition("\n")[0].rstrip(".")
    if isinstance(reason, OSError) or (getattr(reason, "sqlstate", None) or "").startswith(_AWAY):
        return DatabaseAwayError(
            f"the database `{url.database}` does not answer: {said or 'it takes too long'}; "
            "start its server, or set RLCOST_DATABASE_URL to one that is up"
        )
    return StoreError(
        f"the database `{url.database}` cannot be used: {said}; "
        "set RLCOST_DATABASE_URL to a database whose tables its user may make and write"
    )


def _prove(file: str) -> None:
    """Opens a file as a database that readers use beside one writer; raises sqlite3.Error where that cannot be.

    With plain sqlite3: an aiosqlite connection that cannot be opened ends after the answer, with a
    traceback of its own where the program has ended meanwhile.
    """
    with closing(sqlite3.connect(file, timeout=SECONDS_TO_WAIT_FOR_A_WRITER)) as connection:
        connection.execute("BEGIN IMMEDIATE")  # only a write shows a file that cannot be written
        connection.rollback()
        _keep_log(connection)


def _keep_log(connection: sqlite3.Connection) -> None:
    """Has the file written ahead in a log, for good.

    SQLite does not wait for others at this one step, so that several processes that make the same
    file at the same time have to try again.
    """
    for pause in (*[_PAUSE] * round(SECONDS_TO_WAIT_FOR_A_WRITER / _PAUSE), None):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or pause is None:
                raise
            time.sleep(pause)
        else:
            return
