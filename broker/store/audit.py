"""The chain that makes the record's rows tell on each other, and the triggers that refuse to change them.

Every event gets one link when its transaction commits: a number without gaps, and a hash over what the event says and
over the link before. The head says where the chain ends, so that rows missing at its end are missed too.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    ForeignKey,
    String,
    Text,
    cast,
    event,
    exists,
    func,
    insert,
    inspect,
    select,
    type_coerce,
    update,
)  # fmt: skip
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker.domain.audit import digest
from broker.store.audit_head import EventHead
from broker.store.base import Base, db
from broker.store.events import Event
from broker.store.triggers import guard

_UNSEALED = "unsealed"  # where the session keeps the events that have no link yet
_PART = 2_000


class EventLink(Base):
    """The place of one event in the chain."""

    __tablename__ = "event_link"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), unique=True)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Head(NamedTuple):
    """The last link: its number and its hash."""

    seq: int
    hash: str


class Linked(NamedTuple):
    """A link as it is stored, and what its event says now; no `facts` where the event is gone."""

    link: Head
    previous: str
    facts: dict[str, object] | None


def head() -> Head:
    """Where the chain ends. SQLite would hand out letters in place of a number, if somebody put them there."""
    seq, hash_ = db.session.execute(select(EventHead.seq, EventHead.hash)).one()
    return Head(seq if isinstance(seq, int) else -1, hash_)


def links(first: int = 1) -> Iterator[Linked]:
    """The chain from this link on, in order, read part by part."""
    after = first - 1
    while rows := db.session.execute(_LINKED.where(EventLink.seq > after).limit(_PART)).all():
        for seq, hash_, previous, event_id, there, at, *rest in rows:
            yield Linked(Head(seq, hash_), previous, _facts(seq, event_id, at, *rest) if there else None)
        after = rows[-1].seq


def unlinked() -> int:
    """How many events stand outside the chain: somebody wrote them past the product."""
    outside = select(func.count()).select_from(Event).where(~exists().where(EventLink.event_id == Event.id))
    return db.session.scalar(outside) or 0


def _facts(seq: int, event_id: int, at: datetime | str, *rest: object) -> dict[str, object]:
    """What a link's hash is taken over. `fields` and `changes` are the very text that is stored."""
    return {"seq": seq, "id": event_id, "at": _moment(at), **dict(zip(_REST, rest, strict=True))}


def _moment(at: datetime | str) -> str:
    """A moment as SQLite stores it, so that there not one letter of it can differ unseen."""
    if isinstance(at, str):
        return at
    plain = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    return plain.strftime("%Y-%m-%d %H:%M:%S.%f")


_PLAIN = ("actor_id", "role", "action", "subject", "subject_id", "from_state", "to_state", "request_id")
_REST = (*_PLAIN, "fields", "changes")
_LINKED = (
    select(
        *(EventLink.seq, EventLink.hash, EventLink.previous, EventLink.event_id),
        *(Event.id, type_coerce(Event.at, String), *(getattr(Event, name) for name in _PLAIN)),
        *(cast(Event.fields, Text), cast(Event.changes, Text)),
    )
    .outerjoin(Event, Event.id == EventLink.event_id)
    .order_by(EventLink.seq)
)


@event.listens_for(Event, "after_insert")
def _note(_mapper: object, _connection: object, happened: Event) -> None:
    session = inspect(happened).session
    if session is not None:
        session.info.setdefault(_UNSEALED, []).append(happened)


@event.listens_for(db.session, "before_commit")
def _seal(session: Session) -> None:
    """Link this transaction's events. Here and no earlier, because the head is one lock for all who write."""
    if session.in_nested_transaction():
        return
    session.flush()
    fresh = [each for each in session.info.pop(_UNSEALED, []) if inspect(each).persistent]
    if not fresh:
        return
    end, last = session.execute(select(EventHead.seq, EventHead.hash).with_for_update()).one()
    rows: list[dict[str, Any]] = []
    for seq, each in enumerate(sorted(fresh, key=attrgetter("id")), end + 1):
        rows.append({"seq": seq, "event_id": each.id, "previous": last, "hash": digest(_told(seq, each), last)})
        last = rows[-1]["hash"]
    session.execute(insert(EventLink), rows)
    session.execute(update(EventHead).values(seq=rows[-1]["seq"], hash=last))


def _told(seq: int, each: Event) -> dict[str, object]:
    texts = (json.dumps(each.fields), json.dumps(each.changes))
    return _facts(seq, each.id, each.at, *(getattr(each, name) for name in _PLAIN), *texts)


guard(*(Base.metadata.tables[name] for name in ("event", "event_link", "event_head")))
