"""What a source says of rates: the shape that every parser gives, and the faults that a page can have."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pricing.cards import CardKey
from pricing.changes import RateName


class SourceId(StrEnum):
    """The sources of rates, as settings and reports name them."""

    TINKER_MODELS = "tinker_models"
    TINKER_PRICING = "tinker_pricing"
    FIREWORKS_SERVERLESS = "fireworks_serverless"
    FIREWORKS_GPU = "fireworks_gpu"
    FIREWORKS_MODELS = "fireworks_models"
    GENAI_PRICES = "genai_prices"


class FaultCode(StrEnum):
    """Why a source gave nothing: it did not arrive (the first six), or it is not what its parser knows."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    STATUS = "status"
    REDIRECT = "redirect"
    TOO_LARGE = "too_large"
    NOT_HTTPS = "not_https"
    ENCODING = "encoding"
    FORMAT = "format"
    HEADING = "heading"
    UNIT = "unit"
    CURRENCY = "currency"
    RATE = "rate"
    ROWS = "rows"


class SourceError(Exception):
    """A source is at fault: the provider's, or our parser's. The last good cards stay."""

    def __init__(self, code: FaultCode, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class FetchError(SourceError):
    """The page did not arrive."""


class ParseError(SourceError):
    """The page looks different from every form that is known; the text says what was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRates:
    """The rates of one key, as one row of a source says them, in US dollars per million tokens or GPU-hour.

    `quote` is the source's line, as evidence for whoever reviews it. `effective_from` is the first day of the rates,
    where the source names it; without it they hold now. `last_day` is the last one, where an end is announced.
    A page that rounds gives `between`: the bounds, both included, within which the GPU-hour lies; its rate is then the
    likeliest. `doubt` says why nobody should take this row on trust: it contradicts itself.
    """

    key: CardKey
    rates: Mapping[RateName, Decimal | None]
    quote: str
    effective_from: date | None = None
    last_day: date | None = None
    between: tuple[Decimal, Decimal] | None = None
    doubt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """All that one source says. `not_covered` are its names for models that the catalogue does not have."""

    rates: tuple[ListedRates, ...]
    not_covered: tuple[str, ...] = ()
