"""Which caveats are about which billing paths."""

from collections.abc import Collection
from dataclasses import replace
from typing import assert_never

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


def narrowed(caveat: Caveat, paths: Collection[BillingPath]) -> Caveat | None:
    """A caveat as it stands for some paths; None where it is about others."""
    match caveat:
        case NotOffered() | WindowUnknown() | StaleRates() | ServerlessBaseModelOnly():
            own = tuple(path for path in caveat.paths if path in paths)
            return replace(caveat, paths=own) if own else None
        case HeldForReview(path=path) | UncertainStart(path=path):
            return caveat if path in paths else None
        case IdealPrefixCache(usd_without_hits=amounts):
            kept = tuple((path, usd) for path, usd in amounts if path in paths)
            return replace(caveat, usd_without_hits=kept) if kept else None
        case OverflowDiffers(windows=windows):
            left = tuple((path, size) for path, size in windows if path in paths)
            return replace(caveat, windows=left) if len({size for _, size in left}) > 1 else None
        case (
            PhasesOverlap()
            | SaturatedThroughput()
            | ThroughputUnusual()
            | ClusterTooSmall()
            | FixedThroughput()
            | ReplicasScaleLinearly()
        ):
            return caveat if BillingPath.DEDICATED in paths else None
        case ObservedRatesMissing() | OnlyNamedCards() | ConflictingSources():
            return caveat
        case TrainingExcluded() | DecodeExceedsAdded() | DefaultsUsed() | NotAQuote():
            return caveat
        case _:
            assert_never(caveat)
