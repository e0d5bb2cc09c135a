"""The tables of the store, in one `MetaData`, so that a migration tool finds all of them in one place.

Times are seconds since 1970 in UTC. Slack's two tables of installations keep the shape that slack_sdk
reads and writes, times included; only the columns that hold something encrypted are wider.
"""

from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from sqlalchemy import Boolean, Column, Double, Index, MetaData, String, Table, Text

SECRETS = (
    "bot_token",
    "bot_refresh_token",
    "user_token",
    "user_refresh_token",
    "incoming_webhook_url",
)
"""The columns of an installation that open a workspace to whoever reads them; kept encrypted."""

_ID = String(64)

METADATA = MetaData()

# One row for each workspace or organisation that wrote lately: what its writers and its forgetting
# take turns at, and when it was last forgotten.
workspaces = Table(
    "workspaces",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("forgotten_at", Double),
)

threads = Table(
    "threads",
    METADATA,
    Column("team_id", _ID, primary_key=True),
    Column("channel_id", _ID, primary_key=True),
    Column("thread_ts", _ID, primary_key=True),
    Column("enterprise_id", _ID),
    Column("request", Text, nullable=False),
    Column("asked_at", Double, nullable=False),
    Index("threads_by_use", "team_id", "asked_at"),
)

events = Table(
    "events",
    METADATA,
    Column("event_id", _ID, primary_key=True),
    Column("team_id", _ID),
    Column("enterprise_id", _ID),
    Column("claimed_at", Double, nullable=False),
    Column("finished", Boolean, nullable=False),
)

feedback = Table(
    "feedback",
    METADATA,
    Column("team_id", _ID, primary_key=True),
    Column("user_id", _ID, primary_key=True),
    Column("request_digest", _ID, primary_key=True),
    Column("enterprise_id", _ID),
    Column("request", Text, nullable=False),
    Column("helpful", Boolean, nullable=False),
    Column("said_at", Double, nullable=False),
)

oauth_states = Table(
    "oauth_states",
    METADATA,
    Column("state", _ID, primary_key=True),
    Column("expires_at", Double, nullable=False),
)


def _with_room(table: Table) -> Table:
    """Slack's table with room for what is encrypted: 150 characters become 292, and its columns hold 200."""
    for name in SECRETS:
        if name in table.c:
            table.c[name].type = Text()
    return table


bots = _with_room(AsyncSQLAlchemyInstallationStore.build_bots_table(METADATA, "slack_bots"))
installations = _with_room(
    AsyncSQLAlchemyInstallationStore.build_installations_table(METADATA, "slack_installations")
)
