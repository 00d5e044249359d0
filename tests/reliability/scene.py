"""A market small enough to know by heart: officers, a group, a firm, and matches that both sides have agreed to."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from argon2 import PasswordHasher
from sqlalchemy import select, text
from sqlalchemy.orm import aliased
from werkzeug.datastructures import MultiDict

from broker.domain.clock import today
from broker.domain.kinds import MatchState
from broker.store.base import db
from broker.store.events import Note
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.partnerships import Partnership
from tests import make
from tests.journeys.visitor import Typed, Visitor, day
from tests.reliability.lines import Browser
from tests.reliability.product import Product

PASSWORD = "a long enough password for a test"
AMOUNT = Decimal(6)


@dataclass(frozen=True)
class Scene:
    """Who there is and what they can act on, by address and number."""

    officers: list[str]
    member: str
    matches: list[int]
    needs: list[int]


def lay_out(product: Product, matches: int = 20, officers: int = 4) -> Scene:
    """Make the tables and the people. Every match is over a need and an offer of its own, of ten each, six agreed."""
    with product.inside():
        db.create_all()
        area = make.authority("Northmere", code="X99000001")
        group, firm = make.organisation(area), make.supplier(area)
        hashed = PasswordHasher(2, 19_456, 1).hash(PASSWORD)
        people = [make.officer(area).user for _ in range(officers)]
        member = make.member(group).user
        for person in (*people, member):
            person.password_hash = hashed
        made = []
        for _ in range(matches):
            need, offer = make.need(group, area), make.offer(firm, area)
            made.append(make.match(need, offer, area, state=MatchState.AGREED, opened_by="demand"))
        db.session.commit()
        return Scene(
            [person.email for person in people],
            member.email,
            [match.id for match in made],
            [match.demand_id for match in made],
        )


def visit(port: int, email: str) -> tuple[Browser, Visitor]:
    """Somebody who has signed in."""
    browser = Browser(port)
    visitor = Visitor(browser)  # type: ignore[arg-type]
    visitor.go("/sign-in").press("Sign in", {"email": email, "password": PASSWORD})
    assert "Sign out" in visitor.raw, f"{email} could not sign in"
    return browser, visitor


def filled(
    visitor: Visitor, page: str, button: str, typed: dict[str, Typed], at: str = ""
) -> tuple[str, MultiDict[str, object]]:
    """Where the form with this button on this page goes, and what it would send once this is typed into it."""
    return filled_in(visitor.go(page), button, typed, at)


def filled_in(
    visitor: Visitor, button: str, typed: dict[str, Typed], at: str = ""
) -> tuple[str, MultiDict[str, object]]:
    """The same for the page that this visitor looks at."""
    form, pressed = visitor._form(button, at)
    sent = visitor._filled(form, typed)
    if pressed.get("name"):
        sent.add(str(pressed.get("name")), pressed.get("value", ""))
    return form.get("action") or visitor.path, sent


def terms() -> dict[str, Typed]:
    """A confirmation, as an officer types it."""
    start, end = today(), today() + timedelta(days=40)
    return {"what": "Ten laptops", "lane": "transactional", **day("starts_on", start), **day("ends_on", end)}


def halves() -> Iterator[str]:
    """Whatever is half made or made twice in the database at hand; nothing, where all is well."""
    partnerships = Counter(db.session.scalars(select(Partnership.match_id)))
    need, offer = aliased(Listing), aliased(Listing)
    rows = (
        select(Match.id, Match.state, need.reserved, offer.reserved)
        .join(need, Match.demand_id == need.id)
        .join(offer, Match.supply_id == offer.id)
    )
    for match_id, state, *reserved in db.session.execute(rows):
        wanted = int(state == MatchState.CONFIRMED)
        if partnerships[match_id] != wanted:
            yield f"match {match_id} is {state} and has {partnerships[match_id]} partnerships"
        if reserved != [wanted * AMOUNT, wanted * AMOUNT]:
            yield f"match {match_id} ({state}) has {reserved} reserved"


def notes() -> set[str]:
    """The text of everything that was written."""
    return set(db.session.scalars(select(Note.text)))


def is_sound() -> bool:
    """What the database says of itself, where it can say."""
    if db.engine.dialect.name != "sqlite":
        return True
    return [row[0] for row in db.session.execute(text("PRAGMA integrity_check"))] == ["ok"]
