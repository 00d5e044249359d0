"""The demonstration city as a target: everybody signed in, a thing of every kind in every state, nothing kept.

What a request would commit is written and taken back, so that every request meets the same city.
"""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest import mock

from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse
from wtforms import Field

from broker import create_app
from broker.actions.checking import ask_owner
from broker.actions.demonstration import load_city
from broker.actions.framework_drafts import start_draft
from broker.actions.frameworks import load_shipped
from broker.actions.synonyms import add_synonym, switch_off_synonym
from broker.domain.clock import now, today
from broker.domain.kinds import DEMAND, GuessState, ListingKind, PlanMode, PostingState, Role
from broker.domain.permissions import Actor
from broker.store.accounts import Membership, OneTimeLink, SignIn, User, hash_token
from broker.store.authorities import Authority
from broker.store.base import db, set_reading
from broker.store.fairness import ListingBoost
from broker.store.frameworks import Framework
from broker.store.guesses import ListingGuess
from broker.store.imports import Import
from broker.store.listings import Listing, Posting
from broker.store.matches import Match
from broker.store.need_groups import NeedGroup, NeedGroupMember
from broker.store.organisations import Organisation, Registration
from broker.store.partnerships import Partnership
from broker.store.plans import Plan, PlanLine
from broker.store.synonyms import Synonym, SynonymPhrase
from broker.web.converters import Id
from broker.web.forms.base import BaseForm
from tests.chain import found_chains

LESSER = (Role.COLLEAGUE, Role.CONTRACT_MANAGER, Role.COUNCILLOR)
ROLES = ("stranger", *(str(role) for role in (Role.MEMBER, Role.OFFICER, *LESSER, Role.ADMINISTRATOR)))
HOME = "X99000001"  # the council whose officer we are
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)", re.IGNORECASE)
# What differs from one run to the next, but for the year of what test_mass_assignment.py smuggles in.
UNSTEADY = re.compile(
    r"(?!2031)\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.\d+:]*|\b[0-9a-f]{16,64}\b|^[A-Za-z0-9_-]{43}$|\$argon2.*|gAAAA.*",
    re.DOTALL,
)
# That somebody was here, and the row that /readyz writes and takes back to learn whether it could.
OF_ITS_OWN = re.compile(r"^\s*\w+( INTO| FROM)? sign_in\b|readiness probe")


@dataclass(frozen=True)
class Thing:
    """Something that an address can name, and the membership that owns it (None: nobody in particular)."""

    id: int
    what: str
    owner: int | None = None


@dataclass
class City:
    app: Flask
    things: dict[str, list[Thing]] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    owners: dict[int, str] = field(default_factory=dict)
    staff: list[str] = field(default_factory=list)  # every officer of every council, and the administrators
    served: int = 0  # an organisation of the officer's area
    written: list[tuple[str, str]] = field(default_factory=list)
    sent: int = 0

    def client(self) -> FlaskClient:
        return self.app.test_client(use_cookies=False)

    def cookie(self, rule: Rule, role: str, thing: Thing | None = None) -> str:
        """Who sends it: where a member is wanted, the thing's own people, or whoever has something that fits it."""
        if role != Role.MEMBER or thing is None:
            return self.cookies[role]
        if rule.endpoint == "matches.ask":
            thing = next(iter(counterpart(self, thing)), thing)
        return self.owners.get(thing.owner or 0, self.cookies[role])

    def send(self, method: str, path: str, cookie: str = "", **kwargs: Any) -> TestResponse:
        """One request as this person; what it wrote stands in `written` until the next one."""
        self.written.clear()
        self.sent += 1
        headers = {"Cookie": cookie, **kwargs.pop("headers", {})}
        return self.client().open(path, method=method, headers=headers, **kwargs)

    def rules(self, method: str) -> list[Rule]:
        return [
            rule
            for rule in sorted(self.app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ())))
            if rule.endpoint != "static" and method in (rule.methods or set())
        ]

    def address(self, rule: Rule, thing: Thing | None, other: Thing | None = None) -> str:
        values: dict[str, object] = {}
        for name, converter in rule._converters.items():
            choices = sorted(getattr(converter, "items", ()))
            if name == "other_id":
                values[name] = other.id if other else 1
            elif name in self.things:
                values[name] = thing.id if thing else 1
            elif isinstance(converter, Id):
                values[name] = 1
            else:
                values[name] = choices[0] if choices else "a-token-of-the-city"
        path = self.app.url_map.bind("localhost").build(rule.endpoint, values)
        return f"{path}?organisation={self.served}" if rule.endpoint == "listings.new" else path

    def named_by(self, rule: Rule) -> list[Thing | None]:
        """What the rule's address can name; a lone None where it names nothing."""
        name = next((name for name in sorted(rule.arguments) if name in self.things), None)
        return list(self.things[name]) if name else [None]


def found_city() -> City:
    """Build it in the instance folder of the moment: a database of its own, and an app on it."""
    set_reading(False)
    app = create_app({"TESTING": True, "WTF_CSRF_ENABLED": False, "SECRET_KEY": "t" * 40})
    city = City(app)
    with app.app_context():
        db.create_all()
        load_shipped()
        load_city()
        _people(city)
        _things(city)
        db.session.add(
            OneTimeLink(
                token_hash=hash_token("a-token-of-the-city"),
                user_id=db.session.scalars(select(User.id)).first(),
                created_at=now(),
                expires_at=now() + timedelta(days=1),
            )
        )
        db.session.commit()
    return city


@contextmanager
def nothing_kept(city: City) -> Iterator[None]:
    """While this lasts a commit writes everything, notes what it wrote, and takes it back."""

    def note(_c: object, _cursor: object, text: str, parameters: object, *_rest: object) -> None:
        if WRITES.match(text) and not OF_ITS_OWN.search(f"{text} {parameters}"):
            city.written.append((text, _steady(parameters)))

    def commit() -> None:
        db.session.flush()
        db.session.rollback()
        db.session.info.clear()

    with city.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    with mock.patch.object(db.session, "commit", commit):
        yield
    event.remove(engine, "before_cursor_execute", note)
    with city.app.app_context():
        db.session.remove()
        db.engine.dispose()


def _steady(parameters: object) -> str:
    """Values without those that differ from one run to the next: moments, tokens, hashes."""
    if isinstance(parameters, (list, tuple)):
        return repr([_steady(value) for value in parameters])
    text = str(parameters)
    return UNSTEADY.sub("*", text)


def _people(city: City) -> None:
    """A sign-in for each role and for every organisation's people."""
    home = db.session.scalars(select(Authority).where(Authority.code == HOME)).one()
    for organisation in db.session.scalars(select(Organisation)).all():
        membership = db.session.scalars(select(Membership).where(Membership.organisation_id == organisation.id)).first()
        if membership is None:
            person = User(email=f"of{organisation.id}@example.org", name="Someone", created_at=now())
            membership = Membership(user=person, role=Role.MEMBER, organisation=organisation, created_at=now())
            db.session.add(membership)
            db.session.flush()
        city.owners[organisation.id] = _sign_in(city.app, membership.id)
    officer = select(Membership.id).where(Membership.authority_id == home.id)
    administrator = db.session.scalars(select(Membership).where(Membership.role == Role.ADMINISTRATOR)).first()
    if administrator is None:
        person = User(email="administrator@example.org", name="Someone", created_at=now())
        administrator = Membership(user=person, role=Role.ADMINISTRATOR, created_at=now())
        db.session.add(administrator)
        db.session.flush()
    on_staff = select(Membership.id).where(Membership.role != Role.MEMBER).order_by(Membership.id)
    city.staff = [_sign_in(city.app, number) for number in db.session.scalars(on_staff)]
    city.cookies = {
        "stranger": "",
        str(Role.MEMBER): next(iter(city.owners.values())),
        str(Role.OFFICER): _sign_in(city.app, db.session.scalars(officer).first() or 0),
        str(Role.ADMINISTRATOR): _sign_in(city.app, administrator.id),
    }


def _sign_in(app: Flask, membership_id: int) -> str:
    token = secrets.token_urlsafe(32)
    at = now()
    later = at + timedelta(1)  # the city outlasts what a person may leave alone, and what counts as fresh
    row = SignIn(
        token_hash=hash_token(token), membership_id=membership_id, created_at=at, expires_at=later,
        last_seen_at=later, proved_at=later,
    )  # fmt: skip
    db.session.add(row)
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"broker={serializer.dumps({'_user_id': token, '_fresh': True})}"


def _things(city: City) -> None:
    """One of each kind in each state at home, one elsewhere, and ids that nothing has."""
    home = db.session.scalars(select(Authority).where(Authority.code == HOME)).one()
    rows: dict[str, list[tuple[Any, str, int, bool]]] = {
        "registration_id": [
            (r.id, r.state, r.organisation_id, r.authority_id == home.id)
            for r in db.session.scalars(select(Registration))
        ],
        "organisation_id": [
            (
                r.organisation_id,
                f"{r.state}{bool(r.organisation.claimed_at)}",
                r.organisation_id,
                r.authority_id == home.id,
            )
            for r in db.session.scalars(select(Registration))
        ],
        "posting_id": [
            (p.id, p.state, p.listing.organisation_id, p.authority_id == home.id)
            for p in db.session.scalars(select(Posting))
        ],
        "listing_id": [
            (p.listing_id, f"{p.state} {p.listing.kind}", p.listing.organisation_id, p.authority_id == home.id)
            for p in db.session.scalars(select(Posting))
        ],
        "match_id": [
            (
                m.id,
                m.state,
                m.demand.organisation_id if m.id % 2 else m.supply.organisation_id,
                m.authority_id == home.id,
            )
            for m in db.session.scalars(select(Match))
        ],
        "partnership_id": [
            (p.id, p.state, p.match.demand.organisation_id, p.authority_id == home.id)
            for p in db.session.scalars(select(Partnership))
        ],
    }
    for name, found in rows.items():
        first: dict[str, Thing] = {}
        for key, state, owner, is_home in found:
            first.setdefault(str(state) if is_home else "elsewhere", Thing(key, str(state), owner))
        city.things[name] = [*first.values(), Thing(987_654_321, "nothing")]
    own = db.session.scalars(select(Framework).where(Framework.code == home.framework_code)).all()
    officer = Actor(Role.OFFICER, authority_id=home.id)
    city.served = next(key for key, state, _, is_home in rows["organisation_id"] if is_home and state == "approvedTrue")
    waiting = select(Posting).where(Posting.state == PostingState.SUBMITTED, Posting.authority_id == home.id)
    ask_owner(db.session.scalars(waiting).first(), officer, question="Who is it for?")
    draft = start_draft(next(each for each in own if each.status == "current"), officer)
    others = db.session.scalars(select(Framework).where(Framework.id.not_in([draft.id, *(f.id for f in own)]))).all()
    city.things["framework_id"] = [
        Thing(draft.id, "draft"), *(Thing(f.id, f.status) for f in own), *(Thing(f.id, "other") for f in others[:3])
    ]  # fmt: skip
    brought = Import(authority=home, filename="needs.csv", content=b"id,title", created_at=now())
    db.session.add(brought)
    db.session.flush()
    city.things["import_id"] = [Thing(brought.id, "waiting")]
    plans = [
        Plan(authority=home, mode=mode, cap=3, created_at=now(), finished_at=done)
        for mode, done in ((PlanMode.SPREAD, now()), (PlanMode.BEST_TOTAL, None))
    ]
    pair = db.session.scalars(select(Match).where(Match.authority_id == home.id)).first()
    line = PlanLine(plan=plans[0], demand=pair.demand, supply=pair.supply, part=1.0, score=0.5)
    db.session.add_all([*plans, line])
    db.session.flush()
    city.things["plan_id"] = [Thing(plan.id, "ready" if plan.finished_at else "waiting") for plan in plans]
    city.things["line_id"] = [Thing(line.id, "line")]
    city.things["guess_id"] = _guesses(city)
    city.things["synonym_id"] = _synonyms(officer)
    city.things["boost_id"], city.things["group_id"] = _fairness(city, home)
    _chains(city, home)


def _chains(city: City, home: Authority) -> None:
    """What is promised, done, proven and claimed, and somebody signed in for each role that sees a part of it."""
    chain, found = found_chains(home)
    for name, key, what, owner in found:
        city.things.setdefault(name, []).append(Thing(key, what, owner))
    for name in {name for name, *_ in found}:
        city.things[name].append(Thing(987_654_321, "nothing"))
    city.cookies |= {str(role): _sign_in(city.app, each.id) for role, each in chain.people.items()}


def _guesses(city: City) -> list[Thing]:
    """A few guesses, each under its listing's own number: one id in an address stands for both."""
    found = [thing for thing in city.things["listing_id"] if thing.owner][:3]
    for thing in found:
        guess = ListingGuess(
            id=thing.id, listing_id=thing.id, what="theme", value="H09", state=GuessState.GUESSED, guessed_at=now()
        )
        db.session.add(guess)
    db.session.flush()
    return [*found, Thing(987_654_321, "nothing")]


def _synonyms(officer: Actor) -> list[Thing]:
    """An entry that ships, one of the officers', one that is switched off."""
    kinds: dict[str, list[str]] = {"kinds": [], "themes": []}
    own = add_synonym(officer, name="of our own", say=["warm hub", "warm room"], hint=[], **kinds)
    off = add_synonym(officer, name="switched off", say=["cold hub", "cold room"], hint=[], **kinds)
    switch_off_synonym(off, officer)
    shipped = Synonym(name="that ships", is_shipped=True, changed_at=now())
    shipped.phrases = [
        SynonymPhrase(text=text, telling="say", is_shipped=True, added_at=now()) for text in ("lathe", "loom")
    ]
    db.session.add(shipped)
    db.session.flush()
    return [Thing(shipped.id, "shipped"), Thing(own.id, "own"), Thing(off.id, "off"), Thing(987_654_321, "nothing")]


def _fairness(city: City, home: Authority) -> tuple[list[Thing], list[Thing]]:
    """A boost that counts and one that has ended; a group of needs that are open, and one that is gone."""
    nothing = Thing(987_654_321, "nothing")
    lifted = next(thing.id for thing in city.things["listing_id"] if thing.what == "open need")
    facts: dict[str, Any] = {"listing_id": lifted, "authority": home, "level": 2, "reason": "New", "made_at": now()}
    boosts = [ListingBoost(**facts, ends_on=today() + timedelta(days=30)), ListingBoost(**facts, ends_on=today())]
    boosts[1].ended_at = now()
    needs = db.session.scalars(
        select(Listing.id)
        .join(Posting)
        .where(Listing.kind == ListingKind.NEED, Posting.state == PostingState.OPEN, Posting.authority_id == home.id)
        .limit(3)
    ).all()
    groups = [
        NeedGroup(authority=home, shares=["laptops"], organisations=len(ids), wards=2, computed_at=now())
        for ids in (needs, [])
    ]
    groups[0].members = [NeedGroupMember(listing_id=each) for each in needs]
    db.session.add_all([*boosts, *groups])
    db.session.flush()
    return (
        [Thing(boosts[0].id, "counts"), Thing(boosts[1].id, "ended"), nothing],
        [Thing(groups[0].id, "open"), Thing(groups[1].id, "gone"), nothing],
    )


def counterpart(city: City, thing: Thing | None) -> list[Thing]:
    """What a listing could be paired with: one on the other side, one on its own."""
    if thing is None:
        return []
    is_demand = thing.what.split()[-1] in DEMAND
    open_ones = [each for each in city.things["listing_id"] if each.what.startswith("open")]
    other = [each for each in open_ones if (each.what.split()[-1] in DEMAND) is not is_demand]
    return other[:1] + [each for each in open_ones if each.id != thing.id][:1]


@contextmanager
def forms_noted(note: Callable[[str, list[Field]], None]) -> Iterator[None]:
    """Tell `note` of each form that a view makes: its endpoint, and its fields."""
    made = BaseForm.validate

    def validate(self: BaseForm, *args: Any, **kwargs: Any) -> bool:
        note(str(request.endpoint), list(self))
        return bool(made(self, *args, **kwargs))

    with mock.patch.object(BaseForm, "validate", validate):
        yield
