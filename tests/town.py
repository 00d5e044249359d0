"""A town to post in: two authorities, a group known to both, and who acts for whom."""

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from broker.actions import checking, listings
from broker.domain.kinds import ListingKind, PlaceKind, SupportKind, Unit
from broker.domain.listings import Wording
from broker.domain.permissions import Actor
from broker.store.accounts import actor_of
from broker.store.authorities import Authority
from broker.store.listings import Listing
from broker.store.organisations import Organisation
from tests import make

WORDING = Wording(
    title="Ten laptops for our homework club",
    body="Our young people share one old computer.",
    support_kind=SupportKind.GOODS,
    amount=Decimal(10),
    unit=Unit.ITEMS,
    place_kind=PlaceKind.AUTHORITY,
    safeguarding="Children are in the room.",
)


class Town(NamedTuple):
    north: Authority
    west: Authority
    group: Organisation
    member: Actor
    officer: Actor
    other_officer: Actor


def build() -> Town:
    north, west = make.authority("Northmere"), make.authority("Westerby")
    group = make.organisation(north, west)
    people = make.member(group), make.officer(north), make.officer(west)
    return Town(north, west, group, *(actor_of(person) for person in people))


def post(town: Town, *areas: Authority, send: bool = True, **change: object) -> Listing:
    wording = replace(WORDING, **change)  # type: ignore[arg-type]
    areas = areas or (town.north,)
    return listings.post_listing(ListingKind.NEED, town.group, areas, wording, town.member, send=send)


def opened(town: Town, **change: object) -> Listing:
    listing = post(town, **change)
    checking.approve_listing(listing.postings[0], town.officer)
    return listing
