"""Tinker's models.json: its forms, pages that are broken, and rows that contradict themselves."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.cards import CardKey, CardPath, TinkerCard, load_book
from pricing.catalogue import load_catalogue
from pricing.sources import FaultCode, ListedRates, Listing, ParseError, tinker_models
from pricing.sources.tinker_rows import last_day
from tests.pricing.sources.tinker_pages import cards_of, found, models_json, rates, written

CATALOGUE = load_catalogue()
DAY = date(2026, 9, 20)

# Kimi K2.6 as our own card of 17 July 2026 has it, and its 32K window.
KIMI_LONG = {
    "name": "Kimi-K2.6 (128K)",
    "tinker_id": "moonshotai/Kimi-K2.6:peft:131072",
    "context": "128K",
    "prefill": "$5.15",
    "cached_prefill": "$1.03",
    "sample": "$12.81",
    "train": "$15.40",
}
KIMI_SHORT = {
    "name": "Kimi-K2.6",
    "tinker_id": "moonshotai/Kimi-K2.6",
    "context": "32K",
    "prefill": "$2.205",
    "cached_prefill": "$0.441",
    "sample": "$5.49",
    "train": "$4.84",
}
# A discount of a fifth on made-up prices.
DISCOUNTED = KIMI_SHORT | {
    "note": "20% discount until spring",
    "prefill": "$0.80",
    "cached_prefill": "$0.16",
    "sample": "$2.40",
    "train": "$3.20",
    "original_prefill": "$1.00",
    "original_cached_prefill": "$0.20",
    "original_sample": "$3.00",
    "original_train": "$4.00",
}


def without(row: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in keys}


def read(*rows: Any, on: date = DAY) -> Listing:
    return read_bytes(json.dumps(rows).encode(), on=on)


def read_bytes(content: bytes, *, on: date = DAY) -> Listing:
    return tinker_models.parse(content, catalogue=CATALOGUE, on=on)


def read_one(row: dict[str, Any], *, on: date = DAY) -> ListedRates:
    (listed,) = read(row, on=on).rates
    return listed


def test_a_row_with_cached_prefill_is_read_under_the_window_of_its_id() -> None:
    listed = read_one(KIMI_LONG)
    assert listed.key == CardKey(CardPath.TINKER, "kimi-k2p6", 131_072)
    assert listed.rates == rates("5.15", "1.03", "12.81", "15.40")
    assert (listed.doubt, listed.last_day, listed.effective_from) == (None, None, None)


def test_the_form_before_july_has_no_cached_rate() -> None:
    listed = read_one(without(KIMI_LONG, "cached_prefill"))
    assert listed.rates == rates("5.15", None, "12.81", "15.40")
    assert listed.doubt is None


def test_a_model_that_cannot_be_trained_has_no_train_rate() -> None:
    assert read_one(without(KIMI_LONG, "train")).rates == rates("5.15", "1.03", "12.81", None)


def test_a_discounted_row_is_read_at_what_is_billed() -> None:
    listed = read_one(DISCOUNTED)
    assert listed.rates == rates("0.80", "0.16", "2.40", "3.20")
    assert listed.doubt is None


def test_keys_that_are_new_and_the_order_of_rows_and_keys_are_free() -> None:
    new = {"url": "https://example.com", "params": 7, "community": "K", "tags": ["a"]}
    backwards = dict(reversed((KIMI_LONG | new).items()))
    listing = read(backwards, KIMI_SHORT)
    assert [listed.key.window_tokens for listed in listing.rates] == [131_072, 32_768]
    assert [listed.rates for listed in listing.rates] == [
        rates("5.15", "1.03", "12.81", "15.40"),
        rates("2.205", "0.441", "5.49", "4.84"),
    ]


def test_models_that_are_not_covered_are_named_once_whatever_their_prices() -> None:
    other = KIMI_LONG | {"tinker_id": "someone/Else-1B", "prefill": "$9.00", "sample": "on request"}
    listing = read(other, KIMI_LONG, other)
    assert listing.not_covered == ("someone/Else-1B",)
    assert len(listing.rates) == 1


def test_a_row_that_stands_twice_is_one() -> None:
    assert read(KIMI_LONG, KIMI_LONG | {"prefill": "$5.150"}) == read(KIMI_LONG)


def test_of_rows_that_stand_twice_the_doubt_is_kept() -> None:
    doubted = KIMI_LONG | {"context": "32K"}
    for rows in ((doubted, KIMI_LONG), (KIMI_LONG, doubted)):
        (listed,) = read(*rows).rates
        assert listed.doubt is not None


def test_the_quote_has_the_prices_though_the_row_is_long() -> None:
    quote = read_one({"name": "Kimi", "url": "https://example.com/" + "x" * 300} | KIMI_LONG).quote
    assert "moonshotai/Kimi-K2.6:peft:131072" in quote
    assert all(f'"{price}"' in quote for price in ("$5.15", "$1.03", "$12.81", "$15.40"))


def test_what_no_line_can_show_is_kept_out_of_quotes_and_names() -> None:
    strange = KIMI_LONG | {"tinker_id": "else/\ud800\u202e\x00x"}
    listing = read(KIMI_LONG | {"note": "\x00\udfff"}, strange)
    assert listing.not_covered == ("else/ x",)
    listing.rates[0].quote.encode()
    assert "\x00" not in listing.rates[0].quote


@pytest.mark.parametrize(
    "note",
    [
        "Retiring July 12",
        "retiring on July 12th",
        "Retires Jul 12",
        "Retires Jul. 12; moved elsewhere",
        "Retiring on July 12, 2026",
        "Retiring 12 July 2026",
        "To be retired on 2026-07-12.",
    ],
)
def test_a_retirement_that_is_announced_is_the_last_day(note: str) -> None:
    assert read_one(KIMI_LONG | {"note": note}, on=date(2026, 7, 2)).last_day == date(2026, 7, 12)


@pytest.mark.parametrize(
    ("note", "on", "day"),
    [
        ("Retiring January 3", date(2026, 12, 20), date(2027, 1, 3)),
        ("Retiring December 30", date(2027, 1, 2), date(2026, 12, 30)),
        ("Retiring Sept 1", date(2026, 7, 2), date(2026, 9, 1)),
        ("Retiring February 29", date(2027, 2, 1), date(2028, 2, 29)),
        ("Retiring May 1, 2030", date(2026, 7, 2), date(2030, 5, 1)),
        ("Retiring July 32", date(2026, 7, 2), None),
        ("Retiring July 2026", date(2026, 7, 2), None),
        ("Retiring 2026-13-01", date(2026, 7, 2), None),
        ("Retiring soon", date(2026, 7, 2), None),
        ("New on July 12", date(2026, 7, 2), None),
        ("", date(2026, 7, 2), None),
    ],
)
def test_the_year_is_the_nearest_and_a_day_that_does_not_exist_is_none(
    note: str, on: date, day: date | None
) -> None:
    assert last_day(note, on=on) == day


@pytest.mark.parametrize("on", [date(1, 3, 1), date(9999, 3, 1)])
def test_at_the_ends_of_the_calendar_the_year_is_still_the_nearest(on: date) -> None:
    assert last_day("Retiring March 2", on=on) == on.replace(day=2)


GOOD = json.dumps([KIMI_SHORT, KIMI_LONG]).encode()
ERROR_PAGE = b"<!DOCTYPE html><html><body><h1>502</h1>Bad gateway</body></html>"
TWICE = json.dumps([KIMI_LONG]).replace('"sample"', '"prefill": "$1.00", "sample"').encode()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", FaultCode.FORMAT, id="empty"),
        pytest.param(ERROR_PAGE, FaultCode.FORMAT, id="error page"),
        pytest.param(GOOD[: len(GOOD) // 2], FaultCode.FORMAT, id="truncated"),
        pytest.param(b'{"models": %s}' % GOOD, FaultCode.FORMAT, id="no list"),
        pytest.param(b'"$5.15"', FaultCode.FORMAT, id="a text"),
        pytest.param(b"[[]]", FaultCode.FORMAT, id="row is a list"),
        pytest.param(b"[null]", FaultCode.FORMAT, id="row is null"),
        pytest.param(b"[" * 100_000, FaultCode.FORMAT, id="nested without end"),
        pytest.param(b"[" + b"9" * 5_000 + b"]", FaultCode.FORMAT, id="number without end"),
        pytest.param(TWICE, FaultCode.FORMAT, id="price twice in a row"),
        pytest.param(GOOD.decode().encode("utf-16"), FaultCode.ENCODING, id="utf-16"),
        pytest.param(GOOD.replace(b'"name"', b'"\xe9"'), FaultCode.ENCODING, id="latin-1"),
        pytest.param(GOOD.replace(b'"$5.15"', b"NaN"), FaultCode.RATE, id="bare NaN"),
        pytest.param(b"[]", FaultCode.ROWS, id="no rows"),
    ],
)
def test_a_page_that_is_no_list_of_models_is_refused(content: bytes, code: FaultCode) -> None:
    with pytest.raises(ParseError) as caught:
        read_bytes(content)
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("row", "code", "named"),
    [
        pytest.param(without(KIMI_LONG, "tinker_id"), FaultCode.FORMAT, "row 2", id="no id"),
        pytest.param(KIMI_LONG | {"tinker_id": 7}, FaultCode.FORMAT, "row 2", id="id a number"),
        pytest.param(without(KIMI_LONG, "prefill"), FaultCode.FORMAT, "`prefill`", id="no prefill"),
        pytest.param(without(KIMI_LONG, "sample"), FaultCode.FORMAT, "`sample`", id="no sample"),
        pytest.param(
            {"tinker_id": "someone/Else", "sample": "$1.00"},
            FaultCode.FORMAT,
            "`someone/Else`",
            id="no prefill in a row that is not covered",
        ),
        pytest.param(KIMI_LONG | {"prefill": None}, FaultCode.FORMAT, "`prefill`", id="null"),
        pytest.param(KIMI_LONG | {"prefill": 5.15}, FaultCode.RATE, "`prefill`", id="bare number"),
        pytest.param(KIMI_LONG | {"sample": True}, FaultCode.RATE, "`sample`", id="true"),
        pytest.param(KIMI_LONG | {"prefill": ["$5.15"]}, FaultCode.RATE, "`prefill`", id="list"),
        pytest.param(KIMI_LONG | {"prefill": "5.15"}, FaultCode.RATE, "`prefill`", id="no dollar"),
        pytest.param(KIMI_LONG | {"sample": "€12.81"}, FaultCode.CURRENCY, "€12.81", id="euro"),
        pytest.param(KIMI_LONG | {"sample": "12.81 EUR"}, FaultCode.CURRENCY, "EUR", id="EUR"),
        pytest.param(KIMI_LONG | {"prefill": "NaN"}, FaultCode.RATE, "NaN", id="NaN"),
        pytest.param(KIMI_LONG | {"prefill": "$NaN"}, FaultCode.RATE, "NaN", id="$NaN"),
        pytest.param(KIMI_LONG | {"prefill": "-$5.15"}, FaultCode.RATE, "-$5.15", id="negative"),
        pytest.param(KIMI_LONG | {"prefill": "$-5.15"}, FaultCode.RATE, "$-5.15", id="negative 2"),
        pytest.param(KIMI_LONG | {"prefill": ""}, FaultCode.RATE, "`prefill`", id="empty"),
        pytest.param(KIMI_LONG | {"prefill": "$5,15"}, FaultCode.RATE, "$5,15", id="comma"),
        pytest.param(
            KIMI_LONG | {"prefill": "$5.15/1K"}, FaultCode.RATE, "/1K", id="unit in price"
        ),
        pytest.param(KIMI_LONG | {"prefill": "$5.15 $4.00"}, FaultCode.RATE, "$4.00", id="two"),
        pytest.param(KIMI_LONG | {"prefill": "$5e9"}, FaultCode.RATE, "$5e9", id="exponent"),
        pytest.param(KIMI_LONG | {"prefill": "$5150000"}, FaultCode.RATE, "5150000", id="millions"),
        pytest.param(KIMI_LONG | {"train": "free"}, FaultCode.RATE, "`train`", id="word"),
        pytest.param(
            KIMI_LONG | {"cached_prefill": "20%"}, FaultCode.RATE, "`cached_prefill`", id="share"
        ),
        pytest.param(
            DISCOUNTED | {"original_sample": "?"}, FaultCode.RATE, "`original_sample`", id="list"
        ),
        pytest.param(KIMI_LONG | {"unit": "1K tokens"}, FaultCode.UNIT, "1K tokens", id="unit"),
        pytest.param(
            KIMI_LONG | {"price_unit": "USD / token"}, FaultCode.UNIT, "USD / token", id="per token"
        ),
        pytest.param(
            KIMI_LONG | {"tinker_id": "moonshotai/Kimi-K2.6"},
            FaultCode.ROWS,
            "$5.15",
            id="two rates",
        ),
    ],
)
def test_a_row_that_is_broken_is_named(row: dict[str, Any], code: FaultCode, named: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(KIMI_SHORT, row)
    assert caught.value.code is code
    assert named in caught.value.text


def test_a_page_without_a_covered_model_is_at_fault() -> None:
    with pytest.raises(ParseError) as caught:
        read(KIMI_LONG | {"tinker_id": "someone/Else-1B"})
    assert caught.value.code is FaultCode.ROWS


def test_a_unit_that_is_a_million_tokens_is_no_fault() -> None:
    assert read_one(KIMI_LONG | {"unit": "USD per 1M tokens"}).doubt is None


@pytest.mark.parametrize(
    ("row", "doubt"),
    [
        pytest.param(KIMI_LONG | {"cached_prefill": "$0.515"}, "not 20% of prefill", id="10%"),
        pytest.param(
            KIMI_LONG | {"cached_prefill": "$1.04"}, "not 20% of prefill", id="a cent off"
        ),
        pytest.param(KIMI_LONG | {"prefill": "$51.50"}, "not 20% of prefill", id="prefill tenfold"),
        pytest.param(
            DISCOUNTED | {"prefill": "$1.00"},
            "not 20% of prefill",
            id="list prefill, billed cached",
        ),
        pytest.param(
            without(KIMI_LONG, "cached_prefill") | {"prefill": "$12.81", "sample": "$5.15"},
            "costs more than sample",
            id="prefill and sample swapped",
        ),
        pytest.param(
            without(DISCOUNTED, "cached_prefill") | {"prefill": "$1.00"},
            "prefill is `$1.00` now and `$1.00` before",
            id="list price billed",
        ),
        pytest.param(
            DISCOUNTED | {"sample": "$3.00", "original_sample": "$2.40"},
            "which is no discount",
            id="billed and list swapped",
        ),
        pytest.param(
            without(DISCOUNTED, "note") | {"sample": "$3.00", "original_sample": "$2.40"},
            "which is no discount",
            id="dearer than the list",
        ),
        pytest.param(DISCOUNTED | {"sample": "$1.50"}, "not 20% off", id="half, not a fifth off"),
        pytest.param(
            without(DISCOUNTED, "note") | {"sample": "$1.50"}, "not the same", id="two discounts"
        ),
        pytest.param(
            without(DISCOUNTED, "original_sample"), "only one of prefill and sample", id="one only"
        ),
        pytest.param(KIMI_LONG | {"context": "32K"}, "`32K`", id="another window"),
        pytest.param(KIMI_LONG | {"context": 32_768}, "`32768`", id="another window, in tokens"),
        pytest.param(KIMI_LONG | {"context": "long"}, "`long`", id="no window"),
    ],
)
def test_a_row_that_contradicts_itself_is_doubted(row: dict[str, Any], doubt: str) -> None:
    assert doubt in (read_one(row).doubt or "")


@pytest.mark.parametrize(
    "row",
    [
        # A fifth of 0.13 is 0.026, which cents show as 0.03.
        pytest.param(KIMI_SHORT | {"prefill": "$0.13", "cached_prefill": "$0.03"}, id="cents"),
        pytest.param(KIMI_SHORT | {"prefill": "$3", "cached_prefill": "$0.60"}, id="whole dollars"),
        # A fifth off 3.36 leaves 2.688, which cents show as 2.69.
        pytest.param(
            DISCOUNTED | {"train": "$2.69", "original_train": "$3.36"},
            id="rounded",
        ),
        pytest.param(without(DISCOUNTED, "original_train"), id="no list price of training"),
        pytest.param(KIMI_LONG | {"context": 131_072}, id="window in tokens"),
        pytest.param(KIMI_LONG | {"context": "131,072 tokens"}, id="window in words"),
        pytest.param(without(KIMI_LONG, "context"), id="no context"),
    ],
)
def test_what_rounding_or_another_spelling_explains_is_not_doubted(row: dict[str, Any]) -> None:
    assert read_one(row).doubt is None


@given(cards_of(CATALOGUE))
def test_cards_that_are_written_are_read_back(written_cards: list[TinkerCard]) -> None:
    listing = read_bytes(models_json(written_cards, CATALOGUE, form="cached"))
    assert [found(listed) for listed in listing.rates] == [written(card) for card in written_cards]


@given(cards_of(CATALOGUE))
def test_the_plain_form_is_read_back_without_cached_rates(written_cards: list[TinkerCard]) -> None:
    listing = read_bytes(models_json(written_cards, CATALOGUE, form="plain"))
    plain = [card.model_copy(update={"cached_input_usd_per_mtok": None}) for card in written_cards]
    assert [found(listed) for listed in listing.rates] == [written(card) for card in plain]


@pytest.mark.parametrize("day", [date(2026, 7, 2), date(2026, 7, 20), date(2026, 10, 8)])
def test_no_card_that_ships_is_doubted(day: date) -> None:
    shown = [card for card in load_book(CATALOGUE).tinker.cards if card.holds_on(day)]
    listing = read_bytes(models_json(shown, CATALOGUE, form="cached"), on=day)
    assert len(listing.rates) == len(shown) > 20
    assert {listed.doubt for listed in listing.rates} == {None}


@given(cards_of(CATALOGUE), st.data())
def test_a_page_cut_at_any_byte_is_refused(
    written_cards: list[TinkerCard], data: st.DataObject
) -> None:
    page = models_json(written_cards, CATALOGUE, form="cached")
    end = data.draw(st.integers(min_value=0, max_value=len(page) - 1))
    with pytest.raises(ParseError):
        read_bytes(page[:end])


@given(
    st.integers(min_value=0, max_value=len(GOOD) - 1),
    st.integers(min_value=0, max_value=20),
    st.binary(max_size=20),
)
def test_damaged_bytes_raise_nothing_but_parse_errors(at: int, lost: int, put: bytes) -> None:
    try:
        listing = read_bytes(GOOD[:at] + put + GOOD[at + lost :])
    except ParseError:
        return
    assert 1 <= len(listing.rates) <= 2
