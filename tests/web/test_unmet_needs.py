"""The report of needs nobody met: page and file hold the same rows, and no address breaks it."""

import csv
import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broker.domain.clock import now
from broker.domain.kinds import PostingState, SupportKind
from broker.domain.unmet_needs import Outcome
from broker.store.accounts import Membership
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.listings import Posting
from broker.store.places import Ward
from broker.web import unmet_needs
from broker.web.unmet_needs import AGE, OUTCOME
from tests import make

SignIn = Callable[[Membership | int], FlaskClient]
PAGE = "/reports/unmet-needs"


@dataclass
class Scene:
    """An area of six old needs, one of them of a hostile title, one that ran out in a ward. A page holds three."""

    officer: FlaskClient
    far_officer: FlaskClient
    member: FlaskClient


@pytest.fixture
def area(app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(unmet_needs, "PAGE", 3)
    with app.app_context():
        north = make.authority("Northmere")
        ward = Ward(code="E05", name="Dale", authority=north, lat=53.0, lon=-2.0)
        db.session.add(ward)
        db.session.flush()
        group = make.organisation(north, name="@Group")
        titles = ["=SUM(A1)", *(f"Number {number}" for number in range(4))]
        made = [make.need(group, north, title=title) for title in titles]
        made.append(make.need(group, north, title="Lapsed", state=PostingState.LAPSED, ward_id=ward.id))
        for at, need in enumerate(made):
            db.session.query(Posting).filter_by(listing_id=need.id).update(
                {"submitted_at": now() - timedelta(days=100 - at)}
            )
        made[-1].latest.support_kind = SupportKind.SKILLS
        westerby = make.authority("Westerby")
        made[-2].latest.ward_id = make.ward(westerby).id
        people = make.officer(north), make.officer(westerby), make.member(group)
        db.session.commit()
        ids = [person.id for person in people]
    return Scene(*(sign_in(each) for each in ids))


def text(browser: FlaskClient, url: str, status: int = 200) -> str:
    answer = browser.get(url)
    assert answer.status_code == status, url
    return answer.get_data(as_text=True)


def rows_of(page: str) -> list[str]:
    return [
        html.unescape(each) for each in re.findall(r'<th scope="row"[^>]*><a [^>]*href="/listings/\d+">([^<]*)', page)
    ]


def file_of(browser: FlaskClient, query: str = "") -> list[dict[str, str]]:
    answer = browser.get(f"{PAGE}.csv{query}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="needs-nobody-met.csv"'
    return list(csv.DictReader(StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_page_and_file_say_the_same(area: Scene) -> None:
    first, second = text(area.officer, PAGE), text(area.officer, f"{PAGE}?page=2")
    assert "6</span> that nobody met" in first
    assert "open for 60 days or more" in first
    assert len(rows_of(first)) == 3
    whole = rows_of(text(area.officer, f"{PAGE}?whole=y"))
    assert whole == rows_of(first) + rows_of(second)
    told = file_of(area.officer)
    assert [row["title"].removeprefix("'") for row in told] == whole
    assert told[0]["title"] == "'=SUM(A1)", "no formula leaves the house"
    assert {row["organisation"] for row in told} == {"'@Group"}
    assert told[-1]["ward"] == "Dale"
    assert (told[-1]["days ago"], told[-1]["what became of it"]) == ("95", "Ran out")


def test_a_bar_leads_to_what_it_counts_and_the_file_is_narrowed_alike(area: Scene) -> None:
    page = html.unescape(text(area.officer, PAGE))
    href = re.search(rf'href="({PAGE}\?ward=E05)">Dale', page)
    assert href
    narrowed = text(area.officer, href[1])
    assert rows_of(narrowed) == ["Lapsed"]
    assert "Dale<span" in narrowed
    assert [row["title"] for row in file_of(area.officer, "?ward=E05")] == ["Lapsed"]
    assert f"{PAGE}.csv?ward=E05" in narrowed
    assert f'href="{PAGE}?ward=other">In another council\'s ward' in page
    assert rows_of(text(area.officer, f"{PAGE}?ward=other")) == ["Number 3"]


@pytest.mark.parametrize(
    "query",
    [
        "theme=%00&ward=<script>&kind=offer&support=cats&age=old&outcome=1",
        "page=0&whole=maybe", "page=99999999999999999999", "ward=" + "x" * 5000, "age=month&age=year",
    ],
)  # fmt: skip
def test_no_address_breaks_it(area: Scene, query: str) -> None:
    text(area.officer, f"{PAGE}?{query}")
    file_of(area.officer, f"?{query}")


def test_what_is_younger_is_not_counted_and_not_hidden(app: Flask, area: Scene) -> None:
    with app.app_context():
        westerby = db.session.query(Authority).filter_by(name="Westerby").one()
        make.need(make.organisation(westerby), westerby, title="Asked today")
        db.session.commit()
    page = text(area.far_officer, PAGE)
    assert "Nothing has waited too long" in page
    assert "1 open for less than 60 days" in page
    assert "Nobody was left without" not in page
    young = text(area.far_officer, f"{PAGE}?outcome=young")
    assert rows_of(young) == ["Asked today"]
    assert "1</span> open for less than 60 days" in young
    assert [row["what became of it"] for row in file_of(area.far_officer, "?outcome=young")] == [
        "Still open, not counted yet"
    ]
    assert file_of(area.far_officer) == []


def test_it_says_what_to_do_where_there_is_nothing(area: Scene) -> None:
    assert "Nobody was left without" in text(area.far_officer, PAGE)
    assert file_of(area.far_officer) == []
    assert "Nothing fits all of that" in text(area.officer, f"{PAGE}?outcome=not_needed")
    assert "There are no more" in text(area.officer, f"{PAGE}?page=3")


def test_it_is_for_officers(area: Scene, client: FlaskClient) -> None:
    for path in ("/reports", PAGE, f"{PAGE}.csv"):
        text(area.member, path, 403)
        text(client, path, 302)


def test_all_reports_stand_on_one_page(area: Scene) -> None:
    page = text(area.officer, "/reports")
    for href in re.findall(r'class="card__title"><a [^>]*href="([^"]+)"', page):
        text(area.officer, href)
    assert PAGE in page


def test_it_asks_the_store_little(area: Scene, statements: list[str]) -> None:
    for path in (PAGE, f"{PAGE}?ward=E05&theme=none", f"{PAGE}.csv"):
        text(area.officer, path)
        statements.clear()
        text(area.officer, path)
        assert len(statements) <= 6, statements


def test_every_age_and_outcome_has_words() -> None:
    assert len(set(AGE.values())) == 5
    assert len(set(OUTCOME.values())) == len(Outcome) == 6
