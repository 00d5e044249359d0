"""Who is asked to confirm a delivery, by which link, and who may not because they act for its giver."""

from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from broker.domain.kinds import DeliveryState, Role
from broker.store.accounts import Membership, User
from broker.store.base import db
from broker.store.deliveries import ConfirmationLink, Delivery
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.partnerships import Partnership


def asked_since(at: datetime) -> list[tuple[Delivery, datetime]]:
    """What waits for its receiver's answer, and since when its receiver has had a link that still opens."""
    query = (
        _links(at)
        .with_only_columns(Delivery, func.min(ConfirmationLink.created_at))
        .join(Delivery, Delivery.id == ConfirmationLink.delivery_id)
        .where(Delivery.state == DeliveryState.LOGGED, Delivery.answer_by >= at.date())
        .group_by(Delivery.id)
        .order_by(Delivery.id)
    )
    return [(delivery, since) for delivery, since in db.session.execute(query)]


def link_behind(token_hash: str) -> ConfirmationLink | None:
    """The link of a letter, with its delivery, whether or not it still opens anything."""
    delivery = joinedload(ConfirmationLink.delivery)
    options = (
        delivery.joinedload(Delivery.organisation),
        delivery.joinedload(Delivery.measure),
        delivery.joinedload(Delivery.authority),
        delivery.joinedload(Delivery.ward),
        delivery.joinedload(Delivery.partnership)
        .joinedload(Partnership.match)
        .joinedload(Match.demand)
        .joinedload(Listing.organisation),
    )
    return db.session.scalar(
        select(ConfirmationLink).where(ConfirmationLink.token_hash == token_hash).options(*options)
    )


def people_to_ask(delivery: Delivery) -> list[User]:
    """The receiver's members who can answer: those that do not act for the giver as well."""
    of_the_giver = exists().where(*_acted(Membership.user_id, delivery, aliased(Membership)))
    query = select(User).join(Membership, Membership.user_id == User.id)
    theirs = (Membership.organisation_id == delivery.receiver_id, Membership.role == Role.MEMBER)
    return list(
        db.session.scalars(query.where(*theirs, Membership.ended_at.is_(None), ~of_the_giver).order_by(User.id))
    )


def acted_for_giver(user_id: int | None, delivery: Delivery) -> bool:
    """Whether somebody acts for the giver of a delivery, in whatever role, or did when it was done."""
    if user_id is None:
        return False
    acted = exists().where(*_acted(user_id, delivery, aliased(Membership)))
    return user_id == delivery.logged_by_id or bool(db.session.scalar(select(acted)))


def is_givers(address: str, delivery: Delivery) -> bool:
    """Whether this is the address of somebody who acts for the giver, or of the giver itself."""
    wanted = address.strip().lower()
    if wanted == delivery.organisation.contact_email.strip().lower():
        return True
    of = aliased(Membership)
    theirs = select(User.id).where(User.email == wanted, exists().where(*_acted(User.id, delivery, of)))
    return db.session.scalar(theirs.limit(1)) is not None


def _acted(user_id: object, delivery: Delivery, of: type[Membership]) -> tuple[ColumnElement[bool], ...]:
    began = datetime.combine(delivery.started_on, time.min, UTC)
    return (
        of.user_id == user_id,
        of.organisation_id == delivery.organisation_id,
        or_(of.ended_at.is_(None), of.ended_at >= began),
    )


def _links(at: datetime) -> Select[Any]:
    """The links that still open something."""
    return select(ConfirmationLink.id).where(ConfirmationLink.used_at.is_(None), ConfirmationLink.expires_at > at)
