from decimal import Decimal

import pytest

from bot.requests.numbers import in_words, literal, multiplied, quotient


@pytest.mark.parametrize(
    ("words", "value", "taken"),
    [
        ("five thousand rollouts", "5000", 2),
        ("twenty five turns", "25", 2),
        ("half a million", "500000", 3),
        ("a dozen", "12", 2),
        ("two dozen", "24", 2),
        ("a hundred", "100", 2),
        ("two hundred thousand episodes", "200000", 3),
        ("a hundred and fifty thousand", "150000", 5),
        ("one thousand two hundred and fifty", "1250", 6),
        ("two and a half million", "2500000", 5),
        ("a million and a half", "1500000", 5),
        ("quarter of a million", "250000", 4),
    ],
)
def test_number_words_are_exact(words: str, value: str, taken: int) -> None:
    found = in_words(words.split())

    assert found is not None
    assert (found.value, found.words) == (Decimal(value), taken)


def test_and_between_two_numbers_of_a_list_joins_nothing() -> None:
    found = in_words("one hundred and two hundred turns".split())

    assert found is not None
    assert (found.value, found.words) == (100, 2)


def test_a_quotient_is_exact_where_it_can_be() -> None:
    assert quotient(Decimal(42), 3) == 14


@pytest.mark.parametrize("words", ["a turn", "half the turns", "the one", "second", ""])
def test_words_that_are_no_number_are_none(words: str) -> None:
    assert in_words(words.split()) is None


def test_a_multiplier_shifts_the_point_and_rounds_nothing() -> None:
    assert multiplied(literal("16.1"), "k") == 16_100
    assert multiplied(literal("1.0000000000000000000000000000000000001"), "k") == Decimal(
        "1000.0000000000000000000000000000000001"
    )


def test_an_exponent_past_all_sense_is_infinite_and_not_worked_out() -> None:
    assert literal("1e99999999999999999999") == Decimal("Infinity")
    assert literal("1e-99999999999999999999") > 0
