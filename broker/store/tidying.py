"""Writing the database anew, so that what was removed is gone from its file as well."""

from sqlalchemy import Engine

from broker.store.base import Base


class Busy(Exception):
    """Somebody was reading all the while, so the last pages could not be written over: try again later."""


def tidy_up(engine: Engine) -> None:
    """Give back every room that is not in use. On PostgreSQL each table is locked while it is written anew."""
    raw = engine.raw_connection()
    try:
        if engine.dialect.name == "sqlite":
            _tidy_sqlite(raw.cursor())
        else:
            _tidy_postgresql(raw)
    finally:
        raw.close()


def _tidy_sqlite(cursor: object) -> None:
    cursor.execute("VACUUM")  # type: ignore[attr-defined]
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[attr-defined]
    is_busy = cursor.fetchone()[0]  # type: ignore[attr-defined]
    if is_busy:
        raise Busy


def _tidy_postgresql(raw: object) -> None:
    driver = raw.driver_connection  # type: ignore[attr-defined]
    driver.rollback()
    driver.autocommit = True
    try:
        driver.execute("SET statement_timeout = 0")
        for table in Base.metadata.sorted_tables:
            driver.execute(f'VACUUM FULL "{table.name}"')
    finally:
        driver.execute("RESET statement_timeout")
        driver.autocommit = False
