"""Whose a thing is and where it lies, read straight from the tables: what pages use to decide is not asked."""

from dataclasses import dataclass

from sqlalchemy import text

from broker.domain.permissions import GRANTS, Action, Actor, Reach
from broker.store.base import db

# The first question about each thing that an address can name: whoever may not even do this must not know of it.
SEEING = {
    "listing_id": Action.SEE_LISTING,
    "posting_id": Action.SEE_LISTING,
    "match_id": Action.SEE_MATCH,
    "partnership_id": Action.SEE_PARTNERSHIP,
    "organisation_id": Action.SEE_ORGANISATION,
    "registration_id": Action.SEE_ORGANISATION,
    "import_id": Action.IMPORT_LISTINGS,
    "plan_id": Action.PLAN_MARKET,
    "boost_id": Action.SEE_FAIRNESS,
    "group_id": Action.SEE_FAIRNESS,
}
OWNERS = {
    "listing_id": "SELECT organisation_id FROM listing WHERE id = :id",
    "posting_id": "SELECT l.organisation_id FROM posting p JOIN listing l ON l.id = p.listing_id WHERE p.id = :id",
    "match_id": """SELECT l.organisation_id FROM match m JOIN listing l ON l.id IN (m.demand_id, m.supply_id)
                   WHERE m.id = :id AND m.proposed_at IS NOT NULL""",
    "partnership_id": """SELECT l.organisation_id FROM partnership p JOIN match m ON m.id = p.match_id
                         JOIN listing l ON l.id IN (m.demand_id, m.supply_id) WHERE p.id = :id""",
    "organisation_id": "SELECT id FROM organisation WHERE id = :id",
    "registration_id": "SELECT organisation_id FROM registration WHERE id = :id",
}
AREAS = {
    "listing_id": "SELECT authority_id FROM posting WHERE listing_id = :id",
    "posting_id": "SELECT authority_id FROM posting WHERE id = :id",
    "match_id": "SELECT authority_id FROM match WHERE id = :id",
    "partnership_id": "SELECT authority_id FROM partnership WHERE id = :id",
    "organisation_id": "SELECT authority_id FROM registration WHERE organisation_id = :id",
    "registration_id": "SELECT authority_id FROM registration WHERE id = :id",
    "import_id": "SELECT authority_id FROM import WHERE id = :id",
    "plan_id": "SELECT authority_id FROM plan WHERE id = :id",
    "boost_id": "SELECT authority_id FROM listing_boost WHERE id = :id",
    "group_id": "SELECT authority_id FROM need_group WHERE id = :id",
    "framework_id": "SELECT authority_id FROM framework WHERE id = :id AND authority_id IS NOT NULL",
    "authority_id": "SELECT id FROM authority WHERE id = :id",
}
# Who else deals with a listing: whoever was put on the other side of it.
OTHERS = {
    "listing_id": """SELECT DISTINCT l.organisation_id FROM match m JOIN listing l ON l.id IN (m.demand_id, m.supply_id)
                     WHERE :id IN (m.demand_id, m.supply_id) AND m.proposed_at IS NOT NULL""",
    "posting_id": """SELECT DISTINCT l.organisation_id FROM posting p
                     JOIN match m ON p.listing_id IN (m.demand_id, m.supply_id)
                     JOIN listing l ON l.id IN (m.demand_id, m.supply_id)
                     WHERE p.id = :id AND m.proposed_at IS NOT NULL""",
}
# What everybody may choose: a listing that is shown, a frame that is no single council's.
PUBLIC = {
    "listing_id": """SELECT listing_id FROM posting WHERE listing_id = :id AND (state = 'open'
                     OR (stays_public AND state IN ('submitted', 'returned')))""",
    "framework_id": "SELECT id FROM framework WHERE id = :id AND status <> 'draft' AND authority_id IS NULL",
}


@dataclass(frozen=True)
class Facts:
    """One thing that an address names: by which parameter, under which id, whose, where, and who else deals with it."""

    name: str
    id: int
    owners: frozenset[int]
    areas: frozenset[int]
    others: frozenset[int]
    is_public: bool

    @property
    def exists(self) -> bool:
        return bool(self.owners or self.areas)

    def reached_by(self, actor: Actor, action: Action) -> bool:
        """The declared table, applied to what the tables say."""
        how_far = GRANTS[action].get(actor.role, Reach.NONE)
        if how_far is Reach.AREA:
            return actor.authority_id in self.areas
        if how_far is Reach.OWN:
            return actor.organisation_id in self.owners
        return how_far is Reach.ALL


def facts_of(name: str, thing_id: int) -> Facts:
    owners, areas = _ids(OWNERS, name, thing_id), _ids(AREAS, name, thing_id)
    others = _ids(OTHERS, name, thing_id) - owners
    return Facts(name, thing_id, owners, areas, others, bool(_ids(PUBLIC, name, thing_id)))


def _ids(questions: dict[str, str], name: str, thing_id: int) -> frozenset[int]:
    question = questions.get(name)
    return frozenset(db.session.scalars(text(question), {"id": thing_id})) if question else frozenset()
