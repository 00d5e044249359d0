"""The form in which a group tells what it does anyway."""

from collections.abc import Sequence

from wtforms import SelectField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from broker.domain.clock import today
from broker.domain.inherent import Told, years
from broker.store.measures import Measure
from broker.web.forms.base import BaseForm, QuantityField, is_offered

PROBLEMS = {
    "needed": "Say how much it was",
    "not_positive": "Enter a number above 0",
    "too_many": "Enter a number up to 1,000,000. If it is more, tell it in two measures",
    "whole": "These are counted in whole numbers, such as 3",
    "too_fine": "Use at most two figures after the point, such as 2.25",
    "not_offered": "Choose one from the list",
    "no_group": "This page is for community groups. What a business does counts once it is done in a partnership",
    "not_approved": "The council has not approved your organisation yet. You can tell this as soon as it has",
}


def _number(value: object) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class InherentForm(BaseForm):
    measure = SelectField("What do you do?", coerce=_number, validate_choice=False)
    quantity = QuantityField("How much of it in that year?", [InputRequired(PROBLEMS["needed"])])
    year = SelectField("Which year?", coerce=_number, validate_choice=False)
    note = TextAreaField("In your own words", [Length(max=2000, message="Keep this under 2,000 characters")])

    def offer(self, measures: Sequence[Measure]) -> None:
        """Let one of these measures be chosen, and a year."""
        self.measure.choices = [(0, "Choose one"), *((each.id, f"{each.label} ({each.unit})") for each in measures)]
        now, *before = years(today())
        self.year.choices = [(now, f"{now}, so far"), *((year, str(year)) for year in before)]

    def validate_measure(self, field: SelectField) -> None:
        if not is_offered(field):
            raise ValidationError(PROBLEMS["not_offered"])

    def told(self) -> Told:
        """What was typed."""
        return Told(self.measure.data, self.quantity.amount, self.year.data, self.note.data or "")
