"""Accounts: making one for somebody, the roles in which they act, and switching one off."""

from datetime import datetime

from sqlalchemy import select

from broker.actions.links import end_links, issue
from broker.actions.moving import begin, record
from broker.domain.clock import now
from broker.domain.kinds import OF_A_COUNCIL, RegistrationState, Role
from broker.domain.links import LinkPurpose
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import NotAllowed, Unfit
from broker.store.accounts import Membership, User, end_sign_ins_of, people_of, user_by_email
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.commitments import handed_to
from broker.store.organisations import Organisation, Registration


def create_user(email: str, role: Role, authority: Authority | None, by: Actor, *, name: str = "") -> tuple[User, str]:
    """A person in a role, and the token of the one-time link that lets them set a password.

    A known e-mail gets the role added. A member gets an organisation of their own, to be filled in, which applies
    to the authority if one is given. Raises Unfit for who acts for a council without one, or is there already.
    """
    require(by, Action.ADD_PERSON)
    if role in OF_A_COUNCIL and authority is None:
        raise Unfit({"authority": "missing"})
    user = user_by_email(email) or add_user(email, name, by, Action.ADD_PERSON)
    if role is Role.MEMBER:
        _give_organisation(user, authority, by)
    else:
        place = authority.id if role in OF_A_COUNCIL and authority else None
        give_place(user, role, by, Action.ADD_PERSON, authority_id=place)
    return user, issue_link(user, by)


def issue_link(user: User, by: Actor) -> str:
    """The token of a fresh one-time link for this person; older ones stop working."""
    require(by, Action.ADD_PERSON)
    return issue(user, LinkPurpose.PASSWORD, by, now())


def switch_off(user: User, by: Actor, at: datetime) -> None:
    """From now on nobody signs in as this person; whoever is signed in is out at once. Nothing else is changed."""
    require(by, Action.SWITCH_OFF_PERSON)
    if user.id == by.user_id:
        raise NotAllowed(Action.SWITCH_OFF_PERSON)  # or the last administrator might
    user.switched_off_at = at
    end_links(user, at)
    end_sign_ins_of(user.id, at)
    record(user, Action.SWITCH_OFF_PERSON, by, "switched_off_at")


def switch_on(user: User, by: Actor) -> None:
    """They may sign in again, as before."""
    require(by, Action.SWITCH_ON_PERSON)
    user.switched_off_at = None
    record(user, Action.SWITCH_ON_PERSON, by, "switched_off_at")


def take_role_away(membership: Membership, by: Actor, at: datetime) -> None:
    """They act in this role no more. Whoever is signed in, in whatever role, signs in again."""
    require(by, Action.TAKE_ROLE_AWAY)
    if membership.user_id == by.user_id:
        raise NotAllowed(Action.TAKE_ROLE_AWAY)
    membership.ended_at = at
    end_sign_ins_of(membership.user_id, at)
    record(membership, Action.TAKE_ROLE_AWAY, by, "ended_at")
    if membership.organisation_id is not None:
        _take_promises(membership.user_id, membership.organisation_id, by)


def _take_promises(user_id: int, organisation_id: int, by: Actor) -> None:
    """What somebody saw to for an organisation falls back to the organisation itself."""
    for promise in handed_to(user_id, organisation_id):
        promise.owner_id = None
        record(promise, Action.HAND_OVER_COMMITMENT, by, "owner_id")


def give_place(
    user: User,
    role: Role,
    by: Actor,
    action: Action,
    *,
    authority_id: int | None = None,
    organisation_id: int | None = None,
) -> bool:
    """Let somebody act in a role, again if it was taken from them; False if they hold it, or more, already.

    Whoever is signed in as them signs in again, since their sign-in can now do more.
    """
    if organisation_id is not None and not _make_room(user, role, by, action, organisation_id):
        return False
    held = db.session.scalar(
        select(Membership).where(
            Membership.user_id == user.id,
            Membership.role == role,
            Membership.authority_id.is_not_distinct_from(authority_id),
            Membership.organisation_id.is_not_distinct_from(organisation_id),
        )
    )
    if held is not None and held.ended_at is None:
        return False
    if held is not None:
        held.ended_at = None
        record(held, action, by, "ended_at")
    else:
        place = {"authority_id": authority_id, "organisation_id": organisation_id}
        begin(Membership(user=user, role=role, created_at=now(), **place), action, by)
    end_sign_ins_of(user.id, now())
    return True


def _make_room(user: User, role: Role, by: Actor, action: Action, organisation_id: int) -> bool:
    """Nobody is a member and a colleague of one organisation: whoever becomes a member is no mere colleague any more.

    False for a member, who has nothing to gain from being a colleague as well.
    """
    mine = (membership for membership in people_of(organisation_id) if membership.user_id == user.id)
    held = next((membership for membership in mine if membership.role != role), None)
    if held is not None and role is Role.COLLEAGUE:
        return False
    if held is not None:
        held.ended_at = now()
        record(held, action, by, "ended_at")
    return True


def add_user(email: str, name: str, by: Actor, action: Action) -> User:
    """Somebody new, without a password and without a role."""
    address = email.strip().lower()
    user = User(email=address, name=name.strip() or address.partition("@")[0], created_at=now())
    begin(user, action, by)
    return user


def _give_organisation(user: User, authority: Authority | None, by: Actor) -> None:
    """An organisation to fill in, unless they are a member of one."""
    held = select(Membership.id).where(Membership.user_id == user.id, Membership.role == Role.MEMBER)
    if db.session.scalar(held) is not None:
        return
    organisation = Organisation(
        name=f"{user.name} (name of the organisation still to come)",
        is_group=True,
        contact_name=user.name,
        contact_email=user.email,
        created_at=now(),
        claimed_at=now(),
    )
    begin(organisation, Action.ADD_PERSON, by)
    if authority is not None:
        applied = Registration(
            organisation=organisation, authority=authority, state=RegistrationState.APPLIED, applied_at=now()
        )
        begin(applied, Action.ADD_PERSON, by)
    begin(Membership(user=user, role=Role.MEMBER, organisation=organisation, created_at=now()), Action.ADD_PERSON, by)
