"""What writing rows has in common: for whom, in which order, and which of two is kept."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from bot.store.sql import Insert, insert
from bot.store.tables import workspaces


async def admitted(
    connection: AsyncConnection, team_id: str, enterprise_id: str | None, at: datetime
) -> bool:
    """Whether what arrived at `at` may still write for its workspace.

    Touching the workspace's row holds it until the transaction ends, so that no forgetting comes
    between this answer and the write. The organisation comes first: where that was forgotten, no
    row of the workspace is made.
    """
    for owner in (enterprise_id, team_id):
        if owner is None:
            continue
        touch = insert(workspaces).values(id=owner)
        touch = touch.on_conflict_do_update(
            index_elements=[workspaces.c.id], set_={"id": touch.excluded.id}
        )
        forgotten_at = await connection.scalar(touch.returning(workspaces.c.forgotten_at))
        if forgotten_at is not None and seconds(at) <= forgotten_at:
            return False
    return True


def of_channel(table: Table, team_id: str, channel_id: str) -> ColumnElement[bool]:
    return and_(table.c.team_id == team_id, table.c.channel_id == channel_id)


def left_by(table: Table, team_id: str | None, owner: str) -> ColumnElement[bool]:
    column = table.c.enterprise_id if team_id is None else table.c.team_id
    return column == owner


def in_turn(
    table: Table, condition: ColumnElement[bool], *, waits: bool = True
) -> ColumnElement[bool]:
    """The rows that meet a condition, locked one after another by their keys, so that two who want
    the same rows never hold what the other waits for. Without waiting, those in use are left out.
    """
    key = list(table.primary_key.columns)
    rows = select(*key).where(condition).order_by(*key).with_for_update(skip_locked=not waits)
    return tuple_(*key).in_(rows)


def newest(table: Table, row: Mapping[str, Any], time: str) -> Insert:
    """Adds a row, or puts it in the place of one with the same key that is not newer."""
    added = insert(table).values(**row)
    key = list(table.primary_key.columns)
    kept = {column.name for column in key}
    older = or_(table.c[time].is_(None), table.c[time] <= added.excluded[time])
    return added.on_conflict_do_update(
        index_elements=key,
        set_={name: added.excluded[name] for name in row if name not in kept},
        where=older,
    )


def plain(text: str) -> str:
    """Text of a page or a person as every database takes it: PostgreSQL has no NUL, and neither takes half a character."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def seconds(at: datetime) -> float:
    if at.tzinfo is None:
        raise ValueError("a time for the store needs a zone")
    return at.timestamp()


def seconds_or_none(at: datetime | None) -> float | None:
    return None if at is None else seconds(at)


def time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def time_or_none(seconds: float | None) -> datetime | None:
    return None if seconds is None else time(seconds)
