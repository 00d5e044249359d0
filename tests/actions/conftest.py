"""A town for the tests of actions, and places for further installations on either database."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.databases import Files, Server, Shelf, own_cluster
from tests.town import Town, build


@pytest.fixture
def town(database: Flask) -> Town:
    return build()


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    with own_cluster() as cluster:
        yield Server(cluster.address)


@pytest.fixture
def shelves(request: pytest.FixtureRequest) -> Callable[[str], Shelf]:
    """Where databases of a kind are kept; PostgreSQL is only started for who asks."""
    return lambda kind: Files() if kind == "sqlite" else request.getfixturevalue("server")
