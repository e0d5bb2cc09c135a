"""The working in words: whole in the terminal, in brief in a message, as data in JSON."""

import json
from datetime import date
from fractions import Fraction

import pytest

from bot.answers import Answer
from bot.formatting.as_json import answer_json
from bot.formatting.blocks import blocks
from bot.formatting.layout import View
from bot.formatting.math_modal import math_modal
from bot.formatting.math_view import math_view
from bot.formatting.text import render
from bot.formatting.verdict_wording import verdict_text
from bot.formatting.views import view
from bot.formatting.working_view import working_digest, working_text
from bot.requests import read
from bot.requests.request import Field, Intent, Request, Value
from tests.bot.asking import CATALOGUE, LONG_RUN, TODAY, ask, estimate
from tests.bot.test_working import Arithmetic
from tests.conftest import Golden
from tests.fake_slack import message_faults, shared_faults


def explain(
    *models: str,
    fields: dict[Field, Value] | None = None,
    on: date | None = None,
    paths: tuple[str, ...] = (),
) -> Answer:
    day: dict[Field, Value] = {Field.AS_OF: on} if on else {}
    every = {**(fields or {}), **day}
    return ask(Request(intent=Intent.EXPLAIN, models=models, fields=every, paths=paths))


ANSWER = explain("kimi-k2p6", fields=LONG_RUN)


def test_the_whole_working_reads_as_reviewed(golden: Golden) -> None:
    golden("explain.txt", render(view(ANSWER)) + "\n")


def test_the_verdict_is_that_of_the_run() -> None:
    assert view(ANSWER).summary == view(estimate(fields=LONG_RUN)).summary


def test_several_models_have_a_verdict_each_under_their_name() -> None:
    text = working_text(explain("kimi-k2p6", "gpt-oss-120b"))
    assert text.startswith("Kimi K2.6: ")
    assert " GPT-OSS-120B: " in text


def test_which_of_several_values_is_worked_out_is_said() -> None:
    text = working_text(explain("kimi-k2p6", fields={Field.TURNS: (5, 10)}))
    assert text.endswith("Worked out for 5 turns, the first asked for.")


def brief(answer: Answer) -> View:
    return View(summary=working_text(answer), sections=tuple(working_digest(answer)))


def test_a_message_works_out_the_cheapest_path_in_brief(golden: Golden) -> None:
    body = {"text": working_text(ANSWER), "blocks": blocks(brief(ANSWER))}
    assert message_faults(body) == []
    assert shared_faults("message", body) == []
    golden("slack_explain.json", json.dumps(body, indent=1, ensure_ascii=False) + "\n")


def test_in_brief_too_what_is_taken_away_as_cached_was_worked_out_above() -> None:
    # P_T is 8,000 + 19 x 12,000; all prompts but the last are cached.
    facts = dict(next(working_digest(ANSWER)).facts)
    assert facts["Last prompt"] == "8,000 + 19 × 12,000 = 236,000 tokens"
    assert facts["Cached"].startswith("2,440,000 − 236,000 = ")
    assert list(facts).index("Last prompt") < list(facts).index("Cached")


@pytest.mark.parametrize(
    ("paths", "titles"),
    [
        ((), ["Dedicated · offered"]),
        (("tinker",), ["Tinker 128K · offered"]),
        (("serverless_priority",), ["Serverless priority · notional: retired"]),
        (("tinker", "dedicated"), ["Dedicated · offered", "Tinker 128K · offered"]),
        (("tinker", "serverless_standard", "serverless_priority"), ["Tinker 128K · offered"]),
    ],
    ids=len,
)
def test_in_brief_the_paths_that_were_named_are_worked_out(
    paths: tuple[str, ...], titles: list[str]
) -> None:
    # Dedicated is the cheapest of all, at $355.56; Tinker takes $996.00, and serverless is retired.
    sections = [*working_digest(explain("kimi-k2p6", paths=paths))]
    assert [s.title for s in sections if s.title] == [f"Kimi K2.6 · {title}" for title in titles]
    assert "Last prompt" in dict(sections[0].facts)


def test_in_brief_a_follow_up_about_a_path_is_of_that_path() -> None:
    titles, request = [], None
    for text in ("explain kimi-k2p6 on tinker as of 2026-08-01", "and on priority?", "explain"):
        request = read(text, CATALOGUE, today=TODAY, previous=request)
        titles.append(next(working_digest(ask(request))).title)
    assert titles == [
        "Kimi K2.6 · Tinker 128K · offered",
        "Kimi K2.6 · Serverless priority · offered",
        "Kimi K2.6 · Serverless priority · offered",
    ]


def test_where_nothing_can_be_bought_the_first_path_with_an_amount_is_worked_out() -> None:
    answer = explain("kimi-k2p6", fields={Field.TURNS: 100})
    (entry,) = answer.models
    assert entry.cheapest is None
    assert next(working_digest(answer)).title == "Kimi K2.6 · Tinker 128K · notional: too long"


def test_the_brief_is_a_part_of_the_whole_and_far_shorter() -> None:
    assert len(render(brief(ANSWER))) * 2 < len(render(view(ANSWER)))


def test_the_window_of_an_explanation_is_that_of_its_run() -> None:
    assert math_view(ANSWER) == math_view(estimate(fields=LONG_RUN))
    assert math_modal(ANSWER) == math_modal(estimate(fields=LONG_RUN))


def test_json_has_every_step_with_numbers_that_give_its_value_and_the_id_of_its_card() -> None:
    found = json.loads(json.dumps(answer_json(ANSWER), allow_nan=False))
    (entry,) = found["models"]
    assert [part["path"] for part in entry["working"]] == [
        None,
        *(path["path"] for path in entry["paths"]),
    ]
    ids = {card["id"] for path in entry["paths"] for card in path["cards"]}
    for part in entry["working"]:
        for step in part["steps"]:
            assert step.keys() == {"name", "formula", "numbers", "value", "unit", "card"}
            assert float(Arithmetic.of(step["numbers"])) == float(Fraction(step["value"]))
            assert step["card"] is None or step["card"] in ids


def test_json_names_the_amounts_of_the_paths() -> None:
    found = answer_json(explain("kimi-k2p6", fields=LONG_RUN, on=date(2026, 8, 1)))
    (entry,) = found["models"]
    for part, path in zip(entry["working"][1:], entry["paths"], strict=True):
        assert path["usd"] in [step["value"] for step in part["steps"] if step["unit"] == "USD"]


def test_every_default_is_shown() -> None:
    facts = {label: text for s in view(ANSWER).sections for label, text in s.facts}
    assert facts["You said"] == "20 turns, 5,000 episodes"
    assert "8,000 initial prompt tokens" in facts["By default"]


def facts_of(answer: Answer) -> dict[str, str]:
    return {label: text for section in view(answer).sections for label, text in section.facts}


def test_each_model_has_its_own_cluster_and_what_all_share_stands_once() -> None:
    facts = facts_of(explain("kimi-k2p6", "gpt-oss-120b", fields={Field.TURNS: 3}))
    assert facts["You said"] == "3 turns"
    assert facts["By default"].startswith("1,000 episodes, 8,000 initial prompt tokens")
    assert "GPU" not in facts["By default"]
    assert facts["Kimi K2.6"] == "by default 8 × B300, 30,000 prompt tok/s, 1,500 decode tok/s"
    assert facts["GPT-OSS-120B"] == "by default 4 × H200, 25,000 prompt tok/s, 2,500 decode tok/s"


def test_of_several_values_the_one_that_is_worked_out_was_said() -> None:
    assert facts_of(explain("kimi-k2p6", fields={Field.TURNS: (5, 10)}))["You said"] == "5 turns"


def test_what_no_number_reaches_is_said_below_the_steps() -> None:
    # 2M tokens decoded at 200 a second take 10,000 s, $333.33 of 8 B300; Tinker takes $28.20 at most for all of it.
    slow: dict[Field, Value] = {
        Field.TURNS: 1,
        Field.INITIAL_PROMPT_TOKENS: 500,
        Field.DECODE_TOKENS_PER_TURN: 2000,
        Field.DECODE_TPS: 200,
    }
    facts = facts_of(explain("kimi-k2p6", fields=slow))
    assert facts["Unreachable"] == (
        "par with Tinker by GPUs or prompt tok/s alone, whatever the number"
    )
    assert "Decode tok/s at par" in facts
    assert "Unreachable" not in facts_of(ANSWER)


def test_before_the_first_rate_each_path_says_once_from_when_it_has_one() -> None:
    *_, notes = view(explain("kimi-k2p6", on=date(2026, 1, 2))).sections
    about_tinker = [line for line in notes.lines if str(line).startswith("Tinker:")]
    assert about_tinker == ["Tinker: no rate is known before 2026-05-16."]


def test_the_disclaimer_closes_the_notes_and_a_note_names_the_model_that_it_is_about() -> None:
    *_, notes = view(explain("kimi-k2p6", "gpt-oss-120b")).sections
    assert notes.lines[-1] == "An estimate from published rates, not a quote."
    assert "GPT-OSS-120B: Serverless fast: no rate of this model is known there." in notes.lines


def test_where_nothing_can_be_bought_what_to_ask_is_said_once() -> None:
    said = verdict_text(explain("llama-3p1-8b"))
    assert said.startswith("No path can be bought as asked")
    assert said.count("Try `") == 1
