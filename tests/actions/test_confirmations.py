"""What a receiver says of a delivery: by link, on its page, by telephone; never its giver, and one answer at a time."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from broker.actions.claims import claim_units
from broker.actions.confirmations import (
    answer_by_link,
    ask_again,
    confirm_delivery,
    record_answer,
    remind_receivers,
    times_asked,
)
from broker.actions.deliveries import lapse_deliveries, withdraw_delivery
from broker.domain.clock import now, today
from broker.domain.deliveries import MOST_ASKED, Said
from broker.domain.kinds import Answer, Channel, DeliveryState, Role
from broker.domain.mail import MailKind
from broker.domain.permissions import Actor
from broker.domain.refusals import LinkOver, NotAllowed, Unfit, WrongState
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.confirmations import Confirmation, ConfirmationLink, confirmation_of
from broker.store.deliveries import Delivery
from broker.store.outbox import Outbox
from broker.store.verifications import standing_of
from tests import make
from tests.promises import Scene

YES = Said(Answer.YES, sentence=" They dug all day\0 ", story_consent=True)
TIME = Actor(Role.SYSTEM)


@pytest.fixture
def scene(database: Flask) -> Scene:
    return Scene()


def letters(kind: MailKind) -> list[Outbox]:
    return list(db.session.scalars(select(Outbox).where(Outbox.kind == kind).order_by(Outbox.id)))


def token(number: int = -1) -> str:
    return letters(MailKind.DELIVERY_ASKED)[number].token or ""


def as_well(of: Membership, **place: object) -> Membership:
    """The same person acts for something else too."""
    made = Membership(user=of.user, role=Role.MEMBER, created_at=now(), **place)
    db.session.add(made)
    db.session.flush()
    return made


def test_the_receivers_people_are_asked_by_letter_and_nobody_else(scene: Scene) -> None:
    second = make.member(scene.group)
    made = scene.logged()
    sent = letters(MailKind.DELIVERY_ASKED)
    assert [row.user_id for row in sent] == [scene.people["group"].user_id, second.user_id]
    assert {row.subject_id for row in sent} == {made.id}
    link = db.session.scalars(select(ConfirmationLink)).one()
    assert {row.token for row in sent} != {link.token_hash}, "only the letter knows the token"
    assert len(token()) >= 32


def test_a_group_without_an_account_is_asked_at_its_contact_address(scene: Scene) -> None:
    scene.people["group"].ended_at = now()
    scene.logged()
    assert [row.user_id for row in letters(MailKind.DELIVERY_ASKED)] == [None]


@pytest.mark.parametrize("address", ["", "the firm's", "one of the firm's people"])
def test_the_giver_is_never_asked_in_place_of_the_receiver(scene: Scene, address: str) -> None:
    known = {
        "the firm's": scene.firm.contact_email.upper(),
        "one of the firm's people": scene.people["firm"].user.email,
    }
    scene.group.contact_email = known.get(address, "")
    as_well(scene.people["group"], organisation=scene.firm)
    made = scene.logged()
    assert letters(MailKind.DELIVERY_ASKED) == []
    assert not standing_of(made.id, now()).is_asked


def test_in_the_first_tier_the_receivers_yes_verifies(scene: Scene) -> None:
    made = scene.logged()
    said = confirm_delivery(made, scene.by("group"), YES)
    assert (made.state, made.verified, made.verified_at) == ("verified", 8, now())
    assert (said.quantity, said.sentence, said.story_consent, said.channel) == (8, "They dug all day", True, "page")
    vouched = standing_of(made.id, now()).verification
    assert vouched is not None
    assert (vouched.voucher, vouched.quantity, vouched.by_id) == ("receiver", 8, scene.people["group"].user_id)


def test_above_it_a_yes_is_a_confirmation_only(scene: Scene) -> None:
    made = scene.confirmed("41")
    assert (made.state, made.verified) == ("confirmed", 0)
    assert standing_of(made.id, now()).verification is None


@pytest.mark.parametrize(
    ("said", "state", "verified"),
    [
        (Said(Answer.LESS, Decimal("5.5")), "verified", "5.5"),
        (Said(Answer.MORE, Decimal(20)), "verified", "8"),
        (Said(Answer.NOT_AT_ALL, Decimal(3)), "disputed", "0"),
    ],
)
def test_less_more_and_not_at_all(scene: Scene, said: Said, state: str, verified: str) -> None:
    made = scene.confirmed(said=said)
    assert (made.state, made.verified) == (state, Decimal(verified))
    assert [row.user_id for row in letters(MailKind.DELIVERY_ANSWERED)] == [scene.people["firm"].user_id]


def test_a_number_that_does_not_fit_changes_nothing(scene: Scene) -> None:
    made = scene.logged()
    with pytest.raises(Unfit):
        confirm_delivery(made, scene.by("group"), Said(Answer.LESS, Decimal(9)))
    assert (made.state, confirmation_of(made.id)) == ("logged", None)


def test_a_story_needs_words(scene: Scene) -> None:
    made = scene.confirmed(said=Said(Answer.YES, sentence="  ", story_consent=True))
    said = confirmation_of(made.id)
    assert said is not None
    assert not said.story_consent


@pytest.mark.parametrize("who", ["firm", "officer", "elsewhere"])
def test_nobody_answers_on_the_page_but_the_receiver(scene: Scene, who: str) -> None:
    made = scene.logged()
    for answer in (Answer.YES, Answer.NOT_AT_ALL):
        with pytest.raises(NotAllowed):
            confirm_delivery(made, scene.by(who), Said(answer))
    assert made.state == DeliveryState.LOGGED


def test_a_second_membership_is_no_second_person(scene: Scene) -> None:
    """A member of both organisations, an officer who is one of the giver's, and the giver as its own receiver."""
    made = scene.logged()
    as_well(scene.people["group"], organisation=scene.firm)
    as_well(scene.people["officer"], organisation=scene.firm)
    for deed, who in ((confirm_delivery, "group"), (record_answer, "officer")):
        with pytest.raises(Unfit) as refused:
            deed(made, scene.by(who), YES)
        assert refused.value.problems == {"answer": "giver"}
    with pytest.raises(Unfit):
        answer_by_link(token(0), YES, visitor=scene.by("group"))
    scene.partnership.match.demand.organisation = scene.firm
    db.session.flush()
    with pytest.raises(Unfit):
        answer_by_link(token(0), YES)
    assert (made.state, made.verified) == ("logged", 0)


def test_whoever_was_the_givers_when_it_was_done_is_no_second_person(scene: Scene) -> None:
    made = scene.logged()
    former = as_well(scene.people["officer"], organisation=scene.firm)
    former.ended_at = now() - timedelta(days=1)
    db.session.flush()
    with pytest.raises(Unfit):
        record_answer(made, scene.by("officer"), YES)
    former.ended_at = now() - timedelta(days=30)
    db.session.flush()
    assert record_answer(made, scene.by("officer"), YES).channel == Channel.PHONE


def test_an_officer_writes_down_what_was_told_by_telephone(scene: Scene) -> None:
    made = scene.logged()
    with pytest.raises(NotAllowed):
        record_answer(made, scene.by("elsewhere"), YES)
    said = record_answer(made, scene.by("officer"), Said(Answer.LESS, Decimal(6)))
    assert (said.channel, said.by_id) == ("phone", scene.people["officer"].user_id)
    assert (made.state, made.verified) == ("verified", 6)
    with pytest.raises(WrongState):
        record_answer(made, scene.by("officer"), Said(Answer.NOT_AT_ALL))


def test_a_link_answers_once(scene: Scene) -> None:
    made = scene.logged()
    said = answer_by_link(token(), Said(Answer.LESS, Decimal(5)))
    assert (said.channel, said.by_id, made.verified) == ("link", None, 5)
    with pytest.raises(LinkOver):
        answer_by_link(token(), YES)
    assert (confirmation_of(made.id), made.verified) == (said, 5)


def test_a_link_that_is_too_old_wrong_or_for_nothing_opens_nothing(scene: Scene) -> None:
    made = scene.logged()
    with pytest.raises(LinkOver):
        answer_by_link(f"{token()}x", YES)
    with time_machine.travel(now() + timedelta(days=14 + 60 + 1), tick=False), pytest.raises(LinkOver):
        answer_by_link(token(), YES)
    with time_machine.travel(now() + timedelta(days=14 + 59), tick=False):
        lapse_deliveries(TIME, today())
        assert answer_by_link(token(), YES).answer == "yes", "late is better than never"
    assert made.state == DeliveryState.VERIFIED
    taken_back = scene.logged(ago=6)
    withdraw_delivery(taken_back, scene.by("firm"))
    with pytest.raises(LinkOver):
        answer_by_link(token(), YES)


def test_an_answer_on_the_page_uses_up_the_link(scene: Scene) -> None:
    made = scene.confirmed(said=YES)
    with pytest.raises(LinkOver):
        answer_by_link(token(), Said(Answer.NOT_AT_ALL))
    assert made.state == DeliveryState.VERIFIED


def test_the_receiver_may_say_something_else_until_it_is_claimed(scene: Scene) -> None:
    made = scene.confirmed(said=Said(Answer.LESS, Decimal(3), "Three"))
    confirm_delivery(made, scene.by("group"), Said(Answer.YES))
    assert (made.state, made.verified) == ("verified", 8)
    confirm_delivery(made, scene.by("group"), Said(Answer.NOT_AT_ALL))
    confirm_delivery(made, scene.by("group"), Said(Answer.NOT_AT_ALL, sentence="Really not"))
    assert (made.state, made.verified) == ("disputed", 0)
    confirm_delivery(made, scene.by("group"), Said(Answer.LESS, Decimal(7)))
    rows = db.session.scalars(select(Confirmation).order_by(Confirmation.id)).all()
    assert [row.superseded_at is None for row in rows] == [False, False, False, False, True]
    assert rows[0].sentence == "Three", "what was said before is kept"
    promise = make.commitment(scene.area, scene.firm, scene.hours)
    claim_units(made, promise, scene.by("firm"), quantity=Decimal(2))
    with pytest.raises(Unfit) as refused:
        confirm_delivery(made, scene.by("group"), Said(Answer.YES))
    assert refused.value.problems == {"answer": "claimed"}
    assert made.verified == 7


def test_words_and_consent_are_the_receivers_even_once_it_is_claimed(scene: Scene) -> None:
    made = scene.confirmed(said=YES)
    promise = make.commitment(scene.area, scene.firm, scene.hours)
    claim_units(made, promise, scene.by("firm"), quantity=Decimal(8))
    told = len(letters(MailKind.DELIVERY_ANSWERED))
    said = confirm_delivery(made, scene.by("group"), Said(Answer.YES, sentence="They dug, and sang"))
    assert (said.sentence, said.story_consent) == ("They dug, and sang", False)
    assert (confirmation_of(made.id), made.state, made.verified) == (said, "verified", 8)
    assert len(letters(MailKind.DELIVERY_ANSWERED)) == told
    as_well(scene.people["group"], organisation=scene.firm)
    with pytest.raises(Unfit):
        confirm_delivery(made, scene.by("group"), YES)


def test_asking_again_makes_a_new_link_and_ends_the_old_one(scene: Scene) -> None:
    made = scene.logged()
    with time_machine.travel(now() + timedelta(days=20), tick=False):
        lapse_deliveries(TIME, today())
        assert ask_again(made, scene.by("officer"))
        assert (made.state, made.answer_by) == ("logged", today() + timedelta(days=14))
        with pytest.raises(LinkOver):
            answer_by_link(token(0), YES)
        assert answer_by_link(token(), YES).answer == "yes"


def test_it_is_asked_again_so_often_and_no_more(scene: Scene) -> None:
    made = scene.logged()
    for _ in range(MOST_ASKED):
        ask_again(made, scene.by("firm"))
    with pytest.raises(Unfit) as refused:
        ask_again(made, scene.by("firm"))
    assert (refused.value.problems, times_asked(made)) == ({"again": "too_often"}, MOST_ASKED)
    with pytest.raises(NotAllowed):
        ask_again(made, scene.by("group"))


def test_halfway_there_is_one_reminder_with_a_link_of_its_own(scene: Scene) -> None:
    second = make.member(scene.group)
    made = scene.logged()
    at = now()
    for days, expected in ((6, 0), (7, 1), (8, 0), (14, 0)):
        with time_machine.travel(at + timedelta(days=days), tick=False):
            assert remind_receivers(now()) == expected, f"after {days} days"
    sent = letters(MailKind.DELIVERY_REMINDED)
    assert [row.user_id for row in sent] == [scene.people["group"].user_id, second.user_id]
    assert sent[0].token != token()
    assert answer_by_link(token(), YES).answer == "yes", "the first letter still answers"
    with pytest.raises(LinkOver):
        answer_by_link(sent[0].token or "", YES)
    assert made.state == DeliveryState.VERIFIED


def test_whoever_has_answered_is_not_reminded(scene: Scene) -> None:
    scene.confirmed()
    with time_machine.travel(now() + timedelta(days=8), tick=False):
        assert remind_receivers(now()) == 0
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 1
