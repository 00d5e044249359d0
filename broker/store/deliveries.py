"""Deliveries: what was done, whose it is, and how much of it is proven."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    and_,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship
from sqlalchemy.sql.base import ExecutableOption

from broker.domain.deliveries import CONFIRM_DAYS
from broker.domain.kinds import DeliveryState, Nature
from broker.domain.states import DELIVERY
from broker.domain.tiers import USUAL_HOURS, USUAL_POUNDS, Limits
from broker.store.accounts import User
from broker.store.authorities import Authority
from broker.store.base import Base, LargeAmount, db
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import Match
from broker.store.measures import Measure
from broker.store.organisations import Organisation
from broker.store.partnerships import Partnership
from broker.store.places import Ward
from broker.store.reach import InOneArea
from broker.store.rules import rules_in

WORD_RULES = ("first_tier_hours", "first_tier_pounds", "confirm_days")


class Delivery(InOneArea, Base):
    """So much of one measure that an organisation gave in a partnership, from one day to another.

    `verified` is how much of it is proven; claims never exceed that. `tier` is 1 where the receiver's word is enough,
    2 where a document and a second person are asked for; it is fixed when the delivery is logged. `apart` says why
    these are not the same hours as another line of the same days. What is inherent has no partnership and is only told.
    `answer_by`: the last day on which the receiver's silence is not yet taken for one. `worth` is in pounds.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("verified BETWEEN 0 AND quantity", name="verified_within_quantity"),
        CheckConstraint("verified = 0 OR state = 'verified'", name="verified_by_somebody"),
        CheckConstraint("started_on <= ended_on", name="dates_in_order"),
        CheckConstraint("worth IS NULL OR worth > 0", name="worth_positive"),
        CheckConstraint("tier IN (1, 2)", name="tier_known"),
        CheckConstraint(
            "(nature = 'additional' AND partnership_id IS NOT NULL AND state <> 'told')"
            " OR (nature = 'inherent' AND partnership_id IS NULL AND state IN ('told', 'withdrawn'))",
            name="inherent_is_told",
        ),
        Index("ix_delivery_period", "authority_id", "ended_on"),
        Index("ix_delivery_waiting", "state", "answer_by"),
    )
    machine = DELIVERY
    noun = "delivery"
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    partnership_id: Mapped[int | None] = mapped_column(ForeignKey("partnership.id"), index=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id"))
    nature: Mapped[Nature] = mapped_column(String(20))
    state: Mapped[DeliveryState] = mapped_column(String(20))
    quantity: Mapped[Decimal] = mapped_column(LargeAmount)
    verified: Mapped[Decimal] = mapped_column(LargeAmount, default=Decimal(0))
    worth: Mapped[Decimal | None] = mapped_column(LargeAmount)
    started_on: Mapped[date]
    ended_on: Mapped[date]
    place: Mapped[str] = mapped_column(String(300), default="")
    ward_id: Mapped[int | None] = mapped_column(ForeignKey("ward.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    apart: Mapped[str] = mapped_column(Text, default="")
    tier: Mapped[int]
    answer_by: Mapped[date | None]
    logged_at: Mapped[datetime]
    logged_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    verified_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)
    organisation: Mapped[Organisation] = relationship()
    partnership: Mapped[Partnership | None] = relationship()
    authority: Mapped[Authority] = relationship()
    measure: Mapped[Measure] = relationship()
    ward: Mapped[Ward | None] = relationship()
    logged_by: Mapped[User | None] = relationship()
    __mapper_args__ = {"version_id_col": row_version}

    @property
    def giver_id(self) -> int:
        return self.organisation_id

    @property
    def receiver_id(self) -> int | None:
        """Who got it: the side of the match that asked."""
        return self.partnership.match.demand.organisation_id if self.partnership else None

    @property
    def owners(self) -> frozenset[int]:
        return frozenset(each for each in (self.giver_id, self.receiver_id) if each is not None)

    @property
    def assignees(self) -> frozenset[int]:
        return self.partnership.assignees if self.partnership else frozenset()

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return or_(cls.given_by(organisation_id), cls.received_by(organisation_id))

    @classmethod
    def assigned_to(cls, user_id: int) -> ColumnElement[bool]:
        handed = (Partnership.id == cls.partnership_id, Partnership.assigned_to(user_id))
        return exists().where(*handed).correlate(cls)

    @classmethod
    def given_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return cls.organisation_id == organisation_id

    @classmethod
    def received_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return (
            exists()
            .where(
                Partnership.id == cls.partnership_id,
                Match.id == Partnership.match_id,
                Listing.id == Match.demand_id,
                Listing.organisation_id == organisation_id,
            )
            .correlate(cls)
        )


DONE = and_(Delivery.nature == Nature.ADDITIONAL, Delivery.state != DeliveryState.WITHDRAWN)

# What a page about one delivery needs, in one statement.
WHOLE: tuple[ExecutableOption, ...] = (
    joinedload(Delivery.organisation),
    joinedload(Delivery.measure),
    joinedload(Delivery.authority),
    joinedload(Delivery.ward),
    joinedload(Delivery.logged_by),
    joinedload(Delivery.partnership).joinedload(Partnership.commitment),
    *(
        joinedload(Delivery.partnership).joinedload(Partnership.match).joinedload(side).joinedload(Listing.organisation)
        for side in (Match.demand, Match.supply)
    ),
)


def deliveries_in(partnership_id: int, page: int = 1, size: int = 25) -> list[Delivery]:
    """One page (from 1), and one more, of what was done in a partnership, the latest first, each with its measure."""
    query = select(Delivery).where(Delivery.partnership_id == partnership_id).options(joinedload(Delivery.measure))
    latest = query.order_by(Delivery.ended_on.desc(), Delivery.id.desc())
    return list(db.session.scalars(latest.offset((page - 1) * size).limit(size + 1)))


def beside(partnership: Partnership, started_on: date, ended_on: date) -> list[Delivery]:
    """What its giver has done for its receiver on some of these days and not taken back, in whichever partnership of
    the two, the first line first.
    """
    query = select(Delivery).where(
        Delivery.given_by(partnership.giver_id),
        Delivery.received_by(partnership.receiver_id or 0),
        Delivery.state != DeliveryState.WITHDRAWN,
        Delivery.started_on <= ended_on,
        Delivery.ended_on >= started_on,
    )
    return list(db.session.scalars(query.options(joinedload(Delivery.measure)).order_by(Delivery.id)))


def by_ward(query: Select[*tuple[Any, ...]], done: Any = Delivery) -> Select[*tuple[Any, ...]]:
    """A query about deliveries, or of rows that have their partnership and ward (`done`), joined to their partnership
    and to the ward: their own, or else that of what they answer, as it is worded in the area of the partnership.
    """
    here = and_(Posting.listing_id == Match.demand_id, Posting.authority_id == Partnership.authority_id)
    return (
        query.join(Partnership, Partnership.id == done.partnership_id)
        .join(Match, Match.id == Partnership.match_id)
        .outerjoin(Posting, here)
        .outerjoin(ListingVersion, ListingVersion.id == Posting.approved_version_id)
        .outerjoin(Ward, Ward.id == func.coalesce(done.ward_id, ListingVersion.ward_id))
    )


def silent_before(on: date) -> list[Delivery]:
    """What was logged and not answered by the day that it should have been."""
    query = select(Delivery).where(Delivery.state == DeliveryState.LOGGED, Delivery.answer_by < on)
    return list(db.session.scalars(query.order_by(Delivery.id)))


def word_rules(authority_id: int) -> tuple[Limits, int]:
    """Up to how much a receiver's word is enough in an authority, and how many days it has to say it."""
    return read_word_rules(rules_in(authority_id, *WORD_RULES))


def read_word_rules(found: dict[str, str | None]) -> tuple[Limits, int]:
    """The same of the rules with these names (`WORD_RULES`)."""
    hours, pounds, days = (_number(found[name]) for name in WORD_RULES)
    limits = Limits(USUAL_HOURS if hours is None else hours, USUAL_POUNDS if pounds is None else pounds)
    return limits, int(days) if days else CONFIRM_DAYS


def _number(value: str | None) -> Decimal | None:
    """A rule's number; None where it has none, or is something else."""
    return Decimal(value) if value and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", value) else None
