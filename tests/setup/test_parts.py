"""What is installed is known to the letter: every package pinned, checked by its content, and listed."""

import json
import re
from pathlib import Path

from flask import Flask

HOUSE = Path(__file__).parents[2]
PINNED = re.compile(r"^([\w.-]+==[\w.]+)$", re.MULTILINE)
CHECKED = re.compile(r"^([\w.-]+==[\w.]+) --hash=sha256:[0-9a-f]{64}$", re.MULTILINE)


def lines(name: str) -> list[str]:
    told = (HOUSE / name).read_text(encoding="utf-8").splitlines()
    return [line for line in told if line and not line.startswith("#")]


def test_every_package_is_pinned_and_has_a_checksum() -> None:
    pinned, checked = lines("requirements.txt"), lines("requirements-hashed.txt")
    assert all(PINNED.fullmatch(line) for line in pinned)
    assert all(CHECKED.fullmatch(line) for line in checked)
    assert sorted(line.split()[0] for line in checked) == sorted(pinned)


def test_production_takes_no_other_file() -> None:
    for name in ("running.md", "running/Dockerfile"):
        told = (HOUSE / "docs" / name).read_text(encoding="utf-8")
        installs = re.findall(r"pip install[^`\n]*", told)
        assert installs
        assert all("--require-hashes -r requirements-hashed.txt" in each for each in installs), name


def test_the_list_of_parts_names_what_runs(app: Flask) -> None:
    said = json.loads(app.test_cli_runner().invoke(args=["parts"]).output)
    assert (said["bomFormat"], said["specVersion"]) == ("CycloneDX", "1.5")
    found = {part["name"]: part for part in said["components"]}
    assert len(found) == len(lines("requirements.txt"))
    assert found["Flask"]["purl"] == f"pkg:pypi/flask@{found['Flask']['version']}"
    assert all(re.fullmatch(r"[0-9a-f]{64}", part["hashes"][0]["content"]) for part in found.values())
    assert sum("licenses" in part for part in found.values()) > len(found) * 0.9
