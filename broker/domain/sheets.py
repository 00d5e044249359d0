"""From the bytes of a CSV file to its heading and the cells of each row, whatever its encoding, ends and marks.

Nothing here fails on a hostile file: it raises Unreadable, or says of a row that it cannot be understood.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from broker.domain.texts import tidy

LARGEST_FILE = 8 * 1024 * 1024
# What a short file can blow up into, once it stands in memory.
MOST_LINES = 400_000
LONGEST_LINE = 1_000_000
LONGEST_HEADING = 20_000
COLUMNS = (  # of a file of listings
    "id",
    "kind",
    "title",
    "description",
    "category",
    "background_check",
    "organisation",
    "place",
    "postcode",
    "lat",
    "lon",
    "date",
    "source",
)

# What a spreadsheet may write above the heading, for itself.
_TOLD_MARK = re.compile(r'"?sep=.?"?\s*', re.IGNORECASE)
# Control characters, and what is no character at all: nobody sees them and no page may hold them.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b", b"GIF8")


class Unreadable(Exception):
    """The file as a whole cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What the first line of a kind of file names: the columns that we know, those needed, and of `either` one."""

    known: tuple[str, ...]
    needed: tuple[str, ...]
    either: tuple[str, ...] = ()

    @property
    def example(self) -> str:
        return ",".join((*self.needed, *self.either))


LISTINGS = Heading(COLUMNS, ("id", "kind"), ("title", "description"))


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose heading is understood: what each cell of a row is called, and where the rows begin."""

    encoding: str
    lines: list[str]
    delimiter: str
    names: list[str]
    below: int  # the number of the heading's last line


def open_sheet(content: bytes, heading: Heading = LISTINGS) -> Opened:
    """Understand the heading of a file. Raises Unreadable."""
    if len(content) > LARGEST_FILE:
        raise Unreadable("This file is larger than 8 MB. Split it into smaller files.")
    text, encoding = _decode(content)
    if max(text.count("\n"), text.count("\r")) > MOST_LINES:
        raise Unreadable(f"This file has more than {MOST_LINES:,} lines. Split it into smaller files.")
    lines = list(StringIO(text, newline=""))  # ends of lines as they stand: CR, LF or both
    start = next((number for number, line in enumerate(lines) if line.strip() and not _TOLD_MARK.fullmatch(line)), None)
    if start is None:
        raise Unreadable("This file is empty.")
    if len(lines[start]) > LONGEST_HEADING or max(map(len, lines)) > LONGEST_LINE:
        raise Unreadable("A line of this file is far too long. It must be a list with one thing a row.")
    read = [_heading(lines[start : start + 50], mark) for mark in ",;\t"]
    delimiter, names, taken = max(read, key=lambda each: len(set(heading.known).intersection(each[1])))
    _check_heading(names, heading)
    return Opened(encoding, lines, delimiter, names, start + taken)


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
        names = [tidy(name).casefold() for name in next(reader)]
    except (csv.Error, StopIteration):
        return delimiter, [], 1
    while names and not names[-1]:  # spreadsheets leave empty columns at the end
        names.pop()
    return delimiter, names, reader.line_num


def _check_heading(names: Sequence[str], heading: Heading) -> None:
    if not any(name in heading.known for name in names):
        raise Unreadable(f"The first line does not name the columns. It must be a heading such as: {heading.example}")
    twice = next((name for name, number in Counter(names).items() if name and number > 1), None)
    if twice:
        raise Unreadable(f'The heading names the column "{twice[:60]}" twice.')
    for wanted in heading.needed:
        if wanted not in names:
            raise Unreadable(f'The heading has no column "{wanted}", which every row needs.')
    if heading.either and not set(heading.either).intersection(names):
        columns = " nor a column ".join(f'"{name}"' for name in heading.either)
        raise Unreadable(f"The heading has neither a column {columns}.")


def cells_of(opened: Opened) -> Iterator[tuple[int, list[str] | str]]:
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


def misfit(cells: Sequence[str], names: Sequence[str]) -> str | None:
    """Why a row does not stand under its heading, if it does not."""
    extra = any(cell.strip() for cell in cells[len(names) :])
    if not extra and len(cells) >= len(names):
        return None
    return (
        f"This row has {len(cells)} cells, but the heading has {len(names)}. "
        "Text with a comma or a line break in it must stand in quotation marks."
    )


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
