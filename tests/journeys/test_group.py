"""A group of two volunteers: from signing up to a partnership that both sides agreed to."""

from datetime import timedelta

from broker.domain.clock import today
from broker.store.base import db
from broker.store.listings import Listing
from tests.journeys.town import FIRM, GROUP, LAPTOPS, OLD_LAPTOPS, Town, check, post
from tests.journeys.visitor import Visitor, day

SECRETS = ("Gwen Private", "harbour.street.helpers@private.example", "01632 960111", "QM1 1AA")
FIRMS_SECRETS = ("Sid Private", "quayside.computers@private.example", "01632 960222")
REFEREE = ("Ann Referee", "ann.referee@school.example")


def test_a_group_from_signing_up_to_a_partnership(town: Town) -> None:
    group = _a_group_joins_and_posts(town)
    firm = town.approved("Quayside Computers", FIRM)
    offer = town.open(firm, "offer", OLD_LAPTOPS)
    need = int(group.go("/my-listings").links()["Ten laptops for our homework club"].rsplit("/", 1)[1])
    town.work()
    group.go("/my-matches").click("1 suggestion for Ten laptops for our homework club")
    group.sees("Refurbished laptops from our offices", "Both talk about", "Both are about goods.")
    group.misses(*FIRMS_SECRETS)
    match = _they_talk(group, firm, need)
    _nobody_sees_contacts(town, group, firm, match, need, offer)
    group.go(f"/matches/{match}").press("Yes, let us do it").sees("Both sides have said yes", *FIRMS_SECRETS)
    firm.go(f"/matches/{match}").sees(*SECRETS).misses(*REFEREE)
    partnership = _the_officer_confirms(town, match)
    for side in (group, firm):
        side.go("/my-matches").sees("Partnerships")
        side.go(f"/partnerships/{partnership}").sees("Planned", "6 items", *FIRMS_SECRETS, *SECRETS).misses(*REFEREE)
    _quantities_reconcile(town, need, offer)


def _a_group_joins_and_posts(town: Town) -> Visitor:
    """Signs up without a number, saves half a need, comes back for it, and is approved with it."""
    group = town.sign_up("Harbour Street Helpers", GROUP).sees("Thank you", "An officer of Northmere reads")
    post(group, "need", {"title": "Laptops"}, "Save draft")
    group.sees("Draft: only you can see it")
    group.press("Sign out").go("/my-listings").press(
        "Sign in", {"email": "harbour.street.helpers@private.example", "password": "quiet otter bicycle"}
    )
    group.click("Laptops").click("Change and send").press("Send for checking", status=422)
    group.sees("There is a problem", "Tell us more about it", "Choose the kind of support", "Choose where it is")
    group.press("Send for checking", LAPTOPS).sees("Sent. An officer of Northmere will check it")
    group.sees("Waiting for an officer to check it")
    town.visit().go("/listings").misses("Ten laptops")
    officer = town.officer().go("/desk").sees("Organisation to approve", "Listing to check")
    check(officer, "Ten laptops for our homework club").sees("The listing can be approved when the organisation is.")
    assert "Approve" not in officer.buttons()
    officer.click("Look at its application first").sees(*REFEREE, "No, it is an informal group", "We found no other")
    officer.press("Approve", {"note": "Spoke to Ann."})
    check(officer, "Ten laptops for our homework club").press("Approve").sees("Approved. Everyone can see it now")
    group.go("/my-listings").sees("Open: everyone can see it")
    town.visit().go("/listings").sees("Ten laptops for our homework club", "QM1").misses(*SECRETS, *REFEREE)
    return group


def _they_talk(group: Visitor, firm: Visitor, need: int) -> int:
    """The firm asks to help with six, the group asks a question, the firm answers; gives the match's id."""
    firm.go(f"/listings/{need}").click("Offer to help").press(
        "Offer to help", {"amount": "6", "message": "We have six ready now."}
    )
    match = firm.number()
    group.go("/my-matches").sees("Waiting for your answer").click("Refurbished laptops from our offices")
    group.sees("It is your turn", "We have six ready now.", "6 items")
    group.press("Send", {"write-text": "Do they have a camera?"})
    firm.go(f"/matches/{match}").sees("Do they have a camera?").press("Send", {"write-text": "All of them do."})
    group.go(f"/matches/{match}").sees("All of them do.")
    return match


def _nobody_sees_contacts(town: Town, group: Visitor, firm: Visitor, match: int, need: int, offer: int) -> None:
    """Before both have said yes, no page shows either side how to reach the other."""
    stranger = town.approved("Somebody Else", {**FIRM, "number": "07654321"})
    stranger.go(f"/matches/{match}", status=404)
    for path in (f"/matches/{match}", "/my-matches", f"/listings/{need}", f"/listings/{offer}", "/listings"):
        firm.go(path).misses(*SECRETS[:3])
        group.go(path).misses(*FIRMS_SECRETS)


def _the_officer_confirms(town: Town, match: int) -> int:
    officer = town.officer().go("/desk").sees("Agreed: confirm").go(f"/matches/{match}/confirm")
    assert officer.value("demand_amount") == "6"
    starts = today() + timedelta(days=3)
    officer.press("Confirm", day("starts_on", starts) | day("ends_on", starts + timedelta(days=30)))
    officer.sees("Confirmed. Both sides can see the partnership", "Framework", "One-off")
    return officer.number()


def _quantities_reconcile(town: Town, need: int, offer: int) -> None:
    for listing in (need, offer):
        town.visit().go(f"/listings/{listing}").sees("4 items still open of 10 items")
    with town.app.app_context():
        kept = [db.session.get_one(Listing, each) for each in (need, offer)]
        assert [(each.reserved, each.remaining) for each in kept] == [(6, 4), (6, 4)]
