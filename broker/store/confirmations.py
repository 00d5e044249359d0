"""Confirmations: what a receiver says of a delivery, by which link, and who may not since they act for its giver."""

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    and_,
    exists,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, aliased, joinedload, mapped_column, relationship

from broker.domain.kinds import Answer, Channel, DeliveryState, Role
from broker.store.accounts import Membership, User
from broker.store.base import Base, LargeAmount, db
from broker.store.deliveries import Delivery
from broker.store.files import StoredFile
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.measures import Measure
from broker.store.partnerships import Partnership

_LIVE = text("superseded_at IS NULL")


class Confirmation(Base):
    """What a receiver says of a delivery; the last one counts, those before it are superseded.

    `quantity` is what they say they got. Their `sentence` may be told as a story, and the photo be shown, only with
    `story_consent` and `photo_consent`. `by` is nobody where a link was used: who holds it is not asked for a name.
    """

    __tablename__ = "confirmation"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        CheckConstraint("answer <> 'not_at_all' OR quantity = 0", name="nothing_is_nothing"),
        Index("uq_confirmation_live", "delivery_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), index=True)
    answer: Mapped[Answer] = mapped_column(String(20))
    quantity: Mapped[Decimal] = mapped_column(LargeAmount)
    sentence: Mapped[str] = mapped_column(Text, default="")
    story_consent: Mapped[bool] = mapped_column(default=False)
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    photo_consent: Mapped[bool] = mapped_column(default=False)
    channel: Mapped[Channel] = mapped_column(String(20))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    delivery: Mapped[Delivery] = relationship()
    photo: Mapped[StoredFile | None] = relationship()
    by: Mapped[User | None] = relationship()


class ConfirmationLink(Base):
    """A link that lets its holder answer for one delivery, once. Only the hash of its token stands here."""

    __tablename__ = "confirmation_link"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    delivery: Mapped[Delivery] = relationship()


SAYS = and_(Confirmation.delivery_id == Delivery.id, Confirmation.superseded_at.is_(None))
_IN_A_LIST = (joinedload(Delivery.measure), joinedload(Delivery.organisation))


def confirmation_of(delivery_id: int) -> Confirmation | None:
    """What the receiver says of a delivery, as it stands."""
    query = select(Confirmation).where(Confirmation.delivery_id == delivery_id, Confirmation.superseded_at.is_(None))
    return db.session.scalar(query)


def photos_of(delivery_id: int) -> list[StoredFile]:
    """The photos that stand with any answer about a delivery, those of earlier answers included."""
    shown = select(Confirmation.photo_id).where(Confirmation.delivery_id == delivery_id)
    return list(db.session.scalars(select(StoredFile).where(StoredFile.id.in_(shown))))


def to_answer(organisation_id: int) -> list[Delivery]:
    """What waits for this organisation's answer, the most pressing first, each with its measure and giver."""
    unanswered = Delivery.state.in_([DeliveryState.LOGGED, DeliveryState.UNCONFIRMED])
    query = select(Delivery).where(_asked_for_by(organisation_id), unanswered).options(*_IN_A_LIST)
    return list(db.session.scalars(query.order_by(Delivery.answer_by, Delivery.id)))


def received_by(
    organisation_id: int, page: int = 1, size: int | None = None
) -> list[tuple[Delivery, Confirmation | None]]:
    """What an organisation received and was not taken back, the latest first, with what it says of it: all of it, or
    one page (from 1) of this size and one more.
    """
    query = (
        select(Delivery, Confirmation)
        .outerjoin(Confirmation, SAYS)
        .where(_asked_for_by(organisation_id), Delivery.state != DeliveryState.WITHDRAWN)
        .options(*_IN_A_LIST)
        .order_by(Delivery.ended_on.desc(), Delivery.id.desc())
    )
    if size is not None:
        query = query.offset((page - 1) * size).limit(size + 1)
    return [(delivery, said) for delivery, said in db.session.execute(query)]


def sums_received_by(organisation_id: int) -> list[tuple[Measure, Decimal]]:
    """How much of each measure an organisation says it got in all, by the measures' codes."""
    sums = (
        select(Delivery.measure_id, func.sum(Confirmation.quantity).label("total"))
        .join(Confirmation, SAYS)
        .where(_asked_for_by(organisation_id), Delivery.state != DeliveryState.WITHDRAWN, Confirmation.quantity > 0)
        .group_by(Delivery.measure_id)
        .subquery()
    )
    query = select(Measure, sums.c.total).join(sums, sums.c.measure_id == Measure.id)
    return [(measure, total) for measure, total in db.session.execute(query.order_by(Measure.code, Measure.id))]


def _asked_for_by(organisation_id: int) -> ColumnElement[bool]:
    """The same as received_by, from the few listings of one organisation to the few deliveries behind them."""
    theirs = select(Partnership.id).join(Match, Match.id == Partnership.match_id)
    theirs = theirs.join(Listing, Listing.id == Match.demand_id).where(Listing.organisation_id == organisation_id)
    return Delivery.partnership_id.in_(theirs)


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


def acts_for_receiver(user_id: int | None, delivery: Delivery) -> bool:
    """Whether somebody is one of the receiver's own people, whose word comes first and is not vouched for by them."""
    theirs = (Membership.user_id == user_id, Membership.organisation_id == delivery.receiver_id)
    return bool(db.session.scalar(select(exists().where(*theirs, Membership.ended_at.is_(None)))))


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
