"""The form that sends a file of listings."""

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField

from broker.web.forms.base import BaseForm


class ImportForm(BaseForm):
    file = FileField("Your CSV file", validators=[FileRequired("Choose a file to bring in")])
    all_or_nothing = BooleanField("Bring in everything or nothing")
