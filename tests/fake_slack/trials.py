"""What the tests of the fake share: a clock, an error's code, and a Bolt app that notes what it hears."""

from collections.abc import Awaitable, Callable

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fake_slack import (
    FakeSlack,
)
from tests.fake_slack.samples import SHAPE, Object, plain, section

SECRET = "signing-secret"
Heard = list[Object]


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def error_of(call: Awaitable[object]) -> str:
    """The error code of a call that is refused."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


def listening_app(slack: FakeSlack, heard: Heard) -> AsyncApp:
    """A Bolt app that notes what it hears and opens a form."""
    client = AsyncWebClient(token="xoxb-1", base_url=slack.api_url)
    app = AsyncApp(client=client, signing_secret=SECRET, raise_error_for_unhandled_request=False)

    async def note(ack: Callable[..., Awaitable[object]], body: Object) -> None:
        await ack()
        heard.append(body)

    async def answer_form(ack: Callable[..., Awaitable[object]], view: Object) -> None:
        heard.append(view["state"]["values"])
        if view["state"]["values"]["turns"]["n"]["value"] == "13":
            await ack(response_action="errors", errors={"turns": "an unlucky number"})
        else:
            await ack(response_action="update", view={**SHAPE, "title": plain("Again")})

    async def answer_command(ack: Callable[..., Awaitable[object]], body: Object) -> None:
        heard.append(body)
        await ack(text="At once", blocks=[section("At once")])

    app.command("/rlcost")(answer_command)
    for name in ("share", "compare", "feedback", "reset"):
        app.action(name)(note)
    app.shortcut("form")(note)
    app.shortcut("price_message")(note)
    app.view("shape")(answer_form)
    app.view_closed("shape")(note)
    for kind in (
        "app_mention",
        "message",
        "app_home_opened",
        "function_executed",
        "app_uninstalled",
    ):
        app.event(kind)(note)
    return app
