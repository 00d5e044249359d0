"""The one clock: every moment is UTC and comes from here, so that a test can move it."""

from datetime import UTC, date, datetime, timedelta

TWICE = timedelta(minutes=10)  # the same thing from the same people within this time is one click too many


def now() -> datetime:
    """The present moment, aware, UTC, to the second (what the store keeps)."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> date:
    """The present day in UTC; listings and partnerships count in whole days."""
    return now().date()
