"""Each cell of the walk, and what the declared table says of it; nothing is read from a view but its stamp."""

from dataclasses import dataclass

from werkzeug.routing import Rule

from broker.domain.permissions import GRANTS, Action, Actor, Reach
from broker.web.guard import PUBLIC, access_of
from tests.city import Thing
from tests.walk.facts import AREAS, SEEING, Facts
from tests.walk.visitors import Visitor, Walk

# Where a deed asks more than the table does, and why; a refusal is right there, whatever else is.
FINER = {
    "matches.withdraw": "the side that asked takes it back; the side that was asked declines instead",
    "people.take_role_away": "nobody takes away their own place as administrator",
    "people.switch_off": "nobody switches off their own account",
    "frameworks.use": "a council takes a frame of its own, or one of nobody's, and only once it is in force",
}
# What is done with the visitor's own listing or council; the thing in the address is only chosen, by anyone.
CHOSEN = {"matches.ask", "frameworks.use", "framework_drafts.start"}
# Whoever holds the one-time link is its person, or answers for who received what was done.
SHOWN_TO_ITS_BEARER = {
    "passwords.set_password": ("canary-user",),
    "confirmations.by_link": ("canary-said", "canary-place"),
}
# Pages that end or change the visit itself.
ENDS_A_VISIT = {"accounts.sign_out", "accounts.switch"}

# A browser whose sign-in has ended is given back what it wrote, with a 403.
STATUS = {"sign in": {302}, "sign in again": {302, 403}, "never": {403}, "missing": {404}, "denied": {403, 404}}


@dataclass(frozen=True)
class Cell:
    """One question: who asks which page, by which method, about what."""

    rule: Rule
    method: str
    visitor: Visitor
    thing: Thing | None
    facts: Facts | None

    def __str__(self) -> str:
        about = f" about {self.facts.name} {self.facts.id} ({self.thing.what})" if self.facts and self.thing else ""
        return f"{self.visitor.who}: {self.method} {self.rule}{about}"


def cells(walk: Walk) -> list[Cell]:
    """Every page by GET and POST, about every thing that its address can name, as each kind of visitor to it."""
    found: list[Cell] = []
    for method in ("GET", "POST"):
        for rule in walk.city.rules(method):
            if rule.endpoint in ENDS_A_VISIT:
                continue
            name = next((n for n in sorted(rule.arguments) if n in walk.city.things), None)
            for thing in walk.city.named_by(rule):
                facts = walk.facts[name, thing.id] if name and thing else None
                found += [Cell(rule, method, visitor, thing, facts) for visitor in walk.visitors(facts)]
    return found


def expected(walk: Walk, cell: Cell) -> str:
    """What the declared table says of a cell, in a word; nothing here is read from a view but its stamp."""
    access = access_of(walk.city.app, cell.rule.endpoint)
    if access == PUBLIC:
        return "open"
    if cell.visitor.actor is None:
        return "sign in again" if cell.visitor.cookie and cell.method == "POST" else "sign in"
    action = Action(str(access))
    if GRANTS[action].get(cell.visitor.actor.role, Reach.NONE) is Reach.NONE:
        return "never"
    return _expected_about(cell, cell.facts, cell.visitor.actor, action)


def _expected_about(cell: Cell, facts: Facts | None, actor: Actor, action: Action) -> str:
    """The same for a role that has the right in general: what of this thing?"""
    if facts is None or facts.name not in AREAS or (cell.rule.endpoint in CHOSEN and facts.is_public):
        return "allowed"
    if facts.name in SEEING and not (facts.exists and facts.reached_by(actor, _seeing(facts.name, actor, action))):
        return "missing"
    return "allowed" if facts.reached_by(actor, action) else "denied"


def _seeing(name: str, actor: Actor, action: Action) -> Action:
    """By which right somebody knows of such a thing: whoever sees none of them, by what was handed to them."""
    sees = GRANTS[SEEING[name]].get(actor.role, Reach.NONE) is not Reach.NONE
    return SEEING[name] if sees else action
