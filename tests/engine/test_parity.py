"""At-par limits: worked examples, edges, and what they promise when fed back."""

from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from engine.costs import DedicatedEstimate, Phase, dedicated, token_billed
from engine.parity import at_par, whole_replicas
from engine.rates import Deployment
from engine.workload import Workload
from tests.examples import DEFAULT_WORKLOAD, TINKER_KIMI_2026_07_17, kimi_cluster, shape

LONG_RUN = Workload(shape=shape(turns=20), episodes=5_000)


def test_the_long_run_against_tinker_at_19_989_60() -> None:
    # U = 1,180M uncached, V = 200M decoded, so 133,333 s of decode at 1,500 tok/s.
    # GPUs: 19,989.60 x 3600 / (133,333.3 x $15) = 35.98
    # rented seconds: 19,989.60 x 3600 / (8 x $15) = 599,688; U/t = 1,967.7 and V/t = 333.5
    tinker = token_billed(LONG_RUN, TINKER_KIMI_2026_07_17).usd
    assert tinker == Decimal("19989.6")
    limits = at_par(tinker, dedicated(LONG_RUN, kimi_cluster(usd_per_gpu_hour=15)))
    assert (limits.max_gpus, limits.min_prompt_tps, limits.min_decode_tps) == (35, 1968, 334)
    assert limits.headroom == Decimal("4.49766")
    assert (limits.binding, limits.unreachable) == (Phase.DECODE, ())


def test_the_limits_before_they_are_rounded() -> None:
    # B·3600 = 71,962,560 dollar-seconds: 35.98128 GPUs at 133,333.3 s and $15; at $120 an hour 599,688 s.
    tinker = token_billed(LONG_RUN, TINKER_KIMI_2026_07_17).usd
    limits = at_par(tinker, dedicated(LONG_RUN, kimi_cluster(usd_per_gpu_hour=15)))
    assert limits.par_gpus == Decimal("35.98128")
    assert limits.par_prompt_tps is not None
    assert limits.par_decode_tps is not None
    assert abs(limits.par_prompt_tps * 599_688 - 1_180_000_000) < Decimal("1e-12")
    assert abs(limits.par_decode_tps * 599_688 - 200_000_000) < Decimal("1e-12")


def test_replicas_that_add_no_speed_are_whole_ones_within_the_limit_of_gpus() -> None:
    # 35 GPUs hold four replicas of 8, one of 20 and none of 40.
    tinker = token_billed(LONG_RUN, TINKER_KIMI_2026_07_17).usd
    limits = at_par(tinker, dedicated(LONG_RUN, kimi_cluster(usd_per_gpu_hour=15)))
    assert [whole_replicas(limits, gpus) for gpus in (8, 20, 35, 40)] == [4, 1, 1, 0]


def test_replicas_that_add_speed_have_no_limit_when_one_is_within_par_and_none_reach_it_otherwise() -> (
    None
):
    # $355.56 for the run, by one replica or by any number.
    cluster = dedicated(DEFAULT_WORKLOAD, kimi_cluster(usd_per_gpu_hour=15))
    assert at_par(Decimal(356), cluster).max_replicas is None
    assert at_par(cluster.usd, cluster).max_replicas is None
    assert at_par(Decimal(355), cluster).max_replicas == 0
    assert at_par(Decimal(0), cluster).max_replicas == 0


def test_a_limit_that_is_exactly_whole_is_not_missed_by_an_early_division() -> None:
    # $100 x 3600 x 700 tok/s / (1,000,000 tokens x $12) = 21 GPUs, exactly
    run = Workload(shape=shape(turns=1, initial=0, added=0, decode=1_000), episodes=1_000)
    cluster = kimi_cluster(usd_per_gpu_hour=12).model_copy(update={"decode_tps": Decimal(700)})
    assert at_par(Decimal(100), dedicated(run, cluster)).max_gpus == 21


def test_the_side_that_does_not_bind_cannot_reach_par() -> None:
    # Decode alone takes $355.56 worth of hours, more than the other bill.
    limits = at_par(Decimal(300), dedicated(DEFAULT_WORKLOAD, kimi_cluster(usd_per_gpu_hour=15)))
    assert limits.unreachable == ("prompt_tps",)
    assert limits.min_prompt_tps is None
    assert limits.min_decode_tps is not None


def test_less_than_one_gpu_is_unreachable_and_not_one() -> None:
    limits = at_par(Decimal(1), dedicated(DEFAULT_WORKLOAD, kimi_cluster(usd_per_gpu_hour=15)))
    assert (limits.max_gpus, limits.par_gpus) == (None, None)
    assert "gpus" in limits.unreachable
    assert whole_replicas(limits, 1) == 0


def test_against_a_free_path_nothing_reaches_par() -> None:
    limits = at_par(Decimal(0), dedicated(DEFAULT_WORKLOAD, kimi_cluster(usd_per_gpu_hour=15)))
    assert limits.unreachable == ("gpus", "prompt_tps", "decode_tps")
    assert limits.headroom == 0


def test_a_side_without_work_needs_no_throughput() -> None:
    no_decode = Workload(shape=shape(decode=0), episodes=1_000)
    limits = at_par(Decimal(200), dedicated(no_decode, kimi_cluster(usd_per_gpu_hour=15)))
    assert (limits.min_decode_tps, limits.par_decode_tps) == (0, None)
    assert limits.binding is Phase.PREFILL
    no_prompt = Workload(shape=shape(initial=0, added=0), episodes=1_000)
    limits = at_par(Decimal(1_000), dedicated(no_prompt, kimi_cluster(usd_per_gpu_hour=15)))
    assert (limits.min_prompt_tps, limits.binding) == (0, Phase.DECODE)


def test_without_any_work_there_is_no_limit_at_all() -> None:
    idle = Workload(shape=shape(initial=0, added=0, decode=0), episodes=1)
    limits = at_par(Decimal(1), dedicated(idle, kimi_cluster(usd_per_gpu_hour=15)))
    assert (limits.max_gpus, limits.headroom, limits.unreachable) == (None, None, ())
    assert (limits.par_gpus, limits.par_prompt_tps, limits.par_decode_tps) == (None, None, None)
    assert (limits.max_replicas, whole_replicas(limits, 8)) == (None, None)


RUNS = st.builds(
    Workload,
    shape=st.builds(
        shape,
        turns=st.integers(1, 60),
        initial=st.integers(0, 50_000),
        added=st.integers(0, 50_000),
        decode=st.integers(0, 50_000),
    ),
    episodes=st.integers(1, 100_000),
)
CLUSTERS = st.builds(
    Deployment,
    gpu_type=st.just("B300_288GB"),
    gpus=st.integers(1, 500),
    usd_per_gpu_hour=st.decimals("0.01", 50, places=2),
    prompt_tps=st.decimals("0.1", 10**6, places=1),
    decode_tps=st.decimals("0.1", 10**6, places=1),
)
BILLS = st.decimals("0.01", 10**7, places=4)


def bill(estimate: DedicatedEstimate, **changes: Decimal | int) -> Decimal:
    changed = estimate.deployment.model_copy(update=changes)
    return dedicated(estimate.workload, changed).usd


@given(RUNS, CLUSTERS, BILLS)
def test_at_the_most_gpus_the_bill_is_at_most_the_others_and_one_more_is_over(
    run: Workload, cluster: Deployment, other_usd: Decimal
) -> None:
    estimate = dedicated(run, cluster)
    limits = at_par(other_usd, estimate)
    if limits.max_gpus is not None:
        most = limits.max_gpus
        assert bill(estimate, gpus=most) <= other_usd < bill(estimate, gpus=most + 1)
    elif "gpus" in limits.unreachable:
        assert bill(estimate, gpus=1) > other_usd
    else:
        assert estimate.usd == 0


@given(RUNS, CLUSTERS, BILLS)
def test_at_the_least_throughput_the_bill_is_at_most_the_others_and_one_less_is_over(
    run: Workload, cluster: Deployment, other_usd: Decimal
) -> None:
    estimate = dedicated(run, cluster)
    limits = at_par(other_usd, estimate)
    for field, least in (
        ("prompt_tps", limits.min_prompt_tps),
        ("decode_tps", limits.min_decode_tps),
    ):
        if least:
            assert bill(estimate, **{field: Decimal(least)}) <= other_usd
        if least and least > 1:
            assert bill(estimate, **{field: Decimal(least - 1)}) > other_usd


@given(RUNS, CLUSTERS, BILLS)
def test_unreachable_means_that_no_throughput_is_high_enough(
    run: Workload, cluster: Deployment, other_usd: Decimal
) -> None:
    estimate = dedicated(run, cluster)
    limits = at_par(other_usd, estimate)
    for field in ("prompt_tps", "decode_tps"):
        best = bill(estimate, **{field: Decimal(10) ** 30})
        assert (best > other_usd) == (field in limits.unreachable)


@given(RUNS, CLUSTERS)
def test_a_cluster_is_at_par_with_its_own_bill(run: Workload, cluster: Deployment) -> None:
    estimate = dedicated(run, cluster)
    assert at_par(estimate.usd, estimate).headroom == (1 if estimate.usd else None)


@given(RUNS, st.integers(1, 400), st.integers(1, 10**6))
def test_a_limit_fed_back_at_exactly_par_gives_par(
    run: Workload, gpus: int, decode_tps: int
) -> None:
    # The other bill is what this cluster costs, at a price that divides 3600, so that it has an exact end.
    assume(run.shape.decode_tokens_per_turn > 0)
    tokens = run.shape.turns * run.shape.decode_tokens_per_turn * run.episodes
    other_usd = Decimal(gpus * tokens)
    cluster = Deployment(
        gpu_type="B300_288GB",
        gpus=gpus,
        usd_per_gpu_hour=Decimal(3600 * decode_tps),
        prompt_tps=Decimal(10) ** 15,
        decode_tps=Decimal(decode_tps),
    )
    estimate = dedicated(run, cluster)
    assume(estimate.binding is Phase.DECODE)
    limits = at_par(other_usd, estimate)
    assert estimate.usd == other_usd
    assert (limits.max_gpus, limits.min_decode_tps) == (gpus, decode_tps)


@given(RUNS, CLUSTERS, BILLS)
def test_every_limit_put_back_unrounded_gives_par_and_is_there_unless_unreachable_or_without_work(
    run: Workload, cluster: Deployment, other_usd: Decimal
) -> None:
    estimate = dedicated(run, cluster)
    limits = at_par(other_usd, estimate)
    without_work = {
        "gpus": estimate.usd == 0,
        "prompt_tps": estimate.prefill_hours == 0,
        "decode_tps": estimate.decode_hours == 0,
    }
    for field, limit in (
        ("gpus", limits.par_gpus),
        ("prompt_tps", limits.par_prompt_tps),
        ("decode_tps", limits.par_decode_tps),
    ):
        assert (limit is None) == (field in limits.unreachable or without_work[field])
        if limit is not None:
            off = bill(estimate, **{field: limit}) / other_usd - 1
            assert abs(off) < Decimal("1e-20")


@given(RUNS, CLUSTERS, BILLS, st.integers(1, 64))
def test_the_whole_replicas_cost_at_most_the_other_bill_and_one_more_costs_over(
    run: Workload, cluster: Deployment, other_usd: Decimal, gpus: int
) -> None:
    estimate = dedicated(run, cluster)
    replicas = whole_replicas(at_par(other_usd, estimate), gpus)
    if replicas is None:
        assert estimate.usd == 0
    else:
        assert bill(estimate, gpus=gpus * replicas) <= other_usd
        assert bill(estimate, gpus=gpus * (replicas + 1)) > other_usd
