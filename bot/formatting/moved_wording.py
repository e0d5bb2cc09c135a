"""Sentences about what moved since the calculator of 2026-05-16."""

from typing import assert_never

from bot.formatting.figures import money, number, price
from bot.formatting.wording import gpus_words, path_names, rates_words, reason_text
from bot.moved import ClusterMoved, Moved, PathsAdded, StatusMoved, Step, TinkerMoved
from engine.rates import Deployment


def moved_text(moved: Moved) -> str:
    """One thing that moved, with the run's bill before and after."""
    match moved:
        case TinkerMoved(usd_before=before, usd_after=after):
            return f"Tinker, {_tinker_terms(moved)}: {money(before)} → {money(after)}."
        case ClusterMoved(usd_before=before, usd_after=after):
            return f"Dedicated, {_cluster_terms(moved)}: {money(before)} → {money(after)}."
        case StatusMoved(path=path, reason=reason):
            return reason_text((path,), reason)
        case PathsAdded(paths=paths):
            return f"{path_names(paths)}: not on that page."
        case _:
            assert_never(moved)


def _tinker_terms(moved: TinkerMoved) -> str:
    was, now = moved.was, moved.now
    cached = now.rates.cached_input_usd_per_mtok
    if moved.step is Step.CACHE and cached is not None:
        return f"cached prompt tokens at {price(cached)} instead of {price(now.rates.input_usd_per_mtok)}"
    rates = f"{rates_words(was.rates)} → {rates_words(now.rates)}"
    return rates if was.variant == now.variant else f"{was.variant} → {now.variant}, {rates}"


def _cluster_terms(moved: ClusterMoved) -> str:
    was, now = moved.was, moved.now
    if moved.step is Step.RATE:
        return f"GPU-hour {price(was.usd_per_gpu_hour)} → {price(now.usd_per_gpu_hour)}"
    return f"{gpus_words(now.gpus, now.gpu_type)} at {_speed(was)} → {_speed(now)}"


def _speed(cluster: Deployment) -> str:
    return f"{number(cluster.prompt_tps)} + {number(cluster.decode_tps)} tok/s"
