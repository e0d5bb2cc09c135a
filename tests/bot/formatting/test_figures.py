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
