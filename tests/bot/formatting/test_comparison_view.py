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
from bot.formatting.limits import CHART_LABEL, CHART_POINTS
from bot.formatting.reply import reply_to
from bot.formatting.text import render
from bot.formatting.views import view
from bot.requests import read
from bot.requests.request import Intent, Request
from pricing.cards import CardPath, GpuCard, RateBook, ServerlessCard
from pricing.catalogue import GpuType
from tests.bot.asking import BOOK, CATALOGUE, TODAY, ask
from tests.conftest import Golden
from tests.fake_slack import message_faults, shared_faults
from tests.pricing.books import book_of, gpu_card, serverless_card


def asked(text: str, *, book: RateBook = BOOK) -> Answer:
    return ask(read(text, CATALOGUE, today=TODAY), book=book)


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


def test_bars_are_the_bills_of_the_table_and_have_labels_that_fit() -> None:
    every = Request(intent=Intent.COMPARE, models=tuple(m.key for m in CATALOGUE), fields={})
    (chart,) = charts(ask(every))
    bills = [row[3].value for row in next(tables(ask(every))).rows if not isinstance(row[3], str)]
    assert [value for _, value in chart.bars] == bills[:CHART_POINTS]
    labels = [label for label, _ in chart.bars]
    assert max(len(label) for label in labels) <= CHART_LABEL
    assert len(set(labels)) == len(labels)


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


def test_a_run_of_nothing_costs_nothing_anywhere() -> None:
    nothing = asked("compare kimi-k2p6 and gpt-oss-120b prompt=0 added=0 decode=0")
    assert "at par: $0 and $0" in comparison_text(nothing)


def test_the_only_model_on_offer_comes_first_and_the_others_say_why_not() -> None:
    book = book_of(serverless_card("1"))
    assert comparison_text(asked("compare kimi-k3 and kimi-k2p6", book=book)) == (
        "Only Kimi K2.6 on Serverless standard can be bought as asked: $416.00 for 1,000 episodes, $0.42 each. "
        "Kimi K3 (Tinker, Serverless: no rate; Dedicated: no tok/s) cannot be bought as asked."
    )


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
        ("budget=$5k", "$5,000 is enough for all 4."),
        ("budget=$300", "$300 is enough for GPT-OSS-120B and GLM-5.3."),
        ("budget=$1", "$1 is enough for none of them."),
        (
            "budget=$400",
            "$400 is enough for GPT-OSS-120B and GLM-5.3; for Kimi K2.6 and Qwen3.5-397B-A17B that is too close to call.",
        ),
        (
            "deadline=1h",
            "The deadline of 1 hour is met by none of them. How long the others take is not known.",
        ),
    ],
)
def test_who_stays_within_what_is_allowed(said: str, sentence: str) -> None:
    text = comparison_text(asked(f"compare kimi-k2p6, gpt-oss-120b, qwen 397b and glm-5p3 {said}"))
    assert text.endswith(sentence)


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
