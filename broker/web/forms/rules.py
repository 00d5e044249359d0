"""The form of a rule: what it is from now on, and why."""

from wtforms import Field, HiddenField, RadioField, StringField, TextAreaField

from broker.web.forms.base import BaseForm

FROM_NOW_ON = "From now on"
PROBLEMS = {
    "needed": "Say what the rule is to be",
    "no_number": "Enter a number in figures, such as 14",
    "days": "Enter whole days, from 1 to 3,650",
    "percent": "Enter a share from 0 to 100",
    "hours": "Enter hours, from 0 to 1,000,000,000, with two places behind the point at most",
    "pounds": "Enter pounds, from 0 to 1,000,000,000, with pence at most",
    "yes_or_no": "Choose yes or no",
    "too_long": "Keep this under 500 characters",
    "unknown": "Choose a rule from the list",
}


class RuleForm(BaseForm):
    """`value` is given by the kind of rule."""

    value: Field
    rule = HiddenField()
    note = TextAreaField("Why, or where it is written down")


class NumberForm(RuleForm):
    value = StringField(FROM_NOW_ON)


class WordsForm(RuleForm):
    value = TextAreaField(FROM_NOW_ON)


class YesOrNoForm(RuleForm):
    value = RadioField(FROM_NOW_ON, choices={"yes": "Yes", "no": "No"}, validate_choice=False)
