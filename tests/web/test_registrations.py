"""An officer's list of organisations, checking who applied, and entering one for its people."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from broker.domain.kinds import PostingState, RegistrationState
from broker.store.accounts import members_of
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.listings import Posting
from broker.store.organisations import Identifier, Organisation, Registration
from tests import make
from tests.conftest import PageChecker

SignInAs = Callable[[int], PageChecker]
A, P, R, S = RegistrationState


class City:
    """Two areas with an officer each, and an organisation that applied in the first."""

    def __init__(self) -> None:
        here, there = make.authority("Northmere"), make.authority("Westerby")
        self.group = make.organisation(
            here, state=A, name="Moss Lane Scouts", referee_name="Sister Agnes", referee_contact="01632 960111"
        )
        make.organisation(here, name="1st Moss Lane Scout Group", postcode="QM3 3AA")
        make.organisation(there, name="Moss Lane Scouts CIC", postcode="QW1 1AA", contact_name="Hidden Elsewhere")
        make.organisation(there, name="Far away choir", postcode="QM1 1AA")
        db.session.commit()
        self.here, self.there = here.id, there.id
        self.registration = self.group.registrations[0].id
        self.group_id = self.group.id
        self.officer, self.other = make.officer(here).id, make.officer(there).id
        self.member, self.administrator = make.member(self.group).id, make.administrator().id
        db.session.commit()


@pytest.fixture
def city(app: Flask) -> City:
    with app.app_context():
        return City()


@pytest.fixture
def officer(city: City, sign_in: SignInAs) -> PageChecker:
    return sign_in(city.officer)


def state_of(app: Flask, city: City) -> str:
    with app.app_context():
        return db.session.get_one(Registration, city.registration).state


def test_the_list_holds_the_own_area_and_can_be_narrowed(officer: PageChecker) -> None:
    page = officer.get("/organisations").text
    assert page.index("Moss Lane Scouts") < page.index("1st Moss Lane Scout Group"), "those that wait come first"
    assert "Moss Lane Scouts CIC" not in page
    assert "Far away choir" not in page
    assert "1st Moss Lane" not in officer.get("/organisations?state=applied").text
    assert "1st Moss Lane" in officer.get("/organisations?search=1st+moss").text
    assert "Nothing fits" in officer.get("/organisations?search=%25").text
    for nonsense in ("state=rubbish", "page=0", "page=-1", "page=abc", "page=99999999999999999999"):
        assert officer.get(f"/organisations?{nonsense}").status_code == 200


def test_many_organisations_are_turned_page_by_page(
    app: Flask, city: City, officer: PageChecker, statements: list[str]
) -> None:
    with app.app_context():
        here = db.session.get_one(Authority, city.here)
        for _ in range(60):
            make.organisation(here)
        db.session.commit()
    first = officer.get("/organisations?state=approved").text
    assert "page=2&amp;state=approved" in first
    statements.clear()
    second = officer.get("/organisations?state=approved&page=2").text
    assert "page=1&amp;state=approved" in second
    assert len(statements) <= 5


def test_the_check_page_shows_who_they_are_and_who_else_they_may_be(
    city: City, officer: PageChecker, statements: list[str]
) -> None:
    path = f"/registrations/{city.registration}"
    officer.get(path)
    statements.clear()
    page = officer.get(path).text
    assert len(statements) <= 5, statements
    assert "Sister Agnes" in page
    assert f'<a class="govuk-link" href="/organisations/{city.group_id + 1}">1st Moss Lane Scout Group</a>' in page
    assert "Moss Lane Scouts CIC, in Westerby" in page, "another area's name, without a link"
    assert "Hidden Elsewhere" not in page
    assert "Far away choir" not in page, "a postcode of another area is private"
    assert "at least 85% alike" in page


def test_only_the_officer_of_the_area_may_look(city: City, client: PageChecker, sign_in: SignInAs) -> None:
    path = f"/registrations/{city.registration}"
    assert client.get(path).location == "/sign-in"
    assert sign_in(city.other).get(path).status_code == 404
    assert sign_in(city.member).get(path).status_code == 403
    assert sign_in(city.administrator).get(path).status_code == 403
    for step in ("approve", "return", "suspend", "restore"):
        assert sign_in(city.other).post(f"{path}/{step}", data={"own_words": "x"}).status_code == 404
        assert sign_in(city.member).post(f"{path}/{step}", data={"own_words": "x"}).status_code == 403
    assert sign_in(city.member).get("/organisations").status_code == 403
    assert sign_in(city.member).get("/organisations/enter").status_code == 403


def test_approving_suspending_and_restoring(app: Flask, city: City, officer: PageChecker) -> None:
    path = f"/registrations/{city.registration}"
    assert officer.post(f"{path}/approve", data={"note": "Rang Agnes"}).location == path
    assert state_of(app, city) == P
    assert officer.post(f"{path}/approve").status_code == 409, "twice is told, not done"
    page = officer.get(path).text
    assert "Rang Agnes" in page
    assert "Pause this organisation" in page
    empty = officer.post(f"{path}/suspend", data={})
    assert empty.status_code == 422
    assert "Choose a reason" in empty.text
    officer.post(f"{path}/suspend", data={"reason": "contact", "own_words": "Please ring Jo."})
    assert state_of(app, city) == S
    officer.post(f"{path}/restore")
    assert state_of(app, city) == P


def test_returning_keeps_what_was_typed_and_tells_the_group(
    app: Flask, city: City, officer: PageChecker, sign_in: SignInAs
) -> None:
    path = f"/registrations/{city.registration}"
    bad = officer.post(f"{path}/return", data={"reason": "number", "own_words": "Kind words " + "x" * 10_001})
    assert bad.status_code == 422
    assert "Kind words" in bad.text
    assert 'value="number" selected' in bad.text
    officer.post(f"{path}/return", data={"reason": "number", "own_words": "Is it the one of your church?"})
    assert state_of(app, city) == R
    page = sign_in(city.member).get("/my-organisation").text
    assert "We could not find that number in the register." in page
    assert "Is it the one of your church?" in page


def test_officers_notes_never_reach_the_group(city: City, officer: PageChecker, sign_in: SignInAs) -> None:
    officer.post(f"/registrations/{city.registration}/approve", data={"note": "Canary note"})
    member = sign_in(city.member)
    for path in ("/my-organisation", f"/organisations/{city.group_id}"):
        assert "Canary note" not in member.get(path).text


def test_nobody_is_approved_whom_nobody_knows(app: Flask, city: City, officer: PageChecker) -> None:
    with app.app_context():
        db.session.get_one(Organisation, city.group_id).referee_name = ""
        db.session.commit()
    refused = officer.post(f"/registrations/{city.registration}/approve", data={"note": "I like them"})
    assert refused.status_code == 422
    assert "Ask for a register number" in refused.text
    assert "I like them" in refused.text
    with app.app_context():
        db.session.add(Identifier(organisation_id=city.group_id, scheme="GB-CHC", number="1234567"))
        db.session.commit()
    assert officer.post(f"/registrations/{city.registration}/approve").status_code == 303


def test_a_pause_hides_what_is_open_in_that_area_only(app: Flask, city: City, officer: PageChecker) -> None:
    officer.post(f"/registrations/{city.registration}/approve")
    with app.app_context():
        group = db.session.get_one(Organisation, city.group_id)
        areas = [db.session.get_one(Authority, area) for area in (city.here, city.there)]
        make.need(group, *areas)
        db.session.commit()
    officer.post(f"/registrations/{city.registration}/suspend", data={"reason": "closed"})
    with app.app_context():
        found = {p.authority_id: p.state for p in db.session.scalars(select(Posting))}
        assert found == {city.here: PostingState.PAUSED, city.there: PostingState.OPEN}


def entry(**changed: str) -> dict[str, str]:
    return {"name": "Allotment friends", "what": "group", "how": "phone", "note": "Rang from the shed", **changed}


def test_an_officer_enters_a_group_that_rang(app: Flask, officer: PageChecker, client: PageChecker, city: City) -> None:
    assert officer.get("/organisations/enter").status_code == 200
    sent = officer.post("/organisations/enter", data=entry())
    assert sent.status_code == 303
    with app.app_context():
        made = db.session.scalars(select(Organisation).where(Organisation.name == "Allotment friends")).one()
        assert (made.claimed_at, made.entered_how) == (None, "phone")
        assert [(r.authority_id, r.state) for r in made.registrations] == [(city.here, P)]
    for visitor in (officer, client):
        page = visitor.get(sent.location or "").text
        assert "Entered by an officer by phone" in page
    assert "Rang from the shed" not in client.get(sent.location or "").text
    assert "Entered by an officer by phone" in officer.get("/organisations").text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "Enter its name"),
        ({"how": ""}, "Choose how they told you"),
        ({"how": "import"}, "Choose how they told you"),
        ({"what": ""}, "Choose what it is"),
        ({"note": ""}, "or say here how you know who they are"),
        ({"number": "1"}, "6 or 7 figures"),
        ({"postcode": "x"}, "Enter a whole postcode"),
        ({"contact_email": "x"}, "Enter an e-mail address such as"),
    ],
)
def test_a_bad_entry_is_named_and_kept(officer: PageChecker, changed: dict[str, str], said: str) -> None:
    data = entry(does="They dig on Saturdays.", **changed)
    page = officer.post("/organisations/enter", data=data)
    assert page.status_code == 422
    assert said in page.text
    for value in ("They dig on Saturdays.", data["name"], data["note"]):
        assert value in page.text


def test_an_entry_made_for_a_group_is_handed_to_its_own_people(
    app: Flask, city: City, officer: PageChecker, sign_in: SignInAs
) -> None:
    with app.app_context():
        here = db.session.get_one(Authority, city.here)
        entered = make.organisation(here, name="Moss Lane Scout Troop", claimed_at=None, entered_how="import", does="")
        listing = make.need(entered, here)
        db.session.commit()
        entered_id, listing_id = entered.id, listing.id
    page = officer.get(f"/registrations/{city.registration}").text
    path = f"/registrations/{city.registration}/hand-over/{entered_id}"
    assert path in page
    assert f"hand-over/{city.group_id}" not in page, "only what nobody acts for can be handed over"
    assert sign_in(city.other).post(path).status_code == 404
    assert sign_in(city.member).post(path).status_code == 403
    assert officer.post(path).status_code == 303
    with app.app_context():
        entered = db.session.get_one(Organisation, entered_id)
        assert entered.claimed_at is not None
        assert entered.does == db.session.get_one(Organisation, city.group_id).does
        membership = next(m for m in members_of(entered_id))
        assert [m.user_id for m in members_of(city.group_id)] == [membership.user_id]
        theirs = membership.id
    assert state_of(app, city) == R
    assert sign_in(theirs).get(f"/listings/{listing_id}/edit").status_code == 200
    assert officer.post(path).status_code == 409
