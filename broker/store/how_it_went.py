"""How partnerships went, taken together: which nobody has asked about yet, and what came of asking."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from broker.domain.feedback import LEAST_SHOWN
from broker.domain.kinds import PartnershipState, Side
from broker.domain.permissions import Action
from broker.store.base import db
from broker.store.events import Event
from broker.store.feedback import Feedback
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.partnerships import Partnership


class Average(NamedTuple):
    """What others said of an organisation: the mean of their scores, and how many those were."""

    score: Decimal
    number: int


def unasked(ended_before: date) -> list[Partnership]:
    """Partnerships past their last day of which nobody has asked yet how it went."""
    asked = exists().where(
        Event.subject == Partnership.__tablename__,
        Event.subject_id == Partnership.id,
        Event.action == Action.ASK_FEEDBACK,
    )
    over = select(Partnership).where(
        Partnership.state.in_([PartnershipState.RUNNING, PartnershipState.REVIEW_DUE]),
        Partnership.ends_on < ended_before,
        ~asked,
    )
    return list(db.session.scalars(over.order_by(Partnership.id)))


def average_of(organisation_id: int) -> Average | None:
    """What the others said of the partnerships with an organisation; None while too few did to hide who."""
    demand, supply = aliased(Listing), aliased(Listing)
    of_the_other = or_(
        and_(Feedback.side == Side.SUPPLY, demand.organisation_id == organisation_id),
        and_(Feedback.side == Side.DEMAND, supply.organisation_id == organisation_id),
    )
    query = (
        select(func.count(Feedback.score), func.sum(Feedback.score))
        .join(Partnership, Partnership.id == Feedback.partnership_id)
        .join(Match, Match.id == Partnership.match_id)
        .join(demand, demand.id == Match.demand_id)
        .join(supply, supply.id == Match.supply_id)
        .where(of_the_other)
    )
    number, total = db.session.execute(query).one()
    return Average(round(Decimal(total or 0) / number, 1), number) if number >= LEAST_SHOWN else None
