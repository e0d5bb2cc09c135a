"""Opening and migrating real databases: what is made, what is kept, what is refused, and what is said of it."""

import asyncio
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Inspector, inspect, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store import Store, StoreError, migrations
from bot.store.address import parse_url
from bot.store.database import migrate, open_database
from bot.store.engines import make_engine
from bot.store.faults import DatabaseAwayError
from bot.store.sql import database_now, insert
from bot.store.tables import METADATA, oauth_states
from tests.postgres import server, start

ROOT = Path(__file__).parents[3]
BEFORE_REVISIONS = Path(__file__).with_name("before_revisions.sql").read_text(encoding="utf-8")
NEWEST = "0002"


@pytest.fixture(params=["sqlite", "postgres"])
def bare_url(request: pytest.FixtureRequest, file: Path) -> str:
    """The address of a fresh database without a table, on each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{file}"
    url: str = request.getfixturevalue("bare_postgres_url")
    return url


@asynccontextmanager
async def engine_at(url: str) -> Any:
    """A plain engine, without anything of the code under test."""
    engine = create_async_engine(parse_url(url))
    try:
        yield engine
    finally:
        await engine.dispose()


async def run_sync(url: str, look: Callable[[Connection], Any]) -> Any:
    async with engine_at(url) as engine, engine.begin() as connection:
        return await connection.run_sync(look)


async def run(url: str, *statements: str) -> list[Any]:
    """The rows of the last statement."""
    async with engine_at(url) as engine, engine.begin() as connection:
        for statement in statements:
            result = await connection.exec_driver_sql(statement)
        return [tuple(row) for row in result] if result.returns_rows else []


async def tables(url: str) -> set[str]:
    return set(await run_sync(url, lambda connection: inspect(connection).get_table_names()))


def to_revision_1(connection: Connection) -> None:
    assert migrations.upgrade(connection, to="0001") == (None, "0001")


# -- migrating ---------------------------------------------------------------------------------------------


async def test_a_migrated_database_has_the_tables_that_the_code_describes(bare_url: str) -> None:
    assert await migrate(bare_url) == (None, NEWEST)

    def differences(connection: Connection) -> Any:
        options = {"version_table": migrations.VERSION_TABLE, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)

    def keys(connection: Connection) -> dict[str, list[str]]:
        found: Inspector = inspect(connection)
        return {
            name: found.get_pk_constraint(name)["constrained_columns"] for name in METADATA.tables
        }

    assert await run_sync(bare_url, differences) == []
    assert await run_sync(bare_url, keys) == {
        name: table.primary_key.columns.keys() for name, table in METADATA.tables.items()
    }


async def test_a_database_that_is_up_to_date_has_nothing_to_migrate(database_url: str) -> None:
    await (await open_database(database_url)).dispose()
    assert await migrate(database_url) == (NEWEST, NEWEST)


async def test_the_rows_of_revision_1_outlive_the_later_ones(bare_url: str) -> None:
    await run_sync(bare_url, to_revision_1)
    assert "outbox" not in await tables(bare_url)
    await run(
        bare_url,
        "INSERT INTO threads VALUES ('T1', 'C1', '1.2', NULL, '{}', 5.0)",
        "INSERT INTO slack_bots VALUES (7, '1.2', 'A1', 'E1', NULL, 'T1', 'Acme', 'sealed', NULL, NULL, NULL,"
        " NULL, NULL, false, '2026-11-21 12:00:00')",
    )
    assert await migrate(bare_url) == ("0001", NEWEST)
    assert await run(bare_url, "SELECT * FROM threads") == [("T1", "C1", "1.2", None, "{}", 5.0)]
    found = await run(bare_url, "SELECT id, team_name, bot_token, installed_at FROM slack_bots")
    assert [tuple(map(str, row)) for row in found] == [
        ("7", "Acme", "sealed", "2026-11-21 12:00:00")
    ]
    assert "outbox" in await tables(bare_url)


async def test_a_file_of_before_revisions_is_opened_as_it_is_and_brought_up_to_date(
    file: Path,
) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(BEFORE_REVISIONS)
        connection.execute("INSERT INTO threads VALUES ('T1', 'C1', '1.2', NULL, '{}', 5.0)")
        connection.commit()
    await (await open_database(f"sqlite:///{file}")).dispose()
    assert await run(f"sqlite:///{file}", "SELECT * FROM threads") == [
        ("T1", "C1", "1.2", None, "{}", 5.0)
    ]
    assert await tables(f"sqlite:///{file}") == {*METADATA.tables, migrations.VERSION_TABLE}
    assert await migrate(f"sqlite:///{file}") == (NEWEST, NEWEST)


async def test_a_migration_that_fails_leaves_nothing_of_itself(bare_url: str) -> None:
    # The last table of all is there already, and another program's.
    await run(bare_url, "CREATE TABLE outbox (colour TEXT)")
    with pytest.raises(StoreError, match=r"outbox.*already exists; set RLCOST_DATABASE_URL"):
        await migrate(bare_url)
    assert await tables(bare_url) == {"outbox"}


async def test_a_servers_table_of_another_program_is_not_taken_for_ours(
    bare_postgres_url: str,
) -> None:
    await run(bare_postgres_url, "CREATE TABLE events (colour TEXT)")
    with pytest.raises(StoreError, match='cannot be used: relation "events" already exists; set'):
        await migrate(bare_postgres_url)


async def test_several_that_migrate_in_one_process_find_it_done_but_one(bare_url: str) -> None:
    found = await asyncio.gather(*(migrate(bare_url) for _ in range(4)))
    assert sorted(found, key=str) == [(NEWEST, NEWEST)] * 3 + [(None, NEWEST)]


MIGRATOR = """
import asyncio, sys
from bot.store.database import migrate

print("ready", flush=True)
sys.stdin.readline()
print(*asyncio.run(migrate(sys.argv[1])))
"""


def test_of_several_processes_that_migrate_at_once_one_does_it(bare_url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", MIGRATOR, bare_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            cwd=ROOT,
        )
        for _ in range(4)
    ]
    ready = [process.stdout.readline() for process in processes if process.stdout]
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [process.communicate(timeout=60) for process in processes]
    assert [errors for _, errors in ended] == [""] * 4
    assert ready == ["ready\n"] * 4
    assert sorted(said for said, _ in ended) == [f"{NEWEST} {NEWEST}\n"] * 3 + [f"None {NEWEST}\n"]


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(database_url: str) -> None:
    await migrate(database_url)
    await run(database_url, "UPDATE rlcost_version SET version_num = '9999'")
    for use in (open_database, migrate):
        with pytest.raises(StoreError, match="made by a newer version of rlcost; install that one"):
            await use(database_url)
    assert await run(database_url, "SELECT * FROM rlcost_version") == [("9999",)]


async def test_the_revisions_of_another_program_on_the_server_are_not_ours(
    bare_postgres_url: str,
) -> None:
    await run(
        bare_postgres_url,
        "CREATE TABLE alembic_version (version_num VARCHAR(32))",
        "INSERT INTO alembic_version VALUES ('abc')",
    )
    assert await migrate(bare_postgres_url) == (None, NEWEST)
    assert await run(bare_postgres_url, "SELECT * FROM alembic_version") == [("abc",)]


# -- a server ----------------------------------------------------------------------------------------------


async def test_a_server_is_not_migrated_by_opening_it(bare_postgres_url: str) -> None:
    with pytest.raises(StoreError, match=r"none of the tables of rlcost yet; run `rlcost migrate`"):
        await open_database(bare_postgres_url)
    assert await tables(bare_postgres_url) == set()
    await run_sync(bare_postgres_url, to_revision_1)
    with pytest.raises(
        StoreError, match=r"is at revision `0001`, .* needs `0002`; run `rlcost migrate`"
    ):
        await open_database(bare_postgres_url)
    assert "outbox" not in await tables(bare_postgres_url)


async def test_a_server_that_can_only_be_read_is_refused(postgres_url: str) -> None:
    name = parse_url(postgres_url).database
    await run(postgres_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(StoreError, match="can only be read; set RLCOST_DATABASE_URL to one that"):
        await open_database(postgres_url)


async def test_a_server_that_is_not_there_is_away(tmp_path: Path) -> None:
    for use in (open_database, migrate):
        with pytest.raises(
            DatabaseAwayError, match=r"`rlcost` does not answer: .*; start its server, or set"
        ) as refused:
            await use(f"postgresql://bot:hunter2@/rlcost?host={tmp_path}")
        assert "hunter2" not in str(refused.value)


async def test_a_server_that_hangs_up_is_away() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        await writer.wait_closed()

    listener = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with listener:
        _, port = listener.sockets[0].getsockname()
        with pytest.raises(DatabaseAwayError, match=r"`rlcost` does not answer: .*; start its"):
            await open_database(f"postgresql://bot@127.0.0.1:{port}/rlcost?sslmode=disable")


async def test_a_server_that_says_nothing_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        _, port = silent.getsockname()
        with pytest.raises(DatabaseAwayError, match="does not answer: it takes too long; start"):
            await open_database(f"postgresql://bot@127.0.0.1:{port}/rlcost?sslmode=disable")


async def test_a_server_without_the_database_is_wrong_and_not_away() -> None:
    with pytest.raises(
        StoreError, match='`nowhere` cannot be used: database "nowhere" does not exist; set RLCOST'
    ) as refused:
        await open_database(server().url("nowhere"))
    assert not isinstance(refused.value, DatabaseAwayError)


async def test_connections_that_the_server_ended_are_made_anew(postgres_url: str) -> None:
    store = await Store.open(postgres_url)
    try:
        await asyncio.gather(*(store.ping() for _ in range(5)))
        ended = await asyncio.to_thread(
            server().run,
            "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
            database=parse_url(postgres_url).database or "",
        )
        assert int(ended) > 0
        await asyncio.gather(*(store.ping() for _ in range(5)))
    finally:
        await store.close()


async def test_a_server_that_goes_away_at_work_is_a_database_error_like_any_other() -> None:
    own, guard = await asyncio.to_thread(start)
    try:
        url = own.url("postgres")
        await migrate(url)
        store = await Store.open(url)
        async with store.engine.connect() as held:
            await held.execute(select(1))
            await asyncio.to_thread(guard.communicate)
            with pytest.raises(SQLAlchemyError):
                await held.execute(select(1))
        with pytest.raises(SQLAlchemyError):
            await store.ping()
        await store.close()
    finally:
        guard.communicate()
    assert not own.folder.exists()


async def test_an_answer_that_takes_too_long_is_a_database_error_like_any_other(
    postgres_url: str,
) -> None:
    engine = make_engine(parse_url(postgres_url), seconds_to_answer=0.2)
    try:
        async with engine.connect() as connection:
            with pytest.raises(OperationalError, match="TimeoutError") as silent:
                await connection.execute(text("SELECT pg_sleep(60), :secret"), {"secret": "sesame"})
        assert "sesame" not in str(silent.value)
        async with engine.connect() as connection:  # another one: that one still sleeps
            assert await connection.scalar(select(1)) == 1
    finally:
        await engine.dispose()


WITHOUT_DRIVER = """
import asyncio, sys
sys.modules["asyncpg"] = None
from bot.store import Store, StoreError

try:
    asyncio.run(Store.open("postgresql://bot:hunter2@db/rlcost"))
except StoreError as error:
    print(error)
"""


def test_without_its_driver_postgresql_says_what_to_install() -> None:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_DRIVER],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert (run.stdout, run.stderr) == (
        'PostgreSQL needs the package `asyncpg`; type `pip install "rlcost[postgres]"`\n',
        "",
    )


# -- the same words for both -------------------------------------------------------------------------------


async def test_the_databases_clock_counts_seconds_since_1970(store: Store) -> None:
    async with store.engine.connect() as connection:
        before = time.time()
        first, again = (await connection.execute(select(database_now(), database_now()))).one()
        later = (await connection.execute(select(database_now()))).scalar_one()
    # The databases of these tests go by this machine's clock; a minute off would be another unit or epoch.
    assert first == pytest.approx(before, abs=60)
    assert isinstance(first, float)
    assert first == again
    assert later >= first


async def test_the_clock_goes_on_within_a_transaction_on_a_server(postgres_url: str) -> None:
    async with engine_at(postgres_url) as engine, engine.begin() as connection:
        moments = [await connection.scalar(select(database_now())) for _ in range(3)]
    assert moments == sorted(set(moments))


async def test_an_insert_that_meets_a_row_replaces_it_or_lets_it_be(store: Store) -> None:
    async def add(expires_at: float, *, replace: bool) -> None:
        row = insert(oauth_states).values(state="S1", expires_at=expires_at)
        key = [oauth_states.c.state]
        met = (
            row.on_conflict_do_update(
                index_elements=key,
                set_={"expires_at": row.excluded.expires_at},
                where=oauth_states.c.expires_at < row.excluded.expires_at,
            )
            if replace
            else row.on_conflict_do_nothing(index_elements=key)
        )
        async with store.engine.begin() as connection:
            await connection.execute(met)

    async def kept() -> Any:
        async with store.engine.connect() as connection:
            return await connection.scalar(select(oauth_states.c.expires_at))

    for expires_at, replace, then in ((5, False, 5), (6, False, 5), (7, True, 7), (6, True, 7)):
        await add(expires_at, replace=replace)
        assert await kept() == then


# -- a file, which only SQLite has -------------------------------------------------------------------------


async def test_readers_go_on_beside_a_writer_that_others_wait_for(file: Path) -> None:
    engine: AsyncEngine = await open_database(f"sqlite:///{file}")
    async with engine.connect() as connection:
        found = [
            await connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "busy_timeout", "foreign_keys", "secure_delete")
        ]
    await engine.dispose()
    assert found == ["wal", 15000, 1, 1]


async def test_a_database_that_another_program_reads_is_waited_for(file: Path) -> None:
    with closing(sqlite3.connect(file)) as another:
        another.execute("CREATE TABLE colours (name TEXT)")
        another.execute("BEGIN")
        another.execute("SELECT * FROM colours").fetchall()
        opening = asyncio.create_task(open_database(f"sqlite:///{file}"))
        done, _ = await asyncio.wait([opening], timeout=0.2)
        assert not done
        another.rollback()
        await (await opening).dispose()


async def test_a_file_that_is_no_database_is_refused_and_left_alone(file: Path) -> None:
    text_of_another = b"Dear diary, " * 100
    make(file, text_of_another)
    with pytest.raises(StoreError, match="cannot be used: file is not a database; set RLCOST"):
        await open_database(f"sqlite:///{file}")
    assert content(file) == text_of_another


async def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used: unable to open database file"):
        await open_database(f"sqlite:///{tmp_path}")


async def test_a_database_that_cannot_be_written_is_refused(file: Path) -> None:
    await (await open_database(f"sqlite:///{file}")).dispose()
    # A write version from the future makes a database read-only, for an administrator too.
    database = bytearray(content(file))
    database[18] = 3
    make(file, bytes(database))
    with pytest.raises(StoreError, match="cannot be used: attempt to write a readonly database"):
        await open_database(f"sqlite:///{file}")


async def test_a_database_of_another_program_is_refused(file: Path) -> None:
    with closing(sqlite3.connect(file)) as another:
        another.execute("CREATE TABLE threads (colour TEXT)")
    with pytest.raises(StoreError, match=r"cannot be used: .*column.*; set RLCOST_DATABASE_URL"):
        await open_database(f"sqlite:///{file}")
    assert await tables(f"sqlite:///{file}") == {"threads"}


def make(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def content(file: Path) -> bytes:
    return file.read_bytes()


OPENER = """
import asyncio, sys
from bot.store import Store, StoreError

try:
    asyncio.run(Store.open(sys.argv[1]))
except StoreError as error:
    print(error)
"""


def test_a_start_that_fails_says_one_sentence(file: Path) -> None:
    make(file, b"Dear diary, " * 100)
    unusable = [f"sqlite:///{file}", f"sqlite:///{file.parent}"]
    for url in (*unusable, f"postgresql://bot@/rlcost?host={file.parent}"):
        run = subprocess.run(
            [sys.executable, "-c", OPENER, url],
            capture_output=True,
            encoding="utf-8",
            cwd=ROOT,
            timeout=60,
            check=False,
        )
        assert (run.returncode, run.stderr, len(run.stdout.splitlines())) == (0, "", 1)
