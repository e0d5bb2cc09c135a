"""Claims about reading that no single case can make."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.requests import Field, Intent, ProblemCode, Request, as_json, from_json, read
from pricing.catalogue import load_catalogue

TODAY = date(2026, 11, 21)
CATALOGUE = load_catalogue()
FOUR = ("kimi-k2p6", "kimi-k2p5", "qwen3p5-397b", "gpt-oss-120b")
PIECES = (
    "kimi-k2p6 qwen 397b turns episodes prompt decode tool = : -- , ; 20 5k 1.5M half a million 8xB300 as of "
    "2026-05-16 $10k in 6 hours .. to 5..50:5 and or vs compare limits explain how many without the double more "
    "fewer per turn tok/s ½ inf -1 0x14 <@U1> \n ( ) [ ] { } | / +12k/turn 3x claude gpt $5 per 1M tokens"
).split(" ")
ANY_TEXT = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
)


def reading(text: str, previous: Request | None = None) -> Request:
    return read(text, CATALOGUE, today=TODAY, previous=previous)


@settings(max_examples=400)
@given(ANY_TEXT)
def test_any_text_is_read_and_a_field_with_a_problem_has_no_value(text: str) -> None:
    request = reading(text)

    at_fault = [problem.field for problem in request.problems if problem.field]
    assert not set(at_fault) & set(request.fields)
    assert len(at_fault) == len(set(at_fault))


@settings(max_examples=200)
@given(ANY_TEXT, ANY_TEXT)
def test_any_follow_up_is_read_and_every_request_survives_json(first: str, second: str) -> None:
    before = reading(first)
    after = reading(second, previous=from_json(as_json(before)))

    assert as_json(from_json(as_json(after))) == as_json(after)


@settings(max_examples=100)
@given(
    model=st.sampled_from(FOUR),
    turns=st.integers(1, 200),
    episodes=st.integers(1, 10_000_000),
    added=st.integers(0, 10_000_000),
    order=st.permutations(range(3)),
    style=st.sampled_from(
        ["{k}={v}", "{k} = {v}", "{k}: {v}", "--{k} {v}", "--{k}={v}", "{k} {v}", "{v} {k}"]
    ),
)
def test_every_style_of_pairs_in_every_order_means_the_same(
    model: str, turns: int, episodes: int, added: int, order: list[int], style: str
) -> None:
    pairs = [("turns", turns), ("episodes", episodes), ("added", added)]
    text = f"{model} " + " ".join(style.format(k=pairs[i][0], v=pairs[i][1]) for i in order)

    request = reading(text)

    assert (request.intent, request.models, request.problems) == (Intent.ESTIMATE, (model,), ())
    assert dict(request.fields) == {
        Field.TURNS: turns,
        Field.EPISODES: episodes,
        Field.TOKENS_ADDED_PER_TURN: added,
    }


@settings(max_examples=100)
@given(st.integers(0, 10_000_000))
def test_a_number_means_the_same_with_and_without_its_commas(count: int) -> None:
    assert (
        reading(f"kimi-k2p6 prompt={count:,}").fields == reading(f"kimi-k2p6 prompt={count}").fields
    )


@pytest.mark.parametrize("model", [model.key for model in CATALOGUE])
def test_every_covered_model_is_named_by_its_key_its_label_and_its_paths(model: str) -> None:
    covered = CATALOGUE.get(model)
    names = [
        covered.key,
        covered.label,
        *covered.fireworks_ids,
        *(variant.id for variant in covered.tinker),
    ]

    assert {name: reading(f"{name} turns=20").models for name in names} == dict.fromkeys(
        names, (model,)
    )


def test_a_text_of_2000_characters_is_read_and_a_longer_one_refused_as_a_whole() -> None:
    text = "kimi-k2p6 turns=20".ljust(2000)

    assert reading(text).fields == {Field.TURNS: 20}
    refused = reading(text + " ")
    assert (refused.intent, refused.models, dict(refused.fields)) == (Intent.HELP, (), {})
    assert [(p.code, p.field) for p in refused.problems] == [(ProblemCode.VALUE_INVALID, None)]


@pytest.mark.parametrize("character", ["\ufdfa", "\u33c2", "½"])
def test_a_text_that_unfolds_to_far_more_than_it_was_is_refused_as_a_whole(character: str) -> None:
    refused = reading("kimi-k2p6 " + character * 1990)

    assert (refused.intent, refused.models) == (Intent.HELP, ())
    assert [p.code for p in refused.problems] == [ProblemCode.VALUE_INVALID]


def test_what_was_typed_before_a_model_was_found_near_is_hinted_with_the_nearest_first() -> None:
    (problem,) = reading("kimi-k2p8 turns=20").problems

    assert problem.code is ProblemCode.MODEL_UNKNOWN
    assert problem.hint.split(", ")[0].startswith("kimi-k2p")


@pytest.mark.parametrize(
    "raw",
    [
        [],
        {"intent": "sing"},
        {"intent": "estimate", "fields": {"speed": 3}},
        {"intent": "estimate", "fields": {"turns": 500}},
        {"intent": "estimate", "fields": {"turns": "20"}},
        {"intent": "estimate", "fields": {"as_of": "soon"}},
        {"intent": "estimate", "models": "kimi-k2p6"},
        {"intent": "estimate", "problems": ["bad"]},
        {"intent": "estimate", "fields": {"budget_usd": [1, 2]}},
        {"intent": "estimate", "fields": {"turns": [5]}},
        {"intent": "estimate", "fields": {"turns": {"from": 50, "to": 5}}},
        {"intent": "estimate", "fields": {"turns": {"from": 5, "to": 50, "step": -1}}},
        {"intent": "estimate", "fields": {"turns": {"from": 5}}},
        {"intent": "estimate", "fields": [1]},
        {"intent": "estimate", "paths": ["by mail"]},
        {"intent": "solve", "solve_for": "as_of"},
        {
            "intent": "estimate",
            "fields": {
                "tokens_added_per_turn": 9000,
                "tool_result_tokens_per_turn": 5000,
                "decode_tokens_per_turn": 100,
            },
        },
    ],
)
def test_a_previous_request_that_is_none_is_refused_in_one_sentence(raw: Any) -> None:
    with pytest.raises(ValueError, match="`previous` is not a"):
        from_json(raw)
