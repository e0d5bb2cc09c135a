"""The history of a model's rates in Slack: one model, and a way on for whatever else is named."""

import pytest

from tests.bot.slack.conftest import Scene
from tests.fake_slack import Post
from tests.fake_slack.blocks import objects_in


async def asked(scene: Scene, text: str) -> Post:
    await scene.person().command(text)
    await scene.bot.services.work.drain(seconds=15)
    [post] = scene.slack.posts
    return post


def kinds(post: Post) -> list[str]:
    return [block["type"] for block in post.blocks]


async def test_a_history_has_the_day_of_the_last_change_a_table_and_its_steps(
    scene: Scene,
) -> None:
    post = await asked(scene, "history gpt-oss-120b")
    assert post.ephemeral_to == "U1"
    assert post.text.startswith("In force for `gpt-oss-120b`: ")
    assert "The last change was on 2026-" in post.text
    assert "data_table" in kinds(post)
    assert "data_visualization" in kinds(post)


async def test_a_model_is_named_as_people_write_it(scene: Scene) -> None:
    post = await asked(scene, "history Kimi K2.6")
    assert "`kimi-k2p6`" in post.text


async def test_a_mention_s_history_stands_in_its_thread(scene: Scene) -> None:
    await scene.person().mention("history kimi-k2p6", ts="1600000000.000100")
    await scene.bot.services.work.drain(seconds=15)
    [post] = scene.slack.posts
    assert (post.thread_ts, post.ephemeral_to) == ("1600000000.000100", None)
    assert "`kimi-k2p6`" in post.text


async def test_a_name_that_several_models_share_is_answered_with_them(scene: Scene) -> None:
    post = await asked(scene, "history kimi")
    assert "kimi-k2p6" in post.text
    assert "kimi-k3" in post.text
    assert "data_table" not in kinds(post)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (
            "history",
            "That names no model: a history is of one, as in `/rlcost history kimi-k2p6`.",
        ),
        (
            "history kimi-k2p6 gpt-oss-120b",
            "That names several models: a history is of one, as in `/rlcost history kimi-k2p6`.",
        ),
    ],
)
async def test_a_history_is_of_one_model(scene: Scene, text: str, answer: str) -> None:
    post = await asked(scene, text)
    assert (post.ephemeral_to, post.text) == ("U1", answer)


async def test_an_unknown_model_is_named_and_never_live(scene: Scene) -> None:
    post = await asked(scene, "history kimi-k9 <!channel> *x* `y`")
    assert "kimi-k9" in post.text
    assert "<!" not in post.text
    for each in objects_in(post.blocks):
        assert each.get("type") not in ("user", "usergroup", "broadcast", "channel")
