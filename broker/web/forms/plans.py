"""The form that asks for a plan of the market."""

from wtforms import RadioField, SelectField
from wtforms.validators import AnyOf

from broker.domain.kinds import PlanMode
from broker.web.forms.base import BaseForm

# What a plan of the market tries first: the name of it, and what that means.
MODES = {
    PlanMode.SERVE_FIRST: (
        "Help as many needs as possible",
        "Every need that can get something gets something, even if it is only a part. Then the best fits are chosen.",
    ),
    PlanMode.BEST_TOTAL: (
        "Make the best fits",
        "The pairs that fit best, all taken together. A few needs may get nothing, where others fit much better.",
    ),
    PlanMode.SPREAD: (
        "Spread the load",
        "One partner for each need, and nobody is asked, or helped, too often. Small groups choose first: those that"
        " are in no public register. Where several share an offer, it is divided evenly.",
    ),
}
CAPS = {"1": "Once", "2": "Up to twice", "3": "Up to 3 times", "5": "Up to 5 times", "10": "Up to 10 times"}


class PlanForm(BaseForm):
    mode = RadioField(
        "What matters most?",
        [AnyOf(set(PlanMode), "Choose what matters most")],
        choices={str(mode): name for mode, (name, _) in MODES.items()},
        default=str(PlanMode.SERVE_FIRST),
        validate_choice=False,
    )
    cap = SelectField(
        "How often may one organisation appear?",
        [AnyOf(CAPS, "Choose how often")],
        choices=CAPS,
        default="3",
        validate_choice=False,
    )
