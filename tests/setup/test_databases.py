"""A machine without PostgreSQL still tests, and says in one line what was left out; the build machine does not."""

import pytest

from tests import databases


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(databases, "IS_POSTGRESQL", True)
    monkeypatch.setattr(databases, "GIVEN", None)
    monkeypatch.setattr(databases, "binaries", lambda: None)
    return monkeypatch


@pytest.mark.parametrize(("is_required", "code"), [(False, 0), (True, 1)])
def test_a_run_that_asks_for_it_ends_with_one_line(without: pytest.MonkeyPatch, is_required: bool, code: int) -> None:
    without.setattr(databases, "IS_REQUIRED", is_required)
    with pytest.raises(pytest.exit.Exception, match="apt-get install postgresql") as left:
        databases.leave_without_postgresql()
    assert left.value.returncode == code


def test_a_test_that_needs_one_of_its_own_is_left_out_but_on_the_build_machine(without: pytest.MonkeyPatch) -> None:
    without.setattr(databases, "IS_REQUIRED", False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install postgresql"), databases.own_cluster():
        pass
    without.setattr(databases, "IS_REQUIRED", True)
    with pytest.raises(pytest.fail.Exception), databases.own_cluster():
        pass
