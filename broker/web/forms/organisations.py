"""Forms of organisations: signing up, changing what is said, entering one for others, and an officer's decisions."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from wtforms import (
    BooleanField,
    Field,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import AnyOf, DataRequired, Length, Optional

from broker.actions.organisations import OrganisationFacts
from broker.domain.kinds import OrganisationSize
from broker.domain.places import normalise_postcode
from broker.domain.registers import normalise_number
from broker.store.authorities import Authority
from broker.store.organisations import Organisation
from broker.web import words
from broker.web.forms.accounts import SecretField, good_password
from broker.web.forms.base import BODY, SHORT, BaseForm, email_address

WHAT = {"group": "A community group or charity", "supplier": "A business or supplier", "both": "Both"}
TOLD = {"phone": "By phone", "paper": "On paper"}
TEXTS = ("does", "serves", "place", "referee_name", "referee_contact", "contact_name", "contact_phone")
COMMONEST = "GB-CHC"
GIVE_NUMBER = "Give a number here, or tick the box below if you have none"


def _id(text: object) -> int:
    """A row's id as sent by the page; 0, which no row has, for anything else."""
    plain = str(text)
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 18 else 0


def _size(label: str, unsaid: str) -> RadioField:
    """How many people: nobody has to say, and `unsaid` is chosen until somebody does."""
    return RadioField(
        label,
        [Optional(), AnyOf(words.SIZE, "Choose one of these")],
        choices={**words.SIZE, "": unsaid},
        validate_choice=False,
        filters=[lambda said: said or ""],
    )


class FactsForm(BaseForm):
    """The five questions about an organisation, in the order of the page."""

    number_or_tick: ClassVar[bool] = True
    name = StringField(
        "Name of your group or organisation", [DataRequired("Enter the name of your group or organisation"), SHORT]
    )
    what = RadioField("What is it?", [AnyOf(WHAT, "Choose what it is")], choices=WHAT, validate_choice=False)
    size = _size("How many people work or volunteer for you?", "Not sure, or we would rather not say")
    scheme = SelectField("Which register is it in?", choices=words.REGISTER, default=COMMONEST)
    number = StringField("Charity or company number", [Length(max=40, message="Keep this under 40 characters")])
    no_number = BooleanField("We have no number")
    constituted = BooleanField("We have a written constitution or set of rules")
    referee_name = StringField("Who could tell us about your group?", [SHORT])
    referee_contact = StringField("How can we reach them?", [SHORT])
    does = TextAreaField("What do you do anyway?", [DataRequired("Tell us what you do, in a sentence or two"), BODY])
    serves = TextAreaField("Who is it for?", [DataRequired("Tell us who it is for"), BODY])
    authorities = SelectMultipleField("Which council areas do you work in?", coerce=_id, validate_choice=False)
    place = StringField("Which part of the area?", [SHORT])
    postcode = StringField("Postcode", [Length(max=20, message="Enter a whole postcode, such as M33 4RZ")])
    contact_name = StringField("Your name", [DataRequired("Enter your name"), SHORT])
    contact_email = StringField("E-mail address", [DataRequired("Enter your e-mail address"), email_address])
    contact_phone = StringField("Phone number", [Length(max=40, message="Keep this under 40 characters")])

    def validate_number(self, field: Field) -> None:
        if field.data and not normalise_number(self.scheme.data, field.data):
            raise ValidationError(words.REGISTER_HINT.get(self.scheme.data, "Choose the register, then the number"))
        if self.number_or_tick and not field.data and not self.no_number.data:
            raise ValidationError(GIVE_NUMBER)

    def validate_referee_name(self, field: Field) -> None:
        if self._needs_referee() and not field.data:
            raise ValidationError("Name somebody outside your group who knows you, or give a number")

    def validate_referee_contact(self, field: Field) -> None:
        if self._needs_referee() and not field.data:
            raise ValidationError("Tell us how to reach the person who knows you: a phone number or an e-mail address")

    def validate_postcode(self, field: Field) -> None:
        if field.data and not normalise_postcode(field.data):
            raise ValidationError("Enter a whole postcode, such as M33 4RZ, or leave it empty")

    def _needs_referee(self) -> bool:
        return bool(self.no_number.data) and not self.number.data

    def facts(self) -> OrganisationFacts:
        """What was typed, as the action takes it. Only for a form that is ok."""
        said = {name: str(self[name].data or "") for name in TEXTS}
        number = normalise_number(self.scheme.data, self.number.data) if self.number.data else None
        return OrganisationFacts(
            **said,
            name=" ".join(str(self.name.data).split()),
            is_group=self.what.data in ("group", "both"),
            is_supplier=self.what.data in ("supplier", "both"),
            size=OrganisationSize(self.size.data) if self.size.data else None,
            postcode=normalise_postcode(self.postcode.data or "") or "",
            constituted=bool(number or self.constituted.data),
            contact_email=str(self.contact_email.data or "").lower(),
            scheme=self.scheme.data if number else "",
            number=number or "",
        )


class SignUpForm(FactsForm):
    password = SecretField("Choose a password", [good_password])

    def offer(self, authorities: Sequence[Authority]) -> None:
        """Let these authorities be chosen."""
        self.authorities.choices = {str(area.id): area.name for area in authorities}

    def validate_authorities(self, field: Field) -> None:
        if not {str(area) for area in field.data or ()} & set(self.authorities.choices or ()):
            raise ValidationError("Choose at least one council area")


class FactsOnlyForm(FactsForm):
    """The facts without the areas: where it applies is decided area by area, not here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.authorities

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        """The form filled with what is said now (or with what was just typed)."""
        first = next(iter(organisation.identifiers), None)
        both = organisation.is_group and organisation.is_supplier
        return cls.sent(
            obj=organisation,
            what="both" if both else "supplier" if organisation.is_supplier else "group",
            scheme=first.scheme if first else COMMONEST,
            number=first.number if first else "",
            no_number=first is None,
        )


class EditForm(FactsOnlyForm):
    def _needs_referee(self) -> bool:
        return super()._needs_referee() and not self.constituted.data


class UnclaimedForm(FactsOnlyForm):
    """What an officer knows of an organisation whose people have not signed in: it may be little."""

    number_or_tick = False
    name = StringField("Name of the group or organisation", [DataRequired("Enter its name"), SHORT])
    size = _size("How many people work or volunteer for it?", "Not known")
    constituted = BooleanField("It has a written constitution or set of rules")
    referee_name = StringField("Who else knows them?", [SHORT])
    referee_contact = StringField("How can we reach that person?", [SHORT])
    does = TextAreaField("What does it do anyway?", [BODY])
    serves = TextAreaField("Who is it for?", [BODY])
    contact_name = StringField("Name of the contact", [SHORT])
    contact_email = StringField("E-mail address", [Optional(), email_address])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.no_number

    def _needs_referee(self) -> bool:
        return False


class EnterForm(UnclaimedForm):
    """The same for a new one, with how it told us; the action asks for a number, a referee or the note."""

    how = RadioField(
        "How did they tell you?", [AnyOf(TOLD, "Choose how they told you")], choices=TOLD, validate_choice=False
    )
    note = TextAreaField("How do you know who they are?", [BODY])


class NamedForm(BaseForm):
    """Whether public results may name it."""

    agreed = BooleanField("Our name may stand in public results")


class ApplyForm(BaseForm):
    """Applying to one more authority, or again to one that asked for something."""

    authority = SelectField("Council area", coerce=_id, validate_choice=False)
    answer = TextAreaField("Your answer", [BODY])


class ApproveForm(BaseForm):
    note = TextAreaField("How do you know them?", [BODY])


class ReasonForm(BaseForm):
    """A ready-made reason, own words, or both."""

    ready: ClassVar[dict[str, str]] = {}
    reason = SelectField("Reason", validate_choice=False)
    own_words = TextAreaField("In your own words", [BODY])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = {"": "Choose a reason", **self.ready}

    def text(self) -> str:
        """What the organisation will read."""
        return "\n".join(part for part in (self.ready.get(self.reason.data or "", ""), self.own_words.data) if part)


class ReturnForm(ReasonForm):
    ready = words.REGISTRATION_RETURN_REASONS


class SuspendForm(ReasonForm):
    ready = words.REGISTRATION_SUSPEND_REASONS
