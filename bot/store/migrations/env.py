"""What Alembic runs: the steps on the connection that it was given, in that connection's transaction."""

from alembic import context

from bot.store.migrations import VERSION_TABLE
from bot.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    transactional_ddl=True,  # SQLite's too, since the transaction was begun by hand
)
with context.begin_transaction():
    context.run_migrations()
