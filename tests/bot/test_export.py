"""Answers as files: rows that a spreadsheet reads as they are, and one page that says how long it holds."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Answer
from bot.export import to_csv, to_quote
from bot.formatting.quote import _cell as markdown_cell
from bot.requests import Problem, ProblemCode
from bot.requests.request import Field, Intent, Request, Value
from engine.caveats import BillingPath
from pricing.cards import Ended, RateBook
from tests.bot.asking import BOOK, LONG_RUN, ask, estimate, rates, refused
from tests.conftest import Golden


def rows(answer: Answer) -> list[dict[str, str]]:
    text = to_csv(answer)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def lines_of(answer: Answer) -> str:
    """The text with the line ends of a golden file."""
    return to_csv(answer).replace("\r\n", "\n")


def asked(intent: Intent, *models: str, fields: dict[Field, Value], **said: Any) -> Answer:
    return ask(Request(intent=intent, models=models or ("kimi-k2p6",), fields=fields, **said))


def compared() -> Answer:
    return asked(Intent.COMPARE, "kimi-k2p6", "gpt-oss-120b", fields={})


def swept() -> Answer:
    return asked(Intent.SWEEP, fields={Field.TURNS: (5, 20)})


def limited() -> Answer:
    return asked(Intent.LIMITS, fields=LONG_RUN)


def solved() -> Answer:
    fields: dict[Field, Value] = {Field.AS_OF: date(2026, 8, 1)}
    return asked(Intent.SOLVE, fields=fields, solve_for=Field.TURNS)


def with_reason(reason: str) -> Answer:
    """A table in which somebody's words stand."""
    answer = solved()
    found = replace(answer.models[0].solutions[0], reason=reason)
    return replace(answer, models=(replace(answer.models[0], solutions=(found,)),))


def explained() -> Answer:
    request = Request(intent=Intent.EXPLAIN, models=("kimi-k2p6",), fields=LONG_RUN)
    return ask(request)


def test_an_estimate_has_a_row_a_path(golden: Golden) -> None:
    found = rows(estimate(fields=LONG_RUN))
    assert [row["per run (USD)"] for row in found[:2]] == ["19989.6", "3684.2"]
    assert [row["path"] for row in found] == [*BillingPath]
    golden("long_run.csv", lines_of(estimate(fields=LONG_RUN)))


def test_an_explanation_exports_the_run_that_it_explains() -> None:
    assert to_csv(explained()) == to_csv(estimate(fields=LONG_RUN))


def test_a_comparison_has_a_row_a_model_and_path() -> None:
    found = rows(compared())
    assert len(found) == 10
    assert {row["model"] for row in found} == {"kimi-k2p6", "gpt-oss-120b"}


def test_a_sweep_has_a_row_a_point_and_path_with_the_run_of_that_point() -> None:
    found = rows(swept())
    assert len(found) == 10
    assert [row["swept: turns per episode"] for row in found[::5]] == ["5", "20"]
    assert [row["turns per episode"] for row in found[::5]] == ["5", "20"]
    # 20 turns of 1,000 episodes: $3.99792 each.
    assert found[5]["per run (USD)"] == "3997.92"


def test_limits_have_a_row_each() -> None:
    found = rows(limited())
    assert [row["against"] for row in found] == [
        path for path in BillingPath if path is not BillingPath.DEDICATED
    ]
    assert (found[0]["most GPUs"], found[0]["headroom (times)"]) == ("35", "4.49766")


def test_solutions_have_a_row_each() -> None:
    # From 19 turns on dedicated is cheaper than serverless standard, from 30 on as the sum of the phases.
    (row,) = (
        row
        for row in rows(solved())
        if row["path"] == "dedicated" and row["against"] == "serverless_standard"
    )
    assert (row["field"], row["value"], row["value if phases add"]) == ("turns", "19", "30")


def test_rates_have_a_row_a_card(golden: Golden) -> None:
    found = rows(rates("kimi-k2p6"))
    assert found[0]["rate card"].startswith("tinker/kimi-k2p6/32K/")
    assert found[-1]["GPU-hour (USD)"] == "15"
    golden("rates.csv", lines_of(rates("kimi-k2p6")))


@pytest.mark.parametrize("export", [to_csv, to_quote])
def test_what_holds_no_figures_gives_no_file(export: object) -> None:
    assert callable(export)
    problem = Problem(code=ProblemCode.UNPLACED, text="=1|2")
    assert export(refused(problem)) == ""
    assert export(ask(Request(intent=Intent.HELP, fields={}))) == ""


def test_lines_end_as_rfc_4180_has_them() -> None:
    text = to_csv(estimate())
    assert text.count("\r\n") == text.count("\n") == 6


@pytest.mark.parametrize(
    "typed",
    ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "  =1", " \u00a0@x", "\u200b=1", "＝1", "\n=1"],
)
def test_text_that_a_spreadsheet_would_run_is_neutralised(typed: str) -> None:
    (row,) = rows(with_reason(typed))
    assert row["reason"] == f"'{typed}"


@pytest.mark.parametrize("typed", ["never", "a=1", "3-4", 'say "a, b"', "two\r\nlines", "ü €"])
def test_other_text_comes_through_quoted_where_it_has_to_be(typed: str) -> None:
    (row,) = rows(with_reason(typed))
    assert row["reason"] == typed


@given(st.text(min_size=1))
def test_no_text_cell_begins_as_a_formula_whatever_is_typed(typed: str) -> None:
    (row,) = rows(with_reason(typed))
    assert row["reason"].lstrip()[:1] not in {*"=+-@"}
    assert row["reason"] in (typed, f"'{typed}")


def test_numbers_stay_numbers_negative_tiny_and_huge() -> None:
    base = limited()
    (entry,) = base.models
    for value, text in (
        (Decimal("-1.50"), "-1.5"),
        (Decimal(1200), "1200"),
        (Decimal("1e-9"), "1.00000000000000e-9"),
        (Decimal("0"), "0"),
    ):
        limits = replace(entry.limits[0].limits, headroom=value)
        against = replace(entry.limits[0], limits=limits)
        (row,) = rows(replace(base, models=(replace(entry, limits=(against,)),)))
        assert row["headroom (times)"] == text
        assert Decimal(row["headroom (times)"]) == value


def test_a_quote_reads_as_reviewed(golden: Golden) -> None:
    golden("quote.md", to_quote(estimate(fields=LONG_RUN)))


def test_a_quote_of_an_explanation_is_that_of_its_run() -> None:
    assert (
        to_quote(explained()).split("\n\n")[2:]
        == (to_quote(estimate(fields=LONG_RUN)).split("\n\n")[2:])
    )


def test_a_quote_marks_what_was_said_and_what_was_taken() -> None:
    text = to_quote(estimate(fields=LONG_RUN))
    assert "- **Said**: 20 turns, 5,000 episodes\n" in text
    assert "- **Default**: 8,000 initial prompt tokens" in text


def test_what_a_preset_gave_is_marked_as_its_own() -> None:
    # Turns are said, so the preset gives the rest.
    for fields in ({Field.TURNS: 12}, {Field.TURNS: (12, 20)}):
        answer = asked(Intent.ESTIMATE, fields=dict(fields), preset="swe-pro-sonnet45")
        text = to_quote(answer)
        assert "- **Said**: 12" in text
        assert "- **Preset swe-pro-sonnet45**: " in text
        assert rows(answer)[0]["preset"] == "swe-pro-sonnet45"
        assert rows(answer)[0]["turns per episode"] == "12"


def test_a_quote_holds_until_thirty_days_after_the_oldest_check() -> None:
    # Dedicated alone can be bought; its page was checked on 2026-10-05.
    line = to_quote(estimate(fields=LONG_RUN)).splitlines()[-1]
    assert line.startswith("- **2026-11-04**: 30 days after the oldest check")
    assert "That day has passed" in line


def ending(on: date, ended: Ended) -> RateBook:
    """The book with an end of B300's rate that is known ahead."""
    return RateBook.of(
        card.model_copy(update={"effective_to": on, "ended": ended})
        if card.key.item == "B300_288GB" and card.effective_to is None
        else card
        for card in BOOK
    )


@pytest.mark.parametrize(
    ("ended", "words"),
    [(Ended.RETIRED, "the rate ends"), (Ended.REPLACED, "another rate holds")],
)
def test_a_quote_holds_until_the_first_known_change(ended: Ended, words: str) -> None:
    # Its last day is the last of the year, so that the next one is the first of another rate.
    text = to_quote(estimate(fields=LONG_RUN, book=ending(date(2026, 12, 31), ended)))
    line = text.splitlines()[-1]
    assert line == f"- **2027-01-01**: from that day Dedicated, B300 288GB: {words}."


@pytest.mark.parametrize("kind", [compared, swept, limited, solved, explained, rates])
def test_every_kind_of_answer_can_be_quoted_and_tabulated(kind: Callable[[], Answer]) -> None:
    text = to_quote(kind())
    assert text.startswith("# ")
    assert "not an offer" in text
    assert "\n| ---" in text
    assert "## Rates" in text
    assert "## Valid until" in text
    assert len(rows(kind())) > 1


def test_a_quote_of_a_sweep_reads_as_reviewed(golden: Golden) -> None:
    golden("quote_sweep.md", to_quote(swept()))


def test_a_quote_of_a_comparison_rests_on_the_rates_that_it_shows() -> None:
    # Both are cheapest on dedicated; Tinker's older check has no say.
    text = to_quote(compared())
    assert "card `tinker/" not in text
    assert text.splitlines()[-1].startswith("- **2026-11-04**")


def test_what_was_solved_for_was_not_said() -> None:
    assert "- **Said**: the rates of 2026-08-01\n" in to_quote(solved())


@given(st.text())
def test_a_cell_of_a_quote_is_one_line_and_one_cell(typed: str) -> None:
    shown = markdown_cell(typed)
    assert len(shown.splitlines()) <= 1
    bare = shown.replace("\\\\", "").replace("\\|", "")
    assert "|" not in bare
