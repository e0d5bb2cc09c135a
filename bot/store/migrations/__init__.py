"""The steps by which the tables became what they are, and where a database stands among them.

Every step is a file in `versions` that never changes once it was released; a change of
`bot/store/tables.py` is a new one.
"""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.store.faults import StoreError

# A name of its own: a server's database may hold the tables of other programs, and of their Alembic.
VERSION_TABLE = "rlcost_version"


def newest() -> str:
    """The revision that this version of the code works with."""
    (revision,) = ScriptDirectory.from_config(_config()).get_heads()
    return revision


def revision_of(connection: Connection) -> str | None:
    """The revision of a database, or None of one that has none of our tables or those of before revisions.

    Raises StoreError for one that only a newer version of the code knows.
    """
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    revision = context.get_current_revision()
    scripts = ScriptDirectory.from_config(_config())
    if revision and revision not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(
            "the database was made by a newer version of rlcost; "
            "install that one, or set RLCOST_DATABASE_URL to another database"
        )
    return revision


def upgrade(connection: Connection, *, to: str = "head") -> tuple[str | None, str]:
    """Takes the missing steps in the connection's transaction; the revisions before and after.

    Alembic keeps what it works on in one place for the whole process: two at once are not possible.
    """
    before = revision_of(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)
    return before, revision_of(connection) or newest()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    config.set_main_option("path_separator", "os")
    return config
