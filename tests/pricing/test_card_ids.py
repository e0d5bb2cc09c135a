"""Names of cards, by which an answer can be reproduced later."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from pricing.cards import AnyCard, CardPath, Ended, RateBook, load_book
from pricing.catalogue import load_catalogue
from tests.pricing.books import book_of, ended, gpu_card, serverless_card, tinker_card

JULY = date(2026, 7, 17)


@pytest.fixture(scope="module")
def shipped() -> RateBook:
    return load_book(load_catalogue())


def test_no_two_cards_of_the_package_share_an_id(shipped: RateBook) -> None:
    ids = [card.id for card in shipped]
    assert len(ids) > 100
    assert len(set(ids)) == len(ids)


def test_an_id_names_path_item_window_and_first_day() -> None:
    assert tinker_card(131_072, "5.15", effective_from=JULY).id.startswith(
        "tinker/kimi-k2p6/128K/2026-07-17/"
    )
    assert serverless_card("2", effective_from=JULY).id.startswith(
        "serverless_standard/kimi-k2p6/2026-07-17/"
    )
    assert gpu_card("12", effective_from=JULY).id.startswith("dedicated/B300_288GB/2026-07-17/")


def test_a_window_of_a_million_tokens_puts_no_comma_into_the_id_and_an_odd_one_is_written_out() -> (
    None
):
    assert "/1024K/" in tinker_card(1_048_576, "5.15").id
    assert "/131073/" in tinker_card(131_073, "5.15").id


@pytest.mark.parametrize(
    "other",
    [
        tinker_card(131_072, "5.16"),
        tinker_card(131_072, "5.15", output_usd_per_mtok=Decimal("5.16")),
        tinker_card(131_072, "5.15", cached_input_usd_per_mtok=Decimal("5.15")),
        tinker_card(131_072, "5.15", cached_input_usd_per_mtok=Decimal(0)),
        tinker_card(131_072, "5.15", train_usd_per_mtok=Decimal("5.15")),
        tinker_card(131_072, "5.15", effective_from=JULY),
        tinker_card(32_768, "5.15"),
        tinker_card(131_072, "5.15", model="kimi-k2p5"),
        serverless_card("5.15"),
        serverless_card("5.15", path=CardPath.SERVERLESS_FAST),
    ],
)
def test_another_rate_day_window_model_or_path_is_another_id(other: AnyCard) -> None:
    assert tinker_card(131_072, "5.15").id != other.id


@pytest.mark.parametrize(
    "later",
    [
        {"verified_on": date(2026, 12, 1)},
        ended(date(2026, 11, 1)),
        {"notes": ("seen again",)},
        {"sightings": ("2026-11-01", "2026-12-01")},
        {"from_certain": False},
        {"confidence": "low"},
        {"input_usd_per_mtok": Decimal("5.150")},
    ],
)
def test_what_is_learnt_later_leaves_the_id_as_it_was(later: dict[str, object]) -> None:
    assert tinker_card(131_072, "5.15", **later).id == tinker_card(131_072, "5.15").id


def test_a_book_of_some_ids_holds_just_these_cards_and_the_conflicts(shipped: RateBook) -> None:
    wanted = [list(shipped)[5], list(shipped)[90], next(iter(shipped.gpus.cards))]
    book = shipped.only(card.id for card in wanted)
    assert list(book) == wanted
    assert book.conflicts == shipped.conflicts != ()


def test_an_id_that_is_asked_for_twice_gives_one_card() -> None:
    card = gpu_card("12")
    assert list(book_of(card).only([card.id, card.id])) == [card]


def test_a_card_that_was_replaced_since_holds_as_it_did_when_it_was_named() -> None:
    # Both on the day of the change: an answer of its morning named the first.
    day = date(2026, 11, 21)
    first = gpu_card("12", **ended(day - timedelta(days=1), Ended.REPLACED))
    second = gpu_card("15", effective_from=day)
    book = book_of(first, second)
    assert [card.id for card in book.only([first.id]) if card.holds_on(day)] == [first.id]
    both = book.only([second.id, first.id])
    assert [card.id for card in both if card.holds_on(day)] == [second.id]


def test_a_card_whose_model_retired_stays_ended() -> None:
    card = gpu_card("12", **ended(date(2026, 9, 30)))
    assert list(book_of(card).only([card.id])) == [card]


def test_an_id_that_the_book_does_not_hold_is_named() -> None:
    held, other, third = gpu_card("12"), gpu_card("15"), gpu_card("18")
    with pytest.raises(ValueError, match=f"`{other.id}`"):
        book_of(held).only([held.id, other.id, third.id])
