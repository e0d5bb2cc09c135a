"""Messages to the bot: answered in their thread, which knows its last request and no text."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.bot.slack.conftest import Scene, staged
from tests.fake_slack import FakeSlack, Post

ASKED = "kimi-k2p6 turns=20 episodes=5000"
OF_20_TURNS = "Only Dedicated can be bought as asked: $4,444 for 5,000 episodes, $0.89 each."
OF_40_TURNS = "Tinker 128K at $64,782"
FIRST = "1600000000.000100"


async def posts(scene: Scene, count: int) -> list[Post]:
    """Exactly as many messages, once they are there."""
    await scene.slack.wait_for(lambda: len(scene.slack.posts) >= count)
    assert len(scene.slack.posts) == count
    return scene.slack.posts


async def test_a_mention_is_answered_in_its_thread_for_all(scene: Scene) -> None:
    await scene.person().mention(ASKED, ts=FIRST)
    [post] = await posts(scene, 1)
    assert (post.channel, post.thread_ts, post.ephemeral_to) == ("C1", FIRST, None)
    assert post.text.startswith(OF_20_TURNS)


async def test_what_all_can_see_has_nothing_to_share(scene: Scene) -> None:
    await scene.person().mention(ASKED, ts=FIRST)
    [post] = await posts(scene, 1)
    [row] = [block for block in post.blocks if block["type"] == "actions"]
    assert [each["action_id"] for each in row["elements"]] == [
        "tweak",
        "math",
        "export",
        "published",
    ]


async def test_a_mention_in_the_thread_follows_up_its_last_request(scene: Scene) -> None:
    person = scene.person()
    await person.mention(ASKED, ts=FIRST)
    await posts(scene, 1)
    await scene.person("U2").mention("what about 40 turns?", thread_ts=FIRST)
    _, post = await posts(scene, 2)
    assert post.thread_ts == FIRST
    assert OF_40_TURNS in post.text


async def in_one_thread(scene: Scene, *texts: str) -> list[str]:
    """What a thread is answered, one message after another."""
    person = scene.person()
    for count, said in enumerate(texts, start=1):
        first = count == 1
        await person.mention(said, ts=FIRST if first else None, thread_ts=None if first else FIRST)
        await posts(scene, count)
    return [post.text for post in scene.slack.posts]


async def test_a_refused_value_is_asked_for_again_before_anything_is_priced(scene: Scene) -> None:
    refused, still_open, priced = await in_one_thread(
        scene, "kimi-k2p6 turns=0", "and 100 episodes", "turns=20"
    )
    assert refused.startswith("`0` is out of range")
    assert still_open.startswith("`turns` could not be read before, and is still to be said")
    assert "$" not in refused + still_open
    # A fiftieth of what 5,000 episodes of 20 turns cost, $4,444.
    assert priced.startswith("Only Dedicated can be bought as asked: $88.89 for 100 episodes")


async def test_what_is_said_while_a_value_is_open_is_priced_once_that_is_said(scene: Scene) -> None:
    *_, still_open, priced = await in_one_thread(
        scene, "kimi k2.6 turns=abc", "and on qwen 397b with 500 episodes?", "20 turns"
    )
    assert still_open.startswith("`turns` could not be read before, and is still to be said")
    alone = await in_another_thread(scene, "qwen 397b turns=20 episodes=500")
    assert " for 500 episodes" in priced
    assert priced == alone


async def in_another_thread(scene: Scene, text: str) -> str:
    """What a text is answered that begins a thread."""
    before = len(scene.slack.posts)
    await scene.person().mention(text, ts="1600000009.000100")
    return (await posts(scene, before + 1))[-1].text


async def test_rates_and_another_refused_value_leave_what_is_open_as_it_is(scene: Scene) -> None:
    *_, refused, rates, still_open = await in_one_thread(
        scene, "kimi k2.6 turns=abc", "episodes=abc", "rates?", "how much with 500 episodes?"
    )
    assert refused.startswith("`abc`")
    assert rates.startswith("In force for `kimi-k2p6`")
    assert still_open.startswith("`turns` could not be read before, and is still to be said")


async def test_starting_over_with_a_whole_request_leaves_nothing_open(scene: Scene) -> None:
    _, priced = await in_one_thread(
        scene, "kimi k2.6 turns=abc", "start over: kimi k2.6 with 500 episodes"
    )
    assert " for 500 episodes" in priced


async def test_threads_know_nothing_of_each_other(scene: Scene) -> None:
    person = scene.person()
    await person.mention(ASKED, ts=FIRST)
    await posts(scene, 1)
    await person.mention("what about 40 turns?")
    _, post = await posts(scene, 2)
    assert OF_40_TURNS not in post.text


async def test_thanks_in_a_thread_is_left_alone(scene: Scene) -> None:
    person = scene.person()
    await person.mention(ASKED, ts=FIRST)
    await posts(scene, 1)
    await person.mention("thanks!", thread_ts=FIRST)
    await person.mention("what about 40 turns?", thread_ts=FIRST)
    _, post = await posts(scene, 2)
    assert OF_40_TURNS in post.text


async def test_a_bot_that_mentions_it_is_left_alone(scene: Scene) -> None:
    person = scene.person()
    said = {"type": "app_mention", "channel": "C1", "ts": "1600000001.000100"}
    text = f"<@UBOT> {ASKED}"
    await person.event({**said, "user": "UOTHER", "bot_id": "BOTHER", "text": text})
    await person.event({**said, "subtype": "bot_message", "bot_id": "BOTHER", "text": text})
    await person.mention(ASKED, ts=FIRST)
    [post] = await posts(scene, 1)
    assert post.thread_ts == FIRST


async def test_a_direct_message_is_answered_in_its_thread(scene: Scene) -> None:
    person = scene.person()
    await person.dm(ASKED, ts=FIRST)
    [post] = await posts(scene, 1)
    assert (post.channel, post.thread_ts, post.ephemeral_to) == ("DU1", FIRST, None)
    assert post.text.startswith(OF_20_TURNS)


async def test_a_reply_in_a_direct_message_needs_no_mention(scene: Scene) -> None:
    person = scene.person()
    await person.dm(ASKED, ts=FIRST)
    await posts(scene, 1)
    await person.dm("what about 40 turns?", thread_ts=FIRST)
    _, post = await posts(scene, 2)
    assert (post.channel, post.thread_ts) == ("DU1", FIRST)
    assert OF_40_TURNS in post.text


async def test_a_mention_within_a_direct_message_is_answered_once(scene: Scene) -> None:
    person = scene.person()
    text = f"<@UBOT> {ASKED}"
    mention = {"type": "app_mention", "user": "U1", "channel": "DU1", "ts": FIRST, "text": text}
    await person.event(mention)
    await person.dm(text, ts=FIRST)
    await posts(scene, 1)
    await person.dm("what about 40 turns?", thread_ts=FIRST)
    _, post = await posts(scene, 2)
    assert OF_40_TURNS in post.text


async def test_a_thread_that_the_bot_began_can_be_followed_up(scene: Scene) -> None:
    person = scene.person()
    await person.open_home()
    home = await scene.slack.wait_for(lambda: scene.slack.home.get(("T1", "U1")))
    await person.press(home, "form")
    form = await scene.slack.wait_for(lambda: scene.slack.views and scene.slack.views[-1])
    await person.submit(form, {"model": "kimi-k2p6", "turns": "20", "episodes": "5000"})
    [answer] = await posts(scene, 1)
    assert (answer.channel, answer.thread_ts, answer.ephemeral_to) == ("DU1", None, None)
    assert answer.text.startswith(OF_20_TURNS)
    await scene.bot.services.work.drain(seconds=5)  # the thread is known once its first message is
    await person.dm("what about 40 turns?", thread_ts=answer.ts)
    _, post = await posts(scene, 2)
    assert post.thread_ts == answer.ts
    assert OF_40_TURNS in post.text


@pytest.mark.parametrize("subtype", ["message_changed", "message_deleted", "bot_message"])
async def test_what_is_no_new_message_of_a_person_is_left_alone(scene: Scene, subtype: str) -> None:
    person = scene.person()
    await person.dm(ASKED, subtype=subtype)
    await person.dm(ASKED, ts=FIRST)
    [post] = await posts(scene, 1)
    assert post.thread_ts == FIRST


async def test_the_messages_tab_proposes_what_to_ask(scene: Scene) -> None:
    await scene.person().open_home("messages")
    prompts = await scene.slack.wait_for(lambda: scene.slack.prompts.get(("T1", "DU1")))
    assert [each["message"] for each in prompts] == [
        "kimi-k2p6 turns=20 episodes=5000",
        "price 5k rollouts of kimi k2.6, twenty turns each, 8k prompt growing 12k a turn",
        "gpt-oss-120b budget=$5k deadline=6h",
        "rates kimi-k2p6",
    ]


def database_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("rlcost.db*"))


@asynccontextmanager
async def after_a_mention(
    slack: FakeSlack, folder: Path, text: str, *, socket: bool
) -> AsyncIterator[None]:
    """A bot that was asked, answered, and was stopped."""
    async with staged(slack, folder, socket=socket) as scene:
        await scene.person().mention(text, ts=FIRST)
        await posts(scene, 1)
    yield


@pytest.mark.parametrize("socket", [False, True], ids=["http", "socket"])
async def test_a_thread_keeps_its_request_over_a_restart(
    slack: FakeSlack, tmp_path: Path, *, socket: bool
) -> None:
    async with (
        after_a_mention(slack, tmp_path, ASKED, socket=socket),
        staged(slack, tmp_path, socket=socket) as scene,
    ):
        await scene.person().mention("what about 40 turns?", thread_ts=FIRST)
        _, post = await posts(scene, 2)
        assert OF_40_TURNS in post.text


@pytest.mark.parametrize("socket", [False, True], ids=["http", "socket"])
async def test_the_database_holds_the_request_and_not_the_text(
    slack: FakeSlack, tmp_path: Path, *, socket: bool
) -> None:
    typed = "please zanzibar, kimi k2.6 with 20 turns"
    async with after_a_mention(slack, tmp_path, typed, socket=socket):
        kept = database_bytes(tmp_path)
    assert b"kimi-k2p6" in kept
    assert b"zanzibar" not in kept
