"""What a sweep over a million points costs on five paths: NumPy in the engine against the least NumPy could do.

    python benchmarks/sweep.py

Prints medians in milliseconds. The floor is one multiply-add over as many cells; beside it stands what the exact engine
would take, extrapolated from a few hundred points. The bound is one second.
"""

import statistics
import time
from collections.abc import Callable
from decimal import Decimal

import numpy as np
from tabulate import tabulate

from engine.costs import dedicated, token_billed
from engine.grid import ShapeGrid, cluster_bill_usd, token_bill_usd
from engine.rates import Deployment, TokenRates
from engine.workload import EpisodeShape, Workload

BOUND_SECONDS = 1.0
ROUNDS = 9
TURNS, DECODES = np.arange(1, 201), np.arange(0, 20_000, 4)
POINTS = TURNS.size * DECODES.size
EXACT_POINTS = 500
EPISODES, INITIAL, ADDED = 5_000, 8_000, 12_000

TOKEN_RATES = [
    TokenRates(
        input_usd_per_mtok=Decimal(full),
        cached_input_usd_per_mtok=Decimal(hit),
        output_usd_per_mtok=Decimal(output),
    )
    for full, hit, output in (
        ("5.15", "1.03", "12.81"),
        ("0.95", "0.16", "4.00"),
        ("1.50", "0.22", "6.00"),
        ("2.00", "0.30", "8.00"),
    )
]
CLUSTER = Deployment(
    gpu_type="B300_288GB",
    gpus=8,
    usd_per_gpu_hour=Decimal(12),
    prompt_tps=Decimal(30_000),
    decode_tps=Decimal(1_500),
)


def main() -> None:
    grid = swept(TURNS[:, None], DECODES)
    every_field = swept(*(array.ravel() for array in np.broadcast_arrays(TURNS[:, None], DECODES)))
    floor = milliseconds(multiply_add())
    taken = milliseconds(lambda: five_paths(grid))
    rows = [
        ("one multiply-add a path", floor),
        ("turns × decode, a column and a row", taken),
        ("the same points in one long list", milliseconds(lambda: five_paths(every_field))),
        ("the exact engine, extrapolated", milliseconds(exactly) * POINTS / EXACT_POINTS),
    ]
    table = [(what, f"{took:,.1f}", f"{took / floor:,.1f}×") for what, took in rows]
    header = (f"{POINTS:,} points, five paths", "ms", "to the floor")
    print(tabulate(table, headers=header, disable_numparse=True))
    slowest = max(took for _, took in rows[:-1]) / 1000
    print(f"\n{'within' if slowest < BOUND_SECONDS else 'over'} the bound of {BOUND_SECONDS:g} s")


def milliseconds(work: Callable[[], object]) -> float:
    """The median over rounds of one call's time."""
    work()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1e3


def swept(turns: np.ndarray, decodes: np.ndarray) -> ShapeGrid:
    return ShapeGrid.of(
        turns=turns,
        episodes=EPISODES,
        initial_prompt_tokens=INITIAL,
        tokens_added_per_turn=ADDED,
        decode_tokens_per_turn=decodes,
    )


def multiply_add() -> Callable[[], object]:
    """The least that five amounts of each point cost: a product, a sum and the memory they go to."""
    cells = np.linspace(0, 1, POINTS)
    return lambda: [cells * 1.5 + 2.5 for _ in range(5)]


def five_paths(grid: ShapeGrid) -> object:
    return [token_bill_usd(grid, rates) for rates in TOKEN_RATES], cluster_bill_usd(grid, CLUSTER)


def exactly() -> object:
    """The same five bills of some of the points, one after the other."""
    runs = [
        Workload(
            shape=EpisodeShape(
                turns=int(TURNS[point % TURNS.size]),
                initial_prompt_tokens=INITIAL,
                tokens_added_per_turn=ADDED,
                decode_tokens_per_turn=int(DECODES[point * 7 % DECODES.size]),
            ),
            episodes=EPISODES,
        )
        for point in range(EXACT_POINTS)
    ]
    return [
        ([token_billed(run, rates) for rates in TOKEN_RATES], dedicated(run, CLUSTER))
        for run in runs
    ]


if __name__ == "__main__":
    main()
