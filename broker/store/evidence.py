"""Evidence: the files that an organisation has handed in, and which delivery each of them supports."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, exists, or_, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, undefer

from broker.domain.permissions import Action, Actor
from broker.store.base import Base, db
from broker.store.confirmations import Confirmation
from broker.store.deliveries import Delivery
from broker.store.files import StoredFile
from broker.store.reach import within


class Evidence(Base):
    """A file that supports a delivery, and what it shows. One file may support several."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("delivery_id", "file_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), index=True)
    what: Mapped[str] = mapped_column(String(400), default="")
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    added_at: Mapped[datetime]
    delivery: Mapped[Delivery] = relationship()
    file: Mapped[StoredFile] = relationship()


def evidence_for(delivery_id: int) -> list[Evidence]:
    """What supports a delivery, the first that was added first."""
    query = select(Evidence).where(Evidence.delivery_id == delivery_id).options(joinedload(Evidence.file))
    return list(db.session.scalars(query.order_by(Evidence.id)))


def evidence_with(delivery_id: int, file_id: int) -> Evidence | None:
    """The evidence that this file is for this delivery."""
    return db.session.scalar(select(Evidence).where(Evidence.delivery_id == delivery_id, Evidence.file_id == file_id))


def is_used(file_id: int) -> bool:
    """True while a delivery or a confirmation needs a file."""
    supports = exists().where(Evidence.file_id == file_id)
    shows = exists().where(Confirmation.photo_id == file_id)
    return bool(db.session.scalar(select(or_(supports, shows))))


def readable_file(file_id: int, actor: Actor) -> StoredFile | None:
    """A file with its content, for whoever may see a delivery that it supports, or was confirmed with."""
    query = select(StoredFile).where(StoredFile.id == file_id, _readable(actor))
    return db.session.scalar(query.options(undefer(StoredFile.content)))


def files_of(organisation_id: int, actor: Actor, most: int) -> list[StoredFile]:
    """The files of an organisation that this actor may see, the newest first: a colleague sees those of one promise."""
    query = select(StoredFile).where(StoredFile.organisation_id == organisation_id, _readable(actor))
    return list(db.session.scalars(query.order_by(StoredFile.id.desc()).limit(most)))


def _readable(actor: Actor) -> ColumnElement[bool]:
    seen = within(Delivery, actor, Action.SEE_DELIVERY)
    supports = select(Evidence.id).join(Evidence.delivery).where(Evidence.file_id == StoredFile.id, seen)
    shows = select(Confirmation.id).join(Confirmation.delivery).where(Confirmation.photo_id == StoredFile.id, seen)
    return or_(supports.exists(), shows.exists())


def evidence_of(delivery_id: int, evidence_id: int) -> Evidence | None:
    """One piece of evidence of a delivery, with its file."""
    query = select(Evidence).where(Evidence.id == evidence_id, Evidence.delivery_id == delivery_id)
    return db.session.scalar(query.options(joinedload(Evidence.file)))
