"""Broken pages from end to end: served, fetched, read, judged and recorded. Each is read right or refused; no rate moves."""

import gzip
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, DummyCookieJar, web
from hypothesis import given
from hypothesis import strategies as st

from bot.books import observed_book
from bot.checks import CheckedSource, Checker, CheckReport, Outcome
from bot.fetching import Fetcher
from bot.store import Store
from bot.store.rates import Rates
from pricing.cards import AnyCard, CardKey, GpuCard, RateBook, ServerlessCard, TinkerCard, load_book
from pricing.catalogue import Catalogue, load_catalogue
from pricing.changes import RateName, listed_rates_of
from pricing.judgement import Hold, Reading, Status, judge
from pricing.sources import SOURCES, FaultCode, SourceError, SourceId
from tests.pricing.sources.api_pages import genai_data, models_api
from tests.pricing.sources.fireworks_pages import gpu_page, serverless_page
from tests.pricing.sources.tinker_pages import models_json, pricing_html, pricing_markdown

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOON.date()
DAY = timedelta(days=1)
DECEMBER = date(2026, 12, 1)

TM, TP = SourceId.TINKER_MODELS, SourceId.TINKER_PRICING
FS, FG, FM = SourceId.FIREWORKS_SERVERLESS, SourceId.FIREWORKS_GPU, SourceId.FIREWORKS_MODELS
FEED = SourceId.GENAI_PRICES

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


# -- what is true ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Truth:
    """The cards of the day, which every good page shows."""

    catalogue: Catalogue
    book: RateBook
    tinker: Sequence[TinkerCard]
    serverless: Sequence[ServerlessCard]
    gpus: Sequence[GpuCard]

    def pages(self) -> Mapping[SourceId, bytes]:
        return {
            TM: models_json(self.tinker, self.catalogue, form="cached"),
            TP: pricing_markdown(self.tinker, self.catalogue),
            FS: serverless_page(self.serverless, self.catalogue, form="modes-us"),
            FG: gpu_page(self.gpus, form="minute"),
            FM: models_api(self.serverless, self.catalogue),
            FEED: genai_data(self.serverless, self.catalogue),
        }


@cache
def truth() -> Truth:
    catalogue = load_catalogue()
    book = load_book(catalogue)
    return Truth(
        catalogue=catalogue,
        book=book,
        tinker=[card for card in book.tinker.cards if card.holds_on(TODAY)],
        serverless=[card for card in book.serverless.cards if card.holds_on(TODAY)],
        gpus=[card for card in book.gpus.cards if card.holds_on(TODAY)],
    )


@cache
def page(source: SourceId) -> str:
    return truth().pages()[source].decode()


def in_force(book: RateBook, day: date) -> Mapping[CardKey, Mapping[RateName, Decimal | None]]:
    return {card.key: listed_rates_of(card) for card in book if card.holds_on(day)}


# -- ways to break a page -------------------------------------------------------------------------


def times(cards: Iterable[Any], factor: str) -> list[Any]:
    """The cards with every rate multiplied."""
    return [card.model_copy(update=_multiplied(card, Decimal(factor))) for card in cards]


def _multiplied(card: AnyCard, factor: Decimal) -> Mapping[str, Decimal]:
    rates = {name: usd for name, usd in card.model_dump().items() if "usd_per_" in name}
    return {name: usd * factor for name, usd in rates.items() if usd is not None}


def put(source: SourceId, *changes: tuple[str, str]) -> bytes:
    """The good page with some of its text replaced, which must be there."""
    text = page(source)
    for there, instead in changes:
        assert there in text
        text = text.replace(there, instead)
    return text.encode()


def cut(source: SourceId, where: str, more: int = 0) -> bytes:
    text = page(source)
    return text[: text.index(where) + more].encode()


def without_lines(source: SourceId, word: str) -> bytes:
    lines = page(source).splitlines(keepends=True)
    assert any(word in line for line in lines)
    return "".join(line for line in lines if word not in line).encode()


def first_rows(source: SourceId, count: int) -> bytes:
    """A Markdown page whose tables lose all rows of prices but the first."""
    kept, lines = 0, []
    for line in page(source).splitlines(keepends=True):
        if line.startswith("|") and "$" in line:
            kept += 1
            if kept > count:
                continue
        lines.append(line)
    return "".join(lines).encode()


def columns(source: SourceId, one: int, other: int, *, headings: bool) -> bytes:
    """A Markdown page two of whose columns have changed places, with their headings or without."""
    lines = []
    for line in page(source).split("\n"):
        cells = line.split("|")
        if line.startswith("|") and len(cells) > other and (headings or "$" in line):
            cells[one], cells[other] = cells[other], cells[one]
        lines.append("|".join(cells))
    return "\n".join(lines).encode()


_TRIPLE = re.compile(r"\\\$([\d.]+) / \\\$([\d.]+) / \\\$([\d.]+)")


def triples(form: str) -> bytes:
    """The serverless page with the three prices of each cell written in another way."""
    return _TRIPLE.sub(form, page(FS)).encode()


def rows(change: Callable[[list[dict[str, Any]]], object]) -> bytes:
    """models.json with its rows changed."""
    read = json.loads(page(TM))
    change(read)
    return json.dumps(read).encode()


def exchanged(one: str, other: str) -> bytes:
    def change(read: list[dict[str, Any]]) -> None:
        for row in read:
            row[one], row[other] = row[other], row[one]

    return rows(change)


def kimi_32k(**prices: str) -> bytes:
    """models.json with other prices in its first row."""
    return rows(lambda read: read[0].update(prices))


def dated(*changes: tuple[str, str]) -> bytes:
    """The GPU page with a second column: all cost $2 more from December on."""
    dearer = [
        card.model_copy(
            update={
                "effective_from": DECEMBER,
                "usd_per_gpu_hour": card.usd_per_gpu_hour + 2,
            }
        )
        for card in truth().gpus
    ]
    text = gpu_page(truth().gpus, form="dated", coming=dearer).decode()
    for there, instead in changes:
        assert there in text
        text = text.replace(there, instead)
    return text.encode()


def dated_in_the_past(*, exchanged: bool) -> bytes:
    """The GPU page as it is after a rise of $2 on October 1, its columns right or exchanged."""
    now = [card.model_copy(update={"effective_from": date(2026, 10, 1)}) for card in truth().gpus]
    before = [
        card.model_copy(update={"usd_per_gpu_hour": card.usd_per_gpu_hour - 2}) for card in now
    ]
    return gpu_page(now if exchanged else before, form="dated", coming=before if exchanged else now)


def back_again() -> list[TinkerCard]:
    """The cards of the day, and one that retired in July."""
    book = truth().book
    retired = [card for card in book.tinker.cards if card.model == "kimi-k2p5"][-1]
    assert not retired.holds_on(TODAY)
    return [*truth().tinker, retired.model_copy(update={"effective_to": None, "ended": None})]


def says(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, body=body, headers=named)

    return answer


async def fifty_megabytes(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(50):
        await response.write(b" " * 1_000_000)
    return response


async def breaks_off(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def half_of_what_it_promises(request: web.Request) -> web.StreamResponse:
    body = page(FS).encode()
    response = web.StreamResponse(headers={"Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    assert request.transport is not None
    request.transport.close()
    return response


async def bomb(_: web.Request) -> web.StreamResponse:
    packed = gzip.compress(b" " * 50_000_000)
    return web.Response(body=packed, headers={"Content-Encoding": "gzip"})


_ERROR_PAGE = (
    b"<!DOCTYPE html><html><body><h1>Something went wrong</h1><p>Try again.</p></body></html>"
)
_NO_MODELS = b'{"object": "list", "data": []}'


# -- the cases ------------------------------------------------------------------------------------


Expected = FaultCode | Mapping[Hold, int] | Status | None
"""A source is at fault; or claims are held, how many for which reason; or all is announced; or read as it was."""


@dataclass(frozen=True)
class Case:
    """A page or two that are broken, and what each source is expected to come to; all others are unchanged."""

    name: str
    served: Callable[[], Mapping[SourceId, bytes | Answer]]
    expected: Mapping[SourceId, Expected]
    with_api: bool = False


def one(
    name: str,
    source: SourceId,
    served: Callable[[], bytes | Answer],
    expected: Expected,
    *,
    with_api: bool = False,
) -> Case:
    api = with_api or source is FM
    return Case(name, lambda: {source: served()}, {source: expected}, api)


def every(name: str, served: bytes | Answer, **codes: FaultCode) -> Case:
    """The same answer of every source."""
    expected = {source: codes.get(source.value, codes["others"]) for source in SourceId}
    return Case(name, lambda: dict.fromkeys(SourceId, served), expected, with_api=True)


_DISAGREE, _LEAP, _SELF = Hold.SOURCES_DISAGREE, Hold.OVER_THREEFOLD, Hold.CONTRADICTS_ITSELF

CASES = (
    # It does not arrive.
    every("an error page with status 200", says(body=_ERROR_PAGE), others=FaultCode.FORMAT),
    every("an empty page", b"", others=FaultCode.FORMAT),
    every("nothing but spaces", b" \n" * 50, others=FaultCode.FORMAT),
    every("not found", says(404, _ERROR_PAGE), others=FaultCode.STATUS),
    every("a server's fault, three times", says(500), others=FaultCode.STATUS),
    every("too many requests, three times", says(429), others=FaultCode.STATUS),
    every("JSON of another shape", b'{"prices": {"a": 1}}', others=FaultCode.FORMAT),
    every(
        "a redirect to another host",
        says(302, Location="https://prices.example/rates"),
        others=FaultCode.REDIRECT,
    ),
    every(
        "a redirect to another port of this machine",
        says(301, Location="http://127.0.0.1:9/rates"),
        others=FaultCode.REDIRECT,
    ),
    every("a connection that breaks off", breaks_off, others=FaultCode.UNREACHABLE),
    every("not modified, though nobody asked", says(304), others=FaultCode.STATUS),
    one("fifty megabytes", FS, lambda: fifty_megabytes, FaultCode.TOO_LARGE),
    one("fifty megabytes in few", TM, lambda: bomb, FaultCode.TOO_LARGE),
    one("half of what it promises", FS, lambda: half_of_what_it_promises, FaultCode.UNREACHABLE),
    one("what says gzip and is not", FG, lambda: says(body=page(FG).encode(), Content_Encoding="gzip"), FaultCode.ENCODING),
    one("models.json in UTF-16", TM, lambda: page(TM).encode("utf-16"), FaultCode.ENCODING),
    one("the pricing page in UTF-16", TP, lambda: page(TP).encode("utf-16"), FaultCode.ENCODING),
    one("a Markdown page in Windows' letters", FS, lambda: page(FS).encode("cp1252"), FaultCode.ENCODING),
    one("an HTML page in Latin-1", FG, lambda: put(FG, ("Questions?", "Café?")).decode().encode("latin-1"), FaultCode.ENCODING),
    # It is cut.
    one("JSON cut in the middle", TM, lambda: cut(TM, "openai/gpt"), FaultCode.FORMAT),
    one("a list of the API cut in the middle", FM, lambda: cut(FM, "glm-5p3"), FaultCode.FORMAT),
    one("a feed cut in the middle", FEED, lambda: cut(FEED, "kimi-k3"), FaultCode.FORMAT),
    one("a Markdown row cut in a price", FS, lambda: cut(FS, "28.125", 2), FaultCode.ROWS),
    one("an HTML table that does not end", FG, lambda: cut(FG, "<tr><td>B300"), FaultCode.ROWS),
    one("a Markdown page that ends after three rows", FS, lambda: cut(FS, "| [GLM-5.3]"), FaultCode.ROWS),
    # It lost rows.
    one("models.json with ten rows of its 27", TM, lambda: rows(lambda read: read.__delitem__(slice(10, None))), FaultCode.ROWS),
    one("the pricing page with ten rows", TP, lambda: first_rows(TP, 10), FaultCode.ROWS),
    one("the serverless page with four rows", FS, lambda: first_rows(FS, 4), FaultCode.ROWS),
    one("the heading of the table lost", FS, lambda: without_lines(FS, "Priority"), FaultCode.ROWS),
    one("one model gone from the only page that lists it", FS, lambda: without_lines(FS, "Qwen 3.8"), {Hold.GONE: 2}),
    one("one GPU gone", FG, lambda: without_lines(FG, "GB300"), {Hold.GONE: 1}),
    one("one model gone that another page still lists", TM, lambda: rows(lambda read: read.pop(1)), None),
    Case(
        "one model gone from both pages",
        lambda: {TM: rows(lambda read: read.pop(1)), TP: without_lines(TP, "K2.6:peft")},
        {TM: {Hold.GONE: 1}},
    ),
    Case(
        "a retired model back",
        lambda: {
            TM: models_json(back_again(), truth().catalogue, form="cached"),
            TP: pricing_markdown(back_again(), truth().catalogue),
        },
        {TM: {Hold.BACK_AGAIN: 1}},
    ),
    one("a row twice that differs, in JSON", TM, lambda: rows(lambda read: read.append({**read[0], "sample": "$6.00"})), FaultCode.ROWS),
    one("a key twice in a row", TM, lambda: put(TM, ('"sample": "$5.49"', '"sample": "$5.49", "sample": "$6.00"')), FaultCode.FORMAT),
    one("a row twice that differs, in Markdown", FS, lambda: put(FS, ("| [MiniMax M3]", "| [MiniMax M3](x) | \\$0.40 / \\$0.06 / \\$1.20 | — |\n| [MiniMax M3]")), FaultCode.ROWS),
    one("a GPU twice that differs", FG, lambda: put(FG, ("B200 180 GB", "B300 288 GB")), FaultCode.ROWS),
    # Its columns changed places.
    one("input and output exchanged under their heading", FS, lambda: triples(r"\\$\3 / \\$\2 / \\$\1"), FaultCode.HEADING),
    one("input and cached input exchanged", FS, lambda: triples(r"\\$\2 / \\$\1 / \\$\3"), FaultCode.HEADING),
    one("the order of prices said otherwise", FS, lambda: put(FS, ("input / cached input / output", "output / cached input / input")), FaultCode.HEADING),
    one("standard and priority exchanged under their headings", FS, lambda: columns(FS, 2, 3, headings=False), FaultCode.HEADING),
    one("sample and train exchanged with their headings", TP, lambda: columns(TP, 5, 6, headings=True), None),
    one("prefill and sample exchanged under their headings", TP, lambda: columns(TP, 4, 5, headings=False), FaultCode.RATE),
    one("sample and train exchanged on one page of two", TP, lambda: columns(TP, 5, 6, headings=False), {_DISAGREE: 26}),
    Case(
        "sample and train exchanged on both pages",
        lambda: {TM: exchanged("sample", "train"), TP: columns(TP, 5, 6, headings=False)},
        {TM: {_SELF: 26}, TP: None},
    ),
    Case(
        "sample and train exchanged while the other page is down",
        lambda: {TM: exchanged("sample", "train"), TP: says(404)},
        {TM: {_SELF: 26}, TP: FaultCode.STATUS},
    ),
    one("prefill and sample exchanged in JSON", TM, lambda: exchanged("prefill", "sample"), {_SELF: 27}),
    one("prefill and cached prefill exchanged in JSON", TM, lambda: exchanged("prefill", "cached_prefill"), {_SELF: 27}),
    one("dated columns with exchanged headings", FG, lambda: dated(("up to Nov 30", "?"), ("from Dec 1", "up to Nov 30"), ("?", "from Dec 1")), FaultCode.HEADING),
    one("dated columns with exchanged prices", FG, lambda: dated_in_the_past(exchanged=True), {_SELF: 5}),
    one("dated columns as they are once the day has passed", FG, lambda: dated_in_the_past(exchanged=False), None),
    one("dated columns without years", FG, dated, Status.PENDING),
    one("dated columns with a gap between them", FG, lambda: dated(("from Dec 1", "from Dec 9")), FaultCode.HEADING),
    one("dated columns with a day that does not exist", FG, lambda: dated(("from Dec 1", "from Feb 30")), FaultCode.HEADING),
    # Its unit changed.
    one("per thousand tokens", TP, lambda: put(TP, ("per million tokens", "per thousand tokens")), FaultCode.UNIT),
    one("per 1K tokens", FS, lambda: put(FS, ("per 1M tokens", "per 1K tokens")), FaultCode.UNIT),
    one("per 1K tokens in the API", FM, lambda: put(FM, ("1M tokens", "1K tokens")), FaultCode.UNIT),
    one("prices per minute under a heading of hours", FG, lambda: put(FG, ("per minute", "per hour")), FaultCode.UNIT),
    one("prices per hour under a heading of minutes", FG, lambda: gpu_page(truth().gpus, form="hour").replace(b"$ / hour (billed per second)", b"Price ($) per minute"), FaultCode.UNIT),
    one("prices per second", FG, lambda: put(FG, ("per minute", "per second")), FaultCode.UNIT),
    one("a price of eight GPUs", FG, lambda: gpu_page(times(truth().gpus, "8"), form="hour"), {_LEAP: 5}),
    one("euros", FS, lambda: put(FS, ("\\$", "€")), FaultCode.CURRENCY),
    one("pounds", FG, lambda: put(FG, ("<td>$", "<td>£")), FaultCode.CURRENCY),
    one("no currency", FS, lambda: put(FS, ("\\$", "")), FaultCode.RATE),
    one("a price that is a number", TM, lambda: put(TM, ('"$5.15"', "5.15")), FaultCode.RATE),
    # Its prices are wrong.
    one("tenfold on one page of two", FS, lambda: serverless_page(times(truth().serverless, "10"), truth().catalogue, form="modes-us"), {_DISAGREE: 14, _LEAP: 6}, with_api=True),
    one("tenfold on the only page", FS, lambda: serverless_page(times(truth().serverless, "10"), truth().catalogue, form="modes-us"), {_LEAP: 20}),
    one("a tenth", FS, lambda: serverless_page(times(truth().serverless, "0.1"), truth().catalogue, form="modes-us"), {_LEAP: 20}),
    one("a tenth an hour", FG, lambda: gpu_page(times(truth().gpus, "0.1"), form="hour"), {_LEAP: 5}),
    one("tenfold a minute", FG, lambda: gpu_page(times(truth().gpus, "10"), form="minute"), FaultCode.UNIT),
    Case(
        "in cents on both pages",
        lambda: {
            TM: models_json(times(truth().tinker, "100"), truth().catalogue, form="cached"),
            TP: pricing_markdown(times(truth().tinker, "100"), truth().catalogue),
        },
        {TM: {_LEAP: 27}},
    ),
    one("half as much again on one page of two", TM, lambda: models_json(times(truth().tinker, "1.5"), truth().catalogue, form="cached"), {_DISAGREE: 27}),
    one("half as much again in the API", FM, lambda: models_api(times(truth().serverless, "1.5"), truth().catalogue), {_DISAGREE: 14}),
    one("a feed that says anything", FEED, lambda: genai_data(times(truth().serverless, "1.5"), truth().catalogue), None),
    one("NaN", FS, lambda: put(FS, ("\\$3.00 / \\$0.30", "\\$NaN / \\$0.30")), FaultCode.RATE),
    one("NaN as a text of JSON", TM, lambda: put(TM, ('"$5.15"', '"$NaN"')), FaultCode.RATE),
    one("NaN as JSON does not know it", TM, lambda: put(TM, ('"$5.15"', "NaN")), FaultCode.RATE),
    one("NaN in the API", FM, lambda: put(FM, ('"3.00"', '"NaN"')), FaultCode.RATE),
    one("infinity in a feed", FEED, lambda: put(FEED, ('"input_mtok": 3.0', '"input_mtok": Infinity')), FaultCode.RATE),
    one("a negative price", FS, lambda: put(FS, ("\\$3.00 / \\$0.30", "-\\$3.00 / \\$0.30")), FaultCode.RATE),
    one("a negative price in JSON", TM, lambda: put(TM, ('"$5.15"', '"$-5.15"')), FaultCode.RATE),
    one("a negative price in a feed", FEED, lambda: put(FEED, ('"input_mtok": 3.0', '"input_mtok": -3.0')), FaultCode.RATE),
    one("cached input above input", FS, lambda: put(FS, ("\\$0.30 / \\$0.06 / \\$1.20", "\\$0.30 / \\$0.36 / \\$1.20")), FaultCode.HEADING),
    one("no cached prices any more", FS, lambda: triples(r"\\$\1 / — / \\$\3"), {Hold.CACHED_RATE_LOST: 20}),
    one("two prices in a cell of three", FS, lambda: put(FS, ("\\$3.00 / \\$0.30 / \\$15.00", "\\$3.00 / \\$15.00")), FaultCode.RATE),
    # The price before a discount and the billed one are mixed.
    one("an original price that is the billed one", TM, lambda: kimi_32k(original_sample="$5.49"), None),
    one("the original sample as the billed one", TM, lambda: kimi_32k(prefill="$1.10", cached_prefill="$0.22", original_prefill="$2.205", original_cached_prefill="$0.441", original_sample="$5.49", note="Limited-time 50% discount"), {_SELF: 1}),
    one("an original price below the billed one", TM, lambda: kimi_32k(original_prefill="$1.10", original_sample="$2.70"), None),
    one("only the struck price", TP, lambda: put(TP, ("$5.49", "~~$5.49~~")), FaultCode.RATE),
    one("a struck price beside the billed one", TP, lambda: put(TP, ("$5.49", "~~$10.98~~ $5.49")), None),
    # It says the same in other words.
    one("hours instead of minutes", FG, lambda: gpu_page(truth().gpus, form="hour"), None),
    one("the older page in HTML", TP, lambda: pricing_html(truth().tinker, truth().catalogue), None),
    one("the older form, which lacks cached prices", TM, lambda: models_json(truth().tinker, truth().catalogue, form="plain"), {_DISAGREE: 27}),
    one("Windows' ends of lines", FS, lambda: put(FS, ("\n", "\r\n")), None),
    one("a mark of UTF-8 before it", FG, lambda: b"\xef\xbb\xbf" + page(FG).encode(), None),
)  # fmt: skip


# -- the bench ------------------------------------------------------------------------------------


@dataclass
class Bench:
    """A checker on a database of its own, and a server whose pages can be exchanged."""

    checker: Checker
    rates: Rates
    answers: dict[SourceId, bytes | Answer] = field(default_factory=dict)

    def serve(self, served: Mapping[SourceId, bytes | Answer]) -> None:
        self.answers.clear()
        self.answers.update(served)

    async def check(self, at: datetime) -> CheckReport:
        return await self.checker.check(at=at)

    async def book(self) -> RateBook:
        return await observed_book(truth().book, self.rates)


@asynccontextmanager
async def bench(file: Path, *, with_api: bool) -> AsyncIterator[Bench]:
    served: dict[SourceId, bytes | Answer] = {}

    async def answer(request: web.Request) -> web.StreamResponse:
        source = SourceId(request.path.strip("/"))
        broken = served.get(source, page(source).encode())
        return web.Response(body=broken) if isinstance(broken, bytes) else await broken(request)

    async def at_once(_: float) -> None:
        pass

    app = web.Application()
    app.router.add_get("/{source}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    store = await Store.open(f"sqlite:///{file}")
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        rates = Rates(store)
        checker = Checker(
            fetcher=Fetcher(session, sleep=at_once),
            urls={s: f"{url}/{s}" if with_api or s is not FM else None for s in SourceId},
            api_key="fw-key" if with_api else None,
            rates=rates,
            package=truth().book,
            catalogue=truth().catalogue,
        )
        try:
            yield Bench(checker, rates, served)
        finally:
            await store.close()
            await runner.cleanup()


def came_to(checked: CheckedSource) -> Expected:
    """What a source came to, in the words of the table."""
    if checked.fault:
        assert (checked.outcome, checked.findings) == (Outcome.FAULT, ())
        return checked.fault.code
    statuses = {finding.status for finding in checked.findings}
    if statuses == {Status.PENDING}:
        return Status.PENDING
    if not checked.findings:
        assert checked.outcome is Outcome.UNCHANGED
        return None
    assert statuses == {Status.QUARANTINED}
    return Counter(finding.hold for finding in checked.findings if finding.hold)


def outcomes(report: CheckReport) -> Mapping[SourceId, Expected]:
    """What each source came to that is on, but for those that are unchanged."""
    found = {checked.source.id: checked for checked in report.sources}
    return {
        source: came_to(checked)
        for source, checked in found.items()
        if checked.outcome not in (Outcome.OFF, Outcome.UNCHANGED)
    }


def test_there_are_more_than_forty_broken_pages_of_every_source() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert sum(any(case.expected.values()) for case in CASES) > 40
    for source in SourceId:
        assert sum(bool(case.expected.get(source)) for case in CASES) > 10


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_broken_page_is_read_right_or_refused_and_a_good_one_heals_it(
    case: Case, tmp_path: Path
) -> None:
    async with bench(tmp_path / "rlcost.db", with_api=case.with_api) as at:
        assert outcomes(await at.check(NOON)) == {}
        good = await at.book()
        assert in_force(good, TODAY) == in_force(truth().book, TODAY)

        at.serve(case.served())
        broken = await at.check(NOON + timedelta(hours=1))
        assert outcomes(broken) == {s: e for s, e in case.expected.items() if e is not None}
        assert broken.faulty is any(isinstance(e, FaultCode) for e in case.expected.values())
        assert in_force(await at.book(), TODAY) == in_force(good, TODAY)
        held = sum(sum(e.values()) for e in case.expected.values() if isinstance(e, Mapping))
        assert broken.waiting == held

        at.serve({})
        healed = await at.check(NOON + DAY)
        assert (outcomes(healed), healed.faulty, healed.waiting) == ({}, False, 0)
        assert in_force(await at.book(), TODAY + DAY) == in_force(good, TODAY + DAY)
        assert in_force(await at.book(), DECEMBER) == in_force(good, DECEMBER)


# -- one row that leaps -----------------------------------------------------------------------------


def factors() -> st.SearchStrategy[Decimal]:
    above = st.integers(301, 100_000).map(lambda percent: Decimal(percent) / 100)
    return above | above.map(lambda factor: (1 / factor).quantize(Decimal("0.00001")))


def taken(source: SourceId, content: bytes) -> list[CardKey]:
    """The keys whose rates a page would move by itself, today or on a day to come, were it the only one."""
    try:
        listing = SOURCES[source].parse(content, catalogue=truth().catalogue, on=TODAY)
    except SourceError:
        return []
    judgement = judge(
        [Reading(source=SOURCES[source], listing=listing)], book=truth().book, on=TODAY
    )
    return [f.key for f in judgement.findings if f.status is not Status.QUARANTINED]


def with_a_leap(source: SourceId, card: AnyCard, factor: Decimal) -> bytes:
    def leap(cards: Sequence[Any]) -> list[Any]:
        return [times([each], str(factor))[0] if each.key == card.key else each for each in cards]

    true = truth()
    leaping = Truth(
        true.catalogue, true.book, leap(true.tinker), leap(true.serverless), leap(true.gpus)
    )
    if source is FG:
        return gpu_page(leaping.gpus, form="hour")
    return leaping.pages()[source]


def cards_on(source: SourceId) -> Sequence[AnyCard]:
    cards: Sequence[AnyCard] = (*truth().tinker, *truth().serverless, *truth().gpus)
    return [card for card in cards if card.key.path in SOURCES[source].paths]


PAIRS = [(source, card) for source in SourceId for card in cards_on(source)]


@given(st.sampled_from(PAIRS), factors())
def test_no_row_of_any_page_moves_its_rates_more_than_threefold(
    row: tuple[SourceId, AnyCard], factor: Decimal
) -> None:
    source, card = row
    assert taken(source, with_a_leap(source, card, factor)) == []


@pytest.mark.parametrize("source", [source for source in SourceId if source is not FEED])
def test_a_row_of_any_page_moves_its_rates_by_half(source: SourceId) -> None:
    for card in cards_on(source):
        assert taken(source, with_a_leap(source, card, Decimal("1.5"))) == [card.key]
