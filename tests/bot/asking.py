"""Requests answered on a fixed day, without the request language."""

from datetime import date

from bot.answers import Answer, answer
from bot.requests.request import Field, Intent, Problem, Request, Value
from pricing.cards import RateBook, load_book
from pricing.catalogue import load_catalogue

TODAY = date(2026, 11, 21)
CATALOGUE = load_catalogue()
BOOK = load_book(CATALOGUE)

LONG_RUN: dict[Field, Value] = {Field.TURNS: 20, Field.EPISODES: 5_000}


def ask(request: Request, *, book: RateBook = BOOK, published: bool = False) -> Answer:
    return answer(request, book=book, catalogue=CATALOGUE, today=TODAY, published=published)


def estimate(
    model: str = "kimi-k2p6",
    fields: dict[Field, Value] | None = None,
    *,
    on: date | None = None,
    book: RateBook = BOOK,
    published: bool = False,
) -> Answer:
    day: dict[Field, Value] = {Field.AS_OF: on} if on else {}
    request = Request(intent=Intent.ESTIMATE, models=(model,), fields={**(fields or {}), **day})
    return ask(request, book=book, published=published)


def rates(*models: str, fields: dict[Field, Value] | None = None) -> Answer:
    return ask(Request(intent=Intent.RATES, models=models, fields=fields or {}))


def refused(*problems: Problem, models: tuple[str, ...] = ("kimi-k2p6",)) -> Answer:
    return ask(Request(intent=Intent.ESTIMATE, models=models, fields={}, problems=problems))
