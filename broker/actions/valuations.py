"""Valuations: an authority brings one edition of values at a time. Older ones stay, for periods told with them."""

from collections.abc import Mapping
from dataclasses import dataclass

from broker.actions.moving import begin, record
from broker.domain import lists
from broker.domain.clock import now, today
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import BadEntries, Unfit
from broker.domain.sheets import Unreadable
from broker.domain.texts import tidy
from broker.domain.valuations import LONGEST_HEAD, PERCENTS, SHAPE, Brought, values_of, year_of
from broker.store.authorities import Authority
from broker.store.measures import Measure, measures_for
from broker.store.valuations import Valuation, ValuationEdition, edition_in_use, edition_named


@dataclass(frozen=True, slots=True)
class EditionFacts:
    """What an edition says of itself. `price_year`: in the pounds of which year its values are."""

    name: str
    price_year: str
    source: str
    licence: str


def load_valuation(authority: Authority, content: bytes, by: Actor, *, facts: EditionFacts) -> ValuationEdition:
    """Reckon with this edition from now on, and no more with the one before.

    What `facts` leave blank the file may say. Raises Unfit, and BadEntries with every entry that is wrong.
    """
    require(by, Action.LOAD_VALUATION, authority)
    brought = _read(content)
    facts = _facts(authority, facts, brought.head)
    values = _fitted(authority, brought)
    former = edition_in_use(authority.id)
    if former is not None:
        retire_valuation(former, by)
    made = ValuationEdition(
        authority=authority,
        name=facts.name,
        price_year=int(facts.price_year),
        source=facts.source,
        licence_note=facts.licence,
        loaded_at=now(),
        loaded_by_id=by.user_id,
        values=values,
    )
    begin(made, Action.LOAD_VALUATION, by)
    return made


def look_at_values(authority: Authority, content: bytes, by: Actor) -> list[Valuation]:
    """What an edition would hold; nothing is written. Raises Unfit, and BadEntries with every entry that is wrong."""
    require(by, Action.LOAD_VALUATION, authority)
    return _fitted(authority, _read(content))


def retire_valuation(edition: ValuationEdition, by: Actor) -> None:
    """Reckon with it no more: reports count, and say nothing of money. What is closed keeps what it said."""
    require(by, Action.RETIRE_VALUATION, edition)
    if edition.retired_at is None:
        edition.retired_at = now()
        record(edition, Action.RETIRE_VALUATION, by, "retired_at")


def _read(content: bytes) -> lists.Brought:
    try:
        return lists.read_list(content, SHAPE)
    except Unreadable as problem:
        raise Unfit({"file": str(problem)}) from None


def _facts(authority: Authority, typed: EditionFacts, head: Mapping[str, str]) -> EditionFacts:
    told = {name: tidy(getattr(typed, name) or head.get(name, "")) for name in EditionFacts.__slots__}
    problems = {name: "missing" for name, text in told.items() if not text}
    problems |= {name: "too_long" for name, longest in LONGEST_HEAD.items() if len(told[name]) > longest}
    year = year_of(told["price_year"])
    if told["price_year"] and year is None:
        problems["price_year"] = "no_year"
    elif year is not None and year > today().year + 1:
        problems["price_year"] = "to_come"
    if "name" not in problems and edition_named(authority.id, told["name"]) is not None:
        problems["name"] = "known"
    if problems:
        raise Unfit(problems)
    return EditionFacts(**told)


def _fitted(authority: Authority, brought: lists.Brought) -> list[Valuation]:
    """Each value with its measure; one value for what counts the same things."""
    known: dict[str, list[Measure]] = {}
    for measure in measures_for(authority.id):
        known.setdefault(measure.code.casefold(), []).append(measure)
    refused, values, seen = [*brought.refused], [], dict[int, str]()
    for each in values_of(brought.entries):
        if isinstance(each, lists.Refused):
            refused.append(each)
            continue
        found = known.get(each.code.casefold(), [])
        problem = _problem(each, found, seen)
        if problem:
            refused.append(each.entry.refuse(problem))
            continue
        seen[found[0].root_id] = f"{each.code} ({each.entry.where.lower()})"
        percents = {name: getattr(each, name) for name in PERCENTS}
        values.append(Valuation(measure=found[0], low=each.low, high=each.high, years=each.years, **percents))
    if refused:
        raise BadEntries(refused)
    if not values:
        raise Unfit({"file": "no_values"})
    return values


def _problem(each: Brought, found: list[Measure], seen: Mapping[int, str]) -> str | None:
    if not found:
        return "No measure that is offered here has this code."
    if len(found) > 1:
        lists = ", ".join(measure.list_name or "the shared list" for measure in found)
        return f"Several measures have this code: {lists}."
    other = seen.get(found[0].root_id)
    return f"This counts the same things as {other}. Give one value for both." if other else None
