"""The last quarter of one area, with something in every table of its report; and what each number should be."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import update

from broker.domain.clock import now, today
from broker.domain.kinds import Answer, Channel, ClaimState, DeliveryState, Lane, Nature, NodeKind
from broker.domain.periods import Span, last_quarter
from broker.store.accounts import Membership
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.claims import Claim
from broker.store.confirmations import Confirmation
from broker.store.deliveries import Delivery
from broker.store.frameworks import Framework, Node, NodeMapping
from broker.store.listings import Posting
from broker.store.measures import Measure
from broker.store.organisations import Organisation
from broker.store.partnerships import Partnership
from broker.store.places import Ward
from broker.store.valuations import Valuation, ValuationEdition
from tests import make

SENTENCE = "They stayed until every bed was dug"


@dataclass
class Quarter:
    span: Span
    area: Authority
    officer: Membership
    giver: Organisation
    group: Organisation
    hours: Measure
    laptops: Measure
    partnership: Partnership
    done: Delivery
    story: Confirmation
    ward: Ward


def quarter() -> Quarter:
    """40 and 10 hours verified, 25 of them claimed; 8 in doubt, 7 laptops of 9, 30 hours told; 100 hours promised."""
    span = last_quarter(today())
    area = make.authority("Northmere", framework_code="NM")
    _framework(area)
    ward = Ward(code="E0501", name="Dale", authority=area, lat=53.0, lon=-2.0)
    db.session.add(ward)
    giver, group = make.supplier(area, name="Quayside Builders"), make.organisation(area, name="=Garden Club")
    hours, laptops = (
        make.measure("AA-01"),
        make.measure("AA-02", label="Laptops", unit="laptops", unit_kind="count", hubs=[]),
    )
    partnership = make.partnership(area, giver, group, created_at=_at(span), starts_on=span.starts, ends_on=span.ends)
    lasting = make.partnership(
        area, giver, group, lane=Lane.SYSTEMIC, review_on=span.ends, created_at=_at(span), starts_on=span.starts
    )
    promise = make.commitment(area, giver, hours, quantity=Decimal(100), created_at=_at(span), due_on=span.ends)
    partnership.commitment, partnership.committed_amount = promise, Decimal(60)
    contract = make.contract(area, giver, spent=Decimal(25_000), starts_on=span.starts)
    make.commitment(
        area, giver, hours, contract=contract, per_pounds=Decimal(10_000), quantity=Decimal(3), created_at=_at(span)
    )
    done = _done(partnership, hours, span, ward_id=ward.id)
    _done(lasting, hours, span, quantity=Decimal(10))
    _done(partnership, laptops, span, quantity=Decimal(9), verified=Decimal(7))
    for state in (DeliveryState.UNCONFIRMED, DeliveryState.DISPUTED, DeliveryState.LOGGED, DeliveryState.CONFIRMED):
        _done(partnership, hours, span, state=state, quantity=Decimal(2))
    _done(partnership, hours, span, state=DeliveryState.WITHDRAWN, quantity=Decimal(900))
    _inherent(area, group, hours, span)
    db.session.add(
        Claim(delivery=done, commitment=promise, quantity=Decimal(25), state=ClaimState.STANDING, claimed_at=now())
    )
    story = tell(done, SENTENCE)
    _asked_within(span)
    db.session.flush()
    officer = make.officer(area)
    return Quarter(span, area, officer, giver, group, hours, laptops, partnership, done, story, ward)


def tell(done: Delivery, sentence: str, **facts: Any) -> Confirmation:
    """What the group says of a delivery; it may be told unless said otherwise."""
    told = {"story_consent": True, "quantity": done.quantity, **facts}
    made = Confirmation(delivery=done, answer=Answer.YES, sentence=sentence, channel=Channel.PAGE, at=now(), **told)
    db.session.add(made)
    db.session.flush()
    return made


def edition(area: Authority, measure: Measure, name: str = "Values 2026", **facts: Any) -> ValuationEdition:
    """One unit is worth 10 to 20 pounds, a quarter of it would have happened anyway."""
    made = ValuationEdition(
        authority=area, name=name, price_year=2026, licence_note="Ours to use.", source="A study", loaded_at=now()
    )
    value = {"low": Decimal(10), "high": Decimal(20), "deadweight": 25, **facts}
    made.values = [Valuation(measure=measure, **value)]
    db.session.add(made)
    db.session.flush()
    return made


def _at(span: Span) -> datetime:
    return datetime.combine(span.starts + timedelta(days=3), time(12), now().tzinfo)


def _done(partnership: Partnership, measure: Measure, span: Span, **facts: Any) -> Delivery:
    days = {"started_on": span.starts + timedelta(days=9), "ended_on": span.starts + timedelta(days=10)}
    return make.delivery(partnership, measure, **{**days, **facts})


def _inherent(area: Authority, group: Organisation, measure: Measure, span: Span) -> None:
    db.session.add(
        Delivery(
            organisation=group, authority=area, measure=measure, nature=Nature.INHERENT, state=DeliveryState.TOLD,
            quantity=Decimal(30), started_on=span.starts, ended_on=span.ends, tier=1, logged_at=now(),
        )
    )  # fmt: skip


def _asked_within(span: Span) -> None:
    """Every need of the scene was first asked for in the quarter, and one of them nobody met."""
    area = db.session.query(Authority).first()
    assert area
    make.need(make.organisation(area), area, title="Nobody came")
    db.session.flush()
    db.session.execute(update(Posting).values(submitted_at=_at(span)))


def _framework(area: Authority) -> None:
    """A theme with a priority that is mapped to the shared outcome of our hours."""
    frame = Framework(
        code="NM",
        version=1,
        name="Northmere plan",
        level="local",
        status="current",
        wording="provisional",
        authority=area,
    )
    theme = Node(code="NM1", kind=NodeKind.THEME, label="Good neighbours", framework=frame)
    db.session.add(theme)
    db.session.flush()
    priority = Node(code="NM1.1", kind=NodeKind.PRIORITY, label="Gardens", framework=frame, parent_id=theme.id)
    priority.mappings = [NodeMapping(hub_code="H08", relation="narrower", confidence=0.9)]
    db.session.add(priority)
    db.session.flush()
