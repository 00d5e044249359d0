"""Which promise a partnership helps to keep: chosen when it is confirmed, or later on its page."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from broker.domain.clock import today
from broker.domain.kinds import MatchState
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.matches import Match
from broker.store.partnerships import Partnership, partnership_of
from tests import make
from tests.conftest import PageChecker

SignIn = Callable[[Membership], PageChecker]
Scene = dict[str, Any]


@pytest.fixture
def scene(app: Flask) -> Scene:
    with app.app_context():
        area = make.authority()
        firm = make.supplier(area, name="Quayside Builders")
        match = make.match(make.need(make.organisation(area), area), make.offer(firm, area), area, MatchState.AGREED)
        partnership = make.partnership(area, firm)
        promise = make.commitment(area, firm, make.measure(), what="Digging gardens")
        people = {"officer": make.officer(area), "member": make.member(firm)}
        db.session.commit()
        for person in people.values():
            db.session.refresh(person)
            db.session.expunge(person)
        return {"match": match.id, "partnership": partnership.id, "promise": promise.id, **people}


def terms(**facts: str) -> dict[str, str]:
    on = today()
    last = on + timedelta(days=30)
    days = {f"starts_on-{part}": str(getattr(on, part)) for part in ("day", "month", "year")}
    days |= {f"ends_on-{part}": str(getattr(last, part)) for part in ("day", "month", "year")}
    return {"what": "Six laptops", "lane": "transactional", "demand_amount": "6", **days, **facts}


def test_chosen_when_it_is_confirmed(scene: Scene, sign_in: SignIn, app: Flask) -> None:
    client, path = sign_in(scene["officer"]), f"/matches/{scene['match']}/confirm"
    assert "40 hours: Volunteering" in client.get(path).text
    chosen = {"commitment": str(scene["promise"])}
    for wrong, said in (
        ({"committed_amount": ""}, "Fill this in"),
        ({"committed_amount": "-1"}, "a number above 0"),
        ({"commitment": "", "committed_amount": "3"}, "Choose the promise"),
        ({"commitment": "99999", "committed_amount": "3"}, "Choose the promise"),
    ):
        answer = client.post(path, data=terms(**{**chosen, **wrong}))
        assert (answer.status_code, said in answer.text) == (422, True), wrong
    with app.app_context():
        assert db.session.get_one(Match, scene["match"]).state == MatchState.AGREED
    assert client.post(path, data=terms(**chosen, committed_amount="12")).status_code == 303
    with app.app_context():
        made = db.session.get_one(Partnership, partnership_of(scene["match"]))
        assert (made.commitment_id, made.committed_amount) == (scene["promise"], Decimal(12))


def test_no_promise_need_be_chosen(scene: Scene, sign_in: SignIn) -> None:
    client = sign_in(scene["officer"])
    assert client.post(f"/matches/{scene['match']}/confirm", data=terms()).status_code == 303


def test_said_later_on_the_page_of_the_partnership(scene: Scene, sign_in: SignIn) -> None:
    client, path = sign_in(scene["officer"]), f"/partnerships/{scene['partnership']}"
    assert f"{path}/promise" in client.get(path).text
    answer = client.post(f"{path}/promise", data={"commitment": str(scene["promise"]), "committed_amount": "20.5"})
    assert answer.status_code == 303
    page = client.get(path).text
    assert f'20.5 hours of <a class="govuk-link" href="/commitments/{scene["promise"]}">' in page
    assert "Said which promise it helps to keep" in page
    assert 'value="20.5"' in client.get(f"{path}/promise").text
    assert client.post(f"{path}/promise", data={"commitment": ""}).status_code == 422
    assert client.post(f"{path}/promise", data={"commitment": "", "committed_amount": ""}).status_code == 303
    assert "20.5 hours" not in client.get(path).text
    assert sign_in(scene["member"]).get(f"{path}/promise").status_code == 403
