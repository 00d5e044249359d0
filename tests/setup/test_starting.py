"""Production refuses to start while a setting leaves the service open, and says which one."""

from pathlib import Path

import pytest
from flask import session

from broker import create_app
from broker.starting import UnsafeToStart

KEY = "b81f0c5d2e7a4936a0c4d7e1f2b3958ca7"
SAFE: dict[str, object] = {
    "ENV": "production", "SECRET_KEY": KEY, "BASE_URL": "https://thread.council.gov.uk", "MAIL": "smtp",
    "MAIL_FROM": "thread@council.gov.uk", "SMTP_HOST": "localhost",
}  # fmt: skip
UNSAFE = [
    ("SECRET_KEY", {"SECRET_KEY": "short"}),
    ("SECRET_KEY", {"SECRET_KEY": "a" * 64}),
    ("SECRET_KEY", {"SECRET_KEY": "CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET"}),
    ("SECRET_KEY", {"SECRET_KEY": "this-is-the-key-of-our-broker-1a2b3c"}),
    ("SECRET_KEY_FALLBACKS", {"SECRET_KEY_FALLBACKS": [KEY[::-1], "dev"]}),
    ("BASE_URL", {"BASE_URL": None}),
    ("BASE_URL", {"BASE_URL": "thread.council.gov.uk"}),
    ("https", {"BASE_URL": "http://thread.council.gov.uk"}),
    ("bare", {"BASE_URL": "https://council.gov.uk/thread"}),
    ("bare", {"BASE_URL": "https://user@council.gov.uk"}),
    ("FLASK_DEBUG", {"DEBUG": True}),
    ("FLASK_DEBUG", {"TESTING": True}),
    ("BROKER_MAIL", {"MAIL": "folder"}),
    ("BROKER_MAIL", {"MAIL": "smpt"}),
    ("BROKER_MAIL_FROM", {"MAIL_FROM": None}),
    ("BROKER_NOTIFY_KEY", {"MAIL": "notify"}),
    ("BROKER_SMTP_TLS", {"SMTP_TLS": "yes"}),
    ("WTF_CSRF_ENABLED", {"WTF_CSRF_ENABLED": False}),
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance folder of its own."""
    monkeypatch.setenv("BROKER_INSTANCE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(("said", "changed"), UNSAFE, ids=lambda value: str(value)[:40])
def test_an_unsafe_setting_stops_the_start_and_is_named(said: str, changed: dict[str, object]) -> None:
    with pytest.raises(UnsafeToStart, match=said) as refused:
        create_app({**SAFE, **changed})
    assert len(str(refused.value).splitlines()) == 2, "one fault, one sentence"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENV", "prod"),
        ("SECOND_FACTOR", "off"),
        ("SECOND_FACTOR", "Required"),
        ("LOG", "xml"),
        ("PROXIES", "one"),
        ("PROXIES", -1),
        ("JOB_LEASE", 0),
        ("DATABASE_URL", "mysql://root:very-secret@localhost/thread"),
        ("DATABASE_URL", "http://database.council.gov.uk/thread"),
        ("DATABASE_URL", "thread at very-secret"),
    ],
)
def test_a_setting_that_means_nothing_stops_the_start_anywhere(name: str, value: object) -> None:
    """Most of all `off`, in place of `offered`, after which nobody was asked for a code."""
    for settings in ({}, SAFE):
        with pytest.raises(UnsafeToStart, match=f"BROKER_{name}") as refused:
            create_app({**settings, name: value})
        assert len(str(refused.value).splitlines()) == 2
        assert "very-secret" not in str(refused.value)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(UnsafeToStart) as refused:
        create_app({"ENV": "production", "SECRET_KEY": "dev", "DEBUG": True})
    assert len(str(refused.value).splitlines()) == 5


def test_a_safe_one_starts_and_says_that_the_database_is_small(caplog: pytest.LogCaptureFixture) -> None:
    assert create_app(SAFE)
    assert "SQLite" in caplog.text


def test_its_own_key_is_a_good_one(folder: Path) -> None:
    own = {name: value for name, value in SAFE.items() if name != "SECRET_KEY"}
    assert create_app(own)
    (folder / "secret.key").chmod(0o644)
    with pytest.raises(UnsafeToStart, match="chmod 600"):
        create_app(own)


def test_development_starts_with_anything() -> None:
    assert create_app({"SECRET_KEY": "dev", "DEBUG": True})


def test_a_word_that_is_no_environment_is_refused() -> None:
    with pytest.raises(UnsafeToStart, match="BROKER_ENV"):
        create_app({"ENV": "prod"})


def test_what_an_earlier_key_signed_counts_until_it_is_taken_out(folder: Path) -> None:
    def kept(made: str) -> str | None:
        app = create_app()
        with app.test_request_context(headers={"Cookie": f"broker={made}"}):
            return session.get("wanted")

    before = create_app()
    serializer = before.session_interface.get_signing_serializer(before)  # type: ignore[attr-defined]
    cookie = serializer.dumps({"wanted": "/desk"})
    assert kept(cookie) == "/desk"
    old = (folder / "secret.key").read_text()
    (folder / "secret.key").write_text(f"{KEY}\n{old}\n")
    assert kept(cookie) == "/desk"
    (folder / "secret.key").write_text(KEY)
    assert kept(cookie) is None


def test_the_demonstration_with_its_known_password_is_not_loaded_in_production() -> None:
    done = create_app(SAFE).test_cli_runner().invoke(args=["demo"])
    assert done.exit_code == 1
    assert "Not in production" in done.output
