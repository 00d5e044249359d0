"""What only a browser can show of the defences: the policy holds, and no address leads it elsewhere."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.addresses import HOSTILE_ADDRESSES
from tests.browser.conftest import PASSWORD, Watched

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
EVERY = 12
RESOLVED = "([address, base]) => { try { return new URL(address, base).origin } catch { return 'none' } }"
INLINE = "document.body.insertAdjacentHTML('beforeend', '<img src=/no-such style=color:red onerror=alert(7)>')"


def test_a_breach_of_the_policy_would_be_seen(browser: Browser, site: str) -> None:
    """Or the walk over all pages, whose console must stay silent, would prove nothing."""
    context = browser.new_context(base_url=site)
    watched = Watched(context)
    page = watched.page()
    page.goto("/")
    assert watched.faults == []
    page.evaluate(INLINE)
    page.wait_for_function("document.images.length > 0")
    page.goto("/listings")
    context.close()
    assert [fault for fault in watched.faults if "refused by the policy: style-src" in fault]
    assert [fault for fault in watched.faults if "refused by the policy: script-src" in fault]


def test_what_fools_a_browser_is_never_followed(browser: Browser, site: str) -> None:
    """Some of the addresses do lead Chromium elsewhere; asked of the service, none does."""
    context = browser.new_context(base_url=site, java_script_enabled=True)
    page = context.new_page()
    page.goto("/")
    foreign = [
        each for each in HOSTILE_ADDRESSES if page.evaluate(RESOLVED, [each, site]) not in (site, "null", "none")
    ]
    assert len(foreign) > 40, "so few lead elsewhere that this proves little"
    for wanted in foreign[::EVERY]:
        page.goto(f"{site}/desk?next={wanted}")
        assert page.url.startswith(f"{site}/sign-in"), wanted
        page.goto(site + "/" + wanted.lstrip("/\\"))
        assert page.url.startswith(f"{site}/"), wanted
    context.close()


def test_signing_in_after_them_stays_here(desktop: Callable[[], Page], site: str) -> None:
    page = desktop()
    page.goto("/desk?what=check&next=//evil.example")
    page.get_by_label("E-mail").fill("officer@northmere.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    assert page.url.startswith(f"{site}/desk")
