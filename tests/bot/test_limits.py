"""Limits of a cluster against every other path: worked by hand, and put back in as input."""

from datetime import date
from decimal import Decimal

import pytest

from bot.answers import Answer
from bot.formatting.as_json import answer_json
from bot.formatting.verdict_wording import verdict_text
from bot.limits import LimitsAgainst
from bot.requests import read
from bot.requests.request import Field, Intent, Request, Span, Value
from bot.verdicts import Limited
from engine.caveats import BillingPath
from engine.costs import DedicatedEstimate, dedicated, usd_of
from tests.bot.asking import CATALOGUE, LONG_RUN, TODAY, ask, estimate

AUGUST = date(2026, 8, 1)
PAR = Decimal("1e-9")


def limits(
    model: str = "kimi-k2p6", fields: dict[Field, Value] | None = None, *, on: date | None = None
) -> Answer:
    day: dict[Field, Value] = {Field.AS_OF: on} if on else {}
    return ask(Request(intent=Intent.LIMITS, models=(model,), fields={**(fields or {}), **day}))


def against(answer: Answer, path: BillingPath) -> LimitsAgainst:
    return next(found for found in answer.models[0].limits if found.against is path)


def test_the_cluster_stands_against_every_other_path_with_an_amount() -> None:
    # At $12 x 8 an hour 16M decoded at 1,500/s cost $284.44: 5.64 GPUs and 2,126.1 tok/s of decode are
    # at par with $200.68; 28.01 GPUs with $996.00.
    answer = limits(on=AUGUST)
    assert [found.against for found in answer.models[0].limits] == [
        path for path in BillingPath if path is not BillingPath.DEDICATED
    ]
    standard = against(answer, BillingPath.SERVERLESS_STANDARD)
    assert (standard.limits.max_gpus, standard.max_replicas) == (5, 0)
    assert (standard.limits.min_prompt_tps, standard.limits.min_decode_tps) == (None, 2127)
    assert standard.limits.unreachable == ("prompt_tps",)
    tinker = against(answer, BillingPath.TINKER)
    assert (tinker.limits.max_gpus, tinker.max_replicas) == (28, 3)


def test_of_several_replicas_the_model_s_own_cluster_is_one() -> None:
    found = against(limits(fields={Field.GPUS: 16}), BillingPath.TINKER)
    assert found.replica_gpus == 8
    assert found.max_replicas == (found.limits.max_gpus or 0) // 8


def test_a_path_that_cannot_be_bought_has_limits_too() -> None:
    # $15 x 8 for 2.96 hours are $355.56; Tinker's $996.00 can be bought and comes first, the rest behind it.
    answer = limits()
    assert against(answer, BillingPath.SERVERLESS_STANDARD).limits.max_gpus == 4
    assert verdict_text(answer) == (
        "Dedicated ($355.56) is 2.8× cheaper than Tinker 128K ($996.00). Par is at 22 GPUs at this throughput, "
        "3,079 prompt tok/s or 536 decode tok/s, each alone. It costs 1.8× what Serverless standard does "
        "($200.68, notional)."
    )


def test_where_no_other_path_can_be_bought_tinker_is_told_first() -> None:
    assert verdict_text(limits(fields={Field.TURNS: 20})) == (
        "Dedicated ($888.89) is 4.5× cheaper than Tinker 128K ($3,998, notional). Par is at 35 GPUs at this throughput, "
        "1,968 prompt tok/s or 334 decode tok/s, each alone. It costs 1.2× what Serverless standard does "
        "($736.84, notional)."
    )


def test_paths_that_can_be_bought_stand_in_the_verdict_the_cheapest_first() -> None:
    # Between $284.44 and the sum of the phases, $366.22, lies priority's $301.76.
    assert verdict_text(limits(on=AUGUST)) == (
        "Dedicated ($284.44) costs 1.4× what Serverless standard does ($200.68). Par is at 5 GPUs at this throughput "
        "or 2,127 decode tok/s, each alone; prompt tok/s cannot reach it. It is too close to call with Serverless "
        "priority ($301.76; $366.22 if prefill and decode take turns), 1.4× cheaper than Serverless fast ($404.40) and "
        "3.5× cheaper than Tinker 128K ($996.00)."
    )


def test_a_budget_and_a_deadline_beside_the_limits_are_answered_in_the_verdict() -> None:
    text = "limits kimi-k2p6 turns=20 in 3 hours under $2k"
    assert verdict_text(ask(read(text, CATALOGUE, today=TODAY))).endswith(
        "$2,000 is enough for Dedicated. Dedicated misses the deadline of 3 hours with 7.41 to 9.59 hours."
    )


def test_a_named_path_without_an_amount_is_not_passed_over() -> None:
    text = "limits kimi-k3 vs tinker gpus=8xB300 prompt_tps=30000 decode_tps=1500"
    assert verdict_text(ask(read(text, CATALOGUE, today=TODAY))).endswith(
        "Tinker has no amount here."
    )


def test_dedicated_that_cannot_be_bought_is_marked() -> None:
    # 200 turns peak far above every window.
    assert verdict_text(limits(fields={Field.TURNS: 200})).startswith(
        "Dedicated ($8,889, notional) "
    )


RUNS: list[dict[Field, Value]] = [
    {},
    LONG_RUN,
    {Field.TURNS: 1},
    {Field.TURNS: 64, Field.INITIAL_PROMPT_TOKENS: 3000, Field.TOKENS_ADDED_PER_TURN: 1460},
    {Field.DECODE_TOKENS_PER_TURN: 0, Field.EPISODES: 7},
]


@pytest.mark.parametrize("day", [AUGUST, TODAY])
@pytest.mark.parametrize("run", RUNS, ids=range(len(RUNS)))
@pytest.mark.parametrize("model", ["kimi-k2p6", "kimi-k2p5", "qwen3p5-397b", "gpt-oss-120b"])
def test_every_limit_put_back_in_gives_par_or_is_unreachable(
    model: str, run: dict[Field, Value], day: date
) -> None:
    answer = limits(model, run, on=day)
    for found in answer.models[0].limits:
        other_usd = usd_of(answer.models[0].quote(found.against).priced)
        assert other_usd
        for field, par in (
            (Field.PROMPT_TPS, found.limits.par_prompt_tps),
            (Field.DECODE_TPS, found.limits.par_decode_tps),
        ):
            whole = (
                found.limits.min_prompt_tps
                if field is Field.PROMPT_TPS
                else found.limits.min_decode_tps
            )
            if field in found.limits.unreachable:
                assert usd_with(model, run, day, field, Decimal(10) ** 9) > other_usd
            elif par is not None and whole is not None:
                assert abs(usd_with(model, run, day, field, par) / other_usd - 1) < PAR
                assert usd_with(model, run, day, field, Decimal(whole)) <= other_usd
                assert (
                    whole == 1 or usd_with(model, run, day, field, Decimal(whole - 1)) > other_usd
                )


def usd_with(model: str, run: dict[Field, Value], day: date, field: Field, tps: Decimal) -> Decimal:
    """The dedicated bill of the same request with one throughput said."""
    priced = estimate(model, {**run, field: tps}, on=day).models[0].quote(BillingPath.DEDICATED)
    usd = usd_of(priced.priced)
    assert usd is not None
    return usd


@pytest.mark.parametrize("run", RUNS, ids=range(len(RUNS)))
@pytest.mark.parametrize("model", ["kimi-k2p6", "qwen3p5-397b", "gpt-oss-120b"])
def test_the_limit_of_gpus_put_back_in_with_its_throughput_gives_par(
    model: str, run: dict[Field, Value]
) -> None:
    answer = limits(model, run)
    quote = answer.models[0].quote(BillingPath.DEDICATED)
    assert isinstance(quote.priced.estimate, DedicatedEstimate)
    cluster, workload = quote.priced.estimate.deployment, quote.priced.estimate.workload
    held: dict[Field, Value] = {
        Field.PROMPT_TPS: cluster.prompt_tps,
        Field.DECODE_TPS: cluster.decode_tps,
        Field.GPU_TYPE: cluster.gpu_type,
    }
    one = dedicated(workload, cluster.model_copy(update={"gpus": 1})).usd
    for found in answer.models[0].limits:
        other_usd = usd_of(answer.models[0].quote(found.against).priced)
        assert other_usd
        most, par = found.limits.max_gpus, found.limits.par_gpus
        if most is None or par is None:
            assert one > other_usd
            continue
        assert abs(one * par / other_usd - 1) < PAR
        for gpus, over in ((most, False), (most + 1, True)):
            said = estimate(model, {**run, **held, Field.GPUS: gpus}).models[0]
            usd = usd_of(said.quote(BillingPath.DEDICATED).priced)
            assert usd is not None
            assert (usd > other_usd) is over


def test_what_the_published_page_showed_stands_beside_tinker_with_the_reasons() -> None:
    # That page billed no cached rate: 63 GPUs, 1,084 and 189 tok/s.
    found = against(limits(on=AUGUST), BillingPath.TINKER)
    assert found.published is not None
    figures = found.published.page.figures
    assert (figures.at_par_max_gpus, figures.at_par_min_prompt_tps) == (63, 1084)
    assert against(limits(on=date(2026, 5, 16)), BillingPath.TINKER).published is None


def test_the_page_s_limits_that_no_cluster_could_meet_are_named() -> None:
    # Decode binds and costs more than Tinker: the page gave a prompt throughput all the same.
    slow: dict[Field, Value] = {Field.DECODE_TPS: 1, Field.EPISODES: 1}
    found = against(limits(fields=slow, on=date(2026, 5, 16)), BillingPath.TINKER)
    assert found.published is not None
    assert set(found.published.beyond_par) == {"gpus", "prompt_tps"}
    assert found.published.page.figures.at_par_max_gpus == 1


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("kimi-k2p6", {Field.GPUS: 12}),
        ("kimi-k2p6", {Field.GPU_TYPE: "H200_141GB"}),
        ("kimi-k2p6", {Field.AS_OF: date(2020, 1, 1)}),
        ("kimi-k3", {}),
        ("llama-3p1-8b", {}),
        ("deepseek-v3p1", {Field.GPUS: 3, Field.TURNS: 5}),
        ("kimi-k2p6", {Field.TURNS: (5, 10)}),
        ("kimi-k2p6", {Field.TURNS: Span(start=5, end=50)}),
    ],
)
def test_what_has_no_limits_says_why_and_offers_a_request_that_has_an_answer(
    model: str, fields: dict[Field, Value]
) -> None:
    answer = limits(model, fields)
    assert isinstance(answer.verdict, Limited)
    (unanswered,) = answer.verdict.unanswered
    assert f"Try `{unanswered.suggestion}`" in verdict_text(answer)
    again = read(unanswered.suggestion, CATALOGUE, today=TODAY)
    assert again.problems == ()
    assert again.fields.keys().isdisjoint({Field.PROMPT_TPS, Field.DECODE_TPS})
    assert any(quote.priced.estimate for quote in ask(again).models[0].quotes)


def test_of_a_model_without_a_throughput_the_values_of_a_cluster_are_asked_for() -> None:
    assert verdict_text(limits("kimi-k3", {Field.GPUS: 16})) == (
        "Dedicated has no amount for Kimi K3: no throughput is known for the cluster. To price a cluster that you have "
        "measured, add `gpu_type`, `prompt_tps` and `decode_tps`. Try `kimi-k3 gpus=16` (an estimate)."
    )


def test_a_whole_cluster_that_was_said_stays_on_another_day() -> None:
    said: dict[Field, Value] = {
        Field.GPUS: 4,
        Field.GPU_TYPE: "B300_288GB",
        Field.PROMPT_TPS: 9000,
        Field.DECODE_TPS: 700,
    }
    answer = limits("kimi-k2p6", {**said, Field.AS_OF: date(2020, 1, 1)})
    assert isinstance(answer.verdict, Limited)
    (unanswered,) = answer.verdict.unanswered
    assert said.items() <= unanswered.instead.fields.items()


def test_several_values_tell_a_program_why_there_are_no_limits() -> None:
    found = answer_json(limits("kimi-k2p6", {Field.TURNS: (5, 10)}))
    assert found["models"] == []
    assert found["unanswered"] == [
        {
            "models": ["kimi-k2p6"],
            "reasons": [{"code": "several_values", "fields": ["turns"]}],
            "missing": [],
            "suggestion": "limits kimi-k2p6 turns=5",
        }
    ]


def test_several_models_each_have_their_limits() -> None:
    request = Request(intent=Intent.LIMITS, models=("kimi-k2p6", "gpt-oss-120b"), fields={})
    answer = ask(request)
    assert all(entry.limits for entry in answer.models)
    assert "GPT-OSS-120B: " in verdict_text(answer)
