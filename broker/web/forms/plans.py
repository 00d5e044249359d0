"""The form that asks for a plan of the market."""

from wtforms import RadioField, SelectField
from wtforms.validators import AnyOf

from broker.domain.kinds import PlanMode
from broker.web.forms.base import BaseForm
from broker.web.words import PLAN_MODE

CAPS = {"1": "Once", "2": "Up to twice", "3": "Up to 3 times", "5": "Up to 5 times", "10": "Up to 10 times"}


class PlanForm(BaseForm):
    mode = RadioField(
        "What matters most?",
        [AnyOf(set(PlanMode), "Choose what matters most")],
        choices={str(mode): name for mode, (name, _) in PLAN_MODE.items()},
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
