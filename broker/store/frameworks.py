"""Policy frameworks as rows: versions, their nodes, the crosswalk through the hub, and the catalogue of measures."""

from datetime import date

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ColumnElement,
    Float,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
    false,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from broker.domain.kinds import NodeKind
from broker.store.authorities import Authority
from broker.store.base import Base, db


class Framework(Base):
    """One version of one frame. A published one is never edited: the next version `supersedes` it.

    `status`: draft, current, superseded. `wording`: provisional (ours) or confirmed (typed by the authority).
    """

    __tablename__ = "framework"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("status IN ('draft', 'current', 'superseded')", name="status_known"),
        CheckConstraint("wording IN ('provisional', 'confirmed')", name="wording_known"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), index=True)
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(300))
    level: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    wording: Mapped[str] = mapped_column(String(20))
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"), index=True)
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("framework.id"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    licence: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(Text, default="")
    certainty: Mapped[str] = mapped_column(String(20), default="ours")  # how well the source is known
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    row_version: Mapped[int] = mapped_column(default=1)
    authority: Mapped[Authority | None] = relationship()
    supersedes: Mapped["Framework | None"] = relationship(remote_side=id)
    nodes: Mapped[list["Node"]] = relationship(back_populates="framework", order_by="Node.order, Node.id")
    rules: Mapped[list["FrameworkRule"]] = relationship(back_populates="framework", order_by="FrameworkRule.id")
    __mapper_args__ = {"version_id_col": row_version}

    @property
    def owners(self) -> frozenset[int]:
        return frozenset()

    @property
    def authorities(self) -> frozenset[int]:
        return frozenset({self.authority_id} if self.authority_id else ())

    @property
    def reference(self) -> str:
        """What another version calls this one, as the policy files write it."""
        return f"{self.code} v{self.version}"

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return false()

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return cls.authority_id == authority_id

    @property
    def is_provisional(self) -> bool:
        """True while the words are ours and not yet the authority's own."""
        return self.wording == "provisional"


class Node(Base):
    """A theme, priority, principle, outcome, mission, cohort or hub outcome of one framework version."""

    __tablename__ = "node"
    __table_args__ = (UniqueConstraint("framework_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    framework_id: Mapped[int] = mapped_column(ForeignKey("framework.id"))
    code: Mapped[str] = mapped_column(String(40), index=True)
    kind: Mapped[NodeKind] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(300))
    summary: Mapped[str] = mapped_column(Text, default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("node.id"))
    order: Mapped[int] = mapped_column(default=0)
    supports: Mapped[list[str]] = mapped_column(JSON, default=list)
    strategies: Mapped[list[str]] = mapped_column(JSON, default=list)
    framework: Mapped[Framework] = relationship(back_populates="nodes")
    mappings: Mapped[list["NodeMapping"]] = relationship(back_populates="node", order_by="NodeMapping.id")


class NodeMapping(Base):
    """How a node stands to a hub outcome: the relation is read from the node ('the node is broader than the hub')."""

    __tablename__ = "node_mapping"
    __table_args__ = (UniqueConstraint("node_id", "hub_code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    hub_code: Mapped[str] = mapped_column(String(40), index=True)
    relation: Mapped[str] = mapped_column(String(20))
    confidence: Mapped[float] = mapped_column(Float)
    rationale: Mapped[str] = mapped_column(Text, default="")
    reviewed_by: Mapped[str | None] = mapped_column(String(200))
    node: Mapped[Node] = relationship(back_populates="mappings")


class FrameworkRule(Base):
    """A rule that a framework version carries beside its themes."""

    __tablename__ = "framework_rule"
    __table_args__ = (UniqueConstraint("framework_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    framework_id: Mapped[int] = mapped_column(ForeignKey("framework.id"))
    name: Mapped[str] = mapped_column(String(80))
    value: Mapped[str] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(String(40))
    source: Mapped[str | None] = mapped_column(Text)
    certainty: Mapped[str] = mapped_column(String(20), default="ours")
    note: Mapped[str] = mapped_column(Text, default="")
    framework: Mapped[Framework] = relationship(back_populates="rules")


class Measure(Base):
    """A countable activity of the neutral catalogue. `points_to` holds outside codes only, never their text."""

    __tablename__ = "measure"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    label: Mapped[str] = mapped_column(String(300))
    unit: Mapped[str] = mapped_column(String(80))
    unit_kind: Mapped[str] = mapped_column(String(20))
    hubs: Mapped[list[str]] = mapped_column(JSON, default=list)
    evidence_min: Mapped[str] = mapped_column(Text, default="")
    exclusive_group: Mapped[str | None] = mapped_column(String(40))
    points_to: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    is_shipped: Mapped[bool] = mapped_column(Boolean, default=True)


def current_framework(authority: Authority) -> Framework | None:
    """The version in force for this authority, with its nodes: its own if it has published one, else the shared one."""
    if not authority.framework_code:
        return None
    query = (
        select(Framework)
        .where(Framework.code == authority.framework_code, Framework.status == "current")
        .options(selectinload(Framework.nodes))
    )
    return db.session.scalar(query)


def framework_with_nodes(framework_id: int) -> Framework | None:
    """One version with its authority and nodes."""
    return db.session.scalar(
        select(Framework)
        .where(Framework.id == framework_id)
        .options(selectinload(Framework.nodes), selectinload(Framework.authority))
    )
