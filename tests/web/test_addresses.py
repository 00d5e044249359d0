"""Letters with links: a forgotten password, a new address. Each works once; nothing tells who has an account."""

import os
import re
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from broker.domain.clock import now
from broker.domain.tries import LETTERS_FROM, LETTERS_TO
from broker.store.accounts import OneTimeLink, User
from broker.store.base import db
from broker.store.outbox import Outbox
from broker.store.tries import FailedTry
from tests.conftest import PageChecker
from tests.web.accounts import OFFICER, PASSWORD, is_in, letters, member, officer, send

NEW = "four more random words"


def ask(client: PageChecker, email: str = OFFICER) -> None:
    assert client.post("/forgotten-password", data={"email": email}).location == "/forgotten-password/sent"


def test_a_forgotten_password_is_set_by_letter(app: Flask, client: PageChecker) -> None:
    officer(app)
    other = app.test_client()
    send(other)
    ask(client, " Officer@Example.org")
    assert "written to it" in client.get("/forgotten-password/sent").text
    [(kind, token)] = letters(app)
    assert kind == "reset_password"
    assert client.post(f"/set-password/{token}", data={"password": "short"}).status_code == 422
    assert client.post(f"/set-password/{token}", data={"password": NEW}).location == "/sign-in"
    assert not is_in(client), "a link signs nobody in"
    assert not is_in(other)
    assert client.post(f"/set-password/{token}", data={"password": NEW}).status_code == 404
    assert letters(app)[-1][0] == "password_changed"
    assert send(client, password=PASSWORD).status_code == 422
    assert send(client, password=NEW).status_code == 303


def test_a_newer_link_ends_the_older_and_an_hour_ends_it_too(app: Flask, client: PageChecker) -> None:
    officer(app)
    for _ in range(2):
        ask(client)
    (_, old), (_, new) = letters(app)
    assert client.get(f"/set-password/{old}").status_code == 404
    assert client.get(f"/set-password/{new}").status_code == 200
    with app.app_context():
        link = db.session.scalars(select(OneTimeLink).order_by(OneTimeLink.id.desc())).first()
        assert link is not None
        assert link.expires_at - link.created_at == timedelta(hours=1)
        db.session.execute(update(OneTimeLink).values(expires_at=now()))
        db.session.commit()
    assert client.get(f"/set-password/{new}").status_code == 404


def test_a_changed_password_ends_what_waits_in_letters(app: Flask, client: PageChecker) -> None:
    officer(app)
    ask(client)
    send(client)
    client.post("/account", data={"current": PASSWORD, "password": NEW})
    assert client.get(f"/set-password/{letters(app)[0][1]}").status_code == 404


def test_one_of_two_at_once_succeeds(app: Flask, client: PageChecker) -> None:
    officer(app)
    ask(client)
    token = letters(app)[0][1]

    def use(number: int) -> int:
        words = {"password": f"random words number {number}"}
        return app.test_client().post(f"/set-password/{token}", data=words).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(use, range(2))) == [303, 404], "the slower one is told that the link is over"
    with app.app_context():
        assert len(db.session.scalars(select(Outbox.id).where(Outbox.kind == "password_changed")).all()) == 1


def test_nobody_is_flooded_with_letters(app: Flask, client: PageChecker) -> None:
    officer(app)
    for _ in range(LETTERS_FROM):
        ask(client)
    assert len(letters(app)) == LETTERS_TO, "the answer is the same, but no more is written"
    answer = client.post("/forgotten-password", data={"email": OFFICER})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_an_account_moves_to_another_address(app: Flask, client: PageChecker) -> None:
    officer(app)
    send(client)
    assert "officer@example.org" in client.get("/account/address").text
    for wrong, said in (("nonsense", "such as"), (OFFICER, "your address already")):
        assert said in client.post("/account/address", data={"email": wrong}).text
    assert client.post("/account/address", data={"email": "New@Example.org"}).location == "/account/address/sent"
    [(kind, token)] = letters(app)
    with app.app_context():
        assert db.session.scalars(select(Outbox.address)).one() == "new@example.org"
    stranger = app.test_client()
    assert "new@example.org" in stranger.get(f"/verify-address/{token}").text
    assert stranger.post(f"/verify-address/{token}", data={"password": "a guess at it"}).status_code == 422
    assert stranger.post(f"/verify-address/{token}", data={"password": PASSWORD}).location == "/sign-in"
    assert not is_in(client)
    assert not is_in(stranger)
    assert send(client).status_code == 422
    assert send(client, "new@example.org").status_code == 303
    with app.app_context():
        told = db.session.scalars(select(Outbox).where(Outbox.kind == "address_changed")).one()
        assert told.address == OFFICER
    assert client.get(f"/verify-address/{token}").status_code == 404
    assert kind == "verify_address"


def test_an_address_that_has_an_account_is_answered_alike(app: Flask, client: PageChecker) -> None:
    officer(app)
    member(app, "ann@example.org")
    send(client)
    free = client.post("/account/address", data={"email": "new@example.org"})
    taken = client.post("/account/address", data={"email": "ann@example.org"})
    assert (free.status_code, free.location, free.data) == (taken.status_code, taken.location, taken.data)
    assert [kind for kind, _ in letters(app)] == ["verify_address", "account_exists"]


def test_an_address_taken_meanwhile_moves_nobody(app: Flask, client: PageChecker) -> None:
    user_id = officer(app)
    send(client)
    client.post("/account/address", data={"email": "new@example.org"})
    member(app, "new@example.org")
    answer = client.post(f"/verify-address/{letters(app)[0][1]}", data={"password": PASSWORD})
    assert answer.status_code == 404
    assert "This link no longer works" in answer.text
    with app.app_context():
        assert db.session.get_one(User, user_id).email == OFFICER


Asking = Callable[[PageChecker, str], object]
WAYS: dict[str, Asking] = {
    "signing in": lambda client, email: send(client, email, "not the right words"),
    "a forgotten password": lambda client, email: client.post("/forgotten-password", data={"email": email}),
    "signing up": lambda client, email: client.post("/sign-up", data={**SIGN_UP, "contact_email": email}),
    "an invitation": lambda client, email: client.post("/organisations/1/people", data={"email": email}),
}
SIGN_UP = {
    "name": "Lantern Hill Singers", "what": "group", "scheme": "GB-CHC", "number": "1234567", "does": "We sing.",
    "serves": "Anyone", "authorities": "1", "contact_name": "Ada Okafor", "password": PASSWORD,
}  # fmt: skip
OFTEN = int(os.environ.get("OFTEN", "8"))  # docs/reliability.md has the figures of OFTEN=200
BOUNDS = (0.8, 1.25) if OFTEN >= 200 else (0.6, 1.7)  # of few, on a machine that does much else


def timed(app: Flask, client: PageChecker, way: Asking, often: int) -> tuple[float, set[tuple[int, str | None, str]]]:
    """Known and unknown in turn: the ratio of their median times, and the answers with the address taken out."""
    spent: dict[bool, list[float]] = {True: [], False: []}
    answers = set()
    for number in range(often):
        for is_known in (True, False):
            forget(app)
            email = "known@example.org" if is_known else f"nobody{number}@example.org"
            started = time.perf_counter()
            answer = way(client, email)
            spent[is_known].append(time.perf_counter() - started)
            text = re.sub(r'name="(csrf_token|once)" value="[^"]+"', "", answer.text.replace(email, "X"))  # type: ignore[attr-defined]
            answers.add((answer.status_code, answer.location, text))  # type: ignore[attr-defined]
    return statistics.median(spent[True]) / statistics.median(spent[False]), answers


def forget(app: Flask) -> None:
    """Nothing was tried so far, so that nobody waits."""
    with app.app_context():
        db.session.execute(delete(FailedTry))
        db.session.commit()


@pytest.mark.parametrize("way", WAYS)
def test_nothing_tells_who_has_an_account(app: Flask, client: PageChecker, way: str) -> None:
    """The answers are equal to the letter, and take as long."""
    member(app, "ann@example.org")
    member(app, "known@example.org")
    if way == "an invitation":
        send(client, "ann@example.org")
    ratio, answers = timed(app, client, WAYS[way], OFTEN)
    assert len(answers) == 1
    print(f"{way}: {OFTEN} known and {OFTEN} unknown, ratio of the medians {ratio:.2f}")
    assert BOUNDS[0] < ratio < BOUNDS[1], ratio
