"""The payloads that Slack sends, as Slack makes them."""

import secrets
from dataclasses import dataclass

from tests.fake_slack.forms import with_ids
from tests.fake_slack.messages import shown
from tests.fake_slack.records import Post, ViewRecord, Workspace
from tests.fake_slack.shapes import Json, Object
from tests.fake_slack.state import State
from tests.fake_slack.surfaces import as_answer

VERIFICATION_TOKEN = "verification-token"


@dataclass(frozen=True)
class Actor:
    """Who does something, and where."""

    user: str
    team: str
    channel: str
    enterprise: str | None = None

    @property
    def dm(self) -> str:
        return f"D{self.user}"

    def enterprise_object(self) -> Object | None:
        return {"id": self.enterprise, "name": "Org"} if self.enterprise else None


def channel_name(channel: str) -> str:
    """What Slack calls a conversation in payloads."""
    return "directmessage" if channel.startswith("D") else f"channel-{channel.lower()}"


def org_install(state: State, actor: Actor) -> bool:
    """Whether the app came to the actor's team by its organisation."""
    workspace = state.workspaces.get(actor.team)
    return workspace is not None and workspace.is_enterprise_install


def slash_command(
    state: State, actor: Actor, command: str, text: str, *, trigger: str, response_url: str
) -> Object:
    """A slash command, whose fields are all strings."""
    org = {"enterprise_id": actor.enterprise, "enterprise_name": "Org"} if actor.enterprise else {}
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": actor.team,
        "team_domain": actor.team.lower(),
        **org,
        "channel_id": actor.channel,
        "channel_name": channel_name(actor.channel),
        "user_id": actor.user,
        "user_name": actor.user.lower(),
        "command": command,
        "text": text,
        "api_app_id": state.app_id,
        "is_enterprise_install": str(org_install(state, actor)).lower(),
        "response_url": response_url,
        "trigger_id": trigger,
    }


def interaction(state: State, actor: Actor, kind: str) -> Object:
    """What all interactions share."""
    return {
        "type": kind,
        "token": VERIFICATION_TOKEN,
        "team": {"id": actor.team, "domain": actor.team.lower()},
        "user": {
            "id": actor.user,
            "username": actor.user.lower(),
            "name": actor.user.lower(),
            "team_id": actor.team,
        },
        "enterprise": actor.enterprise_object(),
        "is_enterprise_install": org_install(state, actor),
    }


def shortcut(state: State, actor: Actor, callback_id: str, *, trigger: str, ts: str) -> Object:
    """A global shortcut, which knows no channel."""
    return interaction(state, actor, "shortcut") | {
        "callback_id": callback_id,
        "trigger_id": trigger,
        "action_ts": ts,
    }


def message_shortcut(
    state: State,
    actor: Actor,
    callback_id: str,
    message: Object,
    *,
    trigger: str,
    response_url: str,
    ts: str,
) -> Object:
    """A shortcut on a message."""
    return interaction(state, actor, "message_action") | {
        "callback_id": callback_id,
        "trigger_id": trigger,
        "response_url": response_url,
        "action_ts": ts,
        "message_ts": message["ts"],
        "channel": {"id": actor.channel, "name": channel_name(actor.channel)},
        "message": message,
    }


def action_in_message(
    state: State, actor: Actor, post: Post, actions: list[Object], held: Object
) -> Object:
    """A press in a message. Of an ephemeral one Slack tells the place but not what it says."""
    container = {
        "type": "message",
        "message_ts": post.ts,
        "channel_id": post.channel,
        "is_ephemeral": post.ephemeral_to is not None,
    }
    payload = interaction(state, actor, "block_actions") | {
        "api_app_id": state.app_id,
        "container": container | ({"thread_ts": post.thread_ts} if post.thread_ts else {}),
        "channel": {"id": post.channel, "name": channel_name(post.channel)},
        "state": held,
        "actions": actions,
    }
    if post.ephemeral_to is None:
        message = shown(state, [state.workspaces[post.team]], post)
        payload["message"] = message | {"blocks": with_ids(post.blocks)}
    return payload


def view_object(state: State, record: ViewRecord, held: Object) -> Object:
    """A view as it stands before a person, with what is filled in."""
    return as_answer(state, record) | {"blocks": with_ids(record.blocks), "state": held}


def action_in_view(
    state: State, actor: Actor, record: ViewRecord, actions: list[Object], held: Object
) -> Object:
    """A press in a modal or Home tab, which has no channel and no response URL."""
    return interaction(state, actor, "block_actions") | {
        "api_app_id": state.app_id,
        "container": {"type": "view", "view_id": record.id},
        "view": view_object(state, record, held),
        "actions": actions,
    }


def view_submission(state: State, actor: Actor, record: ViewRecord, held: Object) -> Object:
    """A form that is sent off."""
    return interaction(state, actor, "view_submission") | {
        "api_app_id": state.app_id,
        "view": view_object(state, record, held),
        "response_urls": [],
    }


def view_closed(state: State, actor: Actor, record: ViewRecord, held: Object) -> Object:
    """A form that is closed unsent."""
    return interaction(state, actor, "view_closed") | {
        "api_app_id": state.app_id,
        "view": view_object(state, record, held),
        "is_cleared": False,
    }


def event_callback(
    state: State, actor: Actor, event: Object, *, event_id: str | None, at: int
) -> Object:
    """An event in the envelope that all events come in."""
    workspace = state.workspaces.get(actor.team) or Workspace(actor.team)
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": actor.team,
        "context_team_id": actor.team,
        "context_enterprise_id": actor.enterprise,
        "enterprise_id": actor.enterprise,
        "api_app_id": state.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id or f"Ev{secrets.token_hex(5).upper()}",
        "event_time": at,
        "authorizations": [
            {
                "enterprise_id": actor.enterprise,
                "team_id": None if workspace.is_enterprise_install else actor.team,
                "user_id": workspace.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": workspace.is_enterprise_install,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{secrets.token_hex(12)}",
    }


def written(actor: Actor, text: str, ts: str, **more: Json) -> Object:
    """A message that a person wrote."""
    line = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    rich = {"type": "rich_text", "block_id": "written", "elements": [line]}
    said = {name: value for name, value in more.items() if value is not None}
    return {
        "type": "message",
        "user": actor.user,
        "ts": ts,
        "client_msg_id": f"{secrets.token_hex(4)}-{secrets.token_hex(6)}",
        "text": text,
        "team": actor.team,
        "blocks": [rich] if text else [],
    } | said


def step(state: State, callback_id: str, inputs: Object, execution_id: str, ts: str) -> Object:
    """A workflow step that the app is to do, with a token for it."""
    function = {
        "id": "Fn1",
        "callback_id": callback_id,
        "title": callback_id,
        "description": "",
        "type": "app",
        "input_parameters": [
            {"type": "string", "name": name, "title": name, "is_required": False} for name in inputs
        ],
        "output_parameters": [],
        "app_id": state.app_id,
        "date_created": 1_700_000_000,
        "date_updated": 1_700_000_000,
        "date_deleted": 0,
        "form_enabled": False,
    }
    return {
        "type": "function_executed",
        "function": function,
        "inputs": inputs,
        "function_execution_id": execution_id,
        "workflow_execution_id": f"Wx{execution_id[2:]}",
        "event_ts": ts,
        "bot_access_token": state.executions[execution_id].token,
    }
