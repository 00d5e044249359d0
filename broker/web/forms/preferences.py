"""The form that says why a suggestion is not for an organisation."""

from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired

from broker.domain.kinds import NotForUs
from broker.web.forms.base import BaseForm
from broker.web.forms.matches import MESSAGE
from broker.web.not_for_us import NOT_FOR_US


class NotForUsForm(BaseForm):
    """One reason, and a word to the officer for whoever wants to say more."""

    why = RadioField(
        "Why is it not for you?",
        choices={str(why): text for why, text in NOT_FOR_US.items()},
        validators=[InputRequired("Choose the reason that comes nearest")],
    )
    text = TextAreaField("Anything the officer should know", [MESSAGE])

    @property
    def reason(self) -> NotForUs:
        """What was chosen, once `ok`."""
        return NotForUs(self.why.data)
