"""How figures read, at every size."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.formatting.figures import against, limit, money, number, percent, price, rounded, times


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        ("0", "$0"),
        ("0.00000063", "$0.00000063"),
        ("0.0046", "$0.0046"),
        ("0.00996", "$0.01"),
        ("0.28444", "$0.28"),
        ("0.5", "$0.50"),
        ("0.996", "$1.00"),
        ("2.26496", "$2.26"),
        ("284.444", "$284.44"),
        ("996", "$996.00"),
        ("999.996", "$1,000"),
        ("2264.96", "$2,265"),
        ("65392", "$65,392"),
        ("1234567.8", "$1,234,568"),
        ("1e16", "$1.0e+16"),
        ("1e-12", "$1.0e-12"),
        ("1e-999999", "$1.0e-999999"),
    ],
)
def test_money_reads_well(usd: str, words: str) -> None:
    assert money(Decimal(usd)) == words


@given(st.decimals(min_value="1e-12", max_value="1e18", allow_nan=False))
def test_what_costs_something_never_reads_as_nothing(usd: Decimal) -> None:
    assert any(digit in "123456789" for digit in money(usd))


@pytest.mark.parametrize(
    ("tinker", "usd", "words"),
    [
        ("19989.6", "4444.4444", "4.5× cheaper"),
        ("105", "100", "1.1× cheaper"),
        ("104.9", "100", "at par"),
        ("100", "100", "at par"),
        ("95.1", "100", "at par"),
        ("95", "100", "1.1× more"),
        ("10", "35", "3.5× more"),
        ("285586800", "1000", "285,586.8× cheaper"),
        ("0", "35", "—"),
        (None, "35", "—"),
        ("35", None, "—"),
    ],
)
def test_two_bills_compare_in_words(tinker: str | None, usd: str | None, words: str) -> None:
    amounts = [None if text is None else Decimal(text) for text in (tinker, usd)]
    assert against(*amounts) == words


def test_rates_limits_counts_hours_and_shares() -> None:
    assert [price(Decimal(usd)) for usd in ("2.205", "15", "0.0625")] == [
        "$2.205",
        "$15.00",
        "$0.0625",
    ]
    assert [limit(Decimal(usd)) for usd in ("5000", "4.5")] == ["$5,000", "$4.50"]
    assert [number(Decimal(tps)) for tps in ("30000", "1500.5", "1E+3")] == [
        "30,000",
        "1,500.5",
        "1,000",
    ]
    hours = [rounded(Decimal(h)) for h in ("37.037", "2.963", "0.00412", "1234.5", "0")]
    assert hours == ["37.0", "2.96", "0.00412", "1,235", "0"]
    assert percent(Decimal("0.90327")) == "90.3%"
    assert times(Decimal(9), Decimal(2)) == "4.5×"


@pytest.mark.parametrize(
    ("ratio", "words"),
    [("22.44", "22.4×"), ("1", "1.0×"), ("0.5644", "0.56×"), ("0.0564", "0.056×"), ("0", "0.0×")],
)
def test_a_factor_has_one_place_and_below_one_two_digits(ratio: str, words: str) -> None:
    assert times(Decimal(ratio), Decimal(1)) == words


def test_a_ratio_is_not_rounded_twice() -> None:
    # $25,000 is 6.75 times $100,000/27, whose last digit was rounded.
    bill = Decimal(100_000) / 27
    assert times(Decimal(25_000), bill) == "6.8×"
    assert against(Decimal(25_000), bill) == "6.8× cheaper"
    assert against(bill, Decimal(25_000)) == "6.8× more"
    # 1.05 times $1/3, and 0.95 times, are no longer at par.
    third = Decimal(1) / 3
    assert against(Decimal("0.35"), third) == "1.1× cheaper"
    assert against(third * Decimal("0.95"), third) == "1.1× more"
