"""Turns of a channel, one after another: each change is told once, whatever people do to the schedule meanwhile."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.books import Books
from bot.desk import Desk
from bot.digest_run import Digester
from bot.schedule import Schedule, next_run
from bot.store import Store, StoreError
from bot.store.digests import Digests, Subscription
from bot.store.rates import Rates
from bot.store.scenarios import Scenarios
from pricing.cards import GpuCard
from pricing.snapshots import from_json
from tests.bot.asking import CATALOGUE
from tests.pricing.books import book_of, gpu_card

MONDAY = datetime(2026, 11, 16, 6, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

DAILY = Schedule(cadence="daily", at="09:00", zone="UTC")
LATER_THAT_DAY = DAILY.model_copy(update={"at": "15:00"})
ON_MONDAYS = Schedule(cadence="weekly", weekday=0, at="09:00", zone="UTC")
ON_FRIDAYS = ON_MONDAYS.model_copy(update={"weekday": 4})
IN_NUUK = Schedule(cadence="daily", at="23:30", zone="America/Nuuk")


@dataclass
class Channel:
    """One channel of a database, and a GPU-hour whose price the test sets."""

    store: Store
    rates_url: str
    usd: str = "12"
    opened: list[Store] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.digests = Digests(self.store)

    async def digester(self) -> Digester:
        """With a book of the price as it is now; the observed rates are read from `rates_url`."""
        if not self.rates_url:
            observed = self.store
        else:
            observed = Store.at(self.rates_url)
            self.opened.append(observed)
        package = book_of(gpu_card(self.usd))
        return Digester(
            digests=self.digests,
            scenarios=Scenarios(self.store),
            rates=Rates(self.store),
            books=Books.of(package, Rates(observed)),
            desk=Desk(book=package, catalogue=CATALOGUE, today=MONDAY.date),
        )

    async def subscribe(self, schedule: Schedule, *, at: datetime) -> None:
        snapshot, content = await (await self.digester()).snapshot(at=at)
        subscription = Subscription(
            team_id="T1",
            channel_id="C1",
            enterprise_id=None,
            subscribed_by="U1",
            subscribed_at=at,
            schedule=schedule.model_dump(mode="json"),
            due_at=next_run(schedule, after=at),
            snapshot=snapshot,
            announced_at=at,
            failure_told=None,
        )
        assert await self.digests.subscribe(subscription, content)

    async def turn(self) -> datetime:
        """The next turn, done just when it is due; that moment."""
        found = await self.subscription()
        claimed = await self.digests.claim_due(at=found.due_at, seconds=60)
        assert claimed
        settlement = await (await self.digester()).settle(claimed[0], at=found.due_at)
        assert await self.digests.settle(*claimed, **settlement)
        return found.due_at

    async def subscription(self) -> Subscription:
        found = await self.digests.subscription("T1", "C1")
        assert found
        return found

    async def told(self) -> list[str]:
        """Each message, the one that was due first first."""
        written = await self.digests.messages("T1")
        told = sorted(written, key=lambda each: each.outgoing.due_at)
        return [json.dumps(each.outgoing.message) for each in told]

    async def knows(self) -> Decimal:
        """The price that the channel is taken to know."""
        (card,) = from_json(
            await self.digests.snapshot((await self.subscription()).snapshot)
        ).in_force
        assert isinstance(card, GpuCard)
        return card.usd_per_gpu_hour


@pytest.fixture
async def channel(tmp_path: Path) -> AsyncIterator[Channel]:
    store = await Store.open(f"sqlite:///{tmp_path / 'rlcost.db'}")
    made = Channel(store, rates_url="")
    yield made
    for each in (*made.opened, store):
        await each.close()


@pytest.mark.parametrize(
    ("first", "second"), [(DAILY, LATER_THAT_DAY), (ON_MONDAYS, ON_FRIDAYS)], ids=["day", "week"]
)
@pytest.mark.parametrize("stops_first", [False, True], ids=["moved", "stopped"])
async def test_a_schedule_that_changes_within_its_period_loses_no_change(
    channel: Channel, first: Schedule, second: Schedule, *, stops_first: bool
) -> None:
    await channel.subscribe(first, at=MONDAY)
    channel.usd = "14"
    at = await channel.turn()
    if stops_first:
        await channel.digests.unsubscribe("T1", "C1")
    await channel.subscribe(second, at=at + HOUR)
    channel.usd = "17"
    await channel.turn()
    one, two = await channel.told()
    assert ("$12.00" in one, "$14.00" in one, "$17.00" in one) == (True, True, False)
    assert ("$12.00" in two, "$14.00" in two, "$17.00" in two) == (False, True, True)
    assert await channel.knows() == 17
    await channel.turn()
    assert len(await channel.told()) == 2


async def test_a_schedule_that_changes_tells_nothing_again(channel: Channel) -> None:
    await channel.subscribe(DAILY, at=MONDAY)
    channel.usd = "14"
    at = await channel.turn()
    await channel.subscribe(LATER_THAT_DAY, at=at + HOUR)
    await channel.turn()
    assert len(await channel.told()) == 1


async def test_two_turns_on_one_day_of_nuuk_both_tell(channel: Channel) -> None:
    # 23:30 of the 28th is in the hour that summer time skips: that run comes at 00:00, the next at 23:30 of the 29th.
    await channel.subscribe(IN_NUUK, at=datetime(2026, 3, 28, 12, tzinfo=UTC))
    turns = []
    for usd in ("14", "17"):
        channel.usd = usd
        turns.append(await channel.turn())
    assert turns == [
        datetime(2026, 3, 29, 1, tzinfo=UTC),
        datetime(2026, 3, 30, 0, 30, tzinfo=UTC),
    ]
    assert len(await channel.told()) == 2
    assert await channel.knows() == 17


async def test_without_the_observed_rates_no_channel_is_told_that_they_were_taken_back(
    channel: Channel, tmp_path: Path
) -> None:
    await channel.subscribe(DAILY, at=MONDAY)
    before = await channel.subscription()
    channel.usd = "14"
    channel.rates_url = f"sqlite:///{tmp_path / 'without tables.db'}"
    claimed = await channel.digests.claim_due(at=before.due_at, seconds=0)
    assert claimed
    with pytest.raises(StoreError):
        await (await channel.digester()).settle(claimed[0], at=before.due_at)
    with pytest.raises(StoreError):
        await channel.subscribe(LATER_THAT_DAY, at=MONDAY)
    assert await channel.subscription() == before
    assert await channel.told() == []
    channel.rates_url = ""  # the lease brings the turn back
    await channel.turn()
    assert len(await channel.told()) == 1
