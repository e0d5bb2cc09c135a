"""What was observed since the package was made, put among its cards; worked out day by day by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.cards import AnyCard, CardKey, CardPath, Ended, RateBook, load_book
from pricing.catalogue import GpuType, load_catalogue
from pricing.changes import listed_rates_of
from pricing.observed import Change, card_from_json, card_json, with_changes
from tests.pricing.books import book_of, ended, gpu_card, serverless_card, tinker_card

KEY = CardKey(CardPath.DEDICATED, GpuType.B300_288GB)
DAY = timedelta(days=1)


def on(month: int, day: int) -> date:
    return date(2026, month, day)


def gpu(
    usd: str, start: date, verified_on: date | None = None, end: date | None = None, **fields: Any
) -> AnyCard:
    if end:
        fields = ended(end, Ended.REPLACED) | fields
    return gpu_card(usd, effective_from=start, verified_on=verified_on or start, **fields)


def change(day: date, usd: str | None, seen_on: date | None = None) -> Change:
    seen_on = seen_on or day
    card = gpu(usd, day, seen_on) if usd else None
    return Change(key=KEY, on=day, card=card, seen_on=seen_on)


def told(book: RateBook) -> list[tuple[str, date, date | None, str | None]]:
    """Each card: dollars, first day, last day, why it ended."""
    return [
        (str(card.usd_per_gpu_hour), card.effective_from, card.effective_to, card.ended)
        for card in book.gpus.cards
    ]


def test_without_changes_the_book_holds_the_same_cards() -> None:
    shipped = load_book(load_catalogue())
    book = with_changes(shipped, [])
    assert list(book) == list(shipped)
    assert book.conflicts == shipped.conflicts


def test_a_change_ends_the_card_of_the_day_before_and_adds_its_own() -> None:
    book = with_changes(book_of(gpu("12", on(1, 1))), [change(on(9, 1), "15")])
    assert told(book) == [
        ("12", on(1, 1), on(8, 31), "replaced"),
        ("15", on(9, 1), None, None),
    ]


def test_the_package_s_own_cards_are_left_as_they_were() -> None:
    package = book_of(gpu("12", on(1, 1)))
    with_changes(package, [change(on(9, 1), "15")], confirmed={KEY: on(8, 1)})
    assert told(package) == [("12", on(1, 1), None, None)]
    assert package.gpus.cards[0].verified_on == on(1, 1)


def test_a_change_without_a_card_retires_the_card() -> None:
    book = with_changes(book_of(gpu("12", on(1, 1))), [change(on(9, 1), None)])
    assert told(book) == [("12", on(1, 1), on(8, 31), "retired")]


def test_an_end_of_a_key_that_has_no_rate_changes_nothing() -> None:
    gone = gpu("12", on(1, 1), end=on(3, 31), ended=Ended.RETIRED)
    book = with_changes(book_of(gone), [change(on(9, 1), None)])
    assert list(book) == [gone]


def test_a_change_on_the_first_day_of_a_card_leaves_that_card_no_day() -> None:
    book = with_changes(book_of(gpu("12", on(9, 1))), [change(on(9, 1), "15")])
    assert told(book) == [("15", on(9, 1), None, None)]


def test_a_key_that_the_package_does_not_know_is_added_beside_the_others() -> None:
    new = serverless_card("2", model="glm-9", effective_from=on(9, 1))
    observed = Change(key=new.key, on=on(9, 1), card=new, seen_on=on(9, 1))
    book = with_changes(book_of(gpu("12", on(1, 1))), [observed])
    assert list(book) == [new, gpu("12", on(1, 1))]


def test_a_key_that_comes_back_leaves_a_gap() -> None:
    gone = gpu("12", on(1, 1), end=on(3, 31), ended=Ended.RETIRED)
    book = with_changes(book_of(gone), [change(on(9, 1), "15")])
    assert told(book) == [
        ("12", on(1, 1), on(3, 31), "retired"),
        ("15", on(9, 1), None, None),
    ]


def test_a_key_that_never_left_begins_anew_on_the_day_after_its_end() -> None:
    gone = gpu("12", on(1, 1), end=on(3, 31), ended=Ended.RETIRED)
    book = with_changes(book_of(gone), [change(on(4, 1), "12")])
    assert told(book) == [
        ("12", on(1, 1), on(3, 31), "retired"),
        ("12", on(4, 1), None, None),
    ]


def test_changes_follow_one_another() -> None:
    changes = [change(on(9, 1), "15"), change(on(10, 1), None), change(on(11, 1), "18")]
    book = with_changes(book_of(gpu("12", on(1, 1))), changes)
    assert told(book) == [
        ("12", on(1, 1), on(8, 31), "replaced"),
        ("15", on(9, 1), on(9, 30), "retired"),
        ("18", on(11, 1), None, None),
    ]


def test_a_rate_that_turns_back_is_a_card_of_its_own() -> None:
    changes = [change(on(9, 1), "15"), change(on(10, 1), "12")]
    book = with_changes(book_of(gpu("12", on(1, 1))), changes)
    assert told(book) == [
        ("12", on(1, 1), on(8, 31), "replaced"),
        ("15", on(9, 1), on(9, 30), "replaced"),
        ("12", on(10, 1), None, None),
    ]


def test_of_two_changes_for_one_day_the_later_seen_counts() -> None:
    changes = [change(on(9, 1), "15", on(8, 12)), change(on(9, 1), "14", on(8, 20))]
    for order in permutations(changes):
        book = with_changes(book_of(gpu("12", on(1, 1))), order)
        assert told(book)[-1] == ("14", on(9, 1), None, None)


@pytest.mark.parametrize("usd", ["11", "15"])
def test_of_two_changes_that_were_seen_on_one_day_the_later_counts(usd: str) -> None:
    # A slip that is put right within hours, be it above or below the price that was.
    slip, right = (
        replace(change(on(9, 1), usd), number=7),
        replace(change(on(9, 1), "12"), number=8),
    )
    for order in permutations([slip, right]):
        book = with_changes(book_of(gpu("12", on(1, 1))), order)
        assert told(book) == [("12", on(1, 1), None, None)]


def test_an_announced_end_outlives_a_change_before_it() -> None:
    package = gpu("12", on(1, 1), end=on(11, 7), ended=Ended.RETIRED)
    book = with_changes(book_of(package), [change(on(9, 1), "15")])
    assert told(book) == [
        ("12", on(1, 1), on(8, 31), "replaced"),
        ("15", on(9, 1), on(11, 7), "retired"),
    ]


def test_a_change_holds_until_an_announced_card_of_the_package() -> None:
    package = [gpu("12", on(1, 1), end=on(8, 31)), gpu("15", on(9, 1), on(8, 12))]
    book = with_changes(book_of(*package), [change(on(8, 20), "13")])
    assert told(book) == [
        ("12", on(1, 1), on(8, 19), "replaced"),
        ("13", on(8, 20), on(8, 31), "replaced"),
        ("15", on(9, 1), None, None),
    ]


def test_a_change_that_the_package_has_by_now_adds_nothing_and_still_confirms() -> None:
    package = [gpu("12", on(1, 1), end=on(8, 31)), gpu("15", on(9, 1))]
    book = with_changes(book_of(*package), [change(on(9, 5), "15.00")])
    assert told(book) == told(book_of(*package))
    assert [card.verified_on for card in book] == [on(1, 1), on(9, 5)]


def test_an_announcement_that_the_package_has_by_now_does_not_confirm_the_card_before() -> None:
    package = [gpu("12", on(1, 1), end=on(8, 31)), gpu("15", on(9, 1), on(9, 1))]
    book = with_changes(book_of(*package), [change(on(9, 1), "15", seen_on=on(8, 12))])
    assert list(book) == package


def test_a_package_card_that_was_verified_after_the_change_wins_from_its_first_day() -> None:
    package = [gpu("12", on(1, 1), end=on(9, 9)), gpu("16", on(9, 10), on(10, 1))]
    book = with_changes(book_of(*package), [change(on(9, 1), "15")])
    assert told(book) == [
        ("12", on(1, 1), on(8, 31), "replaced"),
        ("15", on(9, 1), on(9, 9), "replaced"),
        ("16", on(9, 10), None, None),
    ]


@pytest.mark.parametrize("day", [on(9, 10), on(9, 20)])
def test_a_change_after_the_first_day_of_a_card_that_was_verified_later_is_dropped(
    day: date,
) -> None:
    package = [gpu("12", on(1, 1), end=on(9, 9)), gpu("16", on(9, 10), on(10, 1))]
    assert list(with_changes(book_of(*package), [change(day, "15")])) == package
    assert list(with_changes(book_of(*package), [change(day, None)])) == package


def test_a_package_card_verified_on_the_day_on_which_a_change_was_seen_does_not_win() -> None:
    book = with_changes(book_of(gpu("12", on(1, 1), on(9, 1))), [change(on(9, 1), "15")])
    assert told(book)[-1] == ("15", on(9, 1), None, None)


@pytest.mark.parametrize("verified_on", [on(8, 12), on(8, 13)])
def test_a_package_card_that_had_ended_wins_if_it_was_verified_when_the_change_was_seen(
    verified_on: date,
) -> None:
    package = gpu("12", on(1, 1), verified_on, end=on(8, 31), ended=Ended.RETIRED)
    announced = change(on(9, 1), "15", seen_on=on(8, 12))
    assert list(with_changes(book_of(package), [announced])) == [package]


def test_a_package_card_that_had_ended_and_was_verified_before_does_not_win() -> None:
    package = gpu("12", on(1, 1), on(8, 11), end=on(8, 31), ended=Ended.RETIRED)
    book = with_changes(book_of(package), [change(on(9, 1), "15", seen_on=on(8, 12))])
    assert told(book)[-1] == ("15", on(9, 1), None, None)


def test_a_confirmation_raises_only_the_card_that_holds_on_its_day() -> None:
    package = book_of(gpu("12", on(1, 1), end=on(8, 31)), gpu("15", on(9, 1)))
    book = with_changes(package, [], confirmed={KEY: on(8, 31)})
    assert [card.verified_on for card in book] == [on(8, 31), on(9, 1)]


def test_a_confirmation_never_lowers_and_never_outlives_a_card() -> None:
    card = gpu("12", on(1, 1), on(5, 1), end=on(8, 31), ended=Ended.RETIRED)
    for day in (on(4, 1), on(9, 1)):
        assert list(with_changes(book_of(card), [], confirmed={KEY: day})) == [card]


def test_a_confirmation_reaches_a_card_that_was_observed() -> None:
    book = with_changes(
        book_of(gpu("12", on(1, 1))), [change(on(9, 1), "15")], confirmed={KEY: on(9, 20)}
    )
    assert [card.verified_on for card in book] == [on(1, 1), on(9, 20)]


def test_a_change_of_one_window_leaves_the_other_alone() -> None:
    short, long = tinker_card(32_768, "1.47"), tinker_card(131_072, "5.15")
    new = tinker_card(32_768, "2.205", effective_from=on(12, 1))
    observed = Change(key=new.key, on=on(12, 1), card=new, seen_on=on(12, 1))
    book = with_changes(book_of(short, long), [observed])
    assert [card.effective_to for card in book] == [on(11, 30), None, None]
    assert list(book)[2] == long


# Properties

days = st.integers(0, 60).map(lambda number: on(1, 1) + number * DAY)
dollars = st.sampled_from(["7", "8", "9"])


@st.composite
def packages(draw: st.DrawFn) -> list[AnyCard]:
    """Cards of one key as a package may have them: no two on one day, gaps and early checks allowed."""
    marks = sorted(draw(st.sets(days, min_size=1, max_size=6)))
    cards = []
    for start, following in zip(marks, [*marks[1:], None], strict=True):
        if draw(st.booleans()):
            continue
        why = draw(st.sampled_from([Ended.RETIRED, Ended.UNKNOWN, Ended.REPLACED]))
        last = following - DAY if following else draw(st.none() | st.just(start + 5 * DAY))
        fields = ended(last, why) if last else {}
        cards.append(gpu(draw(dollars), start, draw(days), **fields))
    return cards


@st.composite
def accepted(draw: st.DrawFn) -> Change:
    day = draw(days)
    seen_on = draw(days)
    return change(day, draw(st.none() | dollars), seen_on)


def holding(cards: Sequence[AnyCard], day: date) -> list[AnyCard]:
    return [card for card in cards if card.holds_on(day)]


@given(packages(), st.lists(accepted(), max_size=6), st.none() | days)
def test_no_two_cards_ever_hold_on_one_day_and_each_holds_on_some(
    package: list[AnyCard], changes: list[Change], confirmed_on: date | None
) -> None:
    confirmed = {KEY: confirmed_on} if confirmed_on else {}
    cards = list(with_changes(book_of(*package), changes, confirmed=confirmed))
    for number in range(-1, 90):
        assert len(holding(cards, on(1, 1) + number * DAY)) <= 1
    for card in cards:
        type(card).model_validate(card.model_dump())  # a copy is as valid as what was read


@given(packages(), st.lists(accepted(), max_size=6), st.randoms(use_true_random=False))
def test_the_order_in_which_changes_are_given_does_not_matter(
    package: list[AnyCard], changes: list[Change], random: Any
) -> None:
    shuffled = list(changes)
    random.shuffle(shuffled)
    book = book_of(*package)
    assert list(with_changes(book, shuffled)) == list(with_changes(book, changes))


@given(packages(), st.lists(accepted(), max_size=6))
def test_changes_given_twice_do_what_they_do_once(
    package: list[AnyCard], changes: list[Change]
) -> None:
    book = book_of(*package)
    assert list(with_changes(book, changes + changes)) == list(with_changes(book, changes))


@given(packages(), st.lists(accepted(), max_size=6))
def test_every_day_has_the_rates_of_the_last_event_before_it(
    package: list[AnyCard], changes: list[Change]
) -> None:
    """Brute force, day by day, from the rules as the docstring says them."""
    counted: dict[date, Change] = {}
    for one in sorted(
        changes, key=lambda each: (each.seen_on, rate(each.card) if each.card else 0)
    ):
        older = all(
            not (card.effective_from <= one.on and card.verified_on > one.seen_on)
            and not (
                card.effective_to is not None
                and card.effective_to < one.on
                and card.verified_on >= one.seen_on
            )
            for card in package
        )
        if older:
            counted[one.on] = one
    result = list(with_changes(book_of(*package), changes))
    expected: Decimal | None = None
    for number in range(90):
        day = on(1, 1) + number * DAY
        began = [card for card in package if card.effective_from == day]
        if any(card.effective_to == day - DAY for card in package):
            expected = None
        if began:
            expected = rate(began[0])
        if day in counted:
            card = counted[day].card
            expected = rate(card) if card else None
        found = holding(result, day)
        assert (rate(found[0]) if found else None) == expected


def rate(card: AnyCard) -> Decimal:
    (usd,) = listed_rates_of(card).values()
    assert usd is not None
    return usd


# Cards as the store keeps them


def test_every_card_of_the_package_is_read_back_as_it_was() -> None:
    for card in load_book(load_catalogue()):
        again = card_from_json(card_json(card))
        assert again == card
        assert card_json(again) == card_json(card)


@pytest.mark.parametrize(
    "usd", ["5.150", "0", "0.00", "0.0000001", "1E+1", "12345678901234567890.12"]
)
def test_every_digit_of_a_rate_is_kept(usd: str) -> None:
    again = card_from_json(card_json(gpu_card(usd)))
    (found,) = listed_rates_of(again).values()
    assert str(found) == str(Decimal(usd))


@given(
    st.decimals(min_value=0, max_value=10_000, places=9),
    st.none() | st.decimals(min_value=0, max_value=10_000, places=4),
    st.dates(),
    st.text(max_size=20),
)
def test_any_card_is_read_back(usd: Decimal, cached: Decimal | None, day: date, note: str) -> None:
    card = tinker_card(
        131_072, str(usd), cached_input_usd_per_mtok=cached, effective_from=day, notes=(note,)
    )
    assert card_from_json(card_json(card)) == card


GOOD = card_json(gpu_card("12.00", **ended(on(11, 7))))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('"12.00"', "12.00"),
        ('"12.00"', "12"),
        ('"12.00"', '"NaN"'),
        ('"12.00"', '"Infinity"'),
        ('"12.00"', '"-12.00"'),
        ('"12.00"', '" 12.00"'),
        ('"12.00"', '"1_2.00"'),
        ('"12.00"', '"twelve"'),
        ('"12.00"', "null"),
        ('"12.00"', "true"),
        ('"2026-01-01"', '"20260101"'),
        ('"2026-01-01"', '"2026-01-01T00:00:00"'),
        ('"2026-01-01"', '"2026-13-01"'),
        ('"2026-01-01"', "0"),
        ('"2026-11-07"', '"2025-11-07"'),
        ('"kind": "gpu"', '"kind": "tinker"'),
        ('"kind": "gpu"', '"kind": "cpu"'),
        ('"kind": "gpu"', '"kind": ["gpu"]'),
        ('"kind": "gpu", ', ""),
        ('"kind": "gpu"', '"kind": "gpu", "colour": "red"'),
        ('"B300_288GB"', '"B400_288GB"'),
        ("true", '"yes"'),
        ("true", "1"),
        ('"retired"', '"gone"'),
        ('"high"', '"very high"'),
        ("https://", "http://"),
        ('["2026-11-01"]', "[]"),
        ('["2026-11-01"]', "[1]"),
        ("{", "["),
        ("}", ""),
    ],
)
def test_anything_but_a_card_is_refused(was: str, becomes: str) -> None:
    assert was in GOOD
    with pytest.raises(ValueError):  # noqa: PT011 - whichever way it says so
        card_from_json(GOOD.replace(was, becomes))


@pytest.mark.parametrize("text", ["", "null", "[]", "12", '"gpu"', "{}", "[" * 100_000, "\x00"])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever way it says so
        card_from_json(text)
