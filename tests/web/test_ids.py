"""How addresses are made: typed ids that any database holds, plain names, and nothing behind what does not exist.

Who may open what is walked in tests/walk.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broker.store.accounts import Membership
from broker.store.base import db
from tests import make


@pytest.fixture
def officer(app: Flask) -> Membership:
    with app.app_context():
        made = make.officer(make.authority())
        db.session.commit()
        db.session.refresh(made)
        db.session.expunge(made)
    return made


@pytest.mark.parametrize("number", ["0", "-1", "9" * 40, "1.5", "%00", "%F0%9F%8E%88", "1'--"])
def test_strange_ids_are_pages_that_do_not_exist(
    officer: Membership, number: str, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    client = sign_in(officer)
    for path in (
        "listings",
        "matches",
        "partnerships",
        "postings",
        "registrations",
        "organisations",
        "imports",
        "plans",
    ):
        assert client.get(f"/{path}/{number}").status_code == 404


def test_addresses_are_kebab_case_with_typed_ids(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        assert "_" not in rule.rule.replace("_id>", ">"), rule.rule
        for name in rule.arguments:
            if name.endswith("_id"):
                assert f"<id:{name}>" in rule.rule, rule.rule
        assert rule.endpoint.count(".") == 1, rule.endpoint
