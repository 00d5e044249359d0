"""Public results: what anybody may read, and nothing that tells of a few or of somebody who did not agree."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from broker.domain.clock import now, today
from broker.domain.kinds import DeliveryState
from broker.domain.periods import last_quarter
from broker.store.accounts import Membership
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.measures import Measure
from broker.store.organisations import Organisation
from broker.store.places import Ward
from tests import make
from tests.quarter import SENTENCE, quarter

PAGE = "/results/X99"


BEFORE, NOW = datetime(2026, 10, 20, 12, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC)  # about 1 November


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(BEFORE) as clock:
        yield clock


@pytest.fixture
def area(clock: time_machine.Traveller, app: Flask) -> Flask:
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
    clock.move_to(NOW)
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
    assert "680" in page  # 17 x 40; the 10 hours of the lasting one are told apart, or would be if they were more
    assert "verified by 31 October 2026" in page
    assert "The next come on 1 February 2027" in page
    assert "Provisional wording" in page
    rows = {(row["measure"], row["ward"]): row for row in file_of(client) if row["one-off or lasting"] == "One-off"}
    hours = "Volunteering for a community project"
    assert rows[hours, "The whole area"]["verified amount"] == "680"
    assert [row["verified amount"] for row in file_of(client) if row["one-off or lasting"] == "Lasting"] == ["under 5"]
    assert rows[hours, "Dale"]["verified amount"] == "360"
    assert rows[hours, "The whole area"]["theme"] == "Good neighbours"


def test_small_numbers_are_told_together_and_another_with_them(area: Flask, client: FlaskClient) -> None:
    """Two in Moor are few: without Hill, the total would give them away."""
    rows = {
        (row["measure"], row["ward"]): row["verified amount"]
        for row in file_of(client)
        if row["one-off or lasting"] == "One-off"
    }
    hours = "Volunteering for a community project"
    assert [ward for measure, ward in rows if measure == hours] == ["The whole area", "Dale", "Other wards together"]
    assert rows[hours, "Other wards together"] == "320"  # six in Hill and two in Moor
    assert {ward: amount for (measure, ward), amount in rows.items() if measure == "Laptops"} == {
        "The whole area": "under 5"
    }
    page = text(client)
    for secret in (">80<", ">240<", ">690<", ">10<", ">7<", "Moor", "Hill"):
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
            make.delivery(partnership, own, quantity=Decimal(3), started_on=day, ended_on=day, verified_at=BEFORE)
        db.session.commit()
    page = text(client)
    assert "Our list NT99" in page
    assert "Licensed words" not in page + client.get(f"{PAGE}.csv").get_data(as_text=True)


def test_nothing_moves_from_one_day_to_the_next(
    area: Flask, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    """Or whoever reads before and after one more delivery would know what it came to, and where."""
    first, day = file_of(client), last_quarter(today()).ends
    with area.app_context():
        made = db.session.query(Authority).filter_by(code="X99").one()
        hours = db.session.query(Measure).filter_by(code="AA-01").one()
        make.delivery(make.partnership(made), hours, started_on=day, ended_on=day)
        db.session.commit()
    for later in (now(), NOW + timedelta(days=69)):
        clock.move_to(later)
        assert file_of(client) == first
    clock.move_to(NOW + timedelta(days=70))
    whole = next(row for row in file_of(client) if row["one-off or lasting"] == "One-off")
    assert (whole["known until"], whole["verified amount"]) == ("2027-01-31", "720")


def test_so_small_a_sum_is_hidden_as_so_few_deliveries_are(area: Flask, client: FlaskClient) -> None:
    """Six deliveries that came to three people between them tell of three people."""
    with area.app_context():
        made = db.session.query(Authority).filter_by(code="X99").one()
        partnership, people = make.partnership(made), make.measure("AA-03", label="In paid work", unit="FTE-year")
        for _ in range(6):
            day = last_quarter(today()).ends
            make.delivery(
                partnership, people, quantity=Decimal("0.5"), started_on=day, ended_on=day, verified_at=BEFORE
            )
        db.session.commit()
    (told,) = [row for row in file_of(client) if row["measure"] == "In paid work"]
    assert (told["verified deliveries"], told["verified amount"]) == ("under 5", "under 5")


def test_what_is_not_verified_or_not_of_the_year_is_not_there(area: Flask, client: FlaskClient) -> None:
    before = file_of(client)
    with area.app_context():
        made = db.session.query(Authority).filter_by(code="X99").one()
        partnership, hours = make.partnership(made), make.measure()
        first = last_quarter(today()).starts
        days: list[date] = [today(), first - timedelta(days=400)]
        for day in days:
            make.delivery(partnership, hours, started_on=day, ended_on=day, verified_at=BEFORE)
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
