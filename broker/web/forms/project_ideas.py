"""Forms of projects that councillors suggest: the suggestion, and an officer's answer."""

from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired

from broker.web.forms.base import TITLE, BaseForm
from broker.web.forms.matches import MESSAGE


class SuggestForm(BaseForm):
    """What should be done, and why."""

    title = StringField("What should be done, in a few words?", [DataRequired("Say what should be done"), TITLE])
    text = TextAreaField("Why, and for whom?", [DataRequired("Say why, and for whom"), MESSAGE])


class AnswerForm(BaseForm):
    """What the councillor reads."""

    answer = TextAreaField("Your answer to the councillor", [DataRequired("Write an answer"), MESSAGE])
