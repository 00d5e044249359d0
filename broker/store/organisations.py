"""Organisations, their register numbers, and their standing in each authority."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, Result, String, Text, UniqueConstraint, exists, func, select
from sqlalchemy.orm import Mapped, contains_eager, joinedload, mapped_column, relationship

from broker.domain.kinds import OrganisationSize, RegistrationState
from broker.domain.states import REGISTRATION
from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.reach import InOneArea, OfOneOrganisation


class Organisation(Base):
    """A group, a supplier, or both. What it `does` anyway is its inherent value.

    Private until both sides of a match accepted: contact_*, postcode. Private to owner and officers: referee_*.
    An organisation that nobody has signed in for yet (imported, or entered by an officer) has no `claimed_at`.
    """

    __tablename__ = "organisation"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    is_group: Mapped[bool] = mapped_column(default=False)
    is_supplier: Mapped[bool] = mapped_column(default=False)
    size: Mapped[OrganisationSize | None] = mapped_column(String(20))  # nobody has to say
    does: Mapped[str] = mapped_column(Text, default="")
    serves: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(String(300), default="")
    postcode: Mapped[str] = mapped_column(String(10), default="")
    constituted: Mapped[bool] = mapped_column(default=True)
    referee_name: Mapped[str] = mapped_column(String(200), default="")
    referee_contact: Mapped[str] = mapped_column(String(300), default="")
    contact_name: Mapped[str] = mapped_column(String(200), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    entered_how: Mapped[str | None] = mapped_column(String(20))  # phone, paper, import: not typed by itself
    is_named: Mapped[bool] = mapped_column(default=False)  # in public results; nobody is without having said so
    row_version: Mapped[int] = mapped_column(default=1)
    registrations: Mapped[list["Registration"]] = relationship(back_populates="organisation")
    identifiers: Mapped[list["Identifier"]] = relationship(back_populates="organisation")
    __mapper_args__ = {"version_id_col": row_version}

    @property
    def owners(self) -> frozenset[int]:
        return frozenset({self.id})

    @property
    def authorities(self) -> frozenset[int]:
        return frozenset(r.authority_id for r in self.registrations)

    @property
    def is_public(self) -> bool:
        """True once any authority has approved it (and not paused it): anyone may read its profile."""
        return any(r.state == RegistrationState.APPROVED for r in self.registrations)

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return cls.id == organisation_id

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return exists().where(Registration.organisation_id == cls.id, Registration.authority_id == authority_id)


class Identifier(Base):
    """A number in a public register, by org-id scheme (GB-CHC, GB-COH, ...)."""

    __tablename__ = "identifier"
    __table_args__ = (Index("ix_identifier_scheme_number", "scheme", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    scheme: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(40))
    organisation: Mapped[Organisation] = relationship(back_populates="identifiers")


class Registration(OfOneOrganisation, InOneArea, Base):
    """An organisation in one authority: each authority approves for its own area."""

    __tablename__ = "registration"
    __table_args__ = (UniqueConstraint("organisation_id", "authority_id"),)
    machine = REGISTRATION
    noun = "registration"
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    state: Mapped[RegistrationState] = mapped_column(String(20), index=True)
    applied_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    row_version: Mapped[int] = mapped_column(default=1)
    organisation: Mapped[Organisation] = relationship(back_populates="registrations")
    authority: Mapped[Authority] = relationship()
    __mapper_args__ = {"version_id_col": row_version}


def organisation_with_standing(organisation_id: int) -> Organisation | None:
    """An organisation with its registrations (and their authorities) and its register numbers, in one query."""
    query = (
        select(Organisation)
        .where(Organisation.id == organisation_id)
        .options(
            joinedload(Organisation.registrations).joinedload(Registration.authority),
            joinedload(Organisation.identifiers),
        )
    )
    return db.session.scalars(query).unique().one_or_none()


def registration_of(organisation_id: int, authority_id: int) -> Registration | None:
    """Where the organisation stands in the authority, or None when it never applied."""
    return db.session.scalar(
        select(Registration).where(
            Registration.organisation_id == organisation_id, Registration.authority_id == authority_id
        )
    )


def approved_areas(organisation_id: int) -> frozenset[int]:
    """The authorities that have approved the organisation and not paused it."""
    query = select(Registration.authority_id).where(
        Registration.organisation_id == organisation_id, Registration.state == RegistrationState.APPROVED
    )
    return frozenset(db.session.scalars(query))


def groups_in(authority_id: int) -> list[tuple[int, str]]:
    """The approved groups of an area, id and name, by name."""
    approved = (Registration.authority_id == authority_id, Registration.state == RegistrationState.APPROVED)
    query = select(Organisation.id, Organisation.name).join(Registration).where(Organisation.is_group, *approved)
    return [(key, name) for key, name in db.session.execute(query.order_by(Organisation.name, Organisation.id))]


def named_among(ids: Collection[int]) -> set[int]:
    """Which of these organisations agree to be named in public."""
    return set(db.session.scalars(select(Organisation.id).where(Organisation.id.in_(ids), Organisation.is_named)))


def unclaimed_by_name(name: str, authority_id: int) -> Organisation | None:
    """The oldest organisation of exactly this name in the authority that nobody has signed in for."""
    query = (
        select(Organisation)
        .where(Organisation.name == name, Organisation.claimed_at.is_(None), Organisation.in_area(authority_id))
        .order_by(Organisation.id)
        .limit(1)
    )
    return db.session.scalar(query)


def entered_since(since: datetime, name: str, authority_id: int) -> list[Organisation]:
    """The organisations of this name that officers entered in the authority since that moment."""
    query = select(Organisation).where(
        Organisation.name == name,
        Organisation.created_at >= since,
        Organisation.entered_how.is_not(None),
        Organisation.in_area(authority_id),
    )
    return list(db.session.scalars(query))


def registrations_listed(
    within: ColumnElement[bool], state: str, search: str, offset: int, limit: int
) -> list[Registration]:
    """Registrations with their organisation and authority, those that wait first, then by name.

    `state` and `search` (part of a name) narrow the list unless blank.
    """
    query = (
        select(Registration)
        .join(Registration.organisation)
        .where(within)
        .options(contains_eager(Registration.organisation), joinedload(Registration.authority))
        .order_by(Registration.state != RegistrationState.APPLIED, func.lower(Organisation.name), Registration.id)
        .offset(offset)
        .limit(limit)
    )
    if state:
        query = query.where(Registration.state == state)
    if search:
        query = query.where(Organisation.name.icontains(search, autoescape=True))
    return list(db.session.scalars(query))


def count_by_state(within: ColumnElement[bool]) -> dict[str, int]:
    """How many registrations stand in each state."""
    query = select(Registration.state, func.count()).where(within).group_by(Registration.state)
    return dict(db.session.execute(query).all())


def all_others(
    organisation_id: int,
) -> Result[int, str, datetime | None, str, str | None, str | None, int, str]:
    """Every other organisation, with what tells whether it is the same one: a row for each number and authority.

    Columns: id, name, when it was claimed (or None), postcode, scheme and number (None without one), authority id
    and name.
    """
    query = (
        select(
            Organisation.id,
            Organisation.name,
            Organisation.claimed_at,
            Organisation.postcode,
            Identifier.scheme,
            Identifier.number,
            Authority.id,
            Authority.name,
        )
        .join(Registration, Registration.organisation_id == Organisation.id)
        .join(Authority, Authority.id == Registration.authority_id)
        .outerjoin(Identifier, Identifier.organisation_id == Organisation.id)
        .where(Organisation.id != organisation_id)
        .order_by(Organisation.id)
    )
    return db.session.execute(query)
