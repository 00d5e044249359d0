"""A copy of the whole database as it stands at one moment, taken while others write, and put back again."""

import os
import shutil
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from broker.store import condition
from broker.store.base import reading, sqlite_module

LONGEST = 3600  # seconds that a copy of a very large database may take


class NoTool(Exception):
    """PostgreSQL's own program that is needed is not on this machine."""

    def __init__(self, program: str) -> None:
        super().__init__(program)
        self.program = program


class Unsound(Exception):
    """A copy of the database is not what it should be; `problem` says in what way."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def save(engine: Engine, file: Path) -> dict[str, int]:
    """Write the database as it stands now to a file; gives the number of rows of each table."""
    if engine.dialect.name == "sqlite":
        return _save_sqlite(engine, file)
    return _save_postgresql(engine, file)


def check(kind: str, file: Path) -> dict[str, int] | None:
    """Look whether a copy is sound: the rows of each table, or None where only putting it back can tell."""
    if kind == "sqlite":
        return _check_sqlite(file)
    _run("pg_restore", ["--list", str(file)], {})
    return None


def is_in_use(engine: Engine) -> bool:
    """Whether a process other than this one is connected to the database."""
    if engine.dialect.name == "sqlite":
        return _sqlite_is_in_use(engine)
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    with engine.connect() as connection:
        return bool(connection.scalar(text(others)))


def put_back(engine: Engine, file: Path, rows: dict[str, int], at: datetime) -> str:
    """Set the database to what the copy says, and keep what was there beside it; gives the name of what was kept."""
    name = f"before_{at:%Y%m%dt%H%M%S}"
    if engine.dialect.name == "sqlite":
        return _put_back_sqlite(engine, file, name)
    return _put_back_postgresql(engine, file, rows, name)


def database_file(engine: Engine) -> Path:
    """Where SQLite keeps the database."""
    return Path(str(engine.url.database))


def _save_sqlite(engine: Engine, file: Path) -> dict[str, int]:
    """One step takes all pages of one moment; with the write-ahead log nobody waits for it."""
    with closing(engine.raw_connection()) as source, closing(_open(file)) as copy:
        driver: Any = source.driver_connection
        driver.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    return _check_sqlite(file)


def _open(file: Path) -> Any:
    connection = sqlite_module().connect(str(file))
    connection.isolation_level = None
    return connection


def _check_sqlite(file: Path) -> dict[str, int]:
    with closing(_open(file)) as copy:
        said = [row[0] for row in copy.execute("PRAGMA integrity_check(5)")]
        if said != ["ok"]:
            raise Unsound("; ".join(said))
        lost = copy.execute("PRAGMA foreign_key_check").fetchone()
        if lost:
            raise Unsound(f"a row of {lost[0]} points to a row of {lost[2]} that is not there")
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        return {
            name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - read from the file
            for (name,) in copy.execute(names).fetchall()
        }


def _sqlite_is_in_use(engine: Engine) -> bool:
    """The write-ahead log can only be put away by whoever is alone with the file."""
    engine.dispose()
    file = database_file(engine)
    if not file.exists():
        return False
    with closing(_open(file)) as alone:
        alone.execute("PRAGMA busy_timeout = 500")
        try:
            alone.execute("PRAGMA journal_mode = DELETE")
            alone.execute("BEGIN EXCLUSIVE")
            alone.execute("ROLLBACK")
        except sqlite_module().OperationalError:
            return True
    return False


def _put_back_sqlite(engine: Engine, file: Path, name: str) -> str:
    """The old file gets a second name before the new one takes its place in one step."""
    engine.dispose()
    present = database_file(engine)
    kept = present.with_name(f"{present.name}.{name}")
    arriving = present.with_name(f"{present.name}.arriving")
    shutil.copyfile(file, arriving)
    arriving.chmod(0o600)
    _settle(arriving)
    if present.exists():
        os.link(present, kept)
    arriving.replace(present)
    _settle(present.parent)
    return str(kept) if kept.exists() else ""


def _settle(path: Path) -> None:
    """Have it on the disk before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _save_postgresql(engine: Engine, file: Path) -> dict[str, int]:
    """The program copies the very moment at which the rows are counted."""
    with reading(), engine.connect() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        moment = connection.scalar(text("SELECT pg_export_snapshot()"))
        rows = condition.counts(connection)
        options = ["--format=custom", "--no-owner", "--no-privileges", "--exclude-schema=before_*"]
        _run("pg_dump", [*options, f"--snapshot={moment}", f"--file={file}", *_address(engine)], _password(engine))
    return rows


def _put_back_postgresql(engine: Engine, file: Path, rows: dict[str, int], name: str) -> str:
    """What is there moves into a schema beside; where the copy does not come back whole it moves back."""
    with engine.begin() as connection:
        connection.execute(text(f'ALTER SCHEMA public RENAME TO "{name}"'))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    try:
        options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", "--schema=public"]
        _run("pg_restore", [*options, *_address(engine), str(file)], _password(engine))
        with engine.connect() as connection:
            _compare(connection, rows)
    except Exception:
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text(f'ALTER SCHEMA "{name}" RENAME TO public'))
        raise
    return name


def _compare(connection: Connection, rows: dict[str, int]) -> None:
    found = condition.counts(connection)
    if found != rows:
        wrong = sorted(table for table in found.keys() | rows.keys() if found.get(table) != rows.get(table))
        raise Unsound(f"the number of rows differs in {', '.join(wrong)}")


def _address(engine: Engine) -> list[str]:
    """The database for a program's command line, which anyone on the machine can read: without the password."""
    url = engine.url.set(drivername="postgresql", password=None)
    return [f"--dbname={url.render_as_string(hide_password=False)}"]


def _password(engine: Engine) -> dict[str, str]:
    return {"PGPASSWORD": str(engine.url.password)} if engine.url.password else {}


def _run(program: str, options: list[str], secret: dict[str, str]) -> None:
    found = shutil.which(program)
    if found is None:
        raise NoTool(program)
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, with options of our own making
        [found, *options], env=os.environ | secret, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    if done.returncode:
        raise Unsound(done.stderr.strip() or f"{program} ended with code {done.returncode}")
