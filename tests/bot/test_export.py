"""Answers as CSV: rows that a spreadsheet and a program read as they are, and that say what they are about."""

import csv
import io
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Answer
from bot.export import to_csv
from bot.requests import Problem, ProblemCode
from bot.requests.request import Field, Intent, Request, Value
from engine.caveats import BillingPath
from pricing.shapes import presets
from tests.bot.asking import LONG_RUN, ask, estimate, rates, refused
from tests.bot.test_working import Arithmetic
from tests.conftest import Golden

Fields = dict[Field, Value]

SUMMER: Fields = {Field.AS_OF: date(2026, 8, 1)}


def rows(answer: Answer) -> list[dict[str, str]]:
    text = to_csv(answer)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def lines_of(answer: Answer) -> str:
    """The text with the line ends of a golden file."""
    return to_csv(answer).replace("\r\n", "\n")


def asked(intent: Intent, *models: str, fields: Fields, **said: Any) -> Answer:
    return ask(Request(intent=intent, models=models or ("kimi-k2p6",), fields=fields, **said))


def compared() -> Answer:
    return asked(Intent.COMPARE, "kimi-k2p6", "gpt-oss-120b", fields={})


def swept() -> Answer:
    return asked(Intent.SWEEP, fields={Field.TURNS: (5, 20)})


def limited() -> Answer:
    return asked(Intent.LIMITS, fields=LONG_RUN)


def solved(field: Field = Field.TURNS, fields: Fields = SUMMER) -> Answer:
    return asked(Intent.SOLVE, fields=fields, solve_for=field)


def within_budget() -> Answer:
    return solved(Field.EPISODES, {Field.BUDGET_USD: Decimal(10_000)})


def in_time() -> Answer:
    return solved(Field.GPUS, {**LONG_RUN, Field.DEADLINE_HOURS: Decimal(6)})


def explained() -> Answer:
    return ask(Request(intent=Intent.EXPLAIN, models=("kimi-k2p6",), fields=LONG_RUN))


EVERY_RUN = [estimate, compared, swept, limited, solved, within_budget, in_time, explained]


def with_reason(reason: str) -> Answer:
    """A table in which somebody's words stand."""
    answer = solved()
    found = replace(answer.models[0].solutions[0], reason=reason)
    return replace(answer, models=(replace(answer.models[0], solutions=(found,)),))


def test_an_estimate_has_a_row_a_path(golden: Golden) -> None:
    found = rows(estimate(fields=LONG_RUN))
    assert [row["per run (USD)"] for row in found[:2]] == ["19989.6", "3684.2"]
    assert [row["path"] for row in found] == [*BillingPath]
    golden("long_run.csv", lines_of(estimate(fields=LONG_RUN)))


def test_a_row_has_the_rates_that_its_amount_is_worked_out_from() -> None:
    # 236,000 x $5.15 + 2,204,000 x $1.03 + 40,000 x $12.81 a million.
    tinker = rows(estimate(fields=LONG_RUN))[0]
    tokens = {"input": 236_000, "cached input": 2_204_000, "output": 40_000}
    usd = sum(
        Fraction(tinker[f"{rate} (USD per 1M tokens)"]) * count for rate, count in tokens.items()
    )
    assert usd / 1_000_000 == Fraction(tinker["per episode (USD)"])


@pytest.mark.parametrize("kind", EVERY_RUN)
def test_every_row_says_which_model_which_day_and_which_run(kind: Callable[[], Answer]) -> None:
    answer = kind()
    shape = {
        "initial prompt (tokens)": "8000",
        "added per turn (tokens)": "12000",
        "decoded per turn (tokens)": "2000",
    }
    for row in rows(answer):
        assert row["model"] in ("kimi-k2p6", "gpt-oss-120b")
        assert row["rates as of"] == answer.as_of.isoformat()
        assert shape.items() <= row.items()


@pytest.mark.parametrize("kind", EVERY_RUN)
def test_every_path_has_its_standing_and_every_amount_its_card(kind: Callable[[], Answer]) -> None:
    paths = [row for row in rows(kind()) if row["path"]]
    assert paths
    for row in paths:
        assert row["status"] in ("offered", "notional", "unpriced")
        assert (row["status"] == "offered") == (row["reasons"] == "")
        if row.get("per run (USD)"):
            assert row["rate card"].startswith(f"{row['path']}/")
            assert row["source"].startswith("https://")
            assert date.fromisoformat(row["rate checked"])


@pytest.mark.parametrize("kind", [limited, solved])
def test_the_other_path_of_a_pair_has_its_standing_bill_and_card_too(
    kind: Callable[[], Answer],
) -> None:
    for row in rows(kind()):
        assert row["against: path"] != row["path"]
        assert Decimal(row["against: per run (USD)"]) > 0
        assert row["against: rate card"].startswith(f"{row['against: path']}/")


def test_a_comparison_has_a_row_a_model_and_path_and_ranks_the_cheapest() -> None:
    # At the default shape Dedicated is the cheapest of both: $56.89 of GPT-OSS, $355.56 of Kimi.
    found = rows(compared())
    assert len(found) == 10
    ranks = {(row["model"], row["path"]): row["rank"] for row in found if row["rank"]}
    assert ranks == {("gpt-oss-120b", "dedicated"): "1", ("kimi-k2p6", "dedicated"): "2"}


def test_a_sweep_has_a_row_a_point_and_path_with_the_run_of_that_point() -> None:
    found = rows(swept())
    assert len(found) == 10
    assert [row["swept: turns per episode"] for row in found[::5]] == ["5", "20"]
    assert [row["turns per episode"] for row in found[::5]] == ["5", "20"]
    # 20 turns of 1,000 episodes: $3.99792 each.
    assert found[5]["per run (USD)"] == "3997.92"


def test_a_budget_and_a_deadline_stand_beside_each_path_with_whether_they_are_kept() -> None:
    # Dedicated takes $4,444 to $5,756 and 37.0 to 48.0 hours; Tinker $19,990 and no known hours.
    limits: Fields = {Field.BUDGET_USD: Decimal(5000), Field.DEADLINE_HOURS: Decimal(48)}
    tinker, *_, dedicated = rows(estimate(fields={**LONG_RUN, **limits}))
    assert (tinker["budget (USD)"], tinker["deadline (hours)"]) == ("5000", "48")
    assert (tinker["within budget"], tinker["within deadline"]) == ("no", "")
    assert (dedicated["within budget"], dedicated["within deadline"]) == (
        "if phases overlap",
        "yes",
    )


def test_a_budget_beside_limits_or_a_solution_stands_in_its_rows() -> None:
    # The run takes $4,444.44 on Dedicated, $5,755.56 if the phases take turns.
    fields: Fields = {**LONG_RUN, Field.BUDGET_USD: Decimal(5000)}
    beside_limits = rows(asked(Intent.LIMITS, fields=fields))
    beside_gpus = rows(solved(Field.GPUS, {**fields, Field.DEADLINE_HOURS: Decimal(6)}))
    for row in (*beside_limits, *beside_gpus):
        assert (row["budget (USD)"], row["within budget"]) == ("5000", "if phases overlap")


def test_limits_have_a_row_each(golden: Golden) -> None:
    found = rows(limited())
    assert [row["against: path"] for row in found] == [
        path for path in BillingPath if path is not BillingPath.DEDICATED
    ]
    assert (found[0]["most GPUs"], found[0]["headroom (times)"]) == ("35", "4.49766")
    assert {row["path"] for row in found} == {"dedicated"}
    golden("limits.csv", lines_of(limited()))


def test_what_no_number_reaches_is_empty_and_named() -> None:
    # Serverless standard at $3,684.20 is below what decode alone costs, so no prompt throughput is enough.
    standard = rows(limited())[1]
    assert standard["unreachable"] == "prompt_tps"
    assert standard["least prompt throughput (tokens/s)"] == ""
    assert standard["most replicas"] == "0"


def test_solutions_of_turns_have_a_row_each(golden: Golden) -> None:
    # From 19 turns on dedicated is cheaper than serverless standard, from 30 on as the sum of the phases.
    (row,) = (
        row
        for row in rows(solved())
        if row["path"] == "dedicated" and row["against: path"] == "serverless_standard"
    )
    assert row["cheaper from (turns)"] == "19"
    assert row["cheaper from if phases add (turns)"] == "30"
    assert "turns per episode" not in row
    golden("solve_turns.csv", lines_of(solved()))


def test_solutions_of_episodes_have_a_row_a_path_with_what_they_cost() -> None:
    # $10,000 at $0.996 an episode: 10,040 of them for $9,999.84.
    tinker = rows(within_budget())[0]
    assert tinker["most episodes"] == "10040"
    assert tinker["spent (USD)"] == "9999.84"
    assert tinker["budget (USD)"] == "10000"
    assert "episodes" not in tinker


def test_gpus_have_a_row_for_each_number_of_replicas_with_hours_and_dollars() -> None:
    # 37.04 hours on 8 B300: 7 replicas end in 5.29, 47.96 if the phases take turns, which 8 end in 5.995.
    found = {row["replicas"]: row for row in rows(in_time())}
    assert {"6", "7", "8"} <= found.keys()
    seven = found["7"]
    assert (seven["GPUs"], seven["least GPUs"], seven["least GPUs if phases add"]) == (
        "56",
        "56",
        "64",
    )
    assert seven["wall clock (hours)"].startswith("5.29")
    assert found["8"]["wall clock if phases add (hours)"].startswith("5.99")
    assert seven["per run (USD)"].startswith("4444.44")
    assert seven["per run if phases add (USD)"].startswith("5755.55")


def test_gpus_without_a_solution_say_why_in_one_row() -> None:
    fields: Fields = {Field.DEADLINE_HOURS: Decimal(6), Field.AS_OF: date(2026, 1, 2)}
    (row,) = rows(solved(Field.GPUS, fields))
    assert (row["status"], row["reason"], row["least GPUs"]) == ("unpriced", "no_rate", "")


def test_an_explanation_has_a_row_a_step_whose_numbers_give_its_value() -> None:
    found = rows(explained())
    steps = [step for w in explained().models[0].working for step in w.steps]
    assert len(found) == len(steps)
    for row in found:
        value, result = Fraction(row["value"]), Arithmetic.of(row["numbers"])
        assert abs(result - value) <= abs(value) / 10**14  # as many digits as a cell has
        assert row["unit"]
    bill = [row for row in found if row["path"] == "tinker"]
    assert (bill[-1]["step"], bill[-1]["value"]) == ("the run", "19989.6")
    assert {row["rate card"] for row in bill} == {"tinker/kimi-k2p6/128K/2026-07-17/9f60a7"}


def test_rates_have_a_row_a_card(golden: Golden) -> None:
    found = rows(rates("kimi-k2p6"))
    assert found[0]["rate card"].startswith("tinker/kimi-k2p6/32K/")
    assert found[-1]["GPU-hour (USD)"] == "15"
    golden("rates.csv", lines_of(rates("kimi-k2p6")))


def test_the_preset_is_named_and_its_values_are_the_run() -> None:
    shape = presets().get("swe-pro-sonnet45")
    for turns in (12, (12, 20)):
        row = rows(asked(Intent.ESTIMATE, fields={Field.TURNS: turns}, preset=shape.name))[0]
        assert row["preset"] == shape.name
        assert row["turns per episode"] == "12"
        assert row["added per turn (tokens)"] == str(shape.tokens_added_per_turn)


def test_what_holds_no_figures_gives_no_file() -> None:
    problem = Problem(code=ProblemCode.UNPLACED, text="=1|2")
    assert to_csv(refused(problem)) == ""
    assert to_csv(ask(Request(intent=Intent.HELP, fields={}))) == ""


@pytest.mark.parametrize("kind", EVERY_RUN)
def test_no_column_stands_twice_and_each_row_fills_all(kind: Callable[[], Answer]) -> None:
    header, *body = csv.reader(io.StringIO(to_csv(kind())[1:], newline=""))
    assert len(set(header)) == len(header)
    assert {len(row) for row in body} == {len(header)}


def test_lines_end_as_rfc_4180_has_them() -> None:
    text = to_csv(estimate())
    assert text.count("\r\n") == text.count("\n") == 6


@pytest.mark.parametrize(
    "typed",
    [
        *("=1+1", "+1", "-1", "@sum", "\tx", "\rx", "  =1", " \u00a0@x", "\u200b=1", "\n=1"),
        *("＝1", "＋1", "－1", "＠x", "﹦1", "\u2060=1", "\u200e-1", "\x00=1"),
    ],
)
def test_text_that_a_spreadsheet_would_run_is_neutralised(typed: str) -> None:
    (row,) = rows(with_reason(typed))
    assert row["reason"] == f"'{typed}"


@pytest.mark.parametrize("typed", ["never", "a=1", "3-4", 'say "a, b"', "two\r\nlines", "ü €"])
def test_other_text_comes_through_quoted_where_it_has_to_be(typed: str) -> None:
    (row,) = rows(with_reason(typed))
    assert row["reason"] == typed


@given(
    st.text(st.sampled_from("=+-@＝﹣a1 \t\r\n\u00a0\u200b\u2060") | st.characters(), min_size=1)
)
def test_no_text_cell_begins_as_a_formula_whatever_is_typed(typed: str) -> None:
    (row,) = rows(with_reason(typed))
    seen = unicodedata.normalize("NFKC", row["reason"]).lstrip(" \u200b\u2060\u00a0")
    assert seen[:1] not in {*"=+-@\t\r\n"}
    assert row["reason"] in (typed, f"'{typed}")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("-1.50"), "-1.5"),
        (Decimal(1200), "1200"),
        (Decimal("1e-9"), "0.000000001"),
        (Decimal("1e25"), "10000000000000000000000000"),
        (Decimal("0"), "0"),
        (Decimal("0.00"), "0"),
        (Decimal(2) / Decimal(3), "0.666666666666667"),
        (Decimal("123456789012345678.5"), "123456789012345678.5"),
    ],
)
def test_numbers_stay_plain_numbers_negative_tiny_and_huge(value: Decimal, text: str) -> None:
    base = limited()
    (entry,) = base.models
    against = replace(entry.limits[0], limits=replace(entry.limits[0].limits, headroom=value))
    (row,) = rows(replace(base, models=(replace(entry, limits=(against,)),)))
    assert row["headroom (times)"] == text


@given(st.decimals(Decimal("1e-12"), Decimal("1e30"), allow_nan=False, allow_infinity=False))
def test_a_number_keeps_the_digits_that_a_spreadsheet_has(value: Decimal) -> None:
    base = estimate()
    (entry,) = base.models
    tinker, *others = entry.quotes
    assert tinker.priced.estimate is not None
    amount = replace(tinker.priced.estimate, usd_per_episode=value)
    quote = replace(tinker, priced=replace(tinker.priced, estimate=amount))
    shown = rows(replace(base, models=(replace(entry, quotes=(quote, *others)),)))[0]
    text = shown["per episode (USD)"]
    assert set(text) <= {*"0123456789."}
    assert abs(Fraction(text) - Fraction(value)) <= Fraction(value) / 10**14
