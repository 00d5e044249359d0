"""Where the tests keep their databases: SQLite files, or with BROKER_TEST_DATABASE=postgresql a server of their own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from sqlalchemy import event, make_url
from sqlalchemy.pool import Pool

from tests.reused import Reused

IS_POSTGRESQL = os.environ.get("BROKER_TEST_DATABASE", "sqlite") == "postgresql"
only_sqlite = pytest.mark.skipif(IS_POSTGRESQL, reason="of SQLite alone")
only_postgresql = pytest.mark.skipif(not IS_POSTGRESQL, reason="of PostgreSQL alone")
IS_REQUIRED = bool(os.environ.get("BROKER_REQUIRE_POSTGRESQL"))
GIVEN = os.environ.get("BROKER_TEST_POSTGRESQL_URL")
MISSING = "Tests on PostgreSQL need version 15 or newer: apt-get install postgresql (or set BROKER_TEST_POSTGRESQL_URL)"
# What a test writes need not outlive the machine. Names sort as a council's own server sorts them.
QUICK = ("fsync=off", "full_page_writes=off", "autovacuum=off", "max_connections=200", "listen_addresses=")
_number = count(1)


class Shelf(Protocol):
    """Databases that are made empty, filled once, and copied for each test."""

    def make(self, folder: Path) -> str:
        """The address of a new, empty database, which is in this folder where it is a file."""

    def copy(self, address: str, folder: Path) -> str:
        """The address of a copy. Nobody may be connected to the first."""

    def drop(self, address: str) -> None:
        """Away with it, whoever is connected."""


class Files:
    """SQLite: a database is a file, and goes with its folder."""

    def make(self, folder: Path) -> str:
        return f"sqlite:///{folder / 'broker.db'}"

    def copy(self, address: str, folder: Path) -> str:
        shutil.copy(str(make_url(address).database), folder / "broker.db")
        return self.make(folder)

    def drop(self, address: str) -> None:
        pass


class Server:
    """PostgreSQL: a database is made on a server, from another as its template."""

    def __init__(self, address: str) -> None:
        self.address = make_url(address)
        self._in_use: dict[str, tuple[str, Reused]] = {}  # by its address, with that of its template
        self._free: dict[str, list[Reused]] = {}  # by the address of their template

    def make(self, folder: Path) -> str:
        return self._create("template0")

    def copy(self, address: str, folder: Path) -> str:
        free = self._free.get(address)
        copied = free.pop() if free else Reused(self._create(str(make_url(address).database)))
        self._in_use[copied.address] = (address, copied)
        return copied.address

    def drop(self, address: str) -> None:
        template, copied = self._in_use.pop(address, ("", None))
        if copied and copied.set_back():
            self._free.setdefault(template, []).append(copied)
        else:
            self._do(f"DROP DATABASE IF EXISTS {make_url(address).database} WITH (FORCE)")

    def close(self) -> None:
        """Drop what waits for another test."""
        for copied in chain.from_iterable(self._free.values()):
            self._do(f"DROP DATABASE {make_url(copied.address).database}")

    def _create(self, template: str) -> str:
        name = f"broker_{os.getpid()}_{next(_number)}"
        self._do(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.address.set(database=name).render_as_string(hide_password=False)

    def _do(self, statement: str) -> None:
        address = self.address.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def no_connection_left() -> Iterator[None]:
    """What apps of a test's own have opened is closed at its end: a server, unlike a file, has only so many."""
    opened: list[psycopg.Connection] = []

    def note(connection: object, _record: object) -> None:
        if isinstance(connection, psycopg.Connection):
            opened.append(connection)

    event.listen(Pool, "connect", note)
    try:
        yield
    finally:
        event.remove(Pool, "connect", note)
        for connection in opened:
            connection.close()


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL on this machine."""
    found = shutil.which("postgres")
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return Path(found).resolve().parent if found else packaged[-1].parent if packaged else None


def leave_without_postgresql() -> None:
    """End a run that asks for PostgreSQL where there is none, with one line; it has failed only where it must be."""
    if IS_POSTGRESQL and not GIVEN and binaries() is None:
        pytest.exit(MISSING, returncode=1 if IS_REQUIRED else 0)


class Cluster:
    """A PostgreSQL of our own in a folder of its own, reached through a socket there. Root runs it as postgres."""

    def __init__(self, folder: Path, settings: tuple[str, ...] = QUICK) -> None:
        found = binaries()
        assert found, MISSING
        self.bin, self.folder, self.settings = found, folder, settings
        self.data = folder / "data"
        self.address = f"postgresql://broker@/postgres?host={folder}"
        self.owner = "postgres" if os.geteuid() == 0 else None
        if self.owner:
            shutil.chown(folder, self.owner)
        ways = ["--no-sync", "--auth=trust", "--username=broker", "--encoding=UTF8", "--locale-provider=icu"]
        self._run("initdb", *ways, "--icu-locale=en-GB", "--locale=C.UTF-8", "-D", str(self.data))

    def start(self) -> None:
        options = " ".join(f"-c {setting}" for setting in (*self.settings, f"unix_socket_directories={self.folder}"))
        self._run("pg_ctl", "start", "-w", "-D", str(self.data), "-l", str(self.folder / "log"), "-o", options)

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "stop", "-w", "-m", mode, "-D", str(self.data))

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self.bin / program, *arguments],
            user=self.owner,
            group=self.owner,
            extra_groups=[] if self.owner else None,
            cwd=self.folder,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def own_cluster(settings: tuple[str, ...] = QUICK) -> Iterator[Cluster]:
    """A running PostgreSQL for as long as this lasts; skips, or fails where it must not be missing."""
    if binaries() is None:
        (pytest.fail if IS_REQUIRED else pytest.skip)(MISSING)
    # In /tmp, because the path of a socket must be short and its folder open to the other user.
    folder = Path(tempfile.mkdtemp(prefix="broker-pg-", dir="/tmp"))
    try:
        cluster = Cluster(folder, settings)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def open_shelf() -> Iterator[Shelf]:
    """What BROKER_TEST_DATABASE asks for."""
    if not IS_POSTGRESQL:
        yield Files()
    elif GIVEN:
        with closing(Server(GIVEN)) as server:
            yield server
    else:
        with own_cluster() as cluster:
            yield Server(cluster.address)
