"""`Price this rollout` on somebody's message: for the one who chose it alone."""

import pytest

from tests.bot.slack.conftest import Scene
from tests.fake_slack import Post


async def only_post(scene: Scene) -> Post:
    await scene.slack.wait_for(lambda: scene.slack.posts)
    [post] = scene.slack.posts
    return post


def buttons(post: Post) -> list[str]:
    rows = [block["elements"] for block in post.blocks if block["type"] == "actions"]
    return [element["action_id"] for row in rows for element in row]


async def test_the_message_is_priced_for_the_asker_alone(scene: Scene) -> None:
    text = "shall we do 5k rollouts of kimi k2.6, 20 turns each?"
    await scene.person("U2").message_shortcut("price_message", text)
    post = await only_post(scene)
    assert (post.channel, post.ephemeral_to) == ("C1", "U2")
    assert post.text.startswith("Only Dedicated can be bought as asked: $4,444 for 5,000 episodes")
    assert buttons(post) == ["tweak", "share", "math", "export", "published"]


@pytest.mark.parametrize("text", ["", "lunch, anyone?"])
async def test_a_message_without_a_run_has_nothing_to_price(scene: Scene, text: str) -> None:
    await scene.person().message_shortcut("price_message", text)
    post = await only_post(scene)
    assert post.ephemeral_to == "U1"
    assert post.text == (
        "That message says nothing that I can price. It needs a model and some of its run, "
        "such as `kimi-k2p6, 20 turns, 5k episodes`."
    )
    assert buttons(post) == ["form"]


async def test_a_shortcut_of_another_version_gets_help(scene: Scene) -> None:
    await scene.person().message_shortcut("price_thread", "kimi-k2p6 turns=20")
    post = await only_post(scene)
    assert post.ephemeral_to == "U1"
    assert post.text.startswith("I price RL rollouts on Tinker, Fireworks Serverless and")


async def test_a_global_shortcut_of_another_version_gets_help_in_own_messages(
    scene: Scene,
) -> None:
    await scene.person().global_shortcut("open_calculator")
    post = await only_post(scene)
    assert (post.channel, post.ephemeral_to) == ("DU1", None)
    assert post.text.startswith("I price RL rollouts on Tinker, Fireworks Serverless and")
