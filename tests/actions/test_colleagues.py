"""Handing a promise to a colleague: by letter or by name, to one at a time, and never more than that promise."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from broker.actions.accounts import take_role_away
from broker.actions.colleagues import hand_over, take_back
from broker.actions.commitments import edit_commitment, make_commitment, promise_of, withdraw_commitment
from broker.actions.invitations import accept_as_new, invite, live_invitation
from broker.actions.reminders import remind
from broker.domain.clock import now
from broker.domain.kinds import CommitmentState, Role
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, can
from broker.domain.refusals import NotAllowed, Unfit, WrongState
from broker.domain.sign_ins import Browser
from broker.store.accounts import Membership, actor_of, memberships_of, people_of, user_by_email
from broker.store.base import db
from broker.store.commitments import Commitment
from broker.store.events import events_of
from broker.store.milestones import Milestone
from broker.store.outbox import Outbox
from broker.work.letters import compose
from tests import make

BROWSER = Browser("Firefox on Linux", "192.0.2.1")
TUESDAY = datetime.fromisoformat("2026-11-24T07:00:00+00:00")
NEW = "site@builders.example"


class Scene:
    """A supplier with two people, and a promise of its."""

    def __init__(self) -> None:
        self.area = make.authority()
        self.firm = make.supplier(self.area)
        self.boss, self.other = make.member(self.firm), make.member(self.firm)
        self.by = actor_of(self.boss)
        self.promise: Commitment = make.commitment(self.area, self.firm, make.measure())

    def give(self, email: str = NEW, at: datetime | None = None) -> bool:
        return hand_over(self.promise, self.by, email=email, browser=BROWSER, at=at or now())

    def taken_up(self) -> Membership:
        """The colleague who was invited, once they have followed the link."""
        link = live_invitation(letters(MailKind.INVITATION)[-1].token or "", now())
        assert link is not None
        accept_as_new(link, "Sam Site", "three random words", now())
        return memberships_of(link.user_id)[0]


def letters(kind: MailKind) -> list[Outbox]:
    return list(db.session.scalars(select(Outbox).where(Outbox.kind == kind).order_by(Outbox.id)))


@pytest.fixture
def scene(database: Flask) -> Scene:
    return Scene()


def test_a_stranger_is_invited_as_a_colleague(scene: Scene) -> None:
    assert scene.give(f" {NEW.upper()} ") is True
    person = user_by_email(NEW)
    assert person is not None
    assert (scene.promise.owner_id, scene.promise.owner_place) == (person.id, None)
    place = scene.taken_up()
    assert (place.role, place.organisation_id) == (Role.COLLEAGUE, scene.firm.id)
    db.session.expire(scene.promise)
    assert scene.promise.owner_place is place
    another = make.commitment(scene.area, scene.firm, make.measure())
    colleague = actor_of(place)
    assert can(colleague, Action.SEE_COMMITMENT, scene.promise)
    assert not can(colleague, Action.SEE_COMMITMENT, another)
    assert not can(colleague, Action.EDIT_COMMITMENT, scene.promise)


def test_one_of_its_people_is_named_and_told(scene: Scene) -> None:
    assert scene.give(scene.other.user.email) is False
    assert scene.promise.owner_id == scene.other.user_id
    assert [each.user_id for each in letters(MailKind.COMMITMENT_HANDED_OVER)] == [scene.other.user_id]
    assert letters(MailKind.INVITATION) == []
    with pytest.raises(Unfit, match="here_already"):
        scene.give(scene.other.user.email)
    scene.give(scene.boss.user.email)
    assert len(letters(MailKind.COMMITMENT_HANDED_OVER)) == 1, "nobody writes to themselves"


def test_handing_it_on_takes_it_from_the_first(scene: Scene) -> None:
    scene.give()
    first = actor_of(scene.taken_up())
    scene.give("next@builders.example")
    assert not can(first, Action.SEE_COMMITMENT, scene.promise)
    take_back(scene.promise, scene.by)
    assert scene.promise.owner_id is None


def test_an_invitation_that_went_astray_is_sent_again(scene: Scene) -> None:
    scene.give()
    first = letters(MailKind.INVITATION)[0].token
    scene.give()
    assert live_invitation(first or "", now()) is None
    assert scene.taken_up().role == Role.COLLEAGUE


def test_who_may_hand_over_what(scene: Scene) -> None:
    strangers = [make.officer(scene.area), make.member(make.supplier(scene.area)), make.administrator()]
    for by in map(actor_of, strangers):
        with pytest.raises(NotAllowed):
            hand_over(scene.promise, by, email=NEW, browser=BROWSER, at=now())
    scene.promise = make.commitment(scene.area, scene.firm, make.measure(), state=CommitmentState.WITHDRAWN)
    with pytest.raises(WrongState):
        scene.give()


def test_a_colleague_may_become_a_member_and_a_member_stays_one(scene: Scene) -> None:
    scene.give()
    place = scene.taken_up()
    invite(NEW, scene.firm, scene.by, BROWSER, now())
    link = live_invitation(letters(MailKind.INVITATION)[-1].token or "", now())
    assert link is not None
    link.user.password_hash = None
    accept_as_new(link, "Sam Site", "three random words", now())
    assert [each.role for each in people_of(scene.firm.id) if each.user_id == place.user_id] == [Role.MEMBER]
    take_back(scene.promise, scene.by)
    assert scene.give() is False, "a member is named"
    with pytest.raises(Unfit, match="here"):
        invite(NEW, scene.firm, scene.by, BROWSER, now())


def test_whose_role_is_taken_away_sees_to_nothing_any_more(scene: Scene) -> None:
    scene.give()
    take_role_away(scene.taken_up(), actor_of(make.administrator()), now())
    assert scene.promise.owner_id is None
    assert events_of("commitment", scene.promise.id)[-1].action == Action.HAND_OVER_COMMITMENT


def test_whoever_sees_to_a_promise_hears_once_of_a_late_step(scene: Scene) -> None:
    step = Milestone(commitment=scene.promise, what="Half of it", due_on=TUESDAY.date() - timedelta(days=1))
    on_time = Milestone(commitment=scene.promise, what="The rest", due_on=TUESDAY.date())
    db.session.add_all([step, on_time])
    scene.give(scene.other.user.email)
    for days in range(3):
        remind(TUESDAY + timedelta(days=7 * days))
    told = {(each.user_id, each.subject_id) for each in letters(MailKind.MILESTONE_OVERDUE)}
    assert told == {(scene.other.user_id, step.id), (scene.other.user_id, on_time.id)}
    assert len(letters(MailKind.MILESTONE_OVERDUE)) == 2


def test_what_a_council_writes_down_changes_or_takes_off_is_told_to_the_firm_and_to_who_sees_to_it(
    scene: Scene,
) -> None:
    scene.give()
    keeper = scene.taken_up()
    everybody = {keeper.user_id, scene.boss.user_id, scene.other.user_id}
    officer = actor_of(make.officer(scene.area))
    measure, said = scene.promise.measure, promise_of(scene.promise)
    edit_commitment(scene.promise, scene.by, measure=measure, promise=replace(said, what="Said better"))
    assert letters(MailKind.COMMITMENT_CHANGED) == [], "their own deed"
    edit_commitment(
        scene.promise, officer, measure=measure, promise=replace(said, quantity=Decimal(7)), reason="A flood"
    )
    assert {each.user_id for each in letters(MailKind.COMMITMENT_CHANGED)} == everybody
    edit_commitment(scene.promise, officer, measure=measure, promise=replace(said, quantity=Decimal(9)))
    withdraw_commitment(scene.promise, officer, reason="They closed")
    written = {letter.user_id: compose(letter) for letter in letters(MailKind.COMMITMENT_CHANGED)}
    reads_why = {who for who, letter in written.items() if letter is not None and "They closed" in letter.text}
    assert reads_why == everybody - {keeper.user_id}, "the council's reasons are for the organisation"
    made = make_commitment(scene.firm, scene.area, officer, measure=measure, promise=said)
    assert {each.user_id for each in letters(MailKind.COMMITMENT_WRITTEN)} == {scene.boss.user_id, scene.other.user_id}
    assert made.owner_id is None


def test_a_letter_gives_no_reason_of_an_earlier_change(scene: Scene) -> None:
    officer = actor_of(make.officer(scene.area))
    for days, (quantity, reason) in enumerate(((7, "A flood"), (9, ""))):
        with time_machine.travel(TUESDAY + timedelta(days=days), tick=False):
            said = replace(promise_of(scene.promise), quantity=Decimal(quantity))
            edit_commitment(scene.promise, officer, measure=scene.promise.measure, promise=said, reason=reason)
            written = compose(letters(MailKind.COMMITMENT_CHANGED)[-1])
            assert written is not None
            assert (f"{quantity} hours" in written.text, "A flood" in written.text) == (True, bool(reason))


def test_without_a_colleague_its_people_hear_of_it(scene: Scene) -> None:
    scene.give()  # who has not taken it up
    db.session.add(Milestone(commitment=scene.promise, what="Half", due_on=TUESDAY.date() - timedelta(days=1)))
    remind(TUESDAY)
    told = {each.user_id for each in letters(MailKind.MILESTONE_OVERDUE)}
    assert told == {scene.boss.user_id, scene.other.user_id}


def test_a_letter_goes_only_to_whoever_sees_to_it_when_it_goes(scene: Scene) -> None:
    scene.give()
    scene.taken_up()
    db.session.add(Milestone(commitment=scene.promise, what="Half", due_on=TUESDAY.date() - timedelta(days=1)))
    db.session.expire(scene.promise)
    with time_machine.travel(TUESDAY, tick=False):
        remind(TUESDAY)
        (letter,) = letters(MailKind.MILESTONE_OVERDUE)
        written = compose(letter)
        assert written is not None
        assert (written.to, f"/commitments/{scene.promise.id}" in written.text) == (NEW, True)
        take_back(scene.promise, scene.by)
        assert compose(letter) is None
