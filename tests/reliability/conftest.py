"""A database for a real product: a file, or a private PostgreSQL that keeps what it says it keeps."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Cluster, Server, own_cluster

DURABLE = ("listen_addresses=", "max_connections=60")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with own_cluster(DURABLE) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'broker.db'}"
        return
    shelf = Server(request.getfixturevalue("cluster").address)
    made = shelf.make(tmp_path)
    yield made
    shelf.drop(made)
