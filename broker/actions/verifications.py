"""Verifying: the receiver's word in the first tier; above it an officer too, who sees that word beside a document."""

from decimal import Decimal

from sqlalchemy import update

from broker.actions.mail import tell_members
from broker.actions.moving import carry, hold, move, remark
from broker.domain.amounts import amount_problem
from broker.domain.clock import now
from broker.domain.impact import proven
from broker.domain.kinds import Audience, Channel, DeliveryState, NoteKind, Voucher
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit, WrongState
from broker.store.base import db
from broker.store.claims import claimed_of
from broker.store.confirmations import Confirmation, acted_for_giver, acts_for_receiver, confirmation_of
from broker.store.deliveries import Delivery
from broker.store.evidence import evidence_for
from broker.store.verifications import Verification


def verify_delivery(delivery: Delivery, by: Actor, *, quantity: Decimal, text: str = "") -> Verification:
    """An officer vouches for so much, beside what the receiver says; less than that with a reason, never more.

    Unfit on `quantity`, `text`, `evidence` or `by`: this officer acts for the giver or the receiver, or took its call.
    """
    require(by, Action.VERIFY_DELIVERY, delivery)
    hold(delivery)
    said = confirmation_of(delivery.id)
    delivery.machine.next(delivery.state, Action.VERIFY_DELIVERY)
    if said is None:
        raise WrongState("delivery", delivery.state, Action.VERIFY_DELIVERY)
    if found := _problems(delivery, said, by, quantity, text):
        raise Unfit(found)
    verification = _vouch(delivery, by, Voucher.OFFICER, quantity)
    remark(delivery, by, NoteKind.REASON, text, Audience.SIDES)
    tell_members(MailKind.DELIVERY_VERIFIED, delivery.giver_id, delivery, by)
    return verification


def verify_at_once(delivery: Delivery, by: Actor, got: Decimal) -> None:
    """In the first tier the receiver's word verifies, up to what was delivered."""
    _vouch(delivery, by, Voucher.RECEIVER, proven(delivery.quantity, got))


def take_back_verification(delivery: Delivery, by: Actor, *, text: str) -> None:
    """An officer finds that it was verified wrongly. Unfit on `claims` while something of it is claimed, or on `text`
    without a reason.
    """
    require(by, Action.TAKE_BACK_VERIFICATION, delivery)
    hold(delivery)
    if not text.strip():
        raise Unfit({"text": "needed"})
    if delivery.state != DeliveryState.VERIFIED:
        raise WrongState("delivery", delivery.state, Action.TAKE_BACK_VERIFICATION)
    if claimed_of(delivery.id):
        raise Unfit({"claims": "stand"})
    move(delivery, Action.TAKE_BACK_VERIFICATION, by, verified=Decimal(0), verified_at=None)
    _end_vouching(delivery)
    remark(delivery, by, NoteKind.REASON, text, Audience.SIDES)
    tell_members(MailKind.VERIFICATION_TAKEN_BACK, delivery.giver_id, delivery, by)


def reopen(delivery: Delivery, by: Actor) -> None:
    """Its receiver says something else, so nobody vouches for it any more. Unfit once something of it is claimed."""
    if claimed_of(delivery.id):
        raise Unfit({"answer": "claimed"})
    carry(delivery, Action.TAKE_BACK_VERIFICATION, by, verified=Decimal(0), verified_at=None)
    _end_vouching(delivery)


def second_person_problem(delivery: Delivery, said: Confirmation | None, by: Actor) -> str | None:
    """Why this officer is no second person for this delivery: giver, receiver, same_officer; None where they are.

    Of the receiver is also who may have answered by its letter, which tells nobody's name.
    """
    if acted_for_giver(by.user_id, delivery):
        return "giver"
    if said is not None and said.by_id is not None and said.by_id == by.user_id:
        return "same_officer" if said.channel == Channel.PHONE else "receiver"
    return "receiver" if acts_for_receiver(by.user_id, delivery) else None


def _problems(delivery: Delivery, said: Confirmation, by: Actor, quantity: Decimal, text: str) -> dict[str, str]:
    most = proven(delivery.quantity, said.quantity)
    found = {}
    if (code := second_person_problem(delivery, said, by)) is not None:
        found["by"] = code
    if delivery.tier == 2 and not evidence_for(delivery.id):
        found["evidence"] = "needed"
    if code := amount_problem(quantity, delivery.measure.unit_kind):
        found["quantity"] = code
    elif quantity > most:
        found["quantity"] = "more_than_confirmed"
    elif quantity < most and not text.strip():
        found["text"] = "reason_for_less"
    return found


def _vouch(delivery: Delivery, by: Actor, voucher: Voucher, quantity: Decimal) -> Verification:
    carry(delivery, Action.VERIFY_DELIVERY, by, verified=quantity, verified_at=now())
    verification = Verification(delivery_id=delivery.id, voucher=voucher, quantity=quantity, by_id=by.user_id, at=now())
    db.session.add(verification)
    db.session.flush()
    return verification


def _end_vouching(delivery: Delivery) -> None:
    standing = update(Verification).where(Verification.delivery_id == delivery.id, Verification.taken_back_at.is_(None))
    db.session.execute(standing.values(taken_back_at=now()))
