"""The tables hold what they promise, and a connection behaves as the product relies on."""

import sqlite3
import sys
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import delete, event, func, insert, select, text
from sqlalchemy.exc import IntegrityError, InternalError

from broker.store.authorities import Authority
from broker.store.base import db, reading, set_reading, sqlite_module, wal_is_sound, writing
from broker.store.listings import Listing
from tests import make
from tests.databases import only_postgresql, only_sqlite


@only_sqlite
def test_pragmas_hold_on_every_connection(database: Flask) -> None:
    with db.engine.connect() as one, db.engine.connect() as other:
        for connection in (one, other):
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1
            assert connection.scalar(text("PRAGMA synchronous")) == 3
            connection.rollback()
            other.rollback()


@only_postgresql
def test_settings_hold_on_every_connection(database: Flask) -> None:
    wanted = {
        "transaction_isolation": "read committed",
        "transaction_read_only": "off",
        "synchronous_commit": "on",
        "statement_timeout": "15s",
        "lock_timeout": "5s",
        "TimeZone": "UTC",
    }
    with db.engine.connect() as one, db.engine.connect() as other:
        for connection in (one, other):
            assert {name: connection.scalar(text(f"SHOW {name}")) for name in wanted} == wanted


@only_postgresql
def test_a_look_sees_one_moment_and_changes_nothing(database: Flask) -> None:
    make.authority("Northmere")
    db.session.commit()
    count = select(func.count()).select_from(Authority)
    with reading(), db.engine.connect() as look:
        assert look.scalar(count) == 1
        set_reading(False)
        with db.engine.begin() as writer:
            writer.execute(insert(Authority).values(code="X99", name="Westerby", region=""))
        set_reading(True)
        assert look.scalar(count) == 1
        with pytest.raises(InternalError, match="read-only"):
            look.execute(delete(Authority))
    with db.engine.connect() as connection:
        assert connection.scalar(count) == 2


def test_amounts_are_exact(database: Flask) -> None:
    area = make.authority()
    listing = make.need(make.organisation(area), area, amount=Decimal("2.50"))
    db.session.commit()
    assert db.session.scalar(select(Listing.quantity).where(Listing.id == listing.id)) == Decimal("2.5")


def test_parts_never_exceed_the_whole(database: Flask) -> None:
    area = make.authority()
    listing = make.need(make.organisation(area), area)
    listing.reserved = Decimal(11)
    with pytest.raises(IntegrityError):
        db.session.flush()


@pytest.mark.parametrize(
    ("version", "sound"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
    ],
)
def test_wal_is_used_only_where_it_is_sound(version: tuple[int, int, int], sound: bool) -> None:
    assert wal_is_sound(version) is sound


def test_without_the_packaged_sqlite_pythons_own_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pysqlite3", None)
    monkeypatch.delitem(sys.modules, "pysqlite3.dbapi2", raising=False)
    assert sqlite_module() is sqlite3


@only_sqlite
def test_a_writer_takes_the_lock_at_its_start_and_a_reader_does_not(app: Flask) -> None:
    begun: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda _c, _k, text, *_: begun.append(text))
        set_reading(False)
        db.session.execute(select(1))
        db.session.rollback()
        with reading():
            db.session.execute(select(1))
    assert [text for text in begun if text.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]


def test_a_look_lets_go_of_what_it_read_also_where_it_fails(app: Flask) -> None:
    def looks() -> None:
        with reading():
            db.session.execute(select(1))
            raise ZeroDivisionError

    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            looks()
        assert not db.session().in_transaction()


def test_a_look_may_be_broken_off_for_a_deed(database: Flask) -> None:
    with reading():
        assert db.session.scalar(select(func.count()).select_from(Authority)) == 0
        with writing():
            make.authority("Northmere")
            db.session.commit()
        assert db.session.scalar(select(func.count()).select_from(Authority)) == 1
