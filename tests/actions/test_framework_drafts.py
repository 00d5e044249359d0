"""The next version of a framework: whose it is, what publishing changes, and what it leaves alone."""

from dataclasses import replace
from typing import NamedTuple

import pytest
from flask import Flask

from broker.actions.framework_drafts import DraftChanges, NewNode, NodeWords, edit_draft, publish_draft, start_draft
from broker.actions.frameworks import add_framework, load_shipped
from broker.domain.kinds import NodeKind, Role
from broker.domain.permissions import Actor
from broker.domain.refusals import NotAllowed, Unfit, WrongState
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.frameworks import Framework, Node, current_framework
from tests import make
from tests.actions.test_frameworks import ADMINISTRATOR, frame


class Council(NamedTuple):
    authority: Authority
    officer: Actor
    framework: Framework


def council(**facts: object) -> Council:
    """A council with a framework of its own, unless `level` says that it is shared."""
    authority = make.authority(framework_code="TRY1")
    facts = {"level": "local", "more": f'authority = "{authority.code}"', **facts}
    framework = add_framework(frame(**facts), "a.toml", ADMINISTRATOR)
    person = make.officer(authority)
    return Council(authority, Actor(Role.OFFICER, person.user_id, authority_id=authority.id), framework)


@pytest.fixture
def own(database: Flask) -> Council:
    load_shipped()
    return council()


@pytest.fixture
def shared(database: Flask) -> Council:
    load_shipped()
    return council(level="regional", more="")


def as_it_is(draft: Framework) -> DraftChanges:
    words = {node.id: NodeWords(node.label, node.summary, node.parent_id) for node in draft.nodes}
    return DraftChanges(row_version=draft.row_version, name=draft.name, words=words)


def node(framework: Framework, label: str) -> Node:
    return next(each for each in framework.nodes if each.label == label)


def test_a_draft_is_a_copy_that_changes_nothing_for_anyone(own: Council) -> None:
    draft = start_draft(own.framework, own.officer)
    assert (draft.status, draft.version, draft.supersedes, draft.code) == ("draft", 2, own.framework, "TRY1")
    assert [(each.code, each.label) for each in draft.nodes] == [
        (each.code, each.label) for each in own.framework.nodes
    ]
    assert node(draft, "Fewer draughts").parent_id == node(draft, "Warm homes").id
    assert [each.hub_code for each in node(draft, "Warm homes").mappings] == ["H01"]
    assert current_framework(own.authority) is own.framework
    assert start_draft(own.framework, own.officer) is draft, "one draft at a time"


def test_names_change_nodes_come_and_go(own: Council) -> None:
    draft = start_draft(own.framework, own.officer)
    theme, priority = node(draft, "Warm homes"), node(draft, "Fewer draughts")
    changes = as_it_is(draft)
    edit_draft(
        draft,
        own.officer,
        changes=replace(
            changes,
            name="Our frame",
            words={theme.id: NodeWords("Homes that are warm", "For everyone", None)},
            removed=frozenset({priority.id}),
            added=(NewNode(NodeKind.PRIORITY, "Damp", theme.id), NewNode(NodeKind.THEME, "Rivers")),
        ),
    )
    assert draft.name == "Our frame"
    assert {(each.label, each.code) for each in draft.nodes} == {
        ("Homes that are warm", "TRY1-T1"),
        ("Damp", "TRY1-N1"),
        ("Rivers", "TRY1-N2"),
    }
    assert node(draft, "Damp").parent_id == theme.id
    assert node(own.framework, "Warm homes").summary == "", "the published version is another"


def test_what_stood_under_a_node_that_is_taken_out_stands_by_itself(own: Council) -> None:
    draft = start_draft(own.framework, own.officer)
    theme = node(draft, "Warm homes")
    changes = as_it_is(draft)
    edit_draft(draft, own.officer, changes=replace(changes, removed=frozenset({theme.id})))
    assert [(each.label, each.parent_id) for each in draft.nodes] == [("Fewer draughts", None)]


def test_a_code_is_never_used_again(own: Council) -> None:
    draft = start_draft(own.framework, own.officer)
    edit_draft(draft, own.officer, changes=replace(as_it_is(draft), added=(NewNode(NodeKind.THEME, "Rivers"),)))
    publish_draft(draft, own.officer)
    third = start_draft(draft, own.officer)
    out = frozenset({node(third, "Rivers").id})
    edit_draft(
        third, own.officer, changes=replace(as_it_is(third), removed=out, added=(NewNode(NodeKind.THEME, "Sea"),))
    )
    assert node(third, "Sea").code == "TRY1-N2"


def test_publishing_changes_what_is_in_use_and_leaves_old_records_alone(own: Council) -> None:
    group = make.organisation(own.authority)
    old = node(own.framework, "Fewer draughts")
    need = make.need(group, own.authority)
    need.latest.priorities.append(old)
    db.session.flush()
    draft = start_draft(own.framework, own.officer)
    fresh = node(draft, "Fewer draughts")
    words = {fresh.id: NodeWords("No draughts", "", fresh.parent_id)}
    edit_draft(draft, own.officer, changes=replace(as_it_is(draft), words=words))
    publish_draft(draft, own.officer)
    db.session.commit()
    assert (draft.status, draft.wording, own.framework.status) == ("current", "confirmed", "superseded")
    assert (own.framework.name, own.framework.wording) == ("A frame to try", "provisional")
    assert current_framework(own.authority) is draft
    assert own.authority.framework_code == "TRY1"
    db.session.expire_all()
    assert [(each.id, each.label) for each in need.latest.priorities] == [(old.id, "Fewer draughts")]


def test_a_framework_stays_provisional_while_a_placeholder_is_left(own: Council) -> None:
    draft = start_draft(own.framework, own.officer)
    node(draft, "Warm homes").label = "[placeholder] Warm homes"
    publish_draft(draft, own.officer)
    assert (draft.status, draft.wording) == ("current", "provisional")


def test_an_officer_makes_a_shared_framework_the_councils_own(shared: Council) -> None:
    draft = start_draft(shared.framework, shared.officer)
    code = shared.authority.code
    assert (draft.code, draft.version, draft.level, draft.authority) == (code, 1, "local", shared.authority)
    assert [each.code for each in draft.nodes] == [f"{code}-TRY1-T1", f"{code}-TRY1-P1"]
    assert current_framework(shared.authority) is shared.framework
    publish_draft(draft, shared.officer)
    assert current_framework(shared.authority) is draft
    assert shared.framework.status == "current", "for everybody else"


def test_an_administrator_edits_the_shared_framework_itself(shared: Council) -> None:
    draft = start_draft(shared.framework, ADMINISTRATOR)
    assert (draft.code, draft.version, draft.authority) == ("TRY1", 2, None)
    with pytest.raises(NotAllowed):
        publish_draft(draft, shared.officer)
    publish_draft(draft, ADMINISTRATOR)
    assert current_framework(shared.authority) is draft


def test_nobody_edits_another_councils_framework(own: Council) -> None:
    there = make.authority("Westerby", framework_code="TRY1")
    strangers = (Actor(Role.OFFICER, authority_id=there.id), Actor(Role.MEMBER, organisation_id=1))
    draft = start_draft(own.framework, own.officer)
    for by in strangers:
        with pytest.raises(NotAllowed):
            start_draft(own.framework, by)
        with pytest.raises(NotAllowed):
            edit_draft(draft, by, changes=as_it_is(draft))
        with pytest.raises(NotAllowed):
            publish_draft(draft, by)


def test_an_officer_copies_only_the_shared_framework_in_use(shared: Council) -> None:
    shared.authority.framework_code = "ELSE"
    with pytest.raises(WrongState):
        start_draft(shared.framework, shared.officer)


def test_a_published_version_is_never_edited(own: Council) -> None:
    with pytest.raises(WrongState):
        edit_draft(own.framework, own.officer, changes=as_it_is(own.framework))
    with pytest.raises(WrongState):
        publish_draft(own.framework, own.officer)


def test_the_second_of_two_officers_is_told(own: Council) -> None:
    draft = start_draft(own.framework, own.officer)
    seen = as_it_is(draft)
    edit_draft(draft, own.officer, changes=replace(seen, name="First"))
    with pytest.raises(Unfit) as refused:
        edit_draft(draft, own.officer, changes=replace(seen, name="Second"))
    assert refused.value.problems == {"draft": "changed"}
    assert draft.name == "First"


def test_an_empty_draft_is_not_published(own: Council) -> None:
    draft = start_draft(own.framework, own.officer)
    edit_draft(draft, own.officer, changes=replace(as_it_is(draft), removed=frozenset(each.id for each in draft.nodes)))
    with pytest.raises(Unfit) as refused:
        publish_draft(draft, own.officer)
    assert "empty" in refused.value.problems["draft"]
