"""One lasting need of several: what it says, who asks for it, where it came from, and that the several stay open."""

from decimal import Decimal

import pytest

from broker.actions import need_groups
from broker.domain.clock import now
from broker.domain.kinds import Lane, PlaceKind, PostingState, SupportKind, Unit
from broker.domain.permissions import Actor
from broker.domain.refusals import NotAllowed, Unfit
from broker.store.base import db
from broker.store.listings import Listing
from broker.store.market import related_to
from broker.store.need_groups import NeedGroup, NeedGroupMember, already_gathered, groups_listed, members_of
from tests import make
from tests.town import Town


def group_of(town: Town, *needs: Listing, shares: tuple[str, ...] = ("laptops",)) -> NeedGroup:
    group = NeedGroup(
        authority_id=town.north.id, shares=list(shares), organisations=len(needs), wards=1, computed_at=now()
    )
    group.members = [NeedGroupMember(listing_id=need.id) for need in needs]
    db.session.add(group)
    db.session.flush()
    return group


def three(town: Town, **facts: object) -> list[Listing]:
    owners = town.group, make.organisation(town.north), make.organisation(town.north)
    return [make.need(owner, town.north, **facts) for owner in owners]


def gather(group: NeedGroup, by: Actor, **facts: object) -> Listing:
    said = {"lead": None, "title": "Laptops for three groups", "body": "Three groups ask.", **facts}
    return need_groups.gather_needs(group, by, **said)  # type: ignore[arg-type]


def test_it_is_a_draft_for_something_lasting_with_all_of_it_together(town: Town) -> None:
    needs = three(town)
    made = gather(group_of(town, *needs), town.officer)
    said = made.versions[-1]
    assert [posting.state for posting in made.postings] == [PostingState.DRAFT]
    assert (said.title, said.body, said.lane) == ("Laptops for three groups", "Three groups ask.", Lane.SYSTEMIC)
    assert (said.amount, said.unit, said.support_kind) == (Decimal(30), Unit.ITEMS, SupportKind.GOODS)
    assert said.place_kind == PlaceKind.AUTHORITY
    assert made.entered_how == need_groups.GATHERED
    assert {need.postings[0].state for need in needs} == {PostingState.OPEN}


def test_the_council_itself_asks_or_the_organisation_that_takes_the_lead(town: Town) -> None:
    needs = three(town)
    group = group_of(town, *needs)
    council = gather(group, town.officer).organisation
    assert (council.name, council.authorities) == ("Northmere", {town.north.id})
    assert gather(group, town.officer, title="Another").organisation is council
    assert gather(group, town.officer, lead=needs[1].organisation_id).organisation is needs[1].organisation


def test_each_page_says_where_it_came_from(town: Town) -> None:
    needs = three(town)
    made = gather(group_of(town, *needs), town.officer)
    assert already_gathered(made.id) == {need.id for need in needs}
    assert [(each.how, each.id) for each in related_to(made, town.officer)] == [("gathered", need.id) for need in needs]
    assert [(each.how, each.id) for each in related_to(needs[0], town.officer)] == [("gathered_into", made.id)]
    assert related_to(needs[0], None) == []  # a draft is not for everybody


def test_a_button_pressed_twice_makes_one(town: Town) -> None:
    group = group_of(town, *three(town))
    assert gather(group, town.officer) is gather(group, town.officer)
    (row,) = groups_listed(town.north.id, 3, 1, 20)
    assert row.gathered is not None


def test_amounts_are_added_only_where_all_count_alike(town: Town) -> None:
    needs = three(town)
    needs[0].unit, needs[0].quantity = Unit.HOURS, Decimal(2)
    assert need_groups.common_wording(members_of(group_of(town, *needs)), "", "").amount is None
    needs[0].unit, needs[0].quantity = Unit.ITEMS, None
    db.session.flush()
    assert need_groups.common_wording(members_of(group_of(town, *needs)), "", "").amount is None


def test_needs_that_are_gone_are_left_out(town: Town) -> None:
    needs = three(town)
    group = group_of(town, *needs, make.need(town.group, town.north, state=PostingState.FILLED))
    made = gather(group, town.officer)
    assert already_gathered(made.id) == {need.id for need in needs}


def test_what_does_not_do_makes_nothing(town: Town) -> None:
    group = group_of(town, *three(town))
    stranger = make.organisation(town.north)
    for facts, problem in (({"title": " "}, "title"), ({"body": ""}, "body"), ({"lead": stranger.id}, "lead")):
        with pytest.raises(Unfit) as refusal:
            gather(group, town.officer, **facts)
        assert set(refusal.value.problems) == {problem}
    with pytest.raises(Unfit, match="needs"):
        gather(group_of(town, make.need(town.group, town.north)), town.officer)


def test_only_officers_of_the_area_do_it(town: Town) -> None:
    group = group_of(town, *three(town))
    for nobody in (town.member, town.other_officer):
        with pytest.raises(NotAllowed):
            gather(group, nobody)
