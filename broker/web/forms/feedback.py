"""The form in which a side says how it went."""

from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from broker.domain.kinds import Side
from broker.store.partnerships import Partnership
from broker.web.forms.base import BaseForm
from broker.web.forms.matches import MESSAGE
from broker.web.words import SCORE

PROBLEMS = {
    "choose_score": "Choose how it went, from 1 to 5",
    "say_why": "Say why, in a sentence",
    "of_the_other": "You act for the other side, so another officer has to write this down",
    "other_side": "You can speak only for your own organisation",
    "said_and_over": "This side has said how it went, and the partnership is over: what was said stands",
    "said_itself": "This side has said it on its own page. You can read it there, but not change it",
}


class FeedbackForm(BaseForm):
    """From 1 to 5, and why; an officer says whose word it is."""

    side = RadioField("Who told you this?", validators=[InputRequired("Choose whose word it is")])
    score = RadioField(
        "How did it go?",
        choices={str(score): f"{score}: {text.lower()}" for score, text in SCORE.items()},
        validators=[InputRequired(PROBLEMS["choose_score"])],
    )
    words = TextAreaField("Why? One sentence is enough", [DataRequired(PROBLEMS["say_why"]), MESSAGE])

    def fit_to(self, partnership: Partnership, own: Side | None) -> None:
        """Somebody of a side is not asked for which side they speak."""
        if own is not None:
            del self.side
        else:
            self.side.choices = {str(side): partnership.match.listing(side).organisation.name for side in Side}
