"""Matches: pairings that a person proposed, with each side's acceptance."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    String,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.domain.kinds import LIVE_MATCH, MatchState, Side
from broker.domain.states import MATCH
from broker.store.authorities import Authority
from broker.store.base import Base
from broker.store.listings import Listing

_LIVE = text("state IN ({})".format(", ".join(f"'{state}'" for state in sorted(LIVE_MATCH - {MatchState.CONFIRMED}))))


class Match(Base):
    """A demand paired with a supply, credited to one authority.

    Each side's acceptance is a fact (`*_accepted_at`) with the wording it accepted; only both together are an
    agreement. Amounts are in each listing's own unit. `score`, `reason` and `engine` keep the suggestion as it was
    (None where a person paired what the matcher never proposed). `opened_by`: officer, demand or supply.
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
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
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
        return self.demand.owners | self.supply.owners

    @property
    def authorities(self) -> frozenset[int]:
        return frozenset({self.authority_id})

    @property
    def both_accepted(self) -> bool:
        """True once contacts may be shown to the two sides."""
        return self.demand_accepted_at is not None and self.supply_accepted_at is not None

    def side_of(self, organisation_id: int | None) -> Side | None:
        """The side on which an organisation stands, or None."""
        if organisation_id == self.demand.organisation_id:
            return Side.DEMAND
        return Side.SUPPLY if organisation_id == self.supply.organisation_id else None

    def listing(self, side: Side) -> Listing:
        return self.demand if side is Side.DEMAND else self.supply

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        own = select(Listing.id).where(Listing.organisation_id == organisation_id)
        return or_(cls.demand_id.in_(own), cls.supply_id.in_(own))

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return cls.authority_id == authority_id
