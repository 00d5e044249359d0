"""The desk: everything that waits in one list, the most pressing first, cleared without leaving the page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from broker.domain.clock import now, today
from broker.domain.kinds import Lane, MatchState, PartnershipState, PostingState, RegistrationState
from broker.store.accounts import Membership
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.partnerships import Partnership
from broker.store.suggestions import ListCheck, Suggestion
from tests import make
from tests.conftest import PageChecker

SignIn = Callable[[Membership], PageChecker]


def officer_of(area: Authority) -> Membership:
    made = make.officer(area)
    db.session.commit()
    db.session.refresh(made)
    db.session.expunge(made)
    return made


def suggested(need: Listing, offer: Listing) -> None:
    facts = {"score": 0.5, "demand_rank": 1, "reason": {}, "engine": "tfidf-1", "computed_at": now()}
    db.session.add(Suggestion(demand_id=need.id, supply_id=offer.id, **facts))


def one_of_each(area: Authority) -> None:
    make.organisation(area, name="New in Town", state=RegistrationState.APPLIED)
    need, offer = (
        make.need(make.organisation(area), area, title="To be brokered"),
        make.offer(make.supplier(area), area),
    )
    suggested(need, offer)
    make.need(make.organisation(area), area, state=PostingState.SUBMITTED, title="To be checked")
    pair = make.need(make.organisation(area), area, title="No reply"), make.offer(make.supplier(area), area)
    make.match(*pair, area, reply_by=today() - timedelta(days=4))
    pair = make.need(make.organisation(area), area, title="Both said yes"), make.offer(make.supplier(area), area)
    make.match(*pair, area, MatchState.AGREED)
    for what, facts in {
        "Starts today": {"state": PartnershipState.PLANNED},
        "Review it": {"state": PartnershipState.REVIEW_DUE, "lane": Lane.SYSTEMIC, "review_on": today()},
        "Over since long": {"state": PartnershipState.RUNNING, "ends_on": today() - timedelta(days=20)},
    }.items():
        pair = make.need(make.organisation(area), area), make.offer(make.supplier(area), area)
        match = make.match(*pair, area, MatchState.CONFIRMED)
        usual = {
            "lane": Lane.TRANSACTIONAL,
            "starts_on": today() - timedelta(days=30 if "ends_on" in facts else 0),
            "ends_on": today() + timedelta(days=9),
            "created_at": now(),
        }
        db.session.add(Partnership(match=match, authority_id=area.id, what=what, **{**usual, **facts}))
    db.session.flush()


TITLES = (
    "New in Town",
    "To be brokered",
    "To be checked",
    "No reply",
    "Both said yes",
    "Starts today",
    "Review it",
    "Over since long",
)


def text(client: PageChecker, url: str = "/desk", status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, response.get_data(as_text=True)
    return response.get_data(as_text=True)


def test_everything_that_waits_stands_on_it(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        area = make.authority()
        one_of_each(area)
        officer = officer_of(area)
    page = text(sign_in(officer))
    assert [title for title in TITLES if title not in page] == []
    assert "8 things wait, 2 of them past their day" in page
    assert page.index("Over since long") < page.index("No reply") < page.index("Starts today")


def test_another_areas_desk_is_its_own(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        one_of_each(make.authority())
        officer = officer_of(make.authority("Westerby"))
    page = text(sign_in(officer))
    assert "Nothing waits for you" in page
    assert [title for title in TITLES if title in page] == []


def test_members_have_no_desk(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        member = make.member(make.organisation(make.authority()))
        db.session.commit()
        db.session.refresh(member)
        db.session.expunge(member)
    text(sign_in(member), status=403)


@pytest.mark.parametrize(
    ("what", "title"),
    list(zip(("application", "broker", "check", "reply", "confirm", "start", "review", "close"), TITLES, strict=True)),
)
def test_one_kind_at_a_time(app: Flask, sign_in: SignIn, what: str, title: str) -> None:
    with app.app_context():
        area = make.authority()
        one_of_each(area)
        officer = officer_of(area)
    page = text(sign_in(officer), f"/desk?what={what}")
    assert [each for each in TITLES if each in page] == [title]


@pytest.mark.parametrize("query", ["?what=nonsense", "?page=0", "?page=x", "?page=99999999999999999999", "?what=%00"])
def test_a_strange_address_shows_the_desk(app: Flask, sign_in: SignIn, query: str) -> None:
    with app.app_context():
        officer = officer_of(make.authority())
    text(sign_in(officer), f"/desk{query}")


def test_one_tap_clears_a_row_and_comes_back(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        area = make.authority()
        one_of_each(area)
        officer = officer_of(area)
        late = db.session.scalars(select(Match).where(Match.state == MatchState.PROPOSED)).one().id
        planned = select(Partnership).where(Partnership.state == PartnershipState.PLANNED)
        start = db.session.scalars(planned).one().id
    client = sign_in(officer)
    assert f'action="/matches/{late}/follow-up"' in text(client)
    assert client.post(f"/matches/{late}/follow-up", data={"next": "/desk"}).location == "/desk"
    assert client.post(f"/partnerships/{start}/start", data={"next": "/desk?what=start"}).location == "/desk?what=start"
    page = text(client)
    assert "No reply" not in page
    assert "Starts today" not in page


@pytest.mark.parametrize("number", [1, 60])
def test_it_asks_the_database_five_times_however_much_waits(
    app: Flask, sign_in: SignIn, statements: list[str], number: int
) -> None:
    with app.app_context():
        area = make.authority()
        owner = make.organisation(area)
        for n in range(number):
            make.need(owner, area, state=PostingState.SUBMITTED, title=f"Item {n:03}")
        officer = officer_of(area)
    client = sign_in(officer)
    text(client)
    statements.clear()
    page = text(client)
    assert len(statements) <= 5, statements
    assert page.count("desk-row__title") == min(number, 40)
    if number > 40:
        assert "page=2" in page
        assert text(client, "/desk?page=2").count("desk-row__title") == number - 40


def test_a_listing_is_approved_in_one_tap_unless_it_changed_meanwhile(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        area = make.authority()
        need = make.need(make.organisation(area), area, state=PostingState.SUBMITTED, title="To be checked")
        posting_id = need.postings[0].id
        officer = officer_of(area)
    client = sign_in(officer)
    page = text(client)
    assert "Ten working laptops would change the club." in page, "enough to judge it by"
    assert '<input type="hidden" name="seen" value="1">' in page
    stale = client.post(f"/postings/{posting_id}/approve", data={"next": "/desk", "seen": "7"})
    assert stale.status_code == 422
    done = client.post(f"/postings/{posting_id}/approve", data={"next": "/desk", "seen": "1"})
    assert (done.status_code, done.location) == (303, "/desk")
    assert "To be checked" not in text(client)


def test_it_says_how_many_lists_the_night_put_right(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        officer = officer_of(make.authority())
        db.session.add(ListCheck(checked_at=now(), compared=40, wrong=12))
        db.session.commit()
    page = text(sign_in(officer))
    assert "The nightly check found 12 lists of suggestions that were not up to date. They have been put right." in page
    assert "Before that" not in page
