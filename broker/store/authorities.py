"""Councils and combined authorities, and the rules each works by."""

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.store.base import Base, db


class Authority(Base):
    """A council that runs the market in its area. `code` is the ONS code; `framework_code` the frame it uses now."""

    __tablename__ = "authority"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    region: Mapped[str] = mapped_column(String(200), default="")
    framework_code: Mapped[str | None] = mapped_column(String(40))
    rules: Mapped[list["AuthorityRule"]] = relationship(back_populates="authority", order_by="AuthorityRule.id")

    @property
    def owners(self) -> frozenset[int]:
        return frozenset()

    @property
    def authorities(self) -> frozenset[int]:
        return frozenset({self.id})


class AuthorityRule(Base):
    """One rule of an authority's profile: weighting, what counts as local, how often to report, who verifies."""

    __tablename__ = "authority_rule"
    __table_args__ = (UniqueConstraint("authority_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    name: Mapped[str] = mapped_column(String(80))
    value: Mapped[str] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(String(40))
    source: Mapped[str | None] = mapped_column(Text)
    certainty: Mapped[str] = mapped_column(String(20), default="ours")  # how well the source is known
    note: Mapped[str] = mapped_column(Text, default="")
    authority: Mapped[Authority] = relationship(back_populates="rules")


def all_authorities() -> list[Authority]:
    """Every authority by name, rules left unloaded."""
    return list(db.session.scalars(select(Authority).order_by(Authority.name)))


def authority_by_code(code: str) -> Authority | None:
    return db.session.scalar(select(Authority).where(Authority.code == code.strip().upper()))
