"""An answer on one page, for whoever gets it without having asked."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.answers import Answer
from bot.formatting.quote import to_quote
from bot.requests import Problem, ProblemCode
from bot.requests.request import Field, Intent, Request, Value
from pricing.cards import Ended
from tests.bot.asking import LONG_RUN, ask, estimate, rates, refused
from tests.bot.test_validity import ending
from tests.conftest import Golden

Fields = dict[Field, Value]

SUMMER: Fields = {Field.AS_OF: date(2026, 8, 1)}


def asked(intent: Intent, *models: str, fields: Fields, **said: Any) -> Answer:
    return ask(Request(intent=intent, models=models or ("kimi-k2p6",), fields=fields, **said))


def estimated() -> Answer:
    return estimate(fields=LONG_RUN)


def compared() -> Answer:
    return asked(Intent.COMPARE, "kimi-k2p6", "gpt-oss-120b", fields={})


def swept() -> Answer:
    return asked(Intent.SWEEP, fields={Field.TURNS: (5, 20, 50)})


def swept_twice() -> Answer:
    return asked(Intent.SWEEP, fields={Field.TURNS: (5, 20), Field.EPISODES: (100, 1000)})


def limited() -> Answer:
    return asked(Intent.LIMITS, fields=LONG_RUN)


def crossed() -> Answer:
    pair = ("dedicated", "serverless_standard")
    return asked(Intent.SOLVE, fields=SUMMER, solve_for=Field.TURNS, paths=pair)


def within_budget() -> Answer:
    fields: Fields = {Field.BUDGET_USD: Decimal(10_000)}
    return asked(Intent.SOLVE, fields=fields, solve_for=Field.EPISODES)


def in_time() -> Answer:
    fields: Fields = {Field.DEADLINE_HOURS: Decimal(2)}
    return asked(Intent.SOLVE, fields=fields, solve_for=Field.GPUS)


def explained(*models: str) -> Answer:
    return asked(Intent.EXPLAIN, *models, fields=LONG_RUN)


def of_kimi() -> Answer:
    return rates("kimi-k2p6")


RUNS = {
    "estimate": estimated,
    "compare": compared,
    "sweep": swept,
    "sweep_of_two": swept_twice,
    "limits": limited,
    "turns": crossed,
    "episodes": within_budget,
    "gpus": in_time,
}
Kind = Callable[[], Answer]
run = pytest.mark.parametrize("kind", [*RUNS.values(), explained], ids=[*RUNS, "explain"])


def headings(text: str) -> list[str]:
    return re.findall(r"^## (.+)$", text, re.MULTILINE)


def under(text: str, heading: str) -> list[str]:
    """The items of a list by its heading."""
    part = text.split(f"\n## {heading}\n\n")[1].partition("\n\n")[0]
    return [line.removeprefix("- ") for line in part.splitlines()]


@pytest.mark.parametrize(
    ("name", "kind"), [*RUNS.items(), ("rates", of_kimi)], ids=[*RUNS, "rates"]
)
def test_a_quote_reads_as_reviewed(name: str, kind: Kind, golden: Golden) -> None:
    golden(f"quote_{name}.md", to_quote(kind()))


@run
def test_a_page_has_verdict_figures_and_each_of_its_lists_once_and_in_order(kind: Kind) -> None:
    text = to_quote(kind())
    title, made, verdict, *_ = text.split("\n\n")
    assert title.startswith("# ")
    assert made.startswith("Made on 2026-11-21 · ")
    assert " · rates of 2026-" in made
    assert made.endswith("an estimate from published rates, not an offer")
    assert verdict.startswith("**")
    assert "\n| ---" in text
    lists = ["Rates", "Assumptions", "Not included", "To be known", "Valid until"]
    assert headings(text)[-5:] == lists
    assert set(headings(text)[:-5]).isdisjoint(lists)


@run
def test_every_rate_has_its_card_its_days_and_its_source(kind: Kind) -> None:
    for line in under(to_quote(kind()), "Rates"):
        assert re.search(
            r"(, since |, )\d{4}-\d\d-\d\d( to \d{4}-\d\d-\d\d)?, checked \d{4}-", line
        )
        assert re.search(r"; card `[\w/.-]+`, <https://[^>]+>$", line)


@run
def test_the_trainer_is_not_included_whatever_was_asked(kind: Kind) -> None:
    text = to_quote(kind())
    assert "Rollouts only: the trainer's bill comes on top." in under(text, "Not included")
    assert text.count("trainer") == 1


@run
def test_the_cluster_is_named_and_the_page_says_once_that_it_is_no_offer(kind: Kind) -> None:
    text = to_quote(kind())
    assert "8 × B300" in text
    assert "the model's own" not in text
    assert len(re.findall(r"not an? (offer|quote)", text)) == 1


def test_a_quote_of_an_explanation_is_that_of_its_run() -> None:
    assert to_quote(explained()) == to_quote(estimated())


def test_a_fact_of_one_point_of_a_sweep_says_of_which() -> None:
    # 22 turns fit: at 20, the last point that can be bought, decode takes 40M/1,500 seconds on 8 B300 at $15: $888.89.
    notes = under(to_quote(swept()), "To be known")
    about_overlap = [note for note in notes if "$888.89" in note]
    assert about_overlap
    assert all(note.startswith("At 20 turns: ") for note in about_overlap)
    assert not any("peaks at" in note for note in notes)


def test_a_quote_of_limits_says_why_the_published_page_showed_others() -> None:
    # Tinker's 5,000 episodes of 20 turns had no cached rate: $65,392.
    why = under(to_quote(limited()), "Why they differ")
    assert any("$65,392 → $19,990" in line for line in why)


def test_a_quote_marks_what_was_said_and_what_was_taken() -> None:
    assumed = under(to_quote(estimated()), "Assumptions")
    assert assumed[0] == "**Said**: 20 turns, 5,000 episodes"
    assert assumed[1].startswith("**Default**: 8,000 initial prompt tokens")


def test_what_was_solved_for_was_not_said() -> None:
    assert under(to_quote(crossed()), "Assumptions")[0] == "**Said**: the rates of 2026-08-01"


def test_what_a_preset_gave_is_marked_as_its_own_with_its_page() -> None:
    # Turns are said, so the preset gives the rest.
    for fields in ({Field.TURNS: 12}, {Field.TURNS: (12, 20)}):
        answer = asked(Intent.ESTIMATE, fields=dict(fields), preset="swe-pro-sonnet45")
        text = to_quote(answer)
        assumed = under(text, "Assumptions")
        assert assumed[0].startswith("**Said**: 12")
        assert assumed[1].startswith("**Preset swe-pro-sonnet45**: 3,000 initial prompt tokens")
        assert assumed[-1].startswith("swe-pro-sonnet45: ")
        assert assumed[-1].endswith(
            "<https://github.com/nilenso/swe-bench-pro-cost-token-time-analysis>"
        )
        assert text.count(assumed[-1]) == 1


def test_of_several_models_each_has_its_own_cluster_notes_and_rates() -> None:
    text = to_quote(explained("kimi-k2p6", "gpt-oss-120b"))
    assumed = under(text, "Assumptions")
    assert assumed[0] == "**Said**: 20 turns, 5,000 episodes"
    assert re.match(r"\*\*Default, Kimi K2.6\*\*: .*8 × B300", assumed[1])
    assert re.match(r"\*\*Default, GPT-OSS-120B\*\*: .*4 × H200", assumed[2])
    notes = under(text, "To be known")
    assert "GPT-OSS-120B: Serverless fast: no rate of this model is known there." in notes
    # Without any hit 5,000 episodes of Kimi take 2.44M x $5.15 + 40,000 x $12.81 a million each.
    cache = [note for note in notes if "$65,392" in note]
    assert len(cache) == 1
    assert cache[0].startswith("Kimi K2.6: ")
    assert any(line.startswith("gpt-oss-120b, Tinker 128K: ") for line in under(text, "Rates"))


def test_rates_stand_in_the_table_alone_and_each_card_once() -> None:
    text = to_quote(of_kimi())
    assert text.startswith("# Rate cards of kimi-k2p6\n")
    assert "list prices as published, not an offer" in text
    assert headings(text)[-2:] == ["Cards", "Valid until"]
    cards = under(text, "Cards")
    assert len(cards) == len(set(cards)) == 6
    assert not any("$" in card for card in cards)


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (Ended.RETIRED, "after that day the rate of Dedicated, B300 288GB ends"),
        (Ended.REPLACED, "from the next day on another rate of Dedicated, B300 288GB holds"),
    ],
)
def test_the_last_day_is_said_with_what_comes_then(ended: Ended, words: str) -> None:
    book = ending("B300_288GB", date(2026, 12, 31), ended)
    (line,) = under(to_quote(estimate(fields=LONG_RUN, book=book)), "Valid until")
    assert line == f"**2026-12-31**: {words}."


def test_a_day_that_has_passed_is_said_to_have() -> None:
    # Checked on 2026-10-05; asked on 2026-11-21.
    (line,) = under(to_quote(estimated()), "Valid until")
    assert line.startswith("**2026-11-04**: 30 days after the oldest check")
    assert line.endswith("That day has passed: check the rates before relying on it.")


def test_beside_the_day_it_was_made_a_page_says_until_when_it_holds() -> None:
    _, made, *_ = to_quote(estimated()).split("\n\n")
    assert made.startswith("Made on 2026-11-21 · **valid until 2026-11-04, which has passed** · ")
    book = ending("B300_288GB", date(2026, 12, 31), Ended.RETIRED)
    _, made, *_ = to_quote(estimate(fields=LONG_RUN, book=book)).split("\n\n")
    assert made.startswith("Made on 2026-11-21 · valid until 2026-12-31 · rates of 2026-11-21 · ")


@pytest.mark.parametrize(
    ("kind", "checked"),
    [
        # Tinker was checked in July, and cannot be bought at 20 turns.
        (estimated, "2026-11-04**: 30 days after the oldest check of a rate on offer (Dedicated"),
        (of_kimi, "2026-08-16**: 30 days after the oldest check of a rate in force (kimi-k2p6"),
        # 100 turns fit no window.
        (
            lambda: estimate(fields={Field.TURNS: 100}),
            "2026-08-16**: 30 days after the oldest check of a rate in it (kimi-k2p6",
        ),
    ],
    ids=["offered", "listed", "nothing"],
)
def test_the_rates_whose_check_counts_are_named(kind: Kind, checked: str) -> None:
    (line,) = under(to_quote(kind()), "Valid until")
    assert line.startswith(f"**{checked}")


@run
def test_words_of_the_page_are_explained_once_and_no_others(kind: Kind) -> None:
    text = to_quote(kind())
    told = text.partition("\n## Rates\n")[0]
    explained_words = [
        note for note in under(text, "To be known") if note.startswith("Words used:")
    ]
    assert len(explained_words) <= 1
    for word in ("notional", "binds", "at par", "phases add"):
        explained_here = f"*{word}*" in "".join(explained_words)
        assert explained_here == (word in told.lower())


def test_the_last_day_itself_has_not_passed() -> None:
    book = ending("B300_288GB", date(2026, 11, 21), Ended.RETIRED)
    (line,) = under(to_quote(estimate(fields=LONG_RUN, book=book)), "Valid until")
    assert line.startswith("**2026-11-21**")
    assert "passed" not in line


def test_limits_of_several_models_have_a_table_each() -> None:
    text = to_quote(asked(Intent.LIMITS, "kimi-k2p6", "gpt-oss-120b", fields={}))
    tables = [heading for heading in headings(text) if heading.startswith("At par · ")]
    assert [table.split(" · ")[1] for table in tables] == ["Kimi K2.6", "GPT-OSS-120B"]
    kept_full = [note for note in under(text, "To be known") if "cluster kept full" in note]
    assert [note.split(": ")[0] for note in kept_full] == ["Kimi K2.6", "GPT-OSS-120B"]


@pytest.mark.parametrize(
    "answer",
    [
        estimate(on=date(2026, 1, 2)),  # before the first rate
        asked(Intent.LIMITS, "glm-5p3", fields={}),  # no throughput of its own
        asked(
            Intent.SOLVE,
            "glm-5p3",
            fields={Field.DEADLINE_HOURS: Decimal(6)},
            solve_for=Field.GPUS,
        ),
    ],
    ids=["no rate", "limits", "gpus"],
)
def test_an_answer_without_amounts_is_no_page_to_hand_on(answer: Answer) -> None:
    assert to_quote(answer) == ""


def test_what_holds_no_figures_gives_no_page() -> None:
    problem = Problem(code=ProblemCode.UNPLACED, text="=1|2")
    assert to_quote(refused(problem)) == ""
    assert to_quote(ask(Request(intent=Intent.HELP, fields={}))) == ""
