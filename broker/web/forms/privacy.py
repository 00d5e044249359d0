"""Forms about people's data: whom to ask, and the word before somebody is erased."""

from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from broker.web.forms.base import SHORT, BaseForm, email_address


class ContactForm(BaseForm):
    controller = StringField(
        "Who is responsible for people's data, by its full name", [DataRequired("Enter the name of the council"), SHORT]
    )
    email = StringField("E-mail address for questions", [DataRequired("Enter an e-mail address"), email_address])
    phone = StringField("Telephone", [Length(max=40, message="Keep this under 40 characters")])
    address = TextAreaField("Postal address", [Length(max=1000, message="Keep this under 1,000 characters")])
    protection_email = StringField("E-mail address of the data protection officer", [Optional(), email_address])


class EraseForm(BaseForm):
    sure = BooleanField(
        "I understand that this cannot be undone", [DataRequired("Tick the box to say that you understand")]
    )


class FindPersonForm(BaseForm):
    email = StringField("E-mail address they sign in with", [DataRequired("Enter their e-mail address"), SHORT])
