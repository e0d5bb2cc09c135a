"""Getting a reply to where it belongs, whatever Slack does: refused blocks, dead response URLs, rate limits.

The ladder: native blocks; if Slack refuses them the same table as text, once; then the sentence alone. A response URL is used
five times at most within its half hour; after that, or when it is dead, the message goes by the Web API. Channels get one
message a second, in order.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from aiohttp import ClientError, ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.formatting.reply import Message
from bot.refusals import error_code

_log = logging.getLogger(__name__)

_REFUSED = ("invalid_blocks", "msg_blocks_too_long", "invalid_blocks_format")
_NOT_THERE = ("channel_not_found", "is_archived", "not_in_channel", "user_not_in_channel")

# Links to sources stay links; what somebody shares must not fill the channel with pictures of price pages.
_NO_PREVIEWS: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}

RESPONSE_URL_USES = 5
RESPONSE_URL_SECONDS = 30 * 60
PLAIN_SECONDS = 24 * 60 * 60
CHANNEL_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a reply goes. Only `user_id` sees what is ephemeral; a response URL is tried before the Web API.

    Where the bot may not write it goes to the person's own messages, unless those will not do.
    """

    team_id: str
    user_id: str
    channel_id: str = ""
    thread_ts: str = ""
    response_url: str = ""
    ephemeral: bool = False
    own_messages_will_do: bool = True


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that stands in a channel, where follow-ups can find it."""

    channel_id: str
    ts: str


class _Outcome(Enum):
    """What became of a message that was given to a response URL."""

    TAKEN = "taken"
    REFUSED = "refused"
    DEAD = "dead"


class Delivery:
    """Sends replies. What it remembers is small and may be lost: who refused blocks, how often a URL was used."""

    def __init__(
        self,
        session: ClientSession,
        *,
        retry_handlers: list[AsyncRetryHandler],
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._session = session
        self._retry_handlers = retry_handlers
        self._now = now
        self._plain_until: dict[str, float] = {}
        self._urls: dict[str, tuple[float, int]] = {}
        self._pace = _Pace(now=now, sleep=sleep)

    async def deliver(
        self, reply: Message, place: Place, client: AsyncWebClient, *, key: str = ""
    ) -> Posted | None:
        """Send a reply by whatever way is open; returns where it stands if others can see it by the Web API.

        A `key` makes a message that is posted a second time known to Slack as the same one. Raises SlackApiError where Slack takes it by no way, not as text in the person's own messages either.
        """
        if place.response_url and await self._by_url(reply, place):
            return None
        return await self._by_api(reply, place, client, key)

    async def update(
        self, reply: Message, place: Place, client: AsyncWebClient, *, ts: str
    ) -> bool:
        """Put a reply in the place of a message of ours there; whether Slack took it.

        One that a single person sees has no other way than the response URL of a press on it.
        """
        if place.ephemeral:
            return bool(place.response_url) and await self._by_url(reply, place, replaces=True)
        for _, body in self._rungs(reply, place.team_id):
            # Without `blocks` the old ones would stay, with their buttons.
            said = {"blocks": [], **body}
            try:
                async with self._pace.turn(f"{place.team_id}/{place.channel_id}"):
                    await client.chat_update(channel=place.channel_id, ts=ts, **said)
            except SlackApiError as error:
                if error_code(error) not in _REFUSED:
                    _log.warning("a message stays as it was: %s", error_code(error))
                    return False
            else:
                return True
        return False

    # -- the ladder --------------------------------------------------------------------------------------

    def _rungs(self, reply: Message, team_id: str) -> "Iterator[tuple[bool, dict[str, Any]]]":
        """Ever plainer bodies of a message, and whether each is the native one."""
        if self._plain_until.get(team_id, 0) <= self._now():
            yield True, _body(reply, reply.blocks())
        yield False, _body(reply, reply.blocks(native=False))
        yield False, _body(reply, [])

    def _remember_plain(self, team_id: str) -> None:
        """Old clients refuse native blocks for a while yet; what follows goes straight to the plain ones."""
        self._plain_until[team_id] = self._now() + PLAIN_SECONDS

    # -- by response URL ---------------------------------------------------------------------------------

    async def _by_url(self, reply: Message, place: Place, *, replaces: bool = False) -> bool:
        """Whether the response URL took the reply on one of the rungs."""
        kind = "ephemeral" if place.ephemeral else "in_channel"
        thread = {"thread_ts": place.thread_ts} if place.thread_ts and not replaces else {}
        refused_native = False
        for native, body in self._rungs(reply, place.team_id):
            if not self._may_use(place.response_url):
                return False
            outcome = await self._post_to_url(
                place.response_url,
                {
                    **body,
                    **_NO_PREVIEWS,
                    **thread,
                    "response_type": kind,
                    "replace_original": replaces,
                },
            )
            if outcome is _Outcome.DEAD:
                return False
            if outcome is _Outcome.TAKEN:
                if refused_native and "blocks" in body:
                    self._remember_plain(place.team_id)
                return True
            refused_native = refused_native or native
        return False

    def _may_use(self, url: str) -> bool:
        """Whether Slack would still take something at this URL; counts the use."""
        now = self._now()
        while self._urls and self._urls[oldest := next(iter(self._urls))][0] <= now:
            del self._urls[oldest]  # all live equally long, so the first is the first to go
        until, uses = self._urls.get(url, (now + RESPONSE_URL_SECONDS, 0))
        if uses >= RESPONSE_URL_USES:
            return False
        self._urls[url] = until, uses + 1
        return True

    async def _post_to_url(self, url: str, body: dict[str, Any]) -> _Outcome:
        """One use of a response URL, which says what it refuses in its answer and never raises."""
        hook = AsyncWebhookClient(url, session=self._session, retry_handlers=self._retry_handlers)
        try:
            response = await hook.send_dict(body)
        except (ClientError, TimeoutError) as error:
            _log.warning("a response URL could not be reached: %s", type(error).__name__)
            return _Outcome.DEAD
        if response.status_code == 200:
            return _Outcome.TAKEN
        refused = any(word in response.body for word in _REFUSED)
        _log.warning(
            "a response URL answered %s%s", response.status_code, ", refusing blocks" * refused
        )
        return _Outcome.REFUSED if refused else _Outcome.DEAD

    # -- by the Web API ----------------------------------------------------------------------------------

    async def _by_api(
        self, reply: Message, place: Place, client: AsyncWebClient, key: str
    ) -> Posted | None:
        """In the channel, or where the bot is not there in the person's own messages."""
        try:
            return await self._in_channel(reply, place, client, key)
        except SlackApiError as error:
            if error_code(error) not in _NOT_THERE or _is_last(place):
                raise
            own = replace(place, channel_id=place.user_id, thread_ts="", ephemeral=False)
            return await self._in_channel(reply, own, client, key)

    async def _in_channel(
        self, reply: Message, place: Place, client: AsyncWebClient, key: str
    ) -> Posted | None:
        refused_native = False
        last: SlackApiError | None = None
        for native, body in self._rungs(reply, place.team_id):
            if key:
                body["client_msg_id"] = str(uuid5(NAMESPACE_OID, key))
            try:
                posted = await self._post(body, place, client)
            except SlackApiError as error:
                if error_code(error) not in _REFUSED:
                    raise
                refused_native, last = refused_native or native, error
                continue
            if refused_native and "blocks" in body:
                self._remember_plain(place.team_id)
            return posted
        assert last is not None  # noqa: S101 - there is always a rung, and it returned or was refused
        raise last

    async def _post(
        self, body: dict[str, Any], place: Place, client: AsyncWebClient
    ) -> Posted | None:
        channel = place.channel_id or place.user_id
        where: dict[str, Any] = {"channel": channel}
        if place.thread_ts:
            where["thread_ts"] = place.thread_ts
        async with self._pace.turn(f"{place.team_id}/{channel}"):
            if place.ephemeral and place.channel_id:
                await client.chat_postEphemeral(**where, user=place.user_id, **body)
                return None
            response = await client.chat_postMessage(**where, **_NO_PREVIEWS, **body)
        return Posted(channel_id=str(response["channel"]), ts=str(response["ts"]))


def _is_last(place: Place) -> bool:
    """Whether there is nowhere else to send a reply: it goes to the person's own messages already, or must not."""
    return not place.own_messages_will_do or place.channel_id in ("", place.user_id)


def _body(reply: Message, blocks: list[dict[str, Any]]) -> dict[str, Any]:
    return {"text": reply.text, "blocks": blocks} if blocks else {"text": reply.text}


class _Pace:
    """One message a second into each channel, in the order of asking."""

    def __init__(
        self, *, now: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._queues: dict[str, _Queue] = {}

    def turn(self, channel: str) -> "_Turn":
        for name in [n for n, q in self._queues.items() if q.is_idle(self._now())]:
            del self._queues[name]
        return _Turn(self._queues.setdefault(channel, _Queue()), self._now, self._sleep)


class _Queue:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0
        self.free_at = 0.0

    def is_idle(self, now: float) -> bool:
        return not self.waiting and self.free_at <= now


class _Turn:
    """A place in a channel's queue: entered when it is its turn, and a second after the last."""

    def __init__(
        self, queue: _Queue, now: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._queue = queue
        self._now = now
        self._sleep = sleep

    async def __aenter__(self) -> None:
        self._queue.waiting += 1
        try:
            await self._queue.lock.acquire()
        except asyncio.CancelledError:
            self._queue.waiting -= 1
            raise
        try:
            await self._sleep(max(0.0, self._queue.free_at - self._now()))
        except asyncio.CancelledError:
            self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._queue.free_at = self._now() + CHANNEL_SECONDS
        self._leave()

    def _leave(self) -> None:
        self._queue.lock.release()
        self._queue.waiting -= 1
