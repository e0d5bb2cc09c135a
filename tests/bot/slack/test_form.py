"""The form: filled with the request at hand, checked at each field, answered where it opened."""

import json
from typing import Any

import pytest

from bot.formatting.form_view import NO_PRESET
from tests.bot.slack.conftest import Scene
from tests.fake_slack import Ack, Post, ViewRecord
from tests.fake_slack.blocks import objects_in
from tests.fake_slack.forms import state_of, with_ids
from tests.fake_slack.payloads import view_submission

ASKED = "kimi-k2p6 turns=20 episodes=5000"
OF_20_TURNS = "Only Dedicated can be bought as asked: $4,444 for 5,000 episodes, $0.89 each."
OF_40_TURNS = "Tinker 128K at $64,782"
FIRST = "1600000000.000100"


async def last_post(scene: Scene, count: int = 1) -> Post:
    await scene.slack.wait_for(lambda: len(scene.slack.posts) >= count)
    assert len(scene.slack.posts) == count
    return scene.slack.posts[-1]


async def opened(scene: Scene) -> ViewRecord:
    view: ViewRecord = await scene.slack.wait_for(
        lambda: scene.slack.views and scene.slack.views[-1]
    )
    return view


async def from_shortcut(scene: Scene) -> ViewRecord:
    await scene.person().global_shortcut("open_form")
    return await opened(scene)


async def tweaked(scene: Scene, text: str) -> ViewRecord:
    """The form that opens beneath the answer to a command."""
    person = scene.person()
    await person.command(text)
    await person.press(await last_post(scene), "tweak")
    return await opened(scene)


def filled(form: ViewRecord) -> dict[str, Any]:
    """What stands in the form's inputs when nobody has touched them."""
    found: dict[str, Any] = {}
    for block in form.blocks:
        if block["type"] == "input":
            element = block["element"]
            option = element.get("initial_option", {}).get("value")
            value = element.get("initial_value") or element.get("initial_date") or option
            if value and value != NO_PRESET:
                found[block["block_id"]] = value
    return found


def inputs(form: ViewRecord) -> list[str]:
    return [block["block_id"] for block in form.blocks if block["type"] == "input"]


async def sent_raw(scene: Scene, form: ViewRecord, values: dict[str, Any]) -> Ack:
    """Sent by a client that checks nothing."""
    person = scene.person()
    held = state_of(with_ids(form.blocks), values)
    payload = view_submission(scene.slack, person.actor, form, held)
    return await person.transport.send("interactive", payload)


async def grown(scene: Scene, form: ViewRecord, **values: str) -> ViewRecord:
    await scene.person().press(form, "form_more", values=values)
    await scene.slack.wait_for(lambda: form.earlier)
    return form


SHORT = [
    "model",
    "preset",
    "turns",
    "episodes",
    "initial_prompt_tokens",
    "tokens_added_per_turn",
    "decode_tokens_per_turn",
]
LONG = [
    *SHORT,
    "tool_result_tokens_per_turn",
    "gpus",
    "gpu_type",
    "prompt_tps",
    "decode_tps",
    "budget_usd",
    "deadline_hours",
    "as_of",
]


async def test_tweak_opens_the_form_with_the_request_in_it(scene: Scene) -> None:
    form = await tweaked(scene, ASKED)
    assert inputs(form) == SHORT
    assert filled(form) == {"model": "kimi-k2p6", "turns": "20", "episodes": "5000"}


async def test_what_is_beyond_the_short_form_opens_the_long_one(scene: Scene) -> None:
    form = await tweaked(scene, "kimi-k2p6 turns=20 budget=$5k as of 2026-05-16")
    assert inputs(form) == LONG
    assert filled(form) == {
        "model": "kimi-k2p6",
        "turns": "20",
        "budget_usd": "5000",
        "as_of": "2026-05-16",
    }


def in_empty(form: ViewRecord, field: str) -> str:
    """What an input shows while it is empty."""
    element = next(b for b in form.blocks if b["block_id"] == field)["element"]
    return str(element["placeholder"]["text"])


async def test_tweak_keeps_the_preset_and_what_was_said_beside_it(scene: Scene) -> None:
    form = await tweaked(scene, "swe-pro-sonnet45 kimi-k2p6 turns=40 episodes=10")
    assert filled(form) == {
        "model": "kimi-k2p6",
        "preset": "swe-pro-sonnet45",
        "turns": "40",
        "episodes": "10",
    }
    assert in_empty(form, "initial_prompt_tokens") == "3,000 from swe-pro-sonnet45"
    await scene.person().submit(form, {"turns": "20"})
    post = await last_post(scene, 2)
    said = await asked_anew(scene, "swe-pro-sonnet45 kimi-k2p6 turns=20 episodes=10")
    assert (post.text, post.blocks) == (said.text, said.blocks)
    assert "From swe-pro-sonnet45" in json.dumps(post.blocks)


async def asked_anew(scene: Scene, text: str) -> Post:
    """The answer to the same request when it is typed."""
    count = len(scene.slack.posts)
    await scene.person().command(text)
    return await last_post(scene, count + 1)


async def test_a_preset_that_is_chosen_shows_its_values_and_leaves_what_was_typed(
    scene: Scene,
) -> None:
    form = await grown(scene, await from_shortcut(scene), model="kimi-k2p6", turns="12")
    assert in_empty(form, "decode_tokens_per_turn") == "2,000"
    typed = {"model": "kimi-k2p6", "turns": "12", "gpus": "16"}
    await scene.person().press(form, "form_preset", "terminal-9", values=typed)
    await scene.slack.wait_for(lambda: len(form.earlier) == 2)
    assert inputs(form) == LONG
    assert filled(form) == typed | {"preset": "terminal-9"}
    assert in_empty(form, "decode_tokens_per_turn") == "347 from terminal-9"


async def test_a_preset_that_is_taken_away_leaves_the_defaults(scene: Scene) -> None:
    form = await tweaked(scene, "terminal-9 kimi-k2p6")
    await scene.person().press(form, "form_preset", NO_PRESET)
    await scene.slack.wait_for(lambda: form.earlier)
    assert inputs(form) == SHORT
    assert in_empty(form, "turns") == "8"
    await scene.person().submit(form, {"turns": "20", "episodes": "5000"})
    assert (await last_post(scene, 2)).text.startswith(OF_20_TURNS)


async def test_the_shortcut_opens_an_empty_form(scene: Scene) -> None:
    form = await from_shortcut(scene)
    assert inputs(form) == SHORT
    assert filled(form) == {}


async def test_the_home_tab_opens_an_empty_form(scene: Scene) -> None:
    person = scene.person()
    await person.open_home()
    home = await scene.slack.wait_for(lambda: scene.slack.home.get(("T1", "U1")))
    await person.press(home, "form")
    assert filled(await opened(scene)) == {}


async def test_more_fields_keep_what_was_typed(scene: Scene) -> None:
    form = await grown(scene, await from_shortcut(scene), model="kimi-k2p6", turns="12")
    assert inputs(form) == LONG
    assert filled(form) == {"model": "kimi-k2p6", "turns": "12"}
    assert not [
        each
        for block in form.blocks
        for each in objects_in(block)
        if each.get("action_id") == "form_more"
    ]


async def test_a_form_without_a_model_says_so_at_the_model(scene: Scene) -> None:
    ack = await sent_raw(scene, await from_shortcut(scene), {"turns": "20"})
    assert ack.json == {
        "response_action": "errors",
        "errors": {"model": "Choose one of the models in the list."},
    }


async def test_each_field_that_is_out_of_range_says_so_itself(scene: Scene) -> None:
    values = {"model": "kimi-k2p6", "turns": "0", "episodes": "1.5"}
    ack = await sent_raw(scene, await from_shortcut(scene), values)
    assert ack.json["response_action"] == "errors"
    assert ack.json["errors"].keys() == {"turns", "episodes"}
    assert ack.json["errors"]["turns"] == (
        "0 is out of range: turns takes whole numbers from 1 to 200."
    )


async def test_parts_of_a_turn_that_do_not_add_up_are_told_at_the_sum(scene: Scene) -> None:
    form = await grown(scene, await from_shortcut(scene), model="kimi-k2p6")
    values = {"tokens_added_per_turn": "1000", "tool_result_tokens_per_turn": "2000"}
    ack = await scene.person().submit(form, values)
    assert ack.json["response_action"] == "errors"
    assert ack.json["errors"].keys() == {"tokens_added_per_turn"}
    assert "1000 added" in ack.json["errors"]["tokens_added_per_turn"]


async def test_a_day_to_come_has_no_rates(scene: Scene) -> None:
    form = await grown(scene, await from_shortcut(scene), model="kimi-k2p6")
    ack = await scene.person().submit(form, {"as_of": "2026-11-22"})
    assert ack.json["response_action"] == "errors"
    assert ack.json["errors"].keys() == {"as_of"}
    assert "2026-11-22" in ack.json["errors"]["as_of"]


async def test_a_form_with_errors_is_not_answered(scene: Scene) -> None:
    form = await from_shortcut(scene)
    await sent_raw(scene, form, {"model": "kimi-k2p6", "turns": "0"})
    await scene.person().submit(form, {"model": "kimi-k2p6", "turns": "20", "episodes": "5000"})
    post = await last_post(scene)
    assert post.text.startswith(OF_20_TURNS)


async def test_beneath_an_answer_for_one_the_form_is_answered_for_one(scene: Scene) -> None:
    form = await tweaked(scene, ASKED)
    ack = await scene.person().submit(form, {"turns": "40"})
    post = await last_post(scene, 2)
    assert (ack.status, ack.body) == (200, "")
    assert (post.via, post.channel, post.ephemeral_to) == ("response_url", "C1", "U1")
    assert OF_40_TURNS in post.text


@pytest.mark.parametrize("own", [False, True], ids=["channel", "direct message"])
async def test_in_a_thread_the_form_is_answered_in_the_thread(scene: Scene, own: bool) -> None:
    person = scene.person()
    await (person.dm if own else person.mention)(ASKED, ts=FIRST)
    await person.press(await last_post(scene), "tweak")
    await person.submit(await opened(scene), {"turns": "40"})
    post = await last_post(scene, 2)
    assert (post.channel, post.thread_ts) == ("DU1" if own else "C1", FIRST)
    assert post.ephemeral_to is None
    assert OF_40_TURNS in post.text


async def test_the_shortcut_is_answered_in_the_persons_own_messages(scene: Scene) -> None:
    form = await from_shortcut(scene)
    await scene.person().submit(form, {"model": "kimi-k2p6", "turns": "20", "episodes": "5000"})
    post = await last_post(scene)
    assert (post.channel, post.thread_ts, post.ephemeral_to) == ("DU1", None, None)
    assert post.text.startswith(OF_20_TURNS)


async def test_a_follow_up_goes_by_the_form_that_was_sent_last(scene: Scene) -> None:
    person = scene.person()
    await person.mention(ASKED, ts=FIRST)
    await person.press(await last_post(scene), "tweak")
    await person.submit(await opened(scene), {"turns": "40"})
    await last_post(scene, 2)
    await person.mention("and 10k episodes", thread_ts=FIRST)
    post = await last_post(scene, 3)
    assert "Tinker 128K at $129,563" in post.text
