"""The command judge: one set or many, both directions, lengths, JSON, and the page that it fills."""

import json
import re
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from broker.cli import judge
from broker.matching.judging.bootstrap import Gain
from broker.matching.judging.by_score import SCORES, shares
from broker.matching.judging.judge import Bench, Question, Row, Scores
from broker.matching.judging.page import BadPage, fill
from broker.matching.judging.report import as_table

DATA = Path(__file__).parent.parent / "data"
TINY = DATA / "tiny"
TODAY = date(2026, 11, 22)


def asked(*words: str | Path) -> str:
    """What the command prints."""
    result = CliRunner().invoke(judge, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.output


def refused(*words: str | Path) -> str:
    result = CliRunner().invoke(judge, [str(word) for word in words])
    assert result.exit_code != 0
    return result.output


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """Two judged sets in a folder, one of them deeper and without splits, and a folder that is none."""
    shutil.copytree(TINY, tmp_path / "tiny")
    shutil.copytree(TINY, tmp_path / "more" / "plain")
    (tmp_path / "more" / "plain" / "split.tsv").unlink()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "qrels.tsv").write_text("not a set\n", encoding="utf-8")
    return tmp_path


def test_one_set_alone_as_json_has_the_customary_names() -> None:
    figures = json.loads(asked(TINY, "--json"))
    assert list(figures) == ["ndcg@10", "recall@10", "mrr", "map", "judged"]
    assert figures["judged"] == 14


def test_one_set_is_told_plainly_and_then_compared() -> None:
    lines = asked(TINY).splitlines()
    assert [line.split()[0] for line in lines[:5]] == ["ndcg@10", "recall@10", "mrr", "map", "judged"]
    assert lines[5].startswith("| set")
    assert asked(TINY, "--ranker", "both").splitlines()[5:] == []


def test_tfidf_is_the_older_name_of_ours() -> None:
    assert asked(TINY, "--ranker", "tfidf") == asked(TINY, "--ranker", "ours")


def test_many_sets_make_one_table(sets: Path) -> None:
    first = [line.split("|")[1].strip() for line in asked("--all", sets).splitlines()]
    assert first == ["set", first[1], "more/plain", "tiny", "tiny, tune", "tiny, check"]
    assert asked(sets / "tiny", sets / "more" / "plain").count("\n| ") == asked("--all", sets).count("\n| ")


def test_columns_are_ours_then_the_yardsticks_then_the_differences() -> None:
    heading = [cell.strip() for cell in asked(TINY, "--all", TINY).splitlines()[0].split("|")[1:-1]]
    assert heading[:6] == ["set", "judged needs", "ours", "both", "BM25", "chance"]
    assert heading[6:] == ["ours against both", "ours against BM25", "ours against chance"]


def test_the_word_follows_the_interval() -> None:
    """Against chance the matcher is better on fourteen needs; against itself it never is."""
    rows = json.loads(asked("--all", TINY, "--json"))["rows"]
    assert rows[0]["against"]["random"]["verdict"] == "better"
    for row in rows:
        for found in row["against"].values():
            holds_nothing = found["low"] <= 0 <= found["high"] or row["judged"] < 10
            assert (found["verdict"] == "no difference shown") == holds_nothing
    turned = json.loads(asked("--all", TINY, "--json", "--ranker", "random"))["rows"][0]
    assert turned["against"]["ours"]["verdict"] == "worse"


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (Gain(0.0024, 0.0001, 0.0041, 99), "+.002 [+.000, +.004] better"),
        (Gain(0.0024, -0.0001, 0.0041, 99), "+.002 [-.000, +.004] no difference shown"),
        (Gain(0.0, 0.0, 0.0, 99), ".000 [.000, .000] no difference shown"),
        (Gain(-1.0, -1.0, -0.25, 99), "-1.000 [-1.000, -.250] worse"),
        (Gain(0.5, 0.4, 0.6, 9), "+.500 [+.400, +.600] no difference shown"),
    ],
)
def test_an_interval_is_shown_with_its_word(found: Gain, shown: str) -> None:
    scores = Scores(0.5, 0.25, 1.0, 0.0, found.pairs)
    question = Question(ranker="both")
    row = Row(
        "a set", None, None, dict.fromkeys(("both", *question.rivals), scores), dict.fromkeys(question.rivals, found)
    )
    cells = [cell.strip() for cell in as_table([row], question).splitlines()[2].split("|")[1:-1]]
    assert cells == ["a set", str(found.pairs), ".500", ".500", ".500", ".500", shown, shown, shown]


def test_identical_rankings_are_called_nothing() -> None:
    rows = Bench({"tiny": TINY}).rows(Question(ranker="both"))
    assert set(rows[0].gains) == {"ours", "bm25", "random"}
    same = Bench({"tiny": TINY}).rows(Question())[0].gains["both"]
    assert (same.verdict == "no difference shown") == (same.low <= 0 <= same.high)


def test_offers_ask_for_needs(sets: Path) -> None:
    found = json.loads(asked(sets / "tiny", "--direction", "offer", "--json"))
    assert found["judged"] == 14
    table = asked("--all", sets, "--direction", "offer")
    assert "judged offers" in table


def test_an_offer_ranks_only_the_needs_of_its_split(tmp_path: Path) -> None:
    """Need a2 is the nearer one, but the other half judges it: within the split it must not stand in the way."""
    write = {
        "needs.jsonl": '{"id": "a1", "text": "old choir"}\n{"id": "a2", "text": "choir"}\n{"id": "a3", "text": "x"}',
        "offers.jsonl": '{"id": "o", "text": "choir"}\n{"id": "p", "text": "boat"}',
        "qrels.tsv": "need_id\toffer_id\trelevance\na1\to\t1\na2\tp\t1",
        "split.tsv": "need_id\tsplit\na1\ttune\na2\tcheck",
    }
    for name, text in write.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    turned = ("--direction", "offer", "--ranker", "both", "--json")
    assert json.loads(asked(tmp_path, *turned, "--split", "tune"))["mrr"] == 1
    # Of all three needs a1 comes second for o, and for p, which shares no word, a2 may stand anywhere.
    anywhere = (1 + 1 / 2 + 1 / 3) / 3
    whole = json.loads(asked(tmp_path, *turned))
    assert whole["mrr"] == pytest.approx((1 / 2 + anywhere) / 2)


def test_how_often_a_suggestion_is_right_by_its_score() -> None:
    """Two that ask, three to find: of the four suggestions above nothing, two are right, and both score high."""
    rankings, grades = np.array([[0.3, 0.15, 0.0], [0.1, 0.0, 0.27]]), np.array([[2.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    found = {share.score: (share.suggested, share.right) for share in shares("tiny", None, rankings, grades)}
    assert found == {"below .14": (1, 0), ".14 to .18": (1, 0), ".18 to .26": (0, 0), "from .26": (2, 2)}


def test_the_table_by_score_holds_every_suggestion_once() -> None:
    lines = json.loads(asked(TINY, "--by-score", "--json"))
    whole = [line for line in lines if line["split"] is None]
    assert {line["score"] for line in whole} == set(SCORES)
    halves = [line for line in lines if line["split"] is not None]
    assert sum(line["suggested"] for line in whole) == sum(line["suggested"] for line in halves) > 0
    assert all(line["right"] <= line["suggested"] for line in lines)
    assert "| of these right | share" in asked(TINY, "--by-score")
    assert "None of the sets has a split" in refused(TINY, "--by-score", "--split", "elsewhere")


def test_bands_count_the_stems_of_what_asks() -> None:
    rows = json.loads(asked(TINY, "--bands", "--json"))["rows"]
    assert [row["band"] for row in rows] == ["1 to 4", "5 to 12", "13 to 20"]
    assert sum(row["judged"] for row in rows) == 14
    assert "| stems" in asked(TINY, "--bands")


def test_each_part_is_taken_away_in_turn() -> None:
    heading = [cell.strip() for cell in asked(TINY, "--parts").splitlines()[0].split("|")[1:-1]]
    assert heading[2:5] == ["ours", "gain from synonyms", "gain from related"]
    assert heading[-1] == "gain from theme"
    [row, *_] = json.loads(asked(TINY, "--parts", "--json"))["rows"]
    assert row["against"]["without synonyms"]["difference"] == pytest.approx(
        row["rankers"]["ours"]["ndcg@10"] - row["rankers"]["without synonyms"]["ndcg@10"]
    )


def test_a_split_that_one_set_lacks_leaves_that_set_out(sets: Path) -> None:
    table = asked("--all", sets, "--split", "check")
    assert "tiny, check" in table
    assert "plain" not in table
    assert "None of the sets has a split 'chekc'" in refused("--all", sets, "--split", "chekc")


def test_every_digit_is_the_same_again(sets: Path) -> None:
    assert asked("--all", sets, "--json") == asked("--all", sets, "--json")


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_nothing_to_judge_is_said(words: tuple[str, ...], tmp_path: Path) -> None:
    assert "--all FOLDER" in refused(*words)
    assert "There is no judged set in" in refused("--all", tmp_path, *words)


PAGE = """# How well

Some words.

<!-- judge tiny -->
old figures
<!-- judged -->

More words, with figures that nobody measured: .123.

<!-- judge tiny elsewhere --bands -->
these stay
<!-- judged -->
"""


def test_a_page_keeps_its_words_and_gets_its_figures(tmp_path: Path) -> None:
    page = tmp_path / "quality.md"
    page.write_text(PAGE, encoding="utf-8")
    told = asked(TINY, "--write", page)
    text = page.read_text(encoding="utf-8")
    assert "1 tables of" in told
    assert "Left as it was: tiny elsewhere --bands (elsewhere)" in told
    assert "old figures" not in text
    assert "these stay" in text
    assert "| tiny, check" in text
    assert re.search(
        r"Measured on \d+ \w+ 20\d\d:\n\n    \.venv/bin/flask --app broker judge (DATA|tests/data)/tiny\n", text
    )
    without = re.sub(
        r"(<!-- judge tiny -->\n).*?(<!-- judged -->)", r"\1old figures\n\2", text, count=1, flags=re.DOTALL
    )
    assert without == PAGE


def test_filling_a_page_twice_gives_the_same_page() -> None:
    bench = Bench({"tiny": TINY})
    once = fill(PAGE, bench, {"tiny": "DATA/tiny"}, TODAY).text
    again = fill(once, Bench({"tiny": TINY}), {"tiny": "DATA/tiny"}, TODAY).text
    assert once == again
    assert as_table(bench.rows(Question()), Question()) in once
    assert "Measured on 22 November 2026:" in once


def test_the_page_says_the_options_that_it_was_measured_with() -> None:
    text = "<!-- judge tiny --direction offer --measure map -->\n<!-- judged -->\n"
    filled = fill(text, Bench({"tiny": TINY}), {"tiny": "DATA/tiny"}, TODAY)
    assert "judge DATA/tiny --direction offer --measure map\n" in filled.text


@pytest.mark.parametrize("mark", ["tiny --ranker magic", "tiny --colour", "--bands", "'tiny"])
def test_a_mark_that_asks_for_nonsense_is_refused(mark: str) -> None:
    with pytest.raises(BadPage, match="does not know"):
        fill(f"<!-- judge {mark} -->\n<!-- judged -->\n", Bench({"tiny": TINY}), {"tiny": "x"}, TODAY)


def test_every_mark_of_the_shipped_page_is_understood() -> None:
    page = DATA.parent.parent / "docs" / "quality.md"
    text = page.read_text(encoding="utf-8")
    filled = fill(text, Bench({}), {}, TODAY)
    assert filled.text == text
    assert len(filled.kept) == text.count("<!-- judge ") == text.count("<!-- judged -->") > 5
