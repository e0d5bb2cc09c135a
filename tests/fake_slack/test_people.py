"""What people do reaches a real Bolt app as Slack would send it, over HTTP and over a websocket."""

import json

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.fake_slack import (
    APP_TOKEN,
    Ack,
    CannotDoError,
    FakeSlack,
    HttpTransport,
    Person,
    SocketTransport,
)
from tests.fake_slack.samples import ANSWER, HOME, SHAPE, Object, option, plain, section
from tests.fake_slack.trials import Heard, error_of


async def test_a_command_comes_as_a_signed_form_and_its_answer_is_seen_by_one(
    slack: FakeSlack, person: Person, heard: Heard
) -> None:
    ack = await person.command("kimi-k2p6 turns=20")
    assert ack.status == 200
    assert heard[0]["text"] == "kimi-k2p6 turns=20"
    assert heard[0]["is_enterprise_install"] == "false"
    post = slack.posts[0]
    assert (post.via, post.channel, post.ephemeral_to, post.text) == ("ack", "C1", "U1", "At once")


async def test_a_signature_can_be_wrong_or_old(http: HttpTransport, slack: FakeSlack) -> None:
    body = "command=%2Frlcost&text=x"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for headers in (
        {},
        http.signed(body, secret="guess"),
        http.signed(body, timestamp="1600000000"),
        http.signed("text=y"),
    ):
        assert (await http.raw(body, {**form, **headers})).status == 401
    assert slack.posts == []


async def test_events_come_in_their_envelope_and_again(person: Person, heard: Heard) -> None:
    await person.mention("kimi", thread_ts="1700000000.000100", event_id="Ev1")
    await person.mention("kimi", event_id="Ev1", retry_num=1)
    await person.dm("glm")
    await person.open_home("messages")
    await person.uninstall()
    events = [body["event"] for body in heard]
    assert [event["type"] for event in events] == [
        "app_mention",
        "app_mention",
        "message",
        "app_home_opened",
        "app_uninstalled",
    ]
    assert (events[0]["text"], events[0]["thread_ts"]) == ("<@UBOT> kimi", "1700000000.000100")
    assert (events[2]["channel"], events[2]["channel_type"]) == ("DU1", "im")
    assert [body["event_id"] for body in heard[:2]] == ["Ev1", "Ev1"]
    assert heard[0]["authorizations"][0]["user_id"] == "UBOT"


async def test_a_press_tells_the_place_the_message_and_the_value(
    slack: FakeSlack, client: AsyncWebClient, person: Person, heard: Heard
) -> None:
    await client.chat_postMessage(
        channel="C1", text="x", blocks=ANSWER, thread_ts="1700000000.000100"
    )
    post = slack.posts[0]
    await person.press(post, "share")
    await person.press(post, "compare", "b")
    await person.press(post, "feedback", "negative")
    pressed = [body["actions"][0] for body in heard]
    assert [(each["type"], each["block_id"]) for each in pressed] == [
        ("button", "actions"),
        ("static_select", "actions"),
        ("feedback_buttons", "feedback"),
    ]
    assert pressed[0]["value"] == "kimi"
    assert pressed[1]["selected_option"] == option("b")
    assert heard[1]["state"]["values"]["actions"]["compare"]["selected_option"] == option("b")
    assert pressed[2]["value"] == "wrong"
    assert heard[0]["container"]["thread_ts"] == "1700000000.000100"
    assert heard[0]["message"]["ts"] == post.ts
    assert (await AsyncWebhookClient(heard[0]["response_url"]).send(text="x")).body == "ok"


async def test_of_an_ephemeral_message_only_the_place_is_told_and_only_to_its_reader(
    slack: FakeSlack, http: HttpTransport, heard: Heard
) -> None:
    await AsyncWebhookClient(slack.response_url(user="U1")).send(text="x", blocks=ANSWER)
    await Person(http, slack, "U1").press(slack.posts[0], "share")
    assert heard[0]["container"]["is_ephemeral"] is True
    assert "message" not in heard[0]
    with pytest.raises(CannotDoError, match="only U1"):
        await Person(http, slack, "U2").press(slack.posts[0], "share")
    with pytest.raises(CannotDoError, match="0 elements are called 'sahre'"):
        await Person(http, slack, "U1").press(slack.posts[0], "sahre")


async def opened(slack: FakeSlack, client: AsyncWebClient) -> None:
    await client.views_open(trigger_id=slack.trigger("U1"), view=SHAPE)


async def test_a_form_is_sent_with_what_was_there_and_what_was_put_in(
    slack: FakeSlack, client: AsyncWebClient, person: Person, heard: Heard
) -> None:
    await opened(slack, client)
    await person.submit(slack.views[0], {"turns": 40, "paths": ["y"], "day": "2026-05-16"})
    assert heard[0] == {
        "turns": {"n": {"type": "number_input", "value": "40"}},
        "model": {"m": {"type": "static_select", "selected_option": option("a")}},
        "day": {"d": {"type": "datepicker", "selected_date": "2026-05-16"}},
        "paths": {"c": {"type": "checkboxes", "selected_options": [option("y")]}},
        "note": {"t": {"type": "plain_text_input", "value": None}},
    }
    assert slack.views[0].view["title"] == plain("Again")


async def test_an_answer_with_errors_leaves_the_form_as_it_is(
    slack: FakeSlack, client: AsyncWebClient, person: Person
) -> None:
    await opened(slack, client)
    ack = await person.submit(slack.views[0], {"turns": 13})
    assert ack.json["errors"] == {"turns": "an unlucky number"}
    assert slack.views[0].view == SHAPE


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"turns": 201}, "takes 1 to 200"),
        ({"turns": "many"}, "takes numbers"),
        ({"turns": "1.5"}, "takes whole numbers"),
        ({"turns": None}, "must be filled in"),
        ({"model": "c"}, "is no choice"),
        ({"note": "too long"}, "takes 0 to 5 characters"),
        ({"gpus": 8}, "has no"),
    ],
)
async def test_a_form_that_slack_would_not_send_is_not_sent(
    slack: FakeSlack,
    client: AsyncWebClient,
    person: Person,
    heard: Heard,
    values: Object,
    reason: str,
) -> None:
    await opened(slack, client)
    with pytest.raises(CannotDoError, match=reason):
        await person.submit(slack.views[0], values)
    assert heard == []


async def test_a_press_in_a_form_brings_the_form_and_closing_is_told(
    slack: FakeSlack, client: AsyncWebClient, person: Person, heard: Heard
) -> None:
    await opened(slack, client)
    record = slack.views[0]
    await person.press(record, "reset", values={"turns": 7})
    await person.close(record)
    assert heard[0]["container"] == {"type": "view", "view_id": record.id}
    assert heard[0]["view"]["hash"] == record.hash
    assert heard[0]["view"]["state"]["values"]["turns"]["n"]["value"] == "7"
    assert heard[0].keys().isdisjoint({"channel", "message", "response_url"})
    assert heard[1]["type"] == "view_closed"


async def test_shortcuts_and_steps_come_with_what_they_allow(
    slack: FakeSlack, client: AsyncWebClient, person: Person, heard: Heard
) -> None:
    await person.global_shortcut("form")
    await person.message_shortcut("price_message", "kimi 20 turns")
    await person.run_step("price_rollout", {"request": "kimi"})
    assert "channel" not in heard[0]
    await client.views_open(trigger_id=heard[0]["trigger_id"], view=SHAPE)
    assert (heard[1]["message"]["text"], heard[1]["channel"]["id"]) == ("kimi 20 turns", "C1")
    step = heard[2]["event"]
    assert step["inputs"] == {"request": "kimi"}
    assert step["bot_access_token"] == slack.executions[step["function_execution_id"]].token


async def test_an_organisation_has_one_token_for_its_teams(
    slack: FakeSlack, http: HttpTransport, client: AsyncWebClient, heard: Heard
) -> None:
    for team in ("T1", "T2"):
        slack.add_workspace(team, enterprise_id="E1", is_enterprise_install=True)
    slack.add_channel("C2", "T2")
    await client.chat_postMessage(channel="C2", text="x")
    await Person(http, slack, "U2", "T2", "C2", enterprise="E1").command("kimi")
    assert [post.team for post in slack.posts] == ["T2", "T2"]
    assert (heard[0]["enterprise_id"], heard[0]["is_enterprise_install"]) == ("E1", "true")


class Answering:
    """An app that says the same to everything."""

    def __init__(self, answer: Object) -> None:
        self.answer = answer

    async def send(self, *_: object, **__: object) -> Ack:
        return Ack(200, json.dumps(self.answer), self.answer, 0.0)


async def test_an_answer_that_slack_would_not_show_is_the_apps_fault(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    with pytest.raises(CannotDoError, match="invalid_blocks"):
        await Person(Answering({"blocks": [section("")]}), slack).command("x")
    await opened(slack, client)
    answer = {"response_action": "update", "view": HOME}
    with pytest.raises(CannotDoError, match="Slack refuses the view"):
        await Person(Answering(answer), slack).submit(slack.views[0])


# Socket Mode


@pytest.mark.usefixtures("socket_app")
async def test_envelopes_are_acknowledged_with_their_answer(slack: FakeSlack, heard: Heard) -> None:
    person = Person(SocketTransport(slack, ack_seconds=0.2), slack)
    ack = await person.command("kimi")
    assert (ack.status, ack.json["text"]) == (200, "At once")
    assert slack.posts[0].via == "ack"
    assert (await person.mention("kimi")).status == 200
    assert [body.get("command") or body["event"]["type"] for body in heard] == [
        "/rlcost",
        "app_mention",
    ]
    assert (await person.global_shortcut("unknown")).status == 0


@pytest.mark.usefixtures("socket_app")
async def test_an_app_that_is_dropped_comes_back(slack: FakeSlack) -> None:
    slack.drop_connections()
    await slack.wait_for(lambda: slack.connections == 2)
    person = Person(SocketTransport(slack), slack)
    assert (await person.command("kimi")).status == 200


@pytest.mark.usefixtures("socket_app")
async def test_a_warning_makes_the_app_connect_anew(slack: FakeSlack) -> None:
    await slack.disconnect_warning("refresh_requested")
    await slack.wait_for(lambda: slack.connections == 2)


@pytest.mark.usefixtures("socket_app")
async def test_a_deaf_connection_is_open_and_silent(slack: FakeSlack, heard: Heard) -> None:
    slack.go_deaf(answers_pings=True)
    ack = await Person(SocketTransport(slack, ack_seconds=0.2), slack).command("kimi")
    assert (ack.status, heard, slack.connections) == (0, [], 1)
    slack.go_deaf()
    await slack.wait_for(lambda: slack.connections == 2)
    assert (await Person(SocketTransport(slack), slack).command("kimi")).status == 200


async def test_only_the_apps_own_token_opens_connections(client: AsyncWebClient) -> None:
    wrong = client.apps_connections_open(app_token="xoxb-1")
    assert await error_of(wrong) == "not_allowed_token_type"
    assert await error_of(client.apps_connections_open(app_token="xapp-9")) == "invalid_auth"
    address = str((await client.apps_connections_open(app_token=APP_TOKEN))["url"])
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(address) as socket:
            hello = await socket.receive_json()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(address)
    assert (hello["type"], hello["connection_info"]) == ("hello", {"app_id": "A1"})
