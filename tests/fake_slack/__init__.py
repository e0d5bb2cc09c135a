"""A strict Slack for tests: a server that refuses what Slack would refuse, and people who use the app.

async with FakeSlack() as slack:
    slack.add_workspace()
    slack.add_channel("C1")
    person = Person(HttpTransport(app_url, SIGNING_SECRET), slack)
    await person.command("kimi-k2p6 turns=20")
    post = await slack.wait_for(lambda: slack.posts and slack.posts[-1])
    await person.press(post, "share")
"""

from tests.fake_slack.blocks import block_faults, message_faults, view_faults
from tests.fake_slack.driver import Person
from tests.fake_slack.forms import CannotDoError
from tests.fake_slack.methods import METHODS, needed_scope
from tests.fake_slack.records import (
    BOT_SCOPES,
    Call,
    File,
    FunctionExecution,
    Post,
    ViewRecord,
    Workspace,
)
from tests.fake_slack.server import APP_TOKEN, CLIENT_ID, CLIENT_SECRET, FakeSlack
from tests.fake_slack.shapes import Fault
from tests.fake_slack.shared import shared_faults
from tests.fake_slack.transports import Ack, HttpTransport, Retry, SocketTransport, Transport

__all__ = [
    "APP_TOKEN",
    "BOT_SCOPES",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "METHODS",
    "Ack",
    "Call",
    "CannotDoError",
    "FakeSlack",
    "Fault",
    "File",
    "FunctionExecution",
    "HttpTransport",
    "Person",
    "Post",
    "Retry",
    "SocketTransport",
    "Transport",
    "ViewRecord",
    "Workspace",
    "block_faults",
    "message_faults",
    "needed_scope",
    "shared_faults",
    "view_faults",
]
