"""Answers as files: in the answer's thread, in one's own messages, and what is said where Slack has none."""

import csv
import io
from typing import Any

import pytest

from tests.bot.slack.conftest import Scene, logged
from tests.fake_slack import Post
from tests.fake_slack.records import BOT_SCOPES, File

ASKED = "kimi-k2p6 turns=20 episodes=5000"
FIRST = "1600000000.000100"
NAMES = ["rlcost-kimi-k2p6-2026-11-21.csv", "rlcost-kimi-k2p6-2026-11-21.md"]
IN_OWN_MESSAGES = "The files are in your messages with me."
NOT_ALLOWED = (
    "Files are not allowed here: whoever installed the app can install it again and allow `files:write`; "
    f"in a terminal `rlcost ask --csv '{ASKED}'` gives the table, `--quote` the page."
)


@pytest.fixture
def files_allowed(scene: Scene) -> Scene:
    """A workspace that granted the optional scope."""
    scene.slack.workspaces["T1"].scopes = (*BOT_SCOPES, "files:write")
    return scene


async def posts(scene: Scene, count: int) -> list[Post]:
    """Exactly as many messages that still stand, once all work is done."""
    await scene.bot.services.work.drain(seconds=15)
    standing = [post for post in scene.slack.posts if not post.is_deleted]
    assert len(standing) == count, [post.text for post in standing]
    return standing


def shared(scene: Scene) -> list[File]:
    """The files that somebody can see."""
    return [file for file in scene.slack.files if file.channel]


def csv_rows(file: File) -> list[dict[str, str]]:
    assert file.content is not None
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))


async def test_the_button_puts_both_files_into_the_thread_of_the_answer(
    files_allowed: Scene,
) -> None:
    scene = files_allowed
    person = scene.person()
    await person.mention(ASKED, ts=FIRST)
    [answer] = await posts(scene, 1)
    await scene.person("U2").press(answer, "export")
    await posts(scene, 1)
    table, page = shared(scene)
    assert [table.name, page.name] == NAMES
    assert {(file.channel, file.thread_ts) for file in (table, page)} == {("C1", FIRST)}
    [dedicated] = [row for row in csv_rows(table) if row["path"] == "dedicated"]
    assert dedicated["per run (USD)"].startswith("4444.444444")
    assert page.content is not None
    assert page.content.decode().startswith("# ")
    assert "$4,444" in page.content.decode()


async def test_what_one_person_saw_goes_to_that_person_and_the_place_says_where(
    files_allowed: Scene,
) -> None:
    scene = files_allowed
    person = scene.person()
    await person.command(ASKED)
    [answer] = await posts(scene, 1)
    await person.press(answer, "export")
    _, announced, told = await posts(scene, 3)
    assert announced.channel == person.dm_channel
    assert announced.text == (
        "The files of `kimi-k2p6`, 20 turns and 5,000 episodes are in this thread."
    )
    assert (told.channel, told.ephemeral_to, told.text) == ("C1", "U1", IN_OWN_MESSAGES)
    assert [file.name for file in shared(scene)] == NAMES
    assert {(f.channel, f.thread_ts) for f in shared(scene)} == {(announced.channel, announced.ts)}


async def test_the_thread_of_the_files_knows_what_they_are_of(files_allowed: Scene) -> None:
    scene = files_allowed
    person = scene.person()
    await person.command(f"{ASKED} as csv")
    _, announced, _ = await posts(scene, 3)
    await person.dm("what about 40 turns?", thread_ts=announced.ts)
    *_, answer = await posts(scene, 4)
    assert "Tinker 128K at $64,782" in answer.text


@pytest.mark.parametrize("words", ["as csv", "as a quote", "export"])
async def test_words_ask_for_the_files_as_the_button_does(files_allowed: Scene, words: str) -> None:
    scene = files_allowed
    await scene.person().mention(f"{ASKED} {words}", ts=FIRST)
    [answer] = await posts(scene, 1)
    assert "$4,444" in answer.text
    assert [(file.name, file.thread_ts) for file in shared(scene)] == [
        (name, FIRST) for name in NAMES
    ]


async def test_a_thread_is_exported_by_a_word_in_it(files_allowed: Scene) -> None:
    scene = files_allowed
    person = scene.person()
    await person.mention(ASKED, ts=FIRST)
    await posts(scene, 1)
    await person.mention("export", thread_ts=FIRST)
    await posts(scene, 2)
    assert [file.thread_ts for file in shared(scene)] == [FIRST, FIRST]


async def test_an_answer_that_stands_in_a_channel_gets_its_files_beneath_it(
    files_allowed: Scene,
) -> None:
    scene = files_allowed
    person = scene.person()
    await person.command(ASKED)
    [answer] = await posts(scene, 1)
    await person.press(answer, "share")
    _, public = await posts(scene, 2)
    await scene.person("U2").press(public, "export")
    await posts(scene, 2)
    assert {(f.channel, f.thread_ts) for f in shared(scene)} == {("C1", public.ts)}


async def test_where_the_bot_is_no_member_the_files_go_to_the_person(files_allowed: Scene) -> None:
    scene = files_allowed
    person = scene.person()
    await person.mention(ASKED, ts=FIRST)
    [answer] = await posts(scene, 1)
    scene.slack.add_channel("C1", "T1", bot_is_member=False)
    await person.press(answer, "export")
    *_, told = await posts(scene, 3)
    assert told.text == IN_OWN_MESSAGES
    assert {file.channel for file in shared(scene)} == {person.dm_channel}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("compare kimi-k2p6 and gpt-oss-120b", "rlcost-2-models-2026-11-21"),
        ("sweep kimi-k2p6 turns=2..8", "rlcost-kimi-k2p6-2026-11-21"),
        ("limits kimi-k2p6", "rlcost-kimi-k2p6-2026-11-21"),
        ("how many episodes kimi-k2p6 budget=$10k", "rlcost-kimi-k2p6-2026-11-21"),
        ("explain kimi-k2p6", "rlcost-kimi-k2p6-2026-11-21"),
        ("rates", "rlcost-rates-2026-11-21"),
        ("kimi-k2p6 as_of=2026-08-01", "rlcost-kimi-k2p6-2026-08-01"),
    ],
)
async def test_every_answered_question_can_be_exported_under_its_model_and_day(
    files_allowed: Scene, text: str, names: str
) -> None:
    scene = files_allowed
    await scene.person().mention(text, ts=FIRST)
    [answer] = await posts(scene, 1)
    await scene.person().press(answer, "export")
    await posts(scene, 1)
    assert [file.name for file in shared(scene)] == [f"{names}.csv", f"{names}.md"]


async def test_without_the_scope_one_sentence_says_who_can_add_it(scene: Scene) -> None:
    person = scene.person()
    await person.command(ASKED)
    [answer] = await posts(scene, 1)
    await person.press(answer, "export")
    _, told = await posts(scene, 2)
    assert (told.channel, told.ephemeral_to, told.text) == ("C1", "U1", NOT_ALLOWED)
    assert scene.slack.files == []


async def test_a_thread_is_told_so_too_and_a_press_in_it_alone_to_who_pressed(
    scene: Scene,
) -> None:
    person = scene.person()
    await person.mention(f"{ASKED} as csv", ts=FIRST)
    answer, told = await posts(scene, 2)
    assert (told.thread_ts, told.ephemeral_to, told.text) == (FIRST, None, NOT_ALLOWED)
    await person.press(answer, "export")
    *_, told = await posts(scene, 3)
    assert (told.ephemeral_to, told.text) == ("U1", NOT_ALLOWED)


async def test_what_was_not_granted_is_told_as_the_missing_scope_is(files_allowed: Scene) -> None:
    scene = files_allowed
    scene.slack.refuse("files.completeUploadExternal", "no_permission")
    await scene.person().mention(f"{ASKED} as csv", ts=FIRST)
    _, told = await posts(scene, 2)
    assert told.text == NOT_ALLOWED


@pytest.mark.parametrize("code", ["file_uploads_disabled", "restricted_action"])
async def test_what_installing_again_would_not_change_is_left_to_the_administrators(
    files_allowed: Scene, code: str
) -> None:
    scene = files_allowed
    scene.slack.refuse("files.getUploadURLExternal", code)
    await scene.person().mention(f"{ASKED} as csv", ts=FIRST)
    _, told = await posts(scene, 2)
    assert told.text == (
        f"Slack takes no files here (`{code}`): whoever administers the workspace can say why; "
        f"in a terminal `rlcost ask --csv '{ASKED}'` gives the table, `--quote` the page."
    )


@pytest.mark.parametrize("lost", [{"drop": True}, {"error": "internal_error"}])
async def test_a_message_whose_files_do_not_arrive_is_taken_back(
    files_allowed: Scene, lost: dict[str, Any]
) -> None:
    scene = files_allowed
    person = scene.person()
    await person.command(ASKED)
    [answer] = await posts(scene, 1)
    scene.slack.refuse("files.completeUploadExternal", **lost)
    await person.press(answer, "export")
    _, told = await posts(scene, 2)
    assert told.text.startswith("Sorry, something went wrong here.")
    [taken_back] = [post for post in scene.slack.posts if post.is_deleted]
    assert taken_back.text.endswith(" are in this thread.")


@pytest.mark.parametrize("lost", [{"drop": True}, {"error": "cant_delete_message"}])
@pytest.mark.parametrize(
    ("code", "says"),
    [("internal_error", "Sorry, something went wrong here."), ("missing_scope", NOT_ALLOWED)],
)
async def test_why_there_are_no_files_is_told_also_where_the_message_has_to_stay(
    files_allowed: Scene, code: str, says: str, lost: dict[str, Any]
) -> None:
    scene = files_allowed
    person = scene.person()
    await person.command(ASKED)
    [answer] = await posts(scene, 1)
    scene.slack.refuse("files.completeUploadExternal", code)
    scene.slack.refuse("chat.delete", **lost)
    with logged() as log:
        await person.press(answer, "export")
        _, stays, told = await posts(scene, 3)
    assert stays.channel == person.dm_channel
    assert told.text.startswith(says)
    assert "a message stays without its files: " in log.getvalue()
    assert ("internal_error" in log.getvalue()) == (code == "internal_error")


async def test_a_person_who_takes_no_messages_is_not_told_that_files_are_not_allowed(
    files_allowed: Scene,
) -> None:
    scene = files_allowed
    person = scene.person()
    await person.command(ASKED)
    [answer] = await posts(scene, 1)
    scene.slack.refuse("chat.postMessage", "messages_tab_disabled")
    with logged() as log:
        await person.press(answer, "export")
        _, told = await posts(scene, 2)
    assert told.text.startswith("Sorry, something went wrong here.")
    assert "messages_tab_disabled" in log.getvalue()


async def test_a_fault_of_slack_is_told_as_everywhere(files_allowed: Scene) -> None:
    scene = files_allowed
    scene.slack.refuse("files.completeUploadExternal", "internal_error")
    with logged() as log:
        await scene.person().mention(f"{ASKED} as csv", ts=FIRST)
        answer, told = await posts(scene, 2)
    assert "$4,444" in answer.text
    assert told.text.startswith("Sorry, something went wrong here.")
    assert "internal_error" in log.getvalue()


async def test_what_has_no_figures_says_what_has_some(files_allowed: Scene) -> None:
    scene = files_allowed
    await scene.person().mention("shapes as csv", ts=FIRST)
    _, told = await posts(scene, 2)
    assert told.text.startswith("There are no figures here to put into a file")
    assert scene.slack.files == []


async def test_a_request_that_was_refused_is_answered_once(files_allowed: Scene) -> None:
    scene = files_allowed
    await scene.person().mention("kimi-k2p6 turns=0 as csv", ts=FIRST)
    [answer] = await posts(scene, 1)
    assert answer.text.startswith("`0` is out of range")
    assert scene.slack.files == []
