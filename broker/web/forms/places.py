"""The form that sends a file of wards, or of how deprived they are."""

from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, StringField
from wtforms.validators import Length

from broker.actions.boundaries import MOST_WARDS
from broker.domain.boundaries import MOST_CORNERS
from broker.web.forms.base import BaseForm

WHAT = {"wards": "The boundaries of our wards (GeoJSON)", "deprivation": "How deprived each ward is (CSV)"}
PROBLEMS = {
    "needed": "Say whose figures they are, for example: English indices of deprivation 2019",
    "not_wards": "This is not a file of boundaries. It should be GeoJSON, with a list of features",
    "no_code": "A ward in this file has no code or no name. Call them ward_code and ward_name, or as the ONS does",
    "code_twice": "A ward stands twice in this file: two of its rows have the same code",
    "bad_shape": "The outline of a ward cannot be drawn: it is not closed, or is no area",
    "not_degrees": "This file counts in metres and not in degrees. Save it anew as WGS 84 (EPSG:4326)",
    "too_fine": f"A ward has more than {MOST_CORNERS:,} corners. Take the generalised boundaries instead",
    "none_of_yours": "None of the wards in this file is yours. Check the codes of the wards and of the council: a file"
    " from before new boundaries has other codes",
    "no_wards": "Load the boundaries of your wards first. Then this file can say how deprived each of them is",
    "too_many": f"This file has more than {MOST_WARDS} wards of yours. Does it say which council each belongs to?",
    "others_ward": "One of these wards belongs to another council here. Ask the administrator",
    "swapped": "The corners in this file say north before east. GeoJSON says east first: swap the two and save it anew",
    "other_areas": "These are other areas and not wards, such as LSOAs or whole councils. Take the file of wards",
    "odd_code": "The code of a ward may have letters, figures, - and _ only",
    "no_tenth": "A ward in this table has no decile from 1 to 10, or a score that is no number",
    "not_deprivation": "This table was not understood. It needs a column ward_code, and one named decile with 1 to 10",
}


class PlacesForm(BaseForm):
    """A file, what is in it, and whose figures they are."""

    what = RadioField("What is in the file?", choices=WHAT, default="wards")
    file = FileField("The file", validators=[FileRequired("Choose a file")])
    source = StringField("Whose figures are they?", validators=[Length(max=300, message="Use 300 characters or fewer")])
