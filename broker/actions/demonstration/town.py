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
from broker.store.commitments import Commitment
from broker.store.contracts import Contract
from broker.store.deliveries import Delivery
from broker.store.events import Event, Note
from broker.store.frameworks import Node
from broker.store.listings import Listing, Posting
from broker.store.matches import Match
from broker.store.measures import Measure
from broker.store.organisations import Organisation, Registration
from broker.store.partnerships import Partnership
from broker.store.places import Ward
from broker.store.project_ideas import ProjectIdea

ENTERED = "phone"  # how an officer heard of what is entered on somebody's behalf

Told = Registration | Posting | Match | Partnership
Recorded = Told | Contract | Commitment | Delivery | ProjectIdea


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
    partnerships: dict[str, Partnership] = field(default_factory=dict)  # by the key of their match
    contracts: dict[str, Contract] = field(default_factory=dict)
    promises: dict[str, Commitment] = field(default_factory=dict)
    measures: dict[str, Measure] = field(default_factory=dict)  # the shared ones, by code
    roles: dict[User, Role] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)  # by e-mail
    councillors: dict[str, User] = field(default_factory=dict)  # by authority code


def day(days: int | None) -> date | None:
    """A day counted from today."""
    return None if days is None else today() + timedelta(days=days)


def amount(number: int | None) -> Decimal | None:
    """A quantity of the files as the store holds it."""
    return None if number is None else Decimal(number)


def note(
    thing: Told,
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


def event(town: Town, thing: Recorded, action: Action, days_ago: int, by: User | None, to: str | None) -> None:
    """Write into the record how a thing came to be where it is."""
    role = town.roles.get(by, Role.MEMBER) if by else Role.SYSTEM
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
