"""The form that opens the record: about which thing, by which person, which deed, from when to when."""

from wtforms import SelectField, StringField
from wtforms.validators import Optional, Regexp

from broker.domain.permissions import Action
from broker.store.readings import Look
from broker.web import words
from broker.web.forms.base import SHORT, BaseForm, PlainDateField

THINGS = {
    "organisation": "Organisation",
    "registration": "Organisation with one council",
    "listing": "Listing",
    "posting": "Listing with one council",
    "match": "Match",
    "partnership": "Partnership",
    "contract": "Contract",
    "commitment": "Promise",
    "delivery": "Delivery",
    "claim": "Claim",
    "import": "Import",
    "plan": "Plan",
    "framework": "Framework",
    "project_idea": "Suggested project",
    "authority": "Council",
    "user": "Person",
}
DEEDS = {str(action): words.deed(action) for action in sorted(Action)}


class LookForm(BaseForm):
    about = SelectField("What it is about", choices={"": "Anything", **THINGS}, default="")
    about_id = StringField("Its number", [Optional(), Regexp("^[0-9]{1,9}$", message="Enter a number, such as 12")])
    person = StringField("Who did it", [SHORT])
    action = SelectField("What was done", choices={"": "Anything", **DEEDS}, default="")
    since = PlainDateField("From")
    until = PlainDateField("To")

    def check_together(self) -> bool:
        """False, with the reason at its field, where two fields do not fit each other."""
        if self.about.data and not self.about_id.data:
            self.about_id.errors = ["Enter its number. It stands at the end of the address of its page"]
        if self.about_id.data and not self.about.data:
            self.about.errors = ["Choose what kind of thing the number belongs to"]
        if self.since.data and self.until.data and self.until.data < self.since.data:
            self.until.errors = ["The last day is before the first"]
        return not self.errors

    def look(self, person_id: int | None) -> Look:
        """What is looked for."""
        return Look(
            about=self.about.data or None,
            about_id=int(self.about_id.data) if self.about_id.data else None,
            person_id=person_id,
            action=self.action.data or None,
            since=self.since.data,
            until=self.until.data,
        )
