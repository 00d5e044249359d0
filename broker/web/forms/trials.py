"""The form that tries two texts."""

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from broker.web.forms.base import BaseForm

LONG = Length(max=2000, message="Keep this under 2,000 characters")


class TrialForm(BaseForm):
    need = TextAreaField("A need", [DataRequired("Write what a group might ask for"), LONG])
    offer = TextAreaField("An offer", [DataRequired("Write what somebody might offer"), LONG])
