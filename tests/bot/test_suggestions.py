"""The corrected request keeps what was said, and asks the same question when it is typed."""

import pytest

from bot.formatting.request_wording import problem_text
from bot.requests import Intent, Request, read
from bot.suggestions import as_typed, suggestion
from bot.verdicts import NotSwept, Refused
from tests.bot.asking import CATALOGUE, TODAY, ask


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


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("kimi k2.6 episodes=0,5", "kimi-k2p6 episodes=1, 5"),
        ("kimi k2.6 turns=0..10", "kimi-k2p6 turns=1..10"),
        ("sweep kimi-k2p6 turns 5 to 300", "kimi-k2p6 turns=5..200"),
        ("kimi-k2p6 turns=0..300:10", "kimi-k2p6 turns=1..200:10"),
        ("kimi-k2p6 turns=250..300", "kimi-k2p6 turns=200"),
        ("kimi-k2p6 turns=-5", "kimi-k2p6 turns=1"),
        ("kimi-k2p6 turns=40..5", "kimi-k2p6 turns=5..40"),
        ("kimi-k2p6 prompt_tps=0,5", None),
        ("sweep", "kimi-k2p6 turns=1..20"),
        ("solve for budget kimi-k2p6 turns=20", "kimi-k2p6 turns=20"),
        ("kimi-k2p6 at yesterday's rates", "kimi-k2p6 as_of=2026-11-20"),
    ],
)
def test_the_correction_keeps_as_much_as_there_is_room_for(text: str, typed: str | None) -> None:
    assert suggestion(asked(text), example_model="kimi-k2p6") == typed
    assert typed is None or asked(typed).problems == ()


def test_a_change_of_what_is_not_said_is_offered_as_that_of_the_default() -> None:
    (problem,) = asked("kimi-k2p6 double the turns").problems
    assert (problem.near, problem.times) == (None, 2)
    verdict = ask(asked("kimi-k2p6 double the turns")).verdict
    assert isinstance(verdict, Refused)
    assert verdict.suggestion == "kimi-k2p6 turns=16"  # twice the default 8


def test_a_range_that_runs_backwards_and_a_day_that_is_not_named_are_said_so() -> None:
    backwards = problem_text(*asked("kimi-k2p6 turns=40..5").problems, example_model="kimi-k2p6")
    assert backwards == "`40..5` runs backwards; write `turns=5..40`."
    day = problem_text(*asked("kimi-k2p6 at yesterday's rates").problems, example_model="kimi-k2p6")
    assert day == "`yesterday` is no day that can be read; write `as_of=2026-11-20`."


def test_gpus_are_offered_in_steps_of_the_cluster() -> None:
    verdict = ask(asked("kimi-k2p6 gpus=1..64:1")).verdict
    assert isinstance(verdict, NotSwept)
    assert verdict.suggestion == "kimi-k2p6 gpus=8..64:8"


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
