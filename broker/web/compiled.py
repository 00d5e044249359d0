"""The templates as Python code, kept beside the database from one start to the next."""

from contextlib import suppress
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

FOLDER = "templates"


class KeptCode(FileSystemBytecodeCache):
    """Code that is older than its template counts for nothing, and is written anew."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, where there is room: a full disk keeps nobody from a page."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def install(app: Flask) -> None:
    """Let the first visitor of a page wait only once, not after each start."""
    folder = Path(app.instance_path) / FOLDER
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
    app.jinja_env.bytecode_cache = KeptCode(str(folder))
