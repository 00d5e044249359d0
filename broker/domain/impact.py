"""The arithmetic of promised, matched, delivered, verified and claimed: exact, in hundredths of a unit."""

from decimal import ROUND_DOWN, Decimal

HUNDREDTH = Decimal("0.01")
MOST = Decimal(1_000_000_000)  # of anything at once
COUNTED_WHOLE = frozenset({"count"})  # kinds of unit of which there is no half


def promised(quantity: Decimal, per_pounds: Decimal | None, spent: Decimal | None) -> Decimal:
    """How much is promised: the quantity, or the quantity for each `per_pounds` of what is spent so far."""
    if per_pounds is None:
        return quantity
    return (quantity * (spent or Decimal(0)) / per_pounds).quantize(HUNDREDTH, ROUND_DOWN).normalize() + 0


def proven(quantity: Decimal, received: Decimal) -> Decimal:
    """How much of a delivery can be verified at most: what the receiver says, and never more than was delivered."""
    return min(quantity, received)


def left_to_claim(verified: Decimal, claimed: Decimal) -> Decimal:
    """How much of what is verified stands against no commitment yet."""
    return verified - claimed


def quantity_problem(quantity: Decimal, unit_kind: str) -> str | None:
    """Why so much of a measure cannot be written down: 'positive', 'two_decimals', 'whole' or 'too_much'."""
    if quantity <= 0:
        return "positive"
    if quantity != quantity.quantize(HUNDREDTH):
        return "two_decimals"
    if unit_kind in COUNTED_WHOLE and quantity != quantity.to_integral_value():
        return "whole"
    return "too_much" if quantity > MOST else None
