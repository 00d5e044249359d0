"""An account that nobody uses goes after years and two letters, and stays where somebody was seen."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions import retention
from broker.actions.erasure import leaving
from broker.domain.retention import RULES, WARNINGS, Kept
from broker.store.accounts import User, memberships_of
from broker.store.base import db
from broker.store.outbox import Outbox
from broker.store.privacy import Departure, departure_of, is_erased
from tests import make
from tests.actions.test_retention import AT, TIME, happened, kept, sign_in


def unused(moment: datetime) -> User:
    """A member of whom nothing was seen since then."""
    membership = make.member(make.organisation(make.authority()))
    membership.created_at = membership.user.created_at = moment
    db.session.flush()
    return membership.user


def warned(user: User) -> int:
    departure = departure_of(user.id)
    return departure.warnings if departure else 0


def test_an_unused_account_goes_after_two_letters_and_no_sooner(database: Flask) -> None:
    """Night by night, as the job does it."""
    start = datetime(2027, 1, 1, 3, 0, tzinfo=UTC)
    user, goes_on = unused(start), start + timedelta(days=3 * 365 + 1)  # 2028 has a day more
    told: dict[int, datetime] = {}
    night = start
    while not is_erased(user):
        night += timedelta(days=1)
        retention.warn_unused(RULES, TIME, night)
        retention.clear(Kept.INACTIVE_ACCOUNTS, RULES, TIME, night)
        db.session.expire(user)
        told.setdefault(warned(user), night)
        assert night < goes_on + timedelta(days=2)
    assert night == start.replace(year=2030) + timedelta(days=1)
    assert [start.replace(year=2030) - told[1], start.replace(year=2030) - told[2]] == [
        each - timedelta(days=1) for each in WARNINGS
    ]
    assert [row.kind for row in db.session.scalars(select(Outbox))] == ["account_unused"] * 2


def test_after_years_without_power_nobody_goes_unwarned(database: Flask) -> None:
    user, nights = unused(AT - timedelta(days=3000)), 0
    while not is_erased(user):
        retention.warn_unused(RULES, TIME, AT + timedelta(days=nights))
        retention.clear(Kept.INACTIVE_ACCOUNTS, RULES, TIME, AT + timedelta(days=nights))
        db.session.expire(user)
        nights += 1
    assert nights - 1 == 2 * WARNINGS[-1].days


@pytest.mark.parametrize("sign", ["page", "deed", "place"])
def test_whoever_was_seen_stays(database: Flask, sign: str) -> None:
    user = unused(AT - timedelta(days=3000))
    retention.warn_unused(RULES, TIME, AT)
    assert warned(user) == 1
    lately = AT + timedelta(days=5)
    if sign == "page":
        row = sign_in(lately, ended=False)
        row.membership.user_id = user.id
    elif sign == "deed":
        happened(user, lately, by=user.id)
    else:
        [place] = memberships_of(user.id)
        place.created_at = lately
    db.session.flush()
    for days in range(6, 40):
        retention.warn_unused(RULES, TIME, AT + timedelta(days=days))
        assert retention.clear(Kept.INACTIVE_ACCOUNTS, RULES, TIME, AT + timedelta(days=days)) == 0
    assert warned(user) == 0


def test_an_unused_account_that_others_count_on_is_left_to_an_administrator(database: Flask) -> None:
    area = make.authority()
    membership = make.officer(area)
    user = membership.user
    membership.created_at = user.created_at = AT - timedelta(days=3000)
    kept(Departure, user_id=user.id, warnings=2, warned_at=AT - timedelta(days=20))
    assert leaving(user.id).ties
    retention.clear(Kept.INACTIVE_ACCOUNTS, RULES, TIME, AT)
    departure = departure_of(user.id)
    assert not is_erased(user)
    assert departure is not None
    assert departure.asked_at == AT
    assert retention.due(Kept.INACTIVE_ACCOUNTS, RULES, AT) == []


def test_the_last_administrator_is_never_due(database: Flask) -> None:
    membership = make.administrator()
    membership.created_at = membership.user.created_at = AT - timedelta(days=3000)
    kept(Departure, user_id=membership.user_id, warnings=2, warned_at=AT - timedelta(days=20))
    assert retention.due(Kept.INACTIVE_ACCOUNTS, RULES, AT) == []
