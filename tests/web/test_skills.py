"""The report of skills: what is asked, offered and taught, in page, list and file alike."""

import csv
import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from broker.domain.clock import now
from broker.domain.kinds import NodeKind, PostingState, SupportKind, Unit
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.frameworks import Framework, Node
from broker.store.listings import Listing
from broker.store.places import Ward
from broker.store.skills import ListingSkill
from broker.store.synonyms import Synonym
from tests import make

SignIn = Callable[[Membership | int], FlaskClient]
PAGE = "/reports/skills"
THEME = "X01"


@dataclass
class Scene:
    officer: FlaskClient
    far_officer: FlaskClient
    member: FlaskClient


@pytest.fixture
def area(app: Flask, sign_in: SignIn) -> Scene:
    """Three ask for cookery, one of them in a ward, one offers it, one trains; law is offered and not asked for."""
    with app.app_context():
        north = make.authority("Northmere")
        ward = Ward(code="E05", name="Dale", authority=north, lat=53.0, lon=-2.0)
        hub = Framework(code="X", version=1, name="Hub", level="national", status="current", wording="confirmed")
        entry = Synonym(name="cookery", kinds=["skills"], themes=[THEME], changed_at=now())
        node = Node(code=THEME, kind=NodeKind.HUB, label="Food for all", framework=hub)
        db.session.add_all([ward, hub, node, entry])
        db.session.flush()
        westerby = make.authority("Westerby")
        far = make.ward(westerby)
        group, firm = make.organisation(north), make.supplier(north)
        skills = {"support_kind": SupportKind.SKILLS, "unit": Unit.HOURS}
        cookery: list[Listing] = [
            make.need(group, north, title="=Cook", ward_id=ward.id, **skills),
            make.need(
                group, north, title="Cook with us", ward_id=far.id, amount=Decimal(2), **skills | {"unit": Unit.PEOPLE}
            ),
            make.aspiration(
                group, north, title="Cook on", support_kind=SupportKind.VOLUNTEERING, unit=None, amount=None
            ),
            make.offer(firm, north, title="A chef", amount=Decimal(7), **skills),
            make.offer(firm, north, title="Kitchen jobs", support_kind=SupportKind.JOBS, unit=Unit.PLACES),
            make.need(group, north, title="A pan", support_kind=SupportKind.GOODS),
            make.need(group, north, title="A job", support_kind=SupportKind.JOBS, unit=Unit.PLACES),
            make.need(group, north, title="Paused", state=PostingState.PAUSED, **skills),
        ]
        law = make.offer(firm, north, title="A solicitor", **skills)
        rows = [*((each.id, "cookery") for each in cookery), (law.id, "law")]
        db.session.execute(insert(ListingSkill), [{"listing_id": key, "skill": skill} for key, skill in rows])
        people = make.officer(north), make.officer(westerby), make.member(group)
        db.session.commit()
        ids = [person.id for person in people]
    return Scene(*(sign_in(each) for each in ids))


def text(browser: FlaskClient, url: str, status: int = 200) -> str:
    answer = browser.get(url)
    assert answer.status_code == status, url
    return html.unescape(answer.get_data(as_text=True))


def row_of(page: str, name: str) -> list[str]:
    """The cells of the table row of a skill, notes and all, without markup."""
    row = next(each for each in reversed(page.split("<tr")) if f">{name}<" in each)
    return [
        " ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)
    ]


def file_of(browser: FlaskClient, query: str = "") -> list[dict[str, str]]:
    answer = browser.get(f"{PAGE}.csv{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_each_skill_says_what_is_asked_offered_and_taught(area: Scene) -> None:
    page = text(area.officer, PAGE)
    assert row_of(page, "Cookery") == ["Cookery", "2", "3 10 hours, 2 people", "1 7 hours", "1 10 places"]
    assert "Skills of which there is enough (1)" in page
    assert row_of(page, "Law") == ["Law", "1", "0", "1 10 hours", "None"]


def test_the_file_holds_the_same(area: Scene) -> None:
    cookery, law = file_of(area.officer)
    assert (cookery["skill"], cookery["themes"], cookery["short of"]) == ("Cookery", "Food for all", "2")
    assert (cookery["hours asked"], cookery["people asked"], cookery["hours offered"]) == ("10", "2", "7")
    assert (cookery["places trained"], cookery["listings with jobs, placements or training"]) == ("10", "1")
    assert (law["short of"], law["hours asked"]) == ("-1", "")


def test_it_can_be_narrowed_to_a_ward_or_a_theme(area: Scene) -> None:
    page = text(area.officer, f"{PAGE}?ward=E05")
    assert row_of(page, "Cookery") == ["Cookery", "1", "1 10 hours", "0", "None"]
    assert "Law" not in page
    whole = text(area.officer, PAGE)
    for ward, said, cells in (("other", "In another council's ward", "1 2 people"), ("none", "In no one ward", "1")):
        assert f'href="{PAGE}?ward={ward}">{said}' in whole
        assert row_of(text(area.officer, f"{PAGE}?ward={ward}"), "Cookery")[2] == cells
    assert [row["skill"] for row in file_of(area.officer, f"?theme={THEME}")] == ["Cookery"]
    assert f"{PAGE}.csv?theme={THEME}" in text(area.officer, f"{PAGE}?theme={THEME}")


def test_a_number_leads_to_its_listings(area: Scene) -> None:
    page = text(area.officer, PAGE)
    href = re.search(rf'href="({PAGE}/listings\?skill=cookery)"', page)
    assert href
    found = text(area.officer, href[1])
    titles = re.findall(r'href="/listings/\d+">([^<]*)', found)
    assert titles == ["=Cook", "Cook with us", "Cook on", "A chef", "Kitchen jobs"]
    assert found.index("Asked for") < found.index("Offered") < found.index("Jobs, placements or training")
    assert re.findall(r'href="/listings/\d+">([^<]*)', text(area.officer, f"{href[1]}&ward=E05")) == ["=Cook"]


@pytest.mark.parametrize("query", ["?ward=%00&theme=<b>", "?theme=H99", "?ward=" + "x" * 3000])
def test_no_address_breaks_it(area: Scene, query: str) -> None:
    assert row_of(text(area.officer, f"{PAGE}{query}"), "Cookery")[1] == "2"
    assert len(file_of(area.officer, query)) == 2
    assert "No open listing names this" in text(area.officer, f"{PAGE}/listings{query}&skill={'y' * 300}")
    assert "There are no more" in text(area.officer, f"{PAGE}/listings?skill=cookery&page=2")


def test_it_says_what_to_do_where_there_is_nothing(area: Scene) -> None:
    assert "No skill found yet" in text(area.far_officer, PAGE)
    assert "Nobody names a skill here" in text(area.far_officer, f"{PAGE}?ward=none")


def test_it_is_for_officers(area: Scene, client: FlaskClient) -> None:
    for path in (PAGE, f"{PAGE}.csv", f"{PAGE}/listings"):
        text(area.member, path, 403)
        text(client, path, 302)


def test_it_asks_the_store_little(area: Scene, statements: list[str]) -> None:
    for path in (f"{PAGE}?theme={THEME}&ward=E05", f"{PAGE}.csv", f"{PAGE}/listings?skill=cookery"):
        text(area.officer, path)
        statements.clear()
        text(area.officer, path)
        assert len(statements) <= 6, statements
