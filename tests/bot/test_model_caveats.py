"""What an answer about several models leaves out is said of the model that it is about."""

from decimal import Decimal

import pytest

from bot.model_caveats import caveats_of
from bot.requests.request import Field, Intent, Request, Value
from engine.caveats import (
    BillingPath,
    Caveat,
    IdealPrefixCache,
    NotOffered,
    OverflowDiffers,
    SaturatedThroughput,
    ThroughputUnusual,
    TrainingExcluded,
    WindowUnknown,
)
from tests.bot.asking import ask

PAIR = ("kimi-k2p6", "gpt-oss-120b")
BUDGET: dict[Field, Value] = {Field.BUDGET_USD: Decimal(1000)}


def of_each(intent: Intent, fields: dict[Field, Value], **said: Field) -> list[tuple[Caveat, ...]]:
    answer = ask(Request(intent=intent, models=PAIR, fields=fields, **said))
    found = [caveats_of(answer, entry) for entry in answer.models]
    assert {caveat for own in found for caveat in own} == set(answer.caveats)
    return found


@pytest.mark.parametrize(
    ("intent", "fields", "said"),
    [
        (Intent.EXPLAIN, {}, {}),
        (Intent.LIMITS, {}, {}),
        (Intent.SOLVE, BUDGET, {"solve_for": Field.EPISODES}),
    ],
)
def test_why_not_and_the_cluster_are_of_one_model(
    intent: Intent, fields: dict[Field, Value], said: dict[str, Field]
) -> None:
    # Kimi was served fast until 2026-08-27, GPT-OSS never; 8 B300 prefill 30,000 a second, 4 H200 25,000.
    kimi, oss = of_each(intent, fields, **said)

    def why_not(caveats: tuple[Caveat, ...]) -> set[str]:
        fast = BillingPath.SERVERLESS_FAST
        return {c.reason.code for c in caveats if isinstance(c, NotOffered) and fast in c.paths}

    def prompt_tps(caveats: tuple[Caveat, ...]) -> list[Decimal]:
        return [c.prompt_tps for c in caveats if isinstance(c, SaturatedThroughput)]

    assert (why_not(kimi), why_not(oss)) == ({"retired"}, {"no_rate"})
    assert (prompt_tps(kimi), prompt_tps(oss)) == ([30_000], [25_000])


def test_the_bills_without_a_cache_are_of_one_model_and_what_is_general_of_both() -> None:
    # 400,000 prompt and 16,000 decoded tokens, 1,000 times: Tinker takes $5.15 and $12.81, or $0.78 and $1.94 a million.
    for own, usd in zip(of_each(Intent.EXPLAIN, {}), ("2264.96", "343.04"), strict=True):
        (cache,) = (c for c in own if isinstance(c, IdealPrefixCache))
        assert dict(cache.usd_without_hits)[BillingPath.TINKER] == Decimal(usd)
        assert TrainingExcluded() in own


def test_an_unusual_throughput_is_of_the_model_whose_cluster_has_it() -> None:
    # 40 decoded tokens a second are 5 for each of 8 B300, and 10 for each of 4 H200.
    run: dict[Field, Value] = {Field.PROMPT_TPS: 30_000, Field.DECODE_TPS: 40}
    each = [
        {c.tps_per_gpu for c in own if isinstance(c, ThroughputUnusual) and c.field == "decode_tps"}
        for own in of_each(Intent.EXPLAIN, run)
    ]
    assert each == [{5}, {10}]


def test_windows_are_of_the_model_that_has_them() -> None:
    # 30 turns end at 8,000 + 29 × 12,000 + 2,000 = 358,000 tokens: on Tinker 131,072 of Kimi K2.6 fit, elsewhere 262,144;
    # of MiniMax M3 no window is known.
    request = Request(
        intent=Intent.EXPLAIN, models=("kimi-k2p6", "minimax-m3"), fields={Field.TURNS: 30}
    )
    answer = ask(request)
    windows = [
        {type(c) for c in caveats_of(answer, entry)} & {OverflowDiffers, WindowUnknown}
        for entry in answer.models
    ]
    assert windows == [{OverflowDiffers}, {WindowUnknown}]


def test_one_model_keeps_all() -> None:
    answer = ask(
        Request(intent=Intent.SOLVE, models=PAIR[:1], fields=BUDGET, solve_for=Field.EPISODES)
    )
    assert caveats_of(answer, answer.models[0]) == answer.caveats
