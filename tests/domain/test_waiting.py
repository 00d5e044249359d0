"""What may wait how long, and what waiting harms."""

from datetime import date, timedelta

import pytest

from broker.domain.waiting import (
    GRACE_DAYS,
    PATIENCE,
    SAFEGUARDING_HARM,
    SOON_DAYS,
    SOON_HARM,
    Wait,
    due,
    harm,
    lapses,
    next_reply_by,
)

DAY = date(2027, 3, 1)


def days(number: int) -> timedelta:
    return timedelta(days=number)


def test_everything_on_the_desk_has_its_patience() -> None:
    assert set(PATIENCE) == set(Wait)
    assert all(patience.days >= 0 and patience.harm > 0 for patience in PATIENCE.values())


def test_two_that_said_yes_lose_heart_first() -> None:
    assert max(PATIENCE, key=lambda what: PATIENCE[what].harm) is Wait.CONFIRM


@pytest.mark.parametrize("what", list(Wait))
def test_a_thing_is_due_so_many_days_after_it_began_to_wait(what: Wait) -> None:
    assert due(what, DAY) == DAY + days(PATIENCE[what].days)


def test_a_near_need_is_due_a_fortnight_before_its_day() -> None:
    assert due(Wait.BROKER, DAY, DAY + days(16)) == DAY + days(2)
    assert due(Wait.BROKER, DAY, DAY + days(3)) == DAY, "nothing is late on the day it comes in"
    assert due(Wait.BROKER, DAY, DAY + days(200)) == DAY + days(PATIENCE[Wait.BROKER].days)


def test_harm_grows_with_a_near_day_and_with_people_at_risk() -> None:
    usual = harm(Wait.CHECK, DAY)
    assert harm(Wait.CHECK, DAY, DAY + days(SOON_DAYS)) == usual + SOON_HARM
    assert harm(Wait.CHECK, DAY, DAY + days(SOON_DAYS + 1)) == usual
    assert harm(Wait.CHECK, DAY, safeguarding=True) == usual + SAFEGUARDING_HARM


def test_a_reminder_gives_a_week_from_the_later_day() -> None:
    assert next_reply_by(DAY + days(3), DAY) == DAY + days(10)
    assert next_reply_by(DAY - days(30), DAY) == DAY + days(7)
    assert next_reply_by(None, DAY) == DAY + days(7)


def test_after_the_days_of_grace_it_closes() -> None:
    assert not lapses(DAY, DAY + days(GRACE_DAYS))
    assert lapses(DAY, DAY + days(GRACE_DAYS + 1))
