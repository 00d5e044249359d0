"""The house rules, held by reading the code: who imports whom, where state changes, who commits, what is said once."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

BROKER = Path(__file__).parent.parent / "broker"
FILES = sorted(p for p in BROKER.rglob("*.py") if "migrations" not in p.parts)
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
NAMES = {path: path.relative_to(BROKER).as_posix() for path in FILES}

# Each part, the parts of broker it may import, and the libraries beyond the standard one.
PARTS: dict[str, tuple[set[str], set[str]]] = {
    "domain": ({"domain"}, set()),
    "policy": ({"policy"}, set()),
    "demonstration": ({"demonstration"}, set()),
    "matching": ({"matching"}, {"numba", "numpy", "scipy", "sklearn", "Stemmer"}),
    "store": ({"domain", "store"}, {"sqlalchemy", "flask_sqlalchemy", "psycopg", "pysqlite3"}),
    "actions": (
        {"domain", "policy", "store", "actions", "demonstration", "matching"},
        {
            "sqlalchemy",
            "argon2",
            "authlib",
            "cryptography",
            "email_validator",
            "itsdangerous",
            "PIL",
            "pyotp",
            "rapidfuzz",
            "requests",
        },
    ),
    "work": (
        {"domain", "store", "actions", "work"},
        {"flask", "huey", "notifications_python_client", "sqlalchemy", "waitress"},
    ),
    "web": (
        {"domain", "policy", "store", "actions", "web"},
        {
            "flask",
            "flask_login",
            "flask_wtf",
            "jinja2",
            "wtforms",
            "werkzeug",
            "markupsafe",
            "sqlalchemy",
            "email_validator",
            "authlib",
            "joserfc",
            "requests",
            "segno",
        },
    ),
    "cli": (
        {"domain", "policy", "matching", "store", "actions", "work", "cli"},
        {"flask", "flask_migrate", "click"},
    ),
}
NOUNS = [
    "authorities", "frameworks", "rules", "measures", "places", "organisations", "second_factors", "accounts", "tries",
    "single_sign_on", "listings", "guesses", "synonyms", "fairness", "need_groups", "skills", "market", "suggestions",
    "counts", "preferences", "contracts", "commitments", "matches", "partnerships", "milestones", "feedback",
    "files", "deliveries", "confirmations", "verifications", "evidence", "claims", "valuations", "periods",
    "project_ideas", "events", "audit", "outbox", "decisions", "weights", "jobs", "trials", "imports", "plans",
    "settings", "submissions", "privacy",
]  # fmt: skip
STANDARD = __import__("sys").stdlib_module_names


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each import of a file: line, dotted name (for `from broker.store import base` both parts together)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def part_of(path: Path) -> str:
    return NAMES[path].split("/")[0] if "/" in NAMES[path] else ""


def test_every_part_is_known() -> None:
    assert {part_of(path) for path in FILES} - {""} == set(PARTS)


@pytest.mark.parametrize("path", [p for p in FILES if part_of(p)], ids=lambda p: NAMES[p])
def test_imports_point_one_way(path: Path) -> None:
    inside, libraries = PARTS[part_of(path)]
    for line, name in imports(TREES[path]):
        top, _, rest = name.partition(".")
        if top == "broker":
            assert rest.split(".")[0] in inside, f"{NAMES[path]}:{line} imports {name}"
        elif top not in STANDARD:
            assert top in libraries, f"{NAMES[path]}:{line} imports {name}"


def test_one_file_alone_knows_the_matcher() -> None:
    users = {NAMES[p] for p in FILES for _, n in imports(TREES[p]) if n.startswith("broker.matching")}
    assert {u for u in users if not u.startswith("matching/")} == {
        "actions/suggesting.py",
        "actions/drifting.py",
        "actions/guessing.py",
        "actions/weighing.py",
        "actions/learning.py",
        "actions/noticing.py",
        "actions/planning.py",
        "actions/trying.py",
        "cli/suggestions.py",
    }
    callers = {NAMES[p] for p in FILES for _, n in imports(TREES[p]) if n.startswith("broker.actions.suggesting")}
    assert not any(c.startswith(("web/", "actions/")) for c in callers)


def test_state_changes_in_one_place() -> None:
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr == "state":
                    assert NAMES[path] == "actions/moving.py", f"{NAMES[path]}:{node.lineno} assigns a state"


def test_only_the_edges_commit() -> None:
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
                allowed = NAMES[path] == "web/transaction.py" or part_of(path) in {"work", "cli"}
                assert allowed, f"{NAMES[path]}:{node.lineno} commits"


def test_pages_write_nothing_themselves() -> None:
    for path in FILES:
        if part_of(path) != "web" or NAMES[path] == "web/transaction.py":
            continue
        for node in ast.walk(TREES[path]):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "db.session":
                assert node.attr not in {"add", "add_all", "delete", "merge", "flush"}, f"{NAMES[path]}:{node.lineno}"


# A view says what its page will show (loading options) and no more; it asks by id or by a store's question.
LOADING = {"sqlalchemy.orm.joinedload", "sqlalchemy.orm.selectinload"}
BELOW_THE_PAGES = {"web/guard.py", "web/errors.py", "web/transaction.py"}


def test_pages_ask_no_questions_of_their_own() -> None:
    for path in FILES:
        if part_of(path) != "web" or NAMES[path] in BELOW_THE_PAGES:
            continue
        for line, name in imports(TREES[path]):
            assert not name.startswith("sqlalchemy") or name in LOADING, f"{NAMES[path]}:{line} imports {name}"
        for node in ast.walk(TREES[path]):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "db.session":
                assert node.attr in {"get", "get_one"}, f"{NAMES[path]}:{node.lineno}"


def test_no_file_or_function_grows_out_of_sight() -> None:
    for path, tree in TREES.items():
        lines = path.read_text(encoding="utf-8").count("\n")
        assert lines <= 400, f"{NAMES[path]} has {lines} lines"
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= 50, f"{NAMES[path]}:{node.lineno} {node.name} has {length} lines"


def test_no_view_is_long() -> None:
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and any("bp." in ast.unparse(d) for d in node.decorator_list):
                length = (node.end_lineno or 0) - node.body[0].lineno + 1
                assert length <= 40, f"{NAMES[path]}:{node.lineno} {node.name} has {length} lines"


def test_every_file_says_its_promise() -> None:
    assert [NAMES[p] for p, tree in TREES.items() if not ast.get_docstring(tree)] == []


def test_no_room_for_odds_and_ends() -> None:
    assert [n for n in NAMES.values() if re.search(r"\b(utils?|helpers?|common|misc)\b", n)] == []


def policy_ids() -> set[str]:
    """Every code of an authority, a framework and a node in the files that ship."""
    found: set[str] = set()
    for file in BROKER.glob("*/frameworks/*.toml"):
        found |= codes(tomllib.loads(file.read_text(encoding="utf-8")))
    return found


def codes(data: object) -> set[str]:
    if isinstance(data, dict):
        own = {str(data["code"])} if "code" in data else set()
        return own.union(*(codes(value) for value in data.values()))
    return set().union(*(codes(value) for value in data)) if isinstance(data, list) else set()


def test_no_code_names_a_policy() -> None:
    known = {code for code in policy_ids() if len(code) > 3}
    assert len(known) > 100
    for path, tree in TREES.items():
        if part_of(path) in {"policy", "demonstration"}:
            continue
        texts = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and not is_prose(node.value)
        ]
        assert not known.intersection(texts), f"{NAMES[path]} names {sorted(known.intersection(texts))}"


def is_prose(text: str) -> bool:
    """Help texts may give an ONS code as an example."""
    return " " in text


def test_no_dangling_promise() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX)\b")
    assert [NAMES[p] for p in FILES if marks.search(p.read_text(encoding="utf-8"))] == []


def test_relationships_are_declared_on_the_later_noun() -> None:
    """A file of tables imports only tables that come before it in the story."""
    for path in FILES:
        noun = path.stem
        if part_of(path) != "store" or noun not in NOUNS:
            continue
        for line, name in imports(TREES[path]):
            other = name.split(".")[2] if name.startswith("broker.store.") else ""
            if other in NOUNS:
                assert NOUNS.index(other) <= NOUNS.index(noun), f"{NAMES[path]}:{line} imports the later {other}"
