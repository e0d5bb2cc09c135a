"""What goes wrong between Slack and the bot: each fault ends in an answer, once, or in words of what to do."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from pricing.cards import RateBook
from tests.bot.slack.conftest import Scene, logged, staged
from tests.fake_slack import FakeSlack, Post

ASKED = "kimi-k2p6 turns=20 episodes=5000"
ANSWER = "Only Dedicated can be bought as asked: $4,444 for 5,000 episodes"
NATIVE = {"data_table", "data_visualization"}


@pytest.fixture
async def over_http(slack: FakeSlack, tmp_path: Path) -> AsyncIterator[Scene]:
    """The bot over HTTP alone, for faults on the way out, which are the same over a socket."""
    async with staged(slack, tmp_path) as made:
        yield made


async def first_post(scene: Scene, count: int = 1) -> Post:
    """The last of so many messages, when they are there."""
    posts = await scene.slack.wait_for(
        lambda: len(scene.slack.posts) >= count and scene.slack.posts, timeout=15
    )
    return posts[count - 1]


async def settled(scene: Scene) -> None:
    """All that was begun is done."""
    await scene.bot.services.work.drain(seconds=15)


def kinds(post: Post) -> list[str]:
    return [block["type"] for block in post.blocks]


def button_ids(post: Post) -> list[str]:
    return [
        element["action_id"]
        for block in post.blocks
        if block["type"] in ("actions", "context_actions")
        for element in block["elements"]
    ]


# -- the same event again --------------------------------------------------------------------------------


async def test_an_event_that_comes_twice_is_answered_once(scene: Scene) -> None:
    person = scene.person()
    ts = scene.slack.new_ts()
    await person.mention(ASKED, ts=ts, event_id="Ev1")
    again = await person.mention(ASKED, ts=ts, event_id="Ev1", retry_num=1)
    await settled(scene)
    assert again.status == 200
    assert len(scene.slack.posts) == 1


async def test_an_event_that_comes_many_times_at_once_is_answered_once(scene: Scene) -> None:
    person = scene.person()
    ts = scene.slack.new_ts()
    acks = await asyncio.gather(
        *(person.mention(ASKED, ts=ts, event_id="Ev1", retry_num=number) for number in range(5))
    )
    await settled(scene)
    assert {ack.status for ack in acks} == {200}
    assert [post.text.startswith(ANSWER) for post in scene.slack.posts] == [True]


async def test_an_event_that_comes_again_while_its_answer_is_held_is_answered_once(
    scene: Scene,
) -> None:
    hold = asyncio.Event()
    scene.slack.delay("chat.postMessage", hold)
    person = scene.person()
    ts = scene.slack.new_ts()
    await person.mention(ASKED, ts=ts, event_id="Ev1")
    await scene.slack.wait_for(lambda: scene.slack.called("chat.postMessage"))
    await person.mention(ASKED, ts=ts, event_id="Ev1", retry_num=1)
    hold.set()
    await settled(scene)
    assert len(scene.slack.called("chat.postMessage")) == 1
    assert len(scene.slack.posts) == 1


async def test_different_events_are_both_answered_whatever_they_say_of_retries(
    scene: Scene,
) -> None:
    person = scene.person()
    await person.dm(ASKED, event_id="Ev1", retry_num=1)
    await person.dm(ASKED, event_id="Ev2", retry_num=1)
    await settled(scene)
    assert len(scene.slack.posts) == 2


# -- refused blocks --------------------------------------------------------------------------------------


async def test_a_response_url_that_refuses_native_blocks_gets_the_same_table_as_text(
    over_http: Scene,
) -> None:
    over_http.slack.refuse_block_types(*NATIVE)
    await over_http.person().command(ASKED)
    post = await first_post(over_http)
    await settled(over_http)
    assert len(over_http.slack.posts) == 1
    assert post.text.startswith(ANSWER)
    assert not NATIVE & set(kinds(post))
    (table,) = [
        part["elements"][0]["text"]
        for block in post.blocks
        if block["type"] == "rich_text"
        for part in block["elements"]
        if part["type"] == "rich_text_preformatted"
    ][:1]
    assert "Dedicated" in table
    assert "$4,444" in table
    assert {"share", "math"} <= set(button_ids(post))
    assert post.via == "response_url"


async def test_after_a_refusal_the_team_gets_text_straight_away(over_http: Scene) -> None:
    over_http.slack.refuse_block_types(*NATIVE)
    person = over_http.person()
    await person.mention(ASKED)
    await settled(over_http)
    assert [call.error for call in over_http.slack.called("chat.postMessage")] == [
        "invalid_blocks",
        None,
    ]
    await person.mention(ASKED)
    await settled(over_http)
    assert [call.error for call in over_http.slack.called("chat.postMessage")][2:] == [None]
    first, second = over_http.slack.posts
    assert kinds(first) == kinds(second)
    assert "rich_text_preformatted" in str(first.blocks)
    assert "math" in button_ids(first)


async def test_where_all_blocks_are_refused_the_sentence_goes_alone(scene: Scene) -> None:
    scene.slack.refuse_all_blocks()
    person = scene.person()
    await person.command(ASKED)
    await person.mention(ASKED)
    await settled(scene)
    assert [post.text.startswith(ANSWER) for post in scene.slack.posts] == [True, True]
    assert [post.blocks for post in scene.slack.posts] == [[], []]


# -- response URLs that are no use any more --------------------------------------------------------------


async def test_a_command_whose_response_url_is_dead_is_answered_in_the_channel(
    scene: Scene,
) -> None:
    url = scene.slack.response_url()
    scene.slack.expire(url)
    await scene.person().command(ASKED, response_url=url)
    post = await first_post(scene)
    assert (post.channel, post.ephemeral_to, post.via) == ("C1", "U1", "chat.postEphemeral")
    assert post.text.startswith(ANSWER)


async def test_where_the_bot_is_not_in_the_channel_it_goes_to_the_persons_own_messages(
    scene: Scene,
) -> None:
    scene.slack.add_channel("C2", "T1", bot_is_member=False)
    url = scene.slack.response_url("C2")
    scene.slack.expire(url)
    await scene.person(channel="C2").command(ASKED, response_url=url)
    post = await first_post(scene)
    assert (post.channel, post.ephemeral_to) == ("DU1", None)
    assert post.text.startswith(ANSWER)


async def test_the_sixth_use_of_a_response_url_goes_another_way(over_http: Scene) -> None:
    url = over_http.slack.response_url()
    person = over_http.person()
    for _ in range(6):
        await person.command(ASKED, response_url=url)
        await settled(over_http)
    assert [post.via for post in over_http.slack.posts] == [
        *["response_url"] * 5,
        "chat.postEphemeral",
    ]


# -- a Slack that is slow, limits, fails or hangs up -----------------------------------------------------


async def test_a_rate_limited_message_is_delivered_once(over_http: Scene) -> None:
    over_http.slack.refuse("chat.postMessage", retry_after=1)
    await over_http.person().mention(ASKED)
    await settled(over_http)
    assert len(over_http.slack.called("chat.postMessage")) == 2
    assert [post.text.startswith(ANSWER) for post in over_http.slack.posts] == [True]


async def test_a_rate_limited_response_url_is_delivered_once(over_http: Scene) -> None:
    over_http.slack.refuse("response_url", retry_after=1)
    await over_http.person().command(ASKED)
    await settled(over_http)
    assert [(post.via, post.ephemeral_to) for post in over_http.slack.posts] == [
        ("response_url", "U1")
    ]


async def test_a_response_url_that_fails_gives_way_to_the_web_api(over_http: Scene) -> None:
    over_http.slack.refuse("response_url", status=500)
    await over_http.person().command(ASKED)
    await settled(over_http)
    (post,) = over_http.slack.posts
    assert (post.via, post.ephemeral_to) == ("chat.postEphemeral", "U1")
    assert post.text.startswith(ANSWER)


async def test_a_message_that_slack_fails_to_take_ends_in_an_apology(over_http: Scene) -> None:
    over_http.slack.refuse("chat.postMessage", "internal_error", status=500)
    with logged() as log:
        await over_http.person().mention(ASKED)
        await settled(over_http)
    (post,) = over_http.slack.posts
    reference = re.search(r"reference is `(\w{8})`", post.text)
    assert reference
    assert f"fault {reference[1]} in a mention" in log.getvalue()
    assert "SlackApiError (internal_error" in log.getvalue()


async def test_a_connection_that_breaks_off_is_answered_all_the_same(over_http: Scene) -> None:
    over_http.slack.refuse("response_url", drop=True)
    await over_http.person().command(ASKED)
    await settled(over_http)
    assert over_http.slack.posts[-1].text.startswith(ANSWER)
    assert over_http.slack.posts[-1].ephemeral_to == "U1"


async def test_a_message_whose_connection_broke_off_is_heard_of_by_the_person(
    over_http: Scene,
) -> None:
    over_http.slack.refuse("chat.postMessage", drop=True)
    with logged():
        await over_http.person().mention(ASKED)
        await settled(over_http)
    (post,) = over_http.slack.posts
    assert post.text.startswith((ANSWER, "Sorry, something went wrong here"))


async def test_an_acknowledgement_does_not_wait_for_a_held_answer(scene: Scene) -> None:
    hold = asyncio.Event()
    for way in ("response_url", "chat.postMessage"):
        scene.slack.delay(way, hold)
    person = scene.person()
    acks = [await person.command(ASKED), await person.mention(ASKED)]
    assert [ack.status for ack in acks] == [200, 200]
    assert scene.slack.posts == []
    hold.set()
    await first_post(scene, 2)


# -- presses ---------------------------------------------------------------------------------------------


async def test_a_window_that_came_too_late_is_asked_to_be_pressed_again(scene: Scene) -> None:
    person = scene.person()
    await person.command(ASKED)
    post = await first_post(scene)
    trigger = scene.slack.trigger()
    scene.slack.expire_trigger(trigger)
    await person.press(post, "math", trigger=trigger)
    said = await first_post(scene, 2)
    assert said.text.endswith("please press again.")
    assert said.ephemeral_to == "U1"
    assert scene.slack.views == []


async def test_sharing_where_the_bot_is_not_and_the_url_is_dead_says_how_to_invite_it(
    scene: Scene,
) -> None:
    scene.slack.add_channel("C2", "T1", bot_is_member=False)
    person = scene.person(channel="C2")
    await person.command(ASKED)
    post = await first_post(scene)
    url = scene.slack.response_url("C2")
    scene.slack.expire(url)
    await person.press(post, "share", response_url=url)
    said = await first_post(scene, 2)
    assert "/invite @rlcost" in said.text
    assert said.channel == "DU1"


# -- faults of ours --------------------------------------------------------------------------------------


class Broken:
    """A rate book of which everything raises, with words that somebody typed in the message."""

    def __getattr__(self, _: str) -> Any:
        raise ZeroDivisionError(ASKED)


async def test_a_fault_of_ours_is_an_apology_with_the_reference_of_its_traceback(
    scene: Scene,
) -> None:
    sound = scene.bot.services.desk.book
    scene.bot.services.desk.book = cast(RateBook, Broken())
    person = scene.person()
    with logged() as log:
        await person.command(f"{ASKED} secretword")
        await settled(scene)
        await person.mention(f"{ASKED} secretword")
        await settled(scene)
    assert len(scene.slack.posts) == 2
    for post in scene.slack.posts:
        found = re.fullmatch(
            r"Sorry, something went wrong here\. "
            r"The reference is `([2-9B-Z]{8})`\.",
            post.text,
        )
        assert found
        assert f"fault {found[1]} in " in log.getvalue()
    assert "ZeroDivisionError" in log.getvalue()
    assert "bot/desk.py" in log.getvalue()
    for typed in ("kimi-k2p6", "turns=20", "secretword", "xoxb"):
        assert typed not in log.getvalue()
    scene.bot.services.desk.book = sound
    await person.command(ASKED)
    assert (await first_post(scene, 3)).text.startswith(ANSWER)


async def test_a_fault_before_the_acknowledgement_is_told_in_it(over_http: Scene) -> None:
    over_http.bot.services.desk.catalogue = cast(Any, Broken())
    with logged() as log:
        ack = await over_http.person().command(ASKED)
    assert ack.status == 200
    found = re.search(r"The reference is `([2-9B-Z]{8})`", ack.json["text"])
    assert found
    assert ack.json["response_type"] == "ephemeral"
    assert f"fault {found[1]} in a slash command" in log.getvalue()
    assert "kimi-k2p6" not in log.getvalue()


async def test_an_apology_that_cannot_be_delivered_is_logged_and_not_repeated(
    over_http: Scene,
) -> None:
    over_http.slack.refuse("chat.postMessage", "fatal_error", times=100)
    with logged() as log:
        await over_http.person().mention(ASKED)
        await settled(over_http)
    assert len(over_http.slack.called("chat.postMessage")) == 2
    assert "a mention, apologising" in log.getvalue()
