"""Fetching from real servers on this machine that answer by script, well and badly."""

import asyncio
import gzip
import logging
import socket
import ssl
import traceback
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.fetching import MOST_BYTES, MOST_PAGES, Fetched, Fetcher
from pricing.sources import FaultCode, FetchError
from pricing.sources.fireworks_models import next_page_token

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

SECRET = "fw-hidden-key"


@dataclass
class Host:
    """A server that gives its answers in order, the last one ever again, and keeps what it was asked."""

    answers: list[Answer]
    url: str = ""
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(str(request.rel_url))
        self.headers.append(request.headers)
        return await self.answers[min(len(self.asked), len(self.answers)) - 1](request)


@asynccontextmanager
async def host(*answers: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Host]:
    made = Host(list(answers))
    runner = web.ServerRunner(web.Server(made.answer), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    port = runner.addresses[0][1]
    made.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield made
    finally:
        await runner.cleanup()


def says(status: int = 200, body: bytes = b"page", **headers: str) -> Answer:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, body=body, headers=named)

    return answer


@asynccontextmanager
async def raw(answer: bytes, *, stays: bool = False) -> AsyncIterator[str]:
    """A server that sends these bytes whatever it is asked, and then closes, or stays and is silent."""

    served: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            if stays:
                await reader.read()  # until the other side has had enough
        with suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await asyncio.gather(*filter(None, served))


@dataclass
class Desk:
    """A fetcher whose pauses take no time and are kept."""

    fetcher: Fetcher
    pauses: list[float]


@asynccontextmanager
async def desk(
    *,
    whole_seconds: float = 20,
    most_bytes: int = MOST_BYTES,
    connector: TCPConnector | None = None,
    jitter: float = 0,
) -> AsyncIterator[Desk]:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async with ClientSession(connector=connector) as session:
        fetcher = Fetcher(
            session,
            sleep=sleep,
            jitter=lambda: jitter,
            whole_seconds=whole_seconds,
            most_bytes=most_bytes,
        )
        yield Desk(fetcher, pauses)


async def fault_of(fetching: Awaitable[Fetched]) -> FetchError:
    with pytest.raises(FetchError) as failed:
        await fetching
    return failed.value


def page(content: bytes, *, etag: str | None = None, last_modified: str | None = None) -> Fetched:
    return Fetched(content=content, etag=etag, last_modified=last_modified, not_modified=False)


# -- what is asked and what comes back ------------------------------------------------------------


async def test_a_page_comes_with_what_its_next_request_is_made_conditional_with() -> None:
    day = "Sat, 01 Aug 2026 00:00:00 GMT"
    async with host(says(ETag='"a1"', Last_Modified=day)) as server, desk() as at:
        fetched = await at.fetcher.fetch(f"{server.url}/rates.md?x=1")
    assert fetched == page(b"page", etag='"a1"', last_modified=day)
    assert server.asked == ["/rates.md?x=1"]
    assert server.headers[0]["User-Agent"] == "rlcost (+rate check)"
    assert server.headers[0]["Accept-Encoding"] == "gzip"
    assert {"If-None-Match", "If-Modified-Since", "Authorization"}.isdisjoint(server.headers[0])


async def test_what_is_not_modified_is_empty_and_keeps_what_it_was_asked_with() -> None:
    async with host(says(304, b"")) as server, desk() as at:
        fetched = await at.fetcher.fetch(server.url, etag='W/"a1"', last_modified="day")
    assert (server.headers[0]["If-None-Match"], server.headers[0]["If-Modified-Since"]) == (
        'W/"a1"',
        "day",
    )
    assert fetched == Fetched(content=b"", etag='W/"a1"', last_modified="day", not_modified=True)


async def test_a_new_etag_of_what_is_not_modified_replaces_the_old() -> None:
    async with host(says(304, b"", ETag='"a2"')) as server, desk() as at:
        assert (await at.fetcher.fetch(server.url, etag='"a1"')).etag == '"a2"'


async def test_a_page_without_validators_does_not_inherit_those_of_the_page_before() -> None:
    async with host(says()) as server, desk() as at:
        assert await at.fetcher.fetch(server.url, etag='"a1"', last_modified="day") == page(b"page")


@pytest.mark.parametrize("odd", ["caf\xe9", "a" * 1001])
async def test_a_validator_that_cannot_be_sent_back_is_not_kept(odd: str) -> None:
    async with host(says(ETag=odd, Last_Modified="day")) as server, desk() as at:
        fetched = await at.fetcher.fetch(server.url)
    assert (fetched.etag, fetched.last_modified) == (None, "day")


async def test_not_modified_without_having_asked_is_a_fault() -> None:
    async with host(says(304, b"")) as server, desk() as at:
        fault = await fault_of(at.fetcher.fetch(server.url))
    assert fault.code is FaultCode.STATUS
    assert "304" in fault.text


async def test_gzip_is_decoded_whole_also_of_several_members() -> None:
    body = gzip.compress(b"first ") + gzip.compress(b"") + gzip.compress(b"second" * 90_000)
    async with host(says(body=body, Content_Encoding="gzip")) as server, desk() as at:
        assert (await at.fetcher.fetch(server.url)).content == b"first " + b"second" * 90_000


# -- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/rates",
        "http://127.0.0.1.example.com/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "127.0.0.1/rates",
        "https://me:hidden@example.com/",
        "https://exa mple.com/",
        "",
    ],
)
async def test_an_address_that_is_no_https_beyond_this_machine_is_not_called(url: str) -> None:
    async with desk() as at:
        fault = await fault_of(at.fetcher.fetch(url))
    assert fault.code is FaultCode.NOT_HTTPS
    assert "hidden" not in fault.text
    assert at.pauses == []


async def test_a_session_that_takes_proxies_from_the_environment_is_refused() -> None:
    async with ClientSession(trust_env=True) as session:
        with pytest.raises(ValueError, match="proxies"):
            Fetcher(session)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_three_redirects_within_the_host_are_followed_with_the_key(status: int) -> None:
    async with (
        host(
            says(status, Location="/b"),
            says(status, Location="c?y=2#part"),
            says(status, Location="/d"),
            says(),
        ) as server,
        desk() as at,
    ):
        assert (await at.fetcher.fetch(f"{server.url}/a", bearer=SECRET)).content == b"page"
    assert server.asked == ["/a", "/b", "/c?y=2", "/d"]
    assert {asked["Authorization"] for asked in server.headers} == {f"Bearer {SECRET}"}


async def test_a_fourth_redirect_is_not_followed() -> None:
    async with host(says(302, Location="/again")) as server, desk() as at:
        fault = await fault_of(at.fetcher.fetch(server.url))
    assert (fault.code, len(server.asked), at.pauses) == (FaultCode.REDIRECT, 4, [])


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_a_redirect_to_another_host_or_port_is_named_and_not_followed(name: str) -> None:
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(host(says()))
        elsewhere = other.url.replace("127.0.0.1", name)
        target = f"{elsewhere}/rates?token=hidden"
        server = await stack.enter_async_context(host(says(302, Location=target)))
        at = await stack.enter_async_context(desk())
        fault = await fault_of(at.fetcher.fetch(server.url, bearer=SECRET))
        assert (fault.code, other.asked, at.pauses) == (FaultCode.REDIRECT, [], [])
    assert f"`{elsewhere}`" in fault.text
    assert "hidden" not in fault.text


async def test_another_name_of_the_same_port_is_another_host() -> None:
    async with host() as server, desk() as at:
        server.answers = [says(302, Location=server.url.replace("127.0.0.1", "localhost"))]
        fault = await fault_of(at.fetcher.fetch(server.url))
    assert (fault.code, len(server.asked)) == (FaultCode.REDIRECT, 1)


@pytest.mark.parametrize(
    "location",
    [
        "",
        "http://example.com/",
        "https://example.com/",
        "//example.com/rates",
        "http://[::1/",
        "javascript:alert(1)",
        "http://127.0.0.1:99999/",
        "http://me:hidden@127.0.0.1/",
        "https:///",
    ],
)
async def test_a_redirect_to_no_place_of_this_host_is_a_fault(location: str) -> None:
    async with host(says(301, Location=location)) as server, desk() as at:
        fault = await fault_of(at.fetcher.fetch(server.url))
    assert (fault.code, len(server.asked)) == (FaultCode.REDIRECT, 1)
    assert "hidden" not in fault.text


def certificate(folder: Path) -> Path:
    """A file with a key and a certificate of 127.0.0.1, which nobody but these tests trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


async def test_https_is_not_left_for_http_and_is_followed_within_itself(tmp_path: Path) -> None:
    file = certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(file)
    trusting = TCPConnector(ssl=ssl.create_default_context(cafile=file))
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(host(tls=tls))
        plain = server.url.replace("https://", "http://")
        server.answers = [says(302, Location=f"{server.url}/b"), says(302, Location=plain)]
        at = await stack.enter_async_context(desk(connector=trusting))
        fault = await fault_of(at.fetcher.fetch(f"{server.url}/a", bearer=SECRET))
        assert (fault.code, server.asked) == (FaultCode.REDIRECT, ["/a", "/b"])


async def test_a_certificate_that_nobody_vouches_for_is_a_fault(tmp_path: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate(tmp_path))
    async with host(says(), tls=tls) as server, desk() as at:
        fault = await fault_of(at.fetcher.fetch(server.url))
    assert fault.code is FaultCode.UNREACHABLE
    assert "certificate" in fault.text
    assert server.asked == []


# -- size -----------------------------------------------------------------------------------------


async def test_a_page_of_fifty_megabytes_is_left_before_its_end() -> None:
    sent = 0

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            for _ in range(50):
                await response.write(bytes(1_000_000))
                sent += 1
        except ConnectionResetError:
            pass
        return response

    async with host(endless) as server, desk() as at:
        fault = await fault_of(at.fetcher.fetch(server.url))
    assert (fault.code, at.pauses) == (FaultCode.TOO_LARGE, [])
    assert 10 <= sent < 50


async def test_a_gzip_bomb_is_left_at_the_limit_and_never_takes_the_memory_it_asks_for() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    async with (
        host(says(body=bomb, Content_Encoding="gzip")) as server,
        desk(most_bytes=1_000_000) as at,
    ):
        tracemalloc.start()
        try:
            fault = await fault_of(at.fetcher.fetch(server.url))
            _, highest_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert fault.code is FaultCode.TOO_LARGE
    assert highest_bytes < 20_000_000


async def test_compressed_bytes_that_hold_nothing_count_as_well() -> None:
    nothing = gzip.compress(b"") * 100
    async with host(says(body=nothing, Content_Encoding="gzip")) as server:
        async with desk(most_bytes=len(nothing) - 1) as at:
            assert (await fault_of(at.fetcher.fetch(server.url))).code is FaultCode.TOO_LARGE
        async with desk(most_bytes=len(nothing)) as at:
            assert (await at.fetcher.fetch(server.url)).content == b""


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_the_limit_itself_is_allowed(encoding: str) -> None:
    body = gzip.compress(bytes(1_000)) if encoding == "gzip" else bytes(1_000)
    async with host(says(body=body, Content_Encoding=encoding)) as server:
        async with desk(most_bytes=1_000) as at:
            assert (await at.fetcher.fetch(server.url)).content == bytes(1_000)
        async with desk(most_bytes=999) as at:
            assert (await fault_of(at.fetcher.fetch(server.url))).code is FaultCode.TOO_LARGE


async def test_without_a_length_a_page_ends_with_the_connection_and_the_limit_holds() -> None:
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + bytes(1_000)
    async with raw(answer) as url:
        async with desk(most_bytes=1_000) as at:
            assert (await at.fetcher.fetch(url)).content == bytes(1_000)
        async with desk(most_bytes=999) as at:
            assert (await fault_of(at.fetcher.fetch(url))).code is FaultCode.TOO_LARGE


async def test_a_length_that_promises_more_than_comes_is_no_page() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + bytes(1_000)
    async with raw(answer) as url, desk() as at:
        fault = await fault_of(at.fetcher.fetch(url))
    assert (fault.code, len(at.pauses)) == (FaultCode.UNREACHABLE, 2)


async def test_more_than_a_length_promises_is_no_page() -> None:
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\npage and more"
    async with raw(answer) as url, desk() as at:
        assert (await fault_of(at.fetcher.fetch(url))).code is FaultCode.UNREACHABLE


async def test_a_huge_length_is_not_waited_for() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + bytes(1_000)
    async with raw(answer, stays=True) as url, desk(most_bytes=999) as at:
        assert (await fault_of(at.fetcher.fetch(url))).code is FaultCode.TOO_LARGE


@pytest.mark.parametrize(
    ("body", "encoding", "code"),
    [
        (b"plain", "gzip", FaultCode.ENCODING),
        (gzip.compress(b"page") + b"more", "gzip", FaultCode.ENCODING),
        (b"page", "br", FaultCode.ENCODING),
        (gzip.compress(gzip.compress(b"page")), "gzip, gzip", FaultCode.ENCODING),
        (gzip.compress(b"page" * 1_000)[:-9], "gzip", FaultCode.UNREACHABLE),
        (b"", "gzip", FaultCode.UNREACHABLE),
    ],
)
async def test_a_body_that_is_not_what_it_says_is_a_fault(
    body: bytes, encoding: str, code: FaultCode
) -> None:
    async with host(says(body=body, Content_Encoding=encoding)) as server, desk() as at:
        assert (await fault_of(at.fetcher.fetch(server.url))).code is code


# -- time, and trying again -----------------------------------------------------------------------


async def test_a_server_that_never_answers_is_left_after_three_tries() -> None:
    async with raw(b"", stays=True) as url, desk(whole_seconds=0.1) as at:
        fault = await fault_of(at.fetcher.fetch(url))
    assert (fault.code, at.pauses) == (FaultCode.TIMEOUT, [1.0, 4.0])


async def test_a_page_that_drips_is_left_though_something_always_comes() -> None:
    async def drip(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x")
                await asyncio.sleep(0.001)
        except ConnectionResetError:
            return response

    async with host(drip) as server, desk(whole_seconds=0.2) as at:
        fault = await fault_of(at.fetcher.fetch(server.url))
    assert (fault.code, len(server.asked)) == (FaultCode.TIMEOUT, 3)


async def test_a_fault_that_passes_is_not_seen() -> None:
    async with host(says(500), says(503), says()) as server, desk() as at:
        assert (await at.fetcher.fetch(server.url)).content == b"page"
    assert at.pauses == [1.0, 4.0]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_fault_that_stays_is_tried_three_times(status: int) -> None:
    async with host(says(status)) as server, desk() as at:
        fault = await fault_of(at.fetcher.fetch(server.url))
    assert (fault.code, len(server.asked)) == (FaultCode.STATUS, 3)
    assert f"status {status};" in fault.text


@pytest.mark.parametrize("status", [201, 204, 206, 300, 400, 401, 403, 404, 410, 451])
async def test_a_status_that_will_not_change_is_tried_once(status: int) -> None:
    async with host(says(status)) as server, desk() as at:
        fault = await fault_of(at.fetcher.fetch(server.url))
    assert (fault.code, len(server.asked), at.pauses) == (FaultCode.STATUS, 1, [])
    assert f"status {status};" in fault.text


async def test_where_the_key_is_refused_the_fault_says_so_and_nowhere_else() -> None:
    async with host(says(401)) as server, desk() as at:
        with_key = await fault_of(at.fetcher.fetch(server.url, bearer=SECRET))
        without = await fault_of(at.fetcher.fetch(server.url))
    assert "put a valid key into FIREWORKS_API_KEY" in with_key.text
    assert "FIREWORKS_API_KEY" not in without.text


async def test_pauses_are_spread() -> None:
    async with host(says(500)) as server, desk(jitter=1) as at:
        await fault_of(at.fetcher.fetch(server.url))
    assert at.pauses == [1.25, 5.0]


@pytest.mark.parametrize(
    ("said", "pause"),
    [
        ("7", 7.0),
        ("0", 1.0),
        ("3600", 30.0),
        ("9" * 400, 30.0),
        ("-5", 1.0),
        ("soon", 1.0),
        ("Sat, 01 Aug 2026 00:00:09 GMT", 9.0),
        ("Fri, 31 Jul 2026 23:00:00 GMT", 1.0),
        ("Sun, 01 Aug 2027 00:00:00 GMT", 30.0),
    ],
)
async def test_retry_after_is_honoured_up_to_thirty_seconds(said: str, pause: float) -> None:
    busy = says(429, Retry_After=said, Date="Sat, 01 Aug 2026 00:00:00 GMT")
    async with host(busy, says()) as server, desk() as at:
        assert (await at.fetcher.fetch(server.url)).content == b"page"
    assert at.pauses == [pause]


async def test_a_connection_that_is_refused_is_tried_three_times() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with desk() as at:
        fault = await fault_of(at.fetcher.fetch(f"http://127.0.0.1:{port}/rates"))
    assert (fault.code, at.pauses) == (FaultCode.UNREACHABLE, [1.0, 4.0])
    assert f"`http://127.0.0.1:{port}/rates` could not be read" in fault.text


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200", b"SSH-2.0-server\r\n\r\n", b"\0" * 99])
async def test_what_is_no_http_is_a_fault(answer: bytes) -> None:
    async with raw(answer) as url, desk() as at:
        assert (await fault_of(at.fetcher.fetch(url))).code is FaultCode.UNREACHABLE


async def test_a_check_that_is_cancelled_ends_at_once_and_is_no_fault() -> None:
    arrived = asyncio.Event()

    async def never(_: web.BaseRequest) -> web.StreamResponse:
        arrived.set()
        return await asyncio.Future()

    async with host(never) as server, desk() as at:
        task = asyncio.create_task(at.fetcher.fetch(server.url))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert at.pauses == []


# -- secrets --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 500 Down\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 There\r\nLocation: https://example.com/?key=hidden\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\npage",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npage",
        b"SSH-2.0-server\r\n\r\n",
        b"",
    ],
)
async def test_neither_key_nor_query_is_in_a_fault_its_trace_or_the_log(
    answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with raw(answer) as url, desk(most_bytes=3) as at:
        fault = await fault_of(at.fetcher.fetch(f"{url}/rates?key=hidden", bearer=SECRET))
    said = "".join([fault.text, *traceback.format_exception(fault), caplog.text])
    assert url in fault.text
    assert "hidden" not in said


# -- pages ----------------------------------------------------------------------------------------


def leads_to(token: str) -> Answer:
    return says(body=b'{"nextPageToken": "%s"}' % token.encode())


async def test_pages_are_followed_to_the_last_and_stand_one_behind_the_other() -> None:
    answers = (leads_to("t 1&a"), leads_to("t2"), says(body=b"{}", ETag='"a1"'))
    async with host(*answers) as server, desk() as at:
        fetched = await at.fetcher.fetch(
            f"{server.url}/v1/models?use=llm",
            etag='"a0"',
            bearer=SECRET,
            next_page=next_page_token,
        )
    assert server.asked == [
        "/v1/models?use=llm",
        "/v1/models?use=llm&pageToken=t+1%26a",
        "/v1/models?use=llm&pageToken=t2",
    ]
    assert {asked["Authorization"] for asked in server.headers} == {f"Bearer {SECRET}"}
    # An unchanged first page would say nothing of the rest, so no page is asked for conditionally.
    assert all("If-None-Match" not in asked for asked in server.headers)
    assert fetched == page(b'{"nextPageToken": "t 1&a"}\n{"nextPageToken": "t2"}\n{}')


async def test_a_page_that_fails_on_the_way_is_tried_again_by_itself() -> None:
    async with host(leads_to("t1"), says(500), says(body=b"{}")) as server, desk() as at:
        await at.fetcher.fetch(server.url, next_page=next_page_token)
    assert server.asked == ["/", "/?pageToken=t1", "/?pageToken=t1"]


async def test_pages_that_lead_in_a_circle_are_a_fault() -> None:
    async with host(leads_to("t1"), leads_to("t2"), leads_to("t1")) as server, desk() as at:
        fault = await fault_of(at.fetcher.fetch(server.url, next_page=next_page_token))
    assert (fault.code, len(server.asked)) == (FaultCode.STATUS, 3)


async def test_no_more_than_fifty_pages_are_followed() -> None:
    last = [says(body=b"{}")]
    pages = [leads_to(f"t{number}") for number in range(MOST_PAGES)]
    async with host(*pages[1:], *last) as server, desk() as at:
        fetched = await at.fetcher.fetch(server.url, next_page=next_page_token)
    assert fetched.content.count(b"\n") == 49
    async with host(*pages, *last) as server, desk() as at:
        fault = await fault_of(at.fetcher.fetch(server.url, next_page=next_page_token))
    assert (fault.code, len(server.asked)) == (FaultCode.TOO_LARGE, 50)


async def test_the_limit_of_size_is_that_of_all_pages_together() -> None:
    first = leads_to("t1")
    async with host(first, says(body=bytes(75))) as server, desk(most_bytes=99) as at:
        await at.fetcher.fetch(server.url, next_page=next_page_token)
    async with host(first, says(body=bytes(78))) as server, desk(most_bytes=99) as at:
        fault = await fault_of(at.fetcher.fetch(server.url, next_page=next_page_token))
    assert fault.code is FaultCode.TOO_LARGE
