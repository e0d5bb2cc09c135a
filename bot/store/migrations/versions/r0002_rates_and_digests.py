"""The tables of sources, observed rates, and the digests of channels."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _id() -> sa.String:
    return sa.String(64)


def upgrade() -> None:
    _make_rates()
    _make_digests()


def _make_rates() -> None:
    op.create_table(
        "sources",
        sa.Column("source", _id(), primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("content", sa.LargeBinary),
        sa.Column("content_sha256", _id()),
        sa.Column("answered_at", sa.Double),
        sa.Column("failing_since", sa.Double),
    )
    op.create_table(
        "source_fetches",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("source", _id(), nullable=False),
        sa.Column("fetched_at", sa.Double, nullable=False),
        sa.Column("outcome", _id(), nullable=False),
        sa.Column("fault_code", _id()),
        sa.Column("fault_text", sa.Text),
        sa.Column("content_sha256", _id()),
    )
    op.create_index("source_fetches_by_time", "source_fetches", ["source", "fetched_at"])
    op.create_table(
        "revisions",
        sa.Column("name", _id(), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
    )
    op.create_table(
        "observations",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("fingerprint", _id(), nullable=False),
        sa.Column("path", _id(), nullable=False),
        sa.Column("item", _id(), nullable=False),
        sa.Column("window_tokens", sa.Integer),
        sa.Column("effective_from", sa.String(10), nullable=False),
        sa.Column("card", sa.Text),
        sa.Column("card_before", sa.Text),
        sa.Column("status", _id(), nullable=False),
        sa.Column("hold", _id()),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("source", _id(), nullable=False),
        sa.Column("quote", sa.Text, nullable=False),
        sa.Column("content_sha256", _id()),
        sa.Column("observed_at", sa.Double, nullable=False),
        sa.Column("notified_at", sa.Double),
        sa.Column("decided_at", sa.Double),
        sa.Column("decided_by", sa.String(200)),
        sa.Column("decided_why", sa.Text),
    )
    op.create_index("observations_by_status", "observations", ["status"])
    op.create_index("observations_by_claim", "observations", ["fingerprint"])
    op.create_table(
        "confirmations",
        sa.Column("path", _id(), primary_key=True),
        sa.Column("item", _id(), primary_key=True),
        sa.Column("window_tokens", sa.Integer, primary_key=True),
        sa.Column("verified_on", sa.String(10), nullable=False),
    )


def _make_digests() -> None:
    op.create_table(
        "jobs",
        sa.Column("name", _id(), primary_key=True),
        sa.Column("due_at", sa.Double, nullable=False),
        sa.Column("lease", _id()),
        sa.Column("leased_until", sa.Double),
    )
    op.create_table(
        "subscriptions",
        sa.Column("team_id", _id(), primary_key=True),
        sa.Column("channel_id", _id(), primary_key=True),
        sa.Column("enterprise_id", _id()),
        sa.Column("subscribed_by", _id(), nullable=False),
        sa.Column("subscribed_at", sa.Double, nullable=False),
        sa.Column("schedule", sa.Text, nullable=False),
        sa.Column("due_at", sa.Double, nullable=False),
        sa.Column("lease", _id()),
        sa.Column("leased_until", sa.Double),
        sa.Column("snapshot", _id(), nullable=False),
        sa.Column("announced_at", sa.Double, nullable=False),
        sa.Column("failure_told", sa.Double),
    )
    op.create_index("subscriptions_by_due", "subscriptions", ["due_at"])
    op.create_table(
        "snapshots",
        sa.Column("id", _id(), primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("used_at", sa.Double, nullable=False),
    )
    op.create_table(
        "scenarios",
        sa.Column("team_id", _id(), primary_key=True),
        sa.Column("channel_id", _id(), primary_key=True),
        sa.Column("name", _id(), primary_key=True),
        sa.Column("enterprise_id", _id()),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("saved_by", _id(), nullable=False),
        sa.Column("saved_at", sa.Double, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(255), primary_key=True),
        sa.Column("team_id", _id(), nullable=False),
        sa.Column("enterprise_id", _id()),
        sa.Column("channel_id", _id(), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("written_at", sa.Double, nullable=False),
        sa.Column("due_at", sa.Double, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease", _id()),
        sa.Column("leased_until", sa.Double),
        sa.Column("posted_at", sa.Double),
        sa.Column("posted_ts", _id()),
        sa.Column("given_up_at", sa.Double),
        sa.Column("fault", sa.Text),
    )
    op.create_index("outbox_by_due", "outbox", ["due_at"])
