"""Modals, Home tabs, suggested prompts and workflow steps: the methods that fill them."""

from tests.fake_slack import limits
from tests.fake_slack.blocks import block_faults, message_faults, view_faults
from tests.fake_slack.messages import checked_thread, invalid
from tests.fake_slack.records import RefusalError, ViewRecord, Workspace
from tests.fake_slack.shapes import Fault, Json, Object, array, shape, text
from tests.fake_slack.state import State

PROMPTS = array(
    shape({"title": text(minimum=1), "message": text(minimum=1)}),
    limits.SUGGESTED_PROMPTS_MAX_ITEMS,
)
SESSION_STATUSES = ("processing", "active", "suspended", "closed")


def check_view(state: State, view: Json, kind: str) -> None:
    """Refuse a view that Slack would refuse; it says `invalid_arguments` where a message's blocks
    are `invalid_blocks`."""
    faults = view_faults(view)
    if isinstance(view, dict):
        faults += state.script.block_faults(view.get("blocks"))
        if view.get("type") != kind:
            faults.append(Fault("/type", f"must be {kind}"))
    if any(fault.message == "view_too_large" for fault in faults):
        raise RefusalError("view_too_large")
    if faults:
        raise invalid("invalid_arguments", faults, root="/view")
    state.accepted_views.append(view)


def new_hash(state: State) -> str:
    """A view's mark, another after each change."""
    return f"{1_700_000_000 + state.number()}.{state.number():08x}"


def as_answer(state: State, record: ViewRecord) -> Object:
    """A view as Slack gives it back, with all that it added."""
    empty: Object = {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "title": None,
        "submit": None,
        "close": None,
        "clear_on_close": False,
        "notify_on_close": False,
        "state": {"values": {}},
    }
    workspace = state.workspaces[record.team]
    return {
        **empty,
        **record.view,
        "id": record.id,
        "team_id": record.team,
        "hash": record.hash,
        "root_view_id": record.root_view_id or record.id,
        "previous_view_id": record.previous_view_id,
        "app_id": state.app_id,
        "app_installed_team_id": record.team,
        "bot_id": workspace.bot_id,
    }


def add_view(
    state: State, team: str, view: Object, user: str | None, under: ViewRecord | None = None
) -> ViewRecord:
    """Remember a modal that was opened, or pushed on another."""
    external = view.get("external_id")
    if external and any(each.view.get("external_id") == external for each in state.views):
        raise RefusalError("duplicate_external_id")
    record = ViewRecord(
        id=f"V{state.number():08d}", team=team, view=view, hash=new_hash(state), user=user
    )
    if under:
        record.root_view_id, record.previous_view_id = under.root_view_id or under.id, under.id
    state.views.append(record)
    state.note()
    return record


def change_view(state: State, record: ViewRecord, view: Object) -> None:
    """Show another view in the place of one."""
    record.earlier.append(record.view)
    record.view, record.hash = view, new_hash(state)
    state.note()


def open_view(state: State, teams: list[Workspace], params: Object) -> Object:
    """views.open and views.push"""
    trigger = state.use_trigger(params["trigger_id"])
    if trigger.team not in {team.team_id for team in teams}:
        raise RefusalError("invalid_trigger_id")
    check_view(state, params["view"], "modal")
    record = add_view(state, trigger.team, params["view"], trigger.user)
    record.trigger_id = trigger.id
    return {"view": as_answer(state, record)}


def update_view(state: State, teams: list[Workspace], params: Object) -> Object:
    """views.update"""
    wanted = (params.get("view_id"), params.get("external_id"))
    if wanted == (None, None):
        raise invalid("invalid_arguments", [Fault("/view_id", "view_id or external_id is needed")])
    mine = {team.team_id for team in teams}
    found = [
        each
        for each in state.views
        if each.team in mine and (each.id == wanted[0] or each.view.get("external_id") == wanted[1])
        if each.id == wanted[0] or wanted[0] is None
    ]
    if not found:
        raise RefusalError("not_found")
    if params.get("hash") not in (None, found[0].hash):
        raise RefusalError("hash_conflict")
    check_view(state, params["view"], "modal")
    change_view(state, found[0], params["view"])
    return {"view": as_answer(state, found[0])}


def publish_view(state: State, teams: list[Workspace], params: Object) -> Object:
    """views.publish"""
    user, view = params["user_id"], params["view"]
    if not str(user).startswith(("U", "W")):
        raise RefusalError("user_not_found")
    team = state.conversation(teams, user).team_id
    before = state.home.get((team, user))
    if before and params.get("hash") not in (None, before.hash):
        raise RefusalError("hash_conflict")
    check_view(state, view, "home")
    if before:
        change_view(state, before, view)
        return {"view": as_answer(state, before)}
    record = ViewRecord(f"V{state.number():08d}", team, view, new_hash(state), user=user)
    state.home[(team, user)] = record
    state.note()
    return {"view": as_answer(state, record)}


def set_prompts(state: State, teams: list[Workspace], params: Object) -> Object:
    """assistant.threads.setSuggestedPrompts, which in an agent app works without a thread only."""
    channel = state.conversation(teams, params["channel_id"])
    thread = checked_thread(params)
    faults = list(PROMPTS(params["prompts"], "/prompts"))
    if faults:
        raise invalid("invalid_arguments", faults)
    if thread is None:
        state.prompts[(channel.team_id, channel.id)] = params["prompts"]
    return {}


def set_in_thread(state: State, teams: list[Workspace], params: Object) -> Object:
    """assistant.threads.setTitle and setStatus"""
    state.conversation(teams, params["channel_id"])
    checked_thread(params)
    return {}


def set_session(state: State, teams: list[Workspace], params: Object) -> Object:
    """agents.sessions.setStatus"""
    state.conversation(teams, params["channel_id"])
    checked_thread(params)
    too_long = len(params.get("title", "")) > limits.SESSION_TITLE_MAX_LENGTH
    if params["status"] not in SESSION_STATUSES or too_long:
        raise invalid(
            "invalid_arguments", [Fault("/status", "no such status, or too long a title")]
        )
    return {}


def complete(state: State, teams: list[Workspace], params: Object) -> Object:
    """functions.completeSuccess and functions.completeError"""
    execution = state.executions.get(params["function_execution_id"])
    if execution is None or execution.team not in {team.team_id for team in teams}:
        raise RefusalError("function_execution_not_found")
    if execution.is_done:
        raise RefusalError("execution_not_in_running_state")
    outputs, error = params.get("outputs"), params.get("error")
    if "outputs" in params and not isinstance(outputs, dict):
        raise RefusalError("parameter_validation_failed")
    if "error" in params and not (isinstance(error, str) and error):
        raise invalid("invalid_arguments", [Fault("/error", "must say something")])
    execution.outputs, execution.error = outputs, error
    state.completions.append(execution)
    state.note()
    return {}


def validate(state: State, _teams: list[Workspace], params: Object) -> Object:
    """blocks.validate"""
    given = [name for name in ("blocks", "message", "view") if name in params]
    if len(given) != 1:
        raise invalid("invalid_arguments", [Fault("", "give one of blocks, message and view")])
    name = given[0]
    value = params[name]
    faults = list(state.script.block_faults(value))
    if name == "blocks":
        faults += block_faults(value, "message")
    elif name == "message":
        faults += message_faults(value if isinstance(value, dict) else {"blocks": value})
    else:
        faults += view_faults(value)
    if faults:
        errors = [
            {"pointer": each.pointer, "code": "failed_constraint", "message": each.message}
            for each in faults
        ]
        raise RefusalError(f"invalid_{name}", errors=errors)
    return {}
