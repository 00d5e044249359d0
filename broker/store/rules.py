"""Which rule holds in an authority: its own, else its framework's, else our usual one."""

from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, union_all
from sqlalchemy.orm import aliased

from broker.store.authorities import Authority, AuthorityRule
from broker.store.base import db
from broker.store.frameworks import Framework, FrameworkRule, authorities_with_framework, is_hub

OWN, FRAME, USUAL = range(3)  # whose a rule is, the nearest first


class RuleRow(NamedTuple):
    """A rule as it holds in an authority, whose it is (OWN, FRAME or USUAL), and how well its source is known."""

    layer: int
    name: str
    value: str
    unit: str
    note: str
    certainty: str


def rules_of(authority_id: int) -> dict[str, RuleRow]:
    """By its name, every rule that holds in an authority."""
    own = select(literal(OWN).label("layer"), *_told(AuthorityRule)).where(AuthorityRule.authority_id == authority_id)
    frames, usual = (
        select(literal(layer), *_told(FrameworkRule)).join(FrameworkRule.framework).where(where)
        for layer, where in ((FRAME, _is_frame_of(authority_id)), (USUAL, is_hub()))
    )
    rows = db.session.execute(union_all(own, frames, usual).order_by("layer"))
    found: dict[str, RuleRow] = {}
    for row in rows:
        held = RuleRow._make(cast(tuple[Any, ...], row))
        found.setdefault(held.name, held)
    return found


def _told(rule: type[AuthorityRule] | type[FrameworkRule]) -> tuple[Any, ...]:
    return rule.name, rule.value, rule.unit, rule.note, rule.certainty


def rule_value(authority: Authority, name: str) -> str | None:
    """The value of a rule for an authority: its own, else its framework's, else our usual one."""
    return rule_in(authority.id, name)


def rule_in(authority_id: int, name: str) -> str | None:
    """The same by the authority's id."""
    return rules_in(authority_id, name)[name]


def rules_in(authority_id: int, *names: str) -> dict[str, str | None]:
    """The same for several rules at once."""
    row = db.session.execute(select(*(_in_force(authority_id, name) for name in names))).one()
    return dict(zip(names, row, strict=True))


def framework_and_rules(authority_id: int, *names: str) -> tuple[Authority, Framework | None, dict[str, str | None]]:
    """An authority, the version of its frame that is in force, with nodes and mappings, and several rules at once."""
    rules = (_in_force(authority_id, name) for name in names)
    query = authorities_with_framework().where(Authority.id == authority_id).add_columns(*rules)
    authority, framework, *values = db.session.execute(query).unique().one()
    return authority, framework, dict(zip(names, values, strict=True))


def _in_force(authority_id: int, name: str) -> ColumnElement[str]:
    own = select(AuthorityRule.value).where(AuthorityRule.authority_id == authority_id, AuthorityRule.name == name)
    ruled = select(FrameworkRule.value).join(FrameworkRule.framework).where(FrameworkRule.name == name)
    frames, usual = ruled.where(_is_frame_of(authority_id)), ruled.where(is_hub())
    return func.coalesce(*(query.limit(1).scalar_subquery() for query in (own, frames, usual)))


def authorities_where(name: str, begins: str) -> Select[int]:
    """The ids of the authorities for which a rule, their own or the nearest there is, begins with this word."""
    area = aliased(Authority)
    own = select(AuthorityRule.value).where(AuthorityRule.authority_id == area.id, AuthorityRule.name == name)
    ruled = select(FrameworkRule.value).join(FrameworkRule.framework).where(FrameworkRule.name == name)
    frames = ruled.where(Framework.code == area.framework_code, Framework.status == "current")
    layers = [each.correlate(area).limit(1).scalar_subquery() for each in (own, frames, ruled.where(is_hub()))]
    return select(area.id).where(func.lower(func.ltrim(func.coalesce(*layers))).startswith(begins))


def _is_frame_of(authority_id: int) -> ColumnElement[bool]:
    code = select(Authority.framework_code).where(Authority.id == authority_id).scalar_subquery()
    return and_(Framework.code == code, Framework.status == "current")
