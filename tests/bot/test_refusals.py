"""Slack's word for a refusal, out of real answers over HTTP: JSON, pages of proxies, and neither."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import ClientSession, web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.refusals import error_code, retry_after

PAGE = "<html>busy</html>"


@asynccontextmanager
async def answering(answer: web.Response) -> AsyncIterator[AsyncWebClient]:
    """A client of a server that gives one answer to whatever is asked."""

    async def answered(_: web.Request) -> web.Response:
        return answer

    app = web.Application()
    app.router.add_route("*", "/{method}", answered)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = "http://127.0.0.1:{1}/".format(*runner.addresses[0])
    async with ClientSession() as session:
        yield AsyncWebClient(token="xoxb-1", base_url=url, session=session, retry_handlers=[])
    await runner.cleanup()


async def refusal(answer: web.Response) -> SlackApiError:
    async with answering(answer) as client:
        with pytest.raises(SlackApiError) as caught:
            await client.auth_test()
    return caught.value


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (web.json_response({"ok": False, "error": "is_archived"}), "is_archived"),
        (web.json_response({"ok": False, "error": "ratelimited"}, status=429), "ratelimited"),
        (web.json_response({"ok": False}), ""),
        (web.json_response({"ok": False, "error": 7}), ""),
        (web.Response(status=503, text=PAGE, content_type="application/json"), ""),
        (web.Response(status=503, text=PAGE, content_type="text/html"), ""),
    ],
)
async def test_the_code_is_what_slack_said_and_empty_where_it_said_nothing(
    answer: web.Response, code: str
) -> None:
    assert error_code(await refusal(answer)) == code


@pytest.mark.parametrize("kind", ["application/json", "text/html"])
@pytest.mark.parametrize(
    ("said", "wait"),
    [("7", timedelta(seconds=7)), ("86400", timedelta(hours=1)), ("soon", None), (None, None)],
)
async def test_a_wait_that_is_asked_for_is_read_from_any_answer(
    kind: str, said: str | None, wait: timedelta | None
) -> None:
    headers = {"Retry-After": said} if said else {}
    answer = web.Response(status=503, text=PAGE, content_type=kind, headers=headers)
    assert retry_after(await refusal(answer)) == wait
