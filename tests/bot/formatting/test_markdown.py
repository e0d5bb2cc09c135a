"""Markdown in which nothing that was typed is markup."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.formatting.layout import Figure, Sourced, Table
from bot.formatting.markdown import bullets, cell, escaped, fact, line, table


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("*bold* _and_ [a](b)", r"\*bold\* \_and\_ \[a\](b)"),
        ("a <b> & c|d", r"a \<b\> \& c\|d"),
        ("two\nlines", "two lines"),
        ("type `a_b|c`", "type `a_b|c`"),
    ],
)
def test_marks_are_escaped_but_not_in_code(typed: str, shown: str) -> None:
    assert escaped(typed) == shown


def test_a_bar_ends_a_cell_in_code_too() -> None:
    assert cell("`a|b`") == r"`a\|b`"


@given(st.text())
def test_a_cell_is_one_line_and_one_cell(typed: str) -> None:
    shown = cell(typed)
    assert len(shown.splitlines()) <= 1
    assert "|" not in shown.replace("\\\\", "").replace("\\|", "")


def test_figures_of_a_table_line_up_on_the_right() -> None:
    shown = Table(
        header=("Path", "$/run"), rows=(("a|b", Figure("$1", Decimal(1))),), numeric=frozenset({1})
    )
    assert table(shown) == "| Path | $/run |\n| --- | ---: |\n| a\\|b | $1 |"


def test_lines_have_their_page_and_facts_their_label() -> None:
    assert line(Sourced("a_b", "https://example.com/x_y")) == r"a\_b <https://example.com/x_y>"
    assert line("plain") == "plain"
    assert fact("Said", "20 turns") == "**Said**: 20 turns"
    assert bullets(["a", "b"]) == "- a\n- b"
