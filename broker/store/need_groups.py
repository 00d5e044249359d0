"""Needs that ask for the same thing, as the worker last found them, and the lasting needs that were made of several."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import JSON, ForeignKey, Select, and_, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from broker.domain.kinds import DEMAND, SupportKind, Unit
from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.organisations import Organisation
from broker.store.places import Ward
from broker.store.reach import OfOneAuthority


class NeedGroup(OfOneAuthority, Base):
    """Needs of an area that ask for the same thing. `is_twins`: their texts are nearly the same.

    `shares` are the words that half of them say, the most telling first; `organisations` and `wards` how many ask.
    """

    __tablename__ = "need_group"
    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    is_twins: Mapped[bool] = mapped_column(default=False)
    shares: Mapped[list[str]] = mapped_column(JSON)
    organisations: Mapped[int]
    wards: Mapped[int]
    computed_at: Mapped[datetime]
    authority: Mapped[Authority] = relationship()
    members: Mapped[list["NeedGroupMember"]] = relationship(
        back_populates="group", order_by="NeedGroupMember.listing_id", cascade="all, delete-orphan"
    )


class NeedGroupMember(Base):
    """A need that belongs to a group."""

    __tablename__ = "need_group_member"
    group_id: Mapped[int] = mapped_column(ForeignKey("need_group.id"), primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True, index=True)
    group: Mapped[NeedGroup] = relationship(back_populates="members")


class GatheredNeed(Base):
    """One lasting need (`listing_id`) was made of several; this is one of those, which stays open by itself."""

    __tablename__ = "gathered_need"
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True, index=True)


class GroupRow(NamedTuple):
    """A group of needs on the list of all groups."""

    id: int
    shares: list[str]
    needs: list[tuple[int, str]]  # id and title
    organisations: int
    wards: int
    gathered: int | None  # the lasting need that was made of most of them


class MemberRow(NamedTuple):
    """One need of a group, as its officer reads it."""

    id: int
    organisation_id: int
    title: str
    body: str
    organisation: str
    ward: str | None
    support_kind: SupportKind | None
    quantity: Decimal | None
    unit: Unit | None


def groups_listed(authority_id: int, least: int, page: int, size: int, *, twins: bool = False) -> list[GroupRow]:
    """One page (from 1) of an area's groups of needs that at least so many organisations ask for, and one more, the
    largest first. `twins`: those whose texts are nearly the same, instead of those that are alike. Two statements.
    """
    query = (
        select(NeedGroup)
        .where(NeedGroup.authority_id == authority_id, NeedGroup.is_twins.is_(twins), NeedGroup.organisations >= least)
        .order_by(NeedGroup.organisations.desc(), NeedGroup.id)
        .offset((page - 1) * size)
        .limit(size + 1)
    )
    groups = list(db.session.scalars(query))
    told: dict[int, list[tuple[int, str, int | None]]] = {}
    for group_id, need_id, title, gathered in db.session.execute(_titles([group.id for group in groups])):
        told.setdefault(group_id, []).append((need_id, title, gathered))
    return [_group_row(group, told.get(group.id, [])) for group in groups]


def _titles(group_ids: Collection[int]) -> Select[int, int, str, int]:
    return (
        select(NeedGroupMember.group_id, Listing.id, ListingVersion.title, func.max(GatheredNeed.listing_id))
        .join(Listing, Listing.id == NeedGroupMember.listing_id)
        .join(NeedGroup, NeedGroup.id == NeedGroupMember.group_id)
        .join(Posting, and_(Posting.listing_id == Listing.id, Posting.authority_id == NeedGroup.authority_id))
        .join(ListingVersion, ListingVersion.id == Posting.approved_version_id)
        .outerjoin(GatheredNeed, GatheredNeed.need_id == Listing.id)
        .where(NeedGroupMember.group_id.in_(group_ids), Posting.shown())
        .group_by(NeedGroupMember.group_id, Listing.id, ListingVersion.title)
        .order_by(Listing.id)
    )


def _group_row(group: NeedGroup, told: list[tuple[int, str, int | None]]) -> GroupRow:
    made = [gathered for *_, gathered in told if gathered is not None]
    most = max(set(made), key=lambda each: (made.count(each), each)) if 2 * len(made) > len(told) else None
    needs = [(listing_id, title) for listing_id, title, _ in told]
    return GroupRow(group.id, group.shares, needs, group.organisations, group.wards, most)


def members_of(group: NeedGroup) -> list[MemberRow]:
    """The needs of a group that are still open in its area, oldest first."""
    query = (
        select(
            Listing.id,
            Listing.organisation_id,
            ListingVersion.title,
            ListingVersion.body,
            Organisation.name,
            Ward.name,
            ListingVersion.support_kind,
            Listing.quantity - Listing.reserved,
            Listing.unit,
        )
        .join(NeedGroupMember, NeedGroupMember.listing_id == Listing.id)
        .join(Posting, and_(Posting.listing_id == Listing.id, Posting.authority_id == group.authority_id))
        .join(ListingVersion, ListingVersion.id == Posting.approved_version_id)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .outerjoin(Ward, Ward.id == ListingVersion.ward_id)
        .where(NeedGroupMember.group_id == group.id, Posting.shown(), Listing.kind.in_(DEMAND))
        .order_by(Listing.id)
    )
    return [MemberRow(*row) for row in db.session.execute(query)]


def groups_in(authority_id: int) -> list[NeedGroup]:
    """Every group of an area with its members."""
    query = select(NeedGroup).where(NeedGroup.authority_id == authority_id).options(joinedload(NeedGroup.members))
    return list(db.session.scalars(query.order_by(NeedGroup.id)).unique())


def already_gathered(listing_id: int) -> frozenset[int]:
    """The needs of which this lasting need was made."""
    return frozenset(db.session.scalars(select(GatheredNeed.need_id).where(GatheredNeed.listing_id == listing_id)))


def gathered_of(need_ids: Collection[int]) -> list[tuple[int, str]]:
    """The lasting needs that were made of any of these, with their titles."""
    query = (
        select(Listing.id, ListingVersion.title)
        .join(GatheredNeed, GatheredNeed.listing_id == Listing.id)
        .join(Listing.latest)
        .where(GatheredNeed.need_id.in_(need_ids))
        .distinct()
        .order_by(Listing.id)
    )
    return [(listing_id, title) for listing_id, title in db.session.execute(query)]


def lasting_needs() -> frozenset[int]:
    """Every lasting need that was made of several: no group of needs has it as a member."""
    return frozenset(db.session.scalars(select(GatheredNeed.listing_id).distinct()))
