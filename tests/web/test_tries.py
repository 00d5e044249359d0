"""Guessing is slow, whoever guesses, and nobody can use that to lock somebody else out."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from broker.domain.clock import now
from broker.domain.tries import FOR_ONE_ACCOUNT, FOR_ONE_ADDRESS, KEPT, LETTERS_TO, WITHIN, whence
from broker.store.base import db
from broker.store.events import Event
from broker.store.tries import FailedTry
from tests.conftest import PageChecker
from tests.web.accounts import OFFICER, PASSWORD, is_in, letters, officer, send
from tests.web.test_races import at_once, statuses


def later(app: Flask, by: timedelta) -> None:
    with app.app_context():
        db.session.execute(update(FailedTry).values(at=now() - by))
        db.session.commit()


def tries(app: Flask) -> list[FailedTry]:
    with app.app_context():
        return list(db.session.scalars(select(FailedTry)))


@pytest.mark.parametrize("email", [OFFICER, "nobody@example.org"])
def test_the_eleventh_wrong_try_waits(app: Flask, client: PageChecker, email: str) -> None:
    officer(app)
    answers = [send(client, email, "not the right words") for _ in range(FOR_ONE_ACCOUNT + 1)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= WITHIN.total_seconds()
    assert "in 15 minutes" in answers[-1].text
    assert "your account is not locked" in answers[-1].text


def test_of_64_tries_at_the_same_moment_ten_are_answered(app: Flask) -> None:
    officer(app)
    wrong = {"email": OFFICER, "password": "not the right words"}
    answers = at_once([(app.test_client(), "/sign-in", wrong) for _ in range(64)])
    assert statuses(answers) == [422] * FOR_ONE_ACCOUNT + [429] * (64 - FOR_ONE_ACCOUNT)
    assert len(tries(app)) == FOR_ONE_ACCOUNT
    elsewhere = app.test_client()
    assert send(elsewhere, whence="198.51.100.7").status_code == 303
    assert is_in(elsewhere)


def test_of_letters_asked_for_at_the_same_moment_three_are_written(app: Flask) -> None:
    officer(app)
    at_once([(app.test_client(), "/forgotten-password", {"email": OFFICER}) for _ in range(16)])
    assert len(letters(app)) == LETTERS_TO


def test_whoever_has_the_password_gets_in_from_elsewhere_and_a_little_later(app: Flask, client: PageChecker) -> None:
    officer(app)
    for _ in range(FOR_ONE_ACCOUNT + 5):
        send(client, password="not the right words")
    assert send(client).status_code == 429, "or the guesser would learn when the guess is right"
    elsewhere = app.test_client()
    assert send(elsewhere, whence="198.51.100.7").status_code == 303
    assert is_in(elsewhere)
    later(app, WITHIN)
    assert send(client).status_code == 303


def test_the_page_that_asks_for_patience_repeats_no_secret(app: Flask, client: PageChecker) -> None:
    officer(app)
    secrets = {"email": OFFICER, "password": "not the right words, and long", "once": "a-key-of-the-form-itself"}
    answers = [client.post("/sign-in", data=secrets) for _ in range(FOR_ONE_ACCOUNT + 1)]
    assert answers[-1].status_code == 429
    assert not [secret for secret in (secrets["password"], secrets["once"]) if secret in answers[-1].text]


def test_waiting_is_not_made_longer_by_trying_on(app: Flask, client: PageChecker) -> None:
    officer(app)
    for _ in range(FOR_ONE_ACCOUNT + 20):
        send(client, password="not the right words")
    assert len(tries(app)) == FOR_ONE_ACCOUNT


def test_one_address_over_many_accounts_is_slowed_too(app: Flask, client: PageChecker) -> None:
    """1,000 tries over 100 accounts."""
    codes = [
        send(client, f"person{n % 100}@example.org", "not the right words").status_code
        for n in range(FOR_ONE_ADDRESS + 50)
    ]
    assert codes == [422] * FOR_ONE_ADDRESS + [429] * 50


def test_a_try_is_remembered_without_what_was_typed_and_for_a_day(app: Flask, client: PageChecker) -> None:
    user_id = officer(app)
    send(client, password="not the right words")
    send(client, "nobody@example.org", "not the right words")
    known, unknown = tries(app)
    assert (known.user_id, unknown.user_id) == (user_id, None)
    assert "@" not in known.account + unknown.account
    with app.app_context():
        events = db.session.scalars(select(Event).where(Event.action == "fail_sign_in")).all()
        assert [(event.subject, event.subject_id) for event in events] == [
            ("user", user_id),
            ("failed_try", unknown.id),
        ]
    later(app, KEPT + timedelta(seconds=1))
    send(client, "nobody@example.org", "not the right words")
    assert len(tries(app)) == 1


def test_proving_and_changing_are_slowed_as_well(app: Flask, client: PageChecker) -> None:
    officer(app)
    send(client, whence="198.51.100.7")
    wrong = {"current": "not the right words", "password": "four more random words"}
    codes = [client.post("/account", data=wrong).status_code for _ in range(6)]
    codes += [client.post("/account/prove", data={"password": "not it"}).status_code for _ in range(5)]
    assert codes == [422] * 10 + [429]
    assert client.post("/account", data={**wrong, "current": PASSWORD}).status_code == 429


def test_tries_are_counted_by_the_address_or_its_first_half() -> None:
    assert whence("192.0.2.1") == "192.0.2.1"
    assert whence("::ffff:192.0.2.1") == "192.0.2.1"
    assert whence("2001:db8:1:2:3:4:5:6") == whence("2001:db8:1:2:ffff::") == "2001:db8:1:2::"
    assert whence("2001:db8:1:3::") != "2001:db8:1:2::"
    assert whence(None) == whence("nonsense") == "unknown"
