"""Provisional words are marked wherever they stand, until an officer publishes real ones; the past keeps its own."""

from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.frameworks import current_framework
from tests.journeys.town import FIRM, GROUP, LAPTOPS, OLD_LAPTOPS, Town, check, post
from tests.journeys.visitor import Typed, Visitor

MANCHESTER = "E08000003"
MARK = "Provisional wording"


def themes_of(visitor: Visitor) -> tuple[str, list[str]]:
    """The name of the field for priorities in the form on this page, and what it offers."""
    boxes = [f for f in visitor.page.iter("input") if f.get("name", "").startswith("priorities_")]
    return str(boxes[0].get("name")), [str(box.get("value")) for box in boxes]


def test_provisional_words_are_marked_until_the_real_ones_are_published(town: Town) -> None:
    officer = town.officer(council="manchester")
    group, firm = (town.sign_up(name, facts, MANCHESTER) for name, facts in (("Red Club", GROUP), ("Firm", FIRM)))
    for name in ("Red Club", "Firm"):
        officer.go("/desk").click(name).press("Approve", {"note": "Known."})
    field, offered = themes_of(group.go("/listings/new/need").sees(MARK))
    tagged: dict[str, Typed] = {field: offered[:1], "place_kind": "authority", "postcode": ""}
    need = post(group, "need", {**LAPTOPS, **tagged})
    posting = check(officer, str(LAPTOPS["title"])).sees(MARK)
    posting.click("Correct the kind, amount, ward, priorities or marks").sees(MARK)
    check(officer, str(LAPTOPS["title"])).press("Approve")
    offer = town.open(firm, "offer", {**OLD_LAPTOPS, **tagged}, officer)
    old = _partnership(officer, group, firm, need, offer)
    officer.go(f"/partnerships/{old}").sees(MARK, "version 1")
    framework = _in_force(town)
    anyone = town.visit()
    shown = (
        f"/listings?authority={MANCHESTER}",
        "/listings",
        f"/listings/{need}",
        f"/frameworks/{framework}",
        "/frameworks",
    )
    for path in shown:
        anyone.go(path).sees(MARK)
    new = _publish(officer, framework)
    _marks_are_gone(town, group, officer, new)
    for side in (officer, group, firm):
        side.go(f"/partnerships/{old}").sees("version 1", MARK)
    anyone.go(f"/listings/{need}").sees(MARK)
    later = _partnership(officer, group, firm, need, offer)
    officer.go(f"/partnerships/{later}").sees("Our Manchester words").misses(MARK)
    anyone.go(f"/frameworks/{framework}").sees(MARK, "version 1")


def _in_force(town: Town) -> int:
    """The id of the framework that Manchester works by."""
    with town.app.app_context():
        framework = current_framework(db.session.get_one(Authority, town.area(MANCHESTER)))
        assert framework is not None
        return framework.id


def _partnership(officer: Visitor, group: Visitor, firm: Visitor, need: int, offer: int) -> int:
    match = officer.go(f"/listings/{need}/broker/{offer}").press("Put to both sides", {"demand_amount": "2"}).path
    for side in (group, firm):
        side.go(match).press("Yes, let us do it")
    return officer.go(f"{match}/confirm").press("Confirm").number()


def _publish(officer: Visitor, framework: int) -> int:
    """Give every node a name of its own, and publish; gives the new version's id."""
    officer.go(f"/frameworks/{framework}").click("Edit the names, as a new version").sees(MARK).press("Open the draft")
    names = [str(f.get("name")) for f in officer.page.iter("input") if f.get("name", "").startswith("label_")]
    typed: dict[str, Typed] = {name: f"A real theme, number {n}" for n, name in enumerate(names, start=1)}
    draft = officer.number()
    officer.press("Save the draft", {**typed, "name": "Our Manchester words"}).sees("Saved.")
    officer.go(f"/frameworks/{draft}/publish").sees("A real theme, number 1")
    officer.press(next(text for text in officer.buttons() if text.startswith("Publish version")))
    officer.sees("is in use now")
    return draft


def _marks_are_gone(town: Town, group: Visitor, officer: Visitor, new: int) -> None:
    anyone = town.visit()
    anyone.go(f"/frameworks/{new}").sees("A real theme, number 1", "version 2").misses(MARK)
    group.go("/listings/new/need").sees("A real theme, number 1").misses(MARK)
    anyone.go(f"/listings?authority={MANCHESTER}&theme=none").sees("A real theme, number 1")
    posted: dict[str, Typed] = {**LAPTOPS, "title": "Chairs", "place_kind": "authority", "postcode": ""}
    group.go("/listings/new/need")
    field, offered = themes_of(group)
    listing = post(group, "need", {**posted, field: offered[:1]})
    check(officer, "Chairs").misses(MARK).press("Approve")
    anyone.go(f"/listings/{listing}").sees("A real theme, number").misses(MARK)
