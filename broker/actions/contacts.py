"""Whom people can ask about their data and about accessibility, as each council says for itself."""

from dataclasses import asdict, dataclass

from broker.actions.moving import record
from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import NotAllowed
from broker.store.base import db
from broker.store.privacy import ContactPoint, contact_point_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactFacts:
    """Who is responsible in law, and how to reach them and their data protection officer."""

    controller: str
    email: str
    phone: str = ""
    address: str = ""
    protection_email: str = ""


def edit_contacts(facts: ContactFacts, by: Actor) -> ContactPoint:
    """Say whom to ask: an officer for their own council, an administrator for the whole service."""
    require(by, Action.EDIT_CONTACTS)
    if by.role is Role.OFFICER and by.authority_id is None:
        raise NotAllowed(Action.EDIT_CONTACTS)
    contact = contact_point_of(by.authority_id)
    if contact is None:
        contact = ContactPoint(authority_id=by.authority_id)
        db.session.add(contact)
    told = asdict(facts)
    changed = [name for name, value in told.items() if getattr(contact, name) != value]
    for name in changed:
        setattr(contact, name, told[name])
    contact.changed_at = now()
    record(contact, Action.EDIT_CONTACTS, by, *changed)
    return contact
