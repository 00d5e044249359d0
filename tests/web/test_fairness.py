"""The officers' pages about fairness: what they say, how little they ask the store, and the owner's own hint."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update

from broker.domain.clock import now, today
from broker.domain.kinds import PostingState
from broker.matching.exposure import FILTERS, Listed, Place, measure
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.fairness import ExposureReport, ListingBoost, UnseenListing, boosts
from broker.store.listings import Listing, Posting
from broker.store.need_groups import NeedGroup, NeedGroupMember
from broker.store.organisations import Organisation
from broker.web.fairness import WHY
from tests import make

SignIn = Callable[[Membership | int], FlaskClient]


@dataclass
class Scene:
    """An area where one supplier is seen far more than another, one offer never, and three groups ask for laptops."""

    officer: FlaskClient
    far_officer: FlaskClient
    member: FlaskClient
    offers: list[int]
    needs: list[int]
    group: int


@pytest.fixture
def area(app: Flask, sign_in: SignIn) -> Scene:
    with app.app_context():
        north = make.authority("Northmere")
        suppliers = [make.supplier(north, name=name) for name in ("Big Builders", "Small Works", "Unheard Ltd")]
        offers = [make.offer(owner, north, title=f"An offer of {owner.name}") for owner in suppliers]
        groups = [make.organisation(north) for _ in range(3)]
        needs = [make.need(owner, north, title=f"Laptops for {owner.name}") for owner in groups]
        people = make.officer(north), make.officer(make.authority("Westerby")), make.member(suppliers[2])
        bands = {"size": "supplier", "ward": "", "deprivation": "", "novelty": "known"}
        listed = [Listed(each.id, each.organisation_id, bands | {"ward": f"Ward {each.id}"}) for each in offers]
        told = measure(listed, [Place(offers[0].id, 1)] * 9 + [Place(offers[1].id, 20)]).to_json()
        told["count"] = len(told["organisations"])
        report = ExposureReport(
            authority_id=north.id, computed_at=now(), most_percent=15, sides={"supply": told, "demand": told}
        )
        alike = NeedGroup(authority=north, shares=["laptops"], organisations=3, wards=2, computed_at=now())
        alike.members = [NeedGroupMember(listing_id=need.id) for need in needs]
        db.session.add_all([report, alike, UnseenListing(listing_id=offers[2].id, why="far", is_alone=True)])
        db.session.commit()
        ids, made = [person.id for person in people], alike.id
        offer_ids, need_ids = [each.id for each in offers], [each.id for each in needs]
    officer, far_officer, owner = (sign_in(each) for each in ids)
    return Scene(officer, far_officer, owner, offer_ids, need_ids, made)


def text(browser: FlaskClient, url: str, status: int = 200) -> str:
    answer = browser.get(url)
    assert answer.status_code == status, url
    return answer.get_data(as_text=True)


def sent(browser: FlaskClient, url: str, **fields: object) -> int:
    return browser.post(url, data=fields).status_code


def test_every_reason_has_words_for_officers_and_for_owners() -> None:
    assert {why for why, _ in FILTERS} | {"spent", "short", "unlike", "outranked"} == set(WHY)


def test_it_says_who_gets_how_much_and_warns_of_too_much(area: Scene) -> None:
    page = text(area.officer, "/fairness")
    assert "1 of 3" in page
    assert "1 of 3</span>" in page
    assert "Big Builders gets 98 in 100 of all attention. We warn you from 15 in 100." in page
    assert "listings stand in nobody's list" in page.replace("&#39;", "'")
    assert "is not loaded for this area" in page


def test_it_says_who_gets_a_match_and_where_too_few_are_there_to_say(area: Scene, app: Flask) -> None:
    assert "Nothing to tell yet" in text(area.officer, "/fairness"), "a report from before this was counted"
    groups = [
        {"name": "", "listings": 4, "matched": 4, "partnerships": 1, "days": None},
        {"name": "Hill", "listings": 40, "matched": 10, "partnerships": 7, "days": 12.4},
        {"name": "Dale", "listings": 9, "matched": 5, "partnerships": 0, "days": 0.2},
    ]
    with app.app_context():
        report = db.session.scalars(select(ExposureReport)).one()
        told = {"size": [], "deprivation": [], "ward": groups}
        report.sides = {side: found | {"reached": told} for side, found in report.sides.items()}
        db.session.commit()
    page = " ".join(text(area.officer, "/fairness?side=demand").split())
    section = page[page.index('id="reached"') : page.index("is not loaded for this area")]
    rows = [re.findall(r">([^<>]+)</t[dh]>", row) for row in section.split("<tr")]
    assert ["Hill", "40", "10", "7", "12"] in rows
    assert ["Dale", "9", "5", "0", "Under a day"] in rows
    assert ["In no one ward", "4", "4", "1", "Too few"] in rows
    assert section.index("Dale") < section.index("Hill") < section.index("In no one ward")
    assert {"25", "56"} <= {cell for row in rows for cell in row}, "the parts of Hill and Dale in 100"
    assert not {"100"} & {cell for row in rows for cell in row}, "4 of 4 is too few to say"


def taken(app: Flask, side: str, numbers: dict[int, int], percent: int = 20) -> None:
    """The report says that these organisations take part in so many partnerships."""
    with app.app_context():
        report = db.session.scalars(select(ExposureReport)).one()
        most = [{"name": str(key), "partnerships": number} for key, number in numbers.items()]
        told = {"taken": {"total": sum(numbers.values()), "organisations": most}, "most_matched": percent}
        report.sides = report.sides | {side: report.sides[side] | told}
        db.session.commit()


def test_it_warns_of_an_organisation_that_takes_too_much(area: Scene, app: Flask) -> None:
    with app.app_context():
        big, small, unheard = (db.session.get_one(Listing, each).organisation_id for each in area.offers)
    assert "No partnership in the last 12 months" in text(area.officer, "/fairness")
    taken(app, "supply", {big: 8, small: 2})
    page = " ".join(text(area.officer, "/fairness").split())
    assert "Big Builders gives 80 in 100 of all partnerships of the last 12 months (8 of 10)." in page
    assert "We warn you above 20 in 100." in page
    assert "8 of 10</td>" in page
    assert "Small Works gives" not in page, "a fifth is the set share and not above it"
    other = text(area.officer, "/fairness?side=demand")
    assert "Big Builders gives 80 in 100" in other, "the warning stands on both pages"
    taken(app, "demand", {unheard: 5}, percent=50)
    assert "Unheard Ltd receives 100 in 100" in text(area.officer, "/fairness")
    taken(app, "supply", {big: 4})
    assert "Big Builders gives" not in text(area.officer, "/fairness"), "four are too few to warn"


def test_the_file_holds_the_figures_of_the_page(area: Scene, app: Flask) -> None:
    with app.app_context():
        report = db.session.scalars(select(ExposureReport)).one()
        owner = db.session.get_one(Listing, area.offers[0]).organisation_id
        db.session.get_one(Organisation, owner).name = "=Big Builders"
        groups = [
            {"name": "10", "listings": 40, "matched": 10, "partnerships": 7, "days": 12.4},
            {"name": "01", "listings": 4, "matched": 4, "partnerships": 1, "days": None},
        ]
        report.sides = {side: told | {"reached": {"tenth": groups}} for side, told in report.sides.items()}
        db.session.commit()
    taken(app, "supply", {owner: 8})
    answer = area.officer.get("/fairness.csv")
    rows = list(csv.DictReader(StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert (rows[0]["group"], rows[0]["partnerships"], rows[0]["of all partnerships, in 100"]) == (
        "'=Big Builders", "8", "100.0"
    )  # fmt: skip
    seen = [row for row in rows if row["what"] == "who is seen" and row["by"] == "Organisation"]
    assert [row["of all attention, in 100"] for row in seen] == ["97.5", "2.5", "0.0"]
    first, last = (row for row in rows if row["what"] == "who gets a match")
    assert (first["group"], first["of its listings, in 100"], first["days to the first match"]) == (
        "1, the most deprived", "", ""
    )  # fmt: skip
    assert (last["with a partnership"], last["partnerships"]) == ("7", ""), "as the page calls them"
    assert (last["with a match"], last["of its listings, in 100"], last["days to the first match"]) == (
        "10",
        "25.0",
        "12.4",
    )
    assert list(csv.DictReader(StringIO(area.far_officer.get("/fairness.csv").get_data(as_text=True)))) == []
    text(area.member, "/fairness.csv", 403)


def test_without_a_report_or_a_place_it_says_what_to_do(area: Scene, app: Flask) -> None:
    assert "Nothing counted yet" in text(area.far_officer, "/fairness")
    with app.app_context():
        report = db.session.scalars(select(ExposureReport)).one()
        nothing = measure([Listed(area.offers[0], 1, {})], []).to_json() | {"count": 1}
        report.sides = {"supply": nothing, "demand": measure([], []).to_json() | {"count": 0}}
        db.session.commit()
    assert "Nobody stands in a list" in text(area.officer, "/fairness")
    assert "No listing on this side" in text(area.officer, "/fairness?side=demand")


def test_what_nobody_sees_is_listed_with_its_reason_and_can_be_lifted(area: Scene) -> None:
    page = text(area.officer, "/fairness/unseen")
    assert "Everybody is further away than it can travel" in page
    assert f'href="/listings/{area.offers[2]}/boost"' in page
    assert "None for this reason" in text(area.officer, "/fairness/unseen?why=short")
    assert "Every listing is seen" in text(area.far_officer, "/fairness/unseen")


def test_the_owner_reads_how_to_say_more_and_nobody_else(area: Scene, client: FlaskClient) -> None:
    hint = "Nobody has been suggested yet. Say how far you could travel"
    assert hint in text(area.member, "/my-listings")
    assert hint in text(area.member, f"/listings/{area.offers[2]}")
    assert hint in text(area.officer, f"/listings/{area.offers[2]}")
    assert hint not in text(client, f"/listings/{area.offers[2]}")
    assert "Lift it, so that it is seen" not in text(area.member, f"/listings/{area.offers[2]}")


def lift(area: Scene, listing_id: int, **fields: object) -> int:
    day = today() + timedelta(days=10)
    said = {"level": "3", "reason": "New here", "ends_on-day": day.day, "ends_on-month": day.month, **fields}
    return sent(area.officer, f"/listings/{listing_id}/boost", **{"ends_on-year": day.year, **said})


def test_an_officer_lifts_a_listing_and_ends_it(area: Scene, app: Flask) -> None:
    offer = area.offers[2]
    page = text(area.officer, f"/listings/{offer}/boost")
    assert "Lift it" in page
    assert "Lifting helps once something does" in page
    assert "Lifting helps once something does" not in text(area.officer, f"/listings/{area.offers[0]}/boost")
    assert lift(area, offer) == 303
    page = text(area.officer, f"/listings/{offer}/boost")
    assert "As much as we can" in page
    assert "New here" in page
    assert "New here" in text(area.officer, "/fairness/boosts")
    with app.app_context():
        assert boosts() == {offer: 3.0}
        boost_id = db.session.scalars(select(ListingBoost.id)).one()
    assert sent(area.far_officer, f"/boosts/{boost_id}/end") == 404
    assert sent(area.officer, f"/boosts/{boost_id}/end") == 303
    with app.app_context():
        assert boosts() == {}
    assert "Ended" in text(area.officer, "/fairness/boosts")
    assert "No listing is lifted" in text(area.far_officer, "/fairness/boosts")


@pytest.mark.parametrize("fields", [{"reason": ""}, {"level": "9"}, {"ends_on-year": "2019"}, {"ends_on-month": "13"}])
def test_a_boost_that_does_not_do_loses_nothing_that_was_typed(area: Scene, fields: dict[str, str], app: Flask) -> None:
    answer = area.officer.post(
        f"/listings/{area.offers[0]}/boost",
        data={"level": "1", "reason": "Words worth keeping", "ends_on-day": "1", "ends_on-month": "2",
              "ends_on-year": "2027", **fields},
    )  # fmt: skip
    assert answer.status_code == 422
    assert fields.get("reason", "Words worth keeping") in answer.get_data(as_text=True)
    with app.app_context():
        assert boosts() == {}


def test_what_is_not_open_is_not_lifted(area: Scene, app: Flask) -> None:
    with app.app_context():
        db.session.execute(
            update(Posting).where(Posting.listing_id == area.offers[0]).values(state=PostingState.PAUSED)
        )
        db.session.commit()
    assert "nothing to lift" in text(area.officer, f"/listings/{area.offers[0]}/boost")
    assert lift(area, area.offers[0]) == 409


def test_three_groups_ask_for_laptops_and_one_click_makes_it_a_lasting_need(area: Scene, app: Flask) -> None:
    assert "Three groups in two wards ask for: laptops" in text(area.officer, "/fairness/needs")
    page = text(area.officer, f"/fairness/needs/{area.group}")
    assert "It asks for all of it together: 30 items." in page
    answer = area.officer.post(
        f"/fairness/needs/{area.group}", data={"title": "Laptops for all", "body": "Three ask.", "lead": "council"}
    )
    assert answer.status_code == 303
    made = int(answer.location.split("/")[2])
    assert "Laptops for all" in text(area.officer, f"/listings/{made}/edit")
    assert "It was made of" in text(area.officer, f"/listings/{made}")
    assert "one of the needs behind the lasting need" in text(area.officer, f"/listings/{area.needs[0]}")
    assert "Made lasting" in text(area.officer, "/fairness/needs")
    assert "Laptops for all" in text(area.officer, f"/fairness/needs/{area.group}")


@pytest.mark.parametrize("fields", [{"title": ""}, {"body": " "}, {"lead": "999999"}, {"lead": ""}])
def test_a_lasting_need_that_does_not_do_is_not_made(area: Scene, fields: dict[str, str], app: Flask) -> None:
    said = {"title": "Kept title", "body": "Kept body", "lead": "council", **fields}
    answer = area.officer.post(f"/fairness/needs/{area.group}", data=said)
    assert answer.status_code == 422
    assert "Kept" in answer.get_data(as_text=True)


def test_a_group_whose_needs_are_met_says_so(area: Scene, app: Flask) -> None:
    with app.app_context():
        db.session.execute(delete(NeedGroupMember))
        db.session.commit()
    assert "No group any more" in text(area.officer, f"/fairness/needs/{area.group}")
    assert "No pattern yet" in text(area.far_officer, "/fairness/needs")
    assert "Every need says something of its own" in text(area.officer, "/fairness/twins")


def test_twins_are_listed(area: Scene, app: Flask) -> None:
    with app.app_context():
        db.session.scalars(select(NeedGroup)).one().is_twins = True
        db.session.commit()
    page = text(area.officer, "/fairness/twins")
    assert page.count("Laptops for Harbour Street Helpers") == 3
    assert "No pattern yet" in text(area.officer, "/fairness/needs")


def test_another_area_sees_nothing_of_it(area: Scene) -> None:
    text(area.far_officer, f"/fairness/needs/{area.group}", 404)
    text(area.far_officer, f"/listings/{area.offers[2]}/boost", 404)
    text(area.member, "/fairness", 403)
    assert "Big Builders" not in text(area.far_officer, "/fairness")


def test_pages_ask_the_store_little(area: Scene, statements: list[str], app: Flask) -> None:
    lift(area, area.offers[0])
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ListingBoost)) == 1
    text(area.officer, "/desk")
    pages = {
        "/fairness": 4, "/fairness/unseen": 3, "/fairness/boosts": 2, "/fairness/needs": 3, "/fairness/twins": 3,
        f"/fairness/needs/{area.group}": 5, f"/listings/{area.offers[0]}/boost": 5,
    }  # fmt: skip
    for page, most in pages.items():
        statements.clear()
        text(area.officer, page)
        assert len(statements) <= most, page
