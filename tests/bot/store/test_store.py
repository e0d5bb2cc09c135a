"""The store on real databases: what it keeps, for how long, who wins, and what is left of a workspace that left."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import DBAPIError

from bot.requests import as_json, read
from bot.store import Feedback, Store, Thread
from bot.store.sql import insert
from bot.store.tables import METADATA, oauth_states, threads, workspaces
from pricing.catalogue import load_catalogue

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
THREAD = Thread("T1", "C1", "1700000001.000100")
KIMI: dict[str, Any] = {
    "intent": "estimate",
    "models": ["kimi-k2p6"],
    "fields": {"turns": 20},
    "problems": [],
}
GLM: dict[str, Any] = {**KIMI, "models": ["glm-5p2"]}


def thread(number: int, team_id: str = "T1", enterprise_id: str | None = None) -> Thread:
    return Thread(team_id, "C1", f"1700000001.{number:06}", enterprise_id)


def liked(
    request: dict[str, Any] = KIMI,
    *,
    team_id: str = "T1",
    user_id: str = "U1",
    helpful: bool = True,
    at: datetime = NOON,
    enterprise_id: str | None = None,
) -> Feedback:
    return Feedback(
        team_id=team_id,
        user_id=user_id,
        helpful=helpful,
        request=request,
        at=at,
        enterprise_id=enterprise_id,
    )


async def counts(store: Store) -> dict[str, int]:
    """How many rows each table holds, where it holds any."""
    async with store.engine.connect() as connection:
        found = {
            table.name: await connection.scalar(select(func.count()).select_from(table))
            for table in METADATA.sorted_tables
        }
    return {name: count for name, count in found.items() if count}


# -- threads -----------------------------------------------------------------------------------------------


async def test_a_threads_last_request_outlives_a_restart(database_url: str) -> None:
    before = await Store.open(database_url)
    await before.remember_request(THREAD, KIMI, at=NOON)
    await before.close()
    after = await Store.open(database_url)
    try:
        assert await after.last_request(THREAD, at=NOON + DAY) == KIMI
    finally:
        await after.close()


async def test_a_request_is_kept_for_thirty_days_and_no_longer(store: Store) -> None:
    await store.remember_request(THREAD, KIMI, at=NOON)
    assert await store.last_request(THREAD, at=NOON + 30 * DAY) == KIMI
    assert await store.last_request(THREAD, at=NOON + 30 * DAY + SECOND) is None


@pytest.mark.parametrize(
    "other",
    [
        Thread("T2", "C1", "1700000001.000100"),
        Thread("T1", "C2", "1700000001.000100"),
        Thread("T1", "C1", "1700000001.000200"),
    ],
)
async def test_threads_do_not_share_requests(store: Store, other: Thread) -> None:
    await store.remember_request(THREAD, KIMI, at=NOON)
    assert await store.last_request(other, at=NOON) is None


async def test_the_request_that_arrived_last_is_the_last_one_whichever_is_written_last(
    store: Store,
) -> None:
    await store.remember_request(THREAD, KIMI, at=NOON)
    for request in (KIMI, GLM):  # in one moment, the one written last
        await store.remember_request(THREAD, request, at=NOON + SECOND)
    assert await store.last_request(THREAD, at=NOON + SECOND) == GLM
    await store.remember_request(THREAD, KIMI, at=NOON)
    assert await store.last_request(THREAD, at=NOON + SECOND) == GLM


async def test_no_word_that_a_person_typed_gets_into_the_database(
    store: Store, on_disk: Callable[[], bytes]
) -> None:
    request = as_json(read("kimi-k2p6 turns=20 sesame=7", load_catalogue(), today=NOON.date()))
    assert "sesame" in str(request["problems"])
    await store.remember_request(THREAD, request, at=NOON)
    await store.add_feedback(liked(request))
    assert await store.last_request(THREAD, at=NOON) == {**request, "problems": []}
    kept = on_disk()
    assert b"kimi-k2p6" in kept
    assert b"sesame" not in kept


async def test_recent_models_are_those_of_the_workspace_since_a_time_the_last_used_first(
    store: Store,
) -> None:
    asked = [
        (thread(1), ["kimi-k2p5"], NOON - DAY),
        (thread(2), ["kimi-k2p6", "glm-5p2"], NOON),
        (thread(3), ["gpt-oss-120b"], NOON + SECOND),
        (thread(4), ["glm-5p2"], NOON + 2 * SECOND),
        (thread(5), [], NOON + 3 * SECOND),
        (thread(6, team_id="T2"), ["qwen3p6-35b"], NOON),
    ]
    for where, models, at in asked:
        await store.remember_request(where, {**KIMI, "models": models}, at=at)
    assert await store.recent_models("T1", since=NOON) == ("glm-5p2", "gpt-oss-120b", "kimi-k2p6")
    assert await store.recent_models("T3", since=NOON) == ()


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        await store.remember_request(THREAD, KIMI, at=NOON.replace(tzinfo=None))


# -- events ------------------------------------------------------------------------------------------------


async def test_an_event_is_claimed_once_until_its_lease_ends(store: Store) -> None:
    assert await store.claim_event("Ev1", "T1", at=NOON)
    assert not await store.claim_event("Ev1", "T1", at=NOON)
    assert not await store.claim_event("Ev1", "T1", at=NOON + 59 * SECOND)
    assert await store.claim_event("Ev1", "T1", at=NOON + 60 * SECOND)
    assert not await store.claim_event("Ev1", "T1", at=NOON + 119 * SECOND)
    assert await store.claim_event("Ev2", "T1", at=NOON)


async def test_a_finished_event_is_never_handed_out_again(store: Store) -> None:
    await store.claim_event("Ev1", "T1", at=NOON)
    await store.finish_event("Ev1")
    assert not await store.claim_event("Ev1", "T1", at=NOON + 300 * SECOND)


async def test_of_many_that_claim_an_event_at_once_one_wins(store: Store, beside: Store) -> None:
    for minute in range(5):  # the first claim, and four after a holder died
        at = NOON + minute * 60 * SECOND
        won = await asyncio.gather(
            *(one.claim_event("Ev1", "T1", at=at) for one in (store, beside) * 10)
        )
        assert won.count(True) == 1


CLAIMER = """
import asyncio, sys
from contextlib import closing
from datetime import UTC, datetime
from bot.store import Store

async def main():
    store = await Store.open(sys.argv[1])
    print("open", flush=True)
    sys.stdin.readline()
    for number in range(40):
        if await store.claim_event(f"Ev{number}", "T1", at=datetime(2026, 11, 21, 12, tzinfo=UTC)):
            print(number)
    await store.close()

asyncio.run(main())
"""


def test_of_several_processes_one_handles_each_event(database_url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMER, database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            cwd=ROOT,
        )
        for _ in range(4)
    ]
    # All have opened the same database at the same time, and made its file; now all claim at the same time.
    assert [process.stdout.readline() for process in processes if process.stdout] == ["open\n"] * 4
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [process.communicate(timeout=60) for process in processes]
    assert [errors for _, errors in ended] == [""] * 4
    claimed = [int(line) for lines, _ in ended for line in lines.split()]
    assert sorted(claimed) == list(range(40))


# -- feedback ----------------------------------------------------------------------------------------------


async def test_feedback_is_read_back_in_the_order_in_which_it_was_said(store: Store) -> None:
    said = [
        liked(at=NOON + SECOND, helpful=False),
        liked(user_id="U2", at=NOON + timedelta(microseconds=1)),
        liked(GLM, at=NOON, enterprise_id="E1"),
    ]
    for one in said:
        await store.add_feedback(one)
    await store.add_feedback(liked(team_id="T2"))
    assert await store.feedback("T1") == tuple(reversed(said))


async def test_the_newest_word_on_a_request_replaces_the_older(store: Store) -> None:
    await store.add_feedback(liked(helpful=True))
    reordered = dict(reversed(KIMI.items()))
    changed = liked(reordered, helpful=False, at=NOON + SECOND)
    await store.add_feedback(changed)
    assert await store.feedback("T1") == (changed,)
    await store.add_feedback(liked(helpful=True))
    assert await store.feedback("T1") == (changed,)


# -- forgetting --------------------------------------------------------------------------------------------


async def fill(store: Store, team_id: str, enterprise_id: str | None = None) -> None:
    await store.remember_request(thread(1, team_id, enterprise_id), KIMI, at=NOON)
    await store.add_feedback(liked(team_id=team_id, enterprise_id=enterprise_id))
    await store.claim_event(f"Ev{team_id}", team_id, at=NOON, enterprise_id=enterprise_id)
    async with store.engine.begin() as connection:
        for table, person in (("slack_bots", {}), ("slack_installations", {"user_id": "U1"})):
            whole = METADATA.tables[table]
            row = {
                "client_id": "1.2",
                "app_id": "A1",
                "team_id": team_id,
                "enterprise_id": enterprise_id,
                "bot_token": "sealed",
                **person,
            }
            await connection.execute(insert(whole).values(**row))


async def test_a_forgotten_workspace_leaves_nothing_and_the_others_stay(store: Store) -> None:
    await fill(store, "T1", "E1")
    await fill(store, "T2", "E1")
    for seconds in (1, 2):
        await store.forget_team("T1", "E1", at=NOON + seconds * SECOND)
        assert await store.last_request(thread(1), at=NOON) is None
        assert await store.feedback("T1") == ()
        assert await store.last_request(thread(1, "T2"), at=NOON) == KIMI
        assert await counts(store) == {
            "threads": 1,
            "feedback": 1,
            "events": 2,
            "slack_bots": 1,
            "slack_installations": 1,
            "workspaces": 3,
        }


async def test_the_bytes_of_a_forgotten_workspace_are_gone_from_a_file_of_sqlite(
    file: Path,
) -> None:
    # Of SQLite alone: a server overwrites deleted rows when it tidies up, in its own time.
    store = await Store.open(f"sqlite:///{file}")
    gone = Thread("TGONE", "CGONE", "1.2", "EGONE")
    await store.remember_request(gone, KIMI, at=NOON)
    await store.claim_event("Ev1", "TGONE", at=NOON + SECOND, enterprise_id="EGONE")
    await store.forget_team("TGONE", "EGONE", at=NOON)
    await store.forget_old(at=NOON + DAY + SECOND)
    assert await counts(store) == {"events": 1}
    await store.close()
    left = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert b"CREATE TABLE threads" in left
    assert b"GONE" not in left


async def test_what_arrived_before_a_workspace_was_forgotten_may_write_no_more(
    store: Store,
) -> None:
    await store.forget_team("T1", at=NOON)
    for at in (NOON - SECOND, NOON):
        await store.remember_request(THREAD, KIMI, at=at)
        await store.add_feedback(liked(at=at))
        assert not await store.claim_event("Ev1", "T1", at=at)
    assert await counts(store) == {"workspaces": 1}


async def test_what_arrives_after_a_workspace_was_forgotten_is_kept_again(store: Store) -> None:
    await store.forget_team("T1", at=NOON)
    await store.remember_request(THREAD, KIMI, at=NOON + SECOND)
    assert await store.last_request(THREAD, at=NOON + SECOND) == KIMI
    assert await store.claim_event("Ev1", "T1", at=NOON + SECOND)


async def test_an_earlier_uninstall_that_comes_late_admits_nothing_again(store: Store) -> None:
    await store.forget_team("T1", at=NOON)
    await store.forget_team("T1", at=NOON - DAY)
    await store.remember_request(THREAD, KIMI, at=NOON)
    assert await store.last_request(THREAD, at=NOON) is None


async def test_an_event_that_slack_repeats_after_the_uninstall_is_still_known(
    store: Store,
) -> None:
    await store.claim_event("Ev1", "T1", at=NOON)
    await store.forget_team("T1", at=NOON)
    await store.finish_event("Ev1")
    assert not await store.claim_event("Ev1", "T1", at=NOON + 300 * SECOND)


async def test_an_organisation_takes_what_its_workspaces_left(store: Store) -> None:
    await fill(store, "T1", "E1")
    await fill(store, "T2", "E2")
    await store.forget_team(None, "E1", at=NOON)
    assert await store.last_request(thread(1), at=NOON) is None
    assert await store.feedback("T1") == ()
    assert await store.last_request(thread(1, "T2"), at=NOON) == KIMI
    await store.remember_request(thread(2, "T3", "E1"), KIMI, at=NOON)
    assert await store.last_request(thread(2, "T3", "E1"), at=NOON) is None


async def test_an_organisation_takes_its_own_installation_and_not_that_of_a_workspace(
    store: Store,
) -> None:
    await fill(store, "T1", "E1")
    async with store.engine.begin() as connection:
        own = {"client_id": "1.2", "app_id": "A1", "enterprise_id": "E1"}
        await connection.execute(insert(METADATA.tables["slack_bots"]).values(**own))
    await store.forget_team(None, "E1", at=NOON)
    async with store.engine.connect() as connection:
        left = await connection.scalars(select(METADATA.tables["slack_bots"].c.team_id))
        assert list(left) == ["T1"]


async def test_forgetting_nobody_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="a workspace or an organisation"):
        await store.forget_team(None, at=NOON)


async def test_writes_in_flight_during_an_uninstall_leave_no_row(
    store: Store, beside: Store
) -> None:
    for number in range(10):
        team = f"T{number}"
        writes = [
            one.remember_request(thread(i, team), KIMI, at=NOON)
            for i, one in enumerate((store, beside) * 4)
        ]
        opinions = [
            one.add_feedback(liked(team_id=team, user_id=f"U{i}"))
            for i, one in enumerate((store, beside) * 2)
        ]
        await asyncio.gather(*writes, beside.forget_team(team, at=NOON), *opinions)
    assert await counts(store) == {"workspaces": 10}


async def test_what_has_had_its_time_goes_and_nothing_else(store: Store) -> None:
    await store.remember_request(thread(1), KIMI, at=NOON - 30 * DAY - SECOND)
    await store.remember_request(thread(2), KIMI, at=NOON - 30 * DAY)
    await store.claim_event("Ev1", "T1", at=NOON - DAY - SECOND)
    await store.claim_event("Ev2", "T1", at=NOON - DAY)
    await store.add_feedback(liked(at=NOON - 400 * DAY))
    await store.forget_team("T8", at=NOON - DAY - SECOND)
    await store.forget_team("T9", at=NOON - DAY)
    async with store.engine.begin() as connection:
        for state, left in (("old", 0), ("new", 1)):
            expires_at = NOON.timestamp() + left
            await connection.execute(
                insert(oauth_states).values(state=state, expires_at=expires_at)
            )
    await store.forget_old(at=NOON)
    assert await counts(store) == {
        "threads": 1,
        "events": 1,
        "feedback": 1,
        "oauth_states": 1,
        "workspaces": 1,
    }
    assert await store.claim_event("Ev1", "T1", at=NOON)
    assert not await store.claim_event("Ev3", "T9", at=NOON - DAY)


async def test_forgetting_a_workspace_its_organisation_and_the_old_at_once_holds_nobody_up(
    store: Store, beside: Store
) -> None:
    # Rows in the opposite order of their keys, so that whoever takes them as they lie meets whoever does not.
    teams = [f"T{number}" for number in range(3)]
    for number in reversed(range(60)):
        old = NOON - 40 * DAY if number % 2 else NOON
        for team in teams:
            await store.remember_request(thread(number, team, "E1"), KIMI, at=old)
            await store.claim_event(f"Ev{team}{number}", team, at=old, enterprise_id="E1")
    later = NOON + SECOND
    work = [
        one
        for here, there in ((store, beside), (beside, store))
        for team in teams
        for one in (
            here.forget_team(team, "E1", at=later),
            there.forget_team(None, "E1", at=later),
            here.forget_old(at=NOON),
            *(there.finish_event(f"Ev{team}{number}") for number in range(60)),
            *(there.remember_request(thread(n, team, "E1"), GLM, at=NOON) for n in range(10)),
        )
    ]
    async with asyncio.timeout(60):  # two that wait for each other would end in an error
        await asyncio.gather(*work)
    assert (await counts(store)).keys() <= {"events", "workspaces"}


async def test_a_writer_whose_workspace_is_being_forgotten_waits_and_then_writes_nothing(
    store: Store, beside: Store
) -> None:
    # The forgetting is held up inside its transaction, after its mark and before anything is deleted.
    await store.remember_request(THREAD, KIMI, at=NOON)
    async with store.engine.begin() as connection:
        marked = insert(workspaces).values(id="T1", forgotten_at=NOON.timestamp() + 60)
        marked = marked.on_conflict_do_update(
            index_elements=[workspaces.c.id], set_={"forgotten_at": marked.excluded.forgotten_at}
        )
        await connection.execute(marked)
        write = asyncio.create_task(beside.remember_request(THREAD, GLM, at=NOON + SECOND))
        done, _ = await asyncio.wait([write], timeout=0.2)
        assert not done
        await connection.execute(delete(threads))
    await write
    assert await counts(store) == {"workspaces": 1}


# On a server alone: SQLite has one writer, which locks everything.
UNTIL_SOMEBODY_WAITS = """
DO $$ BEGIN
  WHILE NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted) LOOP PERFORM pg_sleep(0.01); END LOOP;
END $$
"""


@pytest.fixture
async def both_on_a_server(postgres_url: str) -> AsyncIterator[tuple[Store, Store]]:
    stores = await Store.open(postgres_url), await Store.open(postgres_url)
    yield stores
    for one in stores:
        await one.close()


async def test_forgetting_takes_rows_in_the_order_of_their_keys_however_they_lie(
    both_on_a_server: tuple[Store, Store],
) -> None:
    store, beside = both_on_a_server
    for number in (2, 1):
        await store.remember_request(thread(number, "T1", "E1"), KIMI, at=NOON)
    first, second = (
        select(threads.c.thread_ts).where(threads.c.thread_ts == thread(number).thread_ts)
        for number in (1, 2)
    )
    async with store.engine.begin() as connection:
        await connection.execute(first.with_for_update())
        forgetting = asyncio.create_task(beside.forget_team(None, "E1", at=NOON))
        await connection.execute(text(UNTIL_SOMEBODY_WAITS))
        # It waits for the first row and holds none behind it, or this would be refused.
        await connection.execute(second.with_for_update(nowait=True))
    await forgetting
    assert await counts(store) == {"workspaces": 2}


async def test_tidying_waits_for_nobody_and_leaves_what_is_in_use_for_the_next_time(
    both_on_a_server: tuple[Store, Store],
) -> None:
    store, beside = both_on_a_server
    for number in (1, 2):
        await store.remember_request(thread(number), KIMI, at=NOON - 31 * DAY)
    used = select(threads.c.thread_ts).where(threads.c.thread_ts == thread(1).thread_ts)
    async with store.engine.begin() as connection:
        await connection.execute(used.with_for_update())
        await beside.forget_old(at=NOON)
        assert await counts(beside) == {"threads": 1}
    await beside.forget_old(at=NOON)
    assert await counts(store) == {}


# -- under way ---------------------------------------------------------------------------------------------


async def test_a_database_in_memory_serves_many_at_once() -> None:
    store = await Store.open("sqlite://")
    try:
        places = [thread(number) for number in range(50)]
        writes = [store.remember_request(one, KIMI, at=NOON) for one in places]
        unfit: Any = {"intent": object()}
        faults = [store.remember_request(one, unfit, at=NOON) for one in places]
        both = [one for pair in zip(writes, faults, strict=True) for one in pair]
        results = await asyncio.gather(*both, return_exceptions=True)
        assert [type(result) for result in results] == [type(None), TypeError] * 50
        assert (await counts(store))["threads"] == 50
    finally:
        await store.close()


async def written_by_cancelled_callers(store: Store) -> list[Any]:
    """What stands in forty threads when whoever wrote each was cancelled, a little later each time."""
    places = [thread(number) for number in range(40)]
    for number, one in enumerate(places):
        write = asyncio.create_task(store.remember_request(one, KIMI, at=NOON))
        for _ in range(1 + number % 20):
            await asyncio.sleep(0)
        write.cancel()
        results = await asyncio.gather(
            write, store.last_request(one, at=NOON), return_exceptions=True
        )
        assert isinstance(results[0], asyncio.CancelledError)
    async with asyncio.timeout(10):  # a lock left behind would be waited for longer
        await asyncio.wait([*store.at_work, asyncio.create_task(store.forget_old(at=NOON))])
    return [await store.last_request(one, at=NOON) for one in places]


async def test_a_write_whose_caller_is_cancelled_is_made_and_holds_nobody_up(store: Store) -> None:
    assert await written_by_cancelled_callers(store) == [KIMI] * 40


async def test_a_write_whose_caller_is_cancelled_is_made_in_memory_too() -> None:
    store = await Store.open("sqlite://")
    try:
        assert await written_by_cancelled_callers(store) == [KIMI] * 40
    finally:
        await store.close()


async def test_closing_waits_for_the_writes_under_way(database_url: str) -> None:
    store = await Store.open(database_url)
    write = asyncio.create_task(store.remember_request(THREAD, KIMI, at=NOON))
    await asyncio.sleep(0)
    write.cancel()
    await store.close()
    again = await Store.open(database_url)
    try:
        assert await again.last_request(THREAD, at=NOON) == KIMI
    finally:
        await again.close()


async def test_no_stored_value_stands_in_an_error(store: Store) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(text("DROP TABLE threads"))
    with pytest.raises(
        DBAPIError, match=r"no such table: threads|relation .threads. does not"
    ) as failed:
        await store.remember_request(Thread("T1", "CSECRET", "1.2"), KIMI, at=NOON)
    assert "CSECRET" not in str(failed.value)
    assert "kimi" not in str(failed.value)
