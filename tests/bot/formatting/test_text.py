"""Whole answers as text, as a terminal shows them. Golden files are read like code."""

from datetime import date
from decimal import Decimal

import pytest

from bot.answers import Answer
from bot.formatting.layout import Section, Table, View
from bot.formatting.models_view import models_view
from bot.formatting.text import render
from bot.formatting.views import view
from bot.requests.request import Field, Intent, Problem, ProblemCode, Request
from tests.bot.asking import CATALOGUE, LONG_RUN, ask, estimate, rates, refused
from tests.conftest import Golden

ANSWERS: dict[str, Answer] = {
    "long_run": estimate(fields=LONG_RUN),
    "default_run_2026-05-16": estimate(on=date(2026, 5, 16)),
    "published": estimate(fields=LONG_RUN, published=True),
    "replicas_with_budget_and_deadline": estimate(
        "qwen3p5-397b",
        {Field.GPUS: 16, Field.BUDGET_USD: 5_000, Field.DEADLINE_HOURS: Decimal("1.5")},
    ),
    "nothing_on_offer": estimate("kimi-k2p5", {Field.GPUS: 12}),
    "serverless_only": estimate("kimi-k3", {Field.TURNS: 40, Field.TOKENS_ADDED_PER_TURN: 1_000}),
    "rates_of_a_model": rates("kimi-k2p6"),
    "rates": rates(),
    "help": ask(Request(intent=Intent.HELP, fields={})),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_looks_like_this(name: str, golden: Golden) -> None:
    golden(f"{name}.txt", render(view(ANSWERS[name], published=name == "published")) + "\n")


def text(answer: Answer) -> str:
    return render(view(answer))


def test_a_title_without_lines_is_left_out() -> None:
    assert "\nRates" in text(estimate())
    assert "\nRates" not in text(estimate("llama-3p1-8b"))


def test_a_path_without_a_rate_says_once_since_when_one_is_known() -> None:
    shown = " ".join(text(estimate(on=date(2026, 5, 16))).split())
    assert "Serverless priority: no rate is known before 2026-06-16." in shown
    assert "Serverless priority: this rate was first seen" not in shown
    assert "Serverless fast: this rate was first seen" in shown


def test_a_missing_model_names_its_remedy_once() -> None:
    missing = Problem(code=ProblemCode.MODEL_MISSING, text="")
    assert text(refused(missing, models=())) == (
        "No model is named; name one, such as `kimi-k2p6`."
    )


def test_an_open_rate_shows_its_age_whichever_day_is_priced() -> None:
    # Checked on 2026-07-17, and so 127 days before 2026-11-21.
    assert "checked 2026-07-17, 127 days ago" in " ".join(
        text(estimate(on=date(2026, 7, 17))).split()
    )


def test_the_models_look_like_this(golden: Golden) -> None:
    golden("models.txt", render(models_view(CATALOGUE)) + "\n")


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("name", ["long_run", "nothing_on_offer", "published", "help"])
def test_prose_keeps_to_the_width_and_tables_to_80(name: str, width: int) -> None:
    shown = view(ANSWERS[name], published=name == "published")
    for line in render(shown, width=width).splitlines():
        link = line.strip("()· ")
        assert len(line) <= max(width, 80) or " " not in link


def test_figures_line_up_on_the_right() -> None:
    table = Table(header=("a", "$"), rows=(("x", "$65,392"), ("y", "$1")), numeric=frozenset({1}))
    text = render(View(summary="s", sections=(Section(table=table),)))
    assert text.splitlines()[2:] == ["a          $", "---  -------", "x    $65,392", "y         $1"]
