"""What both sides say of a partnership: whose word it is, until when it may change, and what comes of many."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask

from broker.actions.feedback import give_feedback
from broker.actions.packs import figures_for
from broker.domain.clock import now, today
from broker.domain.kinds import Channel, PartnershipState, Role, Side
from broker.domain.periods import Span
from broker.domain.permissions import Actor
from broker.domain.refusals import NotAllowed, Unfit, WrongState
from broker.store.accounts import Membership, actor_of
from broker.store.base import db
from broker.store.feedback import feedback_on
from broker.store.how_it_went import average_of
from broker.store.partnerships import Partnership
from tests import make

WORDS = "They came when they said they would."


@dataclass
class Scene:
    """A partnership under way and the people around it."""

    made: Partnership
    group: Actor
    firm: Actor
    officer: Actor


@pytest.fixture
def scene(database: Flask) -> Scene:
    area = make.authority()
    made = make.partnership(area)
    group, firm = (make.member(made.match.listing(side).organisation) for side in Side)
    return Scene(made, actor_of(group), actor_of(firm), actor_of(make.officer(area)))


def test_each_side_says_it_once_and_may_say_it_anew_while_it_lasts(scene: Scene) -> None:
    give_feedback(scene.made, scene.group, side=Side.DEMAND, score=5, words=WORDS)
    give_feedback(scene.made, scene.firm, side=Side.SUPPLY, score=2, words="Nobody was there.")
    give_feedback(scene.made, scene.group, side=Side.DEMAND, score=4, words=" On the whole. ")
    said = feedback_on(scene.made.id)
    assert [(said[side].score, said[side].words, said[side].channel) for side in Side] == [
        (4, "On the whole.", Channel.PAGE), (2, "Nobody was there.", Channel.PAGE),
    ]  # fmt: skip


def test_what_is_told_to_an_officer_says_so(scene: Scene) -> None:
    give_feedback(scene.made, scene.officer, side=Side.SUPPLY, score=3, words=WORDS)
    kept = feedback_on(scene.made.id)[Side.SUPPLY]
    assert (kept.channel, kept.by_id) == (Channel.PHONE, scene.officer.user_id)
    give_feedback(scene.made, scene.firm, side=Side.SUPPLY, score=1, words="I said one.")
    assert feedback_on(scene.made.id)[Side.SUPPLY].score == 1


@pytest.mark.parametrize("score", [None, 0, 6, -1])
def test_a_score_is_one_of_five(scene: Scene, score: int | None) -> None:
    with pytest.raises(Unfit) as refusal:
        give_feedback(scene.made, scene.group, side=Side.DEMAND, score=score, words=" ")
    assert refusal.value.problems == {"score": "choose_score", "words": "say_why"}


def test_an_officer_who_is_of_one_side_writes_down_nothing_for_the_other(scene: Scene) -> None:
    """Or a giver would praise itself in its receiver's name."""
    firm = scene.made.match.supply.organisation
    db.session.add(Membership(user_id=scene.officer.user_id, role=Role.COLLEAGUE, organisation=firm, created_at=now()))
    db.session.flush()
    with pytest.raises(Unfit) as refusal:
        give_feedback(scene.made, scene.officer, side=Side.DEMAND, score=5, words=WORDS)
    assert (refusal.value.problems, feedback_on(scene.made.id)) == ({"side": "of_the_other"}, {})


def test_nobody_speaks_for_the_other_side(scene: Scene) -> None:
    with pytest.raises(Unfit) as refusal:
        give_feedback(scene.made, scene.group, side=Side.SUPPLY, score=1, words=WORDS)
    assert refusal.value.problems == {"side": "other_side"}


def test_an_officer_does_not_overwrite_what_a_side_wrote_itself(scene: Scene) -> None:
    give_feedback(scene.made, scene.group, side=Side.DEMAND, score=1, words=WORDS)
    with pytest.raises(Unfit) as refusal:
        give_feedback(scene.made, scene.officer, side=Side.DEMAND, score=5, words="All is well.")
    assert refusal.value.problems == {"side": "said_itself"}
    assert feedback_on(scene.made.id)[Side.DEMAND].score == 1


def test_nobody_else_says_anything(scene: Scene) -> None:
    area = make.authority("Westerby")
    for other in (make.officer(area), make.member(make.organisation(area)), make.administrator()):
        with pytest.raises(NotAllowed):
            give_feedback(scene.made, actor_of(other), side=Side.DEMAND, score=5, words=WORDS)


def test_nothing_can_be_said_before_it_starts(scene: Scene) -> None:
    scene.made.state = PartnershipState.PLANNED
    db.session.flush()
    with pytest.raises(WrongState):
        give_feedback(scene.made, scene.group, side=Side.DEMAND, score=5, words=WORDS)


def test_once_it_is_over_what_was_said_stands_and_silence_can_be_broken(scene: Scene) -> None:
    make.feedback(scene.made, Side.DEMAND, 4)
    make.feedback(scene.made, Side.SUPPLY, None, words="Rang twice.")
    scene.made.state = PartnershipState.CLOSED
    db.session.flush()
    with pytest.raises(Unfit) as refusal:
        give_feedback(scene.made, scene.group, side=Side.DEMAND, score=1, words=WORDS)
    assert refusal.value.problems == {"side": "said_and_over"}
    give_feedback(scene.made, scene.firm, side=Side.SUPPLY, score=5, words="Sorry, we were away.")
    kept = feedback_on(scene.made.id)[Side.SUPPLY]
    assert (kept.score, kept.words, kept.channel) == (5, "Sorry, we were away.", Channel.PAGE)


def test_an_average_is_of_what_the_others_said_and_of_five_at_least(database: Flask) -> None:
    area = make.authority()
    firm = make.supplier(area)
    for score in (5, 4, 4, 2):
        make.feedback(make.partnership(area, giver=firm), Side.DEMAND, score)
    silent = make.partnership(area, giver=firm)
    make.feedback(silent, Side.DEMAND, None)
    make.feedback(silent, Side.SUPPLY, 1)  # what the firm itself says
    assert average_of(firm.id) is None
    make.feedback(make.partnership(area, receiver=firm), Side.SUPPLY, 3)
    assert average_of(firm.id) == (Decimal("3.6"), 5)


def test_reports_count_no_answer_apart(database: Flask) -> None:
    area, day = make.authority(), today()
    for number, score in enumerate((5, None, 5)):
        made = make.partnership(
            area, state=PartnershipState.CLOSED, ended_at=now() - timedelta(days=100 * (number > 1))
        )
        make.feedback(made, Side.DEMAND, score)
    for _ in range(4):
        closed = make.partnership(area, state=PartnershipState.CLOSED, ended_at=now())
        make.feedback(closed, Side.DEMAND, 4)
        make.feedback(closed, Side.SUPPLY, 1)
    span = Span(day - timedelta(days=30), day)
    assert figures_for(area.id, span)["feedback"] == [
        {"lane": "transactional", "side": "supply", "answers": 4, "mean": None, "silent": 0},
        {"lane": "transactional", "side": "demand", "answers": 5, "mean": "4.2", "silent": 1},
    ]
    assert figures_for(make.authority().id, span)["feedback"] == []
