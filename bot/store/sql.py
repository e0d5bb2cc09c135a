"""What SQLite and PostgreSQL do not say alike by themselves."""

from sqlalchemy import Double, Table
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

__all__ = ["Insert", "database_now", "insert"]


def insert(table: Table) -> Insert:
    """An insert that can say what to do where the row is there already, in words that both databases know.

    `on_conflict_do_update` takes the columns of a key as `index_elements`; SQLite knows no named constraints.
    """
    return upsert(table)


class database_now(FunctionElement[float]):  # noqa: N801 - a function of SQL, written like one
    """Seconds since 1970 by the database's own clock, the one that all replicas share. Leases go by it.

    One moment for a whole statement, so that an index on a time serves `due_at <= database_now()`.
    """

    type = Double()
    inherit_cache = True


@compiles(database_now, "sqlite")
def _sqlite_now(*_: object, **__: object) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"  # the Julian day of 1970; good to 0.1 ms


@compiles(database_now, "postgresql")
def _postgresql_now(*_: object, **__: object) -> str:
    return "CAST(EXTRACT(EPOCH FROM statement_timestamp()) AS DOUBLE PRECISION)"
