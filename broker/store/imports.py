"""Files of listings that an officer brought in, with what became of each row."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, func, select
from sqlalchemy.orm import Mapped, defer, joinedload, mapped_column, relationship

from broker.store.accounts import User
from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.jobs import Job
from broker.store.listings import Listing
from broker.store.reach import OfOneAuthority


class Import(OfOneAuthority, Base):
    """One uploaded file. `refused`: [{line, id, field, reason}]; `same`: [{line, id, title, listing_id}].

    `content` is the file itself, kept only until it has been brought in: it may hold what nobody should keep.
    `reached` is the line of the last row brought in, so that an import cut short goes on where it stopped.
    """

    __tablename__ = "import"
    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    filename: Mapped[str] = mapped_column(String(300))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    encoding: Mapped[str] = mapped_column(String(40), default="")
    all_or_nothing: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    rows: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    reached: Mapped[int] = mapped_column(default=0)
    same: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)
    refused: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)
    authority: Mapped[Authority] = relationship()
    by: Mapped[User | None] = relationship()


def imports_of(authority_id: int) -> list[Import]:
    """The hundred newest imports of an authority, with who brought them in; their reports left unread."""
    query = (
        select(Import)
        .where(Import.authority_id == authority_id)
        .options(joinedload(Import.by), defer(Import.same), defer(Import.refused))
        .order_by(Import.id.desc())
        .limit(100)
    )
    return list(db.session.scalars(query))


def waiting_import(authority_id: int, content: bytes, all_or_nothing: bool, since: datetime) -> Import | None:
    """The import of this very file that was sent since that moment and has not been brought in yet."""
    query = select(Import).where(
        Import.authority_id == authority_id,
        Import.content == content,
        Import.all_or_nothing == all_or_nothing,
        Import.created_at >= since,
        Import.finished_at.is_(None),
    )
    return db.session.scalars(query.limit(1)).first()


def import_job(import_id: int) -> Job | None:
    """The newest piece of background work for an import."""
    query = select(Job).where(Job.kind == "import", Job.argument == import_id).order_by(Job.id.desc()).limit(1)
    return db.session.scalar(query)


def known_ids(authority_id: int) -> set[str]:
    """The ids under which listings were imported into an authority before."""
    query = select(Listing.source_id).where(Listing.source_authority_id == authority_id)
    return {found for found in db.session.scalars(query) if found}


def count() -> int:
    """How many listings there are, of every kind and in every state."""
    return db.session.scalar(select(func.count()).select_from(Listing)) or 0
