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


IN_SLACK = ("turns_in_august", "episodes", "gpus")


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


def test_how_many_end_in_time_stands_in_json_of_the_path_whose_hours_are_known() -> None:
    (entry,) = answer_json(ANSWERS["episodes_in_time"])["models"]
    timed = {s["path"]: s.get("in_time") for s in entry["solutions"]}
    # 10.67 s of decode an episode: 2,025 in six hours.
    assert timed.pop("dedicated") == 2025
    assert set(timed.values()) == {None}


def test_whether_a_budget_is_enough_for_the_gpus_stands_in_json() -> None:
    (entry,) = answer_json(ANSWERS["gpus_in_a_minute"])["models"]
    assert entry["solutions"][0]["within_budget"] is True


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
