"""Public results: what anybody may read, and nothing that tells of a few or of somebody who did not agree."""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from broker.domain.clock import today
from broker.domain.kinds import DeliveryState
from broker.domain.periods import last_quarter
from broker.store.accounts import Membership
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.organisations import Organisation
from broker.store.places import Ward
from tests import make
from tests.quarter import SENTENCE, quarter

PAGE = "/results/X99"


@pytest.fixture
def area(app: Flask) -> Flask:
    """Nine deliveries of 40 hours in Dale, six in Hill and two in Moor, beside what else is in the quarter."""
    with app.app_context():
        made = quarter()
        made.area.code = "X99"
        day = made.span.ends
        for name, number in (("Dale", 8), ("Hill", 6), ("Moor", 2)):
            ward = db.session.query(Ward).filter_by(name=name).one_or_none() or _ward(name, made.area)
            for _ in range(number):
                make.delivery(made.partnership, made.hours, ward_id=ward.id, started_on=day, ended_on=day)
        db.session.commit()
    return app


def _ward(name: str, area: Authority) -> Ward:
    ward = Ward(code=f"E{name}", name=name, authority=area, lat=53.0, lon=-2.0)
    db.session.add(ward)
    db.session.flush()
    return ward


def text(browser: FlaskClient, url: str = PAGE, status: int = 200) -> str:
    answer = browser.get(url)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def file_of(browser: FlaskClient) -> list[dict[str, str]]:
    answer = browser.get(f"{PAGE}.csv")
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_anybody_reads_what_is_verified_by_theme_and_ward(area: Flask, client: FlaskClient) -> None:
    page = text(client)
    assert "Good neighbours" in page
    assert "690" in page  # 17 x 40 and the 10 hours of the lasting one
    assert "Provisional wording" in page
    rows = {(row["measure"], row["ward"]): row for row in file_of(client)}
    hours = "Volunteering for a community project"
    assert rows[hours, "The whole area"]["verified amount"] == "690"
    assert rows[hours, "Dale"]["verified amount"] == "360"
    assert rows[hours, "The whole area"]["theme"] == "Good neighbours"


def test_small_numbers_are_told_together_and_another_with_them(area: Flask, client: FlaskClient) -> None:
    """Two in Moor and one in no ward make three: without Hill, the total would give them away."""
    rows = {(row["measure"], row["ward"]): row["verified amount"] for row in file_of(client)}
    hours = "Volunteering for a community project"
    assert [ward for measure, ward in rows if measure == hours] == ["The whole area", "Dale", "Other wards together"]
    assert rows[hours, "Other wards together"] == "330"  # six in Hill, two in Moor, and the 10 hours in no ward
    assert {ward: amount for (measure, ward), amount in rows.items() if measure == "Laptops"} == {
        "The whole area": "under 5 deliveries"
    }
    page = text(client)
    for secret in (">80<", ">240<", ">10<", ">7<", "Moor", "Hill"):
        assert secret not in page


def test_only_who_agreed_is_named_and_nothing_private_shows(area: Flask, client: FlaskClient) -> None:
    with area.app_context():
        said = {name: f"canary-{name}" for name in ("contact_name", "contact_email", "contact_phone", "does", "place")}
        db.session.execute(update(Organisation).values(**said))
        db.session.commit()
    for url in (PAGE, f"{PAGE}.csv"):
        page = text(client, url)
        for secret in ("canary", "Quayside", "Garden Club", SENTENCE, "Digging", "Hands for the community garden"):
            assert secret not in page
    with area.app_context():
        db.session.execute(update(Organisation).where(Organisation.is_supplier).values(is_named=True))
        db.session.commit()
    assert "Quayside Builders" in text(client)
    assert "Garden Club" not in text(client)


def test_words_of_a_licensed_list_stay_inside(area: Flask, client: FlaskClient) -> None:
    with area.app_context():
        made = db.session.query(Authority).filter_by(code="X99").one()
        partnership = make.partnership(made)
        own = make.measure("NT99", authority=made, list_name="Our list", edition="1", label="Licensed words")
        for _ in range(6):
            day = last_quarter(today()).ends
            make.delivery(partnership, own, quantity=Decimal(3), started_on=day, ended_on=day)
        db.session.commit()
    page = text(client)
    assert "Our list NT99" in page
    assert "Licensed words" not in page + client.get(f"{PAGE}.csv").get_data(as_text=True)


def test_what_is_not_verified_or_not_of_the_year_is_not_there(area: Flask, client: FlaskClient) -> None:
    before = file_of(client)
    with area.app_context():
        made = db.session.query(Authority).filter_by(code="X99").one()
        partnership, hours = make.partnership(made), make.measure()
        first = last_quarter(today()).starts
        days: list[date] = [today(), first - timedelta(days=400)]
        for day in days:
            make.delivery(partnership, hours, started_on=day, ended_on=day)
        make.delivery(partnership, hours, DeliveryState.CONFIRMED, started_on=first, ended_on=first)
        db.session.commit()
    assert file_of(client) == before


def test_the_list_of_councils_leads_to_each(area: Flask, client: FlaskClient) -> None:
    assert f'href="{PAGE}"' in text(client, "/results")
    with area.app_context():
        make.authority(code="X98")
        db.session.commit()
    assert "Nothing is verified yet" in text(client, "/results/X98")
    for unknown in ("nowhere", "%00", "x" * 3000, "X99%20", "١"):
        text(client, f"/results/{unknown}", 404)
        text(client, f"/results/{unknown}.csv", 404)


def test_it_asks_the_store_little(area: Flask, client: FlaskClient, statements: list[str]) -> None:
    for path in ("/results", PAGE, f"{PAGE}.csv"):
        text(client, path)
        statements.clear()
        text(client, path)
        assert len(statements) <= 6, statements


def test_officers_read_the_same(
    area: Flask, client: FlaskClient, sign_in: Callable[[Membership | int], FlaskClient]
) -> None:
    with area.app_context():
        officer = make.officer(db.session.query(Authority).filter_by(code="X99").one()).id
        db.session.commit()
    mine = text(sign_in(officer))
    inner = [page[page.index("<article") : page.index("</article>")] for page in (mine, text(client))]
    assert inner[0] == inner[1]
