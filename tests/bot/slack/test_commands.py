"""`/rlcost …` in a channel: an answer for the asker alone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bot.slack.conftest import Scene
from tests.fake_slack import Post


async def answered(scene: Scene, text: str) -> Post:
    await scene.person().command(text)
    post: Post = await scene.slack.wait_for(lambda: scene.slack.posts and scene.slack.posts[-1])
    return post


def buttons(post: Post) -> dict[str, dict[str, Any]]:
    rows = [block["elements"] for block in post.blocks if block["type"] == "actions"]
    return {element["action_id"]: element for row in rows for element in row}


def live_texts(value: Any) -> Iterator[str]:
    """Every text of blocks that Slack would parse."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value["text"]
        for each in value.values():
            yield from live_texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from live_texts(each)


async def test_a_command_is_answered_for_the_asker_alone(scene: Scene) -> None:
    ack = await scene.person().command("kimi-k2p6 turns=20 episodes=5000")
    post = await scene.slack.wait_for(lambda: scene.slack.posts and scene.slack.posts[-1])
    assert (ack.status, ack.body) == (200, "")
    assert post.ephemeral_to == "U1"
    assert post.text.startswith("Only Dedicated can be bought as asked: $4,444 for 5,000 episodes")
    assert [block["type"] for block in post.blocks] == [
        "rich_text",
        "data_table",
        "data_visualization",
        "rich_text",
        "context",
        "context",
        "actions",
        "context_actions",
    ]


async def test_an_estimate_can_be_tweaked_shared_explained_and_compared(scene: Scene) -> None:
    post = await answered(scene, "kimi-k2p6 turns=20 episodes=5000")
    assert list(buttons(post)) == ["tweak", "share", "math", "export", "published"]
    assert json.loads(buttons(post)["share"]["value"]) == {
        "intent": "estimate",
        "models": ["kimi-k2p6"],
        "fields": {"turns": 20, "episodes": 5000},
        "problems": [],
        "answered_on": "2026-11-21",
    }


@pytest.mark.parametrize("text", ["", "help", "lunch, anyone?"])
async def test_who_asks_for_nothing_gets_help_and_the_form(scene: Scene, text: str) -> None:
    post = await answered(scene, text)
    assert post.ephemeral_to == "U1"
    assert post.text.startswith("I price RL rollouts on Tinker, Fireworks Serverless and")
    assert list(buttons(post)) == ["form"]


async def test_a_problem_is_a_sentence_with_the_corrected_request_to_press(scene: Scene) -> None:
    post = await answered(scene, "kimi-k2p6 trns=20")
    assert post.ephemeral_to == "U1"
    assert post.text == (
        "`trns=20` names nothing that I can set. Did you mean `turns`? Try `kimi-k2p6 turns=20`."
    )
    assert list(buttons(post)) == ["ask", "tweak"]
    assert buttons(post)["ask"]["value"] == "kimi-k2p6 turns=20"
    assert buttons(post)["ask"]["text"]["text"] == "Try kimi-k2p6 turns=20"


async def test_a_value_out_of_range_is_told_its_range(scene: Scene) -> None:
    post = await answered(scene, "kimi-k2p6 turns=0")
    assert post.text == (
        "`0` is out of range: `turns` takes whole numbers from 1 to 200. Try `kimi-k2p6 turns=1`."
    )


async def test_rate_cards_can_be_shared_too(scene: Scene) -> None:
    post = await answered(scene, "rates kimi-k2p6")
    assert "Tinker 128K at $5.15 input, $1.03 cached, $12.81 output per 1M tokens" in post.text
    assert list(buttons(post)) == ["share", "export"]


async def test_another_command_gets_help(scene: Scene) -> None:
    ack = await scene.person().command("kimi-k2p6 turns=20", command="/rollouts")
    post = await scene.slack.wait_for(lambda: scene.slack.posts and scene.slack.posts[-1])
    assert (ack.status, post.ephemeral_to) == (200, "U1")
    assert post.text.startswith("I price RL rollouts on Tinker, Fireworks Serverless and")


@pytest.mark.parametrize(
    "typed", ["&lt;!channel&gt;", "<!channel>", "&lt;@U1&gt;", "*x*", "a&amp;b"]
)
async def test_what_was_typed_is_quoted_as_code_and_never_live(scene: Scene, typed: str) -> None:
    post = await answered(scene, f"kimi-k2p6 zork={typed}")
    assert post.text.startswith("`zork=")
    assert not any(mark in post.text for mark in ("<", "*x*", "&b"))
    assert all("zork" not in text for text in live_texts(post.blocks))
    quoted = post.blocks[0]["elements"][0]["elements"][0]
    assert (quoted["text"][:5], quoted["style"]["code"]) == ("zork=", True)


async def test_mentions_in_a_request_stay_out_of_the_answer(scene: Scene) -> None:
    post = await answered(scene, "kimi-k2p6 <!channel> <@U1> *x* turns=20 episodes=5000")
    said = json.dumps({"text": post.text, "blocks": post.blocks})
    assert "$4,444" in said
    assert not any(mark in said for mark in ("<!channel", "<@U1", "*x*"))
