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
        "each alone. It is 3.5× cheaper than Tinker 128K ($996.00)."
    )


def test_the_headroom_in_the_table_is_the_one_in_words() -> None:
    (table,) = [
        s.table for s in view(ANSWERS["in_august"]).sections if s.title.startswith("At par ·")
    ]
    assert table
    assert {str(row[0]): str(row[3]) for row in table.rows} == {
        "Tinker 128K": "3.5×",
        "Serverless standard": "0.71×",
        "Serverless priority": "1.1×",
        "Serverless fast": "1.4×",
    }


def test_a_cluster_that_cannot_hold_the_model_is_said_first() -> None:
    small: dict[Field, Value] = {
        Field.GPUS: 1,
        Field.GPU_TYPE: "B300_288GB",
        Field.PROMPT_TPS: 30_000,
        Field.DECODE_TPS: 1_500,
    }
    said = "cannot hold Kimi K2.6, so what is said of Dedicated cannot be had: "
    assert view(limits("kimi-k2p6", fields=small)).summary.startswith(f"1 × B300 {said}")
    # 120 billion parameters at four bits are 60 GB.
    two = view(limits("gpt-oss-120b", "kimi-k2p6", fields=small)).summary
    assert two.startswith("GPT-OSS-120B: Dedicated (")
    assert two.count("cannot hold") == two.count(said) == 1
    # The run would cost 10.67 s of decode × 1,000 × $15 an hour = $44.44 there, and $996 on Tinker.
    allowed = {**small, Field.BUDGET_USD: 100, Field.DEADLINE_HOURS: 4}
    text = view(limits("kimi-k2p6", fields=allowed)).summary
    assert text.endswith(
        "$100 is not enough for any path on offer. How long these paths take is not known, so nothing is said of the "
        "deadline of 4 hours."
    )


def test_whole_replicas_stand_with_the_gpus_that_they_are_of() -> None:
    # On 16 B300 at $15 the run takes $355.56; at the same throughput 44 of them cost $977.78, and 45 $1,000, above
    # Tinker's $996.00. On 8 at $12 5 GPUs cost $177.78 and 6 $213.33, above standard's $200.68: no whole replica.
    table = next(s.table for s in view(limits("kimi-k2p6", fields={Field.GPUS: 16})).sections)
    assert table
    assert "Replicas" not in table.header
    assert str(table.rows[0][4]) == "≤ 44 (5×8)"
    in_august = next(s.table for s in view(ANSWERS["in_august"]).sections)
    assert in_august
    assert str(in_august.rows[1][4]) == "≤ 5"


def test_what_moved_no_amount_is_no_reason_for_other_limits() -> None:
    # Of one turn nothing is cached, and the throughput is the one that was said on H200 as on B300: decode takes
    # 1,333 s on 23 of either, $102.22 at $12 and $59.63 at $7.
    one_turn: dict[Field, Value] = {
        Field.TURNS: 1,
        Field.INITIAL_PROMPT_TOKENS: 1_000,
        Field.GPUS: 23,
        Field.GPU_TYPE: "H200_141GB",
        Field.PROMPT_TPS: 1_000,
        Field.DECODE_TPS: 1_500,
        Field.AS_OF: date(2026, 8, 5),
    }
    answer = limits("kimi-k2p6", fields=one_turn)
    (why,) = [s.lines for s in view(answer).sections if s.title == "Why they differ"]
    assert [str(line) for line in why if str(line).startswith(("Tinker, ", "Dedicated, "))] == [
        "Tinker, 128K → 32K, $5.15 input, $12.81 output → $2.205 input, $5.49 output: $30.77 → $13.19.",
        "Dedicated, GPU-hour $12.00 → $7.00: $102.22 → $59.63.",
    ]
    (entry,) = answer_json(answer)["models"]
    assert entry["limits"][0]["published"]["why"] == [*why]


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
