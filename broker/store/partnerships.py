"""Partnerships: what two sides agreed, how much, from when to when."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, Text, exists
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.domain.kinds import Lane, PartnershipState, Unit
from broker.domain.states import PARTNERSHIP
from broker.store.authorities import Authority
from broker.store.base import Base
from broker.store.frameworks import Framework
from broker.store.matches import Match


class Partnership(Base):
    """A confirmed match: one row a match, under the framework version it was agreed under.

    Amounts are in the unit of each side's listing as it was then; None where the listing never stated a quantity.
    """

    __tablename__ = "partnership"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="dates_in_order"),
        CheckConstraint("lane <> 'systemic' OR review_on IS NOT NULL", name="lasting_has_review_date"),
        CheckConstraint(
            "state <> 'closed' OR lane <> 'systemic' OR reviewed_at IS NOT NULL",
            name="lasting_reviewed_to_close",
        ),
    )
    machine = PARTNERSHIP
    noun = "partnership"
    id: Mapped[int] = mapped_column(primary_key=True)
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"), unique=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    framework_id: Mapped[int | None] = mapped_column(ForeignKey("framework.id"))
    state: Mapped[PartnershipState] = mapped_column(String(20), index=True)
    lane: Mapped[Lane] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(Text)
    demand_amount: Mapped[Decimal | None]
    demand_unit: Mapped[Unit | None] = mapped_column(String(20))
    supply_amount: Mapped[Decimal | None]
    supply_unit: Mapped[Unit | None] = mapped_column(String(20))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    review_on: Mapped[date | None]
    reviewed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)

    match: Mapped[Match] = relationship()
    authority: Mapped[Authority] = relationship()
    framework: Mapped[Framework | None] = relationship()
    __mapper_args__ = {"version_id_col": row_version}

    @property
    def owners(self) -> frozenset[int]:
        return self.match.owners

    @property
    def authorities(self) -> frozenset[int]:
        return frozenset({self.authority_id})

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return exists().where(Match.id == cls.match_id, Match.owned_by(organisation_id))

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return cls.authority_id == authority_id
