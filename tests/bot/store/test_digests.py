"""Digests on both databases: who wins a claim, what a lease that ran out is worth, and what is written together."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from bot.store import Store
from bot.store.digests import Digests, Subscription
from bot.store.outbox import Lease, Outgoing, finish_job, write_messages
from bot.store.sql import database_now
from bot.store.tables import jobs, outbox, snapshots, subscriptions

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
OURS = (subscriptions, snapshots, outbox, jobs)


def subscribed(channel_id: str = "C1", **said: Any) -> Subscription:
    plain = Subscription(
        team_id="T1",
        channel_id=channel_id,
        enterprise_id=None,
        subscribed_by="U1",
        subscribed_at=NOON,
        schedule={"cadence": "weekly", "at": "09:00", "zone": "Asia/Kathmandu"},
        due_at=NOON,
        snapshot="first",
        announced_at=NOON,
        failure_told=None,
    )
    return replace(plain, **said)


def message(id: str = "digest/T1/C1/2026-11-21", **said: Any) -> Outgoing:  # noqa: A002
    plain = Outgoing(
        id=id,
        team_id="T1",
        enterprise_id=None,
        channel_id="C1",
        message={"text": "gpt-oss-120b costs 45 % less – at 8 turns", "blocks": [{"b": 1, "a": 2}]},
        due_at=NOON,
    )
    return replace(plain, **said)


SETTLED: dict[str, Any] = {
    "due_at": NOON + 7 * DAY,
    "snapshot": ("second", '{"rates": 2}'),
    "announced_at": NOON + SECOND,
    "failure_told": NOON - 4 * DAY,
    "messages": [message()],
}


@pytest.fixture
def digests(store: Store) -> Digests:
    return Digests(store)


async def rows(store: Store) -> dict[str, int]:
    """How many rows each of our tables holds, where it holds any."""
    async with store.engine.connect() as connection:
        counts = {
            table.name: await connection.scalar(select(func.count()).select_from(table))
            for table in OURS
        }
    return {name: count for name, count in counts.items() if count}


async def write(store: Store, *messages: Outgoing) -> None:
    async with store.engine.begin() as connection:
        await write_messages(connection, messages)


async def database_time(store: Store) -> datetime:
    async with store.engine.connect() as connection:
        return datetime.fromtimestamp(await connection.scalar(select(database_now())), UTC)


async def until_somebody_waits(store: Store) -> None:
    """Until a transaction waits for another. SQLite has one writer at a time anyway: everybody else waits."""
    if store.engine.dialect.name == "sqlite":
        return
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(60), store.engine.connect() as connection:
        while not await connection.scalar(waiting):
            pass  # asking is what lets the others go on


# -- subscriptions -----------------------------------------------------------------------------------------


async def test_a_subscription_is_read_as_it_was_written(digests: Digests) -> None:
    whole = subscribed(
        enterprise_id="E1",
        subscribed_at=NOON + timedelta(microseconds=123457),
        failure_told=NOON - DAY,
    )
    await digests.subscribe(whole, '{"rates": 1}')
    assert await digests.subscription("T1", "C1") == whole
    assert await digests.snapshot("first") == '{"rates": 1}'


async def test_a_channel_that_is_not_subscribed_has_no_subscription(digests: Digests) -> None:
    await digests.subscribe(subscribed("C1"), "")
    assert await digests.subscription("T1", "C2") is None
    assert await digests.subscription("T2", "C1") is None


async def test_a_channel_that_subscribes_again_keeps_what_it_was_told(digests: Digests) -> None:
    told = subscribed(failure_told=NOON - DAY)
    await digests.subscribe(told, '{"rates": 1}')
    again = subscribed(
        subscribed_by="U2",
        subscribed_at=NOON + DAY,
        schedule={"cadence": "daily"},
        due_at=NOON + 2 * DAY,
        snapshot="second",
        announced_at=NOON + DAY,
    )
    await digests.subscribe(again, '{"rates": 2}')
    kept = await digests.subscription("T1", "C1")
    assert kept == replace(again, snapshot="first", announced_at=NOON, failure_told=NOON - DAY)
    assert await digests.snapshot("first") == '{"rates": 1}'


async def test_an_earlier_word_never_replaces_a_later_one(digests: Digests) -> None:
    later = subscribed(subscribed_at=NOON + SECOND, schedule={"cadence": "daily"})
    assert await digests.subscribe(later, "")
    assert not await digests.subscribe(subscribed(), "")
    assert await digests.subscription("T1", "C1") == later


async def test_unsubscribing_gives_what_it_ended_and_does_so_once(digests: Digests) -> None:
    await digests.subscribe(subscribed("C1"), "")
    await digests.subscribe(subscribed("C2"), "")
    assert await digests.unsubscribe("T1", "C1") == subscribed("C1")
    assert await digests.unsubscribe("T1", "C1") is None
    assert await digests.subscriptions("T1") == (subscribed("C2"),)


async def test_a_channel_that_unsubscribes_gets_no_digest_that_waits_and_the_one_being_posted(
    store: Store, digests: Digests
) -> None:
    await digests.subscribe(subscribed("C1"), "")
    await write(store, message("being posted"), message("waits", due_at=NOON + SECOND))
    await write(store, message("of another channel", channel_id="C2", due_at=NOON + 2 * SECOND))
    claimed = await digests.claim_message(at=NOON, seconds=60)
    assert claimed
    await digests.unsubscribe("T1", "C1")
    assert await digests.mark_posted("being posted", claimed[1], ts="1.0", at=NOON)
    left = await digests.claim_message(at=NOON + DAY, seconds=60)
    assert left
    assert left[0].id == "of another channel"
    assert await digests.claim_message(at=NOON + DAY, seconds=60) is None


async def test_a_workspace_lists_its_own_channels_in_the_order_of_subscribing(
    digests: Digests,
) -> None:
    later = subscribed("C1", subscribed_at=NOON + SECOND)
    earlier = subscribed("C2")
    for each in (later, earlier, subscribed("C3", team_id="T2")):
        await digests.subscribe(each, "")
    assert await digests.subscriptions("T1") == (earlier, later)


async def test_a_snapshot_that_nobody_wrote_is_not_found(digests: Digests) -> None:
    with pytest.raises(LookupError, match="there is no snapshot `other`"):
        await digests.snapshot("other")


# -- claims of subscriptions -------------------------------------------------------------------------------


async def test_nothing_is_claimed_before_it_is_due(digests: Digests) -> None:
    await digests.subscribe(subscribed(due_at=NOON), "")
    assert await digests.claim_due(at=NOON - SECOND, seconds=60) is None
    claimed = await digests.claim_due(at=NOON, seconds=60)
    assert claimed
    assert claimed[0] == subscribed(due_at=NOON)


async def test_what_has_been_due_for_longest_is_claimed_first(digests: Digests) -> None:
    for channel_id, due_at in (("C1", NOON), ("C2", NOON - DAY), ("C3", NOON - SECOND)):
        await digests.subscribe(subscribed(channel_id, due_at=due_at), "")
    claims = [await digests.claim_due(at=NOON, seconds=60) for _ in range(4)]
    assert [claim and claim[0].channel_id for claim in claims] == ["C2", "C3", "C1", None]


async def test_a_lease_holds_by_the_databases_clock_whatever_the_callers_say(
    digests: Digests,
) -> None:
    await digests.subscribe(subscribed(), "")
    assert await digests.claim_due(at=NOON, seconds=60)
    assert await digests.claim_due(at=NOON + 365 * DAY, seconds=60) is None


async def test_every_due_subscription_is_claimed_exactly_once_by_many_replicas(
    digests: Digests, replicas: list[Store]
) -> None:
    channels = [f"C{number:02}" for number in range(12)]
    for channel_id in channels:
        await digests.subscribe(subscribed(channel_id), "")

    async def all_claims(replica: Digests) -> list[str]:
        won = []
        while claimed := await replica.claim_due(at=NOON, seconds=60):
            won.append(claimed[0].channel_id)
        return won

    claimants = [Digests(replica) for replica in replicas for _ in range(3)]
    won = await asyncio.gather(*map(all_claims, claimants))
    assert sorted(chain(*won)) == channels


async def test_settling_writes_the_turn_and_its_messages(digests: Digests) -> None:
    await digests.subscribe(subscribed(), "")
    claimed = await digests.claim_due(at=NOON, seconds=60)
    assert claimed
    assert await digests.settle(*claimed, **SETTLED)
    assert await digests.subscription("T1", "C1") == subscribed(
        due_at=NOON + 7 * DAY,
        snapshot="second",
        announced_at=NOON + SECOND,
        failure_told=NOON - 4 * DAY,
    )
    assert await digests.snapshot("second") == '{"rates": 2}'
    assert [written.outgoing for written in await digests.messages("T1")] == [message()]
    assert await digests.claim_due(at=NOON + 7 * DAY - SECOND, seconds=60) is None
    assert await digests.claim_due(at=NOON + 7 * DAY, seconds=60)


async def test_settling_without_a_snapshot_keeps_the_last(digests: Digests) -> None:
    await digests.subscribe(subscribed(), '{"rates": 1}')
    claimed = await digests.claim_due(at=NOON, seconds=60)
    assert claimed
    silent = {**SETTLED, "snapshot": None, "messages": [], "failure_told": None}
    assert await digests.settle(*claimed, **silent)
    kept = await digests.subscription("T1", "C1")
    assert kept
    assert (kept.snapshot, kept.failure_told) == ("first", None)
    assert await digests.messages("T1") == ()


async def test_a_turn_is_settled_once(digests: Digests) -> None:
    await digests.subscribe(subscribed(), "")
    claimed = await digests.claim_due(at=NOON, seconds=60)
    assert claimed
    assert await digests.settle(*claimed, **SETTLED)
    other = {**SETTLED, "due_at": NOON + 9 * DAY, "messages": [message("another")]}
    assert not await digests.settle(*claimed, **other)
    kept = await digests.subscription("T1", "C1")
    assert kept
    assert kept.due_at == NOON + 7 * DAY
    assert len(await digests.messages("T1")) == 1


async def test_whoever_lost_the_lease_writes_nothing(digests: Digests) -> None:
    await digests.subscribe(subscribed(), "")
    slow = await digests.claim_due(at=NOON, seconds=0)
    fast = await digests.claim_due(at=NOON, seconds=60)
    assert slow
    assert fast
    assert not await digests.settle(*slow, **SETTLED)
    assert await digests.subscription("T1", "C1") == subscribed()
    assert await digests.messages("T1") == ()
    with pytest.raises(LookupError):
        await digests.snapshot("second")
    assert await digests.settle(*fast, **SETTLED)


async def test_subscribing_again_voids_a_digest_that_is_being_worked_out(digests: Digests) -> None:
    await digests.subscribe(subscribed(), "")
    claimed = await digests.claim_due(at=NOON, seconds=60)
    assert claimed
    again = subscribed(subscribed_at=NOON + SECOND, due_at=NOON + SECOND)
    await digests.subscribe(again, "")
    assert not await digests.settle(*claimed, **SETTLED)
    anew = await digests.claim_due(at=NOON + SECOND, seconds=60)
    assert anew
    assert anew[0] == again


async def test_subscribing_and_settling_at_once_leaves_one_of_both_orders(
    digests: Digests, replicas: list[Store]
) -> None:
    await digests.subscribe(subscribed(), "")
    for number in range(1, 9):
        now = NOON + number * SECOND
        claimed = await digests.claim_due(at=now, seconds=60)
        assert claimed
        again = subscribed(subscribed_at=now, due_at=now, snapshot="second")
        _, settled = await asyncio.gather(
            Digests(replicas[0]).subscribe(again, '{"rates": 2}'),
            Digests(replicas[1]).settle(*claimed, **SETTLED | {"messages": [message(str(number))]}),
        )
        kept = await digests.subscription("T1", "C1")
        assert kept
        assert (kept.subscribed_at, kept.due_at) in {(now, now), (now, NOON + 7 * DAY)}
        written = {each.outgoing.id for each in await digests.messages("T1")}
        assert (str(number) in written) is settled
        await digests.make_due("T1", "C1", at=now)


async def test_a_digest_of_a_channel_that_unsubscribed_meanwhile_is_not_written(
    digests: Digests,
) -> None:
    await digests.subscribe(subscribed(), "")
    claimed = await digests.claim_due(at=NOON, seconds=60)
    assert claimed
    await digests.unsubscribe("T1", "C1")
    assert not await digests.settle(*claimed, **SETTLED)
    assert await digests.messages("T1") == ()


async def test_a_turn_whose_message_cannot_be_written_is_not_settled_at_all(
    digests: Digests,
) -> None:
    await digests.subscribe(subscribed(), "")
    claimed = await digests.claim_due(at=NOON, seconds=60)
    assert claimed
    broken = message("z", message={"text": object()})
    with pytest.raises(TypeError):
        await digests.settle(*claimed, **{**SETTLED, "messages": [message(), broken]})
    assert await digests.subscription("T1", "C1") == subscribed()
    assert await digests.messages("T1") == ()
    assert await digests.settle(*claimed, **SETTLED)  # the lease is held still


async def test_a_message_that_was_written_once_stays_as_it_is(digests: Digests) -> None:
    await digests.subscribe(subscribed(), "")
    for words in ("first", "second"):
        claimed = await digests.claim_due(at=NOON, seconds=60)
        assert claimed
        worded = message(message={"text": words})
        assert await digests.settle(*claimed, **{**SETTLED, "due_at": NOON, "messages": [worded]})
    assert [each.outgoing.message for each in await digests.messages("T1")] == [{"text": "first"}]


async def test_a_turn_whose_message_was_written_before_leaves_what_the_channel_was_told(
    digests: Digests,
) -> None:
    await digests.subscribe(subscribed(), '{"rates": 1}')
    first = await digests.claim_due(at=NOON, seconds=60)
    assert first
    assert await digests.settle(*first, **SETTLED | {"due_at": NOON})
    again = await digests.claim_due(at=NOON, seconds=60)
    assert again
    later = {
        "snapshot": ("third", '{"rates": 3}'),
        "announced_at": NOON + DAY,
        "failure_told": None,
    }
    assert await digests.settle(*again, **SETTLED | later | {"due_at": NOON + DAY})
    kept = await digests.subscription("T1", "C1")
    assert kept == replace(again[0], due_at=NOON + DAY)
    assert kept.snapshot == "second"
    assert len(await digests.messages("T1")) == 1


async def test_a_subscription_is_brought_back_unless_it_has_changed_since(
    digests: Digests,
) -> None:
    far = subscribed(due_at=NOON + 365 * DAY)
    await digests.subscribe(far, "")
    await digests.subscribe(subscribed("C2", due_at=NOON + DAY), "")
    assert await digests.due_after(NOON + DAY) == (far,)
    changed = replace(far, subscribed_at=NOON + SECOND)
    await digests.subscribe(changed, "")
    assert not await digests.bring_back(far, due_at=NOON + DAY)
    assert await digests.subscription("T1", "C1") == changed
    assert await digests.bring_back(changed, due_at=NOON + DAY)
    assert not await digests.bring_back(changed, due_at=NOON)
    assert await digests.subscription("T1", "C1") == replace(changed, due_at=NOON + DAY)


async def test_a_digest_that_is_asked_for_is_due_at_once_and_never_later_than_before(
    digests: Digests,
) -> None:
    await digests.subscribe(subscribed("C1", due_at=NOON + DAY), "")
    await digests.subscribe(subscribed("C2", due_at=NOON - DAY), "")
    assert await digests.make_due("T1", "C1", at=NOON)
    assert await digests.make_due("T1", "C2", at=NOON)
    assert not await digests.make_due("T1", "C3", at=NOON)
    due = {each.channel_id: each.due_at for each in await digests.subscriptions("T1")}
    assert due == {"C1": NOON, "C2": NOON - DAY}


# -- the outbox --------------------------------------------------------------------------------------------


async def test_a_message_is_claimed_when_it_is_due_and_by_one(
    store: Store, digests: Digests
) -> None:
    await write(store, message())
    assert await digests.claim_message(at=NOON - SECOND, seconds=60) is None
    claimed = await digests.claim_message(at=NOON, seconds=60)
    assert claimed
    assert (claimed[0], claimed[2]) == (message(), 1)
    assert await digests.claim_message(at=NOON, seconds=60) is None


async def test_a_message_keeps_the_order_of_its_keys_and_every_character(
    store: Store, digests: Digests
) -> None:
    content = {"z": "Δ – \U0001f4b8 \0", "a": [{"y": 1, "b": None}]}
    await write(store, message(message=content))
    claimed = await digests.claim_message(at=NOON, seconds=60)
    assert claimed
    assert repr(claimed[0].message) == repr(content)


async def test_every_message_is_claimed_exactly_once_by_many_replicas(
    store: Store, replicas: list[Store]
) -> None:
    ids = [f"digest/{number:02}" for number in range(12)]
    await write(store, *map(message, ids))

    async def all_claims(replica: Digests) -> list[str]:
        won = []
        while claimed := await replica.claim_message(at=NOON, seconds=60):
            won.append(claimed[0].id)
            assert await replica.mark_posted(claimed[0].id, claimed[1], ts="1.2", at=NOON)
        return won

    claimants = [Digests(replica) for replica in replicas for _ in range(3)]
    won = await asyncio.gather(*map(all_claims, claimants))
    assert sorted(chain(*won)) == ids


async def test_a_posted_message_is_never_handed_out_again(store: Store, digests: Digests) -> None:
    await write(store, message())
    claimed = await digests.claim_message(at=NOON, seconds=0)
    assert claimed
    assert await digests.mark_posted(claimed[0].id, claimed[1], ts="1700000001.000100", at=NOON)
    assert await digests.claim_message(at=NOON + DAY, seconds=60) is None
    (written,) = await digests.messages("T1")
    assert (written.posted_at, written.posted_ts) == (NOON, "1700000001.000100")


async def test_whoever_lost_a_message_to_another_marks_nothing(
    store: Store, digests: Digests
) -> None:
    await write(store, message())
    slow = await digests.claim_message(at=NOON, seconds=0)
    fast = await digests.claim_message(at=NOON, seconds=60)
    assert slow
    assert fast
    assert fast[2] == 2
    message_id, lost = slow[0].id, slow[1]
    assert not await digests.mark_posted(message_id, lost, ts="slow", at=NOON)
    assert not await digests.put_back(message_id, lost, due_at=NOON + DAY, fault="slow")
    assert not await digests.give_up(message_id, lost, fault="slow", at=NOON)
    (untouched,) = await digests.messages("T1")
    assert untouched.outgoing == message()
    assert (untouched.posted_at, untouched.given_up_at, untouched.fault) == (None, None, None)
    assert await digests.mark_posted(message_id, fast[1], ts="fast", at=NOON)


async def test_a_message_that_was_put_back_comes_again_when_it_is_due(
    store: Store, digests: Digests
) -> None:
    await write(store, message())
    first = await digests.claim_message(at=NOON, seconds=60)
    assert first
    again_at = NOON + timedelta(seconds=30)
    assert await digests.put_back(first[0].id, first[1], due_at=again_at, fault="ratelimited")
    (waiting,) = await digests.messages("T1")
    assert (waiting.attempts, waiting.fault) == (1, "ratelimited")
    assert await digests.claim_message(at=again_at - SECOND, seconds=60) is None
    second = await digests.claim_message(at=again_at, seconds=60)
    assert second
    assert second[2] == 2


async def test_a_claim_says_for_how_long_its_message_has_waited_by_the_databases_clock(
    store: Store, digests: Digests
) -> None:
    await write(store, message())
    async with store.engine.begin() as connection:
        earlier = outbox.c.written_at - (4 * DAY).total_seconds()
        await connection.execute(update(outbox).values(written_at=earlier))
    claimed = await digests.claim_message(at=NOON + 365 * DAY, seconds=60)
    assert claimed
    assert 4 * DAY <= claimed.waited < 5 * DAY


async def test_a_message_that_was_given_up_is_not_tried_again(
    store: Store, digests: Digests
) -> None:
    await write(store, message())
    claimed = await digests.claim_message(at=NOON, seconds=60)
    assert claimed
    assert await digests.give_up(claimed[0].id, claimed[1], fault="is_archived", at=NOON)
    assert await digests.claim_message(at=NOON + DAY, seconds=60) is None
    (written,) = await digests.messages("T1")
    assert (written.given_up_at, written.fault, written.posted_at) == (NOON, "is_archived", None)


# -- jobs --------------------------------------------------------------------------------------------------


async def test_a_job_that_is_known_keeps_its_due_time(digests: Digests) -> None:
    await digests.ensure_job("check", due_at=NOON, latest=NOON + DAY)
    await digests.ensure_job("check", due_at=NOON + DAY, latest=NOON + 2 * DAY)
    assert await digests.claim_job("check", at=NOON, seconds=60)


async def test_a_job_that_is_due_later_than_its_latest_time_is_brought_back_to_that(
    digests: Digests,
) -> None:
    await digests.ensure_job("check", due_at=NOON + 365 * DAY, latest=NOON + 366 * DAY)
    await digests.ensure_job("check", due_at=NOON, latest=NOON + DAY)
    assert await digests.claim_job("check", at=NOON + DAY - SECOND, seconds=60) is None
    assert await digests.claim_job("check", at=NOON + DAY, seconds=60)


async def test_a_job_is_claimed_when_due_and_under_its_own_name(digests: Digests) -> None:
    await digests.ensure_job("check", due_at=NOON, latest=NOON + DAY)
    assert await digests.claim_job("check", at=NOON - SECOND, seconds=60) is None
    assert await digests.claim_job("other", at=NOON, seconds=60) is None
    assert await digests.claim_job("check", at=NOON, seconds=60)


async def test_one_of_many_replicas_gets_the_job(digests: Digests, replicas: list[Store]) -> None:
    await digests.ensure_job("check", due_at=NOON, latest=NOON + DAY)
    claimants = [Digests(replica) for replica in replicas for _ in range(4)]
    leases = await asyncio.gather(
        *(each.claim_job("check", at=NOON, seconds=60) for each in claimants)
    )
    assert sum(lease is not None for lease in leases) == 1


async def test_a_job_is_ended_by_its_holder_alone(store: Store, digests: Digests) -> None:
    await digests.ensure_job("check", due_at=NOON, latest=NOON + DAY)
    slow = await digests.claim_job("check", at=NOON, seconds=0)
    fast = await digests.claim_job("check", at=NOON, seconds=60)
    assert slow
    assert fast
    async with store.engine.begin() as connection:
        assert not await finish_job(connection, slow, due_at=NOON + 9 * DAY)
        assert await finish_job(connection, fast, due_at=NOON + DAY)
        assert not await finish_job(connection, fast, due_at=NOON + 9 * DAY)
    assert await digests.claim_job("check", at=NOON + DAY - SECOND, seconds=60) is None
    assert await digests.claim_job("check", at=NOON + DAY, seconds=60)


# -- forgetting --------------------------------------------------------------------------------------------


async def test_nothing_of_a_workspace_that_left_stays_and_all_of_others_does(
    store: Store, digests: Digests
) -> None:
    for team_id in ("T1", "T2"):
        await digests.subscribe(subscribed(team_id=team_id), "")
        await write(store, message(team_id, team_id=team_id))
    await store.forget_team("T1", at=NOON)
    assert await digests.subscriptions("T1") == ()
    assert await digests.messages("T1") == ()
    assert await rows(store) == {"subscriptions": 1, "outbox": 1, "snapshots": 1}


async def test_nothing_of_an_organisation_that_left_stays(store: Store, digests: Digests) -> None:
    for team_id, enterprise_id in (("T1", "E1"), ("T2", "E1"), ("T3", None)):
        whose = {"team_id": team_id, "enterprise_id": enterprise_id}
        await digests.subscribe(subscribed(**whose), "")
        await write(store, message(team_id, **whose))
    await store.forget_team(None, "E1", at=NOON)
    assert await rows(store) == {"subscriptions": 1, "outbox": 1, "snapshots": 1}
    assert len(await digests.subscriptions("T3")) == 1


async def test_what_arrived_before_a_workspace_left_writes_nothing_more(
    store: Store, digests: Digests
) -> None:
    await store.forget_team("T1", at=NOON)
    assert not await digests.subscribe(subscribed(), "")
    assert await rows(store) == {}
    assert await digests.subscribe(subscribed(subscribed_at=NOON + SECOND), "")
    assert await rows(store) == {"subscriptions": 1, "snapshots": 1}


async def test_a_workspace_that_leaves_amid_its_digests_leaves_none_of_them(
    store: Store, digests: Digests, replicas: list[Store]
) -> None:
    channels = [f"C{number}" for number in range(8)]
    for channel_id in channels:
        await digests.subscribe(subscribed(channel_id), "")
    claims = [await digests.claim_due(at=NOON, seconds=60) for _ in channels]
    work = [
        Digests(replicas[number % 3]).settle(
            *claim, **SETTLED | {"messages": [message(str(number))]}
        )
        for number, claim in enumerate(claims)
        if claim
    ]
    others = [Digests(replica).subscribe(subscribed("C9"), "") for replica in replicas]
    await asyncio.gather(*work[:4], store.forget_team("T1", at=NOON), *work[4:], *others)
    assert await digests.subscriptions("T1") == ()
    assert await digests.messages("T1") == ()


async def test_a_workspace_that_leaves_between_the_halves_of_a_settlement_leaves_no_message(
    store: Store, digests: Digests, replicas: list[Store]
) -> None:
    await digests.subscribe(subscribed(), "")
    async with replicas[0].engine.begin() as settling:
        await settling.execute(update(subscriptions).values(due_at=subscriptions.c.due_at + 1))
        await write_messages(settling, [message()])
        leaving = asyncio.create_task(replicas[1].forget_team("T1", at=NOON))
        await until_somebody_waits(store)
    await leaving
    assert await digests.messages("T1") == ()
    assert await digests.subscriptions("T1") == ()


async def test_messages_go_thirty_days_after_their_end_and_never_before_it(
    store: Store, digests: Digests
) -> None:
    await write(store, *map(message, ("given up", "posted", "waiting")))
    claims = [await digests.claim_message(at=NOON, seconds=60) for _ in range(3)]
    leases = {claim[0].id: claim[1] for claim in claims if claim}
    await digests.give_up("given up", leases["given up"], fault="is_archived", at=NOON)
    await digests.mark_posted("posted", leases["posted"], ts="1.2", at=NOON + SECOND)

    async def left() -> list[str]:
        return sorted(each.outgoing.id for each in await digests.messages("T1"))

    await store.forget_old(at=NOON + 30 * DAY)
    assert await left() == ["given up", "posted", "waiting"]
    await store.forget_old(at=NOON + 30 * DAY + SECOND)
    assert await left() == ["posted", "waiting"]
    await store.forget_old(at=NOON + 365 * DAY)
    assert await left() == ["waiting"]


async def test_snapshots_go_a_day_after_the_last_use_and_never_while_a_channel_refers_to_them(
    store: Store, digests: Digests
) -> None:
    await digests.subscribe(subscribed("C1", snapshot="kept"), "kept")
    await digests.subscribe(subscribed("C2", snapshot="left"), "left")
    await digests.unsubscribe("T1", "C2")
    now = await database_time(store)
    await store.forget_old(at=now + timedelta(hours=23))
    assert await digests.snapshot("left") == "left"
    await store.forget_old(at=now + timedelta(hours=25))
    assert await digests.snapshot("kept") == "kept"
    with pytest.raises(LookupError):
        await digests.snapshot("left")


async def test_a_snapshot_that_is_used_again_stays_for_another_day(
    store: Store, digests: Digests
) -> None:
    await digests.subscribe(subscribed(snapshot="again"), "again")
    await digests.unsubscribe("T1", "C1")
    async with store.engine.begin() as connection:
        await connection.execute(
            snapshots.update().values(used_at=snapshots.c.used_at - 2 * DAY.total_seconds())
        )
    await digests.subscribe(subscribed(subscribed_at=NOON + SECOND, snapshot="again"), "again")
    await digests.unsubscribe("T1", "C1")
    await store.forget_old(at=await database_time(store))
    assert await digests.snapshot("again") == "again"


async def test_a_made_up_lease_is_worth_nothing(store: Store, digests: Digests) -> None:
    await digests.subscribe(subscribed(), "")
    await write(store, message())
    await digests.ensure_job("check", due_at=NOON, latest=NOON + DAY)
    made_up = Lease("made up")
    assert not await digests.settle(subscribed(), made_up, **{**SETTLED, "messages": []})
    assert not await digests.mark_posted(message().id, made_up, ts="1.2", at=NOON)
    async with store.engine.begin() as connection:
        assert not await finish_job(connection, made_up, due_at=NOON + DAY)
