"""What the tables hold about one person, who is about to leave, and whom to ask about it all.

A row is about a person where its column `user_id`, or that of its membership, names them: it goes when they go. Where
another column names them (author_id, by_id, ...) the row tells what they did for others, and stays under no name.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, ColumnElement, ForeignKey, LargeBinary, String, Table, Text, func, or_, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from broker.domain.kinds import Role
from broker.domain.retention import ANSWER_WITHIN, NO_ADDRESS
from broker.store.accounts import Membership, User
from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.events import Event
from broker.store.jobs import Job
from broker.store.listings import Listing, ListingVersion
from broker.store.matches import Match
from broker.store.organisations import Organisation
from broker.store.partnerships import Partnership

ABOUT = "user_id"
FORGOTTEN_ELSEWHERE = {"outbox"}  # its rows hold numbers only, and whoever sends needs them to clear away what it wrote
SECRET = ("_hash", "password", "secret", "token")
Row = dict[str, Any]


class Departure(Base):
    """Somebody whose account is about to go: they asked for it (`asked_at`), or were not seen for years (`warnings`:
    how often they were written to about that, the last time at `warned_at`).
    """

    __tablename__ = "departure"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), unique=True)
    asked_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    warnings: Mapped[int] = mapped_column(default=0)
    user: Mapped[User] = relationship()

    @property
    def answer_by(self) -> date | None:
        """The last day on which the answer is in time."""
        return (self.asked_at + ANSWER_WITHIN).date() if self.asked_at else None


class ContactPoint(Base):
    """Whom to ask about people's data and about accessibility: of one authority, or (None) of the whole service.

    `controller` is who is responsible in law; `protection_email` reaches its data protection officer.
    """

    __tablename__ = "contact_point"
    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"), unique=True)
    controller: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    protection_email: Mapped[str] = mapped_column(String(254), default="")
    changed_at: Mapped[datetime]
    authority: Mapped[Authority | None] = relationship()


def contact_points() -> list[ContactPoint]:
    """Everybody who can be asked: for the whole service first, then by authority."""
    query = (
        select(ContactPoint)
        .outerjoin(ContactPoint.authority)
        .options(joinedload(ContactPoint.authority))
        .order_by(ContactPoint.authority_id.is_not(None), Authority.name)
    )
    return list(db.session.scalars(query))


def contact_point_of(authority_id: int | None) -> ContactPoint | None:
    """Whom to ask in one authority, or (None) about the whole service."""
    query = select(ContactPoint).where(ContactPoint.authority_id.is_not_distinct_from(authority_id))
    return db.session.scalars(query.limit(1)).first()


def departure_of(user_id: int | None) -> Departure | None:
    """What is known of this person's leaving."""
    return db.session.scalar(select(Departure).where(Departure.user_id == user_id))


def people_who_asked() -> list[Departure]:
    """Those who asked to be erased and wait for it, the longest waiting first."""
    query = select(Departure).where(Departure.asked_at.is_not(None)).options(joinedload(Departure.user))
    return list(db.session.scalars(query.order_by(Departure.asked_at, Departure.id)))


def is_erased(user: User) -> bool:
    """True for a person of whom only what they did is left."""
    return user.email.endswith(NO_ADDRESS)


def last_done(kind: str) -> datetime | None:
    """When a job of this kind was last finished."""
    return db.session.scalar(select(func.max(Job.finished_at)).where(Job.kind == kind, Job.state == "done"))


def rows_of(user: User) -> dict[str, list[Row]]:
    """Everything that is held about a person, by table, as plain values; what is secret is left out, and so is what
    lies in files, which each have a page of their own.
    """
    held: dict[str, list[Row]] = {}
    for table, condition in _conditions(user):
        told = _told(table)
        found = db.session.execute(select(*told).where(condition)).mappings()
        rows = [{column.name: _value(row[column.name]) for column in told} for row in found]
        if rows:
            held[table.name] = rows
    return held


def rows_about(user_id: int) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Which rows go with a person, by table; those that point to others come first."""
    for table in reversed(Base.metadata.sorted_tables):
        if table.name in FORGOTTEN_ELSEWHERE:
            continue
        mine = [_names(column, user_id) for column in table.columns if column.name == ABOUT and _points(column, "user")]
        mine += [column.in_(_memberships(user_id)) for column in table.columns if _points(column, "membership")]
        if mine:
            yield table, or_(*mine)


def _conditions(user: User) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    also = _also(user)
    for table in Base.metadata.sorted_tables:
        mine = [_names(column, user.id) for column in table.columns if _points(column, "user")]
        mine += [column.in_(_memberships(user.id)) for column in table.columns if _points(column, "membership")]
        mine += [also[table.name]] if table.name in also else []
        if mine:
            yield table, or_(*mine)


def _also(user: User) -> dict[str, ColumnElement[bool]]:
    """Rows that hold something of a person under another key than theirs."""
    address = user.email.lower()
    contact = or_(
        func.lower(Organisation.contact_email) == address,
        Organisation.referee_contact.icontains(address, autoescape=True),
    )
    wrote = select(ListingVersion.listing_id).where(
        or_(ListingVersion.author_id == user.id, ListingVersion.edited_by_id == user.id)
    )
    confirmed = select(Match.id).where(Match.confirmed_by_id == user.id)
    return {
        "user": User.id == user.id,
        "organisation": or_(contact, Organisation.id.in_(_organisations(user.id))),
        "listing": Listing.id.in_(wrote),
        "partnership": Partnership.match_id.in_(confirmed),
        "event": (Event.subject == "user") & (Event.subject_id == user.id),
    }


def _memberships(user_id: int) -> Any:
    return select(Membership.id).where(Membership.user_id == user_id)


def _organisations(user_id: int) -> Any:
    """Those that a person is a member of. A colleague sees to one promise, and reads nothing else of it."""
    return select(Membership.organisation_id).where(Membership.user_id == user_id, Membership.role == Role.MEMBER)


def _points(column: Column[Any], table: str) -> bool:
    return any(key.target_fullname == f"{table}.id" for key in column.foreign_keys)


def _names(column: Column[Any], user_id: int) -> ColumnElement[bool]:
    return column == user_id


def _told(table: Table) -> list[Column[Any]]:
    """The columns that a person is told of."""
    return [
        column
        for column in table.columns
        if not any(part in column.name for part in SECRET) and not isinstance(column.type, LargeBinary)
    ]


def _value(value: Any) -> Any:
    """As JSON can say it."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
