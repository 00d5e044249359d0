"""Signing up, one's own organisation, and what everyone may read about another."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from broker.domain.kinds import OrganisationSize, PostingState, RegistrationState
from broker.store.accounts import Membership, User
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.events import Event
from broker.store.organisations import Organisation, Registration
from broker.store.outbox import Outbox
from tests import make
from tests.conftest import PageChecker

SignInAs = Callable[..., PageChecker]
PASSWORD = "three random words"


@pytest.fixture
def areas(app: Flask) -> list[int]:
    with app.app_context():
        made = [
            make.authority("Northmere", region="Mereland"),
            make.authority("Westerby", region="Mereland"),
            make.authority("Bury", region="Greater Manchester"),
        ]
        db.session.commit()
        return [area.id for area in made]


def answers(*areas: int, **changed: Any) -> dict[str, Any]:
    """What a group types at sign-up."""
    return {
        "name": "Lantern Hill Singers",
        "what": "group",
        "size": "under_10",
        "scheme": "GB-CHC",
        "number": "1234567",
        "referee_name": "",
        "referee_contact": "",
        "does": "We sing on Tuesdays.",
        "serves": "Anyone who likes to sing",
        "authorities": [str(area) for area in areas],
        "place": "Lantern Hill",
        "postcode": "qm21aa",
        "contact_name": "Ada Okafor",
        "contact_email": "Ada@Example.org",
        "contact_phone": "01632 960999",
        "password": PASSWORD,
        **changed,
    }


def confirm(app: Flask, client: PageChecker, password: str = PASSWORD) -> TestResponse:
    """Open the link in the latest letter, and type the password chosen at sign-up."""
    with app.app_context():
        token = db.session.scalars(select(Outbox.token).order_by(Outbox.id.desc())).first()
    assert client.get(f"/verify-address/{token}").status_code == 200
    return client.post(f"/verify-address/{token}", data={"password": password})


def test_sign_up_makes_everything_and_the_letter_signs_in(app: Flask, client: PageChecker, areas: list[int]) -> None:
    assert client.get("/sign-up").status_code == 200
    sent = client.post("/sign-up", data=answers(*areas[:2]))
    assert (sent.status_code, sent.location) == (303, "/sign-up/sent")
    assert "Look in your e-mail" in client.get("/sign-up/sent").text
    early = client.post("/sign-in", data={"email": "ada@example.org", "password": PASSWORD})
    assert early.status_code == 422
    assert "Open the link in our letter first" in early.text
    stranger = confirm(app, client, "what a stranger would type")
    assert stranger.status_code == 422
    assert confirm(app, client).location == "/welcome"
    page = client.get("/welcome").get_data(as_text=True)
    assert "Lantern Hill Singers" in page
    assert "Northmere and of Westerby" in page
    with app.app_context():
        organisation = db.session.scalars(select(Organisation)).one()
        assert organisation.claimed_at is not None
        assert organisation.postcode == "QM2 1AA"
        assert organisation.size == OrganisationSize.UNDER_10
        assert [(i.scheme, i.number) for i in organisation.identifiers] == [("GB-CHC", "1234567")]
        states = [(r.authority_id, r.state) for r in organisation.registrations]
        assert states == [(areas[0], RegistrationState.APPLIED), (areas[1], RegistrationState.APPLIED)]
        user = db.session.scalars(select(User)).one()
        assert (user.email, user.name) == ("ada@example.org", "Ada Okafor")
        assert (user.password_hash or "").startswith("$argon2id$")


def test_no_number_needs_a_referee_and_a_number_makes_one_optional(
    app: Flask, client: PageChecker, areas: list[int]
) -> None:
    page = client.post("/sign-up", data=answers(areas[0], number="", no_number="y"))
    assert page.status_code == 422
    assert "Name somebody outside your group" in page.text
    sent = client.post(
        "/sign-up",
        data=answers(areas[0], number="", no_number="y", referee_name="Sister Agnes", referee_contact="01632 960111"),
    )
    assert sent.status_code == 303
    with app.app_context():
        organisation = db.session.scalars(select(Organisation)).one()
        assert (organisation.referee_name, organisation.constituted) == ("Sister Agnes", False)
        assert organisation.identifiers == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "Enter the name of your group"),
        ({"name": "x" * 301}, "Keep this under"),
        ({"what": ""}, "Choose what it is"),
        ({"what": "council"}, "Choose what it is"),
        ({"size": "eleven"}, "Choose one of these"),
        ({"number": "12"}, "A charity number of England or Wales has 6 or 7 figures"),
        ({"scheme": "GB-COH", "number": "12AB"}, "A company number has 8 figures"),
        ({"scheme": "GB-XYZ", "number": "12345678"}, "Choose the register"),
        ({"number": ""}, "Give a number here, or tick the box"),
        ({"does": "  "}, "Tell us what you do"),
        ({"does": "x" * 10_001}, "Keep this under 10,000"),
        ({"serves": ""}, "Tell us who it is for"),
        ({"authorities": []}, "Choose at least one council area"),
        ({"authorities": ["9999"]}, "Choose at least one council area"),
        ({"authorities": ["abc"]}, "Choose at least one council area"),
        ({"postcode": "nowhere"}, "Enter a whole postcode"),
        ({"contact_name": ""}, "Enter your name"),
        ({"contact_email": "not an address"}, "Enter an e-mail address such as"),
        ({"contact_email": ""}, "Enter your e-mail address"),
        ({"contact_phone": "0" * 41}, "Keep this under 40"),
        ({"password": "short"}, "at least 12 characters"),
        ({"password": "passwordpassword"}, "one of the first that a stranger would try"),
        ({"password": "our common thread rocks"}, "name of this service"),
        ({"password": ""}, "at least 12 characters"),
    ],
)
def test_bad_answers_are_named_and_nothing_typed_is_lost(
    app: Flask, client: PageChecker, areas: list[int], changed: dict[str, Any], said: str
) -> None:
    data = answers(*areas[:2], **changed)
    page = client.post("/sign-up", data=data)
    assert page.status_code == 422
    assert said in page.text
    assert "There is a problem" in page.text
    for name in ("name", "number", "does", "serves", "place", "postcode", "contact_name", "contact_email"):
        assert data[name].strip() in page.text, f"{name} was lost"
    for area in data["authorities"]:
        if area in map(str, areas):
            assert f'value="{area}" checked' in page.text
    if data["password"]:
        assert data["password"] not in page.text
    with app.app_context():
        assert db.session.scalars(select(User)).all() == []


def test_a_known_address_is_answered_like_a_new_one(app: Flask, client: PageChecker, areas: list[int]) -> None:
    """Whoever types it must not learn that it has an account; its owner does, by letter."""
    new = client.post("/sign-up", data=answers(areas[0]))
    confirm(app, client)
    client.post("/sign-out")
    known = client.post("/sign-up", data=answers(areas[0], name="Another group", contact_email="ADA@example.org"))
    assert (known.status_code, known.location, known.data) == (new.status_code, new.location, new.data)
    with app.app_context():
        assert db.session.scalars(select(Organisation.name)).all() == ["Lantern Hill Singers"]
        assert [letter.kind for letter in db.session.scalars(select(Outbox).order_by(Outbox.id))] == [
            "verify_address",
            "account_exists",
        ]


def test_a_letter_that_went_astray_is_written_again(app: Flask, client: PageChecker, areas: list[int]) -> None:
    client.post("/sign-up", data=answers(areas[0]))
    client.post("/sign-up", data=answers(areas[0], password="four more random words"))
    assert confirm(app, client, "four more random words").location == "/welcome"
    with app.app_context():
        assert len(db.session.scalars(select(Organisation)).all()) == 1


def test_nothing_but_the_questions_can_be_set(app: Flask, client: PageChecker, areas: list[int]) -> None:
    more = {"state": "approved", "claimed_at": "", "entered_how": "import", "id": "77", "role": "administrator"}
    assert client.post("/sign-up", data=answers(areas[0], **more)).status_code == 303
    with app.app_context():
        organisation = db.session.scalars(select(Organisation)).one()
        assert organisation.id != 77
        assert organisation.entered_how is None
        assert [r.state for r in organisation.registrations] == ["applied"]
        assert db.session.scalars(select(Membership)).one().role == "member"


def test_without_any_council_sign_up_says_so(client: PageChecker) -> None:
    assert "No council has opened its list here yet" in client.get("/sign-up").text


@pytest.fixture
def returned(app: Flask, areas: list[int]) -> int:
    """A member of an organisation that Northmere returned and Westerby has not seen."""
    with app.app_context():
        area = db.session.get_one(Authority, areas[0])
        organisation = make.organisation(area, state=RegistrationState.RETURNED)
        membership = make.member(organisation)
        db.session.commit()
        return membership.id


def test_a_returned_organisation_answers_and_applies_again(
    app: Flask, sign_in: SignInAs, areas: list[int], returned: int
) -> None:
    visitor = sign_in(returned)
    assert "An officer asked for something more" in visitor.get("/my-organisation").text
    sent = visitor.post("/my-organisation/apply", data={"authority": areas[0], "answer": "Our nurse is Ann."})
    assert sent.status_code == 303
    assert "Waiting for an officer" in visitor.get("/my-organisation").text
    again = visitor.post("/my-organisation/apply", data={"authority": areas[0]})
    assert again.status_code == 409


def test_another_area_can_be_asked(app: Flask, sign_in: SignInAs, areas: list[int], returned: int) -> None:
    visitor = sign_in(returned)
    assert visitor.post("/my-organisation/apply", data={"authority": areas[1]}).status_code == 303
    with app.app_context():
        made = db.session.scalars(select(Registration).where(Registration.authority_id == areas[1])).one()
        assert made.state == RegistrationState.APPLIED
    for nonsense in ("", "abc", "999", "0"):
        page = visitor.post("/my-organisation/apply", data={"authority": nonsense})
        assert page.status_code == 422
        assert "Choose a council area" in page.text


def test_editing_keeps_what_was_typed_and_records_the_change(
    app: Flask, sign_in: SignInAs, areas: list[int], returned: int
) -> None:
    visitor = sign_in(returned)
    page = visitor.get("/my-organisation/edit")
    assert "Harbour Street Helpers" in page.text
    data = answers(does="We now dance as well.", postcode="rubbish")
    bad = visitor.post("/my-organisation/edit", data=data)
    assert bad.status_code == 422
    assert "We now dance as well." in bad.text
    data["postcode"] = ""
    assert visitor.post("/my-organisation/edit", data=data).location == "/my-organisation"
    with app.app_context():
        organisation = db.session.scalars(select(Organisation)).one()
        assert (organisation.does, organisation.postcode) == ("We now dance as well.", "")
        event = db.session.scalars(select(Event).where(Event.action == "edit_organisation")).one()
        assert {"does", "postcode", "number"} <= set(event.fields)


@pytest.fixture
def known(app: Flask, areas: list[int]) -> int:
    """An approved organisation full of private canaries, with one open and one draft listing."""
    with app.app_context():
        area = db.session.get_one(Authority, areas[0])
        organisation = make.organisation(
            area,
            name="Canary Choir",
            contact_name="Canary Contact",
            contact_email="canary@example.org",
            contact_phone="01632 960777",
            postcode="QM7 7ZZ",
            referee_name="Canary Referee",
            referee_contact="referee@example.org",
        )
        make.need(organisation, area, title="Chairs for the choir")
        make.need(organisation, area, title="Secret draft", state=PostingState.DRAFT)
        db.session.commit()
        return organisation.id


CANARIES = ("Canary Contact", "canary@example.org", "01632 960777", "QM7 7ZZ", "Canary Referee", "referee@example.org")


def test_a_public_profile_shows_worth_and_listings_and_nothing_private(
    app: Flask, client: PageChecker, sign_in: SignInAs, known: int, returned: int
) -> None:
    for visitor in (client, sign_in(returned)):
        page = visitor.get(f"/organisations/{known}").text
        assert "We cook and talk together" in page
        assert "(QM7)" in page
        assert "Chairs for the choir" in page
        assert "Secret draft" not in page
        for canary in CANARIES:
            assert canary not in page, canary


def test_owner_and_own_officer_see_the_private_part(
    app: Flask, sign_in: SignInAs, known: int, areas: list[int]
) -> None:
    with app.app_context():
        organisation = db.session.get_one(Organisation, known)
        people = [make.member(organisation), make.officer(db.session.get_one(Authority, areas[0]))]
        stranger = make.officer(db.session.get_one(Authority, areas[1]))
        db.session.commit()
        ids, stranger_id = [person.id for person in people], stranger.id
    outsider = sign_in(stranger_id)
    for visitor in map(sign_in, ids):
        page = visitor.get(f"/organisations/{known}").text
        assert all(canary in page for canary in CANARIES)
        assert visitor.get(f"/organisations/{known}/edit").status_code == 200
    page = outsider.get(f"/organisations/{known}").text
    assert not any(canary in page for canary in CANARIES)
    assert outsider.get(f"/organisations/{known}/edit").status_code == 404


@pytest.mark.parametrize("state", [s for s in RegistrationState if s is not RegistrationState.APPROVED])
def test_an_organisation_without_approval_does_not_exist_for_strangers(
    app: Flask, client: PageChecker, areas: list[int], state: RegistrationState
) -> None:
    with app.app_context():
        made = make.organisation(db.session.get_one(Authority, areas[0]), state=state)
        db.session.commit()
        organisation_id = made.id
    assert client.get(f"/organisations/{organisation_id}").status_code == 404
    assert client.get("/organisations/99999").status_code == 404


def test_pages_ask_few_questions_of_the_database(
    app: Flask, client: PageChecker, sign_in: SignInAs, known: int, areas: list[int], statements: list[str]
) -> None:
    with app.app_context():
        organisation = db.session.get_one(Organisation, known)
        make.organisation(db.session.get_one(Authority, areas[0]))
        membership = make.member(organisation)
        db.session.commit()
        member_id = membership.id
    visitor = sign_in(member_id)
    client.get("/healthz")
    for path in ("/my-organisation", "/my-organisation/edit", f"/organisations/{known}", "/welcome", "/sign-up"):
        visitor.get(path)
        statements.clear()
        visitor.get(path)
        assert len(statements) <= 5, (path, statements)


def test_two_who_edit_at_once_are_told(app: Flask, sign_in: SignInAs, areas: list[int], returned: int) -> None:
    one, other = sign_in(returned), sign_in(returned)
    version = one.get("/my-organisation/edit").text.split('name="version" value="')[1].split('"')[0]
    assert one.post("/my-organisation/edit", data=answers(version=version)).status_code == 303
    late = other.post("/my-organisation/edit", data=answers(version=version, serves="Everybody else"))
    assert late.status_code == 422
    assert "Somebody else changed this while" in late.text
    assert "Everybody else" in late.text
    newer = late.text.split('name="version" value="')[1].split('"')[0]
    assert other.post("/my-organisation/edit", data=answers(version=newer, serves="Everybody else")).status_code == 303


def test_an_officer_can_complete_what_nobody_has_claimed(app: Flask, sign_in: SignInAs, areas: list[int]) -> None:
    with app.app_context():
        area = db.session.get_one(Authority, areas[0])
        imported = make.organisation(area, claimed_at=None, entered_how="import", does="", serves="", contact_email="")
        officer = make.officer(area)
        db.session.commit()
        organisation_id, officer_id = imported.id, officer.id
    visitor = sign_in(officer_id)
    path = f"/organisations/{organisation_id}"
    assert visitor.get(f"{path}/edit").status_code == 200
    sent = visitor.post(
        f"{path}/edit", data={"name": "Imported group", "what": "group", "contact_phone": "01632 960123"}
    )
    assert sent.location == path
    assert "01632 960123" in visitor.get(path).text


def test_nobody_has_to_say_how_many_they_are_and_can_take_it_back(
    app: Flask, sign_in: SignInAs, areas: list[int], returned: int
) -> None:
    visitor = sign_in(returned)

    def chosen() -> str:
        page = visitor.get("/my-organisation/edit").text
        return next(found[1] for found in re.finditer(r'name="size"[^>]* value="([^"]*)"[^>]* checked', page))

    assert chosen() == "", "not said is what stands there until somebody says it"
    for said, told in (("under_250", "50 to 249 people"), ("", "Not said")):
        version = visitor.get("/my-organisation/edit").text.split('name="version" value="')[1].split('"')[0]
        assert visitor.post("/my-organisation/edit", data=answers(version=version, size=said)).status_code == 303
        assert chosen() == said
        assert re.search(rf"How many people.*?{told}", visitor.get("/my-organisation").text, re.S)
