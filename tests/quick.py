"""What the app of every test would work out again is worked out once: most of a test's time went into it.

A product in earnest does the same from its start to its end; only tests make hundreds of apps in one process.
"""

from collections.abc import Callable, Hashable
from typing import Any

from jinja2 import Environment
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from werkzeug.routing import Rule


def install() -> None:
    """Keep addresses, statements and templates from one app to the next. Each knows all that its own depends on."""
    _once(Rule, "_compile_builder", _address)
    _once(Environment, "compile", _template)
    _keep_statements()


def _once(owner: type, name: str, key_of: Callable[..., Hashable]) -> None:
    """Let a method answer from memory where it was asked the same before; never where the key is nothing."""
    ask, kept = getattr(owner, name), {}

    def answer(self: Any, *args: Any, **kwargs: Any) -> Any:
        key = key_of(self, *args, **kwargs)
        if key is None:
            return ask(self, *args, **kwargs)
        if key not in kept:
            kept[key] = ask(self, *args, **kwargs)
        return kept[key]

    setattr(owner, name, answer)


def _address(rule: Rule, append_unknown: bool = True) -> Hashable:
    """What the code that builds an address is written from."""
    return rule.rule, append_unknown, tuple(rule._trace), repr(rule.defaults)


def _template(
    _environment: Environment, source: str, name: str | None = None, filename: str | None = None, *rest: object
) -> Hashable:
    """A page is what its file says. What comes from no file is rare, and not kept."""
    return (source, name, filename, rest) if filename else None


def _keep_statements() -> None:
    """Translate a statement once for each kind of database, not once for each engine."""
    kept: dict[Any, Any] = {}

    @event.listens_for(Engine, "engine_connect")
    def _share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=kept)

    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
        dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign, assign]
