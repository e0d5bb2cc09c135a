"""Comparisons as people read them: golden files of the terminal and of Slack, and what each part promises."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.answers import Answer
from bot.formatting.as_json import answer_json
from bot.formatting.comparison_verdict import comparison_text
from bot.formatting.comparison_view import comparison_sections
from bot.formatting.layout import Chart, Sourced, Table
from bot.formatting.limits import CHART_LABEL, CHART_POINTS, CHART_TITLE
from bot.formatting.reply import reply_to
from bot.formatting.text import render
from bot.formatting.views import view
from bot.requests import read
from bot.requests.request import Field, Intent, Request, Value
from engine.caveats import BillingPath
from pricing.cards import CardPath, GpuCard, RateBook, ServerlessCard
from pricing.catalogue import GpuType
from tests.bot.asking import BOOK, CATALOGUE, TODAY, ask
from tests.conftest import Golden
from tests.fake_slack import message_faults, shared_faults
from tests.pricing.books import book_of, gpu_card, serverless_card


def asked(text: str, *, book: RateBook = BOOK) -> Answer:
    return ask(read(text, CATALOGUE, today=TODAY), book=book)


SERVERLESS = ("serverless_standard", "serverless_priority", "serverless_fast")

ANSWERS = {
    "compare_all": asked("compare"),
    "compare_four": asked(
        "compare kimi-k2p6, gpt-oss-120b, qwen 397b and glm-5p3 budget=$300 deadline=4h"
    ),
    "compare_past": asked("compare kimi-k3, kimi-k2p6 and glm-5p2 turns=20 as_of=2026-08-01"),
    "compare_nothing": asked("compare kimi-k2p6 and gpt-oss-120b turns=100"),
    "compare_several": asked("compare kimi-k2p6 and gpt-oss-120b turns=5,10"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_comparison_looks_like_this(name: str, golden: Golden) -> None:
    golden(f"{name}.txt", render(view(ANSWERS[name])) + "\n")


def message(answer: Answer, *, native: bool) -> dict[str, Any]:
    reply = reply_to(answer, shareable=True)
    return {"text": reply.text, "blocks": reply.blocks(native=native)}


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
@pytest.mark.parametrize("name", ["compare_all", "compare_four", "compare_nothing"])
def test_a_comparison_reads_in_slack_as_reviewed(name: str, native: bool, golden: Golden) -> None:
    body = message(ANSWERS[name], native=native)
    suffix = "" if native else "_plain"
    golden(f"slack_{name}{suffix}.json", json.dumps(body, indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
@pytest.mark.parametrize("name", ANSWERS)
def test_slack_finds_no_fault_in_a_comparison(name: str, native: bool) -> None:
    body = message(ANSWERS[name], native=native)
    assert [*message_faults(body), *shared_faults("message", body)] == []


def charts(answer: Answer) -> list[Chart]:
    return [section.chart for section in comparison_sections(answer) if section.chart]


def tables(answer: Answer) -> Iterator[Table]:
    return (section.table for section in comparison_sections(answer) if section.table)


def lines(answer: Answer, title: str) -> tuple[str | Sourced, ...]:
    return next(s.lines for s in comparison_sections(answer) if s.title == title)


def test_bars_are_the_cheapest_bills_of_the_table_and_have_labels_that_fit() -> None:
    every = Request(intent=Intent.COMPARE, models=tuple(m.key for m in CATALOGUE), fields={})
    (chart,) = charts(ask(every))
    bills = [row[3].value for row in next(tables(ask(every))).rows if not isinstance(row[3], str)]
    assert [value for _, value in chart.bars] == bills[: len(chart.bars)]
    labels = [label for label, _ in chart.bars]
    assert max(len(label) for label in labels) <= CHART_LABEL
    assert len(set(labels)) == len(labels) <= CHART_POINTS


def test_as_many_bars_are_drawn_as_labels_stand_beside_each_other_and_the_title_says_so() -> None:
    # 72 characters have room: 18 under each of four bars. GLM 5.3 Flash and DeepSeek V4.1 Flash take (13 + 19) / 2
    # from middle to middle, and two for the gap: 18, which under five bars are not there.
    (chart,) = charts(ANSWERS["compare_all"])
    assert chart.title == "US$ per run, the 4 cheapest models"
    assert [label for label, _ in chart.bars] == [
        "GLM 5.3 Flash",
        "DeepSeek V4.1 Flash",
        "GPT-OSS-120B",
        "MiniMax M3",
    ]
    # Kimi K3, GLM 5.2 and the like have 7 to 10 characters: at most 12 from middle to middle, 14.4 under each of five.
    short = compare("kimi-k3", "kimi-k2p6", "kimi-k2p5", "glm-5p3", "minimax-m3")
    (chart,) = charts(short)
    assert (len(chart.bars), chart.title) == (5, "US$ per run, each by its cheapest path")
    (chart,) = charts(ask(Request(intent=Intent.COMPARE, models=(), fields={}, paths=SERVERLESS)))
    assert chart.title.endswith(" cheapest on the paths asked for")
    assert len(chart.title) <= CHART_TITLE


def test_two_bills_are_told_in_a_sentence_and_not_drawn() -> None:
    assert charts(asked("compare kimi-k2p6 and gpt-oss-120b")) == []


# Kimi K2.6 on 8 × B300 at $15 takes $355.56 to $457.78; $1/M make $416.00 of an episode's 416,000 tokens.
BAND = (gpu_card("15"), serverless_card("1", model="kimi-k3"))


def test_a_verdict_that_overlap_could_turn_says_so() -> None:
    text = comparison_text(asked("compare kimi-k2p6 and kimi-k3", book=book_of(*BAND)))
    assert text == (
        "Too close to call: Kimi K2.6 takes $355.56 to $457.78 on Dedicated for 1,000 episodes, by how far prefill "
        "and decode overlap, and Kimi K3 $416.00 on Serverless standard."
    )


B200, H200 = GpuType.B200_180GB, GpuType.H200_141GB


@pytest.mark.parametrize(
    ("models", "cards", "verdict"),
    [
        # 8 × B200 at $13: decode 13,333 s, prefill 4,600 s
        (
            "kimi-k2p6 and qwen 397b",
            [gpu_card("13", gpu_type=B200)],
            "Kimi K2.6 takes $355.56 to $457.78 and Qwen3.5-397B-A17B $385.19 to $518.07 for 1,000 episodes, both on "
            "Dedicated, by how far prefill and decode overlap. If they overlap alike in both, Kimi K2.6 is cheaper.",
        ),
        # 4 × H200 at $45: decode 6,400 s, prefill 3,680 s
        (
            "kimi-k2p6 and gpt-oss-120b",
            [gpu_card("45", gpu_type=H200)],
            "GPT-OSS-120B takes $320.00 to $504.00 and Kimi K2.6 $355.56 to $457.78 for 1,000 episodes, both on "
            "Dedicated, by how far prefill and decode overlap. If they overlap fully in both, GPT-OSS-120B is cheaper; "
            "if they do in neither, Kimi K2.6.",
        ),
        (
            "kimi-k2p6 and kimi-k2p5",
            [],
            "Kimi K2.6 takes $355.56 to $457.78 and Kimi K2.5 $355.56 to $457.78 for 1,000 episodes, both on Dedicated, "
            "by how far prefill and decode overlap. If they overlap alike in both, the two cost the same.",
        ),
        # Qwen's other path caps it at $436.80, so that its amounts do not move evenly.
        (
            "kimi-k2p6 and qwen 397b",
            [gpu_card("13", gpu_type=B200), serverless_card("1.05", model="qwen3p5-397b")],
            "Kimi K2.6 takes $355.56 to $457.78 on Dedicated for 1,000 episodes, by how far prefill and decode overlap, "
            "and Qwen3.5-397B-A17B $385.19 on Dedicated to $436.80 on Serverless standard.",
        ),
        (
            "kimi-k2p6, qwen 397b and kimi-k3",
            [gpu_card("13", gpu_type=B200), serverless_card("1", model="kimi-k3")],
            "Kimi K2.6 takes $355.56 to $457.78 and Qwen3.5-397B-A17B $385.19 to $518.07 for 1,000 episodes, both on "
            "Dedicated, by how far prefill and decode overlap. If they overlap alike in both, Kimi K2.6 is cheaper. "
            "Kimi K3 (at $416.00) could be cheapest too.",
        ),
    ],
    ids=["alike", "crossed", "same", "capped", "third"],
)
def test_two_bands_that_meet_are_both_told(
    models: str, cards: list[GpuCard | ServerlessCard], verdict: str
) -> None:
    book = book_of(gpu_card("15"), *cards)
    text = comparison_text(asked(f"compare {models}", book=book))
    assert text == f"Too close to call: {verdict}"


def test_models_without_a_choice_of_paths_say_together_what_they_lack() -> None:
    cards = (serverless_card("1"), serverless_card("1", model="kimi-k2p5"))
    answer = asked("compare", book=book_of(*cards))
    assert comparison_text(answer) == "No covered model has two paths with a price on 2026-11-21."
    assert (
        lines(answer, "What each model lacks")[0]
        == "Kimi K2.6, Kimi K2.5 (Tinker, Serverless priority, fast, Dedicated: no rate)"
    )


def test_a_few_that_have_no_room_are_named_and_many_are_counted() -> None:
    few = ANSWERS["compare_all"]
    (line,) = next(s.lines for s in comparison_sections(few) if s.lines and not s.title)
    assert line == (
        "`deepseek-v4-pro` had no room beside these 20, not on offer as asked; "
        "ask for a model by its name to see it."
    )
    every = Request(intent=Intent.COMPARE, models=tuple(m.key for m in CATALOGUE), fields={})
    (line,) = next(s.lines for s in comparison_sections(ask(every)) if s.lines and not s.title)
    assert line.startswith(f"{len(CATALOGUE.models) - 20} more models had no room")


def test_a_band_that_ends_on_another_path_names_both() -> None:
    cards = (*BAND, serverless_card("1.05"))  # $436.80
    text = comparison_text(asked("compare kimi-k2p6 and kimi-k3", book=book_of(*cards)))
    assert "takes $355.56 on Dedicated to $436.80 on Serverless standard for" in text


def test_a_model_that_wins_on_either_of_its_paths_says_that_overlap_decides_which() -> None:
    # K2.6 costs $374.40 on serverless at most, which K3's $416.00 is above.
    text = comparison_text(
        asked("compare kimi-k2p6 and kimi-k3", book=book_of(*BAND, serverless_card("0.9")))
    )
    assert text == (
        "Kimi K2.6 on Dedicated is cheapest: $355.56 for 1,000 episodes, $0.36 each. How far prefill and decode "
        "overlap decides between that and Serverless standard at $374.40. Kimi K3 on Serverless standard comes next "
        "at $416.00, 1.2× as much."
    )


def test_equal_bills_are_at_par() -> None:
    book = book_of(serverless_card("1"), serverless_card("1", model="kimi-k3"))
    assert comparison_text(asked("compare kimi-k2p6 and kimi-k3", book=book)) == (
        "Kimi K2.6 on Serverless standard and Kimi K3 on Serverless standard are at par: $416.00 and $416.00 for "
        "1,000 episodes."
    )


def compare(
    *models: str, fields: dict[Field, Value] | None = None, paths: tuple[str, ...] = ()
) -> Answer:
    return ask(Request(intent=Intent.COMPARE, models=models, fields=fields or {}, paths=paths))


def test_what_is_cheapest_on_the_paths_that_were_named_is_said_of_those() -> None:
    # GPT-OSS takes 6,400 s of decode on 4 H200 at $8, prefill 3,680 s: $56.89 to $89.60, below Tinker's $150.85.
    answer = compare("gpt-oss-120b", "qwen3p5-397b", paths=("tinker",))
    assert comparison_text(answer) == (
        "On Tinker, GPT-OSS-120B is cheapest: $150.85 for 1,000 episodes, $0.15 each. Qwen3.5-397B-A17B comes next at "
        "$774.40, 5.1× as much. GPT-OSS-120B on Dedicated, which you left out, is cheaper: $56.89."
    )
    titles = [section.title for section in comparison_sections(answer)]
    assert titles[0].startswith("Cheapest on Tinker · ")
    assert any("be cheapest of these, at" in str(note) for note in lines(answer, "Notes"))


def test_a_path_that_was_left_out_may_be_another_models_and_its_band_is_told() -> None:
    # $1/M is $416.00 for K3; Kimi K2.6 takes $355.56 to $457.78 on Dedicated.
    answer = asked("compare kimi-k2p6 and kimi-k3 on serverless", book=book_of(*BAND))
    assert comparison_text(answer).startswith(
        "Only Kimi K3 on Serverless standard can be bought as asked: $416.00 for 1,000 episodes, $0.42 each. Kimi K2.6 on "
        "Dedicated, which you left out, could be cheaper, by how far prefill and decode overlap: $355.56 to $457.78."
    )


@pytest.mark.parametrize("paths", [(), ("tinker", "dedicated"), tuple(BillingPath)], ids=len)
def test_nothing_is_left_out_where_the_cheapest_path_is_asked_for(paths: tuple[str, ...]) -> None:
    assert "left out" not in comparison_text(compare("kimi-k2p6", "gpt-oss-120b", paths=paths))


def test_the_paths_that_were_left_are_named_by_the_one_that_is_missing() -> None:
    paths = tuple(path for path in BillingPath if path is not BillingPath.DEDICATED)
    answer = compare("gpt-oss-120b", "qwen3p5-397b", paths=paths)
    assert comparison_text(answer).startswith(
        "Without Dedicated, GPT-OSS-120B on Tinker 128K is cheapest: $150.85"
    )


def test_bars_of_the_paths_that_were_named_say_so() -> None:
    four = ("kimi-k2p6", "gpt-oss-120b", "qwen3p5-397b")
    (chart,) = charts(compare(*four, paths=("tinker",)))
    assert chart.title == "US$ per run, on the paths asked for"


@pytest.mark.parametrize(("turns", "said"), [(20, True), (10, False)])
def test_the_cheapest_hangs_on_its_window_where_a_known_one_would_be_too_small(
    turns: int, said: bool
) -> None:
    # An episode peaks at 8,000 + 12,000 a turn but the first + 2,000: 238,000 of 20 turns and 118,000 of 10. The
    # smallest window known at Fireworks holds 131,072.
    answer = compare("deepseek-v4p1-flash", "kimi-k3", fields={Field.TURNS: turns})
    clause = " each, if the window, which is not known, holds 238,000 tokens."
    assert (clause in comparison_text(answer)) is said
    assert ("window" in comparison_text(answer)) is said


SMALL: dict[Field, Value] = {
    Field.GPUS: 1,
    Field.GPU_TYPE: "B300_288GB",
    Field.PROMPT_TPS: 30_000,
    Field.DECODE_TPS: 1_500,
}


def test_a_model_that_a_cluster_cannot_hold_is_not_ranked_on_it() -> None:
    # 1,000 billion parameters at four bits are 500 GB; 120 billion are 60 GB, which 288 GB hold. Kimi's Tinker is $996.
    answer = compare("kimi-k2p6", "gpt-oss-120b", fields=SMALL)
    assert comparison_text(answer).endswith(
        "1 × B300 cannot hold Kimi K2.6, so no amount on Dedicated can be had there."
    )
    assert comparison_text(answer).startswith("GPT-OSS-120B on Dedicated is cheapest: $44.44")
    (table,) = tables(answer)
    assert [str(cell) for cell in table.rows[1]] == [
        "Kimi K2.6",
        "Tinker 128K",
        "$1.00",
        "$996.00",
        "Serverless: retired; Dedicated: too small",
    ]
    ranked = [(m["rank"], m["ranked_on"]) for m in answer_json(answer)["models"]]
    assert ranked == [(1, "dedicated"), (2, "tinker")]


def test_models_that_no_path_asked_for_can_hold_say_so() -> None:
    answer = compare("kimi-k2p6", "kimi-k2p5", fields=SMALL, paths=("dedicated",))
    text = comparison_text(answer)
    assert text.startswith(
        "Nothing can be bought as asked: Kimi K2.6 (Dedicated: too small); Kimi K2.5 (Dedicated: too small). "
        "1 × B300 cannot hold Kimi K2.6 and Kimi K2.5, so no amount on Dedicated can be had there. Try `"
    )


def test_a_run_of_nothing_costs_nothing_anywhere() -> None:
    nothing = asked("compare kimi-k2p6 and gpt-oss-120b prompt=0 added=0 decode=0")
    assert "at par: $0 and $0" in comparison_text(nothing)


def test_the_only_model_on_offer_comes_first_and_the_others_say_why_not() -> None:
    book = book_of(serverless_card("1"))
    assert comparison_text(asked("compare kimi-k3 and kimi-k2p6", book=book)) == (
        "Only Kimi K2.6 on Serverless standard can be bought as asked: $416.00 for 1,000 episodes, $0.42 each. "
        "Kimi K3 (Tinker, Serverless: no rate; Dedicated: no tok/s) cannot be bought as asked."
    )


def test_the_only_model_on_offer_may_have_several_paths() -> None:
    # Decode takes 10,667 s on 8 B300 at $12: $284.44, below $1/M, $416.00.
    text = comparison_text(
        asked("compare kimi-k3 and kimi-k2p6", book=book_of(serverless_card("1"), gpu_card("12")))
    )
    assert text.startswith(
        "Only Kimi K2.6 can be bought as asked, cheapest on Dedicated: $284.44 for 1,000 episodes, $0.28 each. "
    )


def test_what_is_cut_may_cost_as_much_as_the_last_row_and_is_named_in_json() -> None:
    answer = asked("compare gpus=16xB300 prompt_tps=30000 decode_tps=1500 as of 2026-08-01")
    # Decode takes 10,667 s for every model: $568.89 on 16 B300 at $12, the last rows and what is cut alike.
    assert str(next(tables(answer)).rows[-1][3]) == "$568.89"
    (line,) = next(s.lines for s in comparison_sections(answer) if s.lines and not s.title)
    assert "as dear, dearer or not on offer" in str(line)
    cut = answer_json(answer)["not_shown"]
    assert cut
    assert all(f"`{key}`" in str(line) for key in cut)
    assert answer_json(compare("kimi-k2p6", "gpt-oss-120b"))["not_shown"] == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {Field.PROMPT_TPS: 30_000, Field.DECODE_TPS: 1_500},
            "30,000 prompt and 1,500 decode tok/s",
        ),
        ({Field.DECODE_TPS: 1_500}, "1,500 decode tok/s"),
    ],
    ids=["both", "decode"],
)
def test_a_throughput_that_was_said_is_taken_for_every_model_and_a_note_says_so(
    fields: dict[Field, Value], said: str
) -> None:
    note = (
        f"The {said} that you said are taken for every model on Dedicated, though the same GPUs serve each model at a "
        "speed of its own."
    )
    assert lines(compare("kimi-k2p6", "gpt-oss-120b", fields=fields), "Notes")[0] == note
    on_tokens = compare("kimi-k2p6", "gpt-oss-120b", fields=fields, paths=("tinker",))
    assert note not in lines(on_tokens, "Notes")
    # Kimi K3 has no cluster of its own, so that its GPUs are not known.
    assert note not in lines(compare("kimi-k2p6", "kimi-k3", fields=fields), "Notes")
    assert note not in lines(compare("kimi-k2p6", "gpt-oss-120b"), "Notes")


def test_paths_with_one_reason_stand_together() -> None:
    cards = (serverless_card("1"), serverless_card("2", path=CardPath.SERVERLESS_PRIORITY))
    alone = Request(intent=Intent.COMPARE, models=("kimi-k2p6",), fields={})
    (table,) = tables(ask(alone, book=book_of(*cards)))
    assert table.rows[0][-1] == "Tinker, fast, Dedicated: no rate"


def test_a_notional_amount_is_marked_and_stands_below() -> None:
    answer = asked("compare kimi-k2p6 and kimi-k2p5 on serverless")
    assert lines(answer, "Not on offer as asked") == (
        "Kimi K2.5, notional at $134.00 on Serverless standard (Serverless standard: retired)",
        "Kimi K2.6, notional at $200.68 on Serverless standard (Serverless standard: retired)",
    )
    assert not [*tables(answer)]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("budget=$5k", "$5,000 is enough for all 4, each by its cheapest path."),
        (
            "budget=$300",
            "$300 is enough for GPT-OSS-120B on Dedicated and GLM-5.3 on Serverless standard.",
        ),
        ("budget=$1", "$1 is enough for none of them."),
        (
            "budget=$400",
            "$400 is enough for GPT-OSS-120B on Dedicated and GLM-5.3 on Serverless standard; for Kimi K2.6 and "
            "Qwen3.5-397B-A17B on Dedicated that is too close to call.",
        ),
        (
            "deadline=1h",
            "The deadline of 1 hour is met by none of them on Dedicated. How long the other paths take is not known.",
        ),
    ],
)
def test_who_stays_within_what_is_allowed(said: str, sentence: str) -> None:
    text = comparison_text(asked(f"compare kimi-k2p6, gpt-oss-120b, qwen 397b and glm-5p3 {said}"))
    assert text.endswith(sentence)


def test_paths_that_keep_budget_and_deadline_apart_are_named_and_none_is_known_to_keep_both() -> (
    None
):
    # An episode decodes 5,000 tokens and has 12,500 uncached of 32,500: at $0.10/M $3.75 a run. 4 H200 at $7 take
    # 2,000 s to decode and 500 s to prefill: $15.56, within the hour even in turn; 8 B300 take 3,333 s and 417 s.
    book = book_of(
        gpu_card("7", gpu_type=H200), gpu_card("15"), serverless_card("0.1", model="gpt-oss-120b")
    )
    run = "turns=5 prompt=500 added=3000 decode=1000 deadline=1h"
    text = comparison_text(asked(f"compare gpt-oss-120b and kimi-k2p6 {run} budget=10", book=book))
    assert text.endswith(
        "$10 is enough for GPT-OSS-120B on Serverless standard. The deadline of 1 hour is met by GPT-OSS-120B on "
        "Dedicated; for Kimi K2.6 on Dedicated that is too close to call. How long the other paths take is not known. "
        "No path is known to keep both: the cheapest in time, GPT-OSS-120B on Dedicated, takes $15.56."
    )
    # $20 is enough for that path too.
    text = comparison_text(asked(f"compare gpt-oss-120b and kimi-k2p6 {run} budget=20", book=book))
    assert text.endswith(" Both are kept by GPT-OSS-120B on Dedicated.")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        # Kimi K2.6 takes $355.56 to $457.78, in 2.963 to 3.815 hours; Kimi K3 costs $416.00.
        (
            "budget=400 deadline=3.5h",
            "Whether both are kept by Kimi K2.6 on Dedicated is too close to call.",
        ),
        ("budget=500 deadline=4h", "Both are kept by Kimi K2.6 on Dedicated."),
        ("budget=500 deadline=1h", "How long the other paths take is not known."),
        ("budget=100 deadline=4h", "How long the other paths take is not known."),
    ],
)
def test_whether_one_path_keeps_budget_and_deadline_is_said_where_each_may_be_kept(
    said: str, sentence: str
) -> None:
    text = comparison_text(asked(f"compare kimi-k2p6 and kimi-k3 {said}", book=book_of(*BAND)))
    assert text.endswith(f". {sentence}")


def test_both_limits_may_be_kept_by_one_model_and_too_close_to_call_for_another() -> None:
    # GPT-OSS-120B takes $56.89 to $89.60, in 1.778 to 2.8 hours, on 4 H200 at $8.
    text = comparison_text(asked("compare kimi-k2p6 and gpt-oss-120b budget=400 deadline=3.5h"))
    assert text.endswith(
        " Both are kept by GPT-OSS-120B on Dedicated; for Kimi K2.6 on Dedicated that is too close to call."
    )


def test_no_path_may_keep_both_where_none_is_surely_in_time() -> None:
    # $0.05/M make $20.80 of an episode's 416,000 tokens; dedicated takes $355.56, in 2.963 to 3.815 hours.
    book = book_of(gpu_card("15"), serverless_card("0.05", model="kimi-k3"))
    text = comparison_text(asked("compare kimi-k2p6 and kimi-k3 budget=300 deadline=3h", book=book))
    assert text.endswith(" No path is known to keep both.")


def test_where_every_path_has_a_wall_clock_none_of_them_is_all_there_is_to_say() -> None:
    text = comparison_text(asked("compare kimi-k2p6 and gpt-oss-120b on dedicated deadline=1h"))
    assert text.endswith(" The deadline of 1 hour is met by none of them.")


def test_token_paths_alone_leave_a_deadline_open() -> None:
    text = comparison_text(asked("compare kimi-k3 and glm-5p3 deadline=4h"))
    assert text.endswith("How long these paths take is not known.")


@pytest.mark.parametrize("name", ["compare_all", "compare_four", "compare_past"])
def test_notes_and_pages_stand_once(name: str) -> None:
    notes, rates = lines(ANSWERS[name], "Notes"), lines(ANSWERS[name], "Rates")
    assert len(set(notes)) == len(notes)
    pages = [line.url for line in rates if isinstance(line, Sourced)]
    assert len(set(pages)) == len(pages) == len(rates)


def test_every_default_is_shown() -> None:
    facts = dict(next(s.facts for s in comparison_sections(ANSWERS["compare_past"]) if s.facts))
    assert facts["You said"] == "the rates of 2026-08-01, 20 turns"
    assert facts["By default"] == (
        "1,000 episodes, 8,000 initial prompt tokens, 12,000 tokens added per turn, 2,000 tokens decoded per turn, "
        "each model's own cluster and throughput"
    )


def test_what_follows_from_a_tool_result_is_marked() -> None:
    answer = asked("compare kimi-k2p6 and glm-5p3 added=12k tool=10k")
    facts = dict(next(s.facts for s in comparison_sections(answer) if s.facts))
    assert facts["You said"].endswith("2,000 tokens decoded per turn (worked out)")


def test_json_gives_each_model_its_rank_and_its_five_paths() -> None:
    out = answer_json(asked("compare kimi-k2p6, kimi-k3 and gpt-oss-120b on tinker, dedicated"))
    assert [(m["model"], m["rank"], m["ranked_on"]) for m in out["models"]] == [
        ("gpt-oss-120b", 1, "dedicated"),
        ("kimi-k2p6", 2, "dedicated"),
        ("kimi-k3", None, None),
    ]
    assert all(len(m["paths"]) == 5 for m in out["models"])
    assert json.dumps(out)
