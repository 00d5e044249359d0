"""What the group says: by a link without signing in, on its page, on the telephone; and its own record of it all."""

import csv
from io import BytesIO, StringIO

import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions.deliveries import withdraw_delivery
from broker.actions.files import Clean, cleaned
from broker.domain.clock import now
from broker.domain.files import Upload
from broker.domain.kinds import Role
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.confirmations import ConfirmationLink, confirmation_of
from broker.store.deliveries import Delivery
from broker.store.files import StoredFile
from tests import make
from tests.conftest import PageChecker
from tests.hostile_files import JPEG, PDF
from tests.web.delivering import SignIn, Stage


@pytest.fixture
def stage(app: Flask, sign_in: SignIn) -> Stage:
    return Stage(app, sign_in)


def page_of(client: PageChecker, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def another_jpeg() -> bytes:
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "JPEG")
    return out.getvalue()


def said(stage: Stage, delivery_id: int) -> tuple[str, object] | None:
    with stage.app.app_context():
        found = confirmation_of(delivery_id)
        return (found.answer, found.quantity) if found else None


def test_a_link_answers_without_signing_in_and_without_a_cookie(stage: Stage) -> None:
    made = stage.logged()
    stage.app.config["WTF_CSRF_ENABLED"] = True
    client = stage.app.test_client(use_cookies=False)
    url = f"/c/{stage.token()}"
    for _ in range(2):  # a mail program looks at it first
        page = client.get(url).get_data(as_text=True)
        assert "Did you get this: 8 hours?" in page
    assert (stage.state(made), said(stage, made)) == (("logged", 0), None), "opening it changes nothing"
    answer = client.post(url, data={"answer": "less", "quantity": "6.5", "sentence": "Lovely people"})
    assert (answer.status_code, answer.location) == (303, url)
    assert stage.state(made) == ("verified", 6.5)
    assert "Less than that" in client.get(url).get_data(as_text=True)
    assert "Lovely" not in client.get(url).get_data(as_text=True), (
        "what was written is not for whoever finds the letter"
    )


def test_a_link_is_nobodys_elses_business(stage: Stage, client: PageChecker) -> None:
    stage.logged()
    answer = client.get(f"/c/{stage.token()}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "private" not in answer.get_data(as_text=True), "nobody's contact stands on it"


def test_a_second_answer_is_told_what_the_first_one_was(stage: Stage, client: PageChecker) -> None:
    made = stage.logged()
    url = f"/c/{stage.token()}"
    assert client.post(url, data={"answer": "yes"}).status_code == 303
    again = client.post(url, data={"answer": "not_at_all", "sentence": "Nobody <came> at all"})
    assert again.status_code == 409
    assert "Nobody &lt;came&gt; at all" in again.get_data(as_text=True), "what was typed is given back"
    assert "Yes, all of it" in again.get_data(as_text=True)
    assert "A link answers once" in again.get_data(as_text=True)
    assert stage.state(made) == ("verified", 8)


def test_links_that_open_nothing_say_what_to_do(stage: Stage, client: PageChecker) -> None:
    made = stage.logged()
    url = f"/c/{stage.token()}"
    assert "part of it was lost" in page_of(client, f"{url}x", 404)
    assert "part of it was lost" in page_of(client, "/c/" + "é" * 3000, 404)
    with stage.at_work() as scene:
        withdraw_delivery(db.session.get_one(Delivery, made), scene.by("firm"))
    assert "has taken this back" in page_of(client, url)
    assert client.post(url, data={"answer": "yes"}).status_code == 409
    stage.logged(ago=5)
    with stage.at_work():
        db.session.query(ConfirmationLink).update({"expires_at": now()})
    url = f"/c/{stage.token()}"
    assert "too old" in page_of(client, url)
    assert client.post(url, data={"answer": "yes"}).status_code == 409


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "Choose one"),
        ({"answer": "perhaps"}, "Choose one from the list"),
        ({"answer": "less"}, "Say how much"),
        ({"answer": "less", "quantity": "9"}, "not less than they say"),
        ({"answer": "less", "quantity": "-1"}, "a number above 0"),
        ({"answer": "more", "quantity": "8"}, "That is all of it"),
        ({"answer": "more", "quantity": "1" * 30}, "Enter a number"),
        ({"answer": "yes", "sentence": "x" * 2001}, "under 2,000 characters"),
        ({"answer": "yes", "photo": (BytesIO(PDF), "photo.jpg", "image/jpeg")}, "is called .jpg but is a PDF"),
    ],
    ids=range(9),
)
def test_what_does_not_fit_is_said_and_nothing_is_lost(
    stage: Stage, client: PageChecker, typed: dict[str, object], told: str
) -> None:
    made = stage.logged()
    data = {"sentence": "They sang as well", **typed}
    answer = client.post(f"/c/{stage.token()}", data=data, content_type="multipart/form-data")
    page = answer.get_data(as_text=True)
    assert (answer.status_code, told in page) == (422, True), page
    assert str(data["sentence"]) in page
    assert stage.state(made) == ("logged", 0)


def test_the_giver_who_opens_the_letter_does_not_answer_it(stage: Stage) -> None:
    made = stage.logged()
    answer = stage.of("firm").post(f"/c/{stage.token()}", data={"answer": "yes"})
    assert answer.status_code == 422
    assert "You act for the organisation that gave this" in answer.get_data(as_text=True)
    assert stage.state(made) == ("logged", 0)


def test_who_acts_for_both_is_told_before_they_type(stage: Stage) -> None:
    made = stage.logged()
    with stage.at_work() as scene:
        person = scene.people["group"].user
        db.session.add(Membership(user=person, role=Role.COLLEAGUE, organisation=scene.firm, created_at=now()))
    group, url = stage.of("group"), f"/deliveries/{made}/confirm"
    page = page_of(group, url)
    assert "You act for the organisation that gave this" in page
    assert "Send the answer" not in page
    answer = group.post(url, data={"answer": "yes", "sentence": "They sang"})
    assert answer.status_code == 422
    assert "They sang" in answer.get_data(as_text=True)
    assert stage.state(made) == ("logged", 0)


def test_a_group_answers_on_its_page_and_may_change_its_mind(stage: Stage) -> None:
    made = stage.logged()
    group = stage.of("group")
    url = f"/deliveries/{made}/confirm"
    assert "Say what you got" in page_of(group, "/my-matches")
    assert group.post(url, data={"answer": "less", "quantity": "3", "sentence": "Three"}).status_code == 303
    assert "Say what you got" not in page_of(group, "/my-matches")
    page = page_of(group, url)
    assert "You have answered: Less than that" in page
    assert "Three" in page
    assert group.post(url, data={"answer": "yes"}).status_code == 303
    assert stage.state(made) == ("verified", 8)


def test_a_photo_comes_with_consent_of_its_own(stage: Stage) -> None:
    made = stage.logged()
    group = stage.of("group")
    data = {"answer": "yes", "photo": (BytesIO(JPEG), "garden.jpg", "image/jpeg")}
    assert group.post(f"/deliveries/{made}/confirm", data=data).status_code == 303
    page = page_of(group, f"/deliveries/{made}")
    assert "garden.jpg" in page
    assert "may not be shown to others" in page
    with stage.app.app_context():
        found = confirmation_of(made)
        assert found is not None
        file = found.photo_id
    assert stage.of("firm").get(f"/files/{file}").status_code == 200
    assert stage.of("elsewhere").get(f"/files/{file}").status_code == 404


def with_photo(stage: Stage) -> tuple[int, int]:
    """An answer that may be told, with a photo that may be shown: the delivery and the file."""
    made = stage.logged()
    data = {"answer": "yes", "sentence": "Lovely", "story_consent": "y", "photo_consent": "y"}
    photo = {"photo": (BytesIO(JPEG), "garden.jpg", "image/jpeg")}
    assert stage.of("group").post(f"/deliveries/{made}/confirm", data=data | photo).status_code == 303
    with stage.app.app_context():
        return made, db.session.scalars(select(StoredFile.id)).one()


def told(stage: Stage, delivery_id: int) -> tuple[bool, bool, int | None]:
    with stage.app.app_context():
        found = confirmation_of(delivery_id)
        assert found is not None
        return found.story_consent, found.photo_consent, found.photo_id


@pytest.mark.parametrize("who", ["group", "officer"])
def test_consent_is_taken_back_at_once_and_the_photo_with_it(stage: Stage, who: str) -> None:
    made, file = with_photo(stage)
    assert "Tell this to nobody else, and take the photo away" in page_of(stage.of(who), f"/deliveries/{made}")
    assert stage.of(who).post(f"/deliveries/{made}/take-back-consent").status_code == 303
    assert told(stage, made) == (False, False, None)
    assert [stage.of(each).get(f"/files/{file}").status_code for each in ("firm", "group", "officer")] == [404] * 3
    page = page_of(stage.of(who), f"/deliveries/{made}")
    assert "Lovely" in page, "its own words stay for the two sides"
    assert "take-back-consent" not in page
    assert stage.state(made)[0] == "verified", "nothing that counts has changed"


@pytest.mark.parametrize(("who", "status"), [("firm", 403), ("elsewhere", 404)])
def test_nobody_else_takes_consent_back(stage: Stage, who: str, status: int) -> None:
    made, file = with_photo(stage)
    assert "take-back-consent" not in page_of(stage.of("firm"), f"/deliveries/{made}")
    assert stage.of(who).post(f"/deliveries/{made}/take-back-consent").status_code == status
    assert told(stage, made) == (True, True, file)


def test_where_nothing_was_said_there_is_nothing_to_take_back(stage: Stage) -> None:
    assert stage.of("officer").post(f"/deliveries/{stage.logged()}/take-back-consent").status_code == 409


@pytest.mark.parametrize("sent", [{"without_photo": "y"}, {"photo": "another"}])
def test_a_photo_that_is_taken_away_or_replaced_is_gone_for_all(stage: Stage, sent: dict[str, object]) -> None:
    made, file = with_photo(stage)
    group = stage.of("group")
    assert "Take away the photo that is here" in page_of(group, f"/deliveries/{made}/confirm")
    if "photo" in sent:
        sent = {"photo": (BytesIO(another_jpeg()), "party.jpg", "image/jpeg")}
    data = {"answer": "yes", "sentence": "Lovely", "story_consent": "y", "photo_consent": "y", **sent}
    assert group.post(f"/deliveries/{made}/confirm", data=data).status_code == 303
    story, photo, now_there = told(stage, made)
    assert story
    assert now_there != file
    assert photo == (now_there is not None)
    assert stage.of("firm").get(f"/files/{file}").status_code == 404, "not through the earlier answer either"


def test_a_photo_is_drawn_anew_while_nobody_has_to_wait(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes a moment, and whoever writes on SQLite holds the whole database."""
    drawn = []

    def draw(upload: Upload) -> Clean:
        assert not db.session().in_transaction()
        drawn.append(upload.field)
        return cleaned(upload)

    def photo() -> dict[str, object]:
        return {"answer": "yes", "photo": (BytesIO(JPEG), "garden.jpg", "image/jpeg")}

    monkeypatch.setattr("broker.web.pictures.cleaned", draw)
    page, link = f"/deliveries/{stage.logged()}", f"/c/{stage.token()}"
    for who, path, status in (
        ("elsewhere", f"{page}/confirm", 403),
        ("firm", f"{page}/confirm", 403),
        ("group", "/deliveries/999/confirm", 404),
        ("group", "/c/nothing", 404),
    ):
        assert stage.of(who).post(path, data=photo()).status_code == status
    assert not drawn, "nor for those who may not send one"
    assert stage.app.test_client().post(link, data=photo()).status_code == 303
    assert stage.app.test_client().post(link, data=photo()).status_code == 409
    assert stage.of("group").post(f"{page}/confirm", data=photo()).status_code == 303
    file = {"file": (BytesIO(JPEG), "hours.jpg", "image/jpeg")}
    assert stage.of("firm").post(f"{page}/evidence", data=file).status_code == 303
    assert drawn == ["photo", "photo", "file"]


def test_an_officer_writes_down_a_call(stage: Stage) -> None:
    made = stage.logged()
    officer = stage.of("officer")
    url = f"/deliveries/{made}/call"
    page = page_of(officer, url)
    for told in ("Private Person", "Did they get this: 8 hours?", "Leave out whom you spoke to"):
        assert told in page
    assert 'type="file"' not in page
    assert officer.post(url, data={"answer": "not_at_all", "sentence": "Nobody came"}).status_code == 303
    assert stage.state(made) == ("disputed", 0)
    assert stage.of("elsewhere").get(url).status_code == 404
    for who in ("firm", "group"):
        assert stage.of(who).get(url).status_code == 403


def test_it_is_asked_again_from_the_page(stage: Stage, client: PageChecker) -> None:
    made = stage.logged()
    old = stage.token()
    firm = stage.of("firm")
    for _ in range(3):
        assert firm.post(f"/deliveries/{made}/ask-again").status_code == 303
    assert "too old, or a newer letter" in page_of(client, f"/c/{old}")
    assert "Did you get this" in page_of(client, f"/c/{stage.token()}")
    assert firm.post(f"/deliveries/{made}/ask-again").status_code == 303
    assert "asked often enough" in page_of(firm, f"/deliveries/{made}")


def test_a_group_has_its_own_record_of_what_it_received(stage: Stage) -> None:
    stage.confirmed(place="=HYPERLINK(1)")
    stage.logged("3", ago=5)
    page = page_of(stage.of("group"), "/support-received")
    for told in ("8 hours", "Not answered yet", "What you say you got"):
        assert told in page
    answer = stage.of("group").get("/support-received.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert [(row["they say"], row["you say"]) for row in rows] == [("8", "8"), ("3", "")]
    assert rows[0]["place"] == "'=HYPERLINK(1)"
    assert "Nothing yet" in page_of(stage.of("firm"), "/support-received")
    assert stage.of("officer").get("/support-received").status_code == 403


def test_a_long_record_is_shown_in_pages_and_summed_whole(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.web.confirmations.PAGE", 2)
    for quantity, ago in (("8", 1), ("3.5", 5), ("2", 9)):
        stage.confirmed(quantity, ago=ago)
    group = stage.of("group")
    first, second = (page_of(group, f"/support-received{query}") for query in ("", "?page=2"))
    assert [page.count("/deliveries/") for page in (first, second)] == [2, 1]
    assert "13.5 hours" in first
    assert "13.5 hours" in second
    assert 'href="/support-received?page=2"' in first
    assert "There are no more" in page_of(group, "/support-received?page=3")
    assert len(group.get("/support-received.csv").get_data(as_text=True).splitlines()) == 4, "the file has all of it"


def test_nobody_confirms_for_another(stage: Stage, sign_in: SignIn, client: PageChecker) -> None:
    made = stage.logged()
    with stage.at_work() as scene:
        neighbour = make.member(make.organisation(scene.area)).id
    url = f"/deliveries/{made}/confirm"
    assert stage.of("firm").post(url, data={"answer": "yes"}).status_code == 403
    assert stage.of("officer").post(url, data={"answer": "yes"}).status_code == 403
    assert sign_in(neighbour).post(url, data={"answer": "yes"}).status_code == 404
    assert client.post(url, data={"answer": "yes"}).status_code == 302
    assert stage.state(made) == ("logged", 0)


def test_few_statements(stage: Stage, client: PageChecker, statements: list[str]) -> None:
    for ago in range(3, 9):
        stage.confirmed(ago=ago)
        stage.logged(ago=ago + 10)
    group = stage.of("group")
    for reader, url, most in (
        (group, "/support-received", 3),
        (group, "/support-received.csv", 3),
        (group, "/my-matches", 6),
        (client, f"/c/{stage.token()}", 2),
    ):
        page_of(reader, url)
        statements.clear()
        page_of(reader, url)
        assert len(statements) <= most, (url, statements)
