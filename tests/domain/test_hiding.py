"""Small numbers: what is shown never tells of fewer than five, not even to somebody who takes it from the total."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.domain.hiding import FEWEST, hidden, is_shown

wards = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(1, 12), min_size=1)


@pytest.mark.parametrize(
    ("parts", "away"),
    [
        ({"a": 9, "b": 7}, ""),
        ({"a": 4, "b": 7, "c": 9}, "ab"),  # alone, the 4 would be what is left of the total
        ({"a": 3, "b": 4, "c": 9}, "ab"),  # seven together: enough
        ({"a": 1, "b": 2, "c": 9}, "abc"),  # three together: too few
        ({"a": 1, "b": 1, "c": 9, "d": 6}, "abd"),
        ({"a": 3}, "a"),
        ({"a": 5}, ""),
    ],
)
def test_what_is_hidden(parts: dict[str, int], away: str) -> None:
    assert hidden(parts) == frozenset(away)


@given(wards)
def test_nothing_small_can_be_worked_out(parts: dict[str, int]) -> None:
    away = hidden(parts)
    assert all(parts[key] >= FEWEST for key in parts.keys() - away)
    if not is_shown(parts):
        assert away == parts.keys()
        return
    left = sum(parts.values()) - sum(parts[key] for key in parts.keys() - away)  # what anybody can reckon
    assert left == 0 or (left >= FEWEST and len(away) > 1)


@given(wards)
def test_no_more_is_hidden_than_it_takes(parts: dict[str, int]) -> None:
    """The largest that was hidden for the sake of others was needed for it."""
    away = hidden(parts)
    helpers = [key for key in away if parts[key] >= FEWEST]
    if helpers:
        without = away - {max(helpers, key=lambda key: (parts[key], key))}
        assert len(without) < 2 or sum(parts[key] for key in without) < FEWEST
