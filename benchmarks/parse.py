"""What reading a request costs, against cutting the same text into words and numbers; and on hostile texts.

    python benchmarks/parse.py

Medians in microseconds. The floor is one regular expression over the text: what any reader must at least do.
"""

import re
import statistics
import time
from collections.abc import Callable
from datetime import date

from tabulate import tabulate

from bot.requests import read
from pricing.catalogue import load_catalogue

ROUNDS = 201
HOSTILE_ROUNDS = 7
HOSTILE_LENGTH = 2000
TODAY = date(2026, 11, 21)
WORDS = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?|[^\w\s]")

TYPICAL = {
    "key=value": "kimi-k2p6 turns=20 episodes=5000",
    "a sentence": "price 5k rollouts of kimi k2.6, twenty turns each, 8k prompt growing 12k a turn and 2k generated per turn",
    "a question": "how many GPUs would it take to get 10k rollouts of kimi k2.5 done within 2 days, 15 turns each?",
    "a forwarded mail": "Hi all, forwarding this from the customer, could we get them something before the call?\n\n"
    "&gt; We spoke at the conference about moving our browser agent onto Kimi K2.6. A typical episode takes 32 turns. "
    "The system prompt is 11k tokens and the context grows by 7k per turn. We would start with 20,000 episodes.",
}
PATTERNS = (
    "1 |1,|1, |1/|5.|5-|½|a |a-b |a: 1 |a=1 |--a |gpt 5 |kimi |kimi-|k2.6 |model=a,|turns=|turns 5 |5 turns |and |or "
    '|1 and |(|"|/|-|as of |$1 |1h |from 1 to |between 1 and |one hundred |half a |double the |5 to 6 in steps of '
    "|how many |how did you get |what can i get for $|where does |1 tok/s |8xB300 |<@U1>|not asking for the "
    "|!k2.6|k2.6?|{k2|k2.6 vs k2.5, |x 397b |gl-5p3 |glm 5p2,|qwn3-8b |drop k2.6, |is fast cheaper than tinker "
    "|we run on tinker |swe-pro-gpt5 |export it as csv "
).split("|")


def main() -> None:
    catalogue = load_catalogue()

    def reading(text: str) -> Callable[[], object]:
        return lambda: read(text, catalogue, today=TODAY)

    for text in TYPICAL.values():  # compiles the patterns that such texts need
        reading(text)()
    rows = []
    for name, text in TYPICAL.items():
        floor = _median(lambda text=text: WORDS.findall(text), ROUNDS)  # type: ignore[misc]
        taken = _median(reading(text), ROUNDS)
        rows.append((name, len(text), f"{taken:,.0f}", f"{floor:,.1f}", f"{taken / floor:,.0f}×"))
    print(
        tabulate(
            rows,
            headers=("text", "characters", "read, µs", "cut into words, µs", "ratio"),
            disable_numparse=True,
        )
    )
    hostile = [(pattern * HOSTILE_LENGTH)[:HOSTILE_LENGTH] for pattern in PATTERNS if pattern]
    worst = sorted(
        ((_median(reading(text), HOSTILE_ROUNDS) / 1e3, text[:12]) for text in hostile),
        reverse=True,
    )
    print(
        f"\n{len(hostile)} hostile texts of {HOSTILE_LENGTH} characters, worst five, against the bound of 50 ms"
    )
    print(
        tabulate(
            [(repr(text), f"{ms:,.1f} ms") for ms, text in worst[:5]],
            tablefmt="plain",
            disable_numparse=True,
        )
    )


def _median(action: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1e6


if __name__ == "__main__":
    main()
