"""Views as blocks: what is bold, what is code, what sorts, and what is never parsed."""

from decimal import Decimal
from typing import Any

from bot.formatting.blocks import bar_chart, blocks, data_table, escaped, link, rich_text, verdict
from bot.formatting.layout import Chart, Figure, Section, Sourced, Table, View

TABLE = Table(
    header=("Path", "$/run"),
    rows=(
        ("Tinker", Figure("$20", Decimal(20))),
        ("Fast", Figure("$7.50", Decimal("7.5"))),
        ("None", ""),
    ),
    numeric=frozenset({1}),
)


def elements(block: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = block["elements"][0]["elements"]
    return found


def test_the_first_sentence_is_bold_and_back_ticks_are_code() -> None:
    assert elements(verdict("Take `a.b`. Then rest.")) == [
        {"type": "text", "text": "Take ", "style": {"bold": True}},
        {"type": "text", "text": "a.b", "style": {"bold": True, "code": True}},
        {"type": "text", "text": ".", "style": {"bold": True}},
        {"type": "text", "text": " Then rest."},
    ]


def test_a_point_in_a_number_or_in_code_ends_no_sentence() -> None:
    bold = elements(verdict("It takes $3.99 for `x. y`. More."))
    assert "".join(e["text"] for e in bold if "style" in e) == "It takes $3.99 for x. y."


def test_a_table_shows_all_its_rows_and_sorts_figures_by_value() -> None:
    block = data_table(TABLE, caption="Amounts")
    assert block["page_size"] == 3
    assert block["rows"][1][1] == {"type": "raw_number", "value": 20, "text": "$20"}
    assert block["rows"][2][1] == {"type": "raw_number", "value": 7.5, "text": "$7.50"}
    assert block["rows"][3][1]["type"] == "raw_text"
    assert block["rows"][3][1]["text"]


def test_a_plain_table_is_text_of_one_width() -> None:
    (block,) = blocks(View(summary="", sections=(Section(title="T", table=TABLE),)), native=False)
    assert [part["type"] for part in block["elements"]] == [
        "rich_text_section",
        "rich_text_preformatted",
    ]
    rows = block["elements"][1]["elements"][0]["text"].splitlines()
    assert rows[0].split() == ["Path", "$/run"]
    assert rows[2].split() == ["Tinker", "$20"]


def test_a_chart_has_a_category_for_each_bar() -> None:
    chart = bar_chart(Chart(title="T", axis="US$", bars=(("a", Decimal(1)), ("b", Decimal("0.5")))))
    assert chart["chart"]["axis_config"] == {"categories": ["a", "b"], "y_label": "US$"}
    assert chart["chart"]["series"] == [
        {"name": "US$", "data": [{"label": "a", "value": 1}, {"label": "b", "value": 0.5}]}
    ]


def test_lines_are_numbered_under_a_title_and_sources_are_links() -> None:
    source = Sourced("$5 & more", "https://a.example/p?x=1&y=2")
    (block,) = blocks(View(summary="", sections=(Section(title="Rates", lines=(source, "<b>")),)))
    assert block["elements"][0]["text"].startswith(
        "*Rates*\n1. $5 &amp; more · <https://a.example/p?x=1&amp;y=2|"
    )
    assert block["elements"][0]["text"].endswith("\n2. &lt;b&gt;")


def test_rich_text_never_parses_what_it_holds() -> None:
    assert elements(rich_text("<!channel> *x*", "two")) == [
        {"type": "text", "text": "<!channel> *x*"},
        {"type": "text", "text": "\n"},
        {"type": "text", "text": "two"},
    ]


def test_escaped_text_and_links_hold_nothing_live() -> None:
    assert escaped("<!here> & &lt;") == "&lt;!here&gt; &amp; &amp;lt;"
    assert link("https://a.example", "a>b") == "<https://a.example|a&gt;b>"
