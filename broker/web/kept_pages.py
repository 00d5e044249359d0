"""Pages that are drawn once for all who see the same: kept until something is done.

What is done is recorded, so a page that says nothing but what is recorded holds as long as the record ends where it
ended. What the computer works out by itself, and what the day changes, may be as old as a kept page may be.
"""

import time
from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import Any

from flask import Flask, current_app, request, session
from flask_login import current_user

from broker.web import gaps
from broker.web.guard import current_actor
from broker.web.transaction import SAFE

OLDEST = 10.0  # seconds
MOST = 600  # pages, of some 25 kB each
LONGEST_QUERY = 300


class KeptPages:
    """The pages of one process, and how far the record had come when they were drawn."""

    def __init__(self) -> None:
        self._pages: dict[Hashable, tuple[float, Any]] = {}
        self._lock = Lock()
        self._end: object = None
        self.looked = 0.0
        self.turn = 0

    def look(self, end: object) -> None:
        """The record ends here now: if it ended elsewhere before, everything may have changed."""
        self.looked = time.monotonic()
        if end != self._end:
            self._end = end
            self.forget()

    def forget(self) -> None:
        with self._lock:
            self._pages.clear()
            self.turn += 1

    def find(self, key: Hashable, oldest: float = OLDEST) -> Any:
        """What was kept, if it is not too old; else None."""
        drawn, page = self._pages.get(key, (0.0, None))
        return page if page is not None and time.monotonic() - drawn < oldest else None

    def keep(self, key: Hashable, page: Any, turn: int) -> None:
        """What was drawn in one turn may be out of date in the next."""
        with self._lock:
            if turn == self.turn:
                if len(self._pages) >= MOST:
                    self._pages.clear()
                self._pages[key] = (time.monotonic(), page)


def install(app: Flask) -> None:
    """Tests see each page anew, unless they ask for this."""
    if app.testing and not app.config.get("KEEP_PAGES"):
        return
    pages = app.extensions["kept_pages"] = KeptPages()

    @app.teardown_request
    def _done(_problem: BaseException | None) -> None:
        if request.method not in SAFE:
            pages.forget()


def kept(view: Callable[..., str]) -> Callable[..., str]:
    """Stamp a view whose page says nothing but what its address, where its visitor stands and the record say.

    Who signed in gets the page that was drawn for somebody who stands like them, with their own name and keys in its
    gaps. It was drawn from the very state that this request reads, since the record ends at the same place in both.
    """

    @wraps(view)
    def kept_view(**values: Any) -> str:
        pages: KeptPages | None = current_app.extensions.get("kept_pages")
        actor, query = current_actor(), request.query_string
        if pages is None or actor is None or "_flashes" in session or len(query) > LONGEST_QUERY:
            return view(**values)
        end, anybody = current_user.record_end, gaps.standing_like(actor)
        pages.look(end)
        key, turn = (end, anybody, request.path, query), pages.turn
        parts = pages.find(key)
        if parts is None:
            with gaps.left_for(anybody):
                parts = gaps.parted(view(**values))
            pages.keep(key, parts, turn)
        return gaps.filled(parts, actor.name)

    return kept_view
