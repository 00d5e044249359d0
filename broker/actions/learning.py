"""Weights learned from decisions, in the open: proposed with what they change, adopted only if better, and taken back.

The matcher's only reader of decisions. Nobody's weights change unless a person asks for it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any, cast

from broker.actions.jobs import owe
from broker.actions.moving import begin, carry, move
from broker.domain.clock import now
from broker.domain.kinds import WeightsState
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit
from broker.matching.learning import Labelled, Multipliers, Proposal, TooFew, evidence_of, propose
from broker.matching.records import PART_NAMES, PartName
from broker.matching.weights import Weights
from broker.store.decisions import Decided, decisions
from broker.store.suggestions import Pair
from broker.store.weights import SHIPPED, WeightsVersion, last_learned, version_in_use, version_of, versions

Reasons = Mapping[Pair, Mapping[str, Any]]
Explain = Callable[[Iterable[Pair]], Reasons]
"""The reasons of pairs as the matcher sees them today; those that are not in the market any more are left out."""


@dataclass(frozen=True)
class Learned:
    """What a look at the decisions came to. `left_out`: decisions on pairs of which no reason is known any more."""

    found: Proposal | TooFew
    version: WeightsVersion | None
    decisions: int
    left_out: int

    @property
    def missing(self) -> int:
        """How many more needs with both a yes and a no are wanted."""
        return self.found.missing if isinstance(self.found, TooFew) else 0


def note_shipped(by: Actor) -> WeightsVersion:
    """The setting in use; where that is still the one that shipped, the one that ships now takes its place."""
    numbers = Weights().to_json()
    mark = blake2b(repr(sorted(numbers.items())).encode(), digest_size=3).hexdigest()
    name, present = f"{SHIPPED}-{mark}", version_in_use()
    if present is not None and (present.verdict is not None or present.name == name):
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


def propose_weights(by: Actor, explain: Explain) -> Learned:
    """Learn from every decision; what comes of it is kept as a proposal, whether or not it is better."""
    require(by, Action.PROPOSE_WEIGHTS)
    present = note_shipped(by)
    decided = decisions()
    labelled = _labelled(decided, present, explain)
    found = propose(labelled, _multipliers(present.numbers))
    made = _kept(found, present, by) if isinstance(found, Proposal) else None
    return Learned(found, made, len(labelled), len(decided) - len(labelled))


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
        name=f"learned-{len(versions())}",
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


def _labelled(decided: list[Decided], present: WeightsVersion, explain: Explain) -> list[Labelled]:
    """Each decision with what the matcher had found of its pair: then, or (where that is not known) today."""
    known = {SHIPPED: _multipliers({}), **{each.name: _multipliers(each.numbers) for each in versions()}}
    kept = {_pair(each): evidence for each in decided if (evidence := _evidence(each.reason, _made_by(each, known)))}
    today = explain([_pair(each) for each in decided if _pair(each) not in kept])
    fresh = {pair: _evidence(reason, known[present.name]) for pair, reason in today.items()}
    found = {**fresh, **kept}
    return [
        Labelled(*_pair(each), each.strength, evidence)
        for each in decided
        if (evidence := found.get(_pair(each))) is not None
    ]


def _made_by(each: Decided, known: Mapping[str, Multipliers]) -> Multipliers | None:
    """The multipliers behind a stored reason: an engine is named for its weights, then for whatever else made it."""
    return known.get((each.engine or "").split("/")[0])


def _evidence(reason: Mapping[str, Any] | None, multipliers: Multipliers | None) -> dict[PartName, float] | None:
    if not reason or multipliers is None or "parts" not in reason:
        return None
    shares = {part["name"]: float(part["share"]) for part in reason["parts"] if part["name"] in PART_NAMES}
    return evidence_of(cast(dict[PartName, float], shares), multipliers)


def _multipliers(numbers: Mapping[str, float]) -> Multipliers:
    weights = Weights.from_json(numbers)
    return {name: weights.of(name) for name in PART_NAMES}


def _pair(each: Decided) -> Pair:
    return each.demand_id, each.supply_id
