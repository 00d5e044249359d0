"""The posting form, the search of the public list, and an officer's and an owner's small forms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar, cast

from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length

from broker.domain.kinds import SUPPLY, BackgroundCheck, Frequency, Lane, ListingKind, PlaceKind, SupportKind, Unit
from broker.domain.listings import MOST_PRIORITIES, Wording, gaps
from broker.domain.places import normalise_postcode
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority
from broker.store.frameworks import Framework, Node, priorities_of
from broker.store.places import Ward
from broker.web import listing_words, words
from broker.web.checks import BACKGROUND_CHECK
from broker.web.forms.base import BODY, TITLE, AmountField, BaseForm, PlainDateField
from broker.web.prompts import PROMPTS

Kind = TypeVar("Kind", bound=StrEnum)
HOW = {"phone": "They told me by phone", "paper": "It came on paper"}


@dataclass(frozen=True)
class Asked:
    """What the form is about: which kind, the areas to offer, and the wards and frames to choose from."""

    kind: ListingKind
    areas: Sequence[Authority]
    wards: Sequence[Ward]
    frames: Sequence[Framework]
    is_new: bool = True
    by_officer: bool = False


def one_of(kind: type[Kind]) -> Callable[[Any], Kind | None]:
    """Reads a choice; anything that is none of them counts as not chosen."""

    def read(value: Any) -> Kind | None:
        return kind(value) if value in set(kind) else None

    return read


def whole_number(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 10 else None


def radios_of(label: str, kind: type[StrEnum], choices: dict[Any, str]) -> RadioField:
    shown = {key: text[0].upper() + text[1:] for key, text in choices.items()}
    return RadioField(label, choices=shown, coerce=one_of(kind), validate_choice=False)


def check_choices(kind: ListingKind) -> dict[Any, str]:
    """The background checks to choose from, "I do not know" first."""
    return {"": "I do not know", **BACKGROUND_CHECK, BackgroundCheck.NONE: PROMPTS[kind].check_none}


class PrioritiesField(SelectMultipleField):
    """Up to three nodes of one frame, under the label of their theme."""

    def __init__(self, label: str = "", frame: Framework | None = None, **kwargs: Any) -> None:
        self.groups: list[tuple[str, list[Node]]] = priorities_of(frame) if frame else []
        self.frame = frame
        choices: dict[Any, str] = {
            node.id: f"{theme}: {node.label}" if theme else node.label for theme, nodes in self.groups for node in nodes
        }
        super().__init__(label, choices=choices, coerce=whole_number, validate_choice=False, **kwargs)

    def pre_validate(self, form: Any) -> None:
        known = {node.id for _, nodes in self.groups for node in nodes}
        self.data = [key for key in self.data or [] if key in known]
        if len(self.data) > MOST_PRIORITIES:
            raise ValidationError(f"Choose no more than {MOST_PRIORITIES}")


class ListingForm(BaseForm):
    """Everything a listing says. A draft needs its title only; what else is missing is said on sending."""

    title = StringField("Title", [DataRequired("Give it a title"), TITLE])
    body = TextAreaField("Tell us more", [BODY])
    support_kind = radios_of("Kind of support", SupportKind, words.SUPPORT_KIND)
    amount = AmountField("How much?")
    unit = SelectField("Counted in", coerce=one_of(Unit), validate_choice=False)
    roughly = BooleanField("This is only roughly right")
    frequency = radios_of("How often?", Frequency, words.FREQUENCY)
    from_date = PlainDateField("From when?")
    until_date = PlainDateField("Until when?")
    place_kind = radios_of("Where?", PlaceKind, words.PLACE_KIND)
    postcode = StringField("Postcode", [Length(max=20, message="Enter a whole postcode, such as M33 4RZ")])
    ward = SelectField("Ward", coerce=whole_number, validate_choice=False)
    reach_miles = AmountField("How far, in miles?")
    lane = radios_of("One-off or lasting?", Lane, words.LANE)
    community_led = BooleanField("It is led by people from the community itself")
    community_owned = BooleanField("It belongs to the community")
    background_check = radios_of("Background check", BackgroundCheck, BACKGROUND_CHECK)
    safeguarding = TextAreaField(
        "Is there anything we should know to keep people safe?",
        [Length(max=2000, message="Keep this under 2,000 characters")],
    )
    answers_node = SelectField("Is it your own idea for one of these?", coerce=whole_number, validate_choice=False)
    authorities = SelectMultipleField("Where should it be posted?", coerce=whole_number, validate_choice=False)
    entered_how = RadioField("How did it reach you?", choices=HOW, validate_choice=False)
    seen = HiddenField()

    def validate_until_date(self, field: Field) -> None:
        if field.data and self.from_date.data and field.data < self.from_date.data:
            raise ValidationError(listing_words.LISTING_PROBLEMS["until_date:before_start"])

    def validate_postcode(self, field: Field) -> None:
        is_asked = self.place_kind.data == PlaceKind.POSTCODE
        if is_asked and field.data and normalise_postcode(field.data) is None:
            raise ValidationError(listing_words.LISTING_PROBLEMS["postcode:missing"])

    def validate_reach_miles(self, _field: Field) -> None:
        if (self.reach_miles.amount or 0) > 500:
            raise ValidationError("Enter 500 miles or less")

    def tell(self, refusal: Unfit) -> None:
        """Put a rule's refusal at its fields."""
        self.put(Unfit(listing_words.problem_messages(refusal.problems)), {})

    def tell_gaps(self, kind: ListingKind, on: date) -> None:
        """Say what else is missing before it can be sent, so that nobody is sent back twice."""
        missing = listing_words.problem_messages(gaps(kind, self.wording(), on))
        self.put(Unfit({name: text for name, text in missing.items() if name in self and not self[name].errors}), {})

    @property
    def priority_fields(self) -> list[PrioritiesField]:
        return [field for field in self if isinstance(field, PrioritiesField)]

    def wording(self) -> Wording:
        """What was typed, as a wording; its point is found by the action."""
        reach, place = self.reach_miles.amount, self.place_kind.data
        return Wording(
            title=self.title.data or "",
            body=self.body.data or "",
            support_kind=self.support_kind.data,
            amount=self.amount.amount,
            unit=self.unit.data,
            roughly=self.roughly.data,
            frequency=self.frequency.data,
            from_date=self.from_date.data,
            until_date=self.until_date.data,
            place_kind=place,
            postcode=(normalise_postcode(self.postcode.data or "") or "") if place == PlaceKind.POSTCODE else "",
            ward_id=self._ward() if place == PlaceKind.WARD else None,
            reach_miles=float(reach) if reach is not None else None,
            lane=self.lane.data or Lane.TRANSACTIONAL,
            community_led=self.community_led.data,
            community_owned=self.community_owned.data,
            background_check=self.background_check.data,
            safeguarding=self.safeguarding.data or "",
            priorities=frozenset(key for field in self.priority_fields for key in field.data or []),
        )

    def node_answered(self) -> int | None:
        """The priority that an offer was made for, if one of those on the page."""
        known = {key for field in self.priority_fields for key, *_ in field.iter_choices()}
        return self.answers_node.data if self.answers_node and self.answers_node.data in known else None

    def _ward(self) -> int | None:
        return self.ward.data if any(self.ward.data == key for key, *_ in self.ward.iter_choices()) else None


def listing_form(asked: Asked, said: Wording | None = None, **data: Any) -> ListingForm:
    """The form for one kind of listing, filled with a wording on a GET."""
    fields = {
        f"priorities_{frame.id}": PrioritiesField(f"Priorities of {frame.name}", frame=frame) for frame in asked.frames
    }
    made = cast(type[ListingForm], type("PostingForm", (ListingForm,), fields))
    form = made(data=_data(said, asked) | data)
    several = len({ward.authority_id for ward in asked.wards}) > 1
    wards: dict[Any, str] = {
        ward.id: f"{ward.name} ({ward.authority.name})" if several else ward.name for ward in asked.wards
    }
    form.unit.choices = {"": "Choose"} | {unit: plural for unit, (_, plural) in words.UNIT.items()}
    form.ward.choices = {"": "Choose"} | wards
    areas: dict[Any, str] = {area.id: area.name for area in asked.areas}
    form.authorities.choices = areas
    form.answers_node.choices = {"": "No"} | {
        key: text for f in form.priority_fields for key, text, *_ in f.iter_choices()
    }
    _word(form, asked)
    return form


def _data(said: Wording | None, asked: Asked) -> dict[str, Any]:
    data: dict[str, Any] = {"authorities": [area.id for area in asked.areas], "lane": Lane.TRANSACTIONAL}
    if said is None:
        return data
    for name in ListingForm.__dict__:
        if hasattr(said, name):
            data[name] = getattr(said, name)
    data |= {"amount": f"{said.amount:f}" if said.amount is not None else "", "ward": said.ward_id}
    data["reach_miles"] = f"{said.reach_miles:g}" if said.reach_miles is not None else ""
    return data | {f"priorities_{frame.id}": sorted(said.priorities) for frame in asked.frames}


def _word(form: ListingForm, asked: Asked) -> None:
    """Labels that fit the kind, and no field that the kind does not have."""
    prompts = PROMPTS[asked.kind]
    labels = {
        form.title: prompts.title,
        form.body: prompts.body,
        form.support_kind: prompts.support,
        form.amount: prompts.amount,
        form.until_date: prompts.until,
        form.place_kind: prompts.place,
        form.reach_miles: prompts.reach,
        form.background_check: prompts.check,
    }
    for field, text in labels.items():
        field.label.text = text
    form.background_check.choices = check_choices(asked.kind)
    form.lane.choices = {Lane.TRANSACTIONAL: prompts.lane_once, Lane.SYSTEMIC: prompts.lane_lasting}
    if not (asked.by_officer and asked.is_new):
        del form.entered_how
    else:
        form.entered_how.validators = [InputRequired("Choose how it reached you")]
    if not asked.is_new or asked.kind not in SUPPLY or not form.priority_fields:
        del form.answers_node
    if not asked.areas or (asked.is_new and len(asked.areas) == 1):
        del form.authorities
