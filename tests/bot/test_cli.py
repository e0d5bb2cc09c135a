"""The real command, as a process: what it prints, what it refuses, and with which status."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

ROOT = Path(__file__).parent.parent.parent


def rlcost(
    *arguments: str | bytes, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `rlcost` as its users do."""
    return python("-m", "bot", *arguments, stdin=stdin, **environment)


def python(
    *arguments: str | bytes, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )


def test_ask_prices_a_request_given_in_one_piece_or_in_words() -> None:
    whole = rlcost("ask", "kimi-k2p6 turns=20 episodes=5000 as_of=2026-11-01")
    words = rlcost("ask", "kimi-k2p6", "turns=20", "episodes=5000", "as_of=2026-11-01")
    assert (whole.returncode, whole.stderr) == (0, "")
    assert whole.stdout == words.stdout
    assert "$19,990" in whole.stdout
    assert "$4,444" in whole.stdout


def test_a_request_that_looks_like_options_is_passed_through() -> None:
    run = rlcost("ask", "--json", "--model", "kimi-k2p6", "--turns", "20", "--episodes=5000")
    assert run.returncode == 0
    assert json.loads(run.stdout)["request"]["fields"] == {"turns": 20, "episodes": 5000}


def test_options_of_ours_may_stand_behind_and_all_is_request_behind_two_dashes() -> None:
    assert json.loads(rlcost("ask", "kimi-k2p6", "--json").stdout)["models"]
    for option in ("--json", "--png"):
        assert rlcost("ask", "--", "kimi-k2p6", option).stdout.startswith("`")


def test_standard_input_is_answered_line_by_line_in_order() -> None:
    follow_up = {
        "text": "what about 40 turns?",
        "previous": {"intent": "estimate", "models": ["kimi-k2p6"], "fields": {}, "problems": []},
    }
    lines = [
        "kimi-k2p6 turns=20",
        json.dumps(follow_up),
        "",
        '{"turns": 5, "model": "gpt-oss-120b"}',
    ]
    run = rlcost("ask", "--json", "-", stdin="\n".join(lines) + "\n")
    requests = [json.loads(line)["request"] for line in run.stdout.splitlines()]
    assert run.returncode == 0
    assert [request["intent"] for request in requests] == [
        "estimate",
        "estimate",
        "help",
        "estimate",
    ]
    assert [request["fields"].get("turns") for request in requests] == [20, 40, None, 5]


def test_parse_prints_the_request() -> None:
    run = rlcost("parse", "kimi k2.6, 20 turns")
    assert json.loads(run.stdout) == {
        "intent": "estimate",
        "models": ["kimi-k2p6"],
        "fields": {"turns": 20},
        "problems": [],
    }


def test_a_problem_is_an_answer() -> None:
    run = rlcost("ask", "kimi-k2p6 turns=500")
    assert run.returncode == 0
    assert "from 1 to 200" in run.stdout
    assert "$" not in run.stdout


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"text": 5}', "line 2 of the input needs a `text` that is a string"),
        ('{"text": "x", "before": {}}', "line 2 of the input does not know `before`"),
        ('{"text": "x", "previous": 7}', "line 2 of the input: `previous`"),
        ('{"text": "x", "previous": {"intent": "dance"}}', "line 2 of the input: `previous`"),
        ('{"text": "kimi', "line 2 of the input is not JSON"),
        (
            '{"text": "x", "previous": {"models": ["kimi-k9"]}}',
            "line 2 of the input: `previous` names",
        ),
        (
            '{"text": "x", "previous": {"fields": {"as_of": "2999-01-01"}}}',
            "line 2 of the input: `previous` is priced as of 2999-01-01",
        ),
        (
            '{"text": "x", "previous": {"fields": {"tool_result_tokens_per_turn": 9, '
            '"tokens_added_per_turn": 5}}}',
            "line 2 of the input: `previous`",
        ),
    ],
)
def test_a_bad_line_is_named_and_ends_with_2(line: str, complaint: str) -> None:
    run = rlcost("ask", "--json", "-", stdin=f"kimi-k2p6\n{line}\nkimi-k2p6\n")
    assert run.returncode == 2
    assert run.stderr.startswith(f"rlcost: {complaint}")
    assert len(run.stderr.splitlines()) == len(run.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("frob",), "`frob` is no command: `rlcost ask frob` asks about it"),
        (("kimi-k2p6", "8 turns"), "`rlcost ask kimi-k2p6 '8 turns'` asks about it"),
        (("shapes", "swe-nosuch"), "no preset begins with `swe-nosuch`; `rlcost shapes` lists"),
        (("ask", "--json", "--csv", "kimi-k2p6"), "--json and --csv are two ways to print one"),
        (("ask", "--published", "--csv", "kimi-k2p6"), "--csv has no place for it"),
        (("ask", "--quote", "-"), "--quote is for one answer, and `-` asks for many"),
        (("sweep", "kimi-k2p6 turns=2..4", "--png", "x.jpg"), "`x.jpg` is no name of a PNG file"),
        (("sweep", "kimi-k2p6 turns=2..4", "--png"), "--png: expected one argument"),
        (("ask", "kimi-k2p6", "--png", "g.png"), "--png draws a sweep: `rlcost sweep kimi-k2p6"),
        (("compare", "kimi-k2p6", "--png=g.png"), "and `rlcost compare` does not"),
        (("ask", "kimi-k2p6 as a csv and as a quote"), "two ways to print one answer"),
        (("save", "nightly", "kimi-k2p6"), "Runs are saved in Slack channels"),
        (("ask", "--csv", "save nightly kimi-k2p6"), "Runs are saved in Slack channels"),
        (("rates", "--as-of", "May"), "`May` is no day; write it as 2026-05-16"),
        (("rates", "--as-of", "2999-01-01"), "--as-of 2999-01-01 is in the future"),
        (("rates", "--published"), "unrecognized arguments: --published"),
        (("models", "kimi"), "unrecognized arguments: kimi"),
    ],
)
def test_unusable_options_get_one_sentence_and_2(
    arguments: tuple[str, ...], complaint: str
) -> None:
    run = rlcost(*arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert complaint in run.stderr
    assert len(run.stderr.splitlines()) == 1


QUESTIONS = ("compare", "sweep", "limits", "solve", "explain")


def examples(command: str) -> list[list[str]]:
    """The lines that the help of a command shows, as a shell would split them."""
    shown = rlcost(command, "--help").stdout.split("examples:\n")[1]
    return [shlex.split(line)[1:] for line in shown.splitlines() if line.startswith("  rlcost ")]


@pytest.mark.parametrize("command", [*QUESTIONS, "shapes", "models", "rates"])
def test_every_example_of_the_help_works_as_it_stands(command: str, tmp_path: Path) -> None:
    assert examples(command)
    for arguments in examples(command):
        run = rlcost(*(str(tmp_path / a) if a.endswith(".png") else a for a in arguments))
        assert run.returncode == 0, run.stderr
        assert "Try `" not in run.stdout
        assert run.stdout


@pytest.mark.parametrize("option", ["--csv", "--quote"])
@pytest.mark.parametrize("command", QUESTIONS)
def test_every_question_can_be_exported(command: str, option: str) -> None:
    first = next(line for line in examples(command) if "--csv" not in line)
    run = rlcost(*first, option)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith({"--csv": "\ufeff", "--quote": "# "}[option])


def test_words_ask_for_a_file_as_the_option_does() -> None:
    for words, option in (("as csv", "--csv"), ("as a quote", "--quote")):
        assert rlcost("ask", "kimi-k2p6", words).stdout == rlcost("ask", "kimi-k2p6", option).stdout


@pytest.mark.parametrize("text", ["save nightly kimi-k2p6", "Saved", "/forget nightly"])
def test_runs_are_saved_in_slack(text: str) -> None:
    run = rlcost("ask", text)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("Runs are saved in Slack channels: type `/rlcost save nightly ")
    assert "$" not in run.stdout


def test_what_has_no_figures_is_answered_in_words_and_refused_as_an_option() -> None:
    said = rlcost("ask", "kimi-k2p6 turns=500 as csv")
    assert (said.returncode, said.stderr) == (0, "")
    assert "from 1 to 200" in said.stdout
    asked = rlcost("ask", "--csv", "kimi-k2p6 turns=500")
    assert (asked.returncode, asked.stdout) == (2, "")
    assert asked.stderr.startswith("rlcost: there is nothing to export: ")
    assert "from 1 to 200" in asked.stderr


def test_shapes_lists_the_presets_or_those_that_begin_so() -> None:
    everything = json.loads(rlcost("shapes", "--json").stdout)["shapes"]
    some = json.loads(rlcost("shapes", "swe-pro", "--json").stdout)["shapes"]
    assert [shape["name"] for shape in some] == ["swe-pro-sonnet45", "swe-pro-gpt5"]
    assert all(shape in everything for shape in some)
    assert len(everything) > len(some)
    assert rlcost("shapes", "swe").stdout == rlcost("ask", "shapes", "swe").stdout


SWEEP = ("sweep", "kimi-k2p6", "turns=2..4", "--png")


def test_a_picture_says_where_it_is_and_what_it_replaces(tmp_path: Path) -> None:
    file = tmp_path / "turns.png"
    for said in (f"rlcost: the picture is in {file}\n", f"in {file}, in place of what was there\n"):
        run = rlcost(*SWEEP, str(file))
        assert run.returncode == 0
        assert run.stderr.endswith(said)
        assert file.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["nosuch/turns.png", "folder.png"])
def test_a_file_that_cannot_be_written_gets_one_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    run = rlcost(*SWEEP, str(tmp_path / name))
    assert run.returncode == 2
    assert run.stderr.startswith(f"rlcost: {tmp_path / name} cannot be written: ")
    assert len(run.stderr.splitlines()) == 1


def test_a_picture_of_what_is_no_sweep_is_refused() -> None:
    run = rlcost("sweep", "kimi-k2p6 turns=5", "--png", "turns.png")
    assert run.returncode == 2
    assert "turns.png was not drawn" in run.stderr
    assert not (ROOT / "turns.png").exists()


def test_rates_takes_a_model_in_words_and_a_day() -> None:
    run = rlcost("rates", "kimi", "k2.6", "--as-of", "2026-05-16", "--json")
    cards = json.loads(run.stdout)["cards"]
    assert {card["path"] for card in cards} == {
        "tinker",
        "serverless_standard",
        "serverless_fast",
        "dedicated",
    }


def test_rates_of_a_gpu_in_text() -> None:
    assert "H200 141GB at $8.00 per GPU-hour" in rlcost("rates", "h200").stdout


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("nosuch", "`nosuch` is neither; `rlcost models` lists the models"),
        ("kimi-k2p8", "`kimi-k2p8` is neither; did you mean `kimi-k2p6`?"),
        ("of growth", "`of growth` is neither"),
        ("turns=20", "`turns=20` is neither"),
        ("kimi-k2p6 turns=20", "no turns, as in `kimi-k2p6 turns=20`"),
        ("kimi", "`kimi` could be `kimi-k2p6` or `kimi-k2p5`"),
    ],
)
def test_rates_of_anything_else_are_refused_in_a_sentence(said: str, complaint: str) -> None:
    run = rlcost("rates", *said.split())
    assert (run.returncode, run.stdout) == (2, "")
    assert complaint in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_rates_of_serverless_are_those_of_every_way_to_buy_it() -> None:
    cards = json.loads(rlcost("ask", "--json", "rates serverless as of 2026-11-01").stdout)["cards"]
    assert {card["path"] for card in cards} == {
        "serverless_standard",
        "serverless_priority",
        "serverless_fast",
        "serverless_us",
        "serverless_us_priority",
    }
    fast = json.loads(rlcost("ask", "--json", "rates of the fast tier").stdout)["cards"]
    assert {card["path"] for card in fast} == {"serverless_fast"}


@pytest.mark.parametrize("words", [("-", "kimi-k2p6"), ("-", "--foo")])
def test_a_dash_for_standard_input_stands_alone(words: tuple[str, ...]) -> None:
    run = rlcost("ask", *words, stdin="kimi-k2p6\n")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        f"rlcost: `-` reads requests from standard input and stands alone; leave out `{words[1]}`\n"
    )


def test_a_model_that_the_published_page_did_not_have_is_said() -> None:
    assert "That page had no figures for GLM 5.2." in rlcost("ask", "--published", "glm 5.2").stdout
    slow = rlcost("ask", "--published", "kimi-k2p6 decode_tps=0.5").stdout
    assert "no figures for a throughput below 1 token per second" in slow


def broken(**environment: str) -> subprocess.CompletedProcess[str]:
    """`rlcost ask` with a fault of ours in it."""
    script = (
        "import bot.estimates, sys\n"
        "def judge(*given, **named): raise ZeroDivisionError('seven')\n"
        "bot.estimates.judge = judge\n"
        "from bot.cli import run\n"
        "sys.exit(run(['ask', 'kimi-k2p6']))"
    )
    return python("-c", script, **environment)


def test_a_fault_of_ours_is_one_line_that_says_where_and_a_traceback_only_on_demand() -> None:
    run = broken(RLCOST_DEBUG="")
    assert (run.returncode, run.stdout) == (1, "")
    assert re.match(r"rlcost: sorry, .* \(ZeroDivisionError at bot\.estimates:\d+\)", run.stderr)
    assert len(run.stderr.splitlines()) == 1
    debugged = broken(RLCOST_DEBUG="1").stderr
    assert debugged.startswith("Traceback")
    assert "ZeroDivisionError: seven" in debugged
    assert debugged.endswith(run.stderr)


def test_models_lists_the_catalogue() -> None:
    assert "kimi-k2p6" in rlcost("models").stdout
    models = json.loads(rlcost("models", "--json").stdout)
    assert models[0]["tinker"][1] == {
        "id": "moonshotai/Kimi-K2.6:peft:131072",
        "window_tokens": 131072,
    }


@pytest.mark.parametrize(
    "arguments",
    [(), ("--help",), ("ask", "--help"), ("rates", "--help"), ("models", "-h"), ("shapes", "-h")],
)
def test_help_teaches_by_example(arguments: tuple[str, ...]) -> None:
    run = rlcost(*arguments)
    assert run.returncode == 0
    assert "examples:" in run.stdout


def test_the_output_is_utf8_in_any_locale() -> None:
    run = rlcost("ask", "kimi-k2p6", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert run.returncode == 0
    assert "×" in run.stdout


def test_bytes_that_are_no_text_are_read_all_the_same() -> None:
    assert rlcost("ask", b"kimi-k2p6 \xff\xfe").returncode == 0
    assert rlcost("parse", "\U0001f600 \u202e \x01").returncode == 0


def test_a_reader_that_leaves_is_no_fault() -> None:
    command = f'"{sys.executable}" -m bot ask --json - | head -n 1'
    lines = "kimi-k2p6\n" * 400
    run = subprocess.run(
        ["/bin/sh", "-c", command],
        input=lines,
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert len(run.stdout.splitlines()) == 1


def test_slack_is_not_loaded_to_answer() -> None:
    script = (
        "import sys; from bot.cli import run; run(['ask', 'kimi-k2p6']); "
        "print(sorted(set(sys.modules) & {'slack_bolt', 'slack_sdk', 'aiohttp', 'rapidfuzz'}), file=sys.stderr)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert run.stderr == "[]\n"


def test_a_fault_in_a_rate_file_stops_the_start_and_names_file_and_card(tmp_path: Path) -> None:
    for package in ("bot", "engine", "pricing"):
        copytree(ROOT / package, tmp_path / package, ignore=ignore_patterns("__pycache__"))
    cards = tmp_path / "pricing" / "data" / "fireworks_dedicated.toml"
    cards.write_text(
        cards.read_text(encoding="utf-8").replace("= 15.00", "= -15.00"), encoding="utf-8"
    )
    run = subprocess.run(
        [sys.executable, "-m", "bot", "ask", "kimi-k2p6"],
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith(
        "rlcost: a data file has a fault: fireworks_dedicated.toml, card 12 (B300_288GB from 2026-09-01): "
    )
