"""No page writes what people typed as markup."""

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
        if name.startswith("mail/") and name.endswith(".txt"):
            continue  # the plain text of a letter is no markup, and is told to mail programs as such
        assert app.select_jinja_autoescape(name) is name.endswith((".html", ".htm", ".xml", ".xhtml", ".svg")), name
        assert name.endswith(".html"), f"{name} would not be escaped"


def test_the_search_for_markup_sees_it() -> None:
    assert written_raw("{{ title | safe }} <a onclick='x'> {% autoescape false %}") == [
        "| safe",
        "onclick='",
        "autoescape false",
    ]
    assert called("markupsafe.Markup(title)") == ["Markup"]


def test_a_page_of_ours_is_followed(app: Flask) -> None:
    officer = Actor(Role.OFFICER, 1, authority_id=1)
    with app.test_request_context(method="POST", data={"next": "/desk?what=check"}):
        assert onward("/").location == "/desk?what=check"
        assert is_own_page("/matches/7?x=1", officer)
        assert not is_own_page("/my-matches", officer)
