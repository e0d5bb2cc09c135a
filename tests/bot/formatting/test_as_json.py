"""Whole answers as JSON: the contract's keys, numbers and nulls."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.answers import Answer
from bot.formatting.as_json import answer_json, number
from bot.requests.request import Field, Problem, ProblemCode
from tests.bot.asking import LONG_RUN, estimate, rates, refused
from tests.conftest import Golden

PATHS = ["tinker", "serverless_standard", "serverless_priority", "serverless_fast", "dedicated"]


def as_json(answer: Answer, *, published: bool = False) -> dict[str, Any]:
    """What a reader of the printed line gets."""
    text = json.dumps(answer_json(answer, published=published), allow_nan=False)
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def test_the_long_run_is_the_contract_s_example(golden: Golden) -> None:
    found = as_json(estimate(fields=LONG_RUN))
    golden("long_run.json", json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    tinker, cluster = found["models"][0]["paths"][0], found["models"][0]["paths"][-1]
    assert (tinker["usd_per_episode"], tinker["usd"]) == (3.99792, 19989.6)
    assert (cluster["usd"], cluster["usd_high"]) == (4444.444444444444, 5755.555555555556)
    assert found["models"][0]["at_par"]["headroom"] == 4.49766


@pytest.mark.parametrize("model", ["kimi-k2p6", "kimi-k2p5", "kimi-k3", "llama-3p1-8b"])
def test_there_are_always_the_five_paths_in_order(model: str) -> None:
    (entry,) = as_json(estimate(model))["models"]
    assert [path["path"] for path in entry["paths"]] == PATHS
    for path in entry["paths"]:
        assert {"status", "usd_per_episode", "usd", "vs_tinker", "cards", "reasons"} <= path.keys()
        assert (path["usd"] is None) == (path["status"] == "unpriced")
        assert bool(path["reasons"]) == (path["status"] != "offered")


def test_a_path_without_an_amount_has_nulls_and_its_reason() -> None:
    path = as_json(estimate("kimi-k2p6", {Field.GPUS: 12}))["models"][0]["paths"][-1]
    assert (path["usd"], path["cluster_hours"], path["vs_tinker"]) == (None, None, "—")
    assert path["reasons"] == [
        {
            "code": "no_throughput",
            "gpus": 12,
            "gpu_type": "B300_288GB",
            "nearest_gpus": [8, 16],
            "nearest_gpu_type": "B300_288GB",
            "missing": ["prompt_tps", "decode_tps"],
        }
    ]


def test_budget_and_deadline_stand_on_each_path() -> None:
    fields = {Field.BUDGET_USD: 500, Field.DEADLINE_HOURS: 2}
    paths = as_json(estimate(fields=dict(fields)))["models"][0]["paths"]
    assert [path["within_budget"] for path in paths] == [False, True, True, True, True]
    assert [path["within_deadline"] for path in paths] == [None, None, None, None, False]
    assert "within_budget" not in as_json(estimate())["models"][0]["paths"][0]


@pytest.mark.parametrize(
    ("field", "key", "limits"),
    [
        # Dedicated takes $355.56 to $457.78, and 2.96 to 3.81 hours.
        (Field.BUDGET_USD, "within_budget", {300: False, 400: None, 500: True}),
        (Field.DEADLINE_HOURS, "within_deadline", {2: False, 3: None, 4: True}),
    ],
)
def test_what_the_verdict_calls_too_close_is_null_on_its_path(
    field: Field, key: str, limits: dict[int, bool | None]
) -> None:
    for value, within in limits.items():
        found = as_json(estimate(fields={field: value}))
        assert found["models"][0]["paths"][-1][key] is within
        assert ("too close to call" in found["verdict"]) == (within is None)


def test_a_problem_has_no_models_and_says_what_to_type() -> None:
    problem = Problem(code=ProblemCode.VALUE_OUT_OF_RANGE, field=Field.TURNS, text="500", near=200)
    found = as_json(refused(problem))
    assert (found["models"], found["suggestion"]) == ([], "kimi-k2p6 turns=200")
    assert found["problems"][0]["code"] == "value_out_of_range"
    assert found["verdict"] == (
        "`500` is out of range: `turns` takes whole numbers from 1 to 200. Try `kimi-k2p6 turns=200`."
    )


def test_rates_stand_at_the_top_with_their_provenance() -> None:
    cards = as_json(rates("kimi-k2p6"))["cards"]
    assert cards[1] | {"notes": None} == {
        "path": "tinker",
        "model": "kimi-k2p6",
        "variant": "128K",
        "gpu_type": None,
        "id": "tinker/kimi-k2p6/128K/2026-07-17/9f60a7",
        "input_usd_per_mtok": 5.15,
        "cached_input_usd_per_mtok": 1.03,
        "output_usd_per_mtok": 12.81,
        "train_usd_per_mtok": 15.4,
        "effective_from": "2026-07-17",
        "effective_to": None,
        "ended": None,
        "in_force": True,
        "verified_on": "2026-07-17",
        "confidence": "medium",
        "source_url": "https://tinker-docs.thinkingmachines.ai/tinker/models/",
        "notes": None,
    }
    assert cards[2]["ended"] == "retired"
    assert cards[-1]["usd_per_gpu_hour"] == 15


def test_published_has_the_page_s_figures_and_what_moved() -> None:
    found = as_json(estimate(fields=LONG_RUN, published=True), published=True)
    assert found["published"]["tinker_usd"] == 65392
    moved = [(m["what"], m.get("usd_before"), m.get("usd_after")) for m in found["moved"]]
    assert moved[0] == ("cache", 65392, 19989.6)
    assert moved[1] == ("context_overflow", None, None)
    assert moved[2] == ("rate", 3555.5555555555557, 4444.444444444444)
    assert moved[3] == ("not_on_page", None, None)


def test_a_short_run_moved_to_the_short_variant() -> None:
    found = as_json(estimate(fields={Field.TURNS: 2}, published=True), published=True)
    assert [m["what"] for m in found["moved"]] == ["variant", "cache", "rate", "not_on_page"]
    assert "128K → 32K" in found["moved"][0]["text"]


def test_on_the_page_s_own_day_nothing_moved_but_serverless() -> None:
    found = as_json(estimate(on=date(2026, 5, 16), published=True), published=True)
    assert [m["what"] for m in found["moved"]] == ["not_on_page"]


def test_a_model_that_the_page_did_not_have_has_no_published_figures() -> None:
    found = as_json(estimate("kimi-k3", published=True), published=True)
    assert (found["published"], found["moved"]) == (None, [])


def test_numbers_are_the_nearest_doubles() -> None:
    assert [number(Decimal(text)) for text in ("996.000", "0.1", "19989.6")] == [996, 0.1, 19989.6]
    assert number(Decimal("1e400")) is None
    assert number(None) is None


def test_what_no_double_can_hold_is_null() -> None:
    tiny = {Field.DECODE_TPS: Decimal("1e-400"), Field.PROMPT_TPS: Decimal(1)}
    path = as_json(estimate(fields=dict(tiny)))["models"][0]["paths"][-1]
    assert (path["status"], path["usd"]) == ("offered", None)
