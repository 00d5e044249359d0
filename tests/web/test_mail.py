"""What a person chooses to be written to about, stopping from a letter, letters given up, and the page of letters."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from broker.actions.mail import owe_mail
from broker.actions.mail_choices import stop_token
from broker.domain.kinds import PostingState
from broker.domain.mail import MailKind, MailTopic
from broker.domain.permissions import Action
from broker.store.accounts import Membership, User
from broker.store.base import db
from broker.store.events import Event
from broker.store.outbox import Outbox, refused_by
from broker.work import mail as sending
from tests import make
from tests.conftest import PageChecker

SignIn = Callable[[Membership | int], PageChecker]
KEY = "t" * 40


@pytest.fixture
def member(app: Flask) -> int:
    with app.app_context():
        made = make.member(make.organisation(make.authority())).id
        db.session.commit()
    return made


def user_of(membership_id: int) -> int:
    return db.session.get_one(Membership, membership_id).user_id


def refused(app: Flask, membership_id: int) -> set[MailTopic]:
    with app.app_context():
        return set(refused_by(user_of(membership_id)))


def test_a_person_chooses_and_the_page_remembers(app: Flask, member: int, sign_in: SignIn) -> None:
    visitor = sign_in(member)
    assert visitor.get("/account/mail").get_data(as_text=True).count(" checked") == 3
    assert visitor.post("/account/mail", data={"topics": ["matches", "promises"]}).status_code == 303
    assert refused(app, member) == {MailTopic.LISTINGS}
    page = visitor.get("/account/mail").get_data(as_text=True)
    assert "Your choice is kept" in page
    assert page.count(" checked") == 2
    assert visitor.post("/account/mail", data={"topics": ["matches", "listings", "promises"]}).status_code == 303
    assert refused(app, member) == set()
    with app.app_context():
        events = list(db.session.scalars(select(Event.fields).where(Event.action == Action.CHOOSE_MAIL)))
    assert events == [["listings"], ["listings"]]


def test_a_topic_that_is_not_offered_is_refused_kindly(app: Flask, member: int, sign_in: SignIn) -> None:
    answer = sign_in(member).post("/account/mail", data={"topics": ["digest", "\x1b\ufdd0 words of their own"]})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "There is a problem" in page
    assert "Tick only what stands here" in page
    assert "words of their own" not in page
    assert refused(app, member) == set()


def test_each_role_is_offered_what_it_gets(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        officer, administrator = make.officer(make.authority()).id, make.administrator().id
        db.session.commit()
    page = sign_in(officer).get("/account/mail").get_data(as_text=True)
    assert "What waits on the desk" in page
    assert "our listings" not in page
    assert "nothing to choose" in sign_in(administrator).get("/account/mail").get_data(as_text=True)


def link(app: Flask, membership_id: int, key: str = KEY) -> str:
    with app.app_context():
        return f"/mail/stop/{stop_token(user_of(membership_id), MailTopic.MATCHES, key)}"


def test_letters_stop_without_signing_in_but_not_by_opening_the_link(
    app: Flask, member: int, client: PageChecker
) -> None:
    path = link(app, member)
    assert "Stop these letters?" in client.get(path).get_data(as_text=True)
    assert refused(app, member) == set()
    for _ in range(2):
        assert client.post(path).status_code == 303
        assert refused(app, member) == {MailTopic.MATCHES}
    assert "These letters have stopped" in client.get(path).get_data(as_text=True)


@pytest.mark.parametrize("spoil", [lambda path: path[:-1], lambda path: path[:-6] + "aaaaaa", lambda _: "/mail/stop/x"])
def test_a_link_that_is_not_ours_stops_nothing(
    app: Flask, member: int, client: PageChecker, spoil: Callable[[str], str]
) -> None:
    for path in (spoil(link(app, member)), link(app, member, "another key")):
        assert client.get(path).status_code == 404
        answer = client.post(path)
        assert answer.status_code == 404
        assert "This link does not work" in answer.get_data(as_text=True)
    assert refused(app, member) == set()


def test_links_signed_with_an_earlier_key_still_count(app: Flask, member: int, client: PageChecker) -> None:
    path = link(app, member)
    app.config.update(SECRET_KEY="n" * 40, SECRET_KEY_FALLBACKS=[KEY])
    assert client.get(path).status_code == 200


@pytest.fixture
def given_up(app: Flask) -> int:
    with app.app_context():
        owe_mail(MailKind.PASSWORD_CHANGED, make.user(email="gone@example.org", name="Ann Gone"))
        db.session.execute(update(Outbox).values(state="failed", attempts=8, error="SMTP 550"))
        db.session.commit()
        return db.session.scalars(select(Outbox.id)).one()


def test_an_administrator_sees_what_was_given_up_and_tries_again(app: Flask, given_up: int, sign_in: SignIn) -> None:
    with app.app_context():
        administrator = make.administrator().id
        db.session.commit()
    visitor = sign_in(administrator)
    page = visitor.get("/administration/mail").get_data(as_text=True)
    assert "Ann Gone" in page
    assert "SMTP 550" in page
    assert visitor.post(f"/administration/mail/{given_up}/again").status_code == 303
    assert visitor.post(f"/administration/mail/{given_up}/again").status_code == 409
    page = visitor.get("/administration/mail").get_data(as_text=True)
    assert "1 letter waits" in page
    assert "Every letter has arrived" in page
    with app.app_context():
        sending.send_letters()
        assert db.session.get_one(Outbox, given_up).state == "sent"


def test_nobody_else_sees_what_was_given_up(app: Flask, given_up: int, member: int, sign_in: SignIn) -> None:
    assert sign_in(member).get("/administration/mail").status_code == 403
    assert sign_in(member).post(f"/administration/mail/{given_up}/again").status_code == 403


@pytest.fixture
def letter(app: Flask, member: int) -> int:
    """A letter in the folder, to somebody with an odd name."""
    with app.app_context():
        user = db.session.get_one(User, user_of(member))
        user.name = "<b>Ann</b>"
        group = db.session.get_one(Membership, member).organisation
        assert group is not None
        posting = make.need(group, group.registrations[0].authority, title="<i>Chairs</i>").postings[0]
        owe_mail(MailKind.LISTING_APPROVED, user, posting)
        db.session.commit()
        sending.send_letters()
        return db.session.scalars(select(Outbox.id)).one()


def test_letters_in_the_folder_can_be_read(client: PageChecker, letter: int) -> None:
    assert "It is on the list: &lt;i&gt;Chairs" in client.get("/post").get_data(as_text=True)
    page = client.get(f"/post/{letter}").get_data(as_text=True)
    assert "Hello &lt;b&gt;Ann&lt;/b&gt;," in page
    assert 'href="http://127.0.0.1:5000/listings/' in page
    assert "Hello &lt;b&gt;Ann&lt;/b&gt;," in client.get(f"/post/{letter}/page").get_data(as_text=True)
    assert client.get(f"/post/{letter + 1}").status_code == 404


def test_without_letters_the_page_says_what_to_do(client: PageChecker) -> None:
    assert "No letters yet" in client.get("/post").get_data(as_text=True)


@pytest.mark.parametrize(
    ("settings", "address"),
    [({"MAIL": "smtp"}, "127.0.0.1"), ({"ENV": "production"}, "127.0.0.1"), ({}, "192.0.2.7")],
)
def test_letters_are_for_this_machine_and_for_trying_out_only(
    app: Flask, client: PageChecker, letter: int, settings: dict[str, str], address: str
) -> None:
    app.config.update(settings)
    for path in ("/post", f"/post/{letter}", f"/post/{letter}/page"):
        assert client.get(path, environ_overrides={"REMOTE_ADDR": address}).status_code == 404


HOSTS: list[tuple[str, dict[str, str]]] = [
    ("/", {"Host": "evil.example"}),
    ("/", {"Host": "evil.example:5000"}),
    ("/", {"Host": "127.0.0.1.evil.example"}),
    ("/", {"Host": "evil.example\\@127.0.0.1"}),
    ("/", {"Host": "127.0.0.1:5000@evil.example"}),
    ("/", {"X-Forwarded-Host": "evil.example"}),
    ("/", {"X-Forwarded-Host": "127.0.0.1, evil.example"}),
    ("/", {"X-Forwarded-Server": "evil.example"}),
    ("/", {"X-Host": "evil.example", "X-Original-Host": "evil.example"}),
    ("/", {"Forwarded": "for=127.0.0.1;host=evil.example;proto=https"}),
    ("/", {"X-Forwarded-Proto": "https", "X-Forwarded-Port": "8443", "X-Forwarded-Prefix": "/evil.example"}),
    ("http://evil.example/", {}),
    ("/", {"Referer": "https://evil.example/", "Origin": "https://evil.example"}),
]


def test_no_letter_names_a_host_that_a_request_claims(app: Flask, sign_in: SignIn) -> None:
    """Whatever a request claims, links begin with our own address. Most variants are let in, so letters are written."""
    with app.app_context():
        area = make.authority()
        group = make.organisation(area)
        make.member(group)
        officer = make.officer(area).id
        postings = [make.need(group, area, state=PostingState.SUBMITTED).postings[0].id for _ in HOSTS]
        db.session.commit()
    app.config["MAIL"] = "memory"
    visitor = sign_in(officer)
    for posting, (base, headers) in zip(postings, HOSTS, strict=True):
        path = f"/postings/{posting}/ask"
        known = {"base_url": base} if base != "/" else {}
        visitor.post(path, data={"question": "How many?"}, headers=headers, **known)
    with app.app_context():
        sending.send_letters()
    letters = app.extensions["broker.letters"]
    assert len(letters) >= 6
    assert not [each for each in letters if "evil" in each.text + each.html + each.subject + str(each.stop_url)]
