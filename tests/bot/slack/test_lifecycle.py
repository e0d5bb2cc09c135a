"""A workspace leaves: all that it left here goes, also when it leaves in mid-request; and the process comes and goes."""

import asyncio
import os
import re
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from aiohttp import ClientSession

from tests.bot.slack.conftest import SIGNING_SECRET, Scene, logged, staged
from tests.fake_slack import APP_TOKEN, FakeSlack

ROOT = Path(__file__).parent.parent.parent.parent
ASKED = "kimi-k2p6 turns=20 episodes=5000"


def rows(scene: Scene) -> dict[str, int]:
    """How many rows of workspace T1 each table holds."""
    tables = ("threads", "feedback", "slack_bots", "slack_installations")
    with closing(sqlite3.connect(scene.database)) as database:
        return {
            table: database.execute(
                f"SELECT count(*) FROM {table} WHERE team_id = 'T1'"  # noqa: S608 - names from above
            ).fetchone()[0]
            for table in tables
        }


async def settled(scene: Scene) -> None:
    await scene.bot.services.work.drain(seconds=15)


async def lived_in(scene: Scene) -> None:
    """A thread and an opinion are kept."""
    person = scene.person()
    await person.mention(ASKED)
    await settled(scene)
    await person.press(scene.slack.posts[0], "feedback", "positive")
    await settled(scene)
    assert (rows(scene)["threads"], rows(scene)["feedback"]) == (1, 1)


async def test_nothing_of_a_workspace_that_uninstalled_is_kept(scene: Scene) -> None:
    await lived_in(scene)
    ack = await scene.person().uninstall()
    await settled(scene)
    assert ack.status == 200
    assert set(rows(scene).values()) == {0}


async def test_nothing_of_a_workspace_whose_bot_token_was_revoked_is_kept(scene: Scene) -> None:
    await lived_in(scene)
    await scene.person().revoke_tokens()
    await settled(scene)
    assert set(rows(scene).values()) == {0}


async def test_the_token_of_one_person_says_nothing_about_the_workspace(scene: Scene) -> None:
    await lived_in(scene)
    for tokens in ({"oauth": ["U1"]}, {"oauth": ["U1"], "bot": []}, None):
        await scene.person().event({"type": "tokens_revoked", "tokens": tokens})
    await settled(scene)
    assert (rows(scene)["threads"], rows(scene)["feedback"]) == (1, 1)


async def test_a_workspace_that_leaves_in_mid_request_leaves_nothing_and_no_fault(
    scene: Scene,
) -> None:
    hold = asyncio.Event()
    scene.slack.delay("chat.postMessage", hold)
    person = scene.person()
    with logged() as log:
        await person.mention(ASKED)
        await scene.slack.wait_for(lambda: scene.slack.called("chat.postMessage"))
        await person.uninstall()
        hold.set()
        await settled(scene)
    assert set(rows(scene).values()) == {0}
    assert scene.slack.posts == []
    assert len(scene.slack.called("chat.postMessage")) == 1
    assert "fault" not in log.getvalue()
    assert "Traceback" not in log.getvalue()
    assert "a mention: the workspace has removed the app" in log.getvalue()


async def test_a_direct_message_held_while_its_workspace_leaves_is_not_remembered_afterwards(
    scene: Scene,
) -> None:
    """The reply itself gets through, and its thread must not come back with it."""
    hold = asyncio.Event()
    scene.slack.delay("chat.postMessage", hold)
    person = scene.person()
    with logged() as log:
        await person.dm(ASKED)
        await scene.slack.wait_for(lambda: scene.slack.called("chat.postMessage"))
        await person.event({"type": "app_uninstalled"})
        hold.set()
        await settled(scene)
    assert set(rows(scene).values()) == {0}
    assert "fault" not in log.getvalue()


async def test_stopping_finishes_what_is_at_work(slack: FakeSlack, tmp_path: Path) -> None:
    hold = asyncio.Event()
    slack.delay("chat.postMessage", hold)
    async with staged(slack, tmp_path) as scene:
        await scene.person().mention(ASKED)
        await slack.wait_for(lambda: slack.called("chat.postMessage"))
        asyncio.get_running_loop().call_soon(hold.set)
    assert [post.text.startswith("Only Dedicated") for post in slack.posts] == [True]
    with closing(sqlite3.connect(tmp_path / "rlcost.db")) as database:
        assert database.execute("SELECT finished FROM events").fetchall() == [(1,)]


async def test_a_thread_is_remembered_over_a_restart(slack: FakeSlack, tmp_path: Path) -> None:
    async with staged(slack, tmp_path) as scene:
        await scene.person().mention(ASKED, ts="1700000000.000500")
        await settled(scene)
    async with staged(slack, tmp_path) as scene:
        await scene.person().mention("what about 10000 episodes?", thread_ts="1700000000.000500")
        await settled(scene)
    assert "for 5,000 episodes" in slack.posts[0].text
    assert "for 10,000 episodes" in slack.posts[1].text


# -- the process -----------------------------------------------------------------------------------------


async def serving(*arguments: str, **environ: str) -> asyncio.subprocess.Process:
    """`rlcost serve` with these variables and no others of ours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SLACK_", "RLCOST_")) and name not in ("HOST", "PORT")
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "serve",
        *arguments,
        cwd=ROOT,
        env={**kept, **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def environ_of(slack: FakeSlack, folder: Path) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": slack.api_url,
        "PORT": "0",
        "RLCOST_DATABASE_URL": f"sqlite:///{folder / 'rlcost.db'}",
    }


async def address_logged(process: asyncio.subprocess.Process) -> str:
    """The address in the line that says that the bot answers."""
    assert process.stderr
    seen = ""
    async with asyncio.timeout(30):
        while line := await process.stderr.readline():
            seen += line.decode()
            if found := re.search(r"rlcost answers .* at (http://\S+)", line.decode()):
                return found[1]
    raise AssertionError(seen)


async def ended_by_sigterm(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    """The status and the rest of the log."""
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(30):
        _, log = await process.communicate()
    return process.returncode, log.decode()


async def health(url: str) -> tuple[int, bool]:
    async with ClientSession() as session, session.get(f"{url}/healthz") as response:
        return response.status, (await response.json())["ok"]


async def test_the_process_serves_http_until_it_is_told_to_stop(
    slack: FakeSlack, tmp_path: Path
) -> None:
    process = await serving(**environ_of(slack, tmp_path))
    url = await address_logged(process)
    assert await health(url) == (200, True)
    status, log = await ended_by_sigterm(process)
    assert status == 0, log
    assert "Traceback" not in log
    assert "ERROR" not in log


async def test_the_process_serves_a_socket_until_it_is_told_to_stop(
    slack: FakeSlack, tmp_path: Path
) -> None:
    environ = environ_of(slack, tmp_path) | {"SLACK_APP_TOKEN": APP_TOKEN}
    process = await serving("--socket", **environ)
    url = await address_logged(process)
    assert await health(url) == (200, True)
    assert slack.connections == 1
    status, log = await ended_by_sigterm(process)
    assert status == 0, log
    assert "Traceback" not in log
    assert "ERROR" not in log


async def test_a_missing_variable_is_named_in_one_line(slack: FakeSlack, tmp_path: Path) -> None:
    environ = environ_of(slack, tmp_path)
    del environ["SLACK_SIGNING_SECRET"]
    process = await serving(**environ)
    out, log = await process.communicate()
    assert (process.returncode, out) == (2, b"")
    assert re.fullmatch(r"rlcost: [^\n]*SLACK_SIGNING_SECRET[^\n]*\n", log.decode())


async def test_a_token_that_slack_refuses_ends_the_process_in_one_line(
    slack: FakeSlack, tmp_path: Path
) -> None:
    process = await serving(**environ_of(slack, tmp_path) | {"SLACK_BOT_TOKEN": "xoxb-2"})
    _, log = await process.communicate()
    assert process.returncode == 2
    assert "Traceback" not in log.decode()
    assert "rlcost: SLACK_BOT_TOKEN is refused by Slack (invalid_auth)" in log.decode()
    assert "xoxb-2" not in log.decode()
