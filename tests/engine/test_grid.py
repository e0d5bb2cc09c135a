"""Many bills at once: worked by hand at a few points, and held against the exact engine at random ones."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.costs import dedicated, token_billed
from engine.grid import ShapeGrid, cluster_bill_usd, token_bill_usd
from engine.rates import Deployment, TokenRates
from engine.workload import EpisodeShape, Workload
from tests.examples import TINKER_KIMI_2026_05_16, TINKER_KIMI_2026_07_17, kimi_cluster

TRILLION_USD = Decimal(10) ** 12
HALF_A_CENT = Decimal("0.005")

largest_tokens = st.integers(0, 10_000_000)
usd = st.decimals(0, 100, places=3)
throughput = st.decimals("0.001", 1_000_000, places=3)


def grid_of(
    *,
    turns: object = 8,
    episodes: object = 1_000,
    initial: object = 8_000,
    added: object = 12_000,
    decode: object = 2_000,
) -> ShapeGrid:
    return ShapeGrid.of(
        turns=np.asarray(turns),
        episodes=np.asarray(episodes),
        initial_prompt_tokens=np.asarray(initial),
        tokens_added_per_turn=np.asarray(added),
        decode_tokens_per_turn=np.asarray(decode),
    )


def run_at(grid: ShapeGrid, point: tuple[int, ...]) -> Workload:
    turns, episodes, initial, added, decode = (
        int(array[point]) for array in np.broadcast_arrays(*grid.arrays())
    )
    shape = EpisodeShape(
        turns=turns,
        initial_prompt_tokens=initial,
        tokens_added_per_turn=added,
        decode_tokens_per_turn=decode,
    )
    return Workload(shape=shape, episodes=episodes)


def assert_agrees(found: float, exact: Decimal) -> None:
    difference = abs(Fraction(found) - Fraction(exact))
    assert difference <= Fraction(exact) / 10**12
    if exact < TRILLION_USD:
        assert difference <= Fraction(HALF_A_CENT)


def some(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[list[int]]:
    return st.lists(numbers, min_size=1, max_size=3)


@st.composite
def grids(draw: st.DrawFn) -> ShapeGrid:
    """Each field on an axis of its own, so that every combination is a point."""
    axes = [
        draw(some(st.integers(1, 200))),
        draw(some(st.integers(1, 10_000_000))),
        *(draw(some(largest_tokens)) for _ in range(3)),
    ]
    turns, episodes, initial, added, decode = np.ix_(*axes)
    return grid_of(turns=turns, episodes=episodes, initial=initial, added=added, decode=decode)


@given(grids(), usd, st.none() | usd, usd)
@settings(max_examples=60, deadline=None)
def test_every_token_bill_of_a_grid_is_the_exact_one_to_the_cent(
    grid: ShapeGrid, full: Decimal, hit: Decimal | None, output: Decimal
) -> None:
    rates = TokenRates(
        input_usd_per_mtok=full, cached_input_usd_per_mtok=hit, output_usd_per_mtok=output
    )
    bills = token_bill_usd(grid, rates)
    assert bills.shape == grid.shape
    for point, found in np.ndenumerate(bills):
        assert_agrees(float(found), token_billed(run_at(grid, point), rates).usd)


@given(grids(), st.integers(1, 100_000), usd, throughput, throughput)
@settings(max_examples=60, deadline=None)
def test_both_cluster_bills_of_a_grid_are_the_exact_ones_to_the_cent(
    grid: ShapeGrid, gpus: int, rent: Decimal, prompt_tps: Decimal, decode_tps: Decimal
) -> None:
    deployment = Deployment(
        gpu_type="B300_288GB",
        gpus=gpus,
        usd_per_gpu_hour=rent,
        prompt_tps=prompt_tps,
        decode_tps=decode_tps,
    )
    low, high = cluster_bill_usd(grid, deployment)
    assert low.shape == high.shape == grid.shape
    for point, found in np.ndenumerate(low):
        exact = dedicated(run_at(grid, point), deployment)
        assert_agrees(float(found), exact.usd_low)
        assert_agrees(float(high[point]), exact.usd_high)


def test_turns_against_decode_are_a_column_and_a_row() -> None:
    # T = 1: 8,000 x 5.15/M; T = 8: 92,000 x 5.15/M + 308,000 x 1.03/M = 0.0412 and 0.79104, a thousand times;
    # each decoded token is 12.81/M: of 2,000 a turn 0.02562 and 0.20496
    grid = grid_of(turns=[[1], [8]], decode=[0, 2_000])
    bills = token_bill_usd(grid, TINKER_KIMI_2026_07_17)
    assert bills.tolist() == [[41.2, 66.82], [791.04, 996.0]]


def test_without_a_cached_rate_every_turn_bills_the_whole_context() -> None:
    # 400,000 x 5.15/M + 16,000 x 12.81/M = 2.06 + 0.20496, a thousand times
    assert token_bill_usd(grid_of(), TINKER_KIMI_2026_05_16).tolist() == 2264.96


def test_a_cached_rate_of_zero_is_free_and_not_missing() -> None:
    free = TINKER_KIMI_2026_07_17.model_copy(update={"cached_input_usd_per_mtok": Decimal(0)})
    assert token_bill_usd(grid_of(), free).tolist() == 678.76


def test_a_cluster_costs_the_longer_phase_at_each_point_and_at_most_both() -> None:
    # 8 GPUs x $12 = $96 an hour. 90M/30,000 = 3,000 s of prefill = $80 and nothing decoded;
    # 8 x 1,500 x 1,000/1,500 = 8,000 s of decode = $213.33…
    grid = grid_of(initial=6_000, decode=[0, 1_500])
    low, high = cluster_bill_usd(grid, kimi_cluster(usd_per_gpu_hour=12))
    assert low.tolist() == pytest.approx([80, 640 / 3], rel=1e-15)
    assert high.tolist() == pytest.approx([80, 880 / 3], rel=1e-15)


def test_below_two_to_the_53_an_amount_is_the_nearest_double_of_the_exact_one() -> None:
    turns = np.arange(1, 201)
    grid = grid_of(turns=turns, initial=7_919, added=1_213, decode=577, episodes=997)
    bills = token_bill_usd(grid, TINKER_KIMI_2026_07_17)
    exact = [token_billed(run_at(grid, (i,)), TINKER_KIMI_2026_07_17).usd for i in range(200)]
    assert bills.tolist() == [float(amount) for amount in exact]


def test_where_64_bits_overflow_the_bills_go_on_in_floats() -> None:
    # 10^12 turns of 10^6 decoded tokens, 10^6 episodes: 10^24 tokens at $1/M are 10^18 dollars
    grid = grid_of(turns=10**12, episodes=10**6, initial=0, added=0, decode=10**6)
    rates = TokenRates(input_usd_per_mtok=Decimal(0), output_usd_per_mtok=Decimal(1))
    assert token_bill_usd(grid, rates).tolist() == pytest.approx(1e18, rel=1e-15)


def test_free_rates_with_counts_beyond_64_bits_bill_nothing() -> None:
    grid = grid_of(turns=[1, 2**40], added=2**40, initial=2**62, decode=2**62)
    free = TokenRates(input_usd_per_mtok=Decimal(0), output_usd_per_mtok=Decimal(0))
    assert token_bill_usd(grid, free).tolist() == [0.0, 0.0]


def test_points_of_every_chunk_are_where_they_belong() -> None:
    # $1 per million output tokens, a turn, a token, a million episodes: the bill is turns x decode dollars
    turns, decode = np.arange(1, 301), np.arange(0, 500)
    grid = grid_of(turns=turns[:, None], decode=decode, episodes=1_000_000, initial=0, added=0)
    rates = TokenRates(input_usd_per_mtok=Decimal(0), output_usd_per_mtok=Decimal(1))
    assert np.array_equal(token_bill_usd(grid, rates), np.outer(turns, decode))


def test_fields_are_laid_out_in_the_order_of_their_axes_whatever_their_memory_is() -> None:
    columns = np.asfortranarray(np.arange(1, 7).reshape(2, 3))
    grid = grid_of(turns=columns, decode=1, episodes=1_000_000, initial=0, added=0)
    rates = TokenRates(input_usd_per_mtok=Decimal(0), output_usd_per_mtok=Decimal(1))
    bills = token_bill_usd(grid, rates)
    assert bills.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert bills.flags.c_contiguous


def test_an_empty_grid_has_no_bills() -> None:
    grid = grid_of(turns=np.array([], dtype=np.int64))
    assert token_bill_usd(grid, TINKER_KIMI_2026_07_17).tolist() == []
    assert [
        bill.tolist() for bill in cluster_bill_usd(grid, kimi_cluster(usd_per_gpu_hour=12))
    ] == [
        [],
        [],
    ]


def test_an_amount_that_no_double_holds_is_an_error_and_not_infinity() -> None:
    crawling = kimi_cluster(usd_per_gpu_hour=12)
    for slow in ("1e-301", "1e-299", "1e-999999999"):
        cluster = crawling.model_copy(update={"decode_tps": Decimal(slow)})
        with pytest.raises(ArithmeticError):
            cluster_bill_usd(grid_of(turns=200, episodes=10**7, decode=10**7), cluster)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("turns", [1, 0]),
        ("episodes", 0),
        ("initial", -1),
        ("added", [2.5]),
        ("decode", 2**64 - 1),
        ("decode", 2**70),
    ],
)
def test_what_is_no_count_is_refused(field: str, values: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        grid_of(**{field: values})


def test_arrays_that_do_not_broadcast_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        grid_of(turns=[1, 2], decode=[1, 2, 3])


def test_a_grid_does_not_change_with_the_array_it_was_made_of() -> None:
    turns = np.array([8])
    grid = grid_of(turns=turns)
    turns[0] = 0
    assert grid.turns.tolist() == [8]
