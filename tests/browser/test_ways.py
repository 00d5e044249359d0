"""Ways of using it that only a browser shows: the keyboard alone, the button back, a page that refreshes itself."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, SignIn

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
MOST_TABS = 90
FOCUSED = "document.activeElement.matches(':focus-visible') ? (document.activeElement.innerText || '') : ''"


def tab_to(page: Page, text: str) -> None:
    """Press Tab until what says this has the focus, and shows it."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED).strip() == text:
            return
    raise AssertionError(f"{page.url}: the keyboard does not reach {text!r}")


def test_an_officer_signs_in_and_approves_with_the_keyboard_alone(desktop: Callable[[], Page]) -> None:
    page = desktop()
    page.goto("/sign-in")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("officer@northmere.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/desk" in url)
    title = _a_listing_that_can_be_approved(page)
    tab_to(page, title)
    page.keyboard.press("Enter")
    page.wait_for_url("**/postings/*")
    tab_to(page, "Approve")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Approved. Everyone can see it now")).to_be_visible()


def _a_listing_that_can_be_approved(page: Page) -> str:
    """Its title, with the list of listings to check open: the organisation behind it must be approved."""
    page.goto("/desk?what=check")
    links = [(link.inner_text(), link.get_attribute("href")) for link in page.locator("a[href^='/postings/']").all()]
    for title, address in links:
        page.goto(str(address))
        if page.get_by_role("button", name="Approve", exact=True).count():
            page.goto("/desk?what=check")
            return title
    raise AssertionError("the demonstration has no listing that can be approved")


def test_the_button_back_keeps_what_was_typed_and_posts_nothing_twice(signed_in: SignIn) -> None:
    page = signed_in("solicitors@northmere.example")
    page.goto("/listings/new/offer")
    page.get_by_label("What can you give, in a few words?").fill("An hour of advice about leases")
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_url("**/my-listings*")
    page.go_back()
    assert page.url.endswith("/listings/new/offer")
    box = page.get_by_label("What can you give, in a few words?")
    if box.input_value() == "":
        box.fill("An hour of advice about leases")
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_url("**/my-listings*")
    expect(page.get_by_role("link", name="An hour of advice about leases")).to_have_count(1)
    page.reload()
    expect(page.get_by_role("link", name="An hour of advice about leases")).to_have_count(1)


def test_a_list_comes_in_while_its_page_looks_by_itself(signed_in: SignIn, accessible: Callable[[Page], None]) -> None:
    page = signed_in("officer@harrowdene.example")
    page.goto("/imports")
    rows = b"id,kind,title,description\nb1,need,A bicycle trailer,For the food round.\nb2,wish,No kind,\n"
    page.get_by_label("Your CSV file").set_input_files({"name": "list.csv", "mimeType": "text/csv", "buffer": rows})
    page.get_by_role("button", name="Bring it in").click()
    expect(page.get_by_text("2 rows were read")).to_be_visible(timeout=60_000)
    accessible(page)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download the refused rows (CSV)").click()
    assert "b2" in saved.value.path().read_text("utf-8")


def test_the_worker_of_the_running_product_finds_what_fits_a_new_offer(signed_in: SignIn) -> None:
    """What is posted in one process is ranked in the other, and the page says so without being asked."""
    firm, officer = signed_in("digital@northmere.example"), signed_in("officer@northmere.example")
    firm.goto("/listings/new/offer")
    firm.get_by_label("What can you give, in a few words?").fill("Laptops and tablets for homework")
    firm.get_by_label("Tell us more").fill("Working laptops for children who do homework on a telephone.")
    firm.get_by_label("Goods", exact=True).check()
    firm.get_by_label("How much can you give?").fill("12")
    firm.get_by_label("Counted in").select_option("items")
    firm.get_by_label("Online or by phone").check()
    for council in ("Westerby", "Harrowdene"):
        if firm.get_by_label(council, exact=True).count():
            firm.get_by_label(council, exact=True).uncheck()
    firm.get_by_role("button", name="Send for checking").click()
    link = firm.get_by_role("link", name="Laptops and tablets for homework", exact=True).get_attribute("href")
    officer.goto("/desk?what=check")
    officer.get_by_role("link", name="Laptops and tablets for homework", exact=True).click()
    officer.get_by_role("button", name="Approve", exact=True).click()
    expect(officer.get_by_text("Approved. Everyone can see it now")).to_be_visible()
    deadline = time.monotonic() + 60
    while firm.goto(f"{link}/suggestions") and firm.get_by_text("Both talk about").count() == 0:
        assert time.monotonic() < deadline, "the worker found nothing"
        time.sleep(0.3)
    officer.goto(f"{link}/broker")
    expect(officer.get_by_text("Both talk about").first).to_be_visible()


def test_a_long_address_never_pushes_the_page_wide(signed_in: SignIn, accessible: Callable[[Page], None]) -> None:
    page = signed_in("administrator@mereland.example")
    page.goto("/administration/people")
    page.get_by_role("button").filter(has_text="link").first.click()
    page.get_by_role("heading", level=1).filter(has_text="A link for").wait_for()
    page.evaluate("document.querySelector('main strong').textContent = 'a'.repeat(60) + '@example.org'")
    accessible(page)
