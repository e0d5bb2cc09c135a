"""What a first answer costs: `rlcost ask` against Python alone, and against the imports that it cannot do without.

    python benchmarks/cold_start.py

Each command is a new process with compiled bytecode; medians in milliseconds, taken in turn.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

from tabulate import tabulate

ROUNDS = 21

PYTHON = sys.executable
A_MODEL = (
    "from decimal import Decimal; from pydantic import BaseModel, PositiveInt; import tabulate\n"
    "class Model(BaseModel):\n    count: PositiveInt\n    usd: Decimal"
)
COMMANDS = {
    "python -c pass": (PYTHON, "-c", "pass"),
    "python -c 'import pydantic, tabulate'": (PYTHON, "-c", "import pydantic, tabulate"),
    "the same, and one pydantic model": (PYTHON, "-c", A_MODEL),
    "rlcost --help": (PYTHON, "-m", "bot", "--help"),
    "rlcost ask kimi-k2p6": (PYTHON, "-m", "bot", "ask", "kimi-k2p6"),
    "rlcost ask --json kimi-k2p6": (PYTHON, "-m", "bot", "ask", "--json", "kimi-k2p6"),
}


def _milliseconds(command: tuple[str, ...], bytecode: str) -> float:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = bytecode
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return (time.perf_counter() - start) * 1e3


def main() -> None:
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as bytecode:
        for command in COMMANDS.values():  # compiles what is imported, as an installation does
            _milliseconds(command, bytecode)
        for _ in range(ROUNDS):
            for name, command in COMMANDS.items():
                taken[name].append(_milliseconds(command, bytecode))
    medians = {name: statistics.median(times) for name, times in taken.items()}
    floor = medians["the same, and one pydantic model"]
    rows = [(name, f"{took:,.0f}", f"{took / floor:.1f}×") for name, took in medians.items()]
    print(tabulate(rows, headers=("cold start", "ms", "to one model"), disable_numparse=True))


if __name__ == "__main__":
    main()
