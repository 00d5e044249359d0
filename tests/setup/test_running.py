"""What docs/running.md and its files say is so: commands exist, options are understood, settings are all told."""

import ast
import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from flask import Flask

HOUSE = Path(__file__).parents[2]
RUNNING = HOUSE / "docs" / "running"
PAGE = (HOUSE / "docs" / "running.md").read_text(encoding="utf-8")
SERVICES = sorted(RUNNING.glob("*.service"))
# Flask's own, and what no council should change.
OWN = {
    "DEBUG", "TESTING", "PORT", "KEEP_PAGES", "TRUSTED_HOSTS", "RETENTION", "PREFERRED_URL_SCHEME",
    "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_ENGINE_OPTIONS", "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_SECURE", "WTF_CSRF_ENABLED",
}  # fmt: skip


def unit(path: Path) -> configparser.RawConfigParser:
    parsed = configparser.RawConfigParser(strict=False)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(path.read_text())
    return parsed


def in_venv(command: str) -> list[str]:
    """A command of a unit, as it would run from this checkout."""
    words = shlex.split(command)
    assert words[0].startswith("/opt/common-thread/.venv/bin/")
    return [str(Path(sys.executable).parent / Path(words[0]).name), *words[1:]]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_each_unit_starts_a_command_that_exists(path: Path, tmp_path: Path) -> None:
    command = in_venv(unit(path)["Service"]["ExecStart"])
    ask = ["--check-config"] if Path(command[0]).name == "gunicorn" else ["--help"]
    environment = {**os.environ, "BROKER_INSTANCE": str(tmp_path)}
    done = subprocess.run([*command, *ask], cwd=HOUSE, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_proxy_is_told_in_words_that_debian_12_has() -> None:
    """Its nginx is 1.22; `http2` became a directive of its own with 1.25.1, and an older one stops at it."""
    told = (RUNNING / "nginx.conf").read_text()
    assert not re.search(r"^\s*http2\s", told, re.MULTILINE)
    assert len(re.findall(r"listen .*443 ssl http2;", told)) == 2


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_each_unit_is_shut_in(path: Path) -> None:
    said = unit(path)["Service"]
    assert said["NoNewPrivileges"] == "yes"
    assert said["ProtectSystem"] == "strict"
    assert said["ReadWritePaths"] == "/var/lib/common-thread"
    assert said["User"] == "common-thread"
    assert said["CapabilityBoundingSet"] == ""
    assert said["UMask"] == "0077"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
@pytest.mark.parametrize("path", [*SERVICES, *RUNNING.glob("*.timer")], ids=lambda path: path.name)
def test_systemd_understands_every_line(path: Path) -> None:
    done = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, check=False)
    # It looks for the programs on this machine, where nothing is installed in /opt.
    said = [line for line in done.stderr.splitlines() if "/opt/common-thread" not in line and path.name in line]
    assert said == []


def test_the_containers_are_well_described() -> None:
    told = yaml.safe_load((RUNNING / "compose.yaml").read_text())
    assert set(told["services"]) == {"database", "upgrade", "web", "worker"}
    for name, service in told["services"].items():
        assert re.search(r":\d", service["image"]), f"{name} takes whatever is newest"
        for other in service.get("depends_on", {}):
            assert other in told["services"]
    for name in ("upgrade", "web", "worker"):
        assert told["services"][name]["cap_drop"] == ["ALL"]
        assert told["services"][name]["read_only"] is True
    assert re.search(r"^FROM \S+:\d", (RUNNING / "Dockerfile").read_text(), re.MULTILINE)


def test_the_containers_copy_what_is_there() -> None:
    copied = re.findall(r"^COPY (\S+)", (RUNNING / "Dockerfile").read_text(), re.MULTILINE)
    assert copied
    assert [name for name in copied if not (HOUSE / name).exists()] == []


def test_the_page_names_commands_that_exist(app: Flask) -> None:
    named = set(re.findall(r"common-thread ((?:db |user |audit )?[a-z]+)(?= |`|\n)", PAGE))
    assert {"doctor", "backup", "restore", "leave", "join", "db upgrade"} <= named
    for command in named:
        done = app.test_cli_runner().invoke(args=[*command.split(), "--help"])
        assert done.exit_code == 0, f"{command}: {done.output}"


def test_the_page_names_files_that_exist() -> None:
    for name in re.findall(r"docs/running/([\w.-]+)", PAGE):
        assert (RUNNING / name).exists(), name


def test_every_setting_is_told() -> None:
    """Whatever the code asks the configuration for can be found on the page."""
    asked: set[str] = set()
    for path in (HOUSE / "broker").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            asked |= asked_for(node)
    told = set(re.findall(r"BROKER_([A-Z_]+)", PAGE))
    for first, rest in re.findall(r"`BROKER_([A-Z]+)_[A-Z]+`((?:, `_[A-Z]+`)+)", PAGE):
        told |= {f"{first}{word}" for word in re.findall(r"_[A-Z]+", rest)}
    assert {"BASE_URL", "SMTP_HOST"} <= asked
    assert asked - told - OWN == set()


def asked_for(node: ast.AST) -> set[str]:
    """settings["NAME"], settings.get("NAME") and the same of any config."""
    key: ast.AST | None = None
    if isinstance(node, ast.Subscript):
        holder, key = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        holder, key = node.func.value, node.args[0]
    if not isinstance(key, ast.Constant) or not re.fullmatch(r"[A-Z_]{2,}", str(key.value)):
        return set()
    return {str(key.value)} if ast.unparse(holder).endswith(("config", "settings")) else set()


def test_the_wrapper_runs_a_command_with_the_settings(tmp_path: Path) -> None:
    settings = tmp_path / "settings.env"
    settings.write_text(f"BROKER_INSTANCE={tmp_path / 'instance'}\nBROKER_SERVICE_NAME=Ours\n")
    place = tmp_path / "home"
    (place / ".venv" / "bin").mkdir(parents=True)
    flask = place / ".venv" / "bin" / "flask"
    flask.write_text('#!/bin/sh\necho "$BROKER_SERVICE_NAME $*"\n')
    flask.chmod(0o755)
    script = (RUNNING / "common-thread").read_text().replace("runuser --user common-thread --", "exec")
    (tmp_path / "wrapper").write_text(script.replace("exec exec", "exec"))
    environment = {**os.environ, "COMMON_THREAD_SETTINGS": str(settings), "COMMON_THREAD_HOME": str(place)}
    done = subprocess.run(
        ["sh", tmp_path / "wrapper", "doctor", "--json"], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "Ours --app broker doctor --json\n"
