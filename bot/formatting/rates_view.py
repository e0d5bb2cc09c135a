"""Rate cards in words: what holds, what has ended, and how old each check is."""

from collections.abc import Iterator
from decimal import Decimal

from bot.answers import Answer
from bot.formatting.figures import NO_AMOUNT, price
from bot.formatting.layout import Cell, Figure, Section, Sourced, Table
from bot.formatting.wording import caveat_text, held_words, rates_words, variant_name
from bot.listing import ListedCard
from pricing.cards import (
    AnyCard,
    CardKey,
    CardPath,
    Ended,
    GpuCard,
    ServerlessCard,
    TinkerCard,
)
from pricing.catalogue import window_name
from pricing.doubts import age_days, is_stale

_CLOSING_HEADER = ("Since", "Checked", "State")


def rates_sections(answer: Answer) -> Iterator[Section]:
    """Token rates and GPU-hours apart, then where they are from. One model alone needs no column."""
    tokens = [
        (*_token_cells(c.card), *_closing(c, answer))
        for c in answer.cards
        if not isinstance(c.card, GpuCard)
    ]
    gpus = [
        (*_gpu_cells(c.card), *_closing(c, answer))
        for c in answer.cards
        if isinstance(c.card, GpuCard)
    ]
    if tokens:
        skip = 1 if len(answer.request.models) == 1 else 0
        header = ("Model", "Path", "Input", "Cached", "Output", *_CLOSING_HEADER)[skip:]
        rows = tuple(row[skip:] for row in tokens)
        table = Table(header=header, rows=rows, numeric=frozenset(range(2 - skip, 5 - skip)))
        yield Section(title="US dollars per 1M tokens", table=table)
    if gpus:
        table = Table(
            header=("GPU", "GPU-hour", *_CLOSING_HEADER), rows=tuple(gpus), numeric=frozenset({1})
        )
        yield Section(title="US dollars per GPU-hour", table=table)
    if answer.held:
        lines = tuple(f"{key_label(claim.key)}: {held_words(claim)}." for claim in answer.held)
        yield Section(title="Held", lines=lines)
    if answer.caveats:
        yield Section(lines=tuple(caveat_text(caveat) for caveat in answer.caveats))
    sources = dict.fromkeys(c.card.source_url for c in answer.cards)
    if sources:
        yield Section(title="Sources", lines=tuple(Sourced("", url) for url in sources))


def card_label(card: AnyCard) -> str:
    """What a card is for, without its model: `Tinker 128K`, `Serverless fast`, `B300 288GB`."""
    if isinstance(card, GpuCard):
        return card.gpu_type.replace("_", " ")
    return variant_name(card.key.path, card.variant if isinstance(card, TinkerCard) else None)


def key_label(key: CardKey) -> str:
    """What a rate is for, with its model: `kimi-k2p6, Tinker 128K`, `B300 288GB`."""
    if key.path is CardPath.DEDICATED:
        return key.item.replace("_", " ")
    window = window_name(key.window_tokens) if key.window_tokens else None
    return f"{key.item}, {variant_name(key.path, window)}"


def card_rates(card: AnyCard) -> str:
    """A card's rates in a sentence."""
    if isinstance(card, GpuCard):
        return f"{price(card.usd_per_gpu_hour)} per GPU-hour"
    return f"{rates_words(card.rates)} per 1M tokens"


def _token_cells(card: TinkerCard | ServerlessCard) -> tuple[Cell, ...]:
    cached = card.cached_input_usd_per_mtok
    return (
        card.model,
        card_label(card),
        _price(card.input_usd_per_mtok),
        NO_AMOUNT if cached is None else _price(cached),
        _price(card.output_usd_per_mtok),
    )


def _gpu_cells(card: GpuCard) -> tuple[Cell, ...]:
    return card_label(card), _price(card.usd_per_gpu_hour)


def _price(usd: Decimal) -> Figure:
    return Figure(price(usd), usd)


def _closing(listed: ListedCard, answer: Answer) -> tuple[str, ...]:
    """Since when, when it was checked, and that it has ended or how old the check is once over 30 days."""
    card = listed.card
    if not listed.in_force:
        state = (
            f"{'retired' if card.ended is Ended.RETIRED else 'not seen'} after {card.effective_to}"
        )
    elif is_stale(card, today=answer.today):
        state = f"{age_days(card, today=answer.today):,} days ago"
    else:
        state = ""
    return str(card.effective_from), str(card.verified_on), state
