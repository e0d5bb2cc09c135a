"""Three real processes on one PostgreSQL, killed and stopped wherever they are: no digest is lost, and none comes twice.

The one exception is the window between Slack's acceptance of a message and the statement that says so.
"""

import ast
import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from sqlalchemy import select

import bot.due
from bot.checks import Outcome
from bot.delivery import Delivery
from bot.due import DueWork
from bot.schedule import DEFAULT
from bot.store import Store
from bot.store.database import migrate
from bot.store.digests import Digests, Subscription
from bot.store.rates import Rates
from bot.store.tables import source_fetches
from pricing.cards import CardPath
from pricing.catalogue import GpuType
from pricing.snapshots import Snapshot, snapshot, to_json
from tests.bot.replicas.crew import ROOT, SECONDS, Crew, Parent, Replica
from tests.bot.replicas.replica import CATALOGUE, PACKAGE, Job, due_work
from tests.fake_slack import FakeSlack, shared_faults
from tests.postgres import server
from tests.pricing.books import book_of, tinker_card
from tests.pricing.sources.fireworks_pages import gpu_page, serverless_page

NOW = datetime(2026, 7, 17, 9, 30, tzinfo=UTC)
NINE = NOW.replace(hour=9, minute=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# Long for what a replica does under a lease, which takes a few hundredths of it.
LEASE_SECONDS = 2.0

LAST_BEFORE_WINDOW, WINDOW = "message about to be posted", "message posted"

CHANNELS = tuple(f"C{number}" for number in range(1, 13))
REVIEWER = "DU1"

RANDOM_KILLS = 20


def _steps() -> tuple[str, ...]:
    """Every step that bot/due.py names, in its order."""
    assert bot.due.__file__
    code = ast.parse(Path(bot.due.__file__).read_text(encoding="utf-8"))
    return tuple(
        argument.value
        for call in ast.walk(code)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "self.step"
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    )


STEPS = _steps()
THE_DAY_BEFORE = snapshot(PACKAGE, date(2026, 7, 16))


@dataclass
class World:
    """A database with channels that are subscribed, the Slack that they are in, and pages on which two rates have changed."""

    url: str
    store: Store
    slack: FakeSlack
    pages: Mapping[str, str]
    now: datetime = NOW

    def job(self, **said: Any) -> Job:
        plain = Job(
            database=self.url,
            slack=self.slack.api_url,
            now=self.now.isoformat(),
            lease_seconds=LEASE_SECONDS,
            pages=self.pages,
        )
        return replace(plain, **said)

    async def subscribe(
        self, *channels: str, due_at: datetime = NINE, told: Snapshot = THE_DAY_BEFORE
    ) -> None:
        """Channels that were told rates of which some have changed since."""
        at = due_at - DAY
        schedule = DEFAULT.model_copy(update={"at": f"{due_at:%H:%M}"})
        for channel in channels:
            self.slack.add_channel(channel)
            subscription = Subscription(
                team_id="T1",
                channel_id=channel,
                enterprise_id=None,
                subscribed_by="U2",
                subscribed_at=at,
                schedule=schedule.model_dump(mode="json"),
                due_at=due_at,
                snapshot=told.id,
                announced_at=at,
                failure_told=None,
            )
            await Digests(self.store).subscribe(subscription, to_json(told))

    def posted(self) -> Counter[tuple[str, str]]:
        """How often each message stands in its channel, by the channel and by what makes it the same one to Slack."""
        return Counter((post.channel, post.params["client_msg_id"]) for post in self.slack.posts)

    async def settled(self) -> None:
        """Wait until nothing is left to do: the check is recorded, and every message is known to be posted."""
        async with asyncio.timeout(SECONDS):
            while not await self._is_settled():  # noqa: ASYNC110 - other processes set no event
                await asyncio.sleep(0.02)

    async def _is_settled(self) -> bool:
        """Messages last: what is looked at before has written its messages by then."""
        digests = Digests(self.store)
        checks, _ = await Rates(self.store).checks_since(self.now - DAY)
        subscriptions = await digests.subscriptions("T1")
        messages = await digests.messages("T1")
        return (
            (checks > 0 or not self.pages)
            and all(each.due_at > self.now for each in subscriptions)
            and all(each.posted_at for each in messages)
        )


# -- the scene -------------------------------------------------------------------------------------------


def changed_pages() -> Mapping[str, bytes]:
    """Two pages of the day: one rate is a twentieth up, and one is tenfold, which a person has to look at."""
    on = NOW.date()
    standing = [card for card in PACKAGE.serverless.cards if card.holds_on(on)]
    hours = [card for card in PACKAGE.gpus.cards if card.holds_on(on)]
    dearer = [
        card.model_copy(update={"output_usd_per_mtok": Decimal("0.63")})  # it was 0.60
        if (card.model, card.path) == ("gpt-oss-120b", CardPath.SERVERLESS_STANDARD)
        else card
        for card in standing
    ]
    tenfold = [
        card.model_copy(update={"usd_per_gpu_hour": Decimal(70)})  # it was 7
        if card.gpu_type is GpuType.H200_141GB
        else card
        for card in hours
    ]
    return {
        "fireworks_serverless": serverless_page(dearer, CATALOGUE, form="modes"),
        "fireworks_gpu": gpu_page(tenfold, form="hour"),
    }


@pytest.fixture
async def pages() -> AsyncIterator[Mapping[str, str]]:
    """The address of each page."""
    content = changed_pages()

    async def page(request: web.Request) -> web.Response:
        return web.Response(body=content[request.match_info["source"]])

    site = web.Application()
    site.router.add_get("/{source}", page)
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    yield {source: f"http://127.0.0.1:{port}/{source}" for source in content}
    await runner.cleanup()


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        fake.add_workspace("T1", bot_token="xoxb-1")
        fake.add_user("U1")
        yield fake
        for message in fake.accepted_messages:
            assert shared_faults("message", message) == []


@cache
def _migrated() -> str:
    name = server().make()
    asyncio.run(migrate(server().url(name)))
    return name


@pytest.fixture
def postgres_url() -> Iterator[str]:
    with server().database(like=_migrated()) as name:
        yield server().url(name)


@pytest.fixture
async def world(
    postgres_url: str, slack: FakeSlack, pages: Mapping[str, str]
) -> AsyncIterator[World]:
    """On PostgreSQL."""
    async with asynccontextmanager(_world)(postgres_url, slack, pages) as made:
        yield made


@pytest.fixture
async def file_world(
    tmp_path: Path, slack: FakeSlack, pages: Mapping[str, str]
) -> AsyncIterator[World]:
    """On SQLite, in a file."""
    url = f"sqlite:///{tmp_path / 'rlcost.db'}"
    async with asynccontextmanager(_world)(url, slack, pages) as made:
        yield made


async def _world(url: str, slack: FakeSlack, pages: Mapping[str, str]) -> AsyncIterator[World]:
    store = await Store.open(url)
    yield World(url, store, slack, pages)
    await store.close()


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parent]:
    started = Parent(tmp_path_factory.mktemp("replicas") / "log")
    yield started
    started.end()


@pytest.fixture
async def crew(parent: Parent) -> AsyncIterator[Crew]:
    async with Crew(parent) as made:
        yield made


async def three(crew: Crew, job: Job) -> list[Replica]:
    return [await crew.started(job) for _ in range(3)]


async def halted(crew: Crew, replicas: Sequence[Replica], step: str) -> Replica:
    """Lets replicas begin; gives the first that halts at a step."""
    for replica in replicas:
        replica.go()
    waiting = await crew.wait_for(
        lambda: [replica for replica in replicas if replica.halted_at == step]
    )
    return waiting[0]


async def killed(crew: Crew, replica: Replica) -> None:
    replica.kill()
    await crew.gone(replica)


def none_is_lost(world: World, *channels: str) -> None:
    """Each channel has one message, wherever that stands twice, and the reviewer one of what the check found."""
    places = [channel for channel, _ in world.posted()]
    assert sorted(places) == sorted([*channels, REVIEWER] if world.pages else channels)


def doubled(world: World) -> list[int]:
    """How often those messages stand in their channels that stand there more than once."""
    return [times for times in world.posted().values() if times > 1]


async def check_was_recorded_once(world: World) -> None:
    """One fetch of each page, one change in force, and one that waits for a person."""
    async with world.store.engine.connect() as connection:
        fetched = select(source_fetches.c.source).where(source_fetches.c.outcome != Outcome.OFF)
        fetches = (await connection.scalars(fetched)).all()
    rates = Rates(world.store)
    assert sorted(fetches) == sorted(world.pages)
    assert [each.key.item for each in await rates.accepted()] == ["gpt-oss-120b"]
    assert [each.key.item for each in await rates.waiting()] == ["H200_141GB"]


# -- killed at each step ---------------------------------------------------------------------------------


def test_every_step_of_the_work_is_known_here() -> None:
    assert len(STEPS) == len(set(STEPS)) >= 8
    assert {WINDOW, LAST_BEFORE_WINDOW} <= set(STEPS)


@pytest.mark.parametrize("step", STEPS)
async def test_one_of_three_killed_at_a_step_loses_no_digest_and_doubles_none_but_in_the_window(
    world: World, crew: Crew, step: str
) -> None:
    await world.subscribe(*CHANNELS)
    replicas = await three(crew, world.job(halts=(step,)))
    victim = await halted(crew, replicas, step)
    await killed(crew, victim)
    for replica in replicas:
        if replica is not victim:
            replica.free()
    await world.settled()
    none_is_lost(world, *CHANNELS)
    assert doubled(world) == ([2] if step == WINDOW else [])
    await check_was_recorded_once(world)


@pytest.mark.parametrize("step", STEPS)
async def test_one_process_on_a_file_killed_at_a_step_goes_on_after_its_restart(
    file_world: World, crew: Crew, step: str
) -> None:
    world = file_world
    job = world.job(lease_seconds=1)
    await world.subscribe(*CHANNELS[:3])
    await killed(crew, await halted(crew, [await crew.started(replace(job, halts=(step,)))], step))
    (await crew.started(job)).go()
    await world.settled()
    none_is_lost(world, *CHANNELS[:3])
    assert doubled(world) == ([2] if step == WINDOW else [])
    await check_was_recorded_once(world)


async def test_kills_at_random_moments_lose_no_digest_and_double_one_each_at_most(
    world: World, crew: Crew
) -> None:
    moments = random.Random(2026)  # noqa: S311 - the same kills each time
    channels = [f"C{number}" for number in range(1, 31)]
    await world.subscribe(*channels)
    replicas: list[Replica] = []

    def dead() -> list[Replica]:
        return [replica for replica in replicas if replica.is_gone]

    def more_dead_than(known: int) -> bool:
        return len(dead()) > known

    while len(dead()) < RANDOM_KILLS:
        while len(replicas) - len(dead()) < 3:
            moment = moments.randint(1, 14), moments.randint(0, 2_000)
            replicas.append(await crew.started(world.job(dies_after=moment)))
            replicas[-1].go()
        await crew.wait_for(partial(more_dead_than, len(dead())))
    (await crew.started(world.job())).go()
    await world.settled()
    none_is_lost(world, *channels)
    near = [each for each in dead() if each.steps[-1] in (LAST_BEFORE_WINDOW, WINDOW)]
    assert sum(times - 1 for times in doubled(world)) <= len(near)
    await check_was_recorded_once(world)


# -- stopped past its lease ------------------------------------------------------------------------------


async def test_replicas_stopped_past_their_leases_write_nothing_and_post_nothing_when_they_go_on(
    world: World, crew: Crew
) -> None:
    """One stands still at each step; that in the window has posted already, and the next one could not know it."""
    await world.subscribe(*CHANNELS)
    asleep = []
    for step in STEPS:
        replica = await halted(crew, [await crew.started(world.job(halts=(step,)))], step)
        replica.stop()
        replica.free()
        asleep.append(replica)
    survivor = await crew.started(world.job())
    survivor.go()
    await world.settled()
    await killed(crew, survivor)
    assert doubled(world) == [2]
    as_it_was = await Digests(world.store).messages("T1")
    for number, replica in enumerate(asleep):
        replica.continue_()
        await world.subscribe(f"C9{number}")  # it comes to this when it is through with the old
        await world.settled()
        await killed(crew, replica)
    assert doubled(world) == [2]
    none_is_lost(world, *CHANNELS, *(f"C9{number}" for number in range(len(asleep))))
    assert (await Digests(world.store).messages("T1"))[: len(as_it_was)] == as_it_was
    await check_was_recorded_once(world)


# -- together, unharmed ----------------------------------------------------------------------------------


async def test_two_replicas_that_race_for_each_digest_post_it_once(
    world: World, crew: Crew
) -> None:
    world.pages = {}
    job = world.job(lease_seconds=60)
    replicas = [await crew.started(job), await crew.started(job)]
    for replica in replicas:
        replica.go()

    def is_posted(channel: str) -> bool:
        return any(post.channel == channel for post in world.slack.posts)

    for channel in CHANNELS:
        await world.subscribe(channel)
        await world.slack.wait_for(partial(is_posted, channel), SECONDS)
    await world.settled()

    def taken() -> Counter[str]:
        return Counter(step for replica in replicas for step in replica.steps)

    await crew.wait_for(lambda: taken()["message marked"] == len(CHANNELS))
    assert {taken()[step] for step in STEPS if step != "check claimed"} == {len(CHANNELS)}
    assert sorted(channel for channel, _ in world.posted()) == sorted(CHANNELS)


async def test_clocks_an_hour_ahead_and_behind_lose_and_double_nothing(
    world: World, crew: Crew
) -> None:
    """Of digests that are due by one of the clocks, by two or by all; the one ahead dies over a message of its future."""
    early, now, late = (NOW + ahead * HOUR for ahead in (-1, 0, 1))
    dues = [NINE + timedelta(minutes=minutes) for minutes in range(-55, 65, 10)]
    for channel, due_at in zip(CHANNELS, dues, strict=True):
        await world.subscribe(channel, due_at=due_at)
    ahead = await crew.started(world.job(now=late.isoformat(), halts=("digest written",)))
    await killed(crew, await halted(crew, [ahead], "digest written"))
    for hours, channel in ((0, "C91"), (2, "C92")):
        clocks = [clock + hours * HOUR for clock in (early, now, late)]
        replicas = [await crew.started(world.job(now=clock.isoformat())) for clock in clocks]
        await world.subscribe(channel, due_at=clocks[0])  # what is due before it comes before it
        for replica in replicas:
            replica.go()
        world.now = clocks[2]
        await world.settled()
        for replica in replicas:
            await killed(crew, replica)
    none_is_lost(world, *CHANNELS, "C91", "C92")
    assert doubled(world) == []


# -- what Slack and the network do -----------------------------------------------------------------------


@dataclass
class Poster:
    """One replica in the process of the test, with a clock to be set, and one digest to post."""

    due: DueWork
    world: World

    async def posts_at(self, at: datetime) -> int:
        """How many messages stand in the channel when all that is due at a time has been done."""
        await replace(self.due, now=lambda: at).all()
        return len(self.world.slack.posts)


@pytest.fixture
async def poster(file_world: World) -> AsyncIterator[Poster]:
    file_world.pages = {}
    await file_world.subscribe("C1")
    async with ClientSession() as session:
        at_once = Delivery(session, retry_handlers=[], sleep=lambda _: asyncio.sleep(0))
        job = file_world.job(lease_seconds=60)
        due = await due_work(job, file_world.store, session, delivery=at_once)
        yield Poster(due, file_world)


async def test_a_digest_that_slack_asks_to_hold_back_comes_after_the_time_it_named_and_once(
    poster: Poster,
) -> None:
    poster.world.slack.refuse("chat.postMessage", retry_after=7)
    assert await poster.posts_at(NOW) == 0
    assert await poster.posts_at(NOW + timedelta(seconds=6)) == 0
    assert await poster.posts_at(NOW + timedelta(seconds=7)) == 1
    assert await poster.posts_at(NOW + HOUR) == 1
    none_is_lost(poster.world, "C1")


async def test_a_slack_that_fails_again_and_again_gets_a_digest_once_when_it_is_well(
    poster: Poster,
) -> None:
    poster.world.slack.refuse("chat.postMessage", "internal_error", status=500, times=2)
    poster.world.slack.refuse("chat.postMessage", "fatal_error", times=2)
    poster.world.slack.refuse("chat.postMessage", drop=True, times=2)
    seen = [await poster.posts_at(NOW + hours * HOUR) for hours in range(9)]
    assert seen == [0, 0, 0, 0, 0, 0, 1, 1, 1]
    none_is_lost(poster.world, "C1")
    assert len({str(call.params) for call in poster.world.slack.called("chat.postMessage")}) == 1


async def test_in_the_window_a_connection_dropped_after_slack_took_a_digest_doubles_it_under_one_key(
    poster: Poster,
) -> None:
    poster.world.slack.refuse("chat.postMessage", drop=True, perform=True)
    assert await poster.posts_at(NOW) == 1
    assert await poster.posts_at(NOW + HOUR) == 2
    assert await poster.posts_at(NOW + 2 * HOUR) == 2
    none_is_lost(poster.world, "C1")
    assert doubled(poster.world) == [2]


async def test_blocks_that_slack_refuses_leave_one_plain_digest_under_the_same_key(
    poster: Poster,
) -> None:
    poster.world.slack.refuse_all_blocks()
    assert await poster.posts_at(NOW) == 1
    assert await poster.posts_at(NOW + HOUR) == 1
    calls = poster.world.slack.called("chat.postMessage")
    assert len(calls) > 1
    assert len({call.params["client_msg_id"] for call in calls}) == 1


async def test_a_replica_told_to_stop_while_slack_takes_a_digest_ends_that_and_doubles_nothing(
    poster: Poster,
) -> None:
    slack, hold = poster.world.slack, asyncio.Event()
    slack.delay("chat.postMessage", hold)
    work = asyncio.create_task(poster.due.run(every_seconds=60))
    await slack.wait_for(lambda: slack.called("chat.postMessage"))
    work.cancel()
    hold.set()
    await asyncio.gather(work, return_exceptions=True)
    assert work.cancelled()
    await poster.world.settled()
    assert await poster.posts_at(NOW + HOUR) == 1


async def test_a_message_that_slack_is_slow_to_take_is_let_go_of_before_its_lease_ends(
    poster: Poster,
) -> None:
    slack, hold = poster.world.slack, asyncio.Event()
    slack.delay("chat.postMessage", hold)
    async with asyncio.timeout(SECONDS):
        await replace(poster.due, post_lease_seconds=2).all()
    (message,) = await Digests(poster.world.store).messages("T1")
    assert (message.posted_at, message.given_up_at, message.fault) == (None, None, "TimeoutError")
    assert message.outgoing.due_at > NOW  # written under the lease that it had
    hold.set()


# -- the whole bot ---------------------------------------------------------------------------------------


async def test_three_bots_that_begin_at_once_post_each_digest_once(
    world: World, tmp_path: Path
) -> None:
    world.pages, world.now = {}, datetime.now(tz=UTC)
    due_at = world.now.replace(second=0, microsecond=0) - timedelta(minutes=1)
    made_up = snapshot(book_of(tinker_card(131_072, "2")), NOW.date())
    await world.subscribe(*CHANNELS, due_at=due_at, told=made_up)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SLACK_", "RLCOST_")) and name not in ("HOST", "PORT")
    }
    environ = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
        "SLACK_API_URL": world.slack.api_url,
        "PORT": "0",
        "RLCOST_DATABASE_URL": world.url,
        "RLCOST_CHECK_EVERY_HOURS": "0",
    }
    bots = []
    with (tmp_path / "log").open("wb") as log:
        try:
            for _ in range(3):
                bots.append(
                    await asyncio.create_subprocess_exec(
                        *(sys.executable, "-m", "bot", "serve"),
                        cwd=ROOT,
                        env=kept | environ,
                        stderr=log,
                    )
                )
            await world.slack.wait_for(
                lambda: (
                    len(world.posted()) == len(CHANNELS)
                    and len(world.slack.called("auth.test")) == len(bots)
                ),
                SECONDS,
            )
            await world.settled()
            for bot in bots:
                bot.terminate()
            async with asyncio.timeout(SECONDS):
                ended = [await bot.wait() for bot in bots]
        finally:
            for bot in bots:
                if bot.returncode is None:
                    bot.kill()
                    await bot.wait()
    assert ended == [0, 0, 0], (tmp_path / "log").read_text()
    assert "Traceback" not in (tmp_path / "log").read_text()
    none_is_lost(world, *CHANNELS)
    assert doubled(world) == []
