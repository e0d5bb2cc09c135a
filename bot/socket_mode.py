"""Socket Mode, watched: a socket that is lost, or that has gone deaf, is opened anew."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from aiohttp import WSMessage
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.logs import log_fault

_log = logging.getLogger(__name__)

_CONNECT_SECONDS = 30.0

LOOK_SECONDS = 10.0
"""How often the watch looks; a lost connection is opened anew at the next look."""

SILENT_SECONDS = 15 * 60.0
"""A socket over which nothing came for so long is opened anew: sockets have been known to go deaf and look well.
In a quiet workspace that costs one call in a quarter of an hour."""


class SocketMode:
    """The connection over which Slack sends what it would otherwise post."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        *,
        look_seconds: float = LOOK_SECONDS,
        silent_seconds: float = SILENT_SECONDS,
        ping_seconds: float = 10.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._handler = AsyncSocketModeHandler(app, app_token, ping_interval=ping_seconds)
        self._client = self._handler.client
        self._client.on_message_listeners.append(self._heard)
        self._look_seconds = look_seconds
        self._silent_seconds = silent_seconds
        self._now = now
        self._last_heard: float | None = None
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect and watch. Raises SlackApiError where Slack refuses the app-level token."""
        self._client.wss_uri = await self._client.issue_new_wss_url()
        async with asyncio.timeout(_CONNECT_SECONDS):  # connecting retries for ever
            await self._client.connect()  # type: ignore[no-untyped-call] # slack_sdk gives no types here
        self._last_heard = self._now()
        self._watching = asyncio.create_task(self._watch(), name="the socket's watch")

    async def stop(self) -> None:
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self._handler.close_async()  # type: ignore[no-untyped-call] # nor Bolt here

    async def state(self) -> dict[str, Any]:
        """For the readiness page: whether the socket is open, and how long ago anything came over it."""
        silent = None if self._last_heard is None else round(self._now() - self._last_heard, 1)
        return {
            "ok": await self._client.is_connected(),
            "last_envelope_seconds_ago": silent,
        }

    async def _heard(self, _: WSMessage) -> None:
        self._last_heard = self._now()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._look_seconds)
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - a watch that ends leaves the bot deaf
                log_fault(error, where="reconnecting the socket")

    async def _look(self) -> None:
        """Open a new connection where the old one is lost, or has been silent for too long."""
        silent = self._now() - (self._last_heard or 0.0)
        connected = await self._client.is_connected()
        if connected and silent < self._silent_seconds:
            return
        _log.warning("the socket %s; opening a new one", "is silent" if connected else "is lost")
        async with asyncio.timeout(_CONNECT_SECONDS):
            await self._client.connect_to_new_endpoint(force=True)
        self._last_heard = self._now()
