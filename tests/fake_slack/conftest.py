"""A fake Slack with one team and one channel, a client of its bot, and a Bolt app before it."""

from collections.abc import AsyncIterator, Sequence

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from tests.fake_slack import (
    APP_TOKEN,
    FakeSlack,
    HttpTransport,
    Person,
)
from tests.fake_slack.trials import SECRET, Clock, Heard, listening_app


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[FakeSlack]:
    async with FakeSlack(clock=clock) as fake:
        fake.add_workspace()
        fake.add_channel("C1")
        yield fake


@pytest.fixture
def client(slack: FakeSlack) -> AsyncWebClient:
    return AsyncWebClient(token="xoxb-1", base_url=slack.api_url)


@pytest.fixture
def heard() -> Heard:
    return []


@pytest.fixture
async def http(slack: FakeSlack, heard: Heard) -> AsyncIterator[HttpTransport]:
    app = listening_app(slack, heard)

    async def receive(request: web.Request) -> web.Response:
        body = await request.text()
        headers: dict[str, str | Sequence[str]] = dict(request.headers)
        answer = await app.async_dispatch(AsyncBoltRequest(body=body, headers=headers))
        kind = {"Content-Type": answer.first_headers().get("content-type", "text/plain")}
        return web.Response(status=answer.status, text=answer.body or "", headers=kind)

    served = web.Application()
    served.router.add_post("/slack/events", receive)
    runner = web.AppRunner(served, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    yield HttpTransport(f"http://127.0.0.1:{port}/slack/events", SECRET)
    await runner.cleanup()


@pytest.fixture
def person(http: HttpTransport, slack: FakeSlack) -> Person:
    return Person(http, slack)


@pytest.fixture
async def socket_app(slack: FakeSlack, heard: Heard) -> AsyncIterator[AsyncSocketModeHandler]:
    handler = AsyncSocketModeHandler(listening_app(slack, heard), APP_TOKEN, ping_interval=0.05)
    handler.client.web_client.base_url = slack.api_url
    await handler.connect_async()
    await slack.wait_for(lambda: slack.connections == 1)
    yield handler
    await handler.close_async()
