"""Organisations: signing up, applying to an authority, and what its officer decides."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from broker.actions.jobs import owe_suggestions
from broker.actions.links import issue, themselves
from broker.actions.mail import owe_mail, tell_members
from broker.actions.moving import begin, carry, move, record, remark
from broker.actions.passwords import for_nobody, hash_password
from broker.actions.tries import may_write_to, note_letter
from broker.domain.clock import TWICE, now
from broker.domain.kinds import Audience, NoteKind, OrganisationSize, RegistrationState, Role
from broker.domain.links import LinkPurpose
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import AlreadyThere, NotAllowed, Unfit
from broker.domain.sign_ins import Browser
from broker.store.accounts import Membership, User, members_of, user_by_email
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.listings import shown_postings_of
from broker.store.organisations import (
    Identifier,
    Organisation,
    Registration,
    entered_since,
    registration_of,
    unclaimed_by_name,
)

# What an entry made for an organisation takes over from its own people, where it was left blank.
HANDED_OVER = (
    "size", "does", "serves", "place", "postcode", "contact_name", "contact_email", "contact_phone", "referee_name"
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganisationFacts:
    """What an organisation says about itself, its number in a register (`number` as that register writes it) apart."""

    name: str
    is_group: bool = False
    is_supplier: bool = False
    size: OrganisationSize | None = None
    does: str = ""
    serves: str = ""
    place: str = ""
    postcode: str = ""
    constituted: bool = True
    referee_name: str = ""
    referee_contact: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    scheme: str = ""
    number: str = ""

    def columns(self) -> dict[str, object]:
        """The facts that stand in the organisation's own row."""
        return {name: value for name, value in asdict(self).items() if name not in ("scheme", "number")}


def sign_up(
    facts: OrganisationFacts, *, authorities: Sequence[Authority], password: str, browser: Browser, at: datetime
) -> None:
    """A new person with a new organisation, which applies to each authority, once a letter's link has been opened.

    Where the e-mail has an account already, its owner is written to instead, and whoever typed it is not told which
    of the two happened. Raises TooManyTries when this address signs up and up.
    """
    email = facts.contact_email.strip().lower()
    wanted = may_write_to(email, browser, at)
    note_letter(email, browser, at)
    kept = hash_password(password)
    user = user_by_email(email)
    if user is None:
        user = _add_person(email, facts, kept, at)
        _join(user, facts, authorities, at)
    else:
        with for_nobody(at) as nobody:
            _join(nobody, facts, authorities, at)
    if user.unconfirmed_since is not None:
        user.password_hash = kept  # should the first letter have gone astray, they begin anew
    if not wanted or user.switched_off_at is not None:
        return
    if user.unconfirmed_since is None:
        owe_mail(MailKind.ACCOUNT_EXISTS, user)
    else:
        owe_mail(MailKind.VERIFY_ADDRESS, user, token=issue(user, LinkPurpose.ADDRESS, themselves(user), at))


def _add_person(email: str, facts: OrganisationFacts, kept: str, at: datetime) -> User:
    user = User(email=email, name=facts.contact_name, password_hash=kept, created_at=at, unconfirmed_since=at)
    db.session.add(user)
    db.session.flush()
    return user


def _join(user: User, facts: OrganisationFacts, authorities: Sequence[Authority], at: datetime) -> None:
    """Give somebody who signs up their organisation, which applies to each authority."""
    by = Actor(Role.MEMBER, user.id, name=user.name)
    organisation = _new_organisation(facts, Action.APPLY, by, claimed_at=at)
    begin(Membership(user=user, role=Role.MEMBER, organisation=organisation, created_at=at), Action.APPLY, by)
    by = Actor(Role.MEMBER, user.id, organisation.id, name=user.name)
    for authority in authorities:
        apply(organisation, authority, by)


def apply(organisation: Organisation, authority: Authority, by: Actor, *, answer: str = "") -> Registration:
    """Ask an authority to approve the organisation, for the first time or again after it was returned."""
    require(by, Action.APPLY, organisation)
    registration = registration_of(organisation.id, authority.id)
    if registration is None:
        registration = Registration(
            organisation=organisation, authority=authority, state=RegistrationState.APPLIED, applied_at=now()
        )
        begin(registration, Action.APPLY, by)
    else:
        move(registration, Action.APPLY, by, applied_at=now(), decided_at=None, decided_by_id=None)
    remark(registration, by, NoteKind.ANSWER, answer, Audience.OWNER)
    return registration


def approve_organisation(registration: Registration, by: Actor, *, note: str = "") -> None:
    """Say yes in one authority. Unfit unless a register number, a referee, or (for one that an officer entered) a
    note says who they are."""
    organisation = registration.organisation
    _check_known(organisation, bool(organisation.entered_how and note.strip()))
    move(registration, Action.APPROVE_ORGANISATION, by, decided_at=now(), decided_by_id=by.user_id)
    remark(registration, by, NoteKind.NOTE, note, Audience.OFFICERS)
    tell_members(MailKind.ORGANISATION_APPROVED, registration.organisation_id, registration, by)


def return_organisation(registration: Registration, by: Actor, *, reason: str) -> None:
    """Ask for something more, with words that the organisation reads."""
    _decide(registration, Action.RETURN_ORGANISATION, by, reason)
    tell_members(MailKind.ORGANISATION_RETURNED, registration.organisation_id, registration, by)


def suspend_organisation(registration: Registration, by: Actor, *, reason: str) -> None:
    """Pause an approved organisation in one authority, with words that it reads; nothing of it stays public there."""
    _decide(registration, Action.SUSPEND_ORGANISATION, by, reason)
    tell_members(MailKind.ORGANISATION_PAUSED, registration.organisation_id, registration, by)
    for posting in shown_postings_of(registration.organisation_id):
        if posting.authority_id != registration.authority_id:
            continue
        if posting.machine.allows(posting.state, Action.PAUSE_LISTING):
            carry(posting, Action.PAUSE_LISTING, by)
        else:  # an edit of it is being checked while the approved text is still up
            posting.stays_public = False
            record(posting, Action.PAUSE_LISTING, by, "stays_public")
        owe_suggestions(posting.listing)


def restore_organisation(registration: Registration, by: Actor) -> None:
    """Lift a suspension."""
    move(registration, Action.RESTORE_ORGANISATION, by, decided_at=now(), decided_by_id=by.user_id)
    tell_members(MailKind.ORGANISATION_RESTORED, registration.organisation_id, registration, by)


def edit_organisation(organisation: Organisation, by: Actor, *, facts: OrganisationFacts) -> list[str]:
    """Change what the organisation says about itself; gives the names of the fields that changed."""
    require(by, Action.EDIT_ORGANISATION, organisation)
    changed = [name for name, value in facts.columns().items() if getattr(organisation, name) != value]
    for name in changed:
        setattr(organisation, name, getattr(facts, name))
    if _put_number(organisation, facts):
        changed.append("number")
    if changed:
        record(organisation, Action.EDIT_ORGANISATION, by, *changed)
    return changed


def agree_to_be_named(organisation: Organisation, by: Actor, *, agreed: bool) -> None:
    """Whether public results may name it. It says so itself; for one without an account an officer writes down what it
    told, and for any other an officer can only take it back.
    """
    require(by, Action.EDIT_ORGANISATION, organisation)
    if agreed and by.role is Role.OFFICER and organisation.claimed_at:
        raise NotAllowed(Action.EDIT_ORGANISATION)
    if organisation.is_named != agreed:
        organisation.is_named = agreed
        record(organisation, Action.EDIT_ORGANISATION, by, "is_named")


def enter_organisation(
    facts: OrganisationFacts, authority: Authority, by: Actor, *, how: str, note: str = ""
) -> Organisation:
    """Enter an organisation for its people (`how`: phone or paper), approved at once in the officer's authority.

    The same one sent twice is one.
    """
    require(by, Action.ENTER_ORGANISATION, authority)
    if not (facts.number or facts.referee_name or note.strip()):
        raise Unfit({"note": "unknown"})
    for organisation in entered_since(now() - TWICE, facts.name, authority.id):
        if all(getattr(organisation, name) == value for name, value in facts.columns().items()):
            return organisation
    organisation = _new_organisation(facts, Action.ENTER_ORGANISATION, by, entered_how=how)
    registration = _approved_at_once(organisation, authority, by)
    remark(registration, by, NoteKind.NOTE, note, Audience.OFFICERS)
    return organisation


def bring_in_organisation(name: str, authority: Authority, by: Actor, how: str) -> Organisation:
    """The unclaimed organisation of this name that the authority knows, or a new one, approved at once."""
    require(by, Action.ENTER_ORGANISATION, authority)
    plain = " ".join(name.split())
    known = unclaimed_by_name(plain, authority.id)
    if known is not None:
        return known
    facts = OrganisationFacts(name=plain)
    organisation = _new_organisation(facts, Action.ENTER_ORGANISATION, by, entered_how=how)
    _approved_at_once(organisation, authority, by)
    return organisation


def hand_over_organisation(unclaimed: Organisation, registration: Registration, by: Actor) -> None:
    """The people who applied are those of an organisation that was entered for them: from now on they act for it.

    Their application goes back with a word about where to find it. AlreadyThere when somebody claimed it before.
    """
    require(by, Action.HAND_OVER_ORGANISATION, unclaimed)
    if unclaimed.claimed_at is not None:
        raise AlreadyThere("organisation", unclaimed.id)
    people = registration.organisation
    for membership in members_of(people.id):
        theirs = Membership(user_id=membership.user_id, role=Role.MEMBER, organisation=unclaimed, created_at=now())
        begin(theirs, Action.HAND_OVER_ORGANISATION, by)
    filled = [name for name in HANDED_OVER if not getattr(unclaimed, name)]
    for name in filled:
        setattr(unclaimed, name, getattr(people, name))
    unclaimed.claimed_at = now()
    record(unclaimed, Action.HAND_OVER_ORGANISATION, by, "claimed_at", *filled)
    reason = f"We knew you already as {unclaimed.name}. You act for it now: choose it under Your account."
    return_organisation(registration, by, reason=reason)


def _new_organisation(facts: OrganisationFacts, action: Action, by: Actor, **more: object) -> Organisation:
    organisation = Organisation(**facts.columns(), created_at=now(), **more)
    begin(organisation, action, by)
    _put_number(organisation, facts)
    return organisation


def _approved_at_once(organisation: Organisation, authority: Authority, by: Actor) -> Registration:
    registration = Registration(
        organisation=organisation,
        authority=authority,
        state=RegistrationState.APPROVED,
        applied_at=now(),
        decided_at=now(),
        decided_by_id=by.user_id,
    )
    begin(registration, Action.ENTER_ORGANISATION, by)
    return registration


def _put_number(organisation: Organisation, facts: OrganisationFacts) -> bool:
    """Keep the register number that the facts name in place of the first one; True when that changed anything."""
    first = next(iter(organisation.identifiers), None)
    if first is not None and (first.scheme, first.number) == (facts.scheme, facts.number):
        return False
    if first is not None:
        organisation.identifiers.remove(first)
        db.session.delete(first)
    if facts.number:
        organisation.identifiers.append(Identifier(scheme=facts.scheme, number=facts.number))
    return first is not None or bool(facts.number)


def _check_known(organisation: Organisation, vouched: bool) -> None:
    if not (organisation.identifiers or organisation.referee_name or vouched):
        raise Unfit({"note" if organisation.entered_how else "referee": "unknown"})


def _decide(registration: Registration, action: Action, by: Actor, reason: str) -> None:
    if not reason.strip():
        raise Unfit({"reason": "missing"})
    move(registration, action, by, decided_at=now(), decided_by_id=by.user_id)
    remark(registration, by, NoteKind.REASON, reason, Audience.OWNER)
