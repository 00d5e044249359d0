"""Whatever is sent to any page by anybody: never a failure of ours, never slow, never markup that is not ours."""

import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from broker.store.base import db, sqlite_module
from tests.city import ROLES, City, counterpart
from tests.conftest import check_page
from tests.doors import URLENCODED, Door, form_encoded

pytestmark = pytest.mark.any_database

MARKUP = ("<script>alert(7)", "<img src=x", "<i id=hostile", '" onmouseover="alert(7)')
SLOW = 2.0  # seconds of work: how long others keep the machine busy is not counted
LONG = 100_000
TEXTS = [
    "", "   ", "\u00a0\u2003\u200b", "\x00", "a\x00b\x1b[31m", "a\u0085b\x9f", "\ufdd0\ufffe\U0010ffff", "\ud800",
    "\udfff\ud800",
    "🎈" * 50, "👩‍👩‍👧‍👦", "\u202egnp.exe", "مرحبا بكم", "e\u0301" * 200, "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0",
    "-2+3",
    "<script>alert(7)</script>", '"><img src=x onerror=alert(7)>', "'><i id=hostile>", '" onmouseover="alert(7)',
    "{{7*7}}", "{% include 'base.html' %}", "' OR 1=1 --", "'; DROP TABLE user;--", "%", "_", "\\",
    "\r\nSet-Cookie: a=b",
    "javascript:alert(7)", "//evil.example", "../../../etc/passwd", "None", "null", "[]", "a@b", "a@" + "b" * 300,
    "a@xn--" + "b" * 50, "@", "QM1 1AA", "M33", "y", "need", "open", "confirmed",
]  # fmt: skip
NUMBERS = [
    "0", "-0", "-1", "1", "2", "31", "13", "99999", "2027", "0.001", "1e309", "1e-400", "NaN", "sNaN", "-Infinity",
    "٣", "½", "²",
    "99999999999999999999", "9" * 5000, "0x10", "1_000", "1,2,3", "£", ",", ".", "1.", ".5", "+5", " 7 ",
    "9223372036854775808",
]  # fmt: skip
ALL_AT_ONCE = [
    "<script>alert(7)</script>", '"><img src=x onerror=alert(7)>', "a\x00\u0085\ufdd0\ud800\u202eb", "1e309", "٣",
    "x" * 9000, "9" * 5000,
]  # fmt: skip
HOSTILE = [*TEXTS, *NUMBERS, "x" * LONG, "é" * 10_001, "<b>" * 3000, "a " * 5000]
ODD_NAMES = [
    "junk",
    "",
    "\x00",
    "title[]",
    "csrf_token",
    "next",
    "deed",
    "version",
    "membership",
    "note",
    "_method",
    "q" * 999,
]
QUERY = [
    "q", "kind", "support", "authority", "ward", "theme", "lane", "near", "within", "since", "until", "led", "order",
    "page", "what",
    "state", "search", "with", "organisation", "answers", "junk", "next",
]  # fmt: skip
QUERY_VALUES = [
    *HOSTILE, "X99000001", "nearest", "soonest", "2027-02-31", "31 2 2027", "0 0 0", "9999-12-31", "0001-01-01",
    "1" + "0" * 30, "1000", "999999", "submitted", "broker", "25", "QM1",
]  # fmt: skip


def typed(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {"data": form_encoded(pairs), "content_type": URLENCODED}


def multipart(pairs: Iterable[tuple[str, str]], as_files: bool = False) -> dict[str, Any]:
    name = '; filename="a.csv"' if as_files else ""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{key}"{name}\r\n\r\n'.encode("utf-8", "surrogatepass")
        + value.encode("utf-8", "surrogatepass")
        + b"\r\n"
        for key, value in pairs
    ]
    return {"data": b"".join(parts) + b"--edge--\r\n", "content_type": "multipart/form-data; boundary=edge"}


class Judge:
    """Looks at every answer, and closely at the first two of each sort."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, int], int] = {}

    def send(self, city: City, method: str, path: str, cookie: str, what: str, **kwargs: Any) -> TestResponse:
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
        sort = (re.sub("[0-9]+", "", answer.request.path)[:40], answer.status_code)
        if answer.status_code == 422:
            assert "govuk-error-summary" in text, f"{where} but says nothing of it"
        if self.seen.get(sort, 0) < 2:
            check_page(text)
        self.seen[sort] = self.seen.get(sort, 0) + 1


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


def bodies(door: Door) -> Iterator[tuple[str, dict[str, Any]]]:
    """One of every sort of bad post, all fields at once."""
    names = [name for name, _ in door.plain] or ["junk"]
    for value in ALL_AT_ONCE:
        yield f"all {value[:20]!r}", typed((name, value) for name in names)
    yield "none", {"data": b"", "content_type": URLENCODED}
    yield "twice", typed([*door.plain, *((name, "again") for name in names)])
    yield "files", multipart(door.plain or [("junk", "1")], as_files=True)
    yield "json", {"json": dict.fromkeys(names, 7)}
    yield "json list", {"json": [1, "two"]}
    yield (
        "bytes",
        {"data": b"&".join(form_encoded([(n, "")]) + b"\xff\xfe%ff%C3" for n in names), "content_type": URLENCODED},
    )
    yield "no edge", {"data": b"title=1", "content_type": "multipart/form-data"}


def test_every_form_bears_every_sort_of_bad_post(city: City, doors: list[Door]) -> None:
    judge, start, before = Judge(), time.monotonic(), city.sent
    inside = [door for door in doors if door.plain or door.status in (200, 302, 303, 409)]
    for door in inside:
        for sort, body in bodies(door):
            judge.send(city, "POST", door.path, door.cookie, f"{door!r} with {sort}", **body)
    print(f"\n{city.sent - before} bad posts to {len(inside)} doors in {time.monotonic() - start:.0f} s")
    assert city.sent - before > 1000


SHARE = int(os.environ.get("BROKER_HOSTILE", "400"))  # BROKER_HOSTILE=20000 draws 10^5
hostile = st.sampled_from(HOSTILE) | st.text(max_size=40)
BOUNDED = settings(
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.large_base_example],
)


@pytest.mark.timeout(1200)
@settings(BOUNDED, max_examples=3 * SHARE)
@given(data=st.data())
def test_posts_drawn_at_random(city: City, doors: list[Door], judge: "Judge", data: st.DataObject) -> None:
    """A good post with up to four fields made bad, some left out, some sent twice, some that no form has."""
    door = data.draw(st.sampled_from(doors))
    names = [name for name, _ in door.plain] or ["junk"]
    bad = data.draw(st.dictionaries(st.sampled_from(names) | st.sampled_from(ODD_NAMES), hostile, max_size=4))
    pairs = [(name, bad.pop(name, value)) for name, value in door.plain]
    pairs = [pair for pair in pairs if pair[0] not in data.draw(st.sets(st.sampled_from(names), max_size=2))]
    pairs += [*bad.items(), *data.draw(st.lists(st.sampled_from(pairs or [("junk", "1")]), max_size=2))]
    body = typed(pairs) if data.draw(st.booleans()) else multipart(pairs)
    judge.send(city, "POST", door.path, door.cookie, f"{door!r} with {str(pairs)[:400]}", **body)


@pytest.mark.timeout(1200)
@settings(BOUNDED, max_examples=2 * SHARE)
@given(data=st.data())
def test_addresses_drawn_at_random(city: City, judge: "Judge", data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(city.rules("GET")))
    role = data.draw(st.sampled_from(ROLES))
    thing = data.draw(st.sampled_from(city.named_by(rule)))
    other = next(iter(counterpart(city, thing)), None) if "other_id" in rule.arguments else None
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(QUERY), st.sampled_from(QUERY_VALUES) | hostile), max_size=4))
    path = city.address(rule, thing, other).partition("?")[0]
    query = form_encoded((name, value[:3000]) for name, value in pairs) + data.draw(
        st.sampled_from([b"", b"", b"&q=\xff\xfe%ff%C3"])
    )
    judge.send(
        city, "GET", path, city.cookie(rule, role, thing), f"{role}: GET {path} with {query[:300]!r}",
        environ_overrides={"QUERY_STRING": query.decode("latin-1")},
    )  # fmt: skip
    assert not city.written or path == "/readyz", path  # whose probe is taken back


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
