"""Mereland with its councils and officers but without listings: what every story here begins with."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from broker.domain.clock import today
from broker.store.authorities import Authority
from broker.store.base import db, set_reading
from broker.store.outbox import Outbox
from broker.work import jobs
from tests.journeys.visitor import Typed, Visitor, day

PASSWORD = "quiet otter bicycle"
NORTHMERE, WESTERBY = "X99000001", "X99000002"
GROUP: dict[str, Typed] = {
    "what": "group",
    "no_number": True,
    "referee_name": "Ann Referee",
    "referee_contact": "ann.referee@school.example",
    "does": "Homework club and hot meals for children, three evenings a week.",
    "serves": "Children of our street and their parents",
    "postcode": "QM1 1AA",
    "contact_name": "Gwen Private",
    "contact_phone": "01632 960111",
}
FIRM: dict[str, Typed] = {
    "what": "supplier",
    "scheme": "GB-COH",
    "number": "01234567",
    "does": "We mend and sell computers.",
    "serves": "Schools and offices",
    "postcode": "QM1 1AA",
    "contact_name": "Sid Private",
    "contact_phone": "01632 960222",
}
LAPTOPS: dict[str, Typed] = {
    "title": "Ten laptops for our homework club",
    "body": "Our children share one old computer. Ten working laptops would change the homework club.",
    "support_kind": "goods",
    "amount": "10",
    "unit": "items",
    "place_kind": "postcode",
    "postcode": "QM1 1AA",
    **day("until_date", today() + timedelta(days=90)),
}
OLD_LAPTOPS: dict[str, Typed] = {
    "title": "Refurbished laptops from our offices",
    "body": "Working laptops, wiped and checked, for a school or a homework club.",
    "support_kind": "goods",
    "amount": "10",
    "unit": "items",
    "place_kind": "postcode",
    "postcode": "QM1 1AA",
}


class Town:
    """Makes visitors, does what the worker would do, and lets a story look into the tables."""

    def __init__(self, app: Flask, visit: Callable[[], Visitor]) -> None:
        self.app, self.visit = app, visit

    def sign_in(self, email: str) -> Visitor:
        """A new browser, signed in through the page."""
        return self.visit().go("/sign-in").press("Sign in", {"email": email, "password": PASSWORD})

    def officer(self, name: str = "officer", council: str = "northmere") -> Visitor:
        return self.sign_in(f"{name}@{council}.example")

    def sign_up(self, name: str, facts: dict[str, Typed], *areas: str) -> Visitor:
        """Somebody signs an organisation up, with an e-mail address made of its name, and opens the letter."""
        typed: dict[str, Typed] = {
            **facts,
            "name": name,
            "authorities": [str(self.area(code)) for code in areas or (NORTHMERE,)],
            "contact_email": f"{name.lower().replace(' ', '.')}@private.example",
            "password": PASSWORD,
        }
        person = self.visit().go("/sign-up").press("Sign up", typed).sees("Look in your e-mail")
        return person.go(f"/verify-address/{self.latest_secret()}").press("Sign in", {"password": PASSWORD})

    def latest_secret(self) -> str:
        """What makes the link in the last letter that has one."""
        with self.app.app_context():
            latest = select(Outbox.token).where(Outbox.token.is_not(None)).order_by(Outbox.id.desc())
            return str(db.session.scalars(latest).first())

    def approved(self, name: str, facts: dict[str, Typed], *areas: str) -> Visitor:
        """The same, and every council says yes."""
        member = self.sign_up(name, facts, *areas)
        for code in areas or (NORTHMERE,):
            officer = self.officer(council={NORTHMERE: "northmere", WESTERBY: "westerby"}[code])
            officer.go("/desk").click(name).press("Approve", {"note": "Known to us."})
        return member

    def open(self, owner: Visitor, kind: str, typed: dict[str, Typed], officer: Visitor | None = None) -> int:
        """Its owner posts a listing and the officer approves it; gives its id."""
        listing_id = post(owner, kind, typed)
        check(officer or self.officer(), str(typed["title"])).press("Approve")
        return listing_id

    def work(self) -> None:
        """What the worker does when nobody looks."""
        set_reading(False)
        with self.app.app_context():
            jobs.work_off()

    def area(self, code: str) -> int:
        with self.app.app_context():
            return int(db.session.scalars(select(Authority.id).where(Authority.code == code)).one())


def post(owner: Visitor, kind: str, typed: dict[str, Typed], button: str = "Send for checking") -> int:
    """Fill in the posting form; gives the new listing's id."""
    owner.go(f"/listings/new/{kind}").press(button, typed)
    return int(owner.links()[str(typed["title"])].rsplit("/", 1)[1])


def check(officer: Visitor, title: str) -> Visitor:
    """From the desk to the page where a listing is checked."""
    return officer.go("/desk?what=check").click(title)
