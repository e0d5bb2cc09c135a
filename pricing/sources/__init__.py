"""Where rates come from: each source a URL and a pure parser, one module for each page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from pricing.cards import CardPath
from pricing.catalogue import Catalogue
from pricing.sources import (
    fireworks_gpu,
    fireworks_models,
    fireworks_serverless,
    genai_prices,
    tinker_models,
    tinker_pricing,
)
from pricing.sources.listing import (
    FaultCode,
    FetchError,
    ListedRates,
    Listing,
    ParseError,
    SourceError,
    SourceId,
)

__all__ = [
    "SOURCES",
    "FaultCode",
    "FetchError",
    "ListedRates",
    "Listing",
    "ParseError",
    "Parser",
    "Source",
    "SourceError",
    "SourceId",
]


class Parser(Protocol):
    """A page's bytes -> what it says. Pure; raises ParseError for whatever is not a form that it knows."""

    def __call__(self, content: bytes, *, catalogue: Catalogue, on: date) -> Listing: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A place that says what rates are.

    `official`: the provider's own, which decides; a feed corroborates or flags. `lists_all`: a key of `paths` that is
    not there has gone. `next_page` finds the address of the rest in a page that is paged.
    """

    id: SourceId
    name: str
    url: str
    paths: frozenset[CardPath]
    parse: Parser
    official: bool = True
    lists_all: bool = True
    needs_key: bool = False
    next_page: Callable[[bytes], str | None] | None = None

    @property
    def url_variable(self) -> str:
        """The environment variable that sets another URL; empty turns the source off."""
        return f"RLCOST_SOURCE_{self.id.upper()}_URL"


_TINKER = frozenset({CardPath.TINKER})
_DEDICATED = frozenset({CardPath.DEDICATED})
_SERVERLESS = frozenset(path for path in CardPath if path.startswith("serverless_"))
_API_MODES = frozenset(
    {
        CardPath.SERVERLESS_STANDARD,
        CardPath.SERVERLESS_PRIORITY,
        CardPath.SERVERLESS_FAST,
        CardPath.SERVERLESS_SPOT,
    }
)

SOURCES: Mapping[SourceId, Source] = {
    source.id: source
    for source in (
        Source(
            id=SourceId.TINKER_MODELS,
            name="Tinker's models.json",
            url="https://tinker-docs.thinkingmachines.ai/tinker/models.json",
            paths=_TINKER,
            parse=tinker_models.parse,
        ),
        Source(
            id=SourceId.TINKER_PRICING,
            name="Tinker's pricing page",
            url="https://tinker-docs.thinkingmachines.ai/tinker/models/models_and_pricing/index.md",
            paths=_TINKER,
            parse=tinker_pricing.parse,
        ),
        Source(
            id=SourceId.FIREWORKS_SERVERLESS,
            name="Fireworks' serverless pricing page",
            url="https://docs.fireworks.ai/serverless/pricing.md",
            paths=_SERVERLESS,
            parse=fireworks_serverless.parse,
        ),
        Source(
            id=SourceId.FIREWORKS_GPU,
            name="Fireworks' pricing page",
            url="https://fireworks.ai/pricing",
            paths=_DEDICATED,
            parse=fireworks_gpu.parse,
        ),
        Source(
            id=SourceId.FIREWORKS_MODELS,
            name="Fireworks' serverless models API",
            url="https://api.fireworks.ai/v1/serverless/models",
            paths=_API_MODES,
            parse=fireworks_models.parse,
            lists_all=False,
            needs_key=True,
            next_page=fireworks_models.next_page_token,
        ),
        Source(
            id=SourceId.GENAI_PRICES,
            name="genai-prices",
            url="https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json",
            paths=frozenset({CardPath.SERVERLESS_STANDARD}),
            parse=genai_prices.parse,
            official=False,
            lists_all=False,
        ),
    )
}
