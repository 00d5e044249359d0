"""One table says what may happen next: this action takes it to X from any of Y, Z."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

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
    SynonymState,
    WeightsState,
)
from broker.domain.permissions import Action, Actor, Thing, can
from broker.domain.refusals import WrongState


@dataclass(frozen=True, slots=True)
class Move:
    """A row of a machine: `action` leads from any of `sources` to `target`."""

    action: Action
    sources: frozenset[str]
    target: str


class Machine:
    """The states of one noun and the moves between them. `starts` are the states a new one may be born in."""

    def __init__(self, noun: str, starts: Iterable[str], moves: Iterable[Move]) -> None:
        self.noun = noun
        self.starts = tuple(starts)
        self.moves = tuple(moves)
        self._next = {(source, move.action): move.target for move in self.moves for source in move.sources}

    def next(self, state: str, action: Action) -> str:
        """The state after the action; WrongState when the table has no such row."""
        try:
            return self._next[(state, action)]
        except KeyError:
            raise WrongState(self.noun, state, action) from None

    def allows(self, state: str, action: Action) -> bool:
        """True when the table has a row for this action from this state."""
        return (state, action) in self._next

    def sources(self, action: Action) -> frozenset[str]:
        """All states from which the action starts."""
        return frozenset(state for (state, a) in self._next if a is action)

    @property
    def states(self) -> frozenset[str]:
        """Every state the table names."""
        return frozenset(self.starts) | {m.target for m in self.moves} | {s for m in self.moves for s in m.sources}


def _row(action: Action, target: str, *sources: str) -> Move:
    return Move(action, frozenset(sources), target)


R, P, M, S = RegistrationState, PostingState, MatchState, PartnershipState

REGISTRATION = Machine(
    "registration",
    [R.APPLIED, R.APPROVED],
    [
        _row(Action.APPLY, R.APPLIED, R.RETURNED),
        _row(Action.APPROVE_ORGANISATION, R.APPROVED, R.APPLIED, R.RETURNED),
        _row(Action.RETURN_ORGANISATION, R.RETURNED, R.APPLIED),
        _row(Action.SUSPEND_ORGANISATION, R.SUSPENDED, R.APPROVED),
        _row(Action.RESTORE_ORGANISATION, R.APPROVED, R.SUSPENDED),
    ],
)

POSTING = Machine(
    "listing",
    [P.DRAFT, P.OPEN],
    [
        _row(Action.SUBMIT_LISTING, P.SUBMITTED, P.DRAFT, P.RETURNED),
        _row(Action.APPROVE_LISTING, P.OPEN, P.SUBMITTED),
        _row(Action.RETURN_LISTING, P.RETURNED, P.SUBMITTED),
        _row(Action.EDIT_LISTING, P.SUBMITTED, P.OPEN, P.PAUSED, P.LAPSED, P.FILLED),
        _row(Action.PAUSE_LISTING, P.PAUSED, P.OPEN),
        _row(Action.RESUME_LISTING, P.OPEN, P.PAUSED),
        _row(Action.RENEW_LISTING, P.OPEN, P.OPEN, P.LAPSED),
        _row(Action.LAPSE_LISTING, P.LAPSED, P.OPEN, P.PAUSED),
        _row(Action.CONFIRM_MATCH, P.FILLED, P.OPEN),  # the last of it was taken
        _row(Action.END_PARTNERSHIP, P.OPEN, P.FILLED),  # some of it came back
        _row(Action.CLOSE_LISTING, P.FILLED, P.OPEN, P.PAUSED),
        _row(
            Action.WITHDRAW_LISTING,
            P.WITHDRAWN,
            P.DRAFT,
            P.SUBMITTED,
            P.RETURNED,
            P.OPEN,
            P.PAUSED,
            P.LAPSED,
        ),
    ],
)

MATCH = Machine(
    "match",
    [M.SHORTLISTED, M.PROPOSED, M.DISMISSED],
    [
        _row(Action.PROPOSE_MATCH, M.PROPOSED, M.SHORTLISTED),
        _row(Action.DISMISS_MATCH, M.DISMISSED, M.SHORTLISTED),
        _row(Action.ACCEPT_MATCH, M.AGREED, M.PROPOSED),  # the second acceptance
        _row(Action.RECORD_ACCEPTANCE, M.AGREED, M.PROPOSED),  # the second acceptance, told to an officer
        _row(Action.EDIT_LISTING, M.PROPOSED, M.AGREED),  # what was accepted has changed
        _row(Action.DECLINE_MATCH, M.DECLINED, M.PROPOSED, M.AGREED),
        _row(Action.RECORD_REFUSAL, M.DECLINED, M.PROPOSED, M.AGREED),
        _row(Action.CONFIRM_MATCH, M.CONFIRMED, M.AGREED),
        _row(Action.LAPSE_MATCH, M.LAPSED, M.PROPOSED),
        _row(Action.WITHDRAW_MATCH, M.WITHDRAWN, M.SHORTLISTED, M.PROPOSED, M.AGREED),
        _row(Action.WITHDRAW_LISTING, M.WITHDRAWN, M.SHORTLISTED, M.PROPOSED, M.AGREED),
    ],
)

PARTNERSHIP = Machine(
    "partnership",
    [S.PLANNED],
    [
        _row(Action.START_PARTNERSHIP, S.RUNNING, S.PLANNED),
        _row(Action.CALL_REVIEW, S.REVIEW_DUE, S.RUNNING),
        _row(Action.REVIEW_PARTNERSHIP, S.RUNNING, S.REVIEW_DUE),
        _row(Action.CLOSE_PARTNERSHIP, S.CLOSED, S.RUNNING, S.REVIEW_DUE),
        _row(Action.END_PARTNERSHIP, S.ENDED_EARLY, S.PLANNED, S.RUNNING, S.REVIEW_DUE),
    ],
)

COMMITMENT = Machine(
    "commitment",
    [CommitmentState.OPEN],
    [_row(Action.WITHDRAW_COMMITMENT, CommitmentState.WITHDRAWN, CommitmentState.OPEN)],
)

D = DeliveryState
_UNSURE = (D.LOGGED, D.UNCONFIRMED, D.DISPUTED)

DELIVERY = Machine(
    "delivery",
    [D.LOGGED, D.TOLD],
    [
        _row(Action.CONFIRM_DELIVERY, D.CONFIRMED, *_UNSURE, D.CONFIRMED),  # or said otherwise than before
        _row(Action.RECORD_CONFIRMATION, D.CONFIRMED, *_UNSURE),  # told to an officer
        _row(Action.DISPUTE_DELIVERY, D.DISPUTED, *_UNSURE, D.CONFIRMED),
        _row(Action.RECORD_DISPUTE, D.DISPUTED, D.LOGGED, D.UNCONFIRMED, D.CONFIRMED),
        _row(Action.LAPSE_DELIVERY, D.UNCONFIRMED, D.LOGGED),  # silence is no yes
        _row(Action.ASK_CONFIRMATION, D.LOGGED, D.LOGGED, D.UNCONFIRMED),
        _row(Action.VERIFY_DELIVERY, D.VERIFIED, D.CONFIRMED),
        _row(Action.TAKE_BACK_VERIFICATION, D.CONFIRMED, D.VERIFIED),
        _row(Action.WITHDRAW_DELIVERY, D.WITHDRAWN, *_UNSURE, D.CONFIRMED, D.TOLD),
    ],
)

CLAIM = Machine(
    "claim",
    [ClaimState.STANDING],
    [_row(Action.TAKE_BACK_CLAIM, ClaimState.TAKEN_BACK, ClaimState.STANDING)],
)

PROJECT_IDEA = Machine(
    "project idea",
    [IdeaState.NEW],
    [
        _row(Action.TAKE_UP_PROJECT, IdeaState.TAKEN_UP, IdeaState.NEW, IdeaState.DECLINED),
        _row(Action.DECLINE_PROJECT, IdeaState.DECLINED, IdeaState.NEW),
    ],
)

GUESS = Machine(
    "guess",
    [GuessState.GUESSED],
    [
        _row(Action.AGREE_GUESS, GuessState.AGREED, GuessState.GUESSED, GuessState.REFUSED),
        _row(Action.REFUSE_GUESS, GuessState.REFUSED, GuessState.GUESSED, GuessState.AGREED),
    ],
)

SYNONYM = Machine(
    "synonym",
    [SynonymState.OPEN],
    [
        _row(Action.SWITCH_OFF_SYNONYM, SynonymState.OFF, SynonymState.OPEN),
        _row(Action.SWITCH_ON_SYNONYM, SynonymState.OPEN, SynonymState.OFF),
    ],
)

PREFERENCE = Machine(
    "preference",
    [PreferenceState.STANDING],
    [_row(Action.TAKE_BACK_NOT_FOR_US, PreferenceState.TAKEN_BACK, PreferenceState.STANDING)],
)

W = WeightsState

WEIGHTS = Machine(
    "weights",
    [W.PROPOSED, W.IN_USE],  # the setting that ships with the product is in use from the start
    [
        _row(Action.ADOPT_WEIGHTS, W.IN_USE, W.PROPOSED),
        _row(Action.RETIRE_WEIGHTS, W.RETIRED, W.IN_USE),  # others took its place
        _row(Action.RESTORE_WEIGHTS, W.IN_USE, W.RETIRED),
    ],
)

MACHINES = (
    REGISTRATION,
    POSTING,
    MATCH,
    PARTNERSHIP,
    COMMITMENT,
    DELIVERY,
    CLAIM,
    PROJECT_IDEA,
    GUESS,
    SYNONYM,
    PREFERENCE,
    WEIGHTS,
)


class Stateful(Thing, Protocol):
    """A thing with a present state and a machine that rules it."""

    @property
    def machine(self) -> Machine: ...

    @property
    def state(self) -> str: ...


def open_moves(thing: Stateful, actor: Actor | None) -> frozenset[Action]:
    """The actions that both the table of states and the table of rights leave open: the page's buttons."""
    return frozenset(
        move.action for move in thing.machine.moves if thing.state in move.sources and can(actor, move.action, thing)
    )
