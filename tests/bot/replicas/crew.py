"""The test's side of replicas: it starts them, hears of each of their steps, and kills, stops and continues them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tests.bot.replicas.replica import READY, Job

ROOT = Path(__file__).parent.parent.parent.parent
SECONDS = 30.0

T = TypeVar("T")


@dataclass(eq=False)
class Replica:
    """One process. It waits for `go` at the start, and each time at each of the steps where it halts, until it is `free`."""

    name: str
    halts: frozenset[str]
    pid: int = 0
    steps: list[str] = field(default_factory=list)
    halted_at: str | None = None
    is_gone: bool = False
    _is_free: bool = False
    _writer: asyncio.StreamWriter | None = None

    def go(self) -> None:
        """Let it go on from where it halts."""
        assert self.halted_at
        assert self._writer
        self.halted_at = None
        self._writer.write(b"\n")

    def free(self) -> None:
        """Let it go on from where it halts, and never halt again."""
        self._is_free = True
        if self.halted_at:
            self.go()

    def reported(self, step: str) -> None:
        self.steps.append(step)
        if step in self.halts:
            self.halted_at = step
            if self._is_free:
                self.go()

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def stop(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def continue_(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


class Parent:
    """The process that has everything loaded, for any number of crews; it ends all that it has started, and is ended."""

    def __init__(self, log: Path) -> None:
        self.log = log
        with log.open("wb") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.bot.replicas.replica"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stderr=stderr,
            )

    def fork(self, line: object) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{json.dumps(line)}\n".encode())
        self._process.stdin.flush()

    def end(self) -> None:
        self._process.communicate(timeout=SECONDS)


class Crew:
    """The replicas of one test: `async with Crew(parent) as crew:` ends each of them, whatever happens."""

    def __init__(self, parent: Parent) -> None:
        self._parent = parent
        self._replicas: dict[str, Replica] = {}
        self._names = count(1)
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._heard, "127.0.0.1", 0)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            for replica in self._replicas.values():
                if replica.pid and not replica.is_gone:
                    replica.kill()
            await self.wait_for(lambda: all(each.is_gone for each in self._replicas.values()))
        finally:
            self._server.close()
        assert "Traceback" not in self._parent.log.read_text(), self._parent.log.read_text()

    async def started(self, job: Job) -> Replica:
        """A replica that has opened the database and waits for its first `go`."""
        replica = Replica(f"r{next(self._names)}", frozenset({READY, *job.halts}))
        self._replicas[replica.name] = replica
        line = {"name": replica.name, "port": self._port, "job": asdict(job)}
        self._parent.fork(line)
        await self.wait_for(lambda: READY in replica.steps)
        return replica

    async def gone(self, replica: Replica) -> None:
        await self.wait_for(lambda: replica.is_gone)

    async def wait_for(self, condition: Callable[[], T]) -> T:
        """Wait until a condition holds, looking again whenever a replica reports anything or ends."""
        try:
            return await self._until(condition)
        except TimeoutError:
            told = {each.name: each.steps[-9:] for each in self._replicas.values()}
            raise AssertionError(f"not in time; {told}\n{self._parent.log.read_text()}") from None

    async def _until(self, condition: Callable[[], T]) -> T:
        async with asyncio.timeout(SECONDS):
            while not (result := condition()):
                self._changed.clear()
                await self._changed.wait()
        return result

    async def _heard(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name, pid = (await reader.readline()).decode().split()
        replica = self._replicas[name]
        replica.pid, replica._writer = int(pid), writer
        try:
            while line := (await reader.readline()).decode().strip():
                replica.reported(line)
                self._changed.set()
        except ConnectionError:
            pass
        finally:
            replica.is_gone = True
            self._changed.set()
            writer.close()
