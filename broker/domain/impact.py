"""The arithmetic of promised, matched, delivered, verified and claimed: exact, in hundredths of a unit."""

from decimal import ROUND_DOWN, Decimal

from broker.domain.amounts import WHOLE

HUNDREDTH = Decimal("0.01")


def promised(quantity: Decimal, per_pounds: Decimal | None, spent: Decimal | None, unit_kind: str) -> Decimal:
    """How much is promised: the quantity, or the quantity for each `per_pounds` of what is spent so far.

    What is not promised in full yet is left out: less than a hundredth, and of what is counted one by one any part.
    """
    if per_pounds is None:
        return quantity
    least = Decimal(1) if unit_kind == WHOLE else HUNDREDTH
    return (quantity * (spent or Decimal(0)) / per_pounds).quantize(least, ROUND_DOWN).normalize() + 0


def proven(quantity: Decimal, received: Decimal) -> Decimal:
    """How much of a delivery can be verified at most: what the receiver says, and never more than was delivered."""
    return min(quantity, received)


def left_to_claim(verified: Decimal, claimed: Decimal) -> Decimal:
    """How much of what is verified stands against no commitment yet."""
    return verified - claimed
