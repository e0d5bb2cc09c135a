"""Which caveats of an answer about several models are about which of them."""

from decimal import Decimal
from typing import assert_never

from bot.answers import Answer, ModelAnswer
from engine.caveats import (
    BillingPath,
    Caveat,
    ClusterTooSmall,
    ConflictingSources,
    DecodeExceedsAdded,
    DefaultsUsed,
    FixedThroughput,
    HeldForReview,
    IdealPrefixCache,
    NotAQuote,
    NotOffered,
    ObservedRatesMissing,
    OnlyNamedCards,
    OverflowDiffers,
    PhasesOverlap,
    ReplicasScaleLinearly,
    SaturatedThroughput,
    ServerlessBaseModelOnly,
    StaleRates,
    ThroughputUnusual,
    TrainingExcluded,
    UncertainStart,
    WindowUnknown,
)
from engine.costs import DedicatedEstimate
from pricing.clusters import cluster_caveats
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
        case StaleRates() | UncertainStart():
            return _are_cards_of(entry, caveat)
        case WindowUnknown() | OverflowDiffers():
            return _are_windows_of(entry, caveat)
        case ReplicasScaleLinearly(cluster_gpus=gpus):
            return entry.model.cluster is not None and entry.model.cluster.gpus == gpus
        case SaturatedThroughput() | FixedThroughput():
            plan = entry.quote(BillingPath.DEDICATED).cluster
            own = (caveat.prompt_tps, caveat.decode_tps)
            return plan is not None and (plan.prompt_tps, plan.decode_tps) == own
        case ClusterTooSmall() | ThroughputUnusual():
            plan = entry.quote(BillingPath.DEDICATED).cluster
            return plan is not None and caveat in cluster_caveats(entry.model, plan)
        case HeldForReview() | ServerlessBaseModelOnly() | ConflictingSources():
            return False  # of which model, they do not say
        case (
            ObservedRatesMissing()
            | OnlyNamedCards()
            | TrainingExcluded()
            | DecodeExceedsAdded()
            | DefaultsUsed()
            | NotAQuote()
        ):
            return False
        case _:
            assert_never(caveat)


def _without_hits(quote: Quote) -> Decimal | None:
    estimate = quote.priced.estimate
    return estimate.usd_without_cache_hits if estimate else None


def _are_cards_of(entry: ModelAnswer, caveat: StaleRates | UncertainStart) -> bool:
    if isinstance(caveat, UncertainStart):
        card = entry.quote(caveat.path).card
        return card is not None and str(card.effective_from) == caveat.effective_from
    cards = [entry.quote(path).card for path in caveat.paths]
    return all(card is not None and str(card.verified_on) == caveat.verified_on for card in cards)


def _are_windows_of(entry: ModelAnswer, caveat: WindowUnknown | OverflowDiffers) -> bool:
    if isinstance(caveat, OverflowDiffers):
        return all(entry.quote(path).window_tokens == size for path, size in caveat.windows)
    quotes = [entry.quote(path) for path in caveat.paths]
    return all(q.window_tokens is None and q.priced.estimate for q in quotes)
