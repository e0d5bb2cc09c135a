"""The language's page tells the truth: each example stands on it word for word and is read as it says."""

import json
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.requests import Field, Intent, ProblemCode, as_json, from_json, read
from bot.requests.fields import RANGES
from bot.requests.path_words import PATHS
from bot.requests.phrases import DIGEST_ACTIONS
from engine.published import PUBLISHED_MODELS
from pricing.catalogue import load_catalogue

TODAY = date(2026, 11, 21)
CATALOGUE = load_catalogue()
PAGE = (Path(__file__).parents[3] / "docs" / "requests.md").read_text(encoding="utf-8")
KIMI, OSS = "kimi-k2p6", "gpt-oss-120b"

# Words of the first message are the bot's own commands: saved runs are read before the language is.
_VERBS = ("save ", "rlcost ")


@cache
def words(text: str) -> str:
    """A text as one line, without the marks that set examples apart."""
    return " ".join(re.sub(r"[*`]", "", text).split())


def reading(text: str, *before: str) -> dict[str, Any]:
    previous = None
    for earlier in before:
        previous = read(earlier, CATALOGUE, today=TODAY, previous=previous)
    kept = from_json(as_json(previous)) if previous else None
    return as_json(read(text, CATALOGUE, today=TODAY, previous=kept))


def blocks(language: str = "") -> list[str]:
    fenced = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    lines = [line for kind, block in fenced if kind == language for line in block.splitlines()]
    return [line for line in lines if not line.startswith(_VERBS)]


@pytest.mark.parametrize("text", blocks())
def test_every_request_that_is_shown_works(text: str) -> None:
    assert reading(text)["problems"] == []
    assert reading(text)["intent"] not in (Intent.HELP, Intent.NONE)


def test_the_request_that_is_shown_is_what_the_first_example_gives() -> None:
    shown, *_ = blocks("json")
    assert json.loads(shown) == reading(blocks()[0])


def test_the_follow_up_that_is_shown_gives_the_request_below_it() -> None:
    _, asked, shown = map(json.loads, blocks("json"))
    previous = from_json(asked["previous"])
    found = read(asked["text"], CATALOGUE, today=TODAY, previous=previous)
    assert as_json(found) == shown


@pytest.mark.parametrize("name", [*PATHS, *DIGEST_ACTIONS])
def test_every_value_of_paths_and_of_action_is_on_the_page(name: str) -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith(("| `paths`", "| `action`"))]
    assert any(f"`{name}`" in row for row in rows)


@pytest.mark.parametrize("key", PUBLISHED_MODELS)
def test_the_four_stand_on_the_page_with_a_label_and_a_path_that_name_them(key: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{key}` |"))
    for name in re.findall(r"`([^`]+)`", row):
        assert reading(f"{name} turns=20")["models"] == [key]


def test_every_key_intent_field_and_code_is_on_the_page() -> None:
    names = [*Intent, *Field, *ProblemCode, "solve_for", "stated", "paths", "action", "preset", "prefix", "export"]  # fmt: skip
    assert [name for name in names if f"| `{name}`" not in PAGE] == []


@pytest.mark.parametrize("field", RANGES)
def test_every_range_is_on_the_page(field: Field) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{field}` | "))
    assert f"{RANGES[field].highest:,}" in row
    assert ("above 0" in row) is RANGES[field].above


FOLLOWS = f"{KIMI} turns=20 episodes=5000 decode=2k"
SOLVES = f"how many gpus for {KIMI} in 6 hours"


@pytest.mark.parametrize(
    ("shown", "text", "before", "expected"),
    [
        # what is asked
        ("compare kimi-k2p6 and claude", "compare kimi-k2p6 and claude", (), {"intent": "compare", "models": [KIMI]}),
        ("what can I get for $10k", "what can I get for $10k on k2.6", (), {"solve_for": "episodes"}),
        ("break-even in turns", "break-even in turns on k2.6", (), {"solve_for": "turns"}),
        ("side by side", "side by side, 20 turns", (), {"intent": "compare", "models": []}),
        ("price per token", "price per token of k2.6", (), {"intent": "rates"}),
        ("can you help me price", "can you help me price k2.6", (), {"intent": "estimate"}),
        ("burned on per-token billing", "they got burned on per-token billing: k2.6, 20 turns", (), {"intent": "estimate"}),
        ("before I explain this", "before I explain this: k2.6, 20 turns", (), {"intent": "estimate"}),
        ("How many GPUs … at par", "how many GPUs of k2.6 are at par", (), {"intent": "limits"}),
        # fields
        ("20-turn episodes", "k2.6 20-turn episodes", (), {"fields": {"turns": 20}}),
        ("+12k per turn", "k2.6 +12k per turn", (), {"fields": {"tokens_added_per_turn": 12_000}}),
        ("tool call output", "k2.6 tool call output 4k", (), {"fields": {"tool_result_tokens_per_turn": 4000}}),
        ("on 16 H200s", "k2.6 on 16 H200s", (), {"fields": {"gpus": 16, "gpu_type": "H200_141GB"}}),
        ("8 × B300", "k2.6 8 × B300", (), {"fields": {"gpus": 8, "gpu_type": "B300_288GB"}}),
        ("generation tps", "k2.6 generation tps 1500", (), {"fields": {"decode_tps": 1500}}),
        ("under $5k", "k2.6 under $5k", (), {"fields": {"budget_usd": 5000}}),
        ("10 grand", "k2.6 for 10 grand", (), {"fields": {"budget_usd": 10_000}}),
        ("within 2 days", "k2.6 within 2 days", (), {"fields": {"deadline_hours": 48}}),
        ("90 minutes", "k2.6 in 90 minutes", (), {"fields": {"deadline_hours": 1.5}}),
        ("as of May 16, 2026", "k2.6 as of May 16, 2026", (), {"fields": {"as_of": "2026-05-16"}}),
        ("today alone says nothing", "k2.6 today", (), {"fields": {}}),
        ("plan: 24 turns", "k2.6 plan: 24 turns", (), {"fields": {"turns": 24}}),
        ("30k prompt and 1.5k decode tok/s", "k2.6 30k prompt and 1.5k decode tok/s", (), {"fields": {"prompt_tps": 30_000, "decode_tps": 1500}}),
        # numbers
        ("half a million", "k2.6 half a million episodes", (), {"fields": {"episodes": 500_000}}),
        ("a dozen", "k2.6 a dozen turns", (), {"fields": {"turns": 12}}),
        ("16.1k", "k2.6 prompt=16.1k", (), {"fields": {"initial_prompt_tokens": 16_100}}),
        ("turns=2.5", "k2.6 turns=2.5", (), {"problem": ("value_invalid", "turns")}),
        ("1e309", "k2.6 budget=1e309", (), {"problem": ("value_out_of_range", "budget_usd")}),
        ("15%", "k2.6 15%", (), {"problem": ("unplaced", None)}),
        ("12 engineers", "k2.6 for 12 engineers", (), {"problem": ("unplaced", None)}),
        ("10/20/40 turns", "k2.6 10/20/40 turns", (), {"fields": {"turns": [10, 20, 40]}}),
        ("3-5k episodes", "k2.6 3-5k episodes", (), {"fields": {"episodes": {"from": 3000, "to": 5000}}}),
        ("turns=5..50:5", "k2.6 turns=5..50:5", (), {"fields": {"turns": {"from": 5, "to": 50, "step": 5}}}),
        ("between 5 and 50 turns", "k2.6 between 5 and 50 turns", (), {"fields": {"turns": {"from": 5, "to": 50}}}),
        # models
        ("the 120b", "the 120b, 20 turns", (), {"models": [OSS]}),
        ("moonshotai/Kimi-K2.6:peft:131072", "moonshotai/Kimi-K2.6:peft:131072 turns=20", (), {"models": [KIMI]}),
        ("kimi k2", "kimi k2, 20 turns", (), {"problem": ("model_ambiguous", None)}),
        ("kimi-k2p9", "kimi-k2p9, 20 turns", (), {"problem": ("model_unknown", None)}),
        # paths
        ("priority vs fast", "k2.6 priority vs fast", (), {"paths": ["serverless_priority", "serverless_fast"]}),
        ("until fast is cheaper than tinker", "how many turns until fast is cheaper than tinker on k2.6", (), {"paths": ["serverless_fast", "tinker"]}),
        ("top priority", "top priority: k2.6 20 turns", (), {"paths": None}),
        ("a fast answer please", "a fast answer please, k2.6 20 turns", (), {"paths": None}),
        ("price is the priority", "price is the priority, k2.6 20 turns", (), {"paths": None}),
        ("they run everything on Tinker", "they run everything on Tinker. k2.6 20 turns", (), {"paths": None}),
        ("we left tinker", "we left tinker, k2.6 20 turns", (), {"paths": None}),
        ("dedicated is cheaper than tinker, they say", "dedicated is cheaper than tinker, they say. k2.6", (), {"paths": None}),
        ("k2.6 tinker 20 turns", "k2.6 tinker 20 turns", (), {"paths": ["tinker"]}),
        ("is fast cheaper than tinker", "is fast cheaper than tinker on k2.6?", (), {"paths": ["serverless_fast", "tinker"]}),
        ("anything but dedicated", "k2.6, anything but dedicated", (), {"paths": [*PATHS[:4]]}),
        ("tinker excluded", "k2.6, tinker excluded", (), {"paths": [*PATHS[1:]]}),
        ("we can't use tinker", "k2.6, we can't use tinker", (), {"paths": [*PATHS[1:]]}),
        ("k2.6, not claude", "k2.6, not claude", (), {"models": [KIMI], "problems": []}),
        ("except k2.5 and tinker", "k2.6 and k2.5 except k2.5 and tinker", (), {"models": [KIMI], "paths": [*PATHS[1:]]}),
        ("a manus agent", "a manus agent, k2.6 20 turns", (), {"preset": None}),
        ("A Search-R1 style agent", "a Search-R1 style agent, k2.6 20 turns", (), {"preset": None, "problems": []}),
        ("shapes swe pro sonnet", "shapes swe pro sonnet", (), {"intent": "shapes", "prefix": "swe-pro-sonnet45"}),
        ("Csv for qwen 397b", "csv for qwen 397b", (FOLLOWS,), {"models": ["qwen3p5-397b"], "export": "csv"}),
        ("export controls apply", "export controls apply; k2.6 20 turns", (), {"export": None}),
        ("they have a csv", "they have a csv with 20 turns, k2.6", (), {"export": None}),
        ("no serverless", "k2.6, no serverless", (), {"paths": ["tinker", "dedicated"]}),
        # presets and exports
        ("SWE pro Sonnet 4.5", "SWE pro Sonnet 4.5, k2.6", (), {"preset": "swe-pro-sonnet45", "fields": {}}),
        ("the terminal 50 turns", "the terminal 50 turns, k2.6", (), {"preset": None, "fields": {"turns": 50}}),
        ("swe-pro-sonet45", "swe-pro-sonet45 k2.6", (), {"problem": ("value_invalid", None)}),
        ("shapes swe-pro", "shapes swe-pro", (), {"intent": "shapes", "prefix": "swe-pro"}),
        ("send me a csv", "send me a csv of k2.6", (), {"export": "csv"}),
        ("export as a quote", "export as a quote", (FOLLOWS,), {"intent": "estimate", "export": "quote"}),
        ("we export traces", "we export traces, k2.6 20 turns", (), {"export": None}),
        # follow-ups
        ("what about 40 turns?", "what about 40 turns?", (FOLLOWS,), {"fields": {"turns": 40, "episodes": 5000, "decode_tokens_per_turn": 2000}}),
        ("same but 10k episodes", "same but 10k episodes", ("k2.6",), {"fields": {"episodes": 10_000}}),
        ("drop the qwen", "drop the qwen", ("k2.6 vs qwen 397b",), {"models": [KIMI]}),
        ("only tinker", "only tinker", (f"limits {KIMI}",), {"intent": "limits", "paths": ["tinker"]}),
        ("and priority vs tinker?", "and priority vs tinker?", (f"limits {KIMI}",), {"paths": ["serverless_priority", "tinker"]}),
        ("thanks, tinker is nice", "thanks, tinker is nice", (FOLLOWS,), {"intent": "none", "paths": None}),
        ("all paths", "all paths", (f"limits {KIMI} tinker",), {"intent": "limits", "paths": None}),
        ("as a sweep", "as a sweep", ("k2.6 vs k2.5 turns=5,10",), {"intent": "sweep"}),
        ("Which is cheaper?", "Which is cheaper?", (f"limits {KIMI}",), {"intent": "estimate"}),
        ("what about 16 gpus?", "what about 16 gpus?", (SOLVES,), {"intent": "solve", "stated": 16, "fields": {"deadline_hours": 6}}),
        ("how many gpus in 12 hours?", "how many gpus in 12 hours?", (SOLVES, "what about 16 gpus?"), {"stated": None}),
        ("From 20 to 40 turns", "from 20 to 40 turns", ("k2.6 turns=20",), {"fields": {"turns": 40}}),
        ("Double the turns", "double the turns", ("k2.6 turns=20",), {"fields": {"turns": 40}}),
        ("generate 5k rollouts", "we generate 5k rollouts with k2.6", (), {"fields": {"episodes": 5000}}),
        ("rollouts: 20 turns", "k2.6; rollouts: 20 turns", (), {"fields": {"turns": 20}}),
        ("40k output tokens in total", "k2.6 40k output tokens in total", (), {"problem": ("unplaced", None), "fields": {}}),
        ("episodes of 30 minutes", "k2.6 episodes of 30 minutes", (), {"problem": ("unplaced", None), "fields": {}}),
        ("A$10k", "k2.6 A$10k", (), {"problem": ("value_invalid", "budget_usd")}),
        ("A couple of hundred", "k2.6 a couple of hundred turns", (), {"problem": ("value_invalid", "turns")}),
        ("two nodes", "k2.6 two nodes", (), {"problem": ("unplaced", None)}),
        ("solve for the budget", "solve for the budget k2.6", (), {"problem": ("field_unknown", None)}),
        ("20 -> 40 turns", "20 -> 40 turns", ("k2.6 turns=20",), {"fields": {"turns": 40}}),
        ("a third of the turns", "a third of the turns", ("k2.6 turns=30",), {"fields": {"turns": 10}}),
        ("turns x2", "turns x2", ("k2.6 turns=20",), {"fields": {"turns": 40}}),
        ("Double it", "double it", ("k2.6 turns=20",), {"problem": ("unplaced", None)}),
        ("reset the turns", "reset the turns", ("k2.6 turns=20",), {"fields": {}}),
        ("no time limit", "no time limit", ("k2.6 in 6 hours",), {"fields": {}}),
        ("with today's rates", "with today's rates", ("k2.6 as of 2026-05-16",), {"fields": {}}),
        ("At yesterday's rates", "at yesterday's rates", ("k2.6",), {"problem": ("value_invalid", "as_of")}),
        ("where does the $15 come from?", "where does the $15 come from?", ("k2.6",), {"intent": "explain", "fields": {}}),
        ("10 more turns", "10 more turns", ("k2.6",), {"problem": ("value_invalid", "turns")}),
        ("drop the deadline", "drop the deadline", ("k2.6 in 6 hours",), {"fields": {}}),
        ("without the preset", "without the preset", ("swe-pro-gpt5 k2.6",), {"preset": None}),
        ("Start over", "start over", (FOLLOWS,), {"models": [], "fields": {}}),
    ],
)  # fmt: skip
def test_what_an_example_says_is_so(
    shown: str, text: str, before: tuple[str, ...], expected: dict[str, Any]
) -> None:
    assert words(shown) in words(PAGE)
    found = reading(text, *before)
    problems = [(problem["code"], problem["field"]) for problem in found["problems"]]
    if "problem" in expected:
        assert expected["problem"] in problems
    for key, value in expected.items():
        if key != "problem":
            assert found.get(key) == value, key
