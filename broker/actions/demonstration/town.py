"""The demonstration city on its way into rows: who and what is known so far, and the record of its past."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from broker.demonstration.records import City
from broker.domain.clock import now, today
from broker.domain.kinds import Audience, NoteKind, Role
from broker.domain.permissions import Action
from broker.store.accounts import User
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.events import Event, Note
from broker.store.frameworks import Node
from broker.store.listings import Listing, Posting
from broker.store.matches import Match
from broker.store.organisations import Organisation, Registration
from broker.store.partnerships import Partnership
from broker.store.places import Ward

ENTERED = "phone"  # how an officer heard of what is entered on somebody's behalf

Recorded = Registration | Posting | Match | Partnership


@dataclass
class Town:
    """Rows by the key (or code) that the city's files give them."""

    city: City
    authorities: dict[str, Authority]
    wards: dict[str, Ward]
    nodes: dict[str, Node]
    officers: dict[str, User] = field(default_factory=dict)  # by authority code
    members: dict[str, User] = field(default_factory=dict)  # by organisation key
    organisations: dict[str, Organisation] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    matches: dict[str, Match] = field(default_factory=dict)


def day(days: int | None) -> date | None:
    """A day counted from today."""
    return None if days is None else today() + timedelta(days=days)


def amount(number: int | None) -> Decimal | None:
    """A quantity of the files as the store holds it."""
    return None if number is None else Decimal(number)


def note(
    thing: Recorded,
    kind: NoteKind,
    text: str,
    audience: Audience,
    days_ago: int,
    officer: User,
    by: Organisation | None = None,
) -> None:
    """Keep what was said about a thing: by the officer, or by somebody of an organisation."""
    db.session.add(
        Note(
            at=now() - timedelta(days=max(days_ago, 0)),
            kind=kind,
            audience=audience,
            subject=thing.__tablename__,
            subject_id=thing.id,
            author_id=None if by else officer.id,
            author_role=Role.MEMBER if by else Role.OFFICER,
            author_organisation_id=by.id if by else None,
            text=text,
        )
    )


def event(town: Town, thing: Recorded, action: Action, days_ago: int, by: User | None, to: str) -> None:
    """Write into the record how a thing came to be where it is."""
    role = Role.OFFICER if by in town.officers.values() else Role.MEMBER if by else Role.SYSTEM
    db.session.add(
        Event(
            at=now() - timedelta(days=max(days_ago, 0)),
            actor_id=by.id if by else None,
            role=role,
            action=action,
            subject=thing.__tablename__,
            subject_id=thing.id,
            to_state=to,
            fields=[],
        )
    )
