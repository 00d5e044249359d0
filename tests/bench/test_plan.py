"""The benchmark of plans runs, and on its market a plan does what picking by hand does not."""

from tests.bench.plan import run


def test_a_row_for_every_way_and_the_gains_have_the_right_sign() -> None:
    rows = {(str(row["way"]), str(row["solver"])): row for row in run([200])}
    assert {way for way, _ in rows} == {"first come", "one by one", "best_total", "serve_first", "spread"}
    by_hand, best, served = (
        rows[each] for each in (("one by one", "-"), ("best_total", "scipy"), ("serve_first", "scipy"))
    )
    assert float(str(best["total"])) >= float(str(by_hand["total"]))
    assert int(str(served["served"])) >= max(int(str(best["served"])), int(str(by_hand["served"])))
