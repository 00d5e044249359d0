"""A walk over every page, as every kind of visitor, with real requests, held against the declared table of rights."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.routing import Rule

from broker.domain.clock import now, today
from broker.domain.kinds import Lane, MatchState, PartnershipState, PlanMode, PostingState, RegistrationState, Role
from broker.domain.permissions import GRANTS, Action, Reach
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.fairness import ListingBoost
from broker.store.frameworks import Framework, Node
from broker.store.imports import Import
from broker.store.need_groups import NeedGroup, NeedGroupMember
from broker.store.partnerships import Partnership
from broker.store.plans import Plan, PlanLine
from broker.web.guard import PUBLIC, access_of
from tests import make

# Tables that a request may write to whoever sends it: the record of who is signed in.
NOT_COUNTED = {"sign_in", "alembic_version"}
ENDS_THE_VISIT = {"accounts.sign_out", "accounts.switch", "sign_ins.end"}
PRIVATE = ("canary-referee", "canary-contact@", "canary-phone", "canary-safeguarding", "canary-note", "ZZ9 9ZZ")


@dataclass(frozen=True)
class World:
    """Two areas, alike in everything, with one person of each role in the first; ids by the name of the parameter."""

    people: dict[Role, Membership]
    here: dict[str, int]
    there: dict[str, int]


def _area(name: str) -> tuple[dict[str, int], dict[Role, Membership]]:
    """One of everything in an authority of its own: its ids by parameter name, and its people."""
    area = make.authority(name)
    framework = Framework(
        code=f"FRAME-{name}", version=1, name=f"Frame of {name}", level="local", status="current",
        wording="provisional", authority=area,
    )  # fmt: skip
    db.session.add(framework)
    db.session.flush()
    db.session.add(Node(framework=framework, code=f"N-{name}", kind="theme", label="A theme"))
    area.framework_code = framework.code
    private = {
        "referee_name": "canary-referee", "contact_email": "canary-contact@example.org",
        "contact_phone": "canary-phone", "postcode": "ZZ9 9ZZ",
    }  # fmt: skip
    group, firm = make.organisation(area, **private), make.supplier(area, **private)
    waiting = make.organisation(area, state=RegistrationState.APPLIED, **private)
    need = make.need(group, area, safeguarding="canary-safeguarding", state=PostingState.DRAFT)
    offer = make.offer(firm, area)
    open_need = make.need(group, area)
    match = make.match(open_need, offer, area)
    agreed = make.match(make.need(group, area), make.offer(firm, area), area, MatchState.CONFIRMED)
    partnership = Partnership(
        match=agreed, authority=area, state=PartnershipState.PLANNED, lane=Lane.TRANSACTIONAL, what="Ten laptops",
        starts_on=today(), ends_on=today() + timedelta(days=30), created_at=now(), framework=framework,
    )  # fmt: skip
    brought = Import(authority=area, filename="needs.csv", content=b"id,title", created_at=now(), finished_at=now())
    plan = Plan(authority=area, mode=PlanMode.SERVE_FIRST, cap=3, created_at=now(), finished_at=now())
    line = PlanLine(plan=plan, demand=make.need(group, area), supply=make.offer(firm, area), part=1.0, score=0.5)
    boost = ListingBoost(
        listing=open_need, authority=area, level=2, reason="canary-note", made_at=now(), ends_on=today()
    )  # fmt: skip
    alike = NeedGroup(authority=area, shares=["laptops"], organisations=1, wards=0, computed_at=now())
    alike.members = [NeedGroupMember(listing_id=each.id) for each in (open_need, line.demand)]
    db.session.add_all([partnership, brought, plan, line, boost, alike])
    db.session.flush()
    ids = {
        "organisation_id": waiting.id, "registration_id": waiting.registrations[0].id, "listing_id": need.id,
        "posting_id": need.postings[0].id, "match_id": match.id, "partnership_id": partnership.id,
        "import_id": brought.id, "plan_id": plan.id, "line_id": line.id, "boost_id": boost.id, "group_id": alike.id,
        "framework_id": framework.id, "authority_id": area.id,
    }  # fmt: skip
    people = {Role.MEMBER: make.member(group), Role.OFFICER: make.officer(area)}
    return ids, people


@pytest.fixture
def world(app: Flask) -> World:
    with app.app_context():
        here, people = _area("Northmere")
        there, _ = _area("Westerby")
        people[Role.ADMINISTRATOR] = make.administrator()
        db.session.commit()
        for person in people.values():
            db.session.refresh(person)
            db.session.expunge(person)
    return World(people, here, there)


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            if rule.endpoint != "static":
                yield rule, method


def address(app: Flask, rule: Rule, ids: dict[str, int]) -> str:
    values: dict[str, object] = {}
    for name, converter in rule._converters.items():
        choices = sorted(getattr(converter, "items", ()))
        values[name] = ids.get(name) or (choices[0] if choices else "1")
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def fingerprint(app: Flask) -> str:
    """What the database holds, in one line; two alike mean that nothing was written."""
    digest = hashlib.sha256()
    with app.app_context():
        for table in db.metadata.sorted_tables:
            if table.name not in NOT_COUNTED:
                digest.update(repr([tuple(row) for row in db.session.execute(select(table))]).encode())
        db.session.rollback()
    return digest.hexdigest()


def stamp(app: Flask, rule: Rule) -> Action | str:
    access = access_of(app, rule.endpoint)
    assert access is not None, f"{rule} does not say who may open it"
    return access


def test_strangers_reach_public_pages_only(app: Flask, world: World) -> None:
    before = fingerprint(app)
    for rule, method in rules(app):
        answer = app.test_client().open(address(app, rule, world.here), method=method)
        where = f"{method} {rule} gave {answer.status_code}"
        if stamp(app, rule) == PUBLIC:
            assert answer.status_code < 500, where
            assert answer.status_code != 403, where
        else:
            assert answer.status_code == 302, where
            assert answer.location == "/sign-in", where
        body = answer.get_data(as_text=True)
        assert not [secret for secret in PRIVATE if secret in body], where
    assert fingerprint(app) == before


@pytest.mark.parametrize("role", [Role.MEMBER, Role.OFFICER, Role.ADMINISTRATOR])
def test_roles_reach_what_the_table_grants(
    app: Flask, world: World, role: Role, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    """What a role never may do is a 403 that writes nothing; what lies outside its reach does not exist (404)."""
    client = sign_in(world.people[role])
    cells = 0
    for rule, method in rules(app):
        access = stamp(app, rule)
        if access == PUBLIC or rule.endpoint in ENDS_THE_VISIT:
            continue
        how_far = GRANTS[Action(str(access))].get(role, Reach.NONE)
        before = fingerprint(app)
        answer = client.open(address(app, rule, world.there), method=method)
        where = f"{role}: {method} {rule} ({access}) gave {answer.status_code}"
        cells += 1
        assert answer.status_code < 500, where
        if how_far is Reach.NONE:
            assert answer.status_code == 403, where
        elif how_far is not Reach.ALL and rule.arguments & set(world.there):
            assert answer.status_code in {403, 404}, where
            body = answer.get_data(as_text=True)
            assert not [secret for secret in PRIVATE if secret in body], where
        else:
            continue
        assert fingerprint(app) == before, where
    assert cells > 40


@pytest.mark.parametrize("role", [Role.MEMBER, Role.OFFICER, Role.ADMINISTRATOR])
def test_reading_writes_nothing(
    app: Flask, world: World, role: Role, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    client = sign_in(world.people[role])
    before = fingerprint(app)
    for rule, method in rules(app):
        if method == "GET":
            answer = client.get(address(app, rule, world.here))
            assert answer.status_code < 500, f"{role}: GET {rule} gave {answer.status_code}"
    assert fingerprint(app) == before


@pytest.mark.parametrize("number", ["0", "-1", "9" * 40, "1.5", "%00", "%F0%9F%8E%88", "1'--"])
def test_strange_ids_are_pages_that_do_not_exist(
    app: Flask, world: World, number: str, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    client = sign_in(world.people[Role.OFFICER])
    for path in (
        "listings",
        "matches",
        "partnerships",
        "postings",
        "registrations",
        "organisations",
        "imports",
        "plans",
    ):
        assert client.get(f"/{path}/{number}").status_code == 404


def test_addresses_are_kebab_case_with_typed_ids(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        assert "_" not in rule.rule.replace("_id>", ">"), rule.rule
        for name in rule.arguments:
            if name.endswith("_id"):
                assert f"<id:{name}>" in rule.rule, rule.rule
        assert rule.endpoint.count(".") == 1, rule.endpoint


def test_deleting_nothing_by_hand(app: Flask) -> None:
    """The fingerprint sees a change of one field, or the walk above would prove nothing."""
    with app.app_context():
        make.authority("Northmere")
        db.session.commit()
    before = fingerprint(app)
    with app.app_context():
        db.session.execute(text("UPDATE authority SET name = 'Elsewhere'"))
        db.session.commit()
    assert fingerprint(app) != before
