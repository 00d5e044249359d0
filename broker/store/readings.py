"""The record as people read it: by thing, by person, by deed and by day, within their reach and no further."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import joinedload

from broker.domain.audit import LOOKED_FOR, Plain, changes
from broker.domain.permissions import Action, Actor, Reach, reach
from broker.store.audit import EventLink
from broker.store.base import Base, db
from broker.store.events import Event
from broker.store.listings import Posting
from broker.store.organisations import Registration
from broker.store.partnerships import Partnership

# A thing's own record is that of its parts too: the table of the part, and where it names the thing.
PARTS: dict[str, tuple[tuple[type[Any], Any], ...]] = {
    "listing": ((Posting, Posting.listing_id),),
    "organisation": ((Registration, Registration.organisation_id),),
    "match": ((Partnership, Partnership.match_id),),
}


@dataclass(frozen=True)
class Look:
    """What somebody wants to read. `about` is the name of a table; what is None narrows nothing."""

    about: str | None = None
    about_id: int | None = None
    person_id: int | None = None
    action: str | None = None
    since: date | None = None
    until: date | None = None

    def as_changes(self) -> dict[str, list[Plain]]:
        """As the record of the reading keeps it."""
        return changes({}, vars(self), LOOKED_FOR)

    @classmethod
    def of(cls, reading: Event) -> "Look":
        """What a recorded reading was about."""
        told: dict[str, Any] = {name: pair[1] for name, pair in reading.changes.items()}
        days: dict[str, Any] = {name: date.fromisoformat(told[name]) for name in ("since", "until") if name in told}
        return cls(**told | days)


class Row(NamedTuple):
    """An event with its place in the chain."""

    seq: int
    hash: str
    event: Event


def reading_of(reading_id: int, by: Actor) -> Event | None:
    """The reading of this number, if it is this person's own."""
    query = select(Event).where(Event.id == reading_id, Event.actor_id == by.user_id)
    return db.session.scalar(query.where(Event.action == Action.READ_RECORD))


def has_done(person_id: int, by: Actor) -> bool:
    """Whether this person did anything of which `by` may read."""
    return db.session.execute(_asked(Look(person_id=person_id), by).limit(1)).first() is not None


def rows(look: Look, by: Actor, offset: int = 0, limit: int = 50) -> list[Row]:
    """What happened, the newest first."""
    query = _asked(look, by).order_by(EventLink.seq.desc()).offset(offset).limit(limit)
    return [Row(*row) for row in db.session.execute(query.options(joinedload(Event.actor)))]


def all_rows(look: Look, by: Actor) -> list[Row]:
    """All of it, the oldest first, for a file; without the people's names."""
    return [Row(*row) for row in db.session.execute(_asked(look, by).order_by(EventLink.seq))]


def _asked(look: Look, by: Actor) -> Select[int, str, Event]:
    query = select(EventLink.seq, EventLink.hash, Event).join(Event, Event.id == EventLink.event_id)
    query = query.where(*_in_reach(by))
    if look.about and look.about_id:
        query = query.where(_about(look.about, look.about_id))
    if look.person_id:
        query = query.where(Event.actor_id == look.person_id)
    if look.action:
        query = query.where(Event.action == look.action)
    if look.since:
        query = query.where(Event.at >= _midnight(look.since))
    if look.until:
        query = query.where(Event.at < _midnight(look.until + timedelta(days=1)))
    return query


def _about(name: str, key: int) -> ColumnElement[bool]:
    """The thing itself, or a part of it."""
    parts = [
        and_(Event.subject == part.__tablename__, Event.subject_id.in_(select(part.id).where(column == key)))
        for part, column in PARTS.get(name, ())
    ]
    return or_(and_(Event.subject == name, Event.subject_id == key), *parts)


def _in_reach(by: Actor) -> list[ColumnElement[bool]]:
    """An administrator reads all; an officer what happened to things that lie in the own authority."""
    how_far = reach(by, Action.READ_RECORD)
    if how_far is Reach.ALL:
        return []
    if how_far is not Reach.AREA or by.authority_id is None:
        return [false()]
    near = [
        and_(Event.subject == name, Event.subject_id.in_(select(model.id).where(model.in_area(by.authority_id))))
        for name, model in _placed().items()
    ]
    return [or_(and_(Event.subject == "authority", Event.subject_id == by.authority_id), *near)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


@cache
def _placed() -> dict[str, Any]:
    """Every table whose rows lie in an area, by its name."""
    models = [mapper.class_ for mapper in Base.registry.mappers if hasattr(mapper.class_, "in_area")]
    return {model.__tablename__: model for model in models}
