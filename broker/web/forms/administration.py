"""Forms of the administrator: a new authority, a new person."""

from collections.abc import Iterable

from wtforms import SelectField, StringField
from wtforms.validators import AnyOf, DataRequired

from broker.domain.kinds import Role
from broker.store.authorities import Authority
from broker.web import words
from broker.web.forms.base import SHORT, BaseForm, email_address

NO_AREA = "0"
STAFF = {
    role.value: words.ROLE[role] for role in (Role.OFFICER, Role.CONTRACT_MANAGER, Role.COUNCILLOR, Role.ADMINISTRATOR)
}


class AuthorityForm(BaseForm):
    code = StringField("ONS code", [DataRequired("Enter the council's ONS code")])
    name = StringField("Name", [DataRequired("Enter the council's name"), SHORT])
    region = StringField("Region", [SHORT])
    framework_code = SelectField("Framework")

    def offer(self, frames: Iterable[tuple[str, str]]) -> None:
        """Let these frameworks (code, name) be chosen."""
        self.framework_code.choices = {"": "None yet", **dict(frames)}


class LinkForm(BaseForm):
    lost = StringField("E-mail address they sign in with", [DataRequired("Enter their e-mail address"), SHORT])


class PersonForm(BaseForm):
    email = StringField("E-mail address", [DataRequired("Enter their e-mail address"), email_address])
    name = StringField("Name", [DataRequired("Enter their name"), SHORT])
    role = SelectField("What they are", [AnyOf(STAFF, "Choose what they are")], choices=STAFF, validate_choice=False)
    authority = SelectField("Council, unless an administrator", validate_choice=False)

    def offer(self, authorities: Iterable[Authority]) -> None:
        """Let these authorities be chosen."""
        self.authority.choices = {NO_AREA: "Choose a council"} | {str(area.id): area.name for area in authorities}
