"""Backups: the whole instance in one checked file, and an instance from such a file.

A backup holds the database of one moment, config.py, if asked for the secret key, and a list of what is in it with
checksums. How long backups are kept, and where, is the council's to decide.
"""

import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from broker.store import condition, snapshots

FORM = 1  # of the file; a later product reads older ones
LIST = "manifest.json"
DATABASE = "database"
KEY = "secret.key"
OWN_FILES = ("config.py",)
MOST_LIST = 1_000_000  # bytes of the list of contents


class NoBackup(Exception):
    """This backup cannot be made or put back. `problem`: running, filled, newer, database, damaged or no program."""

    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(f"{problem}: {detail}")
        self.problem = problem
        self.detail = detail


@dataclass(frozen=True)
class Backup:
    """What a backup says of itself. `rows`: of each table; `files`: SHA-256 of each file in it."""

    made_at: str
    database: str
    step: str | None
    rows: dict[str, int]
    files: dict[str, str]
    form: int = FORM


def make_backup(engine: Engine, instance: Path, file: Path, at: datetime, *, with_key: bool) -> Backup:
    """Write a backup while others work, look whether it is sound, and only then give it its name."""
    with _workplace(file.parent) as folder:
        try:
            rows = snapshots.save(engine, folder / DATABASE)
            snapshots.check(engine.dialect.name, folder / DATABASE)
        except snapshots.Unsound as problem:
            raise NoBackup("damaged", problem.problem) from problem
        except snapshots.NoTool as problem:
            raise NoBackup("no program", problem.program) from problem
        with engine.connect() as connection:
            step = condition.present_step(connection)
        wanted = [*OWN_FILES, KEY] if with_key else OWN_FILES
        packed = {DATABASE: folder / DATABASE} | {n: instance / n for n in wanted if (instance / n).is_file()}
        sums = {name: _digest(path) for name, path in packed.items()}
        backup = Backup(f"{at:%Y-%m-%dT%H:%M:%SZ}", engine.dialect.name, step, rows, sums)
        (folder / LIST).write_text(json.dumps(asdict(backup), indent=2), encoding="utf-8")
        _pack(folder / "packed", {LIST: folder / LIST} | packed)
        with opened(folder / "packed"):  # as whoever puts it back will read it
            pass
        (folder / "packed").replace(file)
    return backup


@contextmanager
def opened(file: Path, beside: Path | None = None) -> Iterator[tuple[Backup, Path]]:
    """A backup unpacked into a folder that goes again, once every file in it has been found as it was."""
    with _workplace(beside or file.parent) as folder:
        try:
            backup = _unpack(file, folder)
        except (tarfile.TarError, OSError, EOFError, ValueError, TypeError, KeyError) as problem:
            raise NoBackup("damaged", str(problem)) from problem
        if condition.is_newer_than_the_code(backup.step):
            raise NoBackup("newer", str(backup.step))
        try:
            rows = snapshots.check(backup.database, folder / DATABASE)
        except snapshots.Unsound as problem:
            raise NoBackup("damaged", problem.problem) from problem
        except snapshots.NoTool as problem:
            raise NoBackup("no program", problem.program) from problem
        if rows not in (None, backup.rows):
            raise NoBackup("damaged", "the number of rows differs")
        yield backup, folder


def restore(engine: Engine, instance: Path, file: Path, at: datetime, *, replace: bool) -> tuple[Backup, str]:
    """Set this instance to what a backup holds; gives the backup, and where what was there before is kept."""
    with opened(file, beside=instance) as (backup, folder):
        if backup.database != engine.dialect.name:
            raise NoBackup("database", backup.database)
        if snapshots.is_in_use(engine):
            raise NoBackup("running")
        if not replace and not condition.is_empty(engine):
            raise NoBackup("filled")
        try:
            kept = snapshots.put_back(engine, folder / DATABASE, backup.rows, at)
        except snapshots.Unsound as problem:
            raise NoBackup("damaged", problem.problem) from problem
        if KEY in backup.files:
            _put_beside(instance / KEY, folder / KEY, at)
        for name in OWN_FILES:
            # What this machine is told may rightly differ from what the old one was told.
            if name in backup.files and not (instance / name).exists():
                (folder / name).replace(instance / name)
    return backup, kept


def _put_beside(present: Path, arriving: Path, at: datetime) -> None:
    if present.exists() and present.read_bytes() != arriving.read_bytes():
        os.link(present, present.with_name(f"{present.name}.before_{at:%Y%m%dt%H%M%S}"))
    arriving.chmod(0o600)
    arriving.replace(present)


@contextmanager
def _workplace(where: Path) -> Iterator[Path]:
    """A folder that only its owner may read, on the same disk as what will be moved out of it."""
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=where) as folder:
        yield Path(folder)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _pack(target: Path, files: dict[str, Path]) -> None:
    with open(target, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as stream:
        with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=4) as archive:
            for name, path in files.items():
                archive.add(path, arcname=name, recursive=False)
        stream.flush()
        os.fsync(stream.fileno())


def _unpack(file: Path, folder: Path) -> Backup:
    """Take out what the list names, and nothing else, and compare it with the list."""
    with tarfile.open(file, mode="r:gz") as archive:
        first = archive.next()
        content = archive.extractfile(first) if first and first.name == LIST and first.size < MOST_LIST else None
        if content is None:
            raise ValueError("it does not begin with its list of contents")
        backup = Backup(**json.load(content))
        if backup.form != FORM or not {DATABASE} <= backup.files.keys() <= {DATABASE, KEY, *OWN_FILES}:
            raise ValueError("its list of contents is of another kind")
        for name, digest in backup.files.items():
            member = archive.getmember(name)
            content = archive.extractfile(member)
            if content is None:
                raise ValueError(f"{name} is not a file")
            path = folder / name
            with open(path, "xb", opener=lambda given, flags: os.open(given, flags, 0o600)) as stream:
                while block := content.read(1 << 20):
                    stream.write(block)
            if _digest(path) != digest:
                raise ValueError(f"{name} is not what it was")
    return backup
