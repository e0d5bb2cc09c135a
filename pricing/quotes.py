"""What each path charges for a workload on a day: the card, and whether the path can be bought as asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.caveats import (
    BillingPath,
    ContextOverflow,
    NoRate,
    Reason,
    Retired,
    Unconfirmed,
)
from engine.costs import Estimate, Notional, Offered, Priced, Unpriced, dedicated, token_billed
from engine.rates import Deployment, TokenRates
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
    return price_list(model, cluster=cluster, book=book, on=on).quotes(workload)


def price_list(model: Model, *, cluster: ClusterRequest, book: RateBook, on: date) -> "PriceList":
    """What a model's paths charge on a day, for any number of runs."""
    plan = plan_cluster(model, cluster)
    return PriceList(
        tinker=_tinker_terms(model, book, on),
        serverless=tuple(_serverless_terms(model, path, book, on) for path in SERVERLESS_PATHS),
        dedicated=_dedicated_terms(model, plan, book, on),
        plan=plan,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """A card on a day: how it bills, the window of its path, and what keeps it from being bought whatever the run."""

    path: BillingPath
    card: TinkerCard | ServerlessCard | GpuCard
    bills: TokenRates | Deployment
    window_tokens: int | None
    retired: tuple[Retired, ...]
    unconfirmed: tuple[Unconfirmed, ...]

    def estimate(self, workload: Workload) -> Estimate:
        if isinstance(self.bills, Deployment):
            return dedicated(workload, self.bills)
        return token_billed(workload, self.bills)

    def holds(self, peak_tokens: int) -> bool:
        """Whether its window is known not to be too small."""
        return self.window_tokens is None or peak_tokens <= self.window_tokens

    def quote(
        self,
        workload: Workload,
        peak_tokens: int,
        *,
        estimate: Estimate | None = None,
        plan: ClusterPlan | None = None,
    ) -> Quote:
        """The path with the estimate, or a new one; `plan` belongs to dedicated."""
        return Quote(
            priced=_priced(
                self.path,
                estimate or self.estimate(workload),
                self._reasons(workload.shape, peak_tokens),
            ),
            card=self.card,
            window_tokens=self.window_tokens,
            cluster=plan,
        )

    def _reasons(self, shape: EpisodeShape, peak_tokens: int) -> tuple[Reason, ...]:
        """Why an amount cannot be bought as asked; empty where it can."""
        if self.window_tokens is None or peak_tokens <= self.window_tokens:
            return (*self.retired, *self.unconfirmed)
        overflow = ContextOverflow(
            needs_tokens=peak_tokens,
            window_tokens=self.window_tokens,
            max_turns=turns_that_fit(shape, window_tokens=self.window_tokens),
        )
        return (*self.retired, overflow, *self.unconfirmed)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """The cards of a model's five paths on a day, found once; a path without a rate has its quote instead.

    `tinker` are the variants with a rate, of which each run has one to price.
    """

    tinker: tuple[_Terms, ...] | Quote
    serverless: tuple[_Terms | Quote, ...]
    dedicated: _Terms | Quote
    plan: ClusterPlan

    def quotes(self, workload: Workload) -> tuple[Quote, ...]:
        """The five paths for a run, in their order."""
        peak = count_tokens(workload.shape).peak_context_tokens
        return (
            self._tinker(workload, peak),
            *(
                terms if isinstance(terms, Quote) else terms.quote(workload, peak)
                for terms in self.serverless
            ),
            self.dedicated
            if isinstance(self.dedicated, Quote)
            else self.dedicated.quote(workload, peak, plan=self.plan),
        )

    def _tinker(self, workload: Workload, peak: int) -> Quote:
        """The variant to price: one that is still sold before one that has gone, one that holds the peak before
        one that does not; of those that hold it the cheapest, otherwise the widest."""
        if isinstance(self.tinker, Quote):
            return self.tinker

        def rank(terms: _Terms) -> tuple[bool, bool, bool]:
            fits = terms.holds(peak)
            return (bool(terms.retired), not fits, fits and bool(terms.unconfirmed))

        first = min(map(rank, self.tinker))
        alike = [terms for terms in self.tinker if rank(terms) == first]
        if not alike[0].holds(peak):
            return max(alike, key=lambda terms: terms.window_tokens or 0).quote(workload, peak)
        estimates = [(terms, terms.estimate(workload)) for terms in alike]
        terms, estimate = min(estimates, key=lambda one: one[1].usd)
        return terms.quote(workload, peak, estimate=estimate)


def _tinker_terms(model: Model, book: RateBook, on: date) -> tuple[_Terms, ...] | Quote:
    around = [
        book.tinker.around(CardKey(CardPath.TINKER, model.key, variant.window_tokens), on)
        for variant in model.tinker
    ]
    terms = tuple(
        _terms(BillingPath.TINKER, card, card.rates, window_tokens=card.window_tokens, on=on)
        for card in (_priceable(neighbours, on) for neighbours in around)
        if card
    )
    return terms or _no_rate(BillingPath.TINKER, around, window_tokens=None)


def _serverless_terms(model: Model, path: BillingPath, book: RateBook, on: date) -> _Terms | Quote:
    around = book.serverless.around(CardKey(CardPath(path), model.key), on)
    window_tokens = model.fireworks_window_tokens
    card = _priceable(around, on)
    if card is None:
        return _no_rate(path, [around], window_tokens=window_tokens)
    return _terms(path, card, card.rates, window_tokens=window_tokens, on=on)


def _dedicated_terms(model: Model, plan: ClusterPlan, book: RateBook, on: date) -> _Terms | Quote:
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
    return _terms(path, card, deployment, window_tokens=window_tokens, on=on)


def _terms(
    path: BillingPath,
    card: TinkerCard | ServerlessCard | GpuCard,
    bills: TokenRates | Deployment,
    *,
    window_tokens: int | None,
    on: date,
) -> _Terms:
    ended = card.effective_to is not None and card.effective_to < on
    last_day = card.effective_to.isoformat() if card.effective_to else ""
    verified_on = card.verified_on.isoformat()
    return _Terms(
        path=path,
        card=card,
        bills=bills,
        window_tokens=window_tokens,
        retired=(Retired(on=last_day),) if ended else (),
        unconfirmed=(Unconfirmed(verified_on=verified_on),) if card.feed_only else (),
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
