"""Periods of reporting: quarters, financial years, and whatever days somebody chooses."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from broker.domain.refusals import Unfit

FIRST_YEAR, LAST_YEAR = 2000, 2100
_FISCAL_MONTH = 4  # a council's year begins in April


class Span(NamedTuple):
    """From one day to another, both of them included."""

    starts: date
    ends: date

    @property
    def begins_at(self) -> datetime:
        return datetime.combine(self.starts, time(), UTC)

    @property
    def over_at(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.ends + timedelta(days=1), time(), UTC)


class Release(NamedTuple):
    """What the public reads: a whole year, as far as it was known at the end of a day, until the day of the next."""

    span: Span
    known_until: date
    next_on: date

    @property
    def known_before(self) -> datetime:
        return Span(self.known_until, self.known_until).over_at


def chosen(starts: date, ends: date) -> Span:
    """The time between two days. Raises Unfit where they are the wrong way round, or of no year that we report."""
    if not FIRST_YEAR <= starts.year <= LAST_YEAR:
        raise Unfit({"since": "year"})
    if not FIRST_YEAR <= ends.year <= LAST_YEAR:
        raise Unfit({"until": "year"})
    if ends < starts:
        raise Unfit({"until": "reversed"})
    return Span(starts, ends)


def quarters_before(on: date, number: int) -> list[Span]:
    """The last so many quarters that were over on this day, the latest first."""
    found, first = [], date(on.year, on.month - (on.month - 1) % 3, 1)
    for _ in range(number):
        last = first - timedelta(days=1)
        first = date(last.year, last.month - 2, 1)
        found.append(Span(first, last))
    return found


def last_quarter(on: date) -> Span:
    """The last quarter that was over on this day."""
    return quarters_before(on, 1)[0]


def last_four_quarters(on: date) -> Span:
    """The whole year up to the end of the last quarter that was over on this day."""
    found = quarters_before(on, 4)
    return Span(found[-1].starts, found[0].ends)


def last_release(on: date) -> Release:
    """The year to the end of the last quarter that has been over for a month on this day, as known after that month."""
    last = next(each for each in quarters_before(on, 2) if _released_on(each) <= on)
    after = last.ends + timedelta(days=1)
    coming = date(after.year + after.month // 10, (after.month + 2) % 12 + 1, 1)  # a quarter later
    known_until = _released_on(last) - timedelta(days=1)
    return Release(last_four_quarters(after), known_until, date(coming.year, coming.month + 1, 1))


def _released_on(quarter: Span) -> date:
    """A month after it was over, so that most of what was done late in it has been answered for."""
    after = quarter.ends + timedelta(days=1)
    return date(after.year, after.month + 1, 1)


def financial_years(on: date, number: int) -> list[Span]:
    """The financial year of this day and those before it, the latest first."""
    first = on.year - (on.month < _FISCAL_MONTH)
    years = range(first, first - number, -1)
    return [Span(date(year, _FISCAL_MONTH, 1), date(year + 1, _FISCAL_MONTH, 1) - timedelta(days=1)) for year in years]
