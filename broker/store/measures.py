"""Measures: the shared catalogue, and the lists that authorities have loaded for themselves."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    exists,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.reach import OfOneAuthority

_SHARED, _OWN = text("authority_id IS NULL"), text("authority_id IS NOT NULL")


class Measure(OfOneAuthority, Base):
    """A countable activity. `points_to` holds outside codes only, never their text.

    Without an `authority_id` it is of the shared catalogue. One that an authority loaded carries the list's name,
    edition and licence; where it counts the same as a shared one, or one of an earlier edition, it `stands_for` that.
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


def root_of(measure: type[Measure]) -> ColumnElement[int]:
    """`root_id` for a question to the database, of the table or of an alias of it."""
    return func.coalesce(measure.stands_for_id, measure.id)


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


def measures_with_ids(ids: Collection[int]) -> list[Measure]:
    """These measures, by code."""
    return list(db.session.scalars(select(Measure).where(Measure.id.in_(ids)).order_by(Measure.code, Measure.id)))


def own_measures(authority_id: int) -> list[Measure]:
    """Every measure that an authority has loaded, list by list, the newest edition first, in the order of its file."""
    query = select(Measure).where(Measure.authority_id == authority_id).options(joinedload(Measure.stands_for))
    found = list(db.session.scalars(query.order_by(Measure.id)))
    newest = {(each.list_name, each.edition): -each.id for each in found}
    return sorted(found, key=lambda each: (each.list_name, newest[(each.list_name, each.edition)], each.id))


def edition_of(authority_id: int, list_name: str, edition: str) -> list[Measure]:
    """One edition of a list that an authority has loaded; empty where there is none."""
    query = select(Measure).where(
        Measure.authority_id == authority_id, Measure.list_name == list_name, Measure.edition == edition
    )
    return list(db.session.scalars(query.options(joinedload(Measure.stands_for)).order_by(Measure.id)))


def offered_of(authority_id: int, list_name: str) -> list[Measure]:
    """What an authority offers of one of its lists."""
    query = select(Measure).where(
        Measure.authority_id == authority_id, Measure.list_name == list_name, Measure.retired_at.is_(None)
    )
    return list(db.session.scalars(query.options(joinedload(Measure.stands_for)).order_by(Measure.id)))


def are_used(measure_ids: Collection[int]) -> bool:
    """True where anything, in whichever table, counts by one of these."""
    ours = Base.metadata.tables[Measure.__tablename__]
    columns = [c for table in Base.metadata.sorted_tables for c in table.columns if c.references(ours.c.id)]
    return bool(db.session.scalar(select(or_(*(exists().where(column.in_(measure_ids)) for column in columns)))))
