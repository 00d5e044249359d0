"""Letters that wait to be sent (ids only, so that what is sent is true when it is sent), and who wants which."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, func, or_, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from broker.domain.kinds import Role
from broker.domain.mail import MailKind, MailTopic
from broker.store.accounts import Membership, User
from broker.store.base import Base, db


class Outbox(Base):
    """One letter to one person; without a `user`, to the contact address that stands where it goes on that day.

    `state`: waiting, sent, failed, set_aside (not true or not wanted any more).

    `message_id` stays the same however often it is tried; `lease_until` is when it may be tried next. `address` is
    where it goes if not to the person's own address; `token` the secret part of a link: both are blanked when the
    letter is forgotten. `once` names what may be told only once.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_state", "state"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[MailKind] = mapped_column(String(40))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    subject: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    token: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(String(254))
    once: Mapped[str | None] = mapped_column(String(120), unique=True)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]
    user: Mapped[User | None] = relationship()


class MailRefusal(Base):
    """A person does not want to be written to about this."""

    __tablename__ = "mail_refusal"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    topic: Mapped[MailTopic] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime]


def refused_by(user_id: int) -> frozenset[MailTopic]:
    """What this person does not want to be written to about."""
    query = select(MailRefusal.topic).where(MailRefusal.user_id == user_id)
    return frozenset(MailTopic(topic) for topic in db.session.scalars(query))


def officers_of(authority_id: int) -> list[Membership]:
    """The memberships of an authority's officers, with their people."""
    serving = (Membership.role == Role.OFFICER, Membership.ended_at.is_(None))
    query = select(Membership).where(Membership.authority_id == authority_id, *serving)
    return list(db.session.scalars(query.options(joinedload(Membership.user)).order_by(Membership.id)))


def due_letters(at: datetime) -> list[int]:
    """The letters that may be tried now, oldest first."""
    free = or_(Outbox.lease_until.is_(None), Outbox.lease_until < at)
    return list(db.session.scalars(select(Outbox.id).where(Outbox.state == "waiting", free).order_by(Outbox.id)))


def told_before(once: str) -> bool:
    """Whether something that is told only once has been told, or is about to be."""
    return db.session.scalar(select(Outbox.id).where(Outbox.once == once)) is not None


def failed_letters(limit: int = 100) -> list[Outbox]:
    """Letters that were given up, newest first, with whom they were for."""
    query = select(Outbox).where(Outbox.state == "failed").options(joinedload(Outbox.user))
    return list(db.session.scalars(query.order_by(Outbox.id.desc()).limit(limit)))


def waiting_since() -> tuple[int, datetime | None]:
    """How many letters wait, and since when the oldest does."""
    query = select(func.count(Outbox.id), func.min(Outbox.created_at)).where(Outbox.state == "waiting")
    number, oldest = db.session.execute(query).one()
    return number, oldest
