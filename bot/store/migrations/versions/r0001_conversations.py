"""The tables of conversations and installations.

SQLite files of before revisions have them already, and keep them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _id() -> sa.String:
    return sa.String(64)


def upgrade() -> None:
    _make(
        "workspaces", sa.Column("id", _id(), primary_key=True), sa.Column("forgotten_at", sa.Double)
    )
    _make(
        "threads",
        sa.Column("team_id", _id(), primary_key=True),
        sa.Column("channel_id", _id(), primary_key=True),
        sa.Column("thread_ts", _id(), primary_key=True),
        sa.Column("enterprise_id", _id()),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("asked_at", sa.Double, nullable=False),
    )
    _index("threads_by_use", "threads", ["team_id", "asked_at"])
    _make(
        "events",
        sa.Column("event_id", _id(), primary_key=True),
        sa.Column("team_id", _id()),
        sa.Column("enterprise_id", _id()),
        sa.Column("claimed_at", sa.Double, nullable=False),
        sa.Column("finished", sa.Boolean, nullable=False),
    )
    _make(
        "feedback",
        sa.Column("team_id", _id(), primary_key=True),
        sa.Column("user_id", _id(), primary_key=True),
        sa.Column("request_digest", _id(), primary_key=True),
        sa.Column("enterprise_id", _id()),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("said_at", sa.Double, nullable=False),
    )
    _make(
        "oauth_states",
        sa.Column("state", _id(), primary_key=True),
        sa.Column("expires_at", sa.Double, nullable=False),
    )
    _make_slack_bots()
    _make_slack_installations()


def _make_slack_bots() -> None:
    _make(
        "slack_bots",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("client_id", sa.String(32), nullable=False),
        sa.Column("app_id", sa.String(32), nullable=False),
        sa.Column("enterprise_id", sa.String(32)),
        sa.Column("enterprise_name", sa.String(200)),
        sa.Column("team_id", sa.String(32)),
        sa.Column("team_name", sa.String(200)),
        sa.Column("bot_token", sa.Text),
        sa.Column("bot_id", sa.String(32)),
        sa.Column("bot_user_id", sa.String(32)),
        sa.Column("bot_scopes", sa.String(1000)),
        sa.Column("bot_refresh_token", sa.Text),
        sa.Column("bot_token_expires_at", sa.DateTime),
        sa.Column("is_enterprise_install", sa.Boolean, nullable=False),
        sa.Column("installed_at", sa.DateTime, nullable=False),
    )
    _index(
        "slack_bots_idx", "slack_bots", ["client_id", "enterprise_id", "team_id", "installed_at"]
    )


def _make_slack_installations() -> None:
    _make(
        "slack_installations",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("client_id", sa.String(32), nullable=False),
        sa.Column("app_id", sa.String(32), nullable=False),
        sa.Column("enterprise_id", sa.String(32)),
        sa.Column("enterprise_name", sa.String(200)),
        sa.Column("enterprise_url", sa.String(200)),
        sa.Column("team_id", sa.String(32)),
        sa.Column("team_name", sa.String(200)),
        sa.Column("bot_token", sa.Text),
        sa.Column("bot_id", sa.String(32)),
        sa.Column("bot_user_id", sa.String(32)),
        sa.Column("bot_scopes", sa.String(1000)),
        sa.Column("bot_refresh_token", sa.Text),
        sa.Column("bot_token_expires_at", sa.DateTime),
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("user_token", sa.Text),
        sa.Column("user_scopes", sa.String(1000)),
        sa.Column("user_refresh_token", sa.Text),
        sa.Column("user_token_expires_at", sa.DateTime),
        sa.Column("incoming_webhook_url", sa.Text),
        sa.Column("incoming_webhook_channel", sa.String(200)),
        sa.Column("incoming_webhook_channel_id", sa.String(200)),
        sa.Column("incoming_webhook_configuration_url", sa.String(200)),
        sa.Column("is_enterprise_install", sa.Boolean, nullable=False),
        sa.Column("token_type", sa.String(32)),
        sa.Column("installed_at", sa.DateTime, nullable=False),
    )
    _index(
        "slack_installations_idx",
        "slack_installations",
        ["client_id", "enterprise_id", "team_id", "user_id", "installed_at"],
    )


def _make(name: str, *columns: SchemaItem) -> None:
    op.create_table(name, *columns, if_not_exists=_may_exist())


def _index(name: str, table: str, columns: list[str]) -> None:
    op.create_index(name, table, columns, if_not_exists=_may_exist())


def _may_exist() -> bool:
    """Only SQLite was there before revisions; a table on a server is another program's."""
    return op.get_bind().dialect.name == "sqlite"
