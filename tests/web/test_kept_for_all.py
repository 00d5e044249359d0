"""A page that is drawn once for all who stand alike says to each what it would say if it were drawn for them alone."""

import re
from collections.abc import Iterator

import pytest

from broker.web.kept_pages import KeptPages
from tests.city import HOME, City

pytestmark = pytest.mark.any_database

KEYS = re.compile(r'(name="(?:csrf_token|once)" value=")[^"]+')


@pytest.fixture
def visitors(city: City) -> list[str]:
    """The cookies of the owners of what is looked at, and of all staff: some of them stand alike, most do not."""
    owners = {thing.owner for thing in city.things["listing_id"] if thing.owner}
    return [*(city.owners[owner] for owner in sorted(owners)), *city.staff]


@pytest.fixture
def keeping(city: City) -> Iterator[KeptPages]:
    pages = city.app.extensions["kept_pages"] = KeptPages()
    yield pages
    del city.app.extensions["kept_pages"]


@pytest.fixture(scope="module")
def drawn() -> dict[tuple[str, str], str]:
    return {}


@pytest.fixture
def drawn_alone(city: City, visitors: list[str], drawn: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """What each gets where nothing is kept, by cookie and address: drawn by the first test that asks."""
    assert "kept_pages" not in city.app.extensions
    if not drawn:
        drawn.update({(cookie, path): told(city, cookie, path) for path in addresses(city) for cookie in visitors})
    return drawn


def addresses(city: City) -> list[str]:
    shown = [f"/listings/{thing.id}" for thing in city.things["listing_id"]]
    lists = ["/listings", "/listings?kind=need&q=help", "/listings?near=QM1+1AA&within=5&page=2"]
    return [*lists, "/results", f"/results/{HOME}", *shown]


def told(city: City, cookie: str, path: str) -> str:
    """Status and page, without the keys that are new each time and the reference of an error."""
    answer = city.send("GET", path, cookie)
    page = KEYS.sub(r"\1", answer.get_data(as_text=True))
    return f"{answer.status_code} {page if answer.status_code == 200 else ''}"


def test_everybody_gets_the_page_that_is_theirs(
    city: City, drawn_alone: dict[tuple[str, str], str], keeping: KeptPages
) -> None:
    differ = [
        (path, cookie)
        for _round in range(2)
        for (cookie, path), alone in drawn_alone.items()
        if told(city, cookie, path) != alone
    ]
    assert differ == []
    names = {page for page in drawn_alone.values() if page.startswith("200")}
    assert 0 < len(keeping._pages) < len(names), "colleagues share a page, and nobody else does"


def test_it_would_be_seen_if_a_page_were_kept_for_too_many(
    city: City, drawn_alone: dict[tuple[str, str], str], keeping: KeptPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, keep = KeptPages.find, KeptPages.keep
    monkeypatch.setattr(KeptPages, "find", lambda self, key: find(self, key[2:]))
    monkeypatch.setattr(KeptPages, "keep", lambda self, key, page, turn: keep(self, key[2:], page, turn))
    assert any(told(city, cookie, path) != alone for (cookie, path), alone in drawn_alone.items())
