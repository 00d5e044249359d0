"""Whatever a page changes leaves its event in the same transaction; and what makes something makes it once."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from broker import create_app
from broker.store.base import Base, db, set_reading
from broker.web.gaps import new_key
from tests.city import City, nothing_kept
from tests.databases import Shelf
from tests.doors import URLENCODED, Door, find_doors, form_encoded

pytestmark = pytest.mark.any_database

INSERT = re.compile(r'\s*INSERT INTO "?(\w+)', re.IGNORECASE)
WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)', re.IGNORECASE)
# Beside a deed: what the record, the letters, the background and the forms keep for themselves, and who is signed in.
BESIDE = {"event", "event_link", "event_head", "outbox", "job", "submission", "sign_in"}
# Pages that change something and leave no event, each with the reason.
WITHOUT = {
    "second_factors.begin": "a secret that counts for nothing until second_factors.set_up, which is recorded",
    "trials.ask": "two texts tried on one's own page; nobody else ever sees them, and they go when it is left",
}


def written(city: City, door: Door, pattern: re.Pattern[str]) -> set[str]:
    """The tables written to by what a person in good faith sends."""
    city.send("POST", door.path, door.cookie, data=form_encoded(door.plain), content_type=URLENCODED)
    return {found.group(1) for statement, _ in city.written if (found := pattern.match(statement))}


def test_every_change_leaves_an_event(city: City, doors: list[Door]) -> None:
    silent, changing = set(), set()
    for door in doors:
        if door.status not in (200, 302, 303):
            continue
        tables = written(city, door, WRITE)
        if tables - BESIDE:
            changing.add(door.rule.endpoint)
            if "event" not in tables:
                silent.add(door.rule.endpoint)
    assert silent == set(WITHOUT), "says nothing in the record, or is listed and says something"
    assert len(changing) > 40


@pytest.fixture
def copied(founded: City, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], City]]:
    """Makes copies of the city in which what is done stays done."""
    made: list[City] = []
    settings = {name: founded.app.config[name] for name in ("TESTING", "WTF_CSRF_ENABLED", "SECRET_KEY")}

    def copy() -> City:
        _leave(founded)
        address = shelf.copy(founded.app.config["DATABASE_URL"], tmp_path_factory.mktemp("kept"))
        made.append(replace(founded, app=create_app({**settings, "DATABASE_URL": address})))
        return made[-1]

    yield copy
    for city in made:
        _leave(city)
        shelf.drop(city.app.config["DATABASE_URL"])


def _leave(city: City) -> None:
    with city.app.app_context():
        db.session.remove()
        db.engine.dispose()


def rows(city: City) -> dict[str, int]:
    """How many rows each table has, but for those of the keys themselves."""
    with city.app.app_context():
        set_reading(False)
        return {
            table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if table.name != "submission"
        }


def test_whatever_makes_something_makes_it_once(
    founded: City, door_book: list[Door], copied: Callable[[], City]
) -> None:
    with nothing_kept(founded):
        door_book.extend([] if door_book else find_doors(founded))
        making: dict[str, list[Door]] = {}
        for door in door_book:
            if door.status in (302, 303) and written(founded, door, INSERT) - BESIDE:
                making.setdefault(door.rule.endpoint, []).append(door)
    shared = copied()
    for endpoint, ways in making.items():
        # Where an earlier deed of this walk has shut all the doors, a city that nobody has touched is asked.
        assert any(_is_taken_once(shared, door) for door in ways) or _is_taken_once(copied(), ways[0]), endpoint
    assert len(making) > 15


def _is_taken_once(city: City, door: Door) -> bool:
    """False where this is refused at once; otherwise the second sending leads to the first's place and adds no row."""
    data = form_encoded([*door.plain, ("once", new_key())])
    first = city.send("POST", door.path, door.cookie, data=data, content_type=URLENCODED)
    if first.status_code >= 400:
        return False
    before = rows(city)
    second = city.send("POST", door.path, door.cookie, data=data, content_type=URLENCODED)
    assert second.status_code in (302, 303), door
    assert second.location == first.location, door
    assert rows(city) == before, door
    return True
