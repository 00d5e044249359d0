"""Erasing a person: what they said and who they were goes, what was done and counted stays."""

from typing import NamedTuple

from sqlalchemy import delete, update

from broker.actions.jobs import owe
from broker.actions.mail import forget_letters_to
from broker.actions.moving import carry, record, remark
from broker.domain.clock import now
from broker.domain.kinds import Audience, NoteKind, Role
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit
from broker.domain.retention import NO_ADDRESS, NOBODY
from broker.store.accounts import User, members_of, memberships_of
from broker.store.base import db
from broker.store.leaving import Tie, is_last_administrator, listings_of, organisations_with, ties_of
from broker.store.matches import live_matches_of
from broker.store.organisations import Organisation
from broker.store.privacy import Departure, departure_of, is_erased, rows_about
from broker.store.remains import blank_chain, blank_listings, blank_notes_of, forget_referee, strike, take_from_hand

SERVICE = Actor(Role.SYSTEM)
LEFT = "Its last member has left and was erased. It waits, with its name alone, for whoever signs up for it next."
SHORTEST_NUMBER = 7  # figures: less is no telephone number, and could be part of anything


class Leaving(NamedTuple):
    """What a person's leaving means. `ties`: what has to be settled first, or by an administrator; `left_alone`: the
    organisations of which they are the only member.
    """

    ties: list[Tie]
    left_alone: list[Organisation]


def leaving(user_id: int) -> Leaving:
    """What would follow if this person were erased."""
    places = [m for m in memberships_of(user_id) if m.role == Role.MEMBER]
    mine = [m.organisation for m in places if m.organisation is not None]
    alone = [organisation for organisation in mine if len(members_of(organisation.id)) == 1]
    return Leaving(ties_of(user_id, [organisation.id for organisation in alone]), alone)


def ask_erasure(by: Actor) -> bool:
    """Be erased: at once (True) where nothing hangs on it, else as soon as an administrator has looked at it."""
    require(by, Action.ASK_ERASURE)
    user = db.session.get_one(User, by.user_id)
    if not leaving(user.id).ties:
        _erase(user, by)
        return True
    departure = _departure(user.id)
    if departure.asked_at is None:
        departure.asked_at = now()
        record(user, Action.ASK_ERASURE, by)
    return False


def take_back_erasure(by: Actor) -> None:
    """Stay after all."""
    require(by, Action.TAKE_BACK_ERASURE)
    departure = departure_of(by.user_id)
    if departure is not None and departure.asked_at is not None:
        departure.asked_at = None
        record(departure.user, Action.TAKE_BACK_ERASURE, by)


def erase_person(user: User, by: Actor) -> None:
    """Erase somebody who asked for it, or whom nobody has seen for years. Unfit for the last administrator."""
    require(by, Action.ERASE_PERSON)
    if not is_erased(user):
        _erase(user, by)


def _erase(user: User, by: Actor) -> None:
    if is_last_administrator(user.id):
        raise Unfit({"account": "last_administrator"})
    mine = organisations_with(user)
    numbers = {organisation.contact_phone for organisation in mine if _is_contact(user, organisation)}
    for organisation in mine:
        _leave(organisation, user, by)
    blank_notes_of(user.id)
    take_from_hand(user.id)
    reached_by = {user.email, *(number for number in numbers if sum(map(str.isdigit, number)) >= SHORTEST_NUMBER)}
    strike(reached_by)
    forget_referee(reached_by)
    if " " in user.name.strip():  # a single word may mean many things
        strike({user.name.strip()}, [organisation.id for organisation in mine])
    record(user, Action.ERASE_PERSON, by)
    forget_letters_to(user.id, now())
    for table, theirs in rows_about(user.id):
        db.session.execute(delete(table).where(theirs))
    db.session.execute(update(User).where(User.id == user.id).values(**_nobody(user.id)))
    db.session.expire_all()
    owe("suggest_all")
    owe("tidy")


def _nobody(user_id: int) -> dict[str, object]:
    """The row of a person who has left: whatever may be blank is."""
    blank = {column.name: None for column in User.__table__.columns if column.nullable}
    return {**blank, "email": f"{user_id}{NO_ADDRESS}", "name": NOBODY}


def _is_contact(user: User, organisation: Organisation) -> bool:
    return organisation.contact_email.lower() == user.email or organisation.contact_name == user.name


def _leave(organisation: Organisation, user: User, by: Actor) -> None:
    """Somebody else of it is asked from now on; where nobody is left, the council looks after it."""
    members = [membership.user for membership in members_of(organisation.id)]
    rest = [member for member in members if member.id != user.id]
    was_last = members == [user]
    if was_last or _is_contact(user, organisation):
        if organisation.contact_email.lower() == user.email or not rest:
            organisation.contact_email = rest[0].email if rest else ""
        organisation.contact_name = rest[0].name if rest else ""
        organisation.contact_phone = ""
        record(organisation, Action.ERASE_PERSON, by, "contact_name", "contact_email", "contact_phone")
    if was_last:
        _close_down(organisation, by)


def _close_down(organisation: Organisation, by: Actor) -> None:
    """The last member goes: what is listed is withdrawn, and the record waits for whoever comes next."""
    organisation.claimed_at = None
    organisation.is_named = False  # nobody is left who could take that back
    for registration in organisation.registrations:
        remark(registration, SERVICE, NoteKind.NOTE, LEFT, Audience.OFFICERS)
    organisation.postcode = organisation.referee_name = organisation.referee_contact = ""
    listings = listings_of(organisation.id)
    for listing in listings:
        for posting in listing.postings:
            if posting.machine.allows(posting.state, Action.WITHDRAW_LISTING):
                carry(posting, Action.WITHDRAW_LISTING, by, stays_public=False)
        for match in live_matches_of(listing.id):
            if match.machine.allows(match.state, Action.WITHDRAW_LISTING):
                carry(match, Action.WITHDRAW_LISTING, by)
    db.session.flush()
    blank_listings([listing.id for listing in listings])
    blank_chain(organisation.id)


def _departure(user_id: int) -> Departure:
    departure = departure_of(user_id)
    if departure is None:
        departure = Departure(user_id=user_id, warnings=0)
        db.session.add(departure)
    return departure
