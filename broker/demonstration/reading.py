"""Reading the invented city's files: rows, what they refer to, and the records they become."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

Row = dict[str, Any]
Record = TypeVar("Record")
Found = TypeVar("Found")


def read(path: Path, table: str) -> list[Row]:
    rows: list[Row] = tomllib.loads(path.read_text("utf-8")).get(table, [])
    return rows


def find(known: Mapping[str, Found], key: Any, who: str) -> Found:
    if key not in known:
        raise ValueError(f"{who} refers to {key!r}, which is not in the files.")
    return known[key]


def record(shape: type[Record], raw: Row, who: str) -> Record:
    """A record of this shape, lists turned into tuples; a field too many or too few is a ValueError."""
    known = {field.name for field in fields(shape)}  # type: ignore[arg-type]
    if strange := set(raw) - known:
        raise ValueError(f"{who} has a field that is not known: {', '.join(sorted(strange))}.")
    try:
        return shape(**{k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()})
    except TypeError as error:
        raise ValueError(f"{who} lacks a field: {error}.") from None
