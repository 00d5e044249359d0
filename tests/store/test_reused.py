"""A PostgreSQL database that one test has used, and the next one gets: nothing of the first is left in it."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.databases import Shelf, only_postgresql

pytestmark = only_postgresql
TABLES = """
    CREATE TABLE kept (id serial PRIMARY KEY, word text);
    CREATE TABLE event (id serial PRIMARY KEY, kept_id integer REFERENCES kept);
    INSERT INTO kept (word) VALUES (E'one\ttab'), (NULL);
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'only ever added to'; END $$;
    CREATE TRIGGER refuse BEFORE DELETE ON event EXECUTE FUNCTION refuse();
"""
SEEN = "SELECT id, word, (SELECT count(*) FROM event) FROM kept ORDER BY id"
NEW = [(1, "one\ttab", 0), (2, None, 0)]


def connected(address: str) -> psycopg.Connection[tuple[object, ...]]:
    plain = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


@pytest.fixture
def template(shelf: Shelf, tmp_path: Path) -> Iterator[str]:
    address = shelf.make(tmp_path)
    with connected(address) as connection:
        connection.execute(TABLES)
    yield address
    shelf.drop(address)


def test_the_next_test_finds_what_the_first_one_found(shelf: Shelf, template: str, tmp_path: Path) -> None:
    first = shelf.copy(template, tmp_path)
    with connected(first) as connection:
        connection.execute("INSERT INTO event (kept_id) SELECT id FROM kept")
        connection.execute("UPDATE kept SET word = 'another'")
        connection.execute("INSERT INTO kept (word) VALUES ('more')")
    shelf.drop(first)
    second = shelf.copy(template, tmp_path)
    assert second == first
    with connected(second) as connection:
        assert connection.execute(SEEN).fetchall() == NEW
        assert connection.execute("INSERT INTO kept (word) VALUES ('x') RETURNING id").fetchone() == (3,)
        assert connection.execute("INSERT INTO event DEFAULT VALUES RETURNING id").fetchone() == (1,)
    shelf.drop(second)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE kept ADD COLUMN more text",
        "ALTER TABLE event DISABLE TRIGGER refuse",
        "DROP TRIGGER refuse ON event; CREATE TRIGGER refuse AFTER DELETE ON event EXECUTE FUNCTION refuse()",
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$",
        "CREATE SCHEMA beside",
        "ANALYZE kept",
    ],
)
def test_what_was_built_otherwise_is_not_used_again(shelf: Shelf, template: str, tmp_path: Path, change: str) -> None:
    first = shelf.copy(template, tmp_path)
    with connected(first) as connection:
        connection.execute(change)
    shelf.drop(first)
    second = shelf.copy(template, tmp_path)
    assert second != first
    with connected(second) as connection:
        assert connection.execute(SEEN).fetchall() == NEW
    shelf.drop(second)


def test_what_somebody_still_holds_open_is_not_used_again(shelf: Shelf, template: str, tmp_path: Path) -> None:
    first = shelf.copy(template, tmp_path)
    with connected(first):
        shelf.drop(first)
        second = shelf.copy(template, tmp_path)
    assert second != first
    shelf.drop(second)
