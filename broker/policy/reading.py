"""From a policy file to records; what does not fit is refused in a sentence that an officer can follow.

The records are the schema: their fields say which words a file may use and what each may hold.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date, datetime
from pathlib import Path
from types import NoneType
from typing import Any, Literal, NoReturn, TypeVar, get_args, get_origin, get_type_hints

Record = TypeVar("Record")
Fields = dict[str, "Field[Any]"]

IN_WORDS: dict[type, str] = {
    str: "words in quotation marks",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    date: "a date such as 2025-02-24",
}

LARGEST = 10**12  # beyond any sum a council writes; also keeps out "inf" and "nan"


class BadPolicy(Exception):
    """A policy file that cannot be used: which file, and what is wrong with it."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}")
        self.file = file
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in which file we are reading."""

    file: str
    where: str = "This file"

    def bad(self, problem: str) -> NoReturn:
        raise BadPolicy(self.file, f"{self.where} {problem}")


def contents(content: bytes | str, file: str) -> dict[str, object]:
    """The plain tables of a TOML file. The byte order mark that some editors add is harmless."""
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        return tomllib.loads(text)
    except UnicodeDecodeError:
        raise BadPolicy(file, "This is not a plain text file. Save it as UTF-8 text and try again.") from None
    except (ValueError, RecursionError) as error:  # a number of a thousand digits is no TOMLDecodeError
        raise BadPolicy(file, f"This is not written as TOML wants it. {error}.") from None


def listed(path: Path, word: str, record: type[Record]) -> tuple[Record, ...]:
    """The records of a file that holds nothing but a list of them under one word."""
    table = contents(path.read_bytes(), path.name)
    spot = Spot(path.name)
    _refuse_unknown(table, [word], spot)
    if word not in table:
        spot.bad(f'must hold a list called "{word}".')
    return _records(record, _list(table[word], word, spot), word, spot)


def build(record: type[Record], table: dict[str, object], spot: Spot) -> Record:
    """One record from one table. Raises BadPolicy."""
    known: Fields = {each.name: each for each in fields(record)}  # type: ignore[arg-type]
    _refuse_unknown(table, known, spot)
    for name, field in known.items():
        if name not in table and field.default is MISSING:
            spot.bad(f'must say "{name}".')
    hints = get_type_hints(record)
    return record(**{name: _value(hints[name], given, name, spot) for name, given in table.items()})


def _refuse_unknown(table: dict[str, object], known: Iterable[str], spot: Spot) -> None:
    for name in table:
        if name not in known:
            spot.bad(f'uses the word "{name}", which is not known here. Known words: {", ".join(known)}.')


def _value(hint: object, given: object, name: str, spot: Spot) -> object:
    """What the file gives for one field, as the record wants it."""
    if get_origin(hint) is tuple:
        kind, raw = get_args(hint)[0], _list(given, name, spot)
        return _words(raw, name, spot) if kind is str else _records(kind, raw, name, spot)
    if get_origin(hint) is Literal:
        return _choice(get_args(hint), given, name, spot)
    wanted = [each for each in get_args(hint) or (hint,) if each is not NoneType]
    if not any(_fits(given, each) for each in wanted):
        kinds = " or ".join(IN_WORDS[each] for each in wanted)
        spot.bad(f'must give {kinds} for "{name}", not {_shown(given)}.')
    return float(given) if wanted == [float] else given  # type: ignore[arg-type]


def _fits(given: object, kind: type) -> bool:
    if isinstance(given, bool):  # for Python, true is also a number
        return kind is bool
    if isinstance(given, datetime):  # and a time of day is also a date
        return False
    if isinstance(given, int | float):
        return abs(given) < LARGEST and isinstance(given, (int, float) if kind is float else kind)
    return isinstance(given, kind)


def _shown(given: object) -> str:
    """A value as the file writes it, cut short."""
    if isinstance(given, bool):
        return str(given).lower()
    return f'"{given[:60]}"' if isinstance(given, str) else str(given)[:60]


def _choice(choices: tuple[str, ...], given: object, name: str, spot: Spot) -> object:
    if given not in choices:
        spot.bad(f'gives {_shown(given)} for "{name}". It must be one of: {", ".join(choices)}.')
    return given


def _list(given: object, name: str, spot: Spot) -> list[object]:
    if not isinstance(given, list):
        spot.bad(f'must give a list for "{name}", not {_shown(given)}.')
    return given


def _words(raw: list[object], name: str, spot: Spot) -> tuple[object, ...]:
    return tuple(_value(str, each, name, spot) for each in raw)


def _records(record: type[Record], raw: list[object], name: str, spot: Spot) -> tuple[Record, ...]:
    return tuple(_numbered(record, each, number, name, spot) for number, each in enumerate(raw, start=1))


def _numbered(record: type[Record], table: object, number: int, name: str, spot: Spot) -> Record:
    """One record of a list; a list that has an order and does not say it is in the order of the file."""
    where = f'Entry {number} of "{name}"'
    if not isinstance(table, dict):
        Spot(spot.file, where).bad(f"must be a table of words and values, not {_shown(table)}.")
    called = next((table[key] for key in ("code", "name", "node") if isinstance(table.get(key), str)), None)
    if any(field.name == "order" for field in fields(record)):  # type: ignore[arg-type]
        table = {"order": number, **table}
    return build(record, table, Spot(spot.file, f"{where} ({called})" if called else where))
