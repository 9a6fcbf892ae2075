"""A real PostgreSQL server for the tests: on loopback, with its data in a temporary folder, gone at the end.

It is Debian's; where it is not installed, ``tests/postgres.sh`` installs it, and where that cannot be, the tests that need it are
skipped with the reason. The server refuses to run as root, and is then another user's.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from tests.debian import install

_DATABASES = count()
_USERS = ("postgres", "nobody")
# What a crash of this server loses is lost anyway.
_OPTIONS = (
    "fsync=off",
    "full_page_writes=off",
    "unix_socket_directories=",
    "listen_addresses=127.0.0.1",
    "max_connections=100",
)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a running server, to which the name of a database is added."""
    binaries = _binaries()
    if binaries is None:
        reason = install("postgres.sh")
        binaries = _binaries()
        if binaries is None:
            pytest.skip(f"no PostgreSQL server: {reason or 'it was installed and is not found'}")
    with _running(binaries) as url:
        yield url


@pytest.fixture(scope="session")
def _shared_database(server: str) -> str:
    return make_database(server)


@pytest.fixture
def database(_shared_database: str) -> str:
    """The URL of a database that is empty at the start of the test."""
    import psycopg

    with psycopg.connect(_shared_database, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '10s'")
        for (schema,) in connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'clausewise%'"
        ).fetchall():
            connection.execute(f'DROP SCHEMA "{schema}" CASCADE')
    return _shared_database


def make_database(server: str) -> str:
    """Make a database; gives its URL."""
    import psycopg

    name = f"clausewise{next(_DATABASES)}"
    with psycopg.connect(server + "postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server + name


def _binaries() -> Path | None:
    """The folder of the server's programs: the newest of Debian's, or where the path leads."""
    found = sorted(
        (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        key=lambda folder: float(folder.parent.name),
    )
    named = shutil.which("initdb")
    return found[-1] if found else Path(named).parent if named else None


@contextmanager
def _running(binaries: Path) -> Iterator[str]:
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="clausewise-postgres-"))
    if user is not None:
        shutil.chown(folder, user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [f"-c{option}" for option in (*_OPTIONS, f"port={port}")]
    data = folder / "data"
    _run(
        [binaries / "initdb", "-D", data, "-A", "trust", "-U", "clausewise", "-E", "UTF8", "--no-sync"], user
    )
    _run(
        [binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", " ".join(words), "start"],
        user,
    )
    try:
        yield f"postgresql://clausewise@127.0.0.1:{port}/"
    finally:
        _run([binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"], user)
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str | None:
    """Whose the server is when the tests run as root."""
    if os.geteuid() != 0:
        return None
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _USERS if name in names)


def _run(words: list[str | Path], user: str | None) -> None:
    subprocess.run(
        [str(word) for word in words],
        user=user,
        group=None,
        cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
