"""What each source of rates last said, and how asking it ended each time."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, RowMapping, Table, func, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from bot.store.rows import plain, seconds, time_or_none
from bot.store.sql import insert
from bot.store.tables import source_fetches, sources
from pricing.sources import SourceId

FETCH_KEPT = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """A source as it was found last: `content` is its last good page, got from `url` with these validators.

    `answered_at` None: never. `failing_since` is its first fault since it answered. A source that never answered has
    an empty `url`.
    """

    url: str
    etag: str | None
    last_modified: str | None
    content: bytes | None
    answered_at: datetime | None
    failing_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRecord:
    """How asking a source once ended. `state` is what it is known by from now on; None where it gave nothing."""

    source: SourceId
    outcome: str
    fault_code: str | None
    fault_text: str | None
    sha256: str | None
    state: SourceState | None


async def record_fetch(
    connection: AsyncConnection, fetch: FetchRecord, state: Mapping[str, Any] | None, at: datetime
) -> None:
    """Writes down how asking a source ended. `state` is its row where it answered, as `state_row` makes it."""
    row = insert(source_fetches).values(
        source=fetch.source,
        fetched_at=seconds(at),
        outcome=fetch.outcome,
        fault_code=fetch.fault_code,
        fault_text=None if fetch.fault_text is None else plain(fetch.fault_text),
        content_sha256=fetch.sha256,
    )
    await connection.execute(row)
    await connection.execute(_source_change(fetch, state, at))


def _source_change(fetch: FetchRecord, state: Mapping[str, Any] | None, at: datetime) -> Executable:
    """What a fetch changes of its source: all of it, or since when it fails, or where it is turned off that it does not."""
    if state is not None:
        answered = insert(sources).values(**state)
        replaced = {name: answered.excluded[name] for name in state if name != "source"}
        return answered.on_conflict_do_update(index_elements=[sources.c.source], set_=replaced)
    if fetch.fault_code is not None:
        failed = insert(sources).values(source=fetch.source, url="", failing_since=seconds(at))
        first = func.coalesce(sources.c.failing_since, failed.excluded.failing_since)
        return failed.on_conflict_do_update(
            index_elements=[sources.c.source], set_={"failing_since": first}
        )
    return update(sources).where(sources.c.source == fetch.source).values(failing_since=None)


def state_row(fetch: FetchRecord, at: datetime) -> Mapping[str, Any] | None:
    """The row of a source that answered, its page compressed; None for one that did not. Takes long for a large page."""
    state = fetch.state
    if state is None:
        return None
    return {
        "source": fetch.source,
        "url": state.url,
        "etag": state.etag,
        "last_modified": state.last_modified,
        "content": None if state.content is None else zlib.compress(state.content),
        "content_sha256": fetch.sha256,
        "answered_at": seconds(state.answered_at or at),
        "failing_since": None,
    }


def state_of(row: RowMapping) -> SourceState:
    """A source out of its row, its page unpacked."""
    content, answered, failing = row["content"], row["answered_at"], row["failing_since"]
    return SourceState(
        url=row["url"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        content=None if content is None else zlib.decompress(content),
        answered_at=time_or_none(answered),
        failing_since=time_or_none(failing),
    )


def outdated(*, at: datetime) -> Mapping[Table, ColumnElement[bool]]:
    """The rows here that have had their time, of each table. What a source says now has not."""
    return {source_fetches: source_fetches.c.fetched_at < seconds(at - FETCH_KEPT)}
