"""The database handle, the base of every table, and how a connection behaves."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Engine, Integer, MetaData, String, TypeDecorator, event
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, registry

Key = TypeVar("Key", int, bytes)
MOST_KEYS = 500

# How PostgreSQL is spoken to. A step that hangs ends and is told, what is answered is on the disk, and a host that
# has vanished is noticed by the other side within a minute or so.
_CONNECTION = {
    "connect_timeout": 3,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "options": " ".join(
        f"-c {setting}"
        for setting in (
            "timezone=UTC",
            "statement_timeout=15s",
            "lock_timeout=5s",
            "synchronous_commit=on",
            "tcp_keepalives_idle=30",
            "tcp_keepalives_interval=10",
            "tcp_keepalives_count=3",
        )
    ),
}

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware and UTC in Python, naive UTC in the table."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


class Amount(TypeDecorator[Decimal]):
    """A quantity with two decimals, kept as whole hundredths so that sums and bounds are exact in any database."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        return None if value is None else int(Decimal(value) * 100)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else (Decimal(value) / 100).normalize() + 0

    def coerce_compared_value(self, op: Any, value: Any) -> TypeDecorator[Decimal]:
        return self


class LargeAmount(Amount):
    """The same for what may go beyond twenty million: pounds, and whatever is summed."""

    impl = BigInteger
    cache_ok = True


class Base(DeclarativeBase):
    """What every table inherits: names for constraints, so that a migration can find them again."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={str: String, datetime: UtcDateTime, Decimal: Amount},
    )


db = SQLAlchemy(model_class=Base)

# A request that only reads says so; everything else takes the write lock at its start, because SQLite refuses,
# without waiting, a reader that turns writer after somebody else wrote.
_reading: ContextVar[bool] = ContextVar("reading", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """A look that takes no write lock; what it has read is let go of at its end, however it ends."""
    token = _reading.set(True)
    try:
        yield
    finally:
        db.session.rollback()
        _reading.reset(token)


@contextmanager
def writing() -> Iterator[None]:
    """A deed of its own in the middle of a look, such as saying how far it is. The look goes on with a new moment."""
    db.session.rollback()
    token = _reading.set(False)
    try:
        yield
    finally:
        db.session.rollback()
        _reading.reset(token)


def set_reading(value: bool) -> None:
    """Say for the rest of this context (one request) whether it only reads."""
    _reading.set(value)


def sqlite_module() -> ModuleType:
    """The newest SQLite at hand: the packaged one, whose WAL is sound, or else Python's own."""
    try:
        return import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3


def wal_is_sound(version: tuple[int, ...]) -> bool:
    """True for SQLite builds without the WAL-reset fault (fixed in 3.51.3, and in 3.44.6 and 3.50.7)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def engine_options(url: str) -> dict[str, object]:
    """How to open this database: a path to a file, or a server that may be away for a moment."""
    if url.startswith("sqlite"):
        return {"module": sqlite_module()}
    return {"pool_pre_ping": True, "pool_timeout": 5, "connect_args": _CONNECTION}


def prepare_engine(engine: Engine) -> None:
    """Give an engine the transactions that the product relies on."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    else:
        _prepare_postgresql(engine)


def _prepare_sqlite(engine: Engine) -> None:
    journal = "WAL" if wal_is_sound(sqlite_module().sqlite_version_info) else "DELETE"

    @event.listens_for(engine, "connect")
    def _pragmas(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "busy_timeout = 15000",
            f"journal_mode = {journal}",
            "synchronous = EXTRA",  # FULL, and a rollback journal that was removed stays removed after a power cut
            "foreign_keys = ON",
            "secure_delete = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")


def _prepare_postgresql(engine: Engine) -> None:
    from psycopg import IsolationLevel

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        """A look sees one moment, as it does on SQLite, and can change nothing. The driver sends both with BEGIN."""
        is_reading = _reading.get()
        driver = connection.connection.driver_connection
        driver.read_only = is_reading
        driver.isolation_level = IsolationLevel.REPEATABLE_READ if is_reading else IsolationLevel.READ_COMMITTED


def in_parts(keys: Iterable[Key]) -> Iterator[list[Key]]:
    """The distinct keys, in order, as many at a time as one question may hold on any database."""
    distinct = sorted(set(keys))
    for start in range(0, len(distinct), MOST_KEYS):
        yield distinct[start : start + MOST_KEYS]
