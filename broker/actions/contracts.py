"""Registering the contracts that promises hang on, and keeping what they say up to date."""

from dataclasses import asdict

from broker.actions.moving import begin, hold, record
from broker.domain.clock import TWICE, now
from broker.domain.contracts import ContractFacts, problems
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority
from broker.store.commitments import Commitment, commitments_under
from broker.store.contracts import Contract, contract_known_as, contract_like, is_manager
from broker.store.organisations import Organisation, registration_of


def register_contract(supplier: Organisation, authority: Authority, by: Actor, *, facts: ContractFacts) -> Contract:
    """Put a contract of the authority with a supplier into the register.

    Unfit on a field; `identifier`: "taken" where another contract of the authority is known by it. The very same one
    sent twice within moments is one.
    """
    require(by, Action.REGISTER_CONTRACT, authority)
    hold(authority)
    twin = contract_like(authority.id, supplier.id, facts.title, facts.starts_on, facts.ends_on)
    if twin is not None and twin.created_at > now() - TWICE and _says(twin, facts):
        return twin
    return enter(supplier, authority, by, Action.REGISTER_CONTRACT, facts)


def enter(supplier: Organisation, authority: Authority, by: Actor, action: Action, facts: ContractFacts) -> Contract:
    """A new contract, once its facts fit; from a page or from a file."""
    found = problems(facts) | _world(authority.id, facts)
    if not _is_known(supplier, authority):
        found["organisation"] = "unknown"
    if found:
        raise Unfit(found)
    made = Contract(authority=authority, organisation=supplier, created_at=now(), **asdict(facts))
    begin(made, action, by)
    return made


def edit_contract(contract: Contract, by: Actor, *, facts: ContractFacts) -> list[str]:
    """Change what is said of a contract; gives the names of the fields that changed. Unfit on a field."""
    require(by, Action.EDIT_CONTRACT, contract)
    hold(contract)
    found = problems(facts) | _world(contract.authority_id, facts, contract)
    if facts.starts_on > contract.starts_on and any(each.due_on < facts.starts_on for each in _open_under(contract)):
        found["starts_on"] = "after_promise"
    if found:
        raise Unfit(found)
    changed = [name for name, value in asdict(facts).items() if getattr(contract, name) != value]
    for name in changed:
        setattr(contract, name, getattr(facts, name))
    if changed:
        record(contract, Action.EDIT_CONTRACT, by, *changed)
    return changed


def give_to(contract: Contract, supplier: Organisation, by: Actor) -> None:
    """The contract is with another supplier than was written down. Unfit once somebody has promised under it."""
    require(by, Action.EDIT_CONTRACT, contract)
    hold(contract)
    if commitments_under(contract.id):
        raise Unfit({"organisation": "has_promised"})
    if not _is_known(supplier, contract.authority):
        raise Unfit({"organisation": "unknown"})
    contract.organisation = supplier
    record(contract, Action.EDIT_CONTRACT, by, "organisation_id")


def _open_under(contract: Contract) -> list[Commitment]:
    return [each for each in commitments_under(contract.id) if not each.is_over]


def _world(authority_id: int, facts: ContractFacts, own: Contract | None = None) -> dict[str, str]:
    """What only the register can tell: whether somebody else has this identifier, and whether the manager is one."""
    found = {}
    other = contract_known_as(authority_id, facts.identifier)
    if other is not None and other is not own:
        found["identifier"] = "taken"
    is_kept = own is not None and own.manager_id == facts.manager_id
    if facts.manager_id is not None and not is_kept and not is_manager(facts.manager_id, authority_id):
        found["manager_id"] = "unknown"
    return found


def _is_known(supplier: Organisation, authority: Authority) -> bool:
    return supplier.is_supplier and registration_of(supplier.id, authority.id) is not None


def _says(contract: Contract, facts: ContractFacts) -> bool:
    return all(getattr(contract, name) == value for name, value in asdict(facts).items())
