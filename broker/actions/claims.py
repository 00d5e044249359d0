"""The ledger: verified units are set against one promise, once, and can be taken back with a reason."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy.exc import IntegrityError

from broker.actions.moving import begin, hold, move, remark
from broker.domain.amounts import amount_problem
from broker.domain.claims import CannotClaim, Delivered, Obstacle, Promise, obstacle, says_yes
from broker.domain.clock import now
from broker.domain.impact import left_to_claim
from broker.domain.kinds import Audience, ClaimState, NoteKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit
from broker.store.base import db
from broker.store.claims import Claim, claims_on
from broker.store.commitments import Commitment
from broker.store.deliveries import Delivery
from broker.store.rules import rule_in


def claim_units(delivery: Delivery, commitment: Commitment, by: Actor, *, quantity: Decimal) -> Claim:
    """Set so much of a verified delivery against a commitment of its giver. More than was promised may be claimed.

    Unfit on `quantity`; CannotClaim, with what is left and the claims that stand, where the ledger does not hold it.
    """
    _check_right(delivery, commitment, by)
    hold(delivery)
    _hold_promise(commitment)
    return _claim(delivery, commitment, by, quantity)


def claim_rest(deliveries: Sequence[Delivery], commitment: Commitment, by: Actor) -> list[Claim]:
    """Set whatever is left of each of these deliveries against one commitment. Refuses as claim_units does."""
    in_order = sorted(deliveries, key=lambda each: each.id)
    for delivery in in_order:
        _check_right(delivery, commitment, by)
        hold(delivery)
    _hold_promise(commitment)
    return [_claim(delivery, commitment, by, left_of(delivery)) for delivery in in_order]


def take_back_claim(claim: Claim, by: Actor, *, reason: str) -> None:
    """The units are free again. Unfit on `reason` without one; WrongState where somebody was quicker."""
    require(by, Action.TAKE_BACK_CLAIM, claim)
    if not reason.strip():
        raise Unfit({"reason": "needed"})
    hold(claim)
    move(claim, Action.TAKE_BACK_CLAIM, by, taken_back_at=now())
    remark(claim, by, NoteKind.REASON, reason, Audience.SIDES)


def left_of(delivery: Delivery) -> Decimal:
    """How much of a delivery stands against no commitment yet."""
    return _left(delivery, claims_on(delivery.id))


def _left(delivery: Delivery, standing: Iterable[Claim]) -> Decimal:
    return left_to_claim(delivery.verified, sum((claim.quantity for claim in standing), Decimal(0)))


def _check_right(delivery: Delivery, commitment: Commitment, by: Actor) -> None:
    require(by, Action.CLAIM_UNITS, commitment)
    require(by, Action.SEE_DELIVERY, delivery)


def _hold_promise(commitment: Commitment) -> None:
    """After the deliveries, always: of two who wait for each other neither would come through."""
    hold(commitment)
    db.session.expire(commitment, ["measure"])  # it may just have been changed


def _claim(delivery: Delivery, commitment: Commitment, by: Actor, quantity: Decimal) -> Claim:
    _check(delivery, commitment, quantity)
    claim = Claim(
        delivery=delivery,
        commitment=commitment,
        state=ClaimState.STANDING,
        quantity=quantity,
        claimed_by_id=by.user_id,
        claimed_at=now(),
    )
    try:
        with db.session.begin_nested():
            begin(claim, Action.CLAIM_UNITS, by)
    except IntegrityError:  # the database knows better
        standing = claims_on(delivery.id)
        raise _cannot(Obstacle.NOT_SO_MUCH_LEFT, _left(delivery, standing), standing) from None
    return claim


def _check(delivery: Delivery, commitment: Commitment, quantity: Decimal) -> None:
    standing = claims_on(delivery.id)
    left = _left(delivery, standing)
    here = [claim for claim in standing if claim.commitment_id == commitment.id]
    if why := _obstacle(delivery, commitment):
        raise _cannot(why, left, standing)
    if here:
        raise _cannot(Obstacle.CLAIMED_HERE, left, here)
    if left <= 0:
        raise _cannot(Obstacle.ALL_CLAIMED, left, standing)
    if problem := amount_problem(quantity, delivery.measure.unit_kind):
        raise Unfit({"quantity": problem})
    if quantity > left:
        raise _cannot(Obstacle.NOT_SO_MUCH_LEFT, left, standing)


def _obstacle(delivery: Delivery, commitment: Commitment) -> Obstacle | None:
    is_far = delivery.authority_id != commitment.authority_id
    elsewhere = is_far and says_yes(rule_in(commitment.authority_id, "counts_elsewhere"))
    done = Delivered(delivery.nature, delivery.state, delivery.organisation_id, delivery.authority_id, delivery.measure)
    promise = Promise(
        commitment.state, commitment.organisation_id, commitment.authority_id, commitment.measure, elsewhere
    )
    return obstacle(done, promise)


def _cannot(why: Obstacle, left: Decimal, claims: Iterable[Claim]) -> CannotClaim:
    return CannotClaim(why, left, tuple(claim.id for claim in claims))
