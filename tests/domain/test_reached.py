"""How many listings of a group got a match, how long they waited, and when too few are there to say."""

from datetime import UTC, datetime, timedelta

from broker.domain.reached import FEWEST, Reached, Story, reached

DAY = datetime(2030, 3, 1, tzinfo=UTC)


def story(group: str, waited: float | None, is_partnership: bool = False) -> Story:
    return Story(group, DAY, None if waited is None else DAY + timedelta(days=waited), is_partnership)


def test_each_group_is_counted_by_itself() -> None:
    stories = [story("b", 3, True), story("a", None), *(story("b", days) for days in (1, 2, 9, 30, None))]
    assert reached(stories) == [
        Reached("a", listings=1, matched=0, partnerships=0, days=None),
        Reached("b", listings=6, matched=5, partnerships=1, days=3),
    ]


def test_of_few_listings_no_part_is_given_and_of_few_matches_no_days() -> None:
    (few,) = reached([story("a", 1) for _ in range(FEWEST - 1)])
    (enough,) = reached([*(story("a", 1) for _ in range(FEWEST - 1)), story("a", None)])
    (more,) = reached([story("a", 1) for _ in range(FEWEST)])
    assert (few.is_enough, enough.is_enough) == (False, True)
    assert (few.days, enough.days, more.days) == (None, None, 1)


def test_nobody_waits_less_than_nothing() -> None:
    """A listing that was approved again after its match was not matched before it was there."""
    (found,) = reached([story("a", -4) for _ in range(FEWEST)])
    assert found.days == 0


def test_nothing_has_no_groups() -> None:
    assert reached([]) == []
