"""Weights are proposed from decisions, adopted only if better, stored with their figures, and taken back exactly."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions import learning
from broker.actions.learning import Outlook, adopt_weights, look, note_shipped, propose_weights, restore_weights
from broker.actions.weighing import explained
from broker.domain.clock import now
from broker.domain.kinds import Lane, MatchState, PlaceKind, PostingState, Role, WeightsState
from broker.domain.permissions import Actor
from broker.domain.refusals import NotAllowed, Unfit
from broker.matching.learning import FEWEST_NEEDS, TooFew
from broker.matching.records import PartName
from broker.matching.weights import Weights
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.decisions import Decided, decisions
from broker.store.events import events_of
from broker.store.jobs import Job
from broker.store.listings import ListingVersion
from broker.store.organisations import Organisation
from broker.store.suggestions import Pair, market_rows
from broker.store.weights import WeightsVersion, version_in_use, versions, weights_in_use
from tests import make

ADMINISTRATOR = Actor(Role.ADMINISTRATOR)
SHIPPED = Weights()


def nobody(_decided: Collection[Decided]) -> learning.Reasons:
    return {}


def reason(evidence: Mapping[PartName, float], weights: Weights = SHIPPED) -> dict[str, Any]:
    """What the matcher stores of a pair with this evidence."""
    return {"parts": [{"name": name, "share": weights.of(name) * value} for name, value in evidence.items()]}


@pytest.fixture
def area(database: Flask) -> Authority:
    return make.authority()


def decide(area: Authority, needs: int, likes: PartName | None, engine: str = "shipped/abc/1") -> None:
    """For each need an officer confirms three and dismisses three of six offers: the nearest, or any (None)."""
    chance = np.random.default_rng(7)
    group, firm = make.organisation(area), make.supplier(area)
    offers = [make.offer(firm, area) for _ in range(6)]
    for _ in range(needs):
        need = make.need(group, area)
        shown: list[dict[PartName, float]] = [
            {"words": float(chance.uniform(0.3, 0.4)), "place": float(chance.uniform())} for _ in offers
        ]
        order = sorted(range(6), key=lambda at: shown[at][likes] if likes else chance.uniform())
        for rank, at in enumerate(order):
            state = MatchState.CONFIRMED if rank > 2 else MatchState.DISMISSED
            kept = reason(shown[at])
            make.match(need, offers[at], area, state, reason=kept, engine=engine, score=0.4)


def learn() -> WeightsVersion | None:
    return propose_weights(look(nobody), ADMINISTRATOR)


def refusal(deed: Any) -> str:
    with pytest.raises(Unfit) as refused:
        deed(ADMINISTRATOR)
    return refused.value.problems["weights"]


def test_where_distance_was_what_officers_cared_about_its_weight_rises_and_is_adopted(area: Authority) -> None:
    decide(area, FEWEST_NEEDS + 5, likes="place")
    learned = learn()
    assert learned
    assert learned.name == "learned-1"
    assert learned.numbers["place"] > 1.9 * SHIPPED.place
    assert learned.numbers["least"] == SHIPPED.least, "what is not learned stays"
    assert weights_in_use()[0].startswith("shipped"), "a proposal changes nothing"
    adopted = adopt_weights(ADMINISTRATOR)
    assert weights_in_use() == (adopted.name, adopted.numbers)
    assert adopted.in_use_since
    assert db.session.scalar(select(Job.kind)) == "suggest_all", "every suggestion is made anew"


def test_a_proposal_is_stored_with_its_figures(area: Authority) -> None:
    decide(area, FEWEST_NEEDS, likes="place")
    version = learn()
    assert version
    assert (version.state, version.verdict) == (WeightsState.PROPOSED, "better")
    assert (version.decisions, version.needs) == (6 * FEWEST_NEEDS, FEWEST_NEEDS)
    before, after, gain = (version.figures[each]["right"] for each in ("before", "after", "gain"))
    assert 0 < before < after <= 1
    assert gain["low"] > 0
    assert gain["difference"] == pytest.approx(after - before)
    assert [event.action for event in events_of("weights_version", version.id)] == ["propose_weights"]


def test_decisions_by_lot_are_refused(area: Authority) -> None:
    decide(area, FEWEST_NEEDS + 5, likes=None)
    version = learn()
    assert version
    assert version.verdict == "not better"
    assert refusal(adopt_weights) == "not_better"
    assert weights_in_use()[0].startswith("shipped")
    assert db.session.scalar(select(Job)) is None


def test_back_restores_exactly_and_no_further_than_the_first(area: Authority) -> None:
    first = note_shipped(ADMINISTRATOR)
    decide(area, FEWEST_NEEDS, likes="place")
    learn()
    adopted = adopt_weights(ADMINISTRATOR)
    before = dict(first.numbers)
    assert restore_weights(ADMINISTRATOR) is first
    db.session.expire_all()
    assert weights_in_use() == (first.name, before)
    assert Weights.from_json(weights_in_use()[1]) == SHIPPED
    assert adopted.state == WeightsState.RETIRED
    assert adopted.retired_at
    assert refusal(restore_weights) == "first"


def test_step_by_step_forward_and_back(area: Authority) -> None:
    decide(area, FEWEST_NEEDS, likes="place")
    learn()
    one = adopt_weights(ADMINISTRATOR)
    learned = learn()
    assert learned
    assert learned.before is one
    if learned.verdict == "better":
        adopt_weights(ADMINISTRATOR)
        assert restore_weights(ADMINISTRATOR) is one
    assert version_in_use() is one
    restore_weights(ADMINISTRATOR)
    assert weights_in_use()[0].startswith("shipped")


def test_a_proposal_made_from_other_weights_is_not_adopted(area: Authority) -> None:
    decide(area, FEWEST_NEEDS, likes="place")
    learn()
    adopt_weights(ADMINISTRATOR)
    learn()
    restore_weights(ADMINISTRATOR)
    assert refusal(adopt_weights) == "others"


def test_what_was_learned_beside_other_weights_is_not_kept(area: Authority) -> None:
    decide(area, FEWEST_NEEDS, likes="place")
    note_shipped(ADMINISTRATOR)
    outlook = look(nobody)
    learn()
    adopt_weights(ADMINISTRATOR)
    assert refusal(lambda by: propose_weights(outlook, by)) == "others"


def test_nothing_to_adopt_is_said(area: Authority) -> None:
    assert refusal(adopt_weights) == "none"
    assert refusal(restore_weights) == "first"


def test_too_few_decisions_say_how_many_are_missing(area: Authority) -> None:
    decide(area, FEWEST_NEEDS - 4, likes="place")
    outlook = look(nobody)
    assert isinstance(outlook.found, TooFew)
    assert (outlook.missing, outlook.decisions) == (4, 6 * (FEWEST_NEEDS - 4))
    assert propose_weights(outlook, ADMINISTRATOR) is None
    assert [version.name for version in versions()] == [note_shipped(ADMINISTRATOR).name]


def test_evidence_is_read_with_the_weights_that_made_the_suggestion(area: Authority) -> None:
    decide(area, FEWEST_NEEDS, likes="place")
    learn()
    learned = adopt_weights(ADMINISTRATOR)
    made_by = Weights.from_json(learned.numbers)
    need, offer = make.need(make.organisation(area), area), make.offer(make.supplier(area), area)
    make.match(
        need, offer, area, reason=reason({"words": 0.31, "place": 0.77}, made_by), engine=f"{learned.name}/abc/1"
    )
    evidence = learning._evidence(decisions(), {})
    assert evidence[need.id, offer.id] == pytest.approx({"words": 0.31, "place": 0.77})


def test_what_a_person_paired_is_explained_today_and_what_is_gone_is_left_out(area: Authority) -> None:
    decide(area, FEWEST_NEEDS, likes="place")
    group, firm = make.organisation(area), make.supplier(area)
    by_hand = make.match(make.need(group, area), make.offer(firm, area), area)
    gone = make.match(make.need(group, area), make.offer(firm, area), area)
    old = make.match(
        make.need(group, area), make.offer(firm, area), area, reason=reason({"words": 1.0}), engine="tfidf-1"
    )
    asked: list[Pair] = []

    def explain(decided: Collection[Decided]) -> learning.Reasons:
        asked.extend(each.pair for each in decided)
        return {(by_hand.demand_id, by_hand.supply_id): reason({"words": 0.2})}

    outlook = look(explain)
    assert sorted(asked) == sorted((each.demand_id, each.supply_id) for each in (by_hand, gone, old))
    assert (outlook.decisions, outlook.left_out) == (6 * FEWEST_NEEDS + 1, 2)
    propose_weights(outlook, ADMINISTRATOR)
    later = look(nobody)
    assert (later.decisions, later.left_out) == (6 * FEWEST_NEEDS + 1, 2), "what was worked out once is kept"


def pair_by_hand(area: Authority, needs: int) -> None:
    """For each need an officer confirms two near offers and sets two far ones aside; what is confirmed is filled.

    The far ones say a little more of what the need says, so that the weights that ship put them first.
    """
    group, firm = make.organisation(area), make.supplier(area)
    for _ in range(needs):
        need = make.need(group, area, lat=53.5, lon=-2.2)
        for away in (0.0, 0.01, 0.2, 0.3):
            body = "Computers, wiped and working" + ", for a club" * (away > 0.1)
            offer = make.offer(firm, area, body=body, lat=53.5 + away, lon=-2.2)
            state = MatchState.CONFIRMED if away < 0.1 else MatchState.DISMISSED
            make.match(need, offer, area, state)
            if state is MatchState.CONFIRMED:
                need.postings[0].state = offer.postings[0].state = PostingState.FILLED


def test_a_confirmed_match_teaches_though_it_filled_its_listings(area: Authority) -> None:
    pair_by_hand(area, FEWEST_NEEDS)
    assert {row.kind for row in market_rows()} == {"offer"}, "no need is open any more"
    outlook = look(explained)
    assert (outlook.decisions, outlook.left_out) == (4 * FEWEST_NEEDS, 0)
    learned = propose_weights(outlook, ADMINISTRATOR)
    assert learned
    assert learned.verdict == "better"
    assert learned.numbers["place"] > 1.5 * SHIPPED.place
    later = look(nobody)
    assert (later.decisions, later.left_out) == (4 * FEWEST_NEEDS, 0), "what was worked out once is kept"


def test_what_was_decided_on_is_what_the_texts_said_then(area: Authority) -> None:
    """Later wordings, and where the listing stands today, change nothing of what was decided."""
    need = make.need(make.organisation(area), area, title="Elephant rides", background_check="basic")
    offer = make.offer(make.supplier(area), area, title="An elephant", background_check="enhanced")
    made = make.match(need, offer, area)
    later = ListingVersion(
        listing=need, number=2, title="Zebras", created_at=now(), submitted_at=now() + timedelta(days=1),
        place_kind=PlaceKind.AUTHORITY, lane=Lane.TRANSACTIONAL,
    )  # fmt: skip
    db.session.add(later)
    need.postings[0].approved, need.version_number = later, 2
    db.session.flush()
    (found,) = explained(decisions()).values()
    parts = {part["name"]: part for part in found["parts"]}
    assert {"words", "checks"} <= parts.keys()
    assert "Elephant" in {pair["word"] for pair in parts["words"]["words"]}
    made.created_at = now() + timedelta(days=2)
    (found,) = explained(decisions()).values()
    assert "checks" not in {part["name"] for part in found["parts"]}


def test_a_new_release_replaces_what_shipped_and_never_what_was_learned(
    area: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = note_shipped(ADMINISTRATOR)
    assert note_shipped(ADMINISTRATOR) is first
    numbers = count(1)
    monkeypatch.setattr(learning, "Weights", lambda: Weights(place=0.2 + next(numbers)))
    second = note_shipped(ADMINISTRATOR)
    assert (first.state, second.state) == (WeightsState.RETIRED, WeightsState.IN_USE)
    monkeypatch.undo()
    assert note_shipped(ADMINISTRATOR) is first, "the same numbers again"
    decide(area, FEWEST_NEEDS, likes="place")
    learn()
    adopted = adopt_weights(ADMINISTRATOR)
    monkeypatch.setattr(learning, "Weights", lambda: Weights(place=0.9))
    assert note_shipped(ADMINISTRATOR) is adopted
    monkeypatch.undo()
    learned = dict(adopted.numbers)
    adopted.numbers = {name: number for name, number in learned.items() if name != "checks"}
    assert note_shipped(ADMINISTRATOR).numbers == learned | {"checks": SHIPPED.checks}, "a part that came later"


def propose_nothing(by: Actor) -> None:
    propose_weights(Outlook(TooFew(0), "shipped", 0, 0, {}), by)


@pytest.mark.parametrize("deed", [propose_nothing, adopt_weights, restore_weights])
def test_only_administrators_change_weights(area: Authority, deed: Any) -> None:
    others: Sequence[Actor] = (
        Actor(Role.OFFICER, authority_id=area.id),
        Actor(Role.MEMBER, organisation_id=db.session.scalar(select(Organisation.id)) or 1),
    )
    for other in others:
        with pytest.raises(NotAllowed):
            deed(other)
