"""Forms of partnerships: the review, the close, and an early end with what goes back."""

from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from broker.domain.refusals import Unfit
from broker.store.partnerships import Partnership
from broker.web.forms.base import AmountField, BaseForm, PlainDateField
from broker.web.forms.matches import MESSAGE, PROBLEMS
from broker.web.words import LISTING_KIND


class ReviewForm(BaseForm):
    """How it goes, and what comes next."""

    text = TextAreaField("How does it go, in the words of both sides?", [DataRequired("Say how it goes"), MESSAGE])
    then = RadioField(
        "What comes next?",
        choices={"again": "It goes on: review it again", "close": "It is done: close it"},
        default="again",
    )
    review_on = PlainDateField("Day of the next review")

    def validate_review_on(self, field: PlainDateField) -> None:
        """A further review needs its day."""
        if self.then.data == "again" and field.data is None and not field.errors:
            raise ValidationError("Give the day of the next review")


class CloseForm(BaseForm):
    """A last word for both sides."""

    text = TextAreaField("What came of it?", [MESSAGE])


class EndForm(BaseForm):
    """An early end: what was not used goes back to the listings."""

    demand_back = AmountField("How much goes back to the need")
    supply_back = AmountField("How much goes back to the offer")
    text = TextAreaField("What happened? Both sides can read this", [MESSAGE])

    def fit_to(self, partnership: Partnership) -> None:
        """Ask only for what was taken, by the name of the listing it was taken from."""
        match = partnership.match
        for name, taken, listing in (
            ("demand_back", partnership.demand_amount, match.demand),
            ("supply_back", partnership.supply_amount, match.supply),
        ):
            if taken is None:
                del self[name]
            else:
                self[name].label.text = f"How much goes back to the {LISTING_KIND[listing.kind].lower()}"

    def put_for(self, refusal: Unfit) -> None:
        self.put(refusal, PROBLEMS)
