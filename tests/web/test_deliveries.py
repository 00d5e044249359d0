"""Logging on a phone, and the page of a delivery: what it says to whom, and what happens next."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from broker.actions.confirmations import confirm_delivery
from broker.actions.deliveries import log_delivery
from broker.domain.clock import now, today
from broker.domain.deliveries import Said
from broker.domain.kinds import Answer, PartnershipState
from broker.store.base import db
from broker.store.deliveries import Delivery
from tests import make
from tests.conftest import PageChecker
from tests.web.delivering import SignIn, Stage


@pytest.fixture
def stage(app: Flask, sign_in: SignIn) -> Stage:
    return Stage(app, sign_in)


def text(client: PageChecker, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def new(stage: Stage) -> str:
    return f"/partnerships/{stage.partnership}/deliveries/new"


def count(stage: Stage) -> int:
    with stage.app.app_context():
        return db.session.scalar(select(func.count()).select_from(Delivery)) or 0


def test_a_firm_logs_what_it_did_and_is_told_what_happens_next(stage: Stage) -> None:
    firm = stage.of("firm")
    assert "Log what was done" in text(firm, f"/partnerships/{stage.partnership}")
    page = text(firm, new(stage))
    assert f'value="{today().day}"' in page, "today is there already"
    assert "For up to 40 hours, or up to £500, their word is enough" in page
    answer = firm.post(new(stage), data=stage.typed(quantity="7.5", place="The garden", note="With spades"))
    assert answer.status_code == 303
    page = text(firm, answer.location)
    for said in ("7.5 hours", "The garden", "With spades", "asked Harbour Street Helpers", "own word is enough"):
        assert said in page, said
    assert "7.5 hours" in text(firm, f"/partnerships/{stage.partnership}")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"quantity": ""}, "Say how much it was"),
        ({"quantity": "-3"}, "Type a number above 0"),
        ({"quantity": "0"}, "Type a number above 0"),
        ({"quantity": "2.125"}, "at most two places"),
        ({"quantity": "ten"}, "Enter a number"),
        ({"quantity": "99999999"}, "more than we can take"),
        ({"quantity": "12001"}, "more hours than 500 people"),
        ({"quantity": "9" * 400}, "Enter a number"),
        ({"worth": "0"}, "leave this empty"),
        ({"measure": "99"}, "Choose one from the list"),
        ({"measure": "²"}, "Choose one from the list"),
        ({"ward": "7"}, "Choose one from the list"),
        ({"started_on-day": "31", "started_on-month": "2"}, "Enter a real date"),
        ({"started_on-day": "", "started_on-month": "", "started_on-year": ""}, "Say on which day"),
        ({"started_on-year": str(today().year + 1)}, "This day has not come yet"),
        ({"started_on-year": str(today().year - 1)}, "before the partnership began"),
        ({"ended_on-day": "1", "ended_on-month": "1", "ended_on-year": "2020"}, "must not be before the first day"),
        ({"note": "x" * 2001}, "under 2,000 characters"),
    ],
    ids=lambda each: "-".join(map(str, each))[:30] if isinstance(each, dict) else "",
)
def test_what_makes_no_sense_is_said_kindly_and_nothing_is_lost(
    stage: Stage, typed: dict[str, object], told: str
) -> None:
    answer = stage.of("firm").post(new(stage), data=stage.typed(**{"place": "By the oak tree", **typed}))
    page = answer.get_data(as_text=True)
    assert (answer.status_code, told in page, "By the oak tree" in page) == (422, True, True), page
    assert count(stage) == 0


def test_the_unit_stands_beside_the_number_and_choosing_another_loses_nothing(stage: Stage) -> None:
    with stage.at_work():
        laptops = make.measure(label="Laptops passed on", unit="devices", unit_kind="count").id
        money = make.measure(label="Money given", unit="£", unit_kind="pounds").id
    firm = stage.of("firm")
    page = text(firm, new(stage))
    assert "What was it?" in page
    assert beside(page) == "hours", "as the offer is counted"
    typed = stage.typed(quantity="3", place="By the oak tree", note="First line\nsecond line")
    page = firm.post(new(stage), data=typed | {"what": "other"}).get_data(as_text=True)
    assert 'name="quantity" value="3"' in page
    assert "How much was it?" not in page, "not before it is known what it is counted in"
    for measure, unit in ((laptops, "devices"), (money, "£")):
        page = firm.post(new(stage), data=typed | {"what": "this", "measure": measure}).get_data(as_text=True)
        assert beside(page) == unit
        assert "By the oak tree" in page
        assert "First line\nsecond line" in page
        assert f'name="measure" value="{measure}"' in page
    unknown = firm.post(new(stage), data=typed | {"what": "this", "measure": "99"})
    assert (unknown.status_code, "Choose one from the list" in unknown.get_data(as_text=True)) == (422, True)
    assert count(stage) == 0, "nothing is logged before the number and its unit were seen together"


def beside(page: str) -> str:
    """The unit that stands beside the number."""
    group = page.partition('for="quantity"')[2].partition("</div></div>")[0]
    return "".join(re.findall(r'govuk-input__(?:pre|suf)fix" aria-hidden="true">([^<]*)', group))


def test_a_whole_thing_is_not_cut_in_two(stage: Stage) -> None:
    with stage.at_work():
        laptops = make.measure(label="Laptops", unit="devices", unit_kind="count").id
    answer = stage.of("firm").post(new(stage), data=stage.typed(measure=laptops, quantity="2.5"))
    assert "whole numbers" in answer.get_data(as_text=True)


def test_the_same_hours_lead_to_the_first_line(stage: Stage) -> None:
    with stage.at_work():
        advice = make.measure(label="Expert advice").id
    first = stage.logged(ago=0)
    firm = stage.of("firm")
    answer = firm.post(new(stage), data=stage.typed(measure=advice, quantity="3"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'href="/deliveries/{first}"' in page
    assert "One hour counts under one of these measures only" in page
    again = firm.post(new(stage), data=stage.typed(measure=advice, quantity="3", apart="Two others did it"))
    assert "Two others did it" in text(firm, again.location)


def test_the_very_same_is_asked_about(stage: Stage) -> None:
    first = stage.logged(ago=0)
    with stage.at_work():
        db.session.get_one(Delivery, first).logged_at -= timedelta(hours=1)
    firm = stage.of("firm")
    answer = firm.post(new(stage), data=stage.typed())
    assert answer.status_code == 422
    assert "tick that it is" in answer.get_data(as_text=True)
    assert firm.post(new(stage), data=stage.typed(another="y")).status_code == 303
    assert count(stage) == 2


@pytest.mark.parametrize(
    ("starts", "ended", "offered", "said"),
    [
        (-30, -3, True, "You can still log what was done until its last day"),
        (-30, None, True, "How much was it?"),
        (5, -3, False, "ended before its first day"),
        (5, None, False, "Come back then"),
    ],
)
def test_it_is_offered_while_there_is_a_day_on_which_it_can_have_been_done(
    stage: Stage, starts: int, ended: int | None, offered: bool, said: str
) -> None:
    with stage.at_work() as scene:
        scene.partnership.starts_on = today() + timedelta(days=starts)
        if ended is not None:
            scene.partnership.state = PartnershipState.ENDED_EARLY
            scene.partnership.ended_at = now() + timedelta(days=ended)
    firm = stage.of("firm")
    page, form = text(firm, f"/partnerships/{stage.partnership}"), text(firm, new(stage))
    assert ("Log what was done" in page, "How much was it?" in form) == (offered, offered)
    assert said in page + form
    day = today() + timedelta(days=ended or 0)
    typed = stage.typed(**{f"started_on-{part}": getattr(day, part) for part in ("day", "month", "year")})
    assert firm.post(new(stage), data=typed).status_code == (303 if offered else 409)


@pytest.mark.parametrize(("who", "status"), [("group", 403), ("officer", 403), ("elsewhere", 403)])
def test_nobody_logs_for_the_giver(stage: Stage, who: str, status: int) -> None:
    client = stage.of(who)
    assert client.get(new(stage)).status_code == status
    assert client.post(new(stage), data=stage.typed()).status_code == status
    assert "Log what was done" not in client.get(f"/partnerships/{stage.partnership}").get_data(as_text=True)


def test_a_colleague_logs_for_the_promise_and_sees_no_more(stage: Stage, sign_in: SignIn) -> None:
    with stage.at_work() as scene:
        colleague = make.colleague(scene.firm)
        promise = make.commitment(scene.area, scene.firm, scene.hours, owner_id=colleague.user_id)
        scene.partnership.commitment, scene.partnership.committed_amount = promise, promise.quantity
        other = make.colleague(scene.firm).id
        own = colleague.id
    client = sign_in(own)
    answer = client.post(new(stage), data=stage.typed())
    assert "8 hours" in text(client, answer.location)
    text(client, f"/partnerships/{stage.partnership}", 403)
    with stage.at_work() as scene:
        unseen = log_delivery(
            make.partnership(scene.area, scene.firm, scene.group), scene.by("firm"), scene.done("5", 0)
        )
        unseen_id = unseen.id
    page = client.post(new(stage), data=stage.typed(quantity="5")).get_data(as_text=True)
    assert "tick that it is" in page
    assert f"/deliveries/{unseen_id}" not in page, "no link to what a colleague may not open"
    assert sign_in(other).get(new(stage)).status_code == 404
    assert sign_in(other).get(answer.location).status_code == 404


def test_strangers_and_other_councils_find_nothing(stage: Stage, client: PageChecker) -> None:
    made = stage.logged()
    text(stage.of("elsewhere"), f"/deliveries/{made}", 404)
    assert client.get(f"/deliveries/{made}").status_code == 302


def test_each_reader_is_told_what_to_do(stage: Stage) -> None:
    made = stage.logged("60")
    url = f"/deliveries/{made}"
    assert "Say what you got" in text(stage.of("group"), url)
    assert "telephone" in text(stage.of("officer"), url)
    with stage.at_work() as scene:
        confirm_delivery(db.session.get_one(Delivery, made), scene.by("group"), Said(Answer.YES))
    assert "Add a document" in text(stage.of("firm"), url)
    assert "has yet to hand in a document" in text(stage.of("officer"), url)
    assert "say something else" in text(stage.of("group"), url)


def test_a_partnership_shows_the_latest_and_leads_to_the_others(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.web.partnerships.PAGE", 2)
    oldest, older, newer = (stage.logged(ago=ago) for ago in (9, 5, 1))
    firm, path = stage.of("firm"), f"/partnerships/{stage.partnership}"
    for query, shown in (("", [newer, older]), ("?page=2", [oldest])):
        page = text(firm, path + query)
        assert re.findall(r"/deliveries/([0-9]+)", page) == [str(each) for each in shown]
    assert f'href="{path}?page=2#deliveries"' in text(firm, path)
    assert "There are no more" in text(firm, f"{path}?page=3")


def test_peoples_names_are_for_officers(stage: Stage) -> None:
    made = stage.confirmed()
    with stage.at_work() as scene:
        names = [scene.people[who].user.name for who in ("firm", "group")]
    page = text(stage.of("officer"), f"/deliveries/{made}")
    assert all(name in page for name in names)
    for who, other in (("firm", names[1]), ("group", names[0])):
        assert other not in text(stage.of(who), f"/deliveries/{made}")


def test_the_giver_takes_it_back(stage: Stage) -> None:
    made = stage.logged()
    firm = stage.of("firm")
    assert "Take it back?" in text(firm, f"/deliveries/{made}/withdraw")
    assert firm.post(f"/deliveries/{made}/withdraw", data={"text": "Wrong group"}).status_code == 303
    page = text(firm, f"/deliveries/{made}")
    assert "Wrong group" in page
    assert "there is nothing to do" in page
    assert firm.post(f"/deliveries/{made}/withdraw", data={"text": ""}).status_code == 409


def test_few_statements(stage: Stage, statements: list[str]) -> None:
    made = stage.confirmed()
    for _ in range(5):
        stage.logged(ago=5, another=True)
    for who, url, most in (
        ("firm", f"/deliveries/{made}", 6),
        ("officer", f"/deliveries/{made}", 6),
        ("firm", new(stage), 6),
    ):
        client = stage.of(who)
        text(client, url)
        statements.clear()
        text(client, url)
        assert len(statements) <= most, statements
