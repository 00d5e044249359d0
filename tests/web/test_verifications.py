"""Verifying on a page: the group's word beside the evidence and the promise; who is told that it is not for them."""

from decimal import Decimal

import pytest
from flask import Flask

from broker.actions.claims import claim_units
from broker.actions.confirmations import record_answer
from broker.actions.evidence import add_evidence
from broker.actions.files import cleaned, keep_file
from broker.domain.clock import now
from broker.domain.deliveries import Said
from broker.domain.files import Upload
from broker.domain.kinds import Answer, Role
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.deliveries import Delivery
from tests import make
from tests.conftest import PageChecker
from tests.promises import PDF, Scene
from tests.web.delivering import SignIn, Stage


@pytest.fixture
def stage(app: Flask, sign_in: SignIn) -> Stage:
    return Stage(app, sign_in)


def page_of(client: PageChecker, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def support(scene: Scene, delivery: Delivery) -> None:
    file = keep_file(cleaned(Upload(PDF, "hours.pdf", "application/pdf")), delivery.giver_id, scene.by("firm"))
    add_evidence(delivery, scene.by("firm"), file=file, what="Signed list")


def ready(stage: Stage, by_phone: bool = False) -> int:
    with stage.at_work() as scene:
        promise = make.commitment(scene.area, scene.firm, scene.hours, what="Hands for gardens")
        scene.partnership.commitment, scene.partnership.committed_amount = promise, Decimal(40)
        said = Said(Answer.LESS, Decimal(50), "They were lovely")
        made = scene.logged("60") if by_phone else scene.confirmed("60", said)
        if by_phone:
            record_answer(made, scene.by("officer"), said)
        support(scene, made)
        return int(made.id)


def test_the_officer_sees_word_evidence_and_promise_beside_each_other(stage: Stage) -> None:
    made = ready(stage)
    officer = stage.of("officer")
    assert f"/deliveries/{made}/verify" in page_of(officer, "/desk")
    page = page_of(officer, f"/deliveries/{made}/verify")
    for told in (
        "Hands for gardens",
        "40 hours",
        "60 hours",
        "They were lovely",
        "hours.pdf",
        "Signed list",
        'value="50"',
    ):
        assert told in page, told
    answer = officer.post(f"/deliveries/{made}/verify", data={"quantity": "50"})
    assert answer.status_code == 303
    page = page_of(officer, f"/deliveries/{made}")
    assert "50 hours are proven" in page
    assert stage.state(made) == ("verified", 50)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"quantity": "50.01"}, "more than the group says"),
        ({"quantity": "49"}, "Say why it is less"),
        ({"quantity": ""}, "Say how much you verify"),
        ({"quantity": "-1"}, "a number above 0"),
        ({"quantity": "0", "text": "Nobody was there"}, "if nothing of it can be verified stands at the end"),
        ({"quantity": "9" * 99}, "Enter a number"),
    ],
    ids=range(6),
)
def test_what_cannot_be_vouched_for_is_said(stage: Stage, typed: dict[str, str], told: str) -> None:
    made = ready(stage)
    answer = stage.of("officer").post(f"/deliveries/{made}/verify", data={"text": "", **typed})
    assert (answer.status_code, told in answer.get_data(as_text=True)) == (422, True), answer.get_data(as_text=True)
    assert stage.state(made) == ("confirmed", 0)


def test_of_what_cannot_be_verified_at_all_the_page_says_what_to_do(stage: Stage) -> None:
    made = ready(stage)
    officer = stage.of("officer")
    assert f'href="/deliveries/{made}/call"' in page_of(officer, f"/deliveries/{made}/verify")
    page_of(officer, f"/deliveries/{made}/call")
    assert officer.post(f"/deliveries/{made}/call", data={"answer": "not_at_all"}).status_code == 303
    assert stage.state(made) == ("disputed", 0)


def test_less_is_verified_with_a_reason_that_both_sides_read(stage: Stage) -> None:
    made = ready(stage)
    data = {"quantity": "45", "text": "Five hours were travel"}
    assert stage.of("officer").post(f"/deliveries/{made}/verify", data=data).status_code == 303
    for who in ("firm", "group"):
        assert "Five hours were travel" in page_of(stage.of(who), f"/deliveries/{made}")


def test_without_a_document_the_page_says_what_is_missing(stage: Stage) -> None:
    made = stage.confirmed("60")
    officer = stage.of("officer")
    assert "There is no document yet" in page_of(officer, f"/deliveries/{made}/verify")
    assert officer.post(f"/deliveries/{made}/verify", data={"quantity": "60"}).status_code == 422
    assert stage.state(made) == ("confirmed", 0)


def test_whoever_took_the_call_sends_for_somebody_else(stage: Stage) -> None:
    made = ready(stage, by_phone=True)
    officer = stage.of("officer")
    assert "You took the call" in page_of(officer, f"/deliveries/{made}")
    assert f'"/deliveries/{made}/verify"' not in page_of(officer, f"/deliveries/{made}")
    assert f'"/deliveries/{made}/verify"' in page_of(stage.of("second"), f"/deliveries/{made}")
    assert "a second officer has to look" in page_of(officer, f"/deliveries/{made}/verify")
    assert officer.post(f"/deliveries/{made}/verify", data={"quantity": "50"}).status_code == 422
    assert stage.of("second").post(f"/deliveries/{made}/verify", data={"quantity": "50"}).status_code == 303


def test_an_officer_of_one_side_is_offered_nothing_that_they_may_not_do(stage: Stage) -> None:
    made = ready(stage)
    with stage.at_work() as scene:
        of_both = {"user_id": scene.people["officer"].user_id, "created_at": now()}
        db.session.add(Membership(role=Role.MEMBER, organisation=scene.group, **of_both))
    page = page_of(stage.of("officer"), f"/deliveries/{made}")
    assert "You act for the organisation that received this" in page
    assert f'"/deliveries/{made}/verify"' not in page
    assert f'"/deliveries/{made}/verify"' in page_of(stage.of("second"), f"/deliveries/{made}")


def test_an_officer_who_acts_for_the_giver_sends_for_somebody_else(stage: Stage) -> None:
    made = ready(stage)
    with stage.at_work() as scene:
        person = scene.people["officer"].user
        db.session.add(Membership(user=person, role=Role.MEMBER, organisation=scene.firm, created_at=now()))
    officer = stage.of("officer")
    assert "another officer has to look" in page_of(officer, f"/deliveries/{made}/verify")
    assert officer.post(f"/deliveries/{made}/verify", data={"quantity": "50"}).status_code == 422
    assert stage.state(made) == ("confirmed", 0)


def test_nobody_else_verifies(stage: Stage) -> None:
    made = ready(stage)
    for deed in ("verify", "take-back-verification"):
        for who, status in (("firm", 403), ("group", 403), ("elsewhere", 404)):
            answer = stage.of(who).post(f"/deliveries/{made}/{deed}", data={"quantity": "50", "text": "No"})
            assert answer.status_code == status, (deed, who)


def test_what_waits_for_somebody_else_is_no_failure(stage: Stage) -> None:
    made = stage.logged()
    answer = stage.of("officer").get(f"/deliveries/{made}/verify")
    assert answer.status_code == 409
    assert f"/deliveries/{made}" in answer.get_data(as_text=True)


def test_a_verification_is_taken_back_but_not_from_under_a_claim(stage: Stage) -> None:
    made = stage.confirmed()
    officer = stage.of("officer")
    url = f"/deliveries/{made}/take-back-verification"
    assert officer.post(url, data={"text": " "}).status_code == 422
    assert officer.post(url, data={"text": "Another week"}).status_code == 303
    assert stage.state(made) == ("confirmed", 0)
    assert officer.post(f"/deliveries/{made}/verify", data={"quantity": "8"}).status_code == 303
    with stage.at_work() as scene:
        promise = make.commitment(scene.area, scene.firm, scene.hours)
        claim_units(db.session.get_one(Delivery, made), promise, scene.by("firm"), quantity=Decimal(3))
    page = page_of(officer, url)
    assert f'href="/deliveries/{made}/claim"' in page
    assert officer.post(url, data={"text": "Another week"}).status_code == 422
    assert stage.state(made) == ("verified", 8)


def test_few_statements(stage: Stage, statements: list[str]) -> None:
    made = ready(stage)
    officer = stage.of("officer")
    for url in (f"/deliveries/{made}/verify", f"/deliveries/{made}/call"):
        page_of(officer, url)
        statements.clear()
        page_of(officer, url)
        assert len(statements) <= 6, statements
