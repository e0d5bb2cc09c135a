"""What the largest sweeps cost that are answered: three models, twenty values of two fields.

    python benchmarks/large_sweeps.py

Prints medians in milliseconds. The floor is to price just the points, each on its five paths; an answer also finds where
between them the cheapest or a path's standing changes, and collects caveats. While the bot answers it does
nothing else, and Slack waits three seconds for a word: the bound is a tenth of that.
"""

import statistics
import time
from collections.abc import Callable
from datetime import date

from tabulate import tabulate

from bot.answers import Answer, Asking
from bot.app import freeze
from bot.desk import Desk
from bot.formatting.reply import reply_to
from bot.requests import read
from bot.sweep_points import points_of
from bot.sweep_runs import Runs
from pricing.cards import RateBook, load_book
from pricing.catalogue import Catalogue, load_catalogue

BOUND_MILLISECONDS = 300
ROUNDS = 5
DAY = date(2026, 8, 1)
MODELS = "sweep kimi-k2p6 gpt-oss-120b qwen3p5-397b"
TWENTY = ",".join(str(n) for n in range(1, 21))
SWEEPS = {
    "turns × episodes": f"{MODELS} turns=1..200:11 episodes={TWENTY}",
    "turns × decode": f"{MODELS} turns=1..200:11 decode=200..4000:200",
    "decode tok/s × turns": f"{MODELS} decode_tps=100..9600:500 turns=1..20:1",
}


def main() -> None:
    catalogue = load_catalogue()
    book = load_book(catalogue)
    freeze()
    rows = [(what, *measured(text, book, catalogue)) for what, text in SWEEPS.items()]
    table = [
        (what, f"{floor:,.0f}", f"{took:,.0f}", f"{took / floor:,.1f}×", f"{laid_out:,.0f}")
        for what, floor, took, laid_out in rows
    ]
    header = ("1,200 points", "points, ms", "answer, ms", "to the points", "reply, ms")
    print(tabulate(table, headers=header, disable_numparse=True))
    slowest = max(took for _, _, took, _ in rows)
    verdict = "within" if slowest <= BOUND_MILLISECONDS else "over"
    print(f"\n{verdict} the bound of {BOUND_MILLISECONDS} ms")


def measured(text: str, book: RateBook, catalogue: Catalogue) -> tuple[float, float, float]:
    """The points alone, the answer, and its reply in Slack's blocks."""
    request = read(text, catalogue, today=DAY)
    asking = Asking(book=book, catalogue=catalogue, as_of=DAY, today=DAY)

    desk = Desk(book=book, catalogue=catalogue, today=lambda: DAY)

    def answered() -> Answer:
        return desk.answer(request)

    def points() -> object:
        models = [catalogue.get(key) for key in request.models]
        first, second = points_of(request.fields, models).items()
        runs = [Runs(request.fields, model, asking) for model in models]
        return [
            each.quotes({first[0]: one, second[0]: other})
            for each in runs
            for one in first[1]
            for other in second[1]
        ]

    known = answered()
    return (
        milliseconds(points),
        milliseconds(answered),
        milliseconds(lambda: reply_to(known, shareable=True).blocks(native=True)),
    )


def milliseconds(work: Callable[[], object]) -> float:
    """The median over rounds of one call's time on the processor."""
    work()
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return statistics.median(taken) * 1e3


if __name__ == "__main__":
    main()
