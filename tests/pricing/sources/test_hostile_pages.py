"""Pages that are made to keep a reader busy are refused or read, in a time that grows with their size and no faster."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from pricing.catalogue import load_catalogue
from pricing.sources import SOURCES, FaultCode, ParseError, SourceId
from pricing.sources.json_text import json_documents
from pricing.sources.tables import Cell, html_tables, markdown_tables

_ROOT = Path(__file__).parents[3]


def test_no_page_keeps_a_parser_busy_longer_than_its_size_explains() -> None:
    # A process of its own, so that a parser that is stuck is ended by its limit of CPU time and not by whoever waits.
    program = [sys.executable, "-m", "tests.pricing.sources.hostile_pages"]
    done = subprocess.run(program, cwd=_ROOT, stderr=subprocess.PIPE, text=True, check=False)
    last = "\n".join(done.stderr.splitlines()[-5:])
    assert done.returncode == 0, f"ended with {done.returncode} in the last of:\n{last}"


@pytest.mark.parametrize("levels", [2, 100])
def test_a_table_within_a_table_is_refused(levels: int) -> None:
    page = "<html>" + "<table><tr><td>" * levels + "</td></tr></table>" * levels
    for source in (SourceId.TINKER_PRICING, SourceId.FIREWORKS_SERVERLESS, SourceId.FIREWORKS_GPU):
        with pytest.raises(ParseError, match="a table within a table") as caught:
            SOURCES[source].parse(page.encode(), catalogue=load_catalogue(), on=date(2026, 11, 2))
        assert caught.value.code is FaultCode.FORMAT


def test_elements_within_each_other_are_read_to_the_depth_of_pages_and_not_of_wells() -> None:
    table = "<table><tr><th>a</th></tr><tr><td>b</td></tr></table>"
    ((cell,),) = next(html_tables("<div>" * 1_000 + table + "</div>" * 1_000)).rows
    assert cell == Cell("b")
    with pytest.raises(ParseError, match="within each other"):
        list(html_tables("<div>" * 10_000 + table + "</div>" * 10_000))


def test_a_struck_price_is_marked_where_it_stands() -> None:
    cell = "$2 <s>$2</s> <del><b>$3</b>.50</del> <s></s> $1"
    page = f"<table><tr><th>a</th></tr><tr><td>{cell}</td></tr></table>"
    ((read,),) = next(html_tables(page)).rows
    assert sorted(read.text.replace("~~", " ").split()) == ["$1", "$2", "$2", "$3", ".50"]
    assert read.text.endswith("~~$3 .50~~ $1")


def test_a_link_and_its_words_are_told_apart() -> None:
    cells = {
        "[Kimi](https://a.example/k)": Cell("Kimi", "https://a.example/k"),
        '[Kimi](<https://a.example/k> "a title")': Cell("Kimi", "https://a.example/k"),
        "**[Kimi]( /k )** new": Cell("Kimi new", "/k"),
        "![](/logo.png) Kimi": Cell("Kimi", "/logo.png"),
        "[Kimi]()": Cell("Kimi"),
        "Kimi [2]": Cell("Kimi [2]"),
    }
    page = "| a |\n|---|\n" + "".join(f"| {written} |\n" for written in cells)
    (table,) = markdown_tables(page.replace("| a |", "| a | b |").replace(" |\n", " | x |\n"))
    assert [row[0] for row in table.rows] == list(cells.values())


def test_two_tables_without_a_line_between_them_are_two() -> None:
    page = "| a | b |\n|---|---|\n| 1 | 2 |\n| c | d |\n|---|---|\n| 3 | 4 |\n"
    first, second = markdown_tables(page)
    assert (first.header, first.lines) == (("a", "b"), ("| 1 | 2 |",))
    assert (second.header, second.lines) == (("c", "d"), ("| 3 | 4 |",))


def test_json_is_read_to_the_depth_of_lists_of_prices_at_any_depth_of_the_stack() -> None:
    assert json_documents(b"[" * 49 + b"]" * 49)
    for levels in (60, 900, 940, 980, 1_000, 100_000):
        with pytest.raises(ParseError) as caught:
            json_documents(b"[" * levels + b"]" * levels)
        assert caught.value.code is FaultCode.FORMAT


def test_the_key_that_an_object_says_twice_is_named() -> None:
    keys = ",".join(f'"k{number}":{number}' for number in range(1_000))
    with pytest.raises(ParseError, match="says `k999` twice"):
        json_documents(f'[{{{keys},"k999":1}}]'.encode())
