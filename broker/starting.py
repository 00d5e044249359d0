"""What stops the start, each said in a sentence: a setting that means nothing and, in production, one that would leave
the service open.
"""

import logging
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from click import ClickException
from sqlalchemy import Engine

from broker.config import SECOND_FACTOR
from broker.store import condition

PRODUCTION = "production"
WAYS_TO_SAY_IT: dict[str, tuple[object, ...]] = {
    "ENV": ("development", PRODUCTION),
    "SECOND_FACTOR": SECOND_FACTOR,  # a word of another meaning would quietly ask nobody for codes
    "LOG": (None, "json", "plain"),
}
DATABASES = ("sqlite:", "postgresql:", "postgresql+psycopg:")
SHORTEST_KEY = 32
FEWEST_CHARACTERS = 10  # different ones; 32 drawn at random have fewer once in many millions
TYPED_BY_HAND = re.compile(r"secret|change|password|default|example|thread|broker|your|demo|1234|abcd", re.IGNORECASE)
NEW_KEY = "Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'."
log = logging.getLogger(__name__)


class UnsafeToStart(ClickException):
    """What must be put right first, one sentence a line. Commands print it plainly; a server shows it and stops."""

    def __init__(self, faults: list[str], said: str = "This is not safe to start in production:") -> None:
        super().__init__(said + "".join(f"\n  - {fault}" for fault in faults))

    def __str__(self) -> str:
        return self.message


class TablesOfANewerVersion(ClickException):
    """A later version of the product has set this database up: this one would write what that one cannot read."""

    def __str__(self) -> str:
        return self.message


def check_tables(engine: Engine) -> None:
    """Refuse tables that are newer than this code. No connection stays open for a process that is forked off later."""
    newer = condition.newer_step(engine)
    engine.dispose()
    if newer:
        raise TablesOfANewerVersion(
            f"The tables are at step {newer}, and this version knows {condition.newest_step()}."
            " Start the newer version, or restore a backup from before the upgrade."
        )


def check(settings: Mapping[str, Any], key_file: Path) -> None:
    """Refuse settings that mean nothing and, in production, an unsafe start."""
    if faults := [*_faults_of_values(settings)]:
        raise UnsafeToStart(faults, "These settings cannot be meant like this:")
    if settings["ENV"] != PRODUCTION:
        return
    faults = [*_faults_of_keys(settings, key_file), *_faults_of_address(settings), *_other_faults(settings)]
    if faults:
        raise UnsafeToStart(faults)
    if str(settings["DATABASE_URL"]).startswith("sqlite"):
        log.warning("the database is SQLite: one machine, one web host; set BROKER_DATABASE_URL to grow past it")


def _faults_of_values(settings: Mapping[str, Any]) -> Iterator[str]:
    for name, ways in WAYS_TO_SAY_IT.items():
        if settings[name] not in ways:
            listed = ", ".join(str(way) for way in ways if way)
            yield f"BROKER_{name} is {settings[name]!r}; it must be one of: {listed}."
    if not str(settings["PROXIES"]).isdecimal():
        yield f"BROKER_PROXIES is {settings['PROXIES']!r}; it must be a number, 0 where there is no proxy of yours."
    if not re.fullmatch(r"[1-9][0-9]*", str(settings["JOB_LEASE"])):
        yield f"BROKER_JOB_LEASE is {settings['JOB_LEASE']!r}; it must be a number of seconds."
    if not str(settings["DATABASE_URL"]).startswith(DATABASES):
        yield "BROKER_DATABASE_URL must begin with postgresql:// or sqlite:///"  # and is not shown: it has a password


def _faults_of_keys(settings: Mapping[str, Any], key_file: Path) -> Iterator[str]:
    keys = {"BROKER_SECRET_KEY": [settings["SECRET_KEY"]]}
    keys["BROKER_SECRET_KEY_FALLBACKS"] = settings["SECRET_KEY_FALLBACKS"] or []
    for name, values in keys.items():
        for key in map(str, values):
            if len(key) < SHORTEST_KEY:
                yield f"{name} is too short: it needs {SHORTEST_KEY} characters or more. {NEW_KEY}"
            elif len(set(key)) < FEWEST_CHARACTERS or TYPED_BY_HAND.search(key):
                yield f"{name} can be guessed: it must be drawn at random. {NEW_KEY}"
    if key_file.exists() and key_file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield f"Others on this machine can read the key file. Run: chmod 600 {key_file}"


def _faults_of_address(settings: Mapping[str, Any]) -> Iterator[str]:
    base = urlsplit(str(settings["BASE_URL"] or ""))
    if not base.hostname:
        yield "BROKER_BASE_URL is not set. Give the address that people type, such as https://thread.council.example"
    elif base.scheme != "https":
        yield "BROKER_BASE_URL must begin with https://, or passwords and cookies could be read on their way."
    elif base.path not in ("", "/") or base.query or base.fragment or base.username:
        yield "BROKER_BASE_URL must be the bare address, with nothing after the name and the port."


def _other_faults(settings: Mapping[str, Any]) -> Iterator[str]:
    from broker.work.carriers import wrong_with  # only here, since it brings all that sends letters

    if settings["DEBUG"] or settings["TESTING"]:
        yield "Debug or testing is on, which shows the inside of the service. Unset FLASK_DEBUG and BROKER_DEBUG."
    if settings.get("MAIL", "folder") == "folder":
        yield "BROKER_MAIL is 'folder', so no letter would reach anybody. Set it to smtp or notify."
    elif wrong := wrong_with(settings):
        yield wrong
    if settings.get("WTF_CSRF_ENABLED") is False:
        yield "WTF_CSRF_ENABLED is off, so other sites could press buttons for your people. Remove that setting."
