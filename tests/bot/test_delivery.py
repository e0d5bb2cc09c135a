"""Pace and order in a channel, and what is remembered of response URLs and refusals, by a clock of our own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery import Delivery, Place, Posted
from bot.formatting.layout import View
from bot.formatting.reply import Reply, sentence
from tests.fake_slack import FakeSlack


@dataclass
class FakeTime:
    """A clock that goes on only while somebody sleeps."""

    time: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


@dataclass
class Desk:
    """A delivery in a workspace with two channels."""

    slack: FakeSlack
    delivery: Delivery
    client: AsyncWebClient
    time: FakeTime

    async def say(self, text: str, place: Place) -> Posted | None:
        return await self.delivery.deliver(sentence(text), place, self.client)

    @property
    def texts(self) -> list[str]:
        return [post.text for post in self.slack.posts]


@asynccontextmanager
async def made() -> AsyncIterator[Desk]:
    time = FakeTime()
    async with FakeSlack(clock=time.now) as slack, ClientSession() as session:
        slack.add_workspace("T1", bot_token="xoxb-1")
        slack.add_channel("C1", "T1")
        slack.add_channel("C2", "T1")
        slack.add_channel("C3", "T1", bot_is_member=False)
        slack.add_user("U1", "T1")
        client = AsyncWebClient(token="xoxb-1", base_url=slack.api_url, session=session)
        delivery = Delivery(session, retry_handlers=[], now=time.now, sleep=time.sleep)
        yield Desk(slack, delivery, client, time)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with made() as found:
        yield found


def channel(name: str = "C1", **more: object) -> Place:
    return Place(team_id="T1", user_id="U1", channel_id=name, **more)  # type: ignore[arg-type]


async def test_messages_of_one_channel_keep_their_order_a_second_apart(desk: Desk) -> None:
    hold = asyncio.Event()
    desk.slack.delay("chat.postMessage", hold)
    asked = [asyncio.create_task(desk.say(str(each), channel())) for each in range(5)]
    await desk.slack.wait_for(lambda: desk.slack.called("chat.postMessage"))
    hold.set()
    await asyncio.gather(*asked)
    assert desk.texts == ["0", "1", "2", "3", "4"]
    assert [post.at for post in desk.slack.posts] == [1000.0, 1001.0, 1002.0, 1003.0, 1004.0]


async def test_one_channel_does_not_wait_for_another(desk: Desk) -> None:
    hold = asyncio.Event()
    desk.slack.delay("chat.postMessage", hold)
    slow = asyncio.create_task(desk.say("slow", channel("C1")))
    await desk.slack.wait_for(lambda: desk.slack.called("chat.postMessage"))
    await desk.say("quick", channel("C2"))
    assert desk.texts == ["quick"]
    hold.set()
    await slow
    assert desk.texts == ["quick", "slow"]


async def test_a_channel_that_has_been_quiet_is_written_to_at_once(desk: Desk) -> None:
    await desk.say("first", channel())
    desk.time.time += 60
    await desk.say("second", channel())
    assert sum(desk.time.slept) == 0


async def test_a_refused_message_lets_the_next_one_through(desk: Desk) -> None:
    desk.slack.refuse("chat.postMessage", "fatal_error")
    with pytest.raises(SlackApiError):
        await desk.say("refused", channel())
    await desk.say("taken", channel())
    assert desk.texts == ["taken"]


async def test_a_message_given_up_while_it_waits_lets_the_next_one_through(desk: Desk) -> None:
    hold = asyncio.Event()
    desk.slack.delay("chat.postMessage", hold)
    first = asyncio.create_task(desk.say("first", channel()))
    await desk.slack.wait_for(lambda: desk.slack.called("chat.postMessage"))
    given_up = asyncio.create_task(desk.say("given up", channel()))
    last = asyncio.create_task(desk.say("last", channel()))
    await asyncio.sleep(0)  # both stand in the queue now
    given_up.cancel()
    hold.set()
    await asyncio.gather(first, last)
    assert desk.texts == ["first", "last"]


async def test_a_message_given_up_while_it_keeps_the_pace_lets_the_next_one_through() -> None:
    async with made() as desk:
        pausing = asyncio.Event()

        async def for_ever(seconds: float) -> None:
            if seconds > 0 and not pausing.is_set():
                pausing.set()
                await asyncio.Event().wait()
            desk.time.time += seconds

        async with ClientSession() as session:
            delivery = Delivery(session, retry_handlers=[], now=desk.time.now, sleep=for_ever)
            await delivery.deliver(sentence("first"), channel(), desk.client)
            given_up = asyncio.create_task(
                delivery.deliver(sentence("given up"), channel(), desk.client)
            )
            await pausing.wait()
            given_up.cancel()
            with pytest.raises(asyncio.CancelledError):
                await given_up
            async with asyncio.timeout(5):
                await delivery.deliver(sentence("last"), channel(), desk.client)
        assert desk.texts == ["first", "last"]


async def test_a_response_url_is_used_five_times_and_then_another_way_is_taken(desk: Desk) -> None:
    url = desk.slack.response_url("C1", "U1", "T1")
    for number in range(7):
        await desk.say(str(number), channel(response_url=url, ephemeral=True))
    assert desk.texts == ["0", "1", "2", "3", "4", "5", "6"]
    assert [post.via for post in desk.slack.posts[:5]] == ["response_url"] * 5
    assert [post.via for post in desk.slack.posts[5:]] == ["chat.postEphemeral"] * 2
    assert desk.slack.response_urls[url].uses == 5


async def test_a_response_url_that_is_dead_gives_way_to_the_web_api(desk: Desk) -> None:
    url = desk.slack.response_url("C1", "U1", "T1")
    desk.slack.expire(url)
    await desk.say("hello", channel(response_url=url, ephemeral=True))
    (post,) = desk.slack.posts
    assert (post.channel, post.ephemeral_to) == ("C1", "U1")


async def test_where_the_bot_is_not_the_person_reads_it_in_their_own_messages(desk: Desk) -> None:
    posted = await desk.say("hello", channel("C3", ephemeral=True))
    (post,) = desk.slack.posts
    assert (post.channel, post.text, post.ephemeral_to) == ("DU1", "hello", None)
    assert posted == Posted("DU1", post.ts)


async def test_where_own_messages_will_not_do_a_channel_without_the_bot_is_an_error(
    desk: Desk,
) -> None:
    with pytest.raises(SlackApiError, match=r"not_in_channel|channel_not_found"):
        await desk.say("hello", channel("C3", own_messages_will_do=False))
    assert desk.texts == []


async def test_a_team_that_refused_native_blocks_is_asked_again_a_day_later(desk: Desk) -> None:
    context = {"type": "context", "elements": [{"type": "plain_text", "text": "beneath"}]}
    reply = Reply(view=View(summary="hello"), beneath=(context,))
    desk.slack.refuse("chat.postMessage", "invalid_blocks")
    for _ in range(2):
        await desk.delivery.deliver(reply, channel(), desk.client)
    assert len(desk.slack.called("chat.postMessage")) == 3
    desk.time.time += 24 * 60 * 60 + 1
    desk.slack.refuse("chat.postMessage", "invalid_blocks")
    await desk.delivery.deliver(reply, channel(), desk.client)
    assert len(desk.slack.called("chat.postMessage")) == 5
    assert desk.texts == ["hello"] * 3
