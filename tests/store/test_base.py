"""The tables hold what they promise, and a connection behaves as the product relies on."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from broker.store.base import db
from broker.store.listings import Listing
from tests import make


def test_pragmas_hold_on_every_connection(database: Flask) -> None:
    with db.engine.connect() as one, db.engine.connect() as other:
        for connection in (one, other):
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1
            assert connection.scalar(text("PRAGMA synchronous")) == 2
            connection.rollback()
            other.rollback()


def test_amounts_are_exact(database: Flask) -> None:
    area = make.authority()
    listing = make.need(make.organisation(area), area, amount=Decimal("2.50"))
    db.session.commit()
    assert db.session.scalar(select(Listing.quantity).where(Listing.id == listing.id)) == Decimal("2.5")


def test_parts_never_exceed_the_whole(database: Flask) -> None:
    area = make.authority()
    listing = make.need(make.organisation(area), area)
    listing.reserved = Decimal(11)
    with pytest.raises(IntegrityError):
        db.session.flush()
