"""Forms that were sent, each known by its one-time key, so that one sent twice is taken once."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from broker.store.base import Base


class Submission(Base):
    """One form as one person filled it in. `place`: where the answer led; None while nothing came of it."""

    __tablename__ = "submission"
    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    place: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime]
