"""Forms of partnerships: the review, the close, and an early end with what goes back."""

from collections.abc import Collection
from decimal import Decimal

from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from broker.domain.kinds import Lane, Side
from broker.domain.refusals import Unfit
from broker.store.partnerships import Partnership
from broker.web.forms.base import TITLE, AmountField, BaseForm, PlainDateField
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


CLOSING = {
    **PROBLEMS,
    "review_due": "Its review is due. Write the review, and you can close it there as well",
    "steps_open": "Some steps on the way are not reached. Say why it can be closed all the same",
    "not_said": "Ask this side how it went first. If you asked and they did not answer, say when and how you asked",
}
STEPS = {
    **PROBLEMS,
    "before_start": "Choose a day within the partnership: this is before it starts",
    "after_end": "Choose a day within the partnership: this is after it ends",
}
# Said on the page of the review, which has no fields for these.
BEFORE_CLOSING = {
    **PROBLEMS,
    "review_due": "Its review is due. Write the review, and you can close it there as well",
    "steps_open": "Some steps on the way are not reached. Choose that it goes on, then close it from its own page",
    "not_said": "Not both sides have said how it went. Choose that it goes on, then close it from its own page",
}


class CloseForm(BaseForm):
    """A last word for both sides, and whatever else closing it still needs."""

    left_open = TextAreaField("Why are steps left open?", [MESSAGE])
    supply_silent = TextAreaField("No answer", [MESSAGE])
    demand_silent = TextAreaField("No answer", [MESSAGE])
    text = TextAreaField("What came of it?", [MESSAGE])

    def fit_to(self, partnership: Partnership, missing: Collection[Side], steps_open: bool) -> None:
        """Ask only for what is missing, of each side by its name."""
        if not steps_open:
            del self.left_open
        for side in Side:
            name = f"{side}_silent"
            if side not in missing or partnership.lane == Lane.SYSTEMIC:
                del self[name]
            else:
                who = partnership.match.listing(side).organisation.name
                self[name].label.text = f"If {who} did not answer: when and how did you ask?"

    @property
    def silent(self) -> dict[Side, str]:
        fields = {side: self._fields.get(f"{side}_silent") for side in Side}
        return {side: field.data or "" for side, field in fields.items() if field}


class StepForm(BaseForm):
    """A step on the way."""

    what = StringField("What should have happened?", [DataRequired("Say what should have happened"), TITLE])
    due_on = PlainDateField("By when?")

    def validate_due_on(self, field: PlainDateField) -> None:
        """A step has its day."""
        if field.data is None and not field.errors:
            raise ValidationError("Give the day by which it should have happened")


class BackField(AmountField):
    """How much goes back, which may be nothing."""

    beyond = "Enter a number from 0 to 10 million"

    def is_within(self, amount: Decimal) -> bool:
        return amount == 0 or super().is_within(amount)


class EndForm(BaseForm):
    """An early end: what was not used goes back to the listings."""

    demand_back = BackField("How much goes back to the need")
    supply_back = BackField("How much goes back to the offer")
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
