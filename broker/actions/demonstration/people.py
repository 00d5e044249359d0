"""The city's organisations, their standing in each authority, and the accounts that can sign in."""

from datetime import timedelta

from broker.actions.demonstration.town import ENTERED, Town, event, note
from broker.actions.passwords import hash_password
from broker.demonstration import records
from broker.domain.clock import now
from broker.domain.kinds import Audience, NoteKind, OrganisationSize, RegistrationState, Role
from broker.domain.permissions import Action
from broker.store.accounts import Membership, User
from broker.store.base import db
from broker.store.organisations import Identifier, Organisation, Registration

PASSWORD = "mereland-demonstration"  # noqa: S105 - printed at every start, and only in a demonstration


def settle(town: Town) -> None:
    """Bring in organisations and people, then what each authority decided about them."""
    for organisation in town.city.organisations:
        town.organisations[organisation.key] = _organisation(town, organisation)
    db.session.flush()
    hashed = hash_password(PASSWORD)
    for person in town.city.people:
        _person(town, person, hashed)
    db.session.flush()
    _standing(town)


def _organisation(town: Town, record: records.Organisation) -> Organisation:
    at = now() - timedelta(days=record.days_ago)
    made = Organisation(
        name=record.name,
        is_group=record.is_group,
        is_supplier=record.is_supplier,
        size=OrganisationSize(record.size) if record.size else None,
        does=record.does,
        serves=record.serves,
        place=town.wards[record.ward].name,
        postcode=record.postcode,
        constituted=record.constituted,
        referee_name=record.referee_name or "",
        referee_contact=record.referee_contact or "",
        contact_name=record.contact_name,
        contact_email=record.email,
        contact_phone=record.phone,
        created_at=at,
        claimed_at=at if record.claimed else None,
        entered_how=None if record.claimed else ENTERED,
    )
    if record.identifier_scheme and record.identifier_number:
        made.identifiers.append(Identifier(scheme=record.identifier_scheme, number=record.identifier_number))
    db.session.add(made)
    return made


def _person(town: Town, record: records.Person, hashed: str) -> None:
    user = User(email=record.email, name=record.name, password_hash=hashed, created_at=now())
    role = Role(record.role)
    membership = Membership(user=user, role=role, created_at=now())
    town.people[record.email], town.roles[user] = user, role
    if record.authority:
        membership.authority = town.authorities[record.authority]
        known = {Role.OFFICER: town.officers, Role.COUNCILLOR: town.councillors}
        known.get(role, {}).setdefault(record.authority, user)
    if record.organisation:
        membership.organisation = town.organisations[record.organisation]
        if role is Role.MEMBER:
            town.members.setdefault(record.organisation, user)
    db.session.add_all([user, membership])


def _standing(town: Town) -> None:
    """Each organisation's registrations, with what the officer wrote."""
    for record in town.city.organisations:
        at = now() - timedelta(days=record.days_ago)
        for wanted in record.registrations:
            state = RegistrationState(wanted.state)
            decided = at + timedelta(days=1) if state != RegistrationState.APPLIED else None
            made = Registration(
                organisation=town.organisations[record.key],
                authority=town.authorities[wanted.authority],
                state=state,
                applied_at=at,
                decided_at=decided,
                decided_by_id=town.officers[wanted.authority].id if decided else None,
            )
            db.session.add(made)
            db.session.flush()
            event(town, made, Action.APPLY, record.days_ago, town.members.get(record.key), state)
            if wanted.reason:
                officer = town.officers[wanted.authority]
                note(made, NoteKind.REASON, wanted.reason, Audience.OWNER, record.days_ago - 1, officer)
