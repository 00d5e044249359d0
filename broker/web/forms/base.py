"""What every form here shares: reading a post, plain dates and amounts, and putting a rule's refusal at its field."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Self

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import Field, SelectField, StringField, ValidationError
from wtforms.form import BaseForm as WtfForm
from wtforms.validators import Email, Length

from broker.domain.amounts import undressed
from broker.domain.refusals import Unfit
from broker.domain.texts import tidy


def _tidied(value: str | None) -> str:
    """A field's value as the form keeps it; a field that was not sent is blank."""
    return tidy(value or "")


class PlainWords:
    """What WTForms itself says of an odd request, in words of this service."""

    said: ClassVar[dict[str, str]] = {
        "Not a valid choice.": "Choose one from the list",
        "Invalid Choice: could not coerce.": "Choose one from the list",
        "Invalid choice(s): one or more data inputs could not be coerced.": "Choose from the list",
        "This field is required.": "Fill this in",
    }

    def gettext(self, text: str) -> str:
        return self.said.get(text, text)

    def ngettext(self, one: str, many: str, n: int) -> str:
        choices = "valid choice" in one
        return "Choose from the list" if choices else one if n == 1 else many


class BaseForm(FlaskForm):
    """A form of this service. `Meta.csrf` comes from Flask-WTF; the token stands in every POST form."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: WtfForm) -> PlainWords:
            return PlainWords()

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            if issubclass(unbound_field.field_class, StringField):
                options["filters"] = [_tidied, *unbound_field.kwargs.get("filters", ())]
                unbound_field.kwargs.pop("filters", None)
            bound: Field = super().bind_field(form, unbound_field, options)
            return bound

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Words for fields of words and files for fields of files, as a page sends them; a JSON body is no form."""
            if formdata is None or request.method != "POST":
                return None
            wanted = {field.name for field in form if isinstance(field, FileField)}
            files = MultiDict((name, file) for name, file in request.files.items(multi=True) if name in wanted)
            return CombinedMultiDict((files, request.form)) or None

    def ok(self) -> bool:
        """True when this request is a POST and what was typed has the right shape."""
        return bool(self.validate_on_submit())

    def put(self, refusal: Unfit, words: Mapping[str, str]) -> None:
        """Put a rule's refusal at its fields, in the page's words (the code itself where none is given)."""
        for name, code in refusal.problems.items():
            message = words.get(code, code)
            field = getattr(self, name, None)
            if isinstance(field, Field):
                field.errors = [*field.errors, message]
            else:
                self.form_errors.append(message)

    @classmethod
    def sent(cls, **kwargs: Any) -> Self:
        """The form as typed in this request, or empty (or filled from `obj`/`data`) on a GET."""
        return cls(**kwargs)


class PlainDateField(Field):
    """A day typed as day, month, year in three boxes, any of which may be blank only together."""

    def __init__(self, label: str = "", validators: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(label, list(validators), **kwargs)
        self.day = self.month = self.year = ""

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        super().process(None, *args, **kwargs)
        if formdata is not None and any(f"{self.name}-{part}" in formdata for part in ("day", "month", "year")):
            self.day, self.month, self.year = (
                tidy(formdata.get(f"{self.name}-{part}", ""))[:10] for part in ("day", "month", "year")
            )
            self.raw_data = [part for part in (self.day, self.month, self.year) if part]
            self.data = None
            self._read()
        elif isinstance(self.data, date):
            self.day, self.month, self.year = str(self.data.day), str(self.data.month), str(self.data.year)

    def _read(self) -> None:
        parts = (self.day, self.month, self.year)
        if not any(parts):
            return
        try:
            if not all(re.fullmatch(r"[0-9]{1,4}", part) for part in parts):
                raise ValueError
            year = int(self.year) + (2000 if len(self.year) <= 2 else 0)
            self.data = date(year, int(self.month), int(self.day))
        except ValueError:
            self.process_errors = ["Enter a real date, such as 27 3 2027"]
            return
        if not 1900 <= self.data.year <= 2200:
            self.data, self.process_errors = None, ["Enter a year between 1900 and 2200"]


class AmountField(StringField):
    """A quantity as typed ('40', '1,200', '2.5', '£300'); `amount` is the Decimal, or None when left blank."""

    amount: Decimal | None = None
    shape: ClassVar[str] = r"-?[0-9]{0,12}(\.[0-9]{1,2})?"
    beyond: ClassVar[str] = "Enter a number above 0 and below 10 million"

    def is_within(self, amount: Decimal) -> bool:
        return 0 < amount <= Decimal("9999999")

    def pre_validate(self, form: WtfForm) -> None:
        self.amount = None
        if not self.data:
            return
        plain = undressed(str(self.data))
        try:
            if not re.fullmatch(self.shape, plain):
                raise InvalidOperation
            self.amount = Decimal(plain)
        except InvalidOperation:
            raise ValidationError("Enter a number, such as 10 or 2.5") from None
        if not self.is_within(self.amount):
            self.amount = None
            raise ValidationError(self.beyond)


class MoneyField(AmountField):
    """Pounds: none at all, or as many as any contract is worth."""

    beyond = "Enter pounds from 0 to 1,000,000,000"

    def is_within(self, amount: Decimal) -> bool:
        return 0 <= amount <= Decimal(1_000_000_000)


class QuantityField(AmountField):
    """How much of a measure. Whether there can be so much of it is for the rule to say, which knows the unit."""

    shape = r"-?[0-9]{0,12}(\.[0-9]{1,12})?"

    def is_within(self, amount: Decimal) -> bool:
        return True


LONGEST_ADDRESS = 254
EMAIL = "Enter an e-mail address such as name@example.org"


def email_address(form: WtfForm, field: StringField) -> None:
    """An address that could exist. One too long for that is not read at all: reading takes ever longer with length."""
    if len(field.data or "") > LONGEST_ADDRESS:
        raise ValidationError(EMAIL)
    Email(EMAIL)(form, field)


def is_offered(field: SelectField) -> bool:
    """Whether what was chosen is in the list; the empty line above it is no choice."""
    return bool(field.data) and any(choice[0] == field.data for choice in field.iter_choices())


TITLE = Length(max=400, message="Keep this under 400 characters")
BODY = Length(max=10_000, message="Keep this under 10,000 characters")
SHORT = Length(max=200, message="Keep this under 200 characters")


def typed(name: str, limit: int = 200) -> str:
    """One query-string value, tidied and cut to a length that no search needs to exceed."""
    return tidy(request.args.get(name, ""))[:limit]
