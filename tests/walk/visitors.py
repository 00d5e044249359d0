"""Who walks: somebody signed in for every kind of visitor to a thing, in a city with canaries."""

from dataclasses import dataclass, field, replace

from sqlalchemy import select

from broker.actions.accounts import switch_off
from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.store.accounts import Membership, User, actor_of
from broker.store.authorities import Authority
from broker.store.base import db
from broker.web import words
from tests.city import HOME, LESSER, City
from tests.city import _sign_in as sign_in
from tests.walk.canaries import Canary, plant
from tests.walk.facts import Facts, facts_of


@dataclass(frozen=True)
class Visitor:
    """Somebody who asks: who they are to the thing, the browser's cookie, and the actor that it makes."""

    who: str
    cookie: str
    actor: Actor | None


@dataclass(eq=False)
class Walk:
    """The city with everybody who may be met in it."""

    city: City
    canaries: list[Canary] = field(default_factory=list)
    members: dict[int, Visitor] = field(default_factory=dict)
    officers: dict[int, Visitor] = field(default_factory=dict)
    lesser: list[Visitor] = field(default_factory=list)  # of each lesser role one, with the chain at home
    administrator: Visitor = Visitor("administrator", "", None)
    switched_off: Visitor = Visitor("switched off", "", None)
    home: int = 0
    facts: dict[tuple[str, int], Facts] = field(default_factory=dict)

    def visitors(self, thing: Facts | None) -> list[Visitor]:
        """One of each kind: to the thing where there is one, at large where there is none."""
        owners = sorted(thing.owners) if thing else []
        others = sorted(thing.others) if thing else []
        areas = thing.areas if thing and thing.areas else frozenset({self.home})
        unrelated = next(o for o in sorted(self.members) if o not in owners and o not in others)
        chosen = [Visitor("stranger", "", None), self._as("unrelated member", self.members[unrelated])]
        chosen += [self._as("member of the owner", self.members[o]) for o in owners[:1]]
        chosen += [self._as("member of the other side", self.members[o]) for o in [*owners[1:2], *others[:1]]]
        chosen += [self._as("officer of the area", self.officers[a]) for a in sorted(areas)[:1]]
        chosen += [self._as("officer elsewhere", self.officers[a]) for a in sorted(set(self.officers) - areas)[:1]]
        return [*chosen, *self.lesser, self.administrator, self.switched_off]

    def _as(self, who: str, visitor: Visitor) -> Visitor:
        return replace(visitor, who=who)


def _visitor(city: City, who: str, membership: Membership) -> Visitor:
    return Visitor(who, sign_in(city.app, membership.id), actor_of(membership))


def _switched_off(city: City, walk: Walk) -> Visitor:
    """An officer of the area whose account was switched off while a browser was signed in: nobody, from then on."""
    person = User(email="gone@example.org", name="Someone Gone", created_at=now())
    place = Membership(user=person, role=Role.OFFICER, authority_id=walk.home, created_at=now())
    db.session.add(place)
    db.session.flush()
    cookie = sign_in(city.app, place.id)
    switch_off(person, walk.administrator.actor or Actor(Role.SYSTEM), now())
    return Visitor("switched-off officer", cookie, None)


def found_walk(city: City) -> Walk:
    walk = Walk(city)
    for membership in db.session.scalars(select(Membership).where(Membership.role == Role.MEMBER)):
        walk.members.setdefault(membership.organisation_id or 0, _visitor(city, "member", membership))
    for area in db.session.scalars(select(Authority)):
        officers = select(Membership).where(Membership.authority_id == area.id, Membership.role == Role.OFFICER)
        officer = db.session.scalars(officers).first()
        if officer is None:
            person = User(email=f"officer{area.id}@example.org", name="Someone", created_at=now())
            officer = Membership(user=person, role=Role.OFFICER, authority=area, created_at=now())
            db.session.add(officer)
            db.session.flush()
        walk.officers[area.id] = _visitor(city, "officer", officer)
        walk.home = area.id if area.code == HOME else walk.home
    for role in LESSER:
        person = select(Membership).where(Membership.role == role, Membership.user.has(name="Someone"))
        chosen = db.session.scalars(person.order_by(Membership.id)).first()
        walk.lesser.append(_visitor(city, words.ROLE[role].lower(), chosen))
    administrator = select(Membership).where(Membership.role == Role.ADMINISTRATOR)
    walk.administrator = _visitor(city, "administrator", db.session.scalars(administrator).first())
    walk.switched_off = _switched_off(city, walk)
    walk.facts = {
        (name, thing.id): facts_of(name, thing.id) for name, things in city.things.items() for thing in things
    }
    walk.canaries = plant()
    db.session.commit()
    return walk
