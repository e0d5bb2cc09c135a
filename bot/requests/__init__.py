"""The request language: one piece of text becomes one request. Pure; nothing here touches a clock or a network.

    normalise -> beside -> names, lexer -> parts -> grammar -> settled -> interpret -> Request

docs/requests.md is its specification.
"""

from dataclasses import replace
from datetime import date
from functools import lru_cache

from pricing.catalogue import Catalogue

from .beside import Beside, beside, prefix_problem, says_nothing_else, shared_prefix
from .grammar import read_text
from .intents import asked
from .interpret import understand
from .names import Mention, Names
from .normalise import LONGEST_TEXT, normalise
from .phrases import MODEL
from .reading import Reading
from .request import Field, Intent, Problem, ProblemCode, Request, Span, Value
from .wire import as_json, from_json

__all__ = [
    "Field",
    "Intent",
    "Problem",
    "ProblemCode",
    "Request",
    "Span",
    "Value",
    "as_json",
    "from_json",
    "read",
    "starts_over",
]


# One character may stand for many (a ligature, `½`); a text that unfolds to more than this is refused too.
_LONGEST_PLAIN_TEXT = 2 * LONGEST_TEXT


def read(
    text: str, catalogue: Catalogue, *, today: date, previous: Request | None = None
) -> Request:
    """Reads a text as Slack or a terminal sends it, as a follow-up where `previous` is the thread's last request.

    Never raises for any text: what cannot be read is in the request's problems.
    """
    plain = normalise(text) if len(text) <= LONGEST_TEXT else None
    if plain is None or len(plain) > _LONGEST_PLAIN_TEXT:
        problem = Problem(
            code=ProblemCode.VALUE_INVALID,
            text=f"{len(text):,} characters",
            hint=f"at most {LONGEST_TEXT:,} characters are read: send the numbers alone",
        )
        return Request(intent=Intent.HELP, fields={}, problems=(problem,))
    names = _names(catalogue)
    aside = beside(plain)
    reading = read_text(aside.text, names, today)
    if not aside.says_something and not aside.listing:
        reading, aside = _with_prefix(aside, reading, names, today)
    words = _without_models(aside.text, reading.mentions)
    return understand(reading, asked(words), names, previous, aside)


def starts_over(text: str) -> bool:
    """Whether a text forgets the request before it."""
    return asked(normalise(text[:LONGEST_TEXT]).lower()).start_over


def _with_prefix(
    aside: Beside, reading: Reading, names: Names, today: date
) -> tuple[Reading, Beside]:
    """The beginning of several presets lists them where it is all that is said, and is unclear beside a model."""
    found = shared_prefix(aside.text)
    if found is None:
        return reading, aside
    prefix, text = found
    without = read_text(text, names, today)
    if not says_nothing_else(_without_models(text, without.mentions)):
        return reading, aside
    if without.mentions or without.keys or without.numbers:
        return without, replace(aside, text=text, unknown=(prefix_problem(prefix),))
    return without, replace(aside, text="", listing=True, prefix=prefix)


@lru_cache(maxsize=4)
def _names(catalogue: Catalogue) -> Names:
    return Names(catalogue)


def _without_models(text: str, mentions: list[Mention]) -> str:
    """The text in lower case with a mark where each model stood, so that no part of a name reads as a word."""
    pieces, at = [], 0
    for mention in mentions:
        pieces += [text[at : mention.start], MODEL]
        at = max(at, mention.end)
    return "".join([*pieces, text[at:]]).lower()
