"""What somebody was told, and what moved since: worked out from cards made up for each question."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.caveats import BillingPath
from engine.workload import EpisodeShape, Workload
from pricing.cards import AnyCard, CardPath, Confidence, Ended, load_book
from pricing.catalogue import GpuType, load_catalogue
from pricing.changes import RateName, listed_rates_of
from pricing.clusters import ClusterRequest
from pricing.quotes import quote_model
from pricing.snapshots import (
    Ending,
    MoveKind,
    Snapshot,
    announced,
    book_of,
    called_off,
    from_json,
    moves,
    snapshot,
    to_json,
)
from tests.pricing.books import book_of as book_with
from tests.pricing.books import ended, gpu_card, serverless_card, tinker_card

CATALOGUE = load_catalogue()
BOOK = load_book(CATALOGUE)
JULY, AUGUST, SEPTEMBER = date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)
DAY = timedelta(days=1)


def taken(*cards: AnyCard, on: date = JULY) -> Snapshot:
    return snapshot(book_with(*cards), on)


def raised(usd: str = "15", on: date = SEPTEMBER) -> list[AnyCard]:
    """A GPU-hour of $12 that ends on the day before another begins."""
    return [
        gpu_card("12", **ended(on - DAY, Ended.REPLACED)),
        gpu_card(usd, effective_from=on),
    ]


def test_a_snapshot_tells_what_holds_what_comes_and_what_ends() -> None:
    now, later = raised()
    leaving = serverless_card("1", **ended(AUGUST))
    left = tinker_card(32_768, "2", **ended(date(2026, 6, 1), Ended.UNKNOWN))
    told = taken(now, later, leaving, left)
    assert set(told.in_force) == {now, leaving}
    assert told.coming == (later,)
    assert set(told.ending) == {
        Ending(leaving.key, AUGUST),
        Ending(left.key, date(2026, 6, 1)),
    }


def test_a_card_that_was_merely_not_seen_again_announces_no_end() -> None:
    assert taken(serverless_card("1", **ended(AUGUST, Ended.UNKNOWN))).ending == ()


def test_checking_again_gives_the_same_id_and_another_rate_another() -> None:
    card = serverless_card("5.10")
    checked = serverless_card(
        "5.1",
        verified_on=date(2026, 11, 20),
        sightings=("2026-11-01", "2026-11-20"),
        confidence=Confidence.LOW,
        notes=("read again",),
    )
    assert taken(card).id == taken(checked).id
    assert taken(card).id != taken(serverless_card("5.2")).id
    assert taken(card).id != taken(card, *raised()).id


def test_the_order_of_the_cards_is_no_difference() -> None:
    cards: list[AnyCard] = [serverless_card("1"), tinker_card(32_768, "2"), gpu_card("3")]
    assert taken(*cards).id == taken(*reversed(cards)).id


@pytest.mark.parametrize("month", range(2, 12))
def test_what_is_kept_says_the_same_as_what_was_taken(month: int) -> None:
    told = snapshot(BOOK, date(2026, month, 17))
    kept = from_json(to_json(told))
    assert {c.key: listed_rates_of(c) for c in kept.in_force} == {
        c.key: listed_rates_of(c) for c in told.in_force
    }
    assert len(kept.coming) == len(told.coming)
    assert set(kept.ending) == set(told.ending)
    assert kept.id == told.id
    for before, after in ((told, kept), (kept, told)):
        assert not moves(before, after)
        assert not announced(before, after) + called_off(before, after)


ROW = ["dedicated", "B300_288GB", 0, "2026-01-01", True, False, "https://example.com", ["12"]]


def kept_with(**changes: object) -> str:
    return json.dumps({"in_force": [ROW], "coming": [], "ending": []} | changes)


def test_a_kept_row_is_read() -> None:
    (card,) = from_json(kept_with()).in_force
    assert listed_rates_of(card) == {RateName.GPU_HOUR: Decimal(12)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        kept_with()[:-9],
        kept_with(more=[]),
        kept_with(in_force=[["nowhere", *ROW[1:]]]),
        kept_with(in_force=[["dedicated", "B999", *ROW[2:]]]),
        kept_with(in_force=[["tinker", *ROW[1:]]]),
        kept_with(in_force=[[*ROW[:3], "2026-02-30", *ROW[4:]]]),
        kept_with(in_force=[[*ROW[:6], "http://example.com", ["12"]]]),
        kept_with(in_force=[[*ROW[:7], []]]),
        kept_with(in_force=[[*ROW[:7], ["12", "13"]]]),
        kept_with(in_force=[[*ROW[:7], ["NaN"]]]),
        kept_with(in_force=[[*ROW[:7], ["-1"]]]),
        kept_with(in_force=[[*ROW[:7], [None]]]),
        kept_with(ending=[["dedicated", "B300_288GB", 0]]),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_json(text)


def test_a_rate_that_changed_moves_on_the_first_day_of_the_new_card() -> None:
    cards = raised()
    (move,) = moves(taken(*cards), taken(*cards, on=date(2026, 10, 9)))
    assert (move.kind, move.on) == (MoveKind.CHANGED, SEPTEMBER)
    assert move.differences == ((RateName.GPU_HOUR, Decimal(12), Decimal(15)),)


def test_what_is_new_and_what_is_gone_move_too() -> None:
    old = serverless_card("1", **ended(AUGUST))
    new = tinker_card(32_768, "2", effective_from=AUGUST)
    came, went = moves(taken(old, new), taken(old, new, on=AUGUST + DAY))
    assert (came.kind, came.on, came.before, came.after) == (MoveKind.NEW, AUGUST, None, new)
    assert (went.kind, went.on, went.after) == (MoveKind.GONE, date(2026, 8, 2), None)
    assert {d.rate for d in went.differences} == {RateName.INPUT, RateName.OUTPUT}


def test_a_key_of_which_nothing_is_known_any_more_is_gone_without_a_day() -> None:
    (move,) = moves(taken(serverless_card("1")), taken())
    assert (move.kind, move.on) == (MoveKind.GONE, None)


def test_a_rate_that_went_and_came_back_has_not_moved() -> None:
    cards = [
        gpu_card("12", **ended(date(2026, 7, 9), Ended.REPLACED)),
        gpu_card(
            "13", effective_from=date(2026, 7, 10), **ended(date(2026, 7, 19), Ended.REPLACED)
        ),
        gpu_card("12.00", effective_from=date(2026, 7, 20)),
    ]
    assert moves(taken(*cards), taken(*cards, on=AUGUST)) == ()


def test_the_training_rate_moves_but_silence_about_it_does_not() -> None:
    silent = tinker_card(32_768, "1")
    first = tinker_card(32_768, "1", train_usd_per_mtok=Decimal(3))
    second = tinker_card(32_768, "1", train_usd_per_mtok=Decimal(4))
    assert moves(taken(silent), taken(first)) == moves(taken(first), taken(silent)) == ()
    (move,) = moves(taken(first), taken(second))
    assert move.differences == ((RateName.TRAIN, Decimal(3), Decimal(4)),)


def test_a_cached_rate_that_is_gained_or_lost_moves() -> None:
    without, cached = (
        serverless_card("1"),
        serverless_card("1", cached_input_usd_per_mtok=Decimal(0)),
    )
    (gained,) = moves(taken(without), taken(cached))
    assert gained.differences == ((RateName.CACHED_INPUT, None, Decimal(0)),)
    (lost,) = moves(taken(cached), taken(without))
    assert lost.differences == ((RateName.CACHED_INPUT, Decimal(0), None),)


def test_a_rate_to_come_is_announced_once_and_moves_on_its_day() -> None:
    cards = raised()
    before, after = taken(gpu_card("12")), taken(*cards)
    (one,) = announced(before, after)
    assert (one.on, one.card, one.now) == (SEPTEMBER, cards[1], cards[0])
    assert not moves(before, after)
    assert not called_off(before, after)
    on_its_day = taken(*cards, on=SEPTEMBER)
    assert announced(after, on_its_day) == called_off(after, on_its_day) == ()
    assert len(moves(after, on_its_day)) == 1


def test_an_end_to_come_is_announced_and_has_happened_once_the_key_is_gone() -> None:
    before, after = taken(serverless_card("1")), taken(serverless_card("1", **ended(AUGUST)))
    (one,) = announced(before, after)
    assert (one.on, one.card) == (AUGUST + DAY, None)
    gone = taken(serverless_card("1", **ended(AUGUST)), on=SEPTEMBER)
    assert announced(after, gone) == called_off(after, gone) == ()


def test_an_announcement_that_vanishes_is_called_off() -> None:
    rise, stay = taken(*raised()), taken(gpu_card("12"))
    (one,) = called_off(rise, stay)
    assert (one.on, one.card and listed_rates_of(one.card)) == (
        SEPTEMBER,
        {RateName.GPU_HOUR: Decimal(15)},
    )
    leaving, staying = taken(serverless_card("1", **ended(AUGUST))), taken(serverless_card("1"))
    (end,) = called_off(leaving, staying)
    assert (end.on, end.card) == (AUGUST + DAY, None)


def test_an_announcement_with_another_day_or_rate_replaces_the_first() -> None:
    first, postponed = taken(*raised()), taken(*raised(on=date(2026, 10, 1)))
    (one,) = announced(first, postponed)
    assert one.on == date(2026, 10, 1)
    assert one.instead_of
    assert one.instead_of.on == SEPTEMBER
    assert called_off(first, postponed) == ()
    (dearer,) = announced(first, taken(*raised("16")))
    assert dearer.instead_of
    assert dearer.instead_of.on == SEPTEMBER


def test_a_rise_that_came_early_or_otherwise_is_not_called_off() -> None:
    told = taken(*raised())
    early = taken(*raised(on=date(2026, 8, 20)), on=date(2026, 8, 21))
    otherwise = taken(*raised("16"), on=date(2026, 9, 2))
    assert called_off(told, early) == called_off(told, otherwise) == ()
    assert [m.differences[0].after for m in moves(told, otherwise)] == [Decimal(16)]


def test_a_book_of_a_snapshot_prices_any_day_alike() -> None:
    model = CATALOGUE.get("gpt-oss-120b")
    shape = EpisodeShape(
        turns=8,
        initial_prompt_tokens=8000,
        tokens_added_per_turn=12_000,
        decode_tokens_per_turn=2000,
    )
    book = book_of(from_json(to_json(snapshot(BOOK, date(2026, 7, 16)))), BOOK.conflicts)
    assert book.conflicts == BOOK.conflicts
    for day in (date(2020, 1, 1), date(2026, 7, 16), date(2030, 1, 1)):
        quotes = quote_model(
            model,
            Workload(shape=shape, episodes=1000),
            cluster=ClusterRequest(),
            book=book,
            on=day,
        )
        tinker = next(quote for quote in quotes if quote.path is BillingPath.TINKER)
        # 400,000 × $0.63/M + 16,000 × $1.54/M, a thousand times
        assert tinker.priced.estimate
        assert tinker.priced.estimate.usd == Decimal("276.64")


def test_july_17_moves_each_tinker_window_of_gpt_oss() -> None:
    found = moves(snapshot(BOOK, date(2026, 7, 16)), snapshot(BOOK, date(2026, 7, 17)))
    of_gpt_oss = {
        move.key.window_tokens: [(str(d.before), str(d.after)) for d in move.differences]
        for move in found
        if move.key.item == "gpt-oss-120b"
    }
    assert of_gpt_oss == {
        32_768: [("0.18", "0.33"), ("None", "0.066"), ("0.44", "0.84"), ("0.52", "0.737")],
        131_072: [("0.63", "0.78"), ("None", "0.156"), ("1.54", "1.94"), ("1.82", "2.33")],
    }
    assert {move.on for move in found} == {date(2026, 7, 17)}


def test_september_1_moves_five_gpu_hours() -> None:
    found = moves(snapshot(BOOK, date(2026, 8, 31)), snapshot(BOOK, SEPTEMBER))
    gpus = {
        move.key.item: [(int(d.before or 0), int(d.after or 0)) for d in move.differences]
        for move in found
        if move.key.path is CardPath.DEDICATED
    }
    assert gpus == {
        GpuType.H100_80GB: [(7, 8)],
        GpuType.H200_141GB: [(7, 8)],
        GpuType.B200_180GB: [(10, 13)],
        GpuType.B300_288GB: [(12, 15)],
        GpuType.GB300_288GB: [(18, 20)],
    }
