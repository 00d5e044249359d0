"""A PostgreSQL database that a test has used is set back to what it was, which is ten times quicker than a new copy."""

# ruff: noqa: S608 - questions put together from parts of our own

from time import monotonic, sleep
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

OFTEN = 60  # times that one copy serves: what was deleted still takes room
LEAVING = 0.25  # seconds that a connection which was closed may take to be gone
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
TABLES = """SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            AND pg_relation_size(oid) > 0 ORDER BY oid"""
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
# Changes with every change of a table, column, trigger, function, constraint or setting, and with fresh statistics.
MAKE = " UNION ALL ".join(
    f"SELECT count(*), max(xmin::text::bigint) FROM {catalogue}"
    for catalogue in (
        "pg_class WHERE oid >= 16384 AND relpersistence = 'p'",
        "pg_attribute a WHERE attrelid IN (SELECT oid FROM pg_class WHERE oid >= 16384 AND relpersistence = 'p')",
        "pg_trigger",
        "pg_constraint",
        "pg_proc WHERE oid >= 16384",
        "pg_namespace WHERE nspname !~ '^pg_'",
        "pg_extension",
        "pg_statistic WHERE starelid >= 16384",
        "pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
)


class Reused:
    """One copy of a template: what it held when it was new, and how to make it so again."""

    def __init__(self, address: str) -> None:
        self.address, self.times = address, 0
        with self._connection() as connection:
            self.make = connection.execute(MAKE).fetchall()
            self.sequences = dict(connection.execute(SEQUENCES).fetchall())
            self.rows = {table: _rows(connection, table) for (table,) in connection.execute(TABLES).fetchall()}

    def set_back(self) -> bool:
        """Make it as it was; False where it serves no longer, whatever the reason."""
        self.times += 1
        if self.times >= OFTEN:
            return False
        try:
            with self._connection() as connection:
                if not _is_alone(connection) or connection.execute(MAKE).fetchall() != self.make:
                    return False
                self._empty(connection)
        except (psycopg.errors.InsufficientPrivilege, psycopg.OperationalError):  # not our server, or no longer there
            return False
        return True

    def _connection(self) -> psycopg.Connection[Any]:
        plain = make_url(self.address).set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, autocommit=True)

    def _empty(self, connection: psycopg.Connection[Any]) -> None:
        """Without triggers: a record that is only ever added to goes as well. No sequence remembers the test."""
        used = [table for (table,) in connection.execute(TABLES).fetchall()]
        moved = set(connection.execute(SEQUENCES).fetchall()) - set(self.sequences.items())
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            for table in used:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            for table, rows in self.rows.items():
                _put_back(connection, table, rows)
            for name, _ in moved:
                value = self.sequences[name]
                connection.execute("SELECT setval(%s::regclass, %s, %s)", (name, value or 1, value is not None))


def _is_alone(connection: psycopg.Connection[Any]) -> bool:
    until = monotonic() + LEAVING
    while connection.execute(OTHERS).fetchall() != [(0,)]:
        if monotonic() > until:
            return False
        sleep(0.002)
    return True


def _rows(connection: psycopg.Connection[Any], table: str) -> bytes:
    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as rows:
        return b"".join(rows)


def _put_back(connection: psycopg.Connection[Any], table: str, rows: bytes) -> None:
    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as filling:
        filling.write(rows)
