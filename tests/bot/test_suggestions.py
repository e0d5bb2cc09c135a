"""The corrected request keeps what was said, and asks the same question when it is typed."""

import pytest

from bot.requests import Intent, Request, read
from bot.suggestions import as_typed, suggestion
from tests.bot.asking import CATALOGUE, TODAY


def asked(text: str) -> Request:
    return read(text, CATALOGUE, today=TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "compare kimi-k2p6 and qwen3p5-397b on tinker turns=300",
        "sweep kimi-k2p6 qwen3p5-397b episodes=100,200 turns=0",
        "limits kimi-k2p6 turnz=20 serverless fast and dedicated",
        "rates kimi-k2p6 on priority as of 2999-01-01",
        "at how many turns is dedicated cheaper than tinker for kimi-k2p6 episodes=0",
        "how many gpus=abc for kimi-k2p6 in 6 hours",
        "solve turns turns=-3 kimi-k2p6",
        "how many episodes of kimi-k2p6 without serverless",
        "swe-pro-sonet45 explain kimi-k2p6 tinker",
    ],
)
def test_a_corrected_request_asks_the_same_without_the_problem(text: str) -> None:
    refused = asked(text)
    assert refused.problems
    typed = suggestion(refused, example_model="kimi-k2p6")
    assert typed is not None

    corrected = asked(typed)

    assert corrected.problems == ()
    assert corrected.intent is refused.intent
    assert (corrected.models, corrected.solve_for) == (refused.models, refused.solve_for)
    assert set(corrected.paths) == set(refused.paths)
    assert {**corrected.fields, **refused.fields} == corrected.fields


def test_what_is_asked_for_is_left_out_of_the_correction() -> None:
    typed = suggestion(asked("solve turns turns=-3 kimi-k2p6"), example_model="kimi-k2p6")
    assert typed is not None
    assert "turns=" not in typed


def test_several_models_with_several_values_stay_a_sweep() -> None:
    typed = suggestion(asked("sweep kimi-k2p6 qwen3p5-397b turns=5,10"), example_model="kimi-k2p6")
    assert typed is not None
    assert asked(typed).intent is Intent.SWEEP


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("in 1 minute", "deadline_hours=1min"),  # 1/60 of an hour has no end in decimals
        ("in 100 minutes", "deadline_hours=100min"),
        ("in 90 minutes", "deadline_hours=1.5"),
        ("in 2 days", "deadline_hours=48"),
    ],
)
def test_a_time_is_written_so_that_it_reads_the_same(text: str, deadline: str) -> None:
    request = asked(f"kimi-k2p6 {text}")
    typed = as_typed(request)
    assert typed == f"kimi-k2p6 {deadline}"
    assert asked(typed) == request
