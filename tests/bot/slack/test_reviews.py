"""Changes that wait for a person: how reviewers hear of them, who decides, and what their word does."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.bot.slack.conftest import Pages, Scene, Turning, staged
from tests.fake_slack import FakeSlack, Post, ViewRecord
from tests.fake_slack.blocks import objects_in

GPU, GPU_NAME = "B300_288GB", "B300 288GB"
HOSTILE = "<!channel> <@U9> <https://evil.example|here> `code` *bold* _it_ &lt;!here&gt;"
ASKED = "kimi-k2p6 turns=20 episodes=5000"


@pytest.fixture(params=["http", "socket"])
async def held(
    request: pytest.FixtureRequest,
    slack: FakeSlack,
    tmp_path: Path,
    pages: Pages,
    turning: Turning,
) -> AsyncIterator[Scene]:
    """A bot with the reviewers U22 and U33, before a page on which an hour of a B300 costs ten times as much."""
    [before] = {card.usd_per_gpu_hour for card in pages.gpus if card.gpu_type == GPU}
    assert before == 15
    pages.set_gpu(GPU, "150")
    slack.add_user("U22", "T1")
    slack.add_user("U33", "T1")
    async with staged(
        slack,
        tmp_path,
        socket=request.param == "socket",
        clock=turning.clock,
        reviewers="U22, U33",
        pages=pages,
    ) as scene:
        await slack.wait_for(lambda: {post.channel for post in slack.posts} == {"DU22", "DU33"})
        yield scene


def notice(scene: Scene, user: str) -> Post:
    """The direct message in which a reviewer was told."""
    [post] = [
        each
        for each in scene.slack.posts
        if (each.channel, each.via) == (f"D{user}", "chat.postMessage") and not each.thread_ts
    ]
    return post


def assert_in_place(post: Post, before: Post) -> None:
    """A message stands where another did, and has nothing to press."""
    assert (post.via, post.channel, post.ts) == ("chat.update", before.channel, before.ts)
    assert buttons(post) == []


def buttons(post: Post) -> list[str]:
    return [each["action_id"] for each in objects_in(post.blocks) if each.get("type") == "button"]


async def settled(scene: Scene) -> list[Post]:
    await scene.bot.services.work.drain(seconds=15)
    return scene.slack.posts


async def pressed(scene: Scene, post: Post, action: str, user: str) -> Post | ViewRecord:
    """What a press leads to: a form, or a message."""
    posts, views = len(scene.slack.posts), len(scene.slack.views)
    await scene.person(user).press(post, action)
    await settled(scene)
    new = [*scene.slack.posts[posts:], *scene.slack.views[views:]]
    assert len(new) == 1
    return new[0]


async def form_of(scene: Scene, user: str, action: str = "review_approve") -> ViewRecord:
    form = await pressed(scene, notice(scene, user), action, user)
    assert isinstance(form, ViewRecord)
    return form


async def sent(scene: Scene, user: str, form: ViewRecord, why: str | None = None) -> Post:
    count = len(scene.slack.posts)
    ack = await scene.person(user).submit(form, {"why": why} if why else None)
    assert (ack.status, ack.body) == (200, "")
    [post] = (await settled(scene))[count:]
    return post


async def gpu_rate(scene: Scene) -> str:
    """What the bot says that an hour of the GPU costs, to somebody else."""
    count = len(scene.slack.posts)
    await scene.person("U7").command("rates kimi-k2p6")
    await scene.slack.wait_for(lambda: len(scene.slack.posts) > count)
    said = json.dumps((await settled(scene))[-1].blocks)
    found = [usd for usd in ('"$15"', '"$15.00"', '"$150"', '"$150.00"') if usd in said]
    assert len(found) == 1, said
    return found[0].strip('"').removesuffix(".00")


def texts(post: Post) -> str:
    return "\n".join(
        each["text"] for each in objects_in(post.blocks) if isinstance(each.get("text"), str)
    )


def people(post: Post) -> list[str]:
    """Whom the message would show as a live mention."""
    return [each["user_id"] for each in objects_in(post.blocks) if each.get("type") == "user"]


def assert_dead(payload: list[dict[str, object]], text: str = "") -> None:
    """Nothing that somebody else wrote rings, links or is formatted."""
    for each in objects_in(payload):
        kind, said = each.get("type"), str(each.get("text", ""))
        assert kind not in ("usergroup", "broadcast", "emoji")
        assert kind != "user" or each["user_id"] in ("U22", "U33")
        assert kind != "link" or "evil" not in json.dumps(each)
        if kind == "mrkdwn":
            assert not any(mark in said for mark in ("<!", "<@U9", "evil", "*bold*", "`code`"))
    assert not any(mark in text for mark in ("<!", "<@U9", "<https://evil"))


# -- being told ------------------------------------------------------------------------------------------


async def test_each_reviewer_is_told_directly_with_the_source_s_line_and_the_buttons(
    held: Scene,
) -> None:
    for user in ("U22", "U33"):
        post = notice(held, user)
        assert post.text == (
            f"{GPU_NAME} has other rates from 2026-11-21, and is held: the GPU-hour rises from "
            "$15.00 to $150.00, more than threefold."
        )
        assert "The source's line" in texts(post)
        assert "B300 288 GB GPU" in texts(post)
        [row] = [block for block in post.blocks if block["type"] == "actions"]
        assert [each["action_id"] for each in row["elements"]] == [
            "review_approve",
            "review_reject",
        ]
    assert await gpu_rate(held) == "$15"


async def test_a_claim_that_still_waits_is_told_of_once(
    held: Scene, pages: Pages, turning: Turning
) -> None:
    count = len(held.slack.posts)
    turning.at += timedelta(hours=6)
    await held.bot.due.all()
    turning.at += timedelta(hours=6)
    pages.set_serverless("kimi-k3", "99")  # over threefold too: another claim, told of by itself
    await held.slack.wait_for(lambda: len(held.slack.posts) >= count + 2)
    await settled(held)
    new = held.slack.posts[count:]
    assert sorted(post.channel for post in new) == ["DU22", "DU33"]
    assert all("kimi-k3" in post.text for post in new)


async def test_whoever_asks_sees_what_waits_and_who_decides_and_has_nothing_to_press(
    held: Scene,
) -> None:
    count = len(held.slack.posts)
    await held.person("U5").command("review")
    claim, who = (await settled(held))[count:]
    assert (claim.ephemeral_to, claim.text) == ("U5", notice(held, "U22").text)
    assert "The source's line" in texts(claim)
    assert (who.ephemeral_to, who.text) == (
        "U5",
        "Only reviewers decide on rates: <@U22> or <@U33>.",
    )
    assert people(who) == ["U22", "U33"]
    assert buttons(claim) + buttons(who) == []


async def test_a_reviewer_who_asks_decides_there_and_the_answer_takes_the_claim_s_place(
    held: Scene,
) -> None:
    count = len(held.slack.posts)
    await held.person("U22").command("review")
    [claim] = (await settled(held))[count:]
    assert (claim.ephemeral_to, buttons(claim)) == ("U22", ["review_approve", "review_reject"])
    form = await pressed(held, claim, "review_reject", "U22")
    assert isinstance(form, ViewRecord)
    post = await sent(held, "U22", form, "a slip")
    assert (post.via, post.replace_original, post.ephemeral_to) == ("response_url", True, "U22")
    assert post.text.startswith(f"{GPU_NAME} was rejected by <@U22>")
    assert buttons(post) == []


async def test_where_blocks_are_refused_the_old_ones_go_all_the_same(held: Scene) -> None:
    form = await form_of(held, "U22")
    held.slack.script.refuse_all_blocks()
    post = await sent(held, "U22", form, "announced")
    assert_in_place(post, notice(held, "U22"))
    assert post.params["blocks"] == []  # left out, Slack would keep those with the buttons
    assert post.text.startswith(f"{GPU_NAME} was approved by <@U22>")


async def test_where_the_claim_s_message_is_gone_the_answer_stands_beside_it(held: Scene) -> None:
    form = await form_of(held, "U22")
    held.slack.script.refuse("chat.update", "message_not_found")
    post = await sent(held, "U22", form, "announced")
    assert (post.via, post.thread_ts) == ("chat.postMessage", notice(held, "U22").ts)
    assert post.text.startswith(f"{GPU_NAME} was approved by <@U22>")


async def test_where_nothing_waits_that_is_said(scene: Scene) -> None:
    await scene.person().command("reviews")
    [post] = await settled(scene)
    assert (post.ephemeral_to, post.text) == ("U1", "No change of a rate waits for a decision.")


# -- deciding --------------------------------------------------------------------------------------------


async def test_a_stranger_s_press_is_told_who_decides_and_opens_nothing(held: Scene) -> None:
    count = len(held.slack.posts)
    await held.person("U22").mention("review")  # in the channel, where others see the buttons too
    [shown] = (await settled(held))[count:]
    for action in ("review_approve", "review_reject"):
        post = await pressed(held, shown, action, "U5")
        assert isinstance(post, Post)
        assert post.text == "Only reviewers decide on rates: <@U22> or <@U33>."
        assert people(post) == ["U22", "U33"]
    assert held.slack.views == []
    assert await gpu_rate(held) == "$15"


async def test_a_form_that_a_stranger_sends_decides_nothing(held: Scene) -> None:
    """The form is a reviewer's; its submission is signed for another person, as after a change of the reviewers."""
    form = await form_of(held, "U22")
    form.user = "U5"
    post = await sent(held, "U5", form, "because I can")
    assert post.text.startswith("Only reviewers decide on rates")
    assert len(await held.bot.services.rates.waiting()) == 1
    assert await gpu_rate(held) == "$15"


async def test_an_approved_rate_is_answered_with_at_once_and_who_when_and_why_are_kept(
    held: Scene,
) -> None:
    post = await sent(held, "U22", await form_of(held, "U22"), "they announced it")
    assert_in_place(post, notice(held, "U22"))
    assert post.text == (
        f"{GPU_NAME} was approved by <@U22>, because: they announced it. It holds from 2026-11-21."
    )
    assert people(post) == ["U22"]
    assert await gpu_rate(held) == "$150"
    [kept] = await held.bot.services.rates.decided(5)
    assert (kept.decided_by, kept.decided_why, kept.status) == (
        "U22",
        "they announced it",
        "in_force",
    )


async def test_a_rejected_rate_changes_nothing_and_is_not_raised_again(
    held: Scene, turning: Turning
) -> None:
    form = await form_of(held, "U33", "review_reject")
    post = await sent(held, "U33", form, "a slip of theirs")
    assert post.text == (
        f"{GPU_NAME} was rejected by <@U33>, because: a slip of theirs. The card stays as it was."
    )
    assert await gpu_rate(held) == "$15"
    count = len(held.slack.posts)
    turning.at += timedelta(hours=6)
    await held.bot.due.all()
    await settled(held)
    assert len(held.slack.posts) == count
    assert await held.bot.services.rates.waiting() == ()


async def test_a_rejection_needs_a_reason_and_an_approval_does_not(held: Scene) -> None:
    [why] = [
        b for b in (await form_of(held, "U22", "review_reject")).blocks if b["type"] == "input"
    ]
    assert not why.get("optional")
    form = await form_of(held, "U33")
    [why] = [b for b in form.blocks if b["type"] == "input"]
    assert why["optional"]
    post = await sent(held, "U33", form)
    assert post.text == f"{GPU_NAME} was approved by <@U33>. It holds from 2026-11-21."


async def test_of_two_reviewers_the_first_decides_and_the_other_hears_of_it(held: Scene) -> None:
    first, second = await form_of(held, "U22"), await form_of(held, "U33", "review_reject")
    await sent(held, "U22", first, "announced")
    post = await sent(held, "U33", second, "a slip")
    fate = (
        f"{GPU_NAME} was already approved by <@U22> on 2026-11-21, because: announced. "
        "It holds from 2026-11-21."
    )
    assert_in_place(post, notice(held, "U33"))
    assert post.text == fate
    assert await gpu_rate(held) == "$150"
    again = await pressed(held, notice(held, "U33"), "review_reject", "U33")
    assert isinstance(again, Post)
    assert_in_place(again, notice(held, "U33"))
    assert again.text == fate


async def test_what_its_source_says_no_more_waits_no_more(
    held: Scene, pages: Pages, turning: Turning
) -> None:
    form = await form_of(held, "U22")
    pages.set_gpu(GPU, "15")
    turning.at += timedelta(hours=6)
    rates = held.bot.services.rates
    while await rates.waiting():
        await held.bot.due.all()
    withdrawn = " waits no longer: its source does not say so any more."
    assert (await sent(held, "U22", form, "yes")).text.endswith(withdrawn)
    late = await pressed(held, notice(held, "U33"), "review_approve", "U33")
    assert isinstance(late, Post)
    assert late.text.endswith(withdrawn)
    assert_in_place(late, notice(held, "U33"))
    assert await gpu_rate(held) == "$15"


async def test_without_reviewers_whoever_asks_hears_that_nobody_here_decides(
    slack: FakeSlack, tmp_path: Path, pages: Pages
) -> None:
    pages.set_gpu(GPU, "150")
    async with staged(slack, tmp_path, pages=pages) as scene:
        while not await scene.bot.services.rates.waiting():
            await scene.bot.due.all()
        await scene.person().command("review")
        claim, who = (await settled(scene))[-2:]
        assert claim.text.startswith(f"{GPU_NAME} has other rates")
        assert buttons(claim) == []
        assert "RLCOST_REVIEWERS" in who.text
        assert "rlcost rates review" in who.text


# -- what others wrote -----------------------------------------------------------------------------------


async def test_a_reason_is_never_live(held: Scene) -> None:
    post = await sent(held, "U22", await form_of(held, "U22"), HOSTILE)
    assert_dead(post.blocks, post.text)
    assert people(post) == ["U22"]
    assert "<!channel> <@U9>" in texts(post)
    fate = await pressed(held, notice(held, "U33"), "review_approve", "U33")
    assert isinstance(fate, Post)
    assert_dead(fate.blocks, fate.text)
    assert people(fate) == ["U22"]


async def test_a_reason_with_the_reviewer_s_own_id_rings_nobody_else(held: Scene) -> None:
    post = await sent(held, "U22", await form_of(held, "U22"), "ask <@U33> or <@U22>")
    assert set(people(post)) == {"U22"}
