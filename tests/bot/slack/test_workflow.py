"""The workflow step: a request in; the verdict, the cheapest path and its amount out."""

import pytest

from tests.bot.slack.conftest import Scene
from tests.fake_slack import FunctionExecution


async def done(scene: Scene, inputs: dict[str, str]) -> FunctionExecution:
    await scene.person().run_step("price_rollout", inputs)
    await scene.slack.wait_for(lambda: scene.slack.completions)
    [execution] = scene.slack.completions
    return execution


async def test_a_request_gives_the_verdict_the_path_and_the_amount(scene: Scene) -> None:
    execution = await done(scene, {"request": "kimi-k2p6 turns=20 episodes=5000"})
    assert execution.error is None
    assert execution.outputs is not None
    assert execution.outputs.keys() == {"summary", "cheapest_path", "amount_usd"}
    assert execution.outputs["summary"].startswith(
        "Only Dedicated can be bought as asked: $4,444 for 5,000 episodes, $0.89 each."
    )
    assert execution.outputs["cheapest_path"] == "dedicated"
    assert execution.outputs["amount_usd"] == pytest.approx(40_000 / 9)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "kimi-k2p6 turns=0",
            "0 is out of range: turns takes whole numbers from 1 to 200. Try kimi-k2p6 turns=1.",
        ),
        (
            "kimi-k2p6 trns=20",
            "trns=20 names nothing that I can set. Did you mean turns? Try kimi-k2p6 turns=20.",
        ),
    ],
)
async def test_a_bad_request_fails_with_the_sentence(scene: Scene, text: str, why: str) -> None:
    execution = await done(scene, {"request": text})
    assert (execution.outputs, execution.error) == (None, why)


async def test_a_run_that_cannot_be_bought_fails_with_the_reason(scene: Scene) -> None:
    execution = await done(scene, {"request": "kimi-k2p6 turns=40 episodes=5000"})
    assert execution.outputs is None
    assert execution.error is not None
    assert execution.error.startswith("No path can be bought as asked for Kimi K2.6: an episode")


async def test_a_step_without_a_request_fails_with_help(scene: Scene) -> None:
    execution = await done(scene, {})
    assert execution.error is not None
    assert execution.error.startswith("I price RL rollouts on Tinker, Fireworks Serverless and")
