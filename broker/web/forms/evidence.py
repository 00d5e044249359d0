"""The form that adds evidence: a file, or one that was sent before, and what it shows."""

from collections.abc import Iterable
from typing import Any

from flask_wtf.file import FileField
from wtforms import SelectField, StringField
from wtforms.validators import ValidationError

from broker.store.files import StoredFile
from broker.web import saying
from broker.web.forms.base import SHORT, BaseForm

NONE = ("", "None of them")
NEW_OR_OLD = "Choose a new file or one that was sent before, not both"
GONE = "This file is no longer there. Choose another one."


class EvidenceForm(BaseForm):
    file = FileField("A document or a photo")
    earlier = SelectField("Or a file that your organisation sent before", validate_choice=False)
    what = StringField("What does it show?", validators=[SHORT])

    def offer(self, files: Iterable[StoredFile]) -> None:
        """Let one of these be chosen instead of sending it again."""
        self.earlier.choices = [NONE, *((str(file.id), _told(file)) for file in files)]

    def validate_file(self, field: Any) -> None:
        if field.data and self.earlier.data:
            raise ValidationError(NEW_OR_OLD)
        if not field.data and not self.earlier.data:
            raise ValidationError("Choose a file")

    def validate_earlier(self, field: Any) -> None:
        if field.data and field.data not in {value for value, _label in field.choices}:
            raise ValidationError(GONE)


def _told(file: StoredFile) -> str:
    return f"{file.name} ({saying.day(file.added_at)})"
