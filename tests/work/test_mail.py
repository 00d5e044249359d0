"""A letter is sent once, tried again after growing pauses, given up in the end, and never says what is no longer so."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from broker.actions.mail import forget_letters_to, forget_old, owe_mail
from broker.actions.mail_choices import stop_letters
from broker.domain.clock import now
from broker.domain.kinds import MatchState, Role
from broker.domain.mail import PAUSES, MailKind, MailTopic
from broker.domain.permissions import Actor
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.matches import Match
from broker.store.outbox import Outbox
from broker.work import carriers, jobs
from broker.work import mail as sending
from broker.work.carriers import KEPT_IN_MEMORY, Away, Deliver, Letter, Refused
from tests import make

TIME = Actor(Role.SYSTEM)


@pytest.fixture
def sent(database: Flask) -> list[Letter]:
    """Where letters arrive in this test."""
    database.config["MAIL"] = "memory"
    letters: list[Letter] = database.extensions.setdefault(KEPT_IN_MEMORY, [])
    return letters


@pytest.fixture
def match(database: Flask) -> Match:
    area = make.authority()
    group, firm = make.organisation(area), make.supplier(area)
    make.member(group)
    return make.match(make.need(group, area), make.offer(firm, area), area)


def reader_of(match: Match) -> Membership:
    group = match.demand.organisation_id
    return db.session.scalars(select(Membership).where(Membership.organisation_id == group)).one()


def owed(match: Match, kind: MailKind = MailKind.MATCH_PROPOSED) -> int:
    """A letter to the demand's person; its number."""
    owe_mail(kind, reader_of(match).user, match)
    db.session.commit()
    return db.session.scalars(select(Outbox.id).order_by(Outbox.id.desc())).first() or 0


def row(number: int) -> Outbox:
    db.session.expire_all()
    return db.session.get_one(Outbox, number)


def let_pass(number: int) -> None:
    """The pause is over."""
    db.session.execute(update(Outbox).where(Outbox.id == number).values(lease_until=now() - timedelta(seconds=1)))
    db.session.commit()


def carried_by(monkeypatch: pytest.MonkeyPatch, deliver: Deliver) -> None:
    from contextlib import nullcontext

    monkeypatch.setitem(carriers.CARRIERS, "folder", lambda _settings: nullcontext(deliver))


def test_the_job_sends_what_waits_once(match: Match, sent: list[Letter]) -> None:
    number = owed(match)
    jobs.work_off()
    jobs.work_off()
    sending.send_letters()
    assert [letter.number for letter in sent] == [number]
    assert sent[0].to == reader_of(match).user.email
    assert (row(number).state, row(number).attempts) == ("sent", 1)
    assert row(number).sent_at is not None


def test_what_was_rolled_back_is_never_sent(match: Match, sent: list[Letter]) -> None:
    db.session.commit()
    owe_mail(MailKind.MATCH_PROPOSED, reader_of(match).user, match)
    db.session.rollback()
    jobs.work_off()
    assert sent == []


def test_a_failure_is_tried_again_after_growing_pauses_then_given_up(
    match: Match, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    def fail(letter: Letter) -> None:
        tries.append(letter.message_id)
        raise TimeoutError

    carried_by(monkeypatch, fail)
    number = owed(match)
    for pause in PAUSES:
        before = now()
        sending.send_letters()
        waits = row(number).lease_until
        assert row(number).state == "waiting"
        assert waits is not None
        assert pause <= waits - before <= pause + timedelta(seconds=5)
        sending.send_letters()  # nobody tries again during the pause
        let_pass(number)
    sending.send_letters()
    assert (row(number).state, row(number).error) == ("failed", "TimeoutError")
    assert len(tries) == len(PAUSES) + 1
    assert len(set(tries)) == 1, "one letter, one Message-ID"


def test_an_address_that_does_not_exist_is_given_up_at_once(match: Match, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_letter: Letter) -> None:
        raise Refused("SMTP 550")

    carried_by(monkeypatch, refuse)
    number = owed(match)
    sending.send_letters()
    assert (row(number).state, row(number).error, row(number).attempts) == ("failed", "SMTP 550", 1)


def test_while_the_carrier_is_away_the_other_letters_are_not_even_tried(
    match: Match, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_letter: Letter) -> None:
        raise Away("OSError")

    carried_by(monkeypatch, away)
    first, second = owed(match), owed(match)
    sending.send_letters()
    assert (row(first).attempts, row(second).attempts) == (1, 0)
    assert {row(first).state, row(second).state} == {"waiting"}


def test_the_lease_of_a_worker_that_died_runs_out(match: Match, sent: list[Letter]) -> None:
    number = owed(match)
    assert sending._take(number) == 1
    sending.send_letters()
    assert sent == []
    let_pass(number)
    sending.send_letters()
    assert [letter.number for letter in sent] == [number]
    assert row(number).attempts == 2


def test_what_is_not_true_any_more_is_set_aside(match: Match, sent: list[Letter]) -> None:
    number = owed(match)
    match.state = MatchState.WITHDRAWN
    db.session.commit()
    sending.send_letters()
    assert sent == []
    assert row(number).state == "set_aside"


def test_nobody_is_told_by_mail_what_no_page_would_show_them(match: Match, sent: list[Letter]) -> None:
    number = owed(match)
    db.session.delete(reader_of(match))
    db.session.commit()
    sending.send_letters()
    assert sent == []
    assert row(number).state == "set_aside"


def test_what_a_person_has_stopped_is_set_aside(match: Match, sent: list[Letter]) -> None:
    stop_letters(reader_of(match).user_id, MailTopic.MATCHES, now())
    number = owed(match)
    sending.send_letters()
    assert sent == []
    assert row(number).state == "set_aside"


@pytest.mark.parametrize("way", ["smtp", "notify"])
def test_invented_people_are_never_written_to_for_real(match: Match, sent: list[Letter], way: str) -> None:
    reader_of(match).user.email = "officer@northmere.example"
    number = owed(match)
    sending.current_app.config["MAIL"] = way
    assert sending._compose(number) is None


def test_what_is_told_once_is_told_once(match: Match, sent: list[Letter]) -> None:
    for _ in range(2):
        owe_mail(MailKind.MATCH_PROPOSED, reader_of(match).user, match, once="match:1")
    db.session.commit()
    sending.send_letters()
    assert len(sent) == 1


def test_old_letters_are_forgotten_and_leave_the_folder(match: Match) -> None:
    number = owed(match)
    owe_mail(MailKind.RESET_PASSWORD, reader_of(match).user, token="secret", address="old@example.org")
    db.session.commit()
    sending.send_letters()
    folder = Path(sending.current_app.config["MAIL_FOLDER"])
    assert {file.name for file in folder.iterdir()} == {f"{number}.eml", f"{number + 1}.eml"}
    assert "To: old@example.org" in (folder / f"{number + 1}.eml").read_text()
    assert forget_old(TIME, now() + timedelta(days=6)) == 0
    assert forget_old(TIME, now() + timedelta(days=8)) == 2
    db.session.commit()
    jobs.work_off()
    assert (row(number + 1).token, row(number + 1).address, row(number + 1).state) == (None, None, "sent")
    assert list(folder.iterdir()) == []


def test_who_is_forgotten_gets_no_more_letters(match: Match, sent: list[Letter]) -> None:
    number = owed(match)
    forget_letters_to(reader_of(match).user_id, now())
    db.session.commit()
    jobs.work_off()
    assert sent == []
    assert row(number).state == "set_aside"
