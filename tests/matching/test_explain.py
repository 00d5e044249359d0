"""Every suggestion says why, exactly and in plain words."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from broker.matching import PART_NAMES, Market, Part, Reason, Record, Suggestion, WordShare
from broker.matching.synonyms import Entry, Synonyms
from broker.matching.weights import SHIPPED
from tests.matching.make import need, offer

NEED = need(
    1,
    "Laptops for our Homework Club",
    text="Six laptops, so that homework gets done.",
    kind="goods",
    lat=53.48,
    lon=-2.24,
    from_date=date(2030, 1, 1),
    priorities=frozenset({"skills", "young", "green"}),
    lane="transactional",
    checks=1,
)
OFFER = offer(
    2,
    "Refurbished laptop computers",
    text="For any club or homework group",
    kind="goods",
    lat=53.45,
    lon=-2.24,
    until_date=date(2030, 6, 1),
    priorities=frozenset({"young", "green", "jobs"}),
    lane="transactional",
    checks=2,
)


def _why(**facts: Any) -> Reason:
    return Reason(
        **{
            "parts": (),
            "kind": None,
            "kind_guessed": False,
            "themes": (),
            "themes_guessed": False,
            "distance_miles": None,
            "remote": False,
            "dates": "unknown",
            "same_priorities": (),
            "lane_same": None,
            "checks_met": None,
            **facts,
        }
    )


# Each pair is short, so that every kind of help is at work: misspelt, near in meaning, the field's own words.
PAIRS = [
    (NEED, OFFER),
    (need(1, "somebody to do the books"), offer(2, "pro bono bookkeeping and management accounts")),
    (need(1, "sheilding tape for plumbrs"), offer(2, "shielding tape, plumbers")),
    (need(1, "singers for a carol evening"), offer(2, "our works choir sings songs", led=True, boost=2.0)),
    (need(1, "a pony", lat=53.4, lon=-2.0), offer(2, "a horse and a stable", lat=53.4, lon=-2.1)),
]


def told(pair: tuple[Record, Record]) -> Suggestion:
    return Market([pair[0]], [pair[1]]).explain(pair[0].id, pair[1].id)


@pytest.mark.parametrize("pair", PAIRS)
def test_the_parts_are_the_score_and_the_words_the_parts(pair: tuple[Record, Record]) -> None:
    suggestion = told(pair)
    parts = suggestion.reason.parts
    assert sum(part.share for part in parts) == pytest.approx(suggestion.score, abs=1e-9)
    assert all(part.share > 0 for part in parts)
    for part in parts:
        if part.words:
            assert sum(pair.share for pair in part.words) == pytest.approx(part.share, abs=1e-9)
            assert [-pair.share for pair in part.words] == sorted(-pair.share for pair in part.words)


@pytest.mark.parametrize("pair", PAIRS)
def test_a_part_taken_away_lowers_the_score_by_exactly_that(pair: tuple[Record, Record]) -> None:
    whole = told(pair)
    for part in whole.reason.parts:
        less = Market([pair[0]], [pair[1]], weights=replace(SHIPPED, **{part.name: 0.0})).explain(1, 2)
        assert whole.score - less.score == pytest.approx(part.share, abs=1e-9)
        assert part.name not in {left.name for left in less.reason.parts}


def test_every_part_that_needs_no_encoder_is_met_in_some_pair() -> None:
    met = {part.name for pair in PAIRS for part in told(pair).reason.parts}
    assert met == set(PART_NAMES) - {"encoder"}


def test_words_are_shown_as_they_were_written() -> None:
    words = {part.name: part.words for part in told((NEED, OFFER)).reason.parts}["words"]
    assert {(pair.word, pair.other) for pair in words} >= {("laptops", "laptop"), ("homework", "homework")}
    assert ("Club", "club") in {(pair.word, pair.other) for pair in words}


def test_the_facts_are_told() -> None:
    reason = told((NEED, OFFER)).reason
    assert (reason.kind, reason.kind_guessed) == ("goods", False)
    assert reason.distance_miles == pytest.approx(2.07, abs=0.01)
    assert reason.dates == "overlap"
    assert reason.same_priorities == ("green", "young")
    assert reason.lane_same is True
    assert reason.checks_met is True


def test_what_was_guessed_is_said_to_be() -> None:
    reason = told((need(1, "laptops"), offer(2, "refurbished computers"))).reason
    assert (reason.kind, reason.kind_guessed) == ("goods", True)
    assert reason.themes_guessed is bool(reason.themes)


def test_any_pair_is_explained_even_one_that_the_filters_refuse() -> None:
    ours = need(1, "😀", owner=5, kind="skills", until_date=date(2030, 1, 1), lane="systemic")
    theirs = offer(2, "minibus", owner=5, kind="goods", from_date=date(2031, 1, 1), lane="transactional")
    suggestion = told((ours, theirs))
    assert suggestion.reason.dates == "apart"
    assert {part.name for part in suggestion.reason.parts} <= {"dates"}


@pytest.mark.parametrize(
    ("asked", "stated", "met"),
    [
        (2, 2, True), (1, 2, True), (2, 1, False), (1, 0, False),
        (2, None, None), (0, 2, None), (0, 0, None), (None, 2, None), (None, None, None),
    ],
)  # fmt: skip
def test_a_background_check_counts_where_one_is_asked_for(asked: int | None, stated: int | None, met: bool) -> None:
    market = Market([need(1, checks=asked)], [offer(2, checks=stated)])
    why = market.explain(1, 2)
    shares = {part.name: part.share for part in why.reason.parts}
    assert why.reason.checks_met is met
    assert shares.get("checks") == (SHIPPED.checks if met else None)
    assert market.scores("supply", 2) == {1: why.score}, "a lower check is never refused, and both sides see one score"


@pytest.mark.parametrize(
    ("ours", "theirs", "meets"),
    [
        ({"priorities": {"Warm homes"}}, {"priorities": {"Warm homes", "Green"}}, True),
        ({"priorities": {"Warm homes"}}, {"priorities": {"Green"}}, False),
        ({"priorities": {"Warm homes"}, "themes": {"H09"}}, {"priorities": {"Cosy"}, "themes": {"H09"}}, True),
        ({"priorities": {"Warm homes"}, "themes": {"H09"}}, {"priorities": {"Cosy"}, "themes": {"H02"}}, False),
        ({}, {}, False),
    ],
)  # fmt: skip
def test_a_priority_counts_the_same_or_mapped(
    ours: dict[str, set[str]], theirs: dict[str, set[str]], meets: bool
) -> None:
    """The same priority of an authority, or those of two that serve one shared outcome."""
    demand = need(1, "xyzzy", **{name: frozenset(said) for name, said in ours.items()})
    supply = offer(2, "xyzzy", **{name: frozenset(said) for name, said in theirs.items()})
    market = Market([demand], [supply])
    why = market.explain(1, 2)
    shares = {part.name: part.share for part in why.reason.parts}
    assert ("theme" in shares) is meets
    assert market.scores("supply", 2) == {1: why.score}


def test_every_pair_that_entries_join_names_its_entry() -> None:
    books = Entry("books", ("do the books", "bookkeeping"))
    money = Entry("money", ("bookkeeping",), hint=("do the books",))
    pair = need(1, "somebody to do the books"), offer(2, "bookkeeping for free")
    parts = Market([pair[0]], [pair[1]], synonyms=Synonyms([books, money]), table=None).explain(1, 2).reason.parts
    words = {part.name: part.words for part in parts}["synonyms"]
    assert [(each.word, each.other, each.about) for each in words] == [
        ("books", "bookkeeping", "books"),
        ("books", "bookkeeping", "money"),
    ]
    assert words[0].share == pytest.approx(2 * words[1].share)


def test_unknown_facts_are_not_claimed() -> None:
    assert told((need(1, "😀"), offer(2, "😀"))).reason == _why()


def test_remote_tells_no_distance() -> None:
    reason = Market([NEED], [offer(2, lat=50.0, lon=0.0, remote=True)]).explain(1, 2).reason
    assert (reason.remote, reason.distance_miles) == (True, None)


def test_a_reason_survives_json() -> None:
    for each in (told((NEED, OFFER)).reason, _why()):
        kept = json.loads(json.dumps(each.to_json()))
        parts = tuple(
            Part(part["name"], part["share"], tuple(WordShare(**pair) for pair in part["words"]))
            for part in kept.pop("parts")
        )
        lists = {name: tuple(kept.pop(name)) for name in ("themes", "same_priorities")}
        assert Reason(parts=parts, **lists, **kept) == each
