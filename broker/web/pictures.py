"""A picture that is sent along is drawn anew before anything is written, because that may take most of a second.

Whoever writes holds the whole database where it is SQLite, so nobody else could write meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from flask_wtf.file import FileField

from broker.actions.files import Clean, cleaned
from broker.domain.files import FileRefused, Upload
from broker.domain.kinds import FileKind
from broker.web.forms.files import upload_of
from broker.web.transaction import looking
from broker.web.uploads import takes_files

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class _Wanted:
    """In which field of a page a file may be sent, of which kinds, and by whom."""

    field: str
    kinds: frozenset[FileKind]
    may: Callable[..., object]


def takes_file(field: str, may: Callable[..., object], kinds: frozenset[FileKind] = frozenset(FileKind)) -> Any:
    """Stamp a view, beneath `allow`: a file may be sent to it in this field. `may`, asked with what stands in the
    address, says whether this visitor may send one at all.
    """

    def stamp(view: View) -> View:
        view.wants = _Wanted(field, kinds, may)  # type: ignore[attr-defined]
        return takes_files(view)

    return stamp


def install(app: Flask) -> None:
    """Stand behind the guard, which has looked who this is and has written nothing."""
    app.before_request(_draw)


def clean_file(field: FileField) -> Clean | None:
    """The file that was sent in this field, as it may be kept; None where none was. Raises FileRefused."""
    drawn: dict[str, Clean | FileRefused] = g.get("drawn", {})
    found = drawn.get(field.name)
    if isinstance(found, FileRefused):
        raise found
    return found


def _draw() -> None:
    wanted: _Wanted | None = getattr(current_app.view_functions.get(request.endpoint or ""), "wants", None)
    if wanted is None or request.method != "POST":
        return
    upload = upload_of(request.files.get(wanted.field), wanted.field, wanted.kinds)
    if upload is None:
        return
    with looking():
        may = wanted.may(**(request.view_args or {}))
    if may:
        g.drawn = {wanted.field: _cleaned(upload)}


def _cleaned(upload: Upload) -> Clean | FileRefused:
    try:
        return cleaned(upload)
    except FileRefused as refused:
        return refused
