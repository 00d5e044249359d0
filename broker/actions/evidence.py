"""Evidence: adding a file to a delivery that it supports, and taking one away while nobody relies on it yet."""

from broker.actions.moving import begin, hold, record
from broker.domain.clock import now
from broker.domain.kinds import DeliveryState
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import NotAllowed, Unfit, WrongState
from broker.domain.texts import tidy
from broker.store.base import db
from broker.store.deliveries import Delivery
from broker.store.evidence import Evidence, evidence_with, is_used
from broker.store.files import StoredFile


def add_evidence(delivery: Delivery, by: Actor, *, file: StoredFile, what: str = "") -> Evidence:
    """Let a file of the giver's support a delivery. Unfit on `file` where it does so already.

    Also after it was verified: whoever asks years later may want more. What was judged is neither changed nor removed.
    """
    require(by, Action.ADD_EVIDENCE, delivery)
    if file.organisation_id != delivery.organisation_id:
        raise NotAllowed(Action.ADD_EVIDENCE)
    hold(delivery)
    if delivery.state == DeliveryState.WITHDRAWN:
        raise WrongState("delivery", delivery.state, Action.ADD_EVIDENCE)
    if evidence_with(delivery.id, file.id) is not None:
        raise Unfit({"file": "already"})
    evidence = Evidence(delivery=delivery, file=file, what=tidy(what), added_by_id=by.user_id, added_at=now())
    begin(evidence, Action.ADD_EVIDENCE, by)
    return evidence


def remove_evidence(evidence: Evidence, by: Actor) -> None:
    """Take a file away from a delivery that nobody has verified yet; where nothing else uses it, it is gone."""
    require(by, Action.REMOVE_EVIDENCE, evidence.delivery)
    hold(evidence.delivery)
    if evidence.delivery.state == DeliveryState.VERIFIED:
        raise WrongState("delivery", evidence.delivery.state, Action.REMOVE_EVIDENCE)
    file = evidence.file
    record(evidence, Action.REMOVE_EVIDENCE, by)
    db.session.delete(evidence)
    db.session.flush()
    let_go(file)


def let_go(file: StoredFile) -> None:
    """Remove a file that no delivery and no confirmation needs any more."""
    if not is_used(file.id):
        db.session.delete(file)
        db.session.flush()
