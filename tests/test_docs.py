"""The docs name every command and option, and nothing that is none; and every link leads to a file."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli_parser import build_parser

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
COMMANDS = (DOCS / "commands.md").read_text(encoding="utf-8")


def commands() -> dict[str, argparse.ArgumentParser]:
    for action in build_parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    raise AssertionError("the parser has no commands")


def section(command: str) -> str:
    """What docs/commands.md says of one command."""
    return COMMANDS.split(f"## `rlcost {command}`\n")[1].split("\n## ")[0]


def arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if not isinstance(action, argparse._HelpAction):
            yield action.option_strings[-1] if action.option_strings else action.dest


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    assert re.findall(r"^## `rlcost ([\w ]+)`$", COMMANDS, re.MULTILINE) == list(commands())


@pytest.mark.parametrize("command", commands())
def test_every_argument_has_a_row_and_every_row_an_argument(command: str) -> None:
    rows = re.findall(r"^\| `([^`]+)` \|", section(command), re.MULTILINE)
    assert rows == list(arguments(commands()[command]))


@pytest.mark.parametrize("command", commands())
def test_every_example_of_the_help_names_a_command(command: str) -> None:
    examples = re.findall(r"^  rlcost (.+)", commands()[command].epilog or "", re.MULTILINE)
    assert examples
    assert all(f"{example} ".startswith(f"{command} ") for example in examples)


PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_to_a_file_of_ours(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    relative = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:", link)]
    missing = [link for link in relative if link and not (page.parent / link).is_file()]
    assert missing == []
    assert all((page.parent / link).resolve().is_relative_to(ROOT) for link in relative)
