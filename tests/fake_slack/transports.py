"""How what a person does reaches the app: signed over HTTP, or as an envelope over a websocket."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import urlencode

from aiohttp import ClientSession, ClientTimeout

from tests.fake_slack.server import FakeSlack
from tests.fake_slack.shapes import Json, Object

Kind = Literal["command", "interactive", "event"]
FORM = "application/x-www-form-urlencoded"
ENVELOPES = {"command": "slash_commands", "interactive": "interactive", "event": "events_api"}
NOT_ACKED = 0


@dataclass(frozen=True)
class Ack:
    """What the app said within the request, and how long it took. Status 0: it said nothing."""

    status: int
    body: str
    json: Json
    seconds: float


@dataclass(frozen=True)
class Retry:
    """That Slack sends an event again, and why."""

    number: int
    reason: str = "http_timeout"


class Transport(Protocol):
    """A way to the app."""

    async def send(self, kind: Kind, payload: Object, *, retry: Retry | None = None) -> Ack: ...


def as_json(body: str) -> Json:
    """A body's JSON, None where it is none."""
    try:
        return json.loads(body)
    except json.JSONDecodeError:
        return None


class HttpTransport:
    """Requests as Slack signs them, to the app's address."""

    def __init__(
        self,
        url: str,
        signing_secret: str,
        clock: Callable[[], float] = time.time,
        *,
        seconds: float = 10.0,
    ) -> None:
        self.url = url
        self.signing_secret = signing_secret
        self.clock = clock
        self.seconds = seconds

    def signed(
        self, body: str, *, timestamp: str | None = None, secret: str | None = None
    ) -> dict[str, str]:
        """The headers that prove a body to be Slack's; a test may choose what is wrong with them."""
        at = str(int(self.clock())) if timestamp is None else timestamp
        key = (self.signing_secret if secret is None else secret).encode()
        mac = hmac.new(key, f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={mac}"}

    async def raw(self, body: str | bytes, headers: dict[str, str]) -> Ack:
        """Post a body as it is."""
        begun = time.perf_counter()
        limit = ClientTimeout(total=self.seconds)
        async with (
            ClientSession(timeout=limit) as session,
            session.post(self.url, data=body, headers=headers) as response,
        ):
            text = await response.text()
            return Ack(response.status, text, as_json(text), time.perf_counter() - begun)

    @staticmethod
    def encoded(kind: Kind, payload: Object) -> tuple[str, str]:
        """A payload's body and content type, which differ by kind."""
        if kind == "command":
            return urlencode(payload), FORM
        said = json.dumps(payload)
        if kind == "interactive":
            return urlencode({"payload": said}), FORM
        return said, "application/json"

    async def send(self, kind: Kind, payload: Object, *, retry: Retry | None = None) -> Ack:
        body, content_type = self.encoded(kind, payload)
        headers = {"Content-Type": content_type, **self.signed(body)}
        if retry:
            headers |= {
                "X-Slack-Retry-Num": str(retry.number),
                "X-Slack-Retry-Reason": retry.reason,
            }
        return await self.raw(body, headers)


class SocketTransport:
    """Envelopes down the app's newest Socket Mode connection."""

    def __init__(self, fake: FakeSlack, *, ack_seconds: float = 3.0) -> None:
        self.fake = fake
        self.ack_seconds = ack_seconds

    async def send(self, kind: Kind, payload: Object, *, retry: Retry | None = None) -> Ack:
        begun = time.perf_counter()
        try:
            answer = await self.fake.send_envelope(
                ENVELOPES[kind],
                payload,
                retry_attempt=retry.number if retry else 0,
                retry_reason=retry.reason if retry else "",
                ack_seconds=self.ack_seconds,
            )
        except TimeoutError:
            return Ack(NOT_ACKED, "", None, time.perf_counter() - begun)
        body = json.dumps(answer) if answer else ""
        return Ack(200, body, answer or None, time.perf_counter() - begun)
