"""Steps on the way of a commitment or a partnership: setting one, changing it, and having reached it."""

from datetime import date
from decimal import Decimal

from broker.actions.moving import begin, hold, record
from broker.domain.amounts import amount_problem
from broker.domain.clock import now
from broker.domain.permissions import Action, Actor, can, require
from broker.domain.refusals import AlreadyThere, Unfit, WrongState
from broker.store.commitments import Commitment
from broker.store.milestones import Milestone, milestones_of
from broker.store.partnerships import Partnership

LONGEST = 400


def set_milestone(
    thing: Commitment | Partnership, by: Actor, *, what: str, due_on: date, quantity: Decimal | None = None
) -> Milestone:
    """What should have happened by a day. `quantity`: of a commitment, in the unit of its measure.

    Unfit on what, due_on or quantity. The very same step set twice is one.
    """
    require(by, Action.SET_MILESTONE, thing)
    hold(thing)
    steps = milestones_of(thing)
    what = " ".join(what.split())
    for step in steps:
        if (step.what, step.due_on, step.quantity) == (what, due_on, quantity):
            return step
    _check(thing, steps, what, due_on, quantity)
    made = Milestone(what=what, due_on=due_on, quantity=quantity)
    if isinstance(thing, Commitment):
        made.commitment = thing
    else:
        made.partnership = thing
    begin(made, Action.SET_MILESTONE, by)
    return made


def change_milestone(milestone: Milestone, by: Actor, *, what: str, due_on: date, quantity: Decimal | None) -> None:
    """Say it otherwise, while it is not reached. A later day or a smaller amount is for an officer to grant.

    Unfit on what, due_on or quantity; AlreadyThere once it is reached.
    """
    require(by, Action.SET_MILESTONE, milestone)
    _check_ahead(milestone)
    thing = milestone.thing
    hold(thing)
    what = " ".join(what.split())
    _check(thing, [step for step in milestones_of(thing) if step.id != milestone.id], what, due_on, quantity)
    if _is_less(milestone, due_on, quantity) and not can(by, Action.LOWER_COMMITMENT, thing):
        raise Unfit({"due_on" if due_on > milestone.due_on else "quantity": "officer_only"})
    told = {"what": what, "due_on": due_on, "quantity": quantity}
    changed = [name for name, value in told.items() if getattr(milestone, name) != value]
    for name in changed:
        setattr(milestone, name, told[name])
    if changed:
        record(milestone, Action.SET_MILESTONE, by, *changed)


def reach_milestone(milestone: Milestone, by: Actor) -> None:
    """It has happened. AlreadyThere where somebody said so before."""
    require(by, Action.REACH_MILESTONE, milestone)
    hold(milestone)
    _check_ahead(milestone)
    milestone.reached_at = now()
    record(milestone, Action.REACH_MILESTONE, by, "reached_at")


def _check_ahead(milestone: Milestone) -> None:
    if milestone.reached_at is not None:
        raise AlreadyThere("milestone", milestone.id)


def _is_less(milestone: Milestone, due_on: date, quantity: Decimal | None) -> bool:
    return due_on > milestone.due_on or (quantity or Decimal(0)) < (milestone.quantity or Decimal(0))


def _check(
    thing: Commitment | Partnership, others: list[Milestone], what: str, due_on: date, quantity: Decimal | None
) -> None:
    found = _said(what)
    if isinstance(thing, Commitment):
        found |= _within_promise(thing, others, due_on, quantity)
    else:
        found |= _within_partnership(thing, due_on, quantity)
    if found:
        raise Unfit(found)


def _said(what: str) -> dict[str, str]:
    if not what:
        return {"what": "needed"}
    return {"what": "too_long"} if len(what) > LONGEST else {}


def _within_promise(
    commitment: Commitment, others: list[Milestone], due_on: date, quantity: Decimal | None
) -> dict[str, str]:
    """All steps lie before the day of the promise, and together they are no more than it."""
    if commitment.is_over:
        raise WrongState(commitment.noun, commitment.state, Action.SET_MILESTONE)
    found = {"due_on": "after_promise"} if due_on > commitment.due_on else {}
    if due_on < commitment.first_day:
        found["due_on"] = "before_start"
    if quantity is None:
        return found
    code = amount_problem(quantity, commitment.measure.unit_kind)
    whole = commitment.promised_in_full
    if code is None and whole is not None and quantity + sum(step.quantity or 0 for step in others) > whole:
        code = "more_than_promised"
    return found | ({"quantity": code} if code else {})


def _within_partnership(partnership: Partnership, due_on: date, quantity: Decimal | None) -> dict[str, str]:
    found = {"quantity": "not_counted"} if quantity is not None else {}
    if due_on < partnership.starts_on:
        found["due_on"] = "before_start"
    if due_on > partnership.ends_on:
        found["due_on"] = "after_end"
    return found
