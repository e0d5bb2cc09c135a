"""The address of the database, RLCOST_DATABASE_URL, read once.

What is wrong with one is said without repeating it: it may hold a password.
"""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.store.faults import StoreError

_SQLITE = "sqlite+aiosqlite"
_POSTGRESQL = "postgresql+asyncpg"
_DRIVERS = {
    "sqlite": _SQLITE,
    _SQLITE: _SQLITE,
    "postgresql": _POSTGRESQL,
    "postgres": _POSTGRESQL,
    _POSTGRESQL: _POSTGRESQL,
}

# What may stand behind the `?` of PostgreSQL, and what asyncpg calls it.
_OPTIONS = {"host": "host", "sslmode": "ssl", "ssl": "ssl"}

_EXAMPLES = (
    "write it as `sqlite:///rlcost.db`, as `sqlite:////srv/rlcost.db` for an absolute path, "
    "or as `postgresql://user:password@host/rlcost`"
)


class AddressError(StoreError):
    """What is set is no address of a database that can be used, wherever and whenever it is tried."""


def check_kept(text: str) -> None:
    """Raises AddressError for what is no address of a database, and for one in memory, which is gone with its process."""
    try:
        url = parse_url(text)
    except AddressError:
        raise
    except StoreError:  # a folder that is not there now is for whoever opens the database to tell
        return
    if not is_postgresql(url) and file_of(url) is None:
        raise AddressError(
            f"RLCOST_DATABASE_URL names a database in memory, which keeps nothing; {_EXAMPLES}"
        )


def parse_url(text: str) -> URL:
    """The address with its driver in it. Raises AddressError; of a folder that does not exist, StoreError."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise AddressError(f"RLCOST_DATABASE_URL is no database URL; {_EXAMPLES}") from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise AddressError(
            f"RLCOST_DATABASE_URL names a `{url.get_backend_name()}` database with a driver of its "
            f"own or of another kind, and only sqlite and postgresql are supported; {_EXAMPLES}"
        )
    return (_sqlite if driver == _SQLITE else _postgresql)(url.set(drivername=driver))


def file_of(url: URL) -> str | None:
    """The file of a SQLite database, or None of one in memory or on a server."""
    if url.drivername != _SQLITE or url.database in (None, "", ":memory:"):
        return None
    return url.database


def is_postgresql(url: URL) -> bool:
    """Whether the database is on a server, which several replicas share."""
    return url.drivername == _POSTGRESQL


def _sqlite(url: URL) -> URL:
    if url.host or url.username or url.query:
        raise AddressError(
            f"RLCOST_DATABASE_URL has more than a file behind `sqlite:///`; {_EXAMPLES}"
        )
    file = file_of(url)
    if file and not Path(file).parent.is_dir():
        raise StoreError(
            f"the folder of the database, `{Path(file).parent}`, does not exist; "
            "make it, or set RLCOST_DATABASE_URL to a file in another one"
        )
    return url


def _postgresql(url: URL) -> URL:
    if "@" in f"{url.host}{url.database}":  # the rest of a password, which no message may repeat
        raise AddressError(
            "RLCOST_DATABASE_URL has more than one `@`; write one inside a password as `%40`"
        )
    if not url.database:
        raise AddressError(f"RLCOST_DATABASE_URL names no database behind the host; {_EXAMPLES}")
    if not set(url.query) <= set(_OPTIONS):
        raise AddressError(
            "RLCOST_DATABASE_URL has an option that is not known behind its `?`; "
            "only `host` and `sslmode` may stand there"
        )
    return url.set(query={_OPTIONS[name]: value for name, value in url.query.items()})
