"""Two texts tried: what the matcher sees in them, before and after a word is taught, and whose answer it is."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update

from broker.actions import synonyms, trying
from broker.actions.trials import note_answer, try_texts
from broker.domain.clock import now
from broker.domain.kinds import Role, Telling
from broker.domain.permissions import Actor
from broker.domain.refusals import NotAllowed
from broker.store.base import db
from broker.store.jobs import Job
from broker.store.synonyms import Synonym, SynonymPhrase
from broker.store.trials import Trial, has_failed, trial_of
from broker.work import jobs
from tests import make

NEED, OFFER = "a loom bench for Tuesdays", "a surplus handweaving frame"


def person() -> Actor:
    member = make.officer(make.authority())
    return Actor(Role.OFFICER, member.user_id, authority_id=member.authority_id)


@pytest.fixture
def officer(database: Flask) -> Actor:
    made = person()
    computers = Synonym(name="computers", kinds=["goods"], changed_at=now())
    for text in ("laptop", "notebook computer"):
        computers.phrases.append(SynonymPhrase(text=text, telling=Telling.SAY, added_at=now()))
    db.session.add(computers)
    db.session.commit()
    return made


def answered(by: Actor, need: str = NEED, offer: str = OFFER) -> Trial:
    try_texts(by, need=need, offer=offer)
    db.session.commit()
    jobs.work_off()
    trial = trial_of(by.user_id)
    assert trial is not None
    assert trial.answer
    return trial


def brought(answer: dict[str, dict[str, list[dict[str, object]]]], part: str) -> object:
    return next((each["share"] for each in answer["reason"]["parts"] if each["name"] == part), 0)


def test_a_word_that_is_taught_shows_in_the_same_two_texts(officer: Actor) -> None:
    first = answered(officer).answer
    assert (first["fits"], brought(first, "synonyms"), first["entries"]) == (False, 0, [[], []])
    synonyms.add_synonym(
        officer, name="looms", say=["loom bench", "handweaving frame"], hint=["weaving"], kinds=["goods"], themes=[]
    )
    trial = answered(officer)
    assert trial.before == first
    assert trial.answer["fits"]
    assert brought(trial.answer, "synonyms")
    assert trial.answer["entries"][0] == [{"name": "looms", "cue": "loom bench", "hint": False}]
    assert [guess["value"] for guess in trial.answer["guesses"][1]] == ["goods"]
    again = answered(officer)
    assert again.before == again.answer
    assert answered(officer, offer="frames").before == {}


def test_a_phrase_that_says_it_outweighs_one_that_only_suggests_it(officer: Actor) -> None:
    synonyms.add_synonym(
        officer, name="looms", say=["loom bench", "handweaving frame"], hint=["bobbins"], kinds=[], themes=[]
    )
    entries = answered(officer, need="bobbins, and a loom bench", offer="bobbins").answer["entries"]
    assert entries == [
        [{"name": "looms", "cue": "loom bench", "hint": False}],
        [{"name": "looms", "cue": "bobbins", "hint": True}],
    ]


def test_texts_without_a_word_are_answered_too(officer: Actor) -> None:
    answer = answered(officer, need="😀", offer="the and of").answer
    assert (answer["score"], answer["fits"], answer["entries"]) == (0, False, [[], []])


def test_an_answer_to_what_was_asked_before_is_not_kept(officer: Actor) -> None:
    trial = try_texts(officer, need=NEED, offer=OFFER)
    late = trying.look(trial.id)
    assert late is not None
    try_texts(officer, need="something else", offer=OFFER)
    note_answer(late)
    assert trial.answer == {}
    note_answer(replace(late, asked=trial.asked))
    assert trial.answer == late.answer
    assert trying.look(trial.id) is None


def test_each_person_has_one_trial_of_their_own(officer: Actor) -> None:
    colleague = person()
    first = try_texts(officer, need=NEED, offer=OFFER).id
    assert try_texts(officer, need="other", offer=OFFER).id == first
    assert try_texts(colleague, need=NEED, offer=OFFER).id != first
    assert db.session.scalars(select(Job.argument).where(Job.kind == "try", Job.state == "waiting")).all() == [
        first,
        first + 1,
    ]


def test_a_trial_that_the_background_gave_up_on_says_so(officer: Actor) -> None:
    trial = try_texts(officer, need=NEED, offer=OFFER)
    assert not has_failed(trial)
    db.session.execute(update(Job).where(Job.kind == "try").values(state="failed"))
    assert has_failed(trial)


def test_members_try_nothing(officer: Actor) -> None:
    with pytest.raises(NotAllowed):
        try_texts(Actor(Role.MEMBER, 1, organisation_id=1), need=NEED, offer=OFFER)
