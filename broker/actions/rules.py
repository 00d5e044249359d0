"""The rules that a council sets for itself: each holds before its framework's, and before our usual one."""

from decimal import Decimal, InvalidOperation
from typing import cast

from broker import policy
from broker.actions.moving import Changes, witness
from broker.domain.amounts import MOST, undressed
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority, AuthorityRule
from broker.store.base import db

MOST_DAYS = 3_650
LONGEST = 500  # letters of a rule in words, or of a note
YES_OR_NO = frozenset({"counts_elsewhere"})


def set_rule(authority: Authority, name: str, typed: str, by: Actor, *, note: str = "") -> AuthorityRule:
    """Let the council go by this from now on. Unfit on `rule`, `value` or `note`."""
    require(by, Action.SET_RULE, authority)
    unit = policy.RULE_UNITS.get(cast("policy.records.RuleName", name))
    if unit is None:
        raise Unfit({"rule": "unknown"})
    value, problem = _read(name, unit, " ".join(typed.split()))
    problems = {"value": problem} if problem else {}
    if len(note) > LONGEST:
        problems["note"] = "too_long"
    if problems:
        raise Unfit(problems)
    facts = {"value": value, "unit": unit, "note": note.strip(), "source": None, "certainty": "ours"}
    rule = own_rule(authority, name)
    before = rule.value if rule else None
    if rule is None:
        rule = AuthorityRule(name=name)
        authority.rules.append(rule)
    for fact, said in facts.items():
        setattr(rule, fact, said)
    _note(authority, Action.SET_RULE, by, {name: [before, value]})
    return rule


def drop_rule(authority: Authority, name: str, by: Actor) -> None:
    """Go by the framework's rule again, or by our usual one. Without a rule of its own nothing happens."""
    require(by, Action.DROP_RULE, authority)
    rule = own_rule(authority, name)
    if rule is None:
        return
    authority.rules.remove(rule)
    db.session.delete(rule)
    _note(authority, Action.DROP_RULE, by, {name: [rule.value, None]})


def own_rule(authority: Authority, name: str) -> AuthorityRule | None:
    """What the council has set itself."""
    return next((each for each in authority.rules if each.name == name), None)


def _note(authority: Authority, deed: Action, by: Actor, said: Changes) -> None:
    """In the record of the council itself: a rule that is taken away has no row of its own any more."""
    witness((authority.__tablename__, authority.id), deed, by, said)


def _read(name: str, unit: str, typed: str) -> tuple[str, str]:
    """The value as it is kept, and what is wrong with it: needed, too_long, yes_or_no, no_number, or its unit."""
    if not typed:
        return "", "needed"
    if unit == "words":
        return _worded(name, typed)
    try:
        number = Decimal(undressed(typed.removesuffix("%")))
    except InvalidOperation:
        return "", "no_number"
    return (f"{number.normalize():f}", "") if _fits(number, unit) else ("", unit if number.is_finite() else "no_number")


def _worded(name: str, typed: str) -> tuple[str, str]:
    if name in YES_OR_NO and typed.lower() not in ("yes", "no"):
        return "", "yes_or_no"
    return (typed.lower() if name in YES_OR_NO else typed, "" if len(typed) <= LONGEST else "too_long")


def _fits(number: Decimal, unit: str) -> bool:
    if not number.is_finite() or number < 0:
        return False
    if unit == "days":
        return 1 <= number <= MOST_DAYS and number == number.to_integral_value()
    return number <= (100 if unit == "percent" else MOST) and number == round(number, 2)
