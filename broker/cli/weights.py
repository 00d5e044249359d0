"""The matcher's weights: shown, learned from decisions, adopted and taken back."""

from collections.abc import Callable

import click
from flask.cli import AppGroup

from broker.cli.terminal import COMMAND_LINE
from broker.domain.permissions import Actor
from broker.domain.refusals import Unfit
from broker.store.base import db, reading
from broker.store.weights import WeightsVersion

weights = AppGroup("weights", help="How much each part of a suggestion counts, and what decisions teach about it.")

REFUSED_WEIGHTS = {
    "none": "There is no proposal to adopt. Make one with: flask --app broker weights propose",
    "not_better": "The last proposal orders unseen decisions no better than luck could. It is not adopted.",
    "others": "The last proposal was made from other weights than those in use. Make a new one: weights propose",
    "first": "These are the first weights; there are none to go back to.",
}


@weights.command("show")
def weights_show() -> None:
    """Print the weights in use, since when, and where they come from."""
    from broker.actions import learning

    _show_weights(learning.note_shipped(COMMAND_LINE))
    db.session.commit()


@weights.command("propose")
def weights_propose() -> None:
    """Learn from people's decisions, and show what it would change on decisions that were held out."""
    from broker.actions import learning, weighing

    learning.note_shipped(COMMAND_LINE)
    db.session.commit()
    with reading():
        outlook = learning.look(weighing.explained)
    version = learning.propose_weights(outlook, COMMAND_LINE)
    db.session.commit()
    if version is None:
        click.echo(f"Too early to learn from {outlook.decisions} decisions: {outlook.missing} more needs with both a")
        click.echo("yes and a no are wanted, so that some can be held out to check on. Nothing has changed.")
    else:
        _show_proposal(version)
    if outlook.left_out:
        click.echo(f"Left out: {outlook.left_out} decisions on pairs of which no reason is known any more.")


@weights.command("adopt")
def weights_adopt() -> None:
    """Use the last proposal, if it is better beyond luck. Every suggestion is then made anew."""
    from broker.actions import learning

    _show_weights(_or_say_why(learning.adopt_weights))


@weights.command("back")
def weights_back() -> None:
    """Use the weights again that were in use before. Every suggestion is then made anew."""
    from broker.actions import learning

    _show_weights(_or_say_why(learning.restore_weights))


def _or_say_why(change: Callable[[Actor], WeightsVersion]) -> WeightsVersion:
    try:
        version = change(COMMAND_LINE)
    except Unfit as refusal:
        raise click.ClickException(REFUSED_WEIGHTS[refusal.problems["weights"]]) from None
    db.session.commit()
    return version


def _show_proposal(version: WeightsVersion) -> None:
    """Before and after, in two small tables."""
    click.echo(f"{version.name}: from {version.decisions} decisions; {version.needs} needs were held out in turn.\n")
    click.echo(f"{'':<28}{'before':>8}{'after':>8}{'gain':>8}  95 of 100 lie between")
    for name, figure in (("chosen ranked above refused", "right"), ("nDCG@10", "ndcg")):
        before, after, gain = (version.figures[each][figure] for each in ("before", "after", "gain"))
        between = f"{gain['low']:+.3f} and {gain['high']:+.3f}"
        click.echo(f"{name:<28}{before:8.3f}{after:8.3f}{gain['difference']:+8.3f}  {between}")
    click.echo(f"\n{'weight':<28}{'in use':>8}{'new':>8}")
    present = version.before.numbers if version.before else {}
    for name, number in version.numbers.items():
        if f"{number:.4f}" != f"{present.get(name, 0.0):.4f}":
            click.echo(f"{name:<28}{present.get(name, 0.0):8.4f}{number:8.4f}")
    is_better = version.verdict == "better"
    click.echo("\nBetter, beyond luck. Adopt it: weights adopt" if is_better else f"\n{REFUSED_WEIGHTS['not_better']}")


def _show_weights(version: WeightsVersion) -> None:
    origin = f"learned from {version.decisions} decisions" if version.verdict else "as shipped"
    click.echo(f"In use: {version.name}, {origin}, since {version.in_use_since:%d %B %Y, %H:%M} UTC.")
    for name, number in version.numbers.items():
        click.echo(f"  {name:<12}{number:9.4f}")
