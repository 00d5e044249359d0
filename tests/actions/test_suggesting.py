"""Stored suggestions equal what the matcher finds, and are written only where something changed."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from broker.actions import suggesting
from broker.actions.jobs import owe_suggestions
from broker.domain.clock import now
from broker.domain.kinds import PostingState, SupportKind
from broker.store.base import db
from broker.store.listings import Listing
from broker.store.suggestions import Suggestion
from tests import make


def catch_up() -> int:
    outlook = suggesting.look()
    if outlook is None:
        return 0
    suggesting.keep(outlook)
    db.session.commit()
    return outlook.size


def pairs() -> set[tuple[int, int]]:
    return {(s.demand_id, s.supply_id) for s in db.session.scalars(select(Suggestion))}


def test_a_fitting_pair_is_suggested_with_its_reason(database: Flask) -> None:
    area = make.authority()
    need = make.need(make.organisation(area), area, title="Laptops for our homework club")
    offer = make.offer(make.supplier(area), area, title="Twenty laptops", body="Refurbished laptops, wiped and working")
    owe_suggestions(need)
    assert catch_up() == 1
    found = db.session.scalars(select(Suggestion)).one()
    assert (found.demand_id, found.supply_id, found.demand_rank, found.supply_rank) == (need.id, offer.id, 1, 1)
    shares = found.reason["same_words"]
    assert isinstance(shares, list)
    assert abs(sum(part["share"] for part in shares) - found.score) < 1e-9
    assert need.suggest_at is None
    assert catch_up() == 0


def test_only_what_anyone_may_read_is_paired(database: Flask) -> None:
    area, elsewhere = make.authority(), make.authority("Westerby")
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


def test_a_listing_that_closes_takes_its_pairs_along(database: Flask) -> None:
    area = make.authority()
    need, offer = make.need(make.organisation(area), area), make.offer(make.supplier(area), area)
    owe_suggestions(need)
    catch_up()
    assert pairs() == {(need.id, offer.id)}
    offer.postings[0].state = PostingState.PAUSED
    owe_suggestions(offer)
    catch_up()
    assert pairs() == set()


def test_a_newcomer_reaches_lists_that_nobody_asked_to_refresh(database: Flask) -> None:
    area = make.authority()
    firm = make.supplier(area)
    needs = [make.need(make.organisation(area), area) for _ in range(3)]
    owe_suggestions(needs[0])
    catch_up()
    offer = make.offer(firm, area)
    owe_suggestions(offer)
    catch_up()
    assert pairs() == {(need.id, offer.id) for need in needs}
    # and nothing differs from a market looked at from scratch
    before = {(s.demand_id, s.supply_id, s.demand_rank, s.supply_rank) for s in db.session.scalars(select(Suggestion))}
    for listing in db.session.scalars(select(Listing)):
        owe_suggestions(listing)
    catch_up()
    db.session.expire_all()
    assert before == {
        (s.demand_id, s.supply_id, s.demand_rank, s.supply_rank) for s in db.session.scalars(select(Suggestion))
    }


def test_a_change_during_the_look_goes_on_waiting(database: Flask) -> None:
    area = make.authority()
    need = make.need(make.organisation(area), area)
    make.offer(make.supplier(area), area)
    owe_suggestions(need)
    outlook = suggesting.look()
    assert outlook is not None
    later = now() + timedelta(seconds=5)
    need.suggest_at = later
    db.session.flush()
    suggesting.keep(outlook)
    db.session.expire_all()
    assert need.suggest_at == later
