"""What the database should hold by this code, and what of it is not there: tables, indexes, and what guards the record.

An index that is gone makes pages slow, a unique one lets things be done twice, and without its triggers the record can
be changed: none of that is seen by using the product.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, Table, UniqueConstraint, inspect, text
from sqlalchemy.engine import Inspector

from broker.store import ledger, triggers
from broker.store.base import Base

_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": """
        SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE tgenabled <> 'D' AND relnamespace = current_schema()::regnamespace
    """,
}


def missing(connection: Connection) -> list[str]:
    """The names of all that should be there and is not."""
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    found = [table.name for table in Base.metadata.sorted_tables if table.name not in there]
    for table in Base.metadata.sorted_tables:
        if table.name in there:
            found += sorted(_wanted(table) - set(_present(inspector, table.name)))
    kind = connection.dialect.name
    guards = {str(name).lower() for name in connection.scalars(text(_TRIGGERS[kind]))}
    return found + [name for name in (*triggers.names(kind), *ledger.names(kind)) if name.lower() not in guards]


def _wanted(table: Table) -> set[str]:
    unique = {str(each.name) for each in table.constraints if isinstance(each, UniqueConstraint)}
    return unique | {str(index.name) for index in table.indexes}


def _present(inspector: Inspector, table: str) -> Iterator[str]:
    yield from (str(index["name"]) for index in inspector.get_indexes(table))
    yield from (str(each["name"]) for each in inspector.get_unique_constraints(table))
