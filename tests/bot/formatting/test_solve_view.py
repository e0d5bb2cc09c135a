"""Solutions as a terminal, Slack and a script get them. Golden files are read like code."""

import json
from datetime import date
from decimal import Decimal

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

AUGUST: dict[Field, Value] = {Field.AS_OF: date(2026, 8, 1)}


def solve(
    field: Field,
    *models: str,
    fields: dict[Field, Value] | None = None,
    paths: tuple[str, ...] = (),
) -> Answer:
    request = Request(
        intent=Intent.SOLVE, models=models, fields=fields or {}, solve_for=field, paths=paths
    )
    return ask(request)


ANSWERS = {
    "turns_in_august": solve(Field.TURNS, "kimi-k2p6", fields=AUGUST),
    "turns_notional": solve(Field.TURNS, "kimi-k2p6"),
    "turns_reversed": solve(
        Field.TURNS,
        "kimi-k2p6",
        fields={**AUGUST, Field.BUDGET_USD: 700},
        paths=("serverless_standard", "dedicated"),
    ),
    "turns_within_limits": solve(
        Field.TURNS, "kimi-k2p6", fields={Field.BUDGET_USD: 500, Field.DEADLINE_HOURS: 3}
    ),
    "turns_always": solve(Field.TURNS, "kimi-k3"),
    "episodes": solve(Field.EPISODES, "kimi-k2p6", fields={**AUGUST, Field.BUDGET_USD: 10_000}),
    "episodes_in_time": solve(
        Field.EPISODES, "kimi-k2p6", fields={Field.BUDGET_USD: 10_000, Field.DEADLINE_HOURS: 6}
    ),
    "episodes_of_two_models": solve(
        Field.EPISODES, "kimi-k2p6", "gpt-oss-120b", fields={Field.BUDGET_USD: 1000}
    ),
    "gpus": solve(Field.GPUS, "kimi-k2p6", fields={**LONG_RUN, Field.DEADLINE_HOURS: 6}),
    "gpus_in_a_minute": solve(
        Field.GPUS,
        "kimi-k2p6",
        fields={Field.DEADLINE_HOURS: Decimal(1) / 60, Field.BUDGET_USD: 500},
    ),
    "gpus_never": solve(
        Field.GPUS,
        "kimi-k2p6",
        fields={Field.EPISODES: 1, Field.TURNS: 200, Field.DEADLINE_HOURS: Decimal("0.01")},
    ),
    "nothing": solve(Field.TURNS, "llama-3p1-8b"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_solution_looks_like_this(name: str, golden: Golden) -> None:
    golden(f"solve_{name}.txt", render(view(ANSWERS[name])) + "\n")


IN_SLACK = ("turns_in_august", "turns_within_limits", "episodes", "gpus")


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
@pytest.mark.parametrize("name", IN_SLACK)
def test_a_solution_in_slack_looks_like_this(name: str, native: bool, golden: Golden) -> None:
    reply = reply_to(ANSWERS[name], shareable=True)
    body = {"text": reply.text, "blocks": reply.blocks(native=native)}
    name = f"slack_solve_{name}{'' if native else '_plain'}.json"
    golden(name, json.dumps(body, indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
@pytest.mark.parametrize("name", ANSWERS)
def test_slack_finds_no_fault_in_a_solution(name: str, native: bool) -> None:
    reply = reply_to(ANSWERS[name], shareable=True)
    body = {"text": reply.text, "blocks": reply.blocks(native=native)}
    assert [*message_faults(body), *shared_faults("message", body)] == []


def test_kimi_in_august_crosses_serverless_at_19_and_7_turns() -> None:
    (entry,) = answer_json(ANSWERS["turns_in_august"])["models"]
    found = {s["against"]: (s["value"], s["value_if_phases_add"]) for s in entry["solutions"]}
    assert found["serverless_standard"] == (19, 30)
    assert found["serverless_priority"] == (7, 15)
    standard = next(s for s in entry["solutions"] if s["against"] == "serverless_standard")
    contract = {
        "field": "turns",
        "path": "dedicated",
        "against": "serverless_standard",
        "value": 19,
        "value_if_phases_add": 30,
        "fits_window": True,
        "reason": None,
    }
    assert contract.items() <= standard.items()


def test_the_reversed_question_in_json_says_what_its_words_say() -> None:
    (entry,) = answer_json(ANSWERS["turns_reversed"])["models"]
    (found,) = entry["solutions"]
    assert found == {
        "field": "turns",
        "path": "serverless_standard",
        "against": "dedicated",
        "value": 1,
        "value_if_phases_add": 1,
        "fits_window": True,
        "reason": None,
        "reason_if_phases_add": None,
        "cards": [
            "serverless_standard/kimi-k2p6/2026-04-20/413f4b",
            "dedicated/B300_288GB/2026-05-08/54e260",
        ],
        "within_budget": True,
        "until": 18,
        "until_if_phases_add": 29,
        "again": None,
        "again_if_phases_add": None,
        "against_from": 19,
        "too_long_from": 23,
    }
    assert view(ANSWERS["turns_reversed"]).summary == (
        "Serverless standard is cheaper than Dedicated up to 18 turns (29 if prefill and decode take turns, "
        "only 22 fit the window); from 19 on Dedicated is. "
        "On Serverless standard 1,000 episodes stay within $700 at 18 turns ($628.28)."
    )


@pytest.mark.parametrize(
    ("name", "priced_at"),
    [
        ("turns_reversed", {"turns": 18}),
        ("turns_within_limits", {"turns": 8}),
        ("episodes_in_time", {"episodes": 28_125}),
        ("gpus", None),
    ],
)
def test_a_value_that_nobody_said_and_the_paths_are_priced_at_is_said(
    name: str, priced_at: dict[str, int] | None
) -> None:
    out = answer_json(ANSWERS[name])
    assert out.get("priced_at") == priced_at
    for field, value in (priced_at or {}).items():
        assert out["shape"][field] == value
        assert field not in out["request"]["fields"]
        assert field not in out["defaults"]


def test_how_many_end_in_time_stands_in_json_of_the_path_whose_hours_are_known() -> None:
    (entry,) = answer_json(ANSWERS["episodes_in_time"])["models"]
    timed = {s["path"]: s.get("in_time") for s in entry["solutions"]}
    # 10.67 s of decode an episode: 2,025 in six hours.
    assert timed.pop("dedicated") == 2025
    assert set(timed.values()) == {None}


def test_whether_a_budget_is_enough_for_the_gpus_stands_in_json() -> None:
    (entry,) = answer_json(ANSWERS["gpus_in_a_minute"])["models"]
    assert entry["solutions"][0]["within_budget"] is True


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (Field.EPISODES, {Field.BUDGET_USD: 100}),
        (Field.TURNS, {}),
    ],
)
def test_a_cluster_that_cannot_hold_the_model_is_said_first(
    field: Field, said: dict[Field, Value]
) -> None:
    small: dict[Field, Value] = {
        Field.GPU_TYPE: "B300_288GB",
        Field.PROMPT_TPS: 30_000,
        Field.DECODE_TPS: 1_500,
        Field.GPUS: 1,
    }
    answer = solve(field, "kimi-k2p6", fields={**small, **said})
    assert view(answer).summary.startswith(
        "1 × B300 cannot hold Kimi K2.6, so what is said of Dedicated cannot be had: "
    )


def test_the_only_path_that_can_be_bought_is_said_to_be() -> None:
    # 238,000 tokens do not fit Tinker's 131,072; the model has left serverless. An episode takes 88.9 cents.
    long = solve(Field.EPISODES, "kimi-k2p6", fields={Field.TURNS: 20, Field.BUDGET_USD: 10_000})
    assert view(long).summary == (
        "$10,000 buys 11,250 episodes on Dedicated (8,687 if prefill and decode take turns); no other path can be bought "
        "as asked."
    )


def test_amounts_without_any_hit_are_of_one_episode_where_episodes_are_solved_for() -> None:
    # Tinker bills 400,000 tokens at $5.15 and 16,000 at $12.81 a million: $2.265 an episode.
    notes = [line for s in view(ANSWERS["episodes"]).sections for line in s.lines]
    assert any("Without any hit, for one episode: Tinker $2.26, " in str(note) for note in notes)


def test_more_clusters_than_anybody_rents_are_no_row() -> None:
    (table,) = [s.table for s in view(ANSWERS["gpus"]).sections if s.table]
    assert table
    assert [str(row[0]) for row in table.rows] == ["1", "6", "7", "8"]
    (entry,) = answer_json(ANSWERS["gpus"])["models"]
    assert entry["solutions"][0]["clusters"][-1]["replicas"] == 5_000
    assert view(ANSWERS["gpus"]).summary.endswith(
        "More replicas cost the same and end sooner, up to one an episode (5,000)."
    )
    (minute,) = [s.table for s in view(ANSWERS["gpus_in_a_minute"]).sections if s.table]
    assert minute
    assert str(minute.rows[-1][0]) == "1,000"


@pytest.mark.parametrize("name", ["turns_in_august", "episodes_of_two_models", "gpus"])
def test_notes_come_before_rates(name: str) -> None:
    titles = [section.title for section in view(ANSWERS[name]).sections]
    first_rates = next(n for n, title in enumerate(titles) if title.startswith("Rates"))
    assert titles[first_rates - 1] == "Notes"
    assert all(title.startswith("Rates") for title in titles[first_rates:])


@pytest.mark.parametrize("name", ANSWERS)
def test_every_solution_in_json_has_the_keys_of_the_contract(name: str) -> None:
    keys = {"field", "path", "against", "value", "value_if_phases_add", "fits_window", "reason"}
    for entry in answer_json(ANSWERS[name])["models"]:
        for solution in entry["solutions"]:
            assert keys <= solution.keys()
            assert ("wall_clock_hours" in solution) == (solution["field"] == "gpus")
    assert json.dumps(answer_json(ANSWERS[name]), allow_nan=False)


def test_episodes_have_one_solution_a_path() -> None:
    (entry,) = answer_json(ANSWERS["episodes"])["models"]
    assert [s["path"] for s in entry["solutions"]] == [path["path"] for path in entry["paths"]]


def test_episodes_that_no_even_share_divides_are_said_to_end_late() -> None:
    # An episode decodes 40,000 tokens at 1,500 a second: 26.7 seconds, so of three on two replicas one has 53.3.
    three = {Field.TURNS: 20, Field.EPISODES: 3, Field.DEADLINE_HOURS: Decimal("0.0125")}
    said = view(solve(Field.GPUS, "kimi-k2p6", fields=three)).summary
    assert "16 × B300 (2 replicas of 8) end within 45 seconds: 40 seconds" in said
    assert "a replica with 2 whole episodes of the 3 takes 53.3 seconds." in said
    assert "whole episodes of" not in view(ANSWERS["gpus"]).summary
