"""Each reason for "not for us" sets one limit, or none where the refused one says too little."""

from datetime import date

import pytest

from broker.domain.kinds import NotForUs
from broker.domain.preferences import Limit, Refused, limit_of

MINIBUS = Refused(9.2, "goods", date(2027, 1, 4), date(2027, 3, 31))
SAYS_LITTLE = Refused(None, None, None, None)


@pytest.mark.parametrize(
    ("why", "limit"),
    [
        (NotForUs.TOO_FAR, Limit(miles=9.2)),
        (NotForUs.WRONG_KIND, Limit(support_kind="goods")),
        (NotForUs.WRONG_TIME, Limit(from_date=date(2027, 1, 4), until_date=date(2027, 3, 31))),
        (NotForUs.OTHER, Limit()),
    ],
)
def test_each_reason_sets_its_own_limit(why: NotForUs, limit: Limit) -> None:
    assert limit_of(why, MINIBUS, own_kind="space") == limit


@pytest.mark.parametrize("why", NotForUs)
def test_what_is_not_known_sets_none(why: NotForUs) -> None:
    assert limit_of(why, SAYS_LITTLE, own_kind="space") == Limit()


def test_the_own_kind_is_never_refused_as_a_whole() -> None:
    assert limit_of(NotForUs.WRONG_KIND, MINIBUS, own_kind="goods") == Limit()


def test_next_door_is_no_distance_to_measure_by() -> None:
    assert limit_of(NotForUs.TOO_FAR, Refused(0.0, "goods", None, None), own_kind=None) == Limit()
