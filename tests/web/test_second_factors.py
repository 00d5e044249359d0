"""Codes from a telephone: set up, asked for, taken once, and never a way round them."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from broker.domain.clock import now
from broker.domain.tries import FOR_ONE_ACCOUNT
from broker.store.accounts import SignIn
from broker.store.base import db
from broker.store.events import Event
from broker.store.second_factors import RecoveryCode, SecondFactor
from tests.conftest import PageChecker
from tests.web.accounts import OFFICER, PASSWORD, administrator, is_in, letters, member, officer, send

STEP = 30


def set_up(client: PageChecker) -> tuple[pyotp.TOTP, list[str]]:
    """As a person does it; gives the app and the recovery codes."""
    assert client.post("/account/codes/begin").location == "/account/codes/set-up"
    page = client.get("/account/codes/set-up").text
    assert 'src="data:image/svg+xml' in page
    app_on_phone = pyotp.TOTP(re.findall(r"\b[A-Z2-7]{32}\b", page)[0])
    assert client.post("/account/codes/set-up", data={"code": "000000"}).status_code == 422
    done = client.post("/account/codes/set-up", data={"code": app_on_phone.at(now())})
    assert done.status_code == 200
    codes = re.findall(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", done.text)
    assert len(set(codes)) == 10
    return app_on_phone, codes


def token_in(page: str) -> str:
    return re.findall(r'name="csrf_token" value="([^"]+)"', page)[-1]


def send_with_token(client: PageChecker, path: str, seen_at: str = "", **data: str) -> None:
    """A form as a browser sends it."""
    page = client.get(seen_at or path).text
    assert client.post(path, data={**data, "csrf_token": token_in(page)}).status_code == 303


def next_code(app_on_phone: pyotp.TOTP) -> str:
    """The code after the one that was typed at the set-up; telephones may run that much fast."""
    return app_on_phone.at(now() + timedelta(seconds=STEP))


def give(client: FlaskClient, code: str) -> int:
    return client.post("/sign-in/code", data={"code": code}).status_code


@pytest.fixture
def phone(app: Flask, client: PageChecker) -> tuple[pyotp.TOTP, list[str]]:
    officer(app)
    send(client)
    return set_up(client)


def test_the_password_alone_opens_nothing_any_more(
    app: Flask, client: PageChecker, phone: tuple[pyotp.TOTP, list[str]]
) -> None:
    assert is_in(client), "whoever sets codes up stays signed in"
    other = app.test_client()
    assert send(other).location == "/sign-in/code"
    assert not is_in(other)
    assert other.get("/desk").location == "/sign-in"
    half = other.get_cookie("broker")
    assert give(other, "123456") == 422
    assert give(other, next_code(phone[0])) == 303
    assert is_in(other)
    assert half is not None
    other.set_cookie("broker", half.value)
    assert not is_in(other), "the cookie from before the code became a sign-in"
    assert other.get("/sign-in/code").location == "/sign-in"


def test_a_reload_of_the_recovery_codes_leads_to_where_new_ones_are_made(app: Flask, client: PageChecker) -> None:
    """The form is sent again with the token it had before; 'nothing has been changed' would not be true."""
    app.config["WTF_CSRF_ENABLED"] = True
    officer(app)
    send_with_token(client, "/sign-in", email=OFFICER, password=PASSWORD)
    send_with_token(client, "/account/codes/begin", seen_at="/account/codes")
    page = client.get("/account/codes/set-up").text
    sent = {"csrf_token": token_in(page), "code": pyotp.TOTP(re.findall(r"\b[A-Z2-7]{32}\b", page)[0]).at(now())}
    assert client.post("/account/codes/set-up", data=sent).status_code == 200
    assert client.post("/account/codes/set-up", data=sent).location == "/account/codes"
    page = client.get("/account/codes").text
    assert "You have 10 recovery codes left" in page
    assert "Not kept them, or not sure? Make ten new ones" in page


def test_a_code_is_taken_once(app: Flask, client: PageChecker, phone: tuple[pyotp.TOTP, list[str]]) -> None:
    code = next_code(phone[0])
    first, second = app.test_client(), app.test_client()
    for each in (first, second):
        send(each)
    assert give(first, f"{code[:3]} {code[3:]}") == 303
    assert give(second, code) == 422
    assert give(second, phone[0].at(now())) == 422, "an older code, after a newer one"


def test_a_recovery_code_works_once(app: Flask, client: PageChecker, phone: tuple[pyotp.TOTP, list[str]]) -> None:
    lost = app.test_client()
    send(lost)
    assert give(lost, phone[1][3].upper()) == 303
    assert "You have 9 recovery codes left" in lost.get("/account/codes").text
    again = app.test_client()
    send(again)
    assert give(again, phone[1][3]) == 422
    with app.app_context():
        kept = db.session.scalars(select(RecoveryCode.code_hash)).all()
        assert all(len(each) == 64 for each in kept), "only hashes are kept"
        assert "use_recovery_code" in db.session.scalars(select(Event.action)).all()


def test_new_recovery_codes_end_the_old(app: Flask, client: PageChecker, phone: tuple[pyotp.TOTP, list[str]]) -> None:
    page = client.post("/account/codes/recovery").text
    assert phone[1][0] not in page
    other = app.test_client()
    send(other)
    assert give(other, phone[1][0]) == 422


def test_guessing_codes_waits_from_wherever(
    app: Flask, client: PageChecker, phone: tuple[pyotp.TOTP, list[str]]
) -> None:
    other = app.test_client()
    send(other)
    codes = [
        other.post(
            "/sign-in/code", data={"code": "000000"}, environ_overrides={"REMOTE_ADDR": f"192.0.2.{n}"}
        ).status_code
        for n in range(FOR_ONE_ACCOUNT + 1)
    ]
    assert codes == [422] * FOR_ONE_ACCOUNT + [429]


def test_a_new_password_does_not_get_round_the_code(
    app: Flask, client: PageChecker, phone: tuple[pyotp.TOTP, list[str]]
) -> None:
    other = app.test_client()
    other.post("/forgotten-password", data={"email": OFFICER})
    token = letters(app)[-1][1]
    other.post(f"/set-password/{token}", data={"password": "four more random words"})
    assert send(other, password="four more random words").location == "/sign-in/code"


def test_the_secret_is_not_to_be_read_in_the_database(
    app: Flask, client: PageChecker, phone: tuple[pyotp.TOTP, list[str]]
) -> None:
    with app.app_context():
        kept = db.session.scalars(select(SecondFactor.secret)).one()
    assert phone[0].secret not in (kept or "")
    assert phone[0].secret not in client.get("/account/codes").text


def test_a_changed_key_needs_the_old_one_beside_it(
    app: Flask, client: PageChecker, phone: tuple[pyotp.TOTP, list[str]]
) -> None:
    old, app.config["SECRET_KEY"] = app.config["SECRET_KEY"], "n" * 40
    code, other, third = next_code(phone[0]), app.test_client(), app.test_client()
    for each in (other, third):
        send(each)
    assert give(other, code) == 422
    assert give(third, phone[1][0]) == 303, "a recovery code needs no key"
    app.config["SECRET_KEY_FALLBACKS"] = [old]
    assert give(other, code) == 303


def test_where_codes_are_demanded_staff_can_do_nothing_before(app: Flask, client: PageChecker) -> None:
    app.config["SECOND_FACTOR"] = "required"
    officer(app)
    assert send(client).location == "/desk"
    for path in ("/desk", "/account", "/listings", "/", "/administration", "/account/sign-ins"):
        assert client.get(path).location == "/account/codes", path
    assert client.post("/account", data={}).location == "/account/codes"
    assert client.get("/administration/condition").location == "/account/codes"
    assert client.get("/healthz").status_code == 200
    assert "Set them up now" in client.get("/account/codes").text
    set_up(client)
    assert client.get("/desk").status_code == 200
    assert client.post("/account/codes/remove").status_code == 409, "they can be switched off where they are demanded"


def test_a_group_is_not_asked(app: Flask, client: PageChecker) -> None:
    app.config["SECOND_FACTOR"] = "required"
    member(app, "ann@example.org")
    send(client, "ann@example.org")
    assert is_in(client)


def test_codes_can_be_switched_off_where_they_are_offered(
    app: Flask, client: PageChecker, phone: tuple[pyotp.TOTP, list[str]]
) -> None:
    assert client.post("/account/codes/remove").location == "/account"
    assert send(app.test_client()).location == "/desk"
    kinds = [kind for kind, _ in letters(app)]
    assert kinds == ["second_factor_changed", "second_factor_changed"]


def test_an_administrator_helps_whoever_lost_everything(
    app: Flask, client: PageChecker, phone: tuple[pyotp.TOTP, list[str]]
) -> None:
    administrator(app)
    helper = app.test_client()
    send(helper, "administrator@example.org")
    with app.app_context():
        user_id = db.session.scalars(select(SecondFactor.user_id)).one()
    assert helper.post(f"/administration/people/{user_id}/reset-codes").status_code == 303
    assert not is_in(client)
    assert send(app.test_client()).location == "/desk"


def test_a_half_sign_in_ends_soon(app: Flask, client: PageChecker, phone: tuple[pyotp.TOTP, list[str]]) -> None:
    other = app.test_client()
    send(other)
    with app.app_context():
        db.session.execute(update(SignIn).where(SignIn.awaits_code.is_(True)).values(expires_at=now()))
        db.session.commit()
    answer = other.post("/sign-in/code", data={"code": next_code(phone[0])})
    assert answer.location == "/sign-in"
