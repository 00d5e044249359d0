"""The demonstration city, built once and shared by the tests that attack it."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from broker import create_app
from broker.store.base import db
from tests.city import City, found_city, nothing_kept
from tests.databases import Shelf
from tests.doors import Door, find_doors


@pytest.fixture
def service(own_instance: object) -> Iterator[Callable[..., Flask]]:
    """Makes the application anew on the test's own database, with other settings."""
    made: list[Flask] = []

    def make(**settings: object) -> Flask:
        made.append(create_app({"TESTING": True, "SECRET_KEY": "t" * 40, **settings}))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="session")
def founded(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("city")
    address = shelf.make(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BROKER_INSTANCE", str(folder))
        patch.setenv("BROKER_DATABASE_URL", address)
        city = found_city()
    yield city
    shelf.drop(address)
    print(f"\n{city.sent:,} requests were sent to the city")


@pytest.fixture
def city(founded: City) -> Iterator[City]:
    """The city for one test; whatever is done to it is taken back at once."""
    with nothing_kept(founded):
        yield founded


@pytest.fixture(scope="session")
def door_book() -> list[Door]:
    return []


@pytest.fixture
def doors(city: City, door_book: list[Door]) -> list[Door]:
    """Every page that takes a post, found by the first test that asks."""
    if not door_book:
        door_book.extend(find_doors(city))
    return door_book
