"""Presets in replies: listed, and named beside what was said and what was taken by default."""

import json

import pytest

from bot.answers import Answer
from bot.formatting.as_json import answer_json
from bot.formatting.layout import Sourced
from bot.formatting.reply import reply_to
from bot.formatting.text import render
from bot.formatting.views import view
from bot.requests import read
from pricing.shapes import presets
from tests.bot.asking import CATALOGUE, TODAY, ask
from tests.conftest import Golden
from tests.fake_slack import message_faults, shared_faults


def asked(text: str) -> Answer:
    return ask(read(text, CATALOGUE, today=TODAY))


TEXTS = {
    "shapes": "shapes",
    "shapes_swe": "shapes swe",
    "shapes_one": "shapes manus-agent",
    "preset_run": "swe-pro-sonnet45 kimi k2.6 episodes=2000 turns=40",
    "preset_worked_out": "terminal-50 kimi-k2p6 tool=2k",
}


@pytest.mark.parametrize("name", TEXTS)
def test_replies_read_as_reviewed(name: str, golden: Golden) -> None:
    golden(f"{name}.txt", render(view(asked(TEXTS[name]))) + "\n")


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
@pytest.mark.parametrize("name", ["shapes_swe", "preset_run"])
def test_slack_replies_read_as_reviewed(name: str, native: bool, golden: Golden) -> None:
    reply = reply_to(asked(TEXTS[name]), shareable=True)
    body = {"text": reply.text, "blocks": reply.blocks(native=native)}
    suffix = "" if native else "_plain"
    golden(f"slack_{name}{suffix}.json", json.dumps(body, indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
@pytest.mark.parametrize("text", TEXTS.values())
def test_slack_finds_no_fault(text: str, native: bool) -> None:
    reply = reply_to(asked(text), shareable=True)
    body = {"text": reply.text, "blocks": reply.blocks(native=native)}
    assert [*message_faults(body), *shared_faults("message", body)] == []


@pytest.mark.parametrize(
    "question",
    [
        "{}",
        "{} turns=10,20",
        "{} turns=10,20 episodes=5,10",
        "compare gpt-oss-120b {}",
        "limits {}",
        "how many episodes for $10k {}",
        "how many gpus in 6 hours {}",
        "at how many turns is it cheaper {}",
        "explain {}",
    ],
)
def test_whatever_is_asked_of_a_preset_its_values_and_its_page_stand_beside(question: str) -> None:
    sections = view(asked(question.format("kimi-k2p6 swe-pro-sonnet45"))).sections
    facts = {label: text for section in sections for label, text in section.facts}
    assert (
        "3,000 initial prompt tokens, 855 tokens added per turn" in facts["From swe-pro-sonnet45"]
    )
    assert "worked out" not in facts.get("You said", "")
    assert "855" not in facts.get("You said", "") + facts.get("By default", "")
    pages = {
        line.url
        for section in sections
        if section.title == "Notes"
        for line in section.lines
        if isinstance(line, Sourced)
    }
    assert presets().get("swe-pro-sonnet45").source_url in pages


def test_json_lists_each_preset_with_its_source() -> None:
    out = answer_json(asked("shapes"))
    assert out["models"] == []
    assert [shape["name"] for shape in out["shapes"]] == [shape.name for shape in presets()]
    assert out["shapes"][8] == {
        "name": "terminal-9",
        "turns": 9,
        "initial_prompt_tokens": 862,
        "tokens_added_per_turn": 1004,
        "decode_tokens_per_turn": 347,
        "peak_context_tokens": 9241,
        "source": "contextecho, the git-multibranch task",
        "source_url": None,
        "confidence": "low",
        "note": "solved from the totals of one run: 43,906 tokens in, 3,120 out",
    }


def test_json_names_the_preset_behind_a_run() -> None:
    out = answer_json(asked("manus-agent kimi-k2p6 turns=10"))
    assert out["preset"] == {
        "name": "manus-agent",
        "source": presets().get("manus-agent").source_url,
        "confidence": "low-medium",
    }
    assert out["request"]["preset"] == "manus-agent"
    assert (out["shape"]["turns"], out["shape"]["initial_prompt_tokens"]) == (10, 10_000)
    assert "initial_prompt_tokens" not in out["defaults"]


def test_json_of_a_run_without_a_preset_has_none() -> None:
    assert not {"preset", "shapes"} & answer_json(asked("kimi-k2p6")).keys()


def test_a_preset_of_which_everything_was_said_gives_nothing() -> None:
    said = "terminal-9 kimi-k2p6 turns=2 prompt=1k added=500 decode=100"
    shown = render(view(asked(said)))
    assert "From terminal-9" in shown
    assert "nothing, for all that it knows was said" in " ".join(shown.split())
    assert "git-multibranch" in shown
    assert "· terminal-9:" not in shown
