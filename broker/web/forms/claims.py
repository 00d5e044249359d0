"""Forms of the ledger: how much of a delivery serves which promise, and why a claim is taken back; and its refusals."""

from collections.abc import Iterable

from wtforms import RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from broker.domain.claims import Obstacle
from broker.store.claims import Served, Serving
from broker.store.commitments import Commitment
from broker.web import saying
from broker.web.forms.base import BODY, BaseForm, QuantityField

PROBLEMS = {
    "not_positive": "Enter a number above 0",
    "too_fine": "Use at most two figures after the point",
    "whole": "These are counted in whole numbers, such as 3",
    "too_many": "This number is too large",
    "needed": "Say why, in a sentence",
}
CANNOT = {
    Obstacle.INHERENT: (
        "This is what the group does anyway. It is worth telling, but it cannot be claimed against a promise: a promise"
        " is kept only by what would not have happened without it."
    ),
    Obstacle.NOT_VERIFIED: "This is not verified yet, so nothing of it can be claimed.",
    Obstacle.TAKEN_BACK: "This delivery was taken back, so nothing of it can be claimed.",
    Obstacle.OTHER_ORGANISATION: "Another organisation made this promise. What one did serves only its own promises.",
    Obstacle.OTHER_MEASURE: "This promise counts something else. One unit carries one measure only.",
    Obstacle.SAME_GROUP: (
        "This promise counts something else of the same group. One unit, such as one hour, carries only one measure of"
        " a group, so it cannot be counted here too."
    ),
    Obstacle.PROMISE_OVER: "This promise was taken back, so nothing more can be claimed against it.",
    Obstacle.OTHER_AREA: (
        "This was done in another council's area, and the council that the promise was made to counts only what was"
        " done in its own."
    ),
    Obstacle.CLAIMED_HERE: (
        "Part of this delivery stands against this promise already. Take that claim back to change it."
    ),
    Obstacle.ALL_CLAIMED: "All that is verified of this delivery is claimed already.",
    Obstacle.NOT_SO_MUCH_LEFT: "So much is not left of this delivery.",
}


class ClaimForm(BaseForm):
    """So much of one delivery, for one promise."""

    commitment = RadioField(
        "Which promise does it serve?",
        [InputRequired("Choose the promise that it serves")],
        choices=[],
        validate_choice=False,
    )
    quantity = QuantityField("How much of it?", [DataRequired("Say how much of it")])

    def offer(self, promises: Iterable[Served]) -> None:
        """Let the promises be chosen from."""
        self.commitment.choices = [(str(each.commitment.id), title(each.commitment)) for each in promises]


class ServeForm(BaseForm):
    """What is left of several deliveries, for one promise."""

    delivery = SelectMultipleField(
        "Which of these serve it?", [InputRequired("Tick at least one")], choices=[], validate_choice=False
    )

    def offer(self, found: Iterable[Serving]) -> None:
        """Let the deliveries be chosen from."""
        self.delivery.choices = [(str(each.delivery.id), _served(each)) for each in found]


class TakeBackForm(BaseForm):
    reason = TextAreaField("Why is it taken back?", [DataRequired(PROBLEMS["needed"]), BODY])


def title(commitment: Commitment) -> str:
    """What a promise is called where several stand below each other."""
    promised = saying.counted(commitment.promised, commitment.measure)
    under = commitment.contract.title if commitment.contract else "a pledge"
    return f"{promised}: {under}"


def _served(found: Serving) -> str:
    delivery = found.delivery
    receiver = delivery.partnership.match.demand.organisation.name if delivery.partnership else ""
    return f"{saying.counted(found.left, delivery.measure)} for {receiver}, {saying.day(delivery.ended_on)}"
