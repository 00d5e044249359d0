"""Frameworks between files and tables: loading again changes nothing, uploads are checked, what goes out comes in."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from broker import policy
from broker.actions.frameworks import add_framework, as_record, load_shipped, use_framework
from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.domain.refusals import NotAllowed, Unfit
from broker.store.authorities import Authority, AuthorityRule, authority_by_code
from broker.store.base import db
from broker.store.frameworks import (
    Framework,
    FrameworkRule,
    Node,
    NodeMapping,
    current_framework,
    framework_and_hub,
    priorities_of,
    shared_outcomes,
)
from broker.store.measures import Measure
from broker.store.rules import rule_value
from tests import make

ADMINISTRATOR = Actor(Role.ADMINISTRATOR)
TABLES = (Authority, AuthorityRule, Framework, Node, NodeMapping, FrameworkRule, Measure)
FRAME = """
code = "TRY1"
name = "A frame to try"
level = "{level}"
version = {version}
status = "{status}"
wording = "provisional"
source = "this test"
certainty = "ours"
{more}
[[nodes]]
code = "{prefix}-T1"
kind = "theme"
label = "Warm homes"
[[nodes]]
code = "{prefix}-P1"
kind = "priority"
label = "Fewer draughts"
parent = "{prefix}-T1"
[[mappings]]
node = "{prefix}-T1"
hub = "{hub}"
relation = "close"
confidence = 0.5
"""


def frame(**facts: object) -> str:
    usual = {"level": "regional", "version": 1, "status": "current", "more": "", "prefix": "TRY1", "hub": "H01"}
    return FRAME.format(**{**usual, **facts})


def sizes() -> list[int]:
    return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


@pytest.fixture
def shipped(database: Flask) -> policy.Policy:
    load_shipped()
    db.session.commit()
    return policy.load_all()


def test_loading_brings_everything_and_a_second_time_changes_nothing(shipped: policy.Policy) -> None:
    before = sizes()
    assert before[0] == len(shipped.authorities) == 10
    assert before[2] == len(shipped.frameworks) + 1, "and the shared outcomes"
    assert before[6] == len(shipped.measures)
    load_shipped()
    assert not db.session.dirty
    assert sizes() == before


def test_what_was_loaded_goes_out_as_it_came_in(shipped: policy.Policy) -> None:
    for given in (shipped.hub, *shipped.frameworks):
        row = db.session.scalars(
            select(Framework).where(Framework.code == given.code, Framework.version == given.version)
        ).one()
        out = policy.parse(policy.write(as_record(row)), "out.toml")
        assert sorted(out.nodes, key=lambda node: node.code) == sorted(given.nodes, key=lambda node: node.code)
        assert set(out.mappings) == set(given.mappings)
        assert out.rules == given.rules
        for name in ("name", "authority", "level", "status", "wording", "supersedes", "source", "certainty", "licence"):
            assert getattr(out, name) == getattr(given, name), (given.reference, name)


def test_loading_keeps_what_an_authority_has_set(shipped: policy.Policy) -> None:
    known = shipped.authorities[0]
    authority = authority_by_code(known.code)
    assert authority is not None
    authority.framework_code, authority.name = "OWN", "Another name"
    framework = current_framework(authority_by_code(shipped.authorities[1].code) or authority)
    assert framework is not None
    framework.nodes[0].label = "Typed by somebody"
    db.session.commit()
    load_shipped()
    assert (authority.framework_code, authority.name) == ("OWN", "Another name")
    assert framework.nodes[0].label == "Typed by somebody"


def test_the_demonstration_region_loads_beside_the_shipped_one(shipped: policy.Policy) -> None:
    load_shipped(Path(policy.__file__).parent.parent / "demonstration" / "frameworks")
    invented = db.session.scalars(select(Framework).where(Framework.is_demonstration)).all()
    assert len(invented) == 3
    assert all(each.authority and each.authority.framework_code == each.code for each in invented)


def test_a_newer_version_takes_the_place_of_a_provisional_one_or_of_the_one_it_names(shipped: policy.Policy) -> None:
    add_framework(frame(), "a.toml", ADMINISTRATOR)
    second = add_framework(frame(version=2), "b.toml", ADMINISTRATOR)
    statuses = list(
        db.session.scalars(select(Framework.status).where(Framework.code == "TRY1").order_by(Framework.version))
    )
    assert statuses == ["superseded", "current"]
    second.wording = "confirmed"
    third = add_framework(frame(version=3), "c.toml", ADMINISTRATOR)
    assert (second.status, third.status) == ("current", "superseded")
    fourth = add_framework(frame(version=4, more='supersedes = "TRY1 v2"'), "d.toml", ADMINISTRATOR)
    assert (second.status, fourth.status) == ("superseded", "current"), "it says itself whose place it takes"


def test_the_nearest_rule_wins(shipped: policy.Policy) -> None:
    authority = make.authority(framework_code="TRY1")
    framework = add_framework(frame(), "a.toml", ADMINISTRATOR)
    usual = next(str(rule.value) for rule in shipped.hub.rules if rule.name == "reply_days")
    assert rule_value(authority, "reply_days") == usual
    framework.rules.append(FrameworkRule(name="reply_days", value="21", unit="days"))
    db.session.flush()
    assert rule_value(authority, "reply_days") == "21"
    authority.rules.append(AuthorityRule(name="reply_days", value="7", unit="days"))
    db.session.flush()
    assert rule_value(authority, "reply_days") == "7"
    assert rule_value(authority, "tool") is None
    assert rule_value(make.authority(), "reply_days") == usual


def test_priorities_stand_under_their_theme(shipped: policy.Policy) -> None:
    framework = add_framework(frame(), "a.toml", ADMINISTRATOR)
    assert [(theme, [node.label for node in nodes]) for theme, nodes in priorities_of(framework)] == [
        ("Warm homes", ["Fewer draughts"])
    ]


def test_the_shared_outcomes_are_found(shipped: policy.Policy) -> None:
    hub = shared_outcomes()
    assert hub is not None
    assert (hub.code, len(hub.nodes)) == (shipped.hub.code, len(shipped.hub.nodes))
    assert framework_and_hub(hub.id) == (hub, hub)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "not written as TOML"),
        (frame(hub="H99"), "H99, which does not exist"),
        (frame(level="local", more='authority = "E99999999"'), "not known here"),
        (frame(more='supersedes = "NONE v1"'), '"NONE v1", which is not known'),
    ],
)
def test_an_upload_that_does_not_fit_says_why(shipped: policy.Policy, text: str, words: str) -> None:
    with pytest.raises(Unfit) as refused:
        add_framework(text, "a.toml", ADMINISTRATOR)
    assert words in refused.value.problems["file"]


def test_an_upload_cannot_replace_a_version_or_take_the_codes_of_another(shipped: policy.Policy) -> None:
    add_framework(frame(version=2), "a.toml", ADMINISTRATOR)
    for text, words in (
        (frame(version=2), "already here"),
        (frame(version=1), "Version 2 of TRY1 is in use already"),
        (frame().replace('code = "TRY1"\n', 'code = "TRY9"\n', 1), "already used by the framework TRY1"),
    ):
        with pytest.raises(Unfit) as refused:
            add_framework(text, "b.toml", ADMINISTRATOR)
        assert words in refused.value.problems["file"]


def test_an_authority_works_by_its_own_upload_from_now_on(shipped: policy.Policy) -> None:
    authority = make.authority()
    add_framework(frame(level="local", more=f'authority = "{authority.code}"'), "a.toml", ADMINISTRATOR)
    assert authority.framework_code == "TRY1"


def test_only_administrators_add_frameworks(database: Flask) -> None:
    for by in (Actor(Role.OFFICER, authority_id=1), Actor(Role.MEMBER, organisation_id=1)):
        with pytest.raises(NotAllowed):
            add_framework(frame(), "a.toml", by)


def test_an_officer_takes_a_shared_framework_but_nobody_elses(shipped: policy.Policy) -> None:
    here, there = make.authority(), make.authority("Westerby")
    by = Actor(Role.OFFICER, authority_id=here.id)
    shared = add_framework(frame(), "a.toml", ADMINISTRATOR)
    use_framework(shared, here, by)
    assert here.framework_code == "TRY1"
    with pytest.raises(NotAllowed):
        use_framework(shared, there, by)
    shared.authority = there
    db.session.flush()
    with pytest.raises(NotAllowed):
        use_framework(shared, here, by)
