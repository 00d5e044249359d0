"""People, what they may act as, and their signed-in browsers."""

import hashlib
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, bindparam, select, text, update
from sqlalchemy.orm import Mapped, contains_eager, joinedload, mapped_column, relationship

from broker.domain.clock import now
from broker.domain.kinds import OF_A_COUNCIL, Role
from broker.domain.links import LinkPurpose
from broker.domain.permissions import Actor
from broker.domain.sign_ins import LIMITS, Way
from broker.store.audit_head import EventHead
from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.organisations import Organisation
from broker.store.second_factors import SecondFactor


class User(Base):
    """A person with an e-mail address. Without a password hash the account waits for its one-time link.

    Nobody signs in while `unconfirmed_since` stands (they signed up, and have not yet shown that the address is
    theirs), nor once `switched_off_at` does.
    """

    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    unconfirmed_since: Mapped[datetime | None]
    switched_off_at: Mapped[datetime | None]


def _once(what: str, *columns: str, where: str = "ended_at IS NULL") -> Index:
    """A person acts as the same thing once at a time."""
    live = text(where)
    name = f"uq_membership_{what}"
    return Index(name, "user_id", *columns, unique=True, sqlite_where=live, postgresql_where=live)


class Membership(Base):
    """A person acting as something: for an organisation, for an authority, or as administrator.

    Once `ended_at` stands it opens nothing; it stays in the record, since others name it.
    """

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint(
            "(role IN ('member', 'colleague') AND organisation_id IS NOT NULL AND authority_id IS NULL)"
            " OR (role IN ('officer', 'contract_manager', 'councillor')"
            " AND authority_id IS NOT NULL AND organisation_id IS NULL)"
            " OR (role = 'administrator' AND organisation_id IS NULL AND authority_id IS NULL)",
            name="role_has_its_place",
        ),
        _once("organisation", "organisation_id"),
        _once("authority", "authority_id"),
        _once("administrator", where="ended_at IS NULL AND role = 'administrator'"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[Role] = mapped_column(String(20))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"), index=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    authority: Mapped[Authority | None] = relationship()


class SignIn(Base):
    """One signed-in browser. The cookie holds a random token; only its hash stands here, and ending it is final.

    `proved_at` is when its person last showed who they are; `browser` and `place` describe it coarsely to its owner.
    While it `awaits_code` it opens nothing but the page that asks for the code.
    """

    __tablename__ = "sign_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), index=True)
    way: Mapped[Way] = mapped_column(String(20), default=Way.PASSWORD)
    browser: Mapped[str] = mapped_column(String(60), default="")
    place: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime] = mapped_column(default=now)
    proved_at: Mapped[datetime] = mapped_column(default=now)
    awaits_code: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    membership: Mapped[Membership] = relationship()


class OneTimeLink(Base):
    """A link that works once, for a short time and one purpose.

    `new_email` is the address that it moves the account to; `role` and what follows, what it invites its person to
    act as.
    """

    __tablename__ = "one_time_link"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    purpose: Mapped[LinkPurpose] = mapped_column(String(20), default=LinkPurpose.PASSWORD)
    new_email: Mapped[str | None] = mapped_column(String(254))
    role: Mapped[Role | None] = mapped_column(String(20))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    authority: Mapped[Authority | None] = relationship()


def people_of(*organisation_ids: int) -> list[Membership]:
    """The memberships of these organisations' people: members, and colleagues to whom one promise was handed."""
    query = select(Membership).where(Membership.organisation_id.in_(organisation_ids), Membership.ended_at.is_(None))
    return list(db.session.scalars(query.options(joinedload(Membership.user)).order_by(Membership.id)))


def members_of(*organisation_ids: int) -> list[Membership]:
    """The same of those alone who act for the whole organisation."""
    return [membership for membership in people_of(*organisation_ids) if membership.role == Role.MEMBER]


class SignedIn(NamedTuple):
    """What a request needs to know about its visitor, and where the record ended when it came."""

    sign_in_id: int
    way: Way
    last_seen_at: datetime
    proved_at: datetime
    has_second_factor: bool
    user_id: int
    name: str
    role: Role
    organisation_id: int | None
    authority_id: int | None
    organisation: str | None
    authority: str | None
    is_supplier: bool | None
    record_end: str


def hash_token(token: str) -> str:
    """What the store keeps of a token: enough to recognise it, useless to a thief of the database."""
    return hashlib.sha256(token.encode()).hexdigest()


def user_by_email(email: str) -> User | None:
    """The person with this address, whatever its capitals."""
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def memberships_of(user_id: int) -> list[Membership]:
    """Everything this person may act as, oldest first, with the organisation or authority loaded."""
    query = (
        select(Membership)
        .where(Membership.user_id == user_id, Membership.ended_at.is_(None))
        .options(joinedload(Membership.organisation), joinedload(Membership.authority))
        .order_by(Membership.id)
    )
    return list(db.session.scalars(query))


def latest_membership(user_id: int) -> Membership | None:
    """What this person acted as when last signed in, or else the first thing they may act as."""
    query = (
        select(Membership)
        .outerjoin(SignIn, SignIn.membership_id == Membership.id)
        .where(Membership.user_id == user_id, Membership.ended_at.is_(None))
        .order_by(SignIn.id.desc().nulls_last(), Membership.id)
        .limit(1)
    )
    return db.session.scalar(query)


def live_link(token: str, at: datetime, *purposes: LinkPurpose) -> OneTimeLink | None:
    """The one-time link behind a token, with its person, while it can still be used."""
    query = (
        select(OneTimeLink)
        .join(OneTimeLink.user)
        .where(
            OneTimeLink.token_hash == hash_token(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > at,
            OneTimeLink.purpose.in_(purposes),
            User.switched_off_at.is_(None),
        )
        .options(contains_eager(OneTimeLink.user))
    )
    return db.session.scalar(query)


def staff() -> list[Membership]:
    """Whoever acts for a council, and administrators, with person and authority; by role, authority and name."""
    query = (
        select(Membership)
        .join(Membership.user)
        .outerjoin(Membership.authority)
        .where(Membership.role.in_({*OF_A_COUNCIL, Role.ADMINISTRATOR}), Membership.ended_at.is_(None))
        .options(contains_eager(Membership.user), contains_eager(Membership.authority))
        .order_by(Membership.role, Authority.name, User.name, Membership.id)
    )
    return list(db.session.scalars(query))


def awaited_code(token_hash: str, at: datetime) -> SignIn | None:
    """The sign-in behind a token that waits for its person's code, with the person."""
    query = (
        select(SignIn)
        .where(SignIn.token_hash == token_hash, SignIn.ended_at.is_(None), SignIn.expires_at > at)
        .where(SignIn.awaits_code.is_(True))
        .options(joinedload(SignIn.membership).joinedload(Membership.user))
    )
    return db.session.scalar(query)


def live_sign_ins(user_id: int, at: datetime) -> list[SignIn]:
    """Where this person is signed in now, in whatever role, last used first."""
    query = (
        select(SignIn)
        .join(SignIn.membership)
        .where(Membership.user_id == user_id, SignIn.ended_at.is_(None), SignIn.expires_at > at)
        .where(SignIn.awaits_code.is_(False))
        .options(contains_eager(SignIn.membership))
        .order_by(SignIn.last_seen_at.desc(), SignIn.id.desc())
    )
    found = db.session.scalars(query)
    return [each for each in found if at < each.last_seen_at + LIMITS[Role(each.membership.role)].idle]


# Asked by every page of whoever is signed in, so it is put together once.
_SIGNED_IN = (
    select(
        SignIn.id,
        SignIn.way,
        SignIn.last_seen_at,
        SignIn.proved_at,
        SecondFactor.set_up_at.is_not(None),
        User.id,
        User.name,
        Membership.role,
        Membership.organisation_id,
        Membership.authority_id,
        Organisation.name,
        Authority.name,
        Organisation.is_supplier,
        select(EventHead.hash).scalar_subquery(),
    )
    .join(Membership, SignIn.membership_id == Membership.id)
    .join(User, Membership.user_id == User.id)
    .outerjoin(Organisation, Membership.organisation_id == Organisation.id)
    .outerjoin(Authority, Membership.authority_id == Authority.id)
    .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
    .where(SignIn.token_hash == bindparam("token_hash"), SignIn.ended_at.is_(None))
    .where(SignIn.expires_at > bindparam("at"), SignIn.awaits_code.is_(False))
    .where(Membership.ended_at.is_(None), User.switched_off_at.is_(None))
)


def signed_in(token_hash: str, at: datetime) -> SignedIn | None:
    """The live sign-in behind a cookie, in one query: neither ended, nor past its time, nor left alone too long."""
    row = db.session.connection().execute(_SIGNED_IN, {"token_hash": token_hash, "at": at}).one_or_none()
    found = SignedIn._make(row) if row else None
    return found if found and at < found.last_seen_at + LIMITS[Role(found.role)].idle else None


def end_sign_ins_of(user_id: int, at: datetime, keep: int | None = None) -> None:
    """Sign this person out everywhere, in every role, but in the sign-in to keep."""
    theirs = select(Membership.id).where(Membership.user_id == user_id)
    ending = update(SignIn).where(SignIn.membership_id.in_(theirs), SignIn.ended_at.is_(None))
    if keep is not None:
        ending = ending.where(SignIn.id != keep)
    db.session.execute(ending.values(ended_at=at))


def note_seen(sign_in_id: int, at: datetime) -> None:
    """A page was asked for with this sign-in: its idle time starts again."""
    db.session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(last_seen_at=at))


def actor_of(membership: Membership) -> Actor:
    """The actor that this membership makes of its person."""
    return Actor(
        role=Role(membership.role),
        user_id=membership.user_id,
        organisation_id=membership.organisation_id,
        authority_id=membership.authority_id,
        name=membership.user.name,
    )
