"""An owner's own listings: how each stands, and the steps to take."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broker.domain.clock import today
from broker.domain.kinds import PostingState
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.listings import Listing
from broker.web import words
from broker.web.listing_words import POSTING_NEXT
from tests import make

SignIn = Callable[[Membership | int], FlaskClient]


class Scene(NamedTuple):
    member: FlaskClient
    neighbour: FlaskClient
    officer: FlaskClient
    listing_id: int


@pytest.fixture
def scene(app: Flask, sign_in: SignIn) -> Scene:
    with app.app_context():
        north = make.authority("Northmere")
        group = make.organisation(north)
        listing_id = make.need(group, north, title="Ten laptops").id
        made = make.member(group), make.member(make.organisation(north)), make.officer(north)
        people = [each.id for each in made]
        db.session.commit()
    return Scene(*(sign_in(each) for each in people), listing_id)


def stand(app: Flask, scene: Scene, state: PostingState) -> None:
    with app.app_context():
        listing = db.session.get(Listing, scene.listing_id)
        assert listing is not None
        listing.postings[0].state = state
        db.session.commit()


def state(app: Flask, scene: Scene) -> str:
    with app.app_context():
        listing = db.session.get(Listing, scene.listing_id)
        assert listing is not None
        return listing.postings[0].state


def read(client: FlaskClient, path: str = "/my-listings") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("standing", PostingState)
def test_every_state_is_said_in_words_with_what_to_do(app: Flask, scene: Scene, standing: PostingState) -> None:
    stand(app, scene, standing)
    page = read(scene.member)
    assert words.POSTING_STATE[standing][0] in page
    assert POSTING_NEXT[standing] in page
    assert ("/withdraw" in page) is (standing not in (PostingState.WITHDRAWN, PostingState.FILLED))
    assert (f"/listings/{scene.listing_id}/edit" in page) is (standing is not PostingState.WITHDRAWN)


def test_nothing_posted_yet_says_what_to_do(scene: Scene) -> None:
    assert "Nothing posted yet" in read(scene.neighbour)


def test_an_officer_sees_the_area(scene: Scene) -> None:
    page = read(scene.officer)
    assert "All listings of the area" in page
    assert "Ten laptops" in page


def test_the_whole_life_by_buttons(app: Flask, scene: Scene) -> None:
    path = f"/listings/{scene.listing_id}"
    for deed, after in (("pause", PostingState.PAUSED), ("resume", PostingState.OPEN), ("renew", PostingState.OPEN)):
        assert scene.member.post(f"{path}/{deed}").location == path
        assert state(app, scene) == after
    assert scene.member.post(f"{path}/resume").status_code == 409
    assert "Withdraw the listing?" in read(scene.member, f"{path}/withdraw")
    assert scene.member.post(f"{path}/withdraw").status_code == 303
    assert state(app, scene) == PostingState.WITHDRAWN


def test_closing_asks_what_happened(app: Flask, scene: Scene) -> None:
    path = f"/listings/{scene.listing_id}/close"
    for bad in ({}, {"reason": "magic"}):
        answer = scene.member.post(path, data=bad)
        assert answer.status_code == 422
        assert answer.get_data(as_text=True).count("Choose what happened") == 2
    assert scene.member.post(path, data={"reason": "met_elsewhere"}).status_code == 303
    assert state(app, scene) == PostingState.FILLED
    assert words.CLOSING_REASONS["met_elsewhere"] in read(scene.member)


def test_renewing_what_is_past_is_refused_kindly(app: Flask, scene: Scene) -> None:
    with app.app_context():
        listing = db.session.get(Listing, scene.listing_id)
        assert listing is not None
        listing.versions[0].until_date = today() - timedelta(days=1)
        listing.expires_on = today() + timedelta(days=3)
        db.session.commit()
    assert "/renew" in read(scene.member)
    scene.member.post(f"/listings/{scene.listing_id}/renew")
    assert "This day has passed. Choose a later one." in read(scene.member)


def test_renewal_is_offered_near_the_end_only(scene: Scene) -> None:
    assert "/renew" not in read(scene.member)


@pytest.mark.parametrize("deed", ["pause", "resume", "renew", "close", "withdraw"])
def test_a_neighbour_does_nothing(app: Flask, scene: Scene, deed: str) -> None:
    answer = scene.neighbour.post(f"/listings/{scene.listing_id}/{deed}", data={"reason": "met_here"})
    assert answer.status_code == 404
    assert state(app, scene) == PostingState.OPEN


def test_pages(app: Flask, scene: Scene) -> None:
    with app.app_context():
        listing = db.session.get(Listing, scene.listing_id)
        assert listing is not None
        for number in range(25):
            make.need(listing.organisation, listing.postings[0].authority, title=f"Need {number:02}")
        db.session.commit()
    assert 'href="/my-listings?page=2"' in read(scene.member)
    assert "Ten laptops" in read(scene.member, "/my-listings?page=2")
    assert "Ten laptops" not in read(scene.member)
