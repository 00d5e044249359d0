"""A backup is taken while others write, is what it was, and comes back whole or not at all."""

import io
import json
import tarfile
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text

from broker.actions import backups, facts
from broker.domain.clock import now
from broker.store import snapshots
from broker.store.base import db, sqlite_module
from broker.store.files import StoredFile
from broker.store.organisations import Organisation
from broker.store.settings import Setting
from tests import make
from tests.databases import Shelf
from tests.installations import installation

# Each test says itself which of the two databases it fills.
pytestmark = pytest.mark.any_database
_moments = count()
WHOLE = b"\x00\xff,1" * 50_000  # a file that somebody handed in
BOTH = pytest.mark.parametrize("filled", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def filled(
    request: pytest.FixtureRequest, shelves: Callable[[str], Shelf], own_instance: Path, tmp_path: Path
) -> Iterator[Flask]:
    """An installation with an organisation in it, of which nobody holds a connection."""
    with installation(shelves(getattr(request, "param", "sqlite")), tmp_path / "filled") as app:
        group = make.organisation(make.authority(), name="Harbour Street Helpers")
        file = {"kind": "pdf", "name": "a.pdf", "size": len(WHOLE), "sha256": "0" * 64, "content": WHOLE}
        db.session.add(StoredFile(organisation=group, added_at=now(), **file))
        db.session.commit()
        let_go()
        yield app


def let_go() -> None:
    db.session.remove()
    db.engine.dispose()


def folder(app: Flask) -> Path:
    return Path(app.instance_path)


def made(app: Flask, *, with_key: bool = False) -> Path:
    file = folder(app) / "backups" / "one.tar.gz"
    backups.make_backup(db.engine, folder(app), file, now(), with_key=with_key)
    let_go()
    return file


def put_back(app: Flask, file: Path, *, replace: bool = True) -> str:
    at = now() + timedelta(seconds=next(_moments))  # each restore keeps what was there under its moment
    kept = backups.restore(db.engine, folder(app), file, at, replace=replace)[1]
    let_go()
    return kept


def names() -> list[str]:
    found = list(db.session.scalars(select(Organisation.name).order_by(Organisation.id)))
    let_go()
    return found


def kept_organisations(kept: str) -> int | None:
    if db.engine.dialect.name == "sqlite":
        return (snapshots.check("sqlite", Path(kept)) or {})["organisation"]
    found: int | None = db.session.scalar(text(f'SELECT count(*) FROM "{kept}".organisation'))  # noqa: S608 - ours
    let_go()
    return found


@BOTH
def test_a_backup_comes_back_and_the_old_is_kept_beside(filled: Flask) -> None:
    file = made(filled)
    make.organisation(name="Too late")
    db.session.commit()
    assert len(names()) == 2

    kept = put_back(filled, file)

    assert names() == ["Harbour Street Helpers"]
    assert db.session.scalars(select(StoredFile.content)).all() == [WHOLE]
    let_go()
    assert kept_organisations(kept) == 2


def test_only_its_owner_may_read_a_backup(filled: Flask) -> None:
    file = made(filled)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_backup_says_what_is_in_it(filled: Flask) -> None:
    (folder(filled) / "config.py").write_text('SERVICE_NAME = "Ours"\n')
    (folder(filled) / "secret.key").write_text("k" * 64)
    with tarfile.open(made(filled)) as archive:
        told = json.load(archive.extractfile("manifest.json") or io.BytesIO())
        assert archive.getnames() == ["manifest.json", "database", "config.py"]
    assert told["rows"]["organisation"] == 1
    with tarfile.open(made(filled, with_key=True)) as archive:
        assert "secret.key" in archive.getnames()


def test_a_key_comes_back_only_where_it_was_asked_for(filled: Flask) -> None:
    key = folder(filled) / "secret.key"
    key.write_text("old" * 20)
    without, within = made(filled), folder(filled) / "with.tar.gz"
    backups.make_backup(db.engine, folder(filled), within, now(), with_key=True)
    let_go()
    key.write_text("new" * 20)
    put_back(filled, without)
    assert key.read_text() == "new" * 20
    let_go()
    put_back(filled, within)
    assert key.read_text() == "old" * 20
    assert key.stat().st_mode & 0o777 == 0o600
    assert [path.read_text() for path in folder(filled).glob("secret.key.before*")] == ["new" * 20]


def test_settings_of_this_machine_stand(filled: Flask) -> None:
    settings = folder(filled) / "config.py"
    settings.write_text("A = 1\n")
    file = made(filled)
    settings.write_text("A = 2\n")
    put_back(filled, file)
    assert settings.read_text() == "A = 2\n"


@BOTH
def test_a_filled_instance_is_not_replaced_unasked(filled: Flask) -> None:
    file = made(filled)
    with pytest.raises(backups.NoBackup, match="filled"):
        put_back(filled, file, replace=False)


@BOTH
def test_a_running_instance_is_never_replaced(filled: Flask) -> None:
    """An idle connection of another process is enough, as the pages hold some even when nobody visits."""
    file = made(filled)
    address, module = db.engine.url, {"module": sqlite_module()} if db.engine.dialect.name == "sqlite" else {}
    other = create_engine(address, **module)
    with other.connect() as connection:
        if module:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        connection.execute(text("SELECT count(*) FROM organisation"))
        with pytest.raises(backups.NoBackup, match="running"):
            put_back(filled, file)
    other.dispose()
    assert names() == ["Harbour Street Helpers"]


@pytest.mark.parametrize("place", [0.0, 0.3, 0.6, 0.95])
def test_a_damaged_backup_changes_nothing(filled: Flask, place: float) -> None:
    file = made(filled)
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises(backups.NoBackup, match="damaged"):
        put_back(filled, file)
    assert names() == ["Harbour Street Helpers"]


def test_a_file_of_another_kind_is_refused(filled: Flask) -> None:
    file = folder(filled) / "notes.txt"
    file.write_text("Not a backup")
    with pytest.raises(backups.NoBackup, match="damaged"):
        put_back(filled, file)


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "broker.db"])  # noqa: S108 - never written
def test_nothing_is_unpacked_outside_or_unasked(filled: Flask, name: str) -> None:
    backup = backups.Backup("2026-11-23T01:00:00Z", "sqlite", None, {}, {"database": "", name: ""})
    file = folder(filled) / "odd.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        for given, content in ((backups.LIST, json.dumps(vars(backup)).encode()), (name, b"x")):
            member = tarfile.TarInfo(given)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    with pytest.raises(backups.NoBackup, match="damaged"):
        put_back(filled, file)


def test_a_backup_of_a_later_version_is_refused(filled: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('9999')"))
    with pytest.raises(backups.NoBackup, match="newer"):
        made(filled)


@BOTH
def test_backups_under_writers_all_come_back_sound(filled: Flask, tmp_path: Path) -> None:
    """Each writer adds two rows at a time that must stand or fall together; all are put back, one by one."""
    stop = threading.Event()

    def write(number: int) -> None:
        with filled.app_context():
            for turn in range(10_000):
                if stop.is_set():
                    break
                facts.note(f"left {number} {turn}", "x" * 200)
                facts.note(f"right {number} {turn}", "x" * 200)
                db.session.commit()
            db.session.remove()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for each in writers:
        each.start()
    files = [tmp_path / f"{number}.tar.gz" for number in range(20 if db.engine.dialect.name == "sqlite" else 5)]
    for file in files:
        backups.make_backup(db.engine, folder(filled), file, now(), with_key=False)
    stop.set()
    for each in writers:
        each.join()
    let_go()
    sizes = []
    for file in files:
        put_back(filled, file)
        written = set(db.session.scalars(select(Setting.name)))
        let_go()
        left, right = (
            {each.partition(" ")[2] for each in written if each.startswith(way)} for way in ("left", "right")
        )
        assert left == right
        sizes.append(len(written))
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0], "nobody wrote in the meantime"
