"""Times in words, in the unit that suits each."""

from decimal import Decimal

import pytest

from bot.formatting.request_wording import field_words, hours_band_words, hours_words, short_hours
from bot.requests.request import Field


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (Decimal(6), "6 hours"),
        (Decimal(1), "1 hour"),
        (Decimal("1.5"), "1.5 hours"),
        (Decimal(36), "36 hours"),
        (Decimal(24), "24 hours"),
        (Decimal(48), "2 days"),
        (Decimal(168), "7 days"),
        (Decimal("1234.5"), "1,235 hours"),
        (Decimal("0.5"), "30 minutes"),
        # Quotients whose last digit is rounded, down and up.
        (Decimal(1) / 60, "1 minute"),
        (Decimal("0.016666666666666666"), "1 minute"),
        (Decimal(1) / 3600, "1 second"),
        # 0.0074074 hours are 26.667 seconds.
        (Decimal("0.0074074"), "26.7 seconds"),
        (Decimal("5.9954"), "6.00 hours"),
        (Decimal("0.00000001"), "0.000036 seconds"),
        (Decimal(0), "0 seconds"),
    ],
)
def test_a_time_reads_in_its_unit_with_three_digits(hours: Decimal, words: str) -> None:
    assert hours_words(hours) == words


def test_a_time_in_a_cell_is_short() -> None:
    cells = [short_hours(Decimal(hours)) for hours in ("37.037", "0.25", "0.0074074", "72")]
    assert cells == ["37.0 h", "15 min", "26.7 s", "3 d"]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        ("7.4074", "9.592", "7.41 to 9.59 hours"),
        ("0.9", "1.2", "54 minutes to 1.2 hours"),
        ("2", "2", "2 hours"),
        # Both read the same, so one of them is enough.
        ("5.9951", "5.9954", "6.00 hours"),
    ],
)
def test_a_band_of_times_names_its_unit_once_where_it_is_one(
    low: str, high: str, words: str
) -> None:
    assert hours_band_words(Decimal(low), Decimal(high)) == words


def test_a_deadline_of_a_minute_reads_as_one() -> None:
    assert field_words(Field.DEADLINE_HOURS, Decimal(1) / 60) == "a deadline of 1 minute"
