"""Which rates changed, told from hand-made cards and from the cards that ship."""

from datetime import date
from decimal import Decimal

import pytest

from pricing.cards import CardKey, CardPath, Ended, RateBook, load_book
from pricing.catalogue import GpuType, load_catalogue
from pricing.changes import (
    CardGroup,
    Checked,
    RateChange,
    RateDifference,
    RateName,
    changes_of,
    checked_on,
    oldest_check,
    recent_changes,
)
from tests.pricing.books import book_of, ended, gpu_card, serverless_card, tinker_card

WINDOW = 131_072
SIGHTED = {"from_certain": False}
MARCH = date(2026, 3, 1)
LATE = date(2026, 11, 21)


@pytest.fixture(scope="module")
def shipped() -> RateBook:
    return load_book(load_catalogue())


def days_and_keys(changes: tuple[RateChange, ...]) -> list[tuple[date, str]]:
    return [(change.on, f"{change.key.path.value} {change.key.item}") for change in changes]


def test_a_replaced_card_is_a_change_on_the_first_day_of_the_next() -> None:
    old = gpu_card("12.00", **SIGHTED, **ended(date(2026, 2, 28), Ended.REPLACED))
    new = gpu_card("15.00", effective_from=MARCH)
    (change,) = recent_changes(book_of(old, new), on=MARCH, limit=5)
    assert change == RateChange(key=new.key, on=MARCH, before=old, after=new)
    assert change.ended is None
    assert change.differences == (
        RateDifference(RateName.GPU_HOUR, Decimal("12.00"), Decimal("15.00")),
    )


def test_only_the_rates_that_differ_are_named() -> None:
    old = tinker_card(WINDOW, "5.15", **SIGHTED, **ended(date(2026, 2, 28), Ended.REPLACED))
    new = tinker_card(
        WINDOW, "5.15", effective_from=MARCH, cached_input_usd_per_mtok=Decimal("1.03")
    )
    (change,) = recent_changes(book_of(old, new), on=LATE, limit=5)
    assert change.differences == (RateDifference(RateName.CACHED_INPUT, None, Decimal("1.03")),)


def test_a_rate_that_becomes_free_is_a_change_to_zero_and_not_to_nothing() -> None:
    old = serverless_card("2", **SIGHTED, **ended(date(2026, 2, 28), Ended.REPLACED))
    new = serverless_card("0", effective_from=MARCH)
    (change,) = recent_changes(book_of(old, new), on=LATE, limit=5)
    assert [(rate.rate, rate.after) for rate in change.differences] == [
        ("input", Decimal(0)),
        ("output", Decimal(0)),
    ]


def test_a_card_that_repeats_its_rates_changes_nothing() -> None:
    old = serverless_card("2.00", **SIGHTED, **ended(date(2026, 2, 28), Ended.REPLACED))
    new = serverless_card("2.0", effective_from=MARCH)
    assert recent_changes(book_of(old, new), on=LATE, limit=5) == ()


def test_a_training_rate_that_is_not_priced_is_no_change() -> None:
    old = tinker_card(WINDOW, "5.15", **SIGHTED, **ended(date(2026, 2, 28), Ended.REPLACED))
    new = tinker_card(WINDOW, "5.15", effective_from=MARCH, train_usd_per_mtok=Decimal(9))
    assert recent_changes(book_of(old, new), on=LATE, limit=5) == ()


@pytest.mark.parametrize("why", [Ended.RETIRED, Ended.UNKNOWN])
def test_a_card_that_ended_is_a_change_on_the_day_after(why: Ended) -> None:
    last = serverless_card("2", **SIGHTED, **ended(date(2026, 2, 28), why))
    book = book_of(last)
    assert recent_changes(book, on=date(2026, 2, 28), limit=5) == ()
    (change,) = recent_changes(book, on=MARCH, limit=5)
    assert (change.on, change.before, change.after, change.ended) == (MARCH, last, None, why)
    assert [(rate.rate, rate.before, rate.after) for rate in change.differences] == [
        ("input", Decimal(2), None),
        ("output", Decimal(2), None),
    ]


def test_a_key_that_came_back_changed_once_and_did_not_end() -> None:
    old = serverless_card("2", **SIGHTED, **ended(date(2026, 1, 31), Ended.RETIRED))
    new = serverless_card("3", effective_from=MARCH)
    book = book_of(old, new)
    assert days_and_keys(recent_changes(book, on=date(2026, 2, 15), limit=5)) == [
        (date(2026, 2, 1), "serverless_standard kimi-k2p6")
    ]
    assert [change.after for change in recent_changes(book, on=LATE, limit=5)] == [new]


def test_a_replaced_card_whose_successor_is_still_to_come_has_not_changed_yet() -> None:
    old = gpu_card("12", **SIGHTED, **ended(date(2026, 1, 31), Ended.REPLACED))
    new = gpu_card("15", effective_from=MARCH)
    assert recent_changes(book_of(old, new), on=date(2026, 2, 28), limit=5) == ()


def test_a_first_card_counts_where_its_first_day_is_certain() -> None:
    announced = gpu_card("15", effective_from=MARCH)
    seen = serverless_card("2", effective_from=MARCH, **SIGHTED)
    (change,) = recent_changes(book_of(announced, seen), on=LATE, limit=5)
    assert (change.on, change.before, change.after) == (MARCH, None, announced)
    assert change.differences == (RateDifference(RateName.GPU_HOUR, None, Decimal(15)),)
    assert recent_changes(book_of(announced, seen), on=date(2026, 2, 28), limit=5) == ()


def test_a_history_is_told_oldest_first() -> None:
    first = gpu_card("4", **SIGHTED, **ended(date(2026, 1, 31), Ended.REPLACED))
    second = gpu_card(
        "7", effective_from=date(2026, 2, 1), **ended(date(2026, 2, 28), Ended.REPLACED)
    )
    third = gpu_card("8", effective_from=MARCH, **ended(date(2026, 3, 31)))
    told = [(c.on, c.before, c.after) for c in changes_of((first, second, third), on=LATE)]
    assert told == [
        (date(2026, 2, 1), first, second),
        (MARCH, second, third),
        (date(2026, 4, 1), third, None),
    ]


def test_no_cards_have_no_changes() -> None:
    assert list(changes_of((), on=LATE)) == []
    assert recent_changes(RateBook(), on=LATE, limit=5) == ()


def test_the_newest_come_first_and_the_oldest_are_cut() -> None:
    cards = [
        serverless_card("2", model=model, **SIGHTED, **ended(last))
        for model, last in (
            ("a", date(2026, 2, 10)),
            ("b", date(2026, 2, 20)),
            ("c", date(2026, 2, 20)),
        )
    ]
    book = book_of(*cards)
    keys = [change.key.item for change in recent_changes(book, on=LATE, limit=3)]
    assert keys == ["b", "c", "a"]
    assert [c.key.item for c in recent_changes(book, on=LATE, limit=2)] == ["b", "c"]
    assert recent_changes(book, on=LATE, limit=0) == ()


def test_since_counts_its_own_day() -> None:
    book = book_of(serverless_card("2", **SIGHTED, **ended(date(2026, 2, 28))))
    assert recent_changes(book, on=LATE, since=date(2026, 3, 2), limit=5) == ()
    assert len(recent_changes(book, on=LATE, since=MARCH, limit=5)) == 1


def test_models_narrow_the_rates_per_token_and_leave_the_gpu_hours() -> None:
    gone = ended(date(2026, 2, 28))
    book = book_of(
        tinker_card(WINDOW, "5", **SIGHTED, **gone),
        serverless_card("2", model="kimi-k2p5", **SIGHTED, **gone),
        gpu_card("12", **SIGHTED, **gone),
    )
    found = recent_changes(book, on=LATE, models=["kimi-k2p5"], limit=5)
    assert days_and_keys(found) == [
        (MARCH, "serverless_standard kimi-k2p5"),
        (MARCH, "dedicated B300_288GB"),
    ]


def test_a_shelf_gives_each_keys_cards_in_order_of_time() -> None:
    late = gpu_card("15", effective_from=MARCH)
    early = gpu_card("12", **ended(date(2026, 2, 28), Ended.REPLACED))
    other = gpu_card("8", gpu_type=GpuType.H100_80GB)
    assert list(book_of(late, other, early).gpus.histories()) == [(early, late), (other,)]


def test_the_checks_are_those_of_the_cards_that_hold() -> None:
    book = book_of(
        tinker_card(WINDOW, "5", verified_on=date(2026, 9, 19)),
        tinker_card(32_768, "2", verified_on=date(2026, 7, 17)),
        tinker_card(65_536, "1", verified_on=date(2026, 2, 1), **ended(date(2026, 2, 28))),
        gpu_card("15", verified_on=date(2026, 10, 5)),
    )
    assert checked_on(book, on=LATE) == {
        CardGroup.TINKER: Checked(oldest=date(2026, 7, 17), newest=date(2026, 9, 19)),
        CardGroup.DEDICATED: Checked(oldest=date(2026, 10, 5), newest=date(2026, 10, 5)),
    }
    assert oldest_check(book, on=LATE) == date(2026, 7, 17)
    assert oldest_check(book, on=date(2025, 1, 1)) is None
    assert checked_on(book, on=date(2025, 1, 1)) == {}


def test_every_gpu_hour_rose_on_2026_09_01_and_two_us_rates_with_them(shipped: RateBook) -> None:
    day = date(2026, 9, 1)
    found = recent_changes(shipped, on=day, since=day, limit=50)
    assert days_and_keys(found) == [
        (day, "serverless_us kimi-k3"),
        (day, "serverless_us_priority kimi-k3"),
        (day, "dedicated H100_80GB"),
        (day, "dedicated H200_141GB"),
        (day, "dedicated B200_180GB"),
        (day, "dedicated B300_288GB"),
        (day, "dedicated GB300_288GB"),
    ]
    assert [change.differences[0][1:] for change in found[2:]] == [
        (Decimal(before), Decimal(after))
        for before, after in [(7, 8), (7, 8), (10, 13), (12, 15), (18, 20)]
    ]


def test_what_changed_for_kimi_k2p6_in_the_summer_of_2026(shipped: RateBook) -> None:
    found = recent_changes(
        shipped, on=date(2026, 9, 30), since=date(2026, 6, 1), models=["kimi-k2p6"], limit=50
    )
    tokens = [change for change in found if change.key.path is not CardPath.DEDICATED]
    assert [(c.on, c.key.path, c.key.window_tokens, c.ended) for c in tokens] == [
        (date(2026, 9, 26), CardPath.SERVERLESS_STANDARD, None, Ended.RETIRED),
        (date(2026, 9, 26), CardPath.SERVERLESS_PRIORITY, None, Ended.RETIRED),
        (date(2026, 8, 28), CardPath.SERVERLESS_FAST, None, Ended.RETIRED),
        (date(2026, 7, 17), CardPath.TINKER, 32_768, None),
        (date(2026, 7, 17), CardPath.TINKER, 131_072, None),
    ]
    assert tokens[3].differences == (
        RateDifference(RateName.INPUT, Decimal("1.47"), Decimal("2.205")),
        RateDifference(RateName.CACHED_INPUT, None, Decimal("0.441")),
        RateDifference(RateName.OUTPUT, Decimal("3.66"), Decimal("5.49")),
    )
    assert tokens[4].differences == (RateDifference(RateName.CACHED_INPUT, None, Decimal("1.03")),)


def test_the_first_sighting_of_a_new_model_is_not_told_as_its_launch(shipped: RateBook) -> None:
    found = recent_changes(shipped, on=date(2026, 10, 31), models=["inkling"], limit=50)
    assert CardKey(CardPath.TINKER, "inkling", 65_536) not in {change.key for change in found}


def test_when_the_shipped_rates_of_2026_06_30_were_checked(shipped: RateBook) -> None:
    # Every card of that day has ended since, so no later check can move these.
    assert checked_on(shipped, on=date(2026, 6, 30)) == {
        "tinker": (date(2026, 1, 5), date(2026, 7, 2)),
        "serverless": (date(2026, 6, 5), date(2026, 9, 25)),
        "dedicated": (date(2026, 5, 16), date(2026, 5, 16)),
    }
    assert oldest_check(shipped, on=date(2026, 6, 30)) == date(2026, 1, 5)
