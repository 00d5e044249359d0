"""The chain on one screen: the same numbers on page, print and file, each with its list, for whoever may see it."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broker.domain.clock import now, today
from broker.domain.kinds import ClaimState, DeliveryState, Lane, Role
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.claims import Claim
from broker.store.commitments import Commitment
from broker.store.deliveries import Delivery
from tests import make

SignIn = Callable[[Membership | int], FlaskClient]
STEPS = ("promised", "matched", "delivered", "verified", "claimed")


@dataclass
class Scene:
    """A contract with a promise of 100 hours and one of 2 weeks; 60 hours matched, 50 done, 30 verified, 25 claimed."""

    officer: FlaskClient
    giver: FlaskClient
    stranger: FlaskClient
    manager: FlaskClient
    contract: int
    promise: int
    supplier: int
    measure: int

    @property
    def pages(self) -> dict[str, str]:
        return {
            "contract": f"/contracts/{self.contract}/chain",
            "promise": f"/commitments/{self.promise}/chain",
            "supplier": f"/suppliers/{self.supplier}/chain",
            "area": "/reports/chain",
        }


@pytest.fixture
def scene(app: Flask, sign_in: SignIn) -> Scene:
    with app.app_context():
        area = make.authority()
        giver, measure = make.supplier(area, name="=Quayside Builders"), make.measure("XX-H")
        manager = Membership(user=make.user(), role=Role.CONTRACT_MANAGER, authority=area, created_at=now())
        db.session.add(manager)
        db.session.flush()
        contract = make.contract(area, giver, title="Roofs of Northmere", manager_id=manager.user_id)
        half = {"contract": contract, "due_on": today() + timedelta(days=100)}
        promise = make.commitment(area, giver, measure, quantity=Decimal(100), **half)
        weeks = make.measure("XX-W", label="Work placements", unit="weeks", unit_kind="weeks")
        make.commitment(area, giver, weeks, quantity=Decimal(2), contract=contract, due_on=today() - timedelta(days=3))
        linked = {"commitment": promise, "committed_amount": Decimal(40)}
        first = make.partnership(area, giver, **linked)
        lasting = {"lane": Lane.SYSTEMIC, "review_on": today()}
        second = make.partnership(area, giver, **{**linked, "committed_amount": Decimal(20)}, **lasting)
        make.delivery(first, measure, DeliveryState.LOGGED, quantity=Decimal(20))
        done = make.delivery(first, measure, quantity=Decimal(25))
        make.delivery(second, measure, quantity=Decimal(5))
        facts = {"state": ClaimState.STANDING, "claimed_at": now(), "quantity": Decimal(25)}
        db.session.add(Claim(delivery=done, commitment=promise, **facts))
        make.inherent(giver, area, measure, quantity=Decimal(500))
        people = [make.officer(area), make.member(giver), make.officer(make.authority("Westerby")), manager]
        db.session.commit()
        ids = contract.id, promise.id, giver.id, measure.id
        browsers = [person.id for person in people]
    return Scene(*(sign_in(each) for each in browsers), *ids)


def text_of(browser: FlaskClient, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status, path
    page: str = answer.get_data(as_text=True)
    return page


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def rows(browser: FlaskClient, path: str) -> list[dict[str, str]]:
    page = text_of(browser, path).removeprefix("\ufeff")
    return list(csv.DictReader(StringIO(page)))


@pytest.mark.parametrize("of", ["contract", "promise", "supplier", "area"])
def test_the_numbers_are_the_same_on_page_and_file_and_behind_each(scene: Scene, of: str) -> None:
    path = scene.pages[of]
    page = text_of(scene.officer, path)
    (hours, *_) = [row for row in rows(scene.officer, f"{path}.csv") if row["code"] == "XX-H"]
    assert [hours[step] for step in STEPS] == ["100", "60", "50", "30", "25"]
    others = {"contract": (scene.giver, scene.manager), "area": ()}.get(of, (scene.giver,))
    for step in STEPS:
        link = rf'href="({re.escape(path)}\?step={step}&amp;measure={scene.measure})">{step.capitalize()}</a></th>.*?'
        found = re.search(link + r'class="chart__number">([\d,]+) hours<', page)
        assert found, step
        assert found[2] == hours[step]
        behind = found[1].replace("&amp;", "&")
        for reader in (scene.officer, *others):
            assert f"{step.capitalize()}: {hours[step]} hours" in plain(text_of(reader, behind))
        amounts = rows(scene.officer, behind.replace("/chain?", "/chain.csv?"))
        assert sum(Decimal(row["amount"]) for row in amounts) == Decimal(hours[step])


def test_units_are_never_added_up_and_lanes_stand_apart(scene: Scene) -> None:
    found = {(row["code"], row["one-off or lasting"]): row for row in rows(scene.officer, "/reports/chain.csv")}
    assert found["XX-W", "both"]["promised"] == "2"
    assert [found["XX-H", "one-off"][step] for step in STEPS] == ["", "40", "45", "25", "25"]
    assert [found["XX-H", "lasting"][step] for step in STEPS] == ["", "20", "5", "5", "0"]
    assert found["XX-H", "both"]["done anyway"] == "500"


def test_what_is_done_anyway_is_a_list_too(scene: Scene) -> None:
    path = f"/reports/chain?step=inherent&measure={scene.measure}"
    assert "Done anyway: 500 hours" in plain(text_of(scene.officer, path))
    assert "500" not in rows(scene.officer, scene.pages["contract"] + ".csv")[0]["done anyway"]


def test_each_gap_is_said_in_words(scene: Scene) -> None:
    page = plain(text_of(scene.officer, scene.pages["contract"]))
    assert "40 hours promised and in no partnership yet" in page
    assert "10 hours agreed in partnerships and not done yet" in page
    assert "20 hours done and not verified" in page
    assert "5 hours verified and set against no promise yet" in page
    assert "At least" not in page


def test_what_was_done_for_no_promise_hides_no_gap(scene: Scene, app: Flask) -> None:
    """In an area it counts as done, so the difference of the sums is the least that is missing, and is said to be."""
    with app.app_context():
        promise = db.session.get_one(Commitment, scene.promise)
        free = make.partnership(promise.authority, promise.organisation)
        make.delivery(free, promise.measure, quantity=Decimal(4))
        db.session.commit()
    for of in ("area", "supplier"):
        assert "At least 6 hours agreed in partnerships and not done yet" in plain(
            text_of(scene.officer, scene.pages[of])
        )
    assert "10 hours agreed in partnerships and not done yet" in plain(text_of(scene.officer, scene.pages["promise"]))


def test_what_counts_for_another_promise_is_not_called_undone(scene: Scene, app: Flask) -> None:
    with app.app_context():
        promise = db.session.get_one(Commitment, scene.promise)
        other = make.commitment(promise.authority, promise.organisation, promise.measure, due_on=promise.due_on)
        done = db.session.query(Delivery).filter_by(quantity=Decimal(5)).one()
        facts = {"state": ClaimState.STANDING, "claimed_at": now(), "quantity": Decimal(5)}
        db.session.add(Claim(delivery=done, commitment=other, **facts))
        db.session.commit()
    page = plain(text_of(scene.officer, scene.pages["promise"]))
    assert "15 hours agreed in partnerships and not done yet, or counted for another promise" in page


def test_a_contract_says_which_promises_are_at_risk(scene: Scene) -> None:
    page = plain(text_of(scene.officer, f"/contracts/{scene.contract}"))
    assert "2 of 2 promises need a look" in page
    assert "Late" in page
    assert "2 weeks are still missing or not verified" in page
    assert (
        "Waits for proof 100 hours: Volunteering for a community project By today about 50 hours would keep the pace"
        in page
    )
    promise = plain(text_of(scene.officer, f"/commitments/{scene.promise}"))
    assert "50 hours are done, but only 30 hours are verified" in promise


def test_from_a_claim_one_comes_to_its_delivery(scene: Scene) -> None:
    behind = text_of(scene.officer, f"{scene.pages['contract']}?step=claimed&measure={scene.measure}")
    (claim,) = set(re.findall(r'href="(/claims/\d+)"', behind))
    assert re.search(r'href="/deliveries/\d+"', text_of(scene.officer, claim))


def test_a_files_cells_are_no_formulas(scene: Scene) -> None:
    path = f"/reports/chain.csv?step=delivered&measure={scene.measure}"
    assert {row["by"] for row in rows(scene.officer, path)} == {"'=Quayside Builders"}


def test_the_area_lists_its_suppliers(scene: Scene) -> None:
    page = text_of(scene.officer, "/reports/chain")
    assert f'href="/suppliers/{scene.supplier}/chain">=Quayside Builders' in page
    assert "no more" in text_of(scene.officer, "/reports/chain?page=9")


@pytest.mark.parametrize(
    "query", ["step=x", "step=claimed", "step=claimed&measure=0", "measure=1&lane=y", "step=&page=x"]
)
def test_an_address_that_names_no_number_shows_all(scene: Scene, query: str) -> None:
    assert "From promise to claim" in text_of(scene.officer, f"/reports/chain?{query}")
    assert rows(scene.officer, f"/reports/chain.csv?{query}")[0]["code"] == "XX-H"


def test_whoever_may_not_see_it_does_not(scene: Scene) -> None:
    for of in ("contract", "promise", "supplier"):
        for path in (scene.pages[of], f"{scene.pages[of]}.csv"):
            text_of(scene.stranger, path, 404)
            text_of(scene.giver, path)
    assert rows(scene.stranger, "/reports/chain.csv") == []
    text_of(scene.giver, "/reports/chain", 403)
    text_of(scene.manager, scene.pages["contract"])
    text_of(scene.manager, scene.pages["supplier"], 403)


def test_the_pages_ask_the_database_little(scene: Scene, statements: list[str]) -> None:
    behind = [f"{path}?step={step}&measure={scene.measure}" for path in scene.pages.values() for step in STEPS]
    for path in (*scene.pages.values(), *behind, f"/contracts/{scene.contract}", f"/commitments/{scene.promise}"):
        text_of(scene.officer, path)
        statements.clear()
        text_of(scene.officer, path)
        assert len(statements) <= 6, (path, statements)
