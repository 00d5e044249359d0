"""Periods of reporting that are closed: their figures stay as they were told."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.domain.periods import Span
from broker.store.authorities import Authority
from broker.store.base import Base, db
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


class Closed(NamedTuple):
    """A closed period without its figures, but for what it told by measure."""

    id: int
    starts_on: date
    ends_on: date
    closed_at: datetime
    measures: list[dict[str, Any]]

    @property
    def span(self) -> Span:
        return Span(self.starts_on, self.ends_on)


def closed_until(authority_id: int, until: date, most: int) -> list[Closed]:
    """The last periods of an authority that began by this day and are closed, the latest first."""
    columns = (ReportPeriod.id, ReportPeriod.starts_on, ReportPeriod.ends_on, ReportPeriod.closed_at)
    query = (
        select(*columns, ReportPeriod.figures["measures"])
        .where(ReportPeriod.authority_id == authority_id, ReportPeriod.starts_on <= until)
        .order_by(ReportPeriod.ends_on.desc(), ReportPeriod.starts_on.desc())
        .limit(most)
    )
    return [Closed(*row) for row in db.session.execute(query)]


def period_of(authority_id: int, span: Span) -> ReportPeriod | None:
    """The closed period of exactly these days."""
    query = select(ReportPeriod).where(
        ReportPeriod.authority_id == authority_id,
        ReportPeriod.starts_on == span.starts,
        ReportPeriod.ends_on == span.ends,
    )
    return db.session.scalar(query)
