"""Background checks: how strict they are, and when a pair lacks one."""

import pytest

from broker.domain.checks import is_missing, strictness
from broker.domain.kinds import BackgroundCheck


def test_they_are_ordered_from_none_to_the_strictest() -> None:
    assert [strictness(check) for check in ("none", "basic", "enhanced")] == [0, 1, 2]
    assert strictness(None) is None
    assert {strictness(check) for check in BackgroundCheck} == {0, 1, 2}


@pytest.mark.parametrize(
    ("asked", "stated", "missing"),
    [
        ("enhanced", "enhanced", False), ("basic", "enhanced", False), ("basic", "basic", False),
        ("enhanced", "basic", True), ("basic", "none", True), ("enhanced", None, True),
        ("none", None, False), ("none", "none", False), (None, None, False), (None, "basic", False),
    ],
)  # fmt: skip
def test_a_check_is_missing_where_one_is_asked_for_and_less_is_stated(
    asked: str | None, stated: str | None, missing: bool
) -> None:
    assert is_missing(asked, stated) is missing
