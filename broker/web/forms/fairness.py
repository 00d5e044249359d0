"""The forms of fairness: lifting a listing for a while, and making one lasting need of several."""

from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length

from broker.web.forms.base import BODY, TITLE, BaseForm, PlainDateField

LEVELS = {"1": "A little", "2": "Clearly", "3": "As much as we can"}
PROBLEMS = {
    "level": "Choose how much",
    "reason": "Say why, in a few words",
    "ends_on": "Choose today or a later day",
    "far": "Choose a day within the next 180 days",
    "past": "Choose today or a later day",
    "missing": "Fill this in",
    "closed": "Most of these needs have been met or taken back meanwhile, so there is nothing left to bring together",
}


class BoostForm(BaseForm):
    level = RadioField(
        "How much should it be lifted?",
        [AnyOf(LEVELS, PROBLEMS["level"])],
        choices=LEVELS,
        default="2",
        validate_choice=False,
    )
    reason = TextAreaField(
        "Why?", [DataRequired(PROBLEMS["reason"]), Length(max=500, message="Keep this under 500 characters")]
    )
    ends_on = PlainDateField("Until which day?", [DataRequired(PROBLEMS["ends_on"])])


class GatherForm(BaseForm):
    title = StringField("Title", [DataRequired("Give it a title"), TITLE])
    body = TextAreaField("What it says", [DataRequired("Say what is needed"), BODY])
    lead = RadioField("Who should ask for it?", [DataRequired("Choose who asks for it")], validate_choice=False)

    def offer(self, leads: dict[str, str]) -> None:
        """Let these be chosen (id to name)."""
        self.lead.choices = leads
        self.lead.validators = [AnyOf(leads, "Choose who asks for it")]
