"""The commands of the README do what it says, and a fresh machine needs nothing else."""

import os
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
PIN = re.compile(r"([A-Za-z0-9._-]+)==([0-9][A-Za-z0-9.]*)")

# A Python that writes down what it is asked; its `venv` puts another one of its kind into .venv.
FAKE_PYTHON = """#!/bin/sh
echo "$(basename "$0") $*" >> "$LOG"
if [ "$1 $2" = "-m venv" ]; then mkdir -p .venv/bin; cp "$0" .venv/bin/python; fi
"""


def make(*words: str, folder: Path = HOUSE, **environment: str) -> subprocess.CompletedProcess[str]:
    outside = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "PORT", "DEMO", "PYTHON", "BROKER_INSTANCE"}
    kept = {name: value for name, value in os.environ.items() if name not in outside}
    return subprocess.run(
        ["make", *words], cwd=folder, env=kept | environment, capture_output=True, text=True, check=False
    )


def recipe(*words: str, **environment: str) -> str:
    done = make("--dry-run", *words, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A clone with nothing made yet, and a folder `bin` that holds all the programs of its machine."""
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(HOUSE / name, tmp_path)
    has(tmp_path, "make", "touch", "mkdir", "cp", "basename", "env")
    return tmp_path


def has(folder: Path, *tools: str) -> None:
    (folder / "bin").mkdir()
    for tool in tools:
        (folder / "bin" / tool).symlink_to(shutil.which(tool) or "")


def machine(folder: Path) -> dict[str, str]:
    return {"PATH": str(folder / "bin"), "LOG": str(folder / "log")}


def stub(folder: Path, name: str, script: str) -> None:
    path = folder / "bin" / name
    path.write_text(script)
    path.chmod(0o755)


def test_run_takes_the_port_and_loads_the_demonstration() -> None:
    steps = recipe("run", "PORT=5080")
    assert "serve --port 5080" in steps
    assert steps.index("db upgrade") < steps.index("demo --if-empty") < steps.index("serve")


def test_the_port_is_5000_unless_told() -> None:
    assert "serve --port 5000" in recipe("run")


def test_without_the_demonstration_the_first_officer_is_explained() -> None:
    steps = recipe("run", "DEMO=0", BROKER_INSTANCE="/srv/broker")
    assert "demo --if-empty" not in steps
    assert "BROKER_INSTANCE=/srv/broker .venv/bin/flask --app broker user create" in steps
    assert "--role officer --authority" in steps
    assert "serve" in steps


def test_test_checks_first_and_never_meets_a_live_database() -> None:
    steps = recipe("test")
    assert steps.index("ruff check") < steps.index("ruff format --check") < steps.index("mypy broker")
    assert steps.index("mypy broker") < steps.index("pytest")
    assert "env -u BROKER_INSTANCE -u BROKER_DATABASE_URL" in steps
    assert steps.index("pytest") < steps.index("BROKER_TEST_DATABASE=postgresql")


def test_the_build_machine_leaves_nothing_out() -> None:
    script = (HOUSE / ".ci" / "run").read_text()
    assert "missing+=(postgresql)" in script
    assert "export BROKER_REQUIRE_BROWSER=1 BROKER_REQUIRE_POSTGRESQL=1" in script


def test_packages_are_installed_once_and_again_when_the_pins_change(fresh: Path) -> None:
    stub(fresh, "python3.11", FAKE_PYTHON)
    log = fresh / "log"
    first = make("run", folder=fresh, **machine(fresh))
    assert first.returncode == 0, first.stderr
    assert "Installing what the product needs" in first.stdout
    assert "install --quiet --disable-pip-version-check --no-input -r requirements.txt" in log.read_text()
    assert "python -m flask --app broker serve --port 5000" in log.read_text()

    log.unlink()
    assert "Installing" not in make("run", folder=fresh, **machine(fresh)).stdout
    assert "install" not in log.read_text()

    newer = (fresh / ".venv" / "ready-to-run").stat().st_mtime + 10
    os.utime(fresh / "requirements.txt", (newer, newer))
    assert "Installing" in make("run", folder=fresh, **machine(fresh)).stdout


def test_a_failed_install_is_tried_again(fresh: Path) -> None:
    stub(fresh, "python3.11", FAKE_PYTHON + 'case "$*" in *install*) exit 1;; esac\n')
    for _ in range(2):
        done = make("run", folder=fresh, **machine(fresh))
        assert done.returncode != 0
        assert "Installing" in done.stdout
        assert "serve" not in (fresh / "log").read_text()


def test_uv_is_used_where_it_is_found(fresh: Path) -> None:
    stub(fresh, "python3.11", FAKE_PYTHON)
    stub(fresh, "uv", '#!/bin/sh\necho "uv $*" >> "$LOG"\n')
    assert make("run", folder=fresh, **machine(fresh)).returncode == 0
    log = (fresh / "log").read_text()
    assert "uv pip install --quiet --compile-bytecode --python .venv/bin/python -r requirements.txt" in log
    assert "-m pip install" not in log


def test_an_old_python_is_told_kindly(fresh: Path) -> None:
    done = make("run", "PYTHON=", folder=fresh)
    assert done.returncode != 0
    assert "Python 3.11 or newer" in done.stderr


def test_a_python_without_venv_is_told_kindly(fresh: Path) -> None:
    stub(fresh, "python3.11", FAKE_PYTHON + 'case "$*" in *ensurepip*) exit 1;; esac\n')
    done = make("run", folder=fresh, **machine(fresh))
    assert done.returncode != 0
    assert "python3-venv" in done.stderr


def pins(name: str) -> dict[str, str]:
    lines = (HOUSE / name).read_text().splitlines()
    wanted = [line for line in lines if line and not line.startswith(("#", "-r "))]
    found = [PIN.fullmatch(line) for line in wanted]
    assert all(found), f"not pinned exactly: {[line for line in wanted if not PIN.fullmatch(line)]}"
    return {match[1].lower(): match[2] for match in found if match}


def test_every_package_is_pinned_once_and_is_what_runs_here() -> None:
    product, tests = pins("requirements.txt"), pins("requirements-dev.txt")
    assert not product.keys() & tests.keys()
    assert {name: version(name) for name in product | tests} == product | tests


@pytest.mark.parametrize("browser", [None, "chromium", "google-chrome"])
def test_the_build_machine_gets_a_browser_and_demands_it(tmp_path: Path, browser: str | None) -> None:
    has(tmp_path, "env", "bash", "dirname")
    (tmp_path / ".ci").mkdir()
    script = shutil.copy(HOUSE / ".ci" / "run", tmp_path / ".ci" / "run")
    stub(tmp_path, "apt-get", '#!/usr/bin/env bash\necho "apt-get $*"\n')
    stub(tmp_path, "make", '#!/usr/bin/env bash\necho "make $* browser=$BROKER_REQUIRE_BROWSER in $PWD"\n')
    if browser:
        stub(tmp_path, browser, "")
    done = subprocess.run(
        [script], env={"PATH": str(tmp_path / "bin")}, capture_output=True, text=True, check=True, cwd="/"
    )
    said = done.stdout.splitlines()
    assert said[-1] == f"make test browser=1 in {tmp_path}"
    installs = [line for line in said if line.startswith("apt-get install -y")]
    assert [("chromium" in line) for line in installs] == ([] if browser else [True])
