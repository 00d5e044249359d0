"""The page that shows how suggestions are weighed: for officers and administrators, in words, and read-only."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broker.domain.clock import now
from broker.domain.kinds import MatchState, WeightsState
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.counts import Weighing
from broker.store.weights import WeightsVersion
from broker.web.reasons import PART
from tests import make

SignIn = Callable[[Membership], FlaskClient]


def gain(low: float, high: float) -> dict[str, float]:
    return {"difference": (low + high) / 2, "low": low, "high": high}


@pytest.fixture
def people(app: Flask) -> tuple[Membership, Membership, Membership]:
    with app.app_context():
        area = make.authority()
        made = make.officer(area), make.administrator(), make.member(make.organisation(area))
        db.session.commit()
        for each in made:
            db.session.refresh(each)
            db.session.expunge(each)
        return made


def shipped(**facts: object) -> WeightsVersion:
    numbers = {"words": 1.0, "place": 0.03, "short": 8.0}
    made = WeightsVersion(
        name="shipped-abc", numbers=numbers, state=WeightsState.IN_USE, made_at=now(), in_use_since=now()
    )
    db.session.add(made)
    db.session.flush()
    return made


def learned(verdict: str, low: float) -> None:
    made = WeightsVersion(
        name="learned-1",
        numbers={"words": 0.8, "place": 0.09, "short": 8.0},
        state=WeightsState.PROPOSED,
        before=shipped(),
        decisions=320,
        needs=40,
        figures={"before": {"right": 0.567}, "after": {"right": 0.9}, "gain": {"right": gain(low, 0.386)}},
        verdict=verdict,
        made_at=now(),
    )
    db.session.add(made)
    db.session.commit()


def page_for(who: Membership, sign_in: SignIn) -> str:
    answer = sign_in(who).get("/weights")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_an_empty_start_says_what_happens_next(people: tuple[Membership, ...], sign_in: SignIn) -> None:
    page = page_for(people[0], sign_in)
    assert "not written down yet" in page
    assert "Nobody has decided about a suggestion yet." in page
    assert "No new weights have been proposed yet." in page


def test_the_weights_in_use_are_a_picture_with_its_numbers(
    app: Flask, people: tuple[Membership, ...], sign_in: SignIn
) -> None:
    with app.app_context():
        shipped()
        db.session.commit()
    page = page_for(people[0], sign_in)
    assert "as the service ships" in page
    assert page.index("The same words") < page.index("How near they are")
    assert "1.000" in page
    assert "0.030" in page


@pytest.mark.parametrize(
    ("marks", "off"),
    [
        ("", ["the language model"]),
        ("-t", ["related words", "the texts’ general subject", "the language model"]),
        ("+e", []),
    ],
)
def test_what_is_switched_off_here_is_said_and_not_drawn(
    app: Flask, people: tuple[Membership, ...], sign_in: SignIn, marks: str, off: list[str]
) -> None:
    with app.app_context():
        # A learned setting's name may hold what looks like a mark.
        engine = f"a+e-t/abcd{marks}/ef"
        db.session.add(Weighing(made_at=now(), engine=engine, listings=0, found=b"", stamp=""))
        shipped()
        db.session.commit()
    page = page_for(people[0], sign_in)
    assert page.count('class="bar bar--chart"') == len(PART) - len(off)
    assert ("Switched off here, so it brings nothing: " + ", ".join(off) in page) is bool(off)


def test_a_proposal_is_told_in_plain_words(app: Flask, people: tuple[Membership, ...], sign_in: SignIn) -> None:
    with app.app_context():
        learned("better", 0.283)
    page = page_for(people[1], sign_in)
    assert "learned from 320 decisions" in page
    assert "57 of 100" in page
    assert "90 of 100" in page
    assert "between 28.3 and 38.6 in 100. That is more than luck explains" in page
    assert "0.090" in page


def test_a_proposal_that_is_not_better_says_so(app: Flask, people: tuple[Membership, ...], sign_in: SignIn) -> None:
    with app.app_context():
        learned("not better", -0.02)
    assert "Luck alone could do that" in page_for(people[1], sign_in)


def test_decisions_are_counted(app: Flask, people: tuple[Membership, ...], sign_in: SignIn) -> None:
    with app.app_context():
        area = make.authority("Westerby")
        need = make.need(make.organisation(area), area)
        for state in (MatchState.CONFIRMED, MatchState.DISMISSED, MatchState.DISMISSED):
            make.match(need, make.offer(make.supplier(area), area), area, state)
        db.session.commit()
    page = page_for(people[0], sign_in)
    assert "chose 1 pair and said no to 2" in page
    assert "both a yes and a no: 1 so far" in page


def test_members_and_strangers_do_not_see_it(
    people: tuple[Membership, ...], sign_in: SignIn, client: FlaskClient
) -> None:
    assert sign_in(people[2]).get("/weights").status_code == 403
    assert client.get("/weights").status_code == 302


def test_the_number_of_statements_is_fixed(
    app: Flask, people: tuple[Membership, ...], sign_in: SignIn, statements: list[str]
) -> None:
    with app.app_context():
        learned("better", 0.2)
    browser = sign_in(people[0])
    browser.get("/")
    statements.clear()
    browser.get("/weights")
    assert len(statements) <= 5, "\n\n".join(statements)
