"""Where text could turn into something else, few files let it out: SQL, tables for spreadsheets, and the network."""

import ast
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent / "broker"
TREES = {
    path.relative_to(HOUSE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in HOUSE.rglob("*.py")
    if "migrations" not in path.parts
}
SPEAKS_SQL = {"text", "execute", "exec_driver_sql", "scalar", "scalars", "DDL", "literal_column"}
# Put together of our own names alone, of tables, schemas, settings and states: nothing that anybody can type.
BUILT = {
    "store/base.py", "store/condition.py", "store/ledger.py", "store/matches.py", "store/preferences.py",
    "store/snapshots.py", "store/tidying.py", "store/weights.py",
}  # fmt: skip
# A spreadsheet takes a cell for a formula by its first letter; each of these writes cells that it does not.
WRITES_TABLES = {
    "web/audit.py": "harmless",
    "web/imports.py": "harmless",
    "web/sheets.py": "harmless",
    "store/exchange.py": "write_cell",
}
# Whoever speaks to another machine: the council's own sign-in and the post, at addresses from the settings alone, and
# the look whether a port of this machine is free.
SPEAKS_OUT = {"web/single_sign_on.py", "work/carriers.py", "work/supervise.py"}
NETWORK = {"requests", "smtplib", "urllib.request", "http.client", "socket", "httpx", "urllib3"}


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""), node


def is_built(given: ast.AST) -> bool:
    """True for text put together on the spot: f"...", "..." + ..., "..." % ..., "...".format(...), "...".join(...)."""
    if isinstance(given, ast.JoinedStr):
        return True
    if isinstance(given, ast.BinOp):
        return any(isinstance(node, ast.Constant) and isinstance(node.value, str) for node in ast.walk(given))
    return isinstance(given, ast.Call) and getattr(given.func, "attr", "") in {"format", "join", "replace"}


def built_sql(tree: ast.AST) -> list[str]:
    return [
        ast.unparse(call) for name, call in calls(tree) if name in SPEAKS_SQL and call.args and is_built(call.args[0])
    ]


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def test_no_question_to_the_database_is_built_of_what_people_type() -> None:
    assert {name for name, tree in TREES.items() if built_sql(tree)} == BUILT


def test_every_table_is_written_without_formulas() -> None:
    writers = {name: tree for name, tree in TREES.items() if any(called == "writer" for called, _ in calls(tree))}
    assert writers.keys() == WRITES_TABLES.keys()
    for name, tree in writers.items():
        assert WRITES_TABLES[name] in {called for called, _ in calls(tree)}, name
    assert not [
        name for name, tree in TREES.items() if {"DictWriter", "Workbook"} & {called for called, _ in calls(tree)}
    ]


def test_few_files_speak_to_other_machines() -> None:
    assert {name for name, tree in TREES.items() if NETWORK & set(imported(tree))} == SPEAKS_OUT


def test_the_search_sees_what_it_looks_for() -> None:
    for built in ('f"SELECT {name}"', '"SELECT " + name', '"SELECT %s" % name', '"SELECT {}".format(name)'):
        assert built_sql(ast.parse(f"session.execute(text({built}))")), built
    assert not built_sql(ast.parse('session.execute(text("SELECT :name"), {"name": name})'))
    assert "requests" in set(imported(ast.parse("import requests")))
