"""No page writes what people typed as markup, and no redirect leaves the site."""

import ast
import re
from pathlib import Path

from flask import Flask

from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.web.accounts import is_own_page
from broker.web.onward import onward

HOUSE = Path(__file__).resolve().parent.parent
# Where markup made by code is let through, and why. Add to it only what nobody can type into.
LET_THROUGH: set[str] = set()
RAW = re.compile(r"\|\s*safe\b|autoescape\s+false|<script(?![^>]*\bsrc=)|\bon[a-z]+\s*=\s*[\"'{]|javascript:")
CALLS = {"Markup", "render_template_string", "from_string", "eval", "exec", "make_response_raw"}
HOSTILE_ADDRESSES = [
    "//evil.example", "///evil.example", "////evil.example", "https://evil.example", "http:evil.example",
    "https:/evil.example",
    "HTTPS://evil.example", "//evil.example/desk", "/\\evil.example", "\\/evil.example", "\\\\evil.example",
    "/\\/evil.example",
    "/%09/evil.example", "/\t/evil.example", "\t//evil.example", "/\n/evil.example", "/\r\n/evil.example",
    "\x00//evil.example",
    " //evil.example", "/ /evil.example", "//evil.example\\@localhost", "//localhost@evil.example",
    "https://localhost@evil.example",
    "https://localhost.evil.example", "/desk@evil.example", "@evil.example", "evil.example", "./evil.example",
    "..//evil.example",
    "javascript:alert(7)", "JavaScript:alert(7)", "java\nscript:alert(7)", "data:text/html,x", "vbscript:x",
    "mailto:a@evil.example",
    "ftp://evil.example", "//[::1]/", "//127.0.0.1", "//0x7f000001", "//evil%E3%80%82example", "//evil。example",
    "／／evil.example",
    "/%2f/evil.example", "/%2F%2Fevil.example", "/%5cevil.example", "%2f%2fevil.example",
    "/desk\r\nLocation: https://evil.example",
    "/desk%0d%0aLocation:%20https://evil.example", "/desk?next=//evil.example\n", "/desk#\r\nx",
    "?next=//evil.example", "#//evil.example",
    "", ".", "/..//evil.example", "/desk/../..//evil.example", "/desk;//evil.example", "/static/broker.css",
    "/no-such-page", "/desk/",
    "/desk?what=anything", "/desk?what=check&x=1", "//evil.example?what=check",
    "/" + "a" * 3000, "/\u202e//evil.example",
    "/\u00a0/evil.example",
]  # fmt: skip


def written_raw(text: str) -> list[str]:
    return [match.group() for match in RAW.finditer(text)]


def called(source: str) -> list[str]:
    """The names of functions that this code calls and that let markup or code through."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    names = [func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in calls]
    return [name for name in names if name in CALLS]


def test_no_template_lets_markup_through() -> None:
    found = {
        str(path.relative_to(HOUSE)): written_raw(path.read_text()) for path in (HOUSE / "templates").rglob("*.html")
    }
    assert len(found) > 40
    assert {name for name, raw in found.items() if raw} == LET_THROUGH


def test_no_code_lets_markup_through() -> None:
    found = {str(path.relative_to(HOUSE)): called(path.read_text()) for path in (HOUSE / "broker").rglob("*.py")}
    assert {name for name, raw in found.items() if raw} == LET_THROUGH


def test_every_template_is_escaped(app: Flask) -> None:
    for name in app.jinja_env.list_templates():
        assert app.select_jinja_autoescape(name) is name.endswith((".html", ".htm", ".xml", ".xhtml", ".svg")), name
        assert name.endswith(".html"), f"{name} would not be escaped"


def test_the_search_for_markup_sees_it() -> None:
    assert written_raw("{{ title | safe }} <a onclick='x'> {% autoescape false %}") == [
        "| safe",
        "onclick='",
        "autoescape false",
    ]
    assert called("markupsafe.Markup(title)") == ["Markup"]


def test_no_redirect_leaves_the_site(app: Flask) -> None:
    officer = Actor(Role.OFFICER, 1, authority_id=1)
    for wanted in HOSTILE_ADDRESSES:
        with app.test_request_context(method="POST", data={"next": wanted}):
            location = str(onward("/matches/1").location)
            assert location == "/matches/1" or location.startswith("/desk"), wanted
            assert not is_own_page(wanted, officer) or re.match(r"/desk(\?[^\s\\]*|#[^\s\\]*)?$", wanted), wanted


def test_a_page_of_ours_is_followed(app: Flask) -> None:
    officer = Actor(Role.OFFICER, 1, authority_id=1)
    with app.test_request_context(method="POST", data={"next": "/desk?what=check"}):
        assert onward("/").location == "/desk?what=check"
        assert is_own_page("/matches/7?x=1", officer)
        assert not is_own_page("/my-matches", officer)
