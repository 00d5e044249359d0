"""What hangs on a person: whether an administrator has to look before they can be erased."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Select, case, exists, func, or_, select
from sqlalchemy.orm import aliased, selectinload

from broker.domain.kinds import MatchState, PartnershipState, Role
from broker.store.accounts import Membership, User
from broker.store.base import db
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.organisations import Organisation
from broker.store.partnerships import Partnership

LIVE = (PartnershipState.PLANNED, PartnershipState.RUNNING, PartnershipState.REVIEW_DUE)


class Tie(NamedTuple):
    """One thing that hangs on a person. `what`: match, partnership or staff; of the first two the id, and with whom."""

    what: str
    id: int | None = None
    other: str = ""


def ties_of(user_id: int, left_alone: Collection[int]) -> list[Tie]:
    """What these organisations have promised others, with nobody else to keep it, and a place on a council's staff."""
    running = _promised(left_alone, Partnership.id).join(Partnership, Partnership.match_id == Match.id)
    running = running.where(Partnership.state.in_(LIVE)).order_by(Partnership.id)
    agreed = _promised(left_alone, Match.id).where(Match.state == MatchState.AGREED).order_by(Match.id)
    found = [Tie("partnership", key, other) for key, other in db.session.execute(running)]
    found += [Tie("match", key, other) for key, other in db.session.execute(agreed)]
    is_staff = exists().where(
        Membership.user_id == user_id, Membership.role != Role.MEMBER, Membership.ended_at.is_(None)
    )
    return found + ([Tie("staff")] if db.session.scalar(select(is_staff)) else [])


def _promised(left_alone: Collection[int], what: Any) -> Select[int, str]:
    """The id of something, and the name of the other side, for matches of which these organisations are one side."""
    demand, supply = aliased(Listing), aliased(Listing)
    is_demand = demand.organisation_id.in_(left_alone)
    return (
        select(what, Organisation.name)
        .select_from(Match)
        .join(demand, demand.id == Match.demand_id)
        .join(supply, supply.id == Match.supply_id)
        .join(Organisation, Organisation.id == case((is_demand, supply.organisation_id), else_=demand.organisation_id))
        .where(or_(is_demand, supply.organisation_id.in_(left_alone)))
    )


def is_last_administrator(user_id: int) -> bool:
    """True for an administrator beside whom there is no other."""
    query = select(Membership.user_id).join(Membership.user)
    living = query.where(Membership.ended_at.is_(None), User.switched_off_at.is_(None))
    return set(db.session.scalars(living.where(Membership.role == Role.ADMINISTRATOR))) == {user_id}


def organisations_with(user: User) -> list[Organisation]:
    """Those that a person acts for, and those that still name them as whom to ask."""
    acts_for = select(Membership.organisation_id).where(Membership.user_id == user.id, Membership.ended_at.is_(None))
    named = func.lower(Organisation.contact_email) == user.email
    query = select(Organisation).where(or_(Organisation.id.in_(acts_for), named)).order_by(Organisation.id)
    return list(db.session.scalars(query))


def listings_of(organisation_id: int) -> list[Listing]:
    """Everything an organisation ever posted, with where it stands."""
    query = select(Listing).where(Listing.organisation_id == organisation_id).options(selectinload(Listing.postings))
    return list(db.session.scalars(query.order_by(Listing.id)))
