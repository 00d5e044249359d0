"""The demonstration city as its visitors find it: a ledger that balances, and something on every page of the chain."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from broker.domain.kinds import ClaimState, DeliveryState, Nature
from broker.store.base import db
from broker.store.claims import Claim
from broker.store.confirmations import Confirmation
from broker.store.deliveries import Delivery
from broker.store.evidence import Evidence
from broker.store.measures import measures_for
from broker.store.milestones import Milestone
from broker.store.organisations import Organisation
from broker.store.periods import ReportPeriod
from broker.store.valuations import edition_in_use
from broker.store.verifications import Verification
from tests.city import City


def test_the_ledger_balances(city: City) -> None:
    with city.app.app_context():
        claimed = select(Claim.delivery_id, func.sum(Claim.quantity)).where(Claim.state == ClaimState.STANDING)
        taken = {key: total for key, total in db.session.execute(claimed.group_by(Claim.delivery_id))}  # noqa: C416
        split = select(Claim.delivery_id).group_by(Claim.delivery_id).having(func.count() > 1)
        assert len(db.session.scalars(split).all()) >= 1, "forty hours, as twenty-five and fifteen"
        for delivery in db.session.scalars(select(Delivery)):
            assert taken.get(delivery.id, Decimal(0)) <= delivery.verified <= delivery.quantity
            assert delivery.nature == Nature.ADDITIONAL or delivery.id not in taken


def test_nothing_is_verified_without_a_word_and_above_the_first_tier_without_a_paper(city: City) -> None:
    with city.app.app_context():
        said = set(db.session.scalars(select(Confirmation.delivery_id).where(Confirmation.superseded_at.is_(None))))
        shown = set(db.session.scalars(select(Evidence.delivery_id)))
        vouched = {each.delivery_id: each for each in db.session.scalars(select(Verification))}
        own = select(Delivery).where(Delivery.state == DeliveryState.VERIFIED)
        for delivery in db.session.scalars(own.where(Delivery.place != "")):
            assert delivery.id in said
            assert vouched[delivery.id].quantity == delivery.verified
            assert delivery.tier == 1 or delivery.id in shown


def test_it_has_something_of_everything(city: City) -> None:
    with city.app.app_context():
        assert set(db.session.scalars(select(Delivery.state))) == set(DeliveryState)
        assert db.session.scalar(select(func.count()).where(Milestone.reached_at.is_not(None)))
        assert db.session.scalar(select(func.count()).where(Organisation.is_named))
        period = db.session.scalars(select(ReportPeriod).order_by(ReportPeriod.id)).first()
        assert period is not None
        assert period.figures["measures"]
        edition = edition_in_use(period.authority_id)
        assert edition is not None
        assert "invented" in edition.name
        assert any(each.authority_id for each in measures_for(period.authority_id))


@pytest.mark.parametrize(
    "path", ["/contracts", "/reports", "/reports/chain", "/reports/pack", "/wards", "/valuations", "/measures/own"]
)
def test_every_page_of_the_chain_opens(city: City, path: str) -> None:
    answer = city.send("GET", path, city.cookies["officer"])
    assert answer.status_code == 200
