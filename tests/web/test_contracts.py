"""The register of contracts: who sees which, registering with a supplier found by search, and changing one."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from broker.domain.clock import today
from broker.domain.kinds import Role
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.contracts import Contract
from tests import make
from tests.conftest import PageChecker

SignIn = Callable[[Membership], PageChecker]
TYPED = {
    "title": "Mending  homes",
    "buyer": "Housing",
    "value": "£250,000",
    "spent": "0",
    "starts_on-day": "1", "starts_on-month": "4", "starts_on-year": "2027",
    "ends_on-day": "31", "ends_on-month": "3", "ends_on-year": "2030",
    "manager_id": "0",
    "manager_name": "A. Keeper",
    "identifier": "ocds-h6vhtk-03c8d1",
}  # fmt: skip


@dataclass
class Scene:
    """Two suppliers of an area, a contract with the first, and the people around it."""

    ids: dict[str, int] = field(default_factory=dict)
    people: dict[str, Membership] = field(default_factory=dict)


@pytest.fixture
def scene(app: Flask) -> Scene:
    with app.app_context():
        area = make.authority()
        firm, rival = make.supplier(area, name="Quayside Builders"), make.supplier(area, name="Rival Ltd")
        keeper = make.user(name="Kim Keeper")
        manages = Membership(user=keeper, role=Role.CONTRACT_MANAGER, authority=area, created_at=firm.created_at)
        db.session.add(manages)
        kept = make.contract(area, firm, title="Homes", value=Decimal(123_456), manager=keeper, identifier="NM-1")
        other = make.contract(area, rival, title="Roads", starts_on=today() - timedelta(days=900))
        other.ends_on = today() - timedelta(days=1)
        made = Scene({"firm": firm.id, "rival": rival.id, "homes": kept.id, "roads": other.id, "keeper": keeper.id})
        made.people = {
            "officer": make.officer(area),
            "elsewhere": make.officer(make.authority()),
            "member": make.member(firm),
            "rival": make.member(rival),
            "manager": manages,
            "administrator": make.administrator(),
        }
        db.session.commit()
        for person in made.people.values():
            db.session.refresh(person)
            db.session.expunge(person)
        return made


SEEN = {
    "officer": {"Homes", "Roads"},
    "elsewhere": set(),
    "member": {"Homes"},
    "rival": {"Roads"},
    "manager": {"Homes"},
    "administrator": {"Homes", "Roads"},
}


@pytest.mark.parametrize(("who", "seen"), SEEN.items())
def test_who_sees_which_contract(scene: Scene, sign_in: SignIn, who: str, seen: set[str]) -> None:
    client = sign_in(scene.people[who])
    page = client.get("/contracts").text
    assert {title for title in ("Homes", "Roads") if f">{title}</a>" in page} == seen
    for title in ("Homes", "Roads"):
        status = client.get(f"/contracts/{scene.ids[title.lower()]}").status_code
        assert status == (200 if title in seen else 404)


def test_the_list_is_narrowed_by_words_and_days(scene: Scene, sign_in: SignIn) -> None:
    client = sign_in(scene.people["officer"])
    for query, found in {
        "search=quay": "Homes", "search=nm-1": "Homes", "stage=over": "Roads", "stage=running": "Homes",
        f"supplier={scene.ids['rival']}": "Roads",
    }.items():  # fmt: skip
        page = client.get(f"/contracts?{query}").text
        assert [title for title in ("Homes", "Roads") if f">{title}</a>" in page] == [found], query
    assert "Nothing fits" in client.get("/contracts?search=zzz").text


def test_pages_are_cheap(scene: Scene, sign_in: SignIn, statements: list[str]) -> None:
    client = sign_in(scene.people["officer"])
    for path, most in (("/contracts", 2), (f"/contracts/{scene.ids['homes']}", 6)):
        client.get(path)
        statements.clear()
        client.get(path)
        assert len(statements) <= most, statements


def register(client: PageChecker, supplier: int, **facts: str) -> Any:
    return client.post(f"/contracts/new?supplier={supplier}", data={**TYPED, **facts})


def test_registering_begins_with_finding_the_supplier(scene: Scene, sign_in: SignIn, app: Flask) -> None:
    client = sign_in(scene.people["officer"])
    page = client.get("/contracts/new?search=rival").text
    assert f"/contracts/new?supplier={scene.ids['rival']}" in page
    assert "Quayside" not in page
    assert "No such supplier" in client.get("/contracts/new?search=nobody").text
    answer = register(client, scene.ids["rival"], manager_id=str(scene.ids["keeper"]))
    assert answer.status_code == 303
    with app.app_context():
        made = db.session.get_one(Contract, int(answer.location.rsplit("/", 1)[1]))
        assert (made.title, made.value, made.manager_id, made.manager_name) == (
            "Mending homes", 250_000, scene.ids["keeper"], "",
        )  # fmt: skip
    again = register(client, scene.ids["rival"], manager_id=str(scene.ids["keeper"]))
    assert again.location == answer.location, "sent twice it is one"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"title": " "}, "Enter the title"),
        ({"ends_on-year": "2026"}, "must not be before the first day"),
        ({"ends_on-year": "2090"}, "more than 50 years"),
        ({"value": "-1"}, "Enter pounds from 0 to 1,000,000,000"),
        ({"value": "2000000000"}, "from 0 to 1,000,000,000"),
        ({"starts_on-day": "31"}, "Enter a real date"),
        ({"identifier": "ocds-1"}, "An ocid has"),
        ({"manager_id": "999"}, "Choose somebody from the list"),
        ({"manager_id": "zzz"}, None),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_lost(
    scene: Scene, sign_in: SignIn, facts: dict[str, str], said: str | None
) -> None:
    answer = register(sign_in(scene.people["officer"]), scene.ids["firm"], **facts)
    if said is None:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert said in answer.text
    assert "A. Keeper" in answer.text


def test_what_is_wrong_is_told_in_the_order_of_the_page(scene: Scene, sign_in: SignIn) -> None:
    wrong = {"spent": "a lot", "identifier": "x" * 101, "ends_on-month": "13", "starts_on-day": "", "title": ""}
    page = register(sign_in(scene.people["officer"]), scene.ids["firm"], **wrong).text
    told = re.findall(r'href="#([\w-]+)"', page[page.index("error-summary__list") :])[:5]
    places = [page.index(f'id="{each}"', page.index("</h1>")) for each in told]
    assert len(told) == 5
    assert places == sorted(places)


def test_a_number_that_is_taken_leads_to_the_other_contract(scene: Scene, sign_in: SignIn) -> None:
    client = sign_in(scene.people["officer"])
    answer = register(client, scene.ids["firm"], identifier="NM-1")
    assert answer.status_code == 422
    assert f'href="/contracts/{scene.ids["homes"]}">Homes</a>' in answer.text
    first = register(client, scene.ids["firm"]).location
    shouted = register(client, scene.ids["rival"], identifier=" OCDS-H6VHTK-03c8d1")
    assert f'href="{first}"' in shouted.text


def test_only_officers_register_and_only_with_suppliers_of_their_area(scene: Scene, sign_in: SignIn) -> None:
    for who in ("member", "manager", "administrator"):
        assert register(sign_in(scene.people[who]), scene.ids["firm"]).status_code == 403
    assert register(sign_in(scene.people["elsewhere"]), scene.ids["firm"]).status_code == 404


def test_changing_a_contract(scene: Scene, sign_in: SignIn, app: Flask) -> None:
    client, path = sign_in(scene.people["officer"]), f"/contracts/{scene.ids['homes']}/edit"
    page = client.get(path).text
    assert 'value="123456"' in page
    seen = {"seen": page.split('name="seen" type="hidden" value="')[1].split('"')[0]}
    assert client.post(path, data={**TYPED, **seen, "spent": "10000.50"}).status_code == 303
    with app.app_context():
        assert db.session.get_one(Contract, scene.ids["homes"]).spent == Decimal("10000.5")
    late = client.post(path, data={**TYPED, **seen, "title": "Typed in another tab"})
    assert late.status_code == 422
    assert "changed after you opened the page" in late.text
    assert "Typed in another tab" in late.text
    assert client.post(path, data={**TYPED, "spent": "5"}).status_code == 303


def test_a_contract_worth_nothing_stays_so_and_none_begins_after_what_is_promised(
    scene: Scene, sign_in: SignIn, app: Flask
) -> None:
    client, path = sign_in(scene.people["officer"]), f"/contracts/{scene.ids['homes']}/edit"
    assert client.post(path, data={**TYPED, "value": "0", "starts_on-year": "2026"}).status_code == 303
    assert 'name="value" type="text" value="0"' in client.get(path).text, "0 is an amount, blank is none"
    with app.app_context():
        contract = db.session.get_one(Contract, scene.ids["homes"])
        due = contract.starts_on + timedelta(days=300)
        make.commitment(contract.authority, contract.organisation, make.measure(), contract=contract, due_on=due)
        db.session.commit()
    answer = client.post(path, data=TYPED)
    assert (answer.status_code, "for a day before that" in answer.text) == (422, True)
    page = sign_in(scene.people["manager"]).get("/contracts").text
    assert "No contract is in your hands just now" in page, "it names another manager now"


def test_a_contract_goes_to_another_supplier_while_nothing_is_promised(
    scene: Scene, sign_in: SignIn, app: Flask
) -> None:
    client, path = sign_in(scene.people["officer"]), f"/contracts/{scene.ids['homes']}/supplier"
    assert "Rival Ltd" in client.get(path).text
    assert client.post(f"{path}?supplier={scene.ids['rival']}").status_code == 303
    with app.app_context():
        contract = db.session.get_one(Contract, scene.ids["homes"])
        assert contract.organisation_id == scene.ids["rival"]
        make.commitment(contract.authority, contract.organisation, make.measure(), contract=contract)
        db.session.commit()
    answer = client.post(f"{path}?supplier={scene.ids['firm']}")
    assert answer.status_code == 422
    assert "Something is promised under this contract already" in answer.text
