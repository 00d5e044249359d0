"""A report as a file for a spreadsheet: CSV in which no cell is a formula, with the rows of the page."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from flask.typing import ResponseReturnValue

from broker.domain.importing import harmless

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads letters beyond ASCII wrongly


def sheet(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> ResponseReturnValue:
    """The answer that a browser keeps as NAME.csv. A number stays one, nothing is an empty cell."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerows([_cell(value) for value in row] for row in (columns, *rows))
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}.csv"',
    }
    return BYTE_ORDER_MARK + out.getvalue(), 200, headers


def _cell(value: object) -> object:
    if value is None:
        return ""
    return harmless(value) if isinstance(value, str) else value
