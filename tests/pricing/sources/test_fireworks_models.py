"""What is read of Fireworks' models API, and what is refused, on made-up pages of its shape."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.cards import CardKey, CardPath, ServerlessCard, load_book
from pricing.catalogue import load_catalogue
from pricing.changes import RateName, rates_of
from pricing.sources import FaultCode, ListedRates, Listing, ParseError
from pricing.sources.fireworks_models import next_page_token, parse
from tests.pricing.books import serverless_card
from tests.pricing.sources.api_pages import MODES, models_api, own_id, price

CATALOGUE = load_catalogue()
ON = date(2026, 8, 1)
MODELS = "accounts/fireworks/models"
ROUTERS = "accounts/fireworks/routers"

Row = dict[str, Any]


def row(**changes: Any) -> Row:
    """A standard row of Kimi K2.6 at $2 / $0.25 / $7; a change to None leaves a field out."""
    fields: Row = {
        "id": f"{MODELS}/kimi-k2p6",
        "object": "model",
        "serverless_mode": "standard",
        "pricing": prices("2.00", "0.25", "7.00"),
        "display_name": "Some name",
        "context_length": 262_144,
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


def prices(*usd: object) -> list[dict[str, Any]]:
    skus = ("LLM input tokens (uncached)", "LLM input tokens (cached)", "LLM output tokens")
    return [
        {"sku": sku, "amount": it, "unit": "1M tokens"} for sku, it in zip(skus, usd, strict=True)
    ]


def page(*rows: Any, **more: Any) -> bytes:
    return json.dumps({"object": "list", "data": list(rows)} | more).encode()


def read(content: bytes) -> Listing:
    return parse(content, catalogue=CATALOGUE, on=ON)


def only(content: bytes) -> ListedRates:
    (listed,) = read(content).rates
    return listed


def three(listed: ListedRates) -> tuple[Decimal | None, ...]:
    return tuple(
        listed.rates[rate] for rate in (RateName.INPUT, RateName.CACHED_INPUT, RateName.OUTPUT)
    )


TWO_QUARTER_SEVEN = (Decimal("2.00"), Decimal("0.25"), Decimal("7.00"))


def test_a_row_gives_the_rates_of_its_model_on_its_path_and_its_line() -> None:
    assert read(page(row())) == Listing(
        rates=(
            ListedRates(
                key=CardKey(CardPath.SERVERLESS_STANDARD, "kimi-k2p6"),
                rates={
                    RateName.INPUT: Decimal("2.00"),
                    RateName.CACHED_INPUT: Decimal("0.25"),
                    RateName.OUTPUT: Decimal("7.00"),
                },
                quote=(
                    "accounts/fireworks/models/kimi-k2p6 (standard): "
                    "LLM input tokens (uncached) 2.00; LLM input tokens (cached) 0.25; "
                    "LLM output tokens 7.00; per 1M tokens"
                ),
            ),
        )
    )


@pytest.mark.parametrize(("path", "mode"), MODES.items())
def test_each_mode_is_a_path(path: CardPath, mode: str) -> None:
    assert only(page(row(serverless_mode=mode))).key == CardKey(path, "kimi-k2p6")


def test_a_router_is_known_by_its_own_id_or_as_the_usage_identifier() -> None:
    known = CardKey(CardPath.SERVERLESS_FAST, "kimi-k2p6")
    by_id = row(id=f"{ROUTERS}/kimi-k2p6-fast", serverless_mode="fast")
    by_usage = row(usage_identifier=f"{ROUTERS}/kimi-k2p6-turbo", serverless_mode="fast")
    by_usage_alone = by_usage | {"id": f"{MODELS}/some-new-name"}
    assert [only(page(it)).key for it in (by_id, by_usage, by_usage_alone)] == [known] * 3


def test_an_id_that_only_begins_or_ends_like_a_known_one_is_not_covered() -> None:
    strangers = [
        f"{MODELS}/kimi-k2p60",
        f"{MODELS}/kimi-k2",
        f"{MODELS}/KIMI-K2P6",
        "kimi-k2p6",
        f"accounts/other/{MODELS}/kimi-k2p6",
    ]
    listing = read(page(row(), *(row(id=name) for name in strangers)))
    assert [it.key.item for it in listing.rates] == ["kimi-k2p6"]
    assert listing.not_covered == tuple(strangers)


def test_a_row_of_no_covered_model_may_hold_anything() -> None:
    image = {"id": f"{MODELS}/some-painter", "pricing": [{"sku": "Steps", "unit": "step"}]}
    assert read(page(row(), image)).not_covered == (f"{MODELS}/some-painter",)


@pytest.mark.parametrize(
    ("id_", "mode"),
    [
        (f"{MODELS}/kimi-k3", "batch"),
        (f"{MODELS}/kimi-k3", "ultra_fast"),
        (f"{ROUTERS}/kimi-k3-us", "standard"),
        (f"{ROUTERS}/kimi-k3-us", "priority"),
        (f"{ROUTERS}/kimi-k3-fast", "standard"),
        (f"{MODELS}/kimi-k3-spot", "standard"),
        (f"{ROUTERS}/glm-5p2-fast-us", "fast"),
        (f"{ROUTERS}/deepseek-v4p1-flash-1017-ultrafast", "fast"),
    ],
)
def test_a_way_of_serving_that_no_card_is_kept_of_is_never_taken_for_another(
    id_: str, mode: str
) -> None:
    listing = read(page(row(), row(id=id_, serverless_mode=mode)))
    assert [it.key.item for it in listing.rates] == ["kimi-k2p6"]
    assert listing.not_covered == (f"{id_} ({mode})",)


def test_the_standard_row_of_a_us_router_is_no_standard_price_of_its_base_model() -> None:
    us = row(id=f"{MODELS}/kimi-k3", usage_identifier=f"{ROUTERS}/kimi-k3-us")
    assert read(page(row(), us)).not_covered == (f"{ROUTERS}/kimi-k3-us (standard)",)


def test_pages_one_behind_the_other_are_one_list() -> None:
    first = page(row(), nextPageToken="t1")
    last = page(row(serverless_mode="priority"), nextPageToken="")
    both = read(first + b"\n" + last)
    assert [it.key.path for it in both.rates] == ["serverless_standard", "serverless_priority"]
    assert read(first + last) == both


def test_words_are_compared_without_case_and_space_and_a_missing_cached_rate_is_none() -> None:
    entries = [
        price("  llm INPUT tokens  (Uncached)", "2.00"),
        price("LLM Output\nTokens", "7.00"),
    ]
    listed = only(page(row(pricing=entries, serverless_mode="Standard")))
    assert three(listed) == (Decimal("2.00"), None, Decimal("7.00"))
    assert listed.doubt is None


def test_money_may_come_as_units_and_nanos_and_as_a_number() -> None:
    money = prices(
        {"currencyCode": "USD", "units": "2"},
        {"currencyCode": "USD", "nanos": 250_000_000},
        {"currencyCode": "USD", "units": 10, "nanos": 5_000_000},
    )
    assert three(only(page(row(pricing=money)))) == (
        Decimal("2"),
        Decimal("0.25"),
        Decimal("10.005"),
    )
    assert three(only(page(row(pricing=prices(2, 0.25, 7.0))))) == TWO_QUARTER_SEVEN


@pytest.mark.parametrize("said", ["2026-11-07", {"year": 2026, "month": 11, "day": 7}])
def test_a_deprecation_date_is_the_last_day(said: object) -> None:
    listed = only(page(row(deprecationDate=said)))
    assert (listed.last_day, listed.doubt) == (date(2026, 11, 7), None)


def test_equal_rows_of_one_key_are_one_and_it_lasts_as_long_as_the_longer() -> None:
    old = row(id=f"{ROUTERS}/kimi-k2p6-turbo", serverless_mode="fast", deprecationDate="2026-09-01")
    new = row(id=f"{ROUTERS}/kimi-k2p6-fast", serverless_mode="fast")
    assert only(page(old, new)).last_day is None
    assert only(page(new, old)).last_day is None
    later = old | {"deprecationDate": "2026-10-01"}
    assert only(page(later, old)).last_day == date(2026, 10, 1)


def test_the_token_of_the_next_page_is_found_and_nothing_else_is_one() -> None:
    assert next_page_token(page(row(), nextPageToken="t1")) == "t1"
    others = [
        page(row()),
        page(nextPageToken=""),
        page(nextPageToken=7),
        page(nextPageToken=None),
        b"[1]",
        b"<html>nextPageToken</html>",
        b"",
        b'{"nextPageToken": "t1"',
        b"\xff\xfe",
        b"[" * 100_000,
    ]
    assert [next_page_token(other) for other in others] == [None] * len(others)


BROKEN: dict[str, tuple[bytes, FaultCode]] = {
    "nothing": (b"", FaultCode.FORMAT),
    "space alone": (b" \n ", FaultCode.FORMAT),
    "an HTML page": (b"<!doctype html><html><body>Sign in</body></html>", FaultCode.FORMAT),
    "Markdown": (b"| Model | Input |\n|---|---|", FaultCode.FORMAT),
    "cut short": (page(row())[:-9], FaultCode.FORMAT),
    "its second page cut short": (page(row()) + page(row())[:-2], FaultCode.FORMAT),
    "HTML behind it": (page(row()) + b"<html></html>", FaultCode.FORMAT),
    "another encoding": (
        json.dumps({"data": "ü"}, ensure_ascii=False).encode("latin-1"),
        FaultCode.ENCODING,
    ),
    "16 bits a character": (page(row()).decode().encode("utf-16"), FaultCode.ENCODING),
    "nested without end": (b'{"data":' * 100_000, FaultCode.FORMAT),
    "a number without end": (b'{"object":"list","data":[' + b"1" * 5_000 + b"]}", FaultCode.FORMAT),
    "an error with status 200": (b'{"error":{"message":"unauthorized"}}', FaultCode.FORMAT),
    "rows without a list": (json.dumps([row()]).encode(), FaultCode.FORMAT),
    "an object of models": (b'{"object":"list","data":{"a":{}}}', FaultCode.FORMAT),
    "another object": (json.dumps({"object": "error", "data": [row()]}).encode(), FaultCode.FORMAT),
    "an error as second page": (page(row()) + b'{"error":"quota"}', FaultCode.FORMAT),
    "no rows": (page(), FaultCode.ROWS),
    "a further page missing": (page(row(), nextPageToken="t1"), FaultCode.ROWS),
    "no covered row": (page(row(id=f"{MODELS}/unheard-of")), FaultCode.ROWS),
    "no mode of ours": (page(row(serverless_mode="batch")), FaultCode.ROWS),
    "a row that is a string": (page(row(), "kimi-k2p6"), FaultCode.FORMAT),
    "a row without id": (page(row(), row(id=None)), FaultCode.FORMAT),
    "a row without mode": (page(row(serverless_mode=None)), FaultCode.FORMAT),
    "two models in a row": (
        page(row(usage_identifier=f"{ROUTERS}/kimi-k3-fast", serverless_mode="fast")),
        FaultCode.ROWS,
    ),
    "a model twice, at two prices": (
        page(row(), row(pricing=prices("2.00", "0.25", "7.10"))),
        FaultCode.ROWS,
    ),
    "a field twice": (
        page(row()).replace(b'"amount": "2.00"', b'"amount": "2.00", "amount": "20.0"'),
        FaultCode.FORMAT,
    ),
    "no pricing": (page(row(pricing=None)), FaultCode.RATE),
    "pricing by name": (page(row(pricing={"input": "2.00"})), FaultCode.RATE),
    "no prices": (page(row(pricing=[])), FaultCode.RATE),
    "no input": (page(row(pricing=prices("2", "1", "7")[1:])), FaultCode.RATE),
    "no output": (page(row(pricing=prices("2", "1", "7")[:2])), FaultCode.RATE),
    "input renamed": (
        page(row()).replace(b"LLM input tokens (uncached)", b"LLM input tokens"),
        FaultCode.RATE,
    ),
    "two inputs": (
        page(row(pricing=[*prices("2", "1", "7"), *prices("3", "1", "7")])),
        FaultCode.RATE,
    ),
    "per thousand": (page(row()).replace(b"1M tokens", b"1K tokens"), FaultCode.UNIT),
    "per token": (page(row()).replace(b"1M tokens", b"token"), FaultCode.UNIT),
    "one unit of three changed": (
        page(row()).replace(b"1M tokens", b"1B tokens", 1),
        FaultCode.UNIT,
    ),
    "no unit": (page(row()).replace(b'"unit"', b'"per"'), FaultCode.UNIT),
    "NaN": (page(row(pricing=prices("NaN", "0.25", "7.00"))), FaultCode.RATE),
    "a bare NaN": (page(row()).replace(b'"2.00"', b"NaN"), FaultCode.RATE),
    "infinity": (page(row()).replace(b'"7.00"', b"1e999"), FaultCode.RATE),
    "an exponent": (page(row(pricing=prices("2e0", "0.25", "7.00"))), FaultCode.RATE),
    "a negative rate": (page(row(pricing=prices("-2.00", "0.25", "7.00"))), FaultCode.RATE),
    "an empty rate": (page(row(pricing=prices("2.00", "0.25", ""))), FaultCode.RATE),
    "a comma": (page(row(pricing=prices("2,00", "0.25", "7.00"))), FaultCode.RATE),
    "a dollar sign": (page(row(pricing=prices("$2.00", "0.25", "7.00"))), FaultCode.RATE),
    "no amount": (page(row()).replace(b'"amount"', b'"price"'), FaultCode.RATE),
    "dollars that no rate is": (
        page(row(pricing=prices("2000000", "0.25", "7.00"))),
        FaultCode.RATE,
    ),
    "euros": (
        page(row(pricing=prices({"currencyCode": "EUR", "units": "2"}, "0.25", "7.00"))),
        FaultCode.CURRENCY,
    ),
    "money of no currency": (
        page(row(pricing=prices({"units": "2"}, "0.25", "7.00"))),
        FaultCode.CURRENCY,
    ),
    "euros beside the amount": (
        page(row(pricing=[it | {"currency": "EUR"} for it in prices("2", "1", "7")])),
        FaultCode.CURRENCY,
    ),
    "money without an amount": (
        page(row(pricing=prices({"currencyCode": "USD"}, "0.25", "7.00"))),
        FaultCode.RATE,
    ),
    "negative nanos": (
        page(row(pricing=prices({"currencyCode": "USD", "nanos": -1}, "0.25", "7.00"))),
        FaultCode.RATE,
    ),
    "more nanos than a dollar": (
        page(row(pricing=prices({"currencyCode": "USD", "nanos": 2 * 10**9}, "0.25", "7"))),
        FaultCode.RATE,
    ),
    "an endless id": (
        page(row(id="x" * 9_000, usage_identifier=f"{ROUTERS}/kimi-k2p6-fast", serverless_mode=1)),
        FaultCode.FORMAT,
    ),
    "a day that is none": (page(row(deprecationDate="2026-02-30")), FaultCode.FORMAT),
    "a day without a year": (
        page(row(deprecationDate={"month": 11, "day": 7})),
        FaultCode.FORMAT,
    ),
    "a day in words": (page(row(deprecationDate="7 November 2026")), FaultCode.FORMAT),
    "a year beyond all": (
        page(row(deprecationDate={"year": 10**30, "month": 1, "day": 1})),
        FaultCode.FORMAT,
    ),
}


@pytest.mark.parametrize(("content", "code"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_page_is_a_fault_of_the_source(content: bytes, code: FaultCode) -> None:
    with pytest.raises(ParseError) as refused:
        read(content)
    assert refused.value.code is code
    assert len(refused.value.text) < 600


DOUBTFUL: dict[str, tuple[Row, str]] = {
    "the size price": (row(pricing=prices("1.20", "0.60", "1.20")), "size price"),
    "the size price, cached alike": (row(pricing=prices("0.90", "0.90", "0.90")), "size price"),
    "output below input": (row(pricing=prices("7.00", "0.25", "2.00")), "output costs less"),
    "cached above input": (row(pricing=prices("0.25", "2.00", "7.00")), "cached input costs more"),
    "another charge": (
        row(pricing=[*prices("2", "1", "7"), price("LLM image tokens", "3")]),
        "`LLM image tokens`",
    ),
    "a priority tier on a standard row": (row(service_tier="priority"), "service tier `priority`"),
    "a last day gone by": (row(deprecationDate="2026-07-31"), "after its last day, 2026-07-31"),
}


@pytest.mark.parametrize(("doubtful", "words"), DOUBTFUL.values(), ids=DOUBTFUL.keys())
def test_a_row_that_contradicts_itself_says_so(doubtful: Row, words: str) -> None:
    assert words in (only(page(doubtful)).doubt or "")


def test_a_last_day_of_today_is_no_contradiction() -> None:
    assert only(page(row(deprecationDate=ON.isoformat()))).doubt is None


def test_the_cards_that_ship_are_read_back_as_they_were_written() -> None:
    cards = [
        card
        for card in load_book(CATALOGUE).serverless.cards
        if card.path in MODES and card.holds_on(ON)
    ]
    listing = read(models_api(cards, CATALOGUE))
    assert len(cards) > 20
    assert {it.key: it.rates for it in listing.rates} == {it.key: rates_of(it) for it in cards}
    assert [it.doubt for it in listing.rates if it.doubt] == []


USD = st.decimals(0, 500, places=4)
LISTED = [model.key for model in CATALOGUE if own_id(model.key, CATALOGUE) in model.fireworks_ids]
CARDS: st.SearchStrategy[ServerlessCard] = st.builds(
    lambda model, path, prompt, cached, decode: serverless_card(
        "1",
        model=model,
        path=path,
        input_usd_per_mtok=prompt,
        cached_input_usd_per_mtok=cached,
        output_usd_per_mtok=decode,
    ),
    st.sampled_from(LISTED),
    st.sampled_from(sorted(MODES)),
    USD,
    st.none() | USD,
    USD,
)
SHELVES = st.lists(CARDS, min_size=1, max_size=6, unique_by=lambda card: card.key)


@given(SHELVES)
def test_any_cards_are_read_back_as_they_were_written(cards: list[ServerlessCard]) -> None:
    listing = read(models_api(cards, CATALOGUE, last_days={cards[0].model: ON}))
    assert {it.key: it.rates for it in listing.rates} == {it.key: rates_of(it) for it in cards}
    assert {it.last_day for it in listing.rates if it.key.item == cards[0].model} == {ON}


@given(SHELVES, st.floats(0, 1, exclude_max=True))
def test_a_page_cut_anywhere_is_refused(cards: list[ServerlessCard], part: float) -> None:
    whole = models_api(cards, CATALOGUE)
    with pytest.raises(ParseError):
        read(whole[: int(len(whole) * part)])


@given(SHELVES, st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=3))
def test_a_damaged_page_is_read_or_refused_and_never_raises_anything_else(
    cards: list[ServerlessCard], part: float, damage: bytes
) -> None:
    whole = models_api(cards, CATALOGUE)
    place = int(len(whole) * part)
    try:
        listing = read(whole[:place] + damage + whole[place + len(damage) :])
    except ParseError:
        return
    assert 1 <= len(listing.rates) <= len(cards)
