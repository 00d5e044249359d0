"""Every suggestion says why, exactly and in plain words."""

import json
from datetime import date
from typing import Any

import pytest

from broker.matching import Market, Reason, WordShare
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
)


def _why(**facts: Any) -> Reason:
    return Reason(
        **{
            "same_words": (),
            "same_kind": None,
            "distance_miles": None,
            "remote": False,
            "dates": "unknown",
            "same_priorities": (),
            "lane_same": None,
            **facts,
        }
    )


def test_the_shares_are_the_score() -> None:
    told = Market([NEED], [OFFER]).explain(1, 2)
    assert sum(shared.share for shared in told.reason.same_words) == pytest.approx(told.score, abs=1e-9)
    assert all(shared.share > 0 for shared in told.reason.same_words)
    assert told.score > 0


def test_words_are_the_demands_own_the_weightiest_first() -> None:
    reason = Market([NEED], [OFFER]).explain(1, 2).reason
    assert {shared.word for shared in reason.same_words} == {"laptops", "homework", "Club"}
    shares = [shared.share for shared in reason.same_words]
    assert shares == sorted(shares, reverse=True)


def test_the_facts_are_told() -> None:
    reason = Market([NEED], [OFFER]).explain(1, 2).reason
    assert reason.same_kind == "goods"
    assert reason.distance_miles == pytest.approx(2.07, abs=0.01)
    assert reason.dates == "overlap"
    assert reason.same_priorities == ("green", "young")
    assert reason.lane_same is True


def test_any_pair_is_explained_even_one_that_the_filters_refuse() -> None:
    ours = need(1, "a choir", owner=5, kind="skills", until_date=date(2030, 1, 1), lane="systemic")
    theirs = offer(2, "a minibus", owner=5, kind="goods", from_date=date(2031, 1, 1), lane="transactional")
    told = Market([ours], [theirs]).explain(1, 2)
    assert told.score == 0
    assert told.reason == _why(dates="apart", lane_same=False)


def test_unknown_facts_are_not_claimed() -> None:
    assert Market([need(1, "choir")], [offer(2, "tea")]).explain(1, 2).reason == _why()


def test_remote_tells_no_distance() -> None:
    reason = Market([NEED], [offer(2, lat=50.0, lon=0.0, remote=True)]).explain(1, 2).reason
    assert (reason.remote, reason.distance_miles) == (True, None)


def test_a_reason_survives_json() -> None:
    reason = Market([NEED], [OFFER]).explain(1, 2).reason
    for each in (reason, _why()):
        kept = json.loads(json.dumps(each.to_json()))
        words = tuple(WordShare(**shared) for shared in kept.pop("same_words"))
        assert Reason(same_words=words, same_priorities=tuple(kept.pop("same_priorities")), **kept) == each
