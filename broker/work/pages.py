"""The web process: waitress, which at the wish to stop lets nobody in any more and finishes what it has begun."""

import select
import signal
import sys
import time
from pkgutil import resolve_name
from typing import Any

from waitress import create_server
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask
from waitress.wasyncore import dispatcher, loop

LONGEST = 20.0  # seconds for what was begun; a client that slow would not have waited either
FRESH = 1.0  # seconds in which somebody who has just come in will have asked for something
LARGEST = 32 * 1024 * 1024  # bytes of a request; the product's own bound, with a page that says so, is far below
KNOCKING = 1024  # as many as the system lets wait before the door; who comes on and on does not keep it open
LOOK = 0.2  # seconds between two looks whether somebody wishes to stop

# What is no HTTP never reaches the product; the line of text in answer to it is to do as little as a page of ours.
NO_HTTP = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Refusal(ErrorTask):
    """The answer to a request that waitress cannot read, or will not."""

    def execute(self) -> None:
        self.response_headers.extend(NO_HTTP.items())
        super().execute()


def serve(application: Any, listen: str) -> None:
    """Answer until SIGINT or SIGTERM. The limits let slow clients wait without shutting out the others."""
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, _frame: asked.append(got))
    lines: dict[int, Any] = {}
    HTTPChannel.error_task_class = Refusal
    limits = {"threads": 8, "connection_limit": 1000, "channel_timeout": 30, "max_request_body_size": LARGEST}
    # Whose word is taken about a visitor's address is settled by BROKER_PROXIES; waitress would drop it unheard.
    server = create_server(application, map=lines, listen=listen, clear_untrusted_proxy_headers=False, **limits)
    while not asked:
        loop(timeout=LOOK, use_poll=True, map=lines, count=1)
    door = select.poll()  # as waitress does when asked: `select` breaks down at the 1,024th open file
    door.register(server.socket, select.POLLIN)
    for _ in range(KNOCKING):  # who has knocked already would be cut off by the door
        if door.poll(0):
            server.handle_accept()
    dispatcher.close(server)
    until = time.monotonic() + LONGEST
    while any(_is_busy(line) for line in list(lines.values())) and time.monotonic() < until:
        loop(timeout=LOOK / 4, use_poll=True, map=lines, count=1)


def _is_busy(line: Any) -> bool:
    """True while a request is about to come, read or worked on, or its answer is on its way."""
    if not isinstance(line, HTTPChannel):
        return False
    is_fresh = line.last_activity == line.creation_time and time.time() < line.creation_time + FRESH
    return bool(is_fresh or line.requests or line.request or line.total_outbufs_len)


if __name__ == "__main__":
    serve(resolve_name(sys.argv[2])(commands=False), sys.argv[1])
