"""The working of an estimate: each figure as one gets it by hand."""

import json
from datetime import date

from bot.answers import Answer
from bot.formatting.layout import Section, Sourced
from bot.formatting.math_modal import math_modal
from bot.formatting.math_view import math_view
from tests.bot.asking import LONG_RUN, estimate, rates
from tests.conftest import Golden
from tests.fake_slack import shared_faults, view_faults

# 20 turns from 8,000 tokens, 12,000 added and 2,000 decoded a turn, 5,000 episodes.
ANSWER = estimate(fields=LONG_RUN)


def section(answer: Answer, start: str) -> Section:
    return next(s for s in math_view(answer).sections if s.title.startswith(start))


def lines(answer: Answer, start: str) -> list[str]:
    return [line for line in section(answer, start).lines if isinstance(line, str)]


def test_the_tokens_of_an_episode() -> None:
    # 8,000 + 19 x 12,000 = 236,000; 20 x 8,000 + 12,000 x 190 = 2,440,000; less the last 2,204,000.
    assert lines(ANSWER, "Tokens") == [
        "Last prompt: P_T = P₁ + (T−1)·Δ = 8,000 + 19 × 12,000 = 236,000",
        "All prompts: Σ = T·P₁ + Δ·T·(T−1)/2 = 20 × 8,000 + 12,000 × 190 = 2,440,000",
        "Cached: Σ − P_T = 2,440,000 − 236,000 = 2,204,000",
        "Decoded: decode = T·G = 20 × 2,000 = 40,000",
    ]


def test_the_bill_of_tinker() -> None:
    # 1.2154 + 2.27012 + 0.5124 = 3.99792; times 5,000 is 19,989.60.
    assert lines(ANSWER, "Tinker") == [
        "(236,000 uncached × $5.15 + 2,204,000 cached × $1.03 + 40,000 decoded × $12.81) ÷ 1,000,000 "
        "= $3.99792 an episode",
        "$3.99792 × 5,000 episodes = $19,989.60",
    ]


def test_the_bill_of_a_cluster_and_its_band() -> None:
    # 236,000 x 5,000 / 30,000 s = 10.926 h; 40,000 x 5,000 / 1,500 s = 37.037 h; together 47.963 h.
    # 8 x $15 = $120 an hour: $4,444.44 to $5,755.56.
    assert lines(ANSWER, "Dedicated") == [
        "Prefill 236,000 × 5,000 ÷ 30,000 tok/s = 10.926 hours",
        "Decode 40,000 × 5,000 ÷ 1,500 tok/s = 37.037 hours",
        "Overlapping, the longer phase: 37.037 hours × 8 GPUs × $15.00 = $4,444.44",
        "Taking turns, their sum: 47.963 hours × 8 GPUs × $15.00 = $5,755.56",
    ]


def test_each_path_ends_with_its_rate_card() -> None:
    for part in math_view(ANSWER).sections[1:]:
        last = part.lines[-1]
        assert isinstance(last, Sourced)
        assert last.url.startswith("https://")
        assert "checked 2026-" in last.text


def test_every_path_with_an_amount_has_its_working_and_says_whether_it_is_offered() -> None:
    titles = [part.title for part in math_view(ANSWER).sections[1:]]
    assert titles == [
        "Tinker 128K · notional: too long",
        "Serverless standard · notional: retired",
        "Serverless priority · notional: retired",
        "Serverless fast · notional: retired",
        "Dedicated · offered",
    ]


def test_without_an_estimate_there_is_nothing_to_work_out() -> None:
    shown = math_view(rates("kimi-k2p6"))
    assert shown.summary == "There is nothing to work out: no path was priced."
    assert shown.sections == ()


def test_the_window_reads_as_reviewed_and_slack_finds_no_fault(golden: Golden) -> None:
    modal = math_modal(ANSWER)
    assert view_faults(modal) == []
    assert shared_faults("view", modal) == []
    golden("slack_math.json", json.dumps(modal, indent=1, ensure_ascii=False) + "\n")


def test_the_window_of_an_older_day_has_no_fault() -> None:
    modal = math_modal(estimate(fields=LONG_RUN, on=date(2026, 8, 1)))
    assert view_faults(modal) == []
    assert shared_faults("view", modal) == []
