"""One check after another: what is asked again, what is remembered of each source, and what a day changes."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.books import observed_book
from bot.checks import Checker, Outcome
from bot.fetching import Fetched
from bot.store import Store
from bot.store.observations import Observation
from bot.store.outbox import Outgoing
from bot.store.rates import Rates
from pricing.cards import CardKey, CardPath, GpuCard, RateBook
from pricing.catalogue import GpuType, load_catalogue
from pricing.judgement import Status
from pricing.sources import FaultCode, FetchError, SourceId
from tests.pricing.books import book_of, ended, gpu_card
from tests.pricing.sources.fireworks_pages import gpu_page

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOON.date()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DECEMBER = date(2026, 12, 1)
GPU = SourceId.FIREWORKS_GPU
B300 = CardKey(CardPath.DEDICATED, GpuType.B300_288GB)
CATALOGUE = load_catalogue()


def b300(usd: str, **said: object) -> GpuCard:
    return gpu_card(usd, **{"verified_on": TODAY - DAY, **said})


def hours(usd: str) -> bytes:
    return gpu_page([b300(usd)], form="hour")


def dated(now: str, then: str, on: date = DECEMBER) -> bytes:
    return gpu_page([b300(now)], form="dated", coming=[b300(then, effective_from=on)])


@dataclass
class Site:
    """What the page says, and how it was asked for. `etag` None: it knows nothing of conditions."""

    page: bytes | FetchError
    etag: str | None = None
    asked: list[tuple[str, str | None, str | None]] = field(default_factory=list)

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        bearer: str | None = None,
        next_page: Callable[[bytes], str | None] | None = None,
    ) -> Fetched:
        assert next_page is None
        assert last_modified is None
        self.asked.append((url, etag, bearer))
        if isinstance(self.page, FetchError):
            raise self.page
        same = etag is not None and etag == self.etag
        content = b"" if same else self.page
        return Fetched(content=content, etag=self.etag, last_modified=None, not_modified=same)


@dataclass
class Bench:
    """A checker of the GPU page alone, on a database of its own."""

    site: Site
    rates: Rates
    package: RateBook
    url: str = "https://prices.example/gpus"
    told: list[Sequence[Observation]] = field(default_factory=list)

    async def check(self, at: datetime) -> tuple[Outcome, list[Status]]:
        def notices(waiting: Sequence[Observation], **_: datetime) -> Sequence[Outgoing]:
            if waiting:
                self.told.append(waiting)
            return ()

        checker = Checker(
            fetcher=self.site,
            urls={GPU: self.url},
            api_key=None,
            rates=self.rates,
            package=self.package,
            catalogue=CATALOGUE,
            notices=notices,
        )
        report = await checker.check(at=at)
        assert report.recorded
        off = {each.source.id for each in report.sources if each.outcome is Outcome.OFF}
        assert off == set(SourceId) - {GPU}
        (checked,) = (each for each in report.sources if each.source.id is GPU)
        return checked.outcome, [finding.status for finding in checked.findings]

    async def card(self, day: date) -> GpuCard:
        book = await observed_book(self.package, self.rates)
        (found,) = (card for card in book.gpus.cards if card.holds_on(day))
        return found

    async def price(self, day: date) -> Decimal:
        return (await self.card(day)).usd_per_gpu_hour


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store = await Store.open(f"sqlite:///{tmp_path / 'rlcost.db'}")
    yield Bench(Site(hours("12")), Rates(store), book_of(b300("12")))
    await store.close()


async def test_a_page_that_shows_the_card_confirms_it_on_its_day(bench: Bench) -> None:
    for days in range(3):
        assert await bench.check(NOON + days * DAY) == (Outcome.UNCHANGED, [])
    assert (await bench.card(TODAY)).verified_on == TODAY + 2 * DAY
    assert await bench.rates.accepted() == ()


async def test_a_page_that_is_not_modified_is_read_again_out_of_the_database(bench: Bench) -> None:
    bench.site.etag = '"a1"'
    assert await bench.check(NOON) == (Outcome.UNCHANGED, [])
    assert await bench.check(NOON + DAY) == (Outcome.UNCHANGED, [])
    assert [etag for _, etag, _ in bench.site.asked] == [None, '"a1"']
    assert (await bench.card(TODAY)).verified_on == TODAY + DAY
    bench.site.page, bench.site.etag = hours("14"), '"a2"'
    assert await bench.check(NOON + 2 * DAY) == (Outcome.CHANGED, [Status.IN_FORCE])


async def test_a_page_of_another_address_is_asked_for_without_a_condition(bench: Bench) -> None:
    bench.site.etag = '"a1"'
    await bench.check(NOON)
    bench.url = "https://mirror.example/gpus"
    await bench.check(NOON + HOUR)
    assert bench.site.asked[-1] == ("https://mirror.example/gpus", None, None)


async def test_a_page_that_was_at_fault_is_not_what_the_next_is_compared_with(bench: Bench) -> None:
    bench.site.etag = '"a1"'
    await bench.check(NOON)
    bench.site.page, bench.site.etag = b"<html>oops</html>", '"broken"'
    assert (await bench.check(NOON + HOUR))[0] is Outcome.FAULT
    assert (await bench.check(NOON + 2 * HOUR))[0] is Outcome.FAULT
    assert [etag for _, etag, _ in bench.site.asked] == [None, '"a1"', '"a1"']


async def test_a_source_that_fails_lets_its_card_age_and_is_known_to_fail_since_when(
    bench: Bench,
) -> None:
    await bench.check(NOON)
    bench.site.page = FetchError(FaultCode.TIMEOUT, "it did not answer")
    for days in (1, 2, 3):
        assert await bench.check(NOON + days * DAY) == (Outcome.FAULT, [])
    assert (await bench.card(TODAY)).verified_on == TODAY
    state = (await bench.rates.source_states())[GPU]
    assert (state.answered_at, state.failing_since) == (NOON, NOON + DAY)
    bench.site.page = hours("12")
    await bench.check(NOON + 4 * DAY)
    assert (await bench.rates.source_states())[GPU].failing_since is None
    assert (await bench.card(TODAY)).verified_on == TODAY + 4 * DAY


async def test_a_source_that_is_turned_off_does_not_fail_any_more(bench: Bench) -> None:
    bench.site.page = FetchError(FaultCode.TIMEOUT, "it did not answer")
    await bench.check(NOON)
    assert (await bench.rates.source_states())[GPU].failing_since == NOON
    silent = Checker(
        fetcher=bench.site,
        urls={GPU: None},
        api_key=None,
        rates=bench.rates,
        package=bench.package,
        catalogue=CATALOGUE,
    )
    report = await silent.check(at=NOON + DAY)
    assert {each.outcome for each in report.sources} == {Outcome.OFF}
    assert (await bench.rates.source_states())[GPU].failing_since is None


async def test_a_change_within_bounds_holds_from_the_day_on_which_it_was_seen(
    bench: Bench,
) -> None:
    await bench.check(NOON)
    bench.site.page = hours("14")
    assert await bench.check(NOON + 2 * DAY) == (Outcome.CHANGED, [Status.IN_FORCE])
    assert await bench.check(NOON + 2 * DAY + HOUR) == (Outcome.UNCHANGED, [])
    assert [await bench.price(TODAY + n * DAY) for n in (1, 2)] == [Decimal(12), Decimal(14)]
    assert bench.told == []


async def test_a_slip_that_is_put_right_within_the_hour_is_gone(bench: Bench) -> None:
    bench.site.page = hours("14")
    await bench.check(NOON)
    bench.site.page = hours("12")
    assert await bench.check(NOON + HOUR) == (Outcome.CHANGED, [Status.IN_FORCE])
    assert await bench.check(NOON + 2 * HOUR) == (Outcome.UNCHANGED, [])
    assert await bench.price(TODAY) == Decimal(12)


async def test_what_is_held_is_told_once_and_withdrawn_when_it_is_gone(bench: Bench) -> None:
    bench.site.page = hours("40")
    for hour in range(3):
        assert await bench.check(NOON + hour * HOUR) == (Outcome.CHANGED, [Status.QUARANTINED])
    assert [[each.key for each in waiting] for waiting in bench.told] == [[B300]]
    assert await bench.price(TODAY) == Decimal(12)
    bench.site.page = hours("12")
    await bench.check(NOON + 3 * HOUR)
    assert await bench.rates.waiting() == ()
    bench.site.page = hours("40")
    await bench.check(NOON + 4 * HOUR)
    assert len(bench.told) == 2


async def test_an_announced_price_waits_for_its_day_and_then_holds(bench: Bench) -> None:
    bench.site.page = dated("12", "14")
    assert await bench.check(NOON) == (Outcome.CHANGED, [Status.PENDING])
    assert await bench.check(NOON + HOUR) == (Outcome.UNCHANGED, [])
    assert await bench.price(DECEMBER - DAY) == Decimal(12)
    assert await bench.price(DECEMBER) == Decimal(14)
    on_its_day = datetime(2026, 12, 1, 6, tzinfo=UTC)
    assert await bench.check(on_its_day) == (Outcome.UNCHANGED, [])
    assert [each.status for each in await bench.rates.accepted()] == ["in_force"]
    assert (await bench.card(DECEMBER)).verified_on == DECEMBER


async def test_an_announced_price_that_is_called_off_never_comes(bench: Bench) -> None:
    bench.site.page = dated("12", "14")
    await bench.check(NOON)
    bench.site.page = hours("12")
    assert await bench.check(NOON + DAY) == (Outcome.UNCHANGED, [])
    assert await bench.price(DECEMBER) == Decimal(12)


async def test_an_announced_price_stays_while_its_page_cannot_be_read(bench: Bench) -> None:
    bench.site.page = dated("12", "14")
    await bench.check(NOON)
    bench.site.page = FetchError(FaultCode.STATUS, "it answered with status 500")
    for days in (1, 12):
        assert (await bench.check(NOON + days * DAY))[0] is Outcome.FAULT
    assert await bench.price(DECEMBER) == Decimal(14)


async def test_an_announced_price_that_leaps_needs_a_person(bench: Bench) -> None:
    bench.site.page = dated("12", "40")
    assert await bench.check(NOON) == (Outcome.CHANGED, [Status.QUARANTINED])
    assert await bench.price(DECEMBER) == Decimal(12)
    (waiting,) = await bench.rates.waiting()
    decided, _ = await bench.rates.decide(waiting.id, approve=True, by="ann", why=None, at=NOON)
    assert decided.status == "pending"
    assert await bench.price(DECEMBER) == Decimal(40)
    assert await bench.check(NOON + HOUR) == (Outcome.UNCHANGED, [])


async def test_what_was_turned_down_is_asked_again_only_after_it_was_away(bench: Bench) -> None:
    bench.site.page = hours("40")
    await bench.check(NOON)
    (waiting,) = await bench.rates.waiting()
    await bench.rates.decide(waiting.id, approve=False, by="ann", why="a slip", at=NOON)
    for days in (0, 1, 2):
        assert await bench.check(NOON + days * DAY + HOUR) == (Outcome.UNCHANGED, [])
    bench.site.page = hours("12")
    await bench.check(NOON + 3 * DAY)
    bench.site.page = hours("40")
    assert await bench.check(NOON + 60 * DAY) == (Outcome.CHANGED, [Status.QUARANTINED])


async def test_a_gpu_that_is_back_after_its_end_waits(bench: Bench) -> None:
    bench.package = book_of(b300("12", **ended(TODAY - 5 * DAY), verified_on=TODAY - 5 * DAY))
    assert await bench.check(NOON) == (Outcome.CHANGED, [Status.QUARANTINED])
    assert await bench.rates.accepted() == ()


async def test_a_gpu_that_no_card_is_kept_of_moves_nothing(bench: Bench) -> None:
    bench.site.page = hours("12").replace(
        b"</tbody>", b"<tr><td>A99 7 GB GPU</td><td>$1.00</td></tr></tbody>"
    )
    assert await bench.check(NOON) == (Outcome.UNCHANGED, [])
