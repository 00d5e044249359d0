"""Contracts that carry social value promises: who buys, who supplies, for how much and until when."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.store.accounts import User
from broker.store.authorities import Authority
from broker.store.base import Base, LargeAmount, db
from broker.store.organisations import Organisation

_IDENTIFIED = text("identifier <> ''")


class Contract(Base):
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
    def owners(self) -> frozenset[int]:
        return frozenset({self.organisation_id})

    @property
    def authorities(self) -> frozenset[int]:
        return frozenset({self.authority_id})

    @property
    def assignees(self) -> frozenset[int]:
        return frozenset({self.manager_id} if self.manager_id else ())

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return cls.organisation_id == organisation_id

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return cls.authority_id == authority_id

    @classmethod
    def assigned_to(cls, user_id: int) -> ColumnElement[bool]:
        return cls.manager_id == user_id


def contract_known_as(authority_id: int, identifier: str) -> Contract | None:
    """The contract of an authority with this outside identifier."""
    known = (Contract.authority_id == authority_id, Contract.identifier == identifier)
    return db.session.scalar(select(Contract).where(*known)) if identifier else None
