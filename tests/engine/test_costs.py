"""Bills worked out in the open, from rates that are dated by name."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.caveats import BillingPath, IdealPrefixCache, PhasesOverlap
from engine.costs import (
    Notional,
    Offered,
    Phase,
    Unpriced,
    dedicated,
    formula_caveats,
    token_billed,
    usd_of,
)
from engine.exact import exact
from engine.rates import Deployment, TokenRates
from engine.workload import EpisodeShape, Workload, count_tokens
from tests.examples import (
    DEFAULT_WORKLOAD,
    TINKER_KIMI_2026_05_16,
    TINKER_KIMI_2026_07_17,
    kimi_cluster,
    shape,
)


def test_without_a_cached_rate_every_turn_bills_the_whole_context() -> None:
    # 400,000 x $5.15/M + 16,000 x $12.81/M = 2.06 + 0.20496, a thousand times
    estimate = token_billed(DEFAULT_WORKLOAD, TINKER_KIMI_2026_05_16)
    assert estimate.usd_per_episode == Decimal("2.26496")
    assert estimate.usd == Decimal("2264.96")
    assert estimate.usd_without_cache_hits == estimate.usd


def test_a_cached_rate_bills_what_was_sent_before_at_that_rate() -> None:
    # 92,000 x $5.15/M + 308,000 x $1.03/M + 16,000 x $12.81/M = 0.4738 + 0.31724 + 0.20496
    estimate = token_billed(DEFAULT_WORKLOAD, TINKER_KIMI_2026_07_17)
    assert estimate.usd == Decimal("996.00")
    assert estimate.usd_without_cache_hits == Decimal("2264.96")
    assert [(line.tokens, str(line.usd_per_mtok)) for line in estimate.lines] == [
        (92_000, "5.15"),
        (308_000, "1.03"),
        (16_000, "12.81"),
    ]


def test_serverless_is_the_same_function_at_its_own_rates() -> None:
    # standard: 92,000 x $0.95/M + 308,000 x $0.16/M + 16,000 x $4.00/M = 0.0874 + 0.04928 + 0.064
    rates = TokenRates(
        input_usd_per_mtok=Decimal("0.95"),
        cached_input_usd_per_mtok=Decimal("0.16"),
        output_usd_per_mtok=Decimal("4.00"),
    )
    assert token_billed(DEFAULT_WORKLOAD, rates).usd == Decimal("200.68")


def test_a_cached_rate_of_zero_is_free_and_not_missing() -> None:
    free = TINKER_KIMI_2026_07_17.model_copy(update={"cached_input_usd_per_mtok": Decimal(0)})
    # 92,000 x $5.15/M + 16,000 x $12.81/M = 0.4738 + 0.20496
    assert token_billed(DEFAULT_WORKLOAD, free).usd == Decimal("678.76")


def test_dedicated_costs_the_longer_phase_and_at_most_both() -> None:
    # prefill 92M/30,000 = 3,066.7 s, decode 16M/1,500 = 10,666.7 s; 8 GPUs x $12 = $96 an hour
    estimate = dedicated(DEFAULT_WORKLOAD, kimi_cluster(usd_per_gpu_hour=12))
    assert round(estimate.usd, 2) == Decimal("284.44")
    assert round(estimate.usd_high, 2) == Decimal("366.22")
    assert estimate.usd_low == estimate.usd
    assert estimate.binding is Phase.DECODE
    assert round(estimate.cluster_hours, 4) == Decimal("2.9630")
    # with every prompt prefilled: 400M/30,000 = 13,333.3 s
    assert round(estimate.usd_without_cache_hits, 2) == Decimal("355.56")


def test_dedicated_follows_the_gpu_hour() -> None:
    # 10,666.7 s x 8 x $15 / 3600
    assert round(dedicated(DEFAULT_WORKLOAD, kimi_cluster(usd_per_gpu_hour=15)).usd, 2) == Decimal(
        "355.56"
    )


def test_prefill_binds_where_nothing_is_decoded() -> None:
    run = Workload(shape=shape(decode=0), episodes=1)
    estimate = dedicated(run, kimi_cluster(usd_per_gpu_hour=12))
    assert estimate.binding is Phase.PREFILL
    assert estimate.usd_low == estimate.usd_high


def test_nothing_to_do_costs_nothing_and_nothing_binds() -> None:
    run = Workload(shape=shape(initial=0, added=0, decode=0), episodes=5)
    estimate = dedicated(run, kimi_cluster(usd_per_gpu_hour=12))
    assert (estimate.usd, estimate.binding) == (0, None)
    assert token_billed(run, TINKER_KIMI_2026_05_16).usd == 0


def test_the_largest_run_is_exact_to_the_last_digit() -> None:
    largest = EpisodeShape(
        turns=200,
        initial_prompt_tokens=10_000_000,
        tokens_added_per_turn=10_000_000,
        decode_tokens_per_turn=10_000_000,
    )
    tokens = count_tokens(largest)
    rates = TokenRates(
        input_usd_per_mtok=Decimal("0.01125"),
        cached_input_usd_per_mtok=Decimal("0.0075"),
        output_usd_per_mtok=Decimal("28.125"),
    )
    # in units of $0.00001 per million tokens, so whole numbers all along
    units = (
        tokens.uncached_prompt_tokens * 1_125
        + tokens.cached_prompt_tokens * 750
        + tokens.decode_tokens * 2_812_500
    ) * 10_000_000
    estimate = token_billed(Workload(shape=largest, episodes=10_000_000), rates)
    assert int(estimate.usd * 10**11) == units


def test_a_path_without_an_amount_has_none_to_add() -> None:
    assert usd_of(Unpriced(path=BillingPath.TINKER, reasons=())) is None


def test_the_formulas_name_the_band_and_every_amount_without_cache_hits() -> None:
    tinker = token_billed(DEFAULT_WORKLOAD, TINKER_KIMI_2026_07_17)
    cluster = dedicated(DEFAULT_WORKLOAD, kimi_cluster(usd_per_gpu_hour=12))
    paths = [
        Notional(path=BillingPath.TINKER, estimate=tinker, reasons=()),
        Unpriced(path=BillingPath.SERVERLESS_FAST, reasons=()),
        Offered(path=BillingPath.DEDICATED, estimate=cluster),
    ]
    band, cache = formula_caveats(DEFAULT_WORKLOAD, paths)
    assert isinstance(band, PhasesOverlap)
    assert isinstance(cache, IdealPrefixCache)
    assert [path for path, _ in cache.usd_without_hits] == ["tinker", "dedicated"]
    assert cache.usd_without_hits[0][1] == Decimal("2264.96")


RATE = st.decimals(0, 100, places=4)
TPS = st.decimals("0.01", 10**9, places=2)
EPISODE = st.builds(
    shape,
    turns=st.integers(1, 199),
    initial=st.integers(0, 100_000),
    added=st.integers(0, 100_000),
    decode=st.integers(0, 100_000),
)
GROWTH = st.sampled_from(
    [
        "turns",
        "initial_prompt_tokens",
        "tokens_added_per_turn",
        "decode_tokens_per_turn",
        "episodes",
    ]
)


def grown(run: Workload, what: str) -> Workload:
    if what == "episodes":
        return run.model_copy(update={"episodes": run.episodes + 1})
    more = run.shape.model_copy(update={what: getattr(run.shape, what) + 1})
    return run.model_copy(update={"shape": more})


@given(EPISODE, st.integers(1, 1_000_000), GROWTH, st.tuples(RATE, st.none() | RATE, RATE))
def test_a_token_bill_never_falls_when_the_run_grows(
    episode: EpisodeShape, episodes: int, what: str, rates: tuple[Decimal, Decimal | None, Decimal]
) -> None:
    card = TokenRates(
        input_usd_per_mtok=rates[0],
        cached_input_usd_per_mtok=rates[1],
        output_usd_per_mtok=rates[2],
    )
    run = Workload(shape=episode, episodes=episodes)
    assert token_billed(grown(run, what), card).usd >= token_billed(run, card).usd


@given(EPISODE, st.integers(1, 1_000_000), GROWTH, TPS, TPS, st.integers(1, 1_000))
def test_a_cluster_bill_never_falls_when_the_run_grows(
    episode: EpisodeShape,
    episodes: int,
    what: str,
    prompt_tps: Decimal,
    decode_tps: Decimal,
    gpus: int,
) -> None:
    cluster = Deployment(
        gpu_type="B300_288GB",
        gpus=gpus,
        usd_per_gpu_hour=Decimal(15),
        prompt_tps=prompt_tps,
        decode_tps=decode_tps,
    )
    run = Workload(shape=episode, episodes=episodes)
    before, after = dedicated(run, cluster), dedicated(grown(run, what), cluster)
    assert after.usd >= before.usd
    assert after.usd_high >= before.usd_high
    with exact():
        assert before.usd_low <= before.usd_high <= 2 * before.usd_low


@given(EPISODE, st.integers(1, 1_000_000))
def test_at_one_turn_a_cached_rate_changes_nothing(episode: EpisodeShape, episodes: int) -> None:
    run = Workload(shape=episode.model_copy(update={"turns": 1}), episodes=episodes)
    with_rate, without = (
        token_billed(run, r).usd for r in (TINKER_KIMI_2026_07_17, TINKER_KIMI_2026_05_16)
    )
    assert with_rate == without
