"""The only place where a listing's reserved part changes: the parts never exceed the whole, whoever is quicker."""

from decimal import Decimal

from sqlalchemy import update

from broker.domain.kinds import Side, Unit
from broker.domain.refusals import QuantityTaken, Unfit
from broker.store.base import db
from broker.store.listings import Listing


def take(listing: Listing, side: Side, amount: Decimal | None) -> Decimal | None:
    """Reserve a part of a listing and say what was reserved: nothing where the whole was never stated.

    The bound stands in the statement itself, so that of two takers only one can win. QuantityTaken for the other.
    """
    if listing.quantity is None or amount is None:
        return None
    _add(listing, side, amount)
    return amount


def give_back(listing: Listing, side: Side, amount: Decimal) -> None:
    """Free a part that was reserved."""
    if amount:
        _add(listing, side, -amount)


def _add(listing: Listing, side: Side, amount: Decimal) -> None:
    after = Listing.reserved + amount
    within = (after <= Listing.quantity, after >= 0)
    change = update(Listing).where(Listing.id == listing.id, *within).values(reserved=after)
    done = db.session.execute(change.returning(Listing.id).execution_options(synchronize_session=False)).first()
    db.session.refresh(listing, ["reserved", "quantity"])
    if done is None:
        raise QuantityTaken(side, listing.remaining or Decimal(0))


def check_back(listing: Listing, side: Side, taken: Decimal | None, unit: Unit | None, back: Decimal) -> None:
    """Refuse to free less than nothing or more than was taken, or to mix units where the listing counts anew."""
    if not 0 <= back <= (taken or 0):
        raise Unfit({f"{side}_back": "more_than_taken"})
    if back and listing.unit != unit:
        raise Unfit({f"{side}_back": "unit_changed"})
