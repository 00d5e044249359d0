"""Reasons in words and as a picture: as the matcher writes them, and as an old or odd row may have them."""

from typing import Any

import pytest
from flask import Flask

from broker.matching.records import PART_NAMES, Part, Reason, WordShare
from broker.store.base import db
from broker.store.frameworks import Framework, Node
from broker.web.reasons import LITTLE, PART, in_short, why

pytestmark = pytest.mark.any_database

CLUB = WordShare("homework club", "after-school learning", 0.2, "help with homework")
FULL = Reason(
    parts=(
        Part("words", 0.25, (WordShare("laptops", "laptops", 0.15), WordShare("young", "young", 0.1))),
        Part("synonyms", 0.2, (CLUB,)),
        Part("related", 0.05, (WordShare("online", "internet", 0.05),)),
        Part("kind", 0.1),
        Part("theme", 0.1),
        Part("place", 0.02),
    ),
    kind="goods",
    kind_guessed=True,
    themes=("H09",),
    themes_guessed=False,
    same_priorities=(),
    distance_miles=2.2,
    remote=False,
    dates="overlap",
    lane_same=True,
    checks_met=None,
).to_json()


@pytest.fixture(autouse=True)
def outcomes(database: Flask) -> None:
    """The shared outcomes are asked of the tables."""
    hub = Framework(code="HUB", version=1, name="Hub", level="national", status="current", wording="confirmed")
    hub.nodes = [Node(code="H09", kind="hub", label="Digital inclusion", order=9)]
    db.session.add(hub)
    db.session.flush()


def sentence(reason: dict[str, Any] | None) -> str:
    return why(reason).sentence


def made_of(*parts: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return {"parts": list(parts), **facts}


def test_what_counts_most_is_said_and_a_guess_is_called_one() -> None:
    assert sentence(FULL) == (
        "Both talk about laptops and young."
        " Both have to do with help with homework: “homework club” and “after-school learning”."
        " Both are about goods (guessed from the text). About 2 miles apart. The dates fit."
        " Both serve “Digital inclusion”."
    )


def test_only_three_pairs_are_said_the_largest() -> None:
    words = [{"word": word, "other": word, "share": share} for word, share in (("a1", 0.4), ("b2", 0.2), ("c3", 0.01))]
    alike = {"word": "bikes", "other": "bicycles", "share": 0.1}
    reason = made_of(
        {"name": "words", "share": 0.61, "words": words}, {"name": "related", "share": 0.1, "words": [alike]}
    )
    assert sentence(reason) == "Both talk about a1 and b2. “bikes” and “bicycles” go together."


def test_an_entry_is_named_and_a_pair_that_two_entries_join_is_said_once() -> None:
    books = {"word": "keep the books", "other": "management accounts"}
    words = [
        {**books, "share": 0.2, "about": "bookkeeping"},
        {"word": "wages", "other": "payroll bureau", "share": 0.15, "about": "payroll"},
        {**books, "share": 0.1, "about": "looking after money"},
        {**books, "share": 0.05, "about": "reserves"},
    ]
    shown = why(made_of({"name": "synonyms", "share": 0.5, "words": words}))
    assert shown.sentence == (
        "Both have to do with bookkeeping and looking after money: “keep the books” and “management accounts”,"
        " and with payroll: “wages” and “payroll bureau”."
    )
    assert [row.label for row in shown.rows if row.is_word][:2] == [
        "Bookkeeping: “keep the books” with “management accounts”",
        "Payroll: “wages” with “payroll bureau”",
    ]


def test_a_reason_from_before_entries_were_named_is_still_told() -> None:
    bikes = {"word": "bikes", "other": "bicycles", "share": 0.2}
    reason = made_of({"name": "synonyms", "share": 0.2, "words": [bikes]})
    assert sentence(reason) == "“bikes” and “bicycles” mean much the same here."


def test_two_pairs_of_one_sort_are_told_apart() -> None:
    bikes = {"word": "bikes", "other": "bicycles", "share": 0.2}
    both = [bikes, {"word": "wood", "other": "timber", "share": 0.1}]
    for name, said in (
        ("synonyms", "“bikes” and “bicycles” mean much the same here, and so do “wood” and “timber”."),
        ("related", "“bikes” and “bicycles” go together, and so do “wood” and “timber”."),
        ("spelling", "“bikes” and “bicycles” are spelt alike, and so are “wood” and “timber”."),
    ):
        assert sentence(made_of({"name": name, "share": 0.3, "words": both})) == said


def test_a_likeness_that_no_word_shows_is_said_where_it_weighs() -> None:
    assert sentence(made_of({"name": "meaning", "share": 0.3}, {"name": "kind", "share": 0.1})) == (
        "The two texts are about similar things."
    )
    assert sentence(made_of({"name": "meaning", "share": 0.01}, {"name": "kind", "share": 0.1})) == ""


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"distance_miles": 3.4}, "About 3 miles apart."),
        ({"distance_miles": 0.4}, "Less than a mile apart."),
        ({"distance_miles": 1.2}, "About a mile apart."),
        ({"distance_miles": 1.2, "remote": True}, "It can be done from anywhere."),
        ({"kind": "jobs"}, "Both are about jobs and training."),
        ({"kind": "gold"}, ""),
        ({"dates": "unknown"}, ""),
        ({"themes": ["H09"], "themes_guessed": True}, ""),
        ({"same_priorities": ["A1", "B2"]}, "Both serve “A1” and “B2”."),
        ({"same_priorities": ["A1", "B2", "C3", "D4"]}, "Both serve “A1”, “B2” and 2 more."),
        ({"themes": ["H99"]}, "Both serve “H99”."),
        ({"themes": ["H09"], "same_priorities": ["Warm homes"]}, "Both serve “Warm homes”."),
        ({"lane_same": False}, "One is a single piece of help, the other is meant to last."),
        ({"checks_met": True}, "The people who help have the background check that is asked for."),
        ({"checks_met": False}, "A background check is asked for that the people who help do not have yet."),
    ],
)
def test_only_what_is_known_is_said(facts: dict[str, Any], said: str) -> None:
    assert sentence(made_of(**facts)) == said


def test_of_what_is_guessed_only_the_likeliest_is_said_where_it_counts() -> None:
    facts = {"themes": ["H09", "H04"], "themes_guessed": True}
    theme, words = {"name": "theme", "share": 0.02}, {"name": "words", "share": 0.4, "words": []}
    assert sentence(made_of(words, theme, **facts)) == "Both may serve “Digital inclusion” (guessed from the text)."
    assert sentence(made_of(words, {**theme, "share": 0.001}, **facts)) == ""


def test_marks_are_said_only_where_they_count() -> None:
    parts = ({"name": "led", "share": 0.1}, {"name": "boost", "share": 0.1})
    assert (
        sentence(made_of(*parts)) == "One of the two is led by the community. An officer asked for it to be seen more."
    )
    assert sentence(made_of({"name": "boost", "share": 0.0})) == ""


def test_no_reason_is_a_persons_pair() -> None:
    assert "a person put it together" in sentence(None)
    assert why(None).rows == []


def test_every_part_of_the_matcher_has_a_plain_name() -> None:
    assert set(PART) == set(PART_NAMES)
    assert len(set(PART.values())) == len(PART)


def test_the_picture_shows_every_part_and_under_it_its_words() -> None:
    shown = why(FULL)
    assert [(row.label, row.share, row.is_word) for row in shown.rows] == [
        ("The same words", "0.2500", False),
        ("“laptops”", "0.1500", True),
        ("“young”", "0.1000", True),
        ("Words that mean the same here", "0.2000", False),
        ("Help with homework: “homework club” with “after-school learning”", "0.2000", True),
        ("Related words", "0.0500", False),
        ("“online” with “internet”", "0.0500", True),
        ("The same kind of support", "0.1000", False),
        ("The same priority", "0.1000", False),
        ("How near they are", "0.0200", False),
    ]
    assert shown.score == "0.7200"
    assert (shown.rows[0].width, shown.rows[0].percent) == (100.0, "34.7%")


def shown_as(number: str) -> float:
    """The number on the page; what is less than its last digit counts as none."""
    return 0.0 if number.startswith("<") else float(number)


def test_a_part_too_small_for_the_digits_is_not_shown_as_nothing() -> None:
    rows = why(made_of({"name": "words", "share": 0.5}, {"name": "spelling", "share": 0.00001})).rows
    assert [(row.share, row.percent) for row in rows] == [("0.5000", "100.0%"), ("<0.0001", "<0.1%")]


@pytest.mark.parametrize(
    "shares", [(1 / 3, 1 / 3, 1 / 3), (0.00004, 0.00004, 0.7), (1e-9,), (0.1,) * 7, (2.34567, 0.5)]
)
def test_what_stands_on_the_page_adds_up(shares: tuple[float, ...]) -> None:
    words = [{"word": f"w{n}", "other": "x", "share": share} for n, share in enumerate(shares)]
    shown = why(made_of({"name": "kind", "share": 1 / 7}, {"name": "synonyms", "share": sum(shares), "words": words}))
    parts = [row for row in shown.rows if not row.is_word]
    below = [row for row in shown.rows if row.is_word]
    assert sum(round(shown_as(row.share) * 10_000) for row in parts) == round(float(shown.score) * 10_000)
    assert sum(round(shown_as(row.percent[:-1]) * 10) for row in parts) == 1000
    assert sum(round(shown_as(row.share) * 10_000) for row in below) == round(shown_as(parts[1].share) * 10_000)
    assert sum(round(shown_as(row.percent[:-1]) * 10) for row in below) == round(shown_as(parts[1].percent[:-1]) * 10)


def test_many_words_end_in_one_bar() -> None:
    words = [{"word": f"w{n}", "other": f"w{n}", "share": 0.1} for n in range(10)]
    rows = why(made_of({"name": "words", "share": 1.0, "words": words})).rows
    assert [row.label for row in rows[1:]] == ["“w0”", "“w1”", "“w2”", "“w3”", "“w4”", "5 more"]
    assert rows[-1].share == "0.5000"


def test_nothing_and_less_than_nothing_is_never_shown() -> None:
    nothing = made_of({"name": "words", "share": 0.0, "words": [{"word": "x", "other": "x", "share": 0.0}]})
    below = made_of({"name": "lane", "share": -0.2}, {"name": "kind", "share": 0.1})
    assert why(nothing).rows == []
    assert [row.label for row in why(below).rows] == ["The same kind of support"]
    assert sentence(nothing) == ""


def test_a_reason_of_the_first_matcher_is_shown_as_it_was() -> None:
    old = {
        "same_words": [{"word": "laptops", "share": 0.3}, {"word": "homework", "share": 0.1}],
        "same_kind": "goods", "distance_miles": 0.4, "remote": False, "dates": "overlap",
        "same_priorities": ["Warm homes"], "lane_same": False,
    }  # fmt: skip
    shown = why(old)
    assert shown.sentence == (
        "Both talk about laptops and homework. Both are about goods. Less than a mile apart. The dates fit."
        " Both serve “Warm homes”. One is a single piece of help, the other is meant to last."
    )
    assert [(row.label, row.percent) for row in shown.rows] == [
        ("The same words", "100.0%"),
        ("“laptops”", "75.0%"),
        ("“homework”", "25.0%"),
    ]


def test_a_part_we_do_not_know_yet_keeps_its_name() -> None:
    assert why(made_of({"name": "weather", "share": 0.1})).rows[0].label == "weather"


@pytest.mark.parametrize(
    ("parts", "is_said"),
    [
        ([("words", 0.13)], True),
        ([("words", 0.08), ("synonyms", 0.07)], False),
        ([("words", 0.1), ("theme", 0.02), ("place", 0.03), ("boost", 0.09)], True),  # what they say is still little
        ([("words", 0.14)], False),
        ([], False),
    ],
)
def test_a_faint_pair_is_called_one(parts: list[tuple[str, float]], is_said: bool) -> None:
    """However near the two are, and however much an officer wants it seen."""
    found = why(made_of(*({"name": name, "share": share} for name, share in parts)))
    assert bool(found.caution) is is_said
    assert not why(None).caution


def test_the_caution_stands_where_no_picture_does() -> None:
    faint = made_of({"name": "words", "share": 0.1}, distance_miles=3.0)
    assert in_short(faint) == f"{sentence(faint)} {LITTLE}"
    assert in_short(FULL) == sentence(FULL)
    assert in_short(None) == sentence(None)
