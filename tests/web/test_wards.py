"""The ward pages: the right numbers, for the own area only, nothing private, on screen and as a file."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from flask import Flask

from broker.domain.clock import now, today
from broker.domain.kinds import DeliveryState, IdeaState, Lane, ListingKind, MatchState, PartnershipState, PostingState
from broker.domain.wards import months_before
from broker.store.base import db
from broker.store.places import Ward, WardDeprivation
from tests import make
from tests.conftest import PageChecker

SignIn = Callable[[int], PageChecker]
SQUARE = {"type": "Polygon", "coordinates": [[[0, 53], [1, 53], [1, 54], [0, 54], [0, 53]]]}


@dataclass
class Scene:
    """Two wards, by their codes, and the people who may look."""

    busy: str
    quiet: str
    councillor: int
    officer: int
    elsewhere: int
    member: int


def listed(client: PageChecker, url: str) -> list[list[str]]:
    answer = client.get(url)
    assert answer.mimetype == "text/csv"
    return list(csv.reader(StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))


def page(client: PageChecker, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return response.get_data(as_text=True)


@pytest.fixture
def scene(app: Flask) -> Scene:
    with app.app_context():
        area = make.authority("Northmere")
        busy, quiet = make.ward(area, name="Saltgate", outline=SQUARE), make.ward(area, name="Weir")
        db.session.add(WardDeprivation(ward_id=busy.id, tenth=2, source="The index of 2019"))
        fill(busy)
        people = [make.councillor(area), make.officer(area), make.councillor(make.authority("Westerby or so"))]
        people.append(make.member(make.organisation(area)))
        db.session.commit()
        return Scene(busy.code, quiet.code, *(each.id for each in people))


def fill(ward: Ward) -> None:
    """Two open needs, one draft, talks, one partnership of each sort, and what was verified in them."""
    area, group = (
        ward.authority,
        make.organisation(ward.authority, name="Harbour Street Helpers", contact_name="Canary"),
    )
    open_need = make.need(group, area, ward_id=ward.id, title="Chairs for the hall", safeguarding="Canary")
    make.need(group, area, ward_id=ward.id)
    make.need(group, area, ward_id=ward.id, state=PostingState.DRAFT, title="Canary draft")
    make.offer(group, area, ward_id=ward.id, title="Not asked for")
    make.need(group, area)  # of no one ward
    make.need(group, area, ward_id=make.ward(make.authority("Westerby")).id)  # it lies in another council's
    make.match(open_need, make.offer(make.supplier(area), area), area, MatchState.PROPOSED)
    hours = make.measure(unit="hours", unit_kind="hours", label="Hours given")
    states = (PartnershipState.RUNNING, PartnershipState.CLOSED, PartnershipState.ENDED_EARLY)
    partnerships = [make.partnership(area, state=state, what="Canary of two sides") for state in states]
    for made in partnerships:
        made.match.demand.postings[0].approved.ward_id = ward.id
        made.match.demand.postings[0].state = PostingState.FILLED
    make.delivery(made, hours, quantity=Decimal("40.5"), note="Canary")
    partnerships[0].lane, partnerships[0].review_on = Lane.SYSTEMIC, today()
    make.delivery(partnerships[0], hours, quantity=Decimal(10), ended_on=today() - timedelta(days=3), ward=ward)
    make.delivery(made, hours, DeliveryState.LOGGED, quantity=Decimal(99))


def test_the_index_counts_every_ward_and_what_is_in_none(scene: Scene, sign_in: SignIn) -> None:
    councillor = sign_in(scene.councillor)
    text = page(councillor, "/wards")
    assert f'href="/wards/{scene.busy}"' in text
    assert "<title>Saltgate: 2 open needs</title>" in text
    rows = {row[0]: row[1:] for row in listed(councillor, "/wards.csv")[1:]}
    assert rows["Saltgate"] == [scene.busy, "2", "5", "1", "1", "1", "2", "2"]
    assert rows["Weir"] == [scene.quiet, "0", "0", "0", "0", "0", "0", ""]
    assert rows["In no one ward"] == ["", "1", "1", "0", "0", "0", "0", ""]
    assert rows["In another council's ward"] == ["", "1", "1", "0", "0", "0", "0", ""]
    assert "In another council&#39;s ward" in text
    assert "another council" not in sign_in(scene.elsewhere).get("/wards.csv").get_data(as_text=True)
    assert "/places/load" in sign_in(scene.officer).get("/wards").text  # a year later there are new boundaries
    assert "/places/load" not in sign_in(scene.councillor).get("/wards").text


def test_a_ward_says_the_same_on_its_page_and_in_its_file(scene: Scene, sign_in: SignIn) -> None:
    officer = sign_in(scene.officer)
    text = page(officer, f"/wards/{scene.busy}")
    for said in ("Chairs for the hall", "Harbour Street Helpers", "Hours given", "tenth 2 of 10"):
        assert said in text
    assert re.search("One-off.*40.5 hours", text)
    assert re.search("Lasting.*10 hours", text)
    rows = listed(officer, f"/wards/{scene.busy}/numbers.csv")
    for lane, amount in (("One-off", "40.5"), ("Lasting", "10")):
        assert ["verified results", "Hours given", lane, "1", amount, "hours"] in rows, "they are never added up"
    assert ["needs open now", "Goods", "", "2", "", ""] in rows
    this_month = f"{today():%b %Y}"
    assert ["needs asked for", this_month, "", "5", "", ""] in rows
    assert ["partnerships made", this_month, "", "3", "", ""] in rows


def test_a_quiet_ward_says_what_to_do(scene: Scene, sign_in: SignIn) -> None:
    text = page(sign_in(scene.councillor), f"/wards/{scene.quiet}")
    assert "Nothing is verified here yet" in text
    assert "suggest the first one" in text


def test_nothing_private_is_on_it(scene: Scene, sign_in: SignIn) -> None:
    councillor = sign_in(scene.councillor)
    for url in ("/wards", "/wards.csv", f"/wards/{scene.busy}", f"/wards/{scene.busy}/numbers.csv"):
        assert "Canary" not in councillor.get(url).get_data(as_text=True)


def test_another_areas_ward_is_no_page_of_theirs(scene: Scene, sign_in: SignIn, client: PageChecker) -> None:
    stranger = sign_in(scene.elsewhere)
    for url in (f"/wards/{scene.busy}", f"/wards/{scene.busy}/numbers.csv", f"/wards/{scene.busy}/suggest"):
        assert stranger.get(url).status_code == 404
        assert client.get(url).status_code == 302
    assert "No wards yet" in page(stranger, "/wards")
    assert sign_in(scene.member).get("/wards").status_code == 403


@pytest.mark.parametrize("code", ["nowhere", "%00", "'><script>", "E05" * 200])
def test_an_unknown_ward_is_not_found(scene: Scene, sign_in: SignIn, code: str) -> None:
    councillor = sign_in(scene.councillor)
    for url in (f"/wards/{code}", f"/wards/{code}/numbers.csv", f"/wards/{code}/suggest"):
        assert councillor.get(url).status_code == 404


def test_the_pages_ask_few_questions(scene: Scene, sign_in: SignIn, statements: list[str]) -> None:
    officer = sign_in(scene.officer)
    for url in ("/wards", f"/wards/{scene.busy}"):
        officer.get(url)
        statements.clear()
        officer.get(url)
        assert len(statements) <= 5, statements


def test_a_councillor_suggests_and_reads_the_answer(scene: Scene, sign_in: SignIn) -> None:
    councillor, officer = sign_in(scene.councillor), sign_in(scene.officer)
    url = f"/wards/{scene.busy}/suggest"
    page(councillor, url)
    refused = councillor.post(url, data={"title": "Benches", "text": ""})
    assert refused.status_code == 422
    assert 'value="Benches"' in refused.get_data(as_text=True)
    place = councillor.post(url, data={"title": "Benches", "text": "Old people told me."}).location
    assert place
    assert councillor.post(url, data={"title": "Benches", "text": "Old people told me."}).location == place
    assert councillor.post(url, data={"title": "Benches", "text": "Young ones too."}).location != place
    assert "on the officers&#39; desk" in page(councillor, place) or "on the officers' desk" in page(councillor, place)
    assert "A councillor suggests" in page(officer, "/desk")
    page(officer, f"{place}/take-up")
    assert officer.post(f"{place}/decline", data={"answer": " "}).status_code == 422
    assert officer.post(f"{place}/decline", data={"answer": "There is no money."}).location == place
    assert "There is no money." in page(councillor, f"/wards/{scene.busy}")
    assert councillor.post(f"{place}/take-up", data={"answer": "Yes"}).status_code == 403
    assert officer.post(f"{place}/take-up", data={"answer": "We can now."}).status_code == 303
    late = officer.post(f"{place}/decline", data={"answer": "Typed in another tab, and read too late."})
    assert (late.status_code, f'href="{place}"' in late.text, "read too late" in late.text) == (409, True, True)
    assert "We can now." in page(councillor, place)
    assert "Write the need" not in page(councillor, place)
    found = re.search(r'name="idea" value="(\d+)">.*?<option value="(\d+)">Harbour Street', page(officer, place), re.S)
    assert found
    need = f"/listings/new/need?idea={found[1]}"
    written = page(officer, f"{need}&organisation={found[2]}")
    assert 'value="Benches"' in written
    assert "Old people told me." in written
    assert re.search(r"<option selected [^>]*>Saltgate|<option value=\"\d+\" selected>Saltgate", written)
    assert officer.get(f"{need}&organisation=").location == place, "nothing chosen"
    assert councillor.get(f"{need}&organisation={found[2]}").status_code == 403
    assert page(sign_in(scene.member), need, 404)
    assert page(sign_in(scene.elsewhere), place, 404)
    assert officer.post(url, data={"title": "Benches", "text": "Why"}).status_code == 403


def test_months_are_whole_and_end_with_this_one() -> None:
    found = months_before(today().replace(year=2026, month=2, day=5), 4)
    assert [f"{month}" for month in found] == ["2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01"]


def test_an_old_need_counts_as_open_but_not_as_asked_this_year(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    with app.app_context():
        ward = db.session.query(Ward).filter_by(code=scene.quiet).one()
        need = make.need(make.organisation(ward.authority), ward.authority, ward_id=ward.id)
        assert need.kind == ListingKind.NEED
        need.created_at = now() - timedelta(days=500)
        make.project_idea(ward, IdeaState.DECLINED, answer="Not now.")
        db.session.commit()
    rows = {row[0]: row for row in listed(sign_in(scene.councillor), "/wards.csv")}
    assert rows["Weir"][2:4] == ["1", "0"]
