"""Claims about reading that no single case can make."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.requests import Field, Intent, ProblemCode, Request, Span, as_json, from_json, read
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


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("We'll generate 5k rollouts with k2.6, 20 turns", {Field.EPISODES: 5000, Field.TURNS: 20}),
        ("cost of generating 10k rollouts, 20 turns each, k2.6", {Field.EPISODES: 10_000, Field.TURNS: 20}),
        ("we sample 5k coding rollouts on k2.6", {Field.EPISODES: 5000}),
        ("k2.6: the customer generates 5k episodes a week", {Field.EPISODES: 5000}),
        ("k2.6 generates 2k in 20 turns", {Field.DECODE_TOKENS_PER_TURN: 2000, Field.TURNS: 20}),
        ("k2.6 generate 2k, 5k rollouts", {Field.DECODE_TOKENS_PER_TURN: 2000, Field.EPISODES: 5000}),
        ("k2.6 decode 500 turns 20", {Field.DECODE_TOKENS_PER_TURN: 500, Field.TURNS: 20}),
        ("k2.6; rollouts: 20 turns each, 8k prompt", {Field.TURNS: 20, Field.INITIAL_PROMPT_TOKENS: 8000}),
        ("shapes of episodes: 20 turns, k2.6", {Field.TURNS: 20}),
        ("k2.6: episode: 20 turns", {Field.TURNS: 20}),
        ("k2.6 rollouts: 20-turn, 8k prompt", {Field.TURNS: 20, Field.INITIAL_PROMPT_TOKENS: 8000}),
        ("k2.6, rollout 20 turns", {Field.TURNS: 20}),
        ("k2.6 episodes: 5000 turns: 20", {Field.EPISODES: 5000, Field.TURNS: 20}),
    ],
)  # fmt: skip
def test_a_number_belongs_to_what_it_counts(text: str, fields: dict[Field, Any]) -> None:
    request = reading(text)
    assert (request.fields, request.problems) == (fields, ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("k2.6 episodes: many", (ProblemCode.VALUE_INVALID, Field.EPISODES, "many")),
        ("k2.6 a couple of hundred episodes", (ProblemCode.VALUE_INVALID, Field.EPISODES, "hundred")),
        ("k2.6 a couple of thousand rollouts", (ProblemCode.VALUE_INVALID, Field.EPISODES, "thousand")),
        ("k2.6 two thirds of a million episodes", (ProblemCode.VALUE_INVALID, Field.EPISODES, "a million")),
        ("k2.6 40k output tokens in total", (ProblemCode.UNPLACED, None, "40k")),
        ("k2.6 40k output tokens overall", (ProblemCode.UNPLACED, None, "40k")),
        ("k2.6 a total of 40k output tokens", (ProblemCode.UNPLACED, None, "40k")),
        ("k2.6 tool results 40k in total", (ProblemCode.UNPLACED, None, "40k")),
        ("k2.6 total prompt tokens 400k", (ProblemCode.UNPLACED, None, "400k")),
        ("k2.6 turns of 3 minutes", (ProblemCode.UNPLACED, None, "3 minutes")),
        ("k2.6 episodes of 30 minutes", (ProblemCode.UNPLACED, None, "30 minutes")),
        ("k2.6 30-minute episodes", (ProblemCode.UNPLACED, None, "30-minute")),
        ("k2.6 3 minutes each", (ProblemCode.UNPLACED, None, "3 minutes")),
        ("k2.6 runs take 5 hours now", (ProblemCode.UNPLACED, None, "5 hours")),
        ("k2.6 A$10k", (ProblemCode.VALUE_INVALID, Field.BUDGET_USD, "A$10k")),
        ("k2.6 for HK$10k", (ProblemCode.VALUE_INVALID, Field.BUDGET_USD, "HK$10k")),
        ("k2.6 two nodes", (ProblemCode.UNPLACED, None, "two")),
        ("k2.6 three steps", (ProblemCode.UNPLACED, None, "three")),
        ("k2.6 at yesterday's rates", (ProblemCode.VALUE_INVALID, Field.AS_OF, "yesterday")),
    ],
)  # fmt: skip
def test_what_no_field_holds_is_named_and_sets_nothing(
    text: str, problem: tuple[ProblemCode, Field | None, str]
) -> None:
    request = reading(text)
    assert [(p.code, p.field, p.text) for p in request.problems] == [problem]
    assert dict(request.fields) == {}


def test_where_a_context_ends_is_no_range_of_what_a_turn_adds() -> None:
    request = reading("k2.6 context grows from 8k to 40k")
    assert [(p.code, p.text) for p in request.problems] == [
        (ProblemCode.UNPLACED, "8k"),
        (ProblemCode.UNPLACED, "40k"),
    ]
    assert reading("k2.6 grows from 8k to 40k per turn").fields == {
        Field.TOKENS_ADDED_PER_TURN: Span(start=8000, end=40_000)
    }


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("k2.6 5k episodes in total", {Field.EPISODES: 5000}),
        ("k2.6 20 turns total", {Field.TURNS: 20}),
        ("k2.6, the total prompt is 8k", {Field.INITIAL_PROMPT_TOKENS: 8000}),
        ("k2.6 total output of 2k per turn", {Field.DECODE_TOKENS_PER_TURN: 2000}),
        ("k2.6, it may take 5 hours", {Field.DEADLINE_HOURS: 5}),
        ("k2.6, deadline of two weeks", {Field.DEADLINE_HOURS: 336}),
        ("k2.6 US$10k", {Field.BUDGET_USD: 10_000}),
        ("k2.6 one node of 8xB300", {Field.GPUS: 8, Field.GPU_TYPE: "B300_288GB"}),
        ("k2.6 with three quarters of a million episodes", {Field.EPISODES: 750_000}),
    ],
)
def test_what_looks_alike_is_read_as_ever(text: str, fields: dict[Field, Any]) -> None:
    request = reading(text)
    assert (request.fields, request.problems) == (fields, ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("solve for budget k2.6 turns=20", "budget"),
        ("solve for prompt tokens k2.6 turns=20", "prompt tokens"),
        ("solve for the cost k2.6 turns=20", "cost"),
        ("how many turns fit in the window of k2.6", "how many turns fit in the window"),
        ("max turns kimi k2.6", "max turns"),
    ],
)
def test_what_cannot_be_solved_for_is_said_and_nothing_else_answered(text: str, said: str) -> None:
    request = reading(text)
    assert (request.intent, request.solve_for) == (Intent.SOLVE, None)
    assert [(p.code, p.text) for p in request.problems] == [(ProblemCode.FIELD_UNKNOWN, said)]
    assert request.fields == ({Field.TURNS: 20} if "=20" in text else {})


@pytest.mark.parametrize(
    ("text", "intent", "solve_for"),
    [
        ("when is dedicated cheaper than tinker kimi-k2p6", Intent.SOLVE, Field.TURNS),
        ("when does dedicated beat standard on k2.6", Intent.SOLVE, Field.TURNS),
        ("how many turns can I afford with $500 k2.6", Intent.SOLVE, Field.TURNS),
        ("solve for episodes k2.6 budget=$500", Intent.SOLVE, Field.EPISODES),
        ("k2.6 max turns 40", Intent.ESTIMATE, None),
        ("what formula do you use for k2.6", Intent.EXPLAIN, None),
        ("which formula, k2.6?", Intent.EXPLAIN, None),
        ("k2.6 maths", Intent.EXPLAIN, None),
        ("k2.6 is working, 20 turns", Intent.ESTIMATE, None),
        ("is the working memory 20 turns on k2.6", Intent.ESTIMATE, None),
        ("why?", Intent.HELP, None),
    ],
)
def test_the_question_is_the_one_that_is_asked(
    text: str, intent: Intent, solve_for: Field | None
) -> None:
    request = reading(text)
    assert (request.intent, request.solve_for, request.problems) == (intent, solve_for, ())


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
