"""A list that an authority brings, as CSV or as TOML: what it says of itself, and what each of its entries says.

Nothing here fails on a hostile file: it raises Unreadable, or says of an entry that it cannot be understood.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from broker.domain.sheets import LARGEST_FILE, Heading, Unreadable, cells_of, misfit, open_sheet
from broker.domain.texts import tidy

MOST = 500  # entries
_TOO_MANY = f"This list has more than {MOST} entries. Split it into smaller lists."
_NOTHING = "This list has no entries."


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an entry cannot be taken: where it stands, what it is called where it says so, and the reason."""

    where: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What one entry says, by column; what it leaves out is blank."""

    where: str
    told: Mapping[str, str]

    def refuse(self, reason: str) -> Refused:
        return Refused(self.where, self.told.get("code", "")[:80], reason)


@dataclass(frozen=True, slots=True)
class Brought:
    """A whole file. `head` is what it says of the list itself (a CSV file says nothing of that)."""

    head: Mapping[str, str]
    entries: tuple[Entry, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a kind of list is written: its columns, the word for its entries in TOML, and what it may say of itself."""

    heading: Heading
    table: str
    head: tuple[str, ...]


def read_list(content: bytes, shape: Shape) -> Brought:
    """All entries of a file. Raises Unreadable."""
    is_toml = re.search(rb"^[ \t]*\[\[[ \t]*" + shape.table.encode() + rb"[ \t]*\]\]", content, re.MULTILINE)
    brought = _from_toml(content, shape) if is_toml else _from_csv(content, shape)
    if not brought.entries and not brought.refused:
        raise Unreadable(_NOTHING)
    return brought


def _from_csv(content: bytes, shape: Shape) -> Brought:
    opened = open_sheet(content, shape.heading)
    entries, refused = [], []
    for line, cells in cells_of(opened):
        where = f"Line {line}"
        problem = cells if isinstance(cells, str) else misfit(cells, opened.names)
        told = {} if isinstance(cells, str) else dict(zip(opened.names, map(tidy, cells), strict=False))
        if problem:
            refused.append(Entry(where, told).refuse(problem))
        else:
            entries.append(Entry(where, {name: told[name] for name in shape.heading.known if name in told}))
        if len(entries) + len(refused) > MOST:
            raise Unreadable(_TOO_MANY)
    return Brought({}, tuple(entries), tuple(refused))


def _from_toml(content: bytes, shape: Shape) -> Brought:
    whole = _tables(content)
    given = whole.pop(shape.table, [])
    strange = next((name for name in whole if name not in shape.head), None)
    if strange is not None:
        raise Unreadable(f'The word "{strange[:60]}" is not known here. Known words: {", ".join(shape.head)}.')
    if not isinstance(given, list):
        raise Unreadable(_NOTHING)
    if len(given) > MOST:
        raise Unreadable(_TOO_MANY)
    read = [_entry(f"Entry {number}", each, shape.heading.known) for number, each in enumerate(given, start=1)]
    return Brought(
        {name: _plain(value) for name, value in whole.items()},
        tuple(each for each in read if isinstance(each, Entry)),
        tuple(each for each in read if isinstance(each, Refused)),
    )


def _tables(content: bytes) -> dict[str, object]:
    if len(content) > LARGEST_FILE:
        raise Unreadable("This file is larger than 8 MB. Split it into smaller files.")
    try:
        return tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError:
        raise Unreadable("This is not a plain text file. Save it as UTF-8 text and try again.") from None
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise Unreadable(f"This is not written as TOML wants it. {str(error)[:200]}.") from None


def _entry(where: str, table: object, known: Iterable[str]) -> Entry | Refused:
    if not isinstance(table, dict):
        return Refused(where, "", "This must be a table of words and values.")
    strange = next((name for name in table if name not in known), None)
    told = {name: _plain(value) for name, value in table.items() if name in known}
    if strange is not None:
        reason = f'The word "{strange[:60]}" is not known here. Known words: {", ".join(known)}.'
        return Entry(where, told).refuse(reason)
    return Entry(where, told)


def _plain(value: object) -> str:
    """A value as the same cell of a CSV file would hold it."""
    if isinstance(value, list):
        return "; ".join(map(_plain, value))
    return tidy(str(value))[:100_000]
