"""Facts about this database as a whole, such as that it is a demonstration."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from broker.store.base import Base, db


class Setting(Base):
    """A named fact."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


def is_demonstration() -> bool:
    """True when the database holds the demonstration city."""
    return db.session.get(Setting, "demonstration") is not None
