"""From the bytes of a CSV file to rows that may become listings, each refused row with its line and the reason.

Nothing here fails on a hostile file: it raises Unreadable, or tells row by row what is wrong.
"""

import codecs
import csv
import math
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from broker.domain.kinds import ListingKind, SupportKind
from broker.domain.places import normalise_postcode

LARGEST_FILE = 8 * 1024 * 1024
MOST_ROWS = 50_000
COLUMNS = (
    "id",
    "kind",
    "title",
    "description",
    "category",
    "organisation",
    "place",
    "postcode",
    "lat",
    "lon",
    "date",
    "source",
)
LONGEST = {"id": 200, "title": 400, "description": 10_000, "organisation": 300, "place": 400}
LONGEST_NOTE = 10_000
KINDS = "need, asset, aspiration or offer"

# Control characters, and what is no character at all: nobody sees them and no page may hold them.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufffe\uffff]")
_NUMBER = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{1,30})?")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b", b"GIF8")


class Unreadable(Exception):
    """The file as a whole cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that may become a listing. `notes` holds what has no place of its own, as 'column: value' lines."""

    line: int
    id: str
    kind: ListingKind
    title: str
    body: str
    support_kind: SupportKind | None
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


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file whose heading is understood: what each cell of a row is called, and where the rows begin."""

    encoding: str
    lines: list[str]
    delimiter: str
    names: list[str]
    below: int  # the number of the heading's last line


class _BadCell(Exception):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.reason = field, reason


def check(content: bytes) -> None:
    """Raise Unreadable where the file as a whole cannot be used. Quick: the rows are not read."""
    _open(content)


def read(content: bytes) -> Sheet:
    """All rows of a file. Raises Unreadable."""
    opened = _open(content)
    rows: list[Row] = []
    refused: list[Refused] = []
    seen: dict[str, int] = {}
    for line, cells in _cells(opened):
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


def clean(text: str) -> str:
    """Outer blanks and characters that nobody can see taken away, line ends made alike; the words untouched."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def harmless(text: object) -> str:
    """A cell that no spreadsheet will take for a formula."""
    plain = str(text)
    return f"'{plain}" if plain.lstrip()[:1] in ("=", "+", "-", "@") or plain[:1] in ("\t", "\r", "\n") else plain


def _open(content: bytes) -> _Opened:
    if len(content) > LARGEST_FILE:
        raise Unreadable("This file is larger than 8 MB. Split it into smaller files.")
    text, encoding = _decode(content)
    lines = list(StringIO(text, newline=""))  # ends of lines as they stand: CR, LF or both
    start = next((number for number, line in enumerate(lines) if line.strip()), None)
    if start is None:
        raise Unreadable("This file is empty.")
    delimiter, names, taken = max((_heading(lines[start:], mark) for mark in ",;\t"), key=_known)
    _check_heading(names)
    return _Opened(encoding, lines, delimiter, names, start + taken)


def _decode(content: bytes) -> tuple[str, str]:
    """The text of a file and what its encoding is called. Never fails on an odd character."""
    if content.startswith(_WORKBOOKS):
        raise Unreadable(
            'This looks like a spreadsheet workbook. Open it, choose "Save as" and "CSV UTF-8", and send that file.'
        )
    if content.startswith(_OTHERS):
        raise Unreadable("This is not a CSV file. Save your list as CSV and send that file.")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace"), "UTF-16"
    head = content[:400]
    if len(head) > 3 and max(head[::2].count(0), head[1::2].count(0)) > len(head) * 0.4:
        wide = "utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le"
        return content.decode(wide, errors="replace"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), "Windows-1252"


def _heading(lines: Sequence[str], delimiter: str) -> tuple[str, list[str], int]:
    """The names of the columns if this were the mark between cells, and how many lines they take."""
    reader = csv.reader(iter(lines), delimiter=delimiter)
    try:
        names = [clean(name).casefold() for name in next(reader)]
    except (csv.Error, StopIteration):
        return delimiter, [], 1
    while names and not names[-1]:  # spreadsheets leave empty columns at the end
        names.pop()
    return delimiter, names, reader.line_num


def _known(heading: tuple[str, list[str], int]) -> int:
    return len({name for name in heading[1] if name in COLUMNS})


def _check_heading(names: Sequence[str]) -> None:
    if not any(name in COLUMNS for name in names):
        raise Unreadable(
            "The first line does not name the columns. It must be a heading such as: id,kind,title,description"
        )
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice:
        raise Unreadable(f'The heading names the column "{twice[:60]}" twice.')
    for wanted in ("id", "kind"):
        if wanted not in names:
            raise Unreadable(f'The heading has no column "{wanted}", which every row needs.')
    if "title" not in names and "description" not in names:
        raise Unreadable('The heading has neither a column "title" nor a column "description".')


def _cells(opened: _Opened) -> Iterator[tuple[int, list[str] | str]]:
    """Each row that is not blank with its first line: its cells, or why they cannot be told apart."""
    reader = csv.reader(iter(opened.lines[opened.below :]), delimiter=opened.delimiter)
    while True:
        line = opened.below + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell longer than any that the reader takes
            if len(opened.lines[line - 1]) < csv.field_size_limit():
                yield line, _unclosed(line, len(opened.lines))
                return
            yield line, "A cell of this row is far too long to be read."
            continue
        last = opened.below + reader.line_num
        if last == len(opened.lines) and _is_unclosed(opened.lines[line - 1 : last], opened.delimiter):
            yield line, _unclosed(line, last)
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _is_unclosed(lines: Sequence[str], delimiter: str) -> bool:
    """Whether the last row of a file ends inside quotation marks."""
    try:
        list(csv.reader(iter(lines), delimiter=delimiter, strict=True))
    except csv.Error as problem:
        return "unexpected end" in str(problem)
    return False


def _unclosed(line: int, last: int) -> str:
    reach = f"lines {line} to {last} were" if last > line else "this row was"
    return f"A quotation mark is opened here and never closed, so {reach} not understood."


def _row(line: int, cells: list[str], names: Sequence[str], seen: dict[str, int]) -> Row | Refused:
    told = {name: clean(cell) for name, cell in zip(names, cells, strict=False)}
    row_id = told.get("id", "")
    try:
        _check_width(cells, names)
        _check_id(row_id, line, seen)
        return _made(line, told)
    except _BadCell as bad:
        return Refused(line, row_id[:80], bad.field, bad.reason)


def _check_width(cells: Sequence[str], names: Sequence[str]) -> None:
    extra = any(cell.strip() for cell in cells[len(names) :])
    if extra or len(cells) < len(names):
        raise _BadCell(
            "",
            f"This row has {len(cells)} cells, but the heading has {len(names)}. "
            "Text with a comma or a line break in it must stand in quotation marks.",
        )


def _check_id(row_id: str, line: int, seen: dict[str, int]) -> None:
    if not row_id:
        raise _BadCell("id", "The id is missing. Every row needs one of its own.")
    first = seen.setdefault(row_id, line)
    if first != line:
        raise _BadCell("id", f"This id stands already in line {first}.")


def _made(line: int, told: Mapping[str, str]) -> Row:
    """The row of these cells. Raises _BadCell."""
    for name, longest in LONGEST.items():
        if len(told.get(name, "")) > longest:
            raise _BadCell(name, f"This text has {len(told[name]):,} characters. At most {longest:,} fit.")
    title, body = " ".join(told.get("title", "").split()), told.get("description", "")
    if not title and not body:
        raise _BadCell("title", "The title and the description are both empty.")
    lat, lon = _point(told)
    category = told.get("category", "").casefold()
    postcode = normalise_postcode(told.get("postcode", ""))
    return Row(
        line=line,
        id=told["id"],
        kind=_kind(told.get("kind", "")),
        title=title or textwrap.shorten(body, 100, placeholder="…"),
        body=body,
        support_kind=SupportKind(category) if category in set(SupportKind) else None,
        organisation=" ".join(told.get("organisation", "").split()),
        place=" ".join(told.get("place", "").split()),
        postcode=postcode or "",
        lat=lat,
        lon=lon,
        source=told.get("source", ""),
        notes=_notes(told, {"category": category not in set(SupportKind), "postcode": postcode is None}),
    )


def _kind(text: str) -> ListingKind:
    try:
        return ListingKind(text.casefold())
    except ValueError:
        said = f'"{text[:40]}" is not a kind of listing.' if text else "The kind is missing."
        raise _BadCell("kind", f"{said} Write {KINDS}.") from None


def _point(told: Mapping[str, str]) -> tuple[float | None, float | None]:
    lat, lon = _degrees(told, "lat", 90), _degrees(told, "lon", 180)
    if (lat is None) != (lon is None):
        raise _BadCell("lat" if lat is None else "lon", "Only one of lat and lon is given. Give both or neither.")
    return lat, lon


def _degrees(told: Mapping[str, str], name: str, most: int) -> float | None:
    text = told.get(name, "")
    if not text:
        return None
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not -most <= number <= most:  # also where it is no number
        raise _BadCell(name, f'"{text[:40]}" is not a number from -{most} to {most}, such as {most * 0.1:g}.')
    return number


def _notes(told: Mapping[str, str], also: Mapping[str, bool]) -> str:
    """What has no place of its own: the date, the source, unknown columns, and what the other cells could not use."""
    kept = {name for name in ("date", "source") if name in told} | {name for name, wanted in also.items() if wanted}
    said = {name: value for name, value in told.items() if value and (name in kept or name not in COLUMNS)}
    notes = "\n".join(f"{name or 'no heading'}: {value}" for name, value in said.items())
    if len(notes) > LONGEST_NOTE:
        raise _BadCell("", f"The columns that are kept as notes hold more than {LONGEST_NOTE:,} characters together.")
    return notes
