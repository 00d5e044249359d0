"""Measures: the shared catalogue, and the lists that authorities have loaded for themselves."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, Index, String, Text, false, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.store.authorities import Authority
from broker.store.base import Base, db

_SHARED, _OWN = text("authority_id IS NULL"), text("authority_id IS NOT NULL")


class Measure(Base):
    """A countable activity. `points_to` holds outside codes only, never their text.

    Without an `authority_id` it is of the shared catalogue. One that an authority loaded carries the list's name,
    edition and licence; where it counts the same as a shared one it `stands_for` that.
    """

    __tablename__ = "measure"
    __table_args__ = (
        Index("uq_measure_code", "code", unique=True, sqlite_where=_SHARED, postgresql_where=_SHARED),
        Index(
            "uq_measure_own",
            "authority_id",
            "list_name",
            "edition",
            "code",
            unique=True,
            sqlite_where=_OWN,
            postgresql_where=_OWN,
        ),
        CheckConstraint("authority_id IS NOT NULL OR stands_for_id IS NULL", name="shared_stands_for_itself"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(300))
    unit: Mapped[str] = mapped_column(String(80))
    unit_kind: Mapped[str] = mapped_column(String(20))
    hubs: Mapped[list[str]] = mapped_column(JSON, default=list)
    evidence_min: Mapped[str] = mapped_column(Text, default="")
    exclusive_group: Mapped[str | None] = mapped_column(String(40))
    points_to: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"), index=True)
    list_name: Mapped[str] = mapped_column(String(200), default="")
    edition: Mapped[str] = mapped_column(String(40), default="")
    licence: Mapped[str] = mapped_column(Text, default="")
    stands_for_id: Mapped[int | None] = mapped_column(ForeignKey("measure.id"))
    retired_at: Mapped[datetime | None]
    authority: Mapped[Authority | None] = relationship()
    stands_for: Mapped["Measure | None"] = relationship(remote_side=id)

    @property
    def root_id(self) -> int:
        """What it counts: two measures with the same root count the same things."""
        return self.stands_for_id or self.id

    @property
    def owners(self) -> frozenset[int]:
        return frozenset()

    @property
    def authorities(self) -> frozenset[int]:
        return frozenset({self.authority_id} if self.authority_id else ())

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return false()

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return cls.authority_id == authority_id


def all_measures() -> list[Measure]:
    """The shared catalogue by code."""
    return list(db.session.scalars(select(Measure).where(Measure.authority_id.is_(None)).order_by(Measure.code)))


def measures_for(authority_id: int) -> list[Measure]:
    """What may be promised and counted in an authority: the shared catalogue, then its own lists in use, by code."""
    query = select(Measure).where(or_(Measure.authority_id.is_(None), Measure.authority_id == authority_id))
    return list(
        db.session.scalars(
            query.where(Measure.retired_at.is_(None)).order_by(
                Measure.authority_id.is_not(None), Measure.list_name, Measure.edition, Measure.code
            )
        )
    )
