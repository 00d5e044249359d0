"""Stored suggestions equal what the matcher finds, whatever changes, and only what changed is written."""

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from broker.actions import drifting, suggesting, weighing
from broker.actions.jobs import owe_suggestions
from broker.domain.clock import now
from broker.domain.kinds import NodeKind, PostingState, SupportKind
from broker.matching.text import stems
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.counts import TextWords, Weighing, last_weighing
from broker.store.frameworks import Framework, Node, NodeMapping
from broker.store.jobs import Job
from broker.store.listings import Listing
from broker.store.suggestions import Suggestion
from tests import make

WORDS = ["garden", "tools", "kitchen", "laptops", "music", "evening", "minibus", "repair", "welcome", "swimming"]


def catch_up(whole: bool = False) -> int:
    outlook = suggesting.look(whole=whole)
    if outlook is None:
        return 0
    suggesting.keep(outlook)
    db.session.commit()
    return outlook.size


def pairs() -> set[tuple[int, int]]:
    return {(s.demand_id, s.supply_id) for s in db.session.scalars(select(Suggestion))}


def stored() -> dict[tuple[int, int], tuple[Any, ...]]:
    db.session.expire_all()
    found = db.session.scalars(select(Suggestion))
    return {(s.demand_id, s.supply_id): (s.demand_rank, s.supply_rank, s.score, s.reason) for s in found}


def text(dice: random.Random) -> str:
    return " ".join(dice.choices(WORDS, k=dice.randint(1, 8)))


@pytest.fixture
def area(database: Flask) -> Authority:
    return make.authority()


@pytest.fixture
def patching(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the market, it is patched and never weighed anew."""
    monkeypatch.setattr(suggesting, "PART", 0)


@pytest.fixture
def market(area: Authority) -> list[Listing]:
    """Twenty needs and twenty offers of few words, suggested for."""
    dice = random.Random(3)  # noqa: S311 - no secret
    groups = [make.organisation(area) for _ in range(5)]
    made = [make.need(dice.choice(groups), area, title=text(dice), body=text(dice)) for _ in range(20)]
    made += [make.offer(make.supplier(area), area, title=text(dice), body=text(dice)) for _ in range(20)]
    owe_suggestions(made[0])
    catch_up()
    return made


def test_a_fitting_pair_is_suggested_with_its_reason(area: Authority) -> None:
    need = make.need(make.organisation(area), area, title="Laptops for our homework club")
    offer = make.offer(make.supplier(area), area, title="Twenty laptops", body="Refurbished laptops, wiped and working")
    owe_suggestions(need)
    assert catch_up() == 1
    found = db.session.scalars(select(Suggestion)).one()
    assert (found.demand_id, found.supply_id, found.demand_rank, found.supply_rank) == (need.id, offer.id, 1, 1)
    parts = found.reason["parts"]
    assert isinstance(parts, list)
    assert abs(sum(part["share"] for part in parts) - found.score) < 1e-9
    kept = last_weighing()
    assert kept is not None
    assert (found.engine, kept.listings) == (kept.engine, 2)
    assert need.suggest_at is None
    assert catch_up() == 0


def _parts() -> dict[str, float]:
    parts: Any = db.session.scalars(select(Suggestion)).one().reason["parts"]
    return {part["name"]: part["share"] for part in parts}


@pytest.mark.parametrize(
    ("asked", "stated", "counts"), [("basic", "enhanced", True), ("enhanced", "basic", False), ("none", "basic", False)]
)
def test_a_background_check_counts_and_never_refuses(area: Authority, asked: str, stated: str, counts: bool) -> None:
    need = make.need(make.organisation(area), area, background_check=asked)
    make.offer(make.supplier(area), area, background_check=stated)
    owe_suggestions(need)
    catch_up()
    assert ("checks" in _parts()) is counts


@pytest.mark.parametrize(
    ("relations", "meets"), [(("exact", "narrower"), True), (("exact", "related"), False), (("exact", None), False)]
)
def test_priorities_of_two_authorities_meet_in_a_shared_outcome(
    area: Authority, relations: tuple[str | None, ...], meets: bool
) -> None:
    """A firm of both areas names a priority of the other one. What is only related to an outcome does not serve it."""
    other = make.authority("Westerby")
    nodes = []
    for code, relation in zip(("NOR", "WES"), relations, strict=True):
        frame = Framework(code=code, version=1, name=code, level="local", status="current", wording="confirmed")
        nodes.append(Node(framework=frame, code=f"{code}1", kind=NodeKind.PRIORITY, label=f"Homes of {code}"))
        if relation:
            nodes[-1].mappings = [NodeMapping(hub_code="H09", relation=relation, confidence=1.0)]
    need = make.need(make.organisation(area), area, title="xyzzy", body="", priorities=nodes[:1])
    make.offer(make.supplier(area, other), area, other, title="xyzzy", body="", priorities=nodes[1:])
    owe_suggestions(need)
    catch_up()
    assert ("theme" in _parts()) is meets


def test_only_what_anyone_may_read_is_paired(area: Authority) -> None:
    elsewhere = make.authority("Westerby")
    group, firm = make.organisation(area), make.supplier(area, elsewhere)
    need = make.need(group, area)
    for state in PostingState:
        if state != PostingState.OPEN:
            make.offer(firm, area, state=state)
    make.offer(firm, elsewhere)
    make.offer(group, area)
    make.offer(firm, area, support_kind=SupportKind.SPACE)
    good = make.offer(firm, area)
    owe_suggestions(need)
    catch_up()
    assert pairs() == {(need.id, good.id)}


@pytest.mark.parametrize("at_hand", [True, False])
def test_a_listing_that_closes_takes_its_pairs_along(area: Authority, patching: None, at_hand: bool) -> None:
    need, offer = make.need(make.organisation(area), area), make.offer(make.supplier(area), area)
    owe_suggestions(need)
    catch_up()
    assert pairs() == {(need.id, offer.id)}
    offer.postings[0].state = PostingState.PAUSED
    owe_suggestions(offer)
    if not at_hand:
        weighing.hold(None)
    catch_up()
    assert pairs() == set()


def test_a_newcomer_reaches_lists_that_nobody_asked_to_refresh(area: Authority, patching: None) -> None:
    needs = [make.need(make.organisation(area), area) for _ in range(3)]
    owe_suggestions(needs[0])
    catch_up()
    offer = make.offer(make.supplier(area), area)
    owe_suggestions(offer)
    catch_up()
    assert pairs() == {(need.id, offer.id) for need in needs}


def shake(listing: Listing, dice: random.Random) -> None:
    """Something happens to a listing: its words, its standing or what is left of it change."""
    event = dice.choice(["words", "words", "paused", "open", "filled", "nothing"])
    if event == "words":
        listing.versions[0].title, listing.versions[0].body = text(dice), text(dice)
    elif event == "filled":
        listing.reserved = (listing.quantity or Decimal(0)) if listing.reserved == 0 else Decimal(0)
    elif event in ("paused", "open"):
        listing.postings[0].state = PostingState(event)
    owe_suggestions(listing)


@pytest.mark.parametrize("at_hand", [True, False])
def test_patched_lists_equal_lists_from_scratch(
    area: Authority, market: list[Listing], patching: None, monkeypatch: pytest.MonkeyPatch, at_hand: bool
) -> None:
    monkeypatch.setattr(weighing, "LIST_LENGTH", 4)
    catch_up(whole=True)
    dice = random.Random(5)  # noqa: S311 - no secret
    compared = []
    for _ in range(5):
        for listing in dice.sample(market, 4):
            shake(listing, dice)
        market.append(make.offer(make.supplier(area), area, title=text(dice), body=text(dice)))
        owe_suggestions(market[-1])
        db.session.commit()
        if not at_hand:
            weighing.hold(None)
        catch_up()
        db.session.expire_all()
        found = drifting.check()
        assert found is not None
        assert (found.wrong, found.examples) == (0, [])
        compared.append(found.compared)
    assert 20 < min(compared) < len(market)


def test_only_what_changed_is_written(market: list[Listing], patching: None) -> None:
    before = stored()
    market[30].versions[0].title = "zebra crossing"
    owe_suggestions(market[30])
    catch_up()
    after = stored()
    other = {pair for pair in before if market[30].id not in pair}
    assert after.keys() & other
    assert {pair: after[pair][2:] for pair in other & after.keys()} == {p: before[p][2:] for p in other & after.keys()}
    owe_suggestions(market[3])
    assert catch_up() == 0
    assert market[3].suggest_at is None


def test_texts_are_read_once(market: list[Listing], patching: None, monkeypatch: pytest.MonkeyPatch) -> None:
    different = len({listing.versions[0].title + listing.versions[0].body for listing in market})
    assert db.session.scalar(select(func.count()).select_from(TextWords)) == different
    read: list[str] = []

    def note(words: str) -> list[str]:
        read.append(words)
        return stems(words)

    monkeypatch.setattr(weighing, "stems", note)
    weighing.hold(None)
    market[0].versions[0].title = "umbrella"
    owe_suggestions(market[0])
    catch_up()
    assert read == [f"umbrella\n{market[0].versions[0].body}"]
    catch_up(whole=True)
    assert len(read) == 1
    assert db.session.scalar(select(func.count()).select_from(TextWords)) == different


def test_words_are_weighed_anew_once_a_twentieth_has_changed(market: list[Listing]) -> None:
    first = last_weighing()
    assert first is not None
    made = first.id, first.stamp
    for listing in market[:2]:
        listing.versions[0].title = "zebra"
        owe_suggestions(listing)
    catch_up()
    second = last_weighing()
    assert second is not None
    assert (second.changed, second.listings) == (2, 40)
    assert second.stamp != made[1]
    assert db.session.scalars(select(Job.kind).where(Job.kind == "suggest_all")).all() == []
    market[2].versions[0].title = "zebra"
    owe_suggestions(market[2])
    catch_up()
    assert db.session.scalars(select(Job.kind).where(Job.kind == "suggest_all")).all() == ["suggest_all"]
    catch_up(whole=True)
    third = last_weighing()
    assert third is not None
    assert (third.changed, third.words.get("zebra")) == (0, 3)
    assert "zebra" not in second.words or third.id != second.id


def test_many_changes_at_once_are_no_patch(market: list[Listing]) -> None:
    for listing in market[:3]:
        owe_suggestions(listing)
    outlook = suggesting.look()
    assert outlook is not None
    assert outlook.is_whole


def test_another_matcher_makes_everything_anew(market: list[Listing]) -> None:
    kept = last_weighing()
    assert kept is not None
    kept.engine = "the one before"
    db.session.flush()
    outlook = suggesting.look()
    assert outlook is not None
    assert outlook.is_whole
    suggesting.keep(outlook)
    assert suggesting.look() is None


def test_what_another_worker_wrote_is_not_written_over(market: list[Listing], patching: None) -> None:
    owe_suggestions(market[0])
    late = suggesting.look()
    catch_up()
    assert late is not None
    with pytest.raises(suggesting.Overtaken):
        suggesting.keep(late)
    whole = suggesting.look(whole=True)
    catch_up(whole=True)
    assert whole is not None
    with pytest.raises(suggesting.Overtaken):
        suggesting.keep(whole)


def test_a_market_that_another_worker_changed_is_read_again(market: list[Listing], patching: None) -> None:
    mine = weighing.take_held(stamp(), weighing.engine_now().version)
    assert mine is not None
    market[0].versions[0].title = "umbrella"
    owe_suggestions(market[0])
    catch_up()
    weighing.hold(mine)
    market[1].versions[0].title = "umbrella"
    owe_suggestions(market[1])
    catch_up()
    found = drifting.check()
    assert found is not None
    assert found.wrong == 0


def stamp() -> str:
    kept = db.session.scalars(select(Weighing)).one()
    return kept.stamp


def test_a_look_that_was_never_kept_leaves_nothing_behind(market: list[Listing], patching: None) -> None:
    market[0].versions[0].title = "umbrella"
    market[21].versions[0].title = "umbrella"
    for listing in (market[0], market[21]):
        owe_suggestions(listing)
    first, second = suggesting.look(), suggesting.look()
    assert first is not None
    assert second is not None
    assert sorted(second.changes.gone) == sorted(first.changes.gone)
    assert len(second.changes.fresh) == len(first.changes.fresh) > 0
    suggesting.keep(second)
    db.session.commit()
    found = drifting.check()
    assert found is not None
    assert found.wrong == 0


def test_a_warm_start_knows_the_market(market: list[Listing], patching: None) -> None:
    weighing.hold(None)
    suggesting.warm()
    held = weighing.take_held(stamp(), weighing.engine_now().version)
    assert held is not None
    assert held.records.keys() == {listing.id for listing in market}
    assert held.lists.take_touched() == {"demand": set(), "supply": set()}


def test_progress_reaches_its_end(market: list[Listing]) -> None:
    steps: list[tuple[int, int]] = []
    suggesting.look(lambda done, total: steps.append((done, total)), whole=True)
    assert steps[-1] == (80, 80)
    assert steps == sorted(steps)


def test_a_change_during_the_look_goes_on_waiting(area: Authority) -> None:
    need = make.need(make.organisation(area), area)
    make.offer(make.supplier(area), area)
    owe_suggestions(need)
    outlook = suggesting.look()
    assert outlook is not None
    owe_suggestions(need)  # within the same second
    later = need.suggest_at
    assert later is not None
    assert now() <= later <= now() + timedelta(seconds=2)
    db.session.flush()
    suggesting.keep(outlook)
    db.session.expire_all()
    assert need.suggest_at == later
