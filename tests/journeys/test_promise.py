"""One promise through every step, from contract to committee pack: nothing is typed twice, nothing counts twice."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO

from broker.domain.clock import today
from tests.journeys.town import FIRM, GROUP, Town
from tests.journeys.visitor import Typed, Visitor, day, said
from tests.promises import PDF

HANDS: dict[str, Typed] = {
    "title": "Hands for the community garden",
    "body": "We want to dig, plant and mend the fence of the community garden before the winter comes.",
    "support_kind": "volunteering",
    "amount": "60",
    "unit": "hours",
    "place_kind": "postcode",
    "postcode": "QM1 1AA",
    **day("until_date", today() + timedelta(days=90)),
}
TIME: dict[str, Typed] = {
    **{name: value for name, value in HANDS.items() if not name.startswith("until_date")},
    "title": "Our people's time for gardens",
    "body": "Twelve of us would like to dig, plant and mend fences in a community garden.",
}
SENTENCE = "They dug all day and the fence stands again"


def _promise(town: Town, firm: Visitor) -> tuple[int, dict[str, int]]:
    """The officer registers a contract, and its supplier promises 80 hours under it and 20 without one."""
    starts, ends = today() - timedelta(days=30), today() + timedelta(days=300)
    officer = town.officer().go("/contracts").click("Register a contract").press("Find", {"search": "Quayside"})
    officer.click("Choose Quayside Computers").press(
        "Register",
        {"title": "Repairs to homes", "value": "250000", "identifier": "ocds-b5fd17-77",
         **day("starts_on", starts), **day("ends_on", ends)},
    ).sees("Repairs to homes", "ocds-b5fd17-77")  # fmt: skip
    contract = officer.number()
    firm.go("/contracts").click("Repairs to homes").click("Write down a promise")
    measure = firm.option("measure", "Volunteering for a community project")
    promised: dict[str, Typed] = {"measure": measure, "what": "Our people help out", **day("due_on", ends)}
    firm.press("Promise it", {**promised, "quantity": "80"}).sees("80 hours")
    ids = {"commitment": firm.number()}
    firm.go("/commitments").click("Promise something")
    if "Promise it" not in firm.buttons():  # which council, where there are several
        firm.click("A pledge to Northmere")
    firm.press("Promise it", {**promised, "quantity": "20", "what": "And some more"}).sees("20 hours")
    ids["pledge"] = firm.number()
    return contract, ids


def _partnership(town: Town, group: Visitor, firm: Visitor) -> str:
    """A need of 60 hours meets an offer of 60, and the officer says which promise it helps to keep; where it stands."""
    officer = town.officer()
    need = town.open(group, "need", HANDS, officer)
    offer = town.open(firm, "offer", TIME, officer)
    town.work()
    match = officer.go(f"/listings/{need}/broker/{offer}").press("Put to both sides", {"demand_amount": "60"})
    for side in (group, firm):
        side.go(match.path).press("Yes, let us do it")
    officer.go(f"/matches/{match.number()}/confirm")
    helps: dict[str, Typed] = {"commitment": officer.option("commitment", "80 hours"), "committed_amount": "60"}
    officer.press("Confirm", {**helps, **day("starts_on", today())})
    return officer.sees("Confirmed").press("It has started").path.partition("?")[0]


def _rows(visitor: Visitor, caption: str) -> list[list[str]]:
    """The cells of each row of the page's table that is called so."""
    for table in visitor.page.iter("table"):
        if any(said(each) == caption for each in table.iter("caption")):
            return [[said(cell) for cell in row.iter() if cell.tag in ("td", "th")] for row in table.iter("tr")]
    raise AssertionError(f"{visitor.path} has no table {caption!r}")


def _file(visitor: Visitor, path: str) -> list[list[str]]:
    answer = visitor.client.get(path)
    assert answer.status_code == 200
    return list(csv.reader(StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))


def test_a_promise_is_kept_proven_claimed_once_and_told_alike_on_screen_paper_and_file(town: Town) -> None:
    group, firm = town.approved("Harbour Street Helpers", GROUP), town.approved("Quayside Computers", FIRM)
    contract, ids = _promise(town, firm)
    place = _partnership(town, group, firm)

    # The firm logs 50 hours: above the first tier, so a document and a second person are asked for.
    firm.go(place).click("Log what was done").press("Log it", {"quantity": "-5"}, status=422)
    firm.press("Log it", {"quantity": "50", "note": "Twelve of us, on two days"}).sees("50 hours")
    delivery = firm.path.partition("?")[0]
    firm.misses("Verified by")

    # The group answers by the link in its letter, without signing in; the link works once.
    link = f"/c/{town.latest_secret()}"
    stranger = town.visit().go(link).sees("Did you get this?", "Quayside Computers", "50 hours")
    stranger.press("Send the answer", {"answer": "less", "quantity": "40", "sentence": SENTENCE, "story_consent": True})
    town.visit().go(link, stranger.client.get(link).status_code).sees("Thank you, this is answered", "Less than that")

    # Evidence from the giver; then the officer, who is neither of the two, verifies what the group says.
    firm.go(delivery).click("Add a document")
    firm.press("Add it", {"file": (BytesIO(PDF), "hours.pdf"), "what": "Hours, signed"}).sees("hours.pdf")
    officer = town.officer().go(delivery).click("Verify it")
    officer.press("Verify it", {"quantity": "41"}, status=422)
    officer.press("Verify it", {"quantity": "40"}).sees("Verified")

    # 25 hours against the contract, 15 against the pledge, and not one hour more.
    for commitment, quantity in ((ids["commitment"], "25"), (ids["pledge"], "15")):
        firm.go(f"{delivery}/claim")
        firm.press("Claim it", {"commitment": str(commitment), "quantity": quantity})
    assert "Claim it" not in firm.go(f"{delivery}/claim").sees("All of it is claimed").buttons()

    # One screen for the contract: every step with its gap, and from each number the way to the evidence.
    officer.go(f"/contracts/{contract}").sees("80 hours", "60 hours", "25 hours")
    officer.go(f"/commitments/{ids['commitment']}").sees("25 hours")
    officer.go(delivery).sees(
        "hours.pdf", SENTENCE, "25 hours Repairs to homes", "15 hours A pledge", "all of it is claimed"
    )

    # The committee pack: the same totals on screen, on paper (the same page) and in the file.
    span = f"from={today() - timedelta(days=1):%Y-%m-%d}&to={today() + timedelta(days=1):%Y-%m-%d}"
    officer.go(f"/reports/pack?{span}").sees(SENTENCE)
    [told] = [row for row in _rows(officer, "From promise to claim") if "community project" in row[0]]
    assert [cell for cell in told if cell.isdecimal()][:5] == ["100", "60", "50", "40", "40"]
    told[:1] = told[0].removesuffix(")").split(" (")  # the page has the unit behind its measure
    assert told in _file(officer, f"/reports/pack.csv?{span}")
