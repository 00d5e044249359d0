"""Killing whoever confirms partnerships and sends the letters about them, again and again, at any moment.

By hand: python -m tests.work.mail_kills --times 200
"""

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from broker import create_app
from broker.actions.partnerships import confirm_match
from broker.domain.clock import today
from broker.domain.kinds import Lane, MatchState
from broker.domain.mail import MailKind
from broker.domain.partnerships import Terms
from broker.store.accounts import Membership, actor_of
from broker.store.base import db, set_reading
from broker.store.matches import Match
from broker.store.outbox import Outbox
from broker.store.partnerships import Partnership
from broker.work import mail as sending
from tests import make

LETTERS = 2  # to each side's person
SLOW = 0.02  # seconds that the mail server takes before and after it has a letter, so that kills fall there too
MOST = 4  # a worker is killed at one of its first letters,
LATEST = 0.4  # so many seconds at the latest after it has begun with it


class Letterbox:
    """A mail server that keeps the Message-ID of every letter it has taken."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        await asyncio.sleep(SLOW)
        self.taken.append(str(message_from_bytes(envelope.content)["Message-ID"]))
        await asyncio.sleep(SLOW)
        return "250 OK"


@contextmanager
def post_office(box: object) -> Iterator[int]:
    """A mail server on this machine that gives what it takes to the box; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@dataclass(frozen=True)
class Outcome:
    """What a run of kills left: how many of each, and whatever is not as promised, in words."""

    kills: int
    partnerships: int
    letters: int
    doubled: int
    wrong: list[str] = field(default_factory=list)


def settings(port: int) -> dict[str, object]:
    return {
        "SECRET_KEY": "t" * 40, "MAIL": "smtp", "SMTP_HOST": "127.0.0.1", "SMTP_PORT": port,
        "MAIL_FROM": "no-reply@thread.example.org",
    }  # fmt: skip


def prepare(app: Flask, number: int) -> None:
    """So many matches that both sides have agreed to, each side with a person."""
    with app.app_context():
        set_reading(False)
        area = make.authority()
        make.officer(area)
        group, firm = make.organisation(area), make.supplier(area)
        make.member(group)
        make.member(firm)
        for _ in range(number):
            make.match(make.need(group, area), make.offer(firm, area), area, MatchState.AGREED)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


def work(app: Flask, tell: int) -> None:
    """Confirm one match after another, and send what is owed after each, until nothing is left to do.

    Each letter that is begun is told of through the pipe `tell`.
    """
    sending.LEASE = timedelta(0)  # whoever comes after a kill need not wait
    take = sending._take

    def begin(letter_id: int) -> int | None:
        os.write(tell, b".")
        return take(letter_id)

    sending._take = begin
    with app.app_context():
        set_reading(False)
        officer = db.session.scalars(select(Membership).where(Membership.role == "officer")).one()
        by = actor_of(officer)
        sending.send_letters()
        while match := db.session.scalars(select(Match).where(Match.state == MatchState.AGREED).limit(1)).first():
            terms = Terms(
                lane=Lane.TRANSACTIONAL, what="Six laptops", demand_amount=match.demand_amount,
                supply_amount=match.supply_amount, starts_on=today(), ends_on=today(),
            )  # fmt: skip
            confirm_match(match, by, terms=terms)
            db.session.commit()
            sending.send_letters()
        while db.session.scalar(select(Outbox.id).where(Outbox.state == "waiting").limit(1)):
            db.session.rollback()
            time.sleep(0.2)
            sending.send_letters()
        db.session.remove()
        db.engine.dispose()


def in_a_child(app: Flask, letters: int = 0, seconds: float = 0.0) -> bool:
    """Work in a process of its own, killed so long after it has begun with this letter (0: left alone). True if it was
    killed."""
    hear, tell = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(hear)
            work(app, tell)
        except BaseException as problem:  # a child must never return into the parent's code
            print(repr(problem), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    os.close(tell)
    for _ in range(letters):
        os.read(hear, 1)
    if letters:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    while os.read(hear, 1000):
        pass
    os.close(hear)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError("a worker failed by itself")
    return os.WIFSIGNALED(status)


def drive(port: int, kills: int, matches: int) -> int:
    """Kill so many workers, then let one finish; how many were killed while they still had something to do."""
    app = create_app(settings(port))
    prepare(app, matches)
    dice = random.Random(7)  # noqa: S311 - moments, not secrets
    killed = sum(in_a_child(app, dice.randint(1, MOST), dice.uniform(0, LATEST)) for _ in range(kills))
    in_a_child(app)
    return killed


def judge(app: Flask, taken: list[str], kills: int) -> Outcome:
    """Hold what arrived against what stands in the database."""
    with app.app_context():
        set_reading(False)
        made = set(db.session.scalars(select(Partnership.id)))
        rows = list(db.session.scalars(select(Outbox).where(Outbox.kind == MailKind.PARTNERSHIP_CONFIRMED)))
        times = Counter(each.strip("<>").partition("@")[0] for each in taken)
        told = Counter(row.subject_id for row in rows if times[row.message_id])
        known = {row.message_id for row in db.session.scalars(select(Outbox))}
        doubled = sum(times.values()) - len(times)
        wrong = [f"partnership {each}: {told[each]} of {LETTERS} letters" for each in made if told[each] != LETTERS]
        wrong += [f"a letter about partnership {each}, which is not there" for each in told if each not in made]
        wrong += [f"a letter that the outbox does not know: {each}" for each in times if each not in known]
        wrong += [f"letter {row.id} is {row.state}" for row in rows if row.state != "sent"]
        wrong += [f"{doubled} letters came twice after {kills} kills"] if doubled > kills else []
        outcome = Outcome(kills, len(made), len(taken), doubled, wrong)
        db.session.remove()
        db.engine.dispose()
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--matches", type=int, default=1000)
    parser.add_argument("--drive", type=int, metavar="PORT", help="only kill, sending to this port")
    given = parser.parse_args()
    if given.drive:
        print(json.dumps(drive(given.drive, given.times, given.matches)))
        return
    from tests.work.test_mail_kills import run

    with tempfile.TemporaryDirectory() as folder:
        os.environ["BROKER_INSTANCE"] = str(Path(folder))
        with create_app({"SECRET_KEY": "t" * 40}).app_context():
            upgrade()
        outcome = run(given.times, given.matches)
    print(outcome)
    sys.exit(1 if outcome.wrong else 0)


if __name__ == "__main__":
    main()
