"""Settings: safe defaults, then instance/config.py, then the BROKER_* environment."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from flask import Flask

from broker.domain.files import QUOTA
from broker.domain.retention import rules_from
from broker.store.base import engine_options

KEY_FILE = "secret.key"
SECOND_FACTOR = ("offered", "required")
DEFAULTS: dict[str, object] = {
    "SERVICE_NAME": "Common Thread",
    "ENV": "development",  # or production, which refuses to start while a setting leaves the service open
    "BASE_URL": None,  # the address that people type, such as https://thread.council.example
    "LOG": None,  # json or plain; when not said, json in production
    "METRICS_TOKEN": None,  # what a machine must show to read /metrics
    "PROXIES": 0,  # how many servers of ours stand between the browser and this one
    "MAIL": "folder",  # or smtp, or notify
    "SECOND_FACTOR": None,  # required or offered, for officers and administrators; required in production
    "MAX_CONTENT_LENGTH": 8 * 1024 * 1024,
    "MAX_FORM_MEMORY_SIZE": 500_000,
    "MAX_FORM_PARTS": 300,
    "EVIDENCE_QUOTA": QUOTA,  # bytes of files that one organisation may hand in; each file up to 5 MB
    "SESSION_COOKIE_NAME": "broker",
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "WTF_CSRF_TIME_LIMIT": None,
    "SEND_FILE_MAX_AGE_DEFAULT": 3600,
    "JOB_LEASE": 60,  # seconds after which the job of a worker that died is another's
}


def instance_folder() -> str:
    """Where database, key, configuration and uploads live: BROKER_INSTANCE, or instance/ beside the package."""
    given = os.environ.get("BROKER_INSTANCE")
    return str(Path(given).resolve() if given else Path(__file__).resolve().parent.parent / "instance")


def configure(app: Flask, overrides: dict[str, object] | None = None) -> None:
    """Fill app.config; makes the instance folder and, once, its secret key."""
    folder = Path(app.instance_path)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.config.from_mapping(DEFAULTS)
    app.config.from_pyfile(str(folder / "config.py"), silent=True)
    app.config.from_prefixed_env("BROKER")
    app.config.from_mapping(overrides or {})
    app.config["RETENTION"] = rules_from(app.config)
    app.config["SECOND_FACTOR"] = app.config["SECOND_FACTOR"] or SECOND_FACTOR[app.config["ENV"] == "production"]
    app.config.setdefault("MAIL_FOLDER", str(folder / "mail"))
    app.config.setdefault("DATABASE_URL", f"sqlite:///{folder / 'broker.db'}")
    app.config["SQLALCHEMY_DATABASE_URI"] = app.config["DATABASE_URL"]
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(app.config["DATABASE_URL"])
    if not app.config.get("SECRET_KEY"):
        key, *earlier = _own_keys(folder / KEY_FILE)
        app.config.update(SECRET_KEY=key, SECRET_KEY_FALLBACKS=earlier)


def _own_keys(path: Path) -> list[str]:
    """The key of this installation, made on its first start and readable by its owner only.

    Lines below the first are earlier keys: what they signed counts until the line is taken out.
    """
    if not path.exists():
        drawn = path.with_suffix(f".{os.getpid()}")
        with open(drawn, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):  # of two that start at once the first one's counts, and is whole
            os.link(drawn, path)
        drawn.unlink()
    return path.read_text().split()
