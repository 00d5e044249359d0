"""Where the record ends: known to whoever asks whether anything has happened since."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from broker.store.base import Base


class EventHead(Base):
    """The last link of the chain: one row, which also is the lock that writers take for the moment of their commit."""

    __tablename__ = "event_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
