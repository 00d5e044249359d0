"""The nearest rule holds."""

from pathlib import Path

import broker
from broker.policy import Rule, load_all, rule


def given(value: int) -> Rule:
    return Rule("reply_days", value, "days", "Made up", "ours")


def test_the_first_layer_that_has_it_decides() -> None:
    assert rule("reply_days", [given(7)], [given(14)]) == given(7)
    assert rule("reply_days", [], [given(14)]) == given(14)
    assert rule("listing_days", [given(7)], [given(14)]) is None


def test_every_authority_knows_how_long_a_match_may_wait() -> None:
    for folder in (None, Path(broker.__file__).parent / "demonstration" / "frameworks"):
        policy = load_all(folder)
        for authority in policy.authorities:
            framework = policy.current(authority.framework)
            assert framework is not None
            found = rule("reply_days", authority.rules, framework.rules, policy.hub.rules)
            assert found is not None, authority.name
            assert isinstance(found.value, int)
