"""The disk answers some of what is asked of it with an error, for a while, and then is well again.

The pages run and people write; then one in so many writes and flushes of the database's files fails, at random
(faults.c stands between the pages and the system). Nobody restarts anything.
"""

import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from broker.actions.audit import check_record
from tests.reliability.outages import Lines, between, outcome
from tests.reliability.planted import planted, planter
from tests.reliability.product import Product
from tests.reliability.scene import lay_out, visit
from tests.reliability.watching import Absent
from tests.reliability.writers import writing

SOURCE = Path(__file__).with_name("faults.c")
LONGEST = 240.0
REST = 4.0


def io_errors(folder: Path, posts: int, one_in: int = 20, plant: str = "") -> Lines:
    """So many posts are answered while the disk fails; what they were told, and what is there afterwards."""
    folder = folder.resolve()
    failing, asked = folder / "failing", folder / "asked"
    product = Product(folder / "host")
    where = {"DATABASE": product.folder / "broker.db", "WHILE": failing, "LOG": asked, "ONE_IN": one_in}
    product.before = [*_preloaded(_built(folder), where), *planter(plant)]
    with planted(plant):
        scene = lay_out(product, matches=8 * (posts // 8 + 20), officers=8)
    reads: Counter[int] = Counter()
    with ExitStack() as stack:
        stack.callback(product.stop)
        product.start()
        reader, _ = visit(product.port, scene.member)
        with writing(product.port, scene) as log:
            time.sleep(REST)
            failing.touch()
            began, before = time.monotonic(), len(log.times)
            while len(log.times) < before + posts and time.monotonic() < began + LONGEST:
                for path in ("/listings", f"/matches/{scene.matches[0]}"):
                    reads[reader.get(path).status_code] += 1
                time.sleep(0.1)
            failing.unlink()
            ended = time.monotonic()
            time.sleep(REST)
            well = time.monotonic()
    return {
        "writes and flushes that failed": f"{asked.read_text().count('x')} of {asked.stat().st_size:,}",
        "posts while it failed": between(log, began, ended),
        "reads while it failed": dict(reads),
        "posts afterwards": between(log, ended + 1, well),
        "turned away, cut off": f"{log.turned_away}, {log.cut_off}",
        **outcome(product, log),
        "the record": _record(product),
    }


def _record(product: Product) -> str:
    with product.inside():
        return check_record().verdict


def _built(folder: Path) -> Path:
    """The faults, ready to be loaded into a process."""
    if (compiler := shutil.which("gcc")) is None:
        raise Absent("This needs gcc, to build what makes the disk fail. On Debian: apt install gcc libc6-dev")
    made = folder / "faults.so"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", str(made), str(SOURCE), "-ldl"], check=True)
    return made


def _preloaded(faults: Path, told: Mapping[str, object]) -> list[str]:
    return ["env", f"LD_PRELOAD={faults}", *(f"FAULTS_{name}={value}" for name, value in told.items())]
