"""What becomes of a listing: a hope grows into needs, rests, is renewed, changed while people read it, and goes."""

from datetime import timedelta

from sqlalchemy import update

from broker.domain.clock import today
from broker.store.base import db, set_reading
from broker.store.listings import Listing
from tests.journeys.town import FIRM, GROUP, LAPTOPS, OLD_LAPTOPS, Town, check, post
from tests.journeys.visitor import Typed

HOPE: dict[str, Typed] = {
    "title": "Every child can swim",
    "body": "We hope that each child of our street learns to swim before leaving school.",
    "support_kind": "skills",
    "place_kind": "authority",
    "lane": "systemic",
    "community_led": True,
}


def test_a_hope_grows_into_two_needs_without_retyping(town: Town) -> None:
    group, officer = town.approved("Harbour Street Helpers", GROUP), town.officer()
    hope = town.open(group, "aspiration", HOPE, officer)
    for title, amount in (("A teacher for ten lessons", "10"), ("A driver to the pool", "20")):
        group.go(f"/listings/{hope}").click("Grow a need from it").sees(
            "This is a step towards", "Every child can swim"
        )
        assert group.value("title") == HOPE["title"]
        assert group.value("body") == HOPE["body"]
        group.press("Send for checking", {"title": title, "amount": amount, "unit": "hours"})
        check(officer, title).press("Approve")
    anyone = town.visit().go(f"/listings/{hope}").sees("It has grown into", "A teacher for ten lessons", "A driver")
    anyone.click("A driver to the pool").sees(
        "It grew from Every child can swim", "20 hours", "Community-led", "Lasting"
    )


def test_a_draft_survives_and_may_stay_half_done(town: Town) -> None:
    group = town.approved("Harbour Street Helpers", GROUP)
    group.go("/listings/new/need").press("Save draft", status=422).sees("Give it a title")
    draft = post(group, "need", {"title": "Something", "safeguarding": "Children are there."}, "Save draft")
    group.press("Sign out")
    town.visit().go(f"/listings/{draft}", status=404)
    again = town.sign_in("harbour.street.helpers@private.example").go("/my-listings").click("Something")
    again.click("Change and send").press("Save draft", {"body": "More of it."}).click("Something").sees("More of it.")
    again.sees("Children are there.", "Draft: only you can see it")
    town.officer().go("/desk").misses("Something")


def test_a_listing_pauses_opens_is_renewed_runs_out_and_is_withdrawn(town: Town) -> None:
    group, anyone = town.approved("Harbour Street Helpers", GROUP), town.visit()
    need = town.open(group, "need", {key: value for key, value in LAPTOPS.items() if not key.startswith("until")})
    group.go(f"/listings/{need}").press("Pause").sees("Paused. Nobody sees it")
    anyone.go(f"/listings/{need}", status=404)
    group.press("Open again").sees("It is open again.")
    assert "Renew" not in group.buttons(), "there is time enough left"
    set_reading(False)
    with town.app.app_context():
        db.session.execute(update(Listing).where(Listing.id == need).values(expires_on=today() + timedelta(days=5)))
        db.session.commit()
    group.go(f"/listings/{need}").press("Renew").sees("Renewed. It stays on the list.")
    assert "Renew" not in group.buttons()
    anyone.go(f"/listings/{need}").sees(str(LAPTOPS["title"]))
    group.click("Withdraw").press("Withdraw it").sees("Withdrawn. Nobody can find it any more.")
    anyone.go(f"/listings/{need}", status=404)
    assert not {"Open again", "Pause", "Renew"} & set(group.buttons())


def test_a_material_change_asks_again_while_everyone_reads_the_old_words(town: Town) -> None:
    group, firm = town.approved("Harbour Street Helpers", GROUP), town.approved("Quayside Computers", FIRM)
    officer = town.officer()
    need, offer = town.open(group, "need", LAPTOPS, officer), town.open(firm, "offer", OLD_LAPTOPS, officer)
    match = officer.go(f"/listings/{need}/broker/{offer}").press("Put to both sides", {"demand_amount": "6"}).path
    for side in (group, firm):
        side.go(match).press("Yes, let us do it")
    group.go(f"/listings/{need}/edit").sees("people who said yes to it are asked again")
    group.press("Send for checking", {"title": "Eight laptops, not ten", "amount": "8"})
    group.sees("Everyone still reads the words that were approved before.")
    anyone = town.visit().go(f"/listings/{need}").sees(str(LAPTOPS["title"]), "10 items").misses("Eight laptops")
    group.go(f"/listings/{need}").sees("The newest wording, not public yet", "Eight laptops, not ten")
    for side in (group, firm):
        side.go(match).sees("Waiting for a reply", "It is your turn")
    assert "Confirm the partnership" not in officer.go(match).links()
    check(officer, "Eight laptops, not ten").sees("Changed since you approved it", "10 items", "8 items").press(
        "Approve"
    )
    anyone.go(f"/listings/{need}").sees("Eight laptops, not ten", "8 items")
    for side in (group, firm):
        side.go(match).press("Yes, let us do it")
    officer.go(f"{match}/confirm").press("Confirm").sees("Confirmed.", "6 items")
    group.go(f"/listings/{need}/edit").press("Send for checking", {"amount": "5"}, status=422)
    group.sees("This is less than you have already promised to others")


def test_two_tabs_do_not_overwrite_each_other_unseen(town: Town) -> None:
    group = town.approved("Harbour Street Helpers", GROUP)
    need = post(group, "need", LAPTOPS)
    other = town.sign_in("harbour.street.helpers@private.example").go(f"/listings/{need}/edit")
    group.go(f"/listings/{need}/edit").press("Send for checking", {"body": "Changed in the first tab."})
    other.press("Send for checking", {"body": "Changed in the second tab."}, status=409)
    other.sees("This listing was changed after you opened the page")
    assert other.value("body") == "Changed in the second tab."
    other.press("Send for checking").go(f"/listings/{need}").sees("Changed in the second tab.")
