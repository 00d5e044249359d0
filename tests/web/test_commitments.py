"""Promises on screen: one plan, one promise with its steps, and kind words for what does not fit."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from broker.domain.clock import now, today
from broker.domain.kinds import CommitmentState, Role
from broker.domain.permissions import GRANTS, Action
from broker.store.accounts import Membership, User
from broker.store.base import db
from broker.store.commitments import Commitment
from broker.store.milestones import Milestone
from broker.web.guard import PUBLIC, access_of
from tests import make
from tests.conftest import PageChecker

SignIn = Callable[[Membership], PageChecker]
SECRET = "£765,432"  # what the contract is worth


def day(name: str, on: Any) -> dict[str, str]:
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}


@dataclass
class Scene:
    """A supplier with a contract in one area and a pledge in another, and the people around them."""

    ids: dict[str, int] = field(default_factory=dict)
    people: dict[str, Membership] = field(default_factory=dict)

    def typed(self, **facts: str) -> dict[str, str]:
        due = day("due_on", today() + timedelta(days=300))
        return {"measure": str(self.ids["hours"]), "quantity": "40", "what": "We help out", **due, **facts}


@pytest.fixture
def scene(app: Flask) -> Scene:
    with app.app_context():
        area, other = make.authority("Northmere"), make.authority("Westerby")
        firm, rival = make.supplier(area, other, name="Quayside Builders"), make.supplier(area)
        group = make.organisation(area)
        hours, devices = make.measure(), make.measure(label="Devices given", unit="devices", unit_kind="count")
        colleague = make.user(name="Cal League")
        manager = make.user()
        homes = make.contract(area, firm, title="Homes", value=Decimal(765_432), spent=Decimal(30_000), manager=manager)
        grows = {"contract": homes, "quantity": Decimal(2), "per_pounds": Decimal(10_000), "owner": colleague}
        under = make.commitment(area, firm, hours, **grows, what="Digging gardens")
        pledge = make.commitment(other, firm, devices, quantity=Decimal(5), what="Old laptops")
        make.commitment(area, rival, hours, what="A rival's promise")
        kept = {"commitment": under, "committed_amount": Decimal(3)}
        helping = make.partnership(area, firm, group, **kept, what="Beds for the garden")
        other_partnership = make.partnership(area, firm, group, what="Something else")
        late = Milestone(commitment=under, what="The first hour", due_on=today() - timedelta(days=2))
        db.session.add(late)
        made = Scene()
        for role, person, place in (
            (Role.COLLEAGUE, colleague, {"organisation": firm}),
            (Role.CONTRACT_MANAGER, manager, {"authority": area}),
        ):
            made.people[str(role)] = Membership(user=person, role=role, created_at=now(), **place)
            db.session.add(made.people[str(role)])
        made.people |= {
            "member": make.member(firm),
            "rival": make.member(rival),
            "group": make.member(group),
            "officer": make.officer(area),
            "elsewhere": make.officer(other),
            "administrator": make.administrator(),
        }
        db.session.commit()
        made.ids = {
            "area": area.id, "other": other.id, "firm": firm.id, "homes": homes.id, "under": under.id,
            "pledge": pledge.id, "hours": hours.id, "devices": devices.id, "step": late.id,
            "helping": helping.id, "other_partnership": other_partnership.id,
        }  # fmt: skip
        for person in made.people.values():
            db.session.refresh(person)
            db.session.expunge(person)
        return made


SEEN = {
    "member": {"under", "pledge"},
    "rival": set(),
    "group": set(),
    "officer": {"under"},
    "elsewhere": {"pledge"},
    "administrator": {"under", "pledge"},
    "colleague": {"under"},
    "contract_manager": {"under"},
}
WORDS = {"under": "Digging gardens", "pledge": "Old laptops"}


@pytest.mark.parametrize(("who", "seen"), SEEN.items())
def test_who_sees_which_promise(scene: Scene, sign_in: SignIn, who: str, seen: set[str]) -> None:
    client = sign_in(scene.people[who])
    page = client.get("/commitments").text
    assert {name for name, words in WORDS.items() if words in page} == seen
    for name in WORDS:
        assert client.get(f"/commitments/{scene.ids[name]}").status_code == (200 if name in seen else 404)


def test_one_plan_over_all_councils(scene: Scene, sign_in: SignIn) -> None:
    page = sign_in(scene.people["member"]).get("/commitments").text
    assert page.index("Homes</a>, Northmere") < page.index("Pledges to Westerby")
    assert "6 hours: Volunteering" in page
    assert "2 hours for every £10,000 spent" in page
    assert "A step is late" in page


def test_a_promise_says_how_it_grows(scene: Scene, sign_in: SignIn) -> None:
    page = " ".join(sign_in(scene.people["member"]).get(f"/commitments/{scene.ids['under']}").text.split())
    assert "£30,000 are spent so far, so 6 hours" in page
    assert f"Once all of {SECRET} is spent: 153.08 hours" in page


HIDDEN = ["/contracts", "/listings/new", "/my-listings", "/my-matches", "/my-organisation", "/desk", "/commitments/new"]


def test_a_colleague_sees_the_one_promise_and_nothing_else(scene: Scene, sign_in: SignIn) -> None:
    client = sign_in(scene.people["colleague"])
    page = client.get(f"/commitments/{scene.ids['under']}").text
    for hidden in (SECRET, "£30,000", "/contracts/", "/edit", "/hand-over", "What happened"):
        assert hidden not in page
    assert client.get(f"/contracts/{scene.ids['homes']}").status_code == 403
    for path in HIDDEN:
        assert client.get(path).status_code == 403, path
    for path in (f"/organisations/{scene.ids['firm']}/people", f"/commitments/{scene.ids['under']}/edit"):
        assert client.get(path).status_code == 403, path
    for contact in ("01632", "@example.org"):
        assert contact not in client.get(f"/organisations/{scene.ids['firm']}").text
    assert client.post(f"/milestones/{scene.ids['step']}/reach").status_code == 303


def test_a_colleague_logs_what_was_done_for_the_promise_and_for_no_other(scene: Scene, sign_in: SignIn) -> None:
    client = sign_in(scene.people["colleague"])
    path = f"/partnerships/{scene.ids['helping']}"
    page = client.get(f"/commitments/{scene.ids['under']}").text
    assert f"{path}/deliveries/new" in page
    assert "Beds for the garden" in page
    assert "Something else" not in page
    assert f'href="{path}"' not in page
    form = client.get(f"{path}/deliveries/new")
    assert form.status_code == 200
    for contact in ("01632", "@example.org", f'href="{path}"'):
        assert contact not in form.text
    assert client.get(path).status_code == 403
    assert client.get(f"/partnerships/{scene.ids['other_partnership']}/deliveries/new").status_code == 404


def test_a_contract_manager_reads_and_changes_nothing(scene: Scene, sign_in: SignIn) -> None:
    client = sign_in(scene.people["contract_manager"])
    assert SECRET in client.get(f"/contracts/{scene.ids['homes']}").text
    assert "/edit" not in client.get(f"/commitments/{scene.ids['under']}").text
    assert client.post(f"/milestones/{scene.ids['step']}/reach").status_code == 403
    assert client.get(f"/commitments/new?contract={scene.ids['homes']}").status_code == 403


def test_pages_are_cheap(scene: Scene, sign_in: SignIn, statements: list[str]) -> None:
    client = sign_in(scene.people["officer"])
    member = sign_in(scene.people["member"])
    for path, most in (("/commitments", 3), (f"/commitments/{scene.ids['under']}", 6), ("/commitments/new", 2)):
        for visitor in (client, member):
            visitor.get(path)
            statements.clear()
            visitor.get(path)
            assert len(statements) <= most, (path, statements)


def test_promising_under_a_contract(scene: Scene, sign_in: SignIn, app: Flask) -> None:
    client, path = sign_in(scene.people["member"]), f"/commitments/new?contract={scene.ids['homes']}"
    assert SECRET in client.get(path).text
    answer = client.post(path, data=scene.typed(per_pounds="10,000", quantity="2"))
    assert answer.status_code == 303
    with app.app_context():
        made = db.session.get_one(Commitment, int(answer.location.rsplit("/", 1)[1]))
        assert (made.promised, made.what, made.authority_id) == (6, "We help out", scene.ids["area"])


def test_a_pledge_begins_with_the_council(scene: Scene, sign_in: SignIn, app: Flask) -> None:
    client = sign_in(scene.people["member"])
    page = client.get("/commitments/new").text
    assert f"/commitments/new?authority={scene.ids['other']}" in page
    answer = client.post(f"/commitments/new?authority={scene.ids['other']}", data=scene.typed())
    assert answer.status_code == 303
    with app.app_context():
        made = db.session.get_one(Commitment, int(answer.location.rsplit("/", 1)[1]))
        assert (made.authority_id, made.contract_id) == (scene.ids["other"], None)
    assert "Promises are for suppliers" in sign_in(scene.people["group"]).get("/commitments/new").text


def test_an_officer_writes_for_a_supplier(scene: Scene, sign_in: SignIn) -> None:
    client = sign_in(scene.people["officer"])
    assert client.get("/commitments/new").status_code == 200
    assert client.post(f"/commitments/new?supplier={scene.ids['firm']}", data=scene.typed()).status_code == 303
    assert client.post(f"/commitments/new?contract={scene.ids['homes']}", data=scene.typed()).status_code == 303


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"quantity": ""}, "Say how much, as a number"),
        ({"measure": "", "quantity": "", "due_on-day": "", "due_on-month": "", "due_on-year": ""}, "Choose a measure"),
        ({"quantity": "x", "per_pounds": "y"}, "Enter a number, such as 10 or 2.5 (How much?)"),
        ({"quantity": "-3"}, "Enter a number above 0"),
        ({"quantity": "1.005"}, "at most two figures after the point"),
        ({"quantity": "lots"}, "Enter a number, such as 10"),
        ({"quantity": "1000001"}, "tick the box beneath the number"),
        ({"quantity": "9" * 12}, "below 1,000,000,000"),
        ({"quantity": "9" * 40}, "Enter a number, such as 10"),
        ({"measure": ""}, "Choose a measure"),
        ({"measure": "9" * 30}, "Choose a measure"),
        ({"per_pounds": "0"}, "Enter a number above 0"),
        ({"due_on-year": "2199"}, "at most a year after the end"),
        ({"due_on-year": "1999"}, "on or after the first day"),
        ({"due_on-day": "31", "due_on-month": "2"}, "Enter a real date"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_lost(
    scene: Scene, sign_in: SignIn, facts: dict[str, str], said: str
) -> None:
    client = sign_in(scene.people["member"])
    answer = client.post(f"/commitments/new?contract={scene.ids['homes']}", data=scene.typed(**facts))
    assert (answer.status_code, said in answer.text) == (422, True), answer.text
    assert "We help out" in answer.text


def test_whole_things_and_numbers_that_are_meant(scene: Scene, sign_in: SignIn) -> None:
    client, path = sign_in(scene.people["member"]), f"/commitments/new?contract={scene.ids['homes']}"
    answer = client.post(path, data=scene.typed(measure=str(scene.ids["devices"]), quantity="2.5"))
    assert "enter a whole number" in answer.text
    assert client.post(path, data=scene.typed(quantity="1000001", sure="y")).status_code == 303


def test_less_is_for_the_officer(scene: Scene, sign_in: SignIn, app: Flask) -> None:
    path = f"/commitments/{scene.ids['pledge']}/edit"
    less = scene.typed(measure=str(scene.ids["devices"]), quantity="4")
    less |= day("due_on", today() + timedelta(days=100))
    member, officer = sign_in(scene.people["member"]), sign_in(scene.people["elsewhere"])
    answer = member.post(path, data=less)
    assert (answer.status_code, "an officer of the council has to grant it" in answer.text) == (422, True)
    assert member.post(path, data={**less, "quantity": "6"}).status_code == 303
    answer = officer.post(path, data=less)
    assert (answer.status_code, "Say why it is less, later or something else" in answer.text) == (422, True)
    assert officer.post(path, data={**less, "reason": "Two laptops broke"}).status_code == 303
    assert "Two laptops broke" in member.get(f"/commitments/{scene.ids['pledge']}").text
    late = officer.post(path, data={**less, "quantity": "9", "seen": "1"})
    assert (late.status_code, "changed after you opened the page" in late.text) == (422, True)


def test_letting_a_supplier_off(scene: Scene, sign_in: SignIn, app: Flask) -> None:
    path = f"/commitments/{scene.ids['pledge']}/withdraw"
    assert sign_in(scene.people["member"]).get(path).status_code == 403
    client = sign_in(scene.people["elsewhere"])
    assert client.post(path, data={"reason": ""}).status_code == 422
    assert client.post(path, data={"reason": "They closed"}).status_code == 303
    assert "They closed" in client.get(f"/commitments/{scene.ids['pledge']}").text
    assert client.post(path, data={"reason": "Again"}).status_code == 409
    with app.app_context():
        assert db.session.get_one(Commitment, scene.ids["pledge"]).state == CommitmentState.WITHDRAWN


def test_steps_are_set_changed_and_reached(scene: Scene, sign_in: SignIn) -> None:
    client, path = sign_in(scene.people["member"]), f"/commitments/{scene.ids['pledge']}"
    step = {"what": "Three are wiped", "quantity": "3", **day("due_on", today() + timedelta(days=20))}
    assert client.post(f"{path}/milestones", data={**step, "quantity": "6"}).status_code == 422
    assert client.post(f"{path}/milestones", data={**step, "what": ""}).status_code == 422
    assert client.post(f"{path}/milestones", data=step).status_code == 303
    page = client.get(path).text
    assert "Three are wiped: 3 devices" in page
    number = page.split("/milestones/")[2].split("/")[0]
    later = {**step, **day("due_on", today() + timedelta(days=30))}
    answer = client.post(f"/milestones/{number}/change", data=later)
    assert (answer.status_code, "has to grant it" in answer.text) == (422, True)
    assert sign_in(scene.people["elsewhere"]).post(f"/milestones/{number}/change", data=later).status_code == 303
    assert client.post(f"/milestones/{number}/reach").status_code == 303
    assert "Reached today" in client.get(path).text
    assert client.post(f"/milestones/{number}/reach").status_code == 409


def test_handing_a_promise_over(scene: Scene, sign_in: SignIn, app: Flask) -> None:
    client, path = sign_in(scene.people["member"]), f"/commitments/{scene.ids['pledge']}"
    assert client.post(f"{path}/hand-over", data={"email": "no address"}).status_code == 422
    assert client.post(f"{path}/hand-over", data={"email": "site@builders.example"}).status_code == 303
    page = client.get(path).text
    assert "We have written to site@builders.example" in page
    with app.app_context():
        own = db.session.get_one(User, scene.people["member"].user_id).email
    client.post(f"{path}/hand-over", data={"email": own})
    assert "You see to it yourself now." in client.get(path).text
    client.post(f"{path}/hand-over", data={"email": "site@builders.example"})
    page = client.get(path).text
    assert "site@builders.example (invited)" in page
    assert sign_in(scene.people["elsewhere"]).get(f"{path}/hand-over").status_code == 403
    assert client.post(f"{path}/take-back").status_code == 303
    assert "The organisation itself" in client.get(path).text
    under = f"/commitments/{scene.ids['under']}"
    assert client.post(f"{under}/take-back").status_code == 303
    without = sign_in(scene.people["colleague"])
    gone = without.get(under)
    assert (gone.status_code, "may be in somebody else’s hands now" in gone.text) == (404, True)
    page = without.get("/commitments").text
    assert "Nothing is handed to you just now" in page
    assert "hands at Quayside Builders now" in page
    assert 'href="/account/erase"' in page
    assert "Open one to see its steps" not in page


def opened(app: Flask, role: Role) -> set[str]:
    """The pages that are for this role and not for everybody who has an account."""
    found = set()
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        grants = GRANTS[Action(access)] if access and access != PUBLIC else {}
        if role in grants and set(grants) != set(Role) - {Role.SYSTEM}:
            found.add(rule.endpoint)
    return found


ALIKE = {
    "chains.commitment", "chains.commitment_file", "claims.of_commitment", "claims.show", "commitments.index",
    "commitments.show", "deliveries.show", "evidence.save",
}  # fmt: skip
OPEN = {
    Role.COLLEAGUE: {
        *ALIKE, "confirmations.again", "deliveries.choose", "deliveries.new", "deliveries.withdraw", "evidence.add",
        "evidence.remove", "milestones.reach",
    },
    Role.CONTRACT_MANAGER: {
        *ALIKE, "chains.contract", "chains.contract_file", "contracts.index", "contracts.show",
    },
}  # fmt: skip


@pytest.mark.parametrize(("role", "pages"), OPEN.items())
def test_all_that_is_open_to_whom_something_was_handed(app: Flask, role: Role, pages: set[str]) -> None:
    """Each of these asks for the one promise or contract; whoever opens one more to them says so here."""
    found = opened(app, role)
    assert "commitments.show" in found
    assert found <= pages
