"""The table of rights is whole, and `can` says what it says."""

from dataclasses import dataclass

import pytest

from broker.domain.kinds import Role
from broker.domain.permissions import GRANTS, Action, Actor, Reach, can, reach, require
from broker.domain.refusals import NotAllowed


@dataclass(frozen=True)
class Plot:
    owners: frozenset[int]
    authorities: frozenset[int]
    assignees: frozenset[int] = frozenset()
    giver_id: int = 0
    receiver_id: int = 0


HERE = Plot(frozenset({1}), frozenset({10}), frozenset({4, 5}), giver_id=1, receiver_id=1)
THERE = Plot(frozenset({2}), frozenset({20}), frozenset({9}), giver_id=2, receiver_id=2)
ACTORS = {
    Role.MEMBER: Actor(Role.MEMBER, 1, organisation_id=1),
    Role.COLLEAGUE: Actor(Role.COLLEAGUE, 4, organisation_id=1),
    Role.OFFICER: Actor(Role.OFFICER, 2, authority_id=10),
    Role.CONTRACT_MANAGER: Actor(Role.CONTRACT_MANAGER, 5, authority_id=10),
    Role.COUNCILLOR: Actor(Role.COUNCILLOR, 6, authority_id=10),
    Role.ADMINISTRATOR: Actor(Role.ADMINISTRATOR, 3),
    Role.SYSTEM: Actor(Role.SYSTEM),
}


def test_every_action_is_granted_to_somebody() -> None:
    assert set(GRANTS) == set(Action)
    assert all(any(how_far for how_far in roles.values()) for roles in GRANTS.values())


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
def test_can_is_the_table(action: Action, role: Role) -> None:
    actor, how_far = ACTORS[role], GRANTS[action].get(role, Reach.NONE)
    assert reach(actor, action) is how_far
    assert can(actor, action, HERE) is (how_far is not Reach.NONE)
    assert can(actor, action, THERE) is (how_far is Reach.ALL)
    assert can(actor, action) is (how_far is not Reach.NONE)


@pytest.mark.parametrize("action", Action)
def test_a_stranger_can_do_nothing(action: Action) -> None:
    assert not can(None, action, HERE)
    with pytest.raises(NotAllowed):
        require(None, action, HERE)


def test_an_actor_without_a_place_reaches_nothing() -> None:
    nowhere = Plot(frozenset(), frozenset())
    assert not can(Actor(Role.MEMBER, 1), Action.EDIT_LISTING, nowhere)
    assert not can(Actor(Role.OFFICER, 1), Action.SEE_LISTING, nowhere)


def test_a_side_does_its_own_part_only() -> None:
    given = Plot(frozenset({1, 7}), frozenset({10}), giver_id=1, receiver_id=7)
    giver, receiver = Actor(Role.MEMBER, 1, organisation_id=1), Actor(Role.MEMBER, 2, organisation_id=7)
    assert can(giver, Action.LOG_DELIVERY, given)
    assert not can(giver, Action.CONFIRM_DELIVERY, given)
    assert can(receiver, Action.CONFIRM_DELIVERY, given)
    assert not can(receiver, Action.LOG_DELIVERY, given)
    assert can(giver, Action.SEE_DELIVERY, given)
    assert can(receiver, Action.SEE_DELIVERY, given)


def test_a_colleague_sees_what_was_handed_to_them_and_nothing_beside_it() -> None:
    theirs, beside = (Plot(frozenset({1}), frozenset({10}), who, giver_id=1) for who in (frozenset({4}), frozenset()))
    assert can(ACTORS[Role.COLLEAGUE], Action.SEE_COMMITMENT, theirs)
    assert not can(ACTORS[Role.COLLEAGUE], Action.SEE_COMMITMENT, beside)


def test_several_authorities_are_each_enough() -> None:
    both = Plot(frozenset({2}), frozenset({10, 20}))
    assert can(ACTORS[Role.OFFICER], Action.SEE_LISTING, both)
