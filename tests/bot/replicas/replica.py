"""Replicas of the bot, as far as they do what is due: each is a process of its own with the real parts, told by a test when to go.

Run as a program it has everything loaded and forks a replica for each line of its input. When its input ends, which the
system sees to if the test is killed, it ends every replica that is left and then itself.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

from aiohttp import ClientSession, DummyCookieJar
from slack_sdk.web.async_client import AsyncWebClient

from bot.books import Books
from bot.checks import Checker
from bot.delivery import Delivery
from bot.desk import Desk
from bot.digest_run import Digester
from bot.due import DueWork
from bot.fetching import Fetcher
from bot.notices import Notices
from bot.store import Store
from bot.store.digests import Digests
from bot.store.rates import Rates
from bot.store.scenarios import Scenarios
from bot.workspaces import OneWorkspace
from pricing.cards import load_book
from pricing.catalogue import load_catalogue
from pricing.sources import SourceId

CATALOGUE = load_catalogue()
PACKAGE = load_book(CATALOGUE)

CHECK_EVERY = timedelta(hours=6)
READY = "ready"
_EVERY_SECONDS = 0.01


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a replica is started with. At each of `halts` it waits until it is told to go on.

    With `dies_after` it kills itself by SIGKILL: after so many steps, and then so many calls of Python functions.
    """

    database: str
    slack: str
    now: str
    lease_seconds: float
    pages: Mapping[str, str] = field(default_factory=dict)
    halts: tuple[str, ...] = ()
    dies_after: tuple[int, int] | None = None


async def due_work(job: Job, store: Store, session: ClientSession, **changes: Any) -> DueWork:
    """What bot/assembly.py makes, of the same parts, by a clock that stands still."""

    def slack(token: str) -> AsyncWebClient:
        return AsyncWebClient(
            token=token, base_url=job.slack, session=session, retry_handlers=[], timeout=30
        )

    async def client(team_id: str, enterprise_id: str | None) -> AsyncWebClient | None:
        bot = await workspaces.bot_of(enterprise_id, team_id, org_wide=False)
        return slack(str(bot.bot_token)) if bot else None

    now = datetime.fromisoformat(job.now)
    rates, digests = Rates(store), Digests(store)
    books = Books.of(PACKAGE, rates)
    workspaces = await OneWorkspace.of(slack("xoxb-1"))
    made = DueWork(
        digests=digests,
        digester=Digester(
            digests=digests,
            scenarios=Scenarios(store),
            rates=rates,
            books=books,
            desk=Desk(book=books.book, catalogue=CATALOGUE, today=now.date),
        ),
        delivery=Delivery(session, retry_handlers=[]),
        client=client,
        now=lambda: now,
        checker=_checker(job.pages, session, rates) if job.pages else None,
        check_every=CHECK_EVERY,
        check_lease_seconds=job.lease_seconds,
        digest_lease_seconds=job.lease_seconds,
        post_lease_seconds=job.lease_seconds,
    )
    return replace(made, **changes)


def _checker(pages: Mapping[str, str], session: ClientSession, rates: Rates) -> Checker:
    return Checker(
        fetcher=Fetcher(session),
        urls={SourceId(source): url for source, url in pages.items()},
        api_key=None,
        rates=rates,
        package=PACKAGE,
        catalogue=CATALOGUE,
        notices=Notices(reviewers=("U1",), team_id="T1"),
    )


class _Reports:
    """The connection to the test: it reads of every step, and says when to go on from where a replica halts."""

    def __init__(self, name: str, port: int, job: Job) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port))
        self._halts = frozenset({READY, *job.halts})
        self._steps_left, self._calls_left = job.dies_after or (-1, 0)
        self._say(f"{name} {os.getpid()}")

    def step(self, name: str) -> None:
        self._say(name)
        if name in self._halts and not self._connection.recv(1):
            os._exit(1)  # the test is over
        if self._steps_left == 0:
            _die_after(self._calls_left)
        self._steps_left -= 1

    def _say(self, line: str) -> None:
        self._connection.sendall(f"{line}\n".encode())


def _die_after(calls: int) -> None:
    """Counts the calls of Python functions, wherever they are: a moment that no clock decides."""
    left = calls

    def called(_: FrameType, event: str, __: object) -> None:
        nonlocal left
        left -= event == "call"
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(called)


async def _work(name: str, port: int, job: Job) -> None:
    reports = _Reports(name, port, job)
    store = await Store.open(job.database)
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        due = await due_work(job, store, session, step=reports.step)
        reports.step(READY)
        await due.run(every_seconds=_EVERY_SECONDS)


def _fork(line: str) -> int:
    """The process id of a new replica."""
    pid = os.fork()
    if pid:
        return pid
    try:
        said = json.loads(line)
        job = Job(**said["job"])
        asyncio.run(_work(said["name"], said["port"], job))
    except BaseException:  # noqa: BLE001 - nothing of a replica may run on in the code of its parent
        traceback.print_exc()
    finally:
        os._exit(1)


def main() -> None:
    running = [_fork(line) for line in sys.stdin]
    for pid in running:
        if os.waitpid(pid, os.WNOHANG) == (0, 0):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
