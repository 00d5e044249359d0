"""The forms by which an authority brings a list of its own: as a file, or as text to paste."""

from collections.abc import Iterable
from typing import Any

from flask_wtf.file import FileField
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import Length, ValidationError

from broker.domain.lists import Refused
from broker.domain.refusals import BadEntries, Unfit
from broker.web.forms.base import SHORT, BaseForm

LONGEST_TEXT = 500_000
NOTHING = "Choose a file, or paste its text"
NOTE = Length(max=2000, message="Keep this under 2,000 characters")


class ListForm(BaseForm):
    """A file or a text; the text stays when something is refused."""

    file = FileField("Your file (CSV or TOML)")
    text = TextAreaField(
        "Or paste the list here", validators=[Length(max=LONGEST_TEXT, message="Send a list of this size as a file")]
    )

    refused: tuple[Refused, ...] = ()

    def put_entries(self, refusal: BadEntries) -> None:
        """Say that some of its entries cannot be taken, and keep which for the page."""
        self.refused = refusal.refused
        said = f"{len(self.refused)} of its entries cannot be taken, so none was. See what to put right"
        self.put(Unfit({"file": said}), {})

    def validate_file(self, field: Any) -> None:
        if not field.data and not self.text.data:
            raise ValidationError(NOTHING)

    @property
    def content(self) -> bytes:
        """What was sent: the file where there is one."""
        sent: bytes = self.file.data.read() if self.file.data else (self.text.data or "").encode()
        return sent


class MeasuresForm(ListForm):
    name = StringField("Name of the list", validators=[SHORT])
    edition = StringField("Edition", validators=[Length(max=40, message="Keep this under 40 characters")])
    licence = TextAreaField("Licence", validators=[NOTE])
    scheme = SelectField("Whose codes does it use?")

    def offer(self, schemes: Iterable[str]) -> None:
        """Let the codes be those of one of these lists."""
        named = [SelectChoice(name, f"Codes of {name}") for name in schemes]
        self.scheme.choices = [SelectChoice("", "Codes of our own"), *named]
