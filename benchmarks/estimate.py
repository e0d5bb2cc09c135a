"""What an exact estimate costs: all paths of one model against the same arithmetic in plain floats.

    python benchmarks/estimate.py

Prints medians in microseconds, and their ratio. The bound is 200 µs for all paths of a model.
"""

import statistics
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from tabulate import tabulate

from engine.caveats import BillingPath
from engine.costs import (
    DedicatedEstimate,
    Unpriced,
    dedicated,
    formula_caveats,
    token_billed,
    usd_of,
)
from engine.parity import at_par
from engine.rates import Deployment, TokenRates
from engine.workload import EpisodeShape, Workload
from pricing.cards import RateBook, load_book
from pricing.catalogue import Model, load_catalogue
from pricing.clusters import ClusterRequest
from pricing.quotes import quote_model

BOUND_MICROSECONDS = 200
ROUNDS, CALLS = 30, 200

DAY = date(2026, 8, 1)
RUN = Workload(
    shape=EpisodeShape(
        turns=20,
        initial_prompt_tokens=8_000,
        tokens_added_per_turn=12_000,
        decode_tokens_per_turn=2_000,
    ),
    episodes=5_000,
)
TINKER = (5.15, 1.03, 12.81)
SERVERLESS = ((0.95, 0.16, 4.0), (1.5, 0.22, 6.0), (2.0, 0.3, 8.0))
GPUS, USD_PER_GPU_HOUR, PROMPT_TPS, DECODE_TPS = 8, 12, 30_000, 1_500


def main() -> None:
    catalogue = load_catalogue()
    book, model = load_book(catalogue), catalogue.get("kimi-k2p6")
    floats = microseconds(in_floats)
    rows = [
        ("five paths in plain floats", floats),
        ("five paths, exact", microseconds(in_engine)),
        ("five paths, exact, with their cards", microseconds(lambda: with_cards(model, book))),
    ]
    table = [(what, f"{took:,.1f}", f"{took / floats:,.1f}×") for what, took in rows]
    print(
        tabulate(
            table, headers=("all paths of one model", "µs", "to floats"), disable_numparse=True
        )
    )
    verdict = "within" if rows[-1][1] <= BOUND_MICROSECONDS else "over"
    print(f"\n{verdict} the bound of {BOUND_MICROSECONDS} µs")


def microseconds(work: Callable[[], object]) -> float:
    """The median over rounds of one call's time."""
    work()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(CALLS):
            work()
        taken.append((time.perf_counter() - start) / CALLS)
    return statistics.median(taken) * 1e6


def in_floats() -> tuple[float, ...]:
    """What the engine works out, in binary floating point and nothing else."""
    turns, initial, added, decode = 20, 8_000, 12_000, 2_000
    last = initial + (turns - 1) * added
    prompts = turns * initial + added * turns * (turns - 1) // 2
    cached, decoded, episodes = prompts - last, turns * decode, 5_000
    bills = [
        (last * full + cached * hit + decoded * out) / 1e6 * episodes
        for full, hit, out in (TINKER, *SERVERLESS)
    ]
    prefill, generate = last * episodes / PROMPT_TPS, decoded * episodes / DECODE_TPS
    cluster = max(prefill, generate) * GPUS * USD_PER_GPU_HOUR / 3600
    both = (prefill + generate) * GPUS * USD_PER_GPU_HOUR / 3600
    rented = bills[0] * 3600 / (GPUS * USD_PER_GPU_HOUR)
    most = bills[0] * 3600 // (max(prefill, generate) * USD_PER_GPU_HOUR)
    return (*bills, cluster, both, most, last * episodes / rented, decoded * episodes / rented)


EXACT_RATES = [
    TokenRates(
        input_usd_per_mtok=Decimal(str(full)),
        cached_input_usd_per_mtok=Decimal(str(hit)),
        output_usd_per_mtok=Decimal(str(out)),
    )
    for full, hit, out in (TINKER, *SERVERLESS)
]
CLUSTER = Deployment(
    gpu_type="B300_288GB",
    gpus=GPUS,
    usd_per_gpu_hour=Decimal(USD_PER_GPU_HOUR),
    prompt_tps=Decimal(PROMPT_TPS),
    decode_tps=Decimal(DECODE_TPS),
)


def in_engine() -> object:
    """The five bills and the limits, from rates at hand."""
    bills = [token_billed(RUN, rates) for rates in EXACT_RATES]
    cluster = dedicated(RUN, CLUSTER)
    return bills, at_par(bills[0].usd, cluster)


def with_cards(model: Model, book: RateBook) -> object:
    """The five paths as an answer has them: cards, windows, reasons, caveats and limits."""
    quotes = quote_model(model, RUN, cluster=ClusterRequest(), book=book, on=DAY)
    priced = {quote.path: quote.priced for quote in quotes}
    caveats = formula_caveats(RUN, list(priced.values()))
    tinker_usd, cluster = usd_of(priced[BillingPath.TINKER]), priced[BillingPath.DEDICATED]
    if tinker_usd is None or isinstance(cluster, Unpriced):
        raise TypeError("the example has both amounts")
    if not isinstance(cluster.estimate, DedicatedEstimate):
        raise TypeError("dedicated is billed by the GPU-hour")
    return quotes, caveats, at_par(tinker_usd, cluster.estimate)


if __name__ == "__main__":
    main()
