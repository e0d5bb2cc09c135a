"""A sweep as people read it: sentences worked by hand, golden files, what Slack takes, and the picture."""

import json
from decimal import Decimal
from typing import Any

import pytest

from bot.answers import Answer
from bot.formatting.as_json import answer_json
from bot.formatting.reply import Reply, reply_to
from bot.formatting.sweep_view import picture
from bot.formatting.text import render
from bot.formatting.verdict_wording import verdict_text
from bot.formatting.views import view
from bot.input import UsageError
from bot.requests import read
from engine.costs import usd_of
from tests.bot.asking import CATALOGUE, TODAY, ask
from tests.conftest import Golden
from tests.fake_slack import message_faults, shared_faults

AUGUST = "as of 2026-08-01"

SWEEPS = {
    "turns": f"kimi-k2p6 turns=5..50 {AUGUST}",
    "turns_with_limits": "kimi-k2p6 turns=1..20:1 budget=$500 deadline=3h",
    "grid": f"kimi-k2p6 turns=2..24 decode=500,1000,2000,4000 {AUGUST}",
    "gpus": "kimi-k2p6 gpus=4..20",
    "nothing_on_offer": "gpt-oss-120b turns=14..30 gpus=3",
    "two_models": "sweep kimi-k2p6, qwen3p5-397b turns=5,10,20",
}
LARGE = {
    "full_grid": "kimi-k2p6 turns=1..20:1 decode=200..4000:200",
    "three_grids": "sweep kimi-k2p6 qwen3p5-397b gpt-oss-120b turns=1..20:1 decode=200..4000:200",
    "three_lines": f"sweep kimi-k2p6 qwen3p5-397b gpt-oss-120b turns=1..20:1 {AUGUST}",
    "millions": "kimi-k2p6 episodes=100..10000000 initial=1000000..10000000",
    "fractions": "kimi-k2p6 decode_tps=0.001..5 prompt_tps=0.5..3:0.25",
}


def asked(text: str) -> Answer:
    return ask(read(text, CATALOGUE, today=TODAY))


def said(text: str) -> str:
    return verdict_text(asked(text))


def body(reply: Reply, *, native: bool) -> dict[str, Any]:
    return {"text": reply.text, "blocks": reply.blocks(native=native)}


@pytest.mark.parametrize("name", SWEEPS)
def test_the_terminal_s_sweep_is_the_reviewed_one(name: str, golden: Golden) -> None:
    golden(f"sweep_{name}.txt", render(view(asked(SWEEPS[name]))) + "\n")


@pytest.mark.parametrize("name", ["turns", "grid"])
def test_slack_s_sweep_is_the_reviewed_one(name: str, golden: Golden) -> None:
    reply = reply_to(asked(SWEEPS[name]), shareable=True)
    message = json.dumps(body(reply, native=True), ensure_ascii=False, indent=1)
    golden(f"slack_sweep_{name}.json", message + "\n")


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("text", [*SWEEPS.values(), *LARGE.values(), "sweep kimi-k2p6"])
def test_slack_takes_every_sweep(text: str, native: bool) -> None:
    message = body(reply_to(asked(text), shareable=True), native=native)
    assert [*message_faults(message), *shared_faults("message", message)] == []


def test_the_verdict_says_from_where_on_which_path_is_cheapest() -> None:
    """5 turns: 68,000 × …: $109.84; 20 turns: 40,000,000 / 1,500 / 3,600 × 8 × $12 = $711.11."""
    assert said(SWEEPS["turns"]) == (
        "Serverless standard is cheapest up to 18 turns, Dedicated from 19 to 22. "
        "From 23 on no path can be bought as asked. A run comes to $109.84 at 5 turns and $711.11 at 20. "
        "If prefill and decode take turns, Dedicated does not become cheapest there."
    )


def test_one_path_all_along_is_said_as_such() -> None:
    assert said("kimi-k2p5 turns=1..10") == (
        "Dedicated is cheapest throughout, from 1 to 10 turns. A run comes to $44.44 at 1 turn and $444.44 at 10."
    )


def test_where_nothing_can_be_bought_the_verdict_says_so() -> None:
    assert said(SWEEPS["nothing_on_offer"]) == (
        "No path can be bought as asked for GPT-OSS-120B from 14 to 30 turns; the amounts are notional."
    )


def test_what_hangs_on_overlap_is_too_close_to_call() -> None:
    """Qwen3.5 at 5 turns: $240.74 or, with prefill in turn, more than Tinker's $305.40."""
    assert said("qwen3p5-397b turns=5,10,20").endswith(
        "Too close to call at 5 turns: it hangs on how far prefill and decode overlap."
    )


def test_a_grid_is_counted() -> None:
    assert said("kimi-k2p5 turns=2,4 decode=1000,2000") == (
        "Dedicated is cheapest in all 4 combinations. The cheapest run goes from $44.44 to $177.78."
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "kimi-k2p6 turns=5..200:1",
            "196 values of turns are more than the 20 that a sweep has room for; "
            "a wider step leaves fewer. Try `kimi-k2p6 turns=5..200:20`.",
        ),
        (
            "kimi-k2p6 turns=5,10 decode=1000,2000 added=3000,4000",
            "A sweep goes over one field or two, and 3 have several values here. "
            "Try `kimi-k2p6 turns=5, 10 decode_tokens_per_turn=1000, 2000 tokens_added_per_turn=3000`.",
        ),
        (
            "sweep kimi-k2p6",
            "A sweep needs a field with several values. Try `kimi-k2p6 turns=1..20`.",
        ),
    ],
)
def test_what_has_no_room_is_refused_with_a_request_that_works(text: str, words: str) -> None:
    assert said(text) == words


def test_the_chart_leaves_no_hole_and_marks_what_cannot_be_bought() -> None:
    blocks = reply_to(asked("kimi-k2p6 gpus=4..20"), shareable=True).blocks(native=True)
    [chart] = [b["chart"] for b in blocks if b["type"] == "data_visualization"]
    assert [line["name"] for line in chart["series"]] == [
        "Tinker",
        "Standard*",
        "Priority*",
        "Fast*",
    ]
    assert chart["axis_config"]["categories"] == ["4", "8", "16", "20"]


def test_lines_that_all_end_early_are_drawn_up_to_the_first_end() -> None:
    """With 4,000 tokens decoded 22 turns are too long."""
    blocks = reply_to(asked(SWEEPS["grid"]), shareable=True).blocks(native=True)
    [chart] = [b["chart"] for b in blocks if b["type"] == "data_visualization"]
    assert chart["axis_config"]["categories"] == [str(turns) for turns in range(2, 21, 2)]
    assert len(chart["series"]) == 4


def test_a_path_that_is_too_long_at_every_point_is_said_to_be() -> None:
    text = render(view(asked(SWEEPS["nothing_on_offer"])))
    assert "· Tinker 128K: too long throughout." in text


def test_json_has_every_point_with_its_paths_and_the_crossings() -> None:
    [entry] = answer_json(asked(f"kimi-k2p6 turns=5..50 {AUGUST}"))["models"]
    assert [point["fields"] for point in entry["points"]] == [{"turns": n} for n in range(5, 51, 5)]
    assert [point["cheapest"] for point in entry["points"][2:5]] == [
        "serverless_standard", "dedicated", None,
    ]  # fmt: skip
    single = answer_json(asked(f"kimi-k2p6 turns=20 {AUGUST}"))["models"][0]
    assert entry["points"][3]["paths"] == single["paths"]
    first, _ = entry["crossings"]
    assert (first["below"], first["above"], first["after"]) == (18, 19, "dedicated")
    assert first["above_if_phases_add"] is None
    json.dumps(entry)


def test_the_picture_has_each_turn_of_200_with_the_amount_of_the_single_estimate() -> None:
    drawn = picture(asked(f"kimi-k2p6 turns=1..200 {AUGUST}"))
    lines = {line.name: line for line in drawn.series}
    assert all([x for x, _ in line.points] == list(range(1, 201)) for line in drawn.series)
    for turns in (1, 2, 3, 11, 12, 22, 23, 137, 200):
        single = asked(f"kimi-k2p6 turns={turns} {AUGUST}").models[0].quotes
        bills = [usd_of(quote.priced) for quote in single]
        for line, usd in zip(drawn.series, bills, strict=True):
            drawn_usd = dict(line.points)[Decimal(turns)]
            assert usd is not None
            assert drawn_usd is not None
            assert abs(drawn_usd - usd) < Decimal("0.005")
    assert lines["Tinker"].notional_from == 12
    assert lines["Dedicated"].notional_from == 23
    assert [(mark.x, mark.text) for mark in drawn.marks] == [
        (Decimal(19), "Dedicated from 19 turns")
    ]


def test_a_picture_of_a_cluster_has_the_points_and_gaps_where_there_is_no_amount() -> None:
    drawn = picture(asked("kimi-k2p6 gpus=4..20"))
    [line] = [line for line in drawn.series if line.name == "Dedicated"]
    assert [usd is None for _, usd in line.points] == [True, False, False, True]


def test_a_grid_is_drawn_as_the_cheapest_run_for_each_value_of_the_second() -> None:
    drawn = picture(asked(SWEEPS["grid"]))
    assert [line.name for line in drawn.series] == [
        "500 decoded", "1,000 decoded", "2,000 decoded", "4,000 decoded",
    ]  # fmt: skip
    two = picture(asked(SWEEPS["two_models"]))
    assert [line.name for line in two.series] == ["Kimi K2.6", "Qwen3.5-397B-A17B"]


def test_an_answer_that_is_no_sweep_has_no_picture_and_says_what_has() -> None:
    with pytest.raises(UsageError, match=r"turns=5\.\.200:20"):
        picture(asked("kimi-k2p6 turns=5..200:1"))
