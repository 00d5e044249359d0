"""An officer: from an application to a confirmed match, by the page and by the telephone, and two officers at once."""

from io import BytesIO

import pytest

from broker.store.base import db
from broker.store.listings import Listing
from tests.journeys.town import FIRM, GROUP, LAPTOPS, OLD_LAPTOPS, Town, check, post
from tests.journeys.visitor import Visitor

TITLE, OFFERED = str(LAPTOPS["title"]), str(OLD_LAPTOPS["title"])
FILE = (
    b"id,kind,title,description,category,organisation\n"
    b"o1,offer,Spare laptops from the old school,Working laptops for a homework club,goods,Old School Trust\n"
)


def test_an_application_that_looks_like_one_we_know_is_checked_and_approved(town: Town) -> None:
    town.approved("Harbour Street Helpers", GROUP)
    again = town.sign_up("The Harbour Street Helpers", GROUP)
    officer = town.officer().go("/desk").click("The Harbour Street Helpers")
    officer.sees("Harbour Street Helpers, in Northmere", "alike", "the same postcode", "Ann Referee")
    officer.press("Ask them", {"own_words": "Are you the same group?"})
    again.go("/my-organisation").sees("Are you the same group?").press("Send it again", {"answer": "No, the sister."})
    officer.go("/desk").click("The Harbour Street Helpers").sees("No, the sister.")
    officer.press("Approve", {"note": "Spoke to both."}).sees("is approved", "Spoke to both.")
    again.go("/my-organisation").sees("Approved").misses("Spoke to both.")


def test_a_listing_is_corrected_questioned_returned_and_approved(town: Town) -> None:
    group = town.approved("Harbour Street Helpers", GROUP)
    listing = post(group, "need", LAPTOPS)
    officer = check(town.officer(), TITLE)
    officer.click("Correct the kind, amount, ward, priorities or marks").press(
        "Save the correction", {"amount": "12", "community_led": True}
    )
    officer.sees("Corrected. The owner's own words are kept", "12 items")
    officer.sees("The owner's own words and tags, before an officer corrected them", "10 items")
    officer.press("Ask", {"question": "Which charger do they need?"})
    check(officer, TITLE).press("Ask", {"question": "And another thing?"}, status=422)
    officer.sees("Your last question has no answer yet")
    group.go("/my-listings").sees("Which charger do they need?").click("Answer the question")
    group.press("Send the answer", {"answer": "Any that fits."})
    check(officer, TITLE).sees("Any that fits.").press(
        "Return it", {"reason": "private_detail", "own_words": "The name of the child is in it."}
    )
    group.go("/my-listings").sees("An officer asked you to change something", "The name of the child is in it.")
    group.click("Change and send").press("Send for checking", {"body": "Our children share one old computer."})
    check(officer, TITLE).sees("Our children share one old computer.").press("Approve")
    town.visit().go(f"/listings/{listing}").sees("Community-led", "12 items").misses("The name of the child", "charger")


@pytest.fixture
def market(town: Town) -> tuple[Visitor, Visitor, int, int]:
    """A group with a need, a firm with an offer, their listings' ids, and what the worker says to them."""
    group, firm = town.approved("Harbour Street Helpers", GROUP), town.approved("Quayside Computers", FIRM)
    officer = town.officer()
    need, offer = town.open(group, "need", LAPTOPS, officer), town.open(firm, "offer", OLD_LAPTOPS, officer)
    town.work()
    return group, firm, need, offer


Market = tuple[Visitor, Visitor, int, int]


def agreed(town: Town, market: Market, amount: str = "6") -> int:
    """The officer puts the pair to both sides, who say yes; gives the match's id."""
    group, firm, need, offer = market
    match = town.officer().go(f"/listings/{need}/broker/{offer}").press("Put to both sides", {"demand_amount": amount})
    for side in (group, firm):
        side.go(match.path).press("Yes, let us do it")
    return match.number()


def test_a_suggestion_is_shortlisted_set_aside_and_paired_by_hand_again(town: Town, market: Market) -> None:
    group, _, _, offer = market
    officer = town.officer().go("/desk").sees("To broker").click(TITLE)
    officer.sees("Suggested offers and assets", OFFERED, "Both talk about", "Less than a mile apart.")
    officer.press("Shortlist").sees("On the shortlist. Nobody else sees it yet", "On the officer's shortlist")
    group.go("/my-matches").misses("shortlist")
    officer.press("Set aside", at=f"/broker/{offer}/dismiss").sees("Set aside", "No suggestion left")
    officer.press("Look", {"q": "refurbished"}).sees(OFFERED).click("Put to both sides")
    officer.press("Put to both sides", {"demand_amount": "11"}, status=422).sees("That is more than is left")
    officer.press("Put to both sides", {"demand_amount": "4", "message": "You two should meet."})
    group.go("/my-matches").click(OFFERED).sees("You two should meet.", "4 items", "It is your turn")
    officer.go(f"/listings/{offer}/broker").sees("Under way", TITLE, "Set aside, declined or closed (1)")


def test_a_suggestion_is_dismissed_with_a_reason_and_does_not_come_back(town: Town, market: Market) -> None:
    _, _, need, _ = market
    officer = town.officer().go(f"/listings/{need}/broker")
    field = next(str(f.get("name")) for f in officer.page.iter("textarea") if f.get("name", "").startswith("dismiss-"))
    officer.press("Set aside", {field: "The last ones were broken."}).sees("No suggestion left")
    town.work()
    officer.go(f"/listings/{need}/broker").sees("No suggestion left", "Set aside, declined or closed (1)").click(
        OFFERED
    )
    officer.sees("The last ones were broken.", "Set aside by an officer", "The suggestion is kept as it was")


def test_a_match_by_telephone_with_an_organisation_that_never_signed_in(town: Town, market: Market) -> None:
    group, _, need, _ = market
    officer = town.officer().go("/imports").press("Bring it in", {"file": (BytesIO(FILE), "list.csv")})
    town.work()
    officer.go(officer.path).sees("added and open")
    officer.go(f"/listings/{need}/broker").sees("Spare laptops from the old school", "Both talk about")
    spare = int(officer.links()["Spare laptops from the old school"].rsplit("/", 1)[1])
    officer.go(f"/listings/{need}/broker/{spare}").press("Put to both sides", {"demand_amount": "5"})
    match = officer.number()
    officer.press("Keep the call", {"call-text": "Rang the school twice."}).sees("Rang the school twice.")
    group.go(f"/matches/{match}").misses("Rang the school").press("Yes, let us do it")
    officer.go(f"/matches/{match}").sees("Waits for Old School Trust").press(
        "I have reminded them: give another week"
    ).sees("Followed up. They have until", "Last reminded today")
    officer.press("They said yes", {"answer-side": "supply", "answer-text": "The caretaker said yes."})
    officer.sees("Both sides said yes", "by telephone").click("Confirm the partnership").press("Confirm")
    officer.sees("Confirmed. Both sides can see the partnership", "Old School Trust")
    town.visit().go(f"/listings/{need}").sees("5 items still open of 10 items")


def test_two_officers_confirm_at_once_and_the_second_is_led_to_the_partnership(town: Town, market: Market) -> None:
    _, _, need, _ = market
    match = agreed(town, market)
    first, second = town.officer(), town.officer("colleague")
    first.go(f"/matches/{match}/confirm")
    second.go(f"/matches/{match}/confirm")
    first.press("Confirm").sees("Confirmed. Both sides can see")
    partnership = first.path
    second.press("Confirm", status=409).sees("This has moved on", "Somebody has done this already")
    second.click("See how it stands now").sees("Partnership in Northmere")
    assert second.path == partnership
    town.visit().go(f"/listings/{need}").sees("4 items still open of 10 items")


def test_a_listing_withdrawn_while_it_is_matched_ends_the_talk_and_tells_everyone(town: Town, market: Market) -> None:
    group, firm, need, _ = market
    match = agreed(town, market)
    officer = town.officer().go(f"/matches/{match}/confirm")
    group.go(f"/listings/{need}").click("Withdraw").sees("pause it instead").press("Withdraw it")
    officer.press("Confirm", status=409).sees("Nothing was done")
    firm.go(f"/matches/{match}").sees("Withdrawn").misses("Gwen Private", "01632 960111")
    firm.go("/my-matches").sees("Ended (1)")
    group.go("/my-matches").sees("Ended (1)")
    officer.go("/desk").misses("Agreed: confirm")


def test_a_quantity_taken_twice_goes_to_one(town: Town, market: Market) -> None:
    _, _, _, offer = market
    other = town.approved("Canal Club", {**GROUP, "postcode": ""})
    second_need = town.open(other, "need", {**LAPTOPS, "title": "Laptops for the canal club"})
    one = agreed(town, market, "8")
    officer = town.officer().go(f"/listings/{second_need}/broker/{offer}")
    officer.press("Put to both sides", {"demand_amount": "8"})
    two = officer.number()
    for side in (other, market[1]):
        side.go(f"/matches/{two}").press("Yes, let us do it")
    first, late = town.officer(), town.officer("colleague").go(f"/matches/{two}/confirm")
    first.go(f"/matches/{one}/confirm").press("Confirm")
    late.press("Confirm", status=409).sees("The offer or asset has only 2 left now")
    late.go(f"/matches/{two}/confirm").press("Confirm", {"demand_amount": "2"}).sees("Confirmed.")
    town.visit().go(f"/listings/{second_need}").sees("8 items still open of 10 items")
    with town.app.app_context():
        assert db.session.get_one(Listing, offer).remaining == 0
    town.visit().go(f"/listings/{offer}", status=404)
    town.visit().go("/listings").press("Show", {"q": "Refurbished"}).sees("Nothing fits all of that")
