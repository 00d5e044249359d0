"""Projects that councillors suggest: who may, who is told, and what an answer needs."""

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions.project_ideas import decline_project, suggest_project, take_up_project
from broker.domain.clock import today
from broker.domain.kinds import IdeaState
from broker.domain.permissions import Actor
from broker.domain.refusals import NotAllowed, Unfit, WrongState
from broker.domain.waiting import Wait
from broker.store.accounts import actor_of
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.desk import waiting
from broker.store.outbox import Outbox
from broker.store.places import Ward
from tests import make


@dataclass
class Town:
    """A ward with a councillor and an officer."""

    area: Authority
    ward: Ward
    councillor: Actor
    officer: Actor


@pytest.fixture
def town(database: Flask) -> Town:
    area = make.authority()
    return Town(area, make.ward(area), actor_of(make.councillor(area)), actor_of(make.officer(area)))


def letters() -> list[tuple[str, int]]:
    db.session.flush()
    return [(str(row.kind), row.user_id) for row in db.session.scalars(select(Outbox).order_by(Outbox.id))]


def test_a_suggestion_comes_to_the_desk_and_the_answer_to_the_councillor(town: Town) -> None:
    idea = suggest_project(town.ward, town.councillor, title=" Benches ", text="Old people told me.")
    assert (idea.title, idea.state, idea.authority_id) == ("Benches", IdeaState.NEW, town.area.id)
    row = waiting(town.area.id, today())[0]
    assert (row.what, row.id, row.title, row.organisation) == (Wait.IDEA, idea.id, "Benches", town.ward.name)
    take_up_project(idea, town.officer, answer="We will ask the canal trust.")
    assert (idea.state, idea.answer) == (IdeaState.TAKEN_UP, "We will ask the canal trust.")
    assert idea.answered_at is not None
    assert waiting(town.area.id, today()) == []
    assert letters() == [
        ("project_suggested", town.officer.user_id), ("project_answered", town.councillor.user_id),
    ]  # fmt: skip


def test_what_was_declined_can_be_taken_up_later_but_not_the_other_way_round(town: Town) -> None:
    idea = make.project_idea(town.ward)
    decline_project(idea, town.officer, answer="There is no money this year.")
    take_up_project(idea, town.officer, answer="There is now.")
    with pytest.raises(WrongState):
        decline_project(idea, town.officer, answer="Or not.")


def test_a_suggestion_and_an_answer_are_never_blank(town: Town) -> None:
    with pytest.raises(Unfit) as refusal:
        suggest_project(town.ward, town.councillor, title=" ", text="")
    assert refusal.value.problems == {"title": "needed", "text": "needed"}
    for deed in (take_up_project, decline_project):
        with pytest.raises(Unfit):
            deed(make.project_idea(town.ward), town.officer, answer=" ")
    assert letters() == []


def test_only_councillors_suggest_and_only_for_their_own_area(town: Town) -> None:
    elsewhere = make.councillor(make.authority("Westerby"))
    people = [elsewhere, make.member(make.organisation(town.area)), make.administrator()]
    for by in (*map(actor_of, people), town.officer):
        with pytest.raises(NotAllowed):
            suggest_project(town.ward, by, title="Benches", text="Why")


def test_only_the_areas_officers_answer(town: Town) -> None:
    idea = make.project_idea(town.ward)
    for by in (town.councillor, actor_of(make.officer(make.authority("Westerby")))):
        for deed in (take_up_project, decline_project):
            with pytest.raises(NotAllowed):
                deed(idea, by, answer="Yes")
