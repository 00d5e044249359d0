"""The city of the walk, built once for all its tests."""

from collections.abc import Iterator

import pytest

from tests.city import found_city, nothing_kept
from tests.databases import Shelf
from tests.walk.visitors import Walk, found_walk


@pytest.fixture(scope="session")
def walked(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    folder = tmp_path_factory.mktemp("walk")
    address = shelf.make(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BROKER_INSTANCE", str(folder))
        patch.setenv("BROKER_DATABASE_URL", address)
        city = found_city()
        with city.app.app_context():
            walk = found_walk(city)
    yield walk
    shelf.drop(address)


@pytest.fixture
def walk(walked: Walk) -> Iterator[Walk]:
    with nothing_kept(walked.city):
        yield walked
