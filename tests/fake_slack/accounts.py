"""Who calls: tokens, OAuth, Socket Mode's addresses; and files, which are a matter of addresses too."""

import secrets

from tests.fake_slack.messages import checked_thread, must_be_member
from tests.fake_slack.records import File, RefusalError, Workspace
from tests.fake_slack.shapes import Object
from tests.fake_slack.state import State


def auth_test(state: State, teams: list[Workspace], _params: Object) -> Object:
    """auth.test"""
    team = teams[0]
    answer: Object = {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.domain,
        "user": state.app_name,
        "team_id": team.team_id,
        "user_id": team.bot_user_id,
        "bot_id": team.bot_id,
        "is_enterprise_install": team.is_enterprise_install,
    }
    return answer | ({"enterprise_id": team.enterprise_id} if team.enterprise_id else {})


def auth_revoke(state: State, teams: list[Workspace], _params: Object) -> Object:
    """auth.revoke"""
    state.revoke(teams[0].team_id)
    return {"revoked": True}


def api_test(_state: State, _teams: list[Workspace], params: Object) -> Object:
    """api.test"""
    if params.get("error"):
        raise RefusalError(str(params["error"]))
    return {"args": params}


def oauth_access(state: State, _teams: list[Workspace], params: Object) -> Object:
    """oauth.v2.access: a code for a token, once."""
    if params.get("client_id") != state.client_id:
        raise RefusalError("invalid_client_id")
    if params.get("client_secret") != state.client_secret:
        raise RefusalError("bad_client_secret")
    bought = state.installables.get(str(params.get("code")))
    if bought is None or bought.is_used:
        raise RefusalError("invalid_code")
    bought.is_used = True
    team = bought.workspace
    state.workspaces[team.team_id] = team
    state.revoked_tokens.discard(team.bot_token)
    state.add_user(bought.user, team.team_id)
    enterprise = {"id": team.enterprise_id, "name": "Org"} if team.enterprise_id else None
    return {
        "app_id": state.app_id,
        "authed_user": {"id": bought.user},
        "scope": ",".join(team.scopes),
        "token_type": "bot",
        "access_token": team.bot_token,
        "bot_user_id": team.bot_user_id,
        "team": None if team.is_enterprise_install else {"id": team.team_id, "name": team.domain},
        "enterprise": enterprise,
        "is_enterprise_install": team.is_enterprise_install,
    }


def open_connection(state: State, _teams: list[Workspace], _params: Object) -> Object:
    """apps.connections.open: where the app connects, once per address."""
    ticket = secrets.token_hex(12)
    state.tickets.add(ticket)
    return {"url": f"{state.base_url.replace('http:', 'ws:')}/link?ticket={ticket}&app_id=1"}


def upload_address(state: State, teams: list[Workspace], params: Object) -> Object:
    """files.getUploadURLExternal"""
    file_id = f"F{state.number():08d}"
    url = f"{state.base_url}/upload/{file_id}"
    length = int(params["length"])
    if length < 1:
        raise RefusalError("invalid_arguments")
    state.files.append(File(file_id, teams[0].team_id, str(params["filename"]), length, url))
    return {"upload_url": url, "file_id": file_id}


def share_files(state: State, teams: list[Workspace], params: Object) -> Object:
    """files.completeUploadExternal"""
    thread = checked_thread(params)
    channel = None
    if params.get("channel_id"):
        channel = state.conversation(teams, params["channel_id"])
        must_be_member(channel)
    known = {file.id: file for file in state.files if file.content is not None}
    for entry in params["files"]:
        if entry["id"] not in known:
            raise RefusalError("file_not_found")
        file = known[entry["id"]]
        file.title, file.thread_ts = entry.get("title"), thread
        file.channel = channel.id if channel else None
        file.comment = params.get("initial_comment")
    state.note()
    return {"files": [{"id": each["id"], "title": each.get("title")} for each in params["files"]]}
