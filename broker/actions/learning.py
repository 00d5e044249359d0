"""Weights learned from decisions, in the open: proposed with what they change, adopted only if better, and taken back.

The matcher's only reader of decisions. Nobody's weights change unless a person asks for it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

from broker.actions.jobs import owe
from broker.actions.moving import begin, carry, move
from broker.domain.clock import now
from broker.domain.kinds import WeightsState
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit
from broker.matching.learning import Labelled, Multipliers, Proposal, TooFew, evidence_of, propose
from broker.matching.records import PART_NAMES, PartName
from broker.matching.weights import Weights
from broker.store.base import db
from broker.store.decisions import Decided, DecidedReason, decisions, reasons_worked_out
from broker.store.suggestions import Pair
from broker.store.weights import (
    SHIPPED,
    WeightsVersion,
    last_learned,
    version_in_use,
    version_of,
    versions,
    weights_in_use,
)

Reasons = Mapping[Pair, Mapping[str, Any]]
Explain = Callable[[Collection[Decided]], Reasons]
"""The reasons of decided pairs as the matcher sees them now, by the texts of then."""


@dataclass(frozen=True)
class Outlook:
    """What a look at the decisions came to, under the weights of this name.

    `left_out`: decisions on pairs of which no reason is known any more. `reasons`: of pairs that had none until now.
    """

    found: Proposal | TooFew
    name: str
    decisions: int
    left_out: int
    reasons: Reasons

    @property
    def missing(self) -> int:
        """How many more needs with both a yes and a no are wanted."""
        return self.found.missing if isinstance(self.found, TooFew) else 0


def note_shipped(by: Actor) -> WeightsVersion:
    """The setting in use; where that is still the one that shipped, the one that ships now takes its place.

    One that was learned says from now on what the parts count that came after it: as much as they do already.
    """
    numbers = Weights().to_json()
    mark = blake2b(repr(sorted(numbers.items())).encode(), digest_size=3).hexdigest()
    name, present = f"{SHIPPED}-{mark}", version_in_use()
    if present is not None and (present.verdict is not None or present.name == name):
        present.numbers = {**numbers, **present.numbers}
        return present
    if present is not None:
        carry(present, Action.RETIRE_WEIGHTS, by, retired_at=now())
    known = version_of(name)
    if known is not None:
        carry(known, Action.RESTORE_WEIGHTS, by, in_use_since=now(), retired_at=None)
        return known
    made = WeightsVersion(name=name, numbers=numbers, state=WeightsState.IN_USE, made_at=now(), in_use_since=now())
    begin(made, Action.ADOPT_WEIGHTS, by)
    return made


def look(explain: Explain) -> Outlook:
    """Learn from every decision. Writes nothing, so that nobody who writes has to wait meanwhile."""
    name, numbers = weights_in_use()
    decided, reasons = decisions(), missing_reasons(explain)
    evidence = _evidence(decided, {pair: (reason, name) for pair, reason in reasons.items()})
    labelled = [Labelled(*each.pair, each.strength, evidence[each.pair]) for each in decided if each.pair in evidence]
    found = propose(labelled, _multipliers(numbers))
    return Outlook(found, name, len(labelled), len(decided) - len(labelled), reasons)


def propose_weights(outlook: Outlook, by: Actor) -> WeightsVersion | None:
    """Keep what was learned as a proposal, whether or not it is better. None where there was too little to learn from.

    Unfit on `weights`: `others` are in use by now.
    """
    require(by, Action.PROPOSE_WEIGHTS)
    present = note_shipped(by)
    if outlook.name not in (present.name, SHIPPED):
        raise Unfit({"weights": "others"})
    note_reasons(outlook.reasons, outlook.name)
    return _kept(outlook.found, present, by) if isinstance(outlook.found, Proposal) else None


def missing_reasons(explain: Explain) -> Reasons:
    """The reasons, as of now, of decided pairs of which none is known. Writes nothing."""
    decided = decisions()
    known = _evidence(decided, {})
    wanted = [each for each in decided if each.pair not in known]
    return explain(wanted) if wanted else {}


def note_reasons(reasons: Reasons, engine: str) -> None:
    """Keep how pairs looked that a person put together, before their listings change or close."""
    for (demand, supply), reason in reasons.items():
        row = DecidedReason(demand_id=demand, supply_id=supply, reason=reason, engine=engine, seen_at=now())
        db.session.merge(row)
    db.session.flush()


def adopt_weights(by: Actor) -> WeightsVersion:
    """Put the last proposal to use. Unfit on `weights`: there is `none`, it is `not_better`, or made from `others`."""
    require(by, Action.ADOPT_WEIGHTS)
    version, present = last_learned(), version_in_use()
    if version is None or version.state != WeightsState.PROPOSED or present is None:
        raise Unfit({"weights": "none"})
    if version.before_id != present.id:
        raise Unfit({"weights": "others"})
    if version.verdict != "better":
        raise Unfit({"weights": "not_better"})
    move(present, Action.RETIRE_WEIGHTS, by, retired_at=now())
    move(version, Action.ADOPT_WEIGHTS, by, in_use_since=now())
    owe("suggest_all")
    return version


def restore_weights(by: Actor) -> WeightsVersion:
    """Go back to the setting that was in use before the present one. Unfit on `weights`: this is the `first`."""
    require(by, Action.RESTORE_WEIGHTS)
    present = version_in_use()
    if present is None or present.before is None:
        raise Unfit({"weights": "first"})
    earlier = present.before
    move(present, Action.RETIRE_WEIGHTS, by, retired_at=now())
    move(earlier, Action.RESTORE_WEIGHTS, by, in_use_since=now(), retired_at=None)
    owe("suggest_all")
    return earlier


def _kept(found: Proposal, present: WeightsVersion, by: Actor) -> WeightsVersion:
    """The proposal as a setting: what was not learned stays as it is."""
    made = WeightsVersion(
        name=f"learned-{1 + sum(each.verdict is not None for each in versions())}",
        numbers={**present.numbers, **found.weights},
        state=WeightsState.PROPOSED,
        before_id=present.id,
        decisions=found.decisions,
        needs=found.needs,
        figures={
            "before": asdict(found.before),
            "after": asdict(found.after),
            "gain": {"right": found.right.as_dict(), "ndcg": found.ndcg.as_dict()},
        },
        verdict="better" if found.is_better else "not better",
        made_at=now(),
    )
    begin(made, Action.PROPOSE_WEIGHTS, by)
    return made


Seen = Mapping[Pair, tuple[Mapping[str, Any], str]]


def _evidence(decided: list[Decided], fresh: Seen) -> dict[Pair, dict[PartName, float]]:
    """What the matcher found of each pair: when it was decided or, where that is not known, when it was looked at."""
    known = {SHIPPED: _multipliers({}), **{each.name: _multipliers(each.numbers) for each in versions()}}
    then = {each.pair: (each.reason, each.engine) for each in decided if each.reason and each.engine}
    found: dict[Pair, dict[PartName, float]] = {}
    for seen in (fresh, reasons_worked_out(), then):
        for pair, (reason, engine) in seen.items():
            # An engine is named for its weights, then for whatever else made it.
            multipliers = known.get(engine.split("/")[0])
            if multipliers is not None and "parts" in reason:
                found[pair] = evidence_of(_shares(reason), multipliers)
    return found


def _shares(reason: Mapping[str, Any]) -> dict[PartName, float]:
    shares = {part["name"]: float(part["share"]) for part in reason["parts"]}
    return {name: shares[name] for name in PART_NAMES if name in shares}


def _multipliers(numbers: Mapping[str, float]) -> Multipliers:
    weights = Weights.from_json(numbers)
    return {name: weights.of(name) for name in PART_NAMES}
