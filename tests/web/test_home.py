"""The front page, the pages that explain, and the part of the site that the navigation marks."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from broker.domain.clock import now
from broker.domain.kinds import PostingState, WeightsState
from broker.store.base import db
from broker.store.organisations import Organisation
from broker.store.weights import WeightsVersion
from tests import make
from tests.city import City
from tests.conftest import PageChecker

pytestmark = pytest.mark.any_database


def test_the_front_page_counts_what_anyone_can_read(app: Flask, client: PageChecker, statements: list[str]) -> None:
    with app.app_context():
        here, there = make.authority(), make.authority()
        group = make.organisation(here, there)
        make.need(group, here, there)
        make.need(group, here)
        make.need(group, here, state=PostingState.DRAFT)
        make.offer(make.supplier(here), here)
        db.session.commit()
    client.get("/")
    statements.clear()
    page = client.get("/").text
    assert len(statements) <= 2
    assert '<span class="stats__number">2</span> needs open now' in page
    assert '<span class="stats__number">1</span> offer open now' in page
    assert '<span class="stats__number">0</span> partnerships made' in page


def test_how_it_works_shows_the_weights_in_use(app: Flask, client: PageChecker, statements: list[str]) -> None:
    assert "How much each part counts now" not in client.get("/how-it-works").text
    with app.app_context():
        numbers = {"words": 0.777, "encoder": 0.5}
        db.session.add(WeightsVersion(name="x", numbers=numbers, state=WeightsState.IN_USE, made_at=now()))
        db.session.commit()
    statements.clear()
    page = client.get("/how-it-works").text
    assert len(statements) <= 3
    assert "How much each part counts now" in page
    assert "0.777" in page
    assert "The language model" not in page


@pytest.mark.parametrize("path", ["/", "/how-it-works", "/privacy", "/accessibility"])
def test_pages_that_explain_are_for_everyone(client: PageChecker, path: str) -> None:
    assert client.get(path).status_code == 200


def of_a_supplier(city: City) -> str:
    with city.app.app_context():
        return city.owners[db.session.scalars(select(Organisation.id).where(Organisation.is_supplier)).first() or 0]


@pytest.mark.parametrize(
    ("role", "path", "marked"),
    [
        ("officer", "/fairness/twins", "Reports"),
        ("officer", "/measures/own", "Frameworks"),
        ("officer", "/valuations", "Reports"),
        ("officer", "/wards", "Reports"),
        ("officer", "/places/load", "Reports"),
        ("officer", "/results", "Reports"),
        ("officer", "/commitments", "Contracts"),
        ("officer", "/contracts/new", "Contracts"),
        ("supplier", "/measures", "Promises"),
        ("member", "/support-received", "My organisation"),
        ("supplier", "/contracts", "Promises"),
        ("member", "/measures", ""),
        ("officer", "/partnerships/1", "Desk"),
        ("councillor", "/wards", "Your wards"),
        ("contract_manager", "/commitments", "Promises"),
        ("contract_manager", "/contracts", "Your contracts"),
        ("administrator", "/measures", "Frameworks"),
        ("stranger", "/results", "Results"),
        ("officer", "/account", ""),
    ],
)
def test_the_navigation_marks_one_part_of_the_site(city: City, role: str, path: str, marked: str) -> None:
    cookie = of_a_supplier(city) if role == "supplier" else city.cookies[role]
    answer = city.send("GET", path, cookie)
    assert answer.status_code == 200
    assert (">Promises</a></li>" in answer.text) == (role in ("supplier", "contract_manager")), (
        "a group promises nothing"
    )
    assert re.findall(r'aria-current="page">([^<]*)</a></li>\s*(?=<li class="govuk-service|</ul>)', answer.text) == (
        [marked] if marked else []
    )


@pytest.mark.parametrize("role", ["member", "colleague", "officer", "councillor", "contract_manager", "administrator"])
def test_the_front_page_leads_everybody_to_a_page_of_theirs(city: City, role: str) -> None:
    first = re.search(r'<a href="([^"]+)" class="govuk-button">', city.send("GET", "/", city.cookies[role]).text)
    assert first
    assert city.send("GET", first[1], city.cookies[role]).status_code == 200
