"""The Web API methods that the fake knows: who may call each, with what scope and arguments."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from tests.fake_slack import accounts, messages, surfaces
from tests.fake_slack.messages import invalid
from tests.fake_slack.records import Call, RefusalError, Workspace
from tests.fake_slack.shapes import Fault, Object
from tests.fake_slack.state import State

Run = Callable[[State, list[Workspace], Object], Object]


@dataclass(frozen=True)
class Method:
    """How a method is called."""

    run: Run
    scope: str | None = None
    required: tuple[str, ...] = ()
    caller: Literal["bot", "app", "anyone"] = "bot"
    is_for_steps: bool = False


CHAT = "chat:write"
ASSISTANT = "assistant:write"
FILES = "files:write"
METHODS: Mapping[str, Method] = {
    "agents.sessions.setStatus": Method(surfaces.set_session, CHAT, ("channel_id", "status")),
    "api.test": Method(accounts.api_test, caller="anyone"),
    "apps.connections.open": Method(accounts.open_connection, caller="app"),
    "assistant.threads.setStatus": Method(
        surfaces.set_in_thread, ASSISTANT, ("channel_id", "thread_ts", "status")
    ),
    "assistant.threads.setSuggestedPrompts": Method(
        surfaces.set_prompts, ASSISTANT, ("channel_id", "prompts")
    ),
    "assistant.threads.setTitle": Method(
        surfaces.set_in_thread, ASSISTANT, ("channel_id", "thread_ts", "title")
    ),
    "auth.revoke": Method(accounts.auth_revoke),
    "auth.test": Method(accounts.auth_test),
    "blocks.validate": Method(surfaces.validate, caller="anyone"),
    "chat.delete": Method(messages.delete, CHAT, ("channel", "ts"), is_for_steps=True),
    "chat.postEphemeral": Method(
        messages.post_ephemeral, CHAT, ("channel", "user"), is_for_steps=True
    ),
    "chat.postMessage": Method(messages.post_message, CHAT, ("channel",), is_for_steps=True),
    "chat.update": Method(messages.update, CHAT, ("channel", "ts"), is_for_steps=True),
    "files.completeUploadExternal": Method(accounts.share_files, FILES, ("files",)),
    "files.getUploadURLExternal": Method(accounts.upload_address, FILES, ("filename", "length")),
    "functions.completeError": Method(
        surfaces.complete, None, ("function_execution_id", "error"), is_for_steps=True
    ),
    "functions.completeSuccess": Method(
        surfaces.complete, None, ("function_execution_id", "outputs"), is_for_steps=True
    ),
    "oauth.v2.access": Method(accounts.oauth_access, caller="anyone"),
    "views.open": Method(surfaces.open_view, None, ("trigger_id", "view")),
    "views.publish": Method(surfaces.publish_view, None, ("user_id", "view")),
    "views.push": Method(surfaces.open_view, None, ("trigger_id", "view")),
    "views.update": Method(surfaces.update_view, None, ("view",)),
}


def needed_scope(method: str) -> str | None:
    """The bot scope that a method needs, None if none; a KeyError if the fake does not know it."""
    return METHODS[method].scope


def perform(state: State, call: Call) -> Object:
    """Do what a call asks for, or refuse it as Slack would."""
    method = METHODS.get(call.method)
    if method is None:
        raise RefusalError("unknown_method")
    teams = callers(state, method, call.token)
    if method.scope and method.scope not in teams[0].scopes:
        provided = ",".join(teams[0].scopes)
        raise RefusalError("missing_scope", needed=method.scope, provided=provided)
    missing = [
        Fault(f"/{name}", f"missing required field: {name}")
        for name in method.required
        if call.params.get(name) is None
    ]
    if missing:
        raise invalid("invalid_arguments", missing)
    return method.run(state, teams, call.params)


def callers(state: State, method: Method, token: str | None) -> list[Workspace]:
    """The teams for which a call speaks, if its token is good for the method."""
    if method.caller == "anyone":
        return []
    if not token:
        raise RefusalError("not_authed")
    if token in state.revoked_tokens:
        raise RefusalError("token_revoked")
    if method.caller == "app" or token.startswith("xapp-"):
        return app_itself(state, method, token)
    steps = [each for each in state.executions.values() if each.token == token]
    if steps and not method.is_for_steps:
        raise RefusalError("not_allowed_token_type")
    teams = [state.workspaces[step.team] for step in steps] or state.workspaces_of(token)
    if not teams:
        raise RefusalError("invalid_auth")
    return teams


def app_itself(state: State, method: Method, token: str) -> list[Workspace]:
    """The app's own token opens Socket Mode connections and does nothing else."""
    if method.caller != "app" or not token.startswith("xapp-"):
        raise RefusalError("not_allowed_token_type")
    if token != state.app_token:
        raise RefusalError("invalid_auth")
    return []
