"""Plans of a whole market: which needs and offers an officer was advised to pair."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, Float, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, defer, joinedload, mapped_column, relationship

from broker.domain.kinds import PlanMode, Unit
from broker.store.accounts import User
from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.jobs import Job
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.reach import OfOneAuthority


class Plan(OfOneAuthority, Base):
    """A plan over what was open in an area at `finished_at`; None while the worker has not drawn it.

    `needs`, `offers` and `pairs` are what it could choose from. `served`, `total` (the sum of the scores, each times
    the part of its need that is met) and `busiest` (how often one organisation is asked) are what it comes to;
    `hand_*` the same for picking the best pair one by one. `wards`: [{ward_id, open, served}], None for no ward.
    """

    __tablename__ = "plan"
    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    mode: Mapped[PlanMode] = mapped_column(String(20))
    cap: Mapped[int]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    needs: Mapped[int] = mapped_column(default=0)
    offers: Mapped[int] = mapped_column(default=0)
    pairs: Mapped[int] = mapped_column(default=0)
    served: Mapped[int] = mapped_column(default=0)
    total: Mapped[float] = mapped_column(Float, default=0.0)
    busiest: Mapped[int] = mapped_column(default=0)
    hand_served: Mapped[int] = mapped_column(default=0)
    hand_total: Mapped[float] = mapped_column(Float, default=0.0)
    hand_busiest: Mapped[int] = mapped_column(default=0)
    wards: Mapped[list[dict[str, int | None]]] = mapped_column(JSON, default=list)
    authority: Mapped[Authority] = relationship()
    by: Mapped[User | None] = relationship()


class PlanLine(Base):
    """One pair of a plan. `amount` in `unit`; both None for a whole, whose size people agree on.

    `part`: how much of the need it meets; a whole beside counted lines is one unit of it. `match_id`: the match that an
    officer made of it, whatever came of that.
    """

    __tablename__ = "plan_line"
    __table_args__ = (UniqueConstraint("plan_id", "demand_id", "supply_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    demand_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    supply_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    amount: Mapped[Decimal | None]
    unit: Mapped[Unit | None] = mapped_column(String(20))
    part: Mapped[float] = mapped_column(Float)
    score: Mapped[float] = mapped_column(Float)
    match_id: Mapped[int | None] = mapped_column(ForeignKey("match.id"), index=True)
    plan: Mapped[Plan] = relationship()
    demand: Mapped[Listing] = relationship(foreign_keys=demand_id)
    supply: Mapped[Listing] = relationship(foreign_keys=supply_id)
    match: Mapped[Match | None] = relationship()


def plans_of(authority_id: int) -> list[Plan]:
    """The fifty newest plans of an area, with who asked for them."""
    query = (
        select(Plan)
        .where(Plan.authority_id == authority_id)
        .options(joinedload(Plan.by), defer(Plan.wards))
        .order_by(Plan.id.desc())
        .limit(50)
    )
    return list(db.session.scalars(query))


def waiting_plan(authority_id: int, mode: PlanMode, cap: int) -> Plan | None:
    """The plan of this kind that was asked for and is not drawn yet."""
    same = (Plan.authority_id == authority_id, Plan.mode == mode, Plan.cap == cap)
    return db.session.scalars(select(Plan).where(*same, Plan.finished_at.is_(None)).limit(1)).first()


def plan_job(plan_id: int) -> Job | None:
    """The newest piece of background work for a plan."""
    query = select(Job).where(Job.kind == "plan", Job.argument == plan_id).order_by(Job.id.desc()).limit(1)
    return db.session.scalar(query)
