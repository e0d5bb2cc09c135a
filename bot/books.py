"""The rate book of the moment: the package's cards, and what was observed since, out of the database."""

import logging
from dataclasses import dataclass

from bot.store import STORE_FAULTS, Store, StoreError
from bot.store.observations import Observation
from bot.store.rates import Rates
from pricing.cards import AnyCard, HeldClaim, RateBook
from pricing.changes import listed_rates_of
from pricing.observed import with_changes
from pricing.sources import SOURCES

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Books:
    """Keeps `book` up to date with the database; replicas notice each other's changes by its mark."""

    package: RateBook
    rates: Rates
    book: RateBook
    _mark: str = ""

    @classmethod
    def of(cls, package: RateBook, rates: Rates) -> "Books":
        """The package's book, until the first refresh: so it says that nothing observed is in it."""
        return cls(package=package, rates=rates, book=package.without_observed())

    async def refresh(self) -> RateBook:
        """The book of now. A database that cannot be read leaves the last one, which then says so."""
        try:
            mark = await self.rates.mark()
            if mark != self._mark or self.book.observed_missing:
                self.book = await observed_book(self.package, self.rates)
                self._mark = mark
        except STORE_FAULTS as error:
            if not self.book.observed_missing:
                _log.warning("the observed rates cannot be read: %s", type(error).__name__)
            self.book = self.book.without_observed()
        return self.book


async def observed_book(package: RateBook, rates: Rates) -> RateBook:
    """The package's cards with what was observed since. Raises what the database raises."""
    changes = [observation.change for observation in await rates.accepted()]
    book = with_changes(package, changes, confirmed=await rates.confirmations())
    return book.with_held(_held(each) for each in await rates.waiting())


def _held(observation: Observation) -> HeldClaim:
    """What waits for a person, as it stands beside the card that it would change."""
    before, after = observation.card_before, observation.card
    was = listed_rates_of(before) if before else {}
    now = listed_rates_of(after) if after else {}
    return HeldClaim(
        key=observation.key,
        says=tuple((rate.value, usd) for rate, usd in now.items() if was.get(rate) != usd),
        gone=after is None,
        since=observation.observed_at.date(),
        source=SOURCES[observation.source].name,
    )


async def cards_once_at(url: str) -> tuple[AnyCard, ...]:
    """Every card that the database at a URL ever took; none where it cannot be read."""
    try:
        store = await Store.open(url)
    except StoreError:
        return ()
    try:
        return await Rates(store).all_cards()
    except STORE_FAULTS:
        return ()
    finally:
        await store.close()


async def book_at(url: str, package: RateBook) -> RateBook:
    """The book of the database at a URL, for one answer; the package's, which says so, where it cannot be read."""
    try:
        store = await Store.open(url)
    except StoreError:
        return package.without_observed()
    try:
        return await observed_book(package, Rates(store))
    except STORE_FAULTS:
        return package.without_observed()
    finally:
        await store.close()
