"""Cards and books made up for one question."""

from datetime import date
from decimal import Decimal
from typing import Any

from pricing.cards import CardPath, Ended, GpuCard, RateBook, ServerlessCard, TinkerCard
from pricing.catalogue import GpuType

_PROVENANCE: dict[str, Any] = {
    "effective_from": date(2026, 1, 1),
    "from_certain": True,
    "verified_on": date(2026, 11, 1),
    "confidence": "high",
    "source_url": "https://example.com/rates",
    "sightings": ("2026-11-01",),
}


def tinker_card(window_tokens: int, usd: str, **changes: Any) -> TinkerCard:
    """A card of Kimi K2.6 that bills every token at `usd`."""
    fields = _PROVENANCE | {
        "model": "kimi-k2p6",
        "window_tokens": window_tokens,
        "input_usd_per_mtok": Decimal(usd),
        "output_usd_per_mtok": Decimal(usd),
    }
    return TinkerCard(**(fields | changes))


def serverless_card(usd: str, **changes: Any) -> ServerlessCard:
    fields = _PROVENANCE | {
        "path": CardPath.SERVERLESS_STANDARD,
        "model": "kimi-k2p6",
        "input_usd_per_mtok": Decimal(usd),
        "output_usd_per_mtok": Decimal(usd),
    }
    return ServerlessCard(**(fields | changes))


def gpu_card(usd: str, **changes: Any) -> GpuCard:
    fields = _PROVENANCE | {"gpu_type": GpuType.B300_288GB, "usd_per_gpu_hour": Decimal(usd)}
    return GpuCard(**(fields | changes))


def ended(on: date, why: Ended = Ended.RETIRED) -> dict[str, Any]:
    return {"effective_to": on, "ended": why}


def book_of(*cards: TinkerCard | ServerlessCard | GpuCard) -> RateBook:
    return RateBook(
        tinker=[card for card in cards if isinstance(card, TinkerCard)],
        serverless=[card for card in cards if isinstance(card, ServerlessCard)],
        gpus=[card for card in cards if isinstance(card, GpuCard)],
    )
