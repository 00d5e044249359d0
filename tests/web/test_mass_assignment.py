"""A form changes what it asks about and nothing else, whatever else is sent along with it."""

import pytest
from flask import request
from sqlalchemy import Boolean, Date, DateTime, Float, Integer

from broker.actions import organisations
from broker.store.base import db
from tests.city import City
from tests.doors import URLENCODED, Door, form_encoded

pytestmark = pytest.mark.any_database

# Names that pages read beside their forms, on purpose.
READ = {"next", "deed", "note", "version", "membership", "organisation", "answers", "with", "q", "page"}


def columns() -> dict[str, str]:
    """Every column of every table, with a value that would show."""
    found: dict[str, str] = {}
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            found[column.name] = _value(column.type, column.name)
    return found | {"role": "administrator", "state": "approved", "is_admin": "1", "verified": "1"}


def _value(kind: object, name: str) -> str:
    if isinstance(kind, Boolean):
        return "1"
    if isinstance(kind, Date | DateTime):
        return "2031-03-03"
    if isinstance(kind, Integer | Float):
        return "2"
    return f"smuggled-{name}"


def smuggled(door: Door) -> list[tuple[str, str]]:
    """Every column that the form has no field for, plain and under the form's own prefix."""
    own = {name for name, _ in door.plain} | door.asked | READ
    prefix = next((name.rpartition("-")[0] + "-" for name in own if "-" in name and not name.endswith("-day")), "x-")
    asked = own | {name.rpartition("-")[0] for name in own} | {name.rpartition("-")[2] for name in own}
    extra = {name: value for name, value in columns().items() if name not in asked}
    return [*extra.items(), *((prefix + name, value) for name, value in extra.items())]


def post(city: City, door: Door, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is written when this is posted."""
    city.send("POST", door.path, door.cookie, data=form_encoded(pairs), content_type=URLENCODED)
    return list(city.written)


def leaks(city: City, doors: list[Door]) -> tuple[list[str], int]:
    """The doors where the extra fields change what is written; and how many doors wrote anything."""
    different, writing = [], 0
    for door in doors:
        if door.status in (403, 404) or "token" in door.path:
            continue
        plain = post(city, door, list(door.plain))
        writing += bool(plain)
        extra = smuggled(door)
        query = {"query_string": form_encoded(extra[:60]).decode()} if "?" not in door.path else {}
        after = post(city, door, [*door.plain, *extra])
        if after != plain:
            different.append(f"{door!r}: {set(after) ^ set(plain)}")
        city.send("POST", door.path, door.cookie, data=form_encoded(door.plain), content_type=URLENCODED, **query)
        if city.written != plain:
            different.append(f"{door!r} by its address")
    return different, writing


def test_no_column_can_be_smuggled_in(city: City, doors: list[Door]) -> None:
    different, writing = leaks(city, doors)
    assert not different
    assert writing > 40, "so few forms wrote anything that this proves little"


def test_a_careless_form_would_be_seen(city: City, doors: list[Door], monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk finds a page that copies whatever was sent into the row."""
    careful = organisations.edit_organisation

    def careless(organisation: object, *args: object, **facts: object) -> object:
        if "entered_how" in request.form:
            organisation.entered_how = request.form["entered_how"]  # type: ignore[attr-defined]
        return careful(organisation, *args, **facts)  # type: ignore[arg-type]

    monkeypatch.setattr(organisations, "edit_organisation", careless)
    different, _ = leaks(city, [door for door in doors if door.path == "/my-organisation/edit"])
    assert different
