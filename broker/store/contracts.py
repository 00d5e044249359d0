"""Contracts that carry social value promises: who buys, who supplies, for how much and until when."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, and_, exists, func, or_, select, text
from sqlalchemy.orm import Mapped, contains_eager, joinedload, mapped_column, relationship, selectinload

from broker.domain.contracts import Stage
from broker.domain.kinds import Role
from broker.store.accounts import Membership, User
from broker.store.authorities import Authority
from broker.store.base import Base, LargeAmount, db
from broker.store.organisations import Identifier, Organisation
from broker.store.reach import InOneArea, OfOneOrganisation

_IDENTIFIED = text("identifier <> ''")


class Contract(OfOneOrganisation, InOneArea, Base):
    """A contract of an authority with a supplier. `value` and what is `spent` so far are in pounds.

    `identifier` is how it is known elsewhere, such as an OCDS ocid: one contract of an authority each. `manager` sees
    this contract and no other; `manager_name` stands for one who has no account.
    """

    __tablename__ = "contract"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="dates_in_order"),
        CheckConstraint("value IS NULL OR value >= 0", name="value_not_negative"),
        CheckConstraint("spent >= 0", name="spent_not_negative"),
        Index(
            "uq_contract_identifier",
            "authority_id",
            "identifier",
            unique=True,
            sqlite_where=_IDENTIFIED,
            postgresql_where=_IDENTIFIED,
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    title: Mapped[str] = mapped_column(String(400))
    buyer: Mapped[str] = mapped_column(String(300), default="")
    identifier: Mapped[str] = mapped_column(String(100), default="")
    value: Mapped[Decimal | None] = mapped_column(LargeAmount)
    spent: Mapped[Decimal] = mapped_column(LargeAmount, default=Decimal(0))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    manager_name: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)
    authority: Mapped[Authority] = relationship()
    organisation: Mapped[Organisation] = relationship()
    manager: Mapped[User | None] = relationship()
    __mapper_args__ = {"version_id_col": row_version}

    @property
    def whole(self) -> Decimal | None:
        """The value, or what is spent where that is more by now; None where the value is not stated."""
        return None if self.value is None else max(self.value, self.spent)

    @property
    def assignees(self) -> frozenset[int]:
        return frozenset({self.manager_id} if self.manager_id else ())

    @classmethod
    def assigned_to(cls, user_id: int) -> ColumnElement[bool]:
        return cls.manager_id == user_id


def contract_known_as(authority_id: int, identifier: str) -> Contract | None:
    """The contract of an authority with this outside identifier."""
    known = (Contract.authority_id == authority_id, Contract.identifier == identifier)
    return db.session.scalar(select(Contract).where(*known)) if identifier else None


def contract_like(authority_id: int, supplier_id: int, title: str, starts_on: date, ends_on: date) -> Contract | None:
    """The newest contract of an authority with this supplier, title and days."""
    same = (
        Contract.authority_id == authority_id,
        Contract.organisation_id == supplier_id,
        Contract.title == title,
        Contract.starts_on == starts_on,
        Contract.ends_on == ends_on,
    )
    return db.session.scalars(select(Contract).where(*same).order_by(Contract.id.desc()).limit(1)).first()


def contracts_listed(
    within: ColumnElement[bool], on: date, *, stage: str, search: str, supplier: int, offset: int, limit: int
) -> list[Contract]:
    """Contracts with supplier, authority and manager, the soonest to end first; those that are over come last.

    `stage` (as on that day), `search` (part of a title, buyer, identifier or supplier's name) and `supplier` narrow the
    list unless blank.
    """
    query = (
        select(Contract)
        .join(Contract.organisation)
        .where(within, *_narrowed(on, stage, search, supplier))
        .options(contains_eager(Contract.organisation), joinedload(Contract.authority), joinedload(Contract.manager))
        .order_by(Contract.ends_on < on, Contract.ends_on, Contract.id)
    )
    return list(db.session.scalars(query.offset(offset).limit(limit)))


def _narrowed(on: date, stage: str, search: str, supplier: int) -> list[ColumnElement[bool]]:
    stages = {
        Stage.TO_COME: Contract.starts_on > on,
        Stage.RUNNING: and_(Contract.starts_on <= on, Contract.ends_on >= on),
        Stage.OVER: Contract.ends_on < on,
    }
    found = [stages[Stage(stage)]] if stage in set(Stage) else []
    if supplier:
        found.append(Contract.organisation_id == supplier)
    if search:
        texts = (Contract.title, Contract.buyer, Contract.identifier, Organisation.name)
        found.append(or_(*(text.icontains(search, autoescape=True) for text in texts)))
    return found


def suppliers_in(authority_id: int, search: str, offset: int, limit: int) -> list[Organisation]:
    """The suppliers that an authority knows, by name; `search`: part of a name, or a whole register number."""
    query = select(Organisation).where(Organisation.is_supplier, Organisation.in_area(authority_id))
    if search:
        numbered = exists().where(Identifier.organisation_id == Organisation.id, Identifier.number == search.upper())
        query = query.where(or_(Organisation.name.icontains(search, autoescape=True), numbered))
    query = query.options(selectinload(Organisation.identifiers)).order_by(func.lower(Organisation.name))
    return list(db.session.scalars(query.order_by(Organisation.id).offset(offset).limit(limit)))


def all_suppliers_in(authority_id: int) -> list[Organisation]:
    """Every supplier that an authority knows, with its register numbers."""
    query = select(Organisation).where(Organisation.is_supplier, Organisation.in_area(authority_id))
    return list(db.session.scalars(query.options(selectinload(Organisation.identifiers)).order_by(Organisation.id)))


def all_contracts_in(authority_id: int) -> list[Contract]:
    """Every contract of an authority, the oldest entry first."""
    return list(db.session.scalars(select(Contract).where(Contract.authority_id == authority_id).order_by(Contract.id)))


def managers_in(authority_id: int) -> list[User]:
    """Who may be put in charge of a contract of an authority: its contract managers, by name."""
    query = select(User).join(Membership, Membership.user_id == User.id).where(*_manages(authority_id))
    return list(db.session.scalars(query.order_by(func.lower(User.name), User.id)))


def is_manager(user_id: int, authority_id: int) -> bool:
    """Whether this person is a contract manager of the authority."""
    found = select(Membership.id).where(Membership.user_id == user_id, *_manages(authority_id))
    return db.session.scalar(found) is not None


def _manages(authority_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Membership.role == Role.CONTRACT_MANAGER,
        Membership.authority_id == authority_id,
        Membership.ended_at.is_(None),
    )
