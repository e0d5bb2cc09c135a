"""What a thread's next text asks: never silence for a question, and never half of what was said."""

from dataclasses import replace
from datetime import date

import pytest

from bot.requests import Field, Intent, ProblemCode, Request, Value, as_json, from_json
from bot.requests import read as read_request
from pricing.catalogue import load_catalogue

TODAY = date(2026, 11, 21)
CATALOGUE = load_catalogue()
KIMI, QWEN = "kimi-k2p6", "qwen3p5-397b"


def read(*texts: str) -> Request:
    """The last request of a thread, each kept as JSON for the next."""
    request: Request | None = None
    for text in texts:
        previous = from_json(as_json(request)) if request else None
        request = read_request(text, CATALOGUE, today=TODAY, previous=previous)
    assert request is not None
    return request


# -- paths alone -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "first",
    [
        "kimi-k2p6 turns=20",
        "compare kimi-k2p6 and qwen3p5-397b",
        "compare all models",
        "sweep kimi-k2p6 turns=5,10",
        "limits kimi-k2p6 turns=20",
        "explain kimi-k2p6 turns=20",
        "rates kimi-k2p6",
        "how many episodes of kimi-k2p6 for $10k",
        "at how many turns is dedicated cheaper on kimi-k2p6",
        "how many gpus for kimi-k2p6 in 6 hours",
    ],
)
@pytest.mark.parametrize(
    "text",
    ["only tinker", "and priority vs tinker?", "what about serverless standard?", "is fast cheaper than tinker?"],
)  # fmt: skip
def test_a_text_of_paths_asks_the_same_of_them(first: str, text: str) -> None:
    before, after = read(first), read(first, text)
    assert after.paths
    assert after.problems == ()
    assert replace(after, paths=before.paths) == before


@pytest.mark.parametrize(
    "text", ["thanks, tinker is nice", "great, tinker is way too expensive", "we go with dedicated"]
)
def test_chat_that_mentions_a_path_is_silence(text: str) -> None:
    before = read("limits kimi-k2p6 tinker")
    assert read("limits kimi-k2p6 tinker", text) == replace(before, intent=Intent.NONE)


@pytest.mark.parametrize("first", ["help", "subscribe weekly", "shapes"])
def test_paths_after_no_question_are_no_question(first: str) -> None:
    assert read(first, "only tinker").intent is Intent.NONE


@pytest.mark.parametrize("text", ["which is cheaper?", "which one is the cheapest?", "cheapest?", "give me a quote"])  # fmt: skip
def test_a_question_for_the_price_is_an_estimate(text: str) -> None:
    assert read("limits kimi-k2p6 turns=20", text).intent is Intent.ESTIMATE


# -- a value of what is solved for -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "text", "field", "stated"),
    [
        ("how many gpus for kimi-k2p6 in 6 hours", "what about 16 gpus?", Field.GPUS, 16),
        ("how many gpus for kimi-k2p6 in 6 hours", "16 or 32 gpus?", Field.GPUS, (16, 32)),
        ("how many episodes of kimi-k2p6 for $10k", "and 2000 episodes?", Field.EPISODES, 2000),
        ("crossover in turns on kimi-k2p6", "at 40 turns?", Field.TURNS, 40),
    ],
)
def test_a_value_of_what_is_solved_for_is_stated_and_no_field(
    first: str, text: str, field: Field, stated: Value
) -> None:
    request = read(first, text)
    assert (request.intent, request.solve_for, request.stated) == (Intent.SOLVE, field, stated)
    assert (request.fields, request.problems) == (read(first).fields, ())


GPUS = ("how many gpus for kimi-k2p6 in 6 hours, 5000 episodes", "what about 16 gpus?")


def test_a_cluster_that_is_said_whole_is_kept_whole() -> None:
    request = read(GPUS[0], "on 16 h200 at 40k prompt tok/s and 2k decode tok/s")
    assert request.stated == 16
    assert request.fields == {
        Field.DEADLINE_HOURS: 6,
        Field.EPISODES: 5000,
        Field.GPU_TYPE: "H200_141GB",
        Field.PROMPT_TPS: 40_000,
        Field.DECODE_TPS: 2000,
    }


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("and in 12 hours?", 16),
        ("8 more gpus", 24),
        ("double the gpus", 32),
        ("how many gpus in 12 hours?", None),
        ("how many replicas?", None),
        ("drop the gpus", None),
    ],
)
def test_a_stated_value_stays_until_the_question_is_asked_again(
    text: str, stated: int | None
) -> None:
    request = read(*GPUS, text)
    assert (request.solve_for, request.stated) == (Field.GPUS, stated)
    assert Field.GPUS not in request.fields


def test_other_paths_ask_for_the_turns_again() -> None:
    request = read("crossover in turns on kimi-k2p6", "at 40 turns?", "priority vs tinker?")
    assert (request.solve_for, request.stated) == (Field.TURNS, None)


@pytest.mark.parametrize("text", ["explain", "limits?", "price it"])
def test_a_stated_value_is_a_field_of_another_question(text: str) -> None:
    request = read(*GPUS, text)
    assert (request.solve_for, request.stated) == (None, None)
    assert request.fields[Field.GPUS] == 16


def test_chat_leaves_a_stated_value_where_it_was() -> None:
    request = read(*GPUS, "thanks!")
    assert (request.intent, request.fields) == (Intent.NONE, read(*GPUS).fields)


def test_the_question_goes_before_a_value_in_the_same_text() -> None:
    request = read("how many gpus for kimi-k2p6 in 6 hours on 8xB300")
    assert request.stated is None
    assert request.fields == {Field.DEADLINE_HOURS: 6, Field.GPU_TYPE: "B300_288GB"}


@pytest.mark.parametrize(
    ("texts", "code", "field"),
    [
        (("how many gpus=abc in 6 hours kimi-k2p6",), ProblemCode.VALUE_INVALID, Field.GPUS),
        (("solve turns turns=-3 kimi-k2p6",), ProblemCode.VALUE_OUT_OF_RANGE, Field.TURNS),
        ((GPUS[0], "what about 0 gpus?"), ProblemCode.VALUE_OUT_OF_RANGE, Field.GPUS),
        ((GPUS[0], "2.5 gpus"), ProblemCode.VALUE_INVALID, Field.GPUS),
        ((GPUS[0], "8 more gpus"), ProblemCode.VALUE_INVALID, Field.GPUS),
    ],
)
def test_a_bad_value_of_what_is_solved_for_is_named(
    texts: tuple[str, ...], code: ProblemCode, field: Field
) -> None:
    request = read(*texts)
    assert [(p.code, p.field) for p in request.problems] == [(code, field)]
    assert request.stated is None


@pytest.mark.parametrize(
    "text", ["solve for turns: kimi-k2p6", "how many gpus: kimi-k2p6 in 6 hours"]
)
def test_the_key_of_what_is_asked_needs_no_value(text: str) -> None:
    assert read(text).problems == ()


@pytest.mark.parametrize("raw", [{"stated": 16}, {"solve_for": "gpus", "stated": 0}])
def test_json_of_a_stated_value_that_cannot_be_is_refused(raw: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="`previous` is not a"):
        from_json({"intent": "solve", "models": [KIMI], **raw})


# -- changes ---------------------------------------------------------------------------------------------

RUN = f"{KIMI} turns=30 episodes=5000 budget=$500 as of 2026-05-16"


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("a third of the turns", Field.TURNS, 10),
        ("two thirds of the turns", Field.TURNS, 20),
        ("a third fewer turns", Field.TURNS, 20),
        ("a tenth of the episodes", Field.EPISODES, 500),
        ("a tenth more episodes", Field.EPISODES, 5500),
        ("three fifths of the episodes", Field.EPISODES, 3000),
        ("turns x2", Field.TURNS, 60),
        ("turns 30 -> 40", Field.TURNS, 40),
        ("30 → 20 turns", Field.TURNS, 20),
        ("and if we generate 10k rollouts?", Field.EPISODES, 10_000),
        ("reset the turns", Field.TURNS, None),
        ("default turns", Field.TURNS, None),
        ("turns back to the default", Field.TURNS, None),
        ("unlimited budget", Field.BUDGET_USD, None),
        ("with today's rates", Field.AS_OF, None),
        ("drop the date", Field.AS_OF, None),
    ],
)
def test_a_change_is_made_and_nothing_else(text: str, field: Field, value: int | None) -> None:
    before, after = read(RUN), read(RUN, text)
    assert after.problems == ()
    kept = {**before.fields, field: value} if value else {**before.fields}
    assert after.fields == (kept if value else {f: v for f, v in kept.items() if f is not field})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "a seventh of the turns",
            (ProblemCode.VALUE_INVALID, Field.TURNS, "a seventh of the turns"),
        ),
        ("1/2 the turns", (ProblemCode.VALUE_INVALID, Field.TURNS, "1/2")),
        ("turns * 2", (ProblemCode.UNPLACED, None, "2")),
        ("double it", (ProblemCode.UNPLACED, None, "double it")),
        ("half as many", (ProblemCode.UNPLACED, None, "half as many")),
        ("at yesterday's rates", (ProblemCode.VALUE_INVALID, Field.AS_OF, "yesterday")),
    ],
)
def test_a_change_that_cannot_be_made_is_named(
    text: str, problem: tuple[ProblemCode, Field | None, str]
) -> None:
    assert [(p.code, p.field, p.text) for p in read(RUN, text).problems] == [problem]


def test_no_time_limit_takes_the_deadline_back_and_any_path_the_paths() -> None:
    assert read(f"{KIMI} in 6 hours", "no time limit").fields == {}
    assert read(f"{KIMI} turns=20 on tinker", "on any path").paths == ()


@pytest.mark.parametrize(
    "text",
    [
        "why?",
        "but why",
        "why is it so expensive?",
        "source?",
        "where is that from?",
        "which formula?",
        "where does the $15 come from",
        "why is it $15?",
        "how did you get $15",
    ],
)
def test_a_question_for_the_grounds_is_explained_and_sets_nothing(text: str) -> None:
    before, after = read(RUN), read(RUN, text)
    assert after.intent is Intent.EXPLAIN
    assert (after.fields, after.problems) == (before.fields, ())


def test_another_question_for_a_value_replaces_the_one_before() -> None:
    request = read(GPUS[0], "when is it cheaper than tinker?")
    assert (request.solve_for, request.paths) == (Field.TURNS, ("tinker",))


# -- compare and sweep -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "intent", "models"),
    [
        (("kimi-k2p6, qwen3p5-397b turns=5,10",), Intent.COMPARE, (KIMI, QWEN)),
        (("sweep kimi-k2p6 qwen3p5-397b turns=5,10",), Intent.SWEEP, (KIMI, QWEN)),
        (("compare kimi-k2p6 qwen3p5-397b", "turns 5, 10 and 20"), Intent.COMPARE, (KIMI, QWEN)),
        (("compare kimi-k2p6 qwen3p5-397b", "turns 5, 10", "as a sweep"), Intent.SWEEP, (KIMI, QWEN)),
        (("compare kimi-k2p6 qwen3p5-397b", "turns 5, 10", "sweep it"), Intent.SWEEP, (KIMI, QWEN)),
        (("compare all", "also on qwen 397b"), Intent.COMPARE, ()),
        (("all models", "vs qwen 397b"), Intent.COMPARE, ()),
        (("kimi-k2p6 turns=20", "all models as csv"), Intent.COMPARE, ()),
        (("compare kimi-k2p6 qwen3p5-397b", "turns 5, 10", "as a sweep, as csv"), Intent.SWEEP, (KIMI, QWEN)),
        (("all models", "just qwen 397b"), Intent.ESTIMATE, (QWEN,)),
        (("compare kimi-k2p6 qwen3p5-397b", "drop the kimi"), Intent.ESTIMATE, (QWEN,)),
    ],
)  # fmt: skip
def test_what_is_compared_and_swept(
    texts: tuple[str, ...], intent: Intent, models: tuple[str, ...]
) -> None:
    request = read(*texts)
    assert (request.intent, request.models, request.problems) == (intent, models, ())


def test_of_all_models_one_can_be_dropped() -> None:
    every = [model.key for model in CATALOGUE]
    assert read("compare all", "without k2.6").models == tuple(k for k in every if k != KIMI)


def test_a_piece_that_several_models_of_the_thread_hold_drops_none() -> None:
    request = read("compare k2.6 and k2.5", "drop the kimi")
    assert len(request.models) == 2
    assert [p.code for p in request.problems] == [ProblemCode.MODEL_AMBIGUOUS]
