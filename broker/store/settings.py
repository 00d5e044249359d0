"""Facts about this database as a whole, such as that it is a demonstration."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from broker.store.base import Base, db

BACKUP = "last_backup"
WORKER = "worker_seen"


class Setting(Base):
    """A named fact."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


def is_demonstration() -> bool:
    """True when the database holds the demonstration city."""
    return db.session.get(Setting, "demonstration") is not None


def fact(name: str) -> str | None:
    """What this fact says; None where nobody has noted it."""
    found = db.session.get(Setting, name)
    return found.value if found else None


def moment(name: str) -> datetime | None:
    """When it happened, for a fact that is a moment."""
    said = fact(name)
    return datetime.fromisoformat(said) if said else None
