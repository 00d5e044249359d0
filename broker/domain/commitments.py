"""What makes a promise complete, and what makes it a lesser one than before."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from broker.domain.amounts import MANY, MOST, amount_problem
from broker.domain.contracts import MOST as LARGEST_CONTRACT
from broker.domain.impact import promised

AFTER_CONTRACT = timedelta(days=365)  # so long after its end what was promised under a contract may still be due
LONGEST_PLEDGE = timedelta(days=3660)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """How much by when. With `per_pounds` the quantity is promised once for each so many pounds spent."""

    quantity: Decimal | None
    due_on: date
    what: str = ""
    per_pounds: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where a promise has to fit in: the kind of unit, the first and the last day, whether there is a contract.

    `whole`: all the pounds that are spent under that in the end, as far as anybody can say.
    """

    unit_kind: str
    first: date
    last: date
    has_contract: bool
    whole: Decimal | None = None


def problems(promise: Promise, frame: Frame, *, sure: bool) -> dict[str, str]:
    """What does not fit, as field name to code. `sure`: whoever promises means so large a number."""
    found = {}
    if code := _quantity(promise, frame, sure):
        found["quantity"] = code
    if code := _per_pounds(promise.per_pounds, frame.has_contract):
        found["per_pounds"] = code
    if promise.due_on < frame.first:
        found["due_on"] = "before_start" if frame.has_contract else "past"
    if promise.due_on > frame.last:
        found["due_on"] = "after_contract" if frame.has_contract else "too_far"
    return found


def lesser(old: Promise, new: Promise) -> list[str]:
    """In which fields the new promise is less than the old one; what cannot be compared counts as less."""
    found = []
    if (old.per_pounds is None) != (new.per_pounds is None):
        found.append("per_pounds")
    elif _rate(new) < _rate(old):
        found.append("quantity")
    if new.due_on > old.due_on:
        found.append("due_on")
    return found


def full(promise: Promise, frame: Frame) -> Decimal | None:
    """How much it is once all of the contract is spent; None where that cannot be said."""
    amounts = [promise.quantity] if promise.per_pounds is None else [promise.quantity, promise.per_pounds, frame.whole]
    if any(amount is None for amount in amounts) or promise.per_pounds == 0:
        return None
    return promised(promise.quantity or Decimal(0), promise.per_pounds, frame.whole, frame.unit_kind)


def _rate(promise: Promise) -> Decimal:
    return (promise.quantity or Decimal(0)) / (promise.per_pounds or Decimal(1))


def _quantity(promise: Promise, frame: Frame, sure: bool) -> str | None:
    """Whether so much can be promised at all; of what grows counts what it comes to in the end."""
    if code := amount_problem(promise.quantity, frame.unit_kind):
        return code
    end = full(promise, frame if frame.whole is not None else replace(frame, whole=LARGEST_CONTRACT))
    if end is not None and end > MOST:
        return "grows_too_far"
    is_many = max(promise.quantity or Decimal(0), full(promise, frame) or Decimal(0)) > MANY
    return "sure" if is_many and not sure else None


def _per_pounds(per_pounds: Decimal | None, has_contract: bool) -> str | None:
    if per_pounds is None:
        return None
    return amount_problem(per_pounds, "pounds") if has_contract else "no_contract"
