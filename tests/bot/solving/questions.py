"""Solves on a fixed day, without the request language, and bills to hold them against."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from bot.answers import Answer
from bot.requests.request import Field, Intent, Request, Value
from bot.solving.solution import Solution
from engine.caveats import BillingPath
from engine.costs import DedicatedEstimate
from pricing.cards import RateBook
from pricing.quotes import Quote
from tests.bot.asking import BOOK, ask

AUGUST = date(2026, 8, 1)
TINKER, STANDARD, PRIORITY, DEDICATED = (
    BillingPath.TINKER,
    BillingPath.SERVERLESS_STANDARD,
    BillingPath.SERVERLESS_PRIORITY,
    BillingPath.DEDICATED,
)
MODELS = ("kimi-k2p6", "qwen3p5-397b", "gpt-oss-120b", "kimi-k2p5")
SHAPES: tuple[dict[Field, Value], ...] = (
    {},
    {
        Field.INITIAL_PROMPT_TOKENS: 3000,
        Field.TOKENS_ADDED_PER_TURN: 855,
        Field.DECODE_TOKENS_PER_TURN: 227,
    },
    {
        Field.INITIAL_PROMPT_TOKENS: 0,
        Field.TOKENS_ADDED_PER_TURN: 0,
        Field.DECODE_TOKENS_PER_TURN: 500,
    },
    {Field.INITIAL_PROMPT_TOKENS: 112_500, Field.TOKENS_ADDED_PER_TURN: 0},
    {Field.DECODE_TOKENS_PER_TURN: 0},
    {Field.GPUS: 16, Field.PROMPT_TPS: 9000, Field.DECODE_TPS: Decimal("333.3")},
)


def solve(
    field: Field,
    model: str = "kimi-k2p6",
    fields: dict[Field, Value] | None = None,
    *,
    on: date | None = None,
    paths: Sequence[str] = (),
    book: RateBook = BOOK,
) -> Answer:
    day: dict[Field, Value] = {Field.AS_OF: on} if on else {}
    request = Request(
        intent=Intent.SOLVE,
        models=(model,),
        fields={**(fields or {}), **day},
        solve_for=field,
        paths=tuple(paths),
    )
    return ask(request, book=book)


def only(answer: Answer) -> Solution:
    (solution,) = answer.models[0].solutions
    return solution


def amounts(quotes: Sequence[Quote], path: BillingPath, *, phases_add: bool) -> Fraction:
    """The bill of a run on one path, from its own estimate."""
    found = next(quote for quote in quotes if quote.path is path).priced.estimate
    assert found is not None
    if isinstance(found, DedicatedEstimate) and phases_add:
        return Fraction(found.usd_high)
    return Fraction(found.usd)
