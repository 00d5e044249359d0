"""Lists of which a page shows a part: which part was asked for, and the links to the parts before and after it."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import request

LAST = 10_000


def page_asked() -> int:
    """The number of the page, from 1."""
    number = request.args.get("page", 1, int)
    return number if 1 <= number <= LAST else 1


def id_asked(name: str) -> int:
    """A row's id from the query string; 0, which no row has, for anything else."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def turns(path: str, number: int, more: bool, narrowed: Mapping[str, object]) -> dict[str, str | None]:
    """Links to the pages before and after this one, with the list narrowed as it is."""

    def url(page: int) -> str:
        return f"{path}?" + urlencode({"page": page, **{name: value for name, value in narrowed.items() if value}})

    return {
        "label": f"Page {number}" if more or number > 1 else "",
        "previous_url": url(number - 1) if number > 1 else None,
        "next_url": url(number + 1) if more else None,
    }
