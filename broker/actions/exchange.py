"""Leaving with everything in open files, and joining another installation with it.

The folder is a Data Package (Frictionless Data): one CSV file a table, and `datapackage.json`, which says what each
table and column is, gives the checksum of each file, and the figures that both sides must agree on.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import TextIOBase
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, text, update
from sqlalchemy.exc import SQLAlchemyError

from broker.domain.mail import ASKS_BY_LINK, MailKind, MailTopic, topic_of
from broker.store import condition, exchange
from broker.store.base import reading
from broker.store.outbox import Outbox
from broker.store.settings import BACKUP, WORKER, Setting
from broker.store.totals import totals

DESCRIPTION = "datapackage.json"
FORM = "common-thread/1"


class CannotMove(Exception):
    """`problem`: folder, damaged, step, filled, other or not the same."""

    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(f"{problem}: {detail}")
        self.problem = problem
        self.detail = detail


@dataclass(frozen=True)
class Moved:
    """What was moved: the figures of both sides, which are equal, and how many files."""

    figures: dict[str, str]
    files: int


def leave(engine: Engine, folder: Path, name: str, at: datetime) -> Moved:
    """Write everything as it stands at one moment into a new folder. The description comes last."""
    if folder.exists() and any(folder.iterdir()):
        raise CannotMove("folder", str(folder))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with reading(), engine.connect() as connection:
        _take_your_time(connection)
        resources = [_write(connection, table, folder) for table in exchange.tables()]
        figures = totals(connection, exchange.tables())
        step = condition.present_step(connection)
    package = {
        "name": "common-thread",
        "title": name,
        "profile": "tabular-data-package",
        "created": at.isoformat(),
        "form": FORM,
        "step": step,
        "left_behind": sorted(exchange.LEFT_BEHIND | exchange.WITHHELD),
        "figures": figures,
        "resources": resources,
    }
    (folder / DESCRIPTION).write_text(json.dumps(package, indent=1, ensure_ascii=False), encoding="utf-8")
    (folder / DESCRIPTION).chmod(0o600)
    return Moved(figures, len(resources))


def join(engine: Engine, folder: Path) -> Moved:
    """Fill an empty installation from such a folder: whole and the same, or not at all."""
    package = _described(folder)
    sums = {each["name"]: each["hash"] for each in package["resources"]}
    wanted = {table.name: table for table in exchange.tables()}
    if sums.keys() != wanted.keys():
        raise CannotMove("other", ", ".join(sorted(sums.keys() ^ wanted.keys())))
    for name, digest in sums.items():
        if _digest(folder / f"{name}.csv") != digest:
            raise CannotMove("damaged", f"{name}.csv")
    if not condition.is_empty(engine):
        raise CannotMove("filled")
    try:
        with engine.begin() as connection:
            _take_your_time(connection)
            if condition.present_step(connection) != package["step"]:
                raise CannotMove("step", str(package["step"]))
            _fill(connection, folder, wanted)
            _compare(connection, wanted, sums, package["figures"])
            _begin_anew(connection)
    except (SQLAlchemyError, ValueError, KeyError) as problem:
        raise CannotMove("damaged", str(getattr(problem, "orig", problem))) from problem
    return Moved(package["figures"], len(sums))


def _take_your_time(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def _write(connection: Connection, table: Table, folder: Path) -> dict[str, Any]:
    path = folder / f"{table.name}.csv"
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8", newline="") as file:
        exchange.write(connection, table, file)
    told = {"name": table.name, "path": path.name, "mediatype": "text/csv", "encoding": "utf-8"}
    return told | {"bytes": path.stat().st_size, "hash": _digest(path)} | exchange.described(table)


def _described(folder: Path) -> dict[str, Any]:
    try:
        package: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise CannotMove("damaged", DESCRIPTION) from problem
    if package.get("form") != FORM:
        raise CannotMove("other", DESCRIPTION)
    return package


def _fill(connection: Connection, folder: Path, wanted: Mapping[str, Table]) -> None:
    exchange.empty(connection)
    for table in wanted.values():
        with (folder / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
            exchange.fill(connection, table, exchange.read(table, file))
    exchange.count_on(connection)


def _compare(
    connection: Connection, wanted: Mapping[str, Table], sums: Mapping[str, str], figures: Mapping[str, str]
) -> None:
    """Written out again, each table must be the very same file."""
    for table in wanted.values():
        again = _Digest()
        exchange.write(connection, table, again)
        if again.value != sums[table.name]:
            raise CannotMove("not the same", table.name)
    if totals(connection, list(wanted.values())) != figures:
        raise CannotMove("not the same", "the figures")


def _begin_anew(connection: Connection) -> None:
    """What was true of the other installation alone: its backup, its worker, and letters whose links stayed behind."""
    connection.execute(delete(Setting).where(Setting.name.in_([BACKUP, WORKER])))
    dead = [kind for kind in MailKind if topic_of(kind) is MailTopic.ACCOUNT or kind in ASKS_BY_LINK]
    theirs = update(Outbox).where(Outbox.state == "waiting", Outbox.kind.in_(dead))
    connection.execute(theirs.values(state="set_aside"))


class _Digest(TextIOBase):
    """A file of which only the checksum is kept."""

    def __init__(self) -> None:
        self._sum = hashlib.sha256()

    def write(self, said: str) -> int:
        self._sum.update(said.encode())
        return len(said)

    @property
    def value(self) -> str:
        return f"sha256:{self._sum.hexdigest()}"


def _digest(path: Path) -> str:
    if not path.is_file():
        raise CannotMove("damaged", f"{path.name} is missing")
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
