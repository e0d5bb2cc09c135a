"""What moved between the calculator of 2026-05-16 and the answer, step by step in dollars."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar

from engine.caveats import BillingPath, Reason
from engine.costs import Unpriced, dedicated, token_billed
from engine.published import PublishedFigures, PublishedModel, published_figures
from engine.rates import Deployment, TokenRates
from engine.workload import Workload
from pricing.cards import GpuCard, TinkerCard
from pricing.clusters import ClusterRequest
from pricing.quotes import Quote

# The page took whole numbers of tokens per second.
LEAST_TPS = 1


class Step(StrEnum):
    """Which of a path's terms moved."""

    VARIANT = "variant"
    RATE = "rate"
    CACHE = "cache"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class TinkerTerms:
    """On what terms Tinker bills: which variant, at which rates."""

    variant: str
    rates: TokenRates


@dataclass(frozen=True, slots=True, kw_only=True)
class TinkerMoved:
    """One of Tinker's terms changed, and the run's bill with it."""

    step: Step
    was: TinkerTerms
    now: TinkerTerms
    usd_before: Decimal
    usd_after: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterMoved:
    """The cluster or its price changed, and the run's bill with it."""

    step: Step
    was: Deployment
    now: Deployment
    usd_before: Decimal
    usd_after: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMoved:
    """The page sold a path without asking what now keeps it from being bought."""

    path: BillingPath
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class PathsAdded:
    """Paths with an amount that the page did not show."""

    paths: tuple[BillingPath, ...]


Moved = TinkerMoved | ClusterMoved | StatusMoved | PathsAdded


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedAnswer:
    """The page's figures for the same inputs, and what moved since."""

    model: PublishedModel
    figures: PublishedFigures
    moved: tuple[Moved, ...]


def published_answer(
    model: PublishedModel, workload: Workload, *, said: ClusterRequest, quotes: Sequence[Quote]
) -> PublishedAnswer | None:
    """What the page showed beside what `quotes` say; None for a throughput that the page did not take."""
    gpus = model.gpus if said.gpus is None else said.gpus
    prompt_tps = Decimal(model.prompt_tps) if said.prompt_tps is None else said.prompt_tps
    decode_tps = Decimal(model.decode_tps) if said.decode_tps is None else said.decode_tps
    if min(prompt_tps, decode_tps) < LEAST_TPS:
        return None
    figures = published_figures(
        model, workload, gpus=gpus, prompt_tps=float(prompt_tps), decode_tps=float(decode_tps)
    )
    deployment = Deployment(
        gpu_type=model.gpu_type,
        gpus=gpus,
        usd_per_gpu_hour=_exact(model.usd_per_gpu_hour),
        prompt_tps=prompt_tps,
        decode_tps=decode_tps,
    )
    moved = tuple(_moved(model, workload, deployment, quotes))
    return PublishedAnswer(model=model, figures=figures, moved=moved)


def _moved(
    model: PublishedModel, workload: Workload, deployment: Deployment, quotes: Sequence[Quote]
) -> Iterator[Moved]:
    by_path = {quote.path: quote for quote in quotes}
    tinker, cluster = by_path[BillingPath.TINKER], by_path[BillingPath.DEDICATED]
    for step, was, now in _changes(_tinker_steps(model, tinker)):
        yield TinkerMoved(
            step=step,
            was=was,
            now=now,
            usd_before=token_billed(workload, was.rates).usd,
            usd_after=token_billed(workload, now.rates).usd,
        )
    yield from _status(tinker)
    for step, before, after in _changes(_cluster_steps(deployment, cluster)):
        yield ClusterMoved(
            step=step,
            was=before,
            now=after,
            usd_before=dedicated(workload, before).usd,
            usd_after=dedicated(workload, after).usd,
        )
    yield from _status(cluster)
    added = tuple(
        quote.path
        for quote in quotes
        if quote not in (tinker, cluster) and not isinstance(quote.priced, Unpriced)
    )
    if added:
        yield PathsAdded(paths=added)


def _tinker_steps(model: PublishedModel, quote: Quote) -> Iterator[tuple[Step, TinkerTerms]]:
    """From the page's terms to those of today: first variant and rates, then the cached rate."""
    then = TinkerTerms(
        variant=model.tinker_variant,
        rates=TokenRates(
            input_usd_per_mtok=_exact(model.input_usd_per_mtok),
            output_usd_per_mtok=_exact(model.output_usd_per_mtok),
        ),
    )
    yield Step.RATE, then
    if isinstance(quote.card, TinkerCard):
        rates = quote.card.rates
        uncached = rates.model_copy(update={"cached_input_usd_per_mtok": None})
        step = Step.RATE if quote.card.variant == then.variant else Step.VARIANT
        yield step, TinkerTerms(variant=quote.card.variant, rates=uncached)
        yield Step.CACHE, TinkerTerms(variant=quote.card.variant, rates=rates)


def _cluster_steps(deployment: Deployment, quote: Quote) -> Iterator[tuple[Step, Deployment]]:
    """From the page's cluster to today's: first its GPUs and throughput, then the GPU-hour."""
    yield Step.RATE, deployment
    plan = quote.cluster
    if plan is None or not isinstance(quote.card, GpuCard) or isinstance(quote.priced, Unpriced):
        return
    cluster = deployment.model_copy(
        update={
            "gpu_type": str(plan.gpu_type),
            "prompt_tps": plan.prompt_tps,
            "decode_tps": plan.decode_tps,
        }
    )
    yield Step.CLUSTER, cluster
    hourly = {"usd_per_gpu_hour": quote.card.usd_per_gpu_hour}
    yield Step.RATE, cluster.model_copy(update=hourly)


Terms = TypeVar("Terms")


def _changes(steps: Iterator[tuple[Step, Terms]]) -> Iterator[tuple[Step, Terms, Terms]]:
    """Neighbours that differ, named after the step that leads from one to the other."""
    for (_, was), (step, now) in pairwise(steps):
        if was != now:
            yield step, was, now


def _status(quote: Quote) -> Iterator[StatusMoved]:
    for reason in quote.priced.reasons:
        yield StatusMoved(path=quote.path, reason=reason)


def _exact(usd: float) -> Decimal:
    """The price as the page wrote it, not as binary keeps it."""
    return Decimal(str(usd))
