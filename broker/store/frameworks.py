"""Policy frameworks as rows: versions, their nodes, and the crosswalk through the hub."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    and_,
    exists,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from broker.domain.kinds import NodeKind
from broker.domain.listings import CHOOSABLE
from broker.domain.permissions import Action, Actor
from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.reach import OfOneAuthority, within

_CURRENT = text("status = 'current'")
PLACEHOLDER = "[placeholder]"  # what a label of ours begins with where the authority's own is not known


class Framework(OfOneAuthority, Base):
    """One version of one frame. A published one is never edited: the next version `supersedes` it.

    `status`: draft, current, superseded. `wording`: provisional (ours) or confirmed (typed by the authority).
    """

    __tablename__ = "framework"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        Index("uq_framework_current", "code", unique=True, sqlite_where=_CURRENT, postgresql_where=_CURRENT),
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
    def reference(self) -> str:
        """What another version calls this one, as the policy files write it."""
        return f"{self.code} v{self.version}"

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

    @property
    def is_placeholder(self) -> bool:
        """True while the label only keeps the place of one that is not known."""
        return self.label.startswith(PLACEHOLDER)


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


def framework_and_hub(framework_id: int) -> tuple[Framework | None, Framework | None]:
    """One version, whole (nodes, mappings, rules), and the shared outcomes that it is mapped to. Two statements."""
    query = select(Framework).where(or_(Framework.id == framework_id, is_hub())).options(*_whole())
    found = list(db.session.scalars(query).unique())
    wanted = next((each for each in found if each.id == framework_id), None)
    hub = next((each for each in found if any(node.kind == NodeKind.HUB for node in each.nodes)), None)
    return wanted, hub


def shared_outcomes() -> Framework | None:
    """The hub that every frame is mapped to, whole."""
    return db.session.scalars(select(Framework).where(is_hub()).options(*_whole())).unique().one_or_none()


def outcome_labels() -> dict[str, str]:
    """The shared outcomes by code, as they are called, in their order."""
    query = select(Node.code, Node.label).join(Node.framework).where(Node.kind == NodeKind.HUB)
    return {row.code: row.label for row in db.session.execute(query.order_by(Node.order, Node.code))}


def framework_in(code: str) -> tuple[Authority, Framework | None] | None:
    """An authority by its code and the version that is in force for it, with nodes and mappings, in one statement;
    None where there is no such authority.
    """
    row = db.session.execute(authorities_with_framework().where(Authority.code == code)).unique().one_or_none()
    return (row[0], row[1]) if row else None


def authorities_with_framework() -> Select[Authority, Framework]:
    """Every authority beside the version that is in force for it, with nodes and mappings."""
    in_force = and_(Framework.code == Authority.framework_code, Framework.status == "current")
    whole = joinedload(Framework.nodes).joinedload(Node.mappings)
    return select(Authority, Framework).outerjoin(Framework, in_force).options(whole)


def versions_of(code: str) -> list[Framework]:
    """All versions of a frame, newest first."""
    return list(db.session.scalars(select(Framework).where(Framework.code == code).order_by(Framework.version.desc())))


def framework_version(code: str, version: int) -> Framework | None:
    return db.session.scalar(select(Framework).where(Framework.code == code, Framework.version == version))


def current_version(code: str) -> Framework | None:
    return db.session.scalar(select(Framework).where(Framework.code == code, Framework.status == "current"))


def frameworks_for(actor: Actor | None) -> list[Framework]:
    """Every published version, and the drafts that this actor may see, with their authorities; newest version first."""
    may_see = or_(Framework.status != "draft", within(Framework, actor, Action.SEE_DRAFT_FRAMEWORK))
    query = select(Framework).where(may_see).options(joinedload(Framework.authority))
    return list(db.session.scalars(query.order_by(Framework.name, Framework.version.desc())))


def authorities_using(code: str) -> list[Authority]:
    """The authorities that work by a frame, with their own rules, by name."""
    query = select(Authority).where(Authority.framework_code == code).options(joinedload(Authority.rules))
    return list(db.session.scalars(query.order_by(Authority.name)).unique())


def node_codes(code: str) -> set[str]:
    """Every node code that any version of a frame has used."""
    return set(db.session.scalars(select(Node.code).join(Node.framework).where(Framework.code == code)))


def owners_of_nodes(codes: set[str]) -> dict[str, str]:
    """Which frame uses each of these node codes."""
    query = select(Node.code, Framework.code).join(Node.framework).where(Node.code.in_(codes))
    return {row[0]: row[1] for row in db.session.execute(query)}


def priorities_of(framework: Framework) -> list[tuple[str, list[Node]]]:
    """What a listing may choose from, under the label of the theme it stands in ('' where it stands alone)."""
    parents = {node.parent_id for node in framework.nodes}
    labels = {node.id: node.label for node in framework.nodes}
    grouped: dict[str, list[Node]] = {}
    for node in framework.nodes:
        if node.id not in parents and node.kind in CHOOSABLE:
            grouped.setdefault(labels.get(node.parent_id or 0, ""), []).append(node)
    return list(grouped.items())


def nodes_with_ids(ids: Collection[int]) -> list[Node]:
    """These nodes, those that exist."""
    return list(db.session.scalars(select(Node).where(Node.id.in_(ids)).order_by(Node.order)))


def frameworks_in_force(codes: Collection[str | None]) -> list[Framework]:
    """The current versions of these frames, with their nodes, in one statement."""
    query = (
        select(Framework)
        .where(Framework.code.in_({code for code in codes if code}), Framework.status == "current")
        .options(joinedload(Framework.nodes))
        .order_by(Framework.name)
    )
    return list(db.session.scalars(query).unique())


def is_hub() -> ColumnElement[bool]:
    return and_(
        Framework.status == "current", exists().where(Node.framework_id == Framework.id, Node.kind == NodeKind.HUB)
    )


def _whole() -> tuple[ORMOption, ...]:
    return (
        joinedload(Framework.authority),
        joinedload(Framework.rules),
        selectinload(Framework.nodes).joinedload(Node.mappings),
    )
