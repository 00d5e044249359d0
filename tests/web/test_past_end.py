"""Whoever stands behind the end of a list is led back, and not told that there is nothing."""

from collections.abc import Callable

import pytest
from flask import Flask

from broker.store.base import db
from tests import make
from tests.conftest import PageChecker


@pytest.fixture
def officer(app: Flask, sign_in: Callable[[int], PageChecker]) -> PageChecker:
    with app.app_context():
        area = make.authority()
        make.need(make.organisation(area), area)
        membership = make.officer(area)
        db.session.commit()
        membership_id = membership.id
    return sign_in(membership_id)


@pytest.mark.parametrize("path", ["/desk", "/my-listings", "/organisations", "/fairness/unseen", "/synonyms"])
def test_a_list_leads_back_from_behind_its_end(officer: PageChecker, path: str) -> None:
    page = officer.get(f"{path}?page=2").text
    assert "There are no more" in page
    assert f'href="{path}"' in page.split('class="empty"')[1] or f'href="{path}?page=1"' in page
    assert "There are no more" not in officer.get(path).text


def test_the_record_does_too(officer: PageChecker) -> None:
    place = officer.post("/record").location
    page = officer.get(f"{place}?page=2").text
    assert "There are no more" in page
    assert "Nothing is recorded that fits" not in page
