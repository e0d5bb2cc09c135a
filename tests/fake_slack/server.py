"""A strict Slack on 127.0.0.1: it takes what Slack would take, refuses the rest, and remembers all."""

import base64
import json
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.fake_slack.messages import respond, use_response_url
from tests.fake_slack.methods import perform
from tests.fake_slack.records import Call, RefusalError
from tests.fake_slack.script import RESPONSE_URL, Planned
from tests.fake_slack.shapes import Json, Object
from tests.fake_slack.sockets import Sockets
from tests.fake_slack.state import State

MAX_BODY_BYTES = 8_000_000
JSON_PARAMETERS = frozenset(
    "attachments blocks files message metadata outputs prompts view".split()
)
APP_TOKEN, CLIENT_ID, CLIENT_SECRET = "xapp-1-A1-1-fake", "1.2", "client-secret"


class FakeSlack(State):
    """The server. `async with FakeSlack() as slack:` starts and stops it."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        app_token: str = APP_TOKEN,
        client_id: str = CLIENT_ID,
        client_secret: str = CLIENT_SECRET,
    ) -> None:
        super().__init__(
            clock=clock, app_token=app_token, client_id=client_id, client_secret=client_secret
        )
        self.sockets = Sockets(app_id=self.app_id, note=self.note)
        self.refuse = self.script.refuse
        self.delay = self.script.delay
        self.refuse_block_types = self.script.refuse_block_types
        self.refuse_all_blocks = self.script.refuse_all_blocks
        self.accept_blocks = self.script.accept_blocks
        self.send_envelope = self.sockets.send
        self.drop_connections = self.sockets.drop
        self.go_deaf = self.sockets.go_deaf
        self._runner: web.AppRunner | None = None

    @property
    def api_url(self) -> str:
        return f"{self.base_url}/api/"

    @property
    def connections(self) -> int:
        """How many Socket Mode connections there have been."""
        return self.sockets.count

    async def disconnect_warning(self, reason: str = "warning") -> None:
        """Tell the app that its connection will end soon, and why."""
        await self.sockets.warn(reason)

    def called(self, method: str) -> list[Call]:
        """The calls of one method, in order."""
        return [call for call in self.calls if call.method == method]

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/response/{team}/{number}/{key}", self._response)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/link", self._link)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.base_url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.sockets.close()
        if self._runner:
            await self._runner.cleanup()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method, params = request.match_info["method"], await parameters(request)
        call = Call(method, token_of(request, params), params, self.clock())
        self.calls.append(call)
        self.note()
        await self.script.hold(method)
        planned = self.script.next_refusal(method)
        try:
            if planned and not planned.perform:
                raise RefusalError(planned.error, status=planned.status)
            answer, status = {"ok": True, **perform(self, call)}, 200
        except RefusalError as refusal:
            call.error = refusal.error
            answer, status = (
                {"ok": False, "error": refusal.error, **refusal.details},
                refusal.status,
            )
        call.is_answered = True
        self.note()
        if planned:
            return await fail(request, planned)
        return web.json_response(answer, status=status, headers=self._scopes(call))

    def _scopes(self, call: Call) -> dict[str, str]:
        teams = self.workspaces_of(call.token)
        return {"x-oauth-scopes": ",".join(teams[0].scopes)} if teams else {}

    async def _response(self, request: web.Request) -> web.StreamResponse:
        address = self.response_urls.get(f"{self.base_url}{request.path}")
        if address is None:
            return web.Response(status=404, text="no_active_hooks")
        params = await request.json() if request.content_type == "application/json" else None
        await self.script.hold(RESPONSE_URL)
        planned = self.script.next_refusal(RESPONSE_URL)
        if planned and not planned.perform:
            return await fail(request, planned)
        try:
            use_response_url(self, address)
            respond(self, address, params)
        except RefusalError as refusal:
            return refused_response(refusal)
        return await fail(request, planned) if planned else web.Response(text="ok")

    async def _upload(self, request: web.Request) -> web.Response:
        content = await request.read()
        for file in self.files:
            if file.id == request.match_info["file"] and file.length == len(content):
                file.content = content
                return web.Response(text=f"OK - {len(content)}")
        return web.Response(status=400, text="not the file that was announced")

    async def _link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            return web.Response(status=403, text="no such ticket")
        self.tickets.remove(ticket)
        return await self.sockets.serve(request)


def refused_response(refusal: RefusalError) -> web.Response:
    """How a response URL says no: addresses in JSON, messages in a word."""
    if refusal.status == 404:
        return web.json_response({"ok": False, "error": refusal.error}, status=404)
    return web.Response(status=400, text=refusal.error)


async def fail(request: web.Request, planned: Planned) -> web.StreamResponse:
    """Fail as a test planned it."""
    if planned.drop:
        return await broken_off(request)
    if planned.status == 400:
        return web.Response(status=400, text=planned.error)
    headers = {} if planned.retry_after is None else {"Retry-After": str(planned.retry_after)}
    answer = {"ok": False, "error": planned.error}
    return web.json_response(answer, status=planned.status, headers=headers)


async def broken_off(request: web.Request) -> web.StreamResponse:
    """Begin an answer and hang up in the middle of it."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"ok"')
    if request.transport:
        request.transport.abort()
    return response


async def parameters(request: web.Request) -> Object:
    """What a call says, in its address, its form or its JSON; values that are JSON as what they say."""
    body: Json = {}
    if request.content_type == "application/json":
        body = await request.json()
    elif request.method == "POST":
        body = dict(await request.post())
    said = {**request.query, **body, **basic_credentials(request)}
    return {
        name: decoded(value) if name in JSON_PARAMETERS and isinstance(value, str) else value
        for name, value in said.items()
    }


def decoded(value: str) -> Json:
    """A JSON value; what is none stays as it is, to be refused as the wrong kind of thing."""
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def basic_credentials(request: web.Request) -> dict[str, str]:
    """The client's id and secret, where they come as HTTP credentials."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Basic":
        return {}
    client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
    return {"client_id": client_id, "client_secret": secret}


def token_of(request: web.Request, params: Object) -> str | None:
    """The token of a call, from its header or else from its arguments, which are without it then."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    said: str | None = params.pop("token", None)
    return token if scheme == "Bearer" else said
