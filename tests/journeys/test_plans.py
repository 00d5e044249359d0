"""An officer plans the market: two groups whose needs compete, a plan that serves both, and the lines taken over."""

from tests.journeys.town import FIRM, GROUP, LAPTOPS, OLD_LAPTOPS, Town


def test_a_plan_serves_two_groups_where_one_offer_would_go_to_the_first(town: Town) -> None:
    groups = [town.approved(name, GROUP) for name in ("Harbour Street Helpers", "Quay Lane Homework Club")]
    firms = [
        town.approved(name, {**FIRM, "number": number})
        for name, number in (("Quayside Computers", "01234567"), ("Millrace Mobiles", "07654321"))
    ]
    officer = town.officer()
    for number, group in enumerate(groups, start=1):
        town.open(group, "need", {**LAPTOPS, "title": f"Ten laptops for homework club {number}"}, officer)
    for number, firm in enumerate(firms, start=1):
        town.open(firm, "offer", {**OLD_LAPTOPS, "title": f"Old laptops from office {number}"}, officer)
    town.work()
    officer.go("/desk").click("Plan the whole market").sees("No plan has been made yet")
    officer.press("Make a plan", {"mode": "serve_first", "cap": "3"}).sees("waiting for its turn")
    town.work()
    plan = officer.path
    officer.go(plan).sees("Help as many needs as possible", "2 needs and 2 offers were open", "10 items")
    officer.press("Put all 2 lines on my shortlist").sees("2 lines are on your shortlist now", "Take it back")
    groups[0].go("/my-matches").misses("Old laptops from office")
    officer.go(plan).press("Take it back").sees("Taken off your shortlist again", "Taken back")
    officer.press("Shortlist").sees("On your shortlist. Nobody else sees it yet")
    officer.click("Open it: Ten laptops for homework club 1").sees("On the officer's shortlist", "10 items")
    officer.go("/plans").sees("2 of 2")
