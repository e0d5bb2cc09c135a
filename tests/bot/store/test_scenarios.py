"""Saved runs in real databases: whose they are, and which one has a name."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.store import Store
from bot.store.scenarios import Scenario, Scenarios
from bot.store.tables import scenarios as table

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def scenarios(store: Store) -> Scenarios:
    return Scenarios(store)


async def kept(store: Store) -> int:
    """How many saved runs there are, of all channels."""
    async with store.engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0


def saved(name: str = "nightly", **said: Any) -> Scenario:
    plain = Scenario(
        team_id="T1",
        channel_id="C1",
        enterprise_id=None,
        name=name,
        request={"intent": "estimate", "models": ["kimi-k2p6"], "fields": {"turns": 20}},
        saved_by="U1",
        saved_at=NOON,
    )
    return replace(plain, **said)


async def test_a_channels_scenarios_are_its_own_and_come_by_name(scenarios: Scenarios) -> None:
    for each in (saved("b"), saved("a"), saved(channel_id="C2"), saved(team_id="T2")):
        await scenarios.save(each)
    assert await scenarios.in_channel("T1", "C1") == (saved("a"), saved("b"))


async def test_the_scenario_that_was_saved_last_has_the_name(scenarios: Scenarios) -> None:
    last = saved(saved_by="U2", saved_at=NOON + SECOND, request={"models": ["glm-5p2"]})
    for each in (saved(), last, saved()):
        await scenarios.save(each)
    assert await scenarios.in_channel("T1", "C1") == (last,)


async def test_a_scenario_is_forgotten_once(scenarios: Scenarios) -> None:
    await scenarios.save(saved("a"))
    await scenarios.save(saved("b"))
    assert await scenarios.forget("T1", "C1", "a")
    assert not await scenarios.forget("T1", "C1", "a")
    assert await scenarios.in_channel("T1", "C1") == (saved("b"),)


async def test_nothing_of_a_workspace_that_left_stays_and_all_of_others_does(
    store: Store, scenarios: Scenarios
) -> None:
    for team_id in ("T1", "T2"):
        await scenarios.save(saved(team_id=team_id))
    await store.forget_team("T1", at=NOON)
    assert await scenarios.in_channel("T1", "C1") == ()
    assert await scenarios.in_channel("T2", "C1") == (saved(team_id="T2"),)


async def test_nothing_of_an_organisation_that_left_stays(
    store: Store, scenarios: Scenarios
) -> None:
    for team_id, enterprise_id in (("T1", "E1"), ("T2", "E1"), ("T3", None)):
        await scenarios.save(saved(team_id=team_id, enterprise_id=enterprise_id))
    await store.forget_team(None, "E1", at=NOON)
    assert await kept(store) == 1
    assert len(await scenarios.in_channel("T3", "C1")) == 1


async def test_what_arrived_before_a_workspace_left_saves_nothing_more(
    store: Store, scenarios: Scenarios
) -> None:
    await store.forget_team("T1", at=NOON)
    await scenarios.save(saved())
    assert await kept(store) == 0
    await scenarios.save(saved(saved_at=NOON + SECOND))
    assert await kept(store) == 1


async def test_a_workspace_that_leaves_while_its_people_save_leaves_nothing(
    store: Store, replicas: list[Store]
) -> None:
    saving = [
        Scenarios(replica).save(saved(f"run{number}"))
        for number in range(8)
        for replica in replicas
    ]
    await asyncio.gather(*saving[:12], store.forget_team("T1", at=NOON), *saving[12:])
    assert await kept(store) == 0
