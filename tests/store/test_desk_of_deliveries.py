"""What of deliveries stands on an officer's desk: ready to verify, met with silence, or denied; each with its day."""

from datetime import timedelta

import pytest
from flask import Flask

from broker.actions.confirmations import confirm_delivery
from broker.actions.deliveries import lapse_deliveries
from broker.actions.evidence import add_evidence
from broker.actions.files import cleaned, keep_file
from broker.actions.verifications import verify_delivery
from broker.domain.clock import now, today
from broker.domain.deliveries import Said
from broker.domain.files import Upload
from broker.domain.kinds import Answer, Role
from broker.domain.permissions import Actor
from broker.domain.waiting import PATIENCE, Wait
from broker.store.deliveries import Delivery
from broker.store.desk import Waiting, waiting
from tests.promises import PDF, Scene

NEW = (Wait.VERIFY, Wait.NO_ANSWER, Wait.DISPUTED)


@pytest.fixture
def scene(database: Flask) -> Scene:
    return Scene()


def rows(scene: Scene) -> list[Waiting]:
    return [row for row in waiting(scene.area.id, today()) if row.what in NEW]


def support(scene: Scene, delivery: Delivery) -> None:
    file = keep_file(cleaned(Upload(PDF, "hours.pdf", "application/pdf")), delivery.giver_id, scene.by("firm"))
    add_evidence(delivery, scene.by("firm"), file=file)


def test_what_is_confirmed_waits_for_its_document_and_then_for_the_officer(scene: Scene) -> None:
    made = scene.confirmed("60")
    assert rows(scene) == [], "it is the giver's turn"
    support(scene, made)
    (row,) = rows(scene)
    assert (row.what, row.id, row.title) == ("verify", made.id, scene.hours.label)
    assert (row.organisation, row.partner) == (scene.firm.name, scene.group.name)
    assert (row.since, row.due) == (today(), today() + timedelta(days=PATIENCE[Wait.VERIFY].days))
    verify_delivery(made, scene.by("officer"), quantity=made.quantity)
    assert rows(scene) == []


def test_silence_comes_to_the_officer_once_it_is_one(scene: Scene) -> None:
    made = scene.logged()
    assert rows(scene) == []
    assert made.answer_by is not None
    made.answer_by = today() - timedelta(days=1)
    lapse_deliveries(Actor(Role.SYSTEM), today())
    (row,) = rows(scene)
    assert (row.what, row.since) == ("no_answer", today() - timedelta(days=1))


def test_whom_nobody_could_write_to_an_officer_rings(scene: Scene) -> None:
    scene.people["group"].ended_at = now()
    scene.group.contact_email = ""
    scene.logged()
    assert [(row.what, row.since) for row in rows(scene)] == [("no_answer", today())]


def test_what_is_denied_comes_at_once_and_goes_when_it_is_put_right(scene: Scene) -> None:
    made = scene.confirmed(said=Said(Answer.NOT_AT_ALL))
    assert [row.what for row in rows(scene)] == ["disputed"]
    confirm_delivery(made, scene.by("group"), Said(Answer.YES))
    assert rows(scene) == []


def test_it_stands_on_no_other_desk(scene: Scene) -> None:
    scene.confirmed(said=Said(Answer.NOT_AT_ALL))
    assert waiting(scene.people["elsewhere"].authority_id or 0, today()) == []
