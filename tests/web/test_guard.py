"""An app that does not know who may open a page refuses to start, and a commit that fails is told, not lost."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from broker import create_app
from broker.config import instance_folder
from broker.store.accounts import Membership
from broker.store.base import db
from broker.web.guard import access_of, check_every_route
from tests import make

NEW = {"code": "X99000777", "name": "New", "region": "Mereland", "framework_code": ""}


def test_an_unstamped_page_stops_the_start(app: Flask) -> None:
    app.add_url_rule("/forgotten", "home.forgotten", lambda: "")
    with pytest.raises(RuntimeError, match=r"home\.forgotten"):
        check_every_route(app)


def test_every_page_is_stamped(app: Flask) -> None:
    assert [rule.rule for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) is None] == []


def test_an_ended_sign_in_is_over_at_once(app: Flask, sign_in: Callable[[Membership], FlaskClient]) -> None:
    with app.app_context():
        officer = make.officer(make.authority())
        db.session.commit()
        db.session.refresh(officer)
        db.session.expunge(officer)
    browser, copied = sign_in(officer), app.test_client()
    with browser.session_transaction() as held, copied.session_transaction() as taken:
        taken.update(held)
    assert copied.get("/desk").status_code == 200
    assert browser.post("/sign-out").status_code in (302, 303)
    assert copied.get("/desk").location == "/sign-in"


def test_a_commit_that_fails_is_a_page_and_changes_nothing(
    app: Flask, sign_in: Callable[[Membership], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        person = make.administrator()
        db.session.commit()
        db.session.refresh(person)
        db.session.expunge(person)
    browser = sign_in(person)

    def full(_session: Session) -> None:
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    with monkeypatch.context() as broken:
        broken.setattr(Session, "commit", full)
        answer = browser.post("/administration/authorities", data=NEW)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "X99000777" not in browser.get("/administration/authorities").get_data(as_text=True)


def test_each_installation_has_a_key_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = []
    for name in ("one", "two", "one"):
        monkeypatch.setenv("BROKER_INSTANCE", str(tmp_path / name))
        assert instance_folder() == str(tmp_path / name)
        keys.append(create_app({"TESTING": True}).config["SECRET_KEY"])
        assert (tmp_path / name / "secret.key").stat().st_mode & 0o777 == 0o600
    assert keys[0] == keys[2] != keys[1]
    assert len(keys[0]) >= 64


def test_settings_come_from_the_instance_then_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_INSTANCE", str(tmp_path))
    (tmp_path / "config.py").write_text("SERVICE_NAME = 'From the file'\nSESSION_COOKIE_NAME = 'filed'\n")
    monkeypatch.setenv("BROKER_SERVICE_NAME", "From the environment")
    config = create_app({"TESTING": True}).config
    assert (config["SERVICE_NAME"], config["SESSION_COOKIE_NAME"]) == ("From the environment", "filed")
