"""PostgreSQL stops and comes back: pages say so meanwhile, and go on without a restart of ours."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from broker import create_app
from broker.store.base import db
from tests.conftest import PageChecker
from tests.databases import Cluster, Server, no_connection_left, only_postgresql, own_cluster

pytestmark = only_postgresql
SIGN_IN = {"email": "nobody@example.org", "password": "three random words"}


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with own_cluster() as made:
        yield made


@pytest.fixture
def app(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setenv("BROKER_INSTANCE", str(tmp_path))
    monkeypatch.setenv("BROKER_DATABASE_URL", Server(cluster.address).make(tmp_path))
    with no_connection_left():
        made = create_app({"TESTING": True, "WTF_CSRF_ENABLED": False, "SECRET_KEY": "t" * 40})
        with made.app_context():
            db.create_all()
            db.session.commit()
        yield made


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_pages_wait_for_the_server_and_go_on(cluster: Cluster, client: PageChecker, mode: str) -> None:
    assert client.get("/listings").status_code == 200
    cluster.stop(mode)
    for answer in (client.get("/listings"), client.post("/sign-in", data=SIGN_IN)):
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
    cluster.start()
    assert client.get("/listings").status_code == 200
    assert client.post("/sign-in", data=SIGN_IN).status_code == 422
