"""Accounts made by commands and administrators, and passwords as they are kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from broker.actions.accounts import create_user
from broker.actions.authorities import add_authority
from broker.actions.passwords import hash_password, set_password
from broker.actions.sign_ins import choose_membership, open_sign_in, sign_in
from broker.domain.clock import now
from broker.domain.kinds import RegistrationState, Role
from broker.domain.permissions import Actor
from broker.domain.refusals import NotAllowed, Unfit
from broker.store.accounts import (
    Membership,
    OneTimeLink,
    SignIn,
    actor_of,
    hash_token,
    memberships_of,
    note_seen,
    signed_in,
)
from broker.store.base import db
from tests import make

COMMANDS = Actor(Role.ADMINISTRATOR)
PASSWORD = "three random words"


def test_a_member_made_by_command_gets_an_organisation_to_fill_in(database: Flask) -> None:
    area = make.authority()
    user, _ = create_user("Ann@Example.org", Role.MEMBER, area, COMMANDS)
    [membership] = memberships_of(user.id)
    assert user.email == "ann@example.org"
    assert membership.organisation is not None
    assert [r.state for r in membership.organisation.registrations] == [RegistrationState.APPLIED]
    create_user("ann@example.org", Role.MEMBER, area, COMMANDS)
    assert len(memberships_of(user.id)) == 1


def test_one_person_may_hold_several_roles(database: Flask) -> None:
    area, other = make.authority(), make.authority()
    user, _ = create_user("ann@example.org", Role.OFFICER, area, COMMANDS)
    create_user("ann@example.org", Role.OFFICER, other, COMMANDS)
    create_user("ann@example.org", Role.ADMINISTRATOR, area, COMMANDS)
    held = [(m.role, m.authority_id) for m in memberships_of(user.id)]
    assert held == [("officer", area.id), ("officer", other.id), ("administrator", None)]
    with pytest.raises(Unfit):
        create_user("ann@example.org", Role.OFFICER, None, COMMANDS)


def test_only_an_administrator_makes_people_and_authorities(database: Flask) -> None:
    area = make.authority()
    for someone in (make.officer(area), make.member(make.organisation(area))):
        with pytest.raises(NotAllowed):
            create_user("x@example.org", Role.OFFICER, area, actor_of(someone))
        with pytest.raises(NotAllowed):
            add_authority(actor_of(someone), code="E08000009", name="Trafford")


def test_tokens_are_kept_as_hashes_only(database: Flask) -> None:
    user, token = create_user("ann@example.org", Role.ADMINISTRATOR, None, COMMANDS)
    set_password(token, PASSWORD, now())
    cookie = sign_in("ann@example.org", PASSWORD, now()).token
    assert len(token) >= 43
    assert len(cookie) >= 43
    assert [link.token_hash for link in db.session.scalars(select(OneTimeLink))] == [hash_token(token)]
    assert [row.token_hash for row in db.session.scalars(select(SignIn))] == [hash_token(cookie)]
    assert (user.password_hash or "").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_weaker_hash_is_replaced_at_sign_in(database: Flask) -> None:
    user = make.member(make.organisation(make.authority())).user
    user.password_hash = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    sign_in(user.email, PASSWORD, now())
    assert "m=19456,t=2,p=1" in user.password_hash


def test_a_member_stays_a_week_and_an_officer_half_a_day(database: Flask) -> None:
    area = make.authority()
    at = now()
    for membership, stay in ((make.member(make.organisation(area)), 7 * 24), (make.officer(area), 12)):
        token = hash_token(open_sign_in(membership, at))
        end = at + timedelta(hours=stay)
        note_seen(db.session.scalars(select(SignIn.id).where(SignIn.token_hash == token)).one(), end)  # never idle
        assert signed_in(token, end - timedelta(seconds=1)) is not None
        assert signed_in(token, end) is None


def test_the_last_role_is_taken_up_again(database: Flask) -> None:
    area = make.authority()
    user, token = create_user("ann@example.org", Role.OFFICER, area, COMMANDS)
    create_user("ann@example.org", Role.ADMINISTRATOR, None, COMMANDS)
    user.password_hash = hash_password(PASSWORD)
    officer, administrator = memberships_of(user.id)
    first = signed_in(hash_token(sign_in("ann@example.org", PASSWORD, now()).token), now())
    assert first is not None
    assert first.role == Role.OFFICER
    choose_membership(administrator.id, first.sign_in_id, actor_of(officer), now())
    again = signed_in(hash_token(sign_in("ann@example.org", PASSWORD, now()).token), now())
    assert again is not None
    assert again.role == Role.ADMINISTRATOR
    with pytest.raises(NotAllowed):
        choose_membership(make.officer(area).id, again.sign_in_id, actor_of(administrator), now())
    assert token


@pytest.mark.parametrize("which", [make.member, make.officer, lambda _of: make.administrator()])
def test_nobody_acts_twice_as_the_same_thing(database: Flask, which: Callable[[Any], Membership]) -> None:
    """Of two who add somebody at the same moment one is refused by the database itself; an ended one stands beside."""
    of = make.authority() if which is make.officer else make.organisation()
    first = which(of)
    place = {"role": first.role, "organisation_id": first.organisation_id, "authority_id": first.authority_id}
    db.session.add(Membership(user=first.user, created_at=now(), ended_at=now(), **place))
    db.session.flush()
    db.session.add(Membership(user=first.user, created_at=now(), **place))
    with pytest.raises(IntegrityError):
        db.session.flush()
