"""The runs that channels saved under a name, in the database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.at_work import OpenStore, seen_through
from bot.store.rows import admitted, in_turn, left_by, newest, of_channel, seconds, time
from bot.store.tables import scenarios


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A run that a channel saved under a name, to be priced again in its digests."""

    team_id: str
    channel_id: str
    enterprise_id: str | None
    name: str
    request: Mapping[str, Any]
    saved_by: str
    saved_at: datetime


class Scenarios:
    """Saved runs, by channel and name. No method reads a clock."""

    def __init__(self, store: OpenStore) -> None:
        self.engine = store.engine
        self.at_work = store.at_work

    @seen_through
    async def save(self, scenario: Scenario) -> None:
        """Keeps a run under its name, in the place of an earlier one of that name."""
        row = {
            "team_id": scenario.team_id,
            "channel_id": scenario.channel_id,
            "name": scenario.name,
            "enterprise_id": scenario.enterprise_id,
            "request": json.dumps(scenario.request),
            "saved_by": scenario.saved_by,
            "saved_at": seconds(scenario.saved_at),
        }
        async with self.engine.begin() as connection:
            if await admitted(
                connection, scenario.team_id, scenario.enterprise_id, scenario.saved_at
            ):
                await connection.execute(newest(scenarios, row, "saved_at"))

    @seen_through
    async def in_channel(self, team_id: str, channel_id: str) -> tuple[Scenario, ...]:
        """A channel's saved runs, by name."""
        query = (
            select(scenarios)
            .where(of_channel(scenarios, team_id, channel_id))
            .order_by(scenarios.c.name)
        )
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return tuple(map(_scenario, rows))

    @seen_through
    async def forget(self, team_id: str, channel_id: str, name: str) -> bool:
        """Deletes a saved run; whether there was one of that name."""
        gone = (
            delete(scenarios)
            .where(of_channel(scenarios, team_id, channel_id))
            .where(scenarios.c.name == name)
            .returning(scenarios.c.name)
        )
        async with self.engine.begin() as connection:
            return await connection.scalar(gone) is not None


async def forget(connection: AsyncConnection, team_id: str | None, owner: str) -> None:
    """Deletes what a workspace, or without a team an organisation, saved, after it has been marked as forgotten."""
    left = in_turn(scenarios, left_by(scenarios, team_id, owner))
    await connection.execute(delete(scenarios).where(left))


def _scenario(row: RowMapping) -> Scenario:
    return Scenario(
        team_id=row["team_id"],
        channel_id=row["channel_id"],
        enterprise_id=row["enterprise_id"],
        name=row["name"],
        request=json.loads(row["request"]),
        saved_by=row["saved_by"],
        saved_at=time(row["saved_at"]),
    )
