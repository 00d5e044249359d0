"""Reasons in words: as the matcher writes them, and as an old or odd row may have them."""

from broker.matching.records import Reason, WordShare
from broker.web.reasons import reason_bars, reason_sentence

FULL = Reason(
    same_words=(WordShare("laptops", 0.3), WordShare("homework", 0.1)),
    same_kind="goods",
    distance_miles=0.4,
    remote=False,
    dates="overlap",
    same_priorities=("Warm homes",),
    lane_same=False,
).to_json()


def test_everything_is_said() -> None:
    assert reason_sentence(FULL) == (
        "Both talk about laptops and homework. Both are about goods. Less than a mile apart. The dates fit."
        " Both serve “Warm homes”. One is a single piece of help, the other is meant to last."
    )


def test_only_what_is_known_is_said() -> None:
    unknown = {"same_words": [{"word": "choir", "share": 0.2}], "same_kind": None, "dates": "unknown"}
    assert reason_sentence(unknown) == "Both talk about choir."
    assert reason_sentence({"same_words": [], "distance_miles": 3.4}) == "About 3 miles apart."
    assert reason_sentence({"distance_miles": 1.2}) == "About a mile apart."
    assert reason_sentence({"distance_miles": 1.2, "remote": True}) == "It can be done from anywhere."
    assert reason_sentence({"same_kind": "jobs"}) == "Both are about jobs and training."


def test_a_kind_we_do_not_know_is_left_out() -> None:
    assert reason_sentence({"same_kind": "gold"}) == ""


def test_no_reason_is_a_persons_pair() -> None:
    assert "a person put it together" in reason_sentence(None)


def test_bars_are_parts_of_a_hundred() -> None:
    assert reason_bars(FULL) == [("laptops", 75.0, "75%"), ("homework", 25.0, "25%")]


def test_many_words_end_in_one_bar() -> None:
    words = [{"word": f"w{n}", "share": 0.1} for n in range(10)]
    bars = reason_bars({"same_words": words})
    assert [label for label, _, _ in bars] == ["w0", "w1", "w2", "w3", "w4", "all other words"]
    assert sum(part for _, part, _ in bars) == 100


def test_nothing_shared_is_no_picture() -> None:
    assert reason_bars(None) == []
    assert reason_bars({"same_words": [{"word": "x", "share": 0.0}]}) == []


def test_a_sentence_names_the_three_words_that_count_most() -> None:
    words = [{"word": word, "share": 0.1} for word in ("a1", "b2", "c3", "d4")]
    assert reason_sentence({"same_words": words}) == "Both talk about a1, b2 and c3."
