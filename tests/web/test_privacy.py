"""What anyone can read about their data and about accessibility is what the service's own tables say."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from broker import create_app
from broker.domain.permissions import GRANTS, Action, Reach
from broker.domain.retention import RULES, Kept, NoPeriod
from broker.store.base import db
from broker.store.privacy import contact_points
from broker.web import privacy, retention_words
from tests import make
from tests.conftest import PageChecker

SignIns = Callable[[int], PageChecker]
FILLED = {
    "controller": "Northmere Council",
    "email": "data@northmere.example",
    "phone": "01632 960000",
    "address": "Town Hall\nNorthmere",
    "protection_email": "dpo@northmere.example",
}


def test_everything_that_is_kept_stands_on_the_page_with_its_time(client: PageChecker) -> None:
    page = client.get("/privacy").text
    for kept, rule in RULES.items():
        assert retention_words.WORDS[kept][0] in page
        assert retention_words.period(rule.lasts) in page
    assert set(retention_words.WORDS) == set(Kept) == set(RULES)


def test_a_setting_changes_the_job_and_the_page_alike(
    app: Flask, template_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_RETAIN_SIGN_INS", "11 days")
    other = create_app({"TESTING": True, "SECRET_KEY": "t" * 40})
    assert str(other.config["RETENTION"][Kept.SIGN_INS].lasts) == "11 days"
    assert "11 days" in other.test_client().get("/privacy").text
    with other.app_context():
        db.engine.dispose()
    monkeypatch.setenv("BROKER_RETAIN_SIGN_INS", "for ever")
    with pytest.raises(NoPeriod, match="BROKER_RETAIN_SIGN_INS must be a time"):
        create_app({"TESTING": True, "SECRET_KEY": "t" * 40})


def test_who_sees_what_is_the_table_of_rights(client: PageChecker) -> None:
    page = client.get("/privacy").text
    for action, what in privacy.SEEN.items():
        assert what.replace("'", "&#39;") in page
        assert privacy.who_sees(action).replace("'", "&#39;") in page
        unnamed = {each for each in GRANTS[action].items() if each not in privacy.WHO and each[1] is not Reach.NONE}
        assert {role for role, _ in unnamed} <= {"system"}, f"{action} is granted to somebody whom no words name"
    assert privacy.who_sees(Action.SEE_DESK) == "Officers of the councils that you are listed in"
    assert privacy.who_sees(Action.SEE_MATCH).startswith("You and your colleagues, officers of")


@pytest.mark.parametrize("path", ["/privacy", "/accessibility"])
def test_until_somebody_says_whom_to_ask_the_page_says_so(client: PageChecker, path: str) -> None:
    page = client.get(path).text
    assert "has not put its contact here yet" in page
    assert "The council that runs it must confirm" in page
    assert 'href="/privacy"' in page
    assert 'href="/accessibility"' in page


def test_the_statement_has_every_heading_of_the_model(client: PageChecker) -> None:
    page = client.get("/accessibility").text
    for heading in (
        "Accessibility statement for",
        "How accessible this website is",
        "Feedback and contact information",
        "Reporting accessibility problems with this website",
        "Enforcement procedure",
        "Technical information about this website&#39;s accessibility",
        "Compliance status",
        "Content that is not accessible",
        "Preparation of this accessibility statement",
        "What we are doing to improve it",
    ):
        assert heading in page.replace("'", "&#39;")


def test_an_officer_says_whom_to_ask_for_the_council_and_an_administrator_for_all(
    app: Flask, sign_in: SignIns, client: PageChecker
) -> None:
    with app.app_context():
        people = [make.officer(make.authority("Northmere")).id, make.administrator().id]
        db.session.commit()
    for person in people:
        office = sign_in(person)
        wrong = office.post("/contacts", data={**FILLED, "email": "not an address"})
        assert wrong.status_code == 422
        assert "01632 960000" in wrong.text
        assert office.post("/contacts", data=FILLED).location == "/privacy"
        assert "data@northmere.example" in office.get("/contacts").text
        office.post("/contacts", data={**FILLED, "phone": ""})
    with app.app_context():
        assert [(each.authority and each.authority.name, each.phone) for each in contact_points()] == [
            (None, ""),
            ("Northmere", ""),
        ]
    for path in ("/privacy", "/accessibility"):
        page = client.get(path).text
        assert "dpo@northmere.example" in page
        assert "Change whom people can ask" not in page


def test_the_way_back_from_the_contacts_is_the_way_that_led_there(app: Flask, sign_in: SignIns) -> None:
    with app.app_context():
        officer, administrator = make.officer(make.authority("Northmere")).id, make.administrator().id
        db.session.commit()
    for person, home in ((officer, "/account"), (administrator, "/administration")):
        for came_from, back in (
            ("http://localhost/privacy", "/privacy"),
            ("http://localhost/accessibility", "/accessibility"),
            ("http://localhost/contacts", home),
            ("http://elsewhere.example/<script>", home),
            ("http://[", home),
            ("", home),
        ):
            page = sign_in(person).get("/contacts", headers={"Referer": came_from}).text
            assert f'href="{back}" class="govuk-back-link"' in page


def test_a_member_changes_no_contacts(app: Flask, sign_in: SignIns) -> None:
    with app.app_context():
        member_id = make.member(make.organisation(make.authority())).id
        db.session.commit()
    assert sign_in(member_id).get("/contacts").status_code == 403
