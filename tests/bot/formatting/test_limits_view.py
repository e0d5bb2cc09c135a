"""Limits as a terminal, Slack and a script get them. Golden files are read like code."""

import json
from datetime import date

import pytest

from bot.answers import Answer
from bot.formatting.as_json import answer_json
from bot.formatting.reply import reply_to
from bot.formatting.text import render
from bot.formatting.views import view
from bot.requests.request import Field, Intent, Request, Value
from tests.bot.asking import LONG_RUN, ask
from tests.conftest import Golden
from tests.fake_slack import message_faults, shared_faults


def limits(
    *models: str, fields: dict[Field, Value] | None = None, paths: tuple[str, ...] = ()
) -> Answer:
    return ask(Request(intent=Intent.LIMITS, models=models, fields=fields or {}, paths=paths))


ANSWERS = {
    "in_august": limits("kimi-k2p6", fields={Field.AS_OF: date(2026, 8, 1)}),
    "long_run": limits("kimi-k2p6", fields=LONG_RUN),
    "beyond_par": limits("gpt-oss-120b", fields={Field.TURNS: 1, Field.DECODE_TPS: 100}),
    "no_throughput": limits("kimi-k2p6", fields={Field.GPUS: 12}),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_limits_look_like_this(name: str, golden: Golden) -> None:
    golden(f"limits_{name}.txt", render(view(ANSWERS[name])) + "\n")


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
def test_limits_in_slack_look_like_this(native: bool, golden: Golden) -> None:
    reply = reply_to(ANSWERS["in_august"], shareable=True)
    body = {"text": reply.text, "blocks": reply.blocks(native=native)}
    suffix = "" if native else "_plain"
    golden(f"slack_limits{suffix}.json", json.dumps(body, indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
@pytest.mark.parametrize("name", ANSWERS)
def test_slack_finds_no_fault_in_limits(name: str, native: bool) -> None:
    reply = reply_to(ANSWERS[name], shareable=True)
    body = {"text": reply.text, "blocks": reply.blocks(native=native)}
    assert [*message_faults(body), *shared_faults("message", body)] == []


def test_limits_in_json_have_the_keys_of_the_contract() -> None:
    (entry,) = answer_json(ANSWERS["in_august"])["models"]
    standard = next(e for e in entry["limits"] if e["against"] == "serverless_standard")
    assert standard | {"headroom": None} == {
        "against": "serverless_standard",
        "max_gpus": 5,
        "max_replicas": 0,
        "min_prompt_tps": None,
        "min_decode_tps": 2127,
        "binding": "decode",
        "headroom": None,
        "unreachable": ["prompt_tps"],
    }
    assert json.dumps(entry, allow_nan=False)


def test_a_path_that_is_named_is_answered_first_and_the_order_of_the_named_ones_kept() -> None:
    answer = limits(
        "kimi-k2p6",
        fields={Field.AS_OF: date(2026, 8, 1)},
        paths=("serverless_priority", "tinker"),
    )
    assert view(answer).summary == (
        "Dedicated ($284.44) is too close to call with Serverless priority ($301.76; $366.22 if prefill and "
        "decode take turns). Par is at 8 GPUs at this throughput, 8,131 prompt tok/s or 1,414 decode tok/s, "
        "each alone. It is 3.5× below Tinker 128K ($996.00)."
    )


def test_the_headroom_in_the_table_is_the_one_in_words() -> None:
    (table,) = [
        s.table for s in view(ANSWERS["in_august"]).sections if s.title.startswith("At par ·")
    ]
    assert table
    assert {str(row[0]): str(row[3]) for row in table.rows} == {
        "Tinker 128K": "3.5×",
        "Serverless standard": "0.706×",
        "Serverless priority": "1.1×",
        "Serverless fast": "1.4×",
    }


@pytest.mark.parametrize("name", ["in_august", "long_run"])
def test_notes_come_before_rates(name: str) -> None:
    titles = [section.title for section in view(ANSWERS[name]).sections]
    assert titles[-2:] == ["Notes", "Rates"]


def test_rates_of_several_models_say_whose_they_are() -> None:
    titles = [section.title for section in view(limits("kimi-k2p6", "gpt-oss-120b")).sections]
    assert titles[-3:] == ["Notes", "Rates · Kimi K2.6", "Rates · GPT-OSS-120B"]


def test_a_cluster_without_work_has_no_limit() -> None:
    idle: dict[Field, Value] = {
        Field.INITIAL_PROMPT_TOKENS: 0,
        Field.TURNS: 1,
        Field.DECODE_TOKENS_PER_TURN: 0,
        Field.TOKENS_ADDED_PER_TURN: 0,
    }
    assert "Dedicated costs nothing here" in view(limits("kimi-k2p6", fields=idle)).summary
