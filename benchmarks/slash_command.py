"""What a slash command costs the server: the whole bot beside a bare Bolt listener, in one run.

    python benchmarks/slash_command.py

Each server is a process of its own on one core; requests come from this process on another, signed, and each with a
response URL of its own, where answers are counted. Prints medians over rounds that take the servers in turn: CPU a request,
after all answers are there, and how fast commands are acknowledged. Needs Linux for the CPU time of another process.
"""

import asyncio
import hashlib
import hmac
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import ClientSession, web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from tabulate import tabulate

from bot.app import freeze, running
from bot.settings import settings_from

SECRET, TOKEN = "bench", "xoxb-1"
ROUNDS, WARM_UP, REQUESTS = 5, 100, 300
CONNECTIONS = (1, 16)
BARE, BARE_ANSWER, WHOLE = "a bare listener", "the same, posting a text", "rlcost"
BOUND = 1.5
TEXT = "x" * 7_000
"""About what an answer comes to as JSON."""

QUESTIONS = (
    "kimi-k2p6 turns={turns} episodes={episodes}",
    "{turns} turns of kimi k2.6, {episodes} episodes, 8k prompt, 2k decoded per turn",
    "glm-5.1 turns={turns} episodes={episodes} prompt=8000 decode=2000",
    "what does qwen 3.5 397b cost for {episodes} episodes with {turns} turns?",
)


@dataclass(slots=True)
class Measured:
    """One server's rounds at one number of connections."""

    cpu: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    acks: list[float] = field(default_factory=list)


# -- the servers, each a process of its own -----------------------------------------------------------


async def serve(what: str, slack: str) -> None:
    """Serve one of the three, say where, and go on until told to stop."""
    async with whole(slack) if what == WHOLE else bare(answers=what == BARE_ANSWER) as url:
        print(url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


@asynccontextmanager
async def whole(slack: str) -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": f"{slack}/api/",
            "PORT": "0",
            "RLCOST_DATABASE_URL": f"sqlite:///{Path(folder) / 'rlcost.db'}",
        }
        async with running(settings_from(environ, socket=False)) as bot:
            freeze()
            yield bot.url


@asynccontextmanager
async def bare(*, answers: bool) -> AsyncIterator[str]:
    """Bolt as it comes, with the least that a listener can do."""

    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id="T1", bot_id="B1", bot_user_id="U0", bot_token=TOKEN
        )

    app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)
    tasks: set[asyncio.Task[None]] = set()

    async def post(url: str) -> None:
        async with session.post(url, json={"text": TEXT}) as response:
            await response.read()

    async def acknowledge(ack: AsyncAck, command: dict[str, Any]) -> None:
        await ack()
        if answers:
            task = asyncio.create_task(post(command["response_url"]))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    app.command("/rlcost")(acknowledge)
    async with ClientSession() as session, listening(app.web_app()) as url:
        yield url


@asynccontextmanager
async def listening(site: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield "http://127.0.0.1:{1}".format(*runner.addresses[0])
    finally:
        await runner.cleanup()


# -- the load ------------------------------------------------------------------------------------------


class Receiver:
    """The little of Slack that is needed: whose a token is, and response URLs that take everything."""

    def __init__(self) -> None:
        self.answers = 0
        self.bytes = 0
        self._came = asyncio.Condition()
        self.site = web.Application()
        self.site.add_routes(
            [web.post("/api/auth.test", self._who), web.post("/answer/{number}", self._answer)]
        )

    async def _who(self, _: web.Request) -> web.Response:
        return web.json_response({"ok": True, "team_id": "T1", "user_id": "U0", "bot_id": "B1"})

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        async with self._came:
            self.answers += 1
            self.bytes += len(body)
            self._came.notify_all()
        return web.Response(text="ok")

    async def have(self, answers: int) -> None:
        async with asyncio.timeout(60), self._came:
            await self._came.wait_for(lambda: self.answers >= answers)


@dataclass(frozen=True, slots=True)
class Server:
    """A server at work."""

    name: str
    pid: int
    host: str
    port: int

    def cpu(self) -> float:
        """Seconds of user and system time that the process has had."""
        return time.clock_gettime((~self.pid << 3) | 2)


def signed_requests(slack: str, first: int, count: int) -> list[bytes]:
    """Whole HTTP requests, no two alike."""
    return [signed_request(slack, number) for number in range(first, first + count)]


def signed_request(slack: str, number: int) -> bytes:
    text = QUESTIONS[number % len(QUESTIONS)]
    body = urlencode(
        {
            "token": "verification",
            "team_id": "T1",
            "team_domain": "team",
            "channel_id": "C1",
            "channel_name": "rollouts",
            "user_id": "U1",
            "user_name": "someone",
            "command": "/rlcost",
            "text": text.format(turns=2 + number % 37, episodes=1_000 + number),
            "api_app_id": "A1",
            "is_enterprise_install": "false",
            "response_url": f"{slack}/answer/{number}",
            "trigger_id": f"{number}.1.1",
        }
    )
    at = int(time.time())
    mac = hmac.new(SECRET.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    head = (
        "POST /slack/events HTTP/1.1\r\nHost: rlcost.example\r\nUser-Agent: Slackbot 1.0\r\n"
        "Accept: application/json,*/*\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {at}\r\nX-Slack-Signature: v0={mac}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


async def sent(server: Server, requests: list[bytes]) -> list[float]:
    """Send requests one after the other over one connection; the seconds to each acknowledgement."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    taken = []
    for request in requests:
        start = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        taken.append(time.perf_counter() - start)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{server.name} answered {head!r}")
    writer.close()
    await writer.wait_closed()
    return taken


async def round_of(
    server: Server, requests: list[bytes], connections: int, receiver: Receiver, into: Measured
) -> None:
    """One round: all requests acknowledged, and all answers there."""
    expected = receiver.answers + (len(requests) if server.name != BARE else 0)
    cpu, start = server.cpu(), time.perf_counter()
    runs = await asyncio.gather(
        *(sent(server, requests[lane::connections]) for lane in range(connections))
    )
    await receiver.have(expected)
    into.per_second.append(len(requests) / (time.perf_counter() - start))
    into.cpu.append((server.cpu() - cpu) / len(requests))
    into.acks += [seconds for run in runs for seconds in run]


# -- the run -------------------------------------------------------------------------------------------


async def measure() -> dict[tuple[str, int], Measured]:
    receiver = Receiver()
    found = {
        (name, lanes): Measured() for lanes in CONNECTIONS for name in (BARE, BARE_ANSWER, WHOLE)
    }
    async with (
        listening(receiver.site) as slack,
        started(BARE, slack) as first,
        started(BARE_ANSWER, slack) as second,
        started(WHOLE, slack) as third,
    ):
        pin(last=True)
        number = 0
        for turn in range(ROUNDS + 1):
            for lanes in CONNECTIONS:
                for server in (first, second, third):
                    count = REQUESTS if turn else WARM_UP
                    into = found[server.name, lanes] if turn else Measured()
                    requests = signed_requests(slack, number, count)
                    await round_of(server, requests, lanes, receiver, into)
                    number += count
    return found


@asynccontextmanager
async def started(what: str, slack: str) -> AsyncIterator[Server]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, what, slack,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a process without pipes")
    try:
        url = urlsplit((await process.stdout.readline()).decode().strip())
        if url.hostname is None or url.port is None:
            raise RuntimeError(f"{what} does not start")
        yield Server(what, process.pid, url.hostname, url.port)
    finally:
        process.stdin.close()
        await process.wait()


def pin(*, last: bool) -> None:
    """Onto the last core that there is, or the first."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[-1 if last else 0]})


def main() -> None:
    if len(sys.argv) > 1:
        what, slack = sys.argv[1:]
        pin(last=False)
        asyncio.run(serve(what, slack))
        return
    found = asyncio.run(measure())
    rows = [(name, lanes, *figures(measured)) for (name, lanes), measured in found.items()]
    floor = {lanes: figures(found[BARE, lanes])[0] for lanes in CONNECTIONS}
    answered = {lanes: figures(found[BARE_ANSWER, lanes])[0] for lanes in CONNECTIONS}
    table = [
        (name, lanes, f"{cpu:,.2f}", f"{cpu / floor[lanes]:.1f}×", f"{cpu / answered[lanes]:.1f}×",
         f"{per_second:,.0f}", f"{p50:.2f}", f"{p99:.2f}")
        for name, lanes, cpu, per_second, p50, p99 in rows
    ]  # fmt: skip
    headers = ("server", "connections", "CPU, ms", "to bare", "to bare, posting",
               "a second", "ack p50, ms", "ack p99, ms")  # fmt: skip
    print(tabulate(table, headers=headers, disable_numparse=True))
    ratio = statistics.median(
        figures(found[WHOLE, lanes])[0] / floor[lanes] for lanes in CONNECTIONS
    )
    verdict = "within" if ratio <= BOUND else "over"
    print(f"\n{verdict} the bound of {BOUND} times a bare listener")


def figures(measured: Measured) -> tuple[float, float, float, float]:
    """CPU a request and acknowledgements in milliseconds, and requests a second."""
    hundredths = statistics.quantiles(measured.acks, n=100)
    return (
        statistics.median(measured.cpu) * 1e3,
        statistics.median(measured.per_second),
        hundredths[49] * 1e3,
        hundredths[98] * 1e3,
    )


if __name__ == "__main__":
    main()
