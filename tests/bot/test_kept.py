"""Kept requests come back as they were, and whatever no reading gave is refused with a ValueError."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kept import known_request, pack, unpack
from bot.requests import read
from tests.bot.asking import CATALOGUE, TODAY

TEXTS = (
    "kimi-k2p6",
    "kimi-k2p6 turns=20 episodes=5000",
    "kimi-k2p6 turns=5..50:5 episodes=1000",
    "kimi-k2p6 turns=5,10,20",
    "kimi-k2p6 16 gpus gpu_type=b200 prompt_tps=40000.5 decode_tps=2400",
    "gpt-oss-120b budget=$400.25 deadline=3.5h as_of=2026-05-16",
    "compare kimi-k2p6 and gpt-oss-120b",
    "rates kimi-k2p6",
    "kimi-k2p6 serverless turns=20",
    "how many gpus for kimi-k2p6 in 6 hours",
    "swe-pro-sonnet45 kimi-k2p6 turns=40",
    "shapes swe",
    "help",
)


def refused(text: str) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - whatever its words
        unpack(text, CATALOGUE, today=TODAY)
    return str(caught.value)


@pytest.mark.parametrize("text", TEXTS)
def test_what_the_language_gives_comes_back_as_it_was(text: str) -> None:
    request = read(text, CATALOGUE, today=TODAY)
    assert request.problems == ()
    kept = unpack(pack(request, day=date(2026, 11, 3)), CATALOGUE, today=TODAY)
    assert kept.request == request
    assert kept.day == date(2026, 11, 3)


def test_what_somebody_typed_wrongly_is_not_kept() -> None:
    request = read("kimi-k2p6 secretword=3", CATALOGUE, today=TODAY)
    assert request.problems
    packed = pack(request, day=TODAY)
    assert "secretword" not in packed
    assert unpack(packed, CATALOGUE, today=TODAY).request.problems == ()


def test_a_request_kept_without_a_day_is_of_today() -> None:
    assert unpack('{"intent":"help"}', CATALOGUE, today=TODAY).day == TODAY


GOOD: dict[str, Any] = {"intent": "estimate", "models": ["kimi-k2p6"], "fields": {}}
BAD: tuple[dict[str, Any], ...] = (
    {"intent": None},
    {"intent": [1]},
    {"models": ["claude-9"]},
    {"models": [[1]]},
    {"models": "kimi-k2p6"},
    {"fields": [1]},
    {"fields": {"colour": 1}},
    {"fields": {"turns": "20"}},
    {"fields": {"turns": True}},
    {"fields": {"turns": 2.5}},
    {"fields": {"turns": 0}},
    {"fields": {"turns": [[1], [2]]}},
    {"fields": {"turns": [20]}},
    {"fields": {"turns": {"from": 5, "to": 1}}},
    {"fields": {"turns": {"from": 1, "to": 5, "step": float("nan")}}},
    {"fields": {"budget_usd": float("inf")}},
    {"fields": {"gpu_type": {}}},
    {"fields": {"as_of": 7}},
    {"fields": {"as_of": "2026-11-22"}},
    {"paths": ["moon"]},
    {"solve_for": [1]},
    {"solve_for": {"a": 1}},
    {"solve_for": "as_of"},
    {"action": [1]},
    {"problems": [1]},
    {"answered_on": 5},
    {"answered_on": None},
    {"answered_on": [1]},
    {"answered_on": "yesterday"},
    {"answered_on": "2026-11-22"},
)


def test_the_request_that_the_bad_ones_are_made_of_is_good() -> None:
    assert unpack(json.dumps(GOOD), CATALOGUE, today=TODAY).request.models == ("kimi-k2p6",)


@pytest.mark.parametrize("wrong", BAD, ids=json.dumps)
def test_what_no_reading_gave_is_refused(wrong: dict[str, Any]) -> None:
    assert refused(json.dumps({**GOOD, **wrong}))


@pytest.mark.parametrize("text", ["", "{", "1", "null", "NaN", '"x"', "[]", "[[[]]]", "[" * 5_000])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    assert refused(text)


def test_a_day_to_come_is_named() -> None:
    future = json.dumps({**GOOD, "answered_on": "2026-11-22"})
    assert refused(future) == ("a kept request was answered on 2026-11-22, which is in the future")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = ("intent", "models", "fields", "problems", "solve_for", "paths", "action", "answered_on")
FIELD_KEYS = ("turns", "episodes", "gpus", "gpu_type", "budget_usd", "decode_tps", "as_of")


@given(
    st.dictionaries(st.sampled_from(KEYS), JSON),
    st.dictionaries(st.sampled_from(FIELD_KEYS), JSON, max_size=2),
)
def test_any_json_is_a_request_or_refused(wrong: dict[str, Any], fields: dict[str, Any]) -> None:
    text = json.dumps({**GOOD, "fields": fields, **wrong})
    try:
        kept = unpack(text, CATALOGUE, today=TODAY)
    except ValueError:
        return
    assert kept.day <= TODAY
    assert all(model in CATALOGUE for model in kept.request.models)
    again = unpack(pack(kept.request, day=kept.day), CATALOGUE, today=TODAY)
    assert again.request.fields == kept.request.fields


def test_a_thread_that_asked_for_a_lost_model_begins_anew() -> None:
    with pytest.raises(ValueError, match="`lost`, which is no covered model"):
        known_request({**GOOD, "models": ["lost"]}, CATALOGUE, today=TODAY)
