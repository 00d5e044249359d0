"""The commands of weights say what they did, or kindly why not."""

import pytest
from click.testing import Result
from flask import Flask

from broker.actions import learning
from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.matching.judging.bootstrap import Gain
from broker.matching.learning import Order, Proposal
from broker.matching.records import PART_NAMES
from broker.matching.weights import Weights
from broker.store.base import db
from broker.store.weights import weights_in_use


def run(app: Flask, command: str) -> Result:
    return app.test_cli_runner().invoke(args=["weights", command])


def proposed(app: Flask, monkeypatch: pytest.MonkeyPatch, low: float) -> Result:
    """A proposal as if it had been learned, with a gain that begins here."""
    found = Proposal(
        weights={name: Weights().of(name) for name in PART_NAMES} | {"place": 0.06},
        before=Order(0.5, 0.8),
        after=Order(0.7, 0.9),
        right=Gain(0.2, low, 0.3, 40),
        ndcg=Gain(0.1, 0.05, 0.15, 40),
        decisions=240,
        needs=40,
    )
    monkeypatch.setattr(learning, "propose", lambda _labelled, _present: found)
    return run(app, "propose")


def test_the_weights_that_ship_are_shown(app: Flask) -> None:
    shown = run(app, "show")
    assert shown.exit_code == 0
    assert "as shipped" in shown.output
    assert f"{Weights().place:.4f}" in shown.output


def test_too_few_decisions_are_told_kindly(app: Flask) -> None:
    told = run(app, "propose")
    assert told.exit_code == 0
    assert "Too early to learn from 0 decisions: 30 more needs" in told.output
    assert "Nothing has changed." in told.output


def test_proposing_shows_before_and_after_adopting_uses_it_and_back_undoes_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = proposed(app, monkeypatch, low=0.1).output
    assert "learned-1: from 240 decisions; 40 needs were held out in turn." in shown
    assert "chosen ranked above refused    0.500   0.700  +0.200  +0.100 and +0.300" in shown
    assert "place" in shown
    assert "kind" not in shown, "only what changes is listed"
    assert "learned from 240 decisions" in run(app, "adopt").output
    with app.app_context():
        name, numbers = weights_in_use()
    assert (name, numbers["place"]) == ("learned-1", 0.06)
    assert "as shipped" in run(app, "back").output
    with app.app_context():
        assert Weights.from_json(weights_in_use()[1]) == Weights()


def test_what_is_not_better_is_kept_and_not_adopted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no better than luck could" in proposed(app, monkeypatch, low=-0.1).output
    refused = run(app, "adopt")
    assert refused.exit_code == 1
    assert "It is not adopted." in refused.output


@pytest.mark.parametrize(("command", "why"), [("adopt", "no proposal to adopt"), ("back", "none to go back to")])
def test_what_cannot_be_done_is_said(app: Flask, command: str, why: str) -> None:
    with app.app_context():
        learning.note_shipped(Actor(Role.SYSTEM))
        db.session.commit()
    told = run(app, command)
    assert told.exit_code == 1
    assert why in told.output
