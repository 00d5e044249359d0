"""From where an organisation stands, a listing has a distance and a reason, in one statement."""

from flask import Flask

from broker.actions import suggesting
from broker.actions.jobs import owe_suggestions
from broker.domain.places import Point
from broker.store.base import db
from broker.store.places import Postcode
from broker.store.standpoint import standpoint
from tests import make


def test_home_and_fits(database: Flask, statements: list[str]) -> None:
    area = make.authority()
    group, firm, other = make.organisation(area), make.supplier(area), make.supplier(area)
    need = make.need(group, area)
    fitting = make.offer(firm, area)
    make.offer(firm, area, title="A choir sings", body="Forty voices, every Wednesday")
    make.offer(other, area)
    db.session.add(Postcode(code="QM1 1AA", lat=3.0, lon=4.0))
    owe_suggestions(need)
    outlook = suggesting.look()
    assert outlook
    suggesting.keep(outlook)
    statements.clear()
    seen = standpoint(firm.id, need.id)
    assert len(statements) == 1
    assert seen.home == Point(3.0, 4.0)
    assert [fit.id for fit in seen.fits] == [fitting.id]
    assert seen.fits[0].reason["parts"]
    assert standpoint(group.id, fitting.id).fits[0].id == need.id
    assert standpoint(other.id, fitting.id).fits == []


def test_an_unknown_place_is_unknown(database: Flask) -> None:
    area = make.authority()
    assert standpoint(make.organisation(area, postcode="").id, 1) == (None, [])


def test_home_is_the_whole_postcode_or_else_its_half(database: Flask) -> None:
    group = make.organisation(make.authority(), postcode="QM1 1AA")
    assert standpoint(group.id, 1).home is None
    db.session.add(Postcode(code="QM1", lat=53.0, lon=-4.0))
    assert standpoint(group.id, 1).home == Point(53.0, -4.0)
    db.session.add(Postcode(code="QM1 1AA", lat=53.5, lon=-4.5))
    assert standpoint(group.id, 1).home == Point(53.5, -4.5)
