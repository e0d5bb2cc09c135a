"""Which rate cards a question about rates is answered with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pricing.cards import AnyCard, CardPath, Ended, GpuCard, RateBook
from pricing.catalogue import GpuType, Model


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCard:
    """A card, and whether it holds on the day asked for or is the last one before its end."""

    card: AnyCard
    in_force: bool


def list_cards(
    book: RateBook,
    *,
    models: Sequence[Model],
    gpu_type: GpuType | None,
    paths: Sequence[str],
    on: date,
) -> tuple[ListedCard, ...]:
    """The cards of a day: of what is named, or of everything.

    A model brings the GPU-hours of its cluster, and what it has lost: the last card of each key that
    ended and that no later card replaces by the day.
    """
    wanted = {model.key for model in models}
    gpus, charged = _gpu_types(models, gpu_type), _card_paths(paths)
    return tuple(
        listed
        for listed in _current(book, on)
        if _is_wanted(listed.card, wanted, gpus)
        and (not paths or listed.card.key.path in charged)
        and (listed.in_force or (wanted and not isinstance(listed.card, GpuCard)))
    )


def _card_paths(paths: Sequence[str]) -> frozenset[str]:
    """The paths asked for; standard stands for *serverless* alone, and so for every way to buy it."""
    serverless = {path for path in CardPath if path.startswith("serverless_")}
    return frozenset(paths) | (serverless if CardPath.SERVERLESS_STANDARD in paths else set())


def _gpu_types(models: Sequence[Model], gpu_type: GpuType | None) -> set[GpuType]:
    """The GPUs asked for: the one that is named, else those of the models' clusters; empty for any."""
    if gpu_type is not None:
        return {gpu_type}
    return {model.cluster.gpu_type for model in models if model.cluster}


def _is_wanted(card: AnyCard, models: set[str], gpus: set[GpuType]) -> bool:
    if isinstance(card, GpuCard):
        return not gpus or card.gpu_type in gpus
    return card.model in models if models else not gpus


def _current(book: RateBook, on: date) -> Iterator[ListedCard]:
    """Of each key the last card to have begun, in the order of the files."""
    last: dict[tuple[object, ...], AnyCard] = {}
    for card in book:
        begun = last.get(card.key)
        if card.effective_from <= on and (
            begun is None or begun.effective_from < card.effective_from
        ):
            last[card.key] = card
    for card in last.values():
        in_force = card.holds_on(on)
        if in_force or card.ended is not Ended.REPLACED:
            yield ListedCard(card=card, in_force=in_force)
