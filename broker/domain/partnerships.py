"""What two sides agree to when a match becomes a partnership, and what makes an agreement complete."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from broker.domain.kinds import Lane

LATEST_REVIEW = timedelta(days=365)  # after the last day: a later one would be no review of it any more


@dataclass(frozen=True, slots=True)
class Terms:
    """Who gives what is known from the match; these are the rest. Amounts are in the unit of each side's listing."""

    what: str
    starts_on: date
    ends_on: date
    lane: Lane
    review_on: date | None = None
    demand_amount: Decimal | None = None
    supply_amount: Decimal | None = None


def problems(terms: Terms) -> dict[str, str]:
    """What the terms lack, as field name to code; empty when they are complete."""
    found = {}
    if not terms.what.strip():
        found["what"] = "needed"
    if terms.ends_on < terms.starts_on:
        found["ends_on"] = "before_start"
    if terms.review_on is None and terms.lane is Lane.SYSTEMIC:
        found["review_on"] = "needed"
    if terms.review_on is not None and terms.review_on < terms.starts_on:
        found["review_on"] = "before_start"
    if terms.review_on is not None and is_late(terms.review_on, terms.ends_on):
        found["review_on"] = "late_review"
    return found


def is_late(review_on: date, ends_on: date) -> bool:
    """Whether a day is too long after the last one to look back on it."""
    return review_on > ends_on + LATEST_REVIEW
