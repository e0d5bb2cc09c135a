"""The connections to a database: to SQLite in a file or in memory, or to PostgreSQL."""

from sqlalchemy import AsyncAdaptedQueuePool, event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from bot.store.address import file_of, is_postgresql
from bot.store.faults import StoreError

SECONDS_TO_WAIT_FOR_A_WRITER = 15
_SECONDS_TO_CONNECT = 5
_CONNECTIONS = 5


def make_engine(
    url: URL, *, seconds_to_answer: float | None = SECONDS_TO_WAIT_FOR_A_WRITER
) -> AsyncEngine:
    """The engine of a database, not yet proved; no value that it stores stands in any error text.

    A server gets `seconds_to_answer` for a statement, or as long as it likes.
    """
    if is_postgresql(url):
        return _postgresql_engine(url, seconds_to_answer)
    return _sqlite_engine(url)


def _sqlite_engine(url: URL) -> AsyncEngine:
    """A database in memory is its one connection, which callers take in turn: shared at the same time
    they would commit and undo each other's halves.
    """
    engine = create_async_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": SECONDS_TO_WAIT_FOR_A_WRITER},
        poolclass=AsyncAdaptedQueuePool,
        pool_size=_CONNECTIONS if file_of(url) else 1,
        max_overflow=0,
    )
    event.listen(engine.sync_engine, "connect", _set_up_connection)
    return engine


def _postgresql_engine(url: URL, seconds_to_answer: float | None) -> AsyncEngine:
    """Connections are tried before use, since a server that restarts breaks those that lie waiting."""
    try:
        engine = create_async_engine(
            url,
            hide_parameters=True,
            connect_args={
                "timeout": _SECONDS_TO_CONNECT,
                "command_timeout": seconds_to_answer,
                "server_settings": {"application_name": "rlcost", "timezone": "UTC"},
            },
            poolclass=_Pool,
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_timeout=SECONDS_TO_WAIT_FOR_A_WRITER,
            pool_pre_ping=True,
        )
    except ModuleNotFoundError as error:
        raise StoreError(
            'PostgreSQL needs the package `asyncpg`; type `pip install "rlcost[postgres]"`'
        ) from error
    event.listen(engine.sync_engine, "handle_error", _name_silence)
    return engine


class _Pool(AsyncAdaptedQueuePool):
    """A pool whose failure to connect is a database error like any other, as asyncpg's own is not."""

    def connect(self) -> PoolProxiedConnection:
        try:
            return super().connect()
        except OSError as error:  # TimeoutError is one too
            raise OperationalError(None, None, error) from error


def _name_silence(context: ExceptionContext) -> OperationalError | None:
    """A broken connection or an answer that takes too long, in the middle of work, as a database error."""
    if not isinstance(context.original_exception, OSError):
        return None
    context.is_disconnect = True  # what the server does with the statement is not known
    return OperationalError(
        context.statement, None, context.original_exception, hide_parameters=True
    )


def _set_up_connection(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """References hold, deleted rows are gone from the file, and the log makes up for fewer waits for the disk."""
    cursor = connection.cursor()
    try:
        for setting in ("foreign_keys = ON", "secure_delete = ON", "synchronous = NORMAL"):
            cursor.execute(f"PRAGMA {setting}")
    finally:
        cursor.close()
