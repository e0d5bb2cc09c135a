"""What the fake remembers: calls, posts, views, and the things that it hands out."""

from dataclasses import dataclass, field

from tests.fake_slack.shapes import Object

BOT_SCOPES = ("commands", "chat:write", "app_mentions:read", "im:history", "assistant:write")


class RefusalError(Exception):
    """Slack says no: the error code and what stands beside it in the answer."""

    def __init__(self, error: str, *, status: int = 200, **details: object) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.details = details


@dataclass
class Workspace:
    """A team where the app is installed, with its bot."""

    team_id: str = "T1"
    bot_token: str = "xoxb-1"
    bot_user_id: str = "UBOT"
    bot_id: str = "BBOT"
    scopes: tuple[str, ...] = BOT_SCOPES
    enterprise_id: str | None = None
    is_enterprise_install: bool = False

    @property
    def domain(self) -> str:
        return self.team_id.lower()


@dataclass
class Channel:
    """A conversation: whose, and whether the bot was invited."""

    id: str
    team_id: str
    bot_is_member: bool = True


@dataclass
class Call:
    """One call of the Web API, refused ones with the error given."""

    method: str
    token: str | None
    params: Object
    at: float
    error: str | None = None
    is_answered: bool = False


@dataclass
class Post:
    """One message that was accepted, however it came."""

    team: str
    channel: str
    ts: str
    text: str
    blocks: list[Object]
    via: str
    params: Object
    at: float
    thread_ts: str | None = None
    ephemeral_to: str | None = None
    response_type: str | None = None
    replace_original: bool = False
    delete_original: bool = False
    response_url: str | None = None
    is_deleted: bool = False


@dataclass
class ViewRecord:
    """A modal or a Home tab as it stands, and where it came from."""

    id: str
    team: str
    view: Object
    hash: str
    user: str | None = None
    trigger_id: str | None = None
    root_view_id: str | None = None
    previous_view_id: str | None = None
    earlier: list[Object] = field(default_factory=list)

    @property
    def blocks(self) -> list[Object]:
        blocks: list[Object] = self.view["blocks"]
        return blocks


@dataclass
class Trigger:
    """Leave to open a modal, for a moment and once."""

    id: str
    user: str
    team: str
    minted_at: float
    is_used: bool = False
    is_expired: bool = False


@dataclass
class ResponseUrl:
    """Leave to answer in a conversation, five times within half an hour."""

    url: str
    team: str
    channel: str
    user: str
    minted_at: float
    uses: int = 0
    is_expired: bool = False


@dataclass
class FunctionExecution:
    """A workflow step that waits for the app, with a token of its own."""

    id: str
    token: str
    team: str
    outputs: Object | None = None
    error: str | None = None

    @property
    def is_done(self) -> bool:
        return self.outputs is not None or self.error is not None


@dataclass
class File:
    """An upload: announced, then sent, then shared."""

    id: str
    team: str
    name: str
    length: int
    upload_url: str
    content: bytes | None = None
    title: str | None = None
    channel: str | None = None
    thread_ts: str | None = None
    comment: str | None = None


@dataclass
class Installable:
    """What an OAuth code buys, once."""

    workspace: Workspace
    user: str
    is_used: bool = False
