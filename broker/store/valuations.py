"""What an authority reckons a unit of a measure to be worth: an edition of values, with where they come from."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from broker.store.authorities import Authority
from broker.store.base import Base, LargeAmount, db
from broker.store.measures import Measure
from broker.store.reach import OfOneAuthority

_IN_USE = text("retired_at IS NULL")


class ValuationEdition(OfOneAuthority, Base):
    """One edition of values, in the pounds of one year. An authority uses one at a time, and never mixes two."""

    __tablename__ = "valuation_edition"
    __table_args__ = (
        UniqueConstraint("authority_id", "name"),
        Index(
            "uq_valuation_edition_in_use", "authority_id", unique=True, sqlite_where=_IN_USE, postgresql_where=_IN_USE
        ),
        CheckConstraint("price_year BETWEEN 1990 AND 2100", name="price_year_likely"),
    )
    noun = "valuation_edition"
    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    name: Mapped[str] = mapped_column(String(200))
    price_year: Mapped[int]
    licence_note: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text, default="")
    loaded_at: Mapped[datetime]
    loaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    retired_at: Mapped[datetime | None]
    authority: Mapped[Authority] = relationship()
    values: Mapped[list["Valuation"]] = relationship(back_populates="edition", order_by="Valuation.id")


class Valuation(Base):
    """The worth of one unit, in pounds, as a range, and what has to be taken off it, in whole percents.

    `deadweight`: would have happened anyway. `attribution`: due to others. `displacement`: taken from elsewhere.
    `drop_off`: fades each year after the first, over `years`.
    """

    __tablename__ = "valuation"
    __table_args__ = (
        UniqueConstraint("edition_id", "measure_id"),
        CheckConstraint("0 <= low AND low <= high", name="range_in_order"),
        CheckConstraint(
            "deadweight BETWEEN 0 AND 100 AND attribution BETWEEN 0 AND 100"
            " AND displacement BETWEEN 0 AND 100 AND drop_off BETWEEN 0 AND 100",
            name="percents",
        ),
        CheckConstraint("years BETWEEN 1 AND 50", name="years_likely"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("valuation_edition.id"))
    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id"))
    low: Mapped[Decimal] = mapped_column(LargeAmount)
    high: Mapped[Decimal] = mapped_column(LargeAmount)
    deadweight: Mapped[int] = mapped_column(default=0)
    attribution: Mapped[int] = mapped_column(default=0)
    displacement: Mapped[int] = mapped_column(default=0)
    drop_off: Mapped[int] = mapped_column(default=0)
    years: Mapped[int] = mapped_column(default=1)
    edition: Mapped[ValuationEdition] = relationship(back_populates="values")
    measure: Mapped[Measure] = relationship()


def edition_in_use(authority_id: int) -> ValuationEdition | None:
    """The edition that an authority reckons with now; None where it has loaded none."""
    query = select(ValuationEdition).where(
        ValuationEdition.authority_id == authority_id, ValuationEdition.retired_at.is_(None)
    )
    return db.session.scalar(query)


def edition_named(authority_id: int, name: str) -> ValuationEdition | None:
    """The edition of this name that an authority has loaded, in use or not."""
    query = select(ValuationEdition).where(ValuationEdition.authority_id == authority_id, ValuationEdition.name == name)
    return db.session.scalar(query)


def editions_of(authority_id: int) -> list[ValuationEdition]:
    """All that an authority has loaded, the newest first, each with its values and their measures."""
    query = select(ValuationEdition).where(ValuationEdition.authority_id == authority_id)
    values = selectinload(ValuationEdition.values).joinedload(Valuation.measure)
    return list(db.session.scalars(query.options(values).order_by(ValuationEdition.id.desc())))
