"""What becomes of a message that Slack does not take: tried again ever later, or given up, and who hears of that."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from slack_sdk.web.async_client import AsyncWebClient

from bot.books import Books
from bot.checks import Checker
from bot.delivery import Delivery
from bot.desk import Desk
from bot.digest_run import Digester
from bot.due import DueWork, stopped_text
from bot.formatting.layout import View
from bot.formatting.reply import Reply, WrittenReply
from bot.store import Store
from bot.store.digests import Digests, Subscription
from bot.store.outbox import Outgoing, WrittenMessage, write_messages
from bot.store.rates import Rates
from bot.store.scenarios import Scenarios
from bot.store.tables import outbox
from pricing.sources import SourceId
from tests.bot.asking import BOOK, CATALOGUE
from tests.bot.test_checks import Site, b300, book_of, hours
from tests.fake_slack import FakeSlack

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
MESSAGE = Outgoing(
    id="digest/T1/C1/2026-11-21",
    team_id="T1",
    enterprise_id=None,
    channel_id="C1",
    message=WrittenReply.of(Reply(view=View(summary="Rates moved."))).as_json(),
    due_at=NOON,
)
DAILY: dict[str, Any] = {"cadence": "daily", "at": "12:00", "zone": "UTC"}
WEEKLY = DAILY | {"cadence": "weekly", "weekday": 5}  # NOON is a Saturday


class Clock:
    """The clock by which a channel's messages keep their distance; it goes on only while somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Replica:
    """What recurs, by a clock that the test turns, before a Slack whose failures the test plans."""

    slack: FakeSlack
    store: Store
    digests: Digests
    work: DueWork
    at: datetime = NOON
    steps: list[str] = field(default_factory=list)
    left: bool = False

    async def write(self, *messages: Outgoing) -> None:
        async with self.store.engine.begin() as connection:
            await write_messages(connection, messages)

    async def subscribe(
        self, due_at: datetime = NOON + 24 * HOUR, schedule: Mapping[str, Any] = DAILY
    ) -> None:
        assert await self.digests.subscribe(
            Subscription(
                team_id="T1",
                channel_id="C1",
                enterprise_id=None,
                subscribed_by="U1",
                subscribed_at=NOON,
                schedule=schedule,
                due_at=due_at,
                snapshot="rates",
                announced_at=NOON,
                failure_told=None,
            ),
            "{}",
        )

    async def message(self) -> WrittenMessage:
        (found,) = await self.digests.messages("T1")
        return found

    async def pauses(self, tries: int) -> list[timedelta]:
        """How long each of so many tries is put off, by trying again just when it is due."""
        found = []
        for _ in range(tries):
            assert await self.work.post()
            due = (await self.message()).outgoing.due_at
            found.append(due - self.at)
            self.at = due - SECOND
            assert not await self.work.post()
            self.at = due
        return found

    @property
    def posted(self) -> list[tuple[str, str]]:
        return [(post.channel, post.text) for post in self.slack.posts]


@pytest.fixture
async def replica(tmp_path: Path) -> AsyncIterator[Replica]:
    store = await Store.open(f"sqlite:///{tmp_path / 'rlcost.db'}")
    clock = Clock()
    async with FakeSlack(clock=clock.now) as slack, ClientSession() as session:
        slack.add_workspace("T1", bot_token="xoxb-1")
        slack.add_channel("C1", "T1")
        slack.add_user("U1", "T1")

        async def client(*_: str | None) -> AsyncWebClient | None:
            if made.left:
                return None
            return AsyncWebClient(
                token="xoxb-1", base_url=slack.api_url, session=session, retry_handlers=[]
            )

        rates, digests = Rates(store), Digests(store)
        digester = Digester(
            digests=digests,
            scenarios=Scenarios(store),
            rates=rates,
            books=Books.of(BOOK, rates),
            desk=Desk(book=BOOK, catalogue=CATALOGUE, today=lambda: NOON.date()),
        )
        work = DueWork(
            digests=digests,
            digester=digester,
            delivery=Delivery(session, retry_handlers=[], now=clock.now, sleep=clock.sleep),
            client=client,
            now=lambda: made.at,
            step=lambda step: made.steps.append(step),
        )
        made = Replica(slack, store, digests, work)
        yield made
    await store.close()


async def test_a_message_that_is_due_is_posted_once_and_marked(replica: Replica) -> None:
    assert not await replica.work.post()
    await replica.write(MESSAGE)
    assert await replica.work.post()
    assert not await replica.work.post()
    assert replica.posted == [("C1", "Rates moved.")]
    message = await replica.message()
    assert (message.posted_at, message.posted_ts) == (NOON, replica.slack.posts[0].ts)
    assert replica.steps == [
        "message claimed",
        "message about to be posted",
        "message posted",
        "message marked",
    ]


async def test_a_message_waits_for_its_time(replica: Replica) -> None:
    await replica.write(replace(MESSAGE, due_at=NOON + MINUTE))
    assert not await replica.work.post()
    replica.at = NOON + MINUTE
    assert await replica.work.post()


async def test_what_slack_refuses_for_now_is_tried_again_ever_later_and_at_least_hourly(
    replica: Replica, caplog: pytest.LogCaptureFixture
) -> None:
    replica.slack.refuse("chat.postMessage", "fatal_error", times=9)
    await replica.write(MESSAGE)
    with caplog.at_level(logging.WARNING):
        pauses = await replica.pauses(9)
    assert pauses == [
        1 * MINUTE,
        2 * MINUTE,
        4 * MINUTE,
        8 * MINUTE,
        16 * MINUTE,
        32 * MINUTE,
        HOUR,
        HOUR,
        HOUR,
    ]
    assert "a message of T1 was not posted: fatal_error" in caplog.messages
    assert (await replica.message()).fault == "fatal_error"
    assert await replica.work.post()
    assert replica.posted == [("C1", "Rates moved.")]


@pytest.mark.parametrize(("said", "pause"), [(7, 7 * SECOND), (86_400, HOUR)])
async def test_slack_says_how_long_to_wait_and_is_believed_up_to_an_hour(
    replica: Replica, said: int, pause: timedelta
) -> None:
    replica.slack.refuse("chat.postMessage", retry_after=said)
    await replica.write(MESSAGE)
    assert await replica.pauses(1) == [pause]
    assert await replica.work.post()
    assert len(replica.posted) == 1


async def test_a_connection_that_breaks_off_before_slack_took_it_is_tried_again(
    replica: Replica,
) -> None:
    replica.slack.refuse("chat.postMessage", drop=True)
    await replica.write(MESSAGE)
    assert await replica.pauses(1) == [MINUTE]
    assert await replica.work.post()
    assert len(replica.posted) == 1


async def test_a_message_that_may_have_arrived_is_posted_again_under_its_own_key(
    replica: Replica,
) -> None:
    replica.slack.refuse("chat.postMessage", drop=True, perform=True)
    await replica.write(MESSAGE)
    await replica.pauses(1)
    assert await replica.work.post()
    first, second = (call.params["client_msg_id"] for call in replica.slack.posts)
    assert first == second


@pytest.mark.parametrize("code", ["channel_not_found", "is_archived", "not_in_channel"])
async def test_a_channel_that_cannot_be_written_to_loses_its_subscription_and_its_subscriber_hears(
    replica: Replica, code: str
) -> None:
    await replica.subscribe()
    replica.slack.refuse("chat.postMessage", code)
    await replica.write(MESSAGE)
    assert await replica.work.post()
    assert await replica.digests.subscription("T1", "C1") is None
    message = await replica.message()
    assert (message.given_up_at, message.fault) == (NOON, code)
    assert [text for _, text in replica.posted] == [stopped_text("C1")]
    assert replica.slack.posts[0].channel != "C1"
    assert not await replica.work.post()


async def test_a_channel_without_a_subscription_is_given_up_in_silence(replica: Replica) -> None:
    replica.slack.refuse("chat.postMessage", "is_archived")
    await replica.write(MESSAGE)
    assert await replica.work.post()
    assert (await replica.message()).given_up_at == NOON
    assert replica.posted == []


async def test_a_subscriber_who_cannot_be_told_stops_nothing(replica: Replica) -> None:
    await replica.subscribe()
    replica.slack.refuse("chat.postMessage", "is_archived")
    replica.slack.refuse("chat.postMessage", "user_not_found", times=3)
    await replica.write(MESSAGE)
    assert await replica.work.post()
    assert (await replica.message()).given_up_at == NOON
    assert not await replica.work.post()


@pytest.mark.parametrize("code", ["token_revoked", "account_inactive", "team_not_found"])
async def test_a_workspace_that_is_gone_is_given_up_and_keeps_its_subscription(
    replica: Replica, code: str
) -> None:
    await replica.subscribe()
    replica.slack.refuse("chat.postMessage", code)
    await replica.write(MESSAGE)
    assert await replica.work.post()
    assert (await replica.message()).fault == code
    assert await replica.digests.subscription("T1", "C1")
    assert not await replica.work.post()


async def test_where_the_app_has_left_nothing_is_posted(replica: Replica) -> None:
    replica.left = True
    await replica.write(MESSAGE)
    assert await replica.work.post()
    message = await replica.message()
    assert (message.given_up_at, message.fault) == (NOON, "the app has left the workspace")
    assert replica.posted == []


@pytest.mark.parametrize("code", ["invalid_auth", "not_authed", "token_expired"])
async def test_a_token_that_an_operator_can_mend_holds_a_message_up_and_no_more(
    replica: Replica, code: str
) -> None:
    replica.slack.refuse("chat.postMessage", code, times=3)
    await replica.write(MESSAGE)
    assert await replica.pauses(3) == [1 * MINUTE, 2 * MINUTE, 4 * MINUTE]
    assert (await replica.message()).fault == code
    assert await replica.work.post()
    assert replica.posted == [("C1", "Rates moved.")]


async def test_however_often_slack_asks_to_wait_a_message_is_tried_again(replica: Replica) -> None:
    replica.slack.refuse("chat.postMessage", retry_after=30, times=150)
    await replica.write(MESSAGE)
    assert set(await replica.pauses(150)) == {30 * SECOND}
    assert await replica.work.post()
    assert len(replica.posted) == 1


@pytest.mark.parametrize(
    ("waited", "is_given_up"), [(96 * HOUR - MINUTE, False), (96 * HOUR, True)]
)
async def test_a_message_is_given_up_four_days_after_it_was_written(
    replica: Replica, waited: timedelta, *, is_given_up: bool
) -> None:
    replica.slack.refuse("chat.postMessage", "fatal_error")
    await replica.write(MESSAGE)
    async with replica.store.engine.begin() as connection:
        earlier = outbox.c.written_at - waited.total_seconds()
        await connection.execute(outbox.update().values(written_at=earlier))
    assert await replica.work.post()
    message = await replica.message()
    assert (message.given_up_at, message.fault) == (NOON if is_given_up else None, "fatal_error")


async def test_a_message_that_is_days_old_is_posted_where_slack_takes_it(replica: Replica) -> None:
    await replica.write(MESSAGE)
    async with replica.store.engine.begin() as connection:
        earlier = outbox.c.written_at - 9 * 24 * HOUR.total_seconds()
        await connection.execute(outbox.update().values(written_at=earlier))
    assert await replica.work.post()
    assert len(replica.posted) == 1


async def test_a_proxy_that_answers_for_slack_holds_a_message_up_and_no_more(
    replica: Replica,
) -> None:
    async def busy(_: web.Request) -> web.Response:
        return web.Response(status=503, text="<html>busy</html>", content_type="application/json")

    app = web.Application()
    app.router.add_post("/chat.postMessage", busy)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = "http://127.0.0.1:{1}/".format(*runner.addresses[0])
    async with ClientSession() as session:

        async def client(*_: str | None) -> AsyncWebClient:
            return AsyncWebClient(token="xoxb-1", base_url=url, session=session, retry_handlers=[])

        await replica.write(MESSAGE)
        assert await replace(replica.work, client=client).post()
    await runner.cleanup()
    assert (await replica.message()).fault == "no answer of Slack's"
    replica.at = (await replica.message()).outgoing.due_at
    assert replica.at == NOON + MINUTE
    assert await replica.work.post()
    assert len(replica.posted) == 1


async def test_one_message_that_fails_does_not_keep_the_next(replica: Replica) -> None:
    other = replace(MESSAGE, id="digest/T1/C1/other", due_at=NOON + SECOND)
    replica.slack.refuse("chat.postMessage", "fatal_error")
    await replica.write(MESSAGE, other)
    replica.at = NOON + SECOND
    await replica.work.all()
    assert len(replica.posted) == 1


async def test_without_a_checker_no_check_is_due(replica: Replica) -> None:
    assert not await replica.work.check()
    assert not await replica.work.once()


# -- clocks that jump ------------------------------------------------------------------------------------

GPU_PAGE = {SourceId.FIREWORKS_GPU: "https://gpu.example/"}


def checking(replica: Replica, *, every: timedelta) -> DueWork:
    """The replica's work with a check of one page, so often."""
    checker = Checker(
        fetcher=Site(hours("12")),
        urls=GPU_PAGE,
        api_key=None,
        rates=Rates(replica.store),
        package=book_of(b300("12")),
        catalogue=CATALOGUE,
    )
    return replace(replica.work, checker=checker, check_every=every)


async def checks(replica: Replica, work: DueWork, *, hours: int) -> list[timedelta]:
    """When the sources are checked in so many hours from noon on, by a look at each full hour."""
    found = []
    for hour in range(hours + 1):
        replica.at = NOON + hour * HOUR
        if await work.check():
            found.append(replica.at - NOON)
    return found


async def test_checks_go_on_after_a_clock_was_a_year_ahead(replica: Replica) -> None:
    work = checking(replica, every=6 * HOUR)
    replica.at = NOON + 365 * 24 * HOUR
    assert await work.check()
    assert await checks(replica, work, hours=18) == [6 * HOUR, 12 * HOUR, 18 * HOUR]


async def test_checks_that_are_to_come_more_often_do_so_at_once(replica: Replica) -> None:
    assert await checking(replica, every=24 * HOUR).check()
    work = checking(replica, every=2 * HOUR)
    assert await checks(replica, work, hours=4) == [2 * HOUR, 4 * HOUR]


async def test_checks_that_are_to_come_less_often_keep_the_time_that_was_set(
    replica: Replica,
) -> None:
    assert await checking(replica, every=2 * HOUR).check()
    work = checking(replica, every=24 * HOUR)
    assert await checks(replica, work, hours=26) == [2 * HOUR, 26 * HOUR]


async def due_at(replica: Replica) -> datetime:
    found = await replica.digests.subscription("T1", "C1")
    assert found
    return found.due_at


@pytest.mark.parametrize(
    ("schedule", "latest"), [(DAILY, NOON + 24 * HOUR), (WEEKLY, NOON + 7 * 24 * HOUR)]
)
async def test_a_digest_that_a_clock_put_off_for_a_year_comes_with_its_next_run(
    replica: Replica, schedule: dict[str, Any], latest: datetime
) -> None:
    await replica.subscribe(NOON + 365 * 24 * HOUR, schedule)
    await replica.work.set_right()
    assert await due_at(replica) == latest
    await replica.work.set_right()
    assert await due_at(replica) == latest


@pytest.mark.parametrize("ahead", [-HOUR, timedelta(), HOUR, 3 * HOUR])
async def test_what_a_clock_some_hours_ahead_has_set_stays(
    replica: Replica, ahead: timedelta
) -> None:
    # The run of this noon was done by that clock already: brought back to it, it would be done twice.
    replica.at = NOON - ahead
    await replica.subscribe(NOON + 24 * HOUR)
    await replica.work.set_right()
    assert await due_at(replica) == NOON + 24 * HOUR


async def test_a_schedule_that_cannot_be_read_keeps_no_other_from_being_set_right(
    replica: Replica, caplog: pytest.LogCaptureFixture
) -> None:
    await replica.subscribe(NOON + 365 * 24 * HOUR)
    (found,) = await replica.digests.subscriptions("T1")
    broken = replace(found, channel_id="C0", schedule={"zone": "Atlantis"})
    assert await replica.digests.subscribe(broken, "{}")
    await replica.work.set_right()
    assert await due_at(replica) == NOON + 24 * HOUR
    assert "a digest's schedule" in caplog.text


async def test_what_recurs_begins_by_setting_right_what_a_clock_put_off(replica: Replica) -> None:
    await replica.subscribe(NOON + 365 * 24 * HOUR)
    running = asyncio.create_task(replica.work.run(every_seconds=0.01))
    async with asyncio.timeout(10):
        while await due_at(replica) != NOON + 24 * HOUR:
            pass  # asking is what lets the other go on
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
