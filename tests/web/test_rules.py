"""The pages of a council's own rules."""

from collections.abc import Callable

import pytest
from flask import Flask

from broker.store.base import db
from tests import make
from tests.conftest import PageChecker


@pytest.fixture
def officer(app: Flask, sign_in: Callable[..., PageChecker]) -> PageChecker:
    with app.app_context():
        made = make.officer(make.authority())
        db.session.commit()
        user_id = made.id
    return sign_in(user_id)


def test_an_officer_changes_a_rule_and_takes_it_away_again(officer: PageChecker) -> None:
    page = officer.get("/rules/change?rule=confirm_days")
    assert page.status_code == 200
    sent = officer.post("/rules/change", data={"rule": "confirm_days", "value": "21", "note": "Cabinet, March"})
    assert (sent.status_code, sent.location) == (303, "/rules")
    listed = officer.get("/rules").text
    for told in ("21 days", "Cabinet, March", "Your council&#39;s own"):
        assert told in listed
    assert officer.post("/rules/usual", data={"rule": "confirm_days"}).location == "/rules"
    assert "21 days" not in officer.get("/rules").text


@pytest.mark.parametrize(
    ("rule", "typed", "said"),
    [
        ("confirm_days", "soonish", "Enter a number in figures"),
        ("most_matched_percent", "140", "Enter a share from 0 to 100"),
        ("counts_elsewhere", "perhaps", "Choose yes or no"),
        ("local_means", "", "Say what the rule is to be"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_stays_typed(
    officer: PageChecker, rule: str, typed: str, said: str
) -> None:
    answer = officer.post("/rules/change", data={"rule": rule, "value": typed, "note": "Words of mine"})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Words of mine" in answer.text
    if rule in ("confirm_days", "most_matched_percent"):
        assert f'value="{typed}"' in answer.text


def test_a_rule_that_nobody_knows_leads_back_to_those_that_there_are(officer: PageChecker) -> None:
    for answer in (
        officer.get("/rules/change"),
        officer.get("/rules/change?rule=colour"),
        officer.post("/rules/usual", data={"rule": "colour"}),
    ):
        assert (answer.status_code, answer.location) == (303, "/rules")
