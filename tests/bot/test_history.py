"""A model's rates over time: which keys, in which order, with which gaps and changes."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from bot.history import Gap, Track, history
from pricing.cards import AnyCard, CardPath, Ended
from pricing.catalogue import GpuType
from tests.bot.asking import BOOK, CATALOGUE, TODAY
from tests.pricing.books import book_of, ended, gpu_card, serverless_card, tinker_card

KIMI = CATALOGUE.get("kimi-k2p6")
JANUARY, MARCH, JUNE = date(2026, 1, 1), date(2026, 3, 1), date(2026, 6, 1)


def only_track(*cards: AnyCard, on: date = TODAY) -> Track:
    (track,) = history(book_of(*cards), KIMI, on=on).tracks
    return track


def test_a_model_has_its_windows_its_paths_and_its_cluster_s_gpu_hour_in_that_order() -> None:
    found = history(BOOK, KIMI, on=TODAY)
    assert [track.key for track in found.tracks] == [
        (CardPath.TINKER, "kimi-k2p6", 32_768),
        (CardPath.TINKER, "kimi-k2p6", 131_072),
        (CardPath.SERVERLESS_STANDARD, "kimi-k2p6", None),
        (CardPath.SERVERLESS_PRIORITY, "kimi-k2p6", None),
        (CardPath.SERVERLESS_FAST, "kimi-k2p6", None),
        (CardPath.DEDICATED, "B300_288GB", None),
    ]


def test_a_model_without_a_cluster_has_no_gpu_hour() -> None:
    found = history(BOOK, CATALOGUE.get("deepseek-v4-flash-0731"), on=TODAY)
    assert [track.key.path for track in found.tracks] == [
        CardPath.SERVERLESS_STANDARD,
        CardPath.SERVERLESS_PRIORITY,
    ]


def test_one_path_leaves_the_others_out() -> None:
    found = history(BOOK, KIMI, on=TODAY, path=CardPath.DEDICATED)
    (track,) = found.tracks
    assert [card.effective_from for card in track.cards] == [date(2026, 5, 8), date(2026, 9, 1)]


def test_a_gap_is_the_days_between_two_cards() -> None:
    before = serverless_card("1", **ended(date(2026, 2, 10), Ended.UNKNOWN))
    after = serverless_card("1", effective_from=MARCH)
    track = only_track(after, before)
    assert track.entries == (before, Gap(date(2026, 2, 11), date(2026, 2, 28)), after)
    assert track.cards == (before, after)


def test_a_gap_may_be_one_day_and_none_is_none() -> None:
    one = only_track(
        serverless_card("1", **ended(date(2026, 2, 27))), serverless_card("2", effective_from=MARCH)
    )
    assert one.entries[1] == Gap(date(2026, 2, 28), date(2026, 2, 28))
    none = only_track(
        serverless_card("1", **ended(date(2026, 2, 28), Ended.REPLACED)),
        serverless_card("2", effective_from=MARCH),
    )
    assert len(none.entries) == 2


def test_the_same_rates_hold_since_their_first_card_or_the_last_gap() -> None:
    first = serverless_card("1", **ended(date(2026, 2, 28), Ended.REPLACED))
    same = serverless_card("1", effective_from=MARCH, **ended(date(2026, 5, 31), Ended.REPLACED))
    other = serverless_card("2", effective_from=JUNE)
    track = only_track(first, same, other)
    assert track.since(same) is first
    assert track.since(other) is other
    lost = serverless_card("1", **ended(date(2026, 2, 27), Ended.UNKNOWN))
    again = serverless_card("1", effective_from=MARCH)
    assert only_track(lost, again).since(again) is again


def test_changes_are_those_up_to_the_day() -> None:
    cards = (
        gpu_card("12", **ended(date(2026, 5, 31), Ended.REPLACED)),
        gpu_card("15", effective_from=JUNE),
    )
    assert [change.on for change in only_track(*cards, on=JUNE).changes] == [JANUARY, JUNE]
    before = only_track(*cards, on=date(2026, 5, 31))
    assert [change.on for change in before.changes] == [JANUARY]
    assert before.cards == cards
    holding = before.holding(date(2026, 5, 31))
    assert holding is cards[0]


@pytest.mark.parametrize(
    ("on", "last", "paths"),
    [
        (date(2026, 7, 16), None, []),
        (date(2026, 7, 17), date(2026, 7, 17), ["tinker", "tinker"]),
        (date(2026, 8, 28), date(2026, 8, 28), ["serverless_fast"]),
        (date(2026, 9, 1), date(2026, 9, 1), ["dedicated"]),
        (TODAY, date(2026, 9, 26), ["serverless_standard", "serverless_priority"]),
    ],
)
def test_the_last_changes_are_all_of_the_last_day_with_any(
    on: date, last: date | None, paths: list[str]
) -> None:
    changes = history(BOOK, KIMI, on=on).last_changes
    assert [change.key.path for change in changes] == paths
    assert {change.on for change in changes} == ({last} if last else set())


def test_a_book_that_lacks_what_was_observed_says_so() -> None:
    assert not history(BOOK, KIMI, on=TODAY).observed_missing
    assert history(BOOK.without_observed(), KIMI, on=TODAY).observed_missing


def test_a_model_without_a_card_has_no_track() -> None:
    assert (
        history(book_of(tinker_card(32_768, "1")), CATALOGUE.get("glm-5p3"), on=TODAY).tracks == ()
    )


def first_and_last(entry: AnyCard | Gap) -> tuple[date, date]:
    if isinstance(entry, Gap):
        return entry
    return entry.effective_from, entry.effective_to or TODAY


@pytest.mark.parametrize("key", [model.key for model in CATALOGUE])
def test_the_entries_of_a_key_cover_its_days_once_each(key: str) -> None:
    for track in history(BOOK, CATALOGUE.get(key), on=TODAY).tracks:
        spans = [first_and_last(entry) for entry in track.entries]
        for (_, end), (start, _) in pairwise(spans):
            assert start == end + timedelta(days=1)
        for number in range((spans[-1][1] - spans[0][0]).days + 1):
            day = spans[0][0] + timedelta(days=number)
            entry = next(
                e for e in track.entries if first_and_last(e)[0] <= day <= first_and_last(e)[1]
            )
            assert track.holding(day) is (None if isinstance(entry, Gap) else entry)


def test_the_gpu_hour_is_that_of_the_cluster_s_type() -> None:
    book = book_of(gpu_card("12"), gpu_card("8", gpu_type=GpuType.H200_141GB))
    (track,) = history(book, CATALOGUE.get("gpt-oss-120b"), on=TODAY).tracks
    (card,) = track.cards
    assert card.model_dump()["usd_per_gpu_hour"] == Decimal(8)
