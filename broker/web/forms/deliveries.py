"""Forms of deliveries: what was done, what its receiver says of it, and what an officer vouches for."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

from flask import request
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from broker.domain.deliveries import Done, Said
from broker.domain.kinds import Answer
from broker.domain.texts import tidy
from broker.store.deliveries import Delivery
from broker.store.measures import Measure
from broker.store.places import Ward
from broker.web import saying
from broker.web.forms.base import BaseForm, MoneyField, PlainDateField, QuantityField
from broker.web.words import ANSWER

NOTE = Length(max=2000, message="Keep this under 2,000 characters")
PLACE = Length(max=300, message="Keep this under 300 characters")
PROBLEMS = {
    "needed": "Say how much it was",
    "not_positive": "Type a number above 0",
    "too_many": "That is more than we can take for one line. Check the number, or split it by days",
    "too_many_hours": "That is more hours than 500 people could work in these days. Check the number and the days",
    "whole": "These are counted in whole numbers. Type one without a point",
    "too_fine": "Type at most two places after the point, such as 2.25",
    "before_start": "The last day must not be before the first day",
    "before_partnership": "This is before the partnership began. Choose a day within it",
    "after_partnership": "This is after the partnership ended. Choose a day within it",
    "future": "This day has not come yet. Log it once it is done",
    "not_offered": "Choose one from the list",
    "same_hours": "One hour counts under one of these measures only. If these are other hours, say why",
    "said_before": "You have logged the very same before. If this is another one, tick that it is",
    "all_of_it": "That is all of it. Choose “Yes, all of it”",
    "none_of_it": "That is nothing of it. Choose “Not at all”, or type a number above 0",
    "not_less": "That is not less than they say. Choose “More than that”, or type a smaller number",
    "not_more": "That is not more than they say. Choose “Less than that”, or type a larger number",
    "giver": "You act for the organisation that gave this, so somebody else has to say it",
    "claimed": "Part of it is set against a promise already, so the answer stands. Ask the officer if it is wrong",
    "receiver": "You act for the organisation that received this, so another officer has to look at it",
    "same_officer": "You took the call, so a second officer has to look at this one",
    "more_than_confirmed": "This is more than the group says it got, or than was delivered",
    "reason_for_less": "Say why it is less than the group says it got",
    "too_often": "It was asked often enough. An officer can ring them",
    "stand": "Part of it is set against a promise. Take that claim back first",
}


def _whole(value: Any) -> int | None:
    return int(value) if str(value or "").isascii() and str(value or "").isdigit() and len(str(value)) < 10 else None


class DeliveryForm(BaseForm):
    """What was done, on a phone in a minute."""

    measure = SelectField("What was it?", coerce=_whole, validate_choice=False)
    quantity = QuantityField("How much was it?")
    worth = MoneyField("What is it worth, in pounds?")
    started_on = PlainDateField("First day")
    ended_on = PlainDateField("Last day")
    place = StringField("Where was it?", [PLACE])
    ward = SelectField("Ward", coerce=_whole, validate_choice=False)
    note = TextAreaField("Anything else?", [NOTE])
    apart = TextAreaField("Why are these other hours?", [NOTE])
    another = BooleanField("This is another one, of the same amount on the same days")
    what = StringField("What to do")

    def offer(self, measures: Sequence[Measure], wards: Sequence[Ward]) -> None:
        """Let one of these measures be chosen, and one of these wards or none."""
        counted: dict[Any, str] = {each.id: f"{each.label} ({each.unit})" for each in measures}
        self.measure.choices = counted
        nowhere: dict[Any, str] = {"": "Not known, or several"}
        self.ward.choices = nowhere | {each.id: each.name for each in wards}

    @property
    def asks_what(self) -> bool:
        """Whether it was sent only to say what it was: "other" than what stood there, or "this"."""
        return self.what.data in ("other", "this") and self.is_submitted()

    def check_what(self, measures: Sequence[Measure]) -> None:
        """Say it at the field where none of these measures was chosen."""
        if self.what.data == "this" and self.measure_chosen(measures) is None:
            self.measure.errors = [PROBLEMS["not_offered"]]

    def measure_chosen(self, measures: Sequence[Measure]) -> Measure | None:
        """Which of these it is; None while that is still to be chosen."""
        if self.is_submitted() and self.what.data == "other":
            return None
        return next((each for each in measures if each.id == self.measure.data), None)

    def typed_beside(self) -> list[tuple[str, str]]:
        """What was typed in the other fields, to be kept while what it was is chosen."""
        own = ("measure", "what", "csrf_token", "once")
        return [(tidy(name), tidy(text)) for name, text in request.form.items() if name not in own]

    def validate_started_on(self, field: PlainDateField) -> None:
        if field.data is None and not field.errors:
            raise ValidationError("Say on which day it was, or began")

    def validate_worth(self, field: MoneyField) -> None:
        if field.amount == 0:
            raise ValidationError("Type a number above 0, or leave this empty")

    def done(self) -> Done:
        """What was typed. A last day that is left out is the first."""
        first = cast(date, self.started_on.data)  # the form has been checked
        return Done(
            measure_id=self.measure.data or 0,
            quantity=self.quantity.amount if self.quantity.amount is not None else Decimal(0),
            started_on=first,
            ended_on=self.ended_on.data or first,
            place=self.place.data or "",
            ward_id=self.ward.data,
            note=self.note.data or "",
            worth=self.worth.amount,
            apart=self.apart.data or "",
            another=bool(self.another.data),
        )

    def validate_quantity(self, field: QuantityField) -> None:
        if field.amount is None and not field.errors:
            raise ValidationError(PROBLEMS["needed"])


class AnswerForm(BaseForm):
    """Two minutes: yes, less, more, not at all; one sentence; a photo if you like."""

    answer = RadioField(
        "Did you get this?",
        choices={str(each): text for each, text in ANSWER.items()},
        validators=[InputRequired("Choose one")],
    )
    quantity = QuantityField("How much did you get?")
    sentence = TextAreaField("What was it like? One sentence is enough", [NOTE])
    story_consent = BooleanField("You may tell this sentence to others, in reports and on public pages")
    photo = FileField("A photo")
    photo_consent = BooleanField("You may show this photo to others, in reports and on public pages")
    without_photo = BooleanField("Take away the photo that is here")

    def fit_to(self, delivery: Delivery, *, by_phone: bool = False, has_photo: bool = False) -> None:
        """Ask in the words of this delivery; on the telephone, nothing about photos."""
        if not has_photo:
            del self.without_photo
        amount = saying.counted(delivery.quantity, delivery.measure)
        whom = "Did they get" if by_phone else "Did you get"
        self.answer.label.text = f"{whom} this: {amount}?"
        if by_phone:
            del self.photo, self.photo_consent
            self.quantity.label.text = "How much did they get?"
            self.sentence.label.text = "What do they say? One sentence is enough"
            self.story_consent.label.text = "They say that this sentence may be told to others"

    def said(self, photo_id: int | None = None) -> Said:
        """What was chosen and typed."""
        return Said(
            answer=Answer(self.answer.data),
            quantity=self.quantity.amount,
            sentence=self.sentence.data or "",
            story_consent=bool(self.story_consent.data),
            photo_id=photo_id,
            photo_consent=bool(self.photo_consent and self.photo_consent.data),
            without_photo=bool(self.without_photo and self.without_photo.data),
        )


class LinkForm(AnswerForm):
    """The same behind the link of a letter. What lets somebody in is the link, not a cookie, so none is needed."""

    class Meta(AnswerForm.Meta):
        csrf = False


class VerifyForm(BaseForm):
    """How much an officer vouches for."""

    quantity = QuantityField("How much do you verify?")
    text = TextAreaField("If it is less than the group says: why?", [NOTE])

    def validate_quantity(self, field: QuantityField) -> None:
        if field.amount is None and not field.errors:
            raise ValidationError("Say how much you verify")


class ReasonForm(BaseForm):
    """Why something is taken back."""

    text = TextAreaField("Why? Both sides can read it", [NOTE])
