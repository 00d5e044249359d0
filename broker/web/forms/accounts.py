"""Forms of accounts: signing in, setting and changing a password."""

from functools import cache
from pathlib import Path
from typing import Any

from flask import current_app
from wtforms import Field, Form, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import PasswordInput

from broker.web.forms.base import SHORT, BaseForm, email_address

SHORTEST, LONGEST = 12, 1000
_COMMON = Path(__file__).with_name("common_passwords.txt")


class SecretField(Field):
    """A password exactly as typed, blanks and all; it is never sent back to the browser."""

    widget = PasswordInput(hide_value=True)
    data: str

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist[0] if valuelist else ""

    def _value(self) -> str:
        return ""


@cache
def common_passwords() -> frozenset[str]:
    """The passwords that guessers try first, small letters only, those long enough to pass the first rule."""
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def good_password(_form: Form, field: Field) -> None:
    """Length is what counts; beyond it only what a guesser would try first is refused."""
    password = field.data or ""
    if len(password) < SHORTEST:
        raise ValidationError(f"Enter a password of at least {SHORTEST} characters")
    if len(password) > LONGEST:
        raise ValidationError(f"Use at most {LONGEST:,} characters")
    plain = "".join(password.lower().split())
    service = "".join(str(current_app.config["SERVICE_NAME"]).lower().split())
    if plain in common_passwords() or len(set(plain)) < 4:
        raise ValidationError("That password is one of the first that a stranger would try. Choose another")
    if service in plain:
        raise ValidationError("A password must not contain the name of this service. Choose another")


class SignInForm(BaseForm):
    email = StringField("E-mail address", [InputRequired("Enter your e-mail address"), Length(max=254)])
    password = SecretField("Password", [InputRequired("Enter your password")])


class ProveForm(BaseForm):
    password = SecretField("Your password", [InputRequired("Enter your password")])


class ForgottenForm(BaseForm):
    email = StringField("E-mail address", [InputRequired("Enter your e-mail address"), email_address])


class NewAddressForm(BaseForm):
    email = StringField("New e-mail address", [InputRequired("Enter the new e-mail address"), email_address])


class CodeForm(BaseForm):
    code = StringField("Code", [InputRequired("Enter the code"), Length(max=40, message="A code is shorter than that")])


class InviteForm(BaseForm):
    email = StringField("Their e-mail address", [InputRequired("Enter their e-mail address"), email_address])


class AcceptForm(BaseForm):
    name = StringField("Your name", [DataRequired("Enter your name"), SHORT])
    password = SecretField("Password", [good_password])


class SetPasswordForm(BaseForm):
    password = SecretField("New password", [good_password])


class ChangePasswordForm(BaseForm):
    current = SecretField("Your password now", [InputRequired("Enter your password as it is now")])
    password = SecretField("New password", [good_password])
