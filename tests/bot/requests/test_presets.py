"""Presets, the list of them and exports: named anywhere, never guessed, kept through a thread."""

import json
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.requests import Field, Intent, ProblemCode, Request, as_json, from_json
from bot.requests import read as read_request
from pricing.catalogue import load_catalogue
from pricing.shapes import presets

TODAY = date(2026, 11, 21)
CATALOGUE = load_catalogue()
NAMES = [shape.name for shape in presets()]


def read(text: str, previous: Request | None = None) -> Request:
    return read_request(text, CATALOGUE, today=TODAY, previous=previous)


FIRST = read("swe-pro-sonnet45 kimi-k2p6 episodes=50")


@pytest.mark.parametrize("name", NAMES)
def test_every_preset_is_named_by_its_name_in_any_spelling(name: str) -> None:
    everyday = name.count("-") < 2 and not any(map(str.isdigit, name))  # *a manus agent*
    spaced = name if everyday else name.replace("-", " ")
    for spelled, text in product(
        (name, name.upper(), name.replace("-", "_"), spaced),
        ("{} kimi-k2p6 episodes=2000", "price 2,000 episodes of kimi k2.6, {}", "kimi k2.6 on {}, 2000 eps"),
    ):  # fmt: skip
        request = read(text.format(spelled))
        assert (request.preset, request.models) == (name, ("kimi-k2p6",)), text.format(spelled)
        assert request.fields == {Field.EPISODES: 2000}
        assert request.problems == ()


def test_fields_hold_only_what_is_said() -> None:
    assert FIRST.fields == {Field.EPISODES: 50}
    assert read("swe-pro-gpt5 turns=20 kimi-k2p6").fields == {Field.TURNS: 20}


@pytest.mark.parametrize(
    "text",
    [
        "terminal 50 turns kimi-k2p6",
        "deep research kimi k2.6 20 turns",
        "long read tool kimi-k2p6",
        "my-terminal-50 kimi-k2p6",
        "terminal-50-b kimi-k2p6",
        "path/terminal-50 kimi-k2p6",
    ],
)
def test_words_that_only_look_like_a_preset_are_none(text: str) -> None:
    request = read(text)
    assert request.models == ("kimi-k2p6",)
    assert request.preset == ("long-read-tool" if text.startswith("long") else None)


def test_a_preset_that_holds_a_familys_name_names_no_model() -> None:
    request = read("deep-research-kimi gpt-oss-120b")
    assert (request.preset, request.models) == ("deep-research-kimi", ("gpt-oss-120b",))


def test_two_presets_are_a_conflict_and_neither_stays() -> None:
    request = read("swe-pro-gpt5 terminal-9 kimi-k2p6", FIRST)
    assert request.preset is None
    assert [(p.code, p.field, p.text, p.hint) for p in request.problems] == [
        (ProblemCode.VALUE_CONFLICT, None, "terminal-9", "swe-pro-gpt5")
    ]


def test_one_preset_twice_is_one() -> None:
    assert read("terminal-9 kimi-k2p6, as terminal 9").preset == "terminal-9"


@pytest.mark.parametrize(
    ("text", "prefix", "count"),
    [
        ("shapes", None, 18),
        ("list shapes", None, 18),
        ("Presets?", None, 18),
        ("which shapes are there", None, 18),
        ("what presets do you have?", None, 18),
        ("show me the available presets, please", None, 18),
        ("shapes swe", "swe", 4),
        ("presets for deep research", "deep-research", 2),
        ("shapes manus-agent", "manus-agent", 1),
        ("shapes swe pro sonnet", "swe-pro-sonnet45", 1),
        ("shapes swe-pro-sonnet", "swe-pro-sonnet45", 1),
        ("swe-pro", "swe-pro", 2),
        ("SWE pro?", "swe-pro", 2),
        ("terminal", "terminal", 2),
    ],
)
def test_presets_are_listed(text: str, prefix: str | None, count: int) -> None:
    request = read(text)
    assert (request.intent, request.prefix, request.problems) == (Intent.SHAPES, prefix, ())
    assert len(presets().beginning(prefix) if prefix else tuple(presets())) == count


@pytest.mark.parametrize(
    "text", ["presets of ours are ready", "shapes of 20 turns", "the shapes vary"]
)
def test_a_sentence_that_speaks_of_shapes_lists_none(text: str) -> None:
    assert read(text).intent is not Intent.SHAPES


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("swe kimi-k2p6", "swe"),
        ("swe-pro kimi-k2p6 episodes=2000", "swe-pro"),
        ("price swe-pro on kimi k2.6", "swe-pro"),
        ("kimi-k2p6 --preset swe-pro", "swe-pro"),
        ("kimi-k2p6 preset=terminal", "terminal"),
    ],
)
def test_the_beginning_of_several_presets_beside_a_model_names_them_all(
    text: str, prefix: str
) -> None:
    request = read(text)
    names = [shape.name for shape in presets().beginning(prefix)]
    assert (request.models, request.preset) == (("kimi-k2p6",), None)
    assert [(p.code, p.field, p.text, p.hint) for p in request.problems] == [
        (ProblemCode.VALUE_INVALID, None, prefix, ", ".join(names))
    ]


def test_an_unknown_preset_gets_the_nearest_ones() -> None:
    (problem,) = read("kimi-k2p6 preset=swe-pro-sonet45").problems
    assert problem.code is ProblemCode.VALUE_INVALID
    assert problem.hint.startswith("swe-pro-sonnet45")


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("swe-pro-sonet45", "swe-pro-sonnet45"),
        ("swe_pro_gpt", "swe-pro-gpt5"),
        ("terminal-5", "terminal-50"),
        ("search-r1", "search-r1-cap"),
        ("swe-rl-32k", "swe-rl-32k-cap"),
        ("web-research-skyrl", "web-research-skyrl-cap"),
    ],
)
def test_a_name_with_a_slip_or_without_its_end_is_never_passed_over(word: str, name: str) -> None:
    request = read(f"{word} kimi-k2p6, 500 episodes")
    assert (request.models, request.fields, request.preset) == (
        ("kimi-k2p6",),
        {Field.EPISODES: 500},
        None,
    )
    assert [(p.code, p.field, p.text) for p in request.problems] == [
        (ProblemCode.VALUE_INVALID, None, word)
    ]
    assert request.problems[0].hint.split(", ")[0] == name


@pytest.mark.parametrize(
    "text",
    [
        "manus agent k2.6 20 turns",
        "our manus agent on k2.6, 20 turns",
        "seed default k2.6, 20 turns",
        "long read tool results 8k, k2.6 20 turns",
        "rlvr single turn episodes on k2.6",
        "Search-R1 style agent on k2.6, 20 turns",
        "our Search-R1 agent on k2.6, 20 turns",
        "an agent as in Search-R1 papers, k2.6 20 turns",
    ],
)
def test_everyday_words_and_names_of_papers_are_no_presets(text: str) -> None:
    request = read(text)
    assert (request.preset, request.models, request.problems) == (None, ("kimi-k2p6",), ())
    assert Field.TURNS in request.fields


@pytest.mark.parametrize(
    "text", ["search-r1", "k2.6 on search-r1, 20 turns", "k2.6 20 turns, search-r1", "k2.6 preset=search-r1"]
)  # fmt: skip
def test_the_beginning_of_a_name_where_a_name_stands_is_refused(text: str) -> None:
    problem = read(text).problems[0]
    assert (problem.code, problem.text) == (ProblemCode.VALUE_INVALID, "search-r1")
    assert problem.hint.startswith("search-r1-cap")


@pytest.mark.parametrize("word", ["swe-bench", "web-research", "math-code", "terminal-only"])
def test_words_with_hyphens_are_words(word: str) -> None:
    assert read(f"our {word} agent on kimi-k2p6, 20 turns").problems == ()


def test_a_list_of_presets_that_begin_as_none_does_says_so() -> None:
    for begins in ("swe-prow", "swe-pro-sonet45"):
        request = read(f"shapes {begins}")
        assert request.intent is Intent.SHAPES
        assert [(p.code, p.text) for p in request.problems] == [(ProblemCode.VALUE_INVALID, begins)]


def test_words_beside_a_beginning_make_it_a_word() -> None:
    assert read("our terminal agent on kimi-k2p6, 20 turns").problems == ()
    assert read("swe kimi-k2p6 5000 episodes").problems == ()


@pytest.mark.parametrize(
    ("text", "preset"),
    [
        ("what about 40 turns?", "swe-pro-sonnet45"),
        ("and on qwen 397b?", "swe-pro-sonnet45"),
        ("limits?", "swe-pro-sonnet45"),
        ("thanks", "swe-pro-sonnet45"),
        ("on swe-pro-gpt5 instead", "swe-pro-gpt5"),
        ("swe-pro-gpt5 instead of swe-pro-sonnet45", "swe-pro-gpt5"),
        ("without the preset", None),
        ("drop swe-pro-sonnet45", None),
        ("start over", None),
    ],
)
def test_a_preset_stays_until_another_or_none_is_wanted(text: str, preset: str | None) -> None:
    request = read(text, FIRST)
    assert request.preset == preset
    assert request.problems == ()


def test_a_follow_up_changes_the_presets_value() -> None:
    assert read("double the turns", FIRST).fields[Field.TURNS] == 156
    assert read("10 more turns", FIRST).fields[Field.TURNS] == 88


def test_without_the_preset_all_else_stays() -> None:
    assert read("without the preset", FIRST) == replace(FIRST, preset=None)


@pytest.mark.parametrize(
    ("text", "export"),
    [
        ("kimi-k2p6 turns=20 as csv", "csv"),
        ("kimi-k2p6 turns=20 csv", "csv"),
        ("kimi-k2p6 turns=5,10 as a CSV file please", "csv"),
        ("export kimi-k2p6 turns=20", "csv"),
        ("export kimi-k2p6 turns=20 as a quote", "quote"),
        ("price kimi-k2p6 as a quote", "quote"),
        ("rates kimi-k2p6 as csv", "csv"),
        ("kimi-k2p6 as a csv and as a quote", "both"),
        ("kimi-k2p6 as csv and quote", "both"),
        ("kimi-k2p6, send me a csv, and then export it as a quote", "both"),
        ("kimi-k2p6 as csv as a csv file", "csv"),
        ("kimi-k2p6 turns=20, send me a csv", "csv"),
        ("give me a quote for kimi-k2p6 turns=20", None),
        ("quote kimi-k2p6 turns=20", None),
        ("we export traces to S3, kimi-k2p6 20 turns", None),
        ("kimi-k2p6, our data is in csv", None),
        ("csv of kimi-k2p6", "csv"),
        ("export the rates of kimi-k2p6", "csv"),
        ("could I have a csv of kimi-k2p6", "csv"),
        ("export controls apply; kimi-k2p6 20 turns", None),
        ("kimi-k2p6 20 turns, export licence needed", None),
        ("kimi-k2p6 20 turns, export to their data lake", None),
        ("kimi-k2p6, they have a csv with 20 turns", None),
        ("kimi-k2p6 20 turns, agents that answer as csv on request", None),
        ("kimi-k2p6 20 turns. Please export nothing.", None),
        ("kimi-k2p6 20 turns, no csv please", None),
    ],
)
def test_a_file_is_wanted_where_it_is_asked_for(text: str, export: str | None) -> None:
    request = read(text)
    assert (request.export, request.models, request.problems) == (export, ("kimi-k2p6",), ())


@pytest.mark.parametrize(
    "before", ["kimi-k2p6", "limits kimi-k2p6", "rates kimi-k2p6", "shapes swe"]
)
def test_an_export_alone_is_of_the_answer_before_and_is_wanted_once(before: str) -> None:
    first = read(before)
    exported = read("export it as csv", first)
    assert exported == replace(first, export="csv")
    assert read("thanks", exported).export is None


@pytest.mark.parametrize(
    "text", ["swe-pro-gpt5 kimi-k2p6 as a quote", "kimi-k2p6 as csv and quote", "shapes swe", "kimi-k2p6 export", "terminal-9 limits kimi-k2p6"]
)  # fmt: skip
def test_json_brings_back_what_it_was_given(text: str) -> None:
    request = read(text)
    assert from_json(as_json(request)) == request


def test_json_says_nothing_of_what_is_not_said() -> None:
    assert as_json(read("kimi-k2p6")).keys() == {"intent", "models", "fields", "problems"}


@pytest.mark.parametrize(
    ("key", "value"),
    [("preset", "swe"), ("preset", 5), ("prefix", "sw"), ("export", "pdf"), ("export", ["csv"])],
)
def test_json_of_no_request_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValueError, match="previous"):
        from_json({**as_json(FIRST), key: value})


@pytest.mark.parametrize(
    "text", ["what about swe?", "how about swe then", "same but swe", "try swe"]
)
def test_a_shared_beginning_in_a_thread_lists_its_presets_and_is_no_chat(text: str) -> None:
    listed = read(text, FIRST)
    assert (listed.intent, listed.prefix) == (Intent.SHAPES, "swe")
    assert read("swe-pro-gpt5", listed).models == FIRST.models


PIECES = st.sampled_from(
    [*NAMES, "kimi-k2p6", "swe", "swe-pro", "terminal 9", "turns=20", "shapes", "export", "as csv", "preset=", "-", "=", ",", "not"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map(" ".join))
def test_whatever_is_put_together_a_request_names_at_most_one_preset(text: str) -> None:
    request = read(text)
    assert request.preset is None or request.preset in presets()
    assert from_json(as_json(request)) == request
    if request.intent is Intent.SHAPES:  # at most that no preset begins so
        assert all(p.field is None and p.hint for p in request.problems)


CASES = Path(__file__).parent / "cases" / "presets.jsonl"


@pytest.mark.parametrize("line", CASES.read_text(encoding="utf-8").splitlines())
def test_a_case_fixes_preset_prefix_and_export_too(line: str) -> None:
    case = json.loads(line)
    previous = from_json(case["previous"]) if "previous" in case else None
    found = as_json(read(case["text"], previous))
    beside = ("preset", "prefix", "export")
    assert [found.get(key) for key in beside] == [case["expect"].get(key) for key in beside]
