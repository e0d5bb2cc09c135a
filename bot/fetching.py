"""Pages over the network: whole, of a size that can be, from the host that was asked, or a FetchError."""

import asyncio
import random
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urldefrag, urlencode, urljoin, urlsplit

import aiohttp

from bot.addresses import url_fault
from bot.bodies import read_body
from bot.source_settings import API_KEY_VARIABLE
from pricing.sources import FaultCode, FetchError
from pricing.sources.money import shortened

CONNECT_SECONDS = 10.0
WHOLE_SECONDS = 30.0
MOST_BYTES = 10_000_000
MOST_PAGES = 50

_PAUSES_SECONDS = (1.0, 4.0)
_JITTER = 0.25
_LONGEST_PAUSE_SECONDS = 30.0
_MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_ETAG, _SINCE = "If-None-Match", "If-Modified-Since"
_HEADERS = {"User-Agent": "rlcost (+rate check)", "Accept-Encoding": "gzip"}
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A page, and what its next request is made conditional with. `content` is empty where it is not modified."""

    content: bytes
    etag: str | None
    last_modified: str | None
    not_modified: bool


class _PassingError(FetchError):
    """A fault that may be gone in a moment; the server may have said in how many seconds."""

    def __init__(self, code: FaultCode, text: str, *, retry_after_seconds: float = 0) -> None:
        super().__init__(code, text)
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """One request, and how many bytes its answer may have."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    most_bytes: int

    @property
    def place(self) -> str:
        """The URL for sentences: a query may hold what is nobody's business."""
        parts = urlsplit(self.url)
        return shortened(f"{parts.scheme}://{parts.netloc}{parts.path}")

    @property
    def conditional(self) -> bool:
        return bool({_ETAG, _SINCE} & self.headers.keys())


class Fetcher:
    """Fetches pages by a session that takes no proxies from the environment.

    `connect_seconds` is the time to connect, `whole_seconds` that of one try, redirects and body
    included; `most_bytes` what all pages of one fetch may have together, decoded.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        connect_seconds: float = CONNECT_SECONDS,
        whole_seconds: float = WHOLE_SECONDS,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        if session.trust_env:
            raise ValueError("the session takes proxies from the environment")
        self._session = session
        self._sleep = sleep
        self._jitter = jitter
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect_seconds)
        self._whole_seconds = whole_seconds
        self._most_bytes = most_bytes

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        bearer: str | None = None,
        next_page: Callable[[bytes], str | None] | None = None,
    ) -> Fetched:
        """The page of a URL; with `next_page`, which finds the token of the next one, all its pages.

        Pages stand one behind the other, each on a line of its own. They are always fetched whole,
        since an unchanged first page says nothing of those behind it. Raises FetchError, which never
        quotes a query or the key of `bearer`.
        """
        fault = url_fault(url, query_allowed=True)
        if fault:
            raise FetchError(FaultCode.NOT_HTTPS, f"the URL {fault}; give an https URL")
        conditions = {} if next_page else {_ETAG: etag, _SINCE: last_modified}
        key = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        said = {name: value for name, value in conditions.items() if value}
        ask = _Ask(url=url, headers={**_HEADERS, **key, **said}, most_bytes=self._most_bytes)
        return await (self._pages(ask, next_page) if next_page else self._page(ask))

    async def _pages(self, first: _Ask, next_page: Callable[[bytes], str | None]) -> Fetched:
        pages: list[bytes] = []
        tokens: set[str] = set()
        ask = first
        while len(pages) < MOST_PAGES:
            pages.append((await self._page(ask)).content)
            token = next_page(pages[-1])
            if token is None:
                return Fetched(
                    content=b"\n".join(pages), etag=None, last_modified=None, not_modified=False
                )
            if token in tokens:
                raise FetchError(
                    FaultCode.STATUS, f"`{first.place}` names the same further page again and again"
                )
            tokens.add(token)
            left = first.most_bytes - sum(map(len, pages))
            ask = replace(first, url=_with_token(first.url, token), most_bytes=left)
        raise FetchError(FaultCode.TOO_LARGE, f"`{first.place}` has more than {MOST_PAGES} pages")

    async def _page(self, ask: _Ask) -> Fetched:
        """One page, tried again where its fault may pass."""
        for pause in _PAUSES_SECONDS:
            try:
                return await self._try(ask)
            except _PassingError as fault:
                wanted = min(fault.retry_after_seconds, _LONGEST_PAUSE_SECONDS)
                await self._sleep(max(pause * (1 + _JITTER * self._jitter()), wanted))
        return await self._try(ask)

    async def _try(self, ask: _Ask) -> Fetched:
        # `from None`: aiohttp's errors quote the URL with its query, and the headers with the key.
        try:
            async with asyncio.timeout(self._whole_seconds):
                return await self._follow(ask)
        except zlib.error:
            raise FetchError(
                FaultCode.ENCODING,
                f"`{ask.place}` says that it is `gzip`, and is not; look whether its URL is right",
            ) from None
        except TimeoutError:
            raise _PassingError(
                FaultCode.TIMEOUT,
                f"`{ask.place}` did not answer in time; look whether it opens from this machine",
            ) from None
        except aiohttp.ClientError as error:
            raise _PassingError(
                FaultCode.UNREACHABLE,
                f"`{ask.place}` could not be read, since {_why(error)}; "
                "look whether it opens from this machine",
            ) from None

    async def _follow(self, ask: _Ask) -> Fetched:
        """The answer, after redirects within its host."""
        url = ask.url
        for _ in range(_MOST_REDIRECTS + 1):
            async with self._session.get(
                url,
                headers=ask.headers,
                timeout=self._timeout,
                allow_redirects=False,
                auto_decompress=False,
                raise_for_status=False,
            ) as response:
                if response.status not in _REDIRECTS:
                    return await _answer(response, ask)
                url = _target(response, ask)
        raise FetchError(
            FaultCode.REDIRECT,
            f"`{ask.place}` redirects more than {_MOST_REDIRECTS} times; set the URL where it leads",
        )


def _why(error: aiohttp.ClientError) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "no address of its host is known"
        case aiohttp.ClientSSLError():
            return "its certificate was not accepted"
        case aiohttp.ClientConnectorError():
            return "no connection was made"
        case aiohttp.ClientResponseError():
            return "its answer is no HTTP"
        case _:
            return "the connection broke off"


def _with_token(url: str, token: str) -> str:
    parts = urlsplit(url)
    asked = urlencode({"pageToken": token})
    return parts._replace(query=f"{parts.query}&{asked}" if parts.query else asked).geturl()


def _target(response: aiohttp.ClientResponse, ask: _Ask) -> str:
    """Where a redirect leads, which is on the same host and port, and as safe as before."""
    target, fault = _location(response)
    if not fault:
        parts = urlsplit(target)
        if _origin(parts) == _origin(urlsplit(ask.url)):
            return target
        fault = f"is on `{shortened(f'{parts.scheme}://{parts.netloc}')}`"
    raise FetchError(
        FaultCode.REDIRECT,
        f"`{ask.place}` redirects to an address that {fault}; set its URL to where it moved, "
        "if that is the provider's",
    )


def _location(response: aiohttp.ClientResponse) -> tuple[str, str | None]:
    """Where an answer redirects to, and what is wrong with that address."""
    said = response.headers.get("Location")
    if not said:
        return "", "is empty"
    try:
        target = urldefrag(urljoin(str(response.url), said)).url
    except ValueError:
        return "", "is no URL"
    return target, url_fault(target, query_allowed=True)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


async def _answer(response: aiohttp.ClientResponse, ask: _Ask) -> Fetched:
    not_modified = response.status == 304 and ask.conditional
    if response.status != 200 and not not_modified:
        raise _status_error(response, ask)
    content = b""
    if not not_modified:
        content = await read_body(response, most_bytes=ask.most_bytes, place=ask.place)
    sent = ask.headers if not_modified else {}
    return Fetched(
        content=content,
        etag=_validator(response.headers.get("ETag", sent.get(_ETAG))),
        last_modified=_validator(response.headers.get("Last-Modified", sent.get(_SINCE))),
        not_modified=not_modified,
    )


def _validator(value: str | None) -> str | None:
    """What the next request is made conditional with, if it can be kept and sent back; else that asks for the whole page."""
    usable = value is not None and value.isascii() and value.isprintable() and len(value) <= 1000
    return value if usable else None


def _status_error(response: aiohttp.ClientResponse, ask: _Ask) -> FetchError:
    status = response.status
    found = f"`{ask.place}` answered with status {status}"
    if status == 429 or status >= 500:
        return _PassingError(
            FaultCode.STATUS,
            f"{found}; wait for the next check, or look whether it opens in a browser",
            retry_after_seconds=_retry_after_seconds(response.headers),
        )
    if status in (401, 403) and "Authorization" in ask.headers:
        return FetchError(FaultCode.STATUS, f"{found}; put a valid key into {API_KEY_VARIABLE}")
    return FetchError(
        FaultCode.STATUS, f"{found}; look whether the page has moved, and set its URL"
    )


def _retry_after_seconds(headers: Mapping[str, str]) -> float:
    """What `Retry-After` says, be it seconds or a time by the server's own clock; 0 without it."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdecimal():
        return float(said)
    try:
        until, now = (parsedate_to_datetime(text) for text in (said, headers.get("Date", "")))
        return max((until - now).total_seconds(), 0)
    except (ValueError, TypeError):
        return 0
