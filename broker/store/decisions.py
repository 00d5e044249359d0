"""What people decided about pairs, read from matches, their events, and what organisations said is not for them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, ForeignKey, String, and_, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from broker.domain.decisions import ABOUT_THE_PAIR, STRENGTH, Decision
from broker.domain.kinds import DEMAND, MatchState, PreferenceState
from broker.store.base import Base, db, in_parts
from broker.store.events import Event
from broker.store.listings import Listing, ListingVersion
from broker.store.matches import Match
from broker.store.preferences import Preference
from broker.store.suggestions import Pair


class Decided(NamedTuple):
    """One decision on a pair. `reason` and `engine`: the suggestion as it was, None where the matcher had none."""

    demand_id: int
    supply_id: int
    what: Decision
    at: datetime
    why: str | None
    reason: dict[str, Any] | None
    engine: str | None

    @property
    def pair(self) -> Pair:
        """Demand and supply."""
        return self.demand_id, self.supply_id

    @property
    def strength(self) -> float:
        """Above 0 for the pair, below 0 against it."""
        return STRENGTH[self.what]


class DecidedReason(Base):
    """How a pair looked that the matcher never suggested, worked out soon after a person decided on it."""

    __tablename__ = "decided_reason"
    demand_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    supply_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    reason: Mapped[dict[str, Any]] = mapped_column(JSON)
    engine: Mapped[str] = mapped_column(String(40))
    seen_at: Mapped[datetime]


_DECISION = {
    MatchState.SHORTLISTED: Decision.SHORTLISTED,
    MatchState.PROPOSED: Decision.PROPOSED,
    MatchState.AGREED: Decision.PROPOSED,
    MatchState.CONFIRMED: Decision.CONFIRMED,
    MatchState.DECLINED: Decision.DECLINED,
    MatchState.DISMISSED: Decision.DISMISSED,
}


def decisions() -> list[Decided]:
    """The last decision on each pair, in the order in which they were taken. What was undone or lapsed is none."""
    taken = sorted([*_of_matches(), *_of_preferences()], key=lambda each: each.at)
    last = {each.pair: each for each in taken}
    return sorted(last.values(), key=lambda each: (each.at, each.pair))


def versions_then(decided: Iterable[Decided]) -> dict[Pair, Pair]:
    """By pair, the wordings of the demand and of the supply that stood when it was decided: the newest sent by then."""
    pairs = {each.pair: each.at for each in decided}
    sent: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for some in in_parts(listing_id for pair in pairs for listing_id in pair):
        query = (
            select(ListingVersion.listing_id, ListingVersion.submitted_at, ListingVersion.id)
            .where(ListingVersion.listing_id.in_(some))
            .order_by(ListingVersion.number)
        )
        for listing_id, at, version_id in db.session.execute(query):
            if at:
                sent[listing_id].append((at, version_id))
    return {
        (demand, supply): (_newest(sent[demand], at), _newest(sent[supply], at))
        for (demand, supply), at in pairs.items()
        if sent[demand] and sent[supply]
    }


def _newest(sent: list[tuple[datetime, int]], at: datetime) -> int:
    """The last of these wordings sent by then; where none was, the first."""
    return next((version_id for when, version_id in reversed(sent) if when <= at), sent[0][1])


def reasons_worked_out() -> dict[Pair, tuple[dict[str, Any], str]]:
    """By pair, the reason that was worked out afterwards, and the engine that did."""
    query = select(DecidedReason.demand_id, DecidedReason.supply_id, DecidedReason.reason, DecidedReason.engine)
    return {(demand, supply): (reason, engine) for demand, supply, reason, engine in db.session.execute(query)}


def _of_matches() -> list[Decided]:
    moved = (
        select(func.max(Event.at))
        .where(Event.subject == Match.__tablename__, Event.subject_id == Match.id, Event.to_state == Match.state)
        .correlate(Match)
        .scalar_subquery()
    )
    about_the_pair = or_(Match.state != MatchState.DECLINED, Match.decline_reason.in_(ABOUT_THE_PAIR))
    query = select(
        Match.demand_id,
        Match.supply_id,
        Match.state,
        func.coalesce(moved, Match.created_at, type_=Event.at.type),
        Match.decline_reason,
        Match.reason,
        Match.engine,
    ).where(and_(Match.state.in_(_DECISION), about_the_pair))
    return [
        Decided(demand, supply, _what(MatchState(state), reason), at, why, reason, engine)
        for demand, supply, state, at, why, reason, engine in db.session.execute(query)
    ]


def _what(state: MatchState, reason: object) -> Decision:
    found = _DECISION[state]
    by_hand = reason is None and found in (Decision.SHORTLISTED, Decision.PROPOSED)
    return Decision.PAIRED_BY_HAND if by_hand else found


def _of_preferences() -> list[Decided]:
    query = (
        select(Preference, Listing.kind)
        .join(Listing, Listing.id == Preference.listing_id)
        .where(Preference.state == PreferenceState.STANDING)
    )
    return [
        Decided(
            *(said.listing_id, said.other_id) if kind in DEMAND else (said.other_id, said.listing_id),
            Decision.NOT_FOR_US,
            said.said_at,
            said.why,
            said.reason,
            said.engine,
        )
        for said, kind in db.session.execute(query)
    ]
