"""Imports point one way: bot -> pricing -> engine; and the engine does no I/O and knows no day."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("bot", "pricing", "engine")
MAY_IMPORT = {"engine": {"engine"}, "pricing": {"pricing", "engine"}, "bot": set(OURS)}
THIRD_PARTY = {
    "engine": {"numpy", "pydantic"},
    "pricing": {"pydantic", "selectolax"},
    "bot": {
        "aiohttp",
        "alembic",
        "asyncpg",
        "cronsim",
        "cryptography",
        "matplotlib",
        "numpy",
        "pydantic",
        "rapidfuzz",
        "slack_bolt",
        "slack_sdk",
        "sqlalchemy",
        "tabulate",
        "yaml",
    },
}

ENGINE_NEVER = {
    "aiohttp",
    "asyncio",
    "calendar",
    "datetime",
    "io",
    "json",
    "logging",
    "os",
    "pathlib",
    "random",
    "slack_bolt",
    "slack_sdk",
    "socket",
    "sqlite3",
    "subprocess",
    "sys",
    "tabulate",
    "threading",
    "time",
    "tomllib",
    "urllib",
}


def imports(file: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, by top-level name and line; relative ones by where they lead."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            package = file.relative_to(ROOT).parts[: -node.level]
            yield (package[0] if package else "..", node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0], node.lineno


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", OURS)
def test_imports_point_one_way(package: str) -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in files(package)
        for name, line in imports(file)
        if name in OURS and name not in MAY_IMPORT[package]
    ]
    assert wrong == []


@pytest.mark.parametrize("package", OURS)
def test_a_package_imports_no_other_library_than_it_may(package: str) -> None:
    allowed = {*OURS, *THIRD_PARTY[package], *sys.stdlib_module_names}
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in files(package)
        for name, line in imports(file)
        if name not in allowed
    ]
    assert wrong == []


def test_a_relative_import_counts_where_it_leads() -> None:
    file = ROOT / "bot" / "requests" / "names.py"
    assert "bot" in {name for name, _ in imports(file)}


def test_the_engine_does_no_io_and_knows_no_day() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in files("engine")
        for name, line in imports(file)
        if name in ENGINE_NEVER
    ]
    assert wrong == []


def test_the_engine_reads_no_file_and_prints_nothing() -> None:
    called = {
        node.func.id
        for file in files("engine")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert called.isdisjoint({"open", "print", "input", "exec", "eval", "__import__"})


def modules_of_a_first_answer() -> set[str]:
    """What is loaded once `rlcost ask` has answered a plain request."""
    script = (
        "import sys; from bot.cli import run; status = run(['ask', 'kimi-k2p6 turns=20']); "
        "print(*sys.modules); sys.exit(status)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", cwd=ROOT, check=True
    )
    return set(run.stdout.splitlines()[-1].split())


def test_a_first_answer_loads_nothing_that_it_does_not_need() -> None:
    loaded = modules_of_a_first_answer()
    assert loaded >= {"bot.answers", "bot.formatting.estimate_view", "pricing.cards"}
    libraries = {"aiohttp", "cryptography", "slack_bolt", "slack_sdk", "sqlalchemy", "yaml"}
    libraries |= {"asyncio", "matplotlib", "numpy", "rapidfuzz"}
    questions = {"bot.comparisons", "bot.limits", "bot.solving", "bot.sweeps", "bot.working"}
    renderings = {"as_json", "png", "published_view", "questions", "quote", "step_chart"}
    others = {"bot.export", "bot.kept", "bot.moved", "getpass"}
    unneeded = {*libraries, *questions, *(f"bot.formatting.{name}" for name in renderings), *others}
    assert loaded & unneeded == set()


def modules(file: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports or imports from, in full and by line."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported_from(roots: set[str]) -> set[str]:
    """These modules of the bot and all that they need to be there."""
    ours = {module_of(file): file for file in files("bot")}
    found: set[str] = set()
    waiting = roots & ours.keys()
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= {other for other, _ in modules(ours[name]) if other in ours} - found
    return found


def test_wording_and_pictures_know_neither_the_command_line_nor_slack_s_listeners() -> None:
    """What lays an answer out is used by both, so it may need nothing of what reads a command line, prints or listens."""
    wording = {module_of(file) for file in files("bot/formatting")}
    assert "bot.formatting.png" in wording
    ends = {"app", "ask_commands", "assembly", "cli", "cli_examples", "cli_parser", "desk", "input"}
    ends |= {"printing", "rates_commands", "server", "socket_mode", "listeners"}
    known = imported_from(wording)
    assert sorted(name for name in known if name.split(".")[1] in ends) == []


def test_requests_answers_and_their_wording_know_nothing_of_slack() -> None:
    pure = [*files("bot/requests"), *files("bot/formatting"), ROOT / "bot" / "answers.py"]
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in pure
        for name, line in imports(file)
        if name in {"aiohttp", "slack_bolt", "slack_sdk", "sqlalchemy"}
    ]
    assert wrong == []
