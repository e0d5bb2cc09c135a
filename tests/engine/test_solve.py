"""Solved whole numbers: worked examples, edges, and brute force over every number up to 200."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import combinations, islice, pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.costs import dedicated, token_billed
from engine.rates import Deployment, TokenRates
from engine.solve import (
    Bill,
    ClusterBill,
    Crossing,
    TokenBill,
    cheaper_turns,
    crossing,
    hours_with,
    most_episodes,
    most_episodes_in_time,
    most_turns,
    most_turns_in_time,
    most_useful_replicas,
    replicas_for,
    turns_of_change,
)
from engine.workload import EpisodeShape, Workload
from tests.examples import (
    DEFAULT_SHAPE,
    DEFAULT_WORKLOAD,
    TINKER_KIMI_2026_07_17,
    kimi_cluster,
    shape,
)

USD_PER_TOKEN = 1_000_000  # a rate of one dollar a token, per million
USD_PER_SECOND = Decimal(3600)  # a rent of one dollar a second, per hour
MOST = 200


def token_bill(full: str | int, hit: str | int | None, output: str | int) -> TokenBill:
    """Rates per million tokens."""
    return TokenBill(
        rates=TokenRates(
            input_usd_per_mtok=Decimal(full),
            cached_input_usd_per_mtok=None if hit is None else Decimal(hit),
            output_usd_per_mtok=Decimal(output),
        )
    )


def per_token(full: int, hit: int | None, output: int) -> TokenBill:
    """Rates in dollars a token, for examples that are added up by hand."""
    cached = None if hit is None else hit * USD_PER_TOKEN
    return token_bill(full * USD_PER_TOKEN, cached, output * USD_PER_TOKEN)


def cluster_bill(*, prompt_tps: str, decode_tps: str, phases_add: bool = False) -> ClusterBill:
    """A cluster that costs a dollar a second."""
    deployment = Deployment(
        gpu_type="B300_288GB",
        gpus=1,
        usd_per_gpu_hour=USD_PER_SECOND,
        prompt_tps=Decimal(prompt_tps),
        decode_tps=Decimal(decode_tps),
    )
    return ClusterBill(deployment=deployment, phases_add=phases_add)


STANDARD = token_bill("0.95", "0.16", "4.00")
PRIORITY = token_bill("1.50", "0.22", "6.00")
OVERLAP = ClusterBill(deployment=kimi_cluster(usd_per_gpu_hour=12), phases_add=False)
IN_TURN = ClusterBill(deployment=kimi_cluster(usd_per_gpu_hour=12), phases_add=True)


# -- turns -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cluster", "other", "turns"),
    [
        (OVERLAP, STANDARD, 19),
        (OVERLAP, PRIORITY, 7),
        (IN_TURN, STANDARD, 30),
        (IN_TURN, PRIORITY, 15),
    ],
)
def test_kimi_on_its_own_cluster_becomes_cheaper_than_serverless(
    cluster: ClusterBill, other: TokenBill, turns: int
) -> None:
    # Standard: 0.00096T² + 0.0178T − 0.00316 against 0.0356·T of decode at $12 x 8 an hour: root 18.67.
    assert cheaper_turns(cluster, other, DEFAULT_SHAPE, most_turns=MOST) == (range(turns, 201),)
    assert cheaper_turns(other, cluster, DEFAULT_SHAPE, most_turns=MOST) == (range(1, turns),)


def test_bills_that_are_equal_are_not_cheaper_either_way() -> None:
    # Prompts Σ = T·(T−1) at $1 and one decoded token a turn at $2: T² + T, against 5T of decode: equal at 4.
    token, cluster = per_token(1, None, 2), cluster_bill(prompt_tps="1000000", decode_tps="0.2")
    grows = shape(initial=0, added=2, decode=1)
    assert cheaper_turns(token, cluster, grows, most_turns=MOST) == (range(1, 4),)
    assert cheaper_turns(cluster, token, grows, most_turns=MOST) == (range(5, 201),)


def test_a_cluster_can_be_cheaper_twice() -> None:
    # T² + T by the token, 8·(T−1) of prefill: 2 and 0 at one turn, 30 and 32 at five, 42 and 40 at six.
    token, cluster = per_token(1, None, 2), cluster_bill(prompt_tps="0.25", decode_tps="1000")
    ranges = cheaper_turns(cluster, token, shape(initial=0, added=2, decode=1), most_turns=MOST)
    assert ranges == (range(1, 2), range(6, 201))
    assert crossing(ranges, MOST) == Crossing(turns=1, until=1, again=6)


def test_bills_that_touch_are_equal_at_that_one_number_of_turns() -> None:
    # P₁ = 3, Δ = 2, one decoded a turn: the difference is (T−3)². At three turns 7 new, 8 cached, 3 decoded:
    # 7·11 + 8·2 + 3·1 = 96 = 7·1 + 8·1 + 3·27.
    dearer, cheaper = per_token(11, 2, 1), per_token(1, 1, 27)
    touching = shape(initial=3, added=2, decode=1)
    assert cheaper_turns(cheaper, dearer, touching, most_turns=MOST) == (range(1, 3), range(4, 201))
    assert cheaper_turns(dearer, cheaper, touching, most_turns=MOST) == ()


def test_a_cluster_can_be_cheaper_only_around_the_turn_at_which_its_longer_phase_changes() -> None:
    # max(T + 10, 3T) turns at T = 5. By the token T + 10 new ones at $0.5 and T decoded at $2: 2.5T + 5.
    # 12.5 and 13 at three turns, 15 and 14 at four; 27.5 and 27 at nine, 30 and 30 at ten.
    token = token_bill(USD_PER_TOKEN // 2, 0, 2 * USD_PER_TOKEN)
    a_third = Deployment(
        gpu_type="B300_288GB",
        gpus=1,
        usd_per_gpu_hour=3 * USD_PER_SECOND,
        prompt_tps=Decimal(3),
        decode_tps=Decimal(1),
    )
    bent = ClusterBill(deployment=a_third, phases_add=False)
    ranges = cheaper_turns(bent, token, shape(initial=11, added=1, decode=1), most_turns=MOST)
    assert ranges == (range(4, 10),)
    assert crossing(ranges, MOST) == Crossing(turns=4, until=9)


def test_a_cluster_that_only_touches_with_its_bend_is_never_cheaper() -> None:
    # max(T + 10, 4T) turns at T = 10/3, where both it and 2.5T + 5 are 13.33.
    token = token_bill(USD_PER_TOKEN // 2, 0, 2 * USD_PER_TOKEN)
    bent = cluster_bill(prompt_tps="1", decode_tps="0.25")
    assert cheaper_turns(bent, token, shape(initial=11, added=1, decode=1), most_turns=MOST) == ()


def test_without_added_tokens_the_bills_are_lines() -> None:
    # One new token at $6, T − 1 cached at $1: T + 5; against 2T of decode, equal at five.
    token, cluster = per_token(6, 1, 0), cluster_bill(prompt_tps="1000", decode_tps="0.5")
    again = shape(initial=1, added=0, decode=1)
    assert cheaper_turns(token, cluster, again, most_turns=MOST) == (range(6, 201),)
    assert cheaper_turns(cluster, token, again, most_turns=MOST) == (range(1, 5),)


def test_an_unpublished_cached_rate_is_the_input_rate_and_a_free_one_is_free() -> None:
    # Two tokens more a turn at $1. Without a cached rate T² + T, free T·2 + 0: one turn costs the same.
    twice = shape(initial=2, added=2, decode=0)
    unpublished, free = per_token(1, None, 0), per_token(1, 0, 0)
    assert cheaper_turns(free, unpublished, twice, most_turns=MOST) == (range(2, 201),)
    assert cheaper_turns(unpublished, per_token(1, 1, 0), twice, most_turns=MOST) == ()
    assert cheaper_turns(per_token(1, 1, 0), unpublished, twice, most_turns=MOST) == ()


@pytest.mark.parametrize("bill", [STANDARD, OVERLAP, IN_TURN])
def test_a_bill_is_never_cheaper_than_itself(bill: Bill) -> None:
    ranges = cheaper_turns(bill, bill, DEFAULT_SHAPE, most_turns=MOST)
    assert ranges == ()
    assert crossing(ranges, MOST) == Crossing(turns=None, reason="never")


def test_a_free_path_is_always_cheaper_than_one_with_a_price() -> None:
    free = per_token(0, 0, 0)
    ranges = cheaper_turns(free, OVERLAP, DEFAULT_SHAPE, most_turns=MOST)
    assert ranges == (range(1, 201),)
    assert crossing(ranges, MOST) == Crossing(turns=None, reason="always")
    assert cheaper_turns(OVERLAP, free, DEFAULT_SHAPE, most_turns=MOST) == ()


def test_without_any_work_nothing_is_cheaper() -> None:
    idle = shape(initial=0, added=0, decode=0)
    assert cheaper_turns(STANDARD, OVERLAP, idle, most_turns=MOST) == ()
    assert cheaper_turns(OVERLAP, STANDARD, idle, most_turns=MOST) == ()


def test_two_thirds_are_equal_to_a_third_and_a_third() -> None:
    # 0.33…3 + 0.33…3 and 0.66…7 differ in the last digit; neither bill may win by it.
    in_turn = cluster_bill(prompt_tps="3", decode_tps="3", phases_add=True)
    overlapping = cluster_bill(prompt_tps="1.5", decode_tps="1000")
    even = shape(initial=1, added=1, decode=1)
    for first, second in ((in_turn, overlapping), (overlapping, in_turn)):
        assert cheaper_turns(first, second, even, most_turns=MOST) == ()


def test_a_crossing_that_lies_beyond_the_most_turns_is_not_reached() -> None:
    assert cheaper_turns(OVERLAP, STANDARD, DEFAULT_SHAPE, most_turns=18) == ()
    assert cheaper_turns(OVERLAP, STANDARD, DEFAULT_SHAPE, most_turns=19) == (range(19, 20),)
    assert cheaper_turns(STANDARD, OVERLAP, DEFAULT_SHAPE, most_turns=1) == (range(1, 2),)


def test_a_crossing_that_lasts_to_the_end_has_no_until() -> None:
    assert crossing((range(19, 201),), MOST) == Crossing(turns=19)
    assert crossing((range(19, 200),), MOST) == Crossing(turns=19, until=199)
    assert crossing((range(1, 19),), MOST) == Crossing(turns=1, until=18)


def test_a_crossing_a_hundred_thousand_million_turns_away_is_found() -> None:
    # Prompts at $1: T² + T, against (10^11 + 1)·T of decode: equal at 10^11. No loop would come that far.
    token = per_token(1, None, 2)
    cluster = ClusterBill(
        deployment=Deployment(
            gpu_type="B300_288GB",
            gpus=10**11 + 1,
            usd_per_gpu_hour=USD_PER_SECOND,
            prompt_tps=Decimal(10) ** 15,
            decode_tps=Decimal(1),
        ),
        phases_add=False,
    )
    grows = shape(initial=0, added=2, decode=1)
    ranges = cheaper_turns(cluster, token, grows, most_turns=10**12)
    assert ranges == (range(10**11 + 1, 10**12 + 1),)


SHAPES = st.builds(
    shape,
    initial=st.integers(0, 12) | st.integers(0, 200_000),
    added=st.integers(0, 12) | st.integers(0, 50_000),
    decode=st.integers(0, 12) | st.integers(0, 50_000),
)
RATES = st.integers(0, 4).map(Decimal) | st.decimals(0, 20, places=3)
TOKEN_BILLS = st.builds(
    TokenBill,
    rates=st.builds(
        TokenRates,
        input_usd_per_mtok=RATES,
        cached_input_usd_per_mtok=st.none() | RATES,
        output_usd_per_mtok=RATES,
    ),
)
THROUGHPUTS = st.integers(1, 12).map(Decimal) | st.decimals("0.1", 10**6, places=1)
CLUSTERS = st.builds(
    Deployment,
    gpu_type=st.just("B300_288GB"),
    gpus=st.integers(1, 64),
    # Small rents too, so that a dollar a second meets a dollar a token and bills are often near each other.
    usd_per_gpu_hour=st.just(Decimal(0))
    | st.decimals("0.0001", 1, places=4)
    | st.decimals(1, 20, places=2),
    prompt_tps=THROUGHPUTS,
    decode_tps=THROUGHPUTS,
)
CLUSTER_BILLS = st.builds(ClusterBill, deployment=CLUSTERS, phases_add=st.booleans())
BILLS = TOKEN_BILLS | CLUSTER_BILLS


def walked(bill: Bill, of: EpisodeShape) -> Iterator[Fraction]:
    """The bill of one turn, of two turns and so on: each turn is walked through, none is solved for."""
    new = prompt = of.initial_prompt_tokens
    cached, decoded = 0, of.decode_tokens_per_turn
    while True:
        yield amount(bill, new, cached, decoded)
        cached += prompt
        prompt += of.tokens_added_per_turn
        new += of.tokens_added_per_turn
        decoded += of.decode_tokens_per_turn


def amount(bill: Bill, new: int, cached: int, decoded: int) -> Fraction:
    if isinstance(bill, TokenBill):
        rates = bill.rates
        full, output = Fraction(rates.input_usd_per_mtok), Fraction(rates.output_usd_per_mtok)
        hit = rates.cached_input_usd_per_mtok
        per_cached = full if hit is None else Fraction(hit)
        return (new * full + cached * per_cached + decoded * output) / 1_000_000
    cluster = bill.deployment
    prefill, decode = new / Fraction(cluster.prompt_tps), decoded / Fraction(cluster.decode_tps)
    seconds = prefill + decode if bill.phases_add else max(prefill, decode)
    return seconds * cluster.gpus * Fraction(cluster.usd_per_gpu_hour) / 3600


def flat(ranges: tuple[range, ...]) -> list[int]:
    return [turns for each in ranges for turns in each]


@given(st.lists(BILLS, min_size=2, max_size=4), SHAPES)
def test_between_the_turns_of_change_every_order_stays(bills: list[Bill], of: EpisodeShape) -> None:
    """Who costs more, or that neither does, is as it was one turn before at every number of turns that is not named."""
    changes = turns_of_change(bills, of, most_turns=MOST)
    assert changes <= set(range(2, MOST + 1))
    usd = [[*islice(walked(bill, of), MOST)] for bill in bills]
    for first, second in combinations(usd, 2):
        order = [(a > b) - (a < b) for a, b in zip(first, second, strict=True)]
        changed = {turns for turns in range(2, MOST + 1) if order[turns - 1] != order[turns - 2]}
        assert changed <= changes


@given(BILLS, BILLS, SHAPES)
def test_the_turns_are_those_that_brute_force_finds(
    first: Bill, second: Bill, of: EpisodeShape
) -> None:
    pairs = zip(walked(first, of), walked(second, of), strict=True)
    found = [turns for turns, (ours, theirs) in enumerate(islice(pairs, MOST), 1) if ours < theirs]
    assert flat(cheaper_turns(first, second, of, most_turns=MOST)) == found


@given(TOKEN_BILLS, CLUSTERS, SHAPES, st.integers(1, MOST), st.booleans())
def test_the_turns_are_those_of_brute_force_where_the_bills_are_made_to_meet(
    token: TokenBill, cluster: Deployment, of: EpisodeShape, meet: int, phases_add: bool
) -> None:
    # The rent is chosen so that both bills are the same, or all but, at `meet` turns.
    at = next(islice(walked(token, of), meet - 1, None))
    dollar = ClusterBill(
        deployment=cluster.model_copy(update={"gpus": 1, "usd_per_gpu_hour": Decimal(1)}),
        phases_add=phases_add,
    )
    one = next(islice(walked(dollar, of), meet - 1, None))
    assume(one)
    rent = Decimal((at / one).numerator) / Decimal((at / one).denominator)
    met = ClusterBill(
        deployment=dollar.deployment.model_copy(update={"usd_per_gpu_hour": rent}),
        phases_add=phases_add,
    )
    for first, second in ((token, met), (met, token)):
        pairs = zip(walked(first, of), walked(second, of), strict=True)
        found = [turns for turns, (a, b) in enumerate(islice(pairs, MOST), 1) if a < b]
        assert flat(cheaper_turns(first, second, of, most_turns=MOST)) == found


@given(BILLS, BILLS, SHAPES)
def test_more_turns_to_look_at_change_nothing_below(
    first: Bill, second: Bill, of: EpisodeShape
) -> None:
    far = cheaper_turns(first, second, of, most_turns=10**15)
    near = tuple(range(each.start, min(each.stop, MOST + 1)) for each in far if each.start <= MOST)
    assert cheaper_turns(first, second, of, most_turns=MOST) == near


@given(BILLS, BILLS, SHAPES)
def test_the_ranges_are_in_order_and_neither_empty_nor_touching(
    first: Bill, second: Bill, of: EpisodeShape
) -> None:
    ranges = cheaper_turns(first, second, of, most_turns=MOST)
    assert all(ranges)
    assert all(one.stop < other.start for one, other in pairwise(ranges))


# -- the most turns --------------------------------------------------------------------------------


def test_a_budget_of_just_the_bill_buys_the_turn() -> None:
    # 4 turns are 44k·5.15 + 60k·1.03 + 8k·12.81 = $0.39088 an episode on Tinker 128K.
    tinker, of = TokenBill(rates=TINKER_KIMI_2026_07_17), DEFAULT_WORKLOAD.shape
    within = partial(most_turns, tinker, of, among=range(1, 201))
    assert within(usd_per_episode=Fraction("0.39088")) == 4
    assert within(usd_per_episode=Fraction("0.3908799")) == 3
    assert within(usd_per_episode=Fraction("0.0001")) == 0


ALLOWED = st.fractions(0, 10**4, max_denominator=10**6)
AMONG = st.builds(
    lambda start, turns: range(start, start + turns), st.integers(1, MOST), st.integers(1, 40)
)


@given(BILLS, SHAPES, ALLOWED, AMONG)
def test_the_most_turns_are_those_that_brute_force_finds(
    bill: Bill, of: EpisodeShape, allowed: Fraction, among: range
) -> None:
    bills = islice(walked(bill, of), among.start - 1, among.stop - 1)
    within = [turns for turns, usd in zip(among, bills, strict=True) if usd <= allowed]
    found = most_turns(bill, of, usd_per_episode=allowed, among=among)
    assert found == max(within, default=0)


@given(CLUSTERS, SHAPES, ALLOWED, AMONG, st.booleans())
def test_the_most_turns_in_time_are_those_that_brute_force_finds(
    cluster: Deployment, of: EpisodeShape, allowed: Fraction, among: range, phases_add: bool
) -> None:
    # A dollar an hour, so that a bill is its hours.
    dollar = cluster.model_copy(update={"gpus": 1, "usd_per_gpu_hour": Decimal(1)})
    bill = ClusterBill(deployment=dollar, phases_add=phases_add)
    hours = islice(walked(bill, of), among.start - 1, among.stop - 1)
    within = [turns for turns, each in zip(among, hours, strict=True) if each <= allowed]
    found = most_turns_in_time(
        cluster, of, hours_per_episode=allowed, among=among, phases_add=phases_add
    )
    assert found == max(within, default=0)


# -- episodes --------------------------------------------------------------------------------------


def test_ten_thousand_dollars_buy_10_040_episodes_on_tinker() -> None:
    # $0.996 an episode: 10,040 cost $9,999.84 and one more $10,000.836.
    tinker = token_billed(DEFAULT_WORKLOAD, TINKER_KIMI_2026_07_17)
    assert most_episodes(tinker, budget_usd=Decimal(10_000)) == 10_040
    assert most_episodes(tinker, budget_usd=Decimal("9999.84")) == 10_040
    assert most_episodes(tinker, budget_usd=Decimal("9999.83")) == 10_039


def test_a_cluster_buys_fewer_episodes_when_its_phases_add() -> None:
    # At $96 an hour 32/3 s of decode cost $0.28444…, with 46/15 s of prefill $0.36622….
    cluster = dedicated(DEFAULT_WORKLOAD, kimi_cluster(usd_per_gpu_hour=12))
    assert most_episodes(cluster, budget_usd=Decimal(100)) == 351
    assert most_episodes(cluster, budget_usd=Decimal(100), phases_add=True) == 273


def test_a_budget_that_is_exactly_enough_is_not_missed_by_a_rounded_quotient() -> None:
    # $2/3 an episode, a quotient that rounds up: $2 pay for three all the same.
    thirds = cluster_bill(prompt_tps="1000000", decode_tps="1.5").deployment
    run = Workload(shape=shape(turns=1, initial=0, added=0, decode=1), episodes=7)
    estimate = dedicated(run, thirds)
    assert most_episodes(estimate, budget_usd=Decimal(2)) == 3
    assert most_episodes(estimate, budget_usd=Decimal("1.999999999")) == 2


def test_a_budget_below_one_episode_buys_none() -> None:
    tinker = token_billed(DEFAULT_WORKLOAD, TINKER_KIMI_2026_07_17)
    assert most_episodes(tinker, budget_usd=Decimal("0.99")) == 0


def test_a_free_path_has_no_most_episodes() -> None:
    free = token_billed(DEFAULT_WORKLOAD, per_token(0, 0, 0).rates)
    assert most_episodes(free, budget_usd=Decimal("0.01")) is None
    rent_free = dedicated(DEFAULT_WORKLOAD, kimi_cluster(usd_per_gpu_hour=0))
    assert most_episodes(rent_free, budget_usd=Decimal("0.01"), phases_add=True) is None


BUDGETS = st.decimals("0.01", 10**6, places=2)


@given(BILLS, SHAPES, st.integers(1, MOST), st.integers(1, 10**6), BUDGETS)
def test_the_most_episodes_fit_the_budget_and_one_more_does_not(
    bill: Bill, of: EpisodeShape, turns: int, episodes: int, budget_usd: Decimal
) -> None:
    run = Workload(shape=of.model_copy(update={"turns": turns}), episodes=episodes)
    if isinstance(bill, TokenBill):
        most = most_episodes(token_billed(run, bill.rates), budget_usd=budget_usd)
    else:
        most = most_episodes(
            dedicated(run, bill.deployment), budget_usd=budget_usd, phases_add=bill.phases_add
        )
    one = next(islice(walked(bill, of), turns - 1, None))
    if most is None:
        assert one == 0
    else:
        assert most * one <= Fraction(budget_usd) < (most + 1) * one


@given(CLUSTERS, SHAPES, BUDGETS)
def test_the_most_episodes_fit_by_the_real_bill_and_one_more_does_not(
    cluster: Deployment, of: EpisodeShape, budget_usd: Decimal
) -> None:
    most = most_episodes(dedicated(Workload(shape=of, episodes=1), cluster), budget_usd=budget_usd)
    assume(most is not None)
    assert most is not None
    over = dedicated(Workload(shape=of, episodes=most + 1), cluster)
    assert over.usd > budget_usd
    if most:
        assert dedicated(Workload(shape=of, episodes=most), cluster).usd <= budget_usd


def test_a_cluster_ends_so_many_episodes_in_time() -> None:
    # 32/3 s of decode an episode, with 46/15 s of prefill 206/15: an hour has 337 of the first and 262 of the second.
    cluster = dedicated(DEFAULT_WORKLOAD, kimi_cluster(usd_per_gpu_hour=12))
    hour = Decimal(1)
    assert most_episodes_in_time(cluster, deadline_hours=hour) == 337
    assert most_episodes_in_time(cluster, deadline_hours=hour, phases_add=True) == 262


def test_episodes_without_work_end_in_any_time() -> None:
    idle = Workload(shape=shape(turns=1, initial=0, added=0, decode=0), episodes=1)
    estimate = dedicated(idle, kimi_cluster(usd_per_gpu_hour=12))
    assert most_episodes_in_time(estimate, deadline_hours=Decimal("0.01")) is None


@given(CLUSTERS, SHAPES, st.integers(1, MOST), st.decimals("0.001", 1000, places=3), st.booleans())
def test_the_most_episodes_end_in_time_and_one_more_does_not(
    cluster: Deployment, of: EpisodeShape, turns: int, deadline: Decimal, phases_add: bool
) -> None:
    # A dollar an hour, so that a bill is its hours.
    dollar = cluster.model_copy(update={"gpus": 1, "usd_per_gpu_hour": Decimal(1)})
    run = Workload(shape=of.model_copy(update={"turns": turns}), episodes=1)
    most = most_episodes_in_time(
        dedicated(run, cluster), deadline_hours=deadline, phases_add=phases_add
    )
    bill = ClusterBill(deployment=dollar, phases_add=phases_add)
    hours = next(islice(walked(bill, of), turns - 1, None))
    if most is None:
        assert hours == 0
    else:
        assert most * hours <= Fraction(deadline) < (most + 1) * hours


# -- replicas --------------------------------------------------------------------------------------

KIMI_RUN = dedicated(DEFAULT_WORKLOAD, kimi_cluster(usd_per_gpu_hour=12))


@pytest.mark.parametrize(
    ("deadline_hours", "overlapping", "in_turn"),
    [("4", 1, 1), ("3", 1, 2), ("1", 3, 4), ("0.1", 30, 39)],
)
def test_a_deadline_needs_replicas(deadline_hours: str, overlapping: int, in_turn: int) -> None:
    # 16M/1,500 = 10,666.7 s of decode are 2.963 hours, with 3,066.7 s of prefill 3.815.
    deadline = Decimal(deadline_hours)
    assert replicas_for(KIMI_RUN, deadline_hours=deadline) == overlapping
    assert replicas_for(KIMI_RUN, deadline_hours=deadline, phases_add=True) == in_turn


def test_a_deadline_that_is_met_to_the_second_needs_no_further_replica() -> None:
    # 100 episodes of 36 s of decode are exactly one hour.
    exactly = cluster_bill(prompt_tps="1000000", decode_tps="1").deployment
    run = Workload(shape=shape(turns=36, initial=0, added=0, decode=1), episodes=100)
    estimate = dedicated(run, exactly)
    assert estimate.cluster_hours == 1
    assert replicas_for(estimate, deadline_hours=Decimal("0.1")) == 10
    assert replicas_for(estimate, deadline_hours=Decimal("0.0999999")) == 11


def test_replicas_share_the_hours_and_those_without_an_episode_save_none() -> None:
    one_hour = cluster_bill(prompt_tps="1000000", decode_tps="1").deployment
    run = Workload(shape=shape(turns=900, initial=0, added=0, decode=1), episodes=4)
    estimate = dedicated(run, one_hour)
    assert [hours_with(estimate, replicas) for replicas in (1, 2, 4, 5, 400)] == [
        Decimal(1),
        Decimal("0.5"),
        Decimal("0.25"),
        Decimal("0.25"),
        Decimal("0.25"),
    ]
    assert most_useful_replicas(4) == 4
    # A tenth of an hour would need ten replicas, and there are only four episodes to give them.
    assert replicas_for(estimate, deadline_hours=Decimal("0.1")) == 10


@given(CLUSTERS, SHAPES, st.integers(1, 10**5), st.decimals("0.001", 1000, places=3), st.booleans())
def test_the_replicas_meet_the_deadline_at_an_unchanged_bill_and_one_less_does_not(
    cluster: Deployment, of: EpisodeShape, episodes: int, deadline: Decimal, phases_add: bool
) -> None:
    run = Workload(shape=of, episodes=episodes)
    estimate = dedicated(run, cluster)
    replicas = replicas_for(estimate, deadline_hours=deadline, phases_add=phases_add)
    hours = replicated_hours(run, cluster, replicas, phases_add=phases_add)
    assert hours <= deadline
    if replicas > 1:
        fewer = replicated_hours(run, cluster, replicas - 1, phases_add=phases_add)
        assert fewer > deadline
    if replicas <= most_useful_replicas(episodes):
        assert abs(hours_with(estimate, replicas, phases_add=phases_add) - hours) <= hours * TINY
    else:
        assert hours_with(estimate, replicas, phases_add=phases_add) > deadline


TINY = Decimal("1e-20")


def replicated_hours(
    run: Workload, cluster: Deployment, replicas: int, *, phases_add: bool
) -> Decimal:
    """The hours of one cluster that is as large and as fast as all replicas; its bill is that of one."""
    many = dedicated(
        run,
        cluster.model_copy(
            update={
                "gpus": cluster.gpus * replicas,
                "prompt_tps": cluster.prompt_tps * replicas,
                "decode_tps": cluster.decode_tps * replicas,
            }
        ),
    )
    assert abs(many.usd_high - dedicated(run, cluster).usd_high) <= many.usd_high * TINY
    return many.cluster_hours_high if phases_add else many.cluster_hours
