"""The arithmetic of promised, matched, delivered, verified and claimed: exact, in hundredths of a unit."""

from decimal import ROUND_DOWN, Decimal

HUNDREDTH = Decimal("0.01")


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
