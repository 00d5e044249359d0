"""Matches: pairings that a person proposed, with each side's acceptance."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Row,
    String,
    and_,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, aliased, joinedload, mapped_column, relationship
from sqlalchemy.sql.base import ExecutableOption

from broker.domain.kinds import LIVE_MATCH, MatchState, PostingState, Side
from broker.domain.quantities import Stock
from broker.domain.states import MATCH
from broker.domain.waiting import REPLY_DAYS
from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.organisations import Organisation
from broker.store.reach import InOneArea
from broker.store.rules import rule_value

IN_TALK = LIVE_MATCH - {MatchState.CONFIRMED}  # of a pair at most one
TURNED_DOWN = frozenset({MatchState.DISMISSED, MatchState.DECLINED})
_IN_TALK = text("state IN ({})".format(", ".join(f"'{state}'" for state in sorted(IN_TALK))))


class Match(InOneArea, Base):
    """A demand paired with a supply, credited to one authority.

    Each side's acceptance is a fact (`*_accepted_at`) with the wording it accepted; only both together are an
    agreement. Amounts are in each listing's own unit. `score`, `reason` and `engine` keep the suggestion as it was
    (None where a person paired what the matcher never proposed). `opened_by`: officer, demand or supply.
    It belongs to its sides from the day it was put to them; before that it is the officer's own paper.
    """

    __tablename__ = "match"
    __table_args__ = (
        CheckConstraint("demand_id <> supply_id", name="two_listings"),
        CheckConstraint("demand_amount IS NULL OR demand_amount > 0", name="demand_amount_positive"),
        CheckConstraint("supply_amount IS NULL OR supply_amount > 0", name="supply_amount_positive"),
        CheckConstraint(
            "state NOT IN ('agreed', 'confirmed')"
            " OR (demand_accepted_at IS NOT NULL AND supply_accepted_at IS NOT NULL)",
            name="both_accepted",
        ),
        CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed_when"),
        Index(
            "uq_match_live_pair",
            "demand_id",
            "supply_id",
            unique=True,
            sqlite_where=_IN_TALK,
            postgresql_where=_IN_TALK,
        ),
        Index("ix_match_authority_state", "authority_id", "state"),
        Index("ix_match_supply_id", "supply_id"),
        Index("ix_match_demand_id", "demand_id"),
    )
    machine = MATCH
    noun = "match"
    id: Mapped[int] = mapped_column(primary_key=True)
    demand_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    supply_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    state: Mapped[MatchState] = mapped_column(String(20))
    opened_by: Mapped[str] = mapped_column(String(20))
    demand_amount: Mapped[Decimal | None]
    supply_amount: Mapped[Decimal | None]
    demand_accepted_at: Mapped[datetime | None]
    supply_accepted_at: Mapped[datetime | None]
    demand_accepted_how: Mapped[str | None] = mapped_column(String(20))  # page, or phone through an officer
    supply_accepted_how: Mapped[str | None] = mapped_column(String(20))
    demand_version_id: Mapped[int | None] = mapped_column(ForeignKey("listing_version.id"))
    supply_version_id: Mapped[int | None] = mapped_column(ForeignKey("listing_version.id"))
    decline_reason: Mapped[str | None] = mapped_column(String(40))
    declined_by: Mapped[Side | None] = mapped_column(String(20))
    created_at: Mapped[datetime]
    proposed_at: Mapped[datetime | None]
    reply_by: Mapped[date | None]
    followed_up_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    score: Mapped[float | None] = mapped_column(Float)
    reason: Mapped[dict[str, object] | None] = mapped_column(JSON)
    engine: Mapped[str | None] = mapped_column(String(40))
    row_version: Mapped[int] = mapped_column(default=1)

    demand: Mapped[Listing] = relationship(foreign_keys=demand_id)
    supply: Mapped[Listing] = relationship(foreign_keys=supply_id)
    authority: Mapped[Authority] = relationship()
    __mapper_args__ = {"version_id_col": row_version}

    @property
    def owners(self) -> frozenset[int]:
        return self.demand.owners | self.supply.owners if self.proposed_at else frozenset()

    @property
    def both_accepted(self) -> bool:
        """True from the second yes, and as long as neither takes it back: contacts may be shown to the two sides."""
        return self.state in (MatchState.AGREED, MatchState.CONFIRMED)

    def side_of(self, organisation_id: int | None) -> Side | None:
        """The side on which an organisation stands, or None."""
        if organisation_id == self.demand.organisation_id:
            return Side.DEMAND
        return Side.SUPPLY if organisation_id == self.supply.organisation_id else None

    def listing(self, side: Side) -> Listing:
        return self.demand if side is Side.DEMAND else self.supply

    def accepted_at(self, side: Side) -> datetime | None:
        return self.demand_accepted_at if side is Side.DEMAND else self.supply_accepted_at

    def wording(self, side: Side) -> ListingVersion | None:
        """What this side's listing says in the authority that has the credit, as approved there."""
        return next((p.approved for p in self.listing(side).postings if p.authority_id == self.authority_id), None)

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        own = select(Listing.id).where(Listing.organisation_id == organisation_id)
        return and_(cls.proposed_at.is_not(None), or_(cls.demand_id.in_(own), cls.supply_id.in_(own)))


# What a page about one match needs, in one statement: a listing has as many postings as it has authorities, a few.
BOTH_SIDES: tuple[ExecutableOption, ...] = (
    joinedload(Match.authority),
    *(
        option
        for listing in (joinedload(Match.demand), joinedload(Match.supply))
        for option in (
            listing.joinedload(Listing.organisation),
            listing.joinedload(Listing.postings).joinedload(Posting.approved).joinedload(ListingVersion.ward),
        )
    ),
)


def stock_of(listing: Listing) -> Stock:
    """What the rules of quantity know of a listing."""
    return Stock(listing.unit, listing.remaining)


def live_match(demand_id: int, supply_id: int) -> Match | None:
    """The match of this pair that is still being brokered; there is at most one."""
    pair = (Match.demand_id == demand_id, Match.supply_id == supply_id)
    return db.session.scalar(select(Match).where(*pair, Match.state.in_(IN_TALK)))


def reply_days(authority_id: int) -> int:
    """How many days this authority gives a side to reply."""
    value = rule_value(db.session.get_one(Authority, authority_id), "reply_days")
    return int(value) if value and value.isdecimal() else REPLY_DAYS


def postings_held(listing_id: int) -> list[Posting]:
    """A listing's postings as they are now, kept from others' hands until this transaction ends."""
    query = select(Posting).where(Posting.listing_id == listing_id).order_by(Posting.id)
    return list(db.session.scalars(query.with_for_update().execution_options(populate_existing=True)))


def unanswered_before(on: date) -> list[Match]:
    """Matches put to their sides whose day to reply lies before this one."""
    query = select(Match).where(Match.state == MatchState.PROPOSED, Match.reply_by < on).order_by(Match.id)
    return list(db.session.scalars(query))


def open_listings_of(organisation_id: int, kinds: frozenset[str]) -> list[Listing]:
    """An organisation's listings of these kinds that are open somewhere, newest first, with their wording."""
    is_open = select(Posting.listing_id).where(Posting.state == PostingState.OPEN)
    query = (
        select(Listing)
        .where(Listing.organisation_id == organisation_id, Listing.kind.in_(kinds), Listing.id.in_(is_open))
        .options(joinedload(Listing.postings).joinedload(Posting.approved))
        .order_by(Listing.id.desc())
    )
    return list(db.session.scalars(query).unique())


def listing_on_show(listing_id: int) -> Listing | None:
    """A listing that anyone may read, with its organisation and its wording in each authority."""
    query = (
        select(Listing)
        .where(
            Listing.id == listing_id,
            select(Posting.id).where(Posting.listing_id == Listing.id, Posting.shown()).exists(),
        )
        .options(joinedload(Listing.organisation), joinedload(Listing.postings).joinedload(Posting.approved))
    )
    return db.session.scalars(query).unique().one_or_none()


def match_rows(*conditions: ColumnElement[bool], limit: int = 300) -> list[Row[Any]]:
    """Matches for a list, newest first, without loading the listings.

    Columns: Match, then for each side its organisation_id, organisation, kind and title (demand_..., supply_...).
    """
    columns: list[ColumnElement[Any]] = []
    query = select(Match)
    for side, listing_id, accepted in (
        ("demand", Match.demand_id, Match.demand_version_id),
        ("supply", Match.supply_id, Match.supply_version_id),
    ):
        listing, owner, posting, version = (
            aliased(Listing),
            aliased(Organisation),
            aliased(Posting),
            aliased(ListingVersion),
        )
        query = (
            query.join(listing, listing.id == listing_id)
            .join(owner, owner.id == listing.organisation_id)
            .outerjoin(posting, and_(posting.listing_id == listing.id, posting.authority_id == Match.authority_id))
            .outerjoin(version, version.id == func.coalesce(accepted, posting.approved_version_id))
        )
        columns += [
            owner.id.label(f"{side}_organisation_id"),
            owner.name.label(f"{side}_organisation"),
            listing.kind.label(f"{side}_kind"),
            func.coalesce(version.title, "").label(f"{side}_title"),
        ]
    query = query.add_columns(*columns).where(*conditions).order_by(Match.id.desc()).limit(limit)
    return list(db.session.execute(query))


def same_pair(one: Any, other: Any) -> ColumnElement[bool]:
    """The condition under which rows of two tables are about the same demand and supply."""
    return and_(one.demand_id == other.demand_id, one.supply_id == other.supply_id)


def live_matches_of(listing_id: int) -> list[Match]:
    """The matches of a listing that are still being brokered, on either side of it."""
    query = select(Match).where(
        matches_on(listing_id),
        Match.state.in_(IN_TALK),
    )
    return list(db.session.scalars(query.order_by(Match.id)))


def matches_on(listing_id: int) -> ColumnElement[bool]:
    """The condition under which a match has this listing on one of its sides."""
    return or_(Match.demand_id == listing_id, Match.supply_id == listing_id)
