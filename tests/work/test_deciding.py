"""By night the worker keeps how pairs looked that a person put together, before their listings change."""

from flask import Flask
from sqlalchemy import select

from broker.store.base import db
from broker.store.decisions import DecidedReason
from broker.work import jobs
from tests import make


def test_the_night_keeps_the_reason_of_a_pair_made_by_hand(app: Flask) -> None:
    with app.app_context():
        area = make.authority()
        need = make.need(make.organisation(area), area)
        offer = make.offer(make.supplier(area), area, body="Working laptops and computers for a homework club")
        make.match(need, offer, area)
        db.session.commit()
        jobs.KINDS["check_lists"](None, lambda _done, _total: None)
        kept = db.session.scalars(select(DecidedReason)).one()
        assert (kept.demand_id, kept.supply_id) == (need.id, offer.id)
        assert "words" in {part["name"] for part in kept.reason["parts"]}
        assert kept.engine.startswith("shipped-")
        jobs.KINDS["check_lists"](None, lambda _done, _total: None)
        assert len(list(db.session.scalars(select(DecidedReason)))) == 1
