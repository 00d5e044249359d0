"""Listings: what is posted, each wording it ever had, and where it stands in each authority."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, contains_eager, foreign, joinedload, mapped_column, relationship, selectinload

from broker.domain.kinds import (
    BackgroundCheck,
    Frequency,
    Lane,
    ListingKind,
    PlaceKind,
    PostingState,
    SupportKind,
    Unit,
)
from broker.domain.listings import COLUMNS, Wording
from broker.domain.states import POSTING
from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.frameworks import Node
from broker.store.organisations import Organisation
from broker.store.places import Ward
from broker.store.reach import OfOneOrganisation

version_priority = Table(
    "version_priority",
    Base.metadata,
    Column("version_id", ForeignKey("listing_version.id"), primary_key=True),
    Column("node_id", ForeignKey("node.id"), primary_key=True),
)


class Listing(OfOneOrganisation, Base):
    """A need, asset, aspiration or offer: who posted it and how much of it is spoken for.

    `quantity` is the whole as last approved (None: not stated, so nothing can run out); `reserved` the part taken
    by confirmed matches, both in `unit`. Its words stand in ListingVersion; `version_number` is the newest wording.
    `suggest_at`: set while the matcher owes it fresh suggestions.
    """

    __tablename__ = "listing"
    __table_args__ = (
        CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        CheckConstraint("quantity IS NULL OR quantity > 0", name="quantity_positive"),
        CheckConstraint("quantity IS NULL OR reserved <= quantity", name="parts_within_whole"),
        UniqueConstraint("source_authority_id", "source_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ListingKind] = mapped_column(String(20), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    quantity: Mapped[Decimal | None]
    unit: Mapped[Unit | None] = mapped_column(String(20))
    reserved: Mapped[Decimal] = mapped_column(default=Decimal(0))
    version_number: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    expires_on: Mapped[date | None]
    suggest_at: Mapped[datetime | None] = mapped_column(index=True)
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    entered_how: Mapped[str | None] = mapped_column(String(20))  # phone, paper or import, for the organisation
    grown_from_id: Mapped[int | None] = mapped_column(ForeignKey("listing.id"))
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("listing.id"))
    answers_node_id: Mapped[int | None] = mapped_column(ForeignKey("node.id"))
    source_authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"))
    source_id: Mapped[str | None] = mapped_column(String(200))
    source_notes: Mapped[str] = mapped_column(Text, default="")
    text_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    row_version: Mapped[int] = mapped_column(default=1)

    organisation: Mapped[Organisation] = relationship()
    postings: Mapped[list["Posting"]] = relationship(back_populates="listing", order_by="Posting.id")
    versions: Mapped[list["ListingVersion"]] = relationship(back_populates="listing", order_by="ListingVersion.number")
    latest: Mapped["ListingVersion"] = relationship(
        primaryjoin=lambda: and_(
            Listing.id == foreign(ListingVersion.listing_id), Listing.version_number == ListingVersion.number
        ),
        viewonly=True,
        uselist=False,
    )
    grown_from: Mapped["Listing | None"] = relationship(remote_side=id, foreign_keys=grown_from_id)
    answers: Mapped["Listing | None"] = relationship(remote_side=id, foreign_keys=answers_id)
    answers_node: Mapped[Node | None] = relationship()
    __mapper_args__ = {"version_id_col": row_version}

    @property
    def authorities(self) -> frozenset[int]:
        return frozenset(p.authority_id for p in self.postings)

    @property
    def remaining(self) -> Decimal | None:
        """What is still to be had, in `unit`; None where the whole was never stated."""
        return None if self.quantity is None else self.quantity - self.reserved

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return exists().where(Posting.listing_id == cls.id, Posting.authority_id == authority_id)


class ListingVersion(Base):
    """One wording of a listing. It may change while it is a draft; once `submitted_at` is set it never does.

    A version with `edited_by_id` is an officer's edit of the tags; the wording before it stays as it was.
    Private: the full postcode (until both sides accepted) and `safeguarding` (owner and officers, always).
    """

    __tablename__ = "listing_version"
    __table_args__ = (
        UniqueConstraint("listing_id", "number"),
        CheckConstraint("amount IS NULL OR amount > 0", name="amount_positive"),
        CheckConstraint("from_date IS NULL OR until_date IS NULL OR from_date <= until_date", name="dates_in_order"),
        Index("ix_listing_version_point", "lat", "lon"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(400), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    searchable: Mapped[str] = mapped_column(Text, default="")
    support_kind: Mapped[SupportKind | None] = mapped_column(String(20))
    amount: Mapped[Decimal | None]
    unit: Mapped[Unit | None] = mapped_column(String(20))
    roughly: Mapped[bool] = mapped_column(default=False)
    frequency: Mapped[Frequency | None] = mapped_column(String(20))
    from_date: Mapped[date | None]
    until_date: Mapped[date | None]
    place_kind: Mapped[PlaceKind | None] = mapped_column(String(20))
    postcode: Mapped[str] = mapped_column(String(10), default="")
    ward_id: Mapped[int | None] = mapped_column(ForeignKey("ward.id"), index=True)
    place_note: Mapped[str] = mapped_column(String(400), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    reach_miles: Mapped[float | None]
    lane: Mapped[Lane] = mapped_column(String(20), default=Lane.TRANSACTIONAL)
    community_led: Mapped[bool] = mapped_column(default=False)
    community_owned: Mapped[bool] = mapped_column(default=False)
    background_check: Mapped[BackgroundCheck | None] = mapped_column(String(20))
    safeguarding: Mapped[str] = mapped_column(Text, default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    edited_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]

    listing: Mapped[Listing] = relationship(back_populates="versions")
    ward: Mapped[Ward | None] = relationship()
    priorities: Mapped[list[Node]] = relationship(secondary=version_priority, order_by=Node.order)


class Posting(Base):
    """A listing in one authority's market. Anyone may read `approved` while the posting is shown (see `shown`)."""

    __tablename__ = "posting"
    __table_args__ = (
        UniqueConstraint("listing_id", "authority_id"),
        CheckConstraint(
            "state NOT IN ('open', 'paused', 'filled', 'lapsed') OR approved_version_id IS NOT NULL",
            name="checked_before_open",
        ),
        Index("ix_posting_authority_state", "authority_id", "state"),
    )
    machine = POSTING
    noun = "posting"
    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    state: Mapped[PostingState] = mapped_column(String(20))
    approved_version_id: Mapped[int | None] = mapped_column(ForeignKey("listing_version.id"), index=True)
    stays_public: Mapped[bool] = mapped_column(default=False)  # an edit is being checked; the approved text stays
    submitted_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    closing_reason: Mapped[str | None] = mapped_column(String(40))
    row_version: Mapped[int] = mapped_column(default=1)

    listing: Mapped[Listing] = relationship(back_populates="postings")
    authority: Mapped[Authority] = relationship()
    approved: Mapped[ListingVersion | None] = relationship()
    __mapper_args__ = {"version_id_col": row_version}

    @property
    def owners(self) -> frozenset[int]:
        return self.listing.owners

    @property
    def authorities(self) -> frozenset[int]:
        return frozenset({self.authority_id})

    @property
    def last_day(self) -> date | None:
        """When it comes off the list by itself: on its own day or when its time on the list is over."""
        days = (self.approved.until_date if self.approved else None, self.listing.expires_on)
        return min((day for day in days if day), default=None)

    @property
    def is_shown(self) -> bool:
        """True while anyone may read the approved wording."""
        return self.state == PostingState.OPEN or (
            self.stays_public and self.state in (PostingState.SUBMITTED, PostingState.RETURNED)
        )

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return exists().where(Listing.id == cls.listing_id, Listing.organisation_id == organisation_id)

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return cls.authority_id == authority_id

    @classmethod
    def shown(cls) -> ColumnElement[bool]:
        """The same as `is_shown`, for a WHERE."""
        checking = cls.state.in_([PostingState.SUBMITTED, PostingState.RETURNED])
        return or_(cls.state == PostingState.OPEN, and_(cls.stays_public, checking))


def shown_postings_of(organisation_id: int) -> list[Posting]:
    """Everything of one organisation that anyone may read, newest first, with its approved wording and area."""
    query = (
        select(Posting)
        .join(Posting.listing)
        .where(Listing.organisation_id == organisation_id, Posting.shown())
        .options(contains_eager(Posting.listing), joinedload(Posting.approved), joinedload(Posting.authority))
        .order_by(Posting.approved_at.desc(), Posting.id.desc())
    )
    return list(db.session.scalars(query))


def wording_of(version: ListingVersion) -> Wording:
    """What a version says, as the rules read it."""
    said = {name: getattr(version, name) for name in COLUMNS}
    return Wording(**said, priorities=frozenset(node.id for node in version.priorities))


def unplaced_versions() -> list[ListingVersion]:
    """Wordings that lie somewhere, but in no ward that we knew when they were written, or in an earlier one."""
    somewhere = or_(ListingVersion.postcode != "", ListingVersion.lat.is_not(None))
    elsewhere = or_(
        ListingVersion.place_kind.is_(None), ListingVersion.place_kind.in_([PlaceKind.POSTCODE, PlaceKind.WARD])
    )
    unknown = or_(ListingVersion.ward_id.is_(None), Ward.ended_on.is_not(None))
    query = select(ListingVersion).outerjoin(ListingVersion.ward).where(unknown, somewhere, elsewhere)
    return list(db.session.scalars(query))


def run_out_before(on: date) -> list[Posting]:
    """Open and paused postings whose day, or time on the list, lies before `on`; with listing and wording."""
    over = or_(ListingVersion.until_date < on, Listing.expires_on < on)
    query = (
        select(Posting)
        .join(Posting.listing)
        .join(Posting.approved)
        .where(Posting.state.in_([PostingState.OPEN, PostingState.PAUSED]), over)
        .options(contains_eager(Posting.listing), contains_eager(Posting.approved))
        .order_by(Posting.id)
    )
    return list(db.session.scalars(query))


def listings_within(condition: ColumnElement[bool], page: int, size: int) -> list[Listing]:
    """One page (from 1) of listings and one more, newest first, with owner, newest wording and standing."""
    query = (
        select(Listing)
        .where(condition)
        .options(
            joinedload(Listing.organisation),
            joinedload(Listing.latest),
            selectinload(Listing.postings).joinedload(Posting.authority),
        )
        .order_by(Listing.id.desc())
        .offset((page - 1) * size)
        .limit(size + 1)
    )
    return list(db.session.scalars(query))


def keep_still(*listings: Listing) -> None:
    """Until the commit nobody else begins a deed about these. First of all in each deed about a listing and what hangs
    on it, so that no two of them ever wait for each other.
    """
    ids = [listing.id for listing in listings]
    db.session.execute(select(Listing.id).where(Listing.id.in_(ids)).order_by(Listing.id).with_for_update())
