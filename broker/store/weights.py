"""The settings of the matcher's weights: as shipped, as learned from decisions, which is in use, what came before."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.domain.kinds import WeightsState
from broker.domain.states import WEIGHTS
from broker.store.base import Base, db

_IN_USE = text(f"state = '{WeightsState.IN_USE}'")
SHIPPED = "shipped"


class WeightsVersion(Base):
    """One setting. `numbers` is matching.Weights as JSON; `before_id` the setting that was in use when it was made.

    One that was learned says from how many `decisions` on how many `needs`, and `figures`: the order of decisions that
    it had not seen, before and after, with the gain and its interval (matching.learning.Proposal). `verdict` sums up.
    """

    __tablename__ = "weights_version"
    __table_args__ = (
        Index("uq_weights_version_in_use", "state", unique=True, sqlite_where=_IN_USE, postgresql_where=_IN_USE),
    )
    machine = WEIGHTS
    noun = "weights"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    numbers: Mapped[dict[str, float]] = mapped_column(JSON)
    state: Mapped[WeightsState] = mapped_column(String(20))
    before_id: Mapped[int | None] = mapped_column(ForeignKey("weights_version.id"))
    decisions: Mapped[int] = mapped_column(default=0)
    needs: Mapped[int] = mapped_column(default=0)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    verdict: Mapped[str | None] = mapped_column(String(20))
    made_at: Mapped[datetime]
    in_use_since: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    before: Mapped["WeightsVersion | None"] = relationship(remote_side=id)

    owners: frozenset[int] = frozenset()
    authorities: frozenset[int] = frozenset()


def version_in_use() -> WeightsVersion | None:
    """The setting that the matcher works with; None in a database that no setting was written to yet."""
    return db.session.scalar(select(WeightsVersion).where(WeightsVersion.state == WeightsState.IN_USE))


def weights_in_use() -> tuple[str, dict[str, float]]:
    """Its name and its numbers for matching.Weights.from_json; no number stands for the one that ships."""
    found = version_in_use()
    return (found.name, found.numbers) if found else (SHIPPED, {})


def version_of(name: str) -> WeightsVersion | None:
    """The setting of this name."""
    return db.session.scalar(select(WeightsVersion).where(WeightsVersion.name == name))


def versions() -> list[WeightsVersion]:
    """Every setting, the newest first."""
    return list(db.session.scalars(select(WeightsVersion).order_by(WeightsVersion.id.desc())))


def last_learned() -> WeightsVersion | None:
    """The newest setting that was learned, whatever became of it."""
    query = select(WeightsVersion).where(WeightsVersion.verdict.is_not(None)).order_by(WeightsVersion.id.desc())
    return db.session.scalar(query.limit(1))
