"""Every page, asked for by every kind of visitor about every thing in every state, held against the declared table."""

import os
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse
from wtforms import Field

from broker.domain.permissions import GRANTS, Action, Actor, Reach
from broker.web import guard
from broker.web.guard import PUBLIC, access_of
from tests.city import City, Thing, counterpart, forms_noted
from tests.doors import URLENCODED, Pairs, form_encoded, plain_values
from tests.walk.canaries import NEVER_SHOWN, PRIVATE, columns_of_words
from tests.walk.conftest import Visitor, Walk
from tests.walk.facts import AREAS, SEEING, Facts

# Where a deed asks more than the table does, and why; a refusal is right there, whatever else is.
FINER = {
    "matches.withdraw": "the side that asked takes it back; the side that was asked declines instead",
    "frameworks.use": "a council takes a frame of its own, or one of nobody's, and only once it is in force",
}
# What is done with the visitor's own listing or council; the thing in the address is only chosen, by anyone.
CHOSEN = {"matches.ask", "frameworks.use", "framework_drafts.start"}
SHOWN_TO_ITS_BEARER = {"accounts.set_password": "canary-user"}  # whoever holds the one-time link is its person
ENDS_A_VISIT = {"accounts.sign_out", "accounts.switch"}
EVERY = int(os.environ.get("BROKER_WALK_EVERY", "1"))  # 10 asks every tenth cell, for a second database
CHANGING = re.compile(r'name="csrf_token" value="[^"]*"|[0-9a-f]{8}-?[0-9a-f]{4,}|\d+')  # what differs every time
WORD = re.compile(r"canary-[a-z]+-\d+x|ZQ\d+X 9Q")


@dataclass(frozen=True)
class Cell:
    rule: Rule
    method: str
    visitor: Visitor
    thing: Thing | None
    facts: Facts | None

    def __str__(self) -> str:
        about = f" about {self.facts.name} {self.facts.id} ({self.thing.what})" if self.facts and self.thing else ""
        return f"{self.visitor.who}: {self.method} {self.rule}{about}"


def cells(walk: Walk) -> list[Cell]:
    found: list[Cell] = []
    for method in ("GET", "POST"):
        for rule in walk.city.rules(method):
            if rule.endpoint in ENDS_A_VISIT:
                continue
            name = next((n for n in sorted(rule.arguments) if n in walk.city.things), None)
            for thing in walk.city.named_by(rule):
                facts = walk.facts[name, thing.id] if name and thing else None
                found += [Cell(rule, method, visitor, thing, facts) for visitor in walk.visitors(facts)]
    return found[::EVERY]


def expected(walk: Walk, cell: Cell) -> str:
    """What the declared table says of a cell, in a word; nothing here is read from a view but its stamp."""
    access = access_of(walk.city.app, cell.rule.endpoint)
    if access == PUBLIC:
        return "open"
    if cell.visitor.actor is None:
        return "sign in"
    action = Action(str(access))
    if GRANTS[action].get(cell.visitor.actor.role, Reach.NONE) is Reach.NONE:
        return "never"
    return _expected_about(cell, cell.facts, cell.visitor.actor, action)


def _expected_about(cell: Cell, facts: Facts | None, actor: Actor, action: Action) -> str:
    """The same for a role that has the right in general: what of this thing?"""
    if facts is None or facts.name not in AREAS or (cell.rule.endpoint in CHOSEN and facts.is_public):
        return "allowed"
    if facts.name in SEEING and not (facts.exists and facts.reached_by(actor, SEEING[facts.name])):
        return "missing"
    return "allowed" if facts.reached_by(actor, action) else "denied"


STATUS = {"sign in": {302}, "never": {403}, "missing": {404}, "denied": {403, 404}}


class Forms:
    """What a person in good faith would send to each page: learned once, from a visitor whom it lets in."""

    def __init__(self, city: City) -> None:
        self.city, self.known = city, dict[str, Pairs]()

    def sent_to(self, cell: Cell, path: str) -> Pairs:
        endpoint = str(cell.rule.endpoint)
        if endpoint not in self.known:
            fields: dict[str, Field] = {}
            with forms_noted(lambda _endpoint, made: fields.update({field.name: field for field in made})):
                self.city.send("POST", path, cell.visitor.cookie, data={"junk": "1"})
            if fields:
                self.known[endpoint] = [p for f in fields.values() for p in plain_values(f)] + [("deed", "send")]
        return self.known.get(endpoint, [("deed", "send")])


def ask(walk: Walk, cell: Cell, forms: Forms) -> TestResponse:
    city = walk.city
    other = next(iter(counterpart(city, cell.thing)), None) if "other_id" in cell.rule.arguments else None
    path = city.address(cell.rule, cell.thing, other)
    sent: dict[str, Any] = {}
    if cell.method == "POST":
        sent = {"data": form_encoded(forms.sent_to(cell, path)), "content_type": URLENCODED}
    return city.send(cell.method, path, cell.visitor.cookie, **sent)


class Nothing:
    """What each visitor is told about a thing that does not exist: once asked, kept for comparing."""

    def __init__(self, walk: Walk) -> None:
        self.walk, self.told = walk, dict[tuple[object, ...], str]()

    def about(self, cell: Cell, forms: Forms) -> str:
        key = (cell.rule.rule, cell.method, cell.visitor.cookie)
        if key not in self.told:
            nowhere = replace(cell, thing=Thing(987_654_321, "nothing"))
            self.told[key] = steady(ask(self.walk, nowhere, forms))
        return self.told[key]


def steady(answer: TestResponse) -> str:
    return CHANGING.sub("*", answer.get_data(as_text=True))


def problems(walk: Walk, cell: Cell, answer: TestResponse) -> list[str]:
    """Everything in which an answer is not what the table says."""
    wanted, wrong = expected(walk, cell), list[str]()
    if answer.status_code >= 500:
        wrong.append(f"{cell} gave {answer.status_code}")
    if wanted in STATUS and answer.status_code not in STATUS[wanted]:
        wrong.append(f"{cell} gave {answer.status_code}, but it is {wanted}")
    if wanted == "allowed" and answer.status_code == 403 and cell.rule.endpoint not in FINER:
        wrong.append(f"{cell} gave 403, but it is allowed")
    if walk.city.written and (cell.method == "GET" or wanted in STATUS):
        wrong.append(f"{cell} wrote {walk.city.written[0]}")
    read = set(WORD.findall(answer.get_data(as_text=True)))
    shown = SHOWN_TO_ITS_BEARER.get(str(cell.rule.endpoint), "nothing")
    for canary in walk.canaries if read else ():
        if canary.text in read and not canary.may_be_read_by(cell.visitor.actor) and shown not in canary.text:
            wrong.append(f"{cell} shows {canary.text}")
    return wrong


def walk_through(walk: Walk, chosen: list[Cell]) -> tuple[list[str], Counter[str]]:
    forms, nothing, wrong, seen = Forms(walk.city), Nothing(walk), list[str](), Counter[str]()
    # Whoever is let in comes first, so that what a page takes is known before others try it.
    for cell in sorted(chosen, key=lambda cell: expected(walk, cell) != "allowed"):
        answer = ask(walk, cell, forms)
        wrong += problems(walk, cell, answer)
        wanted = expected(walk, cell)
        seen[wanted] += 1
        seen["wrote"] += bool(walk.city.written)
        seen["shows something private"] += bool(WORD.search(answer.get_data(as_text=True)))
        if wanted == "missing" and cell.facts and cell.facts.exists and steady(answer) != nothing.about(cell, forms):
            wrong.append(f"{cell}: what is private can be told from what does not exist")
    return wrong, seen


def test_every_cell_is_as_the_table_says(walk: Walk) -> None:
    wrong, seen = walk_through(walk, cells(walk))
    total = sum(seen[kind] for kind in ("open", "sign in", "never", "missing", "denied", "allowed"))
    print(f"\n{total:,} cells: {dict(seen)}")
    assert not wrong, "\n".join([f"{len(wrong)} of {total}", *wrong[:40]])
    assert total * EVERY >= 5_000
    assert seen["wrote"] * EVERY > 100, "so few posts wrote anything that refusals prove little"
    assert seen["shows something private"] * EVERY > 200, "so few pages show anything private that hiding proves little"


def test_a_page_that_forgets_to_ask_whose_it_is_would_be_seen(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a loader that finds whatever it is asked for, the walk fails."""
    monkeypatch.setattr(guard, "within", lambda model, *_: model.id == model.id)
    monkeypatch.setattr(guard, "can", lambda *_: True)
    chosen = [cell for cell in cells(walk) if cell.facts and cell.facts.name in ("match_id", "partnership_id")]
    wrong, _ = walk_through(walk, chosen)
    assert len(wrong) > 50


def test_every_column_of_words_is_public_or_private() -> None:
    """A new column must be placed in one of the lists, so that a private one gets its canary."""
    assert columns_of_words() >= PRIVATE | NEVER_SHOWN
