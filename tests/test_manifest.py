"""manifest.yaml against the code: what Slack is told is what the app listens to and calls, and no more."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from bot.cli import run
from bot.cli_parser import build_parser
from bot.formatting.buttons import CallbackId
from bot.manifest import bot_scopes, load_manifest, suggested_prompts
from tests.fake_slack import METHODS, needed_scope

ROOT = Path(__file__).parent.parent
SCHEMA = ROOT.parent / "shared" / "checks" / "slack" / "manifest.schema.json"
TEXT = (ROOT / "manifest.yaml").read_text(encoding="utf-8")
MANIFEST: dict[str, Any] = yaml.safe_load(TEXT)
FEATURES = MANIFEST["features"]
EVENTS = set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])

# What Slack subscribes an app to events by: https://docs.slack.dev/reference/events
EVENT_SCOPES = {
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "app_uninstalled": None,
    "function_executed": None,
    "message.im": "im:history",
    "tokens_revoked": None,
}

# What slack_sdk does in several calls.
HELPERS = {"files_upload_v2": ("files.getUploadURLExternal", "files.completeUploadExternal")}


def trees() -> Iterator[ast.AST]:
    for file in (ROOT / "bot").rglob("*.py"):
        yield ast.parse(file.read_text(encoding="utf-8"))


def registered(kind: str) -> set[str]:
    """What stands in `app.KIND(...)` of the listeners; patterns that take anything are left out."""
    found = set()
    for tree in trees():
        for node in ast.walk(tree):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="app"), attr=attr), args=[first, *_]
                ) if attr == kind:
                    found |= _named(first)
    return found


def _named(node: ast.expr) -> set[str]:
    match node:
        case ast.Constant(value=str(name)):
            return {name}
        case ast.Name(id=name):
            return {constant(name)}
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id="CallbackId"), attr=name)):
            return {CallbackId[name].value}
        case _:
            return set()


def constant(name: str) -> str:
    """The text of a constant of bot/."""
    for tree in trees():
        for node in ast.walk(tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=found)], value=ast.Constant(value=str(text))):
                    if found == name:
                        return text
    raise KeyError(name)


def called() -> set[str]:
    """Every Web API method that bot/ calls through a client, and those behind Bolt's `complete` and `fail`."""
    spelled = {method.replace(".", "_"): method for method in METHODS}
    attributes = {
        node.func.attr
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    helped = {method for name in attributes & HELPERS.keys() for method in HELPERS[name]}
    return helped | {spelled[name] for name in attributes & spelled.keys()}


def test_the_calls_that_the_scopes_are_compared_with_are_found() -> None:
    assert called() >= {
        "auth.test",
        "chat.postMessage",
        "chat.postEphemeral",
        "views.open",
        "views.publish",
        "views.update",
        "assistant.threads.setSuggestedPrompts",
    }


def test_no_call_goes_to_a_method_that_is_not_known() -> None:
    api = re.compile(r"(chat|views|assistant_threads|conversations|users|files|reactions|auth)_\w+")
    spelled = {method.replace(".", "_") for method in METHODS}
    for tree in trees():
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(value=owner, attr=name)) if api.fullmatch(name):
                    if ast.unparse(owner).endswith("client"):
                        assert name in spelled | HELPERS.keys()


def test_every_scope_is_needed_and_every_need_is_granted() -> None:
    by_methods = {needed_scope(method) for method in called()}
    by_events = {EVENT_SCOPES[event] for event in EVENTS}
    by_commands = {"commands"} if FEATURES["slash_commands"] else set()
    assert set(bot_scopes()) == (by_methods | by_events | by_commands) - {None}


def test_only_files_can_be_left_out_when_the_app_is_installed() -> None:
    # Slack wants an optional scope among the others too, and offers only what an installation asks for.
    optional = MANIFEST["oauth_config"]["scopes"]["bot_optional"]
    assert optional == ["files:write"]
    assert set(optional) < set(bot_scopes())


def test_every_scope_says_why() -> None:
    for scope in bot_scopes():
        assert re.search(rf"^\s+- {re.escape(scope)} # \S", TEXT, re.MULTILINE), scope


def test_the_app_listens_to_the_events_that_it_subscribes_to() -> None:
    # A message event is subscribed to by its kind; a workflow step hears of its event by its function.
    heard = registered("event") - {"message"} | {"message.im", "function_executed"}
    assert "message" in registered("event")
    assert heard == EVENTS


def test_commands_have_listeners_and_listeners_commands() -> None:
    assert {command["command"] for command in FEATURES["slash_commands"]} == registered("command")


def test_shortcuts_have_listeners_and_listeners_shortcuts() -> None:
    assert {shortcut["callback_id"] for shortcut in FEATURES["shortcuts"]} == registered("shortcut")


def test_workflow_steps_have_listeners_and_listeners_steps() -> None:
    assert set(MANIFEST["functions"]) == registered("function")


def test_a_step_gives_out_what_its_listener_completes_with() -> None:
    outputs = MANIFEST["functions"]["price_rollout"]["output_parameters"]
    assert set(outputs) == {"summary", "cheapest_path", "amount_usd"}
    for name, parameter in outputs.items():
        assert parameter["name"] == name
        assert parameter["is_required"] is True


def test_texts_are_as_long_as_slack_takes_them() -> None:
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4_000
    assert len(FEATURES["agent_view"]["agent_description"]) <= 300
    assert len(FEATURES["bot_user"]["display_name"]) <= 80
    assert len(bot_scopes()) <= 255
    for shortcut in FEATURES["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
        assert len(shortcut["callback_id"]) <= 255
    for command in FEATURES["slash_commands"]:
        assert len(command["command"]) <= 32
        assert len(command["description"]) <= 2_000
        assert len(command["usage_hint"]) <= 1_000


def test_prompts_are_few_and_each_says_what_it_asks() -> None:
    prompts = suggested_prompts()
    assert 1 <= len(prompts) <= 4
    assert all(prompt.keys() == {"title", "message"} for prompt in prompts)
    assert all(prompt["title"] and prompt["message"] for prompt in prompts)


@pytest.mark.skipif(not SCHEMA.exists(), reason="the schema stands beside the repository")
def test_the_manifest_keeps_to_the_schema_of_slack() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    assert [error.message for error in Draft7Validator(schema).iter_errors(MANIFEST)] == []


def test_the_package_reads_the_same_manifest() -> None:
    assert load_manifest() == MANIFEST


def test_the_hooks_name_commands_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    hooks = json.loads((ROOT / ".slack" / "hooks.json").read_text(encoding="utf-8"))["hooks"]
    assert hooks == {
        "get-manifest": ".venv/bin/rlcost manifest",
        "start": ".venv/bin/rlcost serve --socket",
    }
    parsed = build_parser().parse_args(["serve", "--socket"])
    assert (parsed.command, parsed.socket) == ("serve", True)
    assert run(["manifest"]) == 0
    assert json.loads(capsys.readouterr().out) == MANIFEST
