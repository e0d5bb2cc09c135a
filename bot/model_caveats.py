"""Which caveats of an answer about several models are about which of them."""

from decimal import Decimal

from bot.answers import Answer, ModelAnswer
from engine.caveats import (
    BillingPath,
    Caveat,
    ClusterTooSmall,
    FixedThroughput,
    IdealPrefixCache,
    NotOffered,
    PhasesOverlap,
    ReplicasScaleLinearly,
    SaturatedThroughput,
    StaleRates,
    ThroughputUnusual,
    UncertainStart,
)
from engine.costs import DedicatedEstimate
from engine.exact import exact
from pricing.clusters import ClusterPlan
from pricing.quotes import Quote


def caveats_of(answer: Answer, entry: ModelAnswer) -> tuple[Caveat, ...]:
    """The caveats whose facts are those of a model, and those that are about no model in particular."""
    others = [other for other in answer.models if other is not entry]
    return tuple(
        caveat
        for caveat in answer.caveats
        if _has_facts(entry, caveat) or not any(_has_facts(other, caveat) for other in others)
    )


def _has_facts(entry: ModelAnswer, caveat: Caveat) -> bool:
    """Whether a caveat has facts of a model, and they are this one's."""
    match caveat:
        case NotOffered(paths=paths, reason=reason):
            return all(reason in entry.quote(path).priced.reasons for path in paths)
        case IdealPrefixCache(usd_without_hits=amounts):
            return all(_without_hits(entry.quote(path)) == usd for path, usd in amounts)
        case PhasesOverlap(usd_low=low, usd_high=high):
            estimate = entry.quote(BillingPath.DEDICATED).priced.estimate
            if not isinstance(estimate, DedicatedEstimate):
                return False
            return (estimate.usd_low, estimate.usd_high) == (low, high)
        case StaleRates(paths=paths, verified_on=day):
            cards = [entry.quote(path).card for path in paths]
            return all(card is not None and str(card.verified_on) == day for card in cards)
        case UncertainStart(path=path, effective_from=day):
            card = entry.quote(path).card
            return card is not None and str(card.effective_from) == day
        case ReplicasScaleLinearly(cluster_gpus=gpus):
            return entry.model.cluster is not None and entry.model.cluster.gpus == gpus
        case _:
            plan = entry.quote(BillingPath.DEDICATED).cluster
            return plan is not None and _is_cluster_of(plan, caveat)


def _without_hits(quote: Quote) -> Decimal | None:
    estimate = quote.priced.estimate
    return estimate.usd_without_cache_hits if estimate else None


def _is_cluster_of(plan: ClusterPlan, caveat: Caveat) -> bool:
    match caveat:
        case SaturatedThroughput() | FixedThroughput():
            own = (plan.prompt_tps, plan.decode_tps)
            return own == (caveat.prompt_tps, caveat.decode_tps)
        case ClusterTooSmall(gpus=gpus, gpu_type=gpu_type):
            return (plan.gpus, plan.gpu_type) == (gpus, gpu_type)
        case ThroughputUnusual(field=field, tps_per_gpu=each):
            tps = plan.prompt_tps if field == "prompt_tps" else plan.decode_tps
            if tps is None or not plan.gpus:
                return False
            with exact():
                return tps / plan.gpus == each
        case _:
            return False
