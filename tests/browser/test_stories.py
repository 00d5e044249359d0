"""The three stories in a real browser: a group on a phone without scripts, a supplier, and an officer."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, SignIn, open_letter

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
Look = Callable[[Page], None]
WORKER_TAKES = 60  # seconds, on a machine that does much else


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()


def sign_up(page: Page, name: str) -> None:
    """The five questions, for a group that has no number."""
    page.goto("/sign-up")
    page.get_by_label("Name of your group or organisation").fill(name)
    page.get_by_label("A community group or charity").check()
    page.get_by_label("We have no number").check()
    page.get_by_label("Who could tell us about your group?").fill("Ann Referee")
    page.get_by_label("How can we reach them?").fill("ann@school.example")
    page.get_by_label("What do you do anyway?").fill("Homework and hot meals, three evenings a week.")
    page.get_by_label("Who is it for?").fill("Children of our street")
    page.get_by_label("Northmere", exact=True).check()
    page.get_by_label("Your name").fill("Gwen Private")
    page.get_by_label("E-mail address").fill(f"{name.lower().replace(' ', '.')}@private.example")
    page.get_by_label("Choose a password").fill(PASSWORD)
    press(page, "Sign up")
    expect(page.get_by_text("Look in your e-mail")).to_be_visible()
    open_letter(page, f"{name.lower().replace(' ', '.')}@private.example", "/verify-address/")
    page.get_by_label("Your password").fill(PASSWORD)
    press(page, "Sign in")


def write_need(page: Page, title: str) -> None:
    """Everything but the title, into the form that is open."""
    page.get_by_label("What do you need, in a few words?").fill(title)
    page.get_by_label("Tell us more").fill("Our children share one old computer. Ten working laptops would change it.")
    page.get_by_label("Goods", exact=True).check()
    page.get_by_label("How much do you need?").fill("10")
    page.get_by_label("Counted in").select_option("items")
    page.get_by_label("Anywhere in the council area").check()
    press(page, "Send for checking")


def approve(officer: Page, organisation: str, title: str) -> None:
    """The officer says yes to the organisation, then to its listing."""
    officer.goto("/desk?what=application")
    follow(officer, organisation)
    press(officer, "Approve")
    officer.goto("/desk?what=check")
    follow(officer, title)
    press(officer, "Approve")
    expect(officer.get_by_text("Approved. Everyone can see it now")).to_be_visible()


def until(page: Page, path: str, text: str) -> None:
    """Open a page again and again until the worker has done its part."""
    deadline = time.monotonic() + WORKER_TAKES
    while page.goto(path) and page.get_by_text(text).count() == 0:
        assert time.monotonic() < deadline, f"{path} never said {text!r}"
        time.sleep(0.3)


def listing_at(page: Page, title: str) -> str:
    """The address of one's own listing."""
    page.goto("/my-listings")
    return str(page.get_by_role("link", name=title, exact=True).get_attribute("href"))


def test_a_group_from_signing_up_to_an_accepted_match(phone: Page, signed_in: SignIn, scripted: Look) -> None:
    title = "Ten laptops for our homework evenings"
    phone.goto("/")
    scripted(phone)
    phone.goto("/sign-up")
    scripted(phone)
    sign_up(phone, "Anchor Street Helpers")
    expect(phone.get_by_text("Thank you. We have your answers")).to_be_visible()
    scripted(phone)
    follow(phone, "Write your first listing")
    scripted(phone)
    phone.goto("/my-listings")
    scripted(phone)
    follow(phone, "Post something")
    scripted(phone)
    follow(phone, "Post a need")
    phone.get_by_label("What do you need, in a few words?").fill("Laptops")
    press(phone, "Save draft")
    scripted(phone)
    follow(phone, "Laptops")
    follow(phone, "Change and send")
    scripted(phone)
    press(phone, "Send for checking")
    expect(phone.get_by_text("There is a problem")).to_be_visible()
    write_need(phone, title)
    expect(phone.get_by_text("Waiting for an officer to check it").first).to_be_visible()
    approve(signed_in("officer@northmere.example"), "Anchor Street Helpers", title)
    need = listing_at(phone, title)
    until(phone, f"{need}/suggestions", "Both talk about")
    scripted(phone)
    firm = signed_in("digital@northmere.example")
    firm.goto(f"{need}/ask")
    if firm.get_by_role("radio").count():
        firm.get_by_role("radio").first.check()
    press(firm, "Offer to help")
    phone.goto("/my-matches")
    scripted(phone)
    phone.locator("#answer a").first.click()
    scripted(phone)
    phone.locator("textarea[name=write-text]").fill("Do they have a camera?")
    press(phone, "Send")
    theirs = phone.locator("section[aria-labelledby=side-supply]")
    expect(theirs.get_by_text("hidden until both sides have said yes")).to_be_visible()
    expect(theirs.get_by_text("@")).to_have_count(0)
    press(phone, "Yes, let us do it")
    expect(phone.get_by_text("Both of you have said yes")).to_be_visible()
    expect(theirs.get_by_text("@")).to_be_visible()
    scripted(phone)
    wide = phone.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360


def test_a_supplier_from_an_opportunity_to_a_partnership(signed_in: SignIn, accessible: Look) -> None:
    firm = signed_in("digital@northmere.example")
    for path in ("/my-matches", "/my-listings", "/listings?kind=need&authority=X99000001"):
        firm.goto(path)
        accessible(firm)
    until(firm, "/my-matches", "Suggested for you")
    firm.locator("a[href$='/suggestions']").first.click()
    accessible(firm)
    expect(firm.get_by_text("Both ").first).to_be_visible()
    firm.locator(".card__title a").first.click()
    accessible(firm)
    # What fits best may be wanted in any of the three councils: its own officer goes on with it.
    said = firm.locator("main").inner_text()
    council = next(name for name in ("northmere", "westerby", "harrowdene") if f", {name.title()}." in said)
    follow(firm, "Offer to help")
    accessible(firm)
    if firm.get_by_role("radio").count():
        firm.get_by_role("radio").first.check()
    firm.get_by_label("Say a few words to them").fill("We would like to help.")
    press(firm, "Offer to help")
    expect(firm.get_by_text("You have said yes.")).to_be_visible()
    accessible(firm)
    match = firm.url
    officer = signed_in(f"officer@{council}.example")
    officer.goto(match)
    officer.get_by_text("Somebody answered by telephone").click()
    officer.locator("select[name=answer-side]").select_option("demand")
    press(officer, "They said yes")
    follow(officer, "Confirm the partnership")
    press(officer, "Confirm")
    firm.goto(match)
    follow(firm, "See the partnership")
    expect(firm.get_by_role("heading", name="What is agreed")).to_be_visible()
    accessible(firm)
    firm.emulate_media(media="print")
    assert not firm.get_by_role("link", name="Add the dates to my calendar").is_visible()


def test_an_officer_from_an_application_to_a_confirmed_match(
    desktop: Callable[[], Page], signed_in: SignIn, accessible: Look
) -> None:
    title = "Ten laptops for the canal children"
    group, officer = desktop(), signed_in("officer@northmere.example")
    sign_up(group, "Canal Side Children")
    group.goto("/listings/new/need")
    write_need(group, title)
    need = listing_at(group, title)
    officer.goto("/desk")
    accessible(officer)
    officer.goto("/desk?what=application")
    follow(officer, "Canal Side Children")
    accessible(officer)
    press(officer, "Approve")
    accessible(officer)
    officer.goto("/desk?what=check")
    follow(officer, title)
    accessible(officer)
    press(officer, "Approve")
    until(officer, f"{need}/broker", "Both talk about")
    accessible(officer)
    follow(officer, "Put to both sides")
    accessible(officer)
    press(officer, "Put to both sides")
    expect(officer.get_by_text("Put to both sides. They do not see")).to_be_visible()
    accessible(officer)
    match = officer.url
    group.goto(match)
    press(group, "Yes, let us do it")
    officer.goto(match)
    officer.get_by_text("Somebody answered by telephone").click()
    officer.locator("select[name=answer-side]").select_option("supply")
    accessible(officer)
    press(officer, "They said yes")
    follow(officer, "Confirm the partnership")
    accessible(officer)
    press(officer, "Confirm")
    expect(officer.get_by_text("Confirmed. Both sides can see the partnership")).to_be_visible()
    accessible(officer)
    group.goto(match)
    follow(group, "See the partnership")
    accessible(group)


def test_a_report_on_paper_is_whole_and_told_apart_without_colour(signed_in: SignIn) -> None:
    officer = signed_in("officer@northmere.example")
    officer.goto("/reports/skills")
    folded = officer.locator(".govuk-details__text").last
    assert not folded.is_visible()
    officer.emulate_media(media="print")
    assert folded.is_visible()
    fill = "node => getComputedStyle(node).fill"
    bars = officer.locator(".bar--chart:not(.bar--second) .bar__part, .bar--second .bar__part")
    assert len(set(bars.evaluate_all(f"nodes => nodes.map({fill})"))) == 2
    assert officer.locator(".bar--second .bar__part").first.evaluate(fill) == "rgb(255, 255, 255)"
    officer.goto("/reports/pack")
    whole = "nodes => nodes.map(node => getComputedStyle(node).breakInside)"
    assert set(officer.locator(".paper > section").evaluate_all(whole)) == {"auto"}  # or the first sheet stays empty
