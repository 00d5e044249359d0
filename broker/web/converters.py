"""How ids stand in addresses."""

from werkzeug.routing import IntegerConverter


class Id(IntegerConverter):
    """A row's id: digits only, and few enough for any database; anything else is a page that does not exist."""

    regex = r"[1-9]\d{0,17}"
