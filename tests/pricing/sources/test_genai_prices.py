"""What is read of genai-prices' data, and what is refused, on made-up lists of its shape."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.cards import CardKey, CardPath, load_book
from pricing.catalogue import load_catalogue
from pricing.changes import RateName, rates_of
from pricing.sources import FaultCode, ListedRates, Listing, ParseError
from pricing.sources.genai_prices import parse
from tests.pricing.sources.api_pages import genai_data

CATALOGUE = load_catalogue()
ON = date(2026, 8, 1)
MODELS = "accounts/fireworks/models"
ROUTERS = "accounts/fireworks/routers"

Model = dict[str, Any]


def model(id_: str = "kimi-k2p6", prices: Any = None, **more: Any) -> Model:
    """A model at $2 / $0.25 / $7, unless other prices are given."""
    return {"id": id_, "match": {"equals": id_}, "prices": prices or mtok()} | more


def mtok(prompt: Any = 2, cached: Any = 0.25, decode: Any = 7) -> dict[str, Any]:
    said = {"input_mtok": prompt, "cache_read_mtok": cached, "output_mtok": decode}
    return {name: value for name, value in said.items() if value is not None}


def since(day: str | None, prices: dict[str, Any]) -> dict[str, Any]:
    return {"prices": prices} | ({"constraint": {"start_date": day}} if day else {})


def data(*models: Any) -> bytes:
    return json.dumps(
        [
            {"id": "openai", "models": [model("kimi-k2p6", mtok(99, 99, 99))]},
            {"id": "fireworks", "name": "Fireworks", "models": list(models)},
        ]
    ).encode()


def read(content: bytes, on: date = ON) -> Listing:
    return parse(content, catalogue=CATALOGUE, on=on)


def three(content: bytes, on: date = ON) -> tuple[Decimal | None, ...]:
    (listed,) = read(content, on).rates
    names = (RateName.INPUT, RateName.CACHED_INPUT, RateName.OUTPUT)
    return tuple(listed.rates[name] for name in names)


def test_a_model_of_fireworks_gives_its_standard_rates_and_its_line() -> None:
    assert read(data(model())) == Listing(
        rates=(
            ListedRates(
                key=CardKey(CardPath.SERVERLESS_STANDARD, "kimi-k2p6"),
                rates={
                    RateName.INPUT: Decimal(2),
                    RateName.CACHED_INPUT: Decimal("0.25"),
                    RateName.OUTPUT: Decimal(7),
                },
                quote="kimi-k2p6: input_mtok 2; cache_read_mtok 0.25; output_mtok 7",
            ),
        )
    )


def test_a_model_is_known_by_its_whole_id_and_by_the_last_part_of_it() -> None:
    ids = [f"{MODELS}/qwen3p5-397b-a17b", "qwen3p5-397b-a17b"]
    keys = [read(data(model(id_))).rates[0].key.item for id_ in ids]
    assert keys == ["qwen3p5-397b", "qwen3p5-397b"]


@pytest.mark.parametrize(
    "id_",
    [
        "kimi-k2.6",
        "kimi-k2",
        "kimi-k2p60",
        "Kimi-K2p6",
        "qwen3p5-397b",
        "models/kimi-k2p6",
        "moonshotai/kimi-k2p6",
        "kimi-k2p6-fast",
        "kimi-k2p6-turbo",
        f"{ROUTERS}/kimi-k2p6-fast",
        f"{MODELS}/kimi-k2p6-turbo",
        "kimi-k3-us",
        f"{ROUTERS}/kimi-k3-us",
        f"{MODELS}/kimi-k3-spot",
        "deepseek-v4p1-flash-1017-ultrafast",
    ],
)
def test_other_ids_and_other_paths_are_not_covered(id_: str) -> None:
    listing = read(data(model(), model(id_, mtok(9, 9, 9))))
    assert [it.key.item for it in listing.rates] == ["kimi-k2p6"]
    assert listing.not_covered == (id_,)


def test_a_cached_rate_that_is_not_given_is_none_and_zero_is_free() -> None:
    assert three(data(model(prices=mtok(cached=None)))) == (2, None, 7)
    assert three(data(model(prices=mtok(cached=0)))) == (2, 0, 7)


def test_the_list_of_providers_may_stand_under_its_name() -> None:
    assert three(b'{"providers": ' + data(model()) + b"}") == (
        Decimal(2),
        Decimal("0.25"),
        Decimal(7),
    )


def test_figures_are_exact() -> None:
    assert three(data(model(prices=mtok(0.0375, 0.015, 1.1)))) == (
        Decimal("0.0375"),
        Decimal("0.015"),
        Decimal("1.1"),
    )


DATED = [
    since(None, mtok(1, 0.1, 3)),
    since("2026-07-01", mtok(2, 0.2, 6)),
    since("2026-09-01", mtok(3, 0.3, 9)),
]


@pytest.mark.parametrize(
    ("on", "prompt"),
    [
        (date(2020, 1, 1), 1),
        (date(2026, 6, 30), 1),
        (date(2026, 7, 1), 2),
        (date(2026, 8, 31), 2),
        (date(2026, 9, 1), 3),
        (date(2027, 1, 1), 3),
    ],
)
def test_of_dated_prices_the_last_that_has_begun_holds(on: date, prompt: int) -> None:
    assert three(data(model(prices=DATED)), on)[0] == prompt


def test_a_model_whose_prices_begin_later_is_not_there_yet() -> None:
    coming = model("gpt-oss-120b", [since("2026-08-02", mtok())])
    listing = read(data(model(), coming))
    assert [it.key.item for it in listing.rates] == ["kimi-k2p6"]
    assert listing.not_covered == ()


def test_a_deprecated_model_is_passed_over() -> None:
    listing = read(data(model(), model("gpt-oss-120b", deprecated=True)))
    assert [it.key.item for it in listing.rates] == ["kimi-k2p6"]
    assert listing.not_covered == ()
    assert len(read(data(model(), model("gpt-oss-120b", deprecated=False))).rates) == 2


def test_prices_by_the_length_of_a_prompt_or_by_the_hour_are_no_cards() -> None:
    tiered = mtok(prompt={"base": 2, "tiers": [{"start": 200_000, "price": 4}]})
    night = [
        since(None, mtok()),
        {"constraint": {"start_time": "16:30:00Z", "end_time": "00:30:00Z"}, "prices": mtok(1)},
    ]
    listing = read(data(model(), model("gpt-oss-120b", tiered), model("kimi-k3", night)))
    assert [it.key.item for it in listing.rates] == ["kimi-k2p6"]
    assert listing.not_covered == ("gpt-oss-120b", "kimi-k3")


def test_what_else_a_model_is_charged_for_does_not_matter() -> None:
    more = mtok() | {"input_audio_mtok": {"base": 1}, "requests_kcount": "?"}
    assert three(data(model(prices=more))) == (2, Decimal("0.25"), 7)


def test_a_model_that_stands_there_by_both_ids_at_one_price_is_one() -> None:
    assert len(read(data(model(), model(f"{MODELS}/kimi-k2p6"))).rates) == 1


BROKEN: dict[str, tuple[bytes, FaultCode]] = {
    "nothing": (b"", FaultCode.FORMAT),
    "an HTML page": (b"<!DOCTYPE html><html>404</html>", FaultCode.FORMAT),
    "cut short": (data(model())[:-1], FaultCode.FORMAT),
    "two documents": (data(model()) + data(model()), FaultCode.FORMAT),
    "another encoding": (data(model()).decode().encode("utf-16"), FaultCode.ENCODING),
    "nested without end": (b"[" * 100_000, FaultCode.FORMAT),
    "an object": (json.dumps({"fireworks": {"models": [model()]}}).encode(), FaultCode.FORMAT),
    "text": (b'"Rate limit exceeded"', FaultCode.FORMAT),
    "no providers": (b"[]", FaultCode.ROWS),
    "no such provider": (data(model()).replace(b'"fireworks"', b'"fire"'), FaultCode.ROWS),
    "the provider twice": (data(model()).replace(b'"openai"', b'"fireworks"'), FaultCode.ROWS),
    "a provider without models": (b'[{"id":"fireworks"}]', FaultCode.FORMAT),
    "models by name": (b'[{"id":"fireworks","models":{"kimi-k2p6":{}}}]', FaultCode.FORMAT),
    "no models": (data(), FaultCode.ROWS),
    "no covered model": (data(model("unheard-of")), FaultCode.ROWS),
    "deprecated ones alone": (data(model(deprecated=True)), FaultCode.ROWS),
    "a model that is a string": (data(model(), "kimi-k3"), FaultCode.FORMAT),
    "a model without id": (data(model(), {"prices": mtok()}), FaultCode.FORMAT),
    "no prices": (data({"id": "kimi-k2p6"}), FaultCode.FORMAT),
    "a price alone": (data(model(prices=2)), FaultCode.FORMAT),
    "a list of numbers": (data(model(prices=[2, 7])), FaultCode.FORMAT),
    "dated prices without prices": (
        data(model(prices=[{"constraint": {"start_date": "2026-01-01"}}])),
        FaultCode.FORMAT,
    ),
    "a constraint that is a day": (
        data(model(prices=[{"constraint": "2026-01-01", "prices": mtok()}])),
        FaultCode.FORMAT,
    ),
    "a day that is none": (data(model(prices=[since("2026-02-30", mtok())])), FaultCode.FORMAT),
    "a day as a number": (
        data(model(prices=[{"constraint": {"start_date": 20260101}, "prices": mtok()}])),
        FaultCode.FORMAT,
    ),
    "days out of order": (data(model(prices=[DATED[0], *DATED[:0:-1]])), FaultCode.FORMAT),
    "a day twice": (data(model(prices=[DATED[1], DATED[1]])), FaultCode.FORMAT),
    "a price without a day at the end": (
        data(model(prices=[DATED[1], DATED[0]])),
        FaultCode.FORMAT,
    ),
    "no input": (data(model(prices=mtok(prompt=None))), FaultCode.RATE),
    "no output": (data(model(prices=mtok(decode=None))), FaultCode.RATE),
    "NaN": (data(model(prices=mtok(prompt=float("nan")))), FaultCode.RATE),
    "infinity": (data(model(prices=mtok(decode=float("inf")))), FaultCode.RATE),
    "a negative rate": (data(model(prices=mtok(prompt=-2))), FaultCode.RATE),
    "a rate that is true": (data(model(prices=mtok(prompt=True))), FaultCode.RATE),
    "a rate with a dollar sign": (data(model(prices=mtok(prompt="$2.00"))), FaultCode.RATE),
    "a list for a rate": (data(model(prices=mtok(prompt=[2]))), FaultCode.RATE),
    "dollars that no rate is": (data(model(prices=mtok(prompt=200_000))), FaultCode.RATE),
    "a field twice": (
        data(model()).replace(b'"input_mtok": 2', b'"input_mtok": 2, "input_mtok": 20'),
        FaultCode.FORMAT,
    ),
    "a model twice, at two prices": (
        data(model(), model(f"{MODELS}/kimi-k2p6", mtok(3))),
        FaultCode.ROWS,
    ),
}


@pytest.mark.parametrize(("content", "code"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_list_is_a_fault_of_the_source(content: bytes, code: FaultCode) -> None:
    with pytest.raises(ParseError) as refused:
        read(content)
    assert refused.value.code is code
    assert len(refused.value.text) < 600


def shipped_data() -> bytes:
    return genai_data(
        (card for card in load_book(CATALOGUE).serverless.cards if card.holds_on(ON)), CATALOGUE
    )


def test_the_standard_cards_that_ship_are_read_back_as_they_were_written() -> None:
    cards = [
        card
        for card in load_book(CATALOGUE).serverless.cards
        if card.path is CardPath.SERVERLESS_STANDARD and card.holds_on(ON)
    ]
    assert len(cards) > 10
    assert {it.key: it.rates for it in read(shipped_data()).rates} == {
        it.key: rates_of(it) for it in cards
    }


@given(st.floats(0, 1, exclude_max=True))
def test_a_list_cut_anywhere_is_refused(part: float) -> None:
    whole = shipped_data()
    with pytest.raises(ParseError):
        read(whole[: int(len(whole) * part)])
