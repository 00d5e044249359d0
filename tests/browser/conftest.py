"""The real product in a real browser: both processes on a demonstration city, driven by Chromium or Chrome."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
PHONE = {"width": 360, "height": 740}
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
PASSWORD = "mereland-demonstration"

SignIn = Callable[[str], Page]


def found_browser() -> str | None:
    """A Chromium or Chrome on this machine: the one that BROKER_CHROMIUM names, or the first on the PATH."""
    named = os.environ.get("BROKER_CHROMIUM")
    return named or next((path for path in map(shutil.which, NAMES) if path), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = found_browser()
    if path is None:
        message = "Browser tests need Chromium or Chrome: apt-get install chromium (or set BROKER_CHROMIUM)"
        if os.environ.get("BROKER_REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=[*QUIET, *sandbox])
        yield started
        started.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the product keeps what it knows, for tests that need to find a page of some kind."""
    return tmp_path_factory.mktemp("instance")


@pytest.fixture(scope="session")
def site(browser: Browser, instance: Path) -> Iterator[str]:
    """The address of the product, started as `make run` starts it, on a demonstration city of its own."""
    environment = {**os.environ, "BROKER_INSTANCE": str(instance)}
    flask = [sys.executable, "-m", "flask", "--app", "broker"]
    for command in (["db", "upgrade"], ["demo"]):
        subprocess.run([*flask, *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    product = subprocess.Popen([*flask, "serve", "--port", str(port)], cwd=ROOT, env=environment)
    try:
        deadline = time.monotonic() + 60
        while not answers(url):
            assert product.poll() is None, "the product stopped while it was starting"
            assert time.monotonic() < deadline, "the product did not answer within a minute"
            time.sleep(0.2)
        yield url
    finally:
        product.send_signal(signal.SIGTERM)
        assert product.wait(timeout=30) == 0


# The policy is broken by whatever a page tries to load or run and may not; the console is told, and fails the test.
REFUSED = """addEventListener('securitypolicyviolation', event =>
  console.error(`refused by the policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))"""


class Watched:
    """A browser context whose pages are checked: no script error, no refused content, no accessibility fault."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.faults: list[str] = []
        context.add_init_script(REFUSED)

    def page(self) -> Page:
        page = self.context.new_page()
        page.on("console", lambda message: self._note(page, message))
        page.on("pageerror", lambda problem: self.faults.append(f"{page.url}: {problem}"))
        return page

    def _note(self, page: Page, message: ConsoleMessage) -> None:
        """Keep an error; that a page itself answered with 404 or 422 is none."""
        is_page = message.text.startswith("Failed to load resource") and message.location["url"] == page.url
        if message.type == "error" and not is_page:
            self.faults.append(f"{page.url}: {message.text}")


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[Page]:
    """A phone without JavaScript."""
    context = browser.new_context(base_url=site, viewport=PHONE, java_script_enabled=False, has_touch=True)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.fixture
def desktop(browser: Browser, site: str) -> Iterator[Callable[[], Page]]:
    """Makes browsers on a desk, each with its own cookies; what their consoles complain about fails the test."""
    watched: list[Watched] = []

    def make() -> Page:
        context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900})
        watched.append(Watched(context))
        return watched[-1].page()

    yield make
    for one in watched:
        one.context.close()
    assert [fault for one in watched for fault in one.faults] == []


@pytest.fixture
def signed_in(desktop: Callable[[], Page]) -> SignIn:
    """A desk browser signed in as one of the demonstration's people."""

    def sign_in(email: str) -> Page:
        page = desktop()
        page.goto("/sign-in")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    return sign_in


def open_letter(page: Page, to: str, path: str) -> None:
    """Wait until the worker has written a letter to this address, and open the link in it that leads to this path."""
    deadline = time.monotonic() + 60
    while page.goto("/post") and page.get_by_text(to).count() == 0:
        assert time.monotonic() < deadline, f"nobody wrote to {to}"
        time.sleep(0.3)
    page.locator(".card", has_text=to).first.get_by_role("link").first.click()
    page.goto(urlsplit(str(page.locator(f"a[href*='{path}']").first.get_attribute("href"))).path)


@pytest.fixture
def accessible(browser: Browser, site: str) -> Callable[[Page], None]:
    """Fails on any accessibility fault that axe finds, and on a page that is wider than a small phone."""

    def check(page: Page) -> None:
        size = page.viewport_size
        result = Axe().run(page, options=RULES)
        assert result.violations_count == 0, f"{page.url}\n{result.generate_report()}"
        page.set_viewport_size({"width": 320, "height": 640})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{page.url} is {wide} pixels wide on a small phone"
        if size:
            page.set_viewport_size(size)

    return check


@pytest.fixture
def scripted(desktop: Callable[[], Page], accessible: Callable[[Page], None]) -> Callable[[Page], None]:
    """Looks with scripts, as axe must, at the page that a browser without them has come to."""
    other = desktop()

    def look(page: Page) -> None:
        other.context.clear_cookies()
        other.context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
        other.goto(page.url)
        accessible(other)

    return look
