"""What makes a promise complete, and what makes it a lesser one than before."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from broker.domain.amounts import MANY, amount_problem
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
    """Where a promise has to fit in: the kind of unit, the first and the last day, whether there is a contract."""

    unit_kind: str
    first: date
    last: date
    has_contract: bool


def problems(promise: Promise, frame: Frame, *, sure: bool) -> dict[str, str]:
    """What does not fit, as field name to code. `sure`: whoever promises means so large a number."""
    found = {}
    if code := _quantity(promise.quantity, frame.unit_kind, sure):
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


def full(promise: Promise, value: Decimal | None) -> Decimal | None:
    """How much it is once the whole `value` of the contract is spent; None where that cannot be said."""
    if promise.quantity is None or (promise.per_pounds is not None and value is None):
        return None
    return promised(promise.quantity, promise.per_pounds, value)


def _rate(promise: Promise) -> Decimal:
    return (promise.quantity or Decimal(0)) / (promise.per_pounds or Decimal(1))


def _quantity(quantity: Decimal | None, unit_kind: str, sure: bool) -> str | None:
    code = amount_problem(quantity, unit_kind)
    return "sure" if code is None and quantity is not None and quantity > MANY and not sure else code


def _per_pounds(per_pounds: Decimal | None, has_contract: bool) -> str | None:
    if per_pounds is None:
        return None
    return amount_problem(per_pounds, "pounds") if has_contract else "no_contract"
