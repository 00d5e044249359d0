"""Amounts of a measure: what may be promised, done or claimed of it at all, whatever the measure is."""

import re
from decimal import Decimal

THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
HUNDREDTH = Decimal("0.01")
MOST = Decimal(1_000_000_000)
MANY = Decimal(1_000_000)  # beyond it somebody is asked whether they mean it
WHOLE = "count"  # the kind of unit of which there is no half


def undressed(typed: str) -> str:
    """A number without what people put around it: '£1,250.50' as '1250.50'.

    A comma stays where it stands at no thousand: '12,5' is twelve and a half to some and a slip to others, and is never
    read as 125.
    """
    return THOUSANDS.sub("", "".join(typed.replace("£", "").split()))


def amount_problem(quantity: Decimal | None, unit_kind: str) -> str | None:
    """Why this is no amount of a measure: needed, not_positive, too_many, whole or too_fine; None where it is one."""
    if quantity is None:
        return "needed"
    if quantity <= 0:
        return "not_positive"
    if quantity > MOST:
        return "too_many"
    if unit_kind == WHOLE and quantity != quantity.to_integral_value():
        return "whole"
    return "too_fine" if quantity != quantity.quantize(HUNDREDTH) else None
