"""Needs that nobody met: what became of each, and how long ago it was asked for."""

from datetime import datetime, timedelta
from enum import StrEnum

USUAL_DAYS = 60  # open for so long without a partnership, where the authority has no rule of its own


class Outcome(StrEnum):
    """What became of a need of which no partnership came. A young one may still find somebody: it does not count."""

    OPEN = "open"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    MET_ELSEWHERE = "met_elsewhere"
    NOT_NEEDED = "not_needed"
    YOUNG = "young"


class Age(StrEnum):
    """How long ago a need was first asked for."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    LONGER = "longer"


# Up to so many days, the youngest first; what is older than all of them is LONGER.
UP_TO: dict[Age, int] = {Age.MONTH: 30, Age.QUARTER: 91, Age.HALF: 182, Age.YEAR: 365}


def asked_after(at: datetime) -> dict[Age, datetime]:
    """For each age but the last the moment after which it was asked for, the youngest age first."""
    return {age: at - timedelta(days=days) for age, days in UP_TO.items()}


def days_given(rule: str | None) -> int:
    """How many days the authority's rule gives a need, or the usual number."""
    return int(rule) if rule and rule.isdecimal() and len(rule) < 6 else USUAL_DAYS
