"""Sentences: every kind of caveat has one, and lists read as lists."""

from decimal import Decimal
from typing import get_args

import pytest

from bot.formatting.wording import (
    caveat_text,
    listed,
    model_name,
    path_names,
    reason_clause,
    reason_word,
)
from engine import caveats as c
from engine.caveats import BillingPath, Caveat, Reason

REASONS: tuple[Reason, ...] = (
    c.ContextOverflow(needs_tokens=238_000, window_tokens=131_072, max_turns=0),
    c.Retired(on="2026-09-25"),
    c.Unconfirmed(verified_on="2026-10-01"),
    c.NoRate(first_from="2026-09-10", last_to="2026-06-01"),
    c.NoThroughput(
        gpus=12,
        gpu_type="B300_288GB",
        nearest_gpus=(8, 16),
        nearest_gpu_type="B300_288GB",
        missing=("prompt_tps", "decode_tps"),
    ),
)
PATHS = (BillingPath.TINKER, BillingPath.DEDICATED)
CAVEATS: tuple[Caveat, ...] = (
    *(c.NotOffered(paths=PATHS, reason=reason) for reason in REASONS),
    c.PhasesOverlap(usd_low=Decimal("4444.4"), usd_high=Decimal("5755.6")),
    c.IdealPrefixCache(
        episodes=1000,
        cache_hit_rate=Decimal("0.77"),
        usd_without_hits=((BillingPath.TINKER, Decimal("2264.96")),),
    ),
    c.SaturatedThroughput(prompt_tps=Decimal(30_000), decode_tps=Decimal(1_500)),
    c.ThroughputUnusual(field="decode_tps", tps_per_gpu=Decimal(5_000), lowest=100, highest=480),
    c.ClusterTooSmall(gpus=1, gpu_type="B300_288GB", memory_gb=288, weights_gb=500),
    c.FixedThroughput(prompt_tps=Decimal(30_000), decode_tps=Decimal(1_500)),
    c.ReplicasScaleLinearly(replicas=3, cluster_gpus=8),
    c.WindowUnknown(paths=PATHS, needs_tokens=94_000, smallest_known_tokens=131_072),
    c.OverflowDiffers(windows=((BillingPath.TINKER, 131_072), (BillingPath.DEDICATED, 262_144))),
    c.ObservedRatesMissing(),
    c.HeldForReview(
        path=BillingPath.DEDICATED,
        says=(("gpu_hour", Decimal(150)),),
        gone=False,
        since="2026-11-21",
        source="Fireworks' pricing page",
    ),
    c.OnlyNamedCards(cards=1),
    c.StaleRates(paths=PATHS, verified_on="2026-07-17", age_days=127),
    c.UncertainStart(
        path=BillingPath.TINKER, effective_from="2026-05-16", certain_from="2026-05-16"
    ),
    c.ConflictingSources(
        subject="cached tokens", used="a", used_source="https://x", other="b", other_source="y"
    ),
    c.ServerlessBaseModelOnly(paths=(BillingPath.SERVERLESS_FAST,)),
    c.TrainingExcluded(),
    c.DecodeExceedsAdded(decode_tokens_per_turn=2_000, tokens_added_per_turn=500),
    c.DefaultsUsed(fields=("turns", "episodes")),
    c.NotAQuote(),
)


def test_the_examples_cover_every_kind() -> None:
    assert {type(caveat) for caveat in CAVEATS} == set(get_args(Caveat))
    assert {type(reason) for reason in REASONS} == set(get_args(Reason))


@pytest.mark.parametrize("caveat", CAVEATS, ids=lambda caveat: caveat.code)
def test_every_caveat_is_a_sentence(caveat: Caveat) -> None:
    text = caveat_text(caveat)
    assert text[0].isupper() or text[0].isdigit()
    assert text.endswith(".")
    assert len(text) < 220


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.code)
def test_every_reason_has_a_word_for_tables_and_a_clause(reason: Reason) -> None:
    assert len(reason_word(reason)) <= 13
    assert reason_clause(reason)


def test_a_small_throughput_never_reads_as_nothing() -> None:
    tiny = c.ThroughputUnusual(
        field="decode_tps", tps_per_gpu=Decimal("0.0125"), lowest=100, highest=480
    )
    assert caveat_text(tiny).startswith("0.0125 decode tok/s a GPU is unusual")


def test_paths_are_named_together() -> None:
    modes = (BillingPath.SERVERLESS_STANDARD, BillingPath.SERVERLESS_PRIORITY)
    assert path_names(modes) == "Serverless standard and priority"
    assert path_names((BillingPath.TINKER, *modes, BillingPath.DEDICATED)) == (
        "Tinker, Serverless standard and priority, and Dedicated"
    )
    assert (
        path_names((BillingPath.TINKER, *modes)) == "Tinker, and Serverless standard and priority"
    )
    assert path_names((BillingPath.TINKER, BillingPath.DEDICATED)) == "Tinker and Dedicated"
    assert listed([]) == ""


def test_a_label_loses_its_window_and_nothing_else() -> None:
    assert model_name("Kimi K2.6 (128K)") == "Kimi K2.6"
    assert model_name("DeepSeek V4 Flash (0731)") == "DeepSeek V4 Flash (0731)"
