"""The database as the command line works on it: which one is set, the rates in it, checks and decisions, its migration.

Each call opens it and closes it again; to read rates none is needed.
"""

import os
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bot.input import UsageError

if TYPE_CHECKING:
    from bot.checks import CheckReport
    from bot.store.observations import Observation
    from bot.store.rates import Rates
    from pricing.cards import AnyCard, RateBook
    from pricing.catalogue import Catalogue

DATABASE_VARIABLE = "RLCOST_DATABASE_URL"
_DEFAULT_FILE = "rlcost.db"

Done = TypeVar("Done")


def database_url(environ: Mapping[str, str]) -> str | None:
    """The database that is set, or the file that the bot makes by default if it is there; None for none."""
    said = environ.get(DATABASE_VARIABLE, "").strip()
    return said or (f"sqlite:///{_DEFAULT_FILE}" if Path(_DEFAULT_FILE).is_file() else None)


def rate_book(catalogue: "Catalogue") -> "RateBook":
    """The rate cards: the package's, and with a database what was observed since. One that cannot be read leaves a caveat.

    Raises UsageError where what is set is no address of a database, or keeps nothing.
    """
    from pricing.cards import load_book

    package = load_book(catalogue)
    url = database_url(os.environ)
    if url is None:
        return package
    from bot.books import book_at  # a database takes long to import, and most have none

    _check_kept(url)
    return _run(book_at(url, package))


def named_cards(catalogue: "Catalogue", ids: Iterable[str]) -> "RateBook":
    """Just the cards that are named: those of the book, and those that it held once, be it for some hours of a day.

    Raises UsageError for one that was never there.
    """
    book, url = rate_book(catalogue), database_url(os.environ)
    once: tuple[AnyCard, ...] = ()
    if url is not None:
        from bot.books import cards_once_at

        once = _run(cards_once_at(url))
    try:
        return book.only(ids, once=once)
    except ValueError as error:
        raise UsageError(f"{error}; `rlcost ask --json` names the cards of an answer") from error


def check(catalogue: "Catalogue") -> "CheckReport":
    """Ask every source now, and record what they say. Raises UsageError for settings or a database that cannot be used."""
    return _with_rates(lambda rates: _checked(rates, catalogue))


def waiting() -> "tuple[Observation, ...]":
    """The changes that wait for a decision, oldest first."""
    return _with_rates(lambda rates: rates.waiting())


def decided(limit: int) -> "tuple[Observation, ...]":
    """The last decisions and what was withdrawn, newest first."""
    return _with_rates(lambda rates: rates.decided(limit, withdrawn=True))


def decide(number: int, *, approve: bool, by: str, why: str) -> "tuple[Observation, bool]":
    """Decide on a change; whether it was this call that did. Raises UsageError for one that is not there."""

    async def deciding(rates: "Rates") -> "tuple[Observation, bool]":
        return await rates.decide(number, approve=approve, by=by, why=why, at=datetime.now(tz=UTC))

    try:
        return _with_rates(deciding)
    except LookupError as error:
        raise UsageError(
            f"there is no change {number}; `rlcost rates review` lists what waits"
        ) from error


def who() -> str:
    """Whoever runs the command, as the machine knows them."""
    import getpass  # only a decision has a name

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody without a name on this machine"


def migrate() -> str:
    """Bring the database up to date; what was done, in a sentence."""
    from bot.store import STORE_FAULTS, StoreError
    from bot.store.database import migrate as upgrade

    url = database_url(os.environ) or f"sqlite:///{_DEFAULT_FILE}"
    _check_kept(url)
    try:
        before, after = _run(upgrade(url))
    except StoreError as error:
        raise UsageError(str(error)) from error
    except STORE_FAULTS as error:
        raise UsageError(_unusable(error)) from error
    if before == after:
        return f"The database is up to date (revision {after})."
    return f"The database was brought from {before or 'nothing'} to revision {after}."


async def _checked(rates: "Rates", catalogue: "Catalogue") -> "CheckReport":
    from aiohttp import ClientSession, DummyCookieJar

    from bot.checks import Checker
    from bot.fetching import Fetcher
    from bot.settings import SettingsError
    from bot.source_settings import API_KEY_VARIABLE, source_urls
    from pricing.cards import load_book

    try:
        urls = source_urls(os.environ)
    except SettingsError as error:
        raise UsageError(str(error)) from error
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        checker = Checker(
            fetcher=Fetcher(session),
            urls=urls,
            api_key=os.environ.get(API_KEY_VARIABLE, "").strip() or None,
            rates=rates,
            package=load_book(catalogue),
            catalogue=catalogue,
        )
        return await checker.check(at=datetime.now(tz=UTC))


def _run(work: Coroutine[Any, Any, Done]) -> Done:
    import asyncio  # takes as long as an answer, and without a database nothing waits

    return asyncio.run(work)


def _with_rates(work: "Callable[[Rates], Awaitable[Done]]") -> Done:
    """Do something with the database, which is made where there is none."""
    from bot.store import STORE_FAULTS, Store, StoreError
    from bot.store.rates import Rates

    url = database_url(os.environ) or f"sqlite:///{_DEFAULT_FILE}"
    _check_kept(url)

    async def done() -> Done:
        store = await Store.open(url)
        try:
            return await work(Rates(store))
        finally:
            await store.close()

    try:
        return _run(done())
    except StoreError as error:
        raise UsageError(str(error)) from error
    except STORE_FAULTS as error:
        raise UsageError(_unusable(error)) from error


def _check_kept(url: str) -> None:
    from bot.store.address import AddressError, check_kept

    try:
        check_kept(url)
    except AddressError as error:
        raise UsageError(str(error)) from error


def _unusable(error: BaseException) -> str:
    """Without the database's own words, which may hold what is in it."""
    return (
        f"the database that {DATABASE_VARIABLE} names cannot be used ({type(error).__name__}); "
        "see that it runs and can be reached"
    )
