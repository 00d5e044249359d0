"""Looking an installation over: its database, its files, its clock, and what waits in it."""

import platform
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from broker.actions.audit import last_check
from broker.domain.checkup import Finding, fine, look, within, wrong
from broker.store import condition, shape
from broker.store.base import reading, sqlite_module, wal_is_sound
from broker.store.jobs import Job
from broker.store.outbox import Outbox
from broker.store.rights import can_change_the_record
from broker.store.settings import BACKUP, WORKER, moment

OLDEST_PYTHON = (3, 11)
LONGEST_KEY_SHORT = 32
MEGABYTE = 1_000_000
DAY = timedelta(days=1)
# What the database must have been told; on another kind of journal SQLite is as safe, and slower.
ORDERS = {
    "sqlite": {"synchronous": "3", "foreign_keys": "1", "busy_timeout": "15000"},
    "postgresql": {"synchronous_commit": "on", "statement_timeout": "15s", "lock_timeout": "5s"},
}


def look_over(engine: Engine, instance: Path, pins: Path, settings: Mapping[str, Any], at: datetime) -> list[Finding]:
    """Everything that can be found out from here; what waits on a database that is away is left out."""
    found = [_python(), _packages(pins), *_files(instance), *_key(instance, settings), _disk(instance)]
    try:
        with reading(), engine.connect() as connection:
            found += [each(connection) for each in (_database, _orders, _step)]
            found.append(_clock(connection, at))
            if condition.present_step(connection) == condition.newest_step():
                found.append(_shape(connection))
                found += [each(at) for each in (_backup, _worker, _jobs, _post, _record)]
                found.append(_guard(connection))
    except SQLAlchemyError as problem:
        found.append(
            wrong(
                "database", f"cannot be reached ({type(problem).__name__})", "Check BROKER_DATABASE_URL and its server."
            )
        )
    return found


def _python() -> Finding:
    said = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        return wrong("Python", said, "Install Python 3.11 or newer.")
    return fine("Python", said)


def _packages(pins: Path) -> Finding:
    """Whether what is installed is what was tried."""
    if not pins.is_file():
        return look("packages", "the list of what was tried is missing", "Run it from the folder of a whole release.")
    wanted = dict(line.split("==") for line in pins.read_text(encoding="utf-8").splitlines() if "==" in line)
    other = [
        f"{name} {_installed(name)} (tried with {tried})" for name, tried in wanted.items() if _installed(name) != tried
    ]
    if other:
        do = "Run: .venv/bin/python -m pip install -r requirements.txt"
        return look("packages", f"{len(other)} not as tried: {', '.join(other[:3])}", do)
    return fine("packages", f"{len(wanted)}, each of the version that was tried")


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _files(instance: Path) -> Iterator[Finding]:
    mode = stat.S_IMODE(instance.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield look(
            "instance folder", f"others on this machine may look into it ({mode:o})", f"Run: chmod 700 {instance}"
        )
    else:
        yield fine("instance folder", f"{instance}, for its owner alone")
    if kept := sorted(path.name for path in instance.glob("*.before_*")):
        do = "They hold personal data. Delete them once all is well."
        yield look("old copies", f"left by a restore: {', '.join(kept[:3])}", do)


def _key(instance: Path, settings: Mapping[str, Any]) -> Iterator[Finding]:
    length = len(str(settings["SECRET_KEY"]))
    if length < LONGEST_KEY_SHORT:
        yield wrong("secret key", f"{length} characters", f"Use {LONGEST_KEY_SHORT} or more, drawn at random.")
    else:
        yield fine("secret key", f"{length} characters")
    file = instance / "secret.key"
    if file.exists() and stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        yield wrong("key file", "others on this machine may read it", f"Run: chmod 600 {file}")


def _disk(instance: Path) -> Finding:
    free = shutil.disk_usage(instance).free // MEGABYTE
    do = "Make room, or give the instance folder a larger disk."
    return within("disk", -free, f"{free:,} MB free", do, fine_to=-2_000, bearable_to=-200)


def _database(connection: Connection) -> Finding:
    said = condition.version(connection)
    if connection.dialect.name != "sqlite":
        return fine("database", f"PostgreSQL {said}")
    if not wal_is_sound(sqlite_module().sqlite_version_info):
        do = "Install the package pysqlite3. With this build readers wait for writers, lest its log be damaged."
        return look("database", f"SQLite {said}", do)
    return fine("database", f"SQLite {said}")


def _orders(connection: Connection) -> Finding:
    """On a connection as the pages get it: orders to SQLite hold for one connection only."""
    told, wanted = condition.in_force(connection), ORDERS[connection.dialect.name]
    said = ", ".join(f"{name} {value}" for name, value in told.items())
    if any(told[name] != value for name, value in wanted.items()):
        return wrong("safety of writing", said, "It must say " + ", ".join(f"{n} {v}" for n, v in wanted.items()) + ".")
    return fine("safety of writing", said)


def _step(connection: Connection) -> Finding:
    present, newest = condition.present_step(connection), condition.newest_step()
    if present == newest:
        return fine("tables", f"step {present}, the newest")
    if condition.is_newer_than_the_code(present):
        return wrong(
            "tables", f"step {present}; this version knows {newest}", "Install the newer version of the product."
        )
    return wrong("tables", f"step {present or 'none'} of {newest}", "Run: flask --app broker db upgrade")


def _shape(connection: Connection) -> Finding:
    """What somebody took out by hand, or a restore by other means left behind."""
    if gone := shape.missing(connection):
        do = "Restore a backup: without them things are slow, can be done twice, or leave no safe record."
        return wrong("parts of tables", f"{len(gone)} missing: {', '.join(gone[:3])}", do)
    return fine("parts of tables", "every index is there, and what guards the record")


def _clock(connection: Connection, at: datetime) -> Finding:
    apart = abs((condition.clock(connection) - at).total_seconds())
    do = "Keep the clocks of all hosts right, such as with systemd-timesyncd."
    said = f"{at:%Y-%m-%d %H:%M:%S} UTC, {apart:.1f} s from the database's"
    return within("clock", apart, said, do, fine_to=2, bearable_to=30)


def _backup(at: datetime) -> Finding:
    last = moment(BACKUP)
    do = "Run each night: flask --app broker backup"
    if last is None:
        return look("backup", "none yet", do)
    return within("backup", (at - last) / DAY, f"{_ago(at - last)} ago", do, fine_to=1.2, bearable_to=7)


def _worker(at: datetime) -> Finding:
    last = moment(WORKER)
    do = "Start it: flask --app broker worker (or `serve`, which runs pages and worker)"
    if last is None:
        return look("worker", "none has been here yet", do)
    return within(
        "worker", (at - last).total_seconds(), f"seen {_ago(at - last)} ago", do, fine_to=180, bearable_to=600
    )


def _jobs(at: datetime) -> Finding:
    return _waiting("work", Job, at, "See that a worker runs, and what its log says.")


def _post(at: datetime) -> Finding:
    return _waiting("letters", Outbox, at, "See what the worker's log says about mail, and the mail settings.")


def _record(at: datetime) -> Finding:
    """What the last look at the whole record found; `audit verify` looks anew."""
    last = last_check()
    do = "Run: flask --app broker audit verify"
    if last is None:
        return look("record", "nobody has looked yet whether it is whole", do)
    if not last.is_sound:
        return wrong("record", last.verdict, do)
    age = at - last.checked_at
    return within("record", age / DAY, f"whole {_ago(age)} ago, {last.seq:,} rows", do, fine_to=1.2, bearable_to=7)


def _guard(connection: Connection) -> Finding:
    """What keeps the record from being changed. docs/running.md tells how to have both on PostgreSQL."""
    if can_change_the_record(connection):
        return fine("guard of the record", "the triggers of the database; the service owns the tables")
    return fine("guard of the record", "the triggers of the database, and the service has no right to change it")


def _waiting(what: str, table: type[Job] | type[Outbox], at: datetime, do: str) -> Finding:
    since, lost = condition.waiting_since(table), condition.failed(table)
    age = at - since if since else timedelta()
    said = f"the oldest has waited {_ago(age)}" if since else "nothing waits"
    finding = within(what, age.total_seconds(), said, do, fine_to=900, bearable_to=3600)
    if lost and finding.verdict == "ok":
        return look(what, f"{said}; {lost} given up", do)
    return finding


def _ago(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 60 * 48 else f"{age.days} days"
