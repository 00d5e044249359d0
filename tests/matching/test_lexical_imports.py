"""A web process never loads the libraries that matching needs: they cost seconds at each start and 100 MB each."""

import os
import subprocess
import sys
from pathlib import Path

CODE = """
import sys
from broker import create_app
from broker.store.base import db

app = create_app({"SECRET_KEY": "t" * 40})
with app.app_context():
    db.create_all()
assert app.test_client().get("/").status_code == 200
print(sorted({"sklearn", "numba", "scipy", "numpy"} & set(sys.modules)))
"""


def test_a_web_process_loads_neither_scikit_learn_nor_numba(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", CODE],
        env={**os.environ, "BROKER_INSTANCE": str(tmp_path)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    assert told.stdout.splitlines()[-1] == "[]"
