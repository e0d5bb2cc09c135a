"""HTTP: Slack's requests, checked before anything is parsed; health; and the pages of an installation."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import Clock, SignatureVerifier

from bot.logs import log_fault

LARGEST_BODY = 1024 * 1024

Dispatch = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]
Health = Callable[[], Awaitable[dict[str, Any]]]


class _SystemClock(Clock):
    """The clock that signatures are held against."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    def now(self) -> float:
        return self._now()


def web_app(
    dispatch: Dispatch,
    *,
    signing_secret: str | None,
    ready: Health,
    oauth_flow: AsyncOAuthFlow | None = None,
    now: Callable[[], float] = time.time,
) -> web.Application:
    """All routes. Without a signing secret, in Socket Mode, Slack has nothing to call here."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app.add_routes([web.get("/healthz", _healthy), web.get("/readyz", _readiness(ready))])
    if signing_secret:
        verifier = SignatureVerifier(signing_secret, clock=_SystemClock(now))
        app.add_routes([web.post("/slack/events", _events(dispatch, verifier))])
    if oauth_flow:
        app.add_routes(
            [
                web.get(oauth_flow.install_path, _page(oauth_flow.handle_installation)),
                web.get(oauth_flow.redirect_uri_path, _page(oauth_flow.handle_callback)),
            ]
        )
    return app


def _events(
    dispatch: Dispatch, verifier: SignatureVerifier
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Size, then signature, then form: what nobody signed is never parsed."""

    async def events(request: web.Request) -> web.Response:
        body = await request.read()  # 413 beyond the largest
        if not _is_text(body):
            return web.Response(status=400, text="This is no request that Slack sends.")
        if not _is_signed(request, body, verifier):
            return web.Response(status=401, text="This request is not signed by Slack.")
        bolt_request = await _read(request)
        if bolt_request is None:
            return web.Response(status=400, text="This is no request that Slack sends.")
        return await to_aiohttp_response(await dispatch(bolt_request))

    return events


def _is_text(body: bytes) -> bool:
    """Whether it is UTF-8; the verifier raises on anything else."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_signed(request: web.Request, body: bytes, verifier: SignatureVerifier) -> bool:
    timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    # The verifier raises on anything but digits.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 20 and signature):
        return False
    return signature.isascii() and verifier.is_valid(body, timestamp, signature)


async def _read(request: web.Request) -> AsyncBoltRequest | None:
    """Slack's request, None for what is signed and yet none."""
    try:
        found = await to_bolt_request(request)
    except (ValueError, TypeError, AttributeError, KeyError, LookupError, RecursionError):
        return None
    return found if is_payload(found.body) else None


_INTERACTIONS = {
    "block_actions": ("actions", list),
    "message_action": ("callback_id", str),
    "shortcut": ("callback_id", str),
    "view_closed": ("view", dict),
    "view_submission": ("view", dict),
}


def is_payload(body: object) -> bool:
    """Whether a body has the shape of one of the requests that Slack sends."""
    if not isinstance(body, dict):
        return False
    if "command" in body:
        return all(isinstance(body.get(key), str) for key in ("command", "team_id", "user_id"))
    if "ssl_check" in body:
        return True
    kind = body.get("type")
    if kind in ("url_verification", "app_rate_limited"):
        return True
    if kind == "event_callback":
        return _is_event(body)
    if not isinstance(kind, str) or kind not in _INTERACTIONS:
        return False
    key, form = _INTERACTIONS[kind]
    held, user = body.get(key), body.get("user")
    if not (isinstance(held, form) and held and isinstance(user, dict)):
        return False
    return isinstance(user.get("id"), str) and _is_whole(held)


def _is_whole(held: object) -> bool:
    """Whether what was pressed, or the view that was sent, has the parts that are read."""
    if isinstance(held, list):
        return all(isinstance(action, dict) for action in held)
    if isinstance(held, dict):
        state = held.get("state", {})
        return isinstance(state, dict) and isinstance(state.get("values", {}), dict)
    return True


def _is_event(body: dict[str, Any]) -> bool:
    event = body.get("event")
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        return False
    if event["type"] not in ("app_mention", "message"):
        return True
    texts = ("channel_type", "subtype", "text", "thread_ts")
    if not all(isinstance(event.get(key), str) for key in ("channel", "ts")):
        return False
    return all(isinstance(event.get(key), str | None) for key in texts)


async def _healthy(_: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"ok": True})


def _readiness(ready: Health) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Whether requests would be answered; for whoever sends them here, or restarts this."""

    async def readiness(_: web.Request) -> web.Response:
        found = await ready()
        return web.json_response(found, status=200 if found["ok"] else 503)

    return readiness


def _page(
    handle: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def page(request: web.Request) -> web.Response:
        try:
            return await to_aiohttp_response(await handle(await to_bolt_request(request)))
        except Exception as error:  # noqa: BLE001 - a browser gets a page too, not a traceback
            reference = log_fault(error, where="an installation")
            text = (
                f"Sorry, the installation failed. The reference is {reference}; please try again."
            )
            return web.Response(status=500, text=text)

    return page
