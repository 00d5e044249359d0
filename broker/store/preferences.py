"""What organisations said is not for them: each keeps its pair, and whatever is alike, out of one listing's list."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    ScalarSelect,
    String,
    and_,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from broker.domain.kinds import NotForUs, PreferenceState
from broker.domain.preferences import Limit
from broker.domain.states import PREFERENCE
from broker.store.base import Base, db
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.organisations import Organisation
from broker.store.suggestions import Suggestion

_STANDING = text(f"state = '{PreferenceState.STANDING}'")


class Preference(Base):
    """One listing's "not for us" to another one. `miles`, `support_kind` and the dates are the limit it sets on the
    rest of the list (domain.preferences.Limit). `score`, `reason` and `engine` keep the suggestion as it was.
    """

    __tablename__ = "preference"
    __table_args__ = (
        Index(
            "uq_preference_standing_pair",
            "listing_id",
            "other_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )
    machine = PREFERENCE
    noun = "preference"
    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    why: Mapped[NotForUs] = mapped_column(String(20))
    miles: Mapped[float | None] = mapped_column(Float)
    support_kind: Mapped[str | None] = mapped_column(String(20))
    from_date: Mapped[date | None]
    until_date: Mapped[date | None]
    state: Mapped[PreferenceState] = mapped_column(String(20), default=PreferenceState.STANDING)
    said_at: Mapped[datetime]
    score: Mapped[float | None] = mapped_column(Float)
    reason: Mapped[dict[str, object] | None] = mapped_column(JSON)
    engine: Mapped[str | None] = mapped_column(String(40))
    listing: Mapped[Listing] = relationship(foreign_keys=listing_id)

    @property
    def owners(self) -> frozenset[int]:
        return self.listing.owners

    @property
    def authorities(self) -> frozenset[int]:
        return self.listing.authorities

    @property
    def limit(self) -> Limit:
        """What it keeps out beside its pair."""
        return Limit(self.miles, self.support_kind, self.from_date, self.until_date)


class Said(NamedTuple):
    """A standing preference with the other listing's title and organisation."""

    preference: Preference
    title: str
    organisation: str


def refused(listing_id: Any, other_id: Any, version: Any = ListingVersion) -> ColumnElement[bool]:
    """The condition under which something standing keeps a suggestion out of a listing's list.

    Stands in a query over Suggestion; `version` is the other listing's wording. One place says what a limit means.
    """
    said = aliased(Preference)
    starts_within = or_(said.from_date.is_(None), version.from_date >= said.from_date)
    ends_within = or_(said.until_date.is_(None), version.until_date <= said.until_date)
    has_dates = or_(said.from_date.is_not(None), said.until_date.is_not(None))
    alike = or_(
        said.other_id == other_id,
        Suggestion.reason["distance_miles"].as_float() >= said.miles,
        version.support_kind == said.support_kind,
        and_(has_dates, starts_within, ends_within),
    )
    standing = and_(said.listing_id == listing_id, said.state == PreferenceState.STANDING)
    return select(said.id).where(standing, alike).exists()


def preferences_of(listing_id: int) -> list[Said]:
    """What stands for a listing's own list, the newest first."""
    other = Preference.other_id
    newest = select(func.max(Posting.approved_version_id)).where(Posting.listing_id == other).correlate(Preference)
    query = (
        select(Preference, func.coalesce(ListingVersion.title, ""), Organisation.name)
        .join(Listing, Listing.id == other)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .outerjoin(ListingVersion, ListingVersion.id == newest.scalar_subquery())
        .where(Preference.listing_id == listing_id, Preference.state == PreferenceState.STANDING)
        .order_by(Preference.id.desc())
    )
    return [Said(*row) for row in db.session.execute(query)]


def said_of(listing_id: Any, other_id: Any) -> ScalarSelect[NotForUs]:
    """Why a listing refused another one, as a column: a pair stands refused once; None where it does not."""
    said = aliased(Preference)
    standing = and_(said.listing_id == listing_id, said.other_id == other_id, said.state == PreferenceState.STANDING)
    return select(said.why).where(standing).scalar_subquery()


def preference_of(listing_id: int, preference_id: int) -> Preference | None:
    """The preference of this id, if it is for this listing's list."""
    query = select(Preference).where(Preference.id == preference_id, Preference.listing_id == listing_id)
    return db.session.scalar(query)
