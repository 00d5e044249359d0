"""The committee pack on screen and as a file: the same numbers, kind to bad dates, and unmoved once it is closed."""

import csv
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from broker.actions import periods
from broker.domain.clock import now, today
from broker.domain.kinds import DeliveryState, FileKind
from broker.domain.periods import last_quarter
from broker.store.accounts import Membership
from broker.store.authorities import Authority, AuthorityRule
from broker.store.base import db
from broker.store.claims import Claim
from broker.store.confirmations import Confirmation
from broker.store.deliveries import Delivery
from broker.store.files import StoredFile
from broker.store.measures import Measure
from broker.store.organisations import Organisation
from broker.store.valuations import Valuation
from tests import make
from tests.quarter import SENTENCE, edition, quarter

SignIn = Callable[[Membership | int], FlaskClient]
PAGE = "/reports/pack"
XHTML = "{http://www.w3.org/1999/xhtml}"
Tables = dict[str, list[list[str]]]


@dataclass
class Scene:
    officer: FlaskClient
    far_officer: FlaskClient
    member: FlaskClient
    area: int
    days: str


@pytest.fixture
def scene(app: Flask, sign_in: SignIn) -> Scene:
    with app.app_context():
        made = quarter()
        edition(made.area, made.hours)
        days = f"from={made.span.starts}&to={made.span.ends}"
        people = made.officer, make.officer(make.authority("Westerby")), make.member(made.group)
        db.session.commit()
        ids, area = [each.id for each in people], made.area.id
    return Scene(*(sign_in(each) for each in ids), area, days)


def text(browser: FlaskClient, url: str, status: int = 200) -> str:
    answer = browser.get(url)
    assert answer.status_code == status, url
    return answer.get_data(as_text=True)


def tables_of(page: str) -> Tables:
    """Every table of a page by its caption, its heads first; of a chart the bars are left out."""
    found: Tables = {}
    for table in html5lib.parse(page).iter(f"{XHTML}table"):
        caption = "".join(next(table.iter(f"{XHTML}caption")).itertext())
        found[caption] = [list(_cells(row)) for row in table.iter(f"{XHTML}tr")]
    return found


def _cells(row: object) -> Iterator[str]:
    for cell in row:  # type: ignore[attr-defined]
        if "chart__bar" not in (cell.get("class") or ""):
            yield "".join(cell.itertext()).strip()


def file_of(browser: FlaskClient, query: str) -> Tables:
    """The tables of the file by their title, their heads first, as the page would write them."""
    answer = browser.get(f"{PAGE}.csv?{query}")
    assert answer.status_code == 200
    found, title = {}, ""
    for row in list(csv.reader(StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))[1:]:
        if not row:
            title = ""
        elif not title:
            title = row[0]
            found[title] = []
        else:
            found[title].append([_said(cell) for cell in row])
    return found


def _said(cell: str) -> str:
    return f"{Decimal(cell):,f}" if re.fullmatch(r"\d+(\.\d+)?", cell) else cell.removeprefix("'")


def test_page_paper_and_file_say_the_same(scene: Scene) -> None:
    whole = text(scene.officer, f"{PAGE}?{scene.days}")
    page, told = tables_of(whole), file_of(scene.officer, scene.days)
    for title in ("In their own words", "How this is counted"):  # on the page they are no tables
        cells = [cell for row in told.pop(title)[1:] for cell in row]
        assert cells
        assert [cell for cell in cells if cell not in html.unescape(whole)] == []
    assert {"From promise to claim", "Each measure under its themes", "What it is reckoned to be worth"} <= told.keys()
    for title, (heads, *rows) in told.items():
        parts = [(caption, table) for caption, table in page.items() if re.split(r" \(|: ", caption)[0] == title]
        shown = [row for caption, table in parts for row in of_the_file(title, caption, table, heads)]
        assert shown == rows, title
    steps = dict(zip(*told["From promise to claim"][:2], strict=True))
    assert (steps["Promised"], steps["Delivered"], steps["Verified"], steps["Claimed"]) == ("107.5", "58", "50", "25")


def of_the_file(title: str, caption: str, lines: list[list[str]], heads: list[str]) -> Iterator[list[str]]:
    """Rows of a page as the file has them: the measure apart from its unit, behind what they stand under."""
    at = heads.index("Unit") if "Unit" in heads else 0
    under = [caption.removeprefix(f"{title}: ")] if at > 1 else []
    for name, *rest in lines:
        if rest == heads[at + 1 :] or not any((name, *rest)):
            continue
        counted = re.fullmatch(r"(.*) \(([^()]*)\)", name)
        yield [name, *rest] if not at else [*under, *(counted.groups() if counted else (name, "")), *rest]


def test_paper_leaves_out_only_what_cannot_be_pressed(scene: Scene) -> None:
    """What is printed is the same page without its menus: no table and no number stands where print leaves it out."""
    page = html5lib.parse(text(scene.officer, f"{PAGE}?{scene.days}"))
    left_out = [each for each in page.iter() if "no-print" in (each.get("class") or "")]
    assert not any(list(each.iter(f"{XHTML}table")) for each in left_out)
    assert not any(each.tag == f"{XHTML}details" for each in page.iter()), "what is folded up is not printed"


def test_it_shows_the_last_whole_quarter_first(scene: Scene) -> None:
    assert tables_of(text(scene.officer, PAGE)) == tables_of(text(scene.officer, f"{PAGE}?{scene.days}"))


def test_value_is_a_range_with_its_edition(scene: Scene) -> None:
    page = html.unescape(text(scene.officer, PAGE))
    assert "about £370 to £750" in page
    assert "Values 2026" in page
    assert "Counted, and not valued: Laptops" in page
    told = file_of(scene.officer, scene.days)
    assert told["What it is reckoned to be worth"][-1] == ["All of these together", "", "", "370", "750"]
    (money,) = [means for word, means in told["How this is counted"] if word == "Money"]
    assert (
        "Values 2026”, in pounds of 2026. Source: A study. Licence: Ours to use. Counted, and not valued: Laptops."
        in money
    )


def test_a_story_names_only_who_agreed_and_no_formula_leaves_the_house(scene: Scene, app: Flask) -> None:
    page = text(scene.officer, PAGE)
    assert SENTENCE in page
    assert "=Garden Club" not in page
    with app.app_context():
        db.session.execute(update(Organisation).values(is_named=True, name="=Garden Club"))
        db.session.commit()
    assert "=Garden Club" in text(scene.officer, PAGE)
    raw = scene.officer.get(f"{PAGE}.csv").get_data(as_text=True)
    assert "'=Garden Club" in raw
    assert "\n=Garden Club" not in raw
    assert file_of(scene.officer, scene.days)["In their own words"][1][0] == "=Garden Club"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("from=2026-02-30&to=2026-03-01", "Enter a day such as"),
        ("from=1/7/2026&to=", "Enter both days"),
        ("from=2026-07-02&to=2026-07-01", "before the first"),
        ("from=0001-01-01&to=2026-07-01", "Enter a year between"),
        ("from=cats&to=%00", "Enter a day such as"),
        ("from=%F0%9F%92%A3&to=1%2F1%2F99999", "Enter a day such as"),
        ("from=٢٠٢٦-٠١-٠١&to=2026-07-01", "Enter a day such as"),
        ("from=" + "9" * 5000 + "&to=2026-07-01", "Enter a day such as"),
    ],
)
def test_bad_dates_are_refused_kindly(scene: Scene, query: str, message: str) -> None:
    page = text(scene.officer, f"{PAGE}?{query}", 422)
    assert message in page
    assert "From promise to claim" not in page
    text(scene.officer, f"{PAGE}.csv?{query}", 422)


def test_what_was_typed_is_kept(scene: Scene) -> None:
    assert 'value="31 of July"' in text(scene.officer, f"{PAGE}?from=31+of+July&to=1+August+2026", 422)
    page = text(scene.officer, f"{PAGE}?from=31+July+2026&to=1.8.2026")
    assert ('value="31/7/2026"' in page, 'value="1/8/2026"' in page) == (True, True)
    for query in ("", "?period=2026-07-01_2026-09-30"):
        shown = re.findall(r'name="(?:from|to)" type="text" value="([^"]*)"', text(scene.officer, f"{PAGE}{query}"))
        assert [re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", each) is not None for each in shown] == [True, True]


def test_an_empty_time_says_what_to_do(scene: Scene) -> None:
    assert "Nothing was promised or done" in text(scene.far_officer, f"{PAGE}?{scene.days}")


def test_it_is_for_officers(scene: Scene, client: FlaskClient) -> None:
    for path in (PAGE, f"{PAGE}.csv"):
        text(scene.member, path, 403)
        text(client, path, 302)
    assert scene.member.post(f"{PAGE}/close").status_code == 403


def close(scene: Scene) -> str:
    first, last = re.findall(r"=([\d-]+)", scene.days)
    typed = {"from": first, "to": last, "looked": "y"}
    answer = scene.officer.post(f"{PAGE}/close", data=typed, follow_redirects=True)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def inner(page: str) -> str:
    """The report itself, without what the shell puts around it."""
    return page[page.index("<article") : page.index("</article>")]


def test_a_closed_period_is_never_reckoned_anew(scene: Scene, app: Flask) -> None:
    before = tables_of(text(scene.officer, PAGE))
    assert "Closed. These figures stay" in close(scene)
    page = text(scene.officer, PAGE)
    assert "was closed on" in page
    assert "Close this period" not in page
    assert tables_of(page) == before
    with app.app_context():
        db.session.execute(update(Claim).values(state="taken_back", taken_back_at=Claim.claimed_at))
        db.session.execute(
            update(Delivery)
            .where(Delivery.nature == "additional")
            .values(quantity=Decimal(1), verified=Decimal(0), state=DeliveryState.LOGGED)
        )
        db.session.execute(update(Valuation).values(high=Decimal(9999)))
        db.session.execute(update(Measure).values(label="Otherwise", unit="miles"))
        db.session.execute(update(Organisation).values(name="Somebody"))
        db.session.commit()
    assert inner(text(scene.officer, PAGE)) == inner(page)
    assert tables_of(text(scene.officer, PAGE)) == before
    first = int(re.findall(r"=(\d{4})", scene.days)[0])
    wider = text(scene.officer, f"{PAGE}?from={first - 1}-01-01&to={first + 1}-12-31")
    assert "was closed on" in wider, "who reports these days again is told that they were reported"


def test_the_first_who_closes_wins(scene: Scene) -> None:
    close(scene)
    assert "was closed already" in close(scene)


def test_what_comes_late_is_told_in_the_next_period_and_added_to_nothing(scene: Scene, app: Flask) -> None:
    close(scene)
    with app.app_context():
        made = db.session.query(Delivery).filter_by(state=DeliveryState.CONFIRMED).one()
        day = made.ended_on + timedelta(days=100)
        db.session.execute(
            update(Delivery).where(Delivery.id == made.id).values(state=DeliveryState.VERIFIED, verified=Decimal(2))
        )
        db.session.commit()
    page = tables_of(text(scene.officer, f"{PAGE}?from={day}&to={day + timedelta(days=5)}"))
    (late,) = [table for caption, table in page.items() if caption.startswith("What has changed in periods that are")]
    assert late[1][-3:] == ["Verified", "50", "52"]
    assert page["From promise to claim"][1][3:] == ["0", "0", "0", "0"]


def test_of_two_who_close_at_once_the_first_wins(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second looked before the first had closed; what it then writes meets the row of the first."""
    close(scene)
    found, looks = periods.period_of, iter([None])
    monkeypatch.setattr(periods, "period_of", lambda *asked: next(looks, found(*asked)))
    assert "was closed already" in close(scene)


def test_consent_to_be_named_is_asked_anew_in_a_closed_period(scene: Scene, app: Flask) -> None:
    """The figures of who gave stay; whether one may say their name in public is theirs to take back."""
    with app.app_context():
        db.session.execute(update(Organisation).values(is_named=True))
        db.session.commit()
    close(scene)
    assert tables_of(text(scene.officer, PAGE))["Who gave most often"][1][:2] == ["Quayside Builders", "Yes"]
    with app.app_context():
        db.session.execute(update(Organisation).values(is_named=False))
        db.session.commit()
    for told in (tables_of(text(scene.officer, PAGE)), file_of(scene.officer, scene.days)):
        assert told["Who gave most often"][1][:2] == ["Quayside Builders", "No"]


def test_who_gave_less_often_is_told_together(scene: Scene, app: Flask) -> None:
    """Or the table would not come to the deliveries above it."""
    before = tables_of(text(scene.officer, PAGE))["Who gave most often"]
    with app.app_context():
        area, hours = db.session.get_one(Authority, scene.area), db.session.query(Measure).filter_by(code="AA-01").one()
        day = last_quarter(today()).ends
        for number in range(11):
            giver = make.supplier(area, name=f"Giver {number:02}")
            make.delivery(make.partnership(area, giver), hours, started_on=day, ended_on=day)
        db.session.commit()
    told = tables_of(text(scene.officer, PAGE))["Who gave most often"]
    assert told[-1] == ["All others together", "", "2", "2"]
    assert sum(int(row[2]) for row in told[1:]) == int(before[1][2]) + 11


def test_a_photo_is_shown_only_with_consent(scene: Scene, app: Flask) -> None:
    with app.app_context():
        told = db.session.query(Confirmation).one()
        group = db.session.query(Organisation).filter_by(name="=Garden Club").one()
        photo = StoredFile(
            organisation=group,
            kind=FileKind.PNG,
            name="beds.png",
            size=1,
            sha256="0" * 64,
            content=b"x",
            added_at=now(),
        )
        told.photo = photo
        db.session.commit()
        address = f'src="/files/{photo.id}"'
    assert address not in text(scene.officer, PAGE)
    with app.app_context():
        db.session.execute(update(Confirmation).values(photo_consent=True))
        db.session.commit()
    assert address in text(scene.officer, PAGE)


def test_the_method_note_tells_the_rules_of_the_council_as_they_were(scene: Scene, app: Flask) -> None:
    """A council that draws its own line does not send its members the usual one."""
    assert "above 40 hours or £500" in text(scene.officer, PAGE)
    with app.app_context():
        for name, value in {"first_tier_hours": "100", "first_tier_pounds": "1250.50", "confirm_days": "21"}.items():
            db.session.add(AuthorityRule(authority_id=scene.area, name=name, value=value))
        db.session.commit()
    close(scene)
    with app.app_context():
        db.session.execute(update(AuthorityRule).values(value="7"))
        db.session.commit()
    said = dict(file_of(scene.officer, scene.days)["How this is counted"])["Two ways of being sure"]
    assert "above 100 hours or £1,250.50," in said
    assert "has 21 days to answer" in said
    assert said in html.unescape(text(scene.officer, PAGE))


def test_a_time_that_is_not_over_is_not_closed(scene: Scene) -> None:
    answer = scene.officer.post(f"{PAGE}/close", data={"from": "2026-01-01", "to": "2099-12-31"})
    assert answer.status_code == 422
    assert "not over yet" in answer.get_data(as_text=True)


def test_it_is_closed_only_by_who_says_that_they_looked(scene: Scene) -> None:
    """It cannot be undone, so one press is not enough; once it is closed there is nothing left to tick."""
    typed = dict(zip(("from", "to"), re.findall(r"=([\d-]+)", scene.days), strict=True))
    answer = scene.officer.post(f"{PAGE}/close", data=typed)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, 'href="#looked"' in page, "Nothing is closed yet" in page) == (422, True, True)
    assert "From promise to claim" in page, "what one is to look at is there"
    assert "was closed on" not in text(scene.officer, PAGE)
    close(scene)
    again = scene.officer.post(f"{PAGE}/close", data=typed, follow_redirects=True)
    assert (again.status_code, "was closed already" in again.get_data(as_text=True)) == (200, True)


def test_a_story_can_be_taken_back_even_from_a_closed_period(scene: Scene, app: Flask) -> None:
    close(scene)
    with app.app_context():
        db.session.execute(update(Confirmation).values(story_consent=False))
        db.session.commit()
    page = text(scene.officer, PAGE)
    assert "was closed on" in page
    assert SENTENCE not in page


def test_it_asks_the_store_little(scene: Scene, statements: list[str]) -> None:
    for path in (PAGE, f"{PAGE}.csv"):
        text(scene.officer, path)
        statements.clear()
        text(scene.officer, path)
        assert len(statements) <= 6, statements
    close(scene)
    statements.clear()
    text(scene.officer, PAGE)
    assert len(statements) <= 6, statements
