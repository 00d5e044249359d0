"""Which skills are asked for and offered in an area: what the worker found in open listings, counted and listed."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ForeignKey, Select, String, and_, case, func, or_, select, true
from sqlalchemy.orm import Mapped, mapped_column

from broker.domain.kinds import DEMAND, SUPPLY, ListingKind, PostingState, SupportKind, Unit
from broker.domain.skills import SkillSide
from broker.store.base import Base, db
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.organisations import Organisation
from broker.store.places import Ward, ward_key
from broker.store.synonyms import Synonym

PEOPLE_GIVE = (SupportKind.SKILLS, SupportKind.VOLUNTEERING)


class ListingSkill(Base):
    """A skill that an open listing names: the name of an entry of words that mean the same."""

    __tablename__ = "listing_skill"
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    skill: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What is looked at; a blank narrows nothing. `ward` is what ward_key gives, `skills` are names (None: all)."""

    ward: str = ""
    skills: Collection[str] | None = None

    def named(self) -> ColumnElement[bool]:
        return true() if self.skills is None else ListingSkill.skill.in_(self.skills)


class SkillCell(NamedTuple):
    """So many listings that name a skill on one side, and how much they come to in a unit where they state it."""

    skill: str
    side: SkillSide
    unit: Unit | None
    listings: int
    amount: Decimal | None


class WardCell(NamedTuple):
    """So many listings that name any skill at all, on one side in one ward."""

    ward: str
    side: SkillSide
    listings: int


class SkilledRow(NamedTuple):
    """A listing that names a skill, as the list shows it."""

    id: int
    kind: ListingKind
    title: str
    organisation: str
    ward: str | None
    support: SupportKind | None
    amount: Decimal | None
    unit: Unit | None
    side: SkillSide


def known_skills() -> dict[int, frozenset[str]]:
    """What was found last, by listing."""
    found: dict[int, set[str]] = {}
    for listing_id, skill in db.session.execute(select(ListingSkill.listing_id, ListingSkill.skill)):
        found.setdefault(listing_id, set()).add(skill)
    return {listing_id: frozenset(skills) for listing_id, skills in found.items()}


def themes_of_skills() -> dict[str, list[str]]:
    """The codes of the shared outcomes that each entry of words usually serves, by its name."""
    return dict(db.session.execute(select(Synonym.name, Synonym.themes)).all())


def skill_cells(authority_id: int, wanted: Filters) -> list[SkillCell]:
    """Every skill that is named in open listings of an area, by side and unit."""
    side = _side()
    amount = func.sum(Listing.quantity - Listing.reserved, type_=Listing.quantity.type)
    query = (
        _open(authority_id, wanted, ListingSkill.skill, side, Listing.unit, func.count(), amount)
        .join(ListingSkill, ListingSkill.listing_id == Listing.id)
        .where(wanted.named())
        .group_by(ListingSkill.skill, side, Listing.unit)
    )
    return [SkillCell(*row) for row in db.session.execute(query)]


def ward_cells(authority_id: int, wanted: Filters) -> list[WardCell]:
    """In how many open listings of each ward, as ward_key gives it, a skill is named, by side."""
    key, side, named = ward_key(authority_id), _side(), select(ListingSkill.listing_id).where(wanted.named())
    query = _open(authority_id, wanted, key, side, func.count()).where(Listing.id.in_(named)).group_by(key, side)
    return [WardCell(*row) for row in db.session.execute(query)]


def skilled_rows(authority_id: int, wanted: Filters, skill: str, page: int, size: int) -> list[SkilledRow]:
    """One page (from 1) of the open listings that name this skill and one more: who asks first, then who offers."""
    side = _side()
    query = (
        _open(
            authority_id, wanted, Listing.id, Listing.kind, ListingVersion.title, Organisation.name, Ward.name,
            ListingVersion.support_kind, Listing.quantity - Listing.reserved, Listing.unit, side,
        )
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .join(ListingSkill, and_(ListingSkill.listing_id == Listing.id, ListingSkill.skill == skill))
        .order_by(side, Listing.id)
        .offset((page - 1) * size)
        .limit(size + 1)
    )  # fmt: skip
    return [SkilledRow(*row) for row in db.session.execute(query)]


def _open(authority_id: int, wanted: Filters, *columns: Any) -> Select[Any]:
    """These columns of what is open in an area and counts on a side."""
    query = (
        select(*columns)
        .select_from(Posting)
        .join(Listing, Listing.id == Posting.listing_id)
        .join(ListingVersion, ListingVersion.id == Posting.approved_version_id)
        .outerjoin(Ward, Ward.id == ListingVersion.ward_id)
        .where(Posting.authority_id == authority_id, Posting.state == PostingState.OPEN, _counts())
    )
    return query.where(ward_key(authority_id) == wanted.ward) if wanted.ward else query


def _counts() -> ColumnElement[bool]:
    """Help that people give, on either side; of jobs, placements and training what is offered."""
    people = or_(ListingVersion.support_kind.is_(None), ListingVersion.support_kind.in_(PEOPLE_GIVE))
    trains = and_(ListingVersion.support_kind == SupportKind.JOBS, Listing.kind.in_(SUPPLY))
    return or_(people, trains)


def _side() -> ColumnElement[str]:
    return case(
        (ListingVersion.support_kind == SupportKind.JOBS, SkillSide.TRAINED.value),
        (Listing.kind.in_(DEMAND), SkillSide.ASKED.value),
        else_=SkillSide.OFFERED.value,
    )
