"""How the database stands in fact: which step it is at, what it was told, what time it has, what waits in it."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from broker.store.base import Base, db, reading, set_reading
from broker.store.jobs import Job
from broker.store.organisations import Organisation
from broker.store.outbox import Outbox
from broker.store.settings import Setting

STEPS = Path(__file__).parent / "migrations" / "versions"
ORDERS = {
    "sqlite": ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"),
    "postgresql": ("synchronous_commit", "default_transaction_isolation", "statement_timeout", "lock_timeout"),
}


def newest_step() -> str:
    """The last numbered step that this code knows."""
    return max(path.name[:4] for path in STEPS.glob("[0-9]*.py"))


def present_step(connection: Connection) -> str | None:
    """The step that the database is at; None where it has never been set up."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def is_newer_than_the_code(step: str | None) -> bool:
    """Whether a later version of the product has set this database up. Steps are numbered, so they can be compared."""
    return step is not None and step > newest_step()


def newer_step(engine: Engine) -> str | None:
    """The step of this database where it is newer than the code; None also for one that is away."""
    try:
        with reading(), engine.connect() as connection:
            step = present_step(connection)
    except SQLAlchemyError:
        return None
    return step if is_newer_than_the_code(step) else None


def in_force(connection: Connection) -> dict[str, str]:
    """What a pooled connection has really been told; each connection of SQLite must be told anew."""
    kind = connection.dialect.name
    ask = "PRAGMA {}" if kind == "sqlite" else "SHOW {}"
    return {name: str(connection.scalar(text(ask.format(name)))) for name in ORDERS[kind]}


def version(connection: Connection) -> str:
    """The version of the database itself."""
    ask = "SELECT sqlite_version()" if connection.dialect.name == "sqlite" else "SHOW server_version"
    return str(connection.scalar(text(ask)))


def clock(connection: Connection) -> datetime:
    """The time that the database has."""
    if connection.dialect.name == "sqlite":
        said = str(connection.scalar(text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")))
        return datetime.fromisoformat(said).replace(tzinfo=UTC)
    found: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found.astimezone(UTC)


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table holds that is there, by its name."""
    return {
        name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0  # noqa: S608 - a name of our own tables
        for name in sorted(inspect(connection).get_table_names())
    }


def is_empty(engine: Engine) -> bool:
    """Whether nobody has worked with this database yet: no people and no organisations."""
    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
        names = [Base.metadata.tables[each] for each in ("user", Organisation.__tablename__) if each in there]
        return not any(connection.scalar(select(func.count()).select_from(table)) for table in names)


def waiting_since(table: type[Job] | type[Outbox]) -> datetime | None:
    """Since when the oldest of them has been waiting to be done."""
    waits: Any = select(func.min(table.created_at)).where(table.state == "waiting")
    found: datetime | None = db.session.scalar(waits)
    return found


def failed(table: type[Job] | type[Outbox]) -> int:
    """How many were given up."""
    return db.session.scalar(select(func.count()).where(table.state == "failed")) or 0


def can_write() -> bool:
    """Whether the database takes a row now. It is taken back: a probe leaves nothing behind."""
    set_reading(False)
    try:
        db.session.add(Setting(name="readiness probe", value=""))
        db.session.flush()
    except SQLAlchemyError:
        return False
    finally:
        with suppress(SQLAlchemyError):
            db.session.rollback()
    return True


def other_step() -> str | None:
    """The step of the tables where it is another than the code's; None also where nobody has counted steps."""
    with reading():
        step = present_step(db.session.connection())
    return None if step == newest_step() else step
