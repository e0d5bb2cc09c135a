"""Where a text becomes an answer: today's rate cards and models, in memory, with the language and the engine on both sides."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from bot.answers import Answer, answer
from bot.kept import Kept, known_request, unpack
from bot.requests import Request, read
from pricing.cards import RateBook
from pricing.catalogue import Catalogue


@dataclass(slots=True)
class Desk:
    """Reads and answers requests. `book` is the one thing that changes while the bot runs, and is replaced whole."""

    book: RateBook
    catalogue: Catalogue
    today: Callable[[], date]

    def read(self, text: str, *, previous: Request | None = None) -> Request:
        return read(text, self.catalogue, today=self.today(), previous=previous)

    def answer(
        self, request: Request, *, on: date | None = None, published: bool = False
    ) -> Answer:
        """The answer of today, or of the day on which somebody saw it."""
        with _uncollected():
            return answer(
                request,
                book=self.book,
                catalogue=self.catalogue,
                today=on or self.today(),
                published=published,
            )

    def unpack(self, value: str) -> Kept:
        """What a button carries. Raises ValueError where it is of a model or a form that is no more."""
        return unpack(value, self.catalogue, today=self.today())

    def known(self, raw: object) -> Request:
        """What a thread kept. Raises ValueError like `unpack`."""
        return known_request(raw, self.catalogue, today=self.today())


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection: an answer leaves no cycles, and looking for them takes a third of a large sweep."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
