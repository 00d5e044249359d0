"""Verifications: who vouched for how much of a delivery, and how it stands with what its receiver says."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, String, and_, exists, select
from sqlalchemy.orm import Mapped, aliased, contains_eager, joinedload, mapped_column, relationship

from broker.domain.kinds import Voucher
from broker.store.accounts import User
from broker.store.base import Base, LargeAmount, db
from broker.store.confirmations import SAYS, Confirmation, ConfirmationLink
from broker.store.deliveries import Delivery


class Verification(Base):
    """Who vouched for how much of a delivery: its receiver, or above the first tier an officer; never its giver."""

    __tablename__ = "verification"
    __table_args__ = (CheckConstraint("quantity >= 0", name="quantity_not_negative"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), index=True)
    voucher: Mapped[Voucher] = mapped_column(String(20))
    quantity: Mapped[Decimal] = mapped_column(LargeAmount)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]
    delivery: Mapped[Delivery] = relationship()
    by: Mapped[User | None] = relationship()


class Standing(NamedTuple):
    """What is said of a delivery and who vouched for it, as it stands, and whether a link to answer by still opens."""

    confirmation: Confirmation | None = None
    verification: Verification | None = None
    is_asked: bool = False


def standing_of(delivery_id: int, at: datetime) -> Standing:
    """What the receiver says and who vouched for it, with their people."""
    said_by, vouched_by = aliased(User), aliased(User)
    vouched = and_(Verification.delivery_id == Delivery.id, Verification.taken_back_at.is_(None))
    opens = (ConfirmationLink.used_at.is_(None), ConfirmationLink.expires_at > at)
    query = (
        select(Confirmation, Verification, exists().where(ConfirmationLink.delivery_id == Delivery.id, *opens))
        .select_from(Delivery)
        .outerjoin(Confirmation, SAYS)
        .outerjoin(Confirmation.by.of_type(said_by))
        .outerjoin(Verification, vouched)
        .outerjoin(Verification.by.of_type(vouched_by))
        .where(Delivery.id == delivery_id)
        .options(
            contains_eager(Confirmation.by.of_type(said_by)),
            contains_eager(Verification.by.of_type(vouched_by)),
            joinedload(Confirmation.photo),
        )
        .order_by(Verification.id.desc())
    )
    row = db.session.execute(query).first()
    return Standing(*row) if row else Standing()
