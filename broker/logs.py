"""The log: one line for each thing that happened, in JSON where a machine reads it, and no word that people typed.

What went wrong is told by its kind and its place in the code, never by its message, which may quote somebody.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import TextIO, cast

from flask import Flask, g, has_app_context
from flask.logging import wsgi_errors_stream

KNOWN = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
HANDLER = "broker"
DEEPEST = 12  # frames of a failure that are told
OURS = "broker"  # messages of other libraries may quote an address or a query: their texts are left out


class Json(logging.Formatter):
    """One JSON object a line: when, how grave, who says it, what, and the facts given beside it."""

    def format(self, record: logging.LogRecord) -> str:
        is_ours = record.name.split(".")[0] == OURS
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "by": record.name,
            "event": record.getMessage() if is_ours else str(record.msg),
        }
        if has_app_context() and "request_id" in g:
            line["request"] = g.request_id
        if is_ours:
            line |= {name: value for name, value in record.__dict__.items() if name not in KNOWN}
        if record.exc_info and record.exc_info[1]:
            line["problem"] = [type(each).__name__ for each in _causes(record.exc_info[1])]
            line["where"] = [
                f"{frame.f_code.co_filename}:{number} {frame.f_code.co_name}"
                for frame, number in traceback.walk_tb(record.exc_info[2])
            ][-DEEPEST:]
        return json.dumps(line, default=str)


def _causes(problem: BaseException) -> list[BaseException]:
    """A problem and what led to it, the last first."""
    found: list[BaseException] = []
    each: BaseException | None = problem
    while each is not None and each not in found:
        found.append(each)
        each = each.__cause__ or each.__context__
    return found


def install(app: Flask) -> None:
    """Write to the standard error stream: JSON and every request in production, warnings in plain words elsewhere."""
    is_json = app.config["LOG"] == "json" or (app.config["LOG"] is None and app.config["ENV"] == "production")
    handler = logging.StreamHandler(cast(TextIO, wsgi_errors_stream))
    handler.set_name(HANDLER)
    handler.setFormatter(Json() if is_json else logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if each.get_name() != HANDLER] + [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("broker").setLevel(logging.INFO if is_json else logging.WARNING)
