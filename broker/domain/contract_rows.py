"""From the cells of a CSV file to contracts that may be registered, each refused row with its line and the reason.

Nothing here fails on a hostile file: it raises Unreadable, or tells row by row what is wrong.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from broker.domain.amounts import undressed
from broker.domain.contracts import MOST, ContractFacts, known_as, problems
from broker.domain.importing import BadCell, Refused
from broker.domain.sheets import Heading, Unreadable, cells_of, misfit, open_sheet
from broker.domain.texts import tidy

COLUMNS = ("title", "buyer", "supplier", "value", "spent", "starts_on", "ends_on", "manager", "identifier")
HEADING = Heading(COLUMNS, ("title", "supplier", "starts_on", "ends_on"))
LARGEST = 300_000  # bytes: what is looked at before it comes in goes to and fro between page and service
MOST_ROWS = 1000
LONGEST = {"title": 400, "buyer": 300, "supplier": 300, "manager": 200, "identifier": 100}
REASONS = {
    "needed": "The title is missing.",
    "before_start": "The last day lies before the first day.",
    "too_long": "This contract would last more than 50 years. Check both days.",
    "too_much": f"This is more than £{MOST:,.0f}.",
    "not_ocid": "An ocid has ocds-, six letters or figures, a dash and a number, such as ocds-h6vhtk-03c8d1.",
}
_POUNDS = re.compile(r"[0-9]{1,13}(\.[0-9]{1,2})?")
# As people and spreadsheets write a day, before the year that follows in four figures or in two; or the year first.
_DAYS = ("%d/%m/", "%d.%m.", "%d-%m-", "%d %B ", "%d %b ", "%d-%b-")
_SHAPES = ("%Y-%m-%d", "%Y/%m/%d", *(day + year for day in _DAYS for year in ("%Y", "%y")))
_HOUR = re.compile(r"[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?$")


@dataclass(frozen=True, slots=True)
class Row:
    """One row that may become a contract. `supplier` and `manager` as written: a name, or what stands for it."""

    line: int
    facts: ContractFacts
    supplier: str
    manager: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole file read: its text, the rows that may come in and those that may not."""

    text: str
    rows: tuple[Row, ...]
    refused: tuple[Refused, ...]


def read(content: bytes) -> Sheet:
    """All rows of a file. Raises Unreadable."""
    if len(content) > LARGEST:
        raise Unreadable(f"This file is larger than {LARGEST // 1000} kB. Split it into smaller files.")
    opened = open_sheet(content, HEADING)
    rows: list[Row] = []
    refused: list[Refused] = []
    for line, cells in cells_of(opened):
        problem = cells if isinstance(cells, str) else misfit(cells, opened.names)
        if problem:
            refused.append(Refused(line, "", "", problem))
            continue
        told = {name: tidy(cell) for name, cell in zip(opened.names, cells, strict=False)}
        try:
            rows.append(_row(line, told))
        except BadCell as bad:
            refused.append(Refused(line, told.get("title", "")[:80], bad.field, bad.reason))
        if len(rows) + len(refused) > MOST_ROWS:
            raise Unreadable(f"This file has more than {MOST_ROWS:,} rows. Split it into smaller files.")
    if not rows and not refused:
        raise Unreadable("This file has a heading but no rows beneath it.")
    return Sheet("".join(opened.lines), tuple(rows), tuple(refused))


def _row(line: int, told: Mapping[str, str]) -> Row:
    """The row of these cells. Raises BadCell."""
    plain = {name: " ".join(told.get(name, "").split()) for name in LONGEST}
    for name, longest in LONGEST.items():
        if len(plain[name]) > longest:
            raise BadCell(name, f"This text has {len(plain[name]):,} characters. At most {longest:,} fit.")
    if not plain["supplier"]:
        raise BadCell("supplier", "The supplier is missing.")
    facts = ContractFacts(
        title=plain["title"],
        buyer=plain["buyer"],
        identifier=known_as(plain["identifier"]),
        value=_pounds(told, "value"),
        spent=_pounds(told, "spent") or Decimal(0),
        starts_on=_day(told, "starts_on"),
        ends_on=_day(told, "ends_on"),
    )
    for field, code in problems(facts).items():
        raise BadCell(field, REASONS[code])
    return Row(line, facts, plain["supplier"], plain["manager"])


def _pounds(told: Mapping[str, str], name: str) -> Decimal | None:
    text = told.get(name, "")
    if not text:
        return None
    plain = undressed(text)
    if not _POUNDS.fullmatch(plain):
        raise BadCell(name, f'"{text[:40]}" is not an amount of pounds, such as 250000 or 99.50.')
    return Decimal(plain)


def _day(told: Mapping[str, str], name: str) -> date:
    text = " ".join(told.get(name, "").split())
    if not text:
        raise BadCell(name, "This day is missing. Write it as 2027-03-27 or 27/03/2027.")
    day = _HOUR.sub("", text[:60])
    for shape in _SHAPES:
        try:
            found = datetime.strptime(day[:40], shape).date()
        except ValueError:
            continue
        if 1900 <= found.year <= 2200:
            return found
    raise BadCell(name, f'"{text[:40]}" is not a day. Write it as 2027-03-27 or 27/03/2027.')
