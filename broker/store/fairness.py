"""Who is seen: officers' boosts, and what the worker last worked out of the places in stored lists."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, Text, and_, exists, func, select
from sqlalchemy.orm import Mapped, backref, joinedload, mapped_column, relationship

from broker.domain.clock import today
from broker.domain.kinds import ListingKind, OrganisationSize, PostingState, SupportKind
from broker.store.accounts import User
from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.organisations import Identifier, Organisation
from broker.store.places import Ward, WardDeprivation
from broker.store.reach import OfOneAuthority


class ListingBoost(OfOneAuthority, Base):
    """An officer's word that a listing should be seen: how strongly (1 to 3), why, and until which day.

    It counts until `ends_on`, itself included, unless somebody ended it before (`ended_at`).
    """

    __tablename__ = "listing_boost"
    __table_args__ = (Index("ix_listing_boost_area", "authority_id", "ends_on"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    level: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    ends_on: Mapped[date]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    listing: Mapped[Listing] = relationship()
    authority: Mapped[Authority] = relationship()
    made_by: Mapped[User | None] = relationship(foreign_keys=made_by_id)

    def counts(self, on: date) -> bool:
        """Whether it lifts the listing on this day."""
        return self.ended_at is None and self.ends_on >= on

    @classmethod
    def counting(cls, on: date) -> ColumnElement[bool]:
        """The same for a WHERE."""
        return and_(cls.ended_at.is_(None), cls.ends_on >= on)


class ExposureReport(Base):
    """How the places in lists are spread in an area, by side: matching's Exposure as JSON. `most_percent`: from which
    share of attention on one organisation is too much there; `deprivation`: whose figures the tenths are.
    """

    __tablename__ = "exposure_report"
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), primary_key=True)
    computed_at: Mapped[datetime]
    most_percent: Mapped[int]
    deprivation: Mapped[str] = mapped_column(String(300), default="")
    sides: Mapped[dict[str, Any]] = mapped_column(JSON)


class UnseenListing(Base):
    """A listing that stands in nobody's list, and why. `is_alone`: its own list is empty as well."""

    __tablename__ = "unseen_listing"
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    why: Mapped[str] = mapped_column(String(20))
    is_alone: Mapped[bool]
    listing: Mapped[Listing] = relationship(backref=backref("unseen", uselist=False, viewonly=True))


def with_unseen() -> Any:  # what joinedload gives has no public name
    """Loads why nobody sees a listing in the statement that loads it."""
    return joinedload(Listing.unseen)  # type: ignore[attr-defined]


def why_alone(listing: Listing) -> str | None:
    """Why nobody is suggested to this listing and it is suggested to nobody; None where somebody is."""
    unseen: UnseenListing | None = listing.unseen  # type: ignore[attr-defined]
    return unseen.why if unseen and unseen.is_alone else None


class ShownRow(NamedTuple):
    """A listing that is shown in an area, with what tells how it and its organisation are seen."""

    id: int
    kind: ListingKind
    organisation_id: int
    organisation: str
    is_group: bool
    is_supplier: bool
    size: OrganisationSize | None
    is_registered: bool
    is_constituted: bool
    known_since: datetime
    title: str
    body: str
    support_kind: SupportKind | None
    ward_id: int | None
    ward: str | None
    tenth: int | None


class UnseenRow(NamedTuple):
    """A listing that stands in nobody's list, as its officer reads it."""

    id: int
    kind: ListingKind
    title: str
    organisation: str
    why: str
    is_alone: bool
    level: int | None


def shown_in(authority_id: int) -> list[ShownRow]:
    """Everything that anyone may read in an area now."""
    registered = exists().where(Identifier.organisation_id == Organisation.id)
    query = (
        select(
            Listing.id,
            Listing.kind,
            Listing.organisation_id,
            Organisation.name,
            Organisation.is_group,
            Organisation.is_supplier,
            Organisation.size,
            registered,
            Organisation.constituted,
            Organisation.created_at,
            ListingVersion.title,
            ListingVersion.body,
            ListingVersion.support_kind,
            ListingVersion.ward_id,
            Ward.name,
            WardDeprivation.tenth,
        )
        .join(Posting, Posting.listing_id == Listing.id)
        .join(ListingVersion, ListingVersion.id == Posting.approved_version_id)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .outerjoin(Ward, Ward.id == ListingVersion.ward_id)
        .outerjoin(WardDeprivation, WardDeprivation.ward_id == Ward.id)
        .where(Posting.authority_id == authority_id, Posting.shown())
        .order_by(Listing.id)
    )
    return [ShownRow._make(cast(tuple[Any, ...], row)) for row in db.session.execute(query)]


def deprivation_source(authority_id: int) -> str:
    """Whose figures the tenths of an area's wards are; '' where none are loaded."""
    query = select(WardDeprivation.source).join(Ward, Ward.id == WardDeprivation.ward_id)
    return db.session.scalar(query.where(Ward.authority_id == authority_id).limit(1)) or ""


def boosts() -> dict[int, float]:
    """By listing, how strongly officers ask for it to be seen today (1 to 3); the strongest word counts."""
    query = (
        select(ListingBoost.listing_id, func.max(ListingBoost.level))
        .where(ListingBoost.counting(today()))
        .group_by(ListingBoost.listing_id)
    )
    return {listing_id: float(level) for listing_id, level in db.session.execute(query)}


def boosts_of(listing_id: int, authority_id: int) -> list[ListingBoost]:
    """Every boost that an area gave a listing, the newest first, with who gave it."""
    query = (
        select(ListingBoost)
        .where(ListingBoost.listing_id == listing_id, ListingBoost.authority_id == authority_id)
        .options(joinedload(ListingBoost.made_by))
        .order_by(ListingBoost.id.desc())
    )
    return list(db.session.scalars(query))


def boosts_in(authority_id: int, page: int, size: int) -> list[ListingBoost]:
    """One page (from 1) of an area's boosts and one more, the newest first, with the listing and who gave it."""
    query = (
        select(ListingBoost)
        .where(ListingBoost.authority_id == authority_id)
        .options(
            joinedload(ListingBoost.made_by),
            joinedload(ListingBoost.listing).joinedload(Listing.latest),
            joinedload(ListingBoost.listing).joinedload(Listing.organisation),
        )
        .order_by(ListingBoost.id.desc())
        .offset((page - 1) * size)
        .limit(size + 1)
    )
    return list(db.session.scalars(query))


def run_out_boosts(on: date) -> list[ListingBoost]:
    """Those that nobody ended and whose last day lies before this one."""
    query = select(ListingBoost).where(ListingBoost.ended_at.is_(None), ListingBoost.ends_on < on)
    return list(db.session.scalars(query.options(joinedload(ListingBoost.listing)).order_by(ListingBoost.id)))


def last_noticed() -> datetime | None:
    """When the worker last looked who is seen; None where it never did."""
    return db.session.scalar(select(func.max(ExposureReport.computed_at)))


def exposure_of(authority_id: int) -> ExposureReport | None:
    """What the worker last worked out for an area."""
    return db.session.get(ExposureReport, authority_id)


def names_of(organisation_ids: Collection[int]) -> dict[int, str]:
    """The names of these organisations."""
    query = select(Organisation.id, Organisation.name).where(Organisation.id.in_(organisation_ids))
    return dict(db.session.execute(query).all())


def unseen_in(authority_id: int, why: str, on: date, page: int, size: int) -> list[UnseenRow]:
    """One page (from 1) of an area's listings that stand in nobody's list, and one more; `why` narrows unless blank."""
    level = (
        select(func.max(ListingBoost.level))
        .where(ListingBoost.listing_id == Listing.id, ListingBoost.counting(on))
        .correlate(Listing)
        .scalar_subquery()
    )
    query = (
        select(
            Listing.id,
            Listing.kind,
            ListingVersion.title,
            Organisation.name,
            UnseenListing.why,
            UnseenListing.is_alone,
            level,
        )
        .join(Listing, Listing.id == UnseenListing.listing_id)
        .join(Posting, Posting.listing_id == Listing.id)
        .join(ListingVersion, ListingVersion.id == Posting.approved_version_id)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .where(Posting.authority_id == authority_id, Posting.state == PostingState.OPEN)
        .order_by(UnseenListing.is_alone.desc(), Listing.id)
    )
    query = query.where(UnseenListing.why == why) if why else query
    return [UnseenRow(*row) for row in db.session.execute(query.offset((page - 1) * size).limit(size + 1))]


def unseen_counts(authority_id: int) -> dict[str, int]:
    """How many of an area's open listings stand in nobody's list, by why."""
    query = (
        select(UnseenListing.why, func.count())
        .join(Posting, Posting.listing_id == UnseenListing.listing_id)
        .where(Posting.authority_id == authority_id, Posting.state == PostingState.OPEN)
        .group_by(UnseenListing.why)
    )
    return dict(db.session.execute(query).all())


def unseen_among(listing_ids: Collection[int]) -> dict[int, str]:
    """Those of these listings to which nobody is suggested and that are suggested to nobody, and why."""
    query = select(UnseenListing.listing_id, UnseenListing.why).where(
        UnseenListing.listing_id.in_(listing_ids), UnseenListing.is_alone
    )
    return dict(db.session.execute(query).all())
