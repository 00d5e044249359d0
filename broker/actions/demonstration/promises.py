"""The city's contracts and what was promised under them or of a supplier's own accord, with the steps on the way."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from broker.actions.demonstration.town import Town, amount, event
from broker.demonstration import records
from broker.domain.clock import now, today
from broker.domain.kinds import CommitmentState
from broker.domain.permissions import Action
from broker.store.base import db
from broker.store.commitments import Commitment
from broker.store.contracts import Contract
from broker.store.milestones import Milestone
from broker.store.partnerships import Partnership


def promise(town: Town) -> None:
    """Bring in the contracts, then the promises."""
    for contract in town.city.year.contracts:
        town.contracts[contract.key] = _contract(town, contract)
    db.session.flush()
    for made in town.contracts.values():
        ago = (today() - made.starts_on).days
        event(town, made, Action.REGISTER_CONTRACT, ago, town.officers[made.authority.code], None)
    for record in town.city.year.promises:
        town.promises[record.key] = _promise(town, record)
        db.session.flush()
        state = CommitmentState.WITHDRAWN if record.withdrawn else CommitmentState.OPEN
        by = town.members.get(record.supplier)
        event(town, town.promises[record.key], Action.MAKE_COMMITMENT, -record.made, by, state)


def set_steps(thing: Commitment | Partnership, steps: Iterable[records.Step]) -> None:
    """The milestones of a promise or of a lasting partnership."""
    of = {"commitment": thing} if isinstance(thing, Commitment) else {"partnership": thing}
    for step in steps:
        db.session.add(
            Milestone(
                what=step.what,
                due_on=today() + timedelta(days=step.due),
                quantity=amount(step.quantity),
                reached_at=None if step.reached is None else now() + timedelta(days=step.reached),
                **of,
            )
        )


def _contract(town: Town, record: records.Contract) -> Contract:
    made = Contract(
        authority=town.authorities[record.authority],
        organisation=town.organisations[record.supplier],
        title=record.title,
        buyer=record.buyer,
        identifier=record.identifier,
        value=Decimal(record.value),
        spent=Decimal(record.spent),
        starts_on=today() + timedelta(days=record.starts),
        ends_on=today() + timedelta(days=record.ends),
        manager=town.people[record.manager] if record.manager else None,
        manager_name=record.manager_name,
        created_at=now() + timedelta(days=record.starts),
    )
    db.session.add(made)
    return made


def _promise(town: Town, record: records.Promise) -> Commitment:
    made = Commitment(
        organisation=town.organisations[record.supplier],
        authority=town.authorities[record.authority],
        contract=town.contracts[record.contract] if record.contract else None,
        measure=town.measures[record.measure],
        state=CommitmentState.WITHDRAWN if record.withdrawn else CommitmentState.OPEN,
        what=record.what,
        quantity=Decimal(record.quantity),
        per_pounds=amount(record.per_pounds),
        due_on=today() + timedelta(days=record.due),
        owner=town.people[record.owner] if record.owner else None,
        created_at=now() + timedelta(days=record.made),
    )
    db.session.add(made)
    set_steps(made, record.milestones)
    return made
