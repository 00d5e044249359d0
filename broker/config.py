"""Settings: safe defaults, then instance/config.py, then the BROKER_* environment."""

import os
import secrets
from pathlib import Path

from flask import Flask
from sqlalchemy.engine import make_url

from broker.store.base import sqlite_module

DEFAULTS: dict[str, object] = {
    "SERVICE_NAME": "Common Thread",
    "MAX_CONTENT_LENGTH": 8 * 1024 * 1024,
    "MAX_FORM_MEMORY_SIZE": 500_000,
    "MAX_FORM_PARTS": 300,
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
    folder.mkdir(parents=True, exist_ok=True)
    app.config.from_mapping(DEFAULTS)
    app.config.from_pyfile(str(folder / "config.py"), silent=True)
    app.config.from_prefixed_env("BROKER")
    app.config.from_mapping(overrides or {})
    app.config.setdefault("DATABASE_URL", f"sqlite:///{folder / 'broker.db'}")
    app.config["SQLALCHEMY_DATABASE_URI"] = app.config["DATABASE_URL"]
    if make_url(app.config["DATABASE_URL"]).get_backend_name() == "sqlite":
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"module": sqlite_module()}
    if not app.config.get("SECRET_KEY"):
        app.config["SECRET_KEY"] = _own_key(folder / "secret.key")


def _own_key(path: Path) -> str:
    """The key of this installation, made on its first start and readable by its owner only."""
    try:
        with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text()
