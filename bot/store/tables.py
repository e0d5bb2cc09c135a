"""The tables of the store, in one `MetaData`, so that a migration tool finds all of them in one place.

Times are seconds since 1970 in UTC. Slack's two tables of installations keep the shape that slack_sdk
reads and writes, times included; only the columns that hold something encrypted are wider.
"""

from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

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


# What each source last said: `content` is its last good page, compressed, to read again when it answers "not modified".
sources = Table(
    "sources",
    METADATA,
    Column("source", _ID, primary_key=True),
    Column("url", Text, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("content", LargeBinary),
    Column("content_sha256", _ID),
    Column("answered_at", Double),
    Column("failing_since", Double),
)

# One row for each time that a source was asked.
source_fetches = Table(
    "source_fetches",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", _ID, nullable=False),
    Column("fetched_at", Double, nullable=False),
    Column("outcome", _ID, nullable=False),
    Column("fault_code", _ID),
    Column("fault_text", Text),
    Column("content_sha256", _ID),
    Index("source_fetches_by_time", "source", "fetched_at"),
)

# How often something that several replicas keep a copy of has changed. Its writers take turns at its row.
revisions = Table(
    "revisions",
    METADATA,
    Column("name", _ID, primary_key=True),
    Column("number", Integer, nullable=False),
)

# Every claim of a source that differs from the cards, and what became of it. Rows are never deleted: a card that an
# answer named can always be found again.
observations = Table(
    "observations",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("fingerprint", _ID, nullable=False),
    Column("path", _ID, nullable=False),
    Column("item", _ID, nullable=False),
    Column("window_tokens", Integer),
    Column("effective_from", String(10), nullable=False),
    Column("card", Text),
    Column("card_before", Text),
    Column("status", _ID, nullable=False),
    Column("hold", _ID),
    Column("reason", Text, nullable=False),
    Column("source", _ID, nullable=False),
    Column("quote", Text, nullable=False),
    Column("content_sha256", _ID),
    Column("observed_at", Double, nullable=False),
    Column("notified_at", Double),
    Column("decided_at", Double),
    Column("decided_by", String(200)),
    Column("decided_why", Text),
    Index("observations_by_status", "status"),
    Index("observations_by_claim", "fingerprint"),
)

# The last day on which an official source still showed the card in force of a key; a key without a window has window 0.
confirmations = Table(
    "confirmations",
    METADATA,
    Column("path", _ID, primary_key=True),
    Column("item", _ID, primary_key=True),
    Column("window_tokens", Integer, primary_key=True),
    Column("verified_on", String(10), nullable=False),
)

# Work that recurs, such as checking the sources: who has it now, and when it is due again.
jobs = Table(
    "jobs",
    METADATA,
    Column("name", _ID, primary_key=True),
    Column("due_at", Double, nullable=False),
    Column("lease", _ID),
    Column("leased_until", Double),
)

subscriptions = Table(
    "subscriptions",
    METADATA,
    Column("team_id", _ID, primary_key=True),
    Column("channel_id", _ID, primary_key=True),
    Column("enterprise_id", _ID),
    Column("subscribed_by", _ID, nullable=False),
    Column("subscribed_at", Double, nullable=False),
    Column("schedule", Text, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("lease", _ID),
    Column("leased_until", Double),
    Column("snapshot", _ID, nullable=False),
    Column("announced_at", Double, nullable=False),
    Column("failure_told", Double),
    Index("subscriptions_by_due", "due_at"),
)

# The rates that a channel was told last; many channels share one. `used_at` is when one was last told it.
snapshots = Table(
    "snapshots",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("content", Text, nullable=False),
    Column("used_at", Double, nullable=False),
)

scenarios = Table(
    "scenarios",
    METADATA,
    Column("team_id", _ID, primary_key=True),
    Column("channel_id", _ID, primary_key=True),
    Column("name", _ID, primary_key=True),
    Column("enterprise_id", _ID),
    Column("request", Text, nullable=False),
    Column("saved_by", _ID, nullable=False),
    Column("saved_at", Double, nullable=False),
)

# Messages that are decided and not yet posted. `id` is the key under which each is posted, so that it is known again.
outbox = Table(
    "outbox",
    METADATA,
    Column("id", String(255), primary_key=True),
    Column("team_id", _ID, nullable=False),
    Column("enterprise_id", _ID),
    Column("channel_id", _ID, nullable=False),
    Column("message", Text, nullable=False),
    Column("written_at", Double, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease", _ID),
    Column("leased_until", Double),
    Column("posted_at", Double),
    Column("posted_ts", _ID),
    Column("given_up_at", Double),
    Column("fault", Text),
    Index("outbox_by_due", "due_at"),
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
