"""Files that organisations have handed in. Their content lies in the database: kept, moved and restored with it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.domain.kinds import FileKind
from broker.store.base import Base, db
from broker.store.organisations import Organisation


class StoredFile(Base):
    """A document or a picture as it was kept: a picture has been drawn anew, so that nothing but what it shows is left.

    The same content is kept once for each organisation. `content` is loaded only when it is asked for.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        UniqueConstraint("organisation_id", "sha256"),
        CheckConstraint("size > 0", name="size_positive"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[FileKind] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    added_at: Mapped[datetime]
    organisation: Mapped[Organisation] = relationship()


def kept_by(organisation_id: int) -> int:
    """How many bytes an organisation has handed in."""
    query = select(func.coalesce(func.sum(StoredFile.size), 0)).where(StoredFile.organisation_id == organisation_id)
    return int(db.session.scalar(query) or 0)


def file_like(organisation_id: int, sha256: str) -> StoredFile | None:
    """The same content, where the organisation has handed it in before."""
    query = select(StoredFile).where(StoredFile.organisation_id == organisation_id, StoredFile.sha256 == sha256)
    return db.session.scalar(query)
