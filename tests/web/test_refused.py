"""What no page of ours would send is refused with a page, and writes nothing: no token, a strange method, too much."""

import pytest
from wtforms import Field, FileField

from tests.city import ROLES, City, counterpart, forms_noted
from tests.conftest import check_page
from tests.doors import URLENCODED, Door, form_encoded

pytestmark = pytest.mark.any_database

# The secret of a letter opens this one, without a cookie that somebody else's page could make use of.
OPENED_BY_ITS_ADDRESS = {"confirmations.by_link"}
METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")


def test_no_post_without_its_token(city: City, doors: list[Door], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(city.app.config, "WTF_CSRF_ENABLED", True)
    wrote = 0
    for door in (door for door in doors if door.rule.endpoint not in OPENED_BY_ITS_ADDRESS):
        for token in ("", "not-a-token"):
            body = form_encoded([*door.plain, *([("csrf_token", token)] if token else [])])
            answer = city.send("POST", door.path, door.cookie, data=body, content_type=URLENCODED)
            assert answer.status_code == 400, door
            assert not city.written, door
        wrote += door.status in (302, 303)
    check_page(answer.get_data(as_text=True))
    assert wrote > 40, "so few would write with a token that this proves little"


def test_strange_methods_change_nothing(city: City) -> None:
    paths = {
        city.address(rule, thing, next(iter(counterpart(city, thing)), None))
        for method in ("GET", "POST")
        for rule in city.rules(method)
        for thing in city.named_by(rule)[:2]
    }
    for path in sorted(paths):
        for role in ROLES:
            for method in METHODS if role == "officer" else METHODS[:2]:
                answer = city.send(method, path, city.cookies[role], data={"title": "x"} if method == "PUT" else None)
                assert answer.status_code < 500, f"{role}: {method} {path}"
                assert not city.written, f"{role}: {method} {path}"
                if method == "HEAD":
                    assert not answer.data, path


def test_what_is_not_allowed_says_what_is(city: City) -> None:
    answer = city.send("DELETE", "/sign-in")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers.get("Allow", "").split(", "))


def test_trace_echoes_nothing(city: City) -> None:
    answer = city.send("TRACE", "/desk", city.cookies["officer"], headers={"X-Typed": "a-canary"})
    assert answer.status_code == 405
    assert "a-canary" not in answer.text
    assert city.cookies["officer"] not in answer.text


def part(name: str, content: bytes, more: str = "") -> bytes:
    return f'--e\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"


@pytest.mark.parametrize("path", ["/sign-up", "/my-organisation/edit", "/listings/new/need", "/no-such-page"])
def test_too_much_is_a_page_not_a_failure(city: City, path: str) -> None:
    cookie = city.cookies["member"]
    many = "&".join(f"a{number}=1" for number in range(2000))
    edged = "multipart/form-data; boundary=e"
    bombs = [
        (b"name=" + b"x" * 600_000, URLENCODED),
        (b"x" * (9 * 1024 * 1024), "application/octet-stream"),
        (part("file", b"x" * 9_000_000, '; filename="a.csv"'), edged),
        (part("name", b"x" * 600_000), edged),
        (b"".join(part(f"a{number}", b"1") for number in range(2000)) + b"--e--\r\n", edged),
        (b"--e\r\nA: " + b"x" * 600_000, edged),
    ]
    for body, sort in bombs:
        answer = city.send("POST", path, cookie, data=body, content_type=sort)
        assert answer.status_code in {400, 404, 413, 422}, (path, body[:60])
        assert not city.written
        check_page(answer.get_data(as_text=True))
    assert city.send("POST", path, cookie, data=many, content_type=URLENCODED).status_code < 500


def test_the_page_of_too_much_says_so(city: City) -> None:
    file = part("file", b"x" * 9_000_000, '; filename="a.csv"')
    sort = "multipart/form-data; boundary=e"
    answer = city.send("POST", "/imports", city.cookies["officer"], data=file, content_type=sort)
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_only_pages_that_files_are_sent_to_take_as_much_as_a_file(city: City, doors: list[Door]) -> None:
    """A page with a field for a file and without its stamp fails here."""
    with_file: set[str] = set()

    def note(endpoint: str, made: list[Field]) -> None:
        if any(isinstance(field, FileField) for field in made):
            with_file.add(endpoint)

    with forms_noted(note):
        for door in {(door.rule.endpoint, door.role): door for door in doors if door.asked}.values():
            city.send("POST", door.path, door.cookie, data={"junk": "1"})
    views = city.app.view_functions
    assert with_file <= {name for name in views if getattr(views[name], "takes_files", False)}
    assert len(with_file) >= 5
    two_megabytes = part("file", b"x" * 2_000_000, '; filename="a.csv"')
    for path, status in (("/imports", 422), ("/sign-in", 413)):
        sort = "multipart/form-data; boundary=e"
        answer = city.send("POST", path, city.cookies["officer"], data=two_megabytes + b"--e--\r\n", content_type=sort)
        assert answer.status_code == status


def test_a_form_without_a_token_would_be_seen(city: City, doors: list[Door], monkeypatch: pytest.MonkeyPatch) -> None:
    """With tokens off the same posts do write, or the first test would prove nothing."""
    written = 0
    for door in doors:
        if door.status == 303 and door.plain:
            city.send("POST", door.path, door.cookie, data=form_encoded(door.plain), content_type=URLENCODED)
            written += bool(city.written)
    assert written > 10
