"""Several parts make one whole: ten laptops from two firms, twenty places for three groups, and what comes back."""

from broker.store.base import db
from broker.store.listings import Listing
from tests.journeys.town import FIRM, GROUP, LAPTOPS, OLD_LAPTOPS, Town
from tests.journeys.visitor import Typed, Visitor

NUMBERS = ("01234567", "07654321", "09876543")
PLACES: dict[str, Typed] = {
    "title": "Twenty places on our first aid course",
    "body": "A day of first aid, with a certificate.",
    "support_kind": "jobs",
    "amount": "20",
    "unit": "places",
    "place_kind": "authority",
}


def firms(town: Town, *names: str) -> list[Visitor]:
    return [
        town.approved(name, {**FIRM, "number": number, "postcode": ""})
        for name, number in zip(names, NUMBERS, strict=False)
    ]


def together(officer: Visitor, need: int, offer: int, sides: tuple[Visitor, Visitor], amount: str) -> int:
    """Put a pair to both sides, who say yes, and confirm it; gives the partnership's id."""
    match = officer.go(f"/listings/{need}/broker/{offer}").press("Put to both sides", {"demand_amount": amount}).path
    for side in sides:
        side.go(match).press("Yes, let us do it")
    officer.go(f"{match}/confirm").press("Confirm").sees("Confirmed.", f"{amount} ")
    return officer.number()


def left(town: Town, listing_id: int) -> int:
    """What is left of a listing, after checking that its parts are within the whole."""
    with town.app.app_context():
        listing = db.session.get_one(Listing, listing_id)
        assert listing.quantity is not None
        assert 0 <= listing.reserved <= listing.quantity
        return int(listing.quantity - listing.reserved)


def test_ten_laptops_are_met_by_six_and_four(town: Town) -> None:
    group, officer = town.approved("Harbour Street Helpers", GROUP), town.officer()
    one, two = firms(town, "Quayside Computers", "Canal Computers")
    need = town.open(group, "need", LAPTOPS, officer)
    six = town.open(one, "offer", {**OLD_LAPTOPS, "amount": "6"}, officer)
    four = town.open(two, "offer", {**OLD_LAPTOPS, "title": "Laptops from our classroom", "amount": "4"}, officer)
    together(officer, need, six, (group, one), "6")
    assert (left(town, need), left(town, six)) == (4, 0)
    town.visit().go(f"/listings/{need}").sees("4 items still open of 10 items")
    town.visit().go(f"/listings/{six}", status=404)
    officer.go(f"/listings/{need}/broker").sees("6 of 10 items")
    officer.go(f"/listings/{need}/broker/{four}").press("Put to both sides", {"demand_amount": "5"}, status=422)
    officer.sees("That is more than is left")
    together(officer, need, four, (group, two), "4")
    assert (left(town, need), left(town, four)) == (0, 0)
    group.go("/my-listings").sees("Met", "All of 10 items promised")
    group.go("/my-matches").sees("Partnerships", "Quayside Computers", "Canal Computers")
    town.visit().go("/listings").misses("laptops for our homework club")


def test_twenty_places_spread_over_three_groups_and_an_early_end_gives_back(town: Town) -> None:
    officer = town.officer()
    (firm,) = firms(town, "Quayside Computers")
    offer = town.open(firm, "offer", PLACES, officer)
    groups = [town.approved(name, {**GROUP, "postcode": ""}) for name in ("Red Club", "Blue Club", "Green Club")]
    wants = [{**PLACES, "title": f"First aid for the club {n}", "amount": n} for n in ("8", "7", "9")]
    needs = [town.open(group, "need", want, officer) for group, want in zip(groups, wants, strict=True)]
    first = together(officer, needs[0], offer, (groups[0], firm), "8")
    together(officer, needs[1], offer, (groups[1], firm), "7")
    assert left(town, offer) == 5
    town.visit().go(f"/listings/{offer}").sees("5 places still open of 20 places")
    officer.go(f"/listings/{needs[2]}/broker/{offer}")
    assert officer.value("demand_amount") == "5", "as much as both can take"
    together(officer, needs[2], offer, (groups[2], firm), "5")
    assert (left(town, offer), left(town, needs[2])) == (0, 4)
    town.visit().go(f"/listings/{offer}", status=404)
    officer.go(f"/partnerships/{first}").press("It has started").click("End it early")
    officer.press("End it", {"demand_back": "3", "supply_back": "9"}, status=422).sees("No more can go back than")
    officer.press("End it", {"supply_back": "3"}).sees("Ended early")
    assert (left(town, offer), left(town, needs[0])) == (3, 3)
    town.visit().go(f"/listings/{offer}").sees("3 places still open of 20 places")
    groups[0].go(f"/partnerships/{first}").sees("Ended early")


def test_a_confirmation_beyond_the_remainder_is_refused_and_takes_nothing(town: Town) -> None:
    group, officer = town.approved("Harbour Street Helpers", GROUP), town.officer()
    (firm,) = firms(town, "Quayside Computers")
    need = town.open(group, "need", LAPTOPS, officer)
    offer = town.open(firm, "offer", {**OLD_LAPTOPS, "amount": "4"}, officer)
    match = officer.go(f"/listings/{need}/broker/{offer}").press("Put to both sides").path
    for side in (group, firm):
        side.go(match).press("Yes, let us do it")
    officer.go(f"{match}/confirm").press("Confirm", {"demand_amount": "5"}, status=409)
    officer.sees("has only 4 left now")
    assert (left(town, need), left(town, offer)) == (10, 4)
    officer.go(f"{match}/confirm").press("Confirm", {"demand_amount": "no"}, status=422).sees("Enter a number")
    assert officer.value("demand_amount") == "no"
