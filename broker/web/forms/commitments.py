"""Forms of promises: making or changing one, letting a supplier off it, handing it over, and the steps on its way."""

from decimal import Decimal
from typing import Any, Self

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired

from broker.domain.commitments import Promise
from broker.domain.refusals import Unfit
from broker.store.commitments import Commitment
from broker.store.measures import Measure
from broker.store.milestones import Milestone
from broker.web import saying
from broker.web.forms.base import BODY, BaseForm, PlainDateField, QuantityField, email_address, is_offered

PROBLEMS = {
    "needed": "Fill this in",
    "say_why": "Say why it is less, later or something else",
    "not_positive": "Enter a number above 0",
    "too_many": "Enter a number below 1,000,000,000",
    "whole": "These are counted one by one: enter a whole number, such as 3",
    "too_fine": "Enter at most two figures after the point, such as 2.25",
    "grows_too_far": "Once the contract is spent, this is more than 1,000,000,000. Check both numbers",
    "sure": "That comes to more than a million. If you mean it, tick the box beneath the number and send again",
    "no_contract": "Only what is promised under a contract can grow with what is spent. Leave this empty",
    "unknown": "Choose a measure from the list",
    "before_start": "Choose a day on or after the first day of the contract",
    "after_contract": "Choose a day at most a year after the end of the contract",
    "past": "Choose a day that is still to come",
    "too_far": "Choose a day within the next ten years",
    "before_step": "A step on the way is due later than this. Change the step first",
    "less_than_steps": "The steps on the way come to more than this. Change them first",
    "officer_only": "That would be less than was promised, so an officer of the council has to grant it. Ask them",
    "not_approved": "The council has not approved this organisation, so it cannot promise there yet",
    "no_supplier": "Only a business or supplier can promise something. Change what the organisation is first",
    "other_contract": "This contract is not one of this supplier",
    "claimed": "Something stands against this promise. Take that back first, on the page of the promise",
    "after_promise": "Choose a day on or before the day by which the promise is due",
    "after_end": "Choose a day on or before the last day of the partnership",
    "more_than_promised": "All steps together would be more than is promised. Enter a smaller number",
    "not_counted": "The steps of a partnership are not counted. Leave this empty",
    "too_long": "Keep this under 400 characters",
    "more_than_agreed": "That is more than the partnership gives. Enter as much or less",
    "which": "Choose the promise, or leave both empty",
    "other": "Choose a promise that this supplier made to this council",
    "let_off": "The supplier was let off this promise. Choose another one",
    "here_already": "They see to it already",
}


class PromiseForm(BaseForm):
    """How much of what, by when."""

    measure = SelectField("What kind of thing do you promise?", validate_choice=False)
    quantity = QuantityField("How much?", [InputRequired("Say how much, as a number")])
    sure = BooleanField("Yes, I mean so large a number")
    per_pounds = QuantityField("For every so many pounds spent")
    due_on = PlainDateField("By when?", [InputRequired("Give the day by which it will be done")])
    what = TextAreaField("In your own words", [BODY])
    reason = TextAreaField("Why is it less, later or something else?", [BODY])
    seen = HiddenField()

    @classmethod
    def of(cls, commitment: Commitment | None, measures: list[Measure], *, grows: bool) -> Self:
        """The form filled with what is promised now (or with what was just typed). `grows`: with what is spent."""
        form = cls.sent(data=_said(commitment) if commitment else None)
        form.measure.choices = [("", "Choose one"), *((str(m.id), named(m)) for m in measures)]
        if commitment is None:
            del form.reason
        if not grows:
            del form.per_pounds
        return form

    def validate_measure(self, field: SelectField) -> None:
        if not is_offered(field):
            raise ValidationError(PROBLEMS["unknown"])

    def chosen(self, measures: list[Measure]) -> Measure:
        """The measure that was chosen. Only for a form that is ok."""
        return next(measure for measure in measures if str(measure.id) == self.measure.data)

    def promise(self) -> Promise:
        """What was typed. Only for a form that is ok."""
        return Promise(
            quantity=self.quantity.amount,
            due_on=self.due_on.data,
            what=str(self.what.data),
            per_pounds=self.per_pounds.amount if "per_pounds" in self else None,
        )


class HelpForm(BaseForm):
    """Which promise of the giver a partnership helps to keep, and with how much of it."""

    commitment = SelectField("Which promise does it help to keep?", validate_choice=False)
    committed_amount = QuantityField("With how much?")

    def offer(self, promises: list[Commitment]) -> None:
        """Let these be chosen; where there are none, nothing is asked."""
        if not promises:
            del self.commitment
            del self.committed_amount
            return
        self.commitment.choices = [("", "None of them"), *((str(each.id), _described(each)) for each in promises)]

    def helps(self, promises: list[Commitment]) -> tuple[Commitment | None, Decimal | None]:
        """What was chosen. Unfit for what is not on offer, and for an amount of no promise."""
        if "commitment" not in self:
            return None, None
        chosen, amount = self.commitment.data or "", self.committed_amount.amount
        found = next((each for each in promises if str(each.id) == chosen), None)
        if found is None and (chosen or amount is not None):
            raise Unfit({"commitment": "which"})
        return found, amount


class LetOffForm(BaseForm):
    """Letting a supplier off a promise."""

    reason = TextAreaField("Why? The supplier can read this", [DataRequired("Say why"), BODY])


class HandOverForm(BaseForm):
    """To whom a promise goes."""

    email = StringField("Their e-mail address", [DataRequired("Enter their e-mail address"), email_address])


class StepForm(BaseForm):
    """A step on the way."""

    what = StringField("What will have happened?", [DataRequired("Say what will have happened")])
    due_on = PlainDateField("By when?", [InputRequired("Give the day")])
    quantity = QuantityField("How much of the promise is that?")

    @classmethod
    def of(cls, step: Milestone) -> Self:
        said: dict[str, Any] = {"what": step.what, "due_on": step.due_on}
        return cls.sent(data={**said, **_plain("quantity", step.quantity)})


def named(measure: Measure) -> str:
    """A measure in a list to choose from, with the list it comes from where an authority brought its own."""
    text = f"{measure.label} ({measure.unit})"
    return f"{text}, {measure.list_name} {measure.edition}".strip() if measure.authority_id else text


def _described(commitment: Commitment) -> str:
    amount = saying.counted(commitment.promised, commitment.measure)
    return f"{amount}: {commitment.measure.label}, by {saying.day(commitment.due_on)}"


def put(form: BaseForm, refusal: Unfit) -> None:
    wanted = {"reason": "say_why"} if refusal.problems.get("reason") == "needed" else {}
    form.put(Unfit(refusal.problems | wanted), PROBLEMS)


def _said(commitment: Commitment) -> dict[str, Any]:
    return {
        "measure": str(commitment.measure_id),
        "due_on": commitment.due_on,
        "what": commitment.what,
        "seen": str(commitment.row_version),
        **_plain("quantity", commitment.quantity),
        **_plain("per_pounds", commitment.per_pounds),
    }


def _plain(name: str, amount: Decimal | None) -> dict[str, str]:
    return {} if amount is None else {name: f"{amount:f}"}
