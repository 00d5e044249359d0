"""Tables as plain files that any program can read, and back again: CSV with a description, one file a table."""

import csv
from collections.abc import Iterable, Iterator
from io import TextIOBase
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    LargeBinary,
    String,
    Table,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy import column as named
from sqlalchemy import table as bare

from broker.store import TABLES
from broker.store.base import Base
from broker.store.cells import NOTHING, read_cell, write_cell
from broker.store.cells import described as describe

AT_A_TIME = 1000
LONGEST_CELL = 64 * 1024 * 1024  # letters; a file of a few megabytes stands in one cell
# Whatever lets somebody in ends with the move, as does what was known of forms; the matcher reads the texts anew.
LEFT_BEHIND = frozenset(
    {
        *("sign_in", "one_time_link", "second_factor", "recovery_code", "failed_try", "submission"),
        *("confirmation_link", "text_words", "weighing"),
    }
)
# What would let somebody in, or names where a secret was sent. Nothing stands in its place.
WITHHELD = frozenset({"user.password_hash", "outbox.token", "outbox.address"})
HEAD = "event_head"  # a single row that each database makes for itself, and that may only move on

Row = dict[str, Any]


def tables() -> list[Table]:
    """The tables that move, those that others point to first."""
    return [table for table in TABLES.sorted_tables if table.name not in LEFT_BEHIND]


def columns(table: Table) -> list[Column[Any]]:
    """The columns that move."""
    return [column for column in table.columns if f"{table.name}.{column.name}" not in WITHHELD]


def described(table: Table) -> dict[str, Any]:
    """A table in the words of the Table Schema standard (Frictionless Data)."""
    model = next((each.class_ for each in Base.registry.mappers if each.local_table is table), None)
    return {
        "description": " ".join((model.__doc__ or "").split()) if model else "Which belong together.",
        "schema": {
            "fields": [describe(column) for column in columns(table)],
            "primaryKey": [column.name for column in table.primary_key],
            "foreignKeys": [
                {
                    "fields": [key.parent.name],
                    "reference": {"resource": key.column.table.name, "fields": [key.column.name]},
                }
                for key in sorted(table.foreign_keys, key=lambda each: each.parent.name)
            ],
            "missingValues": [NOTHING],
        },
    }


def write(connection: Connection, table: Table, file: TextIOBase) -> None:
    """Write a table's rows, in the order of its key, so that equal tables give equal files on any database."""
    wanted = columns(table)
    say = [write_cell(column) for column in wanted]
    out = csv.writer(file)  # ends lines with \r\n, as the standard has it, so both are quoted where a text holds them
    out.writerow([column.name for column in wanted])
    query = select(*wanted).order_by(*(_by_byte(column, connection) for column in table.primary_key))
    for row in connection.execute(query.execution_options(yield_per=_at_a_time(table))):
        out.writerow([each(value) for each, value in zip(say, row, strict=True)])


def read(table: Table, file: TextIOBase) -> Iterator[Row]:
    """The rows of such a file. ValueError where it is not one of this table."""
    usual = csv.field_size_limit(LONGEST_CELL)  # one limit for the whole process: what people send keeps the usual one
    try:
        rows = csv.reader(file, strict=True)
        wanted = columns(table)
        if next(rows, None) != [column.name for column in wanted]:
            raise ValueError(f"{table.name} has other columns")
        understand = [(column.name, read_cell(column)) for column in wanted]
        for row in rows:
            yield {name: each(said) for (name, each), said in zip(understand, row, strict=True)}
    finally:
        csv.field_size_limit(usual)


def fill(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Put rows into an empty table, each after those of the same table that it points to."""
    if table.name == HEAD:
        for row in rows:
            moved = update(table).where(table.c.id == row["id"], table.c.seq < row["seq"])
            connection.execute(moved.values(seq=row["seq"], hash=row["hash"]))
        return
    for some in _in_turn(table, rows):
        connection.execute(insert(_as_filled(table)), some)


def empty(connection: Connection) -> None:
    """Take out what a new database comes with, so that the other one's rows can stand in its place."""
    for table in reversed(TABLES.sorted_tables):
        if not table.name.startswith("event"):
            connection.execute(table.delete())


def count_on(connection: Connection) -> None:
    """Let PostgreSQL go on numbering behind the last row of each table; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables():
        column = table.autoincrement_column
        if column is None:
            continue
        last = connection.scalar(select(func.max(column)))
        name = connection.scalar(select(func.pg_get_serial_sequence(f'"{table.name}"', column.name)))
        if name and last:
            connection.execute(text("SELECT setval(CAST(:name AS regclass), :last)"), {"name": name, "last": last})


def _in_turn(table: Table, rows: Iterable[Row]) -> Iterator[list[Row]]:
    own = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    if not own:
        yield from _parts(rows, _at_a_time(table))
        return
    there: set[Any] = {None}
    early: list[Row] = []
    key = table.primary_key.columns.values()[0].name

    def ready(row: Row) -> bool:
        if not all(row[name] in there for name in own):
            return False
        there.add(row[key])
        return True

    for part in _parts(rows, _at_a_time(table)):
        if now := [row for row in part if ready(row)]:
            yield now
        early += [row for row in part if row[key] not in there]
    while early:
        now = [row for row in early if ready(row)]
        if not now:
            raise ValueError(f"rows of {table.name} point to rows that are not there")
        yield now
        early = [row for row in early if row[key] not in there]


def _at_a_time(table: Table) -> int:
    """How many rows may stand in memory at once: of a table that holds whole files, one."""
    return 1 if any(isinstance(column.type, LargeBinary) for column in columns(table)) else AT_A_TIME


def _parts(rows: Iterable[Row], at_a_time: int) -> Iterator[list[Row]]:
    some: list[Row] = []
    for row in rows:
        some.append(row)
        if len(some) == at_a_time:
            yield some
            some = []
    if some:
        yield some


def _as_filled(table: Table) -> Any:
    """The table without its defaults: nothing is nothing, and JSON's own null stands where something must."""
    return bare(
        table.name,
        *(
            named(each.name, JSON(none_as_null=bool(each.nullable)) if isinstance(each.type, JSON) else each.type)
            for each in columns(table)
        ),
    )


def _by_byte(column: Column[Any], connection: Connection) -> Any:
    """SQLite orders texts by their bytes; PostgreSQL is asked to."""
    is_text = isinstance(column.type, String) and connection.dialect.name == "postgresql"
    return column.collate("C") if is_text else column
