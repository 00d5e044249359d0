"""An authority's own measures, licensed ones too: brought in whole or not at all, and never edited afterwards.

What is counted in two lists counts once: a measure that equals one of ours stands for it, and keeps to its group.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from broker.actions.moving import begin, record
from broker.domain.clock import now
from broker.domain.lists import Refused, read_list
from broker.domain.measures import LONGEST_HEAD, SHAPE, Brought, measures_of
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import BadEntries, Unfit
from broker.domain.sheets import Unreadable
from broker.domain.texts import tidy
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.frameworks import shared_outcomes
from broker.store.measures import Measure, all_measures, are_used, edition_of, offered_of


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What a list says of itself. `scheme`: whose codes it uses, where our catalogue points to that scheme."""

    name: str
    edition: str
    licence: str
    scheme: str = ""


def load_measures(authority: Authority, content: bytes, by: Actor, *, facts: ListFacts) -> list[Measure]:
    """Offer a list of measures in this authority; an older edition of it is offered no more.

    What `facts` leave blank the file may say. Raises Unfit, and BadEntries with every entry that is wrong.
    """
    require(by, Action.LOAD_MEASURES, authority)
    try:
        brought = read_list(content, SHAPE)
    except Unreadable as problem:
        raise Unfit({"file": str(problem)}) from None
    facts = _facts(facts, brought.head)
    catalogue = _Catalogue(authority, facts)
    fitted = [catalogue.fit(each) for each in measures_of(brought.entries)]
    refused = [*brought.refused, *(each for each in fitted if isinstance(each, Refused))]
    if refused:
        raise BadEntries(refused)
    _make_room(authority, facts, by)
    made = [_measure(each, authority, facts) for each in fitted if isinstance(each, _Fitted)]
    for each in made:
        begin(each, Action.LOAD_MEASURES, by)
    return made


def retire_measures(authority: Authority, list_name: str, by: Actor) -> int:
    """Offer a list for new promises no more; what was promised and counted by it stays. How many measures it was."""
    require(by, Action.LOAD_MEASURES, authority)
    offered = offered_of(authority.id, list_name)
    for each in offered:
        each.retired_at = now()
        record(each, Action.LOAD_MEASURES, by, "retired_at")
    return len(offered)


def _facts(typed: ListFacts, head: Mapping[str, str]) -> ListFacts:
    told = {name: tidy(getattr(typed, name) or head.get(name, "")) for name in LONGEST_HEAD}
    problems = {name: "missing" for name in ("name", "edition", "licence") if not told[name]}
    problems |= {name: "too_long" for name, longest in LONGEST_HEAD.items() if len(told[name]) > longest}
    if problems:
        raise Unfit(problems)
    return ListFacts(**told)


def _make_room(authority: Authority, facts: ListFacts, by: Actor) -> None:
    """Take away the same edition while nothing counts by it, and offer no older one any more."""
    same = edition_of(authority.id, facts.name, facts.edition)
    if same and are_used([each.id for each in same]):
        raise Unfit({"edition": "used"})
    for each in same:
        db.session.delete(each)
    db.session.flush()
    retire_measures(authority, facts.name, by)


@dataclass(frozen=True, slots=True)
class _Fitted:
    brought: Brought
    stands_for: Measure | None


class _Catalogue:
    """The measures beside which those of a list have to stand: ours, and those of the edition before."""

    def __init__(self, authority: Authority, facts: ListFacts) -> None:
        self.scheme = facts.scheme
        self.shared = {each.code: each for each in all_measures()}
        offered = offered_of(authority.id, facts.name)
        former = [each for each in offered if each.edition != facts.edition]
        self.former = {each.code.casefold(): each.stands_for or each for each in former}
        hub = shared_outcomes()
        self.outcomes = {node.code for node in hub.nodes} if hub else set()

    def fit(self, each: Brought | Refused) -> _Fitted | Refused:
        """A measure with what it takes over from the one that it stands for, or why it cannot stand beside ours."""
        if isinstance(each, Refused):
            return each
        shared = self.shared.get(each.stands_for.upper()) if each.stands_for else self._alike(each)
        problem = next(self._problems(each, shared), None)
        if problem:
            return each.entry.refuse(problem)
        if shared is None:
            return _Fitted(each, None)
        whole: Brought = replace(
            each,
            evidence_min=each.evidence_min or shared.evidence_min,
            exclusive_group=shared.exclusive_group or each.exclusive_group,
            outcomes=each.outcomes or tuple(shared.hubs),
        )
        return _Fitted(whole, shared)

    def _alike(self, each: Brought) -> Measure | None:
        """The only one of ours that points to this code, or what the edition before called so; if counted alike."""
        wanted = (self.scheme, each.code.casefold())
        found = [
            one
            for one in self.shared.values()
            if any((point["scheme"], point["code"].casefold()) == wanted for point in one.points_to)
        ]
        alike = found[0] if len(found) == 1 else self.former.get(each.code.casefold())
        return alike if alike and alike.unit_kind == each.unit_kind else None

    def _problems(self, each: Brought, shared: Measure | None) -> Iterator[str]:
        if each.code.upper() in self.shared:
            yield "This is the code of a shared measure. Give yours another code."
        if each.stands_for and shared is None:
            yield f'"{each.stands_for[:40]}" is not the code of a shared measure.'
        if shared and shared.unit_kind != each.unit_kind:
            yield f"{shared.code} is counted in {shared.unit_kind}, this one in {each.unit_kind}."
        if shared and shared.exclusive_group and each.exclusive_group not in ("", shared.exclusive_group):
            yield f"{shared.code} is in the group “{shared.exclusive_group}”. Write the same, or leave it out."
        if not each.evidence_min and shared is None:
            yield '"evidence_min" is missing. What is the least that shows it?'
        unknown = next((code for code in each.outcomes if code not in self.outcomes), None)
        if unknown:
            yield f'"{unknown[:20]}" is not the code of a shared outcome.'


def _measure(fitted: _Fitted, authority: Authority, facts: ListFacts) -> Measure:
    told = fitted.brought
    return Measure(
        code=told.code,
        label=told.label,
        unit=told.unit,
        unit_kind=told.unit_kind,
        evidence_min=told.evidence_min,
        exclusive_group=told.exclusive_group or None,
        hubs=list(told.outcomes),
        points_to=[],
        authority=authority,
        list_name=facts.name,
        edition=facts.edition,
        licence=facts.licence,
        stands_for=fitted.stands_for,
    )
