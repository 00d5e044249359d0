"""Whole stories through the client: the councils of the demonstration city, tokens checked as they are in earnest."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from broker import create_app
from broker.actions import frameworks, places
from broker.actions.accounts import hash_password
from broker.actions.demonstration import FOLDER
from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.store.accounts import Membership, User
from broker.store.authorities import Authority
from broker.store.base import db
from tests.conftest import PageChecker
from tests.journeys.town import PASSWORD, Town
from tests.journeys.visitor import Visitor


@pytest.fixture(scope="session")
def template_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the councils of Mereland, their frameworks, wards, postcodes and officers; nothing else."""
    folder = tmp_path_factory.mktemp("town")
    app = create_app({"DATABASE_URL": f"sqlite:///{folder / 'broker.db'}", "SECRET_KEY": "t" * 40})
    with app.app_context():
        db.create_all()
        frameworks.load_shipped(FOLDER / "frameworks")
        places.load_wards(FOLDER / "wards.geojson")
        places.load_postcodes(FOLDER / "postcodes.csv")
        _appoint()
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return folder / "broker.db"


def _appoint() -> None:
    """Two officers in Northmere, one in Westerby, and an administrator."""
    hashed = hash_password(PASSWORD)
    councils = {area.name.lower(): area for area in db.session.scalars(select(Authority))}
    staff = [("officer", "northmere"), ("colleague", "northmere"), ("officer", "westerby"), ("administrator", "")]
    for name, council in staff:
        user = User(email=f"{name}@{council or 'all'}.example", name=f"{name} {council}".title().strip(),
                    password_hash=hashed, created_at=now())  # fmt: skip
        role = Role.OFFICER if council else Role.ADMINISTRATOR
        db.session.add(Membership(user=user, role=role, authority=councils.get(council), created_at=now()))


@pytest.fixture
def app(app: Flask) -> Flask:
    """The app of every test, with its tokens checked."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app


@pytest.fixture
def town(app: Flask) -> Town:
    app.test_client_class = PageChecker

    def visit() -> Visitor:
        client = app.test_client()
        assert isinstance(client, PageChecker)
        return Visitor(client)

    return Town(app, visit)
