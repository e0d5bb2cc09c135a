"""Tinker's pricing page: its forms, pages that are broken, and rows that contradict themselves."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.cards import CardKey, CardPath, TinkerCard, load_book
from pricing.catalogue import load_catalogue
from pricing.changes import listed_rates_of
from pricing.sources import FaultCode, ListedRates, Listing, ParseError, tinker_pricing
from tests.pricing.sources.tinker_pages import (
    cards_of,
    found,
    pricing_html,
    pricing_markdown,
    rates,
    written,
)

CATALOGUE = load_catalogue()
DAY = date(2026, 9, 20)

LONG = CardKey(CardPath.TINKER, "kimi-k2p6", 131_072)
SHORT = CardKey(CardPath.TINKER, "kimi-k2p6", 32_768)

# Kimi K2.6 as our own cards of 17 July 2026 have it.
PAGE = r"""# Prices

All prices here are per million tokens, in USD.

| Model            | Tinker ID                         | Context | Prefill (cached)                    | Sample   | Train   |
| ---------------- | --------------------------------- | ------- | ----------------------------------- | -------- | ------- |
| Kimi-K2.6        | `moonshotai/Kimi-K2.6`            | 32K     | \$2.205 \$0.441 (cached)            | \$5.49   | \$4.84  |
| Kimi-K2.6 (128K) | `moonshotai/Kimi-K2.6:peft:131072` | 128K    | $5.15 / $1.03 (cached)              | $12.81   | $15.40  |
| Else             | `someone/Else-1B`                 | 32K     | on request                          | —        | —       |

Storage costs $0.25 per GB per month.

| Release | Date | Changes |
| ------- | ---- | ------- |
| 1.0     | May  | train   |
"""

HTML = """<!doctype html>
<html><head><style>p { color: red }</style></head><body>
<p>USD per <b>million</b> tokens.</p>
<table><thead><tr><th>Model</th><th>Train</th><th>Prefill</th><th>Sample</th></tr></thead><tbody>
<tr><td><a href="/k">Kimi-K2.6</a></td><td>$4.84</td><td>$2.205<br>$0.441 (cached)</td><td>$5.49</td></tr>
<tr><td>Kimi-K2.6 (128K)</td><td>$15.40</td><td><s>$10.30</s> $5.15</td><td><del>$25.62</del> $12.81</td></tr>
<tr><td>Else-1B</td><td>—</td><td>$1.00</td><td>$2.00</td></tr>
</tbody></table>
</body></html>
"""


def read(page: str, *, on: date = DAY) -> Listing:
    return tinker_pricing.parse(page.encode(), catalogue=CATALOGUE, on=on)


def row(
    prefill: str, sample: str, train: str, *, model: str = "Kimi", context: str = "128K"
) -> str:
    """A page of one row, for Kimi K2.6 in its long window."""
    return f"""
| Model | Tinker ID | Context | Prefill | Sample | Train |
|---|---|---|---|---|---|
| {model} | moonshotai/Kimi-K2.6:peft:131072 | {context} | {prefill} | {sample} | {train} |
"""


def read_row(*cells: str, **changes: str) -> ListedRates:
    (listed,) = read(row(*cells, **changes)).rates
    assert listed.key == LONG
    return listed


def test_the_markdown_table_is_read_among_others_by_its_headings() -> None:
    listing = read(PAGE)
    assert {listed.key: listed.rates for listed in listing.rates} == {
        SHORT: rates("2.205", "0.441", "5.49", "4.84"),
        LONG: rates("5.15", "1.03", "12.81", "15.40"),
    }
    assert listing.not_covered == ("someone/Else-1B",)
    assert [listed.doubt for listed in listing.rates] == [None, None]


def test_the_quote_is_the_row_as_it_stands() -> None:
    assert read_row("$5.15", "$12.81", "$15.40").quote == (
        "| Kimi | moonshotai/Kimi-K2.6:peft:131072 | 128K | $5.15 | $12.81 | $15.40 |"
    )


def test_the_older_html_is_read_by_names_without_a_window_the_shortest() -> None:
    listing = read(HTML)
    assert {listed.key: listed.rates for listed in listing.rates} == {
        SHORT: rates("2.205", "0.441", "5.49", "4.84"),
        LONG: rates("5.15", None, "12.81", "15.40"),
    }
    assert listing.not_covered == ("Else-1B",)
    assert [listed.doubt for listed in listing.rates] == [None, None]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("moonshotai/Kimi-K2.6:peft:131072", LONG),
        ("Kimi K2.6 (128K)", LONG),
        ("Kimi K2.6", SHORT),
        ("GLM-5.3", CardKey(CardPath.TINKER, "glm-5p3", 262_144)),
        ("gpt-oss-120b (32K)", CardKey(CardPath.TINKER, "gpt-oss-120b", 32_768)),
    ],
)
def test_a_name_in_html_is_an_id_or_a_label_with_its_window(name: str, key: CardKey) -> None:
    listing = read(HTML.replace("Kimi-K2.6", "other").replace("Else-1B", name))
    assert [listed.key for listed in listing.rates] == [key]


@pytest.mark.parametrize("name", ["Kimi-K2.6 (64K)", "kimi-k2.6", "Kimi-K2.60", "Kimi-K2.6 Turbo"])
def test_a_name_that_is_only_like_one_is_not_covered(name: str) -> None:
    listing = read(HTML.replace("Else-1B", name))
    assert listing.not_covered == (name,)
    assert len(listing.rates) == 2


def test_columns_are_found_in_any_order() -> None:
    page = """
|Train|Sample|Tinker ID|Prefill|
|---|
|$15.40|$12.81|moonshotai/Kimi-K2.6:peft:131072|$5.15 ... $1.03 (cached)|
"""
    (listed,) = read(page).rates
    assert (listed.key, listed.rates) == (LONG, rates("5.15", "1.03", "12.81", "15.40"))


def test_both_tables_with_the_headings_are_read() -> None:
    short = PAGE.replace("moonshotai/Kimi-K2.6:peft:131072", "openai/gpt-oss-20b").replace(
        "128K", "32K"
    )
    long = PAGE.replace("`moonshotai/Kimi-K2.6`", "`Qwen/Qwen3-8B`")
    models = [listed.key.item for listed in read(short + long).rates]
    assert models == ["kimi-k2p6", "gpt-oss-20b", "qwen3-8b", "kimi-k2p6"]


def test_the_same_row_in_two_tables_is_one() -> None:
    assert read(PAGE + PAGE) == read(PAGE)


@pytest.mark.parametrize(
    "prefill",
    [
        "~~$6.00~~ $4.80 ~~$1.20~~ $0.96 (cached)",
        "~~$6.00 $1.20~~ $4.80 $0.96 (cached)",
        "<s>$6.00</s> $4.80 / <s>$1.20</s> $0.96 (cached)",
        "~~$6.00~~ **$4.80**<br>$0.96 (cached)",
    ],
)
def test_struck_prices_are_not_billed(prefill: str) -> None:
    listed = read_row(prefill, "~~$15.00~~ $12.00", "~~$20.00~~ $16.00", model="Kimi, 20% off")
    assert listed.rates == rates("4.80", "0.96", "12.00", "16.00")
    assert listed.doubt is None


@pytest.mark.parametrize("dash", ["—", "–", "-", "N/A"])
def test_a_dash_stands_for_no_training_and_for_nothing_else(dash: str) -> None:
    assert read_row("$5.15", "$12.81", dash).rates == rates("5.15", None, "12.81", None)
    with pytest.raises(ParseError):
        read_row(dash, "$12.81", "$15.40")
    with pytest.raises(ParseError):
        read_row("$5.15", dash, "$15.40")


def test_a_last_day_beside_the_name_is_read() -> None:
    page = row("$5.15", "$12.81", "$15.40", model="Kimi (retiring July 12)")
    (listed,) = read(page, on=date(2026, 7, 2)).rates
    assert listed.last_day == date(2026, 7, 12)


CUT = PAGE[: PAGE.index("$15.40") + 3]
NO_TABLE = "# Moved\n\nThe prices moved.\n"
ERROR_PAGE = "<!DOCTYPE html><html><body><h1>Not found</h1></body></html>"
LAYOUT = "<html><body><table><tr><td>Not found</td></tr><tr><td>404</td></tr></table></body></html>"
SENTENCE = "All prices here are per million tokens, in USD."


@pytest.mark.parametrize(
    ("page", "code"),
    [
        pytest.param("", FaultCode.FORMAT, id="empty"),
        pytest.param(NO_TABLE, FaultCode.FORMAT, id="no table"),
        pytest.param('{"error": "gone"}', FaultCode.FORMAT, id="JSON"),
        pytest.param(ERROR_PAGE, FaultCode.FORMAT, id="error page"),
        pytest.param(LAYOUT, FaultCode.HEADING, id="error page with a table"),
        pytest.param(PAGE[PAGE.index("Storage") :], FaultCode.HEADING, id="other table only"),
        pytest.param(PAGE.replace("Tinker ID", "Id"), FaultCode.HEADING, id="no Tinker ID"),
        pytest.param(PAGE.replace("Sample", "Decode"), FaultCode.HEADING, id="no Sample"),
        pytest.param(PAGE.replace("Train  ", "Tuning "), FaultCode.HEADING, id="no Train"),
        pytest.param(PAGE.replace("Prefill (cached)", "Input"), FaultCode.HEADING, id="no Prefill"),
        pytest.param(PAGE.replace("Prefill", "List prefill"), FaultCode.HEADING, id="list prefill"),
        pytest.param(PAGE.replace("Context", "Sample "), FaultCode.HEADING, id="two Sample"),
        pytest.param(PAGE.replace("Model ", "Tinker ID "), FaultCode.HEADING, id="two Tinker ID"),
        pytest.param(
            PAGE.replace("Context", "Cached prefill"), FaultCode.HEADING, id="cached apart"
        ),
        pytest.param(PAGE.replace("million", "thousand"), FaultCode.UNIT, id="thousand"),
        pytest.param(PAGE.replace("million", "1,000"), FaultCode.UNIT, id="1,000"),
        pytest.param(PAGE.replace("million", "**1K**"), FaultCode.UNIT, id="1K in bold"),
        pytest.param(PAGE.replace("per million", "per\nbillion"), FaultCode.UNIT, id="billion"),
        pytest.param(PAGE.replace("million tokens", "token"), FaultCode.UNIT, id="token"),
        pytest.param(
            PAGE.replace("Sample  ", "Sample ($ / 1K tokens)"), FaultCode.UNIT, id="$ / 1K"
        ),
        pytest.param(PAGE.replace("Sample  ", "Sample per token"), FaultCode.UNIT, id="heading"),
        pytest.param(
            PAGE + "\nThese rates are per thousand tokens.\n", FaultCode.UNIT, id="two units"
        ),
        pytest.param(PAGE.replace("| $12.81   ", ""), FaultCode.ROWS, id="cell lost"),
        pytest.param(PAGE.replace("| $12.81", "| | $12.81"), FaultCode.ROWS, id="cell too many"),
        pytest.param(
            PAGE.replace("`moonshotai/Kimi-K2.6`", ""), FaultCode.ROWS, id="no id in a row"
        ),
        pytest.param(CUT, FaultCode.ROWS, id="cut within a price"),
        pytest.param(PAGE[: PAGE.index("| Kimi-K2.6  ")], FaultCode.ROWS, id="no rows"),
        pytest.param(PAGE.replace("moonshotai", "someone"), FaultCode.ROWS, id="none covered"),
        pytest.param(PAGE.replace(":peft:131072", ""), FaultCode.ROWS, id="one id, two rates"),
        pytest.param(PAGE + PAGE.replace("12.81", "13.81"), FaultCode.ROWS, id="tables disagree"),
        pytest.param(PAGE.replace("$12.81", "€12.81"), FaultCode.CURRENCY, id="euro"),
        pytest.param(PAGE.replace("$12.81", "12.81 credits"), FaultCode.CURRENCY, id="credits"),
        pytest.param(PAGE.replace("$12.81", "12.81"), FaultCode.RATE, id="bare number"),
        pytest.param(PAGE.replace("$12.81", "$NaN"), FaultCode.RATE, id="NaN"),
        pytest.param(PAGE.replace("$12.81", "-$12.81"), FaultCode.RATE, id="negative"),
        pytest.param(PAGE.replace("$12.81", "$12,81"), FaultCode.RATE, id="comma"),
        pytest.param(PAGE.replace("$12.81", ""), FaultCode.RATE, id="empty cell"),
        pytest.param(PAGE.replace("$15.40", ""), FaultCode.RATE, id="empty Train"),
        pytest.param(PAGE.replace("$12.81", "$25.62 $12.81"), FaultCode.RATE, id="two in Sample"),
        pytest.param(
            PAGE.replace("$12.81", "$12.81 $2.56 (cached)"), FaultCode.RATE, id="cached Sample"
        ),
        pytest.param(
            PAGE.replace("$12.81", "~~$25.62~~ ~~$20.00~~ $12.81"), FaultCode.RATE, id="two struck"
        ),
        pytest.param(PAGE.replace("$12.81", "~~$12.81~~"), FaultCode.RATE, id="only struck"),
        pytest.param(PAGE.replace("$12.81", "~~$25.62 $12.81"), FaultCode.RATE, id="half struck"),
        pytest.param(PAGE.replace("$1.03 (cached)", "$1.03"), FaultCode.RATE, id="cached unsaid"),
        pytest.param(PAGE.replace("$5.15 / ", ""), FaultCode.RATE, id="cached only"),
        pytest.param(
            PAGE.replace("$5.15 / $1.03 (cached)", "$1.03 (cached) / $5.15"),
            FaultCode.RATE,
            id="cached first",
        ),
        pytest.param(PAGE.replace("/ $1.03", "/ -$1.03"), FaultCode.RATE, id="negative cached"),
        pytest.param(HTML.replace("<th>Model", "<th>Kind"), FaultCode.HEADING, id="HTML, no names"),
        pytest.param(
            HTML.replace("<b>million</b>", "<b>1K</b>"), FaultCode.UNIT, id="HTML, per 1K"
        ),
        pytest.param(HTML.replace("<s>$10.30</s>", "$10.30"), FaultCode.RATE, id="HTML, unstruck"),
        pytest.param(HTML.replace("<td>$1", "<td>£1"), FaultCode.CURRENCY, id="HTML, pounds"),
        pytest.param(HTML[: HTML.index("$12.81") + 3], FaultCode.ROWS, id="HTML, cut in a price"),
        pytest.param(HTML.replace("<td>$5.49</td>", ""), FaultCode.ROWS, id="HTML, cell lost"),
    ],
)
def test_a_broken_page_is_refused(page: str, code: FaultCode) -> None:
    with pytest.raises(ParseError) as caught:
        read(page)
    assert caught.value.code is code


def test_a_page_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(ParseError) as caught:
        tinker_pricing.parse(PAGE.encode("utf-16"), catalogue=CATALOGUE, on=DAY)
    assert caught.value.code is FaultCode.ENCODING


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "Prices are in USD per 1M tokens.",
        "Rates: dollars / 1,000,000 tokens.",
        "We bill per token, and prices below are per million tokens.",
        "All prices are per million tokens. You pay a price per token that you use.",
        "Decoding runs at 30 tokens per second; ask for rates per month.",
    ],
)
def test_other_words_about_tokens_are_no_fault(sentence: str) -> None:
    assert len(read(PAGE.replace(SENTENCE, sentence)).rates) == 2


@pytest.mark.parametrize(
    ("cells", "changes", "doubt"),
    [
        pytest.param(("$5.15 $0.515 (cached)", "$12.81", "$15.40"), {}, "not 20%", id="a tenth"),
        pytest.param(("$51.50 $1.03 (cached)", "$128", "$15"), {}, "not 20%", id="tenfold"),
        pytest.param(("$12.81", "$5.15", "$15.40"), {}, "more than sample", id="columns swapped"),
        pytest.param(
            ("$5.15", "$12.81", "$15.40"), {"context": "32K"}, "`32K`", id="another window"
        ),
        pytest.param(
            ("~~$5.15~~ $10.30", "~~$12.81~~ $25.62", "$15.40"),
            {},
            "no discount",
            id="billed struck, list not",
        ),
        pytest.param(
            ("~~$10.30~~ $5.15", "$25.62", "$15.40"),
            {},
            "only one of prefill and sample",
            id="list price of sample billed",
        ),
        pytest.param(
            ("~~$10.30~~ $5.15", "~~$25.62~~ $20.00", "$15.40"), {}, "not the same", id="uneven"
        ),
        pytest.param(
            ("~~$10.30~~ $5.15", "~~$25.62~~ $12.81", "$15.40"),
            {"model": "Kimi, 30% off"},
            "not 30% off",
            id="another share",
        ),
    ],
)
def test_a_row_that_contradicts_itself_is_doubted(
    cells: tuple[str, str, str], changes: dict[str, str], doubt: str
) -> None:
    assert doubt in (read_row(*cells, **changes).doubt or "")


def test_another_discount_on_cached_prefill_puts_every_cached_row_in_doubt() -> None:
    page = PAGE + "\nThere is a 90% discount on cached prefill.\n"
    assert all("90%" in (listed.doubt or "") for listed in read(page).rates)
    assert [listed.doubt for listed in read(page.replace("90%", "80%")).rates] == [None, None]


WRITERS = pytest.mark.parametrize("write", [pricing_markdown, pricing_html])


@WRITERS
@given(shown=cards_of(CATALOGUE))
def test_cards_that_are_written_are_read_back(write: Any, shown: list[TinkerCard]) -> None:
    listing = tinker_pricing.parse(write(shown, CATALOGUE), catalogue=CATALOGUE, on=DAY)
    assert [found(listed) for listed in listing.rates] == [written(card) for card in shown]


@WRITERS
@pytest.mark.parametrize("day", [date(2026, 7, 2), date(2026, 7, 20), date(2026, 10, 8)])
def test_no_card_that_ships_is_doubted(write: Any, day: date) -> None:
    shown = [card for card in load_book(CATALOGUE).tinker.cards if card.holds_on(day)]
    listing = tinker_pricing.parse(write(shown, CATALOGUE), catalogue=CATALOGUE, on=day)
    assert len(listing.rates) == len(shown) > 20
    assert {listed.doubt for listed in listing.rates} == {None}


@WRITERS
@given(shown=cards_of(CATALOGUE), data=st.data())
def test_a_page_cut_at_any_byte_loses_rows_and_shows_no_other_rates(
    write: Any, shown: list[TinkerCard], data: st.DataObject
) -> None:
    page = write(shown, CATALOGUE)
    end = data.draw(st.integers(min_value=0, max_value=len(page) - 1))
    try:
        listing = tinker_pricing.parse(page[:end], catalogue=CATALOGUE, on=DAY)
    except ParseError:
        return
    first = [(card.key, listed_rates_of(card)) for card in shown[: len(listing.rates)]]
    assert [(listed.key, listed.rates) for listed in listing.rates] == first


@pytest.mark.parametrize("page", [PAGE, HTML], ids=["markdown", "html"])
@given(data=st.data(), put=st.binary(max_size=20))
def test_damaged_bytes_raise_nothing_but_parse_errors(
    page: str, data: st.DataObject, put: bytes
) -> None:
    good = page.encode()
    at = data.draw(st.integers(min_value=0, max_value=len(good) - 1))
    lost = data.draw(st.integers(min_value=0, max_value=60))
    try:
        listing = tinker_pricing.parse(
            good[:at] + put + good[at + lost :], catalogue=CATALOGUE, on=DAY
        )
    except ParseError:
        return
    assert {listed.key.item for listed in listing.rates} <= {model.key for model in CATALOGUE}
