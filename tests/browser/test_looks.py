"""One page of every kind for every role, filled, empty and refused: nobody is shut out, and it fits a small phone."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from playwright.sync_api import Page
from werkzeug.routing import Rule

from broker import create_app
from broker.domain.kinds import Role
from broker.domain.permissions import Action, Actor, Reach, reach
from broker.web.guard import PUBLIC, access_of
from tests.browser.conftest import PASSWORD, SignIn, open_letter

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
Look = Callable[[Page], None]
Ask = Callable[[str], list[tuple[Any, ...]]]
NO_PAGE = {
    "static",
    "health.healthz",
    "health.readyz",
    "health.metrics",
    "frameworks.export",
    "partnerships.dates",
}
A_FEW = 4
SEVERAL = {
    "browse.listing": 6,
    "matches.show": 5,
    "partnerships.show": 4,
    "listings.new": 2,
}  # of these one in each state
KINDS = ("need", "offer")
WHO = (
    "select u.email, m.role, coalesce(m.organisation_id, 0), coalesce(m.authority_id, 0)"
    " from membership m join user u on u.id = m.user_id"
)
# What can stand for a number in an address: the thing's id and its state, those of the person who looks first.
POOLS = {
    "listing_id": "select l.id, l.kind || p.state from listing l join posting p on p.listing_id = l.id {listings}",
    "organisation_id": "select o.id, '' from organisation o {organisations}",
    "registration_id": "select r.id, r.state from registration r where r.authority_id = {authority}",
    "posting_id": "select p.id, p.state from posting p join listing l on l.id = p.listing_id {listings}"
    " and p.state in ('submitted', 'open')",
    "match_id": "select m.id, m.state from match m join listing d on d.id = m.demand_id"
    " join listing s on s.id = m.supply_id {matches}",
    "partnership_id": "select p.id, p.state from partnership p join match m on m.id = p.match_id"
    " join listing d on d.id = m.demand_id join listing s on s.id = m.supply_id {matches}",
    "framework_id": "select id, status from framework order by authority_id = {authority} desc, id",
    "import_id": "select id, '' from import",
    "synonym_id": "select id, state from synonym",
    "user_id": "select id, '' from user",
}


class Person(NamedTuple):
    """Who looks: the e-mail address, the role, and the number of the organisation or the council acted for."""

    email: str
    role: Role
    organisation: int = 0
    authority: int = 0


@pytest.fixture(scope="session")
def map_of_the_site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The app itself, asked only which addresses there are and whose they are."""
    folder = tmp_path_factory.mktemp("map")
    return create_app({"DATABASE_URL": f"sqlite:///{folder / 'none.db'}", "SECRET_KEY": "t" * 40})


@pytest.fixture
def asked(instance: Path, site: str) -> Iterator[Ask]:
    """Asks the product's database, which goes on working, without changing anything."""
    connection = sqlite3.connect(f"file:{instance / 'broker.db'}?mode=ro", uri=True)
    yield lambda query: connection.execute(query).fetchall()
    connection.close()


def person(asked: Ask, email: str) -> Person:
    for row in asked(WHO):
        if row[0] == email:
            return Person(email, Role(str(row[1])), int(row[2]), int(row[3]))
    raise LookupError(email)


def pool(asked: Ask, who: Person | None, name: str) -> list[tuple[int, str]]:
    """Numbers to try for a part of an address, with the state of what stands there: a few of each state."""
    mine, area = (who.organisation, who.authority) if who else (0, 1)
    own = who is not None and who.role is Role.MEMBER
    query = POOLS[name].format(
        authority=area,
        organisations=f"order by o.id = {mine} desc",
        listings=f"where l.organisation_id = {mine}" if own else f"where p.authority_id = {area}",
        matches=f"where {mine} in (d.organisation_id, s.organisation_id)" if own else f"where m.authority_id = {area}",
    )
    tried: Counter[str] = Counter()
    few = []
    for number, state in asked(query):
        tried[state] += 1
        if tried[state] <= A_FEW:
            few.append((number, state))
    return few


def pages(site_map: Flask, page: Page, asked: Ask, who: Person | None) -> Iterator[str]:
    """An address of each kind that this person may open, with several where the page depends on a state."""
    for rule in site_map.url_map.iter_rules():
        access = access_of(site_map, rule.endpoint)
        if "GET" not in (rule.methods or ()) or rule.endpoint in NO_PAGE or rule.rule.endswith(".csv"):
            continue
        mine = access == PUBLIC if who is None else access != PUBLIC and _may(who, str(access))
        if mine or (who and who.role is not Role.ADMINISTRATOR and rule.endpoint == "browse.listing"):
            yield from _that_open(page, rule, asked, who)


def _may(who: Person, access: str) -> bool:
    return reach(Actor(who.role, 1, who.organisation, who.authority), Action(access)) is not Reach.NONE


def _that_open(page: Page, rule: Rule, asked: Ask, who: Person | None) -> Iterator[str]:
    """The addresses under one rule that answer with a page: the first, or one in each state."""
    seen: set[str] = set()
    for address, state in _addresses(rule, asked, who):
        if len(seen) < SEVERAL.get(rule.endpoint, 1) and state not in seen:
            answer = page.request.get(address, max_redirects=0)
            if answer.status == 200:
                seen.add(state)
                yield address


def _addresses(rule: Rule, asked: Ask, who: Person | None) -> Iterator[tuple[str, str]]:
    names = sorted(rule.arguments)
    if rule.endpoint == "listings.new":
        yield from ((f"/listings/new/{kind}", kind) for kind in KINDS)
    elif names == ["listing_id", "other_id"]:
        pairs = asked("select demand_id, supply_id from suggestion limit 200")
        yield from ((f"/listings/{demand}/broker/{supply}", "") for demand, supply in pairs)
    elif len(names) == 1 and names[0] in POOLS:
        for number, state in pool(asked, who, names[0]):
            yield rule.rule.replace(f"<id:{names[0]}>", str(number)), str(state)
    elif not names:
        yield rule.rule, ""


def send_empty(page: Page, path: str, button: str) -> None:
    """Open a form, empty every box of text, and send it."""
    page.goto(path)
    for box in page.locator("main form[method=post] :is(input[type=text], input[type=email], textarea)").all():
        box.fill("")
    page.locator("main").get_by_role("button", name=button).first.click()
    assert page.locator(".govuk-error-summary").count() == 1, f"{path} refuses nothing"
    assert page.title().startswith("Error: ")


def test_what_anyone_may_read(
    desktop: Callable[[], Page],
    asked: Ask,
    map_of_the_site: Flask,
    accessible: Look,
) -> None:
    page = desktop()
    found = list(pages(map_of_the_site, page, asked, None))
    assert len(found) >= 12, found
    searches = ["/listings?q=nothing+says+this", "/listings?near=nowhere", "/listings?authority=X99000001&kind=need"]
    missing = ["/set-password/no-such-link", "/nothing-is-here", "/listings/999999"]
    for path in [*found, *searches, "/listings/map?authority=X99000001", *missing]:
        page.goto(path)
        accessible(page)
    for path, button in (("/sign-in", "Sign in"), ("/sign-up", "Sign up")):
        send_empty(page, path, button)
        accessible(page)


@pytest.mark.parametrize(
    ("email", "least"),
    [("digital@northmere.example", 20), ("officer@northmere.example", 25), ("administrator@mereland.example", 5)],
)
def test_what_each_role_sees(
    signed_in: SignIn,
    asked: Ask,
    map_of_the_site: Flask,
    accessible: Look,
    email: str,
    least: int,
) -> None:
    page, who = signed_in(email), person(asked, email)
    found = list(pages(map_of_the_site, page, asked, who))
    assert len(found) >= least, found
    for path in found:
        page.goto(path)
        accessible(page)
    refused = page.goto("/desk" if who.role is Role.MEMBER else "/my-organisation")
    assert refused is not None
    assert refused.status == 403
    accessible(page)


def test_what_is_refused_says_so(signed_in: SignIn, accessible: Look) -> None:
    member = signed_in("digital@northmere.example")
    for path, button in (
        ("/listings/new/offer", "Send for checking"),
        ("/my-organisation/edit", "Save"),
        ("/account", "Change password"),
    ):
        send_empty(member, path, button)
        accessible(member)
    officer = signed_in("officer@northmere.example")
    for path, button in (
        ("/organisations/enter", "Enter"),
        ("/imports", "Bring it in"),
        ("/synonyms/new", "Add"),
        ("/contacts", "Save"),
        ("/account/erase", "Ask to be erased"),
    ):
        send_empty(officer, path, button)
        accessible(officer)
    officer.goto("/frameworks")
    officer.locator("main").get_by_role("link", name="Northmere", exact=False).first.click()
    officer.get_by_role("link", name="Edit the names, as a new version").click()
    accessible(officer)
    officer.get_by_role("button", name="Open the draft").click()
    accessible(officer)
    draft = officer.url.removesuffix("/edit")
    send_empty(officer, f"{draft}/edit", "Save the draft")
    accessible(officer)
    officer.goto(f"{draft}/publish")
    accessible(officer)
    administrator = signed_in("administrator@mereland.example")
    for path, button in (
        ("/administration/authorities", "Add council"),
        ("/administration/people", "Add and show the link"),
        ("/administration/erasures", "Find"),
    ):
        send_empty(administrator, path, button)
        accessible(administrator)


def test_what_is_still_empty_says_what_to_do(desktop: Callable[[], Page], signed_in: SignIn, accessible: Look) -> None:
    """A new council with a new officer, and a new group in it: every list of theirs is empty."""
    administrator, officer, group = signed_in("administrator@mereland.example"), desktop(), desktop()
    administrator.goto("/administration/authorities")
    administrator.get_by_label("ONS code").fill("E07000999")
    administrator.get_by_label("Name", exact=True).fill("Newcome")
    administrator.get_by_role("button", name="Add council").click()
    administrator.goto("/administration/people")
    administrator.get_by_label("Name", exact=True).fill("Nora New")
    administrator.get_by_label("E-mail address", exact=True).fill("nora@newcome.example")
    administrator.get_by_label("What they are").select_option("officer")
    administrator.get_by_label("Council, unless an administrator").select_option(label="Newcome")
    administrator.get_by_role("button", name="Add and show the link").click()
    accessible(administrator)
    officer.goto(administrator.locator(".secret-link").inner_text())
    accessible(officer)
    officer.get_by_label("New password").fill(PASSWORD)
    officer.get_by_role("button", name="Set password").click()
    officer.get_by_label("E-mail address").fill("nora@newcome.example")
    officer.get_by_label("Password").fill(PASSWORD)
    officer.get_by_role("button", name="Sign in").click()
    for path in ("/desk", "/organisations", "/imports", "/my-listings", "/frameworks"):
        officer.goto(path)
        accessible(officer)
    _join(group)
    for path in (
        "/my-listings",
        "/my-matches",
        "/my-organisation",
        "/listings/new/need",
        "/listings?authority=E07000999",
    ):
        group.goto(path)
        accessible(group)


def _join(page: Page) -> None:
    page.goto("/sign-up")
    page.get_by_label("Name of your group or organisation").fill("Newcome Singers")
    page.get_by_label("A community group or charity").check()
    page.get_by_label("Charity or company number").fill("1234567")
    page.get_by_label("What do you do anyway?").fill("We sing.")
    page.get_by_label("Who is it for?").fill("Anyone who likes to sing.")
    page.get_by_label("Newcome", exact=True).check()
    page.get_by_label("Your name").fill("Sam Singer")
    page.get_by_label("E-mail address").fill("sam@newcome.example")
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    open_letter(page, "sam@newcome.example", "/verify-address/")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/welcome")
