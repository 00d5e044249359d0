"""What a market comes to: rows, rows by state, and sums of amounts by unit, for two of them to be compared."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Connection, Table, func, select

from broker.store.base import Amount


def totals(connection: Connection, tables: list[Table]) -> dict[str, str]:
    """The figures of these tables, by what each is about."""
    found: dict[str, str] = {}
    for table in tables:
        found[table.name] = str(connection.scalar(select(func.count()).select_from(table)) or 0)
        if "state" in table.c:
            by_state = select(table.c.state, func.count()).group_by(table.c.state)
            found |= {f"{table.name}, {state}": str(number) for state, number in connection.execute(by_state)}
        for column in table.columns:
            if isinstance(column.type, Amount):
                found |= _sums(connection, column)
    return dict(sorted(found.items()))


def _sums(connection: Connection, column: Column[Any]) -> dict[str, str]:
    """An amount goes with the unit beside it: `demand_amount` with `demand_unit`, any other with `unit`."""
    table = column.table
    unit = table.c.get(f"{column.name.removesuffix('amount')}unit", table.c.get("unit"))
    if unit is None:
        return {f"{table.name}.{column.name}": _plain(connection.scalar(select(func.sum(column))))}
    rows = connection.execute(select(unit, func.sum(column)).group_by(unit))
    return {f"{table.name}.{column.name}, {each or 'no unit'}": _plain(amount) for each, amount in rows}


def _plain(amount: Decimal | None) -> str:
    return f"{amount or Decimal(0):f}"
