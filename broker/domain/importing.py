"""From the cells of a CSV file to rows that may become listings, each refused row with its line and the reason.

Nothing here fails on a hostile file: it raises Unreadable, or tells row by row what is wrong.
"""

import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from broker.domain.kinds import BackgroundCheck, ListingKind, SupportKind
from broker.domain.places import normalise_postcode
from broker.domain.sheets import COLUMNS, Unreadable, cells_of, misfit, open_sheet
from broker.domain.texts import tidy

MOST_ROWS = 50_000
LONGEST = {"id": 200, "title": 400, "description": 10_000, "organisation": 300, "place": 400}
LONGEST_NOTE = 10_000
KINDS = "need, asset, aspiration or offer"

_NUMBER = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{1,30})?")


@dataclass(frozen=True, slots=True)
class Row:
    """One row that may become a listing. `notes` holds what has no place of its own, as 'column: value' lines."""

    line: int
    id: str
    kind: ListingKind
    title: str
    body: str
    support_kind: SupportKind | None
    background_check: BackgroundCheck | None
    organisation: str
    place: str
    postcode: str
    lat: float | None
    lon: float | None
    source: str
    notes: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a row cannot come in: its first line in the file, its id where it has one, the column and the reason."""

    line: int
    id: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole file read: how its characters were written, the rows that may come in and those that may not."""

    encoding: str
    rows: tuple[Row, ...]
    refused: tuple[Refused, ...]


class BadCell(Exception):
    """A cell that keeps its row from coming in: its column, and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.reason = field, reason


def check(content: bytes) -> None:
    """Raise Unreadable where the file as a whole cannot be used. Quick: the rows are not read."""
    open_sheet(content)


def read(content: bytes) -> Sheet:
    """All rows of a file. Raises Unreadable."""
    opened = open_sheet(content)
    rows: list[Row] = []
    refused: list[Refused] = []
    seen: dict[str, int] = {}
    for line, cells in cells_of(opened):
        if isinstance(cells, str):
            refused.append(Refused(line, "", "", cells))
            continue
        row = _row(line, cells, opened.names, seen)
        if isinstance(row, Row):
            rows.append(row)
        else:
            refused.append(row)
        if len(rows) + len(refused) > MOST_ROWS:
            raise Unreadable(f"This file has more than {MOST_ROWS:,} rows. Split it into smaller files.")
    if not rows and not refused:
        raise Unreadable("This file has a heading but no rows beneath it.")
    return Sheet(opened.encoding, tuple(rows), tuple(refused))


def harmless(text: object) -> str:
    """A cell that no spreadsheet will take for a formula, in the wide letters of East Asia neither."""
    plain = str(text)
    begins = normalize("NFKC", plain.lstrip()[:1])
    return f"'{plain}" if begins in ("=", "+", "-", "@") or plain[:1] in ("\t", "\r", "\n") else plain


def _row(line: int, cells: list[str], names: Sequence[str], seen: dict[str, int]) -> Row | Refused:
    told = {name: tidy(cell) for name, cell in zip(names, cells, strict=False)}
    row_id = told.get("id", "")
    try:
        _check_width(cells, names)
        _check_id(row_id, line, seen)
        return _made(line, told)
    except BadCell as bad:
        return Refused(line, row_id[:80], bad.field, bad.reason)


def _check_width(cells: Sequence[str], names: Sequence[str]) -> None:
    problem = misfit(cells, names)
    if problem:
        raise BadCell("", problem)


def _check_id(row_id: str, line: int, seen: dict[str, int]) -> None:
    if not row_id:
        raise BadCell("id", "The id is missing. Every row needs one of its own.")
    first = seen.setdefault(row_id, line)
    if first != line:
        raise BadCell("id", f"This id stands already in line {first}.")


def _made(line: int, told: Mapping[str, str]) -> Row:
    """The row of these cells. Raises BadCell."""
    for name, longest in LONGEST.items():
        if len(told.get(name, "")) > longest:
            raise BadCell(name, f"This text has {len(told[name]):,} characters. At most {longest:,} fit.")
    title, body = " ".join(told.get("title", "").split()), told.get("description", "")
    if not title and not body:
        raise BadCell("title", "The title and the description are both empty.")
    lat, lon = _point(told)
    category, check = (told.get(name, "").casefold() for name in ("category", "background_check"))
    unknown = {"category": category not in set(SupportKind), "background_check": check not in set(BackgroundCheck)}
    postcode = normalise_postcode(told.get("postcode", ""))
    return Row(
        line=line,
        id=told["id"],
        kind=_kind(told.get("kind", "")),
        title=title or textwrap.shorten(body, 100, placeholder="…"),
        body=body,
        support_kind=None if unknown["category"] else SupportKind(category),
        background_check=None if unknown["background_check"] else BackgroundCheck(check),
        organisation=" ".join(told.get("organisation", "").split()),
        place=" ".join(told.get("place", "").split()),
        postcode=postcode or "",
        lat=lat,
        lon=lon,
        source=told.get("source", ""),
        notes=_notes(told, unknown | {"postcode": postcode is None}),
    )


def _kind(text: str) -> ListingKind:
    try:
        return ListingKind(text.casefold())
    except ValueError:
        said = f'"{text[:40]}" is not a kind of listing.' if text else "The kind is missing."
        raise BadCell("kind", f"{said} Write {KINDS}.") from None


def _point(told: Mapping[str, str]) -> tuple[float | None, float | None]:
    lat, lon = _degrees(told, "lat", 90), _degrees(told, "lon", 180)
    if (lat is None) != (lon is None):
        raise BadCell("lat" if lat is None else "lon", "Only one of lat and lon is given. Give both or neither.")
    # What a spreadsheet writes for "not known"; taken at its word it is a place at sea, 3,700 miles from here.
    return (lat, lon) if lat or lon else (None, None)


def _degrees(told: Mapping[str, str], name: str, most: int) -> float | None:
    text = told.get(name, "")
    if not text:
        return None
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not -most <= number <= most:  # also where it is no number
        raise BadCell(name, f'"{text[:40]}" is not a number from -{most} to {most}, such as {most * 0.1:g}.')
    return number


def _notes(told: Mapping[str, str], also: Mapping[str, bool]) -> str:
    """What has no place of its own: the date, the source, unknown columns, and what the other cells could not use."""
    kept = {name for name in ("date", "source") if name in told} | {name for name, wanted in also.items() if wanted}
    said = {name: value for name, value in told.items() if value and (name in kept or name not in COLUMNS)}
    notes = "\n".join(f"{name or 'no heading'}: {value}" for name, value in said.items())
    if len(notes) > LONGEST_NOTE:
        raise BadCell("", f"The columns that are kept as notes hold more than {LONGEST_NOTE:,} characters together.")
    return notes
