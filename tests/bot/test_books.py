"""The rate book of the moment: what was observed is in it as soon as it is recorded, and what is lost is said."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.books import Books, book_at, cards_once_at, observed_book
from bot.store import Store
from bot.store.rates import Rates
from pricing.cards import CardKey, CardPath
from pricing.catalogue import GpuType
from pricing.judgement import Finding, Hold, Judgement, Status
from pricing.sources import SourceId
from tests.pricing.books import book_of, gpu_card

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOON.date()
DAY = timedelta(days=1)
KEY = CardKey(CardPath.DEDICATED, GpuType.B300_288GB)
OLD = gpu_card("12")
PACKAGE = book_of(OLD)


def costs(usd: str, on: date = TODAY) -> Finding:
    return Finding(
        key=KEY,
        on=on,
        before=OLD,
        after=gpu_card(usd, effective_from=on, verified_on=on),
        status=Status.IN_FORCE,
        hold=None,
        reason="",
        source=SourceId.FIREWORKS_GPU,
        quote=f"B300 | ${usd}",
    )


async def record(rates: Rates, judgement: Judgement, *, on: date = TODAY) -> None:
    await rates.record(
        fetches=[],
        judgement=judgement,
        read=[SourceId.FIREWORKS_GPU],
        notices=lambda _: (),
        at=NOON + (on - TODAY),
        on=on,
        lease=None,
        due_at=None,
    )


async def observe(rates: Rates, usd: str, on: date = TODAY) -> None:
    await record(rates, Judgement(findings=(costs(usd, on),)), on=on)


def of_today(books: Books) -> list[Decimal]:
    return [card.usd_per_gpu_hour for card in books.book.gpus.cards if card.holds_on(TODAY)]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'rlcost.db'}"


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = await Store.open(url)
    yield opened
    await opened.close()


@pytest.fixture
def rates(store: Store) -> Rates:
    return Rates(store)


async def test_until_it_is_read_the_book_is_the_package_s_and_says_so(rates: Rates) -> None:
    books = Books.of(PACKAGE, rates)
    assert books.book.observed_missing
    assert of_today(books) == [Decimal(12)]
    assert not (await books.refresh()).observed_missing


async def test_a_rate_that_is_recorded_is_in_the_next_book(rates: Rates) -> None:
    books = Books.of(PACKAGE, rates)
    await books.refresh()
    await observe(rates, "14")
    assert of_today(books) == [Decimal(12)]
    await books.refresh()
    assert of_today(books) == [Decimal(14)]


async def test_what_waits_for_a_person_stands_in_the_book_beside_its_card(rates: Rates) -> None:
    held = replace(
        costs("150"), status=Status.QUARANTINED, hold=Hold.OVER_THREEFOLD, reason="it leaps"
    )
    await record(rates, Judgement(findings=(held,)))
    book = await Books.of(PACKAGE, rates).refresh()
    (claim,) = book.held
    assert (claim.key, claim.says, claim.gone) == (KEY, (("gpu_hour", Decimal(150)),), False)
    assert (claim.since, claim.source) == (TODAY, "Fireworks' pricing page")
    await rates.decide(1, approve=False, by="U1", why="cents", at=NOON)
    assert (await Books.of(PACKAGE, rates).refresh()).held == ()


async def test_a_replica_notices_what_another_has_recorded(rates: Rates, url: str) -> None:
    books = Books.of(PACKAGE, rates)
    await books.refresh()
    other = await Store.open(url)
    await observe(Rates(other), "14")
    await other.close()
    await books.refresh()
    assert of_today(books) == [Decimal(14)]


async def test_a_book_that_nothing_has_changed_is_kept_as_it_is(rates: Rates) -> None:
    books = Books.of(PACKAGE, rates)
    await observe(rates, "14")
    first = await books.refresh()
    assert await books.refresh() is first
    await record(rates, Judgement(confirmed=(KEY,)), on=TODAY + DAY)
    assert await books.refresh() is not first
    (card,) = (card for card in books.book.gpus.cards if card.holds_on(TODAY + DAY))
    assert card.verified_on == TODAY + DAY


async def test_a_slip_that_is_put_right_on_its_day_is_gone_from_the_book(rates: Rates) -> None:
    for usd in ("15", "12", "9", "12"):
        await observe(rates, usd)
        book = await observed_book(PACKAGE, rates)
        now = [card.usd_per_gpu_hour for card in book.gpus.cards if card.holds_on(TODAY)]
        assert now == [Decimal(usd)]


async def test_a_database_that_is_lost_leaves_the_last_book_which_says_so_and_comes_back(
    url: str,
) -> None:
    store = await Store.open(url)
    books = Books.of(PACKAGE, Rates(store))
    await observe(books.rates, "14")
    await books.refresh()
    async with store.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE revisions RENAME TO lost")
    lost = await books.refresh()
    assert lost.observed_missing
    assert of_today(books) == [Decimal(14)]
    async with store.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE lost RENAME TO revisions")
    assert not (await books.refresh()).observed_missing
    assert of_today(books) == [Decimal(14)]
    await store.close()


async def test_for_one_answer_the_book_comes_out_of_the_database_at_its_url(
    rates: Rates, url: str
) -> None:
    await observe(rates, "14")
    book = await book_at(url, PACKAGE)
    assert [card.usd_per_gpu_hour for card in book.gpus.cards if card.holds_on(TODAY)] == [14]
    assert not book.observed_missing


async def test_a_database_that_cannot_be_read_gives_the_package_s_book_and_no_cards(
    tmp_path: Path,
) -> None:
    (tmp_path / "garbage.db").write_bytes(b"no database " * 100)
    for lost in (f"sqlite:///{tmp_path}", f"sqlite:///{tmp_path / 'garbage.db'}", "mysql://db/x"):
        book = await book_at(lost, PACKAGE)
        assert book.observed_missing
        assert list(book) == [OLD]
        assert await cards_once_at(lost) == ()


async def test_every_card_that_was_ever_taken_is_there_once_more(rates: Rates, url: str) -> None:
    await observe(rates, "15")
    await observe(rates, "12")
    prices = [replace(costs(usd)).after for usd in ("15", "12")]
    assert list(await cards_once_at(url)) == prices
