"""Promises: making one, raising or lowering it, what helps to keep it, and letting a supplier off it."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from broker.actions.mail import owe_mail
from broker.actions.moving import begin, hold, move, record, remark
from broker.domain.amounts import amount_problem
from broker.domain.clock import TWICE, now, today
from broker.domain.commitments import AFTER_CONTRACT, LONGEST_PLEDGE, Frame, Promise, full, lesser, problems
from broker.domain.kinds import Audience, CommitmentState, NoteKind, RegistrationState, Role, Unit
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, can, require
from broker.domain.refusals import Unfit, WrongState
from broker.store.accounts import people_of
from broker.store.authorities import Authority
from broker.store.claims import claimed_for
from broker.store.commitments import Commitment, open_commitments_of
from broker.store.contracts import Contract
from broker.store.measures import Measure
from broker.store.milestones import milestones_of
from broker.store.organisations import Organisation, registration_of
from broker.store.partnerships import Partnership

SAME = ("contract_id", "measure_id", "what", "quantity", "per_pounds", "due_on")


def make_commitment(
    supplier: Organisation,
    authority: Authority,
    by: Actor,
    *,
    measure: Measure,
    promise: Promise,
    contract: Contract | None = None,
    sure: bool = False,
) -> Commitment:
    """A supplier's promise to an authority, under a contract or, without one, as a pledge.

    An officer may write one down for the supplier. Unfit on a field of the promise, on measure or on authority.
    The very same one a moment later is the first one: somebody went back and sent it again.
    """
    made = Commitment(
        organisation_id=supplier.id,
        authority_id=authority.id,
        contract_id=contract.id if contract else None,
        measure_id=measure.id,
        state=CommitmentState.OPEN,
        what=promise.what.strip(),
        quantity=promise.quantity,
        per_pounds=promise.per_pounds,
        due_on=promise.due_on,
        created_at=now(),
    )
    require(by, Action.MAKE_COMMITMENT, made)
    frame = frame_of(measure, contract, today())
    found = problems(promise, frame, sure=sure) | _world(supplier, authority, measure, contract)
    if found:
        raise Unfit(found)
    if (twin := _twin(made)) is not None:
        return twin
    begin(made, Action.MAKE_COMMITMENT, by)
    _tell(MailKind.COMMITMENT_WRITTEN, made, by)
    return made


def _twin(made: Commitment) -> Commitment | None:
    """The same promise in every word, made a moment ago."""
    said = attrgetter(*SAME)
    found = (
        each
        for each in open_commitments_of(made.organisation_id, made.authority_id)
        if each.created_at > now() - TWICE and said(each) == said(made)
    )
    return next(found, None)


def edit_commitment(
    commitment: Commitment, by: Actor, *, measure: Measure, promise: Promise, reason: str = "", sure: bool = False
) -> None:
    """Say it otherwise. Less, later or another measure is for an officer to grant, with a reason that both keep.

    Unfit on a field: "officer_only" where its maker would promise less; `reason`: "needed" where an officer gives none.
    """
    require(by, Action.EDIT_COMMITMENT, commitment)
    hold(commitment)
    _check_open(commitment, Action.EDIT_COMMITMENT)
    less = _less(commitment, measure, promise)
    _check_change(commitment, measure, promise, sure)
    if less and not can(by, Action.LOWER_COMMITMENT, commitment):
        raise Unfit(dict.fromkeys(less, "officer_only"))
    if less and not reason.strip():
        raise Unfit({"reason": "needed"})
    changed = _put(commitment, measure, promise)
    if changed:
        record(commitment, Action.LOWER_COMMITMENT if less else Action.EDIT_COMMITMENT, by, *changed)
        remark(commitment, by, NoteKind.REASON, reason, Audience.OWNER)
        _tell(MailKind.COMMITMENT_CHANGED, commitment, by)


def withdraw_commitment(commitment: Commitment, by: Actor, *, reason: str) -> None:
    """Let the supplier off a promise. Unfit on `reason`: "needed", or "claimed" while something stands against it."""
    require(by, Action.WITHDRAW_COMMITMENT, commitment)
    hold(commitment)
    if claimed_for(commitment.id):
        raise Unfit({"reason": "claimed"})
    if not reason.strip():
        raise Unfit({"reason": "needed"})
    move(commitment, Action.WITHDRAW_COMMITMENT, by)
    remark(commitment, by, NoteKind.REASON, reason, Audience.OWNER)
    _tell(MailKind.COMMITMENT_CHANGED, commitment, by)


def _tell(kind: MailKind, commitment: Commitment, by: Actor) -> None:
    """Write to who promised, and to whoever sees to it, where it was not their own organisation's deed."""
    if by.organisation_id == commitment.organisation_id:
        return
    for place in people_of(commitment.organisation_id):
        if place.role == Role.MEMBER or place.user_id == commitment.owner_id:
            owe_mail(kind, place.user, commitment)


def frame_of(measure: Measure, contract: Contract | None, on: date) -> Frame:
    """Where a promise of this measure has to fit in, if it is made on that day."""
    first, last = (contract.starts_on, contract.ends_on + AFTER_CONTRACT) if contract else (on, on + LONGEST_PLEDGE)
    whole = contract.whole if contract else None
    return Frame(unit_kind=measure.unit_kind, first=first, last=last, has_contract=contract is not None, whole=whole)


def promise_of(commitment: Commitment) -> Promise:
    """What a commitment says."""
    names = ("quantity", "due_on", "what", "per_pounds")
    return Promise(**{name: getattr(commitment, name) for name in names})


def _world(supplier: Organisation, authority: Authority, measure: Measure, contract: Contract | None) -> dict[str, str]:
    """What only the store can tell: whether this supplier may promise here, and whether the measure is one of here."""
    found = {} if _is_counted_in(measure, authority.id) else {"measure": "unknown"}
    registration = registration_of(supplier.id, authority.id)
    if registration is None or registration.state != RegistrationState.APPROVED:
        found["authority"] = "not_approved"
    if not supplier.is_supplier:
        found["authority"] = "no_supplier"
    if contract is not None and (contract.organisation_id, contract.authority_id) != (supplier.id, authority.id):
        found["authority"] = "other_contract"
    return found


def _is_counted_in(measure: Measure, authority_id: int) -> bool:
    return measure.retired_at is None and measure.authority_id in (None, authority_id)


def _check_open(commitment: Commitment, action: Action) -> None:
    if commitment.is_over:
        raise WrongState(commitment.noun, commitment.state, action)


def _less(commitment: Commitment, measure: Measure, promise: Promise) -> list[str]:
    """The fields in which this would be less than what was promised."""
    if measure.root_id != commitment.measure.root_id:
        return ["measure"]
    return lesser(promise_of(commitment), promise)


def _check_change(commitment: Commitment, measure: Measure, promise: Promise, sure: bool) -> None:
    """Whether the new promise fits, and whether what hangs on the old one fits the new."""
    frame = frame_of(measure, commitment.contract, commitment.created_at.date())
    found = problems(promise, frame, sure=sure)
    if measure.id != commitment.measure_id:
        if not _is_counted_in(measure, commitment.authority_id):
            found["measure"] = "unknown"
        elif measure.root_id != commitment.measure.root_id and claimed_for(commitment.id):
            found["measure"] = "claimed"
    if promise.due_on == commitment.due_on:
        found.pop("due_on", None)  # the contract's days were changed, not this one
    steps = milestones_of(commitment)
    if any(step.due_on > promise.due_on for step in steps):
        found.setdefault("due_on", "before_step")
    whole = full(promise, frame)
    if whole is not None and sum(step.quantity or 0 for step in steps) > whole:
        found.setdefault("quantity", "less_than_steps")
    if found:
        raise Unfit(found)


def _put(commitment: Commitment, measure: Measure, promise: Promise) -> list[str]:
    """Write down what is new; the names of the fields that this changes."""
    said = {**asdict(promise), "what": promise.what.strip(), "measure_id": measure.id}
    changed = [name for name, value in said.items() if getattr(commitment, name) != value]
    for name in changed:
        setattr(commitment, name, said[name])
    return changed


class Given(NamedTuple):
    """What is given in a partnership: by whom, where, and how much of which unit, where that is counted."""

    giver_id: int
    authority_id: int
    amount: Decimal | None
    unit: Unit | None


def check_link(given: Given, commitment: Commitment, amount: Decimal | None) -> None:
    """Unfit where what is given cannot help to keep that promise with so much."""
    found = {}
    if (commitment.organisation_id, commitment.authority_id) != (given.giver_id, given.authority_id):
        found["commitment"] = "other"
    elif commitment.is_over:
        found["commitment"] = "let_off"
    if code := amount_problem(amount, commitment.measure.unit_kind):
        found["committed_amount"] = code
    elif given.unit == commitment.measure.unit_kind and (amount or 0) > (given.amount or amount or 0):
        found["committed_amount"] = "more_than_agreed"
    if found:
        raise Unfit(found)


def link_commitment(
    partnership: Partnership, by: Actor, *, commitment: Commitment | None, amount: Decimal | None = None
) -> None:
    """Say which promise of its giver a partnership helps to keep, and with how much; None: no promise any more.

    Unfit on `commitment` or `committed_amount`.
    """
    require(by, Action.LINK_COMMITMENT, partnership)
    hold(partnership)
    if commitment is not None:
        said = (partnership.supply_amount, partnership.supply_unit)
        check_link(Given(partnership.giver_id, partnership.authority_id, *said), commitment, amount)
    if (partnership.commitment, partnership.committed_amount) == (commitment, amount):
        return
    partnership.commitment = commitment
    partnership.commitment_id = commitment.id if commitment else None
    partnership.committed_amount = amount if commitment else None
    record(partnership, Action.LINK_COMMITMENT, by, "commitment_id", "committed_amount")
