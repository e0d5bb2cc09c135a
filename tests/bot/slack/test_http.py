"""What comes over HTTP: signatures, sizes and shapes, before anything is believed; and the pages of health."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession

from tests.bot.slack.conftest import CLOCK, Scene, staged
from tests.fake_slack import Ack, FakeSlack, HttpTransport

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
NOW = int(CLOCK.now().timestamp())

COMMAND = urlencode(
    {
        "command": "/rlcost",
        "text": "help",
        "team_id": "T1",
        "user_id": "U1",
        "channel_id": "C1",
        "response_url": "http://127.0.0.1:9/none",
    }
)


@pytest.fixture
async def scene(slack: FakeSlack, tmp_path: Path) -> AsyncIterator[Scene]:
    """The bot over HTTP alone."""
    async with staged(slack, tmp_path) as made:
        yield made


def http(scene: Scene) -> HttpTransport:
    assert isinstance(scene.transport, HttpTransport)
    return scene.transport


async def sent(scene: Scene, body: str, kind: str = JSON) -> Ack:
    """A body as Slack would sign it."""
    transport = http(scene)
    return await transport.raw(body, {"Content-Type": kind, **transport.signed(body)})


async def page(scene: Scene, path: str) -> tuple[int, str]:
    async with ClientSession() as session, session.get(f"{scene.bot.url}{path}") as response:
        return response.status, await response.text()


async def test_a_request_signed_with_another_secret_is_refused(scene: Scene) -> None:
    headers = http(scene).signed(COMMAND, secret="another")
    ack = await http(scene).raw(COMMAND, {"Content-Type": FORM, **headers})
    assert ack.status == 401


async def test_a_signature_of_another_body_is_refused(scene: Scene) -> None:
    headers = http(scene).signed(COMMAND)
    ack = await http(scene).raw(f"{COMMAND}&more=1", {"Content-Type": FORM, **headers})
    assert ack.status == 401


async def test_a_request_without_a_signature_is_refused(scene: Scene) -> None:
    assert (await http(scene).raw(COMMAND, {"Content-Type": FORM})).status == 401


@pytest.mark.parametrize(
    "timestamp",
    [str(NOW - 360), str(NOW + 360), "yesterday", "-5", "1.5", "", "٣٤٥", "²", "9" * 400],
)
async def test_a_timestamp_that_is_old_or_no_number_is_refused(
    scene: Scene, timestamp: str
) -> None:
    headers = http(scene).signed(COMMAND, timestamp=timestamp)
    ack = await http(scene).raw(COMMAND, {"Content-Type": FORM, **headers})
    assert ack.status == 401


async def test_a_timestamp_of_four_minutes_ago_is_taken(scene: Scene) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c", "token": "t"})
    headers = http(scene).signed(body, timestamp=str(NOW - 240))
    assert (await http(scene).raw(body, {"Content-Type": JSON, **headers})).status == 200


async def test_a_signature_that_is_not_ascii_is_refused(scene: Scene) -> None:
    headers = http(scene).signed(COMMAND) | {"X-Slack-Signature": "v0=é"}
    ack = await http(scene).raw(COMMAND, {"Content-Type": FORM, **headers})
    assert ack.status == 401


async def test_a_body_of_more_than_a_megabyte_is_refused(scene: Scene) -> None:
    body = "text=" + "a" * (1024 * 1024)
    headers = {"Content-Type": FORM, **http(scene).signed(body)}
    async with (
        ClientSession() as session,
        session.post(http(scene).url, data=BytesIO(body.encode()), headers=headers) as response,
    ):
        assert response.status == 413


MALFORMED = {
    "broken JSON": ('{"type": ', JSON),
    "no JSON": ("hello", JSON),
    "an empty body": ("", JSON),
    "an empty form": ("", FORM),
    "a payload that is no JSON": (urlencode({"payload": "hello"}), FORM),
    "an empty payload": (urlencode({"payload": ""}), FORM),
    "a payload that is a list": (urlencode({"payload": "[1]"}), FORM),
    "a payload that is null": (urlencode({"payload": "null"}), FORM),
    "a list": ("[1, 2]", JSON),
    "a number": ("7", JSON),
    "a string": ('"hello"', JSON),
    "null": ("null", JSON),
    "an event callback without event": (json.dumps({"type": "event_callback"}), JSON),
    "an event that is a list": (json.dumps({"type": "event_callback", "event": []}), JSON),
    "an event without type": (json.dumps({"type": "event_callback", "event": {}}), JSON),
    "a mention with a number for its text": (
        json.dumps({"type": "event_callback", "event": {"type": "app_mention", "text": 7}}),
        JSON,
    ),
    "an unknown type": (json.dumps({"type": "block_inventions", "user": {}}), JSON),
    "a type that is a list": (json.dumps({"type": []}), JSON),
    "a press without actions": (
        urlencode({"payload": json.dumps({"type": "block_actions", "user": {"id": "U1"}})}),
        FORM,
    ),
    "a form without user": (
        urlencode({"payload": json.dumps({"type": "view_submission", "view": {}})}),
        FORM,
    ),
    "a command without team": (urlencode({"command": "/rlcost", "user_id": "U1"}), FORM),
    "deep nesting": ("[" * 100_000 + "]" * 100_000, JSON),
    "deep nesting in a payload": (urlencode({"payload": '{"a":' * 50_000}), FORM),
}


@pytest.mark.parametrize(("body", "kind"), MALFORMED.values(), ids=MALFORMED)
async def test_what_is_signed_and_yet_no_request_of_slack_is_refused(
    scene: Scene, body: str, kind: str
) -> None:
    assert (await sent(scene, body, kind)).status == 400


# Each of the right type, and of the wrong kind somewhere inside.
ODD = {
    "a press on null": {"type": "block_actions", "user": {"id": "U1"}, "actions": [None]},
    "a press on nothing": {"type": "block_actions", "user": {"id": "U1"}, "actions": []},
    "a team that is text": {
        "type": "block_actions",
        "user": {"id": "U1"},
        "team": "T1",
        "actions": [{"action_id": "ask"}],
    },
    "a container that is text": {
        "type": "block_actions",
        "user": {"id": "U1"},
        "team": {"id": "T1"},
        "container": "C1",
        "actions": [{"action_id": "ask", "type": "button"}],
    },
    "a view of nothing": {
        "type": "view_submission",
        "user": {"id": "U1"},
        "team": {"id": "T1"},
        "view": {},
    },
    "a form whose state is text": {
        "type": "view_submission",
        "user": {"id": "U1"},
        "team": {"id": "T1"},
        "view": {"callback_id": "price_form", "state": "none", "type": "modal"},
    },
    "a form whose metadata is no JSON": {
        "type": "view_submission",
        "user": {"id": "U1"},
        "team": {"id": "T1"},
        "view": {"callback_id": "price_form", "private_metadata": "}", "type": "modal"},
    },
}


@pytest.mark.parametrize("payload", ODD.values(), ids=ODD)
async def test_what_is_odd_inside_is_never_answered_with_500(
    scene: Scene, payload: dict[str, object]
) -> None:
    ack = await sent(scene, urlencode({"payload": json.dumps(payload)}), FORM)
    assert ack.status < 500
    assert "Traceback" not in ack.body


@pytest.mark.parametrize("kind", [JSON, FORM])
async def test_bytes_that_are_no_utf_8_are_refused(scene: Scene, kind: str) -> None:
    body = b'\xff\xfe{"type": "event_callback"}'
    mac = hmac.new(
        http(scene).signing_secret.encode(), f"v0:{NOW}:".encode() + body, hashlib.sha256
    )
    headers = {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": str(NOW),
        "X-Slack-Signature": f"v0={mac.hexdigest()}",
    }
    ack = await http(scene).raw(body, headers)
    assert ack.status == 400


async def test_the_challenge_of_an_address_is_given_back(scene: Scene) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB", "token": "t"})
    ack = await sent(scene, body)
    assert ack.status == 200
    assert "3eZbrw1aB" in ack.body


async def test_a_check_of_the_certificate_is_answered(scene: Scene) -> None:
    ack = await sent(scene, urlencode({"ssl_check": "1", "token": "t"}), FORM)
    assert (ack.status, ack.body) == (200, "")


async def test_an_event_that_nobody_listens_to_is_acknowledged(scene: Scene) -> None:
    ack = await scene.person().event({"type": "reaction_added", "user": "U1", "item": {}})
    assert (ack.status, ack.body) == (200, "")


async def test_a_browser_has_no_business_at_the_address_of_events(scene: Scene) -> None:
    assert (await page(scene, "/slack/events"))[0] == 405
    assert (await page(scene, "/slack/install"))[0] == 404


async def test_a_served_bot_is_healthy_and_ready(scene: Scene) -> None:
    health, ready = await page(scene, "/healthz"), await page(scene, "/readyz")
    assert (health[0], json.loads(health[1])) == (200, {"ok": True})
    assert ready[0] == 200
    assert json.loads(ready[1]) == {"ok": True, "transport": "http", "database": True}


async def test_without_its_database_the_bot_lives_and_is_not_ready(scene: Scene) -> None:
    scene.database.unlink()
    scene.database.mkdir()  # what stood there can be opened no more
    await scene.bot.services.store.close()
    ready = await page(scene, "/readyz")
    assert (ready[0], json.loads(ready[1])["database"]) == (503, False)
    assert (await page(scene, "/healthz"))[0] == 200


async def test_without_its_database_a_command_is_answered_all_the_same(scene: Scene) -> None:
    scene.database.unlink()
    scene.database.mkdir()
    await scene.bot.services.store.close()
    await scene.person().command("kimi-k2p6 turns=20 episodes=5000")
    post = await scene.slack.wait_for(lambda: scene.slack.posts and scene.slack.posts[-1])
    assert "$4,444 for 5,000 episodes" in post.text


async def test_many_commands_at_once_are_all_answered(scene: Scene) -> None:
    people = [scene.person(f"U{number}") for number in range(20)]
    acks = await asyncio.gather(*(each.command("kimi-k2p6 turns=20") for each in people))
    assert {ack.status for ack in acks} == {200}
    posts = await scene.slack.wait_for(lambda: len(scene.slack.posts) == 20 and scene.slack.posts)
    assert {post.ephemeral_to for post in posts} == {f"U{number}" for number in range(20)}
