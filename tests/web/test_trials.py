"""The page that tries two texts: it loses nothing that was typed, waits without losing it, and tells what it found."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from broker.domain.clock import now
from broker.domain.kinds import Telling
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.jobs import Job
from broker.store.synonyms import Synonym, SynonymPhrase
from broker.web.reasons import LITTLE
from broker.work import jobs
from tests import make

SignIn = Callable[[Membership | int], FlaskClient]
TEXTS = {"need": "Two <laptops> for our club", "offer": "a notebook computer & a bag"}


@pytest.fixture
def officer(app: Flask, sign_in: SignIn) -> FlaskClient:
    with app.app_context():
        computers = Synonym(name="computers & such", kinds=["goods"], changed_at=now())
        for text in ("laptop", "notebook computer"):
            computers.phrases.append(SynonymPhrase(text=text, telling=Telling.SAY, added_at=now()))
        db.session.add(computers)
        made = make.officer(make.authority())
        db.session.commit()
        number = made.id
    return sign_in(number)


def page(officer: FlaskClient) -> str:
    answer = officer.get("/synonyms/try")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def tried(app: Flask, officer: FlaskClient, texts: dict[str, str] = TEXTS) -> str:
    assert officer.post("/synonyms/try", data=texts).status_code == 303
    with app.app_context():
        jobs.work_off()
    return page(officer)


def test_two_texts_are_waited_for_and_then_explained(app: Flask, officer: FlaskClient) -> None:
    assert "What the computer sees" not in page(officer)
    assert officer.post("/synonyms/try", data=TEXTS).location == "/synonyms/try"
    waiting = page(officer)
    assert 'content="2"' in waiting
    assert "Two &lt;laptops&gt; for our club" in waiting
    with app.app_context():
        jobs.work_off()
    answer = page(officer)
    assert "The computer would suggest these two to each other" in answer
    assert "Both have to do with computers &amp; such: “laptops” and “notebook computer”." in answer
    assert 'href="/synonyms?q=computers+%26+such"' in answer or 'href="/synonyms?q=computers%20%26%20such"' in answer
    assert "What changed" not in answer
    assert "Two &lt;laptops&gt; for our club</textarea>" in answer
    assert "Nothing: the score is the same." in tried(app, officer)


def test_of_two_that_would_not_be_suggested_nothing_else_is_said(app: Flask, officer: FlaskClient) -> None:
    answer = tried(app, officer, {"need": "a loom for our weavers", "offer": "Tax advice for small firms"})
    assert "the computer would not suggest these two" in answer
    assert LITTLE not in answer
    assert LITTLE not in tried(app, officer), "these two have much in common"


def test_what_changed_is_told(app: Flask, officer: FlaskClient) -> None:
    tried(app, officer)
    with app.app_context():
        db.session.execute(update(Synonym).values(state="off"))
        db.session.commit()
    answer = tried(app, officer)
    assert "What changed since you tried them before" in answer
    assert '<th scope="row" class="govuk-table__header">Words that mean the same here</th>' in answer


def test_nothing_typed_is_lost(officer: FlaskClient) -> None:
    for data, said in (
        ({**TEXTS, "offer": " "}, "Write what somebody might offer"),
        ({**TEXTS, "offer": "a" * 2001}, "Keep this under 2,000 characters"),
    ):
        answer = officer.post("/synonyms/try", data=data)
        assert answer.status_code == 422
        assert said in answer.get_data(as_text=True)
        assert "Two &lt;laptops&gt; for our club</textarea>" in answer.get_data(as_text=True)


def test_after_a_failure_the_same_two_can_be_tried_again(app: Flask, officer: FlaskClient) -> None:
    officer.post("/synonyms/try", data=TEXTS)
    with app.app_context():
        db.session.execute(update(Job).values(state="failed"))
        db.session.commit()
    failed = page(officer)
    assert "Something went wrong on our side" in failed
    assert 'value="Two &lt;laptops&gt; for our club"' in failed
    assert "The computer would suggest these two" in tried(app, officer)


def test_members_have_no_such_page(app: Flask, officer: FlaskClient, sign_in: SignIn) -> None:
    with app.app_context():
        member = make.member(make.organisation(make.authority()))
        db.session.commit()
        number = member.id
    assert sign_in(number).get("/synonyms/try").status_code == 403
