"""How a value stands in a plain file. Nothing is written as `\\N`. A text that begins like a formula, or with a
backslash, has one backslash put before it: a spreadsheet then shows it and does not reckon with it.
"""

import base64
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer, LargeBinary

from broker.store.base import Amount, UtcDateTime

NOTHING = "\\N"
FORMULA = ("\\", "=", "+", "-", "@", "\t", "\r")


def write_cell(column: Column[Any]) -> Callable[[Any], str]:
    """How this column's values are written."""
    say = _WRITE[_kind(column)]
    return lambda value: NOTHING if value is None else say(value)


def read_cell(column: Column[Any]) -> Callable[[str], Any]:
    """How they are read; ValueError or KeyError where a cell holds something else."""
    understand = _READ[_kind(column)]
    return lambda said: None if said == NOTHING else understand(said)


def described(column: Column[Any]) -> dict[str, Any]:
    """A column in the words of the Table Schema standard (Frictionless Data)."""
    kind = _kind(column)
    told: dict[str, Any] = {"name": column.name, "type": {"binary": "string", "amount": "number"}.get(kind, kind)}
    if kind == "binary":
        told["format"] = "binary"
    if not column.nullable:
        told["constraints"] = {"required": True}
    return told


def _kind(column: Column[Any]) -> str:
    return next((kind for types, kind in _KINDS if isinstance(column.type, types)), "string")


_KINDS: tuple[tuple[type, str], ...] = (
    (UtcDateTime, "datetime"),
    (Date, "date"),
    (Boolean, "boolean"),
    (Amount, "amount"),
    (Float, "number"),
    (Integer, "integer"),
    (JSON, "any"),
    (LargeBinary, "binary"),
)


def _guarded(said: str) -> str:
    return f"\\{said}" if said.startswith(FORMULA) else said


def _unguarded(said: str) -> str:
    return said[1:] if said.startswith("\\") else said


_WRITE: dict[str, Callable[[Any], str]] = {
    "datetime": datetime.isoformat,
    "date": date.isoformat,
    "boolean": lambda value: "true" if value else "false",
    "number": repr,
    "amount": "{:f}".format,
    "integer": str,
    "any": lambda value: json.dumps(value, ensure_ascii=False),
    "binary": lambda value: base64.b64encode(value).decode(),
    "string": lambda value: _guarded(str(value)),
}
_READ: dict[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "boolean": {"true": True, "false": False}.__getitem__,
    "number": float,
    "amount": Decimal,
    "integer": int,
    "any": json.loads,
    "binary": base64.b64decode,
    "string": _unguarded,
}
