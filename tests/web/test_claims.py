"""The ledger's pages: a claim from either end, every refusal with its link, and the way back."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broker.domain.kinds import ClaimState, DeliveryState
from broker.store.accounts import Membership
from broker.store.authorities import AuthorityRule
from broker.store.base import db
from broker.store.claims import Claim, claimed_for, claimed_of
from broker.store.commitments import Commitment
from broker.store.partnerships import Partnership
from tests import make

SignIn = Callable[[Membership | int], FlaskClient]


@dataclass
class Scene:
    """A delivery of 40 verified hours, two promises of its giver, and everybody's browsers."""

    app: Flask
    giver: FlaskClient
    officer: FlaskClient
    stranger: FlaskClient
    receiver: FlaskClient
    done: int
    first: int
    second: int
    other_measure: int
    unready: int
    inherent: int

    def claim(self, quantity: str, to: int | None = None, of: int | None = None) -> tuple[int, str]:
        fields = {"commitment": str(to or self.first), "quantity": quantity}
        answer = self.giver.post(f"/deliveries/{of or self.done}/claim", data=fields, follow_redirects=True)
        return answer.status_code, _text(answer.get_data(as_text=True))

    def claimed(self) -> Decimal:
        with self.app.app_context():
            return claimed_of(self.done)


def _text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def read(browser: FlaskClient, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status, path
    return _text(answer.get_data(as_text=True))


@pytest.fixture
def scene(app: Flask, sign_in: SignIn) -> Scene:
    with app.app_context():
        area = make.authority()
        giver, measure = make.supplier(area), make.measure()
        partnership = make.partnership(area, giver)
        under = make.contract(area, giver, title="Roofs of Northmere")
        first = make.commitment(area, giver, measure, contract=under)
        second = make.commitment(area, giver, measure)
        partnership.commitment, partnership.committed_amount = first, Decimal(40)
        things = [
            make.delivery(partnership, measure),
            first,
            second,
            make.commitment(area, giver, make.measure()),
            make.delivery(partnership, measure, DeliveryState.CONFIRMED),
            make.inherent(giver, area, measure),
        ]
        people = [
            make.member(giver),
            make.officer(area),
            make.officer(make.authority("Westerby")),
            make.member(partnership.match.demand.organisation),
        ]
        db.session.commit()
        ids, browsers = [each.id for each in things], [person.id for person in people]
    return Scene(app, *(sign_in(each) for each in browsers), *ids)


def test_the_best_promise_stands_chosen_with_what_is_left(scene: Scene) -> None:
    page = scene.giver.get(f"/deliveries/{scene.done}/claim").get_data(as_text=True)
    assert re.search(rf'value="{scene.first}" checked', page)
    assert re.search(r'name="quantity" type="text" value="40"', page)
    assert "The partnership was made for this promise" in page
    chosen = scene.giver.get(f"/deliveries/{scene.done}/claim?commitment={scene.second}").get_data(as_text=True)
    assert re.search(rf'value="{scene.second}" checked', chosen)


def test_forty_are_split_and_the_page_says_what_is_left(scene: Scene) -> None:
    status, page = scene.claim("25")
    assert status == 200
    assert "25 hours of this delivery count for the promise now." in page
    assert "15 left to claim" in page
    status, page = scene.claim("15", scene.second)
    assert (status, scene.claimed()) == (200, 40)
    assert "All of it is claimed" in page


def test_a_second_claim_is_refused_with_a_link_to_the_first_and_loses_nothing_typed(scene: Scene) -> None:
    scene.claim("25")
    fields = {"commitment": str(scene.second), "quantity": "16"}
    answer = scene.giver.post(f"/deliveries/{scene.done}/claim", data=fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "15 hours of it can still be claimed" in page
    (first,) = set(re.findall(r'href="(/claims/\d+)">See the claim that stands', page))
    assert "25 hours" in read(scene.giver, first)
    assert 'value="16"' in page
    assert re.search(rf'value="{scene.second}" checked', page)
    assert scene.claimed() == 25


@pytest.mark.parametrize(
    ("quantity", "said"),
    [
        ("", "Say how much of it"),
        ("0", "Enter a number above 0"),
        ("-3", "Enter a number above 0"),
        ("1.005", "Use at most two figures after the point"),
        ("1e9", "Enter a number, such as 10"),
        ("9" * 40, "Enter a number, such as 10"),
    ],
)
def test_a_quantity_that_is_none_is_said_so(scene: Scene, quantity: str, said: str) -> None:
    status, page = scene.claim(quantity)
    assert status == 422
    assert said in page
    assert scene.claimed() == 0


@pytest.mark.parametrize("promise", ["", "0", "999999", "no", "9" * 30, "²"])
def test_a_promise_that_is_none_is_said_so(scene: Scene, promise: str) -> None:
    answer = scene.giver.post(f"/deliveries/{scene.done}/claim", data={"commitment": promise, "quantity": "1"})
    assert answer.status_code == 422
    assert "Choose" in answer.get_data(as_text=True)


def test_another_measure_is_refused_with_its_group(scene: Scene) -> None:
    status, page = scene.claim("1", scene.other_measure)
    assert status == 422
    assert "carries only one measure of a group" in page


def test_what_is_not_verified_or_done_anyway_says_why_not(scene: Scene) -> None:
    assert "not verified yet" in read(scene.giver, f"/deliveries/{scene.unready}/claim")
    assert scene.claim("1", of=scene.unready)[0] == 422
    assert "what the group does anyway" in read(scene.giver, f"/deliveries/{scene.inherent}/claim")
    assert scene.claim("1", of=scene.inherent)[0] == 422


def test_what_is_left_is_claimed_from_the_promise(scene: Scene) -> None:
    scene.claim("30", scene.second)
    path = f"/commitments/{scene.first}/claims"
    assert "10 hours for" in read(scene.officer, path)
    answer = scene.officer.post(path, data={"delivery": [str(scene.done)]}, follow_redirects=True)
    page = _text(answer.get_data(as_text=True))
    assert "10 hours more count for this promise." in page
    assert "10 of 40 hours claimed, 30 hours to go" in page
    assert "Nothing verified is left that counts for it" in page


def test_nothing_ticked_or_nothing_known_is_said_so(scene: Scene) -> None:
    path = f"/commitments/{scene.first}/claims"
    for ticked in ([], ["0"], ["x"], ["999999"]):
        answer = scene.giver.post(path, data={"delivery": ticked})
        assert answer.status_code == 422
        assert "Tick at least one" in answer.get_data(as_text=True)


def test_more_than_promised_is_welcome_and_said(scene: Scene, app: Flask) -> None:
    scene.claim("40")
    with app.app_context():
        claim = db.session.query(Claim).one()
        more = make.delivery(claim.delivery.partnership, claim.delivery.measure, quantity=Decimal(7))
        db.session.commit()
        more_id = more.id
    status, page = scene.claim("7", of=more_id)
    assert status == 200
    assert "7 hours more than promised" in page
    assert "7 hours more than promised" in read(scene.giver, f"/commitments/{scene.first}/claims")


def test_a_claim_is_taken_back_for_a_reason(scene: Scene, app: Flask) -> None:
    scene.claim("40")
    with app.app_context():
        claim_id = db.session.query(Claim).one().id
    path = f"/claims/{claim_id}/take-back"
    assert scene.officer.post(path, data={"reason": " "}).status_code == 422
    answer = scene.officer.post(path, data={"reason": "Meant for the other promise"}, follow_redirects=True)
    assert "Meant for the other promise" in answer.get_data(as_text=True)
    with app.app_context():
        assert db.session.get_one(Claim, claim_id).state == ClaimState.TAKEN_BACK
        assert claimed_for(scene.first) == 0
    assert scene.giver.post(path, data={"reason": "Again"}).status_code == 409
    assert scene.claim("40", scene.second)[0] == 200


def test_others_see_nothing_of_it(scene: Scene) -> None:
    scene.claim("10")
    for path in (f"/deliveries/{scene.done}/claim", f"/commitments/{scene.first}/claims", "/claims/1"):
        read(scene.stranger, path, 404)
        assert scene.receiver.get(path).status_code in (403, 404)


@pytest.mark.parametrize("many", [1, 30])
def test_the_pages_ask_the_database_little(scene: Scene, app: Flask, statements: list[str], many: int) -> None:
    with app.app_context():
        partnership = db.session.query(Partnership).one()
        promise = db.session.get_one(Commitment, scene.first)
        for _ in range(many):
            make.delivery(partnership, promise.measure)
            make.commitment(partnership.authority, promise.organisation, promise.measure)
        db.session.commit()
    scene.claim("40")
    for path in (f"/deliveries/{scene.done}/claim", f"/commitments/{scene.first}/claims", "/claims/1"):
        read(scene.giver, path)
        statements.clear()
        read(scene.giver, path)
        assert len(statements) <= 6, (path, statements)


def test_an_officer_reads_that_it_counts_elsewhere_and_not_for_what(scene: Scene, app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        far, own = make.authority("Farby"), db.session.get_one(Commitment, scene.second)
        rule = {"name": "counts_elsewhere", "unit": "words", "source": "Told by them", "certainty": "read"}
        db.session.add(AuthorityRule(authority=far, value="yes", **rule))
        under = make.contract(far, own.organisation, title="Secret roofs of Farby")
        there = make.commitment(far, own.organisation, own.measure, contract=under)
        db.session.commit()
        there_id = there.id
    scene.claim("40", there_id)
    page = scene.officer.get(f"/deliveries/{scene.done}/claim").get_data(as_text=True)
    assert "A promise to another council" in page
    assert "Secret roofs" not in page
    assert "/claims/" not in page
    refused = scene.officer.post(
        f"/deliveries/{scene.done}/claim", data={"commitment": str(scene.first), "quantity": "1"}
    )
    ticked = scene.officer.post(f"/commitments/{scene.first}/claims", data={"delivery": str(scene.done)})
    for answer in (refused, ticked):
        assert answer.status_code == 409
        assert "is claimed already" in answer.get_data(as_text=True)
        assert not re.search("/claims/[0-9]", answer.get_data(as_text=True))
    undone = scene.officer.get(f"/deliveries/{scene.done}/take-back-verification").get_data(as_text=True)
    assert "or by an officer there" in undone, "this officer cannot take it back, so the page says who can"
    assert "Secret roofs" in scene.giver.get(f"/deliveries/{scene.done}/claim").get_data(as_text=True)
