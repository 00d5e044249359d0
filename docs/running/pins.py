"""Writes requirements-hashed.txt anew, after requirements.txt has changed: python docs/running/pins.py

It asks the package index, as an installation would, for the file of each package.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
STYLES = ("2_28", "2_27", "2_26", "2_17", "2014", "2_5", "1")
TOLD = """\
# What production installs: the packages of requirements.txt, each with the checksum of its file for Python 3.11 on
# Linux (x86-64). pip takes no other file: pip install --require-hashes -r requirements-hashed.txt
# Made by: python docs/running/pins.py
"""


def wanted() -> list[str]:
    """Each package as it is pinned, with the checksum of the file that would be installed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "--isolated", "install", "--quiet", "--dry-run", "--ignore-installed"]
        command += ["--no-deps", "--only-binary=:all:", "--python-version=3.11", "--implementation=cp"]
        command += [f"--platform=manylinux{'' if style in ('2014', '1') else '_'}{style}_x86_64" for style in STYLES]
        command += [f"--target={folder}/target", f"--report={report}", f"--requirement={HOUSE / 'requirements.txt'}"]
        subprocess.run(command, check=True)  # noqa: S603 - pip, with words of our own
        told = json.loads(report.read_text(encoding="utf-8"))["install"]
    named = [(each["metadata"], each["download_info"]["archive_info"]["hashes"]["sha256"]) for each in told]
    return [f"{what['name']}=={what['version']} --hash=sha256:{checksum}" for what, checksum in named]


if __name__ == "__main__":
    lines = sorted(wanted(), key=str.lower)
    (HOUSE / "requirements-hashed.txt").write_text(TOLD + "\n".join(lines) + "\n", encoding="utf-8")
