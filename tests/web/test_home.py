"""The front page and the pages that explain."""

import pytest
from flask import Flask

from broker.domain.kinds import PostingState
from broker.store.base import db
from tests import make
from tests.conftest import PageChecker


def test_the_front_page_counts_what_anyone_can_read(app: Flask, client: PageChecker, statements: list[str]) -> None:
    with app.app_context():
        here, there = make.authority(), make.authority()
        group = make.organisation(here, there)
        make.need(group, here, there)
        make.need(group, here)
        make.need(group, here, state=PostingState.DRAFT)
        make.offer(make.supplier(here), here)
        db.session.commit()
    client.get("/")
    statements.clear()
    page = client.get("/").text
    assert len(statements) <= 2
    assert '<span class="stats__number">2</span> needs open now' in page
    assert '<span class="stats__number">1</span> offer open now' in page
    assert '<span class="stats__number">0</span> partnerships made' in page


@pytest.mark.parametrize("path", ["/", "/how-it-works", "/privacy", "/accessibility"])
def test_pages_that_explain_are_for_everyone(client: PageChecker, path: str) -> None:
    assert client.get(path).status_code == 200
