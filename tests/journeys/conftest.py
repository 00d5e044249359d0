"""Whole stories through the client: the councils of the demonstration city, tokens checked as they are in earnest."""

import pytest
from flask import Flask
from sqlalchemy import select

from broker import create_app
from broker.actions import frameworks, places
from broker.actions.demonstration import FOLDER
from broker.actions.passwords import hash_password
from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.store.accounts import Membership, User
from broker.store.authorities import Authority
from broker.store.base import db
from tests.conftest import PageChecker
from tests.databases import Shelf
from tests.journeys.town import PASSWORD, Town
from tests.journeys.visitor import Visitor


@pytest.fixture(scope="session")
def template_database(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a database with councils, their frameworks and officers, and the places of Mereland; no more."""
    address = shelf.make(tmp_path_factory.mktemp("town"))
    app = create_app({"DATABASE_URL": address, "SECRET_KEY": "t" * 40})
    with app.app_context():
        db.create_all()
        frameworks.load_shipped()
        frameworks.load_shipped(FOLDER / "frameworks")
        places.load_wards(FOLDER / "wards.geojson")
        places.load_postcodes(FOLDER / "postcodes.csv")
        _appoint()
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return address


def _appoint() -> None:
    """Two officers in Northmere, one in Westerby, one in Manchester (whose themes are placeholders)."""
    hashed = hash_password(PASSWORD)
    councils = {area.name.lower(): area for area in db.session.scalars(select(Authority))}
    staff = [("officer", "northmere"), ("colleague", "northmere"), ("officer", "westerby"), ("officer", "manchester")]
    for name, council in staff:
        facts = {"email": f"{name}@{council}.example", "name": f"{name} {council}".title()}
        user = User(**facts, password_hash=hashed, created_at=now())
        db.session.add(Membership(user=user, role=Role.OFFICER, authority=councils[council], created_at=now()))


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
