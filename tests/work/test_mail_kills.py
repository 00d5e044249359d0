"""Whoever sends is killed with -9 again and again: every committed partnership has its letters, and no other has."""

import json
import subprocess
import sys
from pathlib import Path

from broker import create_app
from tests.work.mail_kills import LETTERS, Letterbox, Outcome, judge, post_office, settings


def run(kills: int, matches: int) -> Outcome:
    """The killing is done from a process without threads, which may fork."""
    box = Letterbox()
    with post_office(box) as port:
        command = [sys.executable, "-m", "tests.work.mail_kills", f"--drive={port}"]
        given = [f"--times={kills}", f"--matches={matches}"]
        done = subprocess.run([*command, *given], capture_output=True, text=True, check=False, timeout=3000)
        assert done.returncode == 0, done.stderr
        return judge(create_app(settings(port)), box.taken, json.loads(done.stdout.splitlines()[-1]))


def test_killed_around_sending(own_instance: Path) -> None:
    outcome = run(20, 60)
    print(outcome)
    assert outcome.wrong == []
    assert outcome.kills >= 10, "most were killed while they still had something to do"
    assert outcome.partnerships == 60
    assert outcome.letters >= 60 * LETTERS
