"""Rules that a council sets for itself: what may be set, that they hold at once, and taking them away again."""

import pytest
from flask import Flask

from broker.actions.rules import drop_rule, set_rule
from broker.domain.kinds import Role
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import NotAllowed, Unfit
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.deliveries import word_rules
from broker.store.readings import Look, rows
from broker.store.rules import OWN, rules_of
from tests import make


@pytest.fixture
def area(database: Flask) -> Authority:
    return make.authority()


def officer(area: Authority) -> Actor:
    return Actor(Role.OFFICER, make.officer(area).user_id, authority_id=area.id)


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("confirm_days", " 21 ", "21"),
        ("first_tier_hours", "37.50", "37.5"),
        ("first_tier_pounds", "£1,000", "1000"),
        ("first_tier_pounds", "0", "0"),
        ("most_matched_percent", "35%", "35"),
        ("counts_elsewhere", "YES", "yes"),
        ("local_means", "inside  the ring road", "inside the ring road"),
    ],
)
def test_what_a_council_says_holds_at_once(area: Authority, name: str, typed: str, kept: str) -> None:
    set_rule(area, name, typed, officer(area), note=" Cabinet, March ")
    rule = rules_of(area.id)[name]
    assert (rule.value, rule.layer, rule.note) == (kept, OWN, "Cabinet, March")
    assert name not in rules_of(make.authority().id), "no other council goes by it"


def test_the_tier_and_the_days_to_answer_follow_it(area: Authority) -> None:
    by = officer(area)
    for name, typed in (("first_tier_hours", "8"), ("first_tier_pounds", "100"), ("confirm_days", "30")):
        set_rule(area, name, typed, by)
    limits, days = word_rules(area.id)
    assert (limits.hours, limits.pounds, days) == (8, 100, 30)
    set_rule(area, "confirm_days", "7", by)
    assert word_rules(area.id)[1] == 7
    drop_rule(area, "confirm_days", by)
    drop_rule(area, "confirm_days", by)
    assert word_rules(area.id)[1] == 14
    db.session.commit()
    read = [each.event for each in rows(Look(about="authority", about_id=area.id), by)]
    assert [(each.action, each.changes) for each in read[2::-1]] == [
        (Action.SET_RULE, {"confirm_days": [None, "30"]}),
        (Action.SET_RULE, {"confirm_days": ["30", "7"]}),
        (Action.DROP_RULE, {"confirm_days": ["7", None]}),
    ], "its own officers read it in the record"


@pytest.mark.parametrize(
    ("name", "typed", "problem"),
    [
        ("confirm_days", "", {"value": "needed"}),
        ("confirm_days", "soon", {"value": "no_number"}),
        ("confirm_days", "NaN", {"value": "no_number"}),
        ("confirm_days", "0", {"value": "days"}),
        ("confirm_days", "3.5", {"value": "days"}),
        ("confirm_days", "3651", {"value": "days"}),
        ("confirm_days", "12,5", {"value": "no_number"}),
        ("first_tier_hours", "-1", {"value": "hours"}),
        ("first_tier_pounds", "1e12", {"value": "pounds"}),
        ("first_tier_pounds", "0.001", {"value": "pounds"}),
        ("most_matched_percent", "101", {"value": "percent"}),
        ("counts_elsewhere", "perhaps", {"value": "yes_or_no"}),
        ("local_means", "x" * 501, {"value": "too_long"}),
        ("colour", "green", {"rule": "unknown"}),
    ],
)
def test_what_cannot_be_a_rule_is_refused(area: Authority, name: str, typed: str, problem: dict[str, str]) -> None:
    with pytest.raises(Unfit) as refusal:
        set_rule(area, name, typed, officer(area))
    assert refusal.value.problems == problem
    assert rules_of(area.id) == {}


def test_only_its_own_officers_change_a_councils_rules(area: Authority) -> None:
    stranger = officer(make.authority())
    for deed in (lambda: set_rule(area, "confirm_days", "7", stranger), lambda: drop_rule(area, "tool", stranger)):
        with pytest.raises(NotAllowed):
            deed()
