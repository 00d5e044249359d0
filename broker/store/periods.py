"""Periods of reporting that are closed: their figures stay as they were told."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.store.authorities import Authority
from broker.store.base import Base
from broker.store.reach import OfOneAuthority
from broker.store.valuations import ValuationEdition


class ReportPeriod(OfOneAuthority, Base):
    """What an authority reported of a time, never reckoned anew. `edition`: the values used; None for counts alone."""

    __tablename__ = "report_period"
    __table_args__ = (
        UniqueConstraint("authority_id", "starts_on", "ends_on"),
        CheckConstraint("starts_on <= ends_on", name="dates_in_order"),
    )
    noun = "report_period"
    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("valuation_edition.id"))
    closed_at: Mapped[datetime]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    authority: Mapped[Authority] = relationship()
    edition: Mapped[ValuationEdition | None] = relationship()
