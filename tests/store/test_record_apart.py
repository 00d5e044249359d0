"""On PostgreSQL a council can put the record out of the service's reach: it is added to as ever, and never changed."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError

from broker import create_app
from broker.actions.audit import check_record
from broker.actions.checkup import look_over
from broker.domain.checkup import Verdict
from broker.domain.clock import now
from broker.store import condition, snapshots
from broker.store.audit import head
from broker.store.base import db, set_reading
from broker.store.listings import Listing
from broker.store.rights import can_change_the_record
from broker.store.tidying import tidy_up
from tests import make
from tests.conftest import PageChecker
from tests.databases import Shelf, binaries, only_postgresql
from tests.web.test_races import LISTING

pytestmark = only_postgresql
RUNNING = Path(__file__).parents[2] / "docs" / "running"
SERVICE = f"service_{os.getpid()}"
CHANGES = {
    "UPDATE event SET action = 'approve'": "permission denied",
    "DELETE FROM event": "permission denied",
    "TRUNCATE event, event_link": "permission denied",
    "UPDATE event_link SET hash = ''": "permission denied",
    "DELETE FROM event_link": "permission denied",
    "DELETE FROM event_head": "permission denied",
    "TRUNCATE event_head": "permission denied",
    "UPDATE event_head SET seq = 0": "only ever added to",
    "ALTER TABLE event DISABLE TRIGGER ALL": "must be owner",
    "DROP TABLE event_link": "must be owner",
    "DROP TRIGGER event_update ON event": "must be owner",
    "DROP FUNCTION refuse_change() CASCADE": "must be owner",
    "DROP SCHEMA public CASCADE": "must be owner",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'": "denied",
}


def as_owner(owner: URL, statement: str) -> None:
    plain = owner.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())


def run(owner: URL, file: str) -> None:
    """As docs/running.md has it run."""
    psql = shutil.which("psql") or str((binaries() or Path()) / "psql")
    plain = owner.set(drivername="postgresql").render_as_string(hide_password=False)
    subprocess.run(
        [psql, "--quiet", f"--dbname={plain}", f"--set=service={SERVICE}", f"--file={RUNNING / file}"], check=True
    )


@pytest.fixture
def owner(shelf: Shelf, own_instance: Path) -> Iterator[URL]:
    """The address at which the server's own role reaches an empty database that the service owns."""
    address = shelf.make(own_instance)
    owner = make_url(address)
    as_owner(owner, f"CREATE ROLE {SERVICE} LOGIN PASSWORD 'of-the-service'")
    as_owner(owner, f"ALTER DATABASE {owner.database} OWNER TO {SERVICE}")
    yield owner
    shelf.drop(address)
    as_owner(owner.set(database="postgres"), f"DROP ROLE {SERVICE}")


@pytest.fixture
def app(owner: URL) -> Iterator[Flask]:
    """The product as its own role, on tables that it has made itself."""
    address = owner.set(username=SERVICE, password="of-the-service").render_as_string(hide_password=False)
    settings = {"TESTING": True, "WTF_CSRF_ENABLED": False, "SECRET_KEY": "t" * 40, "DATABASE_URL": address}
    made = create_app(settings)
    with made.app_context():
        db.create_all()
        db.session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        db.session.execute(text("INSERT INTO alembic_version VALUES (:step)"), {"step": condition.newest_step()})
        db.session.commit()
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def apart(app: Flask, owner: URL) -> Flask:
    run(owner, "record-apart.sql")
    return app


def guard(app: Flask) -> tuple[Verdict, str]:
    """What the doctor says."""
    with app.app_context():
        found = look_over(db.engine, Path(app.instance_path), RUNNING, app.config, now())
        db.session.remove()
    return next((each.verdict, each.said) for each in found if each.what == "guard of the record")


def test_the_product_works_and_its_deeds_are_recorded(
    apart: Flask, sign_in: Callable[[int], PageChecker], tmp_path: Path
) -> None:
    with apart.app_context():
        group = make.member(make.organisation(make.authority())).id
        db.session.commit()
        before = head()
        db.session.remove()
    assert sign_in(group).post("/listings/new/need", data=LISTING).status_code == 303
    with apart.app_context():
        assert db.session.query(Listing).count() == 1
        assert head().seq > before.seq
        assert check_record().is_sound
        db.session.remove()
        assert snapshots.save(db.engine, tmp_path / "copy")["event"] == head().seq
        db.session.remove()
        tidy_up(db.engine)


def test_the_database_denies_every_change_of_it(apart: Flask) -> None:
    with apart.app_context():
        set_reading(False)
        make.authority()
        db.session.commit()
        with db.engine.begin() as connection:
            connection.execute(
                text("GRANT ALL ON event, event_link, event_head TO CURRENT_USER")
            )  # which gives nothing
        for statement, refusal in CHANGES.items():
            with pytest.raises(DatabaseError, match=refusal), db.engine.begin() as connection:
                connection.execute(text(statement))


def test_the_doctor_says_which_holds(app: Flask, owner: URL) -> None:
    assert guard(app) == (Verdict.OK, "the triggers of the database; the service owns the tables")
    for _ in range(2):
        run(owner, "record-apart.sql")
        assert guard(app) == (Verdict.OK, "the triggers of the database, and the service has no right to change it")
    as_owner(owner, f"GRANT DELETE ON event_link TO {SERVICE}")
    assert "owns" in guard(app)[1]


def test_it_can_be_given_back_for_an_upgrade(apart: Flask, owner: URL) -> None:
    run(owner, "record-back.sql")
    with apart.app_context(), db.engine.begin() as connection:
        assert can_change_the_record(connection)
        connection.execute(text("ALTER TABLE event ADD COLUMN more INTEGER"))
        connection.execute(text("CREATE TABLE something_new (id INTEGER)"))
        connection.execute(text("ALTER SCHEMA public RENAME TO before_now"))
