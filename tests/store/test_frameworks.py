"""What the tables of frameworks forbid, and which drafts a list shows."""

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.frameworks import Framework, frameworks_for
from tests import make


def version(number: int, status: str, authority: Authority | None = None) -> Framework:
    made = Framework(
        code="TRY1",
        version=number,
        name="A frame",
        level="local",
        status=status,
        wording="provisional",
        authority=authority,
    )
    db.session.add(made)
    db.session.flush()
    return made


def test_one_version_of_a_framework_is_current(database: Flask) -> None:
    version(1, "superseded")
    version(2, "current")
    with pytest.raises(IntegrityError):
        version(3, "current")


def test_a_version_number_stands_once(database: Flask) -> None:
    version(1, "superseded")
    with pytest.raises(IntegrityError):
        version(1, "draft")


def test_a_list_shows_drafts_to_those_whose_they_are(database: Flask) -> None:
    here, there = make.authority(), make.authority("Westerby")
    version(1, "current", here)
    version(2, "draft", here)
    actors = {
        "visitor": None,
        "member": Actor(Role.MEMBER, organisation_id=1),
        "here": Actor(Role.OFFICER, authority_id=here.id),
        "there": Actor(Role.OFFICER, authority_id=there.id),
        "administrator": Actor(Role.ADMINISTRATOR),
    }
    seen = {name: [each.version for each in frameworks_for(actor)] for name, actor in actors.items()}
    assert seen == {"visitor": [1], "member": [1], "here": [2, 1], "there": [1], "administrator": [2, 1]}
