"""A supplier: known to two councils, live in one; finds what fits, offers help of its own design, says no kindly."""

from datetime import timedelta

from broker.domain.clock import today
from tests.journeys.town import FIRM, GROUP, LAPTOPS, NORTHMERE, OLD_LAPTOPS, WESTERBY, Town, check, post
from tests.journeys.visitor import Typed, Visitor, day

PLACES: dict[str, Typed] = {
    "title": "Work experience in our workshop",
    "body": "Learn to take a computer apart and mend it, with a mentor beside you.",
    "support_kind": "jobs",
    "amount": "2",
    "unit": "places",
    "frequency": "monthly",
    "place_kind": "authority",
    "lane": "systemic",
}
REPAIR: dict[str, Typed] = {
    "title": "Every family can mend its own things",
    "body": "We hope for a place where neighbours learn to mend computers and bicycles together.",
    "support_kind": "skills",
    "place_kind": "ward",
    "lane": "systemic",
}


def test_a_supplier_known_to_two_councils_is_live_where_it_is_approved(town: Town) -> None:
    firm = town.sign_up("Quayside Computers", FIRM, NORTHMERE, WESTERBY)
    firm.sees("Northmere and of Westerby reads")
    town.officer().go("/desk").click("Quayside Computers").press("Approve", {"note": "Looked up."})
    post(firm, "offer", PLACES)
    firm.sees("Sent. An officer of Northmere and Westerby will check it")
    check(town.officer(), "Work experience in our workshop").press("Approve")
    firm.go("/my-listings").sees("Northmere: Open", "Westerby: Waiting for an officer to check it")
    anyone = town.visit()
    anyone.go(f"/listings?authority={NORTHMERE}").sees("Work experience in our workshop", "2 places, every month")
    anyone.go(f"/listings?authority={WESTERBY}").misses("Work experience in our workshop")
    officer = check(town.officer(council="westerby"), "Work experience in our workshop")
    assert "Approve" not in officer.buttons()
    officer.go("/organisations").click("Quayside Computers").sees("Northmere: Approved")
    officer.press("Ask them", {"reason": officer.option("reason", "It looks as if you work in another council")})
    firm.go("/my-organisation").sees("Westerby wrote", "Please tell us what you do in ours.")
    firm.press("Send it again", {"answer": "We deliver to Westerby every Friday."})
    officer.go("/desk").click("Quayside Computers").sees("We deliver to Westerby every Friday.").press("Approve")
    check(officer, "Work experience in our workshop").press("Approve")
    anyone.go(f"/listings?authority={WESTERBY}").sees("Work experience in our workshop")


def _market(town: Town) -> tuple[Visitor, dict[str, int]]:
    """A group with three listings in Northmere; gives it and their ids."""
    group = town.approved("Harbour Street Helpers", GROUP)
    officer = town.officer()
    group.go("/listings/new/aspiration")
    ward, theme = group.option("ward", "Saltgate"), group.option("priorities", "Skills that lead somewhere")
    tagged: dict[str, Typed] = {**REPAIR, "ward": ward, _priorities(group): [theme]}
    far: dict[str, Typed] = {**LAPTOPS, "title": "Laptops across the water", "body": "Five laptops.", "amount": "5"}
    ids = {
        "laptops": town.open(group, "need", LAPTOPS, officer),
        "far": town.open(group, "need", {**far, "postcode": "QM9 5LW"}, officer),
        "repair": town.open(group, "aspiration", tagged, officer),
    }
    return group, ids


def _priorities(visitor: Visitor) -> str:
    return next(str(f.get("name")) for f in visitor.page.iter("input") if f.get("name", "").startswith("priorities_"))


def test_a_supplier_searches_by_text_kind_theme_place_and_lane(town: Town) -> None:
    _market(town)
    firm = town.approved("Quayside Computers", FIRM)
    near, far, repair = LAPTOPS["title"], "Laptops across the water", REPAIR["title"]
    every = {str(near), far, str(repair)}

    def search(**typed: Typed) -> set[str]:
        firm.go(f"/listings?authority={NORTHMERE}").press("Show", typed)
        return every & firm.links().keys()

    assert search() == every
    assert search(q="homework club") == {near}
    assert search(kind="aspiration") == {repair}
    assert search(support="goods") == {near, far}
    assert search(lane="systemic") == {repair}
    assert search(near="QM1 1AA", within="1") == {near, repair}
    firm.sees("less than a mile away")
    firm.go(f"/listings?authority={NORTHMERE}")
    assert search(theme=firm.option("theme", "Skills that lead somewhere")) == {repair}
    later = today() + timedelta(days=120)  # the laptops are needed before
    assert search(since=f"{later.day} {later.month} {later.year}") == {repair}
    firm.go("/listings?near=nowhere").sees("We do not know this postcode")
    assert search(q="nothing like it") == set()
    firm.sees("Nothing fits all of that")


def test_a_supplier_sees_why_and_answers_a_hope_with_its_own_idea(town: Town) -> None:
    group, ids = _market(town)
    firm = town.approved("Quayside Computers", FIRM)
    town.open(firm, "offer", OLD_LAPTOPS)
    firm.go(f"/listings/{ids['repair']}").click("Offer something of your own")
    firm.sees("In answer to Every family can mend its own things")
    idea: dict[str, Typed] = {
        "title": "A repair evening each month",
        "body": "Our engineers teach neighbours to mend computers and bicycles together.",
        "support_kind": "skills",
        "amount": "12",
        "unit": "hours",
        "place_kind": "authority",
        "lane": "systemic",
    }
    firm.press("Send for checking", idea)
    own = int(firm.links()[str(idea["title"])].rsplit("/", 1)[1])
    check(town.officer(), str(idea["title"])).press("Approve")
    town.visit().go(f"/listings/{own}").sees("In answer to Every family can mend its own things")
    town.work()
    firm.go(f"/listings/{own}/suggestions").sees("Every family can mend its own things", "Both talk about", "computer")
    firm.click("Ask about this").sees("Which of your listings is it for?")
    chosen = [f for f in firm.page.iter("input") if f.get("name") == "listing" and f.get("checked") is not None]
    assert [f.get("value") for f in chosen] == [str(own)], "the listing it came from is not chosen"
    firm.press("Offer to help", {"message": "Shall we start in the spring?"})
    match = firm.number()
    group.go("/my-matches").click("A repair evening each month").press("Yes, let us do it")
    firm.go(f"/matches/{match}").sees("Gwen Private")


def test_a_supplier_says_no_with_a_ready_phrase_that_the_other_side_never_reads(town: Town) -> None:
    group, ids = _market(town)
    firm = town.approved("Quayside Computers", FIRM)
    offer = town.open(firm, "offer", OLD_LAPTOPS)
    group.go(f"/listings/{offer}").click("Ask for this")
    group.press("Ask for it", {"listing": str(ids["laptops"]), "amount": "5"})
    match = group.number()
    phrase = "Thank you. We are too busy to do this well at the moment."
    firm.go("/my-matches").click(str(LAPTOPS["title"])).press(phrase).sees("You said no, kindly", phrase)
    group.go(f"/matches/{match}").sees("One side said no, thank you").misses("too busy", "Sid Private")
    town.officer().go(f"/matches/{match}").sees(phrase)
    group.go("/my-matches").sees("Ended (1)")
    for listing in (offer, ids["laptops"]):
        town.visit().go(f"/listings/{listing}").sees("10 items").misses("still open of")


def test_a_bad_date_loses_nothing_that_was_typed(town: Town) -> None:
    firm = town.approved("Quayside Computers", FIRM)
    firm.go("/listings/new/offer")
    wrong = {"until_date-day": "31", "until_date-month": "2", "until_date-year": "2027"}
    firm.press("Send for checking", {**PLACES, **day("from_date", today()), **wrong}, status=422)
    firm.sees("Enter a real date")
    assert firm.value("title") == PLACES["title"]
    assert firm.value("until_date-day") == "31"
