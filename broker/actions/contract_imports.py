"""Bringing in a file of contracts: first a look at what would become of each row, then the rows that fit.

Safe to run again: a contract that came in is known by its number, or by title, supplier and days.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from broker.actions.contracts import enter
from broker.actions.moving import hold
from broker.domain.contract_rows import Row, read
from broker.domain.contracts import ContractFacts
from broker.domain.importing import Refused
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit
from broker.domain.registers import REGISTERS, normalise_number
from broker.domain.sheets import Unreadable
from broker.store.accounts import User
from broker.store.authorities import Authority
from broker.store.contracts import Contract, all_contracts_in, all_suppliers_in, managers_in
from broker.store.organisations import Organisation

_Key = tuple[str, int, date, date]


@dataclass(frozen=True, slots=True)
class Fresh:
    """A row that becomes a contract."""

    line: int
    supplier: Organisation
    facts: ContractFacts


@dataclass(frozen=True, slots=True)
class Known:
    """A row of a contract that is here already; `differs`: the columns that say something else than the register."""

    line: int
    contract: Contract
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """What becomes of each row of a file: a new contract, one that is known, or a reason why not."""

    text: str
    fresh: list[Fresh] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def look(content: bytes, authority: Authority, by: Actor) -> Looked:
    """What would come of a file; nothing is written. Unfit with a sentence where it cannot be read at all."""
    require(by, Action.IMPORT_CONTRACTS, authority)
    try:
        sheet = read(content)
    except Unreadable as problem:
        raise Unfit({"file": str(problem)}) from None
    looked = Looked(sheet.text, refused=list(sheet.refused))
    _Reader(authority.id, looked).take(sheet.rows)
    looked.refused.sort(key=lambda each: each.line)
    return looked


def bring_in(content: bytes, authority: Authority, by: Actor) -> Looked:
    """Register the contracts of a file that are new and fit, all at once or, should anything fail, none."""
    require(by, Action.IMPORT_CONTRACTS, authority)
    hold(authority)
    looked = look(content, authority, by)
    for each in looked.fresh:
        enter(each.supplier, authority, by, Action.IMPORT_CONTRACTS, each.facts)
    return looked


class _Reader:
    """What is known of an authority, so that no row asks the database what the last one did."""

    def __init__(self, authority_id: int, looked: Looked) -> None:
        self.looked = looked
        self.suppliers = _by_name(all_suppliers_in(authority_id))
        self.managers = _people(managers_in(authority_id))
        contracts = all_contracts_in(authority_id)
        self.numbers = {each.identifier: each for each in contracts if each.identifier}
        self.keys = {_key(each, each.organisation_id): each for each in contracts}
        self.numbered: dict[str, int] = {}
        self.alike: dict[_Key, tuple[int, str]] = {}

    def take(self, rows: Iterable[Row]) -> None:
        for row in rows:
            reason = self._reason(row)
            if reason:
                self.looked.refused.append(Refused(row.line, row.facts.title[:80], *reason))

    def _reason(self, row: Row) -> tuple[str, str] | None:
        """Sort one row in; the column and why, if it cannot come in."""
        found = self.suppliers.get(_folded(row.supplier), [])
        if len(found) != 1:
            return "supplier", _unknown(row.supplier, len(found))
        facts, key = self._with_manager(row), _key(row.facts, found[0].id)
        held = self._held(facts.identifier, key)
        if held is not None:
            self.looked.known.append(Known(row.line, held, _differs(held, found[0], row)))
            return None
        first = self._first(facts.identifier, key)
        if first is not None:
            return "", f"This contract stands already in line {first}."
        self.alike[key] = row.line, facts.identifier
        if facts.identifier:
            self.numbered[facts.identifier] = row.line
        self.looked.fresh.append(Fresh(row.line, found[0], facts))
        return None

    def _first(self, identifier: str, key: _Key) -> int | None:
        """The line above that speaks of the same: by its number, or a like one where either has no number."""
        line, number = self.alike.get(key, (None, ""))
        return self.numbered.get(identifier) or (None if identifier and number else line)

    def _held(self, identifier: str, key: _Key) -> Contract | None:
        """The contract that a row speaks of: the one of its number, or a like one of which no number is known."""
        alike = self.keys.get(key)
        if identifier and alike is not None and alike.identifier:
            alike = None
        return self.numbers.get(identifier, alike) if identifier else alike

    def _with_manager(self, row: Row) -> ContractFacts:
        manager = self.managers.get(_folded(row.manager))
        if manager is not None:
            return replace(row.facts, manager_id=manager.id)
        return replace(row.facts, manager_name=row.manager)


def _differs(contract: Contract, supplier: Organisation, row: Row) -> tuple[str, ...]:
    """In which columns a row says something else than is known; what it leaves out is not said."""
    said = {name: getattr(row.facts, name) for name in ("title", "buyer", "value", "spent", "starts_on", "ends_on")}
    found = [name for name, value in said.items() if value and value != getattr(contract, name)]
    return tuple([*found, "supplier"] if contract.organisation_id != supplier.id else found)


def _by_name(suppliers: Sequence[Organisation]) -> dict[str, list[Organisation]]:
    """Suppliers by what a file may call them: their name, and their register number as GB-COH:01234567."""
    found: dict[str, list[Organisation]] = {}
    for each in suppliers:
        numbers = {f"{number.scheme}:{number.number}" for number in each.identifiers}
        for name in {_folded(each.name), *map(_folded, numbers)}:
            found.setdefault(name, []).append(each)
    return found


def _people(managers: Sequence[User]) -> dict[str, User]:
    """Contract managers by address, and by a name that only one of them has."""
    names = [_folded(each.name) for each in managers]
    alone = {_folded(each.name): each for each in managers if names.count(_folded(each.name)) == 1}
    return {**alone, **{_folded(each.email): each for each in managers}}


def _folded(text: str) -> str:
    """A name or a number without what people write now so, now otherwise."""
    scheme, colon, number = text.partition(":")
    scheme = scheme.strip().upper()
    if colon and scheme in REGISTERS:
        return f"{scheme}:{normalise_number(scheme, number) or number.strip()}".casefold()
    return " ".join(text.split()).casefold()


def _key(facts: ContractFacts | Contract, supplier_id: int) -> _Key:
    return facts.title, supplier_id, facts.starts_on, facts.ends_on


def _unknown(name: str, number: int) -> str:
    if number:
        return f'{number} suppliers are called "{name[:80]}". Write a register number instead, such as GB-COH:01234567.'
    return f'Your council knows no supplier called "{name[:80]}". Check how it is written, or enter the organisation.'
