"""What each path charges for a workload on a day: the card, and whether the path can be bought as asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engine.caveats import (
    BillingPath,
    ContextOverflow,
    NoRate,
    Reason,
    Retired,
    Unconfirmed,
)
from engine.costs import Estimate, Notional, Offered, Priced, Unpriced, dedicated, token_billed
from engine.rates import Deployment
from engine.workload import EpisodeShape, Workload, count_tokens, turns_that_fit
from pricing.cards import (
    Card,
    CardKey,
    CardPath,
    Ended,
    GpuCard,
    Neighbours,
    RateBook,
    RateCard,
    ServerlessCard,
    TinkerCard,
)
from pricing.catalogue import Model
from pricing.clusters import ClusterPlan, ClusterRequest, missing_throughput, plan_cluster

SERVERLESS_PATHS = (
    BillingPath.SERVERLESS_STANDARD,
    BillingPath.SERVERLESS_PRIORITY,
    BillingPath.SERVERLESS_FAST,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One path of one model, with the card behind its amount.

    `window_tokens` is what the path holds, None where it is not known. `coming` is the next card where
    there is none for the day. `cluster` belongs to dedicated.
    """

    priced: Priced
    card: TinkerCard | ServerlessCard | GpuCard | None
    window_tokens: int | None
    coming: RateCard | None = None
    cluster: ClusterPlan | None = None

    @property
    def path(self) -> BillingPath:
        return self.priced.path

    @property
    def variant(self) -> str | None:
        """Which of Tinker's windows is priced; None on every other path."""
        return self.card.variant if isinstance(self.card, TinkerCard) else None


def quote_model(
    model: Model, workload: Workload, *, cluster: ClusterRequest, book: RateBook, on: date
) -> tuple[Quote, ...]:
    """The five paths of a model, in their order."""
    return (
        _tinker(model, workload, book, on),
        *(_serverless(model, path, workload, book, on) for path in SERVERLESS_PATHS),
        _dedicated(model, workload, plan_cluster(model, cluster), book, on),
    )


def _tinker(model: Model, workload: Workload, book: RateBook, on: date) -> Quote:
    """The variant to price: one that is still sold before one that has gone, one that holds the peak before
    one that does not; of those that hold it the cheapest, otherwise the widest."""
    around = [
        book.tinker.around(CardKey(CardPath.TINKER, model.key, variant.window_tokens), on)
        for variant in model.tinker
    ]
    known = [card for card in (_priceable(n, on) for n in around) if card]
    if not known:
        return _no_rate(BillingPath.TINKER, around, window_tokens=None)
    peak = count_tokens(workload.shape).peak_context_tokens
    estimates = [(card, token_billed(workload, card.rates)) for card in known]

    def rank(choice: tuple[TinkerCard, Estimate]) -> tuple[bool, bool, bool, Decimal]:
        card, estimate = choice
        fits = card.window_tokens >= peak
        order = estimate.usd if fits else Decimal(-card.window_tokens)
        return (not card.holds_on(on), not fits, fits and card.feed_only, order)

    card, estimate = min(estimates, key=rank)
    reasons = _reasons(card, workload.shape, window_tokens=card.window_tokens, on=on)
    return Quote(
        priced=_priced(BillingPath.TINKER, estimate, reasons),
        card=card,
        window_tokens=card.window_tokens,
    )


def _serverless(
    model: Model, path: BillingPath, workload: Workload, book: RateBook, on: date
) -> Quote:
    around = book.serverless.around(CardKey(CardPath(path), model.key), on)
    window_tokens = model.fireworks_window_tokens
    card = _priceable(around, on)
    if card is None:
        return _no_rate(path, [around], window_tokens=window_tokens)
    reasons = _reasons(card, workload.shape, window_tokens=window_tokens, on=on)
    return Quote(
        priced=_priced(path, token_billed(workload, card.rates), reasons),
        card=card,
        window_tokens=window_tokens,
    )


def _dedicated(
    model: Model, workload: Workload, plan: ClusterPlan, book: RateBook, on: date
) -> Quote:
    path, window_tokens = BillingPath.DEDICATED, model.fireworks_window_tokens
    key = CardKey(CardPath.DEDICATED, plan.gpu_type or "")
    around = book.gpus.around(key, on)
    card = _priceable(around, on)
    deployment = _deployment(plan, card)
    if card is None or deployment is None:
        missing = missing_throughput(model, plan)
        lacking: list[Reason] = [missing] if missing else []
        if card is None and plan.gpu_type is not None:
            lacking.append(_gap([around]))
        return Quote(
            priced=Unpriced(path=path, reasons=tuple(lacking)),
            card=card,
            window_tokens=window_tokens,
            coming=around.coming if card is None else None,
            cluster=plan,
        )
    reasons = _reasons(card, workload.shape, window_tokens=window_tokens, on=on)
    return Quote(
        priced=_priced(path, dedicated(workload, deployment), reasons),
        card=card,
        window_tokens=window_tokens,
        cluster=plan,
    )


def _deployment(plan: ClusterPlan, card: GpuCard | None) -> Deployment | None:
    """What the engine prices; None where the plan or the card leaves something open."""
    if card is None or plan.gpus is None or plan.prompt_tps is None or plan.decode_tps is None:
        return None
    return Deployment(
        gpu_type=card.gpu_type,
        gpus=plan.gpus,
        usd_per_gpu_hour=card.usd_per_gpu_hour,
        prompt_tps=plan.prompt_tps,
        decode_tps=plan.decode_tps,
    )


def _priceable(around: Neighbours[Card], on: date) -> Card | None:
    """The card that gives an amount for a day: one that holds, or the last one before a retirement."""
    card = around.begun
    if card is None or card.holds_on(on) or card.ended is Ended.RETIRED:
        return card
    return None


def _reasons(
    card: RateCard, shape: EpisodeShape, *, window_tokens: int | None, on: date
) -> tuple[Reason, ...]:
    """Why an amount cannot be bought as asked; empty where it can."""
    reasons: list[Reason] = []
    if card.effective_to is not None and card.effective_to < on:
        reasons.append(Retired(on=card.effective_to.isoformat()))
    peak = count_tokens(shape).peak_context_tokens
    if window_tokens is not None and window_tokens < peak:
        fits = turns_that_fit(shape, window_tokens=window_tokens)
        reasons.append(
            ContextOverflow(needs_tokens=peak, window_tokens=window_tokens, max_turns=fits)
        )
    if card.feed_only:
        reasons.append(Unconfirmed(verified_on=card.verified_on.isoformat()))
    return tuple(reasons)


def _priced(path: BillingPath, estimate: Estimate, reasons: tuple[Reason, ...]) -> Priced:
    if reasons:
        return Notional(path=path, estimate=estimate, reasons=reasons)
    return Offered(path=path, estimate=estimate)


def _no_rate(
    path: BillingPath, around: Sequence[Neighbours[Card]], *, window_tokens: int | None
) -> Quote:
    coming = min(
        (n.coming for n in around if n.coming), key=lambda card: card.effective_from, default=None
    )
    return Quote(
        priced=Unpriced(path=path, reasons=(_gap(around),)),
        card=None,
        window_tokens=window_tokens,
        coming=coming,
    )


def _gap(around: Sequence[Neighbours[Card]]) -> NoRate:
    """Between which days no rate is known."""
    starts = [n.coming.effective_from for n in around if n.coming]
    ends = [n.begun.effective_to for n in around if n.begun and n.begun.effective_to]
    return NoRate(
        first_from=min(starts).isoformat() if starts else None,
        last_to=max(ends).isoformat() if ends else None,
    )
