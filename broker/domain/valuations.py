"""What an authority reckons a unit of a measure to be worth: what an entry of its list may say, and what is wrong."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from broker.domain.amounts import undressed
from broker.domain.lists import Entry, Refused, Shape
from broker.domain.sheets import Heading

PERCENTS = ("deadweight", "attribution", "displacement", "drop_off")
COLUMNS = ("code", "low", "high", *PERCENTS, "years")
# What the sheet that we hand out says beside it, for whoever fills it in.
BESIDE = ("label", "unit")
HEAD = ("name", "price_year", "source", "licence")
SHAPE = Shape(Heading((*COLUMNS, *BESIDE), ("code", "low", "high")), "values", HEAD)
LONGEST_HEAD = {"name": 200, "source": 2000, "licence": 2000}
FIRST_YEAR, LAST_YEAR = 1990, 2100
MOST = Decimal(1_000_000_000)
MOST_YEARS = 50
_MONEY = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")
_WHOLE = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Brought:
    """The worth of one unit, in pounds, and what is to be taken off it, in whole percents."""

    entry: Entry
    code: str
    low: Decimal
    high: Decimal
    deadweight: int
    attribution: int
    displacement: int
    drop_off: int
    years: int


class _BadValue(Exception):
    """A cell that cannot be understood."""


def values_of(entries: Iterable[Entry]) -> Iterator[Brought | Refused]:
    """Each entry as a value, or why it is none. One without any amount is passed over: not all measures have one."""
    for entry in entries:
        if entry.told.get("low") or entry.told.get("high"):
            try:
                yield _value(entry)
            except _BadValue as problem:
                yield entry.refuse(str(problem))


def year_of(text: str) -> int | None:
    """A likely price year."""
    year = int(text) if re.fullmatch(r"[0-9]{4}", text) else 0
    return year if FIRST_YEAR <= year <= LAST_YEAR else None


def _value(entry: Entry) -> Brought:
    code = " ".join(entry.told.get("code", "").split())
    if not code:
        raise _BadValue('"code" is missing.')
    low, high = _pounds(entry, "low"), _pounds(entry, "high")
    if low > high:
        raise _BadValue(f"The low value ({low:,}) is above the high one ({high:,}).")
    percents = {name: _number(entry, name, 0, 100) for name in PERCENTS}
    return Brought(entry, code, low, high, **percents, years=_number(entry, "years", 1, MOST_YEARS))


def _pounds(entry: Entry, name: str) -> Decimal:
    text = entry.told.get(name, "")
    plain = undressed(text)
    if not plain:
        raise _BadValue(f'"{name}" is missing. Write the same amount twice where there is no range.')
    if not _MONEY.fullmatch(plain) or Decimal(plain) > MOST:
        raise _BadValue(f'"{text[:40]}" is not an amount of pounds, such as 12.50.')
    return Decimal(plain)


def _number(entry: Entry, name: str, least: int, most: int) -> int:
    """A whole number; blank is the least, which changes nothing."""
    text = entry.told.get(name, "")
    plain = text.replace("%", "").strip()
    if not plain:
        return least
    if not _WHOLE.fullmatch(plain) or not least <= int(plain) <= most:
        raise _BadValue(f'"{name}" must be a whole number from {least} to {most}, not "{text[:40]}".')
    return int(plain)
