"""Letters that wait to be sent: ids only, so that what is sent is true when it is sent."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.domain.mail import MailKind
from broker.store.accounts import User
from broker.store.base import Base


class Outbox(Base):
    """One letter to one person. `state`: waiting, sent, failed. `message_id` stays the same however often it is tried.

    `token` is the secret part of a link, kept until the letter is sent and then blanked.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_state", "state"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[MailKind] = mapped_column(String(40))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    subject: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    token: Mapped[str | None] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()
