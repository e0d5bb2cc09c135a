"""Socket Mode, Slack's side: the connections, and the envelopes that go down them."""

import asyncio
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.fake_slack.shapes import Object

ACK_SECONDS = 3.0


@dataclass(eq=False)
class Connection:
    """One websocket; a deaf one stays open while nothing gets through."""

    socket: web.WebSocketResponse
    request: web.Request
    is_deaf: bool = False
    answers_pings: bool = True
    acks: dict[str, asyncio.Future[Object]] = field(default_factory=dict)

    async def say(self, message: Object) -> None:
        """Send a message, into the void where the connection is deaf."""
        if not self.is_deaf:
            await self.socket.send_str(json.dumps(message))

    def hear(self, text: str) -> None:
        """Take an acknowledgement."""
        message = json.loads(text)
        waiting = self.acks.pop(message.get("envelope_id", ""), None)
        if waiting and not waiting.done():
            waiting.set_result(message.get("payload") or {})


class Sockets:
    """All connections of the app, the newest last."""

    def __init__(self, *, app_id: str, note: Callable[[], None]) -> None:
        self.app_id = app_id
        self.note = note
        self.count = 0
        self.live: list[Connection] = []

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Hold one connection until either side ends it."""
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        connection = Connection(socket, request)
        hello = {
            "type": "hello",
            "num_connections": len(self.live) + 1,
            "debug_info": {},
            "connection_info": {"app_id": self.app_id},
        }
        await connection.say(hello)
        self.live.append(connection)
        self.count += 1
        self.note()
        try:
            await self._listen(connection)
        finally:
            self.live.remove(connection)
            self.note()
        return socket

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.socket:
            if message.type is WSMsgType.TEXT and not connection.is_deaf:
                connection.hear(message.data)
            elif message.type is WSMsgType.PING and connection.answers_pings:
                await connection.socket.pong(message.data)

    async def send(
        self,
        kind: str,
        payload: Object,
        *,
        envelope_id: str | None = None,
        retry_attempt: int = 0,
        retry_reason: str = "",
        ack_seconds: float = ACK_SECONDS,
    ) -> Object:
        """Send an envelope down the newest connection; what the acknowledgement says, or TimeoutError."""
        if not self.live:
            raise ConnectionError("the app has no Socket Mode connection")
        connection = self.live[-1]
        envelope: Object = {
            "envelope_id": envelope_id or str(uuid.uuid4()),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": retry_attempt, "retry_reason": retry_reason}
        acked: asyncio.Future[Object] = asyncio.get_running_loop().create_future()
        connection.acks[envelope["envelope_id"]] = acked
        await connection.say(envelope)
        return await asyncio.wait_for(acked, ack_seconds)

    def drop(self) -> None:
        """Break every connection off without a word."""
        for connection in self.live:
            if connection.request.transport:
                connection.request.transport.abort()

    def go_deaf(self, *, answers_pings: bool = False) -> None:
        """Keep the connections open while nothing gets through, or nothing but pings."""
        for connection in self.live:
            connection.is_deaf, connection.answers_pings = True, answers_pings

    async def warn(self, reason: str) -> None:
        """Tell the app that its connections will end."""
        for connection in self.live:
            message = {"type": "disconnect", "reason": reason, "debug_info": {"host": "fake"}}
            await connection.say(message)

    async def close(self) -> None:
        """End every connection in good order."""
        for connection in list(self.live):
            await connection.socket.close()
