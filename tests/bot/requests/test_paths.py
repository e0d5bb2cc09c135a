"""Which paths a text names: *standard*, *priority* and *fast* are words for other things too."""

from datetime import date

import pytest

from bot.requests import Field, Intent, ProblemCode, Request, read
from pricing.catalogue import load_catalogue

TODAY = date(2026, 11, 21)
CATALOGUE = load_catalogue()
TINKER, STANDARD, PRIORITY, FAST, DEDICATED = ALL = (
    "tinker",
    "serverless_standard",
    "serverless_priority",
    "serverless_fast",
    "dedicated",
)


def paths(text: str, previous: Request | None = None) -> tuple[str, ...]:
    return read(text, CATALOGUE, today=TODAY, previous=previous).paths


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("k2.6 on tinker, 20 turns", (TINKER,)),
        ("k2.6 on-demand, 20 turns", (DEDICATED,)),
        ("k2.6 serverless vs dedicated, 20 turns", (STANDARD, DEDICATED)),
        ("k2.6 serverless-fast, 20 turns", (FAST,)),
        ("rates of serverless priority for k2.6", (PRIORITY,)),
        ("k2.6 priority vs fast", (PRIORITY, FAST)),
        ("k2.6 standard, priority and fast", (STANDARD, PRIORITY, FAST)),
        ("how many turns until fast is cheaper than tinker on k2.6", (FAST, TINKER)),
        ("at how many turns does fast beat priority on k2.6", (FAST, PRIORITY)),
        ("until dedicated is cheaper than standard under $5k, k2.6", (DEDICATED, STANDARD)),
        ("until dedicated is cheaper than standard twenty k2.6 episodes", (DEDICATED, STANDARD)),
        (
            "until dedicated is cheaper than priority assuming 20k prompt k2.6",
            (DEDICATED, PRIORITY),
        ),
        ("k2.6 on priority within 6 hours", (PRIORITY,)),
        ("rates fast k2.6", (FAST,)),
        ("fast rates for k2.6", (FAST,)),
        ("kimi k2.6 fast rates", (FAST,)),
        ("kimi k2.6 fast only", (FAST,)),
        ("qwen 397b fast only", (FAST,)),
        ("kimi k2.6 fast vs dedicated", (FAST, DEDICATED)),
        ("limits kimi k2.6 fast and tinker", (FAST, TINKER)),
        ("kimi k2.6 fast or tinker, which is cheaper?", (FAST, TINKER)),
        ("kimi k2.6 fast, tinker", (FAST, TINKER)),
        ("glm 5.2 fast and priority", (FAST, PRIORITY)),
        ("kimi k2.6 fast compared to tinker", (FAST, TINKER)),
        ("is kimi k2.6 fast cheaper than tinker?", (FAST, TINKER)),
        ("kimi k2.6 fast instead of tinker", (FAST,)),
        ("k2.6 20 turns, fast vs tinker", (FAST, TINKER)),
        ("sweep kimi k2.6 as of 2026-08-01 fast vs tinker turns=5..40", (FAST, TINKER)),
        ("price qwen 397b fast on tinker", (TINKER,)),
        ("compare k2.6 and k2.5 on standard", (STANDARD,)),
        ("limits k2.6 priority", (PRIORITY,)),
        ("from how many turns is fast cheaper than tinker on k2.6", (FAST, TINKER)),
        ("until how many turns is fast cheaper than tinker, k2.6", (FAST, TINKER)),
        ("is fast cheaper than tinker on k2.6?", (FAST, TINKER)),
        ("at how many turns is standard cheaper than fast on k2.6", (STANDARD, FAST)),
        ("at how many turns does dedicated become cheaper than fast on k2.6", (DEDICATED, FAST)),
        ("how much more is priority than standard for k2.6", (PRIORITY, STANDARD)),
        ("compare k2.6 and k2.5 at 20 turns, Fireworks vs Tinker", (*ALL[1:], TINKER)),
        ("k2.6 on Fireworks, 20 turns", ALL[1:]),
        ("k2.6 on Fireworks dedicated, 20 turns", (DEDICATED,)),
        ("k2.6 20 turns on 8 dedicated B300s", (DEDICATED,)),
        ("what are the standard rates of k2.6", (STANDARD,)),
        ("what are tinker's per-token rates on k2.6", (TINKER,)),
        ("how many GPUs until we are at par with Tinker on k2.6", (TINKER,)),
        ("if we run k2.6 on dedicated, what is it at 20 turns", (DEDICATED,)),
        ("what would the customer pay on tinker for k2.6", (TINKER,)),
        ("we'd like k2.6 on tinker, 20 turns", (TINKER,)),
        ("my boss wants to know if dedicated beats tinker on k2.6", (DEDICATED, TINKER)),
        ("they want k2.6 on dedicated, 20 turns", (DEDICATED,)),
    ],
)
def test_a_path_is_named_by_its_words(text: str, named: tuple[str, ...]) -> None:
    assert paths(text) == named


@pytest.mark.parametrize(
    "text",
    [
        "a fast answer please: k2.6 20 turns",
        "k2.6 20 turns, as fast as possible",
        "how fast is k2.6 with 20 turns",
        "we need this fast, k2.6 20 turns",
        "k2.6 20 turns, fast please",
        "kimi k2.6 20 turns fast please",
        "price kimi k2.6 fast",
        "kimi k2.6 fast, 20 turns",
        "need this fast, kimi k2.6 20 turns",
        "run kimi k2.6 fast and cheap",
        "the standard shape on k2.6",
        "k2.6 with standard settings",
        "our top priority is k2.6 at 20 turns",
        "k2.6 is not a priority, 20 turns",
        "priority customer: k2.6 20 turns",
        "k2.6 20 turns on demand",
        "in order of priority: k2.6 20 turns",
        "P0 priority k2.6 20 turns",
        "Priority: cost over speed. k2.6 20 turns",
        "cost has priority, k2.6 20 turns",
        "price is the priority, k2.6 20 turns",
        "the priority on our side is price, k2.6 20 turns",
        "k2.6 priority one, 20 turns",
        "k2.6, standard is 20 turns",
        "k2.6 the standard 20 turns",
        "they use a serverless backend for tools, k2.6 20 turns",
        "we tinker with k2.6, 20 turns",
        "priority=high k2.6 20 turns",
        "our dedicated account manager asks to compare k2.6 and qwen 397b",
        "compare k2.6 and qwen 397b, dedicated team",
    ],
)
def test_words_for_other_things_name_no_path(text: str) -> None:
    assert paths(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "they currently do everything on Tinker. compare k2.6 and qwen 397b at 20 turns",
        "compare k2.6 and qwen 397b at 20 turns; customer moves from Tinker to Fireworks",
        "rates of k2.6; customer moves away from tinker",
        "compare k2.6 and qwen 397b, the customer hates Tinker",
        "compare k2.6 and qwen 397b, we left tinker",
        "compare k2.6 and qwen 397b, no longer on tinker",
        "Acme runs on Tinker. k2.6 20 turns",
        "they're on tinker today, price k2.6 at 20 turns",
        "we keep hitting tinker's rate limit, what is k2.6 at 20 turns",
        "k2.6, 20 turns. Tinker charges too much",
        "they know Tinker well and never touched dedicated capacity. k2.6 20 turns",
        "they don't use tinker today, k2.6 20 turns",
        "dedicated is cheaper than tinker, they say. k2.6 20 turns",
        "not only tinker: k2.6 20 turns",
        "price k2.6 for a customer on tinker, 20 turns",
    ],
)
def test_what_is_told_of_a_path_narrows_nothing(text: str) -> None:
    assert paths(text) == ()


def test_of_a_comparison_no_half_narrows_the_answer() -> None:
    assert paths("how much cheaper does a fast one get than tinker on k2.6") == ()


def test_a_routers_name_with_a_space_is_the_model_and_its_path() -> None:
    request = read("kimi k2.6 fast only, 20 turns", CATALOGUE, today=TODAY)
    assert (request.models, request.paths, request.problems) == (("kimi-k2p6",), (FAST,), ())
    request = read("kimi-k2p6-fast 20 turns", CATALOGUE, today=TODAY)
    assert (request.models, request.paths, request.problems) == (("kimi-k2p6",), (), ())


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("k2.6 20 turns without tinker", ALL[1:]),
        ("k2.6 20 turns, no serverless", (TINKER, DEDICATED)),
        ("k2.6 20 turns except tinker and dedicated", (STANDARD, PRIORITY, FAST)),
        ("k2.6 20 turns on dedicated, not tinker", (DEDICATED,)),
        ("compare k2.6 and qwen 397b at 20 turns, tinker excluded", ALL[1:]),
        ("k2.6 20 turns w/o tinker", ALL[1:]),
        ("k2.6 20 turns sans tinker", ALL[1:]),
        ("k2.6 20 turns, leaving out tinker", ALL[1:]),
        ("k2.6 20 turns, leave tinker out", ALL[1:]),
        ("k2.6 20 turns, anything but tinker", ALL[1:]),
        ("k2.6 20 turns, never on tinker", ALL[1:]),
        ("k2.6 20 turns, we can't use tinker", ALL[1:]),
        ("k2.6 20 turns, we don't want tinker", ALL[1:]),
        ("we'd rather not use tinker, k2.6 20 turns", ALL[1:]),
        ("k2.6 20 turns, everything except Fireworks", (TINKER,)),
        ("k2.6 20 turns, serverless ruled out", (TINKER, DEDICATED)),
        ("priority and fast left out: k2.6 20 turns", (TINKER, STANDARD, DEDICATED)),
        ("compare k2.6, k2.5 and oss 120b except k2.5 and tinker", ALL[1:]),
    ],
)
def test_a_path_that_is_not_meant_leaves_the_others(text: str, others: tuple[str, ...]) -> None:
    assert paths(text) == others


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        ((), "only tinker", (TINKER,)),
        ((TINKER,), "just dedicated and standard", (DEDICATED, STANDARD)),
        ((TINKER,), "what about serverless standard?", (STANDARD,)),
        ((TINKER,), "also priority", (TINKER, PRIORITY)),
        ((TINKER,), "and dedicated too", (TINKER, DEDICATED)),
        ((TINKER,), "vs fast", (TINKER, FAST)),
        ((DEDICATED,), "and priority vs tinker?", (PRIORITY, TINKER)),
        ((TINKER, FAST), "without fast", (TINKER,)),
        ((TINKER,), "without tinker", ALL[1:]),
        ((TINKER,), "dedicated instead of tinker", (DEDICATED,)),
        ((DEDICATED,), "why not tinker?", (TINKER,)),
        ((TINKER, DEDICATED), "not tinker", (DEDICATED,)),
        ((TINKER,), "switch to dedicated", (DEDICATED,)),
        ((TINKER,), "replace tinker with dedicated", (DEDICATED,)),
        ((TINKER,), "switch from tinker to dedicated", (DEDICATED,)),
        ((TINKER, DEDICATED), "drop k2.5 and tinker", (DEDICATED,)),
        ((TINKER,), "all paths", ()),
        ((TINKER,), "40 turns", (TINKER,)),
        ((TINKER,), "limits?", (TINKER,)),
        ((TINKER,), "thanks, dedicated is nice", (TINKER,)),
        ((TINKER,), "start over: k2.6", ()),
    ],
)
def test_a_follow_up_replaces_adds_and_takes_away_paths(
    before: tuple[str, ...], text: str, after: tuple[str, ...]
) -> None:
    spoken = " ".join(path.replace("_", " ") for path in before)
    previous = read(f"k2.6 20 turns {spoken}", CATALOGUE, today=TODAY)
    assert previous.paths == before
    assert paths(text, previous) == after


@pytest.mark.parametrize(
    ("before", "text", "models"),
    [
        ("k2.6 and qwen 397b", "drop qwen and tinker", ("kimi-k2p6",)),
        ("k2.6, qwen 397b and k2.5", "drop k2.6 and qwen", ("kimi-k2p5",)),
        ("k2.6, oss 120b and qwen 397b", "drop kimi and oss", ("qwen3p5-397b",)),
        ("k2.6, oss 120b and qwen 397b", "without kimi, oss and tinker", ("qwen3p5-397b",)),
        ("k2.6", "replace k2.6 with k2.5", ("kimi-k2p5",)),
        ("k2.6 and k2.5", "why not k2.5?", ("kimi-k2p5",)),
        ("", "compare k2.6, k2.5 and oss 120b except k2.5", ("kimi-k2p6", "gpt-oss-120b")),
        ("", "k2.6 instead of claude, 20 turns", ("kimi-k2p6",)),
        ("", "k2.6, not claude, 20 turns", ("kimi-k2p6",)),
        ("", "k2.6, not qwen, 20 turns", ("kimi-k2p6",)),
        ("", "k2.6 not k2.5, k2.6 at 20 turns", ("kimi-k2p6",)),
        ("", "we can't run k2.6 on our own cluster, 20 turns", ("kimi-k2p6",)),
        ("", "k2.6 at 20 turns, we don't need k2.5", ("kimi-k2p6",)),
    ],
)
def test_a_model_that_is_not_meant_is_left_out(
    before: str, text: str, models: tuple[str, ...]
) -> None:
    previous = read(before, CATALOGUE, today=TODAY) if before else None
    request = read(text, CATALOGUE, today=TODAY, previous=previous)
    assert (request.models, request.problems) == (models, ())


def test_all_models_but_one_are_compared() -> None:
    request = read("compare all models except k2.6, 20 turns", CATALOGUE, today=TODAY)
    others = [model.key for model in CATALOGUE if model.key != "kimi-k2p6"]
    assert (request.intent, list(request.models)) == (Intent.COMPARE, others)


def test_of_several_models_in_the_request_the_one_to_drop_must_be_clear() -> None:
    previous = read("compare k2.6 and k2.5", CATALOGUE, today=TODAY)
    request = read("drop kimi", CATALOGUE, today=TODAY, previous=previous)
    assert [(p.code, p.text) for p in request.problems] == [(ProblemCode.MODEL_AMBIGUOUS, "kimi")]
    assert request.models == previous.models


def test_dedicated_between_a_number_and_its_gpus_is_seen_through() -> None:
    request = read("k2.6 20 turns on 8 dedicated B300s", CATALOGUE, today=TODAY)
    assert request.fields == {Field.TURNS: 20, Field.GPUS: 8, Field.GPU_TYPE: "B300_288GB"}
    assert request.problems == ()


def test_a_key_with_a_paths_name_is_no_path() -> None:
    (problem,) = read("priority=high k2.6 20 turns", CATALOGUE, today=TODAY).problems
    assert problem.code is ProblemCode.FIELD_UNKNOWN
