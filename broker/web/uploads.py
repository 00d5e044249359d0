"""How much a page takes: a little where words are typed, and as much as a whole file where one may be sent."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

WORDS = 1024 * 1024  # bytes, with all that stands around them
View = TypeVar("View", bound=Callable[..., Any])


def takes_files(view: View) -> View:
    """Stamp a view, beneath `allow`: a file may be sent to it."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def install(app: Flask) -> None:
    """Before anything is read: no more than words, but for a page that takes files."""

    @app.before_request
    def _bound() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        if not getattr(view, "takes_files", False):
            request.max_content_length = min(WORDS, current_app.config["MAX_CONTENT_LENGTH"])
