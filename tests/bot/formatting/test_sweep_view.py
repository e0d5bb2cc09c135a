"""A sweep as people read it: sentences worked by hand, golden files, what Slack takes, and the picture."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.answers import Answer
from bot.formatting.as_json import answer_json
from bot.formatting.blocks import curves_chart
from bot.formatting.layout import LineChart
from bot.formatting.picture import Series
from bot.formatting.png import draw
from bot.formatting.reply import Reply, reply_to
from bot.formatting.sweep_picture import picture
from bot.formatting.text import render
from bot.formatting.verdict_wording import verdict_text
from bot.formatting.views import view
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
    """5 turns: 68,000 × …: $109.84; 22 turns: 44,000,000 / 1,500 / 3,600 × 8 × $12 = $782.22."""
    assert said(SWEEPS["turns"]) == (
        "Serverless standard is cheapest up to 18 turns, Dedicated from 19 to 22. "
        "From 23 on no path can be bought as asked. A run comes to $109.84 at 5 turns and $782.22 at 22. "
        "Too close to call from 19 to 22 turns: if prefill and decode take turns, Dedicated is not the cheapest there."
    )


def test_one_path_all_along_is_said_as_such() -> None:
    assert said("kimi-k2p5 turns=1..10") == (
        "Dedicated is cheapest throughout, from 1 to 10 turns. A run comes to $44.44 at 1 turn and $444.44 at 10."
    )


def test_a_path_that_returns_is_said_twice() -> None:
    """39,072 tokens decoded are the last that Tinker holds: 8,000 + 7 × 12,000 + 39,072 = 131,072."""
    assert said("kimi-k2p6 decode=500..50000").startswith(
        "Dedicated is cheapest up to 10,505 tokens decoded per turn, Tinker from 10,506 to 39,072, "
        "Dedicated from 39,073 on."
    )


def test_where_nothing_can_be_bought_the_verdict_says_so() -> None:
    assert said(SWEEPS["nothing_on_offer"]).startswith(
        "No path can be bought as asked for GPT-OSS-120B from 14 to 30 turns; the amounts are notional. "
        "Dedicated: no throughput is known for 3 × H200; it is known for 4 × H200; "
        "otherwise say prompt_tps and decode_tps."
    )


def test_where_nothing_has_an_amount_no_amount_is_called_notional() -> None:
    assert said("kimi-k2p6 turns=5,10 as of 2024-01-01").startswith(
        "No path can be bought as asked for Kimi K2.6 from 5 to 10 turns, and none has an amount for that day."
    )


def test_what_hangs_on_overlap_is_too_close_to_call() -> None:
    """Qwen3.5 at 5 turns: $240.74 or, with prefill in turn, more than Tinker's $305.40."""
    assert said("qwen3p5-397b turns=5,10,20").endswith(
        "Too close to call at 5 turns: if prefill and decode take turns, Dedicated is not the cheapest there."
    )


def test_a_grid_is_counted() -> None:
    assert said("kimi-k2p5 turns=2,4 decode=1000,2000") == (
        "Dedicated is cheapest in all 4 combinations. A run comes to between $44.44 and $177.78."
    )


KNOWN = (
    "its throughput is known for multiples of 8 × B300 only. "
    "For any other cluster say `prompt_tps` and `decode_tps`."
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "kimi-k2p6 gpus=4..32",
            "Dedicated is cheapest at every point from 8 GPUs on. The bill stays $355.56. "
            "Dedicated takes 2.96 to 3.81 hours at 8 GPUs and 44.4 to 57.2 minutes at 32. "
            f"Dedicated is left out at 4 GPUs: {KNOWN}",
        ),
        (
            "kimi-k2p6 gpus=4,12,20",
            f"Dedicated is left out: {KNOWN} Of the other paths Tinker is cheapest at every point. "
            "A run comes to $996.00.",
        ),
        (
            "kimi-k2p6 gpus=8..64 gpu_type=b200",
            f"Dedicated is left out: {KNOWN} Of the other paths Tinker is cheapest at every point. "
            "A run comes to $996.00.",
        ),
        (
            "kimi-k2p6 gpus=4..32 turns=5,10",
            "Dedicated is cheapest in all 8 combinations. A run comes to between $222.22 and $444.44. "
            f"Dedicated is left out at 4 GPUs: {KNOWN}",
        ),
        (
            "kimi-k2p6 turns=1..8 gpus=3",
            "Dedicated: no throughput is known for 3 × B300; it is known for 8 × B300; "
            "otherwise say prompt_tps and decode_tps. Of the other paths Tinker is cheapest throughout, "
            "from 1 to 8 turns. A run comes to $28.62 at 1 turn and $996.00 at 8.",
        ),
    ],
)
def test_a_count_of_gpus_without_a_throughput_is_not_taken_for_a_dearer_one(
    text: str, words: str
) -> None:
    assert said(text) == words


def test_without_a_throughput_combinations_of_the_other_paths_are_counted() -> None:
    """11 turns are the last that Tinker's window holds."""
    assert "Of the other paths, of 4 combinations the cheapest is Tinker in 2, and in 2 " in said(
        "kimi-k2p6 turns=5,20 decode=1000,2000 gpus=3"
    )


def test_where_only_a_throughput_is_missing_no_day_is_blamed() -> None:
    assert said("kimi-k2p6 turns=5..20 gpus=3 on dedicated").startswith(
        "Dedicated cannot be bought as asked for Kimi K2.6 from 5 to 20 turns. "
        "Dedicated: no throughput is known for 3 × B300;"
    )


def limit_of(text: str) -> str:
    """What a verdict says of the budget or the deadline: its last sentence."""
    return said(text).removesuffix(".").rpartition(". ")[2]


def test_a_budget_stands_in_the_verdict_for_values_between_the_points_too() -> None:
    """T turns come to T × $44.44, and (8,000 + (T − 1) × 12,000) × 1,000 / 30,000 / 30 dollars of prefill on top where
    the phases take turns: $284.44 at 5 turns, $342.22 at 6; 7 are $311.11 at least.
    """
    assert limit_of("kimi-k2p6 turns=5..20 budget=$300") == (
        "$300 is enough at 5 turns, too close to call at 6 and too little from 7 on"
    )
    assert limit_of("kimi-k2p6 turns=5,20 budget=$300") == limit_of(
        "kimi-k2p6 turns=5..20 budget=$300"
    )


def test_a_budget_is_said_of_episodes_to_the_last_one() -> None:
    """An episode is $0.3556, or $0.4578 without overlap: $1,000 are 2,812 and 2,184 of them."""
    assert limit_of("kimi-k2p6 episodes=100..100000 budget=$1000") == (
        "$1,000 is enough up to 2,184 episodes, too close to call from 2,185 to 2,812 and too little from 2,813 on"
    )


def test_a_deadline_stands_in_the_verdict_for_the_cluster_alone() -> None:
    """T turns are T × 1,333.3 s of decode and 266.7 + (T − 1) × 400 of prefill: 6 take 10,266.7 s, 7 take 9,333 to
    12,000 and 8 take 10,666.7 to 13,733.3; 3 hours are 10,800.
    """
    assert limit_of("kimi-k2p6 turns=1..20 deadline=3h") == (
        "On Dedicated the deadline of 3 hours is met up to 6 turns, too close to call from 7 to 8 and missed from 9 on"
    )


def test_where_nothing_can_be_bought_nothing_is_said_of_a_limit() -> None:
    """22 turns are the last that fit."""
    assert limit_of("kimi-k2p6 turns=5..50 budget=$10k") == "$10,000 is enough up to 22 turns"
    assert "$10" not in said("gpt-oss-120b turns=14..30 gpus=3 budget=$10k")


def test_a_deadline_without_a_cluster_says_that_no_time_is_known() -> None:
    assert (
        "How long these paths take is not known, so nothing is said of the deadline of 3 hours."
        in said("kimi-k2p6 turns=1..8 gpus=3 deadline=3h")
    )


def test_of_points_alone_and_of_two_fields_the_points_are_counted() -> None:
    """8 GPUs take 2.96 to 3.81 hours, 16 half as long; 2 and 4 turns of 1,000 and 2,000 decoded $44 to $178."""
    assert "On Dedicated the deadline of 2 hours is met at 16 GPUs and missed at 8 GPUs." in said(
        "kimi-k2p6 gpus=4..20 deadline=2h"
    )
    assert limit_of("kimi-k2p5 turns=2,4 decode=1000,2000 budget=$150") == (
        "$150 is enough in 3 of 4 combinations and too little in 1 of 4 combinations"
    )


def test_combinations_without_a_throughput_are_counted_nowhere() -> None:
    """Of 2 turns Tinker bills less than dedicated may, $74.07 or more by how far the phases overlap."""
    text = "qwen3p5-397b turns=2,5,10 gpus=8,9 as of 2026-08-01"
    assert said(text).startswith(
        "Dedicated is cheapest in all 3 combinations. A run comes to between $74.07 and $370.37. "
        "Too close to call in 1 of 3 combinations: it hangs on how far prefill and decode overlap. "
        "Dedicated is left out at 9 GPUs:"
    )
    both = render(view(asked("qwen3p5-397b turns=2..40 gpus=8,9 as of 2026-08-01")))
    assert "· 8 GPUs: Dedicated up to 22 turns, none from 23 on." in both
    assert "· 9 GPUs" not in both


TOO_SMALL = "kimi-k2p6 gpus=1 gpu_type=b300 prompt_tps=30000 decode_tps=1500 turns=5..20"


def test_that_a_cluster_cannot_hold_the_model_is_said_first_and_it_wins_nothing() -> None:
    """11 turns are the last that Tinker's window holds."""
    too_small = "cannot be had: the memory is 288 GB, and the weights alone take about 500 GB at four bits each. "
    assert said(TOO_SMALL) == (
        f"1 × B300 cannot hold Kimi K2.6, so what is said of Dedicated {too_small}"
        "Tinker is cheapest up to 11 turns. From 12 on no path can be bought as asked. "
        "A run comes to $523.62 at 5 turns and $1,580 at 11."
    )
    assert said("kimi-k2p6 gpus=1..8 gpu_type=b300 prompt_tps=30000 decode_tps=1500").startswith(
        f"1 × B300 cannot hold Kimi K2.6, so what is said of Dedicated at 1 GPU {too_small}"
        "Tinker is cheapest at 1 GPU, Dedicated from 2 on."
    )
    assert said(f"{TOO_SMALL} on dedicated") == (
        f"1 × B300 cannot hold Kimi K2.6, so what is said of Dedicated {too_small}"
        "Dedicated cannot be bought as asked for Kimi K2.6 from 5 to 20 turns. "
        "Tinker, which you left out, is the cheapest of all up to 11 turns."
    )
    assert said(f"{TOO_SMALL} on tinker").endswith(too_small.strip())
    section = next(section for section in view(asked(TOO_SMALL)).sections if section.table)
    assert section.table is not None
    assert [str(cell) for cell in section.table.rows[0]][1::5] == ["Tinker 128K", "*$27.78"]
    [dedicated] = [one for one in picture(asked(TOO_SMALL)).series if one.name == "Dedicated"]
    assert all(one.notional for one in dedicated.amounts)


def heads_of(text: str) -> tuple[str, ...]:
    table = next(section.table for section in view(asked(text)).sections if section.table)
    return table.header


def test_hours_stand_beside_the_bills_where_they_are_what_changes() -> None:
    """5,000 × 16,000 tokens / 1,500 tok/s are 14.8 hours on 8 GPUs, and 1.85 on 64 of eight times the throughput."""
    text = "sweep kimi-k2p6 gpus=8..64 5000 episodes"
    assert said(text) == (
        "Dedicated is cheapest at every point. The bill stays $1,778. "
        "Dedicated takes 14.8 to 19.1 hours at 8 GPUs and 1.85 to 2.38 hours at 64."
    )
    assert heads_of(text)[-1] == "Dedicated takes"
    assert "1.85 h to 2.38 h" in render(view(asked(text)))
    assert heads_of("kimi-k2p6 turns=5..10 deadline=3h")[-1] == "Dedicated takes"
    assert "Dedicated takes" not in heads_of("kimi-k2p6 turns=5..10")


def test_hours_that_stay_are_not_said() -> None:
    """A throughput that is said is that of the whole cluster, whatever it counts."""
    assert "takes" not in said("kimi-k2p6 gpus=4..20 prompt_tps=30000 decode_tps=1500")


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


def charts_of(text: str) -> list[dict[str, Any]]:
    blocks = reply_to(asked(text), shareable=True).blocks(native=True)
    drawn = [block for block in blocks if block["type"] == "data_visualization"]
    return [{"title": block["title"], **block["chart"]} for block in drawn]


def test_the_chart_has_the_counts_of_gpus_with_a_throughput() -> None:
    [chart] = charts_of("kimi-k2p6 gpus=4..20")
    assert [line["name"] for line in chart["series"]] == [
        "Tinker", "Standard*", "Priority*", "Fast*", "Dedicated",
    ]  # fmt: skip
    assert chart["axis_config"]["categories"] == ["8", "16"]
    assert chart["title"] == "US$ per run"


def test_the_chart_ends_where_nothing_can_be_bought_any_more() -> None:
    """From 23 turns on, and on Tinker from 12 on."""
    [chart] = charts_of(SWEEPS["turns"])
    assert chart["axis_config"]["categories"] == ["5", "10", "15", "20"]
    assert chart["title"] == "US$ per run · nothing on offer beyond 22 turns"
    assert chart["axis_config"]["x_label"] == "Turns · * cannot be bought"
    assert [line["name"] for line in chart["series"]] == [
        "Tinker* from 15", "Standard", "Priority", "Fast", "Dedicated",
    ]  # fmt: skip


def test_a_title_keeps_to_slack_s_limit() -> None:
    """A peak of P + 7 × 12,000 + 2,000 fits 262,144 tokens up to 176,144, and Tinker's 131,072 up to 45,072."""
    [chart] = charts_of("kimi-k2p6 initial=1000..10000000")
    assert chart["title"] == "US$ per run · nothing on offer beyond 176,144"
    assert chart["series"][0]["name"] == "Tinker* from 50,000"


def test_lines_that_all_end_early_are_drawn_up_to_the_first_end() -> None:
    """With 4,000 tokens decoded 22 turns are too long."""
    [chart] = charts_of(SWEEPS["grid"])
    assert chart["axis_config"]["categories"] == [str(turns) for turns in range(2, 21, 2)]
    assert len(chart["series"]) == 4


def drawn_chart(*series: tuple[Decimal | None, ...]) -> list[tuple[str, list[object]]]:
    """A native chart of lines A, B …: the name and the values of each that Slack is sent."""
    named = tuple((chr(ord("A") + nth), values) for nth, values in enumerate(series))
    points = tuple(map(str, range(len(series[0]))))
    chart = LineChart(title="US$", x_axis="Turns", y_axis="US$", series=named, points=points)
    return [
        (line["name"], [point["value"] for point in line["data"]])
        for block in curves_chart(chart)
        for line in block["chart"]["series"]
    ]


def test_slack_s_lines_have_no_hole() -> None:
    one, two, three = map(Decimal, (1, 2, 3))
    whole, short, late = (one, two, three), (one, two, None), (None, two, three)
    nothing = (None, None, None)
    assert drawn_chart(whole, short) == [("A", [1, 2]), ("B", [1, 2])]
    assert drawn_chart(whole, nothing) == [("A", [1, 2, 3])]
    # up to the first hole there is nothing to draw: the line that has none is left
    assert drawn_chart(whole, late) == [("A", [1, 2, 3])]
    assert drawn_chart(late) == []


def test_a_path_that_is_too_long_at_every_point_is_said_to_be() -> None:
    text = render(view(asked(SWEEPS["nothing_on_offer"])))
    assert "· Tinker 128K: too long throughout." in text
    assert "· Serverless standard and priority: retired and too long throughout." in text


def test_what_changes_stands_apart_from_what_holds_throughout() -> None:
    text = render(view(asked("kimi-k2p6 turns=1..40")))
    assert "· Tinker: 32K up to 2 turns, 128K from 3 to 11, too long from 12 on." in text
    assert (
        "· Serverless standard, priority and fast: retired throughout, too long from 23 turns on."
        in text
    )


def test_json_has_every_point_with_its_paths_and_who_leads() -> None:
    [entry] = answer_json(asked(f"kimi-k2p6 turns=5..50 {AUGUST}"))["models"]
    assert [point["fields"] for point in entry["points"]] == [{"turns": n} for n in range(5, 51, 5)]
    assert [point["cheapest"] for point in entry["points"][2:5]] == [
        "serverless_standard", "dedicated", None,
    ]  # fmt: skip
    single = answer_json(asked(f"kimi-k2p6 turns=20 {AUGUST}"))["models"][0]
    assert entry["points"][3]["paths"] == single["paths"]
    standard, dedicated, nobody = entry["leads"]
    assert (standard["from"], standard["to"], standard["too_close"]) == (5, 18, [])
    assert (dedicated["path"], dedicated["from"], dedicated["to"]) == ("dedicated", 19, 22)
    assert dedicated["too_close"] == [{"from": 19, "to": 22}]
    assert (nobody["path"], nobody["usd_from"]) == (None, None)
    json.dumps(entry)


def amounts(line: Series) -> dict[Decimal, Decimal | None]:
    return {one.x: one.usd for one in line.amounts}


def notional_from(line: Series) -> Decimal | None:
    return next((one.x for one in line.amounts if one.notional), None)


def test_the_picture_has_each_turn_of_200_with_the_amount_of_the_single_estimate() -> None:
    drawn = picture(asked(f"kimi-k2p6 turns=1..200 {AUGUST}"))
    lines = {line.name: line for line in drawn.series}
    assert all([*amounts(line)] == list(range(1, 201)) for line in drawn.series)
    for turns in (1, 2, 3, 11, 12, 22, 23, 137, 200):
        single = asked(f"kimi-k2p6 turns={turns} {AUGUST}").models[0].quotes
        bills = [usd_of(quote.priced) for quote in single]
        for line, usd in zip(drawn.series, bills, strict=True):
            drawn_usd = amounts(line)[Decimal(turns)]
            assert usd is not None
            assert drawn_usd is not None
            assert abs(drawn_usd - usd) < Decimal("0.005")
    assert notional_from(lines["Tinker"]) == 12
    assert notional_from(lines["Dedicated"]) == 23
    assert [(one.x, one.text) for one in drawn.crossings] == [
        (Decimal(19), "Dedicated from 19 turns")
    ]
    assert [(band.start, band.end, band.text) for band in drawn.bands] == [
        (Decimal(23), Decimal(200), "From 23 turns on no path can be bought as asked")
    ]


def test_a_picture_says_its_verdict_and_which_run_it_is() -> None:
    answer = asked(f"kimi-k2p6 turns=5..50 gpus=16 {AUGUST}")
    drawn = picture(answer)
    assert drawn.subtitle == verdict_text(answer)
    assert drawn.basis == (
        "1,000 episodes, 8,000 initial prompt tokens, 12,000 tokens added per turn, "
        "2,000 tokens decoded per turn, dedicated on 16 × B300"
    )


def test_a_picture_over_throughput_is_curved_as_the_bill_is() -> None:
    """Decode binds: 16M tokens / 3,600 s × 8 × $15 = $533,333.33 ÷ tok/s."""
    drawn = picture(asked("kimi-k2p6 decode_tps=500..2000"))
    [line] = [line for line in drawn.series if line.name == "Dedicated"]
    for tps in (500, 750, 2000):
        usd = min(amounts(line).items(), key=lambda one: abs(one[0] - tps))
        assert usd[1] is not None
        assert abs(usd[1] * usd[0] - Decimal("533333.33")) < 10


def test_a_picture_of_a_cluster_has_the_points_and_gaps_where_there_is_no_amount() -> None:
    drawn = picture(asked("kimi-k2p6 gpus=4..20"))
    [line] = [line for line in drawn.series if line.name == "Dedicated"]
    assert [usd is None for usd in amounts(line).values()] == [True, False, False, True]
    assert not line.joined
    assert picture(asked("kimi-k2p6 gpus=8,20,40")).crossings == ()


def test_a_path_has_the_same_place_in_every_picture() -> None:
    """Qwen3.5 has no serverless rate, and in May 2026 Kimi K2.6 none of priority and fast."""
    places: dict[str, set[int | None]] = {}
    texts = (
        "kimi-k2p6 turns=1..8",
        "qwen3p5-397b turns=1..8",
        "kimi-k2p6 gpus=8,16 as of 2026-05-20",
    )
    for line in (line for text in texts for line in picture(asked(text)).series):
        places.setdefault(line.name, set()).add(line.place)
    assert places == {
        "Tinker": {0}, "Serverless standard": {1}, "Serverless priority": {2}, "Serverless fast": {3},
        "Dedicated": {4},
    }  # fmt: skip
    assert {line.place for line in picture(asked(SWEEPS["two_models"])).series} == {None}


def test_a_grid_is_drawn_as_the_cheapest_run_for_each_value_of_the_second() -> None:
    """Of 4,000 decoded 21 turns are the last to fit, between two of the points; standard bills $962.00 there."""
    drawn = picture(asked(SWEEPS["grid"]))
    assert [line.name for line in drawn.series] == [
        "500 decoded", "1,000 decoded", "2,000 decoded", "4,000 decoded",
    ]  # fmt: skip
    priced = {x: usd for x, usd in amounts(drawn.series[-1]).items() if usd is not None}
    assert [*priced] == list(range(2, 22))
    assert round(priced[Decimal(21)], 2) == Decimal("962.00")


def test_models_are_drawn_as_the_cheapest_run_of_each() -> None:
    drawn = picture(asked(SWEEPS["two_models"]))
    assert [line.name for line in drawn.series] == ["Kimi K2.6", "Qwen3.5-397B-A17B"]
    assert [*amounts(drawn.series[0])] == list(range(5, 21))
    both = picture(asked("sweep kimi-k2p6, qwen3p5-397b turns=5,10 decode=1000,2000"))
    assert [line.name for line in both.series] == [
        "kimi-k2p6, 1,000 decoded", "kimi-k2p6, 2,000 decoded",
        "qwen3p5-397b, 1,000 decoded", "qwen3p5-397b, 2,000 decoded",
    ]  # fmt: skip


def test_no_more_lines_are_drawn_than_can_be_named_and_the_rest_is_said() -> None:
    """Of 20 values for each of three models there is room for six, both ends included."""
    drawn = picture(asked(LARGE["three_grids"]))
    own = [line.name for line in drawn.series if line.name.startswith("kimi-k2p6")]
    assert len(drawn.series) == 18
    assert (own[0], own[-1]) == ("kimi-k2p6, 200 decoded", "kimi-k2p6, 4,000 decoded")
    assert drawn.basis.endswith("· 6 of 20 values of tokens decoded per turn are drawn")
    assert len(picture(asked(LARGE["full_grid"])).series) == 20


@pytest.mark.parametrize("text", [*SWEEPS.values(), *LARGE.values()])
def test_every_sweep_is_drawn(text: str, tmp_path: Path) -> None:
    draw(picture(asked(text)), tmp_path / "sweep.png")
    assert (tmp_path / "sweep.png").stat().st_size > 10_000


def test_an_answer_that_is_no_sweep_has_no_picture() -> None:
    with pytest.raises(TypeError, match="is no sweep"):
        picture(asked("kimi-k2p6 turns=5..200:1"))
