"""Whatever is sent to any page by anybody: never a failure of ours, never slow, never markup that is not ours."""

import gc
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from secrets import token_hex
from typing import Any

import pytest
from werkzeug.test import TestResponse

from broker.domain.texts import tidy
from broker.store.base import db, sqlite_module
from tests.city import ROLES, City, counterpart
from tests.conftest import check_page
from tests.doors import Door, form_encoded
from tests.hostile import LONG, QUERY, QUERY_VALUES, bodies, drawn_post, drawn_query

pytestmark = pytest.mark.any_database

ENOUGH = int(os.environ.get("BROKER_HOSTILE", "10000"))  # different requests in all
MARKUP = ("<script>alert(7)", "<img src=x", "<i id=hostile", '" onmouseover="alert(7)')
SLOW = 2.0  # seconds of work: how long others keep the machine busy is not counted


class Judge:
    """Looks at every answer, closely at the first two of each sort, and tells how many requests were different."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[str, int]] = Counter()
        self.different: set[int] = set()

    def send(self, city: City, method: str, path: str, cookie: str, what: str, **kwargs: Any) -> TestResponse:
        self.different.add(hash((method, path, cookie, repr(kwargs))))
        began = time.thread_time()
        answer = city.send(method, path, cookie, **kwargs)
        took = time.thread_time() - began
        where = f"{what[:500]} gave {answer.status_code} in {took:.1f} s"
        assert answer.status_code < 500, where
        assert took < SLOW, where
        if answer.mimetype == "text/html" and answer.status_code not in range(300, 400):
            self._read(answer, where)
        return answer

    def _read(self, answer: TestResponse, where: str) -> None:
        text = answer.get_data(as_text=True)
        assert not [mark for mark in MARKUP if mark in text], where
        assert tidy(text) == text.strip(), f"{where} with letters that no page may show"
        sort = (re.sub("[0-9]+", "", answer.request.path)[:40], answer.status_code)
        if answer.status_code == 422:
            assert "govuk-error-summary" in text, f"{where} but says nothing of it"
        self.seen[sort] += 1
        if self.seen[sort] < 3:
            check_page(text)


@pytest.fixture(scope="module", autouse=True)
def memory_of_its_own() -> Iterator[None]:
    """What all the tests before have left in memory, millions of things, is looked through in no request's time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.fixture
def inside(doors: list[Door]) -> list[Door]:
    """The doors that turn nobody away before they look at the form."""
    return [door for door in doors if door.plain or door.status in (200, 302, 303, 409)]


def test_every_form_bears_every_sort_of_bad_post(city: City, judge: Judge, inside: list[Door]) -> None:
    before = len(judge.different)
    for door in inside:
        for sort, body in bodies(door):
            judge.send(city, "POST", door.path, door.cookie, f"{door!r} with {sort}", **body)
    print(f"\n{len(judge.different) - before:,} bad posts to {len(inside)} doors")
    assert len(judge.different) - before > 1000


def test_every_search_bears_every_hostile_value(city: City, judge: Judge) -> None:
    """All the fields of the public search at once; and addresses that are no text at all."""
    for value in dict.fromkeys(QUERY_VALUES):
        query = form_encoded((name, value[:1500]) for name in QUERY).decode()
        judge.send(city, "GET", "/listings", "", f"/listings with {value[:40]!r}", query_string=query)
    raw = {"QUERY_STRING": "q=\xff\xfe%ff%C3&\xe9=1&%ED%A0%80=%00"}
    for path in (
        "/",
        "/listings",
        "/sign-in",
        "/desk",
        "/no-such-page",
        "/%ff%fe",
        "/listings/%ED%A0%80",
        "/set-password/" + "a" * 9000,
    ):
        judge.send(city, "GET", path, "", f"{path[:60]} with bytes", environ_overrides=raw)
        judge.send(city, "GET", path, "", f"{path[:60]} at length", query_string="q=" + token_hex(LONG))


@pytest.mark.timeout(3600)
def test_ten_thousand_requests(city: City, judge: Judge, doors: list[Door], inside: list[Door]) -> None:
    """As many different ones as are still wanting, drawn at random, each told again by its number."""
    fixed = len(judge.different)
    for number in range(2 * ENOUGH):
        if len(judge.different) >= ENOUGH:
            break
        draw = Random(number)  # noqa: S311
        if draw.random() < 0.3:
            ask_anything(city, judge, draw, number)
        else:
            door = draw.choice(inside if draw.random() < 0.9 else doors)
            body = drawn_post(draw, door)
            what = f"draw {number}: {door!r} with {body['data'][:400]!r}"
            judge.send(city, "POST", door.path, door.cookie, what, **body)
    print(f"\n{len(judge.different):,} different requests, of which {len(judge.different) - fixed:,} drawn at random")
    assert len(judge.different) >= ENOUGH


def ask_anything(city: City, judge: Judge, draw: Random, number: int) -> None:
    """A page that only shows, as anybody, with a hostile query."""
    rule, role = draw.choice(city.rules("GET")), draw.choice(ROLES)
    thing = draw.choice(city.named_by(rule))
    other = next(iter(counterpart(city, thing)), None) if "other_id" in rule.arguments else None
    path, query = city.address(rule, thing, other).partition("?")[0], drawn_query(draw)
    what = f"draw {number}: {role}: GET {path} with {query[:300]!r}"
    judge.send(city, "GET", path, city.cookie(rule, role, thing), what, environ_overrides={"QUERY_STRING": query})
    assert not city.written or path == "/readyz", path  # whose probe is taken back


# What people type that stands on pages; every one of them is made hostile in every row.
TYPED = {
    "organisation": (
        "name",
        "does",
        "serves",
        "place",
        "contact_name",
        "contact_phone",
        "referee_name",
        "referee_contact",
    ),
    "listing_version": ("title", "body", "safeguarding", "place_note"),
    "authority": ("name", "region"),
    "framework": ("name", "source", "licence"),
    "node": ("label", "summary"),
    "partnership": ("what",),
    "listing": ("source_notes",),
    "import": ("filename",),
    "ward": ("name",),
    "note": ("text",),
    "user": ("name",),
}


@contextmanager
def everything_hostile(city: City) -> Iterator[None]:
    """All that people typed is markup; put back as it was at the end."""
    markup = '<script>alert(7)</script>\'><i id=hostile><img src=x onerror=alert(7)>" onmouseover="alert(7)'
    with city.app.app_context():
        live, saved = db.engine.raw_connection(), sqlite_module().connect(":memory:")
        live.driver_connection.backup(saved)
        for table, names in TYPED.items():
            sets = ", ".join(f'"{name}" = ? || id' for name in names)
            live.driver_connection.execute(f'UPDATE "{table}" SET {sets}', [markup] * len(names))  # noqa: S608
        try:
            yield
        finally:
            saved.backup(live.driver_connection)
            live.close()
            saved.close()


def test_what_was_kept_is_never_markup(city: City, judge: Judge) -> None:
    """Every page to everybody, with hostile words in every row that people filled."""
    read = 0
    with everything_hostile(city):
        for rule in city.rules("GET"):
            for role in ROLES:
                for thing in city.named_by(rule)[:6]:
                    other = next(iter(counterpart(city, thing)), None)
                    path = city.address(rule, thing, other)
                    answer = judge.send(city, "GET", path, city.cookie(rule, role, thing), f"{role}: GET {path}")
                    read += answer.status_code == 200 and "&lt;script&gt;alert(7)" in answer.text
                    if answer.status_code in (302, 403):
                        break
    assert read > 40, "so few pages showed what was kept that this proves little"


@pytest.mark.parametrize(
    "cookie", ["broker=", "broker=\xff", "broker=" + "A" * 8000, "broker=e30.aaaa.bbbb", "=;;;", "broker=a; broker=b"]
)
def test_a_cookie_that_is_not_ours_is_nobody(city: City, cookie: str) -> None:
    assert city.send("GET", "/desk", cookie).location == "/sign-in"


def test_the_judge_sees_what_is_wrong(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or all of the above would prove nothing."""
    monkeypatch.setattr("broker.web.home.render_template", lambda *_args, **_facts: "<script>alert(7)</script>")
    with pytest.raises(AssertionError, match="gave 200"):
        Judge().send(city, "GET", "/", "", "a page with foreign markup")
