"""Judging a folder: what it reads, what it counts, and how it refuses.

The yardstick "both" is asked where a figure is worked out by hand: it never changes, as the product's own ranking may.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from broker.matching.judging.judge import BadJudgedSet, bm25_weights, judge

NEEDS = [{"id": "n1", "title": "Laptops"}, {"id": "n2", "text": "choir"}, {"id": "n3", "text": "nobody judged this"}]
OFFERS = [
    {"id": "a", "text": "laptop repair"},
    {"id": "b", "title": "choir", "text": "songs"},
    {"id": "c", "text": "x"},
]
QRELS = "need_id\toffer_id\trelevance\nn1\ta\t1\nn2\tc\t2\nn2\ta\t0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """n1's offer is found first; n2's shares no word with it."""
    (tmp_path / "needs.jsonl").write_text("\n".join(map(json.dumps, NEEDS)), encoding="utf-8")
    (tmp_path / "offers.jsonl").write_text("\n".join(map(json.dumps, OFFERS)) + "\n", encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text(QRELS, encoding="utf-8")
    (tmp_path / "split.tsv").write_text("need_id\tsplit\nn1\ttune\nn2\tcheck\n", encoding="utf-8")
    return tmp_path


def test_the_scores_of_a_folder(folder: Path) -> None:
    """n2: b first, then a and c tied at nothing, so c is second or third."""
    second_or_third = (1 / math.log2(3) + 1 / math.log2(4)) / 2
    assert judge(folder, ranker="both").as_dict() == pytest.approx(
        {
            "ndcg@10": (1 + second_or_third) / 2,
            "recall@10": 1.0,
            "mrr": (1 + (1 / 2 + 1 / 3) / 2) / 2,
            "map": (1 + (1 / 2 + 1 / 3) / 2) / 2,
            "judged": 2,
        }
    )
    json.dumps(judge(folder).as_dict())


def test_a_split_chooses_whose_rankings_count(folder: Path) -> None:
    assert (judge(folder, "tune").judged, judge(folder, "tune").ndcg_at_10) == (1, 1)
    assert judge(folder, "check", "both").ndcg_at_10 < 1


def test_offers_that_ask(folder: Path) -> None:
    """a finds n1 at once; c shares no word with n2 nor with any other."""
    assert judge(folder, ranker="both", direction="offer").mrr == pytest.approx((1 + (1 + 1 / 2 + 1 / 3) / 3) / 2)


def test_texts_without_a_word_are_all_alike(folder: Path) -> None:
    for name, rows in (("needs", NEEDS), ("offers", OFFERS)):
        lines = "\n".join(json.dumps({"id": row["id"], "text": "the!"}) for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    chance = judge(folder, ranker="random")
    assert [judge(folder, ranker=ranker) for ranker in ("ours", "both", "bm25")] == [chance] * 3


def test_chance_is_exact(folder: Path) -> None:
    assert judge(folder, ranker="random").mrr == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)


def test_the_classical_names_are_read_too(folder: Path) -> None:
    expected = judge(folder)
    (folder / "needs.jsonl").rename(folder / "queries.jsonl")
    (folder / "offers.jsonl").rename(folder / "corpus.jsonl")
    (folder / "qrels.tsv").write_text(QRELS.replace("need_id\toffer_id", "query_id\tdoc_id"), encoding="utf-8")
    assert judge(str(folder)) == expected


def test_windows_lines_and_a_byte_order_mark_are_read(folder: Path) -> None:
    expected = judge(folder)
    for path in folder.iterdir():
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert judge(folder) == expected


def test_bm25_weights_by_hand() -> None:
    """Two texts: "a a b" and "b"; mean length 2."""
    weights = bm25_weights(csr_array(np.array([[2.0, 1.0], [0.0, 1.0]])), k1=0.9, b=0.4).toarray()
    rare, common = math.log1p((2 - 1 + 0.5) / 1.5), math.log1p((2 - 2 + 0.5) / 2.5)
    longer, shorter = 0.9 * (0.6 + 0.4 * 3 / 2), 0.9 * (0.6 + 0.4 * 1 / 2)
    np.testing.assert_allclose(weights, [[rare * 2 / (2 + longer), common / (1 + longer)], [0, common / (1 + shorter)]])


def test_bm25_ranks(folder: Path) -> None:
    assert judge(folder, "tune", "bm25").ndcg_at_10 == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("needs.jsonl", None, "has neither needs.jsonl with offers.jsonl nor queries.jsonl"),
        ("qrels.tsv", None, "has no qrels.tsv"),
        ("split.tsv", None, "has no split.tsv"),
        ("offers.jsonl", b"", "offers.jsonl is empty"),
        ("offers.jsonl", b"{\n", "offers.jsonl, line 1: not an object with an id and texts"),
        ("offers.jsonl", b'\n{"text": "a"}\n', "offers.jsonl, line 2: not an object"),
        ("offers.jsonl", b'{"id": 1, "text": 5}\n', "offers.jsonl, line 1: not an object"),
        ("offers.jsonl", b'{"id": 1}\n{"id": 1}\n', "line 2: the id 1 occurs twice"),
        ("offers.jsonl", b"\xff\xfe\x00", "is not UTF-8 text"),
        ("qrels.tsv", b"", "must begin with the columns need_id, offer_id, relevance"),
        ("qrels.tsv", b"n1\ta\t1\n", "must begin with the columns"),
        ("qrels.tsv", b"need_id\toffer_id\trelevance\nn1\ta\n", "line 2: 2 columns instead of 3"),
        ("qrels.tsv", b"need_id\toffer_id\trelevance\nn1\tz\t1\n", "line 2: there is no text with the id z"),
        ("qrels.tsv", b"need_id\toffer_id\trelevance\nn1\ta\thigh\n", "the relevance 'high' is no number"),
        ("qrels.tsv", b"need_id\toffer_id\trelevance\nn2\ta\t0\n", "nothing to judge"),
        ("split.tsv", b"need_id\tsplit\nn1\ttune\n", "has no split 'check'; it has tune"),
    ],
)
def test_a_bad_folder_is_refused_in_a_sentence(folder: Path, name: str, content: bytes | None, message: str) -> None:
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    with pytest.raises(BadJudgedSet, match=message):
        judge(folder, "check")


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(BadJudgedSet, match="There is no folder"):
        judge(tmp_path / "nowhere")
