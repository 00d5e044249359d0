"""Our macros give the markup of govuk-frontend, escape what people typed, and leave valid pages."""

import json
from collections.abc import Callable
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import html5lib
import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

pytestmark = pytest.mark.any_database

ROOT = Path(__file__).parents[2]
FIXTURES = Path(__file__).parent / "fixtures"
HOSTILE = "<script>alert('x')</script>"
IGNORED = {"data-module", "tabindex"}  # hooks of the library's scripts, which we do not ship


class Outline(HTMLParser):
    """A page as a list of tags with sorted attributes and words, so that blanks and order do not matter."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.parts: list[object] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = {key: value for key, value in attrs if key not in IGNORED and value != "error-summary"}
        classes = sorted((kept.pop("class", "") or "").split())
        self.parts.append((tag, classes, sorted(kept.items())))

    def handle_endtag(self, tag: str) -> None:
        self.parts.append("/" + tag)

    def handle_data(self, data: str) -> None:
        if words := " ".join(data.split()):
            self.parts.append(words)


@pytest.fixture(params=[False, True], ids=["plain", "trimmed"])
def templates(request: pytest.FixtureRequest) -> Environment:
    """The templates alone, under both whitespace settings, with a mistyped name being an error."""
    env = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=request.param,
        lstrip_blocks=request.param,
    )
    env.globals["csrf_token"] = lambda: "token"
    env.globals["one_time_key"] = lambda: "key"
    env.globals["reference"] = lambda: "a1b2c3d4"
    env.globals["url_for"] = lambda endpoint, filename, v="": f"/static/{filename}"
    env.globals["get_flashed_messages"] = lambda with_categories: [("success", "Sent."), ("message", HOSTILE)]
    return env


def field(options: dict[str, Any]) -> Any:
    """What a WTForms field would be for a fixture's options."""
    name = options.get("idPrefix") or options.get("name", options.get("id"))
    text = options["label"]["text"] if "label" in options else options["fieldset"]["legend"]["text"]
    items = options.get("items", [])
    choices: list[tuple[Any, ...]] = [
        (item.get("value"), item.get("text"), item.get("checked", False), {}) for item in items
    ]
    return SimpleNamespace(
        id=options.get("id", name),
        name=options.get("name", name),
        type="StringField",
        label=SimpleNamespace(text=text),
        errors=[options["errorMessage"]["text"]] if "errorMessage" in options else [],
        _value=lambda: options.get("value", ""),
        iter_choices=lambda: choices,
        day="",
        month="",
        year="",
    )


def text_arguments(options: dict[str, Any]) -> dict[str, Any]:
    arguments: dict[str, Any] = {key: options[key] for key in ("autocomplete", "inputmode") if key in options}
    arguments |= {key: options[key]["text"] for key in ("prefix", "suffix") if key in options}
    if "classes" in options:
        arguments["width"] = options["classes"].removeprefix("govuk-input--width-")
    return arguments


def choice_arguments(options: dict[str, Any]) -> dict[str, Any]:
    legend = options["fieldset"]["legend"]
    size = legend["classes"].removeprefix("govuk-fieldset__legend--") if "classes" in legend else None
    modifier = options.get("classes", "").partition("--")[2]
    heading = legend.get("isPageHeading", False)
    hints = {item["value"]: item["hint"]["text"] for item in options["items"] if "hint" in item}
    return {"hints": hints, "legend_size": size, "heading": heading} | ({modifier: True} if modifier else {})


Options = dict[str, Any]


def draw_button(forms: Any, options: Options) -> str:
    look = {key: True for key in ("secondary", "warning") if key in options.get("classes", "")}
    named = {key: options[key] for key in ("name", "value") if key in options}
    return str(forms.button(options["text"], **look, **named))


def draw_pagination(page: Any, options: Options) -> str:
    urls = {f"{way}_url": options.get(way, {}).get("href") for way in ("previous", "next")}
    return str(page.pagination({"label": None} | urls))


DRAW: dict[str, Callable[[Any, Any, Options, dict[str, str]], str]] = {
    "input": lambda f, _, o, hint: f.text_field(field(o), **hint, **text_arguments(o)),
    "textarea": lambda f, _, o, hint: f.textarea(field(o), rows=o.get("rows", 5), **hint),
    "select": lambda f, _, o, hint: f.select(field(o), **hint),
    "radios": lambda f, _, o, hint: f.radios(field(o), **hint, **choice_arguments(o)),
    "checkboxes": lambda f, _, o, hint: f.checkboxes(field(o), **hint, **choice_arguments(o)),
    "date-input": lambda f, _, o, hint: f.date_field(field(o), legend_size=None, **hint),
    "error-summary": lambda f, _, o, hint: f.errors_summary(form_with_errors(o["errorList"])),
    "button": lambda f, _, o, hint: draw_button(f, o),
    "tag": lambda _, p, o, hint: p.tag(o["text"], o.get("classes", "").removeprefix("govuk-tag--") or None),
    "pagination": lambda _, p, o, hint: draw_pagination(p, o),
}


def render(templates: Environment, component: str, options: Options) -> str:
    """Our markup for one fixture's options."""
    forms = templates.get_template("macros/forms.html").module
    page = templates.get_template("macros/page.html").module
    hint = {"hint": options["hint"]["text"]} if "hint" in options else {}
    return DRAW[component](forms, page, options, hint)


class Form(list[Any]):
    """A form: its fields, and the errors that belong to none of them."""

    form_errors: list[str]

    @property
    def errors(self) -> dict[str | None, list[str]]:
        return {None: self.form_errors} | {one.name: one.errors for one in self if one.errors}


def form_with_errors(errors: list[dict[str, str]]) -> Form:
    form = Form()
    form.form_errors = [error["text"] for error in errors if "href" not in error]
    for error in errors:
        if "href" in error:
            form.append(SimpleNamespace(id=error["href"][1:], name="x", type="x", errors=[error["text"]]))
    return form


def fixtures() -> list[Any]:
    return [
        pytest.param(file.stem, fixture, id=f"{file.stem}: {fixture['name']}")
        for file in sorted(FIXTURES.glob("*.json"))
        for fixture in json.loads(file.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(("component", "fixture"), fixtures())
def test_markup_is_that_of_the_library(templates: Environment, component: str, fixture: dict[str, Any]) -> None:
    ours = render(templates, component, fixture["options"])
    theirs = fixture["html"]
    if component == "date-input":  # the library leaves the names bare; ours carry the field's
        for part in ("day", "month", "year"):
            theirs = theirs.replace(f'name="{part}"', f'name="{fixture["options"]["id"]}-{part}"')
    assert Outline(ours).parts == Outline(theirs).parts


def test_nothing_typed_becomes_markup(templates: Environment) -> None:
    forms: Any = templates.get_template("macros/forms.html").module
    page: Any = templates.get_template("macros/page.html").module
    evil = field({"name": "n", "label": {"text": HOSTILE}, "value": '"' + HOSTILE, "errorMessage": {"text": HOSTILE}})
    shape = {"name": HOSTILE, "path": "M0 0", "value": 1, "href": '/"' + HOSTILE}
    drawn = [
        forms.text_field(evil, hint=HOSTILE),
        forms.textarea(evil, max=400),
        page.listing_card(HOSTILE, "/x", [(HOSTILE, "red")], [(HOSTILE, HOSTILE)], HOSTILE),
        page.table(HOSTILE, [HOSTILE], [[HOSTILE, HOSTILE]]),
        page.map_svg(HOSTILE, [shape], [{"x": 1, "y": 2, "name": HOSTILE, "href": None}]),
        page.timeline([(HOSTILE, HOSTILE, HOSTILE)]),
    ]
    for markup in drawn:
        assert HOSTILE.replace("'", "&#39;") not in markup
        assert "<script" not in markup
        assert "&lt;script&gt;" in markup


def test_what_was_typed_comes_back_line_for_line(templates: Environment) -> None:
    forms: Any = templates.get_template("macros/forms.html").module
    typed = "\n  First line\nsecond line\n"
    markup = forms.textarea(field({"name": "body", "label": {"text": "Body"}, "value": typed}))
    document = html5lib.parse(str(markup), namespaceHTMLElements=False)
    assert document.find(".//textarea").text == typed


def test_a_password_is_never_shown_again(templates: Environment) -> None:
    forms: Any = templates.get_template("macros/forms.html").module
    password = field({"name": "password", "label": {"text": "Password"}, "value": "correct horse"})
    assert "correct horse" not in forms.text_field(password, type="password")


def test_an_error_in_a_date_leads_to_its_first_box(templates: Environment) -> None:
    forms: Any = templates.get_template("macros/forms.html").module
    date = field({"id": "by", "name": "by", "label": {"text": "By"}, "errorMessage": {"text": "Enter a real date"}})
    form = Form([date])
    form.form_errors = []
    assert 'href="#by-day"' in forms.errors_summary(form)
    assert 'id="by-day"' in forms.date_field(date)


def test_a_post_button_carries_its_token_and_its_facts(templates: Environment) -> None:
    forms: Any = templates.get_template("macros/forms.html").module
    markup = forms.post_button("/matches/7/confirm", "Confirm", {"version": 3})
    assert 'method="post" action="/matches/7/confirm"' in markup
    assert 'name="csrf_token" value="token"' in markup
    assert 'name="version" value="3"' in markup


@pytest.mark.parametrize(
    ("taken", "total", "said"),
    [
        (6, 10, "6 of 10 laptops</strong> promised, 4 still open"),
        (Decimal("1200.00"), Decimal("1200.00"), "1,200 of 1,200 laptops</strong> promised, nothing left open"),
        (Decimal("0.5"), 2, "0.5 of 2 laptops</strong> promised, 1.5 still open"),
    ],
)
def test_a_quantity_is_said_in_words(templates: Environment, taken: Any, total: Any, said: str) -> None:
    page: Any = templates.get_template("macros/page.html").module
    assert said in page.quantity(taken, total, "laptops")


def test_a_chart_and_a_map_say_every_number(templates: Environment) -> None:
    page: Any = templates.get_template("macros/page.html").module
    chart = page.bar_chart("Needs", [("Skills", 4), ("Goods", 8), ("Space", 0)])
    assert [f'chart__number">{number}<' in chart for number in (4, 8, 0)] == [True] * 3
    assert 'width="50.0%"' in chart
    shapes = [{"name": "Ashmoor", "path": "M0 0", "value": 0, "href": None}]
    assert 'Ashmoor <span class="map__value">0</span>' in page.map_svg("Needs", shapes)
    assert "map__area--0" in page.map_svg("Needs", shapes)


def errors() -> list[str]:
    return sorted(path.stem for path in (ROOT / "templates/errors").glob("[0-9]*.html"))


def valid(markup: str) -> Any:
    """The page parsed strictly: a stray or unclosed tag is an error."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(markup)


@pytest.mark.parametrize("status", errors())
@pytest.mark.parametrize("given", [{}, {"message": HOSTILE, "next_url": "/desk", "next_text": "The desk"}])
def test_an_error_page_needs_nothing_and_says_what_to_do(
    templates: Environment, status: str, given: dict[str, str]
) -> None:
    page = valid(templates.get_template(f"errors/{status}.html").render(service_name="Test service", **given))
    heading = page.findall(".//h1")
    assert len(heading) == 1
    assert page.find(".//title").text == f"{heading[0].text} – Test service"
    assert len(page.findall(".//main//p")) >= 2, "what happened, and what to do next"
    assert not page.findall(".//main//script")


def test_the_page_around_every_page(templates: Environment) -> None:
    context = {
        "service_name": "Test service",
        "navigation": [{"href": "/desk", "text": "Desk", "current": True}],
        "account": {"name": "Ada", "acting_for": "Makers", "links": [{"href": "/account", "text": "Account"}]},
        "demonstration": True,
        "refresh_seconds": 5,
    }
    page = valid(templates.get_template("base.html").render(context))
    assert page.find("html" if page.tag != "html" else ".").get("lang") == "en-GB"
    assert page.find(".//a[@aria-current='page']").text == "Desk"
    assert page.find(".//form[@action='/sign-out']").get("method") == "post"
    assert "invented" in "".join(page.find(".//*[@class='govuk-phase-banner demonstration']").itertext())
    assert [one.text for one in page.findall(".//h2[@class='govuk-notification-banner__title']")] == [
        "Done",
        "Please note",
    ]
    assert page.find(".//*[@style]") is None
    assert all(script.get("src") for script in page.findall(".//script"))


def test_the_stylesheet_has_no_other_service_in_it() -> None:
    style = (ROOT / "static/broker.css").read_text(encoding="utf-8").lower()
    for mark in ("gds transport", "crown", "@font-face", "#1d70b8", "#0f7a52", "#00703c", "#ffdd00"):
        assert mark not in style
