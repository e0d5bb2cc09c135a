"""Digests in Slack: who asks for them, what the channel hears, and how they end."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.schedule import Cadence, Schedule
from bot.store.digests import Subscription
from tests.bot.slack.conftest import NOW, Pages, Scene, Turning, staged
from tests.fake_slack import FakeSlack, Post, ViewRecord
from tests.fake_slack.blocks import objects_in

DAILY = {"cadence": "daily", "at": "09:00", "weekday": None, "zone": "UTC", "models": []}


async def settled(scene: Scene) -> list[Post]:
    """All messages, once all that was begun is done."""
    await scene.bot.services.work.drain(seconds=15)
    return scene.slack.posts


async def subscription(scene: Scene, channel: str = "C1") -> Subscription | None:
    return await scene.bot.services.digests.subscription("T1", channel)


async def schedule(scene: Scene, channel: str = "C1") -> Schedule:
    found = await subscription(scene, channel)
    assert found
    return Schedule.model_validate(found.schedule)


async def said(scene: Scene, text: str, *, user: str = "U1", channel: str = "C1") -> list[Post]:
    """What a command brings about."""
    before = len(scene.slack.posts)
    await scene.person(user, channel).command(text)
    return (await settled(scene))[before:]


def words(post: Post) -> str:
    """All that a person reads in a message, without the sentence for notifications."""
    return "".join(str(each.get("text", "")) for each in objects_in(post.blocks) if "text" in each)


def button_ids(post: Post) -> list[str]:
    return [
        element["action_id"]
        for block in post.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


# -- subscribing -----------------------------------------------------------------------------------------


async def test_a_channel_is_subscribed_every_day_at_nine_unless_it_says_otherwise(
    scene: Scene,
) -> None:
    (post,) = await said(scene, "digest subscribe")
    assert (post.channel, post.ephemeral_to) == ("C1", None)
    assert post.text == (
        "This channel now gets a digest of rate changes every day at 09:00 (UTC). "
        "While nothing changes, nothing is posted. Next on Sun 22 Nov 2026, 09:00."
    )
    assert button_ids(post) == ["digest_stop", "digest_form"]
    assert "Subscribed by <@U1>" in json.dumps(post.blocks)
    found = await subscription(scene)
    assert found
    assert found.due_at == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert found.subscribed_by == "U1"


async def test_all_that_is_said_of_a_digest_is_kept(scene: Scene) -> None:
    scene.slack.add_channel("C2", "T1", bot_is_member=True)
    there, here = await said(
        scene,
        "digest subscribe weekly on fridays at 17:30 Europe/Berlin <#C2|prices> kimi-k2p6 "
        "over 5% or over $500",
    )
    assert (there.channel, there.ephemeral_to) == ("C2", None)
    assert "every Friday at 17:30 (Europe/Berlin), for `kimi-k2p6`, over 5% or $500." in there.text
    assert (here.channel, here.ephemeral_to) == ("C1", "U1")
    assert here.text == "<#C2> gets digests now, the first on Fri 27 Nov 2026, 17:30."
    kept = await schedule(scene, "C2")
    assert (kept.cadence, kept.at, kept.weekday) == (Cadence.WEEKLY, "17:30", 4)
    assert (kept.zone, kept.models) == ("Europe/Berlin", ("kimi-k2p6",))
    assert (str(kept.over_percent), str(kept.over_usd)) == ("5", "500")
    found = await subscription(scene, "C2")
    assert found
    assert found.due_at == datetime(2026, 11, 27, 16, 30, tzinfo=UTC)
    assert await subscription(scene) is None


async def test_a_weekday_alone_makes_a_digest_weekly(scene: Scene) -> None:
    (post,) = await said(scene, "digest subscribe on tuesdays")
    assert "every Tuesday at 09:00 (UTC)" in post.text


async def test_subscribing_again_changes_the_digest_and_says_so(scene: Scene) -> None:
    await said(scene, "digest subscribe")
    (post,) = await said(scene, "digest subscribe at 18:00", user="U2")
    assert post.text.startswith("Digests here now come every day at 18:00 (UTC).")
    found = await subscription(scene)
    assert found
    assert (found.subscribed_by, found.schedule["at"]) == ("U2", "18:00")
    assert len(await scene.bot.services.digests.subscriptions("T1")) == 1


@pytest.mark.parametrize(
    ("error", "channel"),
    [
        ("not_in_channel", "C2"),
        ("channel_not_found", "CNOPE"),
        ("is_archived", "C1"),
        ("restricted_action", "C1"),
    ],
)
async def test_where_the_bot_cannot_write_nothing_is_kept_and_a_sentence_says_what_to_do(
    scene: Scene, error: str, channel: str
) -> None:
    scene.slack.add_channel("C2", "T1", bot_is_member=False)
    if channel == "C1":
        scene.slack.refuse("chat.postMessage", error)
    (post,) = await said(scene, f"digest subscribe <#{channel}>")
    assert [call.error for call in scene.slack.called("chat.postMessage")] == [error]
    assert (post.channel, post.ephemeral_to) == ("C1", "U1")
    assert f"<#{channel}>" in post.text
    assert "/invite @rlcost" in post.text
    assert await subscription(scene, channel) is None


async def test_a_channel_that_the_bot_has_lost_gets_no_digests_after_a_change_either(
    scene: Scene,
) -> None:
    await said(scene, "digest subscribe")
    scene.slack.refuse("chat.postMessage", "is_archived")
    (post,) = await said(scene, "digest subscribe at 18:00")
    assert "/invite @rlcost" in post.text
    assert await subscription(scene) is None


async def test_a_channel_is_subscribed_before_it_is_told_so(scene: Scene) -> None:
    hold = asyncio.Event()
    scene.slack.delay("chat.postMessage", hold)
    await scene.person().command("digest subscribe")
    await scene.slack.wait_for(lambda: scene.slack.called("chat.postMessage"))
    found = await subscription(scene)
    hold.set()
    (post,) = await settled(scene)
    assert found
    assert post.text.startswith("This channel now gets a digest")


async def test_a_workspace_that_leaves_meanwhile_is_told_of_no_subscription(scene: Scene) -> None:
    services = scene.bot.services
    await services.store.forget_team("T1", at=NOW + timedelta(days=1))
    assert await said(scene, "digest subscribe") == []
    assert await subscription(scene) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("digest subscribe at 25:00", "25:00"),
        ("digest subscribe at 9:75", "9:75"),
        ("digest subscribe Europe/Atlantis", "Europe/Atlantis"),
        ("digest subscribe at 09:00 UTC+2", "UTC+2"),
        ("digest subscribe kimi-k9", "kimi-k9"),
        ("digest subscribe over 0%", "0%"),
        ("digest subscribe hourly", "hourly"),
        ("digest subscribe #general", "#general"),
        ("digest subscribe <@U7>", "U7"),
        ("digest subscribe <!channel>", "@channel"),
        ("digest subscribe <!here|here>", "@here"),
        ("digest subscribe stop", "stop"),
        ("digest frobnicate", "frobnicate"),
    ],
)
async def test_what_cannot_be_had_is_named_to_the_asker_and_nothing_is_kept(
    scene: Scene, text: str, named: str
) -> None:
    (post,) = await said(scene, text)
    assert post.ephemeral_to == "U1"
    assert named in post.text
    assert not live_references(post)
    assert await scene.bot.services.digests.subscriptions("T1") == ()


def live_references(post: Post) -> list[str]:
    """What would ring, link or be formatted by what somebody typed: elements of rich text, and marks in mrkdwn."""
    found = []
    for each in objects_in(post.blocks):
        if each.get("type") in ("user", "usergroup", "broadcast", "channel", "link", "emoji"):
            found.append(json.dumps(each))
        if each.get("type") == "mrkdwn" and "<" in each["text"]:
            found.append(each["text"])
    if "<" in post.text:
        found.append(post.text)
    return found


async def test_a_person_can_have_digests_in_their_own_messages(scene: Scene) -> None:
    person = scene.person()
    await person.dm("digest subscribe at 07:15 America/New_York")
    (post,) = await settled(scene)
    assert post.channel == "DU1"
    kept = await schedule(scene, "DU1")
    assert (kept.at, kept.zone) == ("07:15", "America/New_York")


async def test_a_mention_in_plain_words_subscribes_too(scene: Scene) -> None:
    await scene.person().mention("please subscribe this channel to digests on mondays")
    await settled(scene)
    assert (await schedule(scene)).weekday == 0


# -- ending ----------------------------------------------------------------------------------------------


async def test_unsubscribing_ends_it_and_is_said(scene: Scene) -> None:
    await said(scene, "digest subscribe")
    (post,) = await said(scene, "digest unsubscribe", user="U2")
    assert post.text.startswith("This channel gets no more digests.")
    assert post.ephemeral_to == "U2"
    assert await subscription(scene) is None
    (again,) = await said(scene, "digest unsubscribe")
    assert again.text.startswith("This channel gets no digests.")


async def test_a_channel_that_somebody_else_subscribed_is_left_alone_from_elsewhere(
    scene: Scene,
) -> None:
    scene.slack.add_channel("C2", "T1", bot_is_member=True)
    await said(scene, "digest subscribe", channel="C2")
    for text in (
        "digest unsubscribe <#C2>",
        "digest subscribe over 900% <#C2>",
        "digest send <#C2>",
    ):
        (post,) = await said(scene, text, user="U2")
        assert post.text == (
            "<#C2> was subscribed by <@U1>: ask them, or type `/rlcost digest` in that channel."
        )
        assert post.ephemeral_to == "U2"
    assert (await schedule(scene, "C2")).over_percent is None
    (post,) = await said(scene, "digest unsubscribe <#C2>")
    assert post.text.startswith("<#C2> gets no more digests.")
    assert await subscription(scene, "C2") is None


async def test_stop_these_is_for_everybody_in_the_channel_and_seen_by_all(scene: Scene) -> None:
    (announced,) = await said(scene, "digest subscribe")
    stranger = scene.person("U5")
    await stranger.press(announced, "digest_stop")
    post = (await settled(scene))[-1]
    assert (post.channel, post.ephemeral_to) == ("C1", None)
    assert post.text.startswith("The digests of this channel have stopped.")
    assert "By <@U5>" in json.dumps(post.blocks)
    assert await subscription(scene) is None
    await scene.person("U6").press(announced, "digest_stop")
    late = (await settled(scene))[-1]
    assert (late.ephemeral_to, late.text) == ("U6", "This channel gets no digests any more.")
    assert len(scene.slack.posts) == 3


# -- looking ---------------------------------------------------------------------------------------------


async def test_the_list_names_each_channel_and_no_private_conversation_of_others(
    scene: Scene,
) -> None:
    (empty,) = await said(scene, "digest list")
    assert empty.text.startswith("No channel of this workspace gets digests.")
    scene.slack.add_channel("C2", "T1", bot_is_member=True)
    await said(scene, "digest subscribe")
    await said(scene, "digest subscribe weekly <#C2>")
    await scene.person("U9").dm("digest subscribe")
    await settled(scene)
    (post,) = await said(scene, "digest list")
    assert post.ephemeral_to == "U1"
    assert post.text == (
        "2 channels get digests.\n"
        "<#C1> every day at 09:00 (UTC), next on Sun 22 Nov 2026, 09:00\n"
        "<#C2> every Monday at 09:00 (UTC), next on Mon 23 Nov 2026, 09:00"
    )
    channels = [each for each in objects_in(post.blocks) if each.get("type") == "channel"]
    assert [each["channel_id"] for each in channels] == ["C1", "C2"]


async def test_the_panel_says_what_the_channel_has_with_its_buttons(scene: Scene) -> None:
    (before,) = await said(scene, "digest")
    assert before.text.startswith("This channel gets no digests.")
    assert button_ids(before) == ["digest_form", "digest_list"]
    await said(scene, "digest subscribe at 08:00 over 2.5%")
    (after,) = await said(scene, "digest")
    assert after.ephemeral_to == "U1"
    assert after.text == (
        "This channel gets a digest every day at 08:00 (UTC), over 2.5%, when something changed. "
        "Next on Sun 22 Nov 2026, 08:00."
    )
    assert button_ids(after) == ["digest_send", "digest_form", "digest_stop", "digest_list"]


async def test_the_panel_s_button_lists_the_channels_for_the_one_who_presses(scene: Scene) -> None:
    await said(scene, "digest subscribe")
    (panel,) = await said(scene, "digest")
    await scene.person("U1").press(panel, "digest_list")
    await settled(scene)
    listed = scene.slack.posts[-1]
    assert listed.ephemeral_to == "U1"
    assert listed.text.startswith("One channel gets digests.\n<#C1> every day at 09:00 (UTC)")


async def test_of_another_channel_the_panel_names_it_and_has_no_buttons_that_act_here(
    scene: Scene,
) -> None:
    scene.slack.add_channel("C2", "T1", bot_is_member=True)
    (before,) = await said(scene, "digest <#C2>")
    assert before.text.startswith("<#C2> gets no digests.")
    await said(scene, "digest subscribe <#C2>")
    (after,) = await said(scene, "digest <#C2>")
    assert after.text.startswith("<#C2> gets a digest every day at 09:00 (UTC)")
    assert button_ids(before) + button_ids(after) == []


# -- the form --------------------------------------------------------------------------------------------


async def form_of(scene: Scene, post: Post, user: str = "U1") -> ViewRecord:
    await scene.person(user).press(post, "digest_form")
    await settled(scene)
    return scene.slack.views[-1]


def inputs(form: ViewRecord) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block["element"] for block in form.blocks}


async def test_the_form_is_filled_with_what_the_channel_has(scene: Scene) -> None:
    await said(
        scene, "digest subscribe weekly on fridays at 17:30 Europe/Berlin kimi-k2p6 over 5% or $9"
    )
    (panel,) = await said(scene, "digest")
    found = inputs(await form_of(scene, panel))
    assert found["channel"]["initial_conversation"] == "C1"
    assert found["cadence"]["initial_option"]["value"] == "weekly"
    assert found["weekday"]["initial_option"]["text"]["text"] == "Friday"
    assert found["time"]["initial_time"] == "17:30"
    assert found["zone"]["initial_value"] == "Europe/Berlin"
    assert [each["value"] for each in found["models"]["initial_options"]] == ["kimi-k2p6"]
    assert (found["over_percent"]["initial_value"], found["over_usd"]["initial_value"]) == (
        "5",
        "9",
    )


async def test_what_the_form_says_is_subscribed_and_announced(scene: Scene) -> None:
    (panel,) = await said(scene, "digest")
    form = await form_of(scene, panel)
    ack = await scene.person().submit(
        form,
        {
            "cadence": "weekly",
            "weekday": "2",
            "time": "06:45",
            "zone": "Asia/Tokyo",
            "models": ["kimi-k2p6", "gpt-oss-120b"],
            "over_percent": "2.5",
        },
    )
    post = (await settled(scene))[-1]
    assert (ack.status, ack.body) == (200, "")
    assert (post.channel, post.ephemeral_to) == ("C1", None)
    kept = await schedule(scene)
    assert (kept.cadence, kept.weekday, kept.at, kept.zone) == (
        Cadence.WEEKLY,
        2,
        "06:45",
        "Asia/Tokyo",
    )
    assert set(kept.models) == {"kimi-k2p6", "gpt-oss-120b"}
    assert (str(kept.over_percent), kept.over_usd) == ("2.5", None)
    assert len(scene.slack.posts) == 2


async def test_the_form_for_another_channel_tells_both(scene: Scene) -> None:
    scene.slack.add_channel("C2", "T1", bot_is_member=True)
    (panel,) = await said(scene, "digest")
    form = await form_of(scene, panel)
    await scene.person().submit(form, {"channel": "C2"})
    _, there, here = await settled(scene)
    assert (there.channel, there.ephemeral_to) == ("C2", None)
    assert (here.channel, here.ephemeral_to) == ("C1", "U1")
    assert await subscription(scene) is None
    assert await subscription(scene, "C2")


async def test_errors_stand_at_their_fields_and_nothing_is_kept(scene: Scene) -> None:
    (panel,) = await said(scene, "digest")
    form = await form_of(scene, panel)
    ack = await scene.person().submit(
        form, {"zone": "Europe/Atlantis", "over_percent": "0", "over_usd": "99999999999"}
    )
    assert ack.json["response_action"] == "errors"
    assert set(ack.json["errors"]) == {"zone", "over_percent", "over_usd"}
    assert "Europe/Atlantis" in ack.json["errors"]["zone"]
    await settled(scene)
    assert await subscription(scene) is None
    ack = await scene.person().submit(form, {"zone": "UTC"})
    assert ack.body == ""
    await settled(scene)
    assert await subscription(scene)


async def test_a_form_opens_from_an_announcement_for_anybody_there(scene: Scene) -> None:
    (announced,) = await said(scene, "digest subscribe")
    form = await form_of(scene, announced, user="U4")
    await scene.person("U4").submit(form, {"time": "10:00"})
    post = (await settled(scene))[-1]
    assert post.text.startswith("Digests here now come every day at 10:00 (UTC).")
    assert form.user == "U4"


# -- sending ---------------------------------------------------------------------------------------------


@pytest.fixture(params=["http", "socket"])
async def priced(
    request: pytest.FixtureRequest,
    slack: FakeSlack,
    tmp_path: Path,
    pages: Pages,
    turning: Turning,
) -> AsyncIterator[Scene]:
    """The bot over each transport, which reads price pages on this machine."""
    socket = request.param == "socket"
    async with staged(slack, tmp_path, socket=socket, clock=turning.clock, pages=pages) as scene:
        await checked(scene, 1)
        yield scene


async def checked(scene: Scene, count: int) -> None:
    """The sources have been checked so often."""
    rates = scene.bot.services.rates
    async with asyncio.timeout(10):
        while (await rates.checks_since(NOW - timedelta(days=1)))[0] < count:
            await scene.bot.due.all()


async def test_send_says_to_the_asker_alone_that_nothing_changed(priced: Scene) -> None:
    await said(priced, "digest subscribe")
    (post,) = await said(priced, "digest send")
    assert post.ephemeral_to == "U1"
    assert post.text == "Nothing that concerns this channel has changed since 2026-11-21."


async def test_of_changes_below_its_thresholds_a_channel_is_not_told_that_there_are_none(
    priced: Scene, pages: Pages, turning: Turning
) -> None:
    await said(priced, "digest subscribe over 50% or over $90,000")
    pages.set_serverless("kimi-k3", "3.30")
    turning.at += timedelta(hours=6)
    await checked(priced, 2)
    (post,) = await said(priced, "digest send")
    assert post.ephemeral_to == "U1"
    assert post.text == (
        "No bill of this channel has moved by more than 50% or $90,000 since 2026-11-21."
    )


async def test_send_where_nothing_is_subscribed_says_how_to_begin(scene: Scene) -> None:
    (post,) = await said(scene, "digest send")
    assert (post.ephemeral_to, post.text) == (
        "U1",
        "This channel gets no digests. Begin with `/rlcost digest subscribe`.",
    )


async def moved(priced: Scene, pages: Pages, turning: Turning) -> None:
    """The channel is subscribed; then Kimi K3 gets dearer on its page, and that is seen."""
    await said(priced, "digest subscribe")
    pages.set_serverless("kimi-k3", "3.30")
    turning.at += timedelta(hours=6)
    await checked(priced, 2)


async def digest_post(priced: Scene) -> Post:
    def found() -> list[Post]:
        return [
            post
            for post in priced.slack.posts
            if post.ephemeral_to is None and "digest_stop" in button_ids(post)
        ][1:]

    await priced.slack.wait_for(found)
    await settled(priced)
    (post,) = found()
    return post


async def test_a_change_is_sent_when_asked_for_once_and_not_again(
    priced: Scene, pages: Pages, turning: Turning
) -> None:
    await moved(priced, pages, turning)
    (answer, *_) = await said(priced, "digest send")
    assert (answer.ephemeral_to, answer.text) == (
        "U1",
        "The digest is on its way to this channel.",
    )
    post = await digest_post(priced)
    assert post.channel == "C1"
    assert "kimi-k3" in words(post)
    assert "$3.30" in words(post)
    (again,) = await said(priced, "digest send")
    assert again.text.startswith("Nothing that concerns this channel has changed since 2026-11-21")
    turning.at = datetime(2026, 11, 22, 9, 0, 1, tzinfo=UTC)
    await checked(priced, 3)
    await priced.bot.due.all()
    await digest_post(priced)


async def test_a_change_is_posted_at_its_hour_and_the_next_day_is_silent(
    priced: Scene, pages: Pages, turning: Turning
) -> None:
    await moved(priced, pages, turning)
    count = len(priced.slack.posts)
    await priced.bot.due.all()
    assert len(priced.slack.posts) == count
    turning.at = datetime(2026, 11, 22, 9, 0, 1, tzinfo=UTC)
    await checked(priced, 3)
    post = await digest_post(priced)
    assert button_ids(post) == ["digest_stop", "digest_form"]
    for day in (23, 24):
        turning.at = datetime(2026, 11, day, 9, 0, 1, tzinfo=UTC)
        await checked(priced, day - 19)
        await priced.bot.due.all()
    assert await digest_post(priced) is post


async def test_changing_when_digests_come_loses_nothing_that_is_still_to_be_told(
    priced: Scene, pages: Pages, turning: Turning
) -> None:
    await moved(priced, pages, turning)
    await said(priced, "digest subscribe at 20:00")
    (answer, *_) = await said(priced, "digest send")
    assert answer.text == "The digest is on its way to this channel."


async def test_the_panel_s_button_sends_what_has_changed(
    priced: Scene, pages: Pages, turning: Turning
) -> None:
    await moved(priced, pages, turning)
    (panel,) = await said(priced, "digest")
    await priced.person().press(panel, "digest_send")
    assert "$3.30" in words(await digest_post(priced))


async def test_a_channel_of_other_models_stays_silent(
    priced: Scene, pages: Pages, turning: Turning
) -> None:
    await said(priced, "digest subscribe gpt-oss-120b")
    pages.set_serverless("kimi-k3", "3.30")
    turning.at += timedelta(hours=6)
    await checked(priced, 2)
    (post,) = await said(priced, "digest send")
    assert post.text.startswith("Nothing that concerns this channel has changed")


async def test_a_channel_s_saved_run_is_reckoned_in_its_digest(
    priced: Scene, pages: Pages, turning: Turning
) -> None:
    await said(priced, "save nightly kimi-k3 turns=1 prompt=1000000 generated=1")
    await moved(priced, pages, turning)
    await said(priced, "digest send")
    post = await digest_post(priced)
    assert "nightly" in words(post)


async def test_a_digest_for_a_channel_that_lost_the_bot_ends_it_and_tells_its_subscriber(
    priced: Scene, pages: Pages, turning: Turning
) -> None:
    await moved(priced, pages, turning)
    priced.slack.refuse("chat.postMessage", "not_in_channel")
    turning.at = datetime(2026, 11, 22, 9, 0, 1, tzinfo=UTC)
    await priced.slack.wait_for(lambda: priced.slack.posts[-1].channel == "DU1")
    post = priced.slack.posts[-1]
    assert post.text.startswith("I cannot write to <#C1> any more, so its digests have stopped.")
    assert await subscription(priced) is None
