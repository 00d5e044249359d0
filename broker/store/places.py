"""Wards and postcodes, from files that are loaded; nothing here is typed by hand."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import JSON, ColumnElement, ForeignKey, String, case, literal, select
from sqlalchemy.orm import Mapped, contains_eager, defer, mapped_column, relationship

from broker.domain.places import ELSEWHERE, NOWHERE
from broker.store.authorities import Authority
from broker.store.base import Base, db


class Ward(Base):
    """A ward with its middle and, where boundaries are loaded, its outline (GeoJSON geometry, WGS 84).

    `ended_on`: since when it is an earlier one, because newer boundaries came without it. Nothing new is put there.
    """

    __tablename__ = "ward"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    lat: Mapped[float]
    lon: Mapped[float]
    outline: Mapped[dict[str, object] | None] = mapped_column(JSON)
    ended_on: Mapped[date | None]
    authority: Mapped[Authority] = relationship()


class WardDeprivation(Base):
    """In which tenth of wards a ward lies: 1 for the most deprived. `source` says whose figure it is."""

    __tablename__ = "ward_deprivation"
    ward_id: Mapped[int] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    tenth: Mapped[int]
    source: Mapped[str] = mapped_column(String(300))


class Postcode(Base):
    """A point for a full postcode or, failing that, for its outward half (the shipped table)."""

    __tablename__ = "postcode"
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    lat: Mapped[float]
    lon: Mapped[float]
    authority_code: Mapped[str | None] = mapped_column(String(20))
    ward_code: Mapped[str | None] = mapped_column(String(20))


def postcode_point(postcode: str) -> Postcode | None:
    """The best known point of a normalised postcode ('M33 4RZ'): its own, else that of its outward half."""
    outward = postcode.split(" ", maxsplit=1)[0]
    rows = db.session.scalars(select(Postcode).where(Postcode.code.in_([postcode, outward])))
    return max(rows, key=lambda row: len(row.code), default=None)


def ward_with_code(code: str) -> Ward | None:
    """The ward that has this code today."""
    return db.session.scalar(select(Ward).where(Ward.code == code, Ward.ended_on.is_(None)))


def owners_of_wards(codes: Collection[str]) -> set[int]:
    """The authorities that have a ward of these codes today."""
    own = select(Ward.authority_id).where(Ward.code.in_(codes), Ward.ended_on.is_(None))
    return set(db.session.scalars(own))


def ward_key(authority_id: int) -> ColumnElement[str]:
    """By what an area's reports count a ward: its code, ELSEWHERE where it is another authority's, NOWHERE for none."""
    other = (Ward.authority_id != authority_id, literal(ELSEWHERE))
    return case((Ward.id.is_(None), literal(NOWHERE)), other, else_=Ward.code)


def wards_with_outlines(authority_code: str) -> list[Ward]:
    """The wards of an authority whose boundaries are loaded, earlier ones left out."""
    query = select(Ward).join(Ward.authority).where(Authority.code == authority_code, Ward.outline.is_not(None))
    return list(db.session.scalars(query.where(Ward.ended_on.is_(None)).order_by(Ward.name)))


def wards_among(authority_ids: Collection[int]) -> list[Ward]:
    """The wards of several authorities, earlier ones too, by authority and name, outlines left unloaded."""
    query = (
        select(Ward)
        .join(Ward.authority)
        .where(Ward.authority_id.in_(authority_ids))
        .options(contains_eager(Ward.authority), defer(Ward.outline))
        .order_by(Authority.name, Ward.name)
    )
    return list(db.session.scalars(query))


def wards_now(authority_ids: Collection[int]) -> list[Ward]:
    """The same without the earlier ones: where something may be put today."""
    return [ward for ward in wards_among(authority_ids) if ward.ended_on is None]
