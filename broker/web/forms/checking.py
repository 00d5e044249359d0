"""An officer's forms on a listing: approve, return, ask, correct the tags; and the owner's short answers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from wtforms import (
    BooleanField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import HiddenInput

from broker.domain.kinds import BackgroundCheck, Lane, ListingKind, PlaceKind, SupportKind, Unit
from broker.domain.listings import Wording
from broker.store.frameworks import Framework
from broker.store.places import Ward
from broker.web import listing_words, words
from broker.web.checks import BACKGROUND_CHECK
from broker.web.forms.base import AmountField, BaseForm
from broker.web.forms.listings import PrioritiesField, check_choices, one_of, radios_of, whole_number
from broker.web.prompts import PROMPTS

NOTE = Length(max=2000, message="Keep this under 2,000 characters")


class ApproveForm(BaseForm):
    seen = IntegerField(widget=HiddenInput())


class AskForm(BaseForm):
    question = TextAreaField("Ask the owner one thing", [DataRequired("Write your question"), NOTE])


class ReturnForm(BaseForm):
    reason = RadioField(
        "Send it back to be changed",
        choices=words.RETURN_REASONS | {"": "Only my own words"},
        default="more_detail",
    )
    own_words = TextAreaField("In your own words", [NOTE])

    def validate_own_words(self, field: Field) -> None:
        if not self.reason.data and not field.data:
            raise ValidationError(listing_words.LISTING_PROBLEMS["reason:missing"])

    def words_to_owner(self) -> str:
        """The ready-made sentence, then the officer's own."""
        return "\n".join(part for part in (words.RETURN_REASONS.get(self.reason.data), self.own_words.data) if part)


class AnswerForm(BaseForm):
    answer = TextAreaField("Your answer", [DataRequired("Write your answer"), NOTE])


class CloseForm(BaseForm):
    reason = RadioField(
        "What happened?",
        [InputRequired("Choose what happened")],
        choices=words.CLOSING_REASONS,
        validate_choice=False,
    )

    def validate_reason(self, field: Field) -> None:
        if field.data not in words.CLOSING_REASONS:
            raise ValidationError("Choose what happened")


class TagsForm(BaseForm):
    """What an officer may correct in the owner's listing; the words themselves stay the owner's."""

    support_kind = radios_of("Kind of support", SupportKind, words.SUPPORT_KIND)
    amount = AmountField("How much?")
    unit = SelectField("Counted in", coerce=one_of(Unit), validate_choice=False)
    ward = SelectField("Ward", coerce=whole_number, validate_choice=False)
    lane = radios_of("One-off or lasting?", Lane, words.LANE)
    community_led = BooleanField("It is led by people from the community itself")
    community_owned = BooleanField("It belongs to the community")
    background_check = radios_of("Background check", BackgroundCheck, BACKGROUND_CHECK)
    safeguarding = TextAreaField("Keeping people safe (only the owner and officers read this)", [NOTE])

    @property
    def priority_fields(self) -> list[PrioritiesField]:
        return [field for field in self if isinstance(field, PrioritiesField)]

    def corrected(self, said: Wording) -> Wording:
        """The owner's wording with the officer's tags. A ward gives a place to a listing that had none."""
        known = {key for key, *_ in self.ward.iter_choices()}
        ward_id = self.ward.data if self.ward.data in known else None
        if said.place_kind == PlaceKind.WARD:
            ward_id = ward_id or said.ward_id  # a place that is a ward cannot lose it
        own = {node.id for field in self.priority_fields for _, nodes in field.groups for node in nodes}
        chosen = {key for field in self.priority_fields for key in field.data or []}
        place = PlaceKind.WARD if ward_id and said.place_kind is None else said.place_kind
        return replace(
            said,
            support_kind=self.support_kind.data,
            amount=self.amount.amount,
            unit=self.unit.data,
            ward_id=ward_id,
            place_kind=place,
            lane=self.lane.data or said.lane,
            community_led=self.community_led.data,
            community_owned=self.community_owned.data,
            background_check=self.background_check.data,
            safeguarding=self.safeguarding.data or "",
            priorities=(said.priorities - own) | chosen,
        )


def tags_form(kind: ListingKind, said: Wording, wards: Sequence[Ward], frames: Sequence[Framework]) -> TagsForm:
    """The form with this area's wards and priorities, filled with what is said now on a GET."""
    fields = {f"priorities_{frame.id}": PrioritiesField(f"Priorities of {frame.name}", frame=frame) for frame in frames}
    plain = ("support_kind", "unit", "lane", "background_check", "safeguarding")
    data: dict[str, Any] = {name: getattr(said, name) for name in plain}
    data |= {"community_led": said.community_led, "community_owned": said.community_owned, "ward": said.ward_id}
    data["amount"] = f"{said.amount:f}" if said.amount is not None else ""
    data |= {f"priorities_{frame.id}": sorted(said.priorities) for frame in frames}
    form = cast(type[TagsForm], type("CorrectionForm", (TagsForm,), fields))(data=data)
    form.background_check.label.text = PROMPTS[kind].check
    form.background_check.choices = check_choices(kind)
    form.unit.choices = {"": "Not counted"} | {unit: plural for unit, (_, plural) in words.UNIT.items()}
    known: dict[Any, str] = {ward.id: ward.name for ward in wards}
    form.ward.choices = {"": "Not known"} | known
    return form
