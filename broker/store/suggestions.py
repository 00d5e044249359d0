"""What the matcher proposes: pairs with their score and reasons, as stored by the worker."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.store.base import Base
from broker.store.listings import Listing


class Suggestion(Base):
    """The computer's pairing of a demand with a supply. `demand_rank`: its place (from 1) in the demand's list, or
    None when it stands only in the supply's; `supply_rank` the other way round. `reason` is matching.Reason as JSON.
    """

    __tablename__ = "suggestion"
    __table_args__ = (
        CheckConstraint("demand_rank IS NOT NULL OR supply_rank IS NOT NULL", name="ranked_somewhere"),
        Index("ix_suggestion_supply", "supply_id", "supply_rank"),
    )
    demand_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    supply_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    score: Mapped[float] = mapped_column(Float)
    demand_rank: Mapped[int | None]
    supply_rank: Mapped[int | None]
    reason: Mapped[dict[str, object]] = mapped_column(JSON)
    engine: Mapped[str] = mapped_column(String(40))
    computed_at: Mapped[datetime]
    demand: Mapped[Listing] = relationship(foreign_keys=demand_id)
    supply: Mapped[Listing] = relationship(foreign_keys=supply_id)
