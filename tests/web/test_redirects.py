"""No redirect leaves the service, whatever is asked for and by whatever name."""

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.web.accounts import first_page, is_own_page
from broker.web.onward import onward
from tests.addresses import HOSTILE_ADDRESSES, NAMES
from tests.city import City
from tests.doors import URLENCODED, Door, form_encoded

pytestmark = pytest.mark.any_database

OFFICER = Actor(Role.OFFICER, 1, authority_id=1)
HERE = "http://localhost"


def check_stays(location: str, asked: str) -> None:
    """Fail unless a browser that follows this stays here."""
    said = f"{asked!r} leads to {location!r}"
    assert not any(character <= " " or character == "\x7f" for character in location), said
    assert "\\" not in location, said
    for base in (HERE, f"{HERE}/desk/"):
        led = urlsplit(urljoin(base, location))
        assert (led.scheme, led.netloc) == ("http", "localhost"), said


def check_answer(answer: TestResponse, asked: str) -> None:
    assert answer.status_code < 500, asked
    if answer.location is not None:
        check_stays(answer.location, asked)
    assert "evil.example" not in str(answer.headers.get("Refresh", "")), asked


def test_there_are_enough_of_them() -> None:
    assert len(set(HOSTILE_ADDRESSES)) >= 240


def test_only_a_page_of_ours_is_gone_on_to(app: Flask) -> None:
    for wanted in HOSTILE_ADDRESSES:
        with app.test_request_context(method="POST", data={"next": wanted}):
            check_stays(str(onward("/matches/1").location), wanted)
            if is_own_page(wanted, OFFICER):
                check_stays(wanted, wanted)
            session["wanted"] = wanted
            check_stays(first_page(OFFICER), wanted)


def test_an_address_asked_for_before_signing_in_leads_nowhere_else(app: Flask) -> None:
    """As a path and as a query of a page that wants a sign-in; what is remembered stands in the signed cookie."""
    client: FlaskClient = app.test_client()
    for wanted in HOSTILE_ADDRESSES:
        raw = wanted.encode("utf-8", "surrogatepass").decode("latin-1")
        for path, query in ((raw, ""), ("/desk", f"next={raw}"), ("/desk" + raw, ""), ("/" + raw.lstrip("/\\"), raw)):
            overrides = {"PATH_INFO": path, "QUERY_STRING": query}
            with client.get("/", environ_overrides=overrides) as answer:  # a file of ours may be among them
                check_answer(answer, f"{path}?{query}")
            with client.session_transaction() as held:
                remembered = held.get("wanted", "/")
            with app.test_request_context():
                if is_own_page(remembered, OFFICER):
                    check_stays(remembered, f"{path}?{query}")


def _doors(doors: list[Door]) -> list[Door]:
    """One way in to each page that redirects after a post."""
    return list({door.rule.endpoint: door for door in doors if door.status in (302, 303)}.values())


def _asked(doors: list[Door]) -> Iterator[tuple[Door, str, str]]:
    """Each hostile address at some page, and each page with several of them, by all the usual names."""
    for number, wanted in enumerate(HOSTILE_ADDRESSES):
        yield doors[number % len(doors)], NAMES[number % len(NAMES)], wanted


def test_no_form_leads_elsewhere(city: City, doors: list[Door]) -> None:
    redirecting = _doors(doors)
    assert len(redirecting) > 30
    led = 0
    for door, name, wanted in _asked(redirecting):
        body = form_encoded([*door.plain, (name, wanted), ("next", wanted)])
        query = form_encoded([(name, wanted)]).decode()
        path = door.path.partition("?")[0]
        answer = city.send("POST", path, door.cookie, data=body, content_type=URLENCODED, query_string=query)
        check_answer(answer, f"{door!r} with {name}={wanted!r}")
        led += answer.location is not None
    assert led > 100, "so few went on to anywhere that this proves little"


def test_a_redirect_elsewhere_would_be_seen() -> None:
    for location in ("//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "javascript:x"):
        with pytest.raises(AssertionError, match="leads to"):
            check_stays(location, "x")
