"""The forms by which an authority brings an edition of values: as a list, or typed one measure at a time."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from broker.domain.valuations import COLUMNS, MOST_YEARS, PERCENTS
from broker.store.measures import Measure
from broker.store.valuations import Valuation
from broker.web.forms.base import SHORT, BaseForm, MoneyField
from broker.web.forms.commitments import named
from broker.web.forms.lists import LONGEST_TEXT, NOTE, ListForm


class EditionForm(BaseForm):
    """What an edition says of itself."""

    name = StringField("Name of the edition", validators=[SHORT])
    price_year = StringField("Price year", validators=[Length(max=20, message="Give a year, such as 2026")])
    source = TextAreaField("Where the values come from", validators=[NOTE])
    licence = TextAreaField("Licence", validators=[NOTE])

    @property
    def facts(self) -> dict[str, str]:
        return {each.name: each.data or "" for each in (self.name, self.price_year, self.source, self.licence)}


class ValuesForm(ListForm, EditionForm):
    """An edition as a list."""


class WholeField(StringField):
    """A whole number from `least` to `most`; left empty it is the least, which changes nothing."""

    def __init__(self, label: str, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.least, self.most = least, most

    @property
    def plain(self) -> str:
        return (self.data or "").replace("%", "").strip()

    def pre_validate(self, form: Any) -> None:
        if self.plain and not (re.fullmatch(r"[0-9]{1,3}", self.plain) and self.least <= int(self.plain) <= self.most):
            raise ValidationError(f"Enter a whole number from {self.least} to {self.most}")


class OneByOneForm(EditionForm):
    """An edition that grows measure by measure. `text` is the list so far, as a file would say it."""

    text = HiddenField(validators=[Length(max=LONGEST_TEXT)])
    measure = SelectField("Measure", validate_choice=False)
    low = MoneyField("What one unit is worth, from")
    high = MoneyField("To")
    deadweight = WholeField("How many in a hundred would have happened anyway (deadweight)", 0, 100)
    attribution = WholeField("How many in a hundred are due to others (attribution)", 0, 100)
    displacement = WholeField("How many in a hundred were only taken from elsewhere (displacement)", 0, 100)
    years = WholeField("For how many years it does good", 1, MOST_YEARS)
    drop_off = WholeField("By how many in a hundred it fades each year after the first (drop-off)", 0, 100)

    def offer(self, measures: Sequence[Measure]) -> None:
        self.codes: Mapping[str, str] = {str(each.id): each.code for each in measures}
        self.measure.choices = [("", "Choose one"), *((str(each.id), named(each)) for each in measures)]

    @property
    def is_begun(self) -> bool:
        """Whether anything of another measure is typed."""
        return any(self[name].data for name in ("measure", "low", "high", *PERCENTS, "years"))

    def validate_measure(self, field: SelectField) -> None:
        if self.is_begun and field.data not in self.codes:
            raise ValidationError("Choose the measure")

    def validate_low(self, field: MoneyField) -> None:
        if self.is_begun and not field.data:
            raise ValidationError("Enter pounds, and the same twice where there is no range")

    def validate_high(self, field: MoneyField) -> None:
        if self.is_begun and not field.data:
            raise ValidationError("Enter pounds, and the same twice where there is no range")
        if field.amount is not None and self.low.amount is not None and field.amount < self.low.amount:
            raise ValidationError("This is below the lower end of the range")

    @property
    def longer(self) -> str:
        """The list with the measure that was typed. Only for a form that is ok."""
        if not self.is_begun:
            return self.text.data or ""
        amounts = (f"{self[name].amount:f}" for name in ("low", "high"))
        row = [self.codes[self.measure.data], *amounts, *(self[name].plain for name in (*PERCENTS, "years"))]
        return f"{self.text.data or _text([COLUMNS])}\n{_text([row])}"

    def begin_anew(self, text: str) -> None:
        """Keep the list, and ask for the next measure."""
        self.text.data = text
        for name in ("measure", "low", "high", *PERCENTS, "years"):
            self[name].data = ""

    def without(self, code: str) -> str:
        """The list without one of its measures."""
        try:
            return _text(row for row in csv.reader(StringIO(self.text.data or "")) if row and row[0] != code)
        except csv.Error:  # no list of ours
            return ""


def listed(values: Iterable[Valuation]) -> str:
    """Values as a list to begin with, but for measures that are offered no more."""
    offered = [each for each in values if each.measure.retired_at is None]
    rows = ([getattr(each, name) for name in COLUMNS[1:]] for each in offered)
    return _text([COLUMNS, *([each.measure.code, *row] for each, row in zip(offered, rows, strict=True))])


def _text(rows: Iterable[Sequence[object]]) -> str:
    """As a file would say it: for the page to send back and never for a spreadsheet, so a formula is left as it is."""
    return "\n".join(",".join('"{}"'.format(str(cell).replace('"', '""')) for cell in row) for row in rows)
