"""Verifying above the first tier: a confirmation, a document and a second person; never more, never the giver."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions.claims import claim_units
from broker.actions.confirmations import answer_by_link, confirm_delivery, record_answer
from broker.actions.evidence import add_evidence
from broker.actions.files import cleaned, keep_file
from broker.actions.verifications import take_back_verification, verify_delivery
from broker.domain.clock import now
from broker.domain.deliveries import Said
from broker.domain.files import Upload
from broker.domain.kinds import Answer, Audience, DeliveryState, Role
from broker.domain.permissions import Action, Actor, can
from broker.domain.refusals import NotAllowed, Unfit, WrongState
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.deliveries import Delivery
from broker.store.events import notes_of
from broker.store.outbox import Outbox
from broker.store.verifications import standing_of
from tests import make
from tests.promises import PDF, Scene


@pytest.fixture
def scene(database: Flask) -> Scene:
    return Scene()


def supported(scene: Scene, delivery: Delivery) -> Delivery:
    file = keep_file(cleaned(Upload(PDF, "hours.pdf", "application/pdf")), delivery.giver_id, scene.by("firm"))
    add_evidence(delivery, scene.by("firm"), file=file)
    return delivery


def ready(scene: Scene, said: Said | None = None, ago: int = 3) -> Delivery:
    return supported(scene, scene.confirmed("60", said, ago=ago))


def test_an_officer_verifies_what_is_confirmed_and_supported(scene: Scene) -> None:
    made = ready(scene)
    verify_delivery(made, scene.by("officer"), quantity=Decimal(60))
    assert (made.state, made.verified, made.verified_at) == ("verified", 60, now())
    vouched = standing_of(made.id, now()).verification
    assert vouched is not None
    assert (vouched.voucher, vouched.by_id) == ("officer", scene.people["officer"].user_id)


@pytest.mark.parametrize("who", ["firm", "group", "elsewhere"])
def test_nobody_but_an_officer_of_the_area_verifies(scene: Scene, who: str) -> None:
    made = ready(scene)
    for deed in (
        lambda: verify_delivery(made, scene.by(who), quantity=Decimal(60)),
        lambda: take_back_verification(made, scene.by(who), text="No"),
    ):
        with pytest.raises(NotAllowed):
            deed()
    assert made.verified == 0


def test_a_document_is_asked_for(scene: Scene) -> None:
    made = scene.confirmed("60")
    with pytest.raises(Unfit) as refused:
        verify_delivery(made, scene.by("officer"), quantity=Decimal(60))
    assert refused.value.problems == {"evidence": "needed"}


def test_the_receivers_word_comes_first(scene: Scene) -> None:
    silent, disputed = supported(scene, scene.logged("60")), ready(scene, Said(Answer.NOT_AT_ALL), 6)
    for made in (silent, disputed):
        with pytest.raises(WrongState):
            verify_delivery(made, scene.by("officer"), quantity=Decimal(60))
        assert made.verified == 0


@pytest.mark.parametrize(
    ("said", "quantity", "text", "found"),
    [
        (None, "60.01", "", {"quantity": "more_than_confirmed"}),
        (Said(Answer.LESS, Decimal(50)), "50.5", "", {"quantity": "more_than_confirmed"}),
        (Said(Answer.MORE, Decimal(90)), "61", "", {"quantity": "more_than_confirmed"}),
        (None, "59", "  ", {"text": "reason_for_less"}),
        (None, "0", "Nothing", {"quantity": "not_positive"}),
    ],
)
def test_never_more_than_confirmed_and_less_with_a_reason(
    scene: Scene, said: Said | None, quantity: str, text: str, found: dict[str, str]
) -> None:
    made = ready(scene, said)
    with pytest.raises(Unfit) as refused:
        verify_delivery(made, scene.by("officer"), quantity=Decimal(quantity), text=text)
    assert (refused.value.problems, made.state) == (found, "confirmed")


def test_less_is_told_with_its_reason(scene: Scene) -> None:
    made = ready(scene)
    verify_delivery(made, scene.by("officer"), quantity=Decimal(55), text="Five hours were travel")
    assert made.verified == 55
    assert [note.text for note in notes_of("delivery", made.id, frozenset({Audience.SIDES}))] == [
        "Five hours were travel"
    ]


def test_the_officer_who_took_the_call_is_not_the_second_person(scene: Scene) -> None:
    made = supported(scene, scene.logged("60"))
    record_answer(made, scene.by("officer"), Said(Answer.YES))
    with pytest.raises(Unfit) as refused:
        verify_delivery(made, scene.by("officer"), quantity=Decimal(60))
    assert refused.value.problems == {"by": "same_officer"}
    verify_delivery(made, scene.by("second"), quantity=Decimal(60))
    assert made.state == DeliveryState.VERIFIED


@pytest.mark.parametrize("channel", ["page", "link"])
def test_an_officer_who_is_of_the_receiver_is_not_the_second_person(scene: Scene, channel: str) -> None:
    """One person in two roles would vouch for their own word; who answers by the letter is told nowhere."""
    officer = scene.people["officer"].user
    db.session.add(Membership(user=officer, role=Role.MEMBER, organisation=scene.group, created_at=now()))
    db.session.flush()
    made = supported(scene, scene.logged("60"))
    if channel == "page":
        confirm_delivery(made, Actor(Role.MEMBER, officer.id, scene.group.id), Said(Answer.YES))
    else:
        token = db.session.scalars(select(Outbox.token).where(Outbox.user_id == officer.id)).one()
        answer_by_link(token or "", Said(Answer.YES))
    with pytest.raises(Unfit) as refused:
        verify_delivery(made, scene.by("officer"), quantity=Decimal(60))
    assert refused.value.problems == {"by": "receiver"}
    verify_delivery(made, scene.by("second"), quantity=Decimal(60))
    assert made.verified == 60


@pytest.mark.parametrize("role", [Role.MEMBER, Role.COLLEAGUE])
def test_an_officer_who_acts_for_the_giver_never_verifies(scene: Scene, role: Role) -> None:
    made = ready(scene)
    second = Membership(user=scene.people["officer"].user, role=role, organisation=scene.firm, created_at=now())
    db.session.add(second)
    db.session.flush()
    assert can(scene.by("officer"), Action.VERIFY_DELIVERY, made), "the table alone would let them"
    with pytest.raises(Unfit) as refused:
        verify_delivery(made, scene.by("officer"), quantity=Decimal(60))
    assert refused.value.problems == {"by": "giver"}


def test_it_is_taken_back_with_a_reason_and_never_under_a_claim(scene: Scene) -> None:
    made = ready(scene)
    verify_delivery(made, scene.by("officer"), quantity=Decimal(60))
    with pytest.raises(Unfit) as refused:
        take_back_verification(made, scene.by("second"), text=" ")
    assert refused.value.problems == {"text": "needed"}
    claim_units(made, make.commitment(scene.area, scene.firm, scene.hours), scene.by("firm"), quantity=Decimal(1))
    with pytest.raises(Unfit) as refused:
        take_back_verification(made, scene.by("second"), text="The list is of another week")
    assert (refused.value.problems, made.verified) == ({"claims": "stand"}, 60)


def test_what_was_taken_back_can_be_verified_again(scene: Scene) -> None:
    made = scene.confirmed()
    take_back_verification(made, scene.by("officer"), text="They rang: wrong day")
    assert (made.state, made.verified, made.verified_at) == ("confirmed", 0, None)
    assert standing_of(made.id, now()).verification is None
    verify_delivery(made, scene.by("second"), quantity=Decimal(8))
    assert made.verified == 8, "in the first tier no document is asked for"


def test_a_new_answer_ends_an_officers_verification(scene: Scene) -> None:
    made = ready(scene)
    verify_delivery(made, scene.by("officer"), quantity=Decimal(60))
    confirm_delivery(made, scene.by("group"), Said(Answer.LESS, Decimal(10)))
    assert (made.state, made.verified) == ("confirmed", 0)
    with pytest.raises(Unfit):
        verify_delivery(made, scene.by("officer"), quantity=Decimal(60))
