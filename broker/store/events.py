"""What happened (append-only, no personal text), and the notes people wrote about it (erasable)."""

from collections.abc import Iterable
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from broker.domain.kinds import Audience, NoteKind, PostingState, Role
from broker.domain.permissions import Action
from broker.store.accounts import User
from broker.store.base import Base, db
from broker.store.listings import Posting

_request: ContextVar[str | None] = ContextVar("request", default=None)


def set_request(request_id: str | None) -> None:
    """Say for the rest of this context which request the deeds belong to; None for the worker and for commands."""
    _request.set(request_id)


class Event(Base):
    """One deed: who, in which role, did what to which thing, and which of its fields changed.

    `changes`: [old value, new value] of those fields that `domain/audit.py` lets the record keep; of the others only
    the name stands in `fields`. The database refuses to change or remove a row; `store/audit.py` chains them.
    """

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_subject", "subject", "subject_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    role: Mapped[Role] = mapped_column(String(20))
    action: Mapped[Action] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str | None] = mapped_column(String(20))
    fields: Mapped[list[str]] = mapped_column(JSON, default=list)
    changes: Mapped[dict[str, list[Any]]] = mapped_column(JSON, default=dict)
    request_id: Mapped[str | None] = mapped_column(String(64), default=_request.get)
    actor: Mapped[User | None] = relationship()


class Note(Base):
    """Free text about a thing. `audience` says who may read it beside the officers of the thing's authorities."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_subject", "subject", "subject_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[NoteKind] = mapped_column(String(20))
    audience: Mapped[Audience] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    author_role: Mapped[Role] = mapped_column(String(20))
    author_organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[User | None] = relationship()


def events_of(subject: str, subject_id: int) -> list[Event]:
    """Everything that happened to a thing, oldest first, with who did it."""
    query = (
        select(Event)
        .where(Event.subject == subject, Event.subject_id == subject_id)
        .options(joinedload(Event.actor))
        .order_by(Event.id)
    )
    return list(db.session.scalars(query))


def notes_of(subject: str, subject_id: int, audiences: frozenset[Audience]) -> list[Note]:
    """The notes on a thing that these audiences may read, oldest first, with their authors."""
    query = (
        select(Note)
        .where(Note.subject == subject, Note.subject_id == subject_id, Note.audience.in_(audiences))
        .options(joinedload(Note.author))
        .order_by(Note.id)
    )
    return list(db.session.scalars(query))


def notes_of_each(subject: str, ids: Iterable[int], audiences: frozenset[Audience]) -> dict[int, list[Note]]:
    """The same for several things at once, by the id of each; a thing without notes is left out."""
    query = (
        select(Note)
        .where(Note.subject == subject, Note.subject_id.in_(list(ids)), Note.audience.in_(audiences))
        .options(joinedload(Note.author))
        .order_by(Note.id)
    )
    found: dict[int, list[Note]] = {}
    for note in db.session.scalars(query):
        found.setdefault(note.subject_id, []).append(note)
    return found


def last_note(subject: str, subject_id: int, kinds: frozenset[NoteKind]) -> Note | None:
    """The newest note of these kinds on a thing."""
    query = (
        select(Note)
        .where(Note.subject == subject, Note.subject_id == subject_id, Note.kind.in_(kinds))
        .order_by(Note.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def first_asked_at() -> ColumnElement[datetime]:
    """When the posting of a question was first put on the list, or sent where no opening is on record."""
    openings = (
        Event.subject == Posting.__tablename__,
        Event.subject_id == Posting.id,
        Event.to_state == PostingState.OPEN,
    )
    opened = select(func.min(Event.at)).where(*openings).correlate(Posting).scalar_subquery()
    return func.coalesce(opened, Posting.submitted_at, Posting.approved_at, type_=Event.at.type)
