"""Which person of ours a council's own sign-in stands for."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from broker.store.accounts import User
from broker.store.base import Base, db


class StaffIdentity(Base):
    """A person as their council's provider knows them: `subject` never changes there, an e-mail address may."""

    __tablename__ = "staff_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("issuer", "user_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    user: Mapped[User] = relationship()


def staff_identity(issuer: str, subject: str) -> StaffIdentity | None:
    """The person behind a provider's subject, if they have come before."""
    query = (
        select(StaffIdentity)
        .where(StaffIdentity.issuer == issuer, StaffIdentity.subject == subject)
        .options(joinedload(StaffIdentity.user))
    )
    return db.session.scalar(query)


def has_identity(issuer: str, user_id: int) -> bool:
    """True when another subject of this provider stands for the person already."""
    query = select(StaffIdentity.id).where(StaffIdentity.issuer == issuer, StaffIdentity.user_id == user_id)
    return db.session.scalar(query) is not None
