"""Writers of synthetic answers: Fireworks' serverless models API, and the data of genai-prices."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pricing.cards import CardPath, ServerlessCard
from pricing.catalogue import Catalogue

MODES = {
    CardPath.SERVERLESS_STANDARD: "standard",
    CardPath.SERVERLESS_PRIORITY: "priority",
    CardPath.SERVERLESS_FAST: "fast",
    CardPath.SERVERLESS_SPOT: "spot",
}
"""The paths that the API lists, and what it calls them."""


def models_api(
    cards: Iterable[ServerlessCard],
    catalogue: Catalogue,
    *,
    last_days: Mapping[str, date] = {},
    next_page: str | None = None,
) -> bytes:
    """A page of the API with the rates of these cards; those of paths that it does not list are left out.

    `last_days` are announced ends, by the model's key; `next_page` the token of a further page.
    """
    rows = [
        _row(card, catalogue, last_days.get(card.model)) for card in cards if card.path in MODES
    ]
    page: dict[str, Any] = {"object": "list", "data": rows}
    if next_page is not None:
        page["nextPageToken"] = next_page
    return json.dumps(page).encode()


def genai_data(cards: Iterable[ServerlessCard], catalogue: Catalogue) -> bytes:
    """genai-prices' data with the rates of the standard cards among these, beside another provider's."""
    models = [
        {"id": own_id(card.model, catalogue), "match": {}, "prices": _mtok(card)}
        for card in cards
        if card.path is CardPath.SERVERLESS_STANDARD
    ]
    other = {"id": "elsewhere", "models": [{"id": "any", "match": {}, "prices": {}}]}
    return json.dumps([other, {"id": "fireworks", "models": models}]).encode()


def own_id(model: str, catalogue: Catalogue) -> str:
    """Fireworks' id of a model itself, and not of its routers; one that nobody knows where it has none."""
    ids = catalogue.get(model).fireworks_ids
    return next((id_ for id_ in ids if "/models/" in id_), f"accounts/fireworks/models/{model}")


def _row(card: ServerlessCard, catalogue: Catalogue, last_day: date | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": own_id(card.model, catalogue),
        "object": "model",
        "serverless_mode": MODES[card.path],
        "pricing": [
            price("LLM input tokens (uncached)", card.input_usd_per_mtok),
            price("LLM output tokens", card.output_usd_per_mtok),
        ],
        "display_name": catalogue.get(card.model).label,
    }
    if card.cached_input_usd_per_mtok is not None:
        cached = price("LLM input tokens (cached)", card.cached_input_usd_per_mtok)
        row["pricing"].insert(1, cached)
    if card.path is CardPath.SERVERLESS_PRIORITY:
        row["service_tier"] = "priority"
    if last_day is not None:
        row["deprecationDate"] = {
            "year": last_day.year,
            "month": last_day.month,
            "day": last_day.day,
        }
    return row


def price(sku: str, usd: object) -> dict[str, Any]:
    """An entry of a row's `pricing`: a decimal string, per million tokens."""
    return {"sku": sku, "amount": str(usd), "unit": "1M tokens"}


def _mtok(card: ServerlessCard) -> dict[str, float]:
    rates: dict[str, Decimal | None] = {
        "input_mtok": card.input_usd_per_mtok,
        "cache_read_mtok": card.cached_input_usd_per_mtok,
        "output_mtok": card.output_usd_per_mtok,
    }
    return {name: float(usd) for name, usd in rates.items() if usd is not None}
