"""Rates on both databases: what a check leaves behind, whole or not at all, and who decides what waits."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from bot.store import Store
from bot.store.digests import Digests
from bot.store.fetches import FetchRecord, SourceState
from bot.store.observations import Observation
from bot.store.outbox import Lease, Outgoing, finish_job
from bot.store.rates import Rates
from bot.store.tables import METADATA
from pricing.cards import CardKey, CardPath, Confidence, GpuCard, TinkerCard
from pricing.catalogue import GpuType
from pricing.judgement import Finding, Hold, Judgement, Status
from pricing.observed import Change
from pricing.sources import SourceId

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOON.date()
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
PAGE = '{"page": "Kimi K2.6 – 128K"}\n'.encode() * 1000
URL = "https://prices.example/models.json"
STATE = SourceState(
    url=URL,
    etag='"abc"',
    last_modified="Sat, 21 Nov 2026 11:00:00 GMT",
    content=PAGE,
    answered_at=NOON,
    failing_since=None,
)
TINKER, FIREWORKS_GPU = SourceId.TINKER_MODELS, SourceId.FIREWORKS_GPU
KIMI_128K = CardKey(CardPath.TINKER, "kimi-k2p6", 131_072)


def kimi(input_usd: str = "5.15", on: date = TODAY) -> TinkerCard:
    return TinkerCard(
        model="kimi-k2p6",
        window_tokens=131_072,
        input_usd_per_mtok=Decimal(input_usd),
        cached_input_usd_per_mtok=Decimal("1.030"),
        output_usd_per_mtok=Decimal("12.81"),
        effective_from=on,
        from_certain=False,
        verified_on=on,
        confidence=Confidence.HIGH,
        source_url="https://prices.example/models.json",
        sightings=(on.isoformat(),),
    )


def b300(usd: str = "15.00", on: date = TODAY) -> GpuCard:
    return GpuCard(
        gpu_type=GpuType.B300_288GB,
        usd_per_gpu_hour=Decimal(usd),
        effective_from=on,
        from_certain=True,
        verified_on=TODAY,
        confidence=Confidence.HIGH,
        source_url="https://prices.example/pricing",
        sightings=(TODAY.isoformat(),),
    )


def finding(input_usd: str = "6.00", **said: Any) -> Finding:
    """Kimi's 128K window gets another input rate today, as a plain change."""
    plain = Finding(
        key=KIMI_128K,
        on=TODAY,
        before=kimi(on=date(2026, 7, 17)),
        after=kimi(input_usd),
        status=Status.IN_FORCE,
        hold=None,
        reason="",
        source=TINKER,
        quote=f'"prefill": "${input_usd}"',
    )
    return replace(plain, **said)


def held(input_usd: str = "51.50", **said: Any) -> Finding:
    why = "input rises from $5.15 to $51.50, more than threefold"
    return finding(
        input_usd, status=Status.QUARANTINED, hold=Hold.OVER_THREEFOLD, reason=why, **said
    )


def announced(usd: str = "15.00", on: date = TODAY + 10 * DAY) -> Finding:
    """A GPU-hour's price from a day to come."""
    return Finding(
        key=CardKey(CardPath.DEDICATED, GpuType.B300_288GB),
        on=on,
        before=b300("12.00", on=date(2026, 5, 8)),
        after=b300(usd, on=on),
        status=Status.PENDING,
        hold=None,
        reason="",
        source=FIREWORKS_GPU,
        quote="B300 288 GB | $15.00",
    )


def fetched(source: SourceId = TINKER, **said: Any) -> FetchRecord:
    plain = FetchRecord(
        source=source,
        outcome="changed",
        fault_code=None,
        fault_text=None,
        sha256="ab" * 32,
        state=STATE,
    )
    return replace(plain, **said)


def failed(source: SourceId = TINKER, text: str = "it answered with 503") -> FetchRecord:
    return fetched(
        source, outcome="fault", fault_code="status", fault_text=text, sha256=None, state=None
    )


def message(id: str = "review/1", team_id: str = "T1") -> Outgoing:  # noqa: A002
    return Outgoing(
        id=id,
        team_id=team_id,
        enterprise_id=None,
        channel_id="U1",
        message={"text": "A rate waits for you."},
        due_at=NOON,
    )


async def record(
    rates: Rates, *findings: Finding, judged: Judgement | None = None, **said: Any
) -> bool:
    """A check at noon of one source that answered, which found these."""
    judgement = judged or Judgement(findings=findings)
    plain = {
        "fetches": [fetched()],
        "judgement": judgement,
        "read": [TINKER, FIREWORKS_GPU],
        "notices": lambda _: (),
        "at": NOON,
        "on": TODAY,
        "lease": None,
        "due_at": None,
    }
    return await rates.record(**{**plain, **said})


async def waits(rates: Rates, found: Finding | None = None) -> Observation:
    """An observation that waits for a person."""
    await record(rates, found or held())
    (waiting,) = await rates.waiting()
    return waiting


async def rows(store: Store) -> dict[str, int]:
    """How many rows each table holds, where it holds any."""
    async with store.engine.connect() as connection:
        counts = {
            table.name: await connection.scalar(select(func.count()).select_from(table))
            for table in METADATA.sorted_tables
        }
    return {name: count for name, count in counts.items() if count}


@dataclass
class Told:
    """Reviewers who write down what they are told of, and have nothing said in Slack."""

    of: list[Sequence[Observation]] = field(default_factory=list)

    def __call__(self, waiting: Sequence[Observation]) -> Sequence[Outgoing]:
        self.of.append(waiting)
        return ()


@pytest.fixture
def rates(store: Store) -> Rates:
    return Rates(store)


@pytest.fixture
async def replicas(database_url: str) -> AsyncIterator[list[Rates]]:
    """The rates as three more processes have them."""
    opened = [await Store.open(database_url) for _ in range(3)]
    yield [Rates(store) for store in opened]
    for store in opened:
        await store.close()


# -- sources -----------------------------------------------------------------------------------------------


async def test_nothing_is_known_before_the_first_check(rates: Rates) -> None:
    assert await rates.source_states() == {}
    assert await rates.accepted() == ()
    assert await rates.all_cards() == ()
    assert await rates.confirmations() == {}
    assert await rates.checks_since(NOON - 1000 * DAY) == (0, None)


async def test_a_source_is_read_as_it_was_found_byte_for_byte(rates: Rates) -> None:
    await record(
        rates, fetches=[fetched(), fetched(FIREWORKS_GPU, state=replace(STATE, etag=None))]
    )
    assert await rates.source_states() == {
        TINKER: STATE,
        FIREWORKS_GPU: replace(STATE, etag=None),
    }


async def test_a_page_is_stored_smaller_than_it_is(store: Store, rates: Rates) -> None:
    await record(rates)
    async with store.engine.connect() as connection:
        kept = await connection.scalar(select(METADATA.tables["sources"].c.content))
    assert len(kept) < len(PAGE) / 10


async def test_a_source_fails_since_its_first_fault_and_keeps_its_last_good_page(
    rates: Rates,
) -> None:
    await record(rates)
    for days in (1, 2, 3):
        await record(rates, fetches=[failed()], at=NOON + days * DAY)
    assert await rates.source_states() == {TINKER: replace(STATE, failing_since=NOON + DAY)}


async def test_a_source_that_answers_again_fails_no_longer(rates: Rates) -> None:
    await record(rates, fetches=[failed()])
    answered = replace(STATE, answered_at=NOON + DAY)
    await record(rates, fetches=[fetched(state=answered)], at=NOON + DAY)
    assert await rates.source_states() == {TINKER: answered}
    await record(rates, fetches=[failed()], at=NOON + 2 * DAY)
    assert (await rates.source_states())[TINKER].failing_since == NOON + 2 * DAY


async def test_a_source_that_never_answered_is_known_by_its_failing(rates: Rates) -> None:
    await record(rates, fetches=[failed()])
    (state,) = (await rates.source_states()).values()
    assert (state.url, state.content, state.answered_at, state.failing_since) == (
        "",
        None,
        None,
        NOON,
    )


async def test_a_source_that_is_turned_off_does_not_fail(rates: Rates) -> None:
    await record(rates, fetches=[failed()])
    off = fetched(outcome="off", sha256=None, state=None)
    await record(rates, fetches=[off, replace(off, source=FIREWORKS_GPU)])
    states = await rates.source_states()
    assert [(source, state.failing_since) for source, state in states.items()] == [(TINKER, None)]


async def test_checks_count_once_however_many_sources_and_only_where_one_answered(
    rates: Rates,
) -> None:
    await record(rates, fetches=[fetched(), fetched(FIREWORKS_GPU)])
    await record(rates, fetches=[failed(), fetched(FIREWORKS_GPU)], at=NOON + DAY)
    await record(rates, fetches=[failed(), failed(FIREWORKS_GPU)], at=NOON + 2 * DAY)
    assert await rates.checks_since(NOON - SECOND) == (2, NOON + DAY)
    assert await rates.checks_since(NOON) == (1, NOON + DAY)
    assert await rates.checks_since(NOON + DAY) == (0, None)


async def test_what_a_page_says_is_kept_whatever_characters_it_has(rates: Rates) -> None:
    odd = finding(quote="price\0 \ud800 ¥")
    await record(rates, odd, fetches=[failed(text="found `\0`")])
    (kept,) = await rates.accepted()
    assert kept.quote == "price\N{REPLACEMENT CHARACTER} ? ¥"


# -- findings ----------------------------------------------------------------------------------------------


async def test_an_observation_is_what_was_found(rates: Rates) -> None:
    await record(rates, finding(reason="confirmed by genai-prices"))
    (kept,) = await rates.accepted()
    assert kept == Observation(
        id=kept.id,
        fingerprint=finding().fingerprint,
        key=KIMI_128K,
        on=TODAY,
        card=kimi("6.00"),
        card_before=kimi(on=date(2026, 7, 17)),
        status="in_force",
        hold=None,
        reason="confirmed by genai-prices",
        source=TINKER,
        quote='"prefill": "$6.00"',
        observed_at=NOON,
        decided_at=None,
        decided_by=None,
        decided_why=None,
    )
    assert kept.change == Change(
        key=KIMI_128K, on=TODAY, card=kimi("6.00"), seen_on=TODAY, source=TINKER
    )
    assert await rates.observation(kept.id) == kept
    assert await rates.observation(kept.id + 1) is None


async def test_a_key_that_is_gone_is_observed_without_a_card(rates: Rates) -> None:
    gone = held(after=None)
    await record(rates, replace(gone, hold=Hold.GONE))
    (kept,) = await rates.waiting()
    assert (kept.card, kept.hold) == (None, "gone")


async def test_accepted_are_those_in_force_and_pending_and_waiting_those_held(
    rates: Rates,
) -> None:
    await record(rates, finding(), held(), announced())
    assert [each.status for each in await rates.accepted()] == ["in_force", "pending"]
    assert [each.status for each in await rates.waiting()] == ["quarantined"]


async def test_what_waits_already_keeps_its_row(rates: Rates) -> None:
    first = await waits(rates)
    await record(rates, held(quote="another line"), at=NOON + DAY, on=TODAY + DAY)
    assert await rates.waiting() == (first,)


async def test_what_waits_and_is_not_found_again_is_withdrawn(rates: Rates) -> None:
    waiting = await waits(rates)
    await record(rates, at=NOON + DAY, on=TODAY + DAY)
    assert await rates.waiting() == ()
    withdrawn = await rates.observation(waiting.id)
    assert withdrawn == replace(waiting, status="withdrawn", decided_at=NOON + DAY)


async def test_what_waits_stays_while_its_source_cannot_be_read(rates: Rates) -> None:
    waiting = await waits(rates)
    await record(rates, fetches=[failed()], read=[FIREWORKS_GPU])
    await record(rates, fetches=[failed()], read=[])
    assert await rates.waiting() == (waiting,)


async def test_another_claim_for_the_same_key_replaces_the_one_that_waits(rates: Rates) -> None:
    first = await waits(rates, held("51.50"))
    await record(rates, held("50.00"))
    (second,) = await rates.waiting()
    assert (second.card, second.id > first.id) == (kimi("50.00"), True)


async def test_a_claim_that_needs_nobody_any_more_is_in_force_and_waits_no_longer(
    rates: Rates,
) -> None:
    await waits(rates, held("6.00"))
    await record(rates, finding("6.00"))
    assert await rates.waiting() == ()
    assert [each.status for each in await rates.accepted()] == ["in_force"]


async def test_a_claim_that_was_turned_down_is_not_raised_again(rates: Rates) -> None:
    waiting = await waits(rates)
    await rates.decide(waiting.id, approve=False, by="U1", why="a slip", at=NOON)
    await record(rates, held(), at=NOON + DAY)
    assert await rates.waiting() == ()
    assert await rates.rejected() == {held().fingerprint}


def confirming(*keys: CardKey) -> Judgement:
    return Judgement(confirmed=keys)


def gone() -> Finding:
    why = "no longer on Tinker's models.json, and no end was announced"
    return finding(after=None, status=Status.QUARANTINED, hold=Hold.GONE, reason=why)


async def turned_down(rates: Rates, found: Finding) -> None:
    waiting = await waits(rates, found)
    await rates.decide(waiting.id, approve=False, by="U1", why="a slip", at=NOON)
    assert await rates.rejected() == {found.fingerprint}


async def test_a_key_that_went_again_after_it_was_back_is_asked_about_again(rates: Rates) -> None:
    await turned_down(rates, gone())
    await record(rates, gone(), at=NOON + DAY)
    assert await rates.waiting() == ()
    back = TODAY + 2 * DAY
    await record(rates, judged=confirming(KIMI_128K), at=NOON + 2 * DAY, on=back)
    assert await rates.rejected() == frozenset()
    again = replace(gone(), on=TODAY + 60 * DAY)
    await record(rates, again, at=NOON + 60 * DAY, on=again.on)
    assert [each.on for each in await rates.waiting()] == [again.on]


async def test_a_second_rejection_counts_from_its_own_day(rates: Rates) -> None:
    await turned_down(rates, gone())
    await record(rates, judged=confirming(KIMI_128K), at=NOON + DAY, on=TODAY + DAY)
    again = replace(gone(), on=TODAY + 2 * DAY)
    await record(rates, again, at=NOON + 2 * DAY, on=again.on)
    (second,) = await rates.waiting()
    await rates.decide(second.id, approve=False, by="U1", why=None, at=NOON + 2 * DAY)
    assert await rates.rejected() == {gone().fingerprint}


async def test_a_rejection_outlives_what_confirms_another_key_or_came_before_it(
    rates: Rates,
) -> None:
    await record(rates, judged=confirming(KIMI_128K), on=TODAY - DAY)
    await turned_down(rates, held())
    short = KIMI_128K._replace(window_tokens=32_768)
    await record(rates, judged=confirming(short), on=TODAY + 5 * DAY, at=NOON + 5 * DAY)
    await record(rates, judged=confirming(KIMI_128K), at=NOON + SECOND)  # on the very day
    assert await rates.rejected() == {held().fingerprint}


async def test_a_key_without_a_window_is_confirmed_as_well(rates: Rates) -> None:
    tenfold = replace(
        announced("150.00", on=TODAY), status=Status.QUARANTINED, hold=Hold.OVER_THREEFOLD
    )
    await turned_down(rates, tenfold)
    await record(rates, judged=confirming(tenfold.key), at=NOON + DAY, on=TODAY + DAY)
    assert await rates.rejected() == frozenset()


@pytest.mark.parametrize("hold", [Hold.SOURCES_DISAGREE, Hold.CONTRADICTS_ITSELF])
async def test_a_claim_that_is_made_beside_the_card_is_not_asked_about_each_day(
    rates: Rates, hold: Hold
) -> None:
    found = replace(held(), hold=hold)
    await turned_down(rates, found)
    await record(rates, judged=confirming(KIMI_128K), at=NOON + DAY, on=TODAY + DAY)
    assert await rates.rejected() == {found.fingerprint}


async def test_a_claim_of_a_day_to_come_is_turned_down_until_that_day_shows_the_old_card(
    rates: Rates,
) -> None:
    claimed = TODAY + 3 * DAY
    found = held(on=claimed, after=kimi("51.50", on=claimed))
    await turned_down(rates, found)
    left = []
    for days in (1, 2, 3):
        day = TODAY + days * DAY
        await record(rates, judged=confirming(KIMI_128K), at=NOON + days * DAY, on=day)
        left.append(len(await rates.rejected()))
    assert left == [1, 1, 0]


async def test_a_rate_that_comes_back_is_observed_each_time(rates: Rates) -> None:
    for days, usd in enumerate(("6.00", "5.15", "6.00", "5.15")):
        day = TODAY + days * DAY
        found = finding(usd, on=day, after=kimi(usd, on=day))
        await record(rates, found, at=NOON + days * DAY, on=day)
    usds = [str(each.card.input_usd_per_mtok) for each in await rates.accepted()]  # type: ignore[union-attr]
    assert usds == ["6.00", "5.15", "6.00", "5.15"]


async def test_the_same_claim_much_later_is_a_new_one(rates: Rates) -> None:
    # A card of a newer package may have stood between the two.
    await record(rates, finding())
    later = TODAY + 60 * DAY
    await record(
        rates, finding(on=later, after=kimi("6.00", on=later)), at=NOON + 60 * DAY, on=later
    )
    assert [each.on for each in await rates.accepted()] == [TODAY, later]


async def test_checks_at_once_observe_everything_once(rates: Rates, replicas: list[Rates]) -> None:
    found = (finding(), held(key=CardKey(CardPath.TINKER, "glm-5p2", 65_536)), announced())
    checks = [record(replica, *found, at=NOON + SECOND) for replica in replicas * 3]
    assert all(await asyncio.gather(*checks))
    assert len(await rates.accepted()) == 2
    assert len(await rates.waiting()) == 1


async def test_what_a_key_will_cost_later_does_not_make_its_rate_of_today_new_again(
    rates: Rates,
) -> None:
    day = TODAY + 10 * DAY
    later = finding("7.00", on=day, after=kimi("7.00", on=day), status=Status.PENDING)
    await record(rates, finding(), later)
    await record(rates, finding())
    assert [each.on for each in await rates.accepted()] == [TODAY, day]


async def test_what_was_approved_while_a_check_ran_is_not_held_again(rates: Rates) -> None:
    waiting = await waits(rates)
    await rates.decide(waiting.id, approve=True, by="U1", why=None, at=NOON + SECOND)
    await record(rates, held(), at=NOON)
    assert await rates.waiting() == ()
    assert len(await rates.accepted()) == 1


async def test_what_is_announced_no_longer_is_withdrawn_and_nothing_else(rates: Rates) -> None:
    september, october = announced(), announced("16.00", on=TODAY + 40 * DAY)
    await record(rates, september, october)
    first, second = await rates.accepted()
    await record(rates, judged=Judgement(withdrawn=(first.change,)), at=NOON + DAY)
    assert await rates.accepted() == (second,)
    assert await rates.observation(first.id) == replace(
        first, status="withdrawn", decided_at=NOON + DAY
    )


async def test_an_announced_rate_that_is_corrected_replaces_the_first(rates: Rates) -> None:
    await record(rates, announced("15.00"))
    (first,) = await rates.accepted()
    corrected = Judgement(withdrawn=(first.change,), findings=(announced("14.00"),))
    await record(rates, judged=corrected)
    (second,) = await rates.accepted()
    assert second.card == b300("14.00", on=TODAY + 10 * DAY)


async def test_an_announced_rate_is_in_force_from_its_day_on(rates: Rates) -> None:
    await record(rates, announced(on=TODAY + 2 * DAY))
    statuses = []
    for days in (1, 2, 3):
        await record(rates, at=NOON + days * DAY, on=TODAY + days * DAY)
        statuses += [each.status for each in await rates.accepted()]
    assert statuses == ["pending", "in_force", "in_force"]


async def test_a_key_is_confirmed_on_the_last_day_that_it_was_seen(rates: Rates) -> None:
    gpu = CardKey(CardPath.DEDICATED, GpuType.B300_288GB)
    await record(rates, judged=Judgement(confirmed=(KIMI_128K, gpu)))
    await record(rates, judged=Judgement(confirmed=(KIMI_128K,)), on=TODAY + DAY)
    await record(rates, judged=Judgement(confirmed=(KIMI_128K,)), on=TODAY - DAY)
    assert await rates.confirmations() == {KIMI_128K: TODAY + DAY, gpu: TODAY}


async def test_every_card_that_was_ever_accepted_can_be_found_again(rates: Rates) -> None:
    await record(rates, finding("6.00"), announced())
    approved = held("51.50", key=CardKey(CardPath.TINKER, "a", 1), on=TODAY + DAY)
    await record(rates, approved, held("99.00"))
    first, second = await rates.waiting()
    await rates.decide(first.id, approve=True, by="U1", why=None, at=NOON)
    called_off = tuple(each.change for each in await rates.accepted() if each.on > TODAY)
    assert len(called_off) == 2
    await record(rates, judged=Judgement(withdrawn=called_off))  # and 99.00 is not found again
    assert [each.change for each in await rates.accepted()] == [
        Change(key=KIMI_128K, on=TODAY, card=kimi("6.00"), seen_on=TODAY, source=TINKER)
    ]
    assert await rates.all_cards() == (kimi("6.00"), b300(on=TODAY + 10 * DAY), kimi("51.50"))
    assert second.card == kimi("99.00")


async def test_the_mark_changes_with_what_is_accepted_or_confirmed(rates: Rates) -> None:
    marks = [await rates.mark()]
    await record(rates, finding())
    marks.append(await rates.mark())
    await record(rates, judged=Judgement(confirmed=(KIMI_128K,)))
    marks.append(await rates.mark())
    waiting = await waits(rates)
    marks.append(await rates.mark())
    await rates.decide(waiting.id, approve=True, by="U1", why=None, at=NOON)
    marks.append(await rates.mark())
    assert len(set(marks)) == 5
    assert await rates.mark() == marks[-1]


# -- a check as a whole ------------------------------------------------------------------------------------


async def test_a_check_that_cannot_be_written_to_its_end_leaves_nothing(
    store: Store, rates: Rates
) -> None:
    digests = Digests(store)
    await digests.ensure_job("check", due_at=NOON, latest=NOON + DAY)
    lease = await digests.claim_job("check", at=NOON, seconds=60)
    waiting = await waits(rates)
    before, mark = await rows(store), await rates.mark()
    no_key: Any = CardKey(CardPath.TINKER, None)  # type: ignore[arg-type]
    broken = Judgement(findings=(finding(),), confirmed=(KIMI_128K, no_key))
    with pytest.raises(IntegrityError):
        await record(
            rates,
            judged=broken,
            notices=lambda _: [message()],
            lease=lease,
            due_at=NOON + DAY,
            at=NOON + DAY,
        )
    assert await rows(store) == before
    assert await rates.mark() == mark
    assert await rates.waiting() == (waiting,)
    assert await rates.source_states() == {TINKER: STATE}
    assert lease
    async with store.engine.begin() as connection:
        assert await finish_job(connection, lease, due_at=NOON)  # it is held still


async def test_a_check_of_a_job_ends_its_turn(store: Store, rates: Rates) -> None:
    digests = Digests(store)
    await digests.ensure_job("check", due_at=NOON, latest=NOON + DAY)
    lease = await digests.claim_job("check", at=NOON, seconds=60)
    assert await record(
        rates, held(), notices=lambda _: [message()], lease=lease, due_at=NOON + DAY
    )
    assert await digests.claim_job("check", at=NOON + DAY - SECOND, seconds=60) is None
    assert await digests.claim_job("check", at=NOON + DAY, seconds=60)
    assert [each.outgoing for each in await digests.messages("T1")] == [message()]


async def test_a_check_whose_lease_went_to_another_writes_nothing(
    store: Store, rates: Rates
) -> None:
    digests = Digests(store)
    await digests.ensure_job("check", due_at=NOON, latest=NOON + DAY)
    slow = await digests.claim_job("check", at=NOON, seconds=0)
    fast = await digests.claim_job("check", at=NOON, seconds=60)
    said = {"notices": lambda _: [message()], "due_at": NOON + DAY}
    assert not await record(rates, finding(), lease=slow, **said)
    assert await rows(store) == {"jobs": 1}
    assert await record(rates, finding(), lease=fast, **said)
    assert not await record(rates, finding("7.00"), lease=fast, **said)
    assert len(await rates.accepted()) == 1


async def test_a_check_with_a_made_up_lease_writes_nothing(store: Store, rates: Rates) -> None:
    assert not await record(rates, finding(), lease=Lease("made up"))
    assert await rows(store) == {}


async def test_reviewers_are_told_of_a_claim_once_and_of_nothing_that_is_in_force(
    rates: Rates,
) -> None:
    told = Told()
    await record(rates, finding(), notices=told)
    await record(rates, held(), notices=told)
    await record(rates, held(), notices=told)
    assert told.of == [(), await rates.waiting(), ()]


async def test_a_claim_that_a_check_without_notices_found_is_told_by_the_next(
    rates: Rates,
) -> None:
    told = Told()
    await record(rates, held(), notices=None)
    await record(rates, held(), notices=told)
    assert told.of == [await rates.waiting()]


async def test_no_message_is_written_for_a_workspace_that_has_left(
    store: Store, rates: Rates
) -> None:
    await store.forget_team("T1", at=NOON + SECOND)
    messages = [message("1", "T1"), message("2", "T2")]
    assert await record(rates, finding(), held(), notices=lambda _: messages)
    digests = Digests(store)
    assert await digests.messages("T1") == ()
    assert [each.outgoing.id for each in await digests.messages("T2")] == ["2"]
    assert len(await rates.accepted()) == 1


async def test_fetches_go_after_four_hundred_days_and_observations_never(
    store: Store, rates: Rates
) -> None:
    await record(rates, finding())

    await store.forget_old(at=NOON + 400 * DAY)
    assert "source_fetches" in await rows(store)
    await store.forget_old(at=NOON + 400 * DAY + SECOND)
    assert await rows(store) == {
        "sources": 1,
        "observations": 1,
        "revisions": 1,
    }


# -- decisions ---------------------------------------------------------------------------------------------


async def test_an_approval_is_kept_with_who_when_and_why(rates: Rates) -> None:
    waiting = await waits(rates)
    approved, won = await rates.decide(
        waiting.id, approve=True, by="U1", why="seen on their blog", at=NOON + DAY
    )
    assert won
    assert approved == replace(
        waiting,
        status="in_force",
        decided_at=NOON + DAY,
        decided_by="U1",
        decided_why="seen on their blog",
    )
    assert await rates.accepted() == (approved,)
    assert await rates.waiting() == ()


async def test_a_rejection_changes_no_card(rates: Rates) -> None:
    waiting = await waits(rates)
    rejected, won = await rates.decide(waiting.id, approve=False, by="U1", why=None, at=NOON)
    assert won
    assert rejected.status == "rejected"
    assert await rates.accepted() == ()
    assert await rates.all_cards() == ()
    assert await rates.rejected() == {waiting.fingerprint}


@pytest.mark.parametrize(("days", "status"), [(-1, "in_force"), (0, "in_force"), (1, "pending")])
async def test_what_is_approved_before_its_day_is_pending(
    rates: Rates, days: int, status: str
) -> None:
    waiting = await waits(rates, held(on=TODAY + days * DAY))
    approved, _ = await rates.decide(waiting.id, approve=True, by="U1", why=None, at=NOON)
    assert approved.status == status


async def test_the_first_decision_stands(rates: Rates) -> None:
    waiting = await waits(rates)
    first, _ = await rates.decide(waiting.id, approve=False, by="U1", why="a slip", at=NOON)
    second, won = await rates.decide(waiting.id, approve=True, by="U2", why=None, at=NOON + DAY)
    assert not won
    assert second == first


async def test_of_many_who_decide_at_once_one_wins_and_all_see_the_same(
    rates: Rates, replicas: list[Rates]
) -> None:
    waiting = await waits(rates)
    decisions = await asyncio.gather(
        *(
            replicas[number % 3].decide(
                waiting.id, approve=number % 2 == 0, by=f"U{number}", why=None, at=NOON
            )
            for number in range(9)
        )
    )
    (winner,) = [number for number, (_, won) in enumerate(decisions) if won]
    assert len({observation.decided_by for observation, _ in decisions}) == 1
    final = decisions[0][0]
    assert final.decided_by == f"U{winner}"
    assert final.status == ("in_force" if winner % 2 == 0 else "rejected")
    assert await rates.observation(waiting.id) == final


async def test_a_decision_amid_checks_stands_and_is_not_asked_again(
    rates: Rates, replicas: list[Rates]
) -> None:
    waiting = await waits(rates)
    checks = [record(replica, held(), at=NOON + SECOND) for replica in replicas]
    decision = rates.decide(waiting.id, approve=True, by="U1", why=None, at=NOON + SECOND)
    await asyncio.gather(*checks, decision, *(record(each, held()) for each in replicas))
    assert [each.id for each in await rates.accepted()] == [waiting.id]
    assert await rates.waiting() == ()


async def test_nobody_can_decide_what_is_withdrawn_or_in_force(rates: Rates) -> None:
    waiting = await waits(rates)
    await record(rates, finding("6.00"))
    (in_force,) = await rates.accepted()
    for observation_id, status in ((waiting.id, "withdrawn"), (in_force.id, "in_force")):
        observation, won = await rates.decide(
            observation_id, approve=False, by="U1", why=None, at=NOON
        )
        assert (observation.status, observation.decided_by, won) == (status, None, False)


async def test_an_unknown_observation_cannot_be_decided(store: Store, rates: Rates) -> None:
    with pytest.raises(LookupError, match="there is no observation 7"):
        await rates.decide(7, approve=True, by="U1", why=None, at=NOON)
    assert await rows(store) == {}


async def test_decisions_come_newest_first_and_only_those_of_people(rates: Rates) -> None:
    keys = [CardKey(CardPath.TINKER, f"model-{number}", 32_768) for number in range(3)]
    await record(rates, finding(), *(held(key=key) for key in keys))
    first, second, third = await rates.waiting()
    for days, each in enumerate((second, first)):
        await rates.decide(each.id, approve=days == 0, by="U1", why=None, at=NOON + days * DAY)
    await record(rates)  # the third is not found again
    assert [each.id for each in await rates.decided(9)] == [first.id, second.id]
    assert [each.id for each in await rates.decided(1)] == [first.id]
    assert third.id


async def test_who_approved_what_was_called_off_later_stays_known(rates: Rates) -> None:
    waiting = await waits(rates, held(on=TODAY + 5 * DAY))
    approved, _ = await rates.decide(waiting.id, approve=True, by="U1", why="blog", at=NOON)
    await record(rates, judged=Judgement(withdrawn=(approved.change,)), at=NOON + DAY)
    assert await rates.decided(9) == (replace(approved, status="withdrawn"),)
