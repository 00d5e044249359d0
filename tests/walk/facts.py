"""Whose a thing is and where it lies, read straight from the tables: what pages use to decide is not asked."""

# ruff: noqa: S608 - questions put together from parts of our own

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
    "contract_id": Action.SEE_CONTRACT,
    "commitment_id": Action.SEE_COMMITMENT,
    "milestone_id": Action.REACH_MILESTONE,
    "delivery_id": Action.SEE_DELIVERY,
    "evidence_id": Action.SEE_DELIVERY,
    "file_id": Action.SEE_DELIVERY,
    "claim_id": Action.SEE_COMMITMENT,
    "edition_id": Action.SEE_VALUATIONS,
    "period_id": Action.SEE_REPORTS,
    "idea_id": Action.SEE_WARD,
}
_SIDE = """SELECT l.organisation_id FROM partnership p JOIN match m ON m.id = p.match_id
           JOIN listing l ON l.id = m.{side}_id WHERE p.id IN """
_DONE = "SELECT organisation_id FROM delivery WHERE id IN {delivery}"
_DELIVERY = {
    "delivery_id": "(:id)",
    "evidence_id": "(SELECT delivery_id FROM evidence WHERE id = :id)",
    "file_id": "(SELECT delivery_id FROM evidence WHERE file_id = :id)",
}
_PARTNERSHIP = {
    "partnership_id": "(:id)",
    **{name: f"(SELECT partnership_id FROM delivery WHERE id IN {which})" for name, which in _DELIVERY.items()},
}
_COMMITMENT = {
    "commitment_id": "(:id)",
    "milestone_id": """(SELECT COALESCE(s.commitment_id, p.commitment_id) FROM milestone s
                        LEFT JOIN partnership p ON p.id = s.partnership_id WHERE s.id = :id)""",
    "claim_id": "(SELECT commitment_id FROM claim WHERE id = :id)",
    **{name: f"(SELECT commitment_id FROM partnership WHERE id IN {which})" for name, which in _PARTNERSHIP.items()},
}
GIVERS = {
    "commitment_id": "SELECT organisation_id FROM commitment WHERE id = :id",
    "claim_id": "SELECT d.organisation_id FROM claim c JOIN delivery d ON d.id = c.delivery_id WHERE c.id = :id",
    "partnership_id": _SIDE.format(side="supply") + "(:id)",
    **{name: _DONE.format(delivery=which) for name, which in _DELIVERY.items()},
}
RECEIVERS = {name: _SIDE.format(side="demand") + which for name, which in _PARTNERSHIP.items()}
HANDED = {
    "contract_id": "SELECT manager_id FROM contract WHERE id = :id AND manager_id IS NOT NULL",
    **{
        name: f"""SELECT owner_id FROM commitment WHERE id IN {which} AND owner_id IS NOT NULL
                  UNION SELECT k.manager_id FROM commitment c JOIN contract k ON k.id = c.contract_id
                  WHERE c.id IN {which} AND k.manager_id IS NOT NULL"""
        for name, which in _COMMITMENT.items()
    },
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
    "contract_id": "SELECT organisation_id FROM contract WHERE id = :id",
    "commitment_id": GIVERS["commitment_id"],
    "claim_id": "SELECT organisation_id FROM commitment WHERE id = (SELECT commitment_id FROM claim WHERE id = :id)",
    "milestone_id": f"""SELECT organisation_id FROM commitment WHERE id =
                        (SELECT commitment_id FROM milestone WHERE id = :id)
                        UNION {_SIDE.format(side="supply")} (SELECT partnership_id FROM milestone WHERE id = :id)
                        UNION {_SIDE.format(side="demand")} (SELECT partnership_id FROM milestone WHERE id = :id)""",
    **{name: f"{GIVERS[name]} UNION {RECEIVERS[name]}" for name in _DELIVERY},
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
    "contract_id": "SELECT authority_id FROM contract WHERE id = :id",
    "milestone_id": """SELECT authority_id FROM commitment WHERE id =
                        (SELECT commitment_id FROM milestone WHERE id = :id)
                        UNION SELECT authority_id FROM partnership WHERE id =
                        (SELECT partnership_id FROM milestone WHERE id = :id)""",
    "commitment_id": "SELECT authority_id FROM commitment WHERE id = :id",
    "claim_id": f"SELECT authority_id FROM commitment WHERE id IN {_COMMITMENT['claim_id']}",
    **{name: f"SELECT authority_id FROM delivery WHERE id IN {which}" for name, which in _DELIVERY.items()},
    "edition_id": "SELECT authority_id FROM valuation_edition WHERE id = :id",
    "period_id": "SELECT authority_id FROM report_period WHERE id = :id",
    "idea_id": "SELECT authority_id FROM project_idea WHERE id = :id",
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
    givers: frozenset[int] = frozenset()
    receivers: frozenset[int] = frozenset()
    handed_to: frozenset[int] = frozenset()

    @property
    def exists(self) -> bool:
        return bool(self.owners or self.areas)

    def reached_by(self, actor: Actor, action: Action) -> bool:
        """The declared table, applied to what the tables say."""
        how_far = GRANTS[action].get(actor.role, Reach.NONE)
        by_reach = {
            Reach.AREA: (actor.authority_id, self.areas),
            Reach.OWN: (actor.organisation_id, self.owners),
            Reach.GIVEN: (actor.organisation_id, self.givers),
            Reach.RECEIVED: (actor.organisation_id, self.receivers),
            Reach.ASSIGNED: (actor.user_id, self.handed_to),
        }
        place, places = by_reach.get(how_far, (None, frozenset[int]()))
        return how_far is Reach.ALL or place in places


def facts_of(name: str, thing_id: int) -> Facts:
    owners, areas = _ids(OWNERS, name, thing_id), _ids(AREAS, name, thing_id)
    others = _ids(OTHERS, name, thing_id) - owners
    sides = (_ids(questions, name, thing_id) for questions in (GIVERS, RECEIVERS, HANDED))
    return Facts(name, thing_id, owners, areas, others, bool(_ids(PUBLIC, name, thing_id)), *sides)


def _ids(questions: dict[str, str], name: str, thing_id: int) -> frozenset[int]:
    question = questions.get(name)
    return frozenset(db.session.scalars(text(question), {"id": thing_id})) if question else frozenset()
