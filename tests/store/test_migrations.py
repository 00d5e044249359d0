"""The numbered steps build the very tables that the models describe, forth and back, and lose no row."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from broker import create_app
from broker.store import TABLES
from broker.store.base import db
from broker.store.listings import ListingVersion
from tests import make


@pytest.fixture
def stepped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An app on a database that the steps alone have made."""
    monkeypatch.setenv("BROKER_INSTANCE", str(tmp_path))
    app = create_app({"TESTING": True, "SECRET_KEY": "t" * 40})
    with app.app_context():
        upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


def differences() -> list[object]:
    db.session.remove()  # one connection at a time
    with db.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), TABLES))


def test_the_steps_make_the_tables_of_the_models(stepped: Flask) -> None:
    assert differences() == []


def test_a_step_back_and_forth_loses_no_listing(stepped: Flask) -> None:
    area = make.authority()
    make.need(make.organisation(area), area, title="Ten chairs", background_check="basic")
    db.session.commit()
    db.session.remove()
    downgrade(revision="0002")
    assert any("background_check" in str(each) for each in differences())
    upgrade()
    found = db.session.execute(select(ListingVersion.title, ListingVersion.background_check)).all()
    assert [tuple(row) for row in found] == [("Ten chairs", None)]
    assert differences() == []
