"""What a plan may use, and what asking for it costs the database."""

import pytest
from flask import Flask

from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.planning import open_pairs
from tests import make
from tests.databases import only_sqlite


@pytest.fixture
def area(database: Flask) -> Authority:
    return make.authority()


def grow(area: Authority, number: int) -> None:
    """So many needs more, and as many offers; each need is suggested one offer."""
    group, firm = make.organisation(area), make.supplier(area)
    for _ in range(number):
        make.suggestion(make.need(group, area), make.offer(firm, area))


def steps(area: Authority) -> int:
    """How many thousand steps the database takes to find the pairs."""
    taken: list[int] = []
    connection = db.session.connection().connection.driver_connection
    assert connection is not None
    connection.set_progress_handler(lambda: taken.append(1) and None, 1000)
    open_pairs(area.id)
    connection.set_progress_handler(None, 1000)
    return len(taken)


@only_sqlite
def test_finding_the_pairs_costs_what_there_are_pairs_and_not_needs_times_offers(area: Authority) -> None:
    grow(area, 60)
    before = steps(area)
    grow(area, 60)
    assert len(open_pairs(area.id)) == 120
    assert steps(area) <= 2.5 * before
