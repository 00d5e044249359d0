"""The tables of states are whole: every state can be reached, every move is somebody's, nothing else is allowed."""

from dataclasses import dataclass

import pytest

from broker.domain.kinds import (
    ClaimState,
    CommitmentState,
    DeliveryState,
    GuessState,
    IdeaState,
    MatchState,
    PartnershipState,
    PostingState,
    PreferenceState,
    RegistrationState,
    Role,
    SynonymState,
    WeightsState,
)
from broker.domain.permissions import GRANTS, Action, Actor, Reach
from broker.domain.refusals import WrongState
from broker.domain.states import (
    CLAIM,
    COMMITMENT,
    DELIVERY,
    GUESS,
    MACHINES,
    MATCH,
    PARTNERSHIP,
    POSTING,
    PREFERENCE,
    PROJECT_IDEA,
    REGISTRATION,
    SYNONYM,
    WEIGHTS,
    Machine,
    open_moves,
)

ENUMS = {
    REGISTRATION: RegistrationState,
    POSTING: PostingState,
    MATCH: MatchState,
    PARTNERSHIP: PartnershipState,
    COMMITMENT: CommitmentState,
    DELIVERY: DeliveryState,
    CLAIM: ClaimState,
    PROJECT_IDEA: IdeaState,
    GUESS: GuessState,
    SYNONYM: SynonymState,
    PREFERENCE: PreferenceState,
    WEIGHTS: WeightsState,
}


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.noun)
def test_every_state_is_named_and_reached(machine: Machine) -> None:
    assert machine.states == set(ENUMS[machine])
    reached, frontier = set(machine.starts), set(machine.starts)
    while frontier:
        frontier = {m.target for m in machine.moves if m.sources & frontier} - reached
        reached |= frontier
    assert reached == machine.states


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.noun)
def test_every_move_is_granted_to_somebody(machine: Machine) -> None:
    for move in machine.moves:
        assert any(how_far is not Reach.NONE for how_far in GRANTS[move.action].values())


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.noun)
def test_a_row_leads_to_one_state_only(machine: Machine) -> None:
    pairs = [(source, move.action) for move in machine.moves for source in move.sources]
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.noun)
def test_what_is_not_in_the_table_is_refused(machine: Machine) -> None:
    rows = {(source, move.action): move.target for move in machine.moves for source in move.sources}
    for state in machine.states:
        for action in Action:
            assert machine.allows(state, action) is ((state, action) in rows)
            if (state, action) in rows:
                assert machine.next(state, action) == rows[(state, action)]
            else:
                with pytest.raises(WrongState):
                    machine.next(state, action)


def test_only_an_agreed_match_is_confirmed() -> None:
    assert MATCH.sources(Action.CONFIRM_MATCH) == {MatchState.AGREED}


@dataclass
class Posted:
    state: str
    machine = POSTING
    owners = frozenset({1})
    authorities = frozenset({10})


def test_buttons_are_what_both_tables_leave_open() -> None:
    officer = Actor(Role.OFFICER, 1, authority_id=10)
    elsewhere = Actor(Role.OFFICER, 1, authority_id=11)
    member = Actor(Role.MEMBER, 2, organisation_id=1)
    waiting = Posted(PostingState.SUBMITTED)
    assert {Action.APPROVE_LISTING, Action.RETURN_LISTING} <= open_moves(waiting, officer)
    assert open_moves(waiting, member) == {Action.WITHDRAW_LISTING}
    assert open_moves(waiting, elsewhere) == open_moves(waiting, None) == frozenset()
