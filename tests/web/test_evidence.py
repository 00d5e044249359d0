"""The pages of evidence: sending a file from a phone, what becomes of one that cannot be taken, and who may save it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import NamedTuple

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from broker.domain.clock import now
from broker.domain.files import LARGEST
from broker.domain.kinds import DeliveryState
from broker.store.base import db
from broker.store.deliveries import Delivery
from broker.store.files import StoredFile
from broker.web.headers import SANDBOX
from tests import make
from tests.conftest import PageChecker
from tests.hostile_files import JPEG, MARK, PDF
from tests.hostile_files import files as hostile_files

SignIn = Callable[..., PageChecker]


class Town(NamedTuple):
    giver: PageChecker
    receiver: PageChecker
    officer: PageChecker
    strangers: list[PageChecker]
    delivery_id: int

    @property
    def page(self) -> str:
        return f"/deliveries/{self.delivery_id}/evidence"


@pytest.fixture
def town(app: Flask, sign_in: SignIn) -> Town:
    with app.app_context():
        here, there = make.authority(), make.authority("Westerby")
        delivery = make.delivery(make.partnership(here), make.measure(), DeliveryState.LOGGED)
        giver, receiver = delivery.organisation, delivery.partnership.match.demand.organisation  # type: ignore[union-attr]
        people = [make.member(giver), make.member(receiver), make.officer(here)]
        people += [make.member(make.organisation(here)), make.officer(there)]
        ids, delivery_id = [person.id for person in people], delivery.id
        db.session.commit()
    giver_, receiver_, officer, *strangers = (sign_in(each) for each in ids)
    return Town(giver_, receiver_, officer, strangers, delivery_id)


def send(town: Town, content: bytes = PDF, name: str = "hours.pdf", **more: str) -> int:
    """Send a file as the giver does; gives the status."""
    return town.giver.post(town.page, data={"file": (BytesIO(content), name), **more}).status_code


def newest(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.max(StoredFile.id))) or 0


def test_a_file_is_sent_saved_and_taken_away(app: Flask, town: Town) -> None:
    assert "Handed in already" not in town.giver.get(town.page).text
    assert send(town, name="Hours & <May>.pdf", what="Signed <list>") == 303
    page = town.giver.get(town.page).text
    assert "The file is with this delivery now" in page
    assert "Hours &amp; May.pdf" in page
    assert "Signed &lt;list&gt;" in page
    link = f"/files/{newest(app)}"
    assert link in page
    for reader in (town.giver, town.receiver, town.officer):
        saved = reader.get(link)
        assert saved.data == PDF
        assert saved.mimetype == "application/pdf"
        assert saved.headers["Content-Disposition"] == 'attachment; filename="Hours & May.pdf"'
        assert saved.headers["X-Content-Type-Options"] == "nosniff"
        assert saved.headers["Cache-Control"] == "no-store"
        assert saved.headers["Content-Security-Policy"] == SANDBOX
    remove = page.partition('/remove"')[0].rpartition('action="')[2] + "/remove"
    assert town.giver.post(remove).status_code == 303
    assert "Handed in already" not in town.giver.get(town.page).text
    assert town.giver.get(link).status_code == 404


def test_a_photo_from_a_phone_is_taken(app: Flask, town: Town) -> None:
    assert 'accept=".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"' in town.giver.get(town.page).text
    assert send(town, JPEG, "IMG_0001.jpeg") == 303
    saved = town.officer.get(f"/files/{newest(app)}")
    assert saved.mimetype == "image/jpeg"
    assert saved.headers["Content-Disposition"] == "attachment; filename=IMG_0001.jpg"


def test_a_name_in_any_script_can_be_saved(app: Flask, town: Town) -> None:
    assert send(town, name="zdjęcie; X=1 写真.pdf") == 303
    told = town.giver.get(f"/files/{newest(app)}").headers
    assert told["Content-Disposition"].isascii()
    assert "filename*=UTF-8''zdj%C4%99cie" in told["Content-Disposition"]


def test_what_comes_after_the_verification_is_told_as_such(app: Flask, town: Town) -> None:
    send(town)
    verified_at = now() + timedelta(minutes=1)
    with app.app_context():
        facts = {"state": DeliveryState.VERIFIED, "verified": Decimal(40), "verified_at": verified_at}
        db.session.execute(update(Delivery).where(Delivery.id == town.delivery_id).values(**facts))
        db.session.commit()
    said = "Added after it was verified"
    assert said not in town.giver.get(town.page).text
    with time_machine.travel(verified_at + timedelta(minutes=1), tick=False):
        assert send(town, JPEG, "later.jpg") == 303
        for reader, page in ((town.giver, town.page), (town.officer, f"/deliveries/{town.delivery_id}")):
            told = reader.get(page).text
            assert told.count(said) == 1
            assert said in told.partition("later.jpg")[2]
            assert "/remove" not in told


def test_others_find_nothing(app: Flask, town: Town) -> None:
    send(town)
    link = f"/files/{newest(app)}"
    neighbour, officer_elsewhere = town.strangers
    for stranger in town.strangers:
        assert stranger.get(link).status_code == 404
    assert neighbour.get(town.page).status_code == 404
    assert neighbour.post(town.page, data={"file": (BytesIO(PDF), "a.pdf")}).status_code == 404
    for reader in (town.receiver, town.officer, officer_elsewhere):
        assert reader.post(town.page, data={"file": (BytesIO(PDF), "a.pdf")}).status_code == 403
        assert reader.post(f"{town.page}/1/remove").status_code == 403
    assert app.test_client().get(link).location == "/sign-in"


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (JPEG, "hours.pdf", "This is called .pdf but is a JPEG picture."),
        (b"", "hours.pdf", "This file is empty."),
        (JPEG[:200], "photo.jpg", "This file is damaged"),
        (b"\0\0\0\x18ftypheic", "IMG_1.HEIC", "This is a HEIC picture, as some phones make them."),
        (b"PK\x03\x04", "hours.docx", "This is an archive or an office document. We take PDF, PNG and JPEG."),
    ],
)
def test_a_file_that_cannot_be_taken_loses_nothing_typed(
    app: Flask, town: Town, content: bytes, name: str, told: str
) -> None:
    answer = town.giver.post(town.page, data={"file": (BytesIO(content), name), "what": "Hours in May"})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert told in page
    assert 'value="Hours in May"' in page
    assert "choose it once more" in page
    assert newest(app) == 0


def test_a_file_that_is_too_large_is_told_of(app: Flask, town: Town) -> None:
    for size, told in ((LARGEST + 1, "This file is larger than 5 MB."), (9 * 1024 * 1024, "That file is too large")):
        edge, body = encode_multipart({"file": FileStorage(BytesIO(PDF.ljust(size)), "hours.pdf")})
        kind = f"multipart/form-data; boundary={edge}"
        answer = town.giver.post(town.page, data=body, content_type=kind)
        assert answer.status_code == (422 if size < 8 * 1024 * 1024 else 413)
        assert told in answer.text
    assert newest(app) == 0


def test_a_hostile_file_never_breaks_the_page(app: Flask, town: Town) -> None:
    one_of_each = {each.code or each.name: each for each in hostile_files()}
    for each in one_of_each.values():
        sent = FileStorage(BytesIO(each.upload.content), each.upload.name, content_type=each.upload.declared or None)
        edge, body = encode_multipart({"file": sent})
        answer = town.giver.post(town.page, data=body, content_type=f"multipart/form-data; boundary={edge}")
        assert answer.status_code in ((422,) if each.code else (422, 303)), each.name  # or it is there already
    with app.app_context():
        kept = set(db.session.scalars(select(StoredFile.kind)))
        assert kept == {"png", "jpeg"}
        assert not [file for file in db.session.scalars(select(StoredFile)) if MARK in file.content]


def test_a_file_is_chosen_once(app: Flask, town: Town) -> None:
    nothing = town.giver.post(town.page, data={"what": "x"})
    assert nothing.status_code == 422
    assert "Choose a file" in nothing.text
    send(town)
    both = town.giver.post(town.page, data={"file": (BytesIO(PDF), "a.pdf"), "earlier": str(newest(app))})
    assert both.status_code == 422
    assert "not both" in both.text
    assert send(town) == 422, "it is with this delivery already"


def test_a_file_that_was_sent_before_serves_again(app: Flask, town: Town) -> None:
    send(town)
    file_id = newest(app)
    with app.app_context():
        first = db.session.get_one(Delivery, town.delivery_id)
        assert first.partnership is not None
        other = make.delivery(first.partnership, first.measure, DeliveryState.LOGGED, tier=2)
        other_id = other.id
        db.session.commit()
    page = f"/deliveries/{other_id}/evidence"
    assert f'<option value="{file_id}"' in town.giver.get(page).text
    assert "<option" not in town.giver.get(town.page).text, "it is with that delivery already"
    assert town.giver.post(page, data={"earlier": str(file_id)}).status_code == 303
    assert newest(app) == file_id
    for bad in ("999999", "-1", "x", "0"):
        assert town.giver.post(page, data={"earlier": bad}).status_code == 422


def test_a_colleague_is_offered_no_file_of_another_promise(app: Flask, town: Town, sign_in: SignIn) -> None:
    send(town)
    file_id = newest(app)
    with app.app_context():
        first = db.session.get_one(Delivery, town.delivery_id)
        promise = make.commitment(first.authority, first.organisation, first.measure)
        person = make.colleague(first.organisation)
        promise.owner_id = person.user_id
        own = make.partnership(first.authority, first.organisation, commitment=promise, committed_amount=Decimal(1))
        own_id = make.delivery(own, first.measure, DeliveryState.LOGGED).id
        person_id = person.id
        db.session.commit()
    colleague, page = sign_in(person_id), f"/deliveries/{own_id}/evidence"
    assert colleague.get(page).status_code == 200
    assert "<option" not in colleague.get(page).text
    assert colleague.post(page, data={"earlier": str(file_id)}).status_code == 422
    assert colleague.get(f"/files/{file_id}").status_code == 404
    assert f'<option value="{file_id}"' in town.giver.get(page).text


def test_what_is_asked_for_follows_the_amount(app: Flask, town: Town) -> None:
    assert "the group’s own word is enough" in town.giver.get(town.page).text
    with app.app_context():
        delivery = db.session.get_one(Delivery, town.delivery_id)
        delivery.tier = 2
        db.session.commit()
    page = town.giver.get(town.page).text
    assert "we ask for one document" in page
    assert "group confirms" in page
    assert "no names, no addresses" in page
    send(town)
    assert "It is here." in town.giver.get(town.page).text


def test_room_is_kept_by_a_setting(app: Flask, town: Town) -> None:
    app.config["EVIDENCE_QUOTA"] = len(PDF)
    assert send(town) == 303
    full = town.giver.post(town.page, data={"file": (BytesIO(JPEG), "photo.jpg")})
    assert full.status_code == 422
    assert "no room left" in full.text


def test_what_was_taken_back_asks_for_nothing(app: Flask, town: Town) -> None:
    with app.app_context():
        db.session.execute(Delivery.__table__.update().values(state="withdrawn"))  # type: ignore[attr-defined]
        db.session.commit()
    page = town.giver.get(town.page).text
    assert "was taken back" in page
    assert "Add it" not in page
    assert send(town) == 409


def test_what_was_verified_keeps_its_files(app: Flask, town: Town) -> None:
    send(town)
    with app.app_context():
        delivery = db.session.get_one(Delivery, town.delivery_id)
        db.session.execute(
            Delivery.__table__.update().values(state="verified", verified=delivery.quantity)  # type: ignore[attr-defined]
        )
        db.session.commit()
    page = town.giver.get(town.page).text
    assert "these files stay with it" in page
    assert "Take away" not in page
    assert town.giver.post(f"{town.page}/1/remove").status_code == 409


def test_few_statements_whatever_the_number_of_files(app: Flask, town: Town, statements: list[str]) -> None:
    for number in range(3):
        assert send(town, PDF.replace(b"<<>>", b"%d" % number), f"{number}.pdf") == 303
    town.giver.get(town.page)
    statements.clear()
    assert town.giver.get(town.page).status_code == 200
    assert len(statements) <= 5, statements
    statements.clear()
    assert town.officer.get(f"/files/{newest(app)}").status_code == 200
    assert len(statements) <= 3, statements  # one of them is this test's
