"""RLCOST_DATABASE_URL: which addresses are taken, and how the others are refused without being repeated."""

from pathlib import Path

import pytest

from bot.store.address import AddressError, check_kept, file_of, is_postgresql, parse_url
from bot.store.faults import StoreError


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("sqlite:///rlcost.db", "sqlite+aiosqlite:///rlcost.db"),
        ("sqlite://", "sqlite+aiosqlite://"),
        ("postgresql://bot:pw@db:5433/rlcost", "postgresql+asyncpg://bot:pw@db:5433/rlcost"),
        ("postgres://bot@db/rlcost", "postgresql+asyncpg://bot@db/rlcost"),
        ("postgresql+asyncpg://bot@db/rlcost", "postgresql+asyncpg://bot@db/rlcost"),
        (
            "postgresql://bot@db/rlcost?sslmode=require",
            "postgresql+asyncpg://bot@db/rlcost?ssl=require",
        ),
        ("postgresql:///rlcost?host=/run", "postgresql+asyncpg:///rlcost?host=%2Frun"),
    ],
)
def test_an_address_gets_the_driver_of_its_database(text: str, parsed: str) -> None:
    assert parse_url(text).render_as_string(hide_password=False) == parsed
    assert is_postgresql(parse_url(text)) == text.startswith("postgres")


def test_only_a_file_of_sqlite_is_a_file() -> None:
    assert file_of(parse_url("sqlite:///rlcost.db")) == "rlcost.db"
    assert file_of(parse_url("sqlite:///:memory:")) is None
    assert file_of(parse_url("postgresql://bot@db/rlcost")) is None


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "is no database URL"),
        ("hunter2", "is no database URL"),
        ("postgresql://bot:hunter2@db:port/rlcost", "is no database URL"),
        ("mysql://bot:hunter2@db/rlcost", "names a `mysql` database"),
        ("postgresql+psycopg://bot:hunter2@db/rlcost", "only sqlite and postgresql"),
        ("sqlite+pysqlcipher://:hunter2@/rlcost.db", "only sqlite and postgresql"),
        ("sqlite://hunter2.db", "more than a file behind `sqlite:///`"),
        ("sqlite:///rlcost.db?key=hunter2", "more than a file behind `sqlite:///`"),
        ("postgresql://bot:hunter2@db", "names no database behind the host"),
    ],
)
def test_an_unusable_address_is_refused_with_examples_and_without_itself(
    url: str, complaint: str
) -> None:
    with pytest.raises(
        StoreError, match=r"RLCOST_DATABASE_URL .*`sqlite:///rlcost\.db`"
    ) as refused:
        parse_url(url)
    assert complaint in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "what_to_do"),
    [
        ("postgresql://bot:hun@ter2@db/rlcost", "write one inside a password as `%40`"),
        ("postgresql://bot:pw@db/rlcost?password=hunter2", "only `host` and `sslmode`"),
        ("postgresql://bot:pw@db/rlcost?sslrootcert=hunter2", "only `host` and `sslmode`"),
    ],
)
def test_what_is_wrong_with_an_address_of_postgresql_is_said_without_its_password(
    url: str, what_to_do: str
) -> None:
    with pytest.raises(StoreError, match="RLCOST_DATABASE_URL") as refused:
        parse_url(url)
    assert what_to_do in str(refused.value)
    assert "ter2" not in str(refused.value)


def test_a_folder_that_does_not_exist_is_named_and_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    with pytest.raises(
        StoreError, match=r"the folder of the database, `.*nowhere`, does not exist"
    ):
        parse_url(f"sqlite:///{missing}/rlcost.db")
    assert not missing.exists()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite+aiosqlite://"])
def test_a_database_in_memory_is_refused_by_whoever_needs_it_to_keep_something(url: str) -> None:
    parse_url(url)
    with pytest.raises(
        AddressError, match=r"RLCOST_DATABASE_URL .* in memory, which keeps nothing"
    ):
        check_kept(url)


def test_what_may_be_there_another_time_is_an_address(tmp_path: Path) -> None:
    for url in (
        "sqlite:///rlcost.db",
        f"sqlite:///{tmp_path}/away/rlcost.db",
        "postgresql://bot@127.0.0.1:1/rlcost",
    ):
        check_kept(url)


@pytest.mark.parametrize("url", ["nonsense", "mysql://db/rlcost", "postgresql://bot@db"])
def test_what_is_no_address_is_never_of_use(url: str) -> None:
    with pytest.raises(AddressError, match="RLCOST_DATABASE_URL"):
        check_kept(url)
