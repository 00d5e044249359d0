"""How Alembic reaches our tables: through the running application, on either database."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection, MetaData

from broker.store import TABLES
from broker.store.base import Amount, UtcDateTime

ONE_AT_A_TIME = 7_361_904  # the lock that hosts take which upgrade one PostgreSQL at the same moment
_database = current_app.extensions["migrate"].db
_metadata: MetaData = TABLES


def _plain_type(kind: str, thing: object, _context: object) -> str | bool:
    """A migration names only SQLAlchemy's own types, so that it outlives our code."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime()"
    if kind == "type" and isinstance(thing, Amount):
        return "sa.Integer()"
    return False


def _options() -> dict[str, object]:
    given = dict(current_app.extensions["migrate"].configure_args)
    return {"target_metadata": _metadata, "render_item": _plain_type, **given}


def run_offline() -> None:
    """Print the SQL instead of running it."""
    url = _database.engine.url.render_as_string(hide_password=False)
    context.configure(url=url, literal_binds=True, **_options())
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run every missing step in one transaction: an upgrade that is cut off has not begun."""
    with _database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _on_sqlite(connection)
        else:
            _on_postgresql(connection)


def _on_sqlite(connection: Connection) -> None:
    """A step may put a table in another's place, so references are looked at after all steps instead of in each."""
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        context.configure(connection=connection, transactional_ddl=True, **_options())
        with context.begin_transaction():
            context.run_migrations()
            lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if lost:
                raise RuntimeError(f"{len(lost)} rows would speak of what is not there, the first of them in {lost[0]}")
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def _on_postgresql(connection: Connection) -> None:
    """A step may take long, but it does not wait long for people at work: better to fail and be tried again."""
    context.configure(connection=connection, **_options())
    with context.begin_transaction():
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
        context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
