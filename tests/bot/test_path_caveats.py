"""A caveat is said of the paths that it is about, and of no others."""

from decimal import Decimal
from typing import get_args

import pytest

from bot.path_caveats import narrowed
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
    Retired,
    SaturatedThroughput,
    ServerlessBaseModelOnly,
    StaleRates,
    ThroughputUnusual,
    TrainingExcluded,
    UncertainStart,
    WindowUnknown,
)

TINKER, STANDARD, FAST, DEDICATED = (
    BillingPath.TINKER,
    BillingPath.SERVERLESS_STANDARD,
    BillingPath.SERVERLESS_FAST,
    BillingPath.DEDICATED,
)
DAY, ONE = "2026-06-01", Decimal(1)

OF_THE_CLUSTER = (
    PhasesOverlap(usd_low=ONE, usd_high=Decimal(2)),
    SaturatedThroughput(prompt_tps=ONE, decode_tps=ONE),
    FixedThroughput(prompt_tps=ONE, decode_tps=ONE),
    ThroughputUnusual(field="prompt_tps", tps_per_gpu=ONE, lowest=2, highest=3),
    ClusterTooSmall(gpus=1, gpu_type="B300_288GB", memory_gb=288, weights_gb=500),
    ReplicasScaleLinearly(replicas=2, cluster_gpus=8),
)
OF_THE_RUN = (
    TrainingExcluded(),
    DecodeExceedsAdded(decode_tokens_per_turn=2, tokens_added_per_turn=1),
    DefaultsUsed(fields=("turns",)),
    NotAQuote(),
    ObservedRatesMissing(),
    OnlyNamedCards(cards=1),
    ConflictingSources(subject="", used="", used_source="", other="", other_source=""),
)
BOTH, ONE_OF_THEM = (TINKER, STANDARD), (STANDARD,)
OF_SEVERAL = (
    (
        NotOffered(paths=BOTH, reason=Retired(on=DAY)),
        NotOffered(paths=ONE_OF_THEM, reason=Retired(on=DAY)),
    ),
    (
        WindowUnknown(paths=BOTH, needs_tokens=9, smallest_known_tokens=8),
        WindowUnknown(paths=ONE_OF_THEM, needs_tokens=9, smallest_known_tokens=8),
    ),
    (
        StaleRates(paths=BOTH, verified_on=DAY, age_days=40),
        StaleRates(paths=ONE_OF_THEM, verified_on=DAY, age_days=40),
    ),
    (
        ServerlessBaseModelOnly(paths=(STANDARD, FAST)),
        ServerlessBaseModelOnly(paths=ONE_OF_THEM),
    ),
    (
        IdealPrefixCache(
            episodes=1, cache_hit_rate=ONE, usd_without_hits=((TINKER, ONE), (STANDARD, ONE))
        ),
        IdealPrefixCache(episodes=1, cache_hit_rate=ONE, usd_without_hits=((STANDARD, ONE),)),
    ),
)
OF_ONE = (
    HeldForReview(path=STANDARD, says=(), gone=True, since=DAY, source=""),
    UncertainStart(path=STANDARD, effective_from=DAY, certain_from=DAY),
)
DIFFERENT = OverflowDiffers(windows=((TINKER, 10), (STANDARD, 20), (FAST, 20)))


@pytest.mark.parametrize("caveat", OF_THE_CLUSTER, ids=lambda caveat: type(caveat).__name__)
def test_what_is_about_the_cluster_is_said_of_dedicated(caveat: Caveat) -> None:
    assert narrowed(caveat, {TINKER, DEDICATED}) == caveat
    assert narrowed(caveat, {TINKER, STANDARD}) is None


@pytest.mark.parametrize("caveat", OF_THE_RUN, ids=lambda caveat: type(caveat).__name__)
def test_what_is_about_the_run_or_the_book_is_said_of_any_path(caveat: Caveat) -> None:
    for path in BillingPath:
        assert narrowed(caveat, {path}) == caveat


@pytest.mark.parametrize(("caveat", "own"), OF_SEVERAL, ids=lambda one: type(one).__name__)
def test_of_several_paths_those_asked_for_are_kept(caveat: Caveat, own: Caveat) -> None:
    assert narrowed(caveat, set(BillingPath)) == caveat
    assert narrowed(caveat, {STANDARD, DEDICATED}) == own
    assert narrowed(caveat, {DEDICATED}) is None


@pytest.mark.parametrize("caveat", OF_ONE, ids=lambda caveat: type(caveat).__name__)
def test_what_is_about_one_path_is_said_of_no_other(caveat: Caveat) -> None:
    assert narrowed(caveat, {TINKER, STANDARD}) == caveat
    assert narrowed(caveat, {TINKER, DEDICATED}) is None


def test_windows_differ_only_where_two_of_the_paths_have_different_ones() -> None:
    assert narrowed(DIFFERENT, {TINKER, FAST}) == OverflowDiffers(
        windows=((TINKER, 10), (FAST, 20))
    )
    assert narrowed(DIFFERENT, {STANDARD, FAST}) is None
    assert narrowed(DIFFERENT, {TINKER}) is None


def test_no_kind_of_caveat_is_missing_here() -> None:
    tried = (*OF_THE_CLUSTER, *OF_THE_RUN, *(pair[0] for pair in OF_SEVERAL), *OF_ONE, DIFFERENT)
    assert {type(caveat) for caveat in tried} == {*get_args(Caveat)}
