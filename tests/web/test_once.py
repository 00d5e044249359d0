"""A form sent twice is taken once, whichever form it is, one after the other or at the same moment."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broker.actions.submissions import KEPT, forget_submissions
from broker.domain.clock import now
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.imports import Import
from broker.store.listings import Listing
from broker.store.submissions import Submission
from broker.web.gaps import new_key
from broker.web.once import WELL_FORMED
from tests import make
from tests.web.test_races import FILE, LISTING, Scene, at_once, filled, statuses

SignIn = Callable[[Membership | int], FlaskClient]


@pytest.fixture
def scene(app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Without the look for listings with the same words, so that the key alone is tried."""
    monkeypatch.setattr("broker.actions.listings._twin", lambda *_args: None)
    return Scene(app, sign_in)


def sent(browser: FlaskClient, key: str, **changed: str) -> str:
    answer = browser.post("/listings/new/need", data={**LISTING, **changed, "once": key})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_the_second_answer_leads_where_the_first_did(scene: Scene) -> None:
    browser, key, before = scene.browsers(scene.group, 1)[0], new_key(), scene.count(Listing)
    assert len({sent(browser, key) for _ in range(3)}) == 1
    assert scene.count(Listing) == before + 1


def test_without_a_key_or_with_another_it_is_taken_again(scene: Scene) -> None:
    browser, before = scene.browsers(scene.group, 1)[0], scene.count(Listing)
    for key in (new_key(), new_key(), "", "short", "'; --" * 9):
        sent(browser, key)
    assert scene.count(Listing) == before + 5


def test_whoever_goes_back_and_writes_something_else_loses_nothing(scene: Scene) -> None:
    browser, key, before = scene.browsers(scene.group, 1)[0], new_key(), scene.count(Listing)
    assert sent(browser, key) != sent(browser, key, title="Thirteen chairs")
    assert scene.count(Listing) == before + 2


def test_somebody_elses_form_is_another_form(scene: Scene) -> None:
    key, before = new_key(), scene.count(Listing)
    with scene.app.app_context():
        colleague = make.member(db.session.get_one(Membership, scene.group).organisation)
        db.session.commit()
        colleague_id = colleague.id
    for who in (scene.group, colleague_id):
        sent(scene.browsers(who, 1)[0], key)
    assert scene.count(Listing) == before + 2


def test_what_was_refused_can_be_sent_again(scene: Scene) -> None:
    browser, key = scene.browsers(scene.group, 1)[0], new_key()
    wrong = {**LISTING, "amount": "a lot", "once": key}
    assert [browser.post("/listings/new/need", data=wrong).status_code for _ in range(2)] == [422, 422]
    assert scene.count(Submission) == 0
    sent(browser, key)


def test_eight_at_the_same_moment_make_one(scene: Scene) -> None:
    key, before = new_key(), scene.count(Listing)
    browsers = scene.browsers(scene.group, 8)
    answers = at_once([(browser, "/listings/new/need", {**LISTING, "once": key}) for browser in browsers])
    assert statuses(answers) == [303] * 8
    assert len({answer.location for answer in answers}) == 1
    assert scene.count(Listing) == before + 1


def test_a_file_counts_by_its_content(scene: Scene) -> None:
    browser, key, before = scene.browsers(scene.officer, 1)[0], new_key(), scene.count(Import)
    for content in (FILE, FILE, FILE + b"2,need,Tables,Six tables for our hall\n"):
        answer = browser.post("/imports", data={"file": filled(content, scene), "once": key})
        assert answer.status_code in {302, 303}
    assert scene.count(Import) == before + 2


def test_every_form_of_a_page_carries_a_key_of_its_own(scene: Scene) -> None:
    browser = scene.browsers(scene.officer, 1)[0]
    keys = re.findall(r'name="once" value="([^"]*)"', browser.get(f"/matches/{scene.match}").text)
    assert len(keys) > 1
    assert len(set(keys)) == len(keys)
    assert all(WELL_FORMED.fullmatch(key) for key in keys)


def test_old_keys_are_forgotten_and_young_ones_kept(scene: Scene) -> None:
    sent(scene.browsers(scene.group, 1)[0], new_key())
    with scene.app.app_context():
        forget_submissions(now())
        db.session.commit()
        assert scene.count(Submission) == 1
        forget_submissions(now() + KEPT * 2)
        db.session.commit()
        assert scene.count(Submission) == 0
