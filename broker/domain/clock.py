"""The one clock: every moment is UTC and comes from here, so that a test can move it."""

from datetime import UTC, date, datetime


def now() -> datetime:
    """The present moment, aware, UTC, to the second (what the store keeps)."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> date:
    """The present day in UTC; listings and partnerships count in whole days."""
    return now().date()
