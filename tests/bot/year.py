"""The year 2026 replayed: each day's pages written from the cards of that day, checked, reviewed, told of and posted."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import Answer
from bot.books import Books
from bot.checks import Checker, CheckReport
from bot.delivery import Delivery
from bot.desk import Desk
from bot.digest_run import Digester
from bot.digests import Digest
from bot.due import DueWork
from bot.fetching import Fetched
from bot.kept import pack
from bot.notices import Notices
from bot.requests import read
from bot.requests.request import Field, Intent, Request
from bot.schedule import Cadence, Schedule, next_run
from bot.store import Store
from bot.store.digests import Digests, Subscription
from bot.store.observations import Observation
from bot.store.rates import Rates
from bot.store.scenarios import Scenario, Scenarios
from engine.caveats import BillingPath
from engine.costs import usd_of
from pricing.cards import AnyCard, CardKey, Ended, GpuCard, RateBook, ServerlessCard, TinkerCard
from pricing.changes import RateName, listed_rates_of
from pricing.sources import SOURCES, FaultCode, FetchError, SourceId
from tests.bot.asking import BOOK, CATALOGUE
from tests.fake_slack import Call, FakeSlack, Post, shared_faults
from tests.pricing.sources.api_pages import MODES, genai_data, models_api
from tests.pricing.sources.fireworks_pages import gpu_page, serverless_page
from tests.pricing.sources.tinker_pages import models_json, pricing_html, pricing_markdown

FIRST, LAST = date(2026, 1, 5), date(2026, 12, 31)
ZONE, AT = "Europe/Berlin", "09:00"
TEAM, REVIEWER = "T1", "UREVIEW"
EVERYTHING, RUNS, NARROW = "CALL", "CRUNS", "CNARROW"
GPT = "gpt-oss-120b"
MODELS_ASKED = (GPT, "kimi-k2p6", "qwen3p5-397b", "kimi-k2p5", "deepseek-v4-flash-0731")
TURNS_ASKED = (1, 8)

# Tinker's older product page was in use until about the middle of the year, and models.json had no cached rates until
# the day on which they began.
_TINKER_MARKDOWN, _TINKER_CACHED = date(2026, 7, 1), date(2026, 7, 17)
_KIMI_K2P5_NOTE = date(2026, 7, 2)
# The first sighting of a priority rate is of this day; the page of three columns had none.
_MODES, _MODES_US = date(2026, 6, 16), date(2026, 9, 1)
_GPU_RISE_ANNOUNCED, _GPU_RISE, _GPU_MINUTES = date(2026, 8, 12), date(2026, 9, 1), date(2026, 10, 1)  # fmt: skip
# From here on the bot of the replay has a key for the models API, and asks the feed.
_API_ON = date(2026, 7, 31)
_TOLD_BY_API = frozenset({date(2026, 8, 27), date(2026, 9, 25)})

BROKEN_DAYS = tuple(date(2026, 3, day) for day in range(10, 15))
"""Checks that find both of Tinker's pages broken: from the first to the last of them are four days."""

_TINKER_URLS = (SOURCES[SourceId.TINKER_MODELS].url, SOURCES[SourceId.TINKER_PRICING].url)
_DAY = timedelta(days=1)
Rated = Mapping[CardKey, Mapping[RateName, Decimal | None]]
Usd = Mapping[BillingPath, Decimal | None]
Sample = tuple[date, str, int]


# -- what the pages say ------------------------------------------------------------------------------------


def pages_on(day: date) -> dict[SourceId, bytes]:
    """What each source shows on a day; one that has nothing to show yet is not there."""
    held = [_as_known(card, day) for card in BOOK if card.holds_on(day)]
    tinker = [card for card in held if isinstance(card, TinkerCard)]
    serverless = [card for card in held if isinstance(card, ServerlessCard)]
    gpus = [card for card in held if isinstance(card, GpuCard)]
    pages = dict(_tinker_pages(tinker, day))
    if serverless:
        form = "columns" if day < _MODES else "modes" if day < _MODES_US else "modes-us"
        pages[SourceId.FIREWORKS_SERVERLESS] = serverless_page(serverless, CATALOGUE, form=form)
    if gpus:
        pages[SourceId.FIREWORKS_GPU] = _gpu_page(gpus, day)
    if day >= _API_ON:
        last_days = _last_days(serverless)
        pages[SourceId.FIREWORKS_MODELS] = models_api(serverless, CATALOGUE, last_days=last_days)
        pages[SourceId.GENAI_PRICES] = genai_data(serverless, CATALOGUE)
    return pages


def _tinker_pages(cards: Sequence[TinkerCard], day: date) -> Iterator[tuple[SourceId, bytes]]:
    form = "cached" if day >= _TINKER_CACHED else "plain"
    yield SourceId.TINKER_MODELS, models_json(cards, CATALOGUE, form=form)
    write = pricing_markdown if day >= _TINKER_MARKDOWN else pricing_html
    yield SourceId.TINKER_PRICING, write(cards, CATALOGUE)


def _gpu_page(gpus: Sequence[GpuCard], day: date) -> bytes:
    if _GPU_RISE_ANNOUNCED <= day < _GPU_RISE:
        coming = [card for card in BOOK.gpus.cards if card.effective_from == _GPU_RISE]
        return gpu_page(gpus, form="dated", coming=coming)
    return gpu_page(gpus, form="hour" if day < _GPU_MINUTES else "minute")


def _as_known(card: AnyCard, day: date) -> AnyCard:
    """A card whose end nobody knows yet; of the retirements Tinker's page told one, and Fireworks' API some."""
    by_note = (
        isinstance(card, TinkerCard) and card.ended is Ended.RETIRED and day >= _KIMI_K2P5_NOTE
    )
    by_api = isinstance(card, ServerlessCard) and card.effective_to in _TOLD_BY_API
    if by_note or by_api:
        return card
    return card.model_copy(update={"effective_to": None, "ended": None})


def _last_days(cards: Iterable[ServerlessCard]) -> dict[str, date]:
    """The announced last day of each model of which every row of the API ends together."""
    ends: dict[str, set[date | None]] = {}
    for card in cards:
        if card.path in MODES:
            ends.setdefault(card.model, set()).add(card.effective_to)
    return {
        model: last
        for model, days in ends.items()
        if len(days) == 1 and (last := next(iter(days))) is not None
    }


@dataclass(slots=True)
class PageServer:
    """Answers as the sources of a day do, with validators; `broken` are the pages that arrive wrong or not at all."""

    pages: Mapping[str, bytes] = field(default_factory=dict)
    broken: Mapping[str, bytes | None] = field(default_factory=dict)

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,  # noqa: ARG002 - these sources give no times
        bearer: str | None = None,
        next_page: Callable[[bytes], str | None] | None = None,
    ) -> Fetched:
        content = self.broken.get(url, self.pages[url])
        if content is None:
            raise FetchError(FaultCode.STATUS, "the answer has the status 502")
        assert (bearer is not None) is (url == SOURCES[SourceId.FIREWORKS_MODELS].url)
        assert next_page is None or next_page(content) is None
        tag = hashlib.sha256(content).hexdigest()
        same = tag == etag
        return Fetched(
            content=b"" if same else content, etag=tag, last_modified=None, not_modified=same
        )


# -- what came of it ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message that a channel got, and the digest that it is; None for one that says how the checks are."""

    day: date
    at: datetime
    post: Post
    digest: Digest | None

    @property
    def text(self) -> str:
        return self.post.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer that somebody got on a day: the amounts, and the cards that it names."""

    ids: tuple[str, ...]
    usd: Usd


@dataclass(slots=True)
class Year:
    """All that was seen while the year went by, and the book at its end."""

    reports: dict[datetime, CheckReport] = field(default_factory=dict)
    in_force: dict[date, Rated] = field(default_factory=dict)
    approved: dict[date, tuple[Observation, ...]] = field(default_factory=dict)
    told: dict[str, list[Told]] = field(default_factory=dict)
    notices: dict[date, list[Post]] = field(default_factory=dict)
    refused: list[Call] = field(default_factory=list)
    given: dict[Sample, Given] = field(default_factory=dict)
    book: RateBook = BOOK

    def digests(self, channel: str) -> dict[date, Told]:
        return {told.day: told for told in self.told[channel] if told.digest}

    def other(self, channel: str) -> dict[date, Told]:
        return {told.day: told for told in self.told[channel] if not told.digest}


def package() -> RateBook:
    """What a package made on the first day would hold: the cards of that day, with no end in sight."""
    cards = [
        card.model_copy(update={"effective_to": None, "ended": None, "verified_on": FIRST})
        for card in BOOK
        if card.holds_on(FIRST)
    ]
    return RateBook.of(cards, conflicts=BOOK.conflicts)


def rates_on(book: RateBook, day: date) -> Rated:
    return {card.key: listed_rates_of(card) for card in book if card.holds_on(day)}


def run(model: str, turns: int, *, on: date | None = None) -> Request:
    fields: dict[Field, int | date] = {Field.TURNS: turns}
    if on is not None:
        fields[Field.AS_OF] = on
    return Request(intent=Intent.ESTIMATE, models=(model,), fields={**fields})


def amounts(found: Answer) -> Usd:
    return {quote.path: usd_of(quote.priced) for quote in found.models[0].quotes}


def card_ids(found: Answer) -> tuple[str, ...]:
    return tuple(quote.card.id for quote in found.models[0].quotes if quote.card)


# -- how it goes by ----------------------------------------------------------------------------------------


async def replayed(folder: Path, *, checked: Iterable[date], samples: Iterable[date]) -> Year:
    """The year from the first day to the last, in a database in a folder and against a strict fake of Slack.

    The sources are asked on the `checked` days, and digests are looked for every day; on the days of `samples` somebody
    asks for estimates.
    """
    store = await Store.open(f"sqlite:///{folder / 'year.db'}")
    try:
        async with FakeSlack() as slack, ClientSession() as session:
            slack.add_workspace(TEAM, bot_token="xoxb-1")
            for channel in (EVERYTHING, RUNS, NARROW):
                slack.add_channel(channel, TEAM, bot_is_member=True)
            slack.add_user(REVIEWER, TEAM)
            replay = _Replay(store, slack, session, frozenset(samples))
            year = await replay.whole(frozenset(checked))
            year.refused = [call for call in slack.called("chat.postMessage") if call.error]
            for message in slack.accepted_messages:
                assert shared_faults("message", message) == []
            return year
    finally:
        await store.close()


class _Replay:
    def __init__(
        self, store: Store, slack: FakeSlack, session: ClientSession, samples: frozenset[date]
    ) -> None:
        self._slack = slack
        self._samples = samples
        self._rates, self._digests = Rates(store), Digests(store)
        self._scenarios = Scenarios(store)
        self._package = package()
        self._pages = PageServer()
        self._year = Year(told={EVERYTHING: [], RUNS: [], NARROW: []})
        self._now = datetime.combine(FIRST, time(5), UTC)
        books = Books.of(self._package, self._rates)
        self._desk = Desk(
            book=books.book, catalogue=CATALOGUE, today=lambda: self._now.astimezone(UTC).date()
        )
        self._digester = Digester(
            digests=self._digests,
            scenarios=self._scenarios,
            rates=self._rates,
            books=books,
            desk=self._desk,
        )
        client = AsyncWebClient(token="xoxb-1", base_url=slack.api_url, session=session)
        self._due = DueWork(
            digests=self._digests,
            digester=self._digester,
            delivery=Delivery(session, retry_handlers=[], sleep=_no_wait),
            client=lambda _team, _enterprise: _itself(client),
            now=lambda: self._now,
        )

    async def whole(self, checked: frozenset[date]) -> Year:
        await self._check(FIRST, hour=5)
        await self._subscribe()
        for day in (FIRST + number * _DAY for number in range((LAST - FIRST).days + 1)):
            if day in checked and day > FIRST:
                await self._check(day, hour=5)
                if await self._approved(day):
                    # Checks come several times a day. What a page says of the end of a rate that nobody has
                    # approved yet is taken by the next one, before the digests of the morning.
                    await self._check(day, hour=6)
                    assert await self._rates.waiting() == ()
            await self._tell(day, looking=day in checked)
            if day in self._samples:
                self._ask(day)
            self._year.in_force[day] = rates_on(self._desk.book, day)
        self._year.book = self._desk.book
        return self._year

    async def _check(self, day: date, *, hour: int) -> None:
        """By whatever sources there are on the day."""
        self._now = datetime.combine(day, time(hour), UTC)
        pages = {SOURCES[source].url: content for source, content in pages_on(day).items()}
        self._pages.pages = pages
        self._pages.broken = dict.fromkeys(_TINKER_URLS, _broken(day)) if day in BROKEN_DAYS else {}
        checker = Checker(
            fetcher=self._pages,
            urls={
                id_: source.url if source.url in pages else None for id_, source in SOURCES.items()
            },
            api_key="a-key",
            rates=self._rates,
            package=self._package,
            catalogue=CATALOGUE,
            notices=Notices(reviewers=(REVIEWER,), team_id=TEAM),
        )
        self._year.reports[self._now] = await checker.check(at=self._now)
        await self._post(day)

    async def _approved(self, day: date) -> bool:
        """A person looks in the half hour after the check, and approves all that waits; whether anything did."""
        self._now += timedelta(minutes=30)
        approved = []
        for waiting in await self._rates.waiting():
            decided, won = await self._rates.decide(
                waiting.id, approve=True, by=REVIEWER, why="as on the page", at=self._now
            )
            assert won
            approved.append(decided)
        if approved:
            self._year.approved[day] = tuple(approved)
        return bool(approved)

    async def _subscribe(self) -> None:
        """All channels before anything else happens: all models twice, once with saved runs, and one model alone."""
        for channel, models in ((EVERYTHING, ()), (RUNS, ()), (NARROW, (GPT,))):
            schedule = Schedule(cadence=Cadence.DAILY, at=AT, zone=ZONE, models=models)
            snapshot_id, content = await self._digester.snapshot(at=self._now)
            wanted = Subscription(
                team_id=TEAM,
                channel_id=channel,
                enterprise_id=None,
                subscribed_by="U1",
                subscribed_at=self._now,
                schedule=schedule.model_dump(mode="json"),
                due_at=next_run(schedule, after=self._now),
                snapshot=snapshot_id,
                announced_at=self._now,
                failure_told=None,
            )
            await self._digests.subscribe(wanted, content)
        for name, turns in (("one-shot", 1), ("nightly", 8)):
            await self._save(name, f"{GPT} turns={turns}")

    async def _save(self, name: str, text: str) -> None:
        request = read(text, CATALOGUE, today=FIRST)
        assert not request.problems
        await self._scenarios.save(
            Scenario(
                team_id=TEAM,
                channel_id=RUNS,
                enterprise_id=None,
                name=name,
                request=json.loads(pack(request, day=FIRST)),
                saved_by="U1",
                saved_at=self._now,
            )
        )

    async def _tell(self, day: date, *, looking: bool) -> None:
        """The day's turns, looked for at seven and at eight in UTC: nine o'clock in Berlin, in summer and in winter.

        `looking`: beside the messages the digests are kept as figures too; a message of another day has none.
        """
        for hour in (7, 8):
            self._now = datetime.combine(day, time(hour), UTC)
            due = await self._due_digests() if looking else {}
            turns = 0
            while await self._due.digest():
                turns += 1
            for post in await self._post(day) if turns else ():
                told = Told(day=day, at=self._now, post=post, digest=due.pop(post.channel, None))
                self._year.told[post.channel].append(told)
            assert not any(due.values()), f"{day}: a digest was not posted"

    async def _due_digests(self) -> dict[str, Digest | None]:
        """What there is to say to each channel that is due, as figures."""
        found = {}
        for subscription in await self._digests.subscriptions(TEAM):
            if subscription.due_at <= self._now:
                said = await self._digester.say(subscription, at=self._now)
                found[subscription.channel_id] = said.digest
        return found

    async def _post(self, day: date) -> list[Post]:
        """Posts what was written; what is for the reviewer is put aside."""
        before = len(self._slack.posts)
        while await self._due.post():
            pass
        new = self._slack.posts[before:]
        channels = self._year.told
        for post in new:
            if post.channel not in channels:
                self._year.notices.setdefault(day, []).append(post)
        return [post for post in new if post.channel in channels]

    def _ask(self, day: date) -> None:
        for model in MODELS_ASKED:
            for turns in TURNS_ASKED:
                found = self._desk.answer(run(model, turns))
                self._year.given[day, model, turns] = Given(ids=card_ids(found), usd=amounts(found))


def _broken(day: date) -> bytes | None:
    """Now a page that says sorry with status 200, now none at all."""
    return b"<html><body>Sorry, we will be back soon.</body></html>" if day.day % 2 else None


async def _itself(client: AsyncWebClient) -> AsyncWebClient:
    return client


async def _no_wait(_seconds: float) -> None:
    pass
