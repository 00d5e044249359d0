"""Further installations beside the one under test, each with a folder and a database of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from broker import create_app
from broker.store.base import db
from tests.databases import Shelf


@contextmanager
def installation(shelf: Shelf, folder: Path) -> Iterator[Flask]:
    """A new and empty one, with its context open."""
    folder.mkdir()
    address = shelf.make(folder)
    app = create_app({"TESTING": True, "SECRET_KEY": "t" * 40, "DATABASE_URL": address})
    app.instance_path = str(folder)
    with app.app_context():
        db.create_all()
        db.session.remove()
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()
            shelf.drop(address)
