"""Forms of committee packs: the word before a period is closed."""

from wtforms import BooleanField
from wtforms.validators import DataRequired

from broker.web.forms.base import BaseForm


class CloseForm(BaseForm):
    looked = BooleanField(
        "I have looked at these figures. Once they are closed, nobody can change them",
        [DataRequired("Look at the figures first, and tick that you have. Nothing is closed yet")],
    )
