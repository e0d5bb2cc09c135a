"""Messages: what Slack refuses of them, and the methods and addresses by which they come."""

import re

from tests.fake_slack import limits
from tests.fake_slack.blocks import message_faults, text_length
from tests.fake_slack.records import Channel, Post, RefusalError, ResponseUrl, Workspace
from tests.fake_slack.shapes import Fault, Json, Object
from tests.fake_slack.state import State

TS = re.compile(r"\d{10}\.\d{6}")
UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def invalid(error: str, faults: list[Fault], root: str = "") -> RefusalError:
    """A refusal that says what is wrong and where, as Slack words it."""
    errors = [f"{fault.message} [json-pointer:{root}{fault.pointer}]" for fault in faults]
    return RefusalError(
        error,
        errors=errors,
        response_metadata={"messages": [f"[ERROR] {each}" for each in errors]},
    )


def check_message(state: State, params: Object) -> None:
    """Refuse a message that Slack would refuse."""
    text, blocks = params.get("text"), params.get("blocks")
    if not (text or blocks or params.get("attachments")):
        raise RefusalError("no_text")
    if text is not None and not isinstance(text, str):
        raise invalid("invalid_arguments", [Fault("/text", "must provide a string")])
    if len(text or "") > limits.MESSAGE_TEXT_MAX_LENGTH:
        raise RefusalError("msg_too_long")
    faults = [*message_faults(params), *state.script.block_faults(blocks)]
    if faults:
        raise invalid("invalid_blocks", faults)
    if text_length(blocks) > limits.MESSAGE_BLOCKS_TEXT_MAX_LENGTH:
        raise RefusalError("msg_blocks_too_long")
    check_metadata(params.get("metadata"))


def check_metadata(metadata: Json) -> None:
    """Refuse metadata of the wrong form or size."""
    if metadata is None:
        return
    if not (
        isinstance(metadata, dict)
        and metadata.keys() == {"event_type", "event_payload"}
        and isinstance(metadata["event_type"], str)
        and isinstance(metadata["event_payload"], dict)
    ):
        raise RefusalError("invalid_metadata_format")
    if len(str(metadata).encode()) > limits.MESSAGE_METADATA_MAX_BYTES:
        raise RefusalError("metadata_too_large")


def checked_thread(params: Object) -> str | None:
    """The thread of a post, if it names one that could be."""
    thread = params.get("thread_ts")
    if thread is not None and not (isinstance(thread, str) and TS.fullmatch(thread)):
        raise RefusalError("invalid_thread_ts")
    return thread


def check_client_msg_id(params: Object) -> None:
    """A message may bring the sender's own id of it, a UUID. Nothing is promised of a second one: it is posted too."""
    said = params.get("client_msg_id")
    if said is not None and not (isinstance(said, str) and UUID_FORM.fullmatch(said)):
        raise invalid("invalid_arguments", [Fault("/client_msg_id", "must be a UUID")])


def must_be_member(channel: Channel) -> None:
    """A bot posts only where it was invited."""
    if not channel.bot_is_member:
        raise RefusalError("not_in_channel")


def shown(state: State, teams: list[Workspace], post: Post) -> Object:
    """A message as Slack shows it to others."""
    author = next(team for team in teams if team.team_id == post.team)
    message: Object = {
        "type": "message",
        "user": author.bot_user_id,
        "bot_id": author.bot_id,
        "app_id": state.app_id,
        "team": post.team,
        "ts": post.ts,
        "text": post.text,
        "blocks": post.blocks,
    }
    return message | ({"thread_ts": post.thread_ts} if post.thread_ts else {})


def posted(state: State, channel: Channel, params: Object, via: str, **more: Json) -> Post:
    """Remember a message as one that came by a method."""
    return state.add_post(
        Post(
            team=channel.team_id,
            channel=channel.id,
            ts=more.pop("ts", None) or state.new_ts(),
            text=params.get("text") or "",
            blocks=params.get("blocks") or [],
            via=via,
            params=params,
            at=state.clock(),
            **more,
        )
    )


def post_message(state: State, teams: list[Workspace], params: Object) -> Object:
    """chat.postMessage"""
    channel = state.conversation(teams, params["channel"])
    must_be_member(channel)
    thread = checked_thread(params)
    check_client_msg_id(params)
    check_message(state, params)
    post = posted(state, channel, params, "chat.postMessage", thread_ts=thread)
    return {"channel": post.channel, "ts": post.ts, "message": shown(state, teams, post)}


def post_ephemeral(state: State, teams: list[Workspace], params: Object) -> Object:
    """chat.postEphemeral"""
    channel = state.conversation(teams, params["channel"])
    must_be_member(channel)
    user = params["user"]
    if (channel.team_id, user) not in state.users:
        raise RefusalError("user_not_in_channel")
    thread = checked_thread(params)
    check_message(state, params)
    post = posted(state, channel, params, "chat.postEphemeral", thread_ts=thread, ephemeral_to=user)
    return {"message_ts": post.ts}


def own_post(state: State, teams: list[Workspace], params: Object) -> tuple[Channel, Post]:
    """The message that a call wants to change, which is the bot's and not ephemeral."""
    channel = state.conversation(teams, params["channel"])
    before = state.post(channel.id, str(params["ts"]))
    if before is None or before.ephemeral_to:
        raise RefusalError("message_not_found")
    return channel, before


def update(state: State, teams: list[Workspace], params: Object) -> Object:
    """chat.update"""
    channel, before = own_post(state, teams, params)
    check_message(state, params)
    post = posted(state, channel, params, "chat.update", ts=before.ts, thread_ts=before.thread_ts)
    return {
        "channel": post.channel,
        "ts": post.ts,
        "text": post.text,
        "message": shown(state, teams, post),
    }


def delete(state: State, teams: list[Workspace], params: Object) -> Object:
    """chat.delete"""
    channel, before = own_post(state, teams, params)
    before.is_deleted = True
    return {"channel": channel.id, "ts": before.ts}


# What a message to a response URL may say; anything else is a misspelling.
RESPONSE_KEYS = frozenset(
    "text blocks attachments response_type replace_original delete_original unfurl_links"
    " unfurl_media thread_ts metadata mrkdwn link_names parse".split()
)


def use_response_url(state: State, address: ResponseUrl) -> None:
    """Count a post to a response URL, well made or not, while any are left."""
    age = state.clock() - address.minted_at
    if address.is_expired or age > limits.RESPONSE_URL_SECONDS:
        raise RefusalError("expired_url", status=404)
    if address.uses >= limits.RESPONSE_URL_USES:
        raise RefusalError("used_url", status=404)
    address.uses += 1


def respond(state: State, address: ResponseUrl, params: Json, via: str = "response_url") -> Post:
    """A message to a response URL, ephemeral unless it says otherwise."""
    if not isinstance(params, dict) or params.keys() - RESPONSE_KEYS:
        raise RefusalError("invalid_payload", status=400)
    kind = params.get("response_type", "ephemeral")
    if kind not in ("ephemeral", "in_channel"):
        raise RefusalError("invalid_payload", status=400)
    if not params.get("delete_original"):
        check_message(state, params)
    return posted(
        state,
        Channel(address.channel, address.team),
        params,
        via,
        thread_ts=checked_thread(params),
        ephemeral_to=address.user if kind == "ephemeral" else None,
        response_type=kind,
        replace_original=bool(params.get("replace_original")),
        delete_original=bool(params.get("delete_original")),
        response_url=address.url,
    )
