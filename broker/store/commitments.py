"""Commitments: what a supplier promised under a contract, or of its own accord as a pledge."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, Text, and_, or_, select
from sqlalchemy.orm import Mapped, contains_eager, foreign, joinedload, mapped_column, relationship
from sqlalchemy.sql.base import ExecutableOption

from broker.domain.impact import promised
from broker.domain.kinds import CommitmentState
from broker.domain.states import COMMITMENT
from broker.store.accounts import Membership, User
from broker.store.authorities import Authority
from broker.store.base import Base, LargeAmount, db
from broker.store.contracts import Contract
from broker.store.measures import Measure
from broker.store.organisations import Organisation
from broker.store.reach import InOneArea, OfOneOrganisation


class Commitment(OfOneOrganisation, InOneArea, Base):
    """So much of one measure, by a day, to one authority. Without a contract it is a pledge.

    With `per_pounds` the quantity is promised once for each so many pounds that are spent under the contract, and
    grows with them. Its `owner` is the colleague who sees to it.
    """

    __tablename__ = "commitment"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("per_pounds IS NULL OR (per_pounds > 0 AND contract_id IS NOT NULL)", name="scales_with_spend"),
    )
    machine = COMMITMENT
    noun = "commitment"
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"), index=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id"))
    state: Mapped[CommitmentState] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(Text, default="")
    quantity: Mapped[Decimal] = mapped_column(LargeAmount)
    per_pounds: Mapped[Decimal | None] = mapped_column(LargeAmount)
    due_on: Mapped[date]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)
    organisation: Mapped[Organisation] = relationship()
    authority: Mapped[Authority] = relationship()
    contract: Mapped[Contract | None] = relationship()
    measure: Mapped[Measure] = relationship()
    owner: Mapped[User | None] = relationship()
    # As what the owner acts for the organisation; nothing while their invitation waits to be taken up.
    owner_place: Mapped[Membership | None] = relationship(
        primaryjoin=lambda: and_(
            foreign(Commitment.owner_id) == Membership.user_id,
            Commitment.organisation_id == Membership.organisation_id,
            Membership.ended_at.is_(None),
        ),
        viewonly=True,
    )
    __mapper_args__ = {"version_id_col": row_version}

    @property
    def promised(self) -> Decimal:
        """How much is promised as things stand, in the unit of the measure."""
        spent = self.contract.spent if self.contract else None
        return promised(self.quantity, self.per_pounds, spent, self.measure.unit_kind)

    @property
    def promised_in_full(self) -> Decimal | None:
        """How much it will be once all is spent; None where nobody can say what all is."""
        whole = self.contract.whole if self.contract else None
        if self.per_pounds is not None and whole is None:
            return None
        return promised(self.quantity, self.per_pounds, whole, self.measure.unit_kind)

    @property
    def first_day(self) -> date:
        """The day before which nothing could have been due."""
        return self.contract.starts_on if self.contract else self.created_at.date()

    @property
    def is_over(self) -> bool:
        return self.state == CommitmentState.WITHDRAWN

    @property
    def giver_id(self) -> int:
        return self.organisation_id

    @property
    def receiver_id(self) -> int | None:
        return None

    @property
    def assignees(self) -> frozenset[int]:
        managers = self.contract.assignees if self.contract else frozenset()
        return managers | ({self.owner_id} if self.owner_id else frozenset())

    @classmethod
    def assigned_to(cls, user_id: int) -> ColumnElement[bool]:
        managed = select(Contract.id).where(Contract.assigned_to(user_id))
        return or_(cls.owner_id == user_id, cls.contract_id.in_(managed))

    @classmethod
    def given_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return cls.organisation_id == organisation_id


OPEN = Commitment.state == CommitmentState.OPEN
# What a page about promises says of each, in one statement.
WITH_ALL: tuple[ExecutableOption, ...] = (
    joinedload(Commitment.authority),
    joinedload(Commitment.organisation),
    joinedload(Commitment.contract),
    joinedload(Commitment.measure),
    joinedload(Commitment.owner),
    joinedload(Commitment.owner_place),
)


def commitments_under(contract_id: int) -> list[Commitment]:
    """What is promised under a contract, those taken back last."""
    query = select(Commitment).where(Commitment.contract_id == contract_id).options(*WITH_ALL)
    return list(db.session.scalars(query.order_by(Commitment.state != CommitmentState.OPEN, *_SOONEST)))


def commitments_listed(
    within: ColumnElement[bool], *, state: str, search: str, supplier: int, offset: int, limit: int
) -> list[Commitment]:
    """Promises, contract by contract, the soonest due first; pledges last.

    `state`, `search` (part of what is promised, of a measure, contract or supplier) and `supplier` narrow the
    list unless blank.
    """
    query = (
        select(Commitment)
        .join(Commitment.organisation)
        .join(Commitment.measure)
        .join(Commitment.authority)
        .outerjoin(Commitment.contract)
        .where(within, *_narrowed(state, search, supplier))
        .options(*_LISTED)
        .order_by(Authority.name, Contract.id.is_(None), Contract.title, Contract.id, *_SOONEST)
    )
    return list(db.session.scalars(query.offset(offset).limit(limit)))


_SOONEST = (Commitment.due_on, Commitment.id)
_LISTED = (
    contains_eager(Commitment.organisation),
    contains_eager(Commitment.measure),
    contains_eager(Commitment.authority),
    contains_eager(Commitment.contract),
    joinedload(Commitment.owner),
    joinedload(Commitment.owner_place),
)


def _narrowed(state: str, search: str, supplier: int) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if state in set(CommitmentState):
        found.append(Commitment.state == state)
    if supplier:
        found.append(Commitment.organisation_id == supplier)
    if search:
        texts = (Commitment.what, Measure.label, Contract.title, Organisation.name)
        found.append(or_(*(text.icontains(search, autoescape=True) for text in texts)))
    return found


def open_commitments_of(organisation_id: int, authority_id: int) -> list[Commitment]:
    """What an organisation has promised to an authority and still has to keep, the soonest first."""
    mine = (Commitment.organisation_id == organisation_id, Commitment.authority_id == authority_id)
    query = select(Commitment).where(*mine, OPEN).options(*WITH_ALL)
    return list(db.session.scalars(query.order_by(*_SOONEST)))


def handed_to(user_id: int, organisation_id: int) -> list[Commitment]:
    """The promises of an organisation that a person sees to."""
    theirs = (Commitment.owner_id == user_id, Commitment.organisation_id == organisation_id)
    return list(db.session.scalars(select(Commitment).where(*theirs).order_by(Commitment.id)))
