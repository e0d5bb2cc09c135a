"""Which paths a text names: *standard*, *priority* and *fast* are words for other things too."""

from datetime import date

import pytest

from bot.requests import Request, read
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
        ("compare k2.6 and k2.5 on standard", (STANDARD,)),
        ("limits k2.6 priority", (PRIORITY,)),
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
        "the standard shape on k2.6",
        "k2.6 with standard settings",
        "our top priority is k2.6 at 20 turns",
        "k2.6 is not a priority, 20 turns",
        "priority customer: k2.6 20 turns",
        "k2.6 20 turns on demand",
    ],
)
def test_words_for_other_things_name_no_path(text: str) -> None:
    assert paths(text) == ()


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("k2.6 20 turns without tinker", ALL[1:]),
        ("k2.6 20 turns, no serverless", (TINKER, DEDICATED)),
        ("k2.6 20 turns except tinker and dedicated", (STANDARD, PRIORITY, FAST)),
        ("k2.6 20 turns on dedicated, not tinker", (DEDICATED,)),
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
