"""What the database itself refuses: to change or to remove what has been recorded, whoever asks."""

from collections.abc import Iterator

from sqlalchemy import DDL, Table, event

from broker.domain.audit import START

# SQLite lets REPLACE remove a row without asking the trigger for removals, so a number that is taken is refused too.
_SQLITE = """
CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} {when}
BEGIN SELECT RAISE(ABORT, 'the record is only ever added to'); END
"""
_TAKEN = "WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"
_REFUSAL = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN RAISE EXCEPTION ''the record is only ever added to'' USING ERRCODE = ''integrity_constraint_violation''; END'
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} FOR EACH {each} {when} EXECUTE FUNCTION refuse_change()
"""
_EMPTY = f"INSERT INTO event_head (id, seq, hash) VALUES (1, 0, '{START}')"  # noqa: S608 - our own constant
_RECORD = ("event", "event_link", "event_head")
_VERBS = {"sqlite": ("UPDATE", "DELETE", "INSERT"), "postgresql": ("UPDATE", "DELETE", "TRUNCATE")}
_FORWARD = "WHEN (NEW.seq <= OLD.seq OR NEW.id <> OLD.id)"  # the head of the chain may move, but only on


def guard(events: Table, links: Table, head: Table) -> None:
    """With the tables of the record come their triggers, and the head of an empty chain."""
    event.listen(head, "after_create", DDL(_EMPTY))  # type: ignore[no-untyped-call]
    for dialect in ("sqlite", "postgresql"):
        for table in (events, links, head):
            for statement in _statements(dialect, table.name, "seq" if table is links else "id"):
                ddl = DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
                event.listen(table, "after_create", ddl)


def names(dialect: str) -> list[str]:
    """What the triggers of the record are called that should be there."""
    return [f"{table}_{verb}" for table in _RECORD for verb in _VERBS[dialect]]


def _statements(dialect: str, table: str, key: str) -> Iterator[str]:
    forward = _FORWARD if table == "event_head" else ""
    if dialect == "sqlite":
        whens = {"UPDATE": forward, "DELETE": "", "INSERT": _TAKEN.format(table=table, key=key)}
        yield from (_SQLITE.format(table=table, verb=verb, when=when) for verb, when in whens.items())
        return
    yield _REFUSAL
    for verb, each, when in (("UPDATE", "ROW", forward), ("DELETE", "ROW", ""), ("TRUNCATE", "STATEMENT", "")):
        yield _POSTGRESQL.format(table=table, verb=verb, each=each, when=when)
