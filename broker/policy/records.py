"""The records of policy: frameworks, their nodes, mappings and rules, measures and authorities.

A node code is unique within one version of a framework, and the same code means the same node in every
version of that framework; two different frameworks never share a node code.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Level = Literal["local", "regional", "national"]
Status = Literal["current", "superseded"]
Wording = Literal["provisional", "confirmed"]
Certainty = Literal["read", "second_hand", "inferred", "recalled", "ours"]
Kind = Literal["theme", "priority", "principle", "outcome", "mission", "cohort", "hub"]
Relation = Literal["exact", "close", "broader", "narrower", "related"]
UnitKind = Literal["hours", "weeks", "pounds", "count", "fte", "tonnes", "tco2e", "area", "score"]
RuleName = Literal[
    "weighting",
    "environment_weighting",
    "consider_above",
    "measure_above",
    "record_above",
    "plan_above",
    "reporting_rhythm",
    "local_means",
    "counting",
    "verified_by",
    "shortfall",
    "tool",
    "method",
    "reply_days",
    "listing_days",
    "review_days",
    "most_seen_percent",
    "most_matched_percent",
    "unmet_days",
    "open_data_licence",
    "first_tier_hours",
    "first_tier_pounds",
    "confirm_days",
    "counts_elsewhere",
]
RuleUnit = Literal["percent", "pounds", "hours", "days", "words"]

RULE_UNITS: dict[RuleName, RuleUnit] = {
    "weighting": "percent",  # share of a bid's score that social value carries
    "environment_weighting": "percent",  # the further share kept for the environment
    "consider_above": "pounds",  # contracts above this must consider social value
    "measure_above": "pounds",  # contracts above this use the measuring tool
    "record_above": "pounds",  # recording starts once this much is spent
    "plan_above": "pounds",  # contracts above this need a delivery plan
    "reporting_rhythm": "words",
    "local_means": "words",
    "counting": "words",
    "verified_by": "words",
    "shortfall": "words",
    "tool": "words",
    "method": "words",
    "reply_days": "days",  # how long a match may wait for an answer
    "listing_days": "days",  # how long a listing stays open without renewal
    "review_days": "days",  # how long a lasting partnership runs before its review
    "most_seen_percent": "percent",  # of all attention in suggestions, from which one organisation has too much
    "most_matched_percent": "percent",  # of all partnerships, from which one organisation takes too much
    "open_data_licence": "words",  # under which public results may be used
    "unmet_days": "days",  # open for so long without a partnership, a need counts as one that nobody met
    "first_tier_hours": "hours",  # of a delivery, up to which the receiver's word is enough
    "first_tier_pounds": "pounds",  # the same for money, and for whatever is worth so much
    "confirm_days": "days",  # how long a receiver has to say what it got, before silence counts as unconfirmed
    "counts_elsewhere": "words",  # "yes" where what was done in another area counts for a promise made here
}


# What this service goes by itself; the others it only tells.
GONE_BY: frozenset[RuleName] = frozenset(
    {
        "reply_days",
        "listing_days",
        "most_seen_percent",
        "most_matched_percent",
        "unmet_days",
        "confirm_days",
        "first_tier_hours",
        "first_tier_pounds",
        "counts_elsewhere",
        "open_data_licence",
    }
)


@dataclass(frozen=True, slots=True)
class Node:
    """One theme, priority, principle, outcome, mission, cohort or hub outcome of a framework."""

    code: str
    kind: Kind
    label: str
    summary: str = ""
    parent: str | None = None
    order: int = 0  # place among the others; a file that leaves it out means the order of the file
    supports: tuple[str, ...] = ()  # codes of other nodes of this version that it helps along
    strategies: tuple[str, ...] = ()  # names of the wider strategies that it serves


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a node stands to a hub outcome: `broader` says that the node is broader than the hub outcome.

    In SKOS, which speaks of the other end, that is `node narrowMatch hub`.
    """

    node: str
    hub: str
    relation: Relation
    confidence: float  # 0 to 1
    rationale: str = ""
    reviewed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of an authority or a framework; RULE_UNITS lists the names and what each is counted in."""

    name: RuleName
    value: int | float | str
    unit: RuleUnit
    source: str
    certainty: Certainty
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """One version of one framework, with everything in it."""

    code: str
    name: str
    authority: str | None = None  # ONS code of the owner; none for a regional or national framework
    level: Level
    version: int
    status: Status
    wording: Wording
    valid_from: date | None = None
    valid_to: date | None = None
    supersedes: str | None = None  # the reference of an older version, such as "ABC24 v1"
    licence: str = ""
    source: str
    certainty: Certainty
    demonstration: bool = False
    nodes: tuple[Node, ...]
    mappings: tuple[Mapping, ...] = ()
    rules: tuple[Rule, ...] = ()

    @property
    def reference(self) -> str:
        """What `supersedes` calls this version."""
        return f"{self.code} v{self.version}"


@dataclass(frozen=True, slots=True)
class Pointer:
    """A code in somebody else's list of measures: never its words or values, which are licensed."""

    scheme: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A countable activity; one delivered unit carries one measure of an exclusive group."""

    code: str
    label: str
    unit: str
    unit_kind: UnitKind
    hubs: tuple[str, ...]
    evidence_min: str
    exclusive_group: str | None = None
    points_to: tuple[Pointer, ...] = ()


@dataclass(frozen=True, slots=True)
class Authority:
    """A council, the framework it uses and its own rules, which go before those of the framework."""

    code: str
    name: str
    region: str
    framework: str  # a framework's code: the current version is meant
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A folder of policy files that has been checked as a whole; the hub is not among the frameworks."""

    authorities: tuple[Authority, ...]
    frameworks: tuple[Framework, ...]
    measures: tuple[Measure, ...]
    hub: Framework

    def current(self, code: str) -> Framework | None:
        """The current version of a framework."""
        found = (each for each in self.frameworks if each.code == code and each.status == "current")
        return next(found, None)
