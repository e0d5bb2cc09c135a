"""The buttons beneath replies, each of which carries its request."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.bot.slack.conftest import NOW, Scene, staged
from tests.fake_slack import FakeSlack, Post, ViewRecord

ASKED = "kimi-k2p6 turns=20 episodes=5000"
OF_20_TURNS = "Only Dedicated can be bought as asked: $4,444 for 5,000 episodes, $0.89 each."
FIRST = "1600000000.000100"


async def last_post(scene: Scene, count: int = 1) -> Post:
    await scene.slack.wait_for(lambda: len(scene.slack.posts) >= count)
    assert len(scene.slack.posts) == count
    return scene.slack.posts[-1]


async def answered(scene: Scene, text: str = ASKED) -> Post:
    """What the asker alone sees of a command."""
    await scene.person().command(text)
    return await last_post(scene)


async def modal(scene: Scene) -> ViewRecord:
    view: ViewRecord = await scene.slack.wait_for(
        lambda: scene.slack.views and scene.slack.views[-1]
    )
    return view


def elements(post: Post) -> Iterator[dict[str, Any]]:
    for block in post.blocks:
        if block["type"] in ("actions", "context_actions"):
            yield from block["elements"]


def actions(post: Post) -> list[str]:
    return [each["action_id"] for each in elements(post)]


def changed(post: Post, button: str, **changes: str) -> Post:
    """The post with another button in the place of one, as older and newer bots made them."""
    other = deepcopy(post)
    [element] = [each for each in elements(other) if each["action_id"] == button]
    element.update(changes)
    return other


def said(blocks: list[dict[str, Any]]) -> str:
    return json.dumps(blocks, ensure_ascii=False)


async def test_share_shows_the_numbers_to_the_channel_and_who_shared_them(scene: Scene) -> None:
    await scene.person().press(await answered(scene), "share")
    post = await last_post(scene, 2)
    assert (post.channel, post.ephemeral_to) == ("C1", None)
    assert post.text.startswith(OF_20_TURNS)
    assert post.blocks[0]["elements"] == [{"type": "mrkdwn", "text": "Shared by <@U1>"}]
    assert "$4,444" in said(post.blocks)


async def test_what_was_shared_cannot_be_shared_again(scene: Scene) -> None:
    await scene.person().press(await answered(scene), "share")
    pressed = ["tweak", "math", "export", "published", "feedback"]
    assert actions(await last_post(scene, 2)) == pressed


async def test_the_math_is_worked_out_in_a_window(scene: Scene) -> None:
    await scene.person().press(await answered(scene), "math")
    view = await modal(scene)
    text = said(view.blocks)
    assert view.view["title"]["text"] == "The math"
    for working in (
        "8,000 + 19 × 12,000 = 236,000",
        "20 × 8,000 + 12,000 × 190 = 2,440,000",
        "2,440,000 − 236,000 = 2,204,000",
        "20 × 2,000 = 40,000",
        "(236,000 uncached × $5.15 + 2,204,000 cached × $1.03 + 40,000 decoded × $12.81)",
        "÷ 1,000,000 = $3.99792 an episode",
        "$3.99792 × 5,000 episodes = $19,989.60",
        "$0.73684 × 5,000 episodes = $3,684.20",
        "236,000 × 5,000 ÷ 30,000 tok/s = 10.9",
        "40,000 × 5,000 ÷ 1,500 tok/s = 37.0",
        "8 GPUs × $15.00 = $4,444.4",
    ):
        assert working in text


async def test_the_published_calculator_stands_beside_the_answer(scene: Scene) -> None:
    await scene.person().press(await answered(scene), "published")
    post = await last_post(scene, 2)
    assert (post.channel, post.ephemeral_to) == ("C1", "U1")
    tables = [block for block in post.blocks if block["type"] == "data_table"]
    rows = [[cell["text"] for cell in row] for table in tables for row in table["rows"]]
    assert ["Tinker, run", "$65,392", "$19,990 (notional)"] in rows
    assert ["Dedicated, run", "$3,556", "$4,444"] in rows
    assert "published" not in actions(post)


async def test_the_corrected_request_is_asked_by_a_press(scene: Scene) -> None:
    await scene.person().press(await answered(scene, f"{ASKED} dedline=6h"), "ask")
    post = await last_post(scene, 2)
    assert post.ephemeral_to == "U1"
    assert post.text.startswith(OF_20_TURNS)
    assert "misses the deadline of 6 hours" in post.text


@pytest.mark.parametrize(("choice", "helpful"), [("positive", True), ("negative", False)])
async def test_feedback_is_kept_with_the_request_and_thanked_for(
    scene: Scene, choice: str, *, helpful: bool
) -> None:
    await scene.person().press(await answered(scene), "feedback", choice)
    thanks = await last_post(scene, 2)
    [kept] = await scene.bot.services.store.feedback("T1")
    assert (kept.user_id, kept.helpful, kept.at) == ("U1", helpful, NOW)
    assert kept.request["models"] == ["kimi-k2p6"]
    assert kept.request["fields"] == {"turns": 20, "episodes": 5000}
    assert thanks.ephemeral_to == "U1"
    assert thanks.text == "Thanks. That is kept with the request, not with any message."


async def test_thanks_for_feedback_in_a_thread_is_seen_by_one_alone(scene: Scene) -> None:
    person = scene.person()
    await person.mention(ASKED, ts=FIRST)
    await person.press(await last_post(scene), "feedback", "positive")
    thanks = await last_post(scene, 2)
    assert (thanks.channel, thanks.ephemeral_to) == ("C1", "U1")


@pytest.mark.parametrize("socket", [False, True], ids=["http", "socket"])
async def test_a_button_works_after_a_restart(
    slack: FakeSlack, tmp_path: Path, *, socket: bool
) -> None:
    async with staged(slack, tmp_path, socket=socket) as scene:
        post = await answered(scene)
    async with staged(slack, tmp_path, socket=socket) as scene:
        await scene.person().press(post, "share")
        shared = await last_post(scene, 2)
    assert shared.ephemeral_to is None
    assert shared.text.startswith(OF_20_TURNS)


@pytest.mark.parametrize("action", ["share", "math", "published"])
@pytest.mark.parametrize(
    "value",
    [
        "garbage",
        "[]",
        '{"intent":"estimate","models":["gone-1"],"fields":{},"problems":[]}',
        '{"intent":"estimate","models":["kimi-k2p6"],"fields":{},"problems":[],'
        '"answered_on":"2999-01-01"}',
    ],
)
async def test_a_button_of_an_older_answer_says_so(scene: Scene, action: str, value: str) -> None:
    await scene.person().press(changed(await answered(scene), action, value=value), action)
    post = await last_post(scene, 2)
    assert post.ephemeral_to == "U1"
    assert post.text == "This button belongs to an older answer; please ask again."
    assert actions(post) == ["form"]
    assert scene.slack.views == []


async def test_an_older_tweak_opens_an_empty_form(scene: Scene) -> None:
    await scene.person().press(changed(await answered(scene), "tweak", value="garbage"), "tweak")
    assert (await modal(scene)).view["callback_id"] == "price_form"
    assert "initial_value" not in said((await modal(scene)).blocks)


async def test_an_unknown_button_gets_help(scene: Scene) -> None:
    await scene.person().press(changed(await answered(scene), "math", action_id="zork"), "zork")
    post = await last_post(scene, 2)
    assert post.ephemeral_to == "U1"
    assert post.text.startswith("I price RL rollouts on Tinker, Fireworks Serverless and")


async def test_a_window_that_comes_too_late_is_told(scene: Scene) -> None:
    post = await answered(scene)
    trigger = scene.slack.trigger()
    scene.slack.expire_trigger(trigger)
    await scene.person().press(post, "math", trigger=trigger)
    late = await last_post(scene, 2)
    assert late.ephemeral_to == "U1"
    assert late.text == (
        "Slack gives three seconds to open a window, and they were over; please press again."
    )
